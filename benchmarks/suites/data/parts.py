"""Several questions in one, and questions that need no data: about code, about what was said, about the world."""

from __future__ import annotations

from codeact_jupyter.evaluation.task import Namespace, Task

from ..checkers.answers import dates, names, says_all
from ..checkers.claims import quantities
from ..checkers.forms import written_as
from . import made

METHODS = ["drop_duplicates", "duplicated", "dropna", "unique", "nunique", "drop", "groupby", "set"]
PLANETS = ["Mercury", "Venus", "Earth", "Mars", "Jupiter", "Saturn", "Uranus", "Neptune"]


def _orders() -> Namespace:
    import pandas as pd

    return {"pd": pd, "orders": made.orders(), "target": 5000}


def _unrelated() -> Namespace:
    import pandas as pd

    return {"pd": pd, "readings": made.growth().head(20), "budget": 4}


def _north() -> tuple[float, float]:
    table = made.orders()
    own = table[table["region"] == "North"]
    return float(len(own)), float(own["price"].mean())


def _extremes() -> tuple[float, float]:
    price = made.orders()["price"]
    return float(price.min()), float(price.max())


def _halves() -> tuple[float, float, float]:
    table = made.orders()
    first = float(table.loc[table["day"].dt.month <= 6, "units"].sum())
    second = float(table.loc[table["day"].dt.month > 6, "units"].sum())
    return first, second, (1 - second / first) * 100


def _fewest() -> str:
    return str(made.orders()["region"].value_counts().idxmin())


def _fewest_count() -> float:
    return float(made.orders()["region"].value_counts().min())


TASKS = (
    Task(
        name="three-about-north",
        domain="several-parts",
        prompt=(
            "How many orders came from North, what was their mean price (two decimals), and which product did they "
            "name most often?"
        ),
        namespace=_orders,
        check=says_all(
            quantities(lambda: _north()[0], lambda: _north()[1]),
            names(
                lambda: str(made.orders().query("region == 'North'")["product"].value_counts().idxmax()),
                lambda: made.PRODUCTS,
            ),
        ),
        reference=(
            'own = orders[orders["region"] == "North"]\n'
            'print(len(own), f"{own[\'price\'].mean():.2f}", own["product"].value_counts().idxmax())'
        ),
        split="dev",
    ),
    Task(
        name="cheapest-dearest-and-when",
        domain="several-parts",
        prompt="What are the lowest and the highest price, and on which day was the highest paid (as 2023-01-31)?",
        namespace=_orders,
        check=says_all(
            quantities(lambda: _extremes()[0], lambda: _extremes()[1]),
            dates(lambda: [made.orders().nlargest(1, "price")["day"].iloc[0]]),
        ),
        reference=(
            'print(orders["price"].min(), orders["price"].max(), '
            'orders.loc[orders["price"].idxmax(), "day"].strftime("%Y-%m-%d"))'
        ),
        split="test",
    ),
    Task(
        name="two-halves-and-the-change",
        domain="several-parts",
        prompt=(
            "How many units were ordered in the first half of 2023, how many in the second, and how many percent less "
            "is that (two decimals)?"
        ),
        namespace=_orders,
        check=quantities(lambda: _halves()[0], lambda: _halves()[1], lambda: _halves()[2], beside=(2023,)),
        reference=(
            'first = orders.loc[orders["day"].dt.month <= 6, "units"].sum()\n'
            'second = orders["units"].sum() - first\n'
            'print(first, second, f"{(1 - second / first) * 100:.2f}")'
        ),
        split="dev",
    ),
    Task(
        name="region-count-and-share",
        domain="several-parts",
        prompt=(
            "Which region has the fewest orders, how many are they, and what percentage of all orders (two decimals)?"
        ),
        namespace=_orders,
        check=says_all(
            names(_fewest, lambda: made.REGIONS),
            quantities(_fewest_count, lambda: _fewest_count() / 4.2, beside=(420,)),
        ),
        reference=(
            'counts = orders["region"].value_counts()\n'
            'print(counts.idxmin(), counts.min(), f"{counts.min() / len(orders) * 100:.2f}")'
        ),
        split="test",
    ),
    Task(
        name="what-is-left",
        domain="without-data",
        prompt="We agreed on 4,200 euros for the fair, and 1,350 euros of it are spent. How much is left?",
        namespace=_unrelated,
        check=quantities(lambda: 2850, decimals=0, beside=(4200, 1350)),
        reference="print(4200 - 1350)",
        split="dev",
    ),
    Task(
        name="nearest-planet",
        domain="without-data",
        prompt="Which planet is closest to the sun?",
        namespace=_unrelated,
        check=names("Mercury".__str__, lambda: PLANETS),
        reference='print("Mercury")',
        split="test",
    ),
    Task(
        name="method-for-duplicates",
        domain="without-data",
        prompt="Which method of a pandas data frame returns it without its duplicate rows? Only the method's name.",
        namespace=_unrelated,
        check=names("drop_duplicates".__str__, lambda: METHODS),
        form=written_as(r"(?:df\.|DataFrame\.|\.)?drop_duplicates(?:\(\))?", "the name only"),
        reference='print("drop_duplicates")',
        split="dev",
    ),
    Task(
        name="what-the-line-computes",
        domain="without-data",
        prompt=(
            "My code says `middle = sorted(values)[len(values) // 2]`, and there is an odd number of values. "
            "Is that their mean, their median or their mode?"
        ),
        namespace=_unrelated,
        check=names("median".__str__, lambda: ["mean", "median", "mode"]),
        reference='print("median")',
        split="test",
    ),
)
