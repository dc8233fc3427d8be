"""Aggregates and shapes: summaries, wide and long, pivots, months, ranks, rolling means, bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, numbers, pairs, says_all
from ..checkers.frames import frame, series

if TYPE_CHECKING:
    from pandas import DataFrame, Series


def _penguins() -> Namespace:
    import pandas as pd

    return {"pd": pd, "df_old": data_sets.penguins(), "summary": None, "n": 344}


def _summary() -> DataFrame:
    mass = data_sets.penguins().groupby("species")["body_mass_g"]
    return mass.agg(["count", "mean", "max"]).set_axis(["n", "mean_mass", "max_mass"], axis=1).reset_index()


def _sea() -> Namespace:
    import pandas as pd

    return {"pd": pd, "data": data_sets.sea(), "temp": 23.4}


def _long_sea() -> DataFrame:
    return data_sets.sea().melt("YEAR", var_name="month", value_name="temp")


def _stocks() -> Namespace:
    import pandas as pd

    return {"pd": pd, "stocks": data_sets.stocks(), "wide_old": data_sets.stocks().head(3), "start": "2009-01-01"}


def _wide() -> DataFrame:
    chosen = data_sets.stocks().query("date >= '2009-01-01'")
    return chosen.pivot(index="date", columns="symbol", values="price").reset_index()


def _weather() -> Namespace:
    import pandas as pd

    def to_inches(mm: float) -> float:
        return mm / 25.4

    return {"pd": pd, "w": data_sets.weather(), "to_inches": to_inches, "monthly_target": 80}


def _inches() -> Series:
    days = data_sets.weather()
    return days.groupby(days["date"].dt.to_period("M"))["precipitation"].sum() / 25.4


def _cars() -> Namespace:
    import pandas as pd

    bins = [0, 2500, 3500, 6000]
    return {"pd": pd, "cars": data_sets.cars(), "bins": bins, "labels": ["light", "middle", "heavy"], "best": 46.6}


def _best() -> DataFrame:
    cars = data_sets.cars()
    rows = cars.groupby("Origin")["Miles_per_Gallon"].idxmax()
    return cars.loc[rows, ["Origin", "Name", "Miles_per_Gallon"]]


def _by_weight() -> dict[str, float]:
    import pandas as pd

    cars = data_sets.cars()
    size = pd.cut(cars["Weight_in_lbs"], [0, 2500, 3500, 6000], labels=["light", "middle", "heavy"])
    return dict(cars.groupby(size, observed=True)["Horsepower"].mean())


def _nile() -> Namespace:
    import pandas as pd

    flow = data_sets.nile().set_index("year")["volume"]
    return {"pd": pd, "flow": flow, "rolling": False}


def _driest_decade() -> int:
    flow = data_sets.nile().set_index("year")["volume"]
    return int(flow.rolling(10).mean().idxmin())


def _power() -> Namespace:
    import pandas as pd

    return {"pd": pd, "power": data_sets.electricity(), "sum": 48000, "sources": ["coal", "gas", "wind"]}


def _renewable_share() -> Series:
    table = data_sets.electricity().pivot(index="year", columns="source", values="net_generation")
    return table["Renewables"] / table.sum(axis=1) * 100


def _macro() -> Namespace:
    import pandas as pd

    return {"pd": pd, "macro": data_sets.macro(), "gdp": 12990.341, "growth": None}


def _growth() -> Series:
    yearly = data_sets.macro().groupby("year")["realgdp"].mean()
    return (yearly.pct_change() * 100).dropna()


TASKS = (
    Task(
        name="summary-of-species",
        domain="shaping",
        prompt=(
            "Make a data frame `summary` from df_old: one row per species, with the columns n (birds with a known "
            "body mass), mean_mass and max_mass."
        ),
        namespace=_penguins,
        check=frame("summary", _summary, sort=["species"]),
        reference=(
            'mass = df_old.groupby("species")["body_mass_g"]\n'
            'summary = mass.agg(n="count", mean_mass="mean", max_mass="max").reset_index()\nprint(summary)'
        ),
        split="dev",
    ),
    Task(
        name="islands-in-percent",
        domain="shaping",
        prompt=(
            "For the Adelie penguins in df_old: how are they spread over the islands, in percent? Two decimals each."
        ),
        namespace=_penguins,
        check=pairs(
            lambda: dict(data_sets.penguins().query("species == 'Adelie'")["island"].value_counts(normalize=True) * 100)
        ),
        reference=(
            'share = df_old[df_old["species"] == "Adelie"]["island"].value_counts(normalize=True) * 100\n'
            "print(share.round(2).to_dict())"
        ),
        split="test",
    ),
    Task(
        name="long-sea",
        domain="shaping",
        prompt="Turn data from wide to long: columns YEAR, month (JAN, FEB, ...) and temp. Store it as `tidy`.",
        namespace=_sea,
        check=frame("tidy", _long_sea, sort=["YEAR", "month"]),
        reference='tidy = data.melt("YEAR", var_name="month", value_name="temp")\nprint(tidy.shape)',
        split="test",
    ),
    Task(
        name="warmest-month-of-the-sea",
        domain="shaping",
        prompt="In data, which single year and month had the highest temperature? Year first, month as in data.",
        namespace=_sea,
        check=says_all(
            numbers(lambda: [_long_sea().nlargest(1, "temp")["YEAR"].iloc[0]]),
            names(lambda: _long_sea().nlargest(1, "temp")["month"].iloc[0], lambda: data_sets.sea().columns[1:]),
        ),
        reference='year, month = data.set_index("YEAR").stack().idxmax()\nprint(year, month)',
        split="dev",
    ),
    Task(
        name="a-column-a-symbol",
        domain="shaping",
        prompt=(
            "From stocks, take the rows from `start` on and store them as `wide`: a row per date, a column of prices "
            "per symbol."
        ),
        namespace=_stocks,
        check=frame("wide", _wide, sort=["date"]),
        reference=(
            'wide = stocks[stocks["date"] >= start].pivot(index="date", columns="symbol", values="price")\nprint(wide)'
        ),
        split="dev",
    ),
    Task(
        name="monthly-rain-in-inches",
        domain="shaping",
        prompt=(
            "precipitation in w is in mm per day. Store the total per month (each month of each year) in inches as a "
            "series `monthly`, indexed by month. There's a helper for the conversion."
        ),
        namespace=_weather,
        check=series("monthly", _inches),
        reference=(
            'monthly = w.groupby(w["date"].dt.to_period("M"))["precipitation"].sum().map(to_inches)\n'
            "print(monthly.head())"
        ),
        split="test",
    ),
    Task(
        name="best-of-each-origin",
        domain="shaping",
        prompt=(
            "For each Origin in cars, find the car with the most Miles_per_Gallon. Store Origin, Name and "
            "Miles_per_Gallon of those as `best`."
        ),
        namespace=_cars,
        check=frame("best", _best, sort=["Origin"]),
        reference=(
            'best = cars.loc[cars.groupby("Origin")["Miles_per_Gallon"].idxmax()]\n'
            'best = best[["Origin", "Name", "Miles_per_Gallon"]]\nprint(best)'
        ),
        split="test",
    ),
    Task(
        name="horsepower-by-weight",
        domain="shaping",
        prompt="Cut Weight_in_lbs of cars at `bins` with `labels`. Mean Horsepower of each class, two decimals?",
        namespace=_cars,
        check=pairs(_by_weight),
        reference=(
            'size = pd.cut(cars["Weight_in_lbs"], bins, labels=labels)\n'
            'print(cars.groupby(size, observed=True)["Horsepower"].mean().round(2).to_dict())'
        ),
        split="dev",
    ),
    Task(
        name="driest-ten-years",
        domain="shaping",
        prompt="Which ten years in a row had the lowest mean in flow (index: the year)? Give me the last of them only.",
        namespace=_nile,
        check=number(_driest_decade),
        reference="print(flow.rolling(10).mean().idxmin())",
        split="test",
    ),
    Task(
        name="renewables-past-thirty-percent",
        domain="shaping",
        prompt="In which year did Renewables first make up more than 30 % of Iowa's net_generation in power?",
        namespace=_power,
        check=number(lambda: _renewable_share()[_renewable_share() > 30].index.min()),
        reference=(
            'table = power.pivot(index="year", columns="source", values="net_generation")\n'
            'share = table["Renewables"] / table.sum(axis=1) * 100\nprint(share[share > 30].index[0])'
        ),
        split="dev",
    ),
    Task(
        name="yearly-growth",
        domain="shaping",
        prompt=(
            "Take the mean realgdp per year in macro and store the growth against the year before, in percent, as a "
            "series `growth` indexed by year, without the first year."
        ),
        namespace=_macro,
        check=series("growth", _growth),
        reference=(
            'growth = macro.groupby("year")["realgdp"].mean().pct_change().dropna() * 100\n'
            "print(growth.round(2).tail())"
        ),
        split="dev",
    ),
)
