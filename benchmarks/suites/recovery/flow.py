"""Failing cells: loops that go one too far, recursion without an end, assignments to a copy, dicts that change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, numbers, says_all
from ..checkers.frames import frame

if TYPE_CHECKING:
    from pandas import DataFrame

PARENTS = {
    "Gentoo": "Pygoscelis",
    "Adelie": "Pygoscelis",
    "Chinstrap": "Pygoscelis",
    "Pygoscelis": "Spheniscidae",
    "Spheniscidae": "Sphenisciformes",
    "Sphenisciformes": "Aves",
    "Aves": "Chordata",
    "Chordata": "Animalia",
    "Animalia": "Animalia",
}


def _nile() -> Namespace:
    flow = data_sets.nile()
    return {"volumes": flow["volume"].tolist(), "years": flow["year"].tolist(), "changes": []}


def _steepest() -> tuple[int, float]:
    flow = data_sets.nile().set_index("year")["volume"].diff()
    return int(flow.idxmin()), float(flow.min())


def _taxa() -> Namespace:
    return {"parent": dict(PARENTS), "penguins": data_sets.penguins()}


def _steps() -> int:
    taxon, steps = "Gentoo", 0
    while PARENTS[taxon] != taxon:
        taxon, steps = PARENTS[taxon], steps + 1
    return steps


def _sentinels() -> Namespace:
    import numpy as np
    import pandas as pd

    sea = data_sets.sea()
    sea.loc[sea.index % 8 == 5, "JAN"] = -999.0
    return {"pd": pd, "np": np, "sea": sea, "missing": -999}


def _cleaned() -> DataFrame:
    sea = data_sets.sea()
    return sea.assign(JAN=sea["JAN"].where(sea.index % 8 != 5))


def _stock() -> Namespace:
    counts = data_sets.airports()["state"].value_counts()
    return {"airports_in": {state: int(count) for state, count in counts.items()}, "few": 10}


def _days() -> Namespace:
    import pandas as pd

    days = data_sets.weather()
    parts = {f"{year}": part["temp_max"].tolist() for year, part in days.groupby(days["date"].dt.year)}
    return {"pd": pd, "temps": {**parts, "2016": []}, "hot": 30}


def _quarters() -> Namespace:
    import pandas as pd

    return {"pd": pd, "gdp": data_sets.macro()["realgdp"], "macro": data_sets.macro(), "n": 3}


def _recessions() -> int:
    falls = (data_sets.macro()["realgdp"].diff() < 0).tolist()
    return sum(1 for i in range(1, len(falls)) if falls[i] and falls[i - 1])


TASKS = (
    Task(
        name="one-index-too-far",
        domain="flow",
        prompt="This cell fails. Fix it and tell me the year of the steepest fall and the change that year.",
        cell=(
            "changes = []\n"
            "for i in range(len(volumes)):\n"
            "    changes.append((volumes[i + 1] - volumes[i], years[i + 1]))\n"
            "change, year = min(changes)\n"
            "print(year, change)"
        ),
        namespace=_nile,
        check=numbers(_steepest),
        reference=(
            "changes = []\n"
            "for i in range(len(volumes) - 1):\n"
            "    changes.append((volumes[i + 1] - volumes[i], years[i + 1]))\n"
            "change, year = min(changes)\n"
            "print(year, change)"
        ),
        split="dev",
    ),
    Task(
        name="recursion-without-an-end",
        domain="flow",
        prompt=(
            "RecursionError, since the root is its own parent. Fix it and tell me how many steps it is from Gentoo up "
            "to the root."
        ),
        cell='def steps(taxon):\n    return 1 + steps(parent[taxon])\n\n\nprint(steps("Gentoo"))',
        namespace=_taxa,
        check=number(_steps),
        reference=(
            "def steps(taxon):\n"
            "    return 0 if parent[taxon] == taxon else 1 + steps(parent[taxon])\n\n\n"
            'print(steps("Gentoo"))'
        ),
        split="test",
    ),
    Task(
        name="assigned-to-a-copy",
        domain="flow",
        prompt=(
            "The assertion fails: somehow sea isn't changed. Fix it, so that the missing values in sea become NaN, and "
            "tell me the mean of JAN, two decimals."
        ),
        cell=(
            'sea[sea["JAN"] == missing]["JAN"] = np.nan\n'
            'assert (sea["JAN"] != missing).all(), "still there"\n'
            'print(sea["JAN"].mean())'
        ),
        namespace=_sentinels,
        check=says_all(number(lambda: _cleaned()["JAN"].mean()), frame("sea", _cleaned)),
        reference=(
            'sea.loc[sea["JAN"] == missing, "JAN"] = np.nan\n'
            'assert (sea["JAN"] != missing).all(), "still there"\n'
            'print(round(sea["JAN"].mean(), 2))'
        ),
        split="test",
    ),
    Task(
        name="dict-that-changes",
        domain="flow",
        prompt="Fix this cell and tell me the two numbers it prints.",
        cell=(
            "for state in airports_in:\n"
            "    if airports_in[state] < few:\n"
            "        del airports_in[state]\n"
            "print(len(airports_in), sum(airports_in.values()))"
        ),
        namespace=_stock,
        check=numbers(lambda: _kept()),
        reference=(
            "for state in list(airports_in):\n"
            "    if airports_in[state] < few:\n"
            "        del airports_in[state]\n"
            "print(len(airports_in), sum(airports_in.values()))"
        ),
        split="dev",
    ),
    Task(
        name="maximum-of-nothing",
        domain="flow",
        prompt="This fails at the year without data. Skip it, and tell me the year and the temperature.",
        cell=(
            "warmest = {year: max(values) for year, values in temps.items()}\n"
            "best = max(warmest, key=warmest.get)\n"
            "print(best, warmest[best])"
        ),
        namespace=_days,
        check=numbers(lambda: _warmest()),
        reference=(
            "warmest = {year: max(values) for year, values in temps.items() if values}\n"
            "best = max(warmest, key=warmest.get)\n"
            "print(best, warmest[best])"
        ),
        split="test",
    ),
    Task(
        name="median-of-nothing",
        domain="flow",
        prompt=(
            "statistics complains about 2016, which has no data. Leave it out, and tell me which year has the "
            "lowest median. Just the year."
        ),
        cell=(
            "import statistics\n\n"
            "medians = {year: statistics.median(values) for year, values in temps.items()}\n"
            "print(min(medians, key=medians.get))"
        ),
        namespace=_days,
        check=names(lambda: _lowest_median(), lambda: ["2012", "2013", "2014", "2015", "2016"]),
        reference=(
            "import statistics\n\n"
            "medians = {year: statistics.median(values) for year, values in temps.items() if values}\n"
            "print(min(medians, key=medians.get))"
        ),
        split="dev",
    ),
    Task(
        name="before-the-first-quarter",
        domain="flow",
        prompt="KeyError at the start. Fix it and tell me how many quarters had a fall after a fall.",
        cell=(
            "count = 0\n"
            "for i in range(len(gdp)):\n"
            "    if gdp[i] < gdp[i - 1] < gdp[i - 2]:\n"
            "        count += 1\n"
            "print(count)"
        ),
        namespace=_quarters,
        check=number(_recessions),
        reference=(
            "count = 0\n"
            "for i in range(2, len(gdp)):\n"
            "    if gdp[i] < gdp[i - 1] < gdp[i - 2]:\n"
            "        count += 1\n"
            "print(count)"
        ),
        split="dev",
    ),
)


def _kept() -> tuple[int, int]:
    counts = data_sets.airports()["state"].value_counts()
    return len(counts[counts >= 10]), int(counts[counts >= 10].sum())


def _warmest() -> tuple[int, float]:
    hottest = data_sets.weather().sort_values("temp_max").iloc[-1]
    return int(hottest["date"].year), float(hottest["temp_max"])


def _lowest_median() -> str:
    days = data_sets.weather()
    return str(days.groupby(days["date"].dt.year)["temp_max"].median().idxmin())
