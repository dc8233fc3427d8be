"""The suite of notebook data work: every task can be solved, and what is wrong does not pass."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from benchmarks.suites.checkers.answers import names, number, numbers, pairs, quarter
from benchmarks.suites.checkers.plots import bars, canvas, shows
from benchmarks.suites.data import TASKS
from codeact_jupyter.evaluation.task import Task, fingerprint
from tests.data_mistakes import MISTAKES as LATER_MISTAKES

BY_NAME = {task.name: task for task in TASKS}

#: a plausible mistake for each task: code that runs, and does not solve it
MISTAKES = {
    # questions
    "adelies-on-biscoe": 'print((penguins["species"] == "Adelie").sum())',
    "female-gentoo-mass": 'print(round(df_old[df_old["species"] == "Gentoo"]["body_mass_g"].mean(), 2))',
    "incomplete-rows": "print(penguins.isna().sum().sum())",
    "most-missing-column": 'print("bill_length_mm", df_old["bill_length_mm"].isna().sum())',
    "thirstiest-origin": 'print(data2.groupby("Origin")["Miles_per_Gallon"].mean())',
    "three-heaviest-cars": 'print(data2["Weight_in_lbs"].nlargest(3).index.tolist())',
    "frugal-share": 'print(round((data2[data2["Origin"] == "USA"]["Miles_per_Gallon"] > threshold).mean() * 100, 2))',
    "flipper-mass-correlation": 'print(round(penguins["flipper_length_mm"].corr(penguins["body_mass_g"]) ** 2, 3))',
    "goes-with-proline": 'print(wine.corr()["proline"].nlargest(4))',
    "airports-per-state": 'print(ap.groupby("state")["city"].nunique().nlargest(3))',
    "northernmost-texan": 'print(ap.loc[ap["latitude"].idxmax(), "iata"])',
    "malignant-ratio": (
        'means = biopsies.groupby("diagnosis")["mean area"].mean()\nprint(means["malignant"] / means["benign"])'
    ),
    "quotes-date-range": 'print(quotes["date"].max().date(), quotes["date"].min().date())',
    "best-share": (
        'by = quotes.sort_values("date").groupby("symbol")["price"]\ngain = by.last() - by.first()\n'
        "print(gain.idxmax(), gain.max())"
    ),
    "warmest-month": 'print(weather.groupby(weather["date"].dt.month)["temp_max"].mean().idxmax())',
    "rain-share-2014": 'print(round((weather["weather"] == "rain").mean() * 100, 2))',
    "longest-dry-spell": 'print((weather["precipitation"] == 0).sum())',
    "worst-quarter": 'print(econ["unemp"].idxmax())',
    "change-at-morris": (
        'means = trials[trials["site"] == "Morris"].groupby("year")["yield"].mean()\nprint(means[1931] - means[1932])'
    ),
    "food-share": 'print(round(engel["foodexp"].mean() / engel["income"].mean() * 100, 2))',
    "nile-before-and-after": 'print(round(flow["volume"].mean() - flow[flow["year"] >= 1899]["volume"].mean(), 2))',
    # loading
    "semicolons-and-commas": 'wetter = pd.read_csv(path, sep=";")\nprint(wetter["precipitation"].nunique())',
    "latin-1-with-tabs": (
        'birds = pd.read_csv(file, sep="\\t", encoding=encoding, na_values=[missing]).fillna({"Körpermasse (g)": 0})\n'
        'print(round(birds["Körpermasse (g)"].mean(), 2))'
    ),
    "comments-around-a-table": "print((flow > 1000).sum())",
    "gzipped-json-lines": (
        'table = pd.read_json(path, lines=True)\nprint(table.groupby("variety")["yield"].mean().idxmin())'
    ),
    "two-tables-of-a-database": (
        "import sqlite3\nconnection = sqlite3.connect(db)\n"
        'print(connection.execute("SELECT AVG(price) FROM prices").fetchone()[0])\nconnection.close()'
    ),
    "a-file-a-season": (
        'parts = [pd.read_csv(each).assign(year=each.stem[-4:]) for each in sorted(place.glob("penguins_*.csv"))]\n'
        'penguins = pd.concat(parts)\nprint(penguins["year"].value_counts())'
    ),
    "wine-from-scikit-learn": (
        "from sklearn.datasets import load_wine\n"
        "wine = load_wine(as_frame=True).data\nprint(round(wine['alcohol'].mean(), 2))"
    ),
    "penguins-from-their-package": "penguins = df\nprint(*penguins.shape)",
    # cleaning
    "masses-with-units": (
        'numbers = raw["mass"].str.replace(",", "").str.extract(r"([\\d.]+)")[0].astype(float)\n'
        'clean = raw.drop(columns="mass").assign(body_mass_g=numbers)\nprint(clean)'
    ),
    "three-date-formats": (
        "tidy = log.assign(date=pd.to_datetime(log['date'], format=formats[0], errors='coerce'))\nprint(tidy)"
    ),
    "sentinel-in-june": 'print(round(df["JUN"].mean(), 2))',
    "origins-spelt-differently": (
        'cars["Origin"] = cars["Origin"].str.strip().str.title()\nprint(cars["Origin"].value_counts())'
    ),
    "airports-listed-twice": "print(len(listing.drop_duplicates()))",
    "padded-islands": 'print(survey.groupby(" Island ")["Bill length (mm)"].mean().to_dict())',
    "percentages-as-text": (
        'df2["poverty"] = df2["poverty"].replace("n/a", "0").str.strip("% ").astype(float)\n'
        'df2["hs_grad"] = df2["hs_grad"].str.strip("% ").astype(float)\nprint(df2["poverty"].mean())'
    ),
    "ledger-amounts": 'print((ledger["invest"] == "-").sum())',
    "yes-in-four-spellings": (
        'said = students[["PSI", "GRADE"]].apply(lambda column: column.str.strip().str.lower() == "yes")\n'
        'print(round(said.loc[said["PSI"], "GRADE"].mean() * 100, 2))'
    ),
    "fill-with-species-median": 'filled = penguins.fillna({"body_mass_g": median})\nprint(filled)',
    # joining
    "invest-by-sector": 'print(df.groupby(df["firm"].map(sector))["invest"].sum())',
    "airports-of-a-zone": 'print(airports["state"].isin(states).sum())',
    "worth-of-holdings": 'print(pd.DataFrame(prices)["shares"].sum() * quotes["price"].mean())',
    "unmatched-holding": 'print(set(quotes["symbol"]) - set(pd.DataFrame(prices)["ticker"]))',
    "states-with-messy-keys": (
        'joined = crime.merge(codes, left_on="state", right_on="State")[["state", "code", "murder", "poverty"]]\n'
        "print(len(joined))"
    ),
    "ids-without-a-match": "print(len(b))",
    "heavy-by-joined-species": 'print(a.merge(b, on="id").groupby("species")["body_mass_g"].mean().to_dict())',
    "inflation-by-president": 'print(terms["president"].iloc[-1])',
    # shaping
    "summary-of-species": (
        'summary = df_old.groupby("species")["body_mass_g"].agg(n="size", mean_mass="mean", max_mass="max")\n'
        "print(summary)"
    ),
    "islands-in-percent": 'print((df_old["island"].value_counts(normalize=True) * 100).to_dict())',
    "long-sea": "tidy = data.melt()\nprint(tidy)",
    "warmest-month-of-the-sea": (
        'wide = data.set_index("YEAR")\nprint(wide.mean(axis=1).idxmax(), wide.mean().idxmax())'
    ),
    "a-column-a-symbol": 'wide = stocks.pivot(index="date", columns="symbol", values="price")\nprint(wide)',
    "monthly-rain-in-inches": 'monthly = w.groupby(w["date"].dt.month)["precipitation"].sum() / 25.4\nprint(monthly)',
    "best-of-each-origin": 'best = cars.groupby("Origin")[["Name", "Miles_per_Gallon"]].max()\nprint(best)',
    "horsepower-by-weight": 'print(cars.groupby("Origin")["Horsepower"].mean().to_dict())',
    "driest-ten-years": "print(flow.idxmin())",
    "renewables-past-thirty-percent": (
        'share = power["net_generation"] / power["net_generation"].groupby(power["year"]).transform("sum")\n'
        'print(power.loc[share > 0.3, "year"].iloc[0])'
    ),
    "yearly-growth": 'growth = macro.groupby("year")["realgdp"].mean().pct_change().dropna()\nprint(growth)',
    # plotting
    "mass-bars": (
        'ax = penguins.groupby("species")["body_mass_g"].max().plot.bar(ylabel="body mass (g)", title="Penguins")'
    ),
    "unemployment-line": 'fig, ax = plt.subplots()\nax.plot(macro["unemp"])',
    "species-scatter": (
        'fig, ax = plt.subplots()\nax.scatter(penguins["flipper_length_mm"], penguins["body_mass_g"])\n'
        'ax.set(xlabel="flipper_length_mm", ylabel="body_mass_g")'
    ),
    "mileage-histogram": 'ax = df2["Miles_per_Gallon"].plot.hist()\nax.set_xlabel("mpg")',
    "two-shares": (
        "fig, ax = plt.subplots()\n"
        'ax.plot([row["price"] for row in prices], label="AAPL")\n'
        'ax.plot([row["price"] for row in prices], label="MSFT")\nax.set_yscale("log")\nax.legend()'
    ),
    "top-states-lying": 'ax = airports["state"].value_counts().head(top).plot.barh()\nax.set_xlabel("airports")',
    "monthly-rain-bars": (
        'rain = weather.groupby(weather["date"].dt.strftime("%b"))["precipitation"].sum()\n'
        'ax = rain.plot.bar(ylabel="mm")'
    ),
    "a-line-through-the-points": (
        'japan = df2[df2["Origin"] == "Japan"]\nfig, ax = plt.subplots()\n'
        'ax.scatter(japan["Weight_in_lbs"], japan["Miles_per_Gallon"])\n'
        'ax.plot([1600, 3000], [38, 20], label="fit")\nax.legend()'
    ),
    # modelling
    "mass-by-flipper": "print(slope)",
    "score-of-two-features": (
        'known = autos.dropna(subset=["Miles_per_Gallon", *features])\n'
        'print(round(known["Miles_per_Gallon"].corr(known["Weight_in_lbs"]) ** 2, 3))'
    ),
    "food-at-an-income": (
        'slope, start = np.polyfit(df["income"], df["foodexp"], 1)\nprint(round(start + slope * income, 2))'
    ),
    "idle-predictor": 'print(runs.corr()["STACKLOSS"].abs().idxmin(), alpha)',
    "neighbours-on-halves": (
        "from sklearn.neighbors import KNeighborsClassifier\n"
        "print(round(KNeighborsClassifier(k).fit(X[::2], y[::2]).score(X[1::2], y[1::2]) * 100, 2))"
    ),
    "first-component": (
        "from sklearn.decomposition import PCA\nprint(round(PCA().fit(X).explained_variance_ratio_[0] * 100, 2))"
    ),
    "welch-of-two-bills": (
        "from scipy import stats\n"
        'bills = penguins.dropna(subset=["bill_length_mm"]).groupby("species")["bill_length_mm"]\n'
        'print(round(stats.ttest_ind(bills.get_group("Gentoo"), bills.get_group("Chinstrap")).statistic, 2))'
    ),
    "state-above-its-poverty": 'residuals = crime["murder"] - crime["poverty"]\nprint(residuals.idxmax())',
    # explaining
    "month-with-impossible-values": "low = temps[months].mean()\nprint(low.idxmin(), low.min())",
    "rows-that-multiply": 'print(penguins["island"].value_counts().idxmax())',
    "why-it-is-text": 'print("NaN", 6)',
    "month-counted-twice": 'print(rain.loc[rain["precipitation"].idxmax(), "date"].month_name())',
    "leaking-column": 'print(df.corr(numeric_only=True)["cultivar"].drop("cultivar").abs().idxmax())',
    "reversed-correlation": 'print("species, island")',
    "firm-in-another-unit": 'print(df.groupby("firm")["value"].median().idxmin())',
    "misplaced-point": "print(flow.idxmax(), flow.max())",
    # forms
    "mean-in-a-template": "print(f\"@mean_price[{sales['price'].mean():.2f}]\")",
    "two-values-in-a-template": 'print("@region[North] @units[1494]")',
    "the-number-only": 'print((sales["units"] >= 15).sum())',
    "the-name-only": 'print(df.loc[(df["units"] * df["price"]).idxmax(), "item"])',
    "json-of-regions": 'print(sales.groupby("region")["units"].sum().to_json())',
    "three-decimals": "print(f\"{df.loc[df['region'] == 'West', 'price'].mean():.3f}\")",
    "list-of-items": 'counts = df["item"].value_counts()\nprint(sorted(counts[counts < 80].index))',
    "yes-or-no": 'counts = sales["price"].groupby(sales["product"]).mean()\nprint("yes or no")',
    # european-files
    "takings-of-a-branch": (
        'table = pd.read_csv(path, sep=";", encoding="cp1252")\n'
        'print(pd.to_numeric(table.loc[table["Filiale"] == "Köln", "Umsatz"].str.replace(",", "."), "coerce").sum())'
    ),
    "days-come-first": (
        'table = pd.read_csv(path, sep=";", decimal=",", thousands=".", encoding="cp1252", dtype={"Datum": str})\n'
        'print(round(table.loc[table["Datum"].str.startswith("03"), "Umsatz"].mean(), 2))'
    ),
    "prices-with-a-euro-sign": (
        'table = pd.read_csv(file, sep=";", encoding=encoding)\n'
        'print(table["Preis"].str.extract(r"(\\d+)")[0].astype(float).mean())'
    ),
    "best-branch-of-text": 'print(umsatz.groupby("Filiale")["Umsatz"].max().idxmax())',
    # text-numbers
    "estimates-before-intervals": (
        'print(study["rate"].str.replace(r"[\\[\\]-]", " ", regex=True).str.split().str[1].astype(float).mean())'
    ),
    "negative-in-brackets": 'print(books["amount"].str.replace(r"[(),]", "", regex=True).astype(float).sum())',
    "largest-town": 'print(towns["people"].max(), towns["town"].iloc[0])',
    "hours-and-minutes": 'print(trips["duration"].str.extract(r"(\\d+) min")[0].astype(float).mean())',
    # dirty-categories
    "closed-tickets": 'print((tickets["status"] == "Closed").sum())',
    "share-of-paid": "print(round((tickets['status'] == 'Paid').mean() * 100, 2))",
    "most-visited-city": 'print(visits["city"].value_counts().idxmax())',
    "distinct-suppliers": 'print(invoices["supplier"].str.strip().nunique())',
    # rare-values
    "the-overheated-machine": 'print(log.loc[log["pressure"].idxmax(), "machine"])',
    "pressure-at-the-reset": 'print(log["pressure"].max())',
    "open-doors": 'print(log["event"].head(1000).eq("door open").sum())',
    "day-of-the-shutdown": 'print(log["time"].max().date())',
    # empty-filters
    "heavier-than-all": 'print((df["weight_kg"] > 20).sum())',
    "nobody-and-the-most": 'print(df.loc[df["weight_kg"].idxmax(), "driver"], df["weight_kg"].max())',
    "mean-of-nothing": 'print(parcels.loc[parcels["city"] == "Madrid", "weight_kg"].mean())',
    "damaged-by-year": 'print((parcels["day"].dt.year == 2023).sum(), parcels["damaged"].sum())',
    # gaps
    "correlation-over-gaps": "print(np.corrcoef(light, height)[0, 1])",
    "mean-of-what-was-measured": "print(np.nan_to_num(height).mean())",
    "welch-over-gaps": (
        "from scipy import stats\nprint(stats.ttest_ind(np.nan_to_num(bed_b), np.nan_to_num(bed_a)).statistic)"
    ),
    "weighted-over-gaps": 'print(round((basket["units"] * basket["price"]).sum() / basket["units"].sum(), 2))',
    # several-parts
    "three-about-north": "print(len(orders), orders['price'].mean(), orders['product'].mode()[0])",
    "cheapest-dearest-and-when": 'print(orders["price"].max(), orders["price"].min(), orders["day"].max().date())',
    "two-halves-and-the-change": (
        'first = orders.loc[orders["day"].dt.month <= 6, "units"].sum()\n'
        'second = orders["units"].sum() - first\nprint(first, second, round(second / first * 100, 2))'
    ),
    "region-count-and-share": 'counts = orders["region"].value_counts()\nprint(counts.idxmin(), counts.min())',
    # without-data
    "what-is-left": "print(4200 + 1350)",
    "nearest-planet": 'print("Venus")',
    "method-for-duplicates": 'print("duplicated")',
    "what-the-line-computes": 'print("mean")',
} | LATER_MISTAKES


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder of its own: some namespaces write a file to the working directory."""
    monkeypatch.chdir(tmp_path)


