"""Data frames, series, indexes and arrays in one line each: shape, columns and types.

Of a pandas column of text that repeats a few short values, these are named too (`sex str 'male' 'female'`), as far as
a sample of rows shows them: a model that does not know how a category is spelt guesses. No other value is read.

An object is told about only when it *is* of the library's own class, over the library's own arrays: a subclass of the
user's, or an extension array, could answer with the user's code. The libraries are found in `sys.modules`, never
imported, and no lazy frame is evaluated.
"""

from __future__ import annotations

import sys
from itertools import islice
from types import ModuleType
from typing import Any

from ..text import one_line, shorten
from .literals import VALUE_CHARS, Description, described, is_one_of, is_plain_zone, literal, type_name, value_literal

COLUMNS = 40  #: at most so many columns or fields are looked at
COLUMNS_CHARS = 900  #: and shown in at most so many characters
SAMPLE = 200  #: rows, evenly spread, that are looked at for a text column's categories
CATEGORIES = 6  #: at most so many are named, each of at most
CATEGORY_CHARS = 24

_INDEXES = ("Index", "DatetimeIndex", "TimedeltaIndex", "PeriodIndex", "IntervalIndex", "CategoricalIndex")
_NUMBERS = (
    *("bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128", "datetime64", "timedelta64"),
)


def describe_table(obj: object) -> Description | None:
    """What `obj` is, when it is exactly one of pandas', polars' or numpy's own; else None."""
    return _pandas(obj) or _polars(obj) or _numpy(obj)


def labels_of(frame: Any, limit: int) -> tuple[tuple[object, ...], tuple[object, ...]] | None:
    """The columns of a pandas or polars data frame, and the names of a pandas one's row labels.

    None when it is no such frame, has more columns than the limit, or labels of several levels or of the user's making.
    """
    pandas, polars = _library("pandas"), _library("polars")
    if polars and type(frame) is polars["DataFrame"]:
        return (tuple(frame.schema), ()) if frame.width <= limit else None
    if not pandas or type(frame) is not pandas["DataFrame"]:
        return None
    columns, index = frame.columns, frame.index
    if not (_is_plain_index(columns, pandas) and _is_plain_index(index, pandas)):
        return None
    if type(columns) is pandas["MultiIndex"] or len(columns) > limit:
        return None
    return tuple(columns.tolist()), tuple(name for name in index.names if name is not None)


def has_numbered_rows(table: Any) -> bool:
    """Whether the rows of a frame or series are labelled by numbers or dates of the library's own, or not at all."""
    pandas = _library("pandas")
    if not pandas or not is_one_of(type(table), (pandas["DataFrame"], pandas["Series"])):
        return True
    index = table.index
    if is_one_of(type(index), (pandas["RangeIndex"], pandas["DatetimeIndex"])):
        return True
    return type(index) is pandas["Index"] and _is_plain_index(index, pandas) and index.dtype.kind in "iuf"


def texts_of_rows(series: Any, limit: int) -> tuple[str, ...] | None:
    """The row labels of a pandas series, if they are plain texts and not more than the limit."""
    pandas = _library("pandas")
    index = series.index
    if not pandas or type(index) is not pandas["Index"] or not _is_plain_index(index, pandas) or len(index) > limit:
        return None
    labels = index.tolist()
    return tuple(labels) if labels and all(type(label) is str for label in labels) else None


