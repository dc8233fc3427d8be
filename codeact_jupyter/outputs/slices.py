"""Of which live object a table is a slice, and whether its labels are row numbers.

A slice that shares its memory with the whole is told by where its values are. `head()` of pandas 3 copies: that slice
is told by its values and labels, those at an end of the whole, if the cell takes slices at all. A filter copies too,
and may happen to find the first rows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..namespace.arrays import library
from ..namespace.literals import is_one_of
from ..namespace.source import UNPARSABLE, parse

COLUMNS = 50  #: columns of a table that are compared
_SLICING = ("head", "tail", "limit", "slice")  #: methods of pandas and polars
_INTERNED = (int, str, bool, type(None))  # equal values of these may be the same object by chance


@dataclass(frozen=True, slots=True)
class Whole:
    """The live object that a table is a slice of."""

    rows: int  #: of it
    name: str  #: of it; empty without one


def takes_slices(source: str) -> bool:
    """Return True if a cell has a slice such as `df[:5]` or `df.head()`.

    Args:
        source: The cell.
    """
    try:
        nodes = list(ast.walk(parse(source)))
    except UNPARSABLE:
        return False
    return any(isinstance(node, ast.Slice) or getattr(node, "attr", "") in _SLICING for node in nodes)


def whole_of(table: Any, namespace: Mapping[str, Any], *, by_value: bool) -> Whole:
    """Return the live object that a table is a slice of.

    Args:
        table: A table, array or list of exactly a class of a library.
        namespace: Live objects by name.
        by_value: Equal values and labels at an end of a live table make a slice of it, and not shared memory alone.

    Returns:
        The longest such object; the table itself without one.
    """
    live = [(name, obj) for name, obj in namespace.items() if not name.startswith("_")]
    wholes = [
        Whole(len(obj), name)
        for name, obj in live
        if type(obj) is type(table) and _is_slice(table, obj, by_value=by_value)
    ]
    for library_name in ("pandas", "polars"):
        if is_one_of(type(table), _classes(library_name, "Series")):
            tables = [(name, obj) for name, obj in live if is_one_of(type(obj), _classes(library_name, "DataFrame"))]
            wholes += [Whole(len(obj), name) for name, obj in tables if _is_slice(table, obj, by_value=by_value)]
    own = Whole(len(table) if getattr(table, "ndim", 1) else 1, next((n for n, obj in live if obj is table), ""))
    return max(wholes, key=lambda whole: whole.rows, default=own)


def are_row_numbers(table: Any, namespace: Mapping[str, Any]) -> bool:
    """Return True if the labels of the rows are row numbers, of the table itself or of a live one that it came from.

    Args:
        table: A frame or series of pandas.
        namespace: Live objects by name.
    """
    index = table.index
    if index.nlevels > 1 or index.name is not None or index.dtype.kind not in "iu":
        return False
    return _is_default(index) or any(
        _is_frame(obj)
        and _is_default(obj.index)
        and _has_columns_of(obj, table)
        and 0 <= index.min() <= index.max() < len(obj)
        for obj in namespace.values()
    )


def _is_default(index: Any) -> bool:
    """Return True for the labels that pandas gives where it is given none."""
    is_range = type(index) is library("pandas")["RangeIndex"]
    return is_range and index.name is None and index.start == 0 and index.step == 1


def _is_frame(obj: object) -> bool:
    return is_one_of(type(obj), _classes("pandas", "DataFrame"))


def _classes(module: str, *names: str) -> tuple[Any, ...]:
    """Return the classes of a library that is imported."""
    return tuple(library(module)[name] for name in names if library(module))


def _has_columns_of(frame: Any, table: Any) -> bool:
    labels = list(table.columns) if _is_frame(table) else [table.name]
    return frame.columns.is_unique and bool(labels) and all(label in frame.columns for label in labels)


# --- slices ------------------------------------------------------------------------------------------------------


def _is_slice(part: Any, whole: Any, *, by_value: bool) -> bool:
    """Return True if a shorter table is a slice of rows of a longer one."""
    if part is whole or not getattr(part, "ndim", 1) or not getattr(whole, "ndim", 1) or not 0 < len(part) < len(whole):
        return False
    if type(part) is list:
        return _are_same(part, whole)
    if is_one_of(type(part), _classes("numpy", "ndarray")):
        return part.shape[1:] == whole.shape[1:] and _share(part, whole)
    pairs = list(_columns(part, whole))
    arrays = [(_array(one), _array(other)) for one, other in pairs]
    shared = [_share(one, other) for one, other in arrays if one is not None and other is not None]
    return any(shared) or (by_value and bool(pairs) and all(_is_at_an_end(one, other) for one, other in pairs))


def _are_same(part: Sequence[Any], whole: Sequence[Any]) -> bool:
    """Return True if a list holds the very objects at the beginning or the end of another one."""
    if len(part) < 3 and is_one_of(type(part[0]), _INTERNED):
        return False
    ends = (whole[: len(part)], whole[-len(part) :])
    return any(all(one is other for one, other in zip(part, end, strict=True)) for end in ends)


def _columns(part: Any, whole: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the columns of a table with those of another one that have the same labels; none if one is missing."""
    if len(whole.shape) == 1:
        if part.name == whole.name:
            yield part, whole
    elif is_one_of(type(whole), _classes("polars", "DataFrame")):
        parts = {each.name: each for each in ([part] if len(part.shape) == 1 else part.get_columns())}
        if parts.keys() <= set(whole.columns):
            yield from ((each, whole[label]) for label, each in list(parts.items())[:COLUMNS])
    elif _has_columns_of(whole, part):
        labels = part.columns[:COLUMNS] if _is_frame(part) else [part.name]
        if len(part.shape) == 1:
            yield part, whole[part.name]
        elif part.columns.is_unique:
            yield from ((part[label], whole[label]) for label in labels)


def _array(column: Any) -> Any:
    """Return the memory of a column as an array; `None` if it is no single array."""
    if is_one_of(type(column), _classes("polars", "Series")):
        try:
            return column.to_numpy(allow_copy=False)
        except Exception:  # text, or missing values
            return None
    return column.to_numpy() if type(column.dtype).__module__.startswith("numpy") else None


def _share(one: Any, other: Any) -> bool:
    return bool(library("numpy")["may_share_memory"](one, other))


def _is_at_an_end(part: Any, whole: Any) -> bool:
    """Return True for a column with the values and labels of the beginning or the end of another one."""
    for end in (whole.head(len(part)), whole.tail(len(part))):
        if str(part.dtype) == str(end.dtype) == "object":  # to compare its values might run code of the user
            is_same = part.index.equals(end.index) and all(a is b for a, b in zip(part, end, strict=True))
        else:
            is_same = bool(part.equals(end))
        if is_same:
            return True
    return False
