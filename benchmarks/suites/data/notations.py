"""European files (semicolons, decimal commas, cp1252, days first) and numbers kept as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, says_all
from ..checkers.claims import quantities
from ..checkers.forms import rounded
from . import made
from .single import live

if TYPE_CHECKING:
    from pandas import DataFrame

POPULATION = {"Aarau": 21_726, "Bulle": 24_912, "Chur": 38_293, "Davos": 10_814, "Einsiedeln": 15_802, "Frick": 5_702}


def _comma(value: float) -> str:
    """Write a number as 1.234,50."""
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def _written() -> DataFrame:
    table = made.takings()
    return table.assign(Datum=table["Datum"].dt.strftime("%d.%m.%Y"), Umsatz=table["Umsatz"].map(_comma))


def _file() -> Namespace:
    import pandas as pd

    path = data_sets.folder() / "kasse.csv"
    _written().to_csv(path, sep=";", encoding="cp1252", index=False)
    return {"pd": pd, "path": str(path), "branches": 4}


def _priced() -> Namespace:
    import pandas as pd

    path = data_sets.folder() / "Preise.csv"
    table = made.orders().head(90)
    lines = [
        f"{order};{item};{_comma(price)} €"
        for order, item, price in zip(table["order"], table["product"], table["price"], strict=True)
    ]
    path.write_text("\n".join(["Nr;Artikel;Preis", *lines, ""]), encoding="cp1252")
    return {"pd": pd, "file": path, "encoding": "cp1252"}


_loaded = live(umsatz=lambda: _written(), kasse=lambda: [12.5, 80.0])


def _rates() -> Namespace:
    import pandas as pd

    texts = [f"{rate}[{rate - 1.3:.1f}-{rate + 1.7:.1f}]" for rate in made.rates()]
    return {"pd": pd, "study": pd.DataFrame({"site": range(1, len(texts) + 1), "rate": texts}), "level": 95}


def _bookings() -> Namespace:
    import pandas as pd

    texts = [f"({-value:,.2f})" if value < 0 else f"{value:,.2f}" for value in made.amounts()]
    return {"pd": pd, "books": pd.DataFrame({"booking": range(1, len(texts) + 1), "amount": texts})}


def _towns() -> Namespace:
    import pandas as pd

    texts = [f"{count:,}".replace(",", "'") for count in POPULATION.values()]
    return {"pd": pd, "towns": pd.DataFrame({"town": list(POPULATION), "people": texts}), "country": "Switzerland"}


def _trips() -> Namespace:
    import pandas as pd

    texts = [f"{each // 60} h {each % 60:02d} min" if each >= 60 else f"{each} min" for each in made.journeys()]
    return {"pd": pd, "trips": pd.DataFrame({"trip": range(1, len(texts) + 1), "duration": texts}), "speed": 80}


def _takings_of(branch: str) -> float:
    table = made.takings()
    return float(table.loc[table["Filiale"] == branch, "Umsatz"].sum())


def _march() -> float:
    table = made.takings()
    return float(table.loc[table["Datum"].dt.month == 3, "Umsatz"].mean())


def _best_branch() -> str:
    return str(made.takings().groupby("Filiale")["Umsatz"].mean().idxmax())


def _mean_minutes() -> float:
    return sum(made.journeys()) / len(made.journeys())


TASKS = (
    Task(
        name="takings-of-a-branch",
        domain="european-files",
        prompt="The file at `path` holds the takings (Umsatz) of four branches. How much did Köln take? Two decimals.",
        namespace=_file,
        check=quantities(lambda: _takings_of("Köln")),
        form=rounded(2),
        reference=(
            'table = pd.read_csv(path, sep=";", decimal=",", thousands=".", encoding="cp1252")\n'
            "print(f\"{table.loc[table['Filiale'] == 'Köln', 'Umsatz'].sum():.2f}\")"
        ),
        split="dev",
    ),
    Task(
        name="days-come-first",
        domain="european-files",
        prompt="Read the file at `path`. What were the mean takings (Umsatz) per line in March, to two decimals?",
        namespace=_file,
        check=quantities(_march),
        form=rounded(2),
        reference=(
            'table = pd.read_csv(path, sep=";", decimal=",", thousands=".", encoding="cp1252", dtype={"Datum": str})\n'
            'month = pd.to_datetime(table["Datum"], format="%d.%m.%Y").dt.month\n'
            "print(f\"{table.loc[month == 3, 'Umsatz'].mean():.2f}\")"
        ),
        split="test",
    ),
    Task(
        name="prices-with-a-euro-sign",
        domain="european-files",
        prompt="What is the mean Preis of all lines in `file`? Round it to two decimals.",
        namespace=_priced,
        check=quantities(lambda: float(made.orders().head(90)["price"].mean())),
        form=rounded(2),
        reference=(
            'table = pd.read_csv(file, sep=";", encoding=encoding)\n'
            'price = table["Preis"].str.replace(" €", "").str.replace(".", "").str.replace(",", ".").astype(float)\n'
            "print(round(price.mean(), 2))"
        ),
        split="dev",
    ),
    Task(
        name="best-branch-of-text",
        domain="european-files",
        prompt="Welche Filiale hatte im Durchschnitt den höchsten Umsatz?",
        namespace=_loaded,
        check=names(_best_branch, lambda: made.BRANCHES),
        reference=(
            'value = umsatz["Umsatz"].str.replace(".", "").str.replace(",", ".").astype(float)\n'
            'print(value.groupby(umsatz["Filiale"]).mean().idxmax())'
        ),
        split="test",
    ),
    Task(
        name="estimates-before-intervals",
        domain="text-numbers",
        prompt="Each rate in `study` is an estimate with its interval in brackets. What is the mean of the estimates?",
        namespace=_rates,
        check=quantities(lambda: sum(made.rates()) / len(made.rates())),
        reference='print(study["rate"].str.split("[").str[0].astype(float).mean())',
        split="dev",
    ),
    Task(
        name="negative-in-brackets",
        domain="text-numbers",
        prompt="Amounts in brackets are negative. What is the sum of all amounts in `books`, to two decimals?",
        namespace=_bookings,
        check=quantities(lambda: sum(made.amounts())),
        form=rounded(2),
        reference=(
            'plain = books["amount"].str.replace(",", "").str.replace("(", "-").str.replace(")", "").astype(float)\n'
            'print(f"{plain.sum():.2f}")'
        ),
        split="test",
    ),
    Task(
        name="largest-town",
        domain="text-numbers",
        prompt="Which town has the most people, and how many live in all towns together?",
        namespace=_towns,
        check=says_all(
            names(lambda: max(POPULATION, key=lambda town: POPULATION[town]), lambda: POPULATION),
            quantities(lambda: sum(POPULATION.values()), decimals=0, beside=(max(POPULATION.values()),)),
        ),
        reference=(
            'people = towns["people"].str.replace("\'", "").astype(int)\n'
            'print(towns.loc[people.idxmax(), "town"], people.sum())'
        ),
        split="dev",
    ),
    Task(
        name="hours-and-minutes",
        domain="text-numbers",
        prompt="How many minutes does a trip take on average? Give two decimals.",
        namespace=_trips,
        check=quantities(_mean_minutes),
        form=rounded(2),
        reference=(
            'parts = trips["duration"].str.extract(r"(?:(\\d+) h )?(\\d+) min").astype(float).fillna(0)\n'
            'print(f"{(60 * parts[0] + parts[1]).mean():.2f}")'
        ),
        split="test",
    ),
)
