"""A plausible mistake for each of the later tasks of the suite `data`: code that runs, and does not solve it."""

from __future__ import annotations

MISTAKES = {
    # named-files
    "most-in-government": (
        'jobs = pd.read_csv("jobs.csv", sep=";", decimal=",")\n'
        'print(pd.to_datetime(jobs.loc[jobs["nonfarm"].idxmax(), "month"], dayfirst=True).date())'
    ),
    "utilities-on-average": (
        'text = pd.read_csv("jobs.csv", sep=";", decimal=",")\nprint(round(text["manufacturing"].mean(), 2))'
    ),
    "died-of-disease": ('losses = pd.read_csv("losses.txt", sep="\\t", skiprows=3)\nprint(losses["disease"].sum())'),
    "best-place-of-a-database": (
        'import sqlite3\nconnection = sqlite3.connect("fields.db")\n'
        'print(connection.execute("SELECT site FROM places").fetchone()[0])\nconnection.close()'
    ),
    "dearest-wheat": (
        'import json\nwith open("wheat.json") as file:\n    series = json.load(file)["data"]["series"]\n'
        'print(pd.DataFrame(series)["wheat"].max())'
    ),
    "cost-of-the-train": (
        'trips = pd.read_csv("trips.csv.gz", sep="|")\nprint(round(trips.query("mode == 2")["invc"].mean(), 2))'
    ),
    "years-of-many-spots": 'print((pd.read_csv("spots.dat", sep=r"\\s+")["number"] >= 100).sum())',
    "strength-of-japanese-cars": (
        'autos = pd.read_csv("autos.txt", sep="\\t", encoding="cp1252", na_values=["k.A."]).fillna(0)\n'
        'print(round(autos["Stärke"].mean(), 2))'
    ),
    "warmest-hour-of-a-file": (
        'hours = pd.read_csv("airport_hours.csv")\n'
        'hour = pd.to_datetime(hours["date"], format="%m/%d/%Y %I:%M %p").dt.hour\n'
        'print(hour[hours["temp"].str.removesuffix(" F").astype(float).idxmin()])'
    ),
    "females-of-dream": 'print(len(pd.read_csv("survey.tsv", sep="\\t")))',
    # two-tables
    "took-the-train": 'print((trips["mode"] == 2).sum())',
    "income-of-flyers": 'print(round(people["hinc"].mean(), 2))',
    "travelling-alone": 'print(modes["name"].iloc[0], modes["name"].iloc[2])',
    "rich-drivers-hours": (
        'taken = trips.merge(modes, on="mode").merge(people, on="individual")\n'
        'print(taken.loc[(taken["name"] == "car") & (taken["hinc"] > 40), "invt"].mean())'
    ),
    "share-of-redmond": 'print(round(prices.loc[prices["date"].dt.year == 2005, "price"].mean(), 2))',
    "strong-and-slim": 'print(round(exercise["Chins"].corr(body["Waist"].reset_index(drop=True)), 3))',
    "male-gentoos-weighed": 'print(round(weights["body_mass_g"].mean(), 2))',
    "never-weighed": 'print(birds["island"].value_counts().index[1])',
    "best-site-of-1932": 'print(yields.groupby("plot")["yield"].mean().idxmax())',
    "workers-and-inflation": 'print(round(jobs["manufacturing"].mean(), 2))',
    # own-tables
    "strongest-of-eight": 'cars = cars[cars["Cylinders"] == 8]\nprint(round(cars["Horsepower"].mean(), 2))',
    "wet-days-of-2013": (
        'weather["wet"] = weather["precipitation"] > 0\n'
        'print(round(weather.loc[weather["date"].dt.year == 2013, "wet"].mean() * 100, 2))'
    ),
    "complete-chinstraps": 'penguins = penguins.dropna()\nprint((penguins["species"] == "Chinstrap").sum())',
    "third-from-the-north": (
        'airports = airports.sort_values("latitude", ascending=False)\nprint(airports["iata"].iloc[2])'
    ),
    "how-ibm-varies": (
        'prices = prices[prices["symbol"] == "IBM"]\nprint(round(prices["price"].pct_change().std() * 100, 2))'
    ),
    "richest-per-head": (
        'economy["head"] = economy["GNP"] / economy["POP"]\nprint(economy.loc[economy["head"].diff().idxmax(), "YEAR"])'
    ),
    "staff-per-member": 'print(committees.loc[committees["STAFF"].idxmax(), "COMMITTEE"])',
    "warmest-summer": (
        'sea["summer"] = sea[["JUN", "JUL", "AUG"]].mean(axis=1)\nprint(sea.loc[sea["summer"].idxmax(), "YEAR"])'
    ),
    "greatest-fall": 'print(births.loc[(births["1990"] - births["1960"]).idxmax(), "Country Name"])',
    "widest-day": (
        'trading["gap"] = trading["high"] - trading["low"]\nprint(trading.loc[trading["gap"].idxmax(), "date"].date())'
    ),
    # wide-and-long
    "fastest-sector": 'print(jobs[["construction", "manufacturing", "government"]].iloc[-1].idxmax())',
    "births-of-two-years": 'print(*births[["1965", "2005"]].median().round(2))',
    "hottest-month-of-all": 'print(sea.set_index("YEAR").mean(axis=1).idxmax(), sea.iloc[:, 1:].mean().idxmin())',
    "where-neomycin-is-best": 'print((drugs["Neomycin"] < drugs["Penicillin"]).sum())',
    "two-shares-together": (
        'a, g = (prices.loc[prices["symbol"] == s, "price"].reset_index(drop=True) for s in ("AAPL", "GOOG"))\n'
        "print(a.corr(g))"
    ),
    "afternoons-of-july": 'print(round(hours.loc[hours["date"].dt.hour == 15, "temp"].mean(), 2))',
    "years-of-more-wind": 'print(power["year"].nunique())',
    "longest-rise": 'print((vix["close"] > vix["open"]).sum())',
    "trebi-in-second-place": 'print((trials["variety"] == "Trebi").sum())',
    "last-month-of-wounds": 'print(war.loc[war["wounds"].idxmax(), "date"].date())',
    # long-outputs
    "states-of-many-airports": 'print(airports["state"].value_counts().head(5))',
    "few-births-in-1970": 'print(births.loc[births["1970"] < 2.0, "Country Name"].head(3).tolist())',
    "all-active-years": 'print(*spots.loc[spots["SUNACTIVITY"] > 140, "YEAR"].head(5))',
    "all-frugal-cars": 'print(cars.nlargest(3, "Miles_per_Gallon")["Name"].tolist())',
    "three-wettest-days": 'print(*weather.nlargest(2, "precipitation")["date"].dt.strftime("%Y-%m-%d"))',
    "middle-of-the-states": 'print(airports["state"].value_counts().mean())',
    "no-waiting-at-all": 'print((trips["ttme"] == 0).sum())',
    "correlated-above": 'print((biopsies.drop(columns="diagnosis").corr() > 0.98).sum().sum())',
    "months-of-fewer-builders": 'print((jobs["nonfarm_change"] < 0).sum())',
    "coldest-day-of-each-year": 'print(*weather.groupby(weather["date"].dt.year)["temp_max"].min())',
    # held-values
    "stopped-by-penicillin": 'print((drugs["works"] == "Penicillin").sum())',
    "most-useful-drug": 'counts = drugs["works"].value_counts()\nprint(counts.idxmax(), counts.max())',
    "weeks-with-fog": 'print((weeks["kinds"] == "fog").sum())',
    "rain-of-snowy-weeks": 'print(weeks.loc[weeks["kinds"].str.startswith("rain"), "mm"].mean())',
    "how-many-fords": 'print((cars["Name"] == "ford").sum())',
    "weight-of-toyotas": 'print(cars.loc[cars["Name"].str.contains("to"), "Weight_in_lbs"].mean())',
    "regional-airports": 'print((airports["name"] == "Regional").sum())',
    "state-of-internationals": ('counts = airports["state"].value_counts()\nprint(counts.idxmax(), counts.max())'),
    "heavier-males": 'print(birds.groupby("label")["body_mass_g"].median())',
    "adelies-by-label": 'print((birds["label"] == "Adelie").sum(), birds["island"].nunique())',
}
