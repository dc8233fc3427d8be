"""Data frames, series, indexes and arrays in one line each: shape, columns and types.

If a pandas column of text repeats a few short values in a sample of its rows, these are listed too
(`sex str 'male' 'female'`): a model that does not know how a category is spelt guesses. No other value is read.

An object is described only if it *is* of the library's own class, over the library's own arrays: a user's subclass or
extension array could run the user's code. The libraries are found in `sys.modules`, never imported, and no lazy frame
is evaluated.
"""

from __future__ import annotations

import sys
from itertools import islice
from types import ModuleType
from typing import Any

from ..text import one_line, shorten
from .literals import (
    VALUE_CHARS,
    Description,
    described,
    is_one_of,
    is_standard_zone,
    literal,
    type_name,
    value_literal,
)

COLUMNS = 40  #: maximum number of columns or fields that are read
COLUMNS_CHARS = 900  #: maximum length of the columns' text
SAMPLE = 200  #: rows, evenly spread, that are read for a text column's categories
CATEGORIES = 6  #: a text column with more has no categories
CATEGORY_CHARS = 24  #: a text column with a longer value has no categories

_INDEXES = ("Index", "DatetimeIndex", "TimedeltaIndex", "PeriodIndex", "IntervalIndex", "CategoricalIndex")
_NUMBERS = (
    *("bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128", "datetime64", "timedelta64"),
)


def describe_table(obj: object) -> Description | None:
    """Describe an object that is exactly of a class of pandas, polars or numpy.

    Args:
        obj: any live object.

    Returns:
        The description, or None for other objects.
    """
    return _pandas(obj) or _polars(obj) or _numpy(obj)


def labels_of(frame: Any, limit: int) -> tuple[tuple[object, ...], tuple[object, ...]] | None:
    """Return the labels of a pandas or polars data frame.

    Args:
        frame: any object.
        limit: largest number of columns.

    Returns:
        The columns, and the names of the index levels (pandas only). None if the object is no such frame, has more
        columns than `limit` or columns of several levels, or if an index is of a user's class.
    """
    pandas, polars = _library("pandas"), _library("polars")
    if polars and type(frame) is polars["DataFrame"]:
        return (tuple(frame.schema), ()) if frame.width <= limit else None
    if not pandas or type(frame) is not pandas["DataFrame"]:
        return None
    columns, index = frame.columns, frame.index
    if not (_is_own_index(columns, pandas) and _is_own_index(index, pandas)):
        return None
    if type(columns) is pandas["MultiIndex"] or len(columns) > limit:
        return None
    return tuple(columns.tolist()), tuple(name for name in index.names if name is not None)


def has_numbered_rows(table: Any) -> bool:
    """Return True if the rows of a frame or series are labelled by numbers or dates, or not at all.

    Args:
        table: a data frame or series.

    Returns:
        False for text labels, several levels and an index of a user's class; True for what is no pandas table.
    """
    pandas = _library("pandas")
    if not pandas or not is_one_of(type(table), (pandas["DataFrame"], pandas["Series"])):
        return True
    index = table.index
    if is_one_of(type(index), (pandas["RangeIndex"], pandas["DatetimeIndex"])):
        return True
    return type(index) is pandas["Index"] and _is_own_index(index, pandas) and index.dtype.kind in "iuf"


def texts_of_rows(series: Any, limit: int) -> tuple[str, ...] | None:
    """Return the row labels of a pandas series if all of them are strings.

    Args:
        series: a pandas series.
        limit: largest number of rows.

    Returns:
        The labels, or None.
    """
    pandas = _library("pandas")
    index = series.index
    if not pandas or type(index) is not pandas["Index"] or not _is_own_index(index, pandas) or len(index) > limit:
        return None
    labels = index.tolist()
    return tuple(labels) if labels and all(type(label) is str for label in labels) else None


def _pandas(obj: Any) -> Description | None:
    pandas, cls = _library("pandas"), type(obj)
    if not pandas:
        return None
    if cls is pandas["DataFrame"]:
        return _pandas_frame(obj, pandas)
    if cls is pandas["Series"]:
        return _pandas_series(obj, pandas)
    if cls is pandas["Timedelta"] or (cls is pandas["Timestamp"] and is_standard_zone(obj.tzinfo)):
        return described("value", shorten(one_line(repr(obj)), VALUE_CHARS))
    if _is_own_index(obj, pandas):
        return described("data", f"{cls.__name__} {len(obj):,}{_index_dtype(obj, pandas)}")
    return None


def _pandas_frame(frame: Any, pandas: dict[str, Any]) -> Description | None:
    if not (_is_own_index(frame.index, pandas) and _is_own_index(frame.columns, pandas)):
        return None
    manager = frame._mgr  # `DataFrame.dtypes` would read a property of a user's extension arrays
    places = zip(manager.blknos[:COLUMNS], manager.blklocs[:COLUMNS], strict=True)
    types = [_column(manager.blocks[block].values, place, pandas) for block, place in places]
    labels = [literal(label) for label in frame.columns[:COLUMNS].tolist()]
    return _frame("DataFrame", (len(frame.index), len(frame.columns)), labels, types, _row_labels(frame.index, pandas))


