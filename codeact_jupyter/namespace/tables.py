"""Data frames, series, indexes and arrays in one line each: shape, columns, types, and what is noticed in the values.

A model that does not know how a category is spelt, or that a price is text with a decimal comma, guesses. So the line
says what a reader of `info()`, `head()` and `value_counts()` would see, in the same room as names and types alone:
first all the names, then remarks on the values, those that tell most first.

The libraries are found in `sys.modules`, never imported, and no lazy frame is evaluated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any

from ..text import one_line, shorten
from .arrays import (
    Column,
    dtype_text,
    instance_dict,
    is_own_index,
    library,
    manager_of,
    numpy_column,
    pandas_column,
    polars_column,
    spread_rows,
)
from .columns import remarks
from .lines import Table, frame_line, series_line
from .literals import (
    VALUE_CHARS,
    Description,
    described,
    held_in,
    is_one_of,
    is_standard_zone,
    literal,
    of_type,
    type_name,
    value_literal,
)

COLUMNS = 40  #: maximum number of columns or fields that are read
LEVELS = 8  #: maximum number of levels of an index
CELLS = 100_000  #: text values of a table that are read; of a larger one, some rows are
SAMPLE = 20_000  #: maximum number of rows of a larger table that are read
CELLS_OF_ALL = 400_000  #: maximum number of text values that are read of all tables of a namespace
TABLES = 25  #: tables whose values are read; where there are more, none is

_NUMBERS_FOR_A_TEXT = 20  # that are read in the same time
_TEXTS = ("str", "object", "string", "category", "String", "Categorical", "Enum")
_DATED = ("Timestamp", "Period", "Timedelta")
_NUMBERS = (
    *("bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128", "datetime64", "timedelta64"),
)


def describe_table(obj: object, cells: int = CELLS) -> Description | None:
    """Describe an object of a class of pandas, polars or numpy, or a frame or series of a subclass of pandas'.

    Args:
        obj: any live object.
        cells: largest number of text values that are read; 0 for names and types alone.

    Returns:
        The description, or None for other objects.
    """
    return _pandas(obj, cells) or _polars(obj, cells) or _numpy(obj, cells)


def cells_for(objects: Iterable[object]) -> int:
    """Return how many text values of each table may be read if all of these objects are described.

    Args:
        objects: live objects.
    """
    libraries = [names for names in (library("pandas"), library("polars")) if names]
    classes = tuple(names[cls] for names in libraries for cls in ("DataFrame", "Series"))
    types = [type(obj) for obj in objects]
    counts = Counter(map(id, types))  # a class is not hashed: its metaclass may define `__hash__`
    kinds = {id(cls): cls for cls in types}.values()
    tables = sum(counts[id(cls)] for cls in kinds if any(is_one_of(base, classes) for base in of_type("__mro__", cls)))
    return min(CELLS, CELLS_OF_ALL // max(tables, 1)) if tables <= TABLES else 0


def labels_of(frame: Any, limit: int) -> tuple[object, ...] | None:
    """Return the labels of the columns of a polars data frame, or of a pandas one or a subclass of it.

    Args:
        frame: any object.
        limit: largest number of columns.

    Returns:
        The labels. None if the object is no such frame, has more columns than `limit` or columns of several levels,
        or if an index is of a user's class.
    """
    pandas, polars = library("pandas"), library("polars")
    if polars and type(frame) is polars["DataFrame"]:
        return tuple(frame.schema) if frame.width <= limit else None
    manager = manager_of(frame, "DataFrame")
    if manager is None:
        return None
    columns = manager.axes[0]
    return None if type(columns) is pandas["MultiIndex"] or len(columns) > limit else tuple(columns.tolist())


def rows_read(dtypes: list[str], height: int, cells: int = CELLS, *, listed: bool = False) -> Any:
    """Return the positions of the rows that are read of columns of these types; None for all.

    Args:
        dtypes: the types.
        height: number of rows.
        cells: largest number of text values that are read.
        listed: the columns become Python objects, as those of text do, whatever their type.
    """
    texts = sum(listed or dtype in _TEXTS or dtype.endswith("[pyarrow]") for dtype in dtypes)
    cost = texts + (len(dtypes) - texts) / _NUMBERS_FOR_A_TEXT
    if not dtypes or not cells or height * cost <= cells:
        return None
    return spread_rows(height, max(min(int(cells / cost), SAMPLE), 1))


# --- pandas ------------------------------------------------------------------------------------------------------


def _pandas(obj: Any, cells: int) -> Description | None:
    pandas, cls = library("pandas"), type(obj)
    if not pandas:
        return None
    for name, describe in (("DataFrame", _pandas_frame), ("Series", _pandas_series)):
        if (manager := manager_of(obj, name)) is not None:
            return describe(obj, manager, pandas, cells)
    if cls is pandas["Timedelta"] or (cls is pandas["Timestamp"] and is_standard_zone(obj.tzinfo)):
        return described("value", shorten(one_line(repr(obj)), VALUE_CHARS))
    if is_own_index(obj, pandas):
        return described("data", f"{cls.__name__} {len(obj):,}{_index_dtype(obj, pandas)}")
    return None


def _pandas_frame(frame: Any, manager: Any, pandas: dict[str, Any], cells: int) -> Description:
    columns, index = manager.axes
    places = list(zip(manager.blknos[:COLUMNS], manager.blklocs[:COLUMNS], strict=True))
    arrays = [(manager.blocks[block].values, place) for block, place in places]
    dtypes = [dtype_text(array, pandas) for array, _ in arrays]
    rows = rows_read(dtypes, len(index), cells)
    read = [
        pandas_column(array, place, rows, dtype, pandas) if cells else Column(dtype)
        for (array, place), dtype in zip(arrays, dtypes, strict=True)
    ]
    is_dated = is_one_of(type(columns), tuple(pandas[f"{kind}Index"] for kind in ("Datetime", "Period", "Timedelta")))
    return frame_line(
        Table(
            _name(frame, "DataFrame", pandas),
            len(index),
            len(columns),
            [_label(label, pandas) for label in columns[:COLUMNS].tolist()],
            read,
            None if rows is None else len(rows),
            _row_labels(index, pandas),
            _texts_of(index, rows, pandas) if cells else None,
            (f"columns {type(columns).__name__}",) if is_dated else (),
        )
    )


def _pandas_series(series: Any, manager: Any, pandas: dict[str, Any], cells: int) -> Description:
    index, values = manager.axes[0], manager.blocks[0].values
    dtype = dtype_text(values, pandas)
    rows = rows_read([dtype], len(index), cells)
    label = held_in(instance_dict(series, pandas["Series"]), "_name")
    return series_line(
        Table(
            _name(series, "Series", pandas),
            len(index),
            1,
            [] if label is None else [_label(label, pandas)],
            [pandas_column(values, 0, rows, dtype, pandas) if cells else Column(dtype)],
            None if rows is None else len(rows),
            _row_labels(index, pandas),
            _texts_of(index, rows, pandas) if cells else None,
        )
    )


def _name(table: Any, base: str, pandas: dict[str, Any]) -> str:
    """Return `DataFrame`, or `GeoDataFrame (a DataFrame)`."""
    return base if type(table) is pandas[base] else f"{type_name(type(table))} (a {base})"


def _label(label: object, pandas: dict[str, Any]) -> str:
    """Return a column's label as it can be written in code; of a date or period, the text that pandas takes for it."""
    if type(label) is tuple:
        return f"({', '.join(value_literal(part) or _label(part, pandas) for part in label[:8])})"
    if is_one_of(type(label), tuple(pandas[name] for name in _DATED)):
        is_safe = is_standard_zone(getattr(label, "tzinfo", None))
        return repr(str(label).removesuffix(" 00:00:00")) if is_safe else literal(label)
    return literal(label)


