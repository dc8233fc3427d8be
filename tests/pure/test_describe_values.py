"""A table's line: what a reader of its values would notice, and that no code of a subclass runs for it."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.namespace import static_lookup, tables
from codeact_jupyter.namespace.describe import describe, examine
from codeact_jupyter.namespace.lines import LINE_CHARS, REMARKS_CHARS
from codeact_jupyter.namespace.snapshot import delta, render_context, snapshot
from codeact_jupyter.text import visible


def remarks_on(values: Any) -> str:
    """Return what is told of the values of a series."""
    return describe(pd.Series(values)).partition(": ")[2]


# --- which values ------------------------------------------------------------------------------------------------


def test_few_values_are_all_named_the_frequent_ones_first() -> None:
    assert remarks_on(["bus", "tram", "bus"] * 9) == "2 values: 'bus', 'tram'"
    assert remarks_on(["bus"] * 3) == "all 'bus'"
    assert remarks_on(pd.Categorical(["b", "a", "b"])) == "2 values: 'b', 'a'"


def test_many_values_have_examples_and_a_count() -> None:
    names = [f"{'abcdefghij'[n]} street" for n in range(10)]
    assert remarks_on(names * 3) == "e.g. 'a street', 'b street' of 10"
    assert remarks_on(["Oslo", "Rio", "New York", "San Juan"] * 2 + list("abcdef") * 2).startswith("e.g. ")


def test_examples_show_values_of_different_shapes() -> None:
    codes = [f"A{n}" for n in range(30)] + [f"{n}-B" for n in range(20)]
    assert remarks_on(codes) == "e.g. 'A0', '0-B'; all different"


def test_long_texts_are_told_by_one_shortened_example() -> None:
    text = remarks_on([f"The quick brown fox jumps over {n} lazy dogs" for n in range(9)])
    assert text == "e.g. 'The quick brown fox jumps over …'; all different"


def test_very_long_texts_are_not_compared() -> None:
    assert remarks_on(["word " * 200_000, "other " * 200_000]) == f"long texts, e.g. '{('word ' * 7)[:31]}…'"


@pytest.mark.parametrize("rows", [1000, 10_000, 100_000])
def test_a_value_in_one_row_of_many_is_told(rows: int) -> None:
    few = ["north", "south", "east", "west"] * (rows // 4)
    few[rows // 3] = "norht"
    assert "'norht' in 1 row" in remarks_on(few)
    many = [f"{'abcdefghij'[n % 10]}{'klmnop'[n % 6]}" for n in range(rows)]
    many[rows // 3] = "unknown"
    assert remarks_on(many).endswith("in few rows: 'unknown'")


def test_where_not_all_rows_are_read_the_line_says_so() -> None:
    rows = tables.CELLS + 1
    line = describe(pd.DataFrame({"city": ["Rome", "Oslo", "Bari"] * rows}))
    read = f"remarks from {3 * rows // -(-3 * rows // tables.SAMPLE):,} rows"
    assert line.startswith(f"DataFrame {3 * rows}×1 ({read}): city ") and " (3 values: " in line


@pytest.mark.parametrize("period", [2, 5, 12, 20, 24])
def test_rows_that_repeat_at_a_distance_are_all_among_those_read(period: int) -> None:
    months = [f"m{'abcdefghijklmnopqrstuvwx'[n % period]}" for n in range(12 * tables.SAMPLE)]
    shown = remarks_on(months)
    assert f"of {period}" in shown or f"{period} values" in shown


# --- missing, repeated, and of other types -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1.0, None, 3.0, 4.0], "25% missing; 1 to 4"),
        ([None, "a", np.nan, "b"], "50% missing; 2 values: 'a', 'b'"),
        (pd.array([1, None], dtype="Int64"), "50% missing; all 1"),
        (pd.to_datetime(["2024-05-01", None]), "50% missing; all 2024-05-01"),
        ([None, None], "all missing"),
        ([1.0] * 999 + [None], "1 missing; all 1"),
        (pd.Series([None, True, False], dtype="boolean"), "33% missing"),
        (pd.Series([pd.NaT, "x", pd.NA], dtype=object), "67% missing; all 'x'"),
    ],
)
def test_missing_values_are_counted(values: Any, text: str) -> None:
    assert remarks_on(values) == text


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (list(range(100, 120)), "100 to 119; all different"),
        ([*range(100, 120), 100, 101], "100 to 119; 2 repeated"),
        ([f"K-{n}" for n in range(20)] + ["K-3"], "e.g. 'K-3', 'K-0'; 1 repeated"),
        ([1, 2, 2, 1] * 9, "1 to 2"),
    ],
)
def test_repeated_values_of_an_id_are_counted(values: Any, text: str) -> None:
    assert remarks_on(values) == text


def test_values_that_are_no_text_are_counted_in_a_column_of_text() -> None:
    assert remarks_on(pd.Series(["a", "b", 3, 4], dtype=object)) == "2 not text but int; 2 values: 'a', 'b'"


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([-999.0, 12.345, 30.5], "-999 to 30.5"),
        ([1234.56, 98765.4], "1235 to 98765"),
        ([0.00012, 5e20], "0.00012 to 5e+20"),
        ([7, 7], "all 7"),
        (pd.to_datetime(["2024-01-01 00:00", "2024-12-31 08:30"]), "2024-01-01 to 2024-12-31T08:30:00"),
        (pd.to_timedelta([1, 2], unit="h"), ""),
        ([True, False], ""),
        (pd.date_range("2024-01-01", periods=2, tz="Europe/Rome"), "2024-01-01 to 2024-01-02"),
        ([np.inf, 1.0], "1 to inf"),
    ],
)
def test_numbers_and_dates_are_told_by_the_least_and_the_greatest(values: Any, text: str) -> None:
    assert remarks_on(values) == text


# --- spellings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "remark"),
    [
        (["Oslo", "oslo", "Rome"], "some differ only by case or blanks"),
        (["Oslo", "Oslo ", "Rome"], "some differ only by case or blanks"),
        (["New York", "New  York", "Rome"], "some differ only by case or blanks"),
        ([" Oslo", "Rome"], "blanks around some"),
        (["Oslo\t", "Rome"], "blanks around some"),
    ],
)
def test_case_and_blanks_are_remarked_on(values: list[str], remark: str) -> None:
    assert f"; {remark}; compare by .str.strip()" in remarks_on(values * 3)
    others = [f"{'abcdefghij'[n]} town" for n in range(10)]
    assert f"{remark}: {values[0]!r}" in remarks_on(values * 3 + others)


@pytest.mark.parametrize("values", [["Oslo", "Rome"], ["Oslo", "Olso"], ["a b", "ab"]])
def test_values_that_differ_otherwise_are_not(values: list[str]) -> None:
    assert "differ" not in remarks_on(values * 3) and "blanks" not in remarks_on(values * 3)


@pytest.mark.parametrize(
    "label", ["cafe\u0301", "A\u030angstrom", "\u1112\u1161\u11ab", "\u212b", "a\u00a0b", "x\u200b"]
)
def test_names_and_values_in_another_unicode_spelling_are_written_as_escapes(label: str) -> None:
    line = describe(pd.DataFrame({label: [label, "x", label]}))
    assert label not in line and ascii(label)[1:-1] in line
    shown = line.partition(": ")[2].split(" ")[0]
    assert eval(shown) == label


@pytest.mark.parametrize("label", ["café", "größe", "한글", "Tiếng_Việt", "קוד", "naïve", "數字"])
def test_names_in_the_usual_spelling_stay_as_they_are(label: str) -> None:
    assert describe(pd.DataFrame({label: [1]})) == f"DataFrame 1×1: {label} int64 (all 1)"


# --- notations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "remark"),
    [
        (["1.234,50", "12,00", "7,5"], "numbers as text: '1.234,50' is 1234.50"),
        (["1,234.50", "12.00", "7.5"], "numbers as text: '1,234.50' is 1234.50"),
        (["1'234.5", "12.5"], 'numbers as text: "1\'234.5" is 1234.5'),
        (["1.234.567", "1.000"], "numbers as text: '1.234.567' is 1234567"),
        (["1,234", "5,678"], "numbers as text: '5,678'"),
        (["12 %", "3.5 %"], "numbers as text: '3.5 %' is 3.5"),
        (["$1,200.50", "$3", "-"], "numbers as text: '$1,200.50' is 1200.50; except '-'"),
        (["EUR 4,20", "EUR 3,99"], "numbers as text: 'EUR 4,20' is 4.20"),
        (["12", "n/a", "13", "n/a"], "numbers as text: '13'; except 'n/a'"),
        (["3,750 g", "3.75 kg", "1,200 g"], "numbers as text in 2 notations: '3,750 g', '3.75 kg'"),
        (["-5", "+3", "−2"], "numbers as text"),
        (["00123", "04567"], "digits as text, some with leading zeros: '00123'"),
        (["12[10-14]", "9[8-11]"], "text that begins with a number: '9[8-11]'"),
        (["10-14", "8-11"], "text that begins with a number: '8-11'"),
        (["31.12.2024", "01.02.2024"], "dates as text: '31.12.2024' (day first)"),
        (["12/31/2024", "02/01/2024"], "dates as text: '12/31/2024' (month first)"),
        (["02/01/2024", "03/04/2024"], "dates as text: '03/04/2024' (day or month first?)"),
        (["2024-12-31", "2024-01-02"], "dates as text: '2024-12-31'"),
        (["2024-12-31 08:00", "2024-01-02 09:30"], "dates as text: '2024-12-31 08:00'"),
        (["3 Jan 2024", "14 Feb 2024"], "dates as text: '3 Jan 2024'"),
        (["2024-01-31", "31.01.2024", "Jan 31, 2024"], "dates as text in 3 notations: '2024-01-31', '31.01.2024', "),
        (["A, C2", "A", "C2, B", "B"], "lists, by ', ': 'A, C2'"),
        (["red|blue", "blue", "red|blue|white", "white|red"], "lists, by '|': 'red|blue'"),
    ],
)
def test_the_notation_of_text_is_told(values: list[str], remark: str) -> None:
    others = [f"{value} " for value in values] + [f" {value} " for value in values] + [f"  {value}" for value in values]
    assert remarks_on(values + others).startswith(remark)


@pytest.mark.parametrize(
    "values",
    [
        ["Rome", "Oslo", "Bari"],
        ["Mary Smith", "John May", "Jan Novak"],
        ["Portland, OR", "Salem, OR", "Austin, TX", "Boise, ID"],
        ["1.2.3", "1.10.0", "2.0.1"],
        ["192.168.0.1", "10.0.0.7"],
        ["00M", "00R", "JFK", "01G", "LAX"],
        ["A1", "B7", "C3"],
        ["k1", "k2"],
        ["", " "],
        ["a/b", "c"],
    ],
)
def test_other_text_is_not_taken_for_numbers_dates_or_lists(values: list[str]) -> None:
    shown = remarks_on(values)
    assert not any(word in shown for word in ("numbers", "dates", "lists", "digits"))


def test_a_named_column_keeps_its_notation_without_a_second_example() -> None:
    assert remarks_on(["31.12.2024", "01.02.2024"] * 4) == (
        "dates as text (day first); 2 values: '01.02.2024', '31.12.2024'; read by pd.to_datetime(…, dayfirst=True)"
    )
    assert remarks_on(["1,5", "2,5"] * 4) == (
        "numbers as text: '2,5' is 2.5; 2 values: '1,5', '2,5'; read by .str.replace(\",\", \".\").astype(float)"
    )


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["1.234,50", "12,00", "-7,5", None], [1234.5, 12, -7.5, np.nan]),
        (["1,234.50", "12.00", "7"], [1234.5, 12, 7]),
        (["1.234.567", "1.000"], [1234567, 1000]),
        (["1'234.5", "12.5"], [1234.5, 12.5]),
        (["12 %", "3.5%", " 4 %"], [12, 3.5, 4]),
        (["$1,200.50", "$3", "-"], [1200.5, 3, np.nan]),
        (["EUR 4,20", "EUR 3,99"], [4.2, 3.99]),
        (["45,3 %", "n/a", "61,25 %"], [45.3, np.nan, 61.25]),
        (["12", "13", "-4"], [12, 13, -4]),
        (["12[10-14]", "9.5[8-11]"], [12, 9.5]),
    ],
)
def test_the_calls_that_are_told_read_the_numbers(values: list[str | None], numbers: list[float]) -> None:
    calls = remarks_on(values).partition("read by ")[2].partition("; ")[0]
    read = eval(f"column{calls}", {"column": pd.Series(values), "pd": pd})
    np.testing.assert_allclose(read.to_numpy(), numbers)


@pytest.mark.parametrize(
    "values",
    [
        ["31.12.2024", "01.02.2024"],
        ["31/12/2024", "01/02/2024", "unknown"],
        ["2024-12-31", "2024-02-01"],
        ["12/31/2024", "02/01/2024"],
        ["2024-12-31", "01.02.2024", "31 Dec 2024"],
    ],
)
def test_the_call_that_is_told_reads_the_dates(values: list[str]) -> None:
    call = remarks_on(values).partition("read by ")[2].partition("; ")[0]
    read = eval(call.replace("…", "column"), {"column": pd.Series(values), "pd": pd})
    assert read[0] == pd.Timestamp("2024-12-31")


@pytest.mark.parametrize(
    "values", [["1,234", "5,678"], ["12,5[10-14]", "9,5[8-11]"], ["3,750 g", "3.75 kg"], ["00123", "0456"]]
)
def test_no_calls_are_told_where_the_notation_is_not_clear(values: list[str]) -> None:
    assert "read by" not in remarks_on(values)


def test_the_calls_that_are_told_split_lists_and_unify_spellings() -> None:
    lists = pd.Series(["A, C2", "A", "C2, B", "B"])
    assert ".str.split(', ').explode()" in remarks_on(lists)
    assert lists.str.split(", ").explode().value_counts().to_dict() == {"A": 2, "C2": 2, "B": 2}


@given(st.lists(st.text() | st.none() | st.integers() | st.floats(), max_size=30))
def test_any_column_gives_one_visible_line(values: list[Any]) -> None:
    line = describe(pd.DataFrame({"x": pd.Series(values, dtype=object)}))
    assert line == visible(line) and "\n" not in line and len(line) < LINE_CHARS + REMARKS_CHARS
    assert line.startswith(f"DataFrame {len(values)}×1: x object")


# --- labels ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "texts"),
    [
        (pd.period_range("2024Q3", periods=2, freq="Q"), ["columns PeriodIndex", "'2024Q3' int64", "'2024Q4' int64"]),
        (pd.period_range("2024-01", periods=2, freq="M"), ["'2024-01' int64"]),
        (pd.to_datetime(["2024-02-01", "2024-03-01"]), ["columns DatetimeIndex", "'2024-02-01' int64"]),
        (pd.to_datetime(["2024-02-01 12:30", "2024-03-01 00:00"]), ["'2024-02-01 12:30:00' int64"]),
        (pd.Index([2023, 2024]), ["2023 int64", "2024 int64"]),
        (pd.Index([0.5, 1.5]), ["0.5 int64"]),
        (
            pd.MultiIndex.from_product([["a"], pd.to_datetime(["2024-01-01", "2024-01-02"])]),
            ["('a', '2024-01-01') int"],
        ),
        (pd.CategoricalIndex(["x", "y"]), ["x int64"]),
    ],
)
def test_labels_that_are_no_text_are_told_as_code_takes_them(columns: Any, texts: list[str]) -> None:
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=columns)
    assert all(text in describe(frame) for text in texts)


@pytest.mark.parametrize(("freq", "label"), [("Q", "2024Q1"), ("M", "2024-01"), ("D", "2024-01-01")])
def test_the_label_told_of_a_period_finds_its_column(freq: str, label: str) -> None:
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=pd.period_range(label, periods=2, freq=freq))
    assert f"'{label}' int64" in describe(frame) and frame[label].sum() == 4


def test_row_labels_that_are_text_are_told_with_their_values() -> None:
    frame = pd.DataFrame({"n": [1, 2, 3]}, index=pd.Index(["Peru", "Chad", "Iran"], name="country"))
    assert f"(index country {frame.index.dtype}: 3 values: 'Chad', 'Iran', 'Peru'): n int64" in describe(frame)


# --- room --------------------------------------------------------------------------------------------------------


def test_names_come_before_remarks_and_odd_values_before_ranges() -> None:
    columns = {f"measurement_number_{n:02}": [1.5, 2.5, 3.5] for n in range(40)}
    frame = pd.DataFrame({**columns, "measurement_number_39": ["1,5", "2,5", "n/a"]})
    line = describe(frame)
    names = [name for name in frame if name in line]
    assert len(line) < LINE_CHARS + REMARKS_CHARS + 60 and len(names) > 25
    frame = frame[[*frame.columns[-1:], *frame.columns[:-1]]]
    assert "numbers as text: '1,5' is 1.5" in describe(frame) or "'2,5' is 2.5" in describe(frame)


def test_remarks_give_way_to_the_columns_of_later_frames() -> None:
    frames = {f"table_{n}": pd.DataFrame({f"column_{k}_of_{n}": [n, 2.5] for k in range(8)}) for n in range(6)}
    text = render_context(snapshot(frames), budget=500)
    assert all(f"column_7_of_{n} float64" in text for n in range(6)) and "(0 to 2.5)" in text
    assert len(text) <= 2000


def test_a_change_of_single_values_is_no_change_of_the_frame_but_new_categories_are() -> None:
    names = {"df": pd.DataFrame({"n": [1, 2, 3], "city": ["a", "b", "a"]})}
    before = snapshot(names)
    names["df"].loc[0, "n"] = 77
    assert not delta(before, snapshot(names))
    names["df"].loc[0, "city"] = "c"
    assert delta(before, snapshot(names)).changed


def test_many_tables_are_told_by_names_and_types_alone() -> None:
    names = {f"t{n}": pd.DataFrame({"x": ["a", "b"]}) for n in range(tables.TABLES + 1)}
    entry = snapshot(names).entries["t3"]
    assert entry.text == f"DataFrame 2×1: x {names['t3']['x'].dtype}"


# --- polars ------------------------------------------------------------------------------------------------------


def test_polars_frames_have_the_same_remarks() -> None:
    frame = pl.DataFrame({"price": ["1.234,50", "7,5", None], "n": [1, 2, 3], "tags": [["a"], ["b"], []]})
    assert describe(frame) == (
        "polars DataFrame 3×3: price String (33% missing; numbers as text: '1.234,50' is 1234.50; "
        "2 values: '1.234,50', '7,5'), n Int64 (1 to 3), tags List(String)"
    )


def test_large_polars_frames_are_read_in_part() -> None:
    line = describe(pl.DataFrame({"x": ["a", "b"] * tables.CELLS}))
    assert "remarks from " in line and "(2 values: " in line


POLARS_ALONE = """
import sys
import polars as pl
from codeact_jupyter.namespace.describe import describe
print(describe(pl.DataFrame({"x": ["a", "b"] * 200_000, "n": [1.0, 2.5] * 200_000})), "numpy" in sys.modules)
"""


def test_polars_is_described_without_numpy() -> None:
    ran = subprocess.run([sys.executable, "-c", POLARS_ALONE], check=True, capture_output=True, text=True)
    assert "(2 values: " in ran.stdout and "n Float64 (1 to 2.5) False" in ran.stdout


# --- subclasses --------------------------------------------------------------------------------------------------


class Trap(BaseException):
    """Raised by hostile objects; no `except Exception` hides it."""


def spring(*args: object, **kwargs: object) -> Any:
    raise Trap("the user's code was run")


def as_subclass(called: str, base: type, **held: Any) -> Any:
    """Return a table of a subclass, made without running any code of it."""
    plain = pd.DataFrame({"town": ["A", "B", "A"], "people": [1, 2, 3]})
    source = plain if base is pd.DataFrame else plain["town"]
    table = object.__new__(type(called, (base,), held))
    vars_of = type.__dict__["__mro__"].__get__(base)
    slot = next(cls.__dict__["__dict__"] for cls in vars_of if "__dict__" in cls.__dict__)
    slot.__get__(table).update(source.__dict__)
    return table


class HostileMeta(type):
    __eq__ = __hash__ = __repr__ = __getattribute__ = __instancecheck__ = __subclasscheck__ = spring


HOSTILE: dict[str, dict[str, Any]] = {
    "nothing": {},
    "attribute hook": {"__getattribute__": spring, "__getattr__": spring},
    "properties": dict.fromkeys(
        ("_mgr", "columns", "index", "dtypes", "shape", "name", "_name", "axes"), property(spring)
    ),
    "methods": dict.fromkeys(("__len__", "__iter__", "__getitem__", "__repr__", "_constructor", "items"), spring),
    "class and dictionary": {"__class__": property(spring), "__dict__": property(spring)},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_subclass_is_described_past_what_it_overrides(name: str) -> None:
    frame = as_subclass("Towns", pd.DataFrame, **HOSTILE[name])
    text = pd.Series(["A"]).dtype
    ending = f" (a DataFrame) 3×2: town {text} (2 values: 'A', 'B'), people int64 (1 to 3)"
    assert describe(frame).endswith(ending)
    assert static_lookup.columns_of(frame) == ["town", "people"]
    series = as_subclass("Town", pd.Series, **HOSTILE[name])
    assert describe(series).endswith(f" (a Series) 3 {text} town: 2 values: 'A', 'B'")
    assert set(snapshot({"towns": frame, "town": series}).entries) == {"towns", "town"}


def test_a_subclass_of_a_hostile_metaclass_is_described() -> None:
    cls = HostileMeta("Towns", (pd.DataFrame,), {})
    frame = object.__new__(cls)
    next(c.__dict__["__dict__"] for c in pd.DataFrame.__mro__ if "__dict__" in c.__dict__).__get__(frame).update(
        pd.DataFrame({"town": ["A"]}).__dict__
    )
    assert "town" in describe(frame)


def test_a_frame_that_was_never_initialised_is_told_by_its_type() -> None:
    assert "DataFrame" in describe(object.__new__(pd.DataFrame))
    assert describe(object.__new__(type("Bare", (pd.DataFrame,), {}))).endswith("Bare")


def test_a_manager_of_the_users_own_class_is_not_asked() -> None:
    frame = pd.DataFrame({"a": [1]})
    manager = type("BlockManager", (), dict.fromkeys(("axes", "blocks", "blknos", "__len__"), property(spring)))
    object.__setattr__(frame, "_mgr", manager())
    assert describe(frame) == "pandas.DataFrame"


class Price(pd.api.extensions.ExtensionArray):
    __len__ = __getitem__ = __iter__ = isna = copy = __repr__ = spring

    def __init__(self) -> None:
        self.asked = 0


HOSTILE_VALUES: dict[str, Callable[[], Any]] = {
    "str": lambda: type("Text", (str,), dict.fromkeys(("__eq__", "__hash__", "strip", "__len__", "__str__"), spring))(
        "a"
    ),
    "float": lambda: type("Number", (float,), dict.fromkeys(("__eq__", "__ne__", "__hash__", "__float__"), spring))(
        1.0
    ),
    "object": lambda: object.__new__(
        type("Thing", (), dict.fromkeys(("__eq__", "__hash__", "__repr__", "__bool__", "__lt__"), spring))
    ),
    "class of a hostile metaclass": lambda: object.__new__(HostileMeta("Thing", (), {})),
}


@pytest.mark.parametrize("name", HOSTILE_VALUES)
@pytest.mark.parametrize("first", [None, "a", 1, 2.5])
def test_values_of_the_users_classes_are_not_asked(name: str, first: Any) -> None:
    values = np.empty(4, dtype=object)
    values[0], values[1], values[3] = first, HOSTILE_VALUES[name](), first
    frame = pd.DataFrame({"x": [1, 2, 3, 4], "y": pd.Series([0] * 4, dtype=object)})
    frame._mgr.blocks[1].values[0] = values
    assert "x int64 (1 to 4), y object" in describe(frame)


def test_an_array_of_the_users_own_class_is_told_by_its_type() -> None:
    frame = pd.DataFrame({"x": pd.array([1, 2], dtype="Int64"), "y": [1, 2]})
    frame._mgr.blocks[0].values = Price()
    assert "x " in describe(frame) and "Price" in describe(frame)


@given(st.integers(0, 10**9))
def test_describing_is_repeatable_and_changes_nothing(seed: int) -> None:
    draw = random.Random(seed)
    frame = pd.DataFrame({"x": [draw.choice(["a", "A ", "1,5", None]) for _ in range(30)], "y": range(30)})
    copy = frame.copy(deep=True)
    assert examine(frame) == examine(frame)
    pd.testing.assert_frame_equal(frame, copy)