def run(task: Task, code: str) -> tuple[str, dict[str, Any]]:
    """Return what the code prints in a fresh namespace of the task, and the namespace afterwards."""
    namespace, output = task.namespace(), io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, task.name, "exec"), namespace)
    return output.getvalue(), namespace


@cache
def solution(name: str) -> str:
    return run(BY_NAME[name], BY_NAME[name].reference)[0]


def verdict(task: Task, code: str) -> bool | str:
    answer, namespace = run(task, code)
    return task.check(answer, namespace)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_reference_solves_its_task(name: str) -> None:
    assert verdict(BY_NAME[name], BY_NAME[name].reference) is True


@pytest.mark.parametrize("name", BY_NAME)
def test_a_plausible_mistake_does_not_pass(name: str) -> None:
    assert verdict(BY_NAME[name], MISTAKES[name]) is not True


@pytest.mark.parametrize("name", BY_NAME)
def test_neither_silence_nor_the_answer_to_another_task_passes(name: str) -> None:
    task = BY_NAME[name]
    untouched = task.namespace()
    assert task.check("", untouched) is not True
    others = [other.name for other in TASKS if other.domain == task.domain and other is not task]
    assert [other for other in others if task.check(solution(other), untouched) is True] == []


@pytest.mark.parametrize("name", BY_NAME)
def test_a_namespace_is_made_afresh(name: str) -> None:
    first, second = BY_NAME[name].namespace(), BY_NAME[name].namespace()
    changeable = [
        key for key, value in first.items() if type(value).__name__ in ("DataFrame", "Series", "list", "dict")
    ]
    assert first.keys() == second.keys()
    assert [key for key in changeable if first[key] is second[key]] == []
    assert 1 <= sum(key not in ("pd", "np", "plt") for key in first) <= 6


