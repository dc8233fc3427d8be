"""Dirty columns: text with units and commas, mixed dates, stray spaces, duplicates, sentinels, several spellings.

The dirt is put onto clean data, which the checkers compute from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import number, numbers, pairs, says_all
from ..checkers.frames import frame, numeric, untouched

if TYPE_CHECKING:
    from pandas import DataFrame


def _weighed() -> DataFrame:
    """Thirty penguins, the mass in g."""
    birds = data_sets.penguins().dropna().head(30).reset_index(drop=True)
    return birds[["species", "sex", "body_mass_g"]].assign(body_mass_g=birds["body_mass_g"].astype(float))


def _raw_masses() -> DataFrame:
    """As typed into a form: `3,750 g`, every third one ` 3.75 kg`."""
    birds = _weighed()
    grams = birds.pop("body_mass_g")
    return birds.assign(mass=[f" {g / 1000:.3f} kg" if i % 3 == 2 else f"{g:,.0f} g" for i, g in enumerate(grams)])


def _masses() -> Namespace:
    import pandas as pd

    return {"pd": pd, "raw": _raw_masses(), "unit": "g"}


def _winter() -> DataFrame:
    return data_sets.weather().head(60)[["date", "precipitation", "temp_max"]]


def _mixed_dates() -> Namespace:
    import pandas as pd

    days = _winter()
    formats = ("%Y-%m-%d", "%d.%m.%Y", "%b %d, %Y")
    log = days.assign(date=[f"{day:{formats[i % 3]}}" for i, day in enumerate(days["date"])])
    return {"pd": pd, "log": log, "formats": list(formats)}


def _logged_sea() -> Namespace:
    import pandas as pd

    df = data_sets.sea()
    for month, every_nth in (("JUN", 9), ("JUL", 7), ("DEC", 11)):
        df.loc[df.index % every_nth == 3, month] = -999.0
    return {"pd": pd, "df": df, "mean": df["JUN"].mean(), "station": "Niño 1+2"}


def _true_june() -> float:
    june = data_sets.sea()["JUN"]
    return float(june[june.index % 9 != 3].mean())


def _spelt_origins() -> Namespace:
    import pandas as pd

    cars = data_sets.cars()
    spellings = {"USA": ["USA", "usa", "U.S.A.", " USA "], "Japan": ["Japan", "JAPAN", "japan "], "Europe": ["Europe"]}
    spellings["Europe"] += ["europe", "Eur."]
    origins = [spellings[origin][i % len(spellings[origin])] for i, origin in enumerate(cars["Origin"])]
    return {"pd": pd, "cars": cars.assign(Origin=origins), "cars_old": cars.head(20).drop(columns="Origin")}


def _listed_airports() -> Namespace:
    listed = data_sets.airports()[["iata", "name", "city", "state"]].dropna().head(400).astype(str)
    import pandas as pd

    again = listed[listed.index % 6 == 1].assign(name=lambda rows: rows["name"] + "  ")
    shouted = listed[listed.index % 10 == 5].assign(iata=lambda rows: " " + rows["iata"])
    return {"pd": pd, "listing": pd.concat([listed, again, shouted], ignore_index=True), "total": 3376}


def _padded() -> Namespace:
    import pandas as pd

    birds = data_sets.penguins()
    padded = [
        f" {name}" if i % 4 == 0 else f"{name} " if i % 4 == 1 else name for i, name in enumerate(birds["island"])
    ]
    survey = birds.assign(island=padded).rename(columns={"island": " Island ", "bill_length_mm": "Bill length (mm)"})
    return {"pd": pd, "survey": survey, "notes": "typed in by three students"}


def _percentages() -> Namespace:
    import pandas as pd

    table = data_sets.states()[["state", "hs_grad", "poverty", "urban"]]
    for column in ("hs_grad", "poverty"):
        table[column] = [f"{value:.1f} %" if i % 2 else f"{value:.1f}%" for i, value in enumerate(table[column])]
    table.loc[table.index % 17 == 4, "poverty"] = "n/a"
    return {"pd": pd, "df2": table, "usa": {"capital": "Washington"}}


def _poverty() -> DataFrame:
    table = data_sets.states()
    return table[table.index % 17 != 4]


def _amounts() -> Namespace:
    import pandas as pd

    firms = data_sets.firms()[["firm", "year", "invest"]]
    firms["invest"] = [f"${amount:,.2f}m" for amount in firms["invest"] * 10]
    firms.loc[firms.index % 9 == 4, "invest"] = "-"
    return {"pd": pd, "ledger": firms, "budget": 1000.0}


def _answers() -> Namespace:
    import pandas as pd

    students = data_sets.students()
    yes, no = ("yes", "Y", "Yes ", "true"), ("no", "N", "No", "false ")
    for column in ("PSI", "GRADE"):
        students[column] = [(yes if value else no)[i % 4] for i, value in enumerate(students[column])]
    return {"pd": pd, "students": students, "passed": ["yes", "y", "true"]}


def _filled_masses() -> DataFrame:
    birds = data_sets.penguins()
    return birds.assign(body_mass_g=birds.groupby("species")["body_mass_g"].transform(lambda m: m.fillna(m.median())))


def _gaps() -> Namespace:
    import pandas as pd

    return {"pd": pd, "penguins": data_sets.penguins(), "median": data_sets.penguins()["body_mass_g"].median()}


TASKS = (
    Task(
        name="masses-with-units",
        domain="cleaning",
        prompt=(
            "raw['mass'] is text, some in g, some in kg. Make a copy of raw called `clean` in which a float column "
            "body_mass_g (in grams) replaces mass. Leave raw alone."
        ),
        namespace=_masses,
        check=says_all(frame("clean", _weighed), untouched("raw", _raw_masses)),
        reference=(
            'parts = raw["mass"].str.replace(",", "").str.extract(r"([\\d.]+)\\s*(kg|g)")\n'
            'grams = parts[0].astype(float) * parts[1].map({"g": 1, "kg": 1000})\n'
            'clean = raw.drop(columns="mass").assign(body_mass_g=grams)\n'
            'print(clean["body_mass_g"].describe())'
        ),
        split="test",
    ),
    Task(
        name="three-date-formats",
        domain="cleaning",
        prompt=(
            "The dates in log come in three formats (see `formats`; the dotted ones are day first). Store a copy as "
            "`tidy` with date as real datetimes, everything else as it is."
        ),
        namespace=_mixed_dates,
        check=frame("tidy", _winter, sort=["date"]),
        reference=(
            "tries = [pd.to_datetime(log['date'], format=each, errors='coerce') for each in formats]\n"
            "tidy = log.assign(date=tries[0].fillna(tries[1]).fillna(tries[2]))\n"
            'print(tidy["date"].isna().sum(), "dates missing")'
        ),
        split="dev",
    ),
    Task(
        name="sentinel-in-june",
        domain="cleaning",
        prompt="Mean of JUN in df? -999 means not measured, so leave those out. Two decimals.",
        namespace=_logged_sea,
        check=number(_true_june),
        reference='print(round(df.loc[df["JUN"] != -999, "JUN"].mean(), 2))',
        split="dev",
    ),
    Task(
        name="origins-spelt-differently",
        domain="cleaning",
        prompt=(
            "cars['Origin'] is a mess: USA, usa, U.S.A., Eur. and so on. Bring it to USA, Japan and Europe in cars, "
            "and tell me how many cars each of the three has."
        ),
        namespace=_spelt_origins,
        check=says_all(pairs(lambda: dict(data_sets.cars()["Origin"].value_counts())), frame("cars", data_sets.cars)),
        reference=(
            'key = cars["Origin"].str.strip(" .").str.lower().str.replace(".", "")\n'
            'cars["Origin"] = key.map({"usa": "USA", "japan": "Japan", "europe": "Europe", "eur": "Europe"})\n'
            'for origin, count in cars["Origin"].value_counts().items():\n    print(origin, count)'
        ),
        split="test",
    ),
    Task(
        name="airports-listed-twice",
        domain="cleaning",
        prompt=(
            "Some airports are in listing twice, but spaces before or after the text hide it. How many rows are left "
            "when you strip the text columns and drop the duplicate rows?"
        ),
        namespace=_listed_airports,
        check=number(lambda: len(data_sets.airports()[["iata", "name", "city", "state"]].dropna().head(400))),
        reference="print(len(listing.apply(lambda column: column.str.strip()).drop_duplicates()))",
        split="dev",
    ),
    Task(
        name="padded-islands",
        domain="cleaning",
        prompt=(
            "survey has stray spaces in its column names and in the island names. "
            "What's the mean bill length per island, once that's fixed? Two decimals."
        ),
        namespace=_padded,
        check=pairs(lambda: dict(data_sets.penguins().groupby("island")["bill_length_mm"].mean())),
        reference=(
            "survey = survey.rename(columns=str.strip)\n"
            'means = survey.groupby(survey["Island"].str.strip())["Bill length (mm)"].mean()\n'
            'print("; ".join(f"{island}: {mean:.2f}" for island, mean in means.items()))'
        ),
        split="test",
    ),
    Task(
        name="percentages-as-text",
        domain="cleaning",
        prompt=(
            "Turn hs_grad and poverty in df2 into numbers (in place; n/a becomes missing). "
            "Then tell me the mean poverty, two decimals."
        ),
        namespace=_percentages,
        check=says_all(
            number(lambda: _poverty()["poverty"].mean()), numeric("df2", "hs_grad"), numeric("df2", "poverty")
        ),
        reference=(
            'for column in ["hs_grad", "poverty"]:\n'
            '    df2[column] = pd.to_numeric(df2[column].str.replace("%", "").str.strip(), errors="coerce")\n'
            'print(round(df2["poverty"].mean(), 2))'
        ),
        split="test",
    ),
    Task(
        name="ledger-amounts",
        domain="cleaning",
        prompt=(
            "invest in ledger is text like $1,234.50m, and '-' where there is nothing. What is the total in millions, "
            "and how many entries are '-'? Total first."
        ),
        namespace=_amounts,
        check=numbers(
            lambda: (
                (data_sets.firms().query("index % 9 != 4")["invest"] * 10).sum(),
                len(data_sets.firms().query("index % 9 == 4")),
            )
        ),
        reference=(
            'amount = pd.to_numeric(ledger["invest"].str.replace(r"[$,m]", "", regex=True), errors="coerce")\n'
            "print(round(amount.sum(), 2), amount.isna().sum())"
        ),
        split="dev",
    ),
    Task(
        name="yes-in-four-spellings",
        domain="cleaning",
        prompt=(
            "PSI and GRADE in students are yes/no in all kinds of spellings. What percentage of those with PSI = yes "
            "also have GRADE = yes? Two decimals."
        ),
        namespace=_answers,
        check=number(lambda: data_sets.students().query("PSI == 1")["GRADE"].mean() * 100),
        reference=(
            'said = students[["PSI", "GRADE"]].apply(lambda column: column.str.strip().str.lower().isin(passed))\n'
            'print(round(said.loc[said["PSI"], "GRADE"].mean() * 100, 2))'
        ),
        split="dev",
    ),
    Task(
        name="fill-with-species-median",
        domain="cleaning",
        prompt=(
            "Fill the missing body_mass_g with the median of the bird's own species and store the whole table as "
            "`filled`. Don't change penguins itself."
        ),
        namespace=_gaps,
        check=says_all(frame("filled", _filled_masses), untouched("penguins", data_sets.penguins)),
        reference=(
            'medians = penguins.groupby("species")["body_mass_g"].transform("median")\n'
            'filled = penguins.assign(body_mass_g=penguins["body_mass_g"].fillna(medians))\n'
            'print(filled["body_mass_g"].isna().sum(), "missing")'
        ),
        split="test",
    ),
)
