"""Plain questions about what changes over the years: first and last, highest and lowest, growth, streaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import dates, names, number, quarter, says_all

if TYPE_CHECKING:
    from pandas import Series


def _weather() -> Namespace:
    import pandas as pd

    days = data_sets.weather()
    temps = days.set_index("date")["temp_max"].tail(7).round()
    return {"pd": pd, "weather": days, "temps": temps, "city": "Seattle"}


def _quotes() -> Namespace:
    import pandas as pd

    quotes = data_sets.stocks()
    prices = [{"symbol": "IBM", "price": 125.5}, {"symbol": "AAPL", "price": 223.0}]
    return {"pd": pd, "quotes": quotes, "prices": prices, "symbols": sorted(quotes["symbol"].unique())}


def _macro() -> Namespace:
    import pandas as pd

    return {"pd": pd, "econ": data_sets.macro(), "base_year": 1959}


def _barley() -> Namespace:
    trials = data_sets.barley()
    return {"trials": trials, "data": trials.head(10).copy(), "sites": sorted(trials["site"].unique())}


def _households() -> Namespace:
    import numpy as np

    engel = data_sets.households()
    return {"np": np, "engel": engel, "share": 0.62, "income": engel["income"].head(20)}


def _nile() -> Namespace:
    import pandas as pd

    flow = data_sets.nile()
    return {"pd": pd, "flow": flow, "dam": {"name": "Aswan Low Dam", "built": (1899, 1902)}}


def _gains() -> Series:
    prices = data_sets.stocks().sort_values("date").groupby("symbol")["price"]
    return (prices.last() / prices.first() - 1) * 100


def _dry_spell() -> int:
    longest = run = 0
    for rain in data_sets.weather().sort_values("date")["precipitation"]:
        run = 0 if rain > 0 else run + 1
        longest = max(longest, run)
    return longest


def _warmest_month() -> str:
    days = data_sets.weather()
    return data_sets.MONTHS[int(days.groupby(days["date"].dt.month)["temp_max"].mean().idxmax()) - 1]


def _worst_quarter() -> tuple[int, int]:
    worst = data_sets.macro().sort_values("unemp").iloc[-1]
    return int(worst["year"]), int(worst["quarter"])


def _change_at_morris() -> float:
    means = data_sets.barley().groupby(["site", "year"])["yield"].mean()
    return float(means["Morris", 1932] - means["Morris", 1931])


TASKS = (
    Task(
        name="quotes-date-range",
        domain="questions",
        prompt="What are the first and the last date in quotes? As YYYY-MM-DD.",
        namespace=_quotes,
        check=dates(lambda: (data_sets.stocks()["date"].min(), data_sets.stocks()["date"].max())),
        reference='print(quotes["date"].min().date(), quotes["date"].max().date())',
        split="dev",
    ),
    Task(
        name="best-share",
        domain="questions",
        prompt=(
            "Which symbol in quotes gained most in percent from its first to its last price, and by how much? "
            "Two decimals, and name only that one."
        ),
        namespace=_quotes,
        check=says_all(
            names(lambda: _gains().idxmax(), lambda: _gains().index),
            number(lambda: _gains().max()),
        ),
        reference=(
            'by = quotes.sort_values("date").groupby("symbol")["price"]\n'
            "gain = (by.last() / by.first() - 1) * 100\n"
            "print(gain.idxmax(), round(gain.max(), 2))"
        ),
        split="test",
    ),
    Task(
        name="warmest-month",
        domain="questions",
        prompt="Over all years in weather, which calendar month has the highest average temp_max? Full English name.",
        namespace=_weather,
        check=names(_warmest_month, lambda: data_sets.MONTHS),
        reference='print(weather.groupby(weather["date"].dt.month_name())["temp_max"].mean().idxmax())',
        split="test",
    ),
    Task(
        name="rain-share-2014",
        domain="questions",
        prompt="What share of the days of 2014 was 'rain' in weather? In percent with two decimals.",
        namespace=_weather,
        check=number(lambda: (data_sets.weather().query("date.dt.year == 2014")["weather"] == "rain").mean() * 100),
        reference=(
            'days = weather[weather["date"].dt.year == 2014]\nprint(round((days["weather"] == "rain").mean() * 100, 2))'
        ),
        split="dev",
    ),
    Task(
        name="longest-dry-spell",
        domain="questions",
        prompt="How many days was the longest run of days in a row with no precipitation at all in weather?",
        namespace=_weather,
        check=number(_dry_spell),
        reference=(
            'wet = weather.sort_values("date")["precipitation"] > 0\nprint((~wet).groupby(wet.cumsum()).sum().max())'
        ),
        split="test",
    ),
    Task(
        name="worst-quarter",
        domain="questions",
        prompt="In which quarter was unemployment (unemp) highest in econ? Answer like 1975Q2.",
        namespace=_macro,
        check=quarter(_worst_quarter),
        reference=(
            "worst = econ.loc[econ[\"unemp\"].idxmax()]\nprint(f\"{int(worst['year'])}Q{int(worst['quarter'])}\")"
        ),
        split="dev",
    ),
    Task(
        name="change-at-morris",
        domain="questions",
        prompt="How much did the mean yield at the site Morris change from 1931 to 1932 in trials? Signed, 2 decimals",
        namespace=_barley,
        check=number(_change_at_morris),
        reference=(
            'means = trials[trials["site"] == "Morris"].groupby("year")["yield"].mean()\n'
            "print(round(means[1932] - means[1931], 2))"
        ),
        split="test",
    ),
    Task(
        name="food-share",
        domain="questions",
        prompt=(
            "For each household in engel take foodexp as a percentage of income. "
            "What is the mean of those percentages? Two decimals."
        ),
        namespace=_households,
        check=number(lambda: (data_sets.households()["foodexp"] / data_sets.households()["income"]).mean() * 100),
        reference='print(round((engel["foodexp"] / engel["income"]).mean() * 100, 2))',
        split="dev",
    ),
    Task(
        name="nile-before-and-after",
        domain="questions",
        prompt="how much lower was the Nile's mean volume from 1899 on than in the years before 1899? two decimals",
        namespace=_nile,
        check=number(
            lambda: (
                data_sets.nile().query("year < 1899")["volume"].mean()
                - data_sets.nile().query("year >= 1899")["volume"].mean()
            )
        ),
        reference=(
            'before = flow[flow["year"] < 1899]["volume"].mean()\n'
            'after = flow[flow["year"] >= 1899]["volume"].mean()\n'
            "print(round(before - after, 2))"
        ),
        split="test",
    ),
)
