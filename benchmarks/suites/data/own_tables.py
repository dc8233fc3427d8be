"""Questions whose natural first step filters, sorts or extends the user's own table, which has to stay as it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from codeact_jupyter.evaluation.task import Checker, Task

from .. import data_sets
from ..checkers.answers import dates, names, number, says_all
from ..checkers.frames import untouched
from .single import single

if TYPE_CHECKING:
    from pandas import DataFrame


def _own(variable: str, make: Callable[[], DataFrame], *, check: Checker, **given: Any) -> Task:
    """Return a task about a table, which must be unchanged in the end."""
    return single("own-tables", variable, make, check=says_all(check, untouched(variable, make)), **given)


cars = partial(_own, "cars", data_sets.cars)
weather = partial(_own, "weather", data_sets.weather)
penguins = partial(_own, "penguins", data_sets.penguins)
airports = partial(_own, "airports", data_sets.airports)
prices = partial(_own, "prices", data_sets.stocks)
economy = partial(_own, "economy", data_sets.economy)
committees = partial(_own, "committees", data_sets.committees)
sea = partial(_own, "sea", data_sets.sea)
births = partial(_own, "births", data_sets.births)
trading = partial(_own, "trading", data_sets.trading)


def _northern() -> DataFrame:
    return data_sets.airports().sort_values("latitude", ascending=False)


def _deviation() -> float:
    table = data_sets.stocks()
    return float(table[table["symbol"] == "IBM"].sort_values("date")["price"].pct_change().std() * 100)


def _summer() -> int:
    table = data_sets.sea()
    return int(table.loc[table[["JUN", "JUL", "AUG"]].mean(axis=1).idxmax(), "YEAR"])


def _lost() -> str:
    table = data_sets.births().set_index("Country Name")
    return str((table["1960"] - table["1990"]).idxmax())


TASKS = (
    cars(
        name="strongest-of-eight",
        prompt="Look only at the cars with 8 cylinders. What is their mean Horsepower? Two decimals.",
        check=number(lambda: data_sets.cars().query("Cylinders == 8")["Horsepower"].mean()),
        reference="print(f\"{cars.loc[cars['Cylinders'] == 8, 'Horsepower'].mean():.2f}\")",
        split="dev",
    ),
    weather(
        name="wet-days-of-2013",
        prompt="Take 2013 alone. On what percentage of its days was there precipitation (above 0)? Two decimals.",
        check=number(lambda: (data_sets.weather().query("date.dt.year == 2013")["precipitation"] > 0).mean() * 100),
        reference=(
            'year = weather[weather["date"].dt.year == 2013]\nprint(round((year["precipitation"] > 0).mean() * 100, 2))'
        ),
        split="test",
    ),
    penguins(
        name="complete-chinstraps",
        prompt="Drop the rows with gaps. How many Chinstrap penguins are left?",
        check=number(lambda: (data_sets.penguins().dropna()["species"] == "Chinstrap").sum()),
        reference='print((penguins.dropna()["species"] == "Chinstrap").sum())',
        split="dev",
    ),
    airports(
        name="third-from-the-north",
        prompt="Sort the airports from north to south. What is the iata code of the third one?",
        check=names(lambda: _northern()["iata"].iloc[2], lambda: _northern()["iata"].head(10)),
        reference='print(airports.sort_values("latitude", ascending=False)["iata"].iloc[2])',
        split="test",
    ),
    prices(
        name="how-ibm-varies",
        prompt="What is the standard deviation of IBM's monthly returns in percent? Two decimals.",
        check=number(_deviation),
        reference=(
            'ibm = prices[prices["symbol"] == "IBM"].sort_values("date")\n'
            'print(round(ibm["price"].pct_change().std() * 100, 2))'
        ),
        split="dev",
    ),
    economy(
        name="richest-per-head",
        prompt="Compute GNP per head of the population (POP). In which year does it rise most over the year before?",
        check=number(
            lambda: (lambda table: table.loc[(table["GNP"] / table["POP"]).diff().idxmax(), "YEAR"])(
                data_sets.economy()
            )
        ),
        reference='print(economy.loc[(economy["GNP"] / economy["POP"]).diff().idxmax(), "YEAR"])',
        split="test",
    ),
    committees(
        name="staff-per-member",
        prompt="Which COMMITTEE has the most STAFF per member (SIZE)?",
        check=names(
            lambda: data_sets.committees().set_index("COMMITTEE").eval("STAFF / SIZE").idxmax(),
            lambda: data_sets.committees()["COMMITTEE"],
        ),
        reference='print(committees.loc[(committees["STAFF"] / committees["SIZE"]).idxmax(), "COMMITTEE"])',
        split="dev",
    ),
    sea(
        name="warmest-summer",
        prompt="Average JUN, JUL and AUG for each YEAR. Which year had the warmest summer?",
        check=number(_summer),
        reference='print(sea.loc[sea[["JUN", "JUL", "AUG"]].mean(axis=1).idxmax(), "YEAR"])',
        split="test",
    ),
    births(
        name="greatest-fall",
        prompt="In which country did the births per woman fall most from 1960 to 1990?",
        check=names(_lost, lambda: data_sets.births()["Country Name"]),
        reference='print(births.loc[(births["1960"] - births["1990"]).idxmax(), "Country Name"])',
        split="dev",
    ),
    trading(
        name="widest-day",
        prompt="On which date was the gap between high and low widest? Write it as 2009-06-01.",
        check=dates(lambda: [(lambda t: t.loc[(t["high"] - t["low"]).idxmax(), "date"])(data_sets.trading())]),
        reference='print(trading.loc[(trading["high"] - trading["low"]).idxmax(), "date"].date())',
        split="test",
    ),
)
