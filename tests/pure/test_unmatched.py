"""Why a comparison for equality found few rows: the column's values hold more, or differ."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.kernel.results import INSIDE, UNMATCHED, unmatched

TAGS = ["red, tall", "tall", "red", "tall, late", "late, red"]
EMPTY = "--- output ---\nEmpty DataFrame\n--- end ---"


def live(**more: Any) -> dict[str, Any]:
    """Return tables and series of plants."""
    plants = pd.DataFrame({"tags": TAGS, "name": ["Aster (white)", "Lily", "Iris", "Mint", "Sage"]})
    return {
        "plants": plants,
        "tags": plants["tags"],
        "late": plants[plants["tags"].str.contains("late")],
        "leaves": pl.DataFrame({"tags": TAGS}),
        "marks": pl.Series(TAGS),
        "wanted": "red",
        **more,
    }


@pytest.mark.parametrize(
    "source",
    [
        "plants[plants['tags'] == 'red']",
        "plants.loc[plants.tags == wanted, 'name']",
        "plants[plants['tags'].isin([wanted])]",
        "tags[tags == 'red']",
        "(tags == wanted).sum()",
        "tags.isin(['red']).sum()",
        "marks.is_in(['red']).sum()",
        "leaves.filter(pl.col('tags') == wanted)",
        "found = plants.query('tags == \"red\"')",
        "def count(value):\n    return (plants['tags'] == wanted).sum()\ncount(1)",
    ],
)
def test_a_value_that_lists_hold_is_told_with_the_rows_that_hold_it(source: str) -> None:
    told = unmatched(source, "1", live())
    assert "equals 'red' in 1 row; it " + INSIDE + " 2 more, such as" in told


def test_a_table_that_a_step_has_filtered_is_looked_at_as_it_is() -> None:
    assert unmatched("late[late['tags'] == 'late']", EMPTY, live()).endswith("of 2 more, such as 'tall, late'.")


@pytest.mark.parametrize(
    ("source", "text", "told"),
    [
        (
            "wanted = 'lily'\nplants[plants['name'] == wanted]",
            EMPTY,
            "`plants['name']` has no 'lily'. Its values: 'Lily',",
        ),
        (
            "names = plants['name']\nnames[names == 'iris']",
            "Series([], Name: name)",
            "`names` has no 'iris'. Its values: 'Iris',",
        ),
    ],
)
def test_a_value_that_no_row_has_is_told_with_those_that_there_are(source: str, text: str, told: str) -> None:
    names = live()
    exec(source.rpartition("\n")[0], names)
    assert unmatched(source, text, names).startswith(f"{UNMATCHED} {told}")


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("tags[tags == wanted]", {"wanted": 3}),
        ("tags[tags == other]", {}),
        ("tags[tags == wanted]", {"tags": pd.Series(["red", "infrared", "red"])}),
        ("tags[tags == 'red']", {"tags": pd.Series([1, 2])}),
        ("tags[tags == 'red']", {"tags": pd.Series(["red", 2, "red, tall", "tall, red"])}),
        ("tags[tags == 'red']", {"tags": pd.Series(TAGS * 30_000)}),  # it is not read whole
        ("tags[tags == 'red']", {"tags": type("Mine", (pd.Series,), {})(TAGS)}),
    ],
)
def test_nothing_is_told_of_what_is_no_text_or_not_known(source: str, more: dict[str, Any]) -> None:
    assert unmatched(source, "1", live(**more)) == ""
