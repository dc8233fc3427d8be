"""Explanations: something about the data is odd, and the answer names the cause."""

from __future__ import annotations

from codeact_jupyter.evaluation.task import Namespace, Task

from .. import data_sets
from ..checkers.answers import names, number, numbers, says_all


def _low_mean() -> Namespace:
    import pandas as pd

    sea = data_sets.sea()
    sea.loc[[11, 29, 44], "AUG"] = -99.9
    months = [name for name in sea.columns if name != "YEAR"]
    return {"pd": pd, "temps": sea, "months": months, "mean": sea[months].mean()}


def _too_many_rows() -> Namespace:
    import pandas as pd

    regions = pd.DataFrame(
        {
            "island": ["Biscoe", "Dream", "Torgersen", "Dream"],
            "region": ["north", "middle", "south", "Middle"],
        }
    )
    birds = data_sets.penguins()
    return {"pd": pd, "penguins": birds, "regions": regions, "merged": birds.merge(regions, on="island")}


def _text_column() -> Namespace:
    import pandas as pd

    table = data_sets.cars()
    power = [f"{value:.0f}" if value == value else "unknown" for value in table["Horsepower"]]
    return {"pd": pd, "cars": table.assign(Horsepower=power), "old": table.head(3)}


def _counted_twice() -> Namespace:
    import pandas as pd

    days = data_sets.weather().query("date.dt.year == 2013")
    again = days[days["date"].dt.month == 4]
    rain = pd.concat([days, again]).sort_values("date", ignore_index=True)
    return {"pd": pd, "rain": rain[["date", "precipitation"]], "report": round(days["precipitation"].sum(), 1)}


def _leak() -> Namespace:
    import pandas as pd

    table = data_sets.wine()
    shelf = [f"{'CAB'[code]}{(i * 7) % 30 + 10}" for i, code in enumerate(table["cultivar"])]
    cellar = [(i * 5) % 4 + 1 for i in range(len(table))]
    return {"pd": pd, "df": table.assign(shelf=shelf, cellar=cellar), "accuracy": 1.0}


def _reversal() -> Namespace:
    import pandas as pd

    birds = data_sets.penguins().dropna()
    return {"pd": pd, "birds": birds, "r": birds["bill_length_mm"].corr(birds["bill_depth_mm"])}


def _other_unit() -> Namespace:
    import pandas as pd

    firms = data_sets.firms()[["firm", "year", "value"]]
    firms.loc[firms["firm"] == "Westinghouse", "value"] *= 1000
    return {"pd": pd, "df": firms, "unit": "million dollars"}


def _outlier() -> Namespace:
    import pandas as pd

    flow = data_sets.nile().set_index("year")["volume"]
    flow[1922] = flow[1922] * 10
    return {"pd": pd, "flow": flow, "years": list(flow.index)}


MONTHLY = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
FIRMS = ["General Motors", "US Steel", "General Electric", "Chrysler", "Atlantic Refining", "IBM", "Union Oil"]
FIRMS += ["Westinghouse", "Goodyear", "Diamond Match", "American Steel"]

TASKS = (
    Task(
        name="month-with-impossible-values",
        domain="explaining",
        prompt=(
            "The mean of one of the months in temps is far too low. Which month is it, and what value is in there "
            "instead of a temperature? The month as in temps, then the value."
        ),
        namespace=_low_mean,
        check=says_all(names(lambda: "AUG", lambda: MONTHLY), number(lambda: -99.9)),
        reference="low = temps[months].min()\nprint(low.idxmin(), low.min())",
        split="dev",
    ),
    Task(
        name="rows-that-multiply",
        domain="explaining",
        prompt=(
            "merged is penguins merged with regions on island, but it has more rows than penguins. "
            "Which island causes that?"
        ),
        namespace=_too_many_rows,
        check=names(lambda: "Dream", lambda: ["Biscoe", "Dream", "Torgersen"]),
        reference='print(regions.loc[regions["island"].duplicated(), "island"].iloc[0])',
        split="test",
    ),
    Task(
        name="why-it-is-text",
        domain="explaining",
        prompt=(
            "cars['Horsepower'] is text, so I can't take its mean. Which entry makes it so, and in how many rows? "
            "Entry, then count."
        ),
        namespace=_text_column,
        check=says_all(
            names(lambda: "unknown", lambda: ["unknown"]), number(lambda: data_sets.cars()["Horsepower"].isna().sum())
        ),
        reference=(
            'power = pd.to_numeric(cars["Horsepower"], errors="coerce")\n'
            'odd = cars.loc[power.isna(), "Horsepower"]\nprint(odd.unique()[0], len(odd))'
        ),
        split="test",
    ),
    Task(
        name="month-counted-twice",
        domain="explaining",
        prompt=(
            "The precipitation in rain adds up to more than `report` says for 2013. One month is in there twice: "
            "which? English name of the month."
        ),
        namespace=_counted_twice,
        check=names(lambda: "April", lambda: data_sets.MONTHS),
        reference='print(rain.loc[rain["date"].duplicated(), "date"].dt.month_name().iloc[0])',
        split="dev",
    ),
    Task(
        name="leaking-column",
        domain="explaining",
        prompt=(
            "A model that predicts cultivar from the other columns of df is right every time, also on new rows. There "
            "must be a column that gives the cultivar away by its first letter. Which?"
        ),
        namespace=_leak,
        check=names(lambda: "shelf", lambda: [*data_sets.wine().columns.drop("cultivar"), "shelf", "cellar"]),
        reference=(
            "text = [name for name in df.columns if not pd.api.types.is_numeric_dtype(df[name])]\n"
            'print([name for name in text if df.groupby(df[name].str[0])["cultivar"].nunique().max() == 1][0])'
        ),
        split="test",
    ),
    Task(
        name="reversed-correlation",
        domain="explaining",
        prompt=(
            "In birds, bill_length_mm and bill_depth_mm correlate negatively (r). Split by one of the columns species, "
            "island, sex and year, the correlation is positive in every group. Which column is it?"
        ),
        namespace=_reversal,
        check=names(lambda: "species", lambda: ["species", "island", "sex", "year"]),
        reference=(
            'for column in ["species", "island", "sex", "year"]:\n'
            '    r = [group["bill_length_mm"].corr(group["bill_depth_mm"]) for _, group in birds.groupby(column)]\n'
            "    if min(r) > 0:\n        print(column)"
        ),
        split="dev",
    ),
    Task(
        name="firm-in-another-unit",
        domain="explaining",
        prompt="value in df should be in million dollars, but one firm is in thousands, it seems. Which firm?",
        namespace=_other_unit,
        check=names(lambda: "Westinghouse", lambda: FIRMS),
        reference='print(df.groupby("firm")["value"].median().idxmax())',
        split="dev",
    ),
    Task(
        name="misplaced-point",
        domain="explaining",
        prompt=(
            "Somebody misplaced a decimal point in one year of flow. Which year is it, and what must the value be? "
            "Year first."
        ),
        namespace=_outlier,
        check=numbers(lambda: (1922, data_sets.nile().set_index("year")["volume"][1922])),
        reference="year = flow.idxmax()\nprint(year, flow[year] / 10)",
        split="test",
    ),
)
