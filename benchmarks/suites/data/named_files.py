"""Questions that name a file of the working directory: exports, archives, a database, with their own conventions."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import dates, names, number
from ..checkers.claims import quantities
from .single import live

if TYPE_CHECKING:
    from pandas import DataFrame

_ask = partial(Task, domain="named-files")


def _with(write: Callable[[], object]) -> Callable[[], Namespace]:
    """Return a function that writes a file to the working directory and makes a namespace."""
    return live(note=lambda: write() or "the files are in the working directory")


def _text(name: str, text: str, encoding: str = "utf-8") -> None:
    Path(name).write_bytes(text.encode(encoding))


def _jobs() -> None:
    table = data_sets.employment()[["month", "nonfarm", "manufacturing", "government", "utilities"]]
    table = table.assign(month=table["month"].dt.strftime("%d.%m.%Y"))
    _text("jobs.csv", table.to_csv(sep=";", decimal=",", index=False, lineterminator="\r\n"))


def _losses() -> None:
    table = data_sets.crimea().assign(date=lambda war: war["date"].dt.strftime("%Y-%m"))
    body = table.to_csv(sep="\t", index=False)
    total = "\t".join(["total", *(str(table[name].sum()) for name in ("wounds", "other", "disease"))])
    _text("losses.txt", f"Losses of the army in the East\nCompiled after the returns\n\n{body}{total}\n")


def _fields() -> None:
    Path("fields.db").unlink(missing_ok=True)
    with closing(sqlite3.connect("fields.db")) as connection:
        trials = data_sets.barley()
        sites = trials[["site"]].drop_duplicates().reset_index(drop=True)
        sites.insert(0, "id", range(1, len(sites) + 1))
        sites.to_sql("places", connection, index=False)
        keys = trials["site"].map(dict(zip(sites["site"], sites["id"], strict=True)))
        trials.drop(columns="site").assign(place=keys).to_sql("harvests", connection, index=False)


def _prices() -> None:
    series = data_sets.wheat().to_dict(orient="records")
    document = {"title": "Wheat and wages", "unit": "shillings", "data": {"from": 1565, "series": series}}
    _text("wheat.json", json.dumps(document, indent=1))


def _trips() -> None:
    text = data_sets.journeys().to_csv(sep="|", index=False)
    Path("trips.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def _spots() -> None:
    rows = data_sets.sunspots()
    body = "".join(f"{year:>6}{activity:>9.1f}\n" for year, activity in rows.itertuples(index=False))
    _text("spots.dat", f"{'year':>6}{'number':>9}\n{body}")


def _german_cars() -> None:
    table = data_sets.cars()[["Name", "Horsepower", "Weight_in_lbs", "Origin"]]
    table = table.rename(columns={"Weight_in_lbs": "Gewicht", "Horsepower": "Stärke", "Origin": "Länder"})
    _text("autos.txt", table.to_csv(sep="\t", index=False, na_rep="k.A."), "cp1252")


def _hours() -> None:
    table = data_sets.hours()
    table = table.assign(date=table["date"].dt.strftime("%m/%d/%Y %I:%M %p"), temp=table["temp"].map("{:.1f} F".format))
    _text("airport_hours.csv", table.to_csv(index=False))


def _stoppages() -> None:
    _text("stoppages.jsonl", data_sets.strikes().to_json(orient="records", lines=True))


def _survey() -> None:
    birds = data_sets.penguins()
    counts = birds.pivot_table(index=["island", "sex"], columns="year", values="body_mass_g", aggfunc="count")
    lines = ["place,sex\\year\t" + "\t".join(f"{year} " for year in counts.columns)]
    lines += [
        f"{place},{sex}\t" + "\t".join(f"{n} " for n in row)
        for (place, sex), row in zip(counts.index, counts.to_numpy(), strict=True)
    ]
    _text("survey.tsv", "\n".join(lines) + "\n")


def _chosen() -> DataFrame:
    return data_sets.journeys().query("choice == 1")


TASKS = (
    _ask(
        name="most-in-government",
        prompt="Read jobs.csv. In which month did the government employ most people? Write it as 2009-01-01.",
        namespace=_with(_jobs),
        check=dates(lambda: [data_sets.employment().set_index("month")["government"].idxmax()]),
        reference=(
            'jobs = pd.read_csv("jobs.csv", sep=";", decimal=",", parse_dates=["month"], date_format="%d.%m.%Y")\n'
            'print(jobs.set_index("month")["government"].idxmax().date())'
        ),
        split="dev",
    ),
    _ask(
        name="utilities-on-average",
        prompt="What is the mean of the column utilities in jobs.csv, to two decimals?",
        namespace=_with(_jobs),
        check=quantities(lambda: data_sets.employment()["utilities"].mean()),
        reference='print(round(pd.read_csv("jobs.csv", sep=";", decimal=",")["utilities"].mean(), 2))',
        split="test",
    ),
    _ask(
        name="died-of-disease",
        prompt="How many men died of disease in all months of losses.txt together?",
        namespace=_with(_losses),
        check=number(lambda: data_sets.crimea()["disease"].sum()),
        reference=(
            'losses = pd.read_csv("losses.txt", sep="\\t", skiprows=3, skipfooter=1, engine="python")\n'
            'print(losses["disease"].sum())'
        ),
        split="dev",
    ),
    _ask(
        name="best-place-of-a-database",
        prompt="At which site in fields.db was the mean yield of 1931 highest?",
        namespace=_with(_fields),
        check=names(
            lambda: data_sets.barley().query("year == 1931").groupby("site")["yield"].mean().idxmax(),
            lambda: data_sets.barley()["site"].unique(),
        ),
        reference=(
            "import sqlite3\n"
            'query = """SELECT site FROM harvests JOIN places ON place = id WHERE year = 1931\n'
            'GROUP BY site ORDER BY AVG(yield) DESC LIMIT 1"""\n'
            'connection = sqlite3.connect("fields.db")\nprint(connection.execute(query).fetchone()[0])\n'
            "connection.close()"
        ),
        split="test",
    ),
    _ask(
        name="dearest-wheat",
        prompt="In which year of wheat.json did wheat cost most?",
        namespace=_with(_prices),
        check=number(lambda: data_sets.wheat().set_index("year")["wheat"].idxmax()),
        reference=(
            'import json\nwith open("wheat.json") as file:\n'
            '    series = pd.DataFrame(json.load(file)["data"]["series"])\n'
            'print(series.loc[series["wheat"].idxmax(), "year"])'
        ),
        split="dev",
    ),
    _ask(
        name="cost-of-the-train",
        prompt="In trips.csv.gz, what is the mean `invc` of the trips by train (mode 2) that were chosen? 2 decimals",
        namespace=_with(_trips),
        check=number(lambda: _chosen().query("mode == 2")["invc"].mean()),
        reference=(
            'trips = pd.read_csv("trips.csv.gz", sep="|")\n'
            'print(round(trips.query("mode == 2 and choice == 1")["invc"].mean(), 2))'
        ),
        split="test",
    ),
    _ask(
        name="years-of-many-spots",
        prompt="How many years in spots.dat have a number above 120?",
        namespace=_with(_spots),
        check=number(lambda: (data_sets.sunspots()["SUNACTIVITY"] > 120).sum()),
        reference='print((pd.read_csv("spots.dat", sep=r"\\s+")["number"] > 120).sum())',
        split="dev",
    ),
    _ask(
        name="strength-of-japanese-cars",
        prompt="What is the mean Stärke of the cars from Japan in autos.txt (two decimals)?",
        namespace=_with(_german_cars),
        check=number(lambda: data_sets.cars().query("Origin == 'Japan'")["Horsepower"].mean()),
        reference=(
            'autos = pd.read_csv("autos.txt", sep="\\t", encoding="cp1252", na_values=["k.A."])\n'
            'print(round(autos.loc[autos["Länder"] == "Japan", "Stärke"].mean(), 2))'
        ),
        split="test",
    ),
    _ask(
        name="warmest-hour-of-a-file",
        prompt="At which hour of the day (0 to 23) is it warmest on average, according to airport_hours.csv?",
        namespace=_with(_hours),
        check=number(lambda: data_sets.hours().groupby(data_sets.hours()["date"].dt.hour)["temp"].mean().idxmax()),
        reference=(
            'hours = pd.read_csv("airport_hours.csv")\n'
            'hour = pd.to_datetime(hours["date"], format="%m/%d/%Y %I:%M %p").dt.hour\n'
            'print(hours["temp"].str.removesuffix(" F").astype(float).groupby(hour).mean().idxmax())'
        ),
        split="dev",
    ),
    _ask(
        name="females-of-dream",
        prompt="How many females were weighed on Dream in all years of survey.tsv together?",
        namespace=_with(_survey),
        check=number(
            lambda: data_sets.penguins().query("island == 'Dream' and sex == 'female'")["body_mass_g"].count()
        ),
        reference=(
            'survey = pd.read_csv("survey.tsv", sep=r" *[,\\t] *", engine="python")\n'
            'rows = survey[(survey["place"] == "Dream") & (survey["sex\\\\year"] == "female")]\n'
            'print(int(rows[["2007", "2008", "2009"]].sum(axis=1).sum()))'
        ),
        split="test",
    ),
)