def _index_dtype(index: Any, pandas: dict[str, Any]) -> str:
    if type(index) is pandas["MultiIndex"]:
        return ""
    return " int64" if type(index) is pandas["RangeIndex"] else f" {dtype_text(index._data, pandas)}"


def _row_labels(index: Any, pandas: dict[str, Any]) -> str:
    """Return `index species str`, or `index city str, year int64`; nothing if the rows are merely numbered."""
    if type(index) is pandas["RangeIndex"] and index.name is None:
        return ""
    is_deep = type(index) is pandas["MultiIndex"]
    levels = zip(index.names, index.levels if is_deep else [index], strict=True)
    parts = [
        f"{'' if name is None else f'{_label(name, pandas)} '}{_index_dtype(level, pandas).strip()}"
        for name, level in islice(levels, LEVELS)
    ]
    return f"index {', '.join(parts)}"


def _texts_of(index: Any, rows: Any, pandas: dict[str, Any]) -> Column | None:
    """Return the row labels if they are text."""
    dtype = _index_dtype(index, pandas).strip()
    return pandas_column(index._data, 0, rows, dtype, pandas) if dtype in _TEXTS else None


# --- polars and numpy --------------------------------------------------------------------------------------------


def _polars(obj: Any, cells: int) -> Description | None:
    polars, cls = library("polars"), type(obj)
    if not polars or not is_one_of(cls, (polars["DataFrame"], polars["Series"])):
        return None
    is_frame = cls is polars["DataFrame"]
    schema = dict(islice(obj.schema.items(), COLUMNS)) if is_frame else {obj.name: obj.dtype}
    height = obj.height if is_frame else obj.len()
    dtypes = [shorten(one_line(str(dtype)), VALUE_CHARS) for dtype in schema.values()]
    rows = rows_read(dtypes, height, cells, listed=True)
    read = [
        polars_column(obj.get_column(name) if is_frame else obj, rows, dtype) if cells else Column(dtype)
        for name, dtype in zip(schema, dtypes, strict=True)
    ]
    part = None if rows is None else len(rows)
    if is_frame:
        labels = [literal(name) for name in schema]
        return frame_line(Table("polars DataFrame", height, obj.width, labels, read, part))
    return series_line(Table("polars Series", height, 1, [literal(obj.name)] if obj.name else [], read, part))


def _numpy(obj: Any, cells: int) -> Description | None:
    numpy, cls = library("numpy"), type(obj)
    if not numpy:
        return None
    if cls is numpy["ndarray"]:
        fields = obj.dtype.names
        dtype = str(obj.dtype) if fields is None else f"[{', '.join(literal(name) for name in fields[:COLUMNS])}]"
        brief = f"ndarray {'×'.join(map(str, obj.shape)) or 'scalar'} {shorten(one_line(dtype), 200)}"
        rows = rows_read([dtype], obj.size, cells)
        notes = [note.text for note in remarks(numpy_column(obj, rows))] if cells else []
        part = [f"in {len(rows):,} values read"] if notes and rows is not None else []
        text = f"{brief}: {'; '.join([*notes, *part])}" if notes else brief
        return Description("data", text, brief, brief)
    if is_one_of(cls, tuple(numpy[name] for name in _NUMBERS)):
        value = repr(str(obj)) if cls.__name__.endswith("64") and cls.__name__[0] in "dt" else repr(obj.item())
        return described("value", f"np.{cls.__name__}({value})")
    return None
