"""Questions that state the form of the answer: a template, the value only, decimals, JSON, a list, yes or no."""

from __future__ import annotations

from codeact_jupyter.evaluation.task import Namespace, Task

from ..checkers.answers import names, says_all
from ..checkers.claims import labelled, quantities, yes
from ..checkers.forms import NUMBER, bare_name, bare_number, json_object, python_list, rounded, written_as
from . import made
from .single import live

_sales = live(sales=made.orders, regions=lambda: list(made.REGIONS), year=lambda: 2023)


def _stock() -> Namespace:
    import pandas as pd

    table = made.orders().rename(columns={"product": "item"})
    return {"pd": pd, "df": table, "prices": pd.Series({"lamp": 49.9, "rug": 80.0}, name="list price")}


def _mean_north() -> float:
    table = made.orders()
    return float(table.loc[table["region"] == "North", "price"].mean())


def _units(region: str) -> float:
    table = made.orders()
    return float(table.loc[table["region"] == region, "units"].sum())


def _top_region() -> str:
    return str(made.orders().groupby("region")["units"].sum().idxmax())


def _large() -> float:
    return float((made.orders()["units"] > 15).sum())


def _top_item() -> str:
    table = made.orders()
    return str((table["units"] * table["price"]).groupby(table["product"]).sum().idxmax())


def _per_region() -> dict[str, float]:
    counts = made.orders()["region"].value_counts()
    return {region: int(counts[region]) for region in made.REGIONS}


def _mean_west() -> float:
    table = made.orders()
    revenue = (table["units"] * table["price"])[table["region"] == "West"]
    return float(revenue.mean())


def _seldom() -> list[str]:
    counts = made.orders()["product"].value_counts()
    return sorted(counts[counts < 85].index)


def _desks_lead() -> bool:
    units = made.orders().groupby("product")["units"].sum()
    return bool(units["desk"] > units["rug"])


TASKS = (
    Task(
        name="mean-in-a-template",
        domain="forms",
        prompt=(
            "What is the mean price of the orders from North, rounded to two decimals? "
            "Answer exactly in the form @mean_price[value]"
        ),
        namespace=_sales,
        check=quantities(_mean_north),
        form=written_as(r"@mean_price\[-?\d+\.\d\d\]", "@mean_price[value] with two decimals"),
        reference="print(f\"@mean_price[{sales.loc[sales['region'] == 'North', 'price'].mean():.2f}]\")",
        split="dev",
    ),
    Task(
        name="two-values-in-a-template",
        domain="forms",
        prompt=(
            "Which region ordered the most units, and how many? "
            "Answer exactly in the form @region[name] @units[number], nothing else."
        ),
        namespace=_sales,
        check=says_all(names(_top_region, lambda: made.REGIONS), quantities(lambda: _units(_top_region()), decimals=0)),
        form=written_as(rf"@region\[\w+\] @units\[{NUMBER}\]", "@region[name] @units[number]"),
        reference=(
            'units = sales.groupby("region")["units"].sum()\nprint(f"@region[{units.idxmax()}] @units[{units.max()}]")'
        ),
        split="test",
    ),
    Task(
        name="the-number-only",
        domain="forms",
        prompt="How many orders are for more than 15 units? Reply with the number only.",
        namespace=_sales,
        check=quantities(_large, decimals=0, beside=(15,)),
        form=bare_number(0),
        reference='print((sales["units"] > 15).sum())',
        split="dev",
    ),
    Task(
        name="the-name-only",
        domain="forms",
        prompt="Which item brought in the most money (units times price)? Give me its name and nothing else.",
        namespace=_stock,
        check=names(_top_item, lambda: made.PRODUCTS),
        form=bare_name(lambda: made.PRODUCTS),
        reference='print((df["units"] * df["price"]).groupby(df["item"]).sum().idxmax())',
        split="test",
    ),
    Task(
        name="json-of-regions",
        domain="forms",
        prompt=(
            "How many orders came from each region? Reply with JSON only: one object whose keys are the regions and "
            "whose values are the numbers of orders."
        ),
        namespace=_sales,
        check=labelled(_per_region),
        form=json_object(lambda: made.REGIONS),
        reference='import json\nprint(json.dumps({k: int(v) for k, v in sales["region"].value_counts().items()}))',
        split="dev",
    ),
    Task(
        name="three-decimals",
        domain="forms",
        prompt="What is the mean revenue (units times price) of an order from West? Give exactly three decimals.",
        namespace=_stock,
        check=quantities(_mean_west),
        form=rounded(3),
        reference="print(f\"{(df['units'] * df['price'])[df['region'] == 'West'].mean():.3f}\")",
        split="test",
    ),
    Task(
        name="list-of-items",
        domain="forms",
        prompt=(
            "Which items were ordered fewer than 85 times? Answer with a Python list of their names in alphabetical "
            "order, such as ['a', 'b'], and no other text."
        ),
        namespace=_stock,
        check=names(_seldom, lambda: made.PRODUCTS, ordered=True),
        form=python_list(),
        reference='counts = df["item"].value_counts()\nprint(sorted(counts[counts < 85].index))',
        split="dev",
    ),
    Task(
        name="yes-or-no",
        domain="forms",
        prompt="Were more desks than rugs sold, by units? Answer with yes or no only.",
        namespace=_sales,
        check=yes(_desks_lead),
        form=written_as("yes|no", "yes or no only"),
        reference=(
            'units = sales.groupby("product")["units"].sum()\nprint("yes" if units["desk"] > units["rug"] else "no")'
        ),
        split="test",
    ),
)