def _pandas_series(series: Any, pandas: dict[str, Any]) -> Description | None:
    if not _is_own_index(series.index, pandas):
        return None
    name = "" if series.name is None else f" {literal(series.name)}"
    dtype, rows = _dtype(series._mgr.blocks[0].values, pandas), _row_labels(series.index, pandas)
    return described("data", f"Series {len(series.index):,} {dtype}{name}{rows}")


def _is_own_index(index: Any, pandas: dict[str, Any]) -> bool:
    """Return True for an index of pandas over arrays of pandas or numpy, whose length can be read safely."""
    if type(index) is pandas["RangeIndex"]:
        return True
    if type(index) is pandas["MultiIndex"]:
        return all(_is_own_index(level, pandas) for level in index.levels)
    return is_one_of(type(index), tuple(pandas[name] for name in _INDEXES)) and _is_own_array(index._data, pandas)


def _is_own_array(values: Any, pandas: dict[str, Any]) -> bool:
    own = tuple(vars(pandas["arrays"]).values())
    return type(values) is _library("numpy")["ndarray"] or is_one_of(type(values), own)


def _column(values: Any, place: int, pandas: dict[str, Any]) -> str:
    """Return the column's type and, of a text column, its categories."""
    dtype = _dtype(values, pandas)
    if dtype not in ("str", "object", "string", "category"):
        return dtype
    column = values[place] if values.ndim == 2 else values
    sample = column[:: -(-len(column) // SAMPLE) or 1].tolist()
    found = dict.fromkeys(value for value in sample if type(value) is str)
    repeats = len(found) <= CATEGORIES and len(found) < len(sample) and all(len(v) <= CATEGORY_CHARS for v in found)
    return " ".join([dtype, *(value_literal(value) for value in found)]) if repeats else dtype


def _dtype(values: Any, pandas: dict[str, Any]) -> str:
    if not _is_own_array(values, pandas):
        return type_name(type(values))
    dtype = values.dtype
    zone = getattr(dtype, "tz", None)
    if not is_standard_zone(zone):  # reading its name would run the user's code
        return f"datetime64[{dtype.unit}, {type_name(type(zone))}]"
    return "Sparse" if type(values) is pandas["arrays"].SparseArray else shorten(one_line(str(dtype)), VALUE_CHARS)


def _index_dtype(index: Any, pandas: dict[str, Any]) -> str:
    if type(index) is pandas["MultiIndex"]:
        return ""
    return " int64" if type(index) is pandas["RangeIndex"] else f" {_dtype(index._data, pandas)}"


def _row_labels(index: Any, pandas: dict[str, Any]) -> str:
    """Return ` (index species str)`, or nothing if the rows are merely numbered."""
    if type(index) is pandas["RangeIndex"] and index.name is None:
        return ""
    names = [literal(name) for name in list(index.names)[:8] if name is not None]
    return f" (index{' ' * bool(names)}{', '.join(names)}{_index_dtype(index, pandas)})"


def _polars(obj: Any) -> Description | None:
    polars, cls = _library("polars"), type(obj)
    if not polars:
        return None
    if cls is polars["DataFrame"]:
        schema = list(islice(obj.schema.items(), COLUMNS))
        types = [shorten(one_line(str(dtype)), VALUE_CHARS) for _, dtype in schema]
        return _frame("polars DataFrame", (obj.height, obj.width), [literal(name) for name, _ in schema], types)
    if cls is polars["Series"]:
        dtype = shorten(one_line(str(obj.dtype)), VALUE_CHARS)
        return described("data", f"polars Series {obj.len():,} {dtype}{f' {literal(obj.name)}' if obj.name else ''}")
    return None


def _numpy(obj: Any) -> Description | None:
    numpy, cls = _library("numpy"), type(obj)
    if not numpy:
        return None
    if cls is numpy["ndarray"]:
        fields = obj.dtype.names
        dtype = str(obj.dtype) if fields is None else f"[{', '.join(literal(name) for name in fields[:COLUMNS])}]"
        return described("data", f"ndarray {'×'.join(map(str, obj.shape)) or 'scalar'} {shorten(one_line(dtype), 200)}")
    if is_one_of(cls, tuple(numpy[name] for name in _NUMBERS)):
        value = repr(str(obj)) if cls.__name__.endswith("64") and cls.__name__[0] in "dt" else repr(obj.item())
        return described("value", f"np.{cls.__name__}({value})")
    return None


def _frame(name: str, shape: tuple[int, int], labels: list[str], types: list[str], index: str = "") -> Description:
    """Return `DataFrame 344×8: species str, island str, … 6 more`."""
    columns = tuple(f"{label} {kind}" for label, kind in zip(labels, types, strict=True))
    shown, room = 0, COLUMNS_CHARS
    while shown < len(columns) and (room := room - len(columns[shown]) - 2) >= 0:
        shown += 1
    parts = [*columns[:shown], *([f"… {shape[1] - shown:,} more"] if shape[1] > shown else [])]
    brief = f"{name} {shape[0]}×{shape[1]}"
    return Description("frame", f"{brief}{index}: {', '.join(parts)}" if parts else brief, brief, columns)


def _library(name: str) -> dict[str, Any]:
    module = sys.modules.get(name)
    return vars(module) if type(module) is ModuleType else {}
