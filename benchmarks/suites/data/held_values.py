"""Values that stand inside longer text: lists, names with their makers, codes with a mark, words in names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from .. import data_sets
from ..checkers.answers import names, number, numbers, says_all
from .single import single

if TYPE_CHECKING:
    from pandas import DataFrame

DRUGS = ["Penicillin", "Streptomycin", "Neomycin"]


def effective() -> DataFrame:
    """The bacteria, and in one text the antibiotics that stop each at a concentration of 1 or less."""
    table = data_sets.antibiotics()
    lists = [", ".join(drug for drug in DRUGS if row[drug] <= 1) or "none" for _, row in table.iterrows()]
    return table[["Bacteria", "Gram_Staining"]].assign(works=lists)


def weeks() -> DataFrame:
    """Each week of Seattle's weather: its first day, the kinds of weather that it had, its precipitation."""
    table = data_sets.weather()
    first = table["date"] - table["date"].dt.day_of_week.map(lambda days: _days(days))
    grouped = table.groupby(first)
    kinds = grouped["weather"].agg(lambda kinds: "/".join(dict.fromkeys(kinds)))
    return kinds.to_frame("kinds").assign(mm=grouped["precipitation"].sum()).reset_index(names="week")


def labelled() -> DataFrame:
    """The penguins with species and sex in one label, such as `Adelie|male`, and their islands."""
    table = data_sets.penguins().dropna(subset=["sex"])
    return table.assign(label=table["species"] + "|" + table["sex"])[["label", "island", "body_mass_g", "year"]]


def _days(count: int) -> Any:
    import datetime as dt

    return dt.timedelta(days=count)


drugs = partial(single, "held-values", "drugs", effective)
wet = partial(single, "held-values", "weeks", weeks)
cars = partial(single, "held-values", "cars", data_sets.cars)
airports = partial(single, "held-values", "airports", data_sets.airports)
birds = partial(single, "held-values", "birds", labelled)


def _makers() -> DataFrame:
    table = data_sets.cars()
    return table.assign(maker=table["Name"].str.split().str[0])


def _named(word: str) -> int:
    return int(data_sets.airports()["name"].str.contains(word).sum())


def _snowy() -> DataFrame:
    return weeks().query("kinds.str.contains('snow')")


def _with_drug(drug: str) -> int:
    return int((data_sets.antibiotics()[drug] <= 1).sum())


TASKS = (
    drugs(
        name="stopped-by-penicillin",
        prompt="Against how many Bacteria does Penicillin work?",
        check=number(lambda: _with_drug("Penicillin")),
        reference='print(drugs["works"].str.contains("Penicillin").sum())',
        split="dev",
    ),
    drugs(
        name="most-useful-drug",
        prompt="Which antibiotic works against the most Bacteria, and against how many?",
        check=says_all(
            names(lambda: max(DRUGS, key=_with_drug), lambda: DRUGS), number(lambda: max(map(_with_drug, DRUGS)))
        ),
        reference=(
            'counts = drugs["works"].str.split(", ").explode().value_counts().drop("none")\n'
            "print(counts.idxmax(), counts.max())"
        ),
        split="test",
    ),
    wet(
        name="weeks-with-fog",
        prompt="In how many weeks was there fog?",
        check=number(lambda: data_sets.weather().query("weather == 'fog'")["date"].dt.to_period("W").nunique()),
        reference='print(weeks["kinds"].str.contains("fog").sum())',
        split="dev",
    ),
    wet(
        name="rain-of-snowy-weeks",
        prompt="What is the mean precipitation (mm) of the weeks with snow? Two decimals.",
        check=number(lambda: _snowy()["mm"].mean()),
        reference='print(round(weeks.loc[weeks["kinds"].str.contains("snow"), "mm"].mean(), 2))',
        split="test",
    ),
    cars(
        name="how-many-fords",
        prompt="How many cars are by ford?",
        check=number(lambda: (_makers()["maker"] == "ford").sum()),
        reference='print(cars["Name"].str.startswith("ford ").sum())',
        split="dev",
    ),
    cars(
        name="weight-of-toyotas",
        prompt="What is the mean weight in pounds of the toyota cars (Name begins with it)? Two decimals.",
        check=number(lambda: _makers().query("maker == 'toyota'")["Weight_in_lbs"].mean()),
        reference='print(round(cars[cars["Name"].str.startswith("toyota")]["Weight_in_lbs"].mean(), 2))',
        split="test",
    ),
    airports(
        name="regional-airports",
        prompt="How many airports are Regional ones, by their name?",
        check=number(lambda: _named("Regional")),
        reference='print(airports["name"].str.contains("Regional").sum())',
        split="dev",
    ),
    airports(
        name="state-of-internationals",
        prompt="Which state has the most airports with International in their name, and how many?",
        check=says_all(
            names(lambda: _internationals().idxmax(), lambda: data_sets.airports()["state"].dropna().unique()),
            number(lambda: _internationals().max()),
        ),
        reference=(
            'found = airports[airports["name"].str.contains("International")]["state"].value_counts()\n'
            "print(found.idxmax(), found.max())"
        ),
        split="test",
    ),
    birds(
        name="heavier-males",
        prompt="What is the mean body mass of the Gentoo birds, of the males and of the females (two decimals each)?",
        check=numbers(
            lambda: [
                data_sets.penguins().query(f"species == 'Gentoo' and sex == '{sex}'")["body_mass_g"].mean()
                for sex in ("male", "female")
            ]
        ),
        reference=(
            'means = birds.groupby("label")["body_mass_g"].mean().round(2)\n'
            'print(means["Gentoo|male"], means["Gentoo|female"])'
        ),
        split="dev",
    ),
    birds(
        name="adelies-by-label",
        prompt="How many Adelie birds are there, and on how many islands?",
        check=numbers(
            lambda: (
                data_sets.penguins().dropna(subset=["sex"])["species"].eq("Adelie").sum(),
                data_sets.penguins().query("species == 'Adelie'")["island"].nunique(),
            )
        ),
        reference='own = birds[birds["label"].str.startswith("Adelie|")]\nprint(len(own), own["island"].nunique())',
        split="test",
    ),
)


def _internationals() -> Any:
    table = data_sets.airports()
    return table[table["name"].str.contains("International")]["state"].value_counts()