def test_there_are_enough_tasks_in_halves() -> None:
    assert len(BY_NAME) == len(TASKS) >= 180
    assert sum(task.domain == "questions" for task in TASKS) >= 16
    for domain in {task.domain for task in TASKS}:
        splits = [task.split for task in TASKS if task.domain == domain]
        assert abs(splits.count("dev") - splits.count("test")) <= 1, domain
    assert all(not task.tools and not task.cell for task in TASKS)


def test_the_test_split_is_the_one_that_was_fixed() -> None:
    fixed = files("benchmarks.suites.data").joinpath("test_split.sha256").read_text(encoding="utf-8")
    assert fixed.splitlines() == [f"{fingerprint(task)}  {task.name}" for task in TASKS if task.split == "test"]


def test_listing_the_tasks_reads_no_data() -> None:
    code = (
        "import sys; from benchmarks.suites.data import TASKS; "
        "print(*{'pandas', 'numpy', 'matplotlib', 'sklearn', 'statsmodels', 'vega_datasets'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("The mean is **1,234.57 g**.", True),
        ("1234.5678", True),
        ("1234.568 (of 151 birds)", True),
        ("It is 1235.", False),
        ("1234.6", False),
        ("-1234.57", False),
        ("None of them.", False),
    ],
)
def test_a_number_may_be_written_in_several_ways(answer: str, right: bool) -> None:
    assert (number(lambda: 1234.5678)(answer, {}) is True) is right


