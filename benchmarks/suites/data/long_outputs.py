"""Questions about all of many, or one in many, whose output is longer than a screen if it is only printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import data_sets
from ..checkers.answers import dates, names, number, numbers
from .single import single

if TYPE_CHECKING:
    from pandas import Series


airports = partial(single, "long-outputs", "airports", data_sets.airports)
births = partial(single, "long-outputs", "births", data_sets.births)
spots = partial(single, "long-outputs", "spots", data_sets.sunspots)
cars = partial(single, "long-outputs", "cars", data_sets.cars)
weather = partial(single, "long-outputs", "weather", data_sets.weather)
trips = partial(single, "long-outputs", "trips", data_sets.journeys)
tumours = partial(single, "long-outputs", "biopsies", data_sets.tumours)
jobs = partial(single, "long-outputs", "jobs", data_sets.employment)


def _per_state() -> Series:
    return data_sets.airports()["state"].value_counts()


def _many_spots() -> Sequence[int]:
    table = data_sets.sunspots()
    return list(table.loc[table["SUNACTIVITY"] > 140, "YEAR"])


def _countries(limit: float) -> list[str]:
    table = data_sets.births()
    return list(table.loc[table["1970"] < limit, "Country Name"].dropna())


def _frugal() -> list[str]:
    table = data_sets.cars()
    return list(table.loc[table["Miles_per_Gallon"] > 43, "Name"])


def _wettest() -> list[Any]:
    return list(data_sets.weather().nlargest(3, "precipitation")["date"])


def _median_state() -> float:
    return float(_per_state().median())


def _waiting() -> float:
    table = data_sets.journeys().query("choice == 1")
    return float((table["ttme"] == 0).sum())


def _falls() -> int:
    return int((data_sets.employment()["construction"].diff() < 0).sum())


TASKS = (
    airports(
        name="states-of-many-airports",
        prompt="Which states have more than 110 airports? Give all of their codes.",
        check=names(lambda: list(_per_state()[_per_state() > 110].index), lambda: _per_state().index),
        reference='counts = airports["state"].value_counts()\nprint(", ".join(counts[counts > 110].index))',
        split="dev",
    ),
    births(
        name="few-births-in-1970",
        prompt="In which countries were there fewer than 2.0 births per woman in 1970? Name all of them.",
        check=names(lambda: _countries(2.0), lambda: data_sets.births()["Country Name"]),
        reference='print(", ".join(births.loc[births["1970"] < 2.0, "Country Name"]))',
        split="test",
    ),
    spots(
        name="all-active-years",
        prompt="List all years with a SUNACTIVITY above 140, in order.",
        check=numbers(_many_spots),
        reference='print(*spots.loc[spots["SUNACTIVITY"] > 140, "YEAR"])',
        split="dev",
    ),
    cars(
        name="all-frugal-cars",
        prompt="What are the Names of all cars above 43 Miles_per_Gallon?",
        check=names(_frugal, lambda: data_sets.cars()["Name"]),
        reference='print("; ".join(cars.loc[cars["Miles_per_Gallon"] > 43, "Name"]))',
        split="test",
    ),
    weather(
        name="three-wettest-days",
        prompt="Which three days had the most precipitation, most first? Write each as 2012-01-31.",
        check=dates(_wettest),
        reference='print(*weather.nlargest(3, "precipitation")["date"].dt.strftime("%Y-%m-%d"))',
        split="dev",
    ),
    airports(
        name="middle-of-the-states",
        prompt="Count the airports of each state. What is the median of these counts?",
        check=number(_median_state),
        reference='print(airports["state"].value_counts().median())',
        split="test",
    ),
    trips(
        name="no-waiting-at-all",
        prompt="How many of the chosen trips (choice 1) have a terminal waiting time (ttme) of 0?",
        check=number(_waiting),
        reference='print(((trips["choice"] == 1) & (trips["ttme"] == 0)).sum())',
        split="dev",
    ),
    tumours(
        name="correlated-above",
        prompt="How many pairs of the 30 measures have a correlation above 0.98?",
        check=number(lambda: _close_pairs()),
        reference=(
            'table = biopsies.drop(columns="diagnosis").corr()\nprint(((table > 0.98).sum().sum() - len(table)) // 2)'
        ),
        split="test",
    ),
    jobs(
        name="months-of-fewer-builders",
        prompt="In how many months did construction fall from the month before?",
        check=number(_falls),
        reference='print((jobs["construction"].diff() < 0).sum())',
        split="dev",
    ),
    weather(
        name="coldest-day-of-each-year",
        prompt="What was the lowest temp_min of each year, 2012 to 2015? The four values in order.",
        check=numbers(lambda: list(data_sets.weather().groupby(data_sets.weather()["date"].dt.year)["temp_min"].min())),
        reference='print(*weather.groupby(weather["date"].dt.year)["temp_min"].min())',
        split="test",
    ),
)


def _close_pairs() -> int:
    table = data_sets.tumours().drop(columns="diagnosis").corr()
    close = [(a, b) for a in table for b in table if a < b and table.loc[a, b] > 0.98]
    return len(close)
