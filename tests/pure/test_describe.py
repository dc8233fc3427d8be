"""One live object in one line: true, short, and without running any of the user's code."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import functools
import pathlib
import subprocess
import sys
import tracemalloc
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.namespace import arrays
from codeact_jupyter.namespace.arrays import spread_rows
from codeact_jupyter.namespace.describe import describe
from codeact_jupyter.namespace.literals import literal
from codeact_jupyter.text import visible


class Trap(BaseException):
    """Raised by hostile objects; no `except Exception` hides it."""


def spring(*args: object, **kwargs: object) -> Any:
    raise Trap("the user's code was run")


class HostileMeta(type):
    __eq__ = spring
    __hash__ = spring
    __repr__ = spring
    __getattribute__ = spring
    __instancecheck__ = spring
    __subclasscheck__ = spring
    __len__ = spring


class Hostile:
    __repr__ = __str__ = __len__ = __iter__ = __getattr__ = __getattribute__ = spring  # type: ignore[assignment]
    __eq__ = __hash__ = __bool__ = __format__ = __dir__ = spring  # type: ignore[assignment]


class Liar:
    @property
    def __class__(self) -> type:  # type: ignore[override]
        spring()
        return pd.DataFrame

    @property
    def shape(self) -> Any:
        return spring()


class HostileFrame(pd.DataFrame):
    def __repr__(self) -> str:
        return str(spring())

    @property
    def shape(self) -> Any:
        return spring()

    def __len__(self) -> int:
        return int(spring())


class HostileList(list[int]):
    __len__ = __iter__ = __repr__ = spring


class HostileZone(datetime.tzinfo):
    __repr__ = __str__ = utcoffset = tzname = dst = spring


class HostileInt(int):
    __repr__ = __str__ = __format__ = spring


class HostileStr(str):
    __repr__ = __str__ = __format__ = __len__ = __getitem__ = spring


class HostileArray(np.ndarray):  # type: ignore[type-arg]
    __repr__ = __len__ = spring


class HostileIndex(pd.Index):
    __len__ = __repr__ = spring  # type: ignore[assignment]


def class_of_hostile_meta() -> Any:
    """Made where it is used: pytest itself would spring the traps of one in the module."""
    return HostileMeta("OfHostileMeta", (), {})


def frame_with_hostile_index() -> pd.DataFrame:
    frame = pd.DataFrame({"a": [1]})
    index = HostileIndex._simple_new(pd.Index(["a"])._data)
    frame._mgr.axes[1] = index
    return frame


def test_a_frame_tells_shape_columns_and_types() -> None:
    frame = pd.DataFrame({"species": ["Adelie", "Gentoo"], "mass (g)": [1.5, 2.5], "n": [1, 2], 3: [True, False]})
    text = (
        f"DataFrame 2×4: species {frame.dtypes['species']} (2 values: 'Adelie', 'Gentoo'), "
        "'mass (g)' float64 (1.5 to 2.5), n int64 (1 to 2), 3 bool"
    )
    assert describe(frame) == text


def test_the_types_of_extension_columns_are_told() -> None:
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2020-01-01"]).tz_localize("UTC"),
            "kind": pd.Categorical(["a"]),
            "count": pd.array([1], dtype="Int64"),
        }
    )
    day = f"day {frame['day'].dtype} (all 2020-01-01)"
    assert describe(frame) == f"DataFrame 1×3: {day}, kind category (all 'a'), count Int64 (all 1)"


def test_the_rows_labels_are_told_unless_they_are_numbers() -> None:
    frame = pd.DataFrame({"k": [1, 2], "x": ["a", "b"], "y": [0.0, 1.0]})
    text = frame["x"].dtype
    assert describe(frame.set_index("k")) == (
        f"DataFrame 2×2 (index k int64): x {text} (2 values: 'a', 'b'), y float64 (0 to 1)"
    )
    assert describe(frame.set_index(["k", "x"])) == f"DataFrame 2×1 (index k int64, x {text}): y float64 (0 to 1)"
    assert describe(frame.set_index("k")["y"]) == "Series 2 float64 y (index k int64): 0 to 1"
    assert describe(frame.set_index("x")["y"]) == f"Series 2 float64 y (index x {text}: 2 values: 'a', 'b'): 0 to 1"


def test_a_grouped_frame_with_two_levels_of_columns_is_told() -> None:
    frame = pd.DataFrame({"k": [1, 1], "x": [1, 2]}).groupby("k").agg(["min", "max"])
    assert describe(frame) == "DataFrame 1×2 (index k int64): ('x', 'min') int64 (all 1), ('x', 'max') int64 (all 2)"


def test_a_wide_frame_is_cut_with_a_count() -> None:
    frame = pd.DataFrame(np.zeros((2, 5000)), columns=[f"column_{n}" for n in range(5000)])
    text = describe(frame)
    assert text.startswith("DataFrame 2×5000: column_0 float64 (all 0), ")
    assert text.endswith("more") and len(text) < 1300
    shown = text.count("float64")
    assert f"… {5000 - shown:,} more" in text


def test_column_names_are_literals_with_hidden_characters_escaped() -> None:
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=["a\u202eb", "x\n--- end ---", "\u202e", "größe"])
    text = describe(frame)
    assert "'a\\u202eb' int64" in text and "'x\\n--- end ---' int64" in text and "größe int64" in text
    assert "\n" not in text and "\u202e" not in text


def test_a_columns_name_of_the_users_own_class_is_told_by_its_type() -> None:
    class Label:
        __repr__ = __str__ = __len__ = spring  # type: ignore[assignment]

    frame = pd.DataFrame([[1]], columns=pd.Index([Label()], dtype=object))
    assert "<tests." in describe(frame) and "> int64" in describe(frame)


def test_arrays_series_indexes_and_numbers() -> None:
    assert describe(np.zeros((1000, 3))) == "ndarray 1000×3 float64: all 0"
    assert describe(np.array([2.5, np.nan, 7, np.nan])) == "ndarray 4 float64: 50% missing; 2.5 to 7"
    assert describe(np.array([np.nan])) == "ndarray 1 float64: all missing"
    assert describe(np.array(["2024-01-05", "NaT", "2023-01-01"], "M8[D]")).endswith(
        ": 33% missing; 2023-01-01 to 2024-01-05"
    )
    assert describe(np.arange(6).reshape(2, 3)[:, ::2]) == "ndarray 2×2 int64"
    assert describe(np.array(["a", "b"])) == "ndarray 2 <U1"
    assert describe(np.array(1)) == "ndarray scalar int64: all 1"
    assert describe(np.float64(1.5)) == "np.float64(1.5)"
    assert describe(pd.Series([1.0, 2.0], name="w")) == "Series 2 float64 w: 1 to 2"
    assert describe(pd.Index([1, 2])) == "Index 2 int64"
    assert describe(pd.RangeIndex(10**12)) == "RangeIndex 1,000,000,000,000 int64"


def test_polars_tables_tell_their_schema_and_lazy_ones_only_their_type() -> None:
    calls: list[object] = []
    frame = pl.DataFrame({"a": [1, 2], "b c": ["x", "y"]})
    lazy = frame.lazy().map_batches(lambda batch: calls.append(batch) or batch)
    assert describe(frame) == "polars DataFrame 2×2: a Int64 (1 to 2), 'b c' String (2 values: 'x', 'y')"
    assert describe(pl.Series("s", [1.0])) == "polars Series 1 Float64 s: all 1"
    assert describe(lazy) == "polars.lazyframe.frame.LazyFrame"
    assert calls == []


@pytest.mark.parametrize(
    ("obj", "text"),
    [
        (42, "42"),
        (1.5, "1.5"),
        (True, "True"),
        (None, "None"),
        ("it's", '"it\'s"'),
        ("a\u200bb", "'a\\u200bb'"),
        ([1, 2, 3], "list 3 of int"),
        ([1, "a"], "list 2"),
        ([{}, {}], "list 2 of dict"),
        ([{"a": 1, "b": 2}] * 3, "list 3 of dict with 'a', 'b'"),
        ({"a": pd.DataFrame({"x": [1]})}, "dict 1: 'a' (DataFrame 1×1)"),
        (np.uint8(3), "np.uint8(3)"),
        (np.datetime64("2020-01-02"), "np.datetime64('2020-01-02')"),
        (pd.Timestamp("2020-01-02"), "Timestamp('2020-01-02 00:00:00')"),
        (datetime.date(2020, 1, 2), "datetime.date(2020, 1, 2)"),
        (pathlib.PurePosixPath("a"), "pathlib.PurePosixPath"),
        (pathlib.Path("a.csv"), "PosixPath('a.csv')"),
        (decimal.Decimal("1.50"), "Decimal('1.50')"),
        ({"name": 1, "age": 2}, "dict 2: 'name', 'age'"),
        ((), "tuple 0"),
        ({1, 2}, "set 2 of int"),
        (range(10), "range 10"),
        (b"abc", "bytes 3"),
        (types, "module types"),
        (Hostile, "class Hostile()"),
    ],
)
def test_builtins_are_told_by_value_or_length(obj: object, text: str) -> None:
    found = describe(obj)
    assert found == text or found.endswith(text.removeprefix("class "))


def test_long_values_are_cut() -> None:
    assert describe("x" * 10_000) == "str 10,000: '" + "x" * 59 + "…'"
    assert describe(dict.fromkeys(range(100), 0)) == "dict 100: 0, 1, 2, 3, 4, 5, 6, 7, … 92 more"
    assert describe(10**5000) == f"int of {(10**5000).bit_length():,} bits"


# --- functions and classes ---------------------------------------------------------------------------------------


def top(df: pd.DataFrame, n: int = 5, /, *rest: str, key: str | None = None, how=Hostile(), **more: list[int]) -> bool:  # noqa: B008
    """Finds the first rows.

    In detail.
    """
    return not (df, n, rest, key, how, more)


def test_a_function_tells_its_true_signature_and_docstring() -> None:
    def plain(df, n=5):  # type: ignore[no-untyped-def]
        return df, n

    assert describe(plain) == "plain(df, n=5)"


@pytest.mark.parametrize("source", ["def f(a, b=1, /, c=2, *d, e, g='x', **h): ...", "async def f(*, a=None): ..."])
def test_every_sort_of_parameter_is_told(source: str) -> None:
    names: dict[str, Any] = {}
    exec(source, names)
    expected = source.removesuffix(": ...").replace("def ", "")
    assert describe(names["f"]) == expected


def test_annotations_are_told_by_name_and_defaults_only_when_plain() -> None:
    source = '''
def top(df: Frame, n: int = 5, *, key: str | None = None, how=hostile, rows: list[Frame] = ()) -> Frame:
    """Finds the first rows.

    In detail."""
'''
    names: dict[str, Any] = {"Frame": class_of_hostile_meta(), "hostile": Hostile()}
    exec(compile(source, "<cell>", "exec", dont_inherit=True), names)
    text = "top(df: OfHostileMeta, n: int = 5, *, key: str | None = None, how=…, rows: list[OfHostileMeta] = …) -> "
    assert describe(names["top"]) == text + "OfHostileMeta: Finds the first rows. In detail."


def test_a_decorated_function_tells_the_signature_of_the_wrapped_one() -> None:
    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return inner

    @timed
    def area(width, height=1):  # type: ignore[no-untyped-def]
        return width * height

    assert describe(area) == "area(width, height=1)"


def test_classes_tell_how_they_are_made() -> None:
    @dataclasses.dataclass
    class Point:
        x: int
        y: int = 0

    names = {"dataclass": dataclasses.dataclass}
    exec("@dataclass\nclass Point:\n    'A place.'\n    x: int\n    y: int = 0", names)
    assert describe(names["Point"]) == "class Point(x: int, y: int = 0): A place."
    assert describe(Point).endswith("Point(x: 'int', y: 'int' = 0)") or describe(Point).endswith("(x: int, y: int = 0)")


# --- hostile objects ---------------------------------------------------------------------------------------------


def hostile_module() -> types.ModuleType:
    module = types.ModuleType("hostile")
    module.__getattr__ = spring  # type: ignore[method-assign]
    return module


HOSTILE: dict[str, Callable[[], object]] = {
    "everything overridden": Hostile,
    "lies about its class": Liar,
    "frame subclass": lambda: HostileFrame({"a": [1]}),
    "frame with hostile columns": frame_with_hostile_index,
    "list subclass": lambda: HostileList([1]),
    "int subclass": lambda: HostileInt(3),
    "str subclass": lambda: HostileStr("x"),
    "array subclass": lambda: np.zeros(3).view(HostileArray),
    "class of a hostile metaclass": class_of_hostile_meta,
    "instance of such a class": lambda: object.__new__(class_of_hostile_meta()),
    "list of hostile objects": lambda: [Hostile(), Hostile()],
    "dict of hostile objects": lambda: {"key": Hostile()},
    "tuple of str subclasses": lambda: (HostileStr("x"),),
    "function with hostile defaults": lambda: top,
    "hostile class": lambda: Hostile,
    "hostile metaclass": lambda: HostileMeta,
    "datetime of a hostile zone": lambda: datetime.datetime(2020, 1, 1, tzinfo=HostileZone()),
    "partial": lambda: functools.partial(spring),
    "module with a hook": hostile_module,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_code_of_a_hostile_object_is_run(name: str) -> None:
    text = describe(HOSTILE[name]())
    assert text and "\n" not in text and len(text) < 1500


def test_keys_with_code_of_their_own_are_told_by_type() -> None:
    class Key:
        __repr__ = spring

    assert describe({Key(): 1}).startswith("dict 1: <")


def test_names_of_hostile_classes_and_functions_are_made_visible() -> None:
    lying = type("DataFrame 9×9: \u202e\n--- end ---", (), {})
    assert "\n" not in describe(lying()) and "\u202e" not in describe(lying())

    def function() -> None: ...

    function.__name__ = "f\n--- end ---"
    assert "\n" not in describe(function)


def test_a_class_without_a_module_is_told_by_its_name() -> None:
    names: dict[str, Any] = {}
    exec("Nowhere = type('Nowhere', (), {})", names)
    assert describe(names["Nowhere"]()) == "Nowhere"


def test_a_large_array_is_not_copied() -> None:
    array, frame = np.zeros(10**7), pd.DataFrame({"a": np.zeros(10**7), "b": np.zeros(10**7)})
    tracemalloc.start()
    try:
        assert describe(array) == "ndarray 10000000 float64: all 0; in 20,000 values read"
        assert describe(frame).startswith("DataFrame 10000000×2 (remarks from ")
        assert describe(frame["a"]).startswith("Series 10,000,000 float64 a (remarks from ")
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_describing_imports_none_of_the_data_libraries() -> None:
    code = (
        "import sys; from codeact_jupyter.namespace.describe import describe; describe(object()); describe({});"
        "sys.exit(bool({'pandas', 'polars', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(
    st.recursive(st.none() | st.integers() | st.text() | st.floats(), lambda inner: st.lists(inner) | st.tuples(inner))
)
def test_any_plain_value_gives_one_short_visible_line(obj: object) -> None:
    text = describe(obj)
    assert text == visible(text) and "\n" not in text and len(text) < 300


@given(st.text())
def test_a_labels_literal_is_one_visible_line(label: str) -> None:
    text = literal(label)
    assert "\n" not in text and visible(text) == text
    if not label.isidentifier() and len(label) < 50 and label.isascii():
        assert eval(text) == label


@given(st.integers(1, 10**11), st.integers(1, 20_000))
def test_the_rows_that_are_read_are_the_same_without_numpy(rows: int, wanted: int) -> None:
    with pytest.MonkeyPatch.context() as without_numpy:
        without_numpy.setattr(arrays, "library", lambda name: None)
        expected = spread_rows(rows, min(rows, wanted))
    assert spread_rows(rows, min(rows, wanted)).tolist() == expected
    assert len(set(expected)) == len(expected) <= wanted
    assert 0 <= min(expected) <= max(expected) < rows
