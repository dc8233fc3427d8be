"""Which characters of a table's text are no cells, and of what it is a slice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.outputs.tables import located, shown_table
from codeact_jupyter.session.event_json import from_json, to_json
from codeact_jupyter.session.messages import Observation
from codeact_jupyter.session.tables import Table, is_selection, values_of

CREW = pd.DataFrame({"name": ["Ada", "Bo", "Cem"], "age": [31, 24, 58], "wage": [3115.5, 2412.0, 5829.0]})
MANY = pd.DataFrame({"day": range(300), "flow": [day * 1.5 for day in range(300)]})


def read(obj: Any, text: str = "", *, sliced: bool = False, **namespace: Any) -> tuple[list[tuple[str, str]], Table]:
    """The margins of a rendering with their kinds, and the table."""
    text = text or str(obj)
    shown = shown_table(obj, lambda: text, namespace, sliced=sliced)
    assert shown
    ((start, end, margins, rows, of, name),) = located([shown], f"before\n{text}\nbehind")
    table = Table(start - 7, end - 7, tuple((a - 7, b - 7, kind) for a, b, kind in margins), rows, of, name)
    return [(text[a:b], kind) for a, b, kind in table.margins if text[a:b].strip()], table


def kept(obj: Any, text: str = "", **namespace: Any) -> str:
    text = text or str(obj)
    table = read(obj, text, **namespace)[1]
    margins = tuple((start, end, "type" if kind == "length" else kind) for start, end, kind in table.margins)
    return " ".join(values_of(text, [replace(table, margins=margins)]).split())


def test_row_numbers_types_and_lengths_of_pandas_are_no_values() -> None:
    assert kept(CREW["age"]) == "31 24 58 age"
    assert kept(CREW) == "name age wage Ada 31 3115.5 Bo 24 2412.0 Cem 58 5829.0"
    assert "300" not in kept(MANY) and "299" in kept(MANY), "the day 299 is a value"
    assert read(MANY)[0][-1] == ("[300 rows x 2 columns]", "length")


def test_labels_that_are_data_stay_values() -> None:
    by_year = pd.Series([5, 7], index=[2019, 2020])
    assert kept(by_year) == "2019 5 2020 7"
    assert kept(CREW.groupby("age")["wage"].sum()) == "age 24 2412.0 31 3115.5 58 5829.0 wage"
    assert kept(CREW["name"].value_counts()) == "name Ada 1 Bo 1 Cem 1 count"
    assert kept(CREW.set_index("name")) == "age wage name Ada 31 3115.5 Bo 24 2412.0 Cem 58 5829.0"


def test_the_row_numbers_of_a_selection_are_known_from_the_table_that_it_came_from() -> None:
    chosen = CREW[CREW["age"] > 25]
    assert kept(chosen, crew=CREW) == "name age wage Ada 31 3115.5 Cem 58 5829.0"
    assert kept(chosen) == "name age wage 0 Ada 31 3115.5 2 Cem 58 5829.0"
    assert kept(CREW["age"].sort_values(), crew=CREW) == "24 31 58 age"


ROWS = 75  # more than are shown
INDEXES = {
    "numbers": pd.Index([place * 37 % ROWS * 7 for place in range(ROWS)]),
    "years": pd.Index(range(2000, 2000 + ROWS), name="year"),
    "text": pd.Index([f"name {place * 37 % ROWS}" for place in range(ROWS)]),
    "some missing": pd.Index([None, *map(str, range(1, ROWS))]),
    "halves": pd.Index([place / 2 for place in range(ROWS)]),
    "days": pd.date_range("2021-03-01", periods=ROWS),
    "hours": pd.date_range("2021-03-01 12:30", periods=ROWS, freq="7h", tz="UTC"),
    "months": pd.period_range("2001-01", periods=ROWS, freq="M"),
    "spans": pd.to_timedelta(range(ROWS), unit="h"),
    "groups": pd.CategoricalIndex(["a b", "c", "d"] * (ROWS // 3)),
    "two levels": pd.MultiIndex.from_arrays(
        [[p // 3 for p in range(ROWS)], [f"x{p}" for p in range(ROWS)]], names=["g", "h"]
    ),
}
LAYOUTS = {
    "long": lambda index: pd.DataFrame({"aa": range(ROWS), "a long name": [p / 7 for p in range(ROWS)]}, index=index),
    "wide": lambda index: pd.DataFrame(np.arange(30 * ROWS).reshape(ROWS, 30) / 7, index=index).add_prefix("column_"),
    "years": lambda index: pd.DataFrame(np.ones((ROWS, 3)), index=index, columns=[2019, 2020, 21]).rename_axis(
        columns="y"
    ),
    "levels": lambda index: pd.DataFrame(
        np.ones((ROWS, 4)), index=index, columns=pd.MultiIndex.from_product([["a", "b"], [1, 20]])
    ),
    "numbered": lambda index: pd.DataFrame(np.ones((ROWS, 24)) * 12345.5, index=index),
    "series": lambda index: pd.Series([p / 7 for p in range(ROWS)], index=index, name="value"),
    "short": lambda index: pd.Series(range(3), index=index[:3]),
}


@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_labels_are_found_in_every_layout(index: str, layout: str) -> None:
    table = LAYOUTS[layout](INDEXES[index])
    shown = shown_table(table, lambda: str(table), {})
    assert shown
    labels = {
        str(each)
        for axis in table.axes
        for level in range(axis.nlevels)
        for each in [*axis.get_level_values(level).astype(str), *axis.names]
    }
    found = [shown.text[start:end] for start, end, kind in shown.margins if kind in ("row", "column", "position")]
    assert len(found) >= shown.rows
    assert set(found) <= labels | {"NaN", str(getattr(table, "name", ""))}


@pytest.mark.parametrize(
    "table", [CREW.iloc[:0], CREW.assign(note=["x\ny", None, 1.5]), CREW.rename(columns=lambda _: "x")]
)
def test_a_table_of_an_odd_kind_is_read_or_left_alone(table: Any) -> None:
    shown = shown_table(table, lambda: str(table), {})
    assert shown is None or all(shown.text[start:end].strip() for start, end, _ in shown.margins)


def test_headings_types_and_shapes_of_polars_are_known() -> None:
    fleet = pl.DataFrame({"ship": ["Ada", "Bo"], "tons of 1000": [64, 32]})
    margins, table = read(fleet)
    assert [each for each in margins if each[1] == "column"] == [("ship", "column"), ("tons of 1000", "column")]
    assert "i64" not in kept(fleet) and "shape" not in kept(fleet) and "32" in kept(fleet)
    assert (table.rows, table.of) == (2, 2)
    assert kept(fleet["tons of 1000"]) == "[ 64 32 ]"


def test_a_condition_counts_what_is_true_and_nothing_else() -> None:
    assert kept(CREW["age"] > 30) == "True True age"
    assert kept(pl.Series("a", [True, False])) == "[ true ]"
    assert kept(np.array([True, False, True])) == "[ True True]"


def test_types_and_shapes_behind_arrays_and_indexes_are_no_values() -> None:
    small = np.array([1.5, 2.5], dtype="float32")
    assert kept(small, repr(small)) == "array([1.5, 2.5]"
    assert kept(np.float64(1.5), repr(np.float64(1.5))) == "1.5"
    assert kept(CREW.columns, repr(CREW.columns)).startswith("Index(['name', 'age', 'wage']")
    assert kept(CREW.index, repr(CREW.index)) == ""


@pytest.mark.parametrize(
    ("part", "rows"),
    [
        (lambda t: t["crew"].head(2), 2),
        (lambda t: t["crew"].tail(1), 1),
        (lambda t: t["crew"][["age"]].head(2), 2),
        (lambda t: t["crew"]["wage"].head(2), 2),
        (lambda t: t["crew"]["name"].head(2), 2),
        (lambda t: t["crew"].iloc[1:], 2),
        (lambda t: t["fleet"].head(2), 2),
        (lambda t: t["fleet"]["tons"][:2], 2),
        (lambda t: t["depths"][:2], 2),
        (lambda t: t["logs"][:1], 1),
    ],
)
def test_a_slice_knows_how_many_rows_it_hides(part: Any, rows: int) -> None:
    live = {
        "crew": CREW.copy(),
        "fleet": pl.DataFrame({"ship": ["Ada", "Bo", "Cem"], "tons": [1, 2, 3]}),
        "tons": pl.Series("tons", [4, 5, 6]),
        "depths": np.array([1.5, 2.5, 3.5]),
        "logs": [{"a": 1}, {"a": 2}, {"a": 3}],
    }
    live["tons"] = live["fleet"]["tons"]
    _, table = read(part(live), sliced=True, **live)
    assert (table.rows, table.of) == (rows, 3)
    assert table.note == f"{rows} of 3 rows of `{table.name}` are shown."


@pytest.mark.parametrize(
    "selected",
    [
        lambda t: t[t["age"] > 30],
        lambda t: t[t["name"] < "Bz"],
        lambda t: t.nlargest(2, "age"),
        lambda t: t.sort_values("age").head(2),
        lambda t: t.groupby("name").sum().head(2),
        lambda t: t.query("age < 40"),
        lambda t: t.copy(),
        lambda t: t["age"].drop_duplicates(),
    ],
)
def test_a_selection_is_no_slice(selected: Any) -> None:
    crew = CREW.copy()
    _, table = read(selected(crew), crew=crew)
    assert table.note == ""


def test_the_rows_of_a_selection_may_be_counted_and_those_of_a_whole_table_are_its_length() -> None:
    for shown, counted in ((CREW, False), (CREW[CREW["age"] > 25], True), (CREW["name"].value_counts(), True)):
        text = str(shown)
        table = read(shown, text, crew=CREW)[1]
        assert is_selection(table, text) is counted
        assert bool(values_of(text, [table], lengths=False).split()) is counted


def test_what_is_cut_out_of_an_observation_is_counted_as_hidden() -> None:
    shown = shown_table(MANY.head(60), lambda: str(MANY.head(60)), {})
    assert shown
    lines = shown.text.splitlines()
    ((_, _, _, rows, of, _),) = located([shown], "\n".join([*lines[:11], "… [9 characters left out] …", *lines[-5:]]))
    assert (rows, of) == (15, 60)


def test_objects_whose_rendering_runs_code_are_left_alone() -> None:
    class Loud:
        count = 0

        def __repr__(self) -> str:
            Loud.count += 1
            return "7"

    frame = pd.DataFrame({"a": [Loud(), Loud()]})
    text = str(frame)
    before = Loud.count
    assert shown_table(frame, lambda: text, {}) is None
    assert Loud.count == before
    assert shown_table(Loud(), lambda: text, {}) is None


def test_tables_come_back_from_the_journal() -> None:
    seen = Observation("p", "text", True, 0.1, "", (Table(0, 4, ((0, 1, "position"),), 5, 10, "df"),))
    assert from_json(to_json(seen)) == seen
    assert "tables" not in to_json(Observation("p", "text", True))