def _pandas(obj: Any) -> Description | None:
    pandas, cls = _library("pandas"), type(obj)
    if not pandas:
        return None
    if cls is pandas["DataFrame"]:
        if not (_is_plain_index(obj.index, pandas) and _is_plain_index(obj.columns, pandas)):
            return None
        manager = obj._mgr  # `DataFrame.dtypes` would read a property of the user's own extension arrays
        places = zip(manager.blknos[:COLUMNS], manager.blklocs[:COLUMNS], strict=True)
        types = [_column(manager.blocks[block].values, place, pandas) for block, place in places]
        labels = [literal(label) for label in obj.columns[:COLUMNS].tolist()]
        return _frame("DataFrame", len(obj.index), len(obj.columns), labels, types, _row_labels(obj.index, pandas))
    if cls is pandas["Series"]:
        if not _is_plain_index(obj.index, pandas):
            return None
        name = "" if obj.name is None else f" {literal(obj.name)}"
        rows = _row_labels(obj.index, pandas)
        return described("data", f"Series {len(obj.index):,} {_dtype(obj._mgr.blocks[0].values, pandas)}{name}{rows}")
    if cls is pandas["Timedelta"] or (cls is pandas["Timestamp"] and is_plain_zone(obj.tzinfo)):
        return described("value", shorten(one_line(repr(obj)), VALUE_CHARS))
    if _is_plain_index(obj, pandas):
        return described("data", f"{cls.__name__} {len(obj):,}{_index_dtype(obj, pandas)}")
    return None


def _is_plain_index(index: Any, pandas: dict[str, Any]) -> bool:
    """Whether it is one of pandas' own, over pandas' own or numpy arrays, so that its length may be asked."""
    if type(index) is pandas["RangeIndex"]:
        return True
    if type(index) is pandas["MultiIndex"]:
        return all(_is_plain_index(level, pandas) for level in index.levels)
    return is_one_of(type(index), tuple(pandas[name] for name in _INDEXES)) and _is_plain_array(index._data, pandas)


def _is_plain_array(values: Any, pandas: dict[str, Any]) -> bool:
    own = tuple(vars(pandas["arrays"]).values())
    return type(values) is _library("numpy")["ndarray"] or is_one_of(type(values), own)


def _column(values: Any, place: int, pandas: dict[str, Any]) -> str:
    """The column's type and, of a text column, its categories."""
    dtype = _dtype(values, pandas)
    if dtype not in ("str", "object", "string", "category"):
        return dtype
    column = values[place] if values.ndim == 2 else values
    sample = column[:: -(-len(column) // SAMPLE) or 1].tolist()
    found = dict.fromkeys(value for value in sample if type(value) is str)
    repeats = len(found) <= CATEGORIES and len(found) < len(sample) and all(len(v) <= CATEGORY_CHARS for v in found)
    return " ".join([dtype, *(value_literal(value) for value in found)]) if repeats else dtype


def _dtype(values: Any, pandas: dict[str, Any]) -> str:
    if not _is_plain_array(values, pandas):
        return type_name(type(values))
    dtype = values.dtype
    zone = getattr(dtype, "tz", None)
    if not is_plain_zone(zone):  # its name would be the user's code
        return f"datetime64[{dtype.unit}, {type_name(type(zone))}]"
    return "Sparse" if type(values) is pandas["arrays"].SparseArray else shorten(one_line(str(dtype)), VALUE_CHARS)


def _index_dtype(index: Any, pandas: dict[str, Any]) -> str:
    if type(index) is pandas["MultiIndex"]:
        return ""
    return " int64" if type(index) is pandas["RangeIndex"] else f" {_dtype(index._data, pandas)}"


def _row_labels(index: Any, pandas: dict[str, Any]) -> str:
    """` (index species str)`, unless the rows are merely numbered."""
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
        return _frame("polars DataFrame", obj.height, obj.width, [literal(name) for name, _ in schema], types)
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


def _frame(name: str, rows: int, width: int, labels: list[str], types: list[str], index: str = "") -> Description:
    """`DataFrame 344×8: species str, island str, … 6 more`."""
    columns = tuple(f"{label} {kind}" for label, kind in zip(labels, types, strict=True))
    shown, room = 0, COLUMNS_CHARS
    while shown < len(columns) and (room := room - len(columns[shown]) - 2) >= 0:
        shown += 1
    parts = [*columns[:shown], *([f"… {width - shown:,} more"] if width > shown else [])]
    brief = f"{name} {rows}×{width}"
    return Description("frame", f"{brief}{index}: {', '.join(parts)}" if parts else brief, brief, columns)


def _library(name: str) -> dict[str, Any]:
    module = sys.modules.get(name)
    return vars(module) if type(module) is ModuleType else {}
