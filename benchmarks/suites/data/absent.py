"""Questions about what is not there: filters that match nothing, and gaps that make a result NaN."""

from __future__ import annotations

import math
from typing import Any

from codeact_jupyter.evaluation.task import Namespace, Task

from ..checkers.answers import says_all
from ..checkers.claims import labelled, nothing, quantities
from ..checkers.forms import rounded
from . import made
from .single import live

CITIES = ["Lyon", "Porto", "Graz", "Bergen", "Madrid"]


_parcels = live(parcels=made.parcels, cities=lambda: list(CITIES))


_weights = live(df=lambda: made.parcels().drop(columns="damaged"), limit_kg=lambda: 40)


def _plants() -> Namespace:
    import numpy as np

    table = made.growth()
    return {"np": np, "light": table["light"].to_numpy(), "height": table["height"].to_numpy(), "beds": 2}


def _beds() -> Namespace:
    import numpy as np
    import pandas as pd

    table = made.growth()
    groups = {f"bed_{name}": part["height"].to_numpy() for name, part in table.groupby("bed")}
    return {"pd": pd, "np": np, **groups}


def _basket() -> Namespace:
    import pandas as pd

    table = made.orders().head(80)[["order", "units", "price"]]
    table.loc[table.index % 11 == 4, "price"] = math.nan
    table["units"] = table["units"].where(table.index % 13 != 6)
    return {"pd": pd, "basket": table}


def _known() -> Any:
    return made.growth().dropna()


def _correlation() -> float:
    known = _known()
    return float(known["light"].corr(known["height"]))


def _welch() -> float:
    from scipy import stats

    table = made.growth().dropna(subset=["height"])
    beds = [table.loc[table["bed"] == name, "height"] for name in "ba"]
    return float(stats.ttest_ind(*beds, equal_var=False).statistic)


def _weighted() -> float:
    known = _basket()["basket"].dropna()
    return float((known["units"] * known["price"]).sum() / known["units"].sum())


def _damaged() -> dict[str, float]:
    table = made.parcels()
    counts = table.loc[table["damaged"], "day"].dt.year.value_counts()
    return {str(year): int(counts.get(year, 0)) for year in (2023, 2024)}


TASKS = (
    Task(
        name="heavier-than-all",
        domain="empty-filters",
        prompt="How many parcels weigh more than 40 kg?",
        namespace=_weights,
        check=nothing(beside=(40,), among=lambda: CITIES, counted=True),
        reference='print((df["weight_kg"] > 40).sum())',
        split="dev",
    ),
    Task(
        name="nobody-and-the-most",
        domain="empty-filters",
        prompt="Which drivers carried a parcel of more than 45 kg, and how many kg does the heaviest parcel weigh?",
        namespace=_weights,
        check=says_all(
            nothing(beside=(45, 38.7), among=lambda: made.DRIVERS),
            quantities(lambda: float(made.parcels()["weight_kg"].max()), decimals=1, beside=(0, 45)),
        ),
        reference=(
            'found = sorted(set(df.loc[df["weight_kg"] > 45, "driver"]))\n'
            'print(", ".join(found) or "none", df["weight_kg"].max())'
        ),
        split="test",
    ),
    Task(
        name="mean-of-nothing",
        domain="empty-filters",
        prompt="What is the mean weight of the parcels to Madrid?",
        namespace=_parcels,
        check=nothing(),
        reference=(
            'found = parcels.loc[parcels["city"] == "Madrid", "weight_kg"]\n'
            'print("There are no parcels to Madrid." if found.empty else found.mean())'
        ),
        split="dev",
    ),
    Task(
        name="damaged-by-year",
        domain="empty-filters",
        prompt="How many parcels were damaged in 2023, and how many in 2024?",
        namespace=_parcels,
        check=labelled(_damaged),
        reference=(
            'for year in (2023, 2024):\n    print(year, (parcels["damaged"] & (parcels["day"].dt.year == year)).sum())'
        ),
        split="test",
    ),
    Task(
        name="correlation-over-gaps",
        domain="gaps",
        prompt="How strongly are `light` and `height` correlated (Pearson)? Two decimals.",
        namespace=_plants,
        check=quantities(_correlation),
        form=rounded(2),
        reference=(
            "known = ~(np.isnan(light) | np.isnan(height))\n"
            'print(f"{np.corrcoef(light[known], height[known])[0, 1]:.2f}")'
        ),
        split="dev",
    ),
    Task(
        name="mean-of-what-was-measured",
        domain="gaps",
        prompt="What is the mean of `height`, of the plants that were measured?",
        namespace=_plants,
        check=quantities(lambda: float(made.growth()["height"].mean())),
        reference="print(np.nanmean(height))",
        split="test",
    ),
    Task(
        name="welch-over-gaps",
        domain="gaps",
        prompt="What is the t statistic of Welch's test of bed_b against bed_a? Round it to two decimals.",
        namespace=_beds,
        check=quantities(_welch),
        form=rounded(2),
        reference=(
            "from scipy import stats\n"
            "b, a = (bed[~np.isnan(bed)] for bed in (bed_b, bed_a))\n"
            'print(f"{stats.ttest_ind(b, a, equal_var=False).statistic:.2f}")'
        ),
        split="dev",
    ),
    Task(
        name="weighted-over-gaps",
        domain="gaps",
        prompt=(
            "What is the mean price in `basket`, weighted by units? Leave out rows that lack either. Two decimals."
        ),
        namespace=_basket,
        check=quantities(_weighted),
        form=rounded(2),
        reference=(
            "known = basket.dropna()\nprint(f\"{(known['units'] * known['price']).sum() / known['units'].sum():.2f}\")"
        ),
        split="test",
    ),
)