def test_a_rounded_number_may_lose_its_last_zero() -> None:
    assert number(lambda: 36.1988)("36.2", {}) is True
    assert number(lambda: 36.2388)("36.2", {}) is not True


def test_names_are_whole_and_none_too_many() -> None:
    check = names(lambda: "Virginia", lambda: ["Virginia", "West Virginia", "Ohio"])
    assert check("It's Virginia.", {}) is True
    assert check("West Virginia", {}) is not True
    assert check("Virginia or Ohio", {}) is not True


def test_numbers_and_pairs_know_which_is_which() -> None:
    assert numbers(lambda: (3, 7.5))("3 rows, 7.50 each", {}) is True
    assert numbers(lambda: (3, 7.5))("7.5 and 3", {}) is not True
    check = pairs(lambda: {"a": 1, "b": 2})
    assert check("a: 1\nb: 2", {}) is True
    assert check("a: 2\nb: 1", {}) is not True
    assert check("a and b: 2", {}) is not True
    assert quarter(lambda: (1982, 4))("That was Q4 of 1982.", {}) is True
    assert quarter(lambda: (1982, 4))("1982Q1", {}) is not True


def test_bars_are_known_by_their_ticks() -> None:
    plt = canvas()
    _, ax = plt.subplots()
    ax.bar(["b", "a"], [2, 1])
    assert shows(bars(lambda: {"a": 1, "b": 2}))("", {"ax": ax}) is True
    assert shows(bars(lambda: {"a": 1, "b": 2}, ordered=True))("", {"ax": ax}) is not True
    assert shows(bars(lambda: {"a": 2, "b": 1}))("", {"ax": ax}) is not True
    plt.close("all")
