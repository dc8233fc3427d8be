"""Kinds of data that a copy can change: what counts as data, and parts and copies of it.

The libraries are found in `sys.modules`, never imported.
"""

from __future__ import annotations

import copy
import dataclasses
import math
import random
import sys
from collections import deque
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .other_values import is_missing

LEAVES = 2000  #: most values of a container that are looked at
DEPTH = 6  #: most containers within one another
SINGLE = (bool, int, float, str, date, timedelta, Decimal, Fraction)  #: classes of single values

_CONTAINERS = (list, tuple, dict, set, frozenset, deque)


def is_data(obj: Any, depth: int = DEPTH) -> bool:
    """Return True for an object that can be changed here.

    Args:
        obj: Any object.
        depth: How many containers within one another are looked into.
    """
    if is_missing(obj) or isinstance(obj, (*SINGLE, *tables(), *arrays(), *numbers())):
        return True
    if not depth or isinstance(obj, type):
        return False
    if dataclasses.is_dataclass(obj):
        return all(is_data(getattr(obj, each.name, None), depth - 1) for each in dataclasses.fields(obj))
    if not isinstance(obj, _CONTAINERS):
        return False
    parts = obj.values() if isinstance(obj, dict) else obj
    return all(is_data(part, depth - 1) for part, _ in zip(parts, range(LEAVES), strict=False))


def columns_of(obj: Any) -> list[Any]:
    """Return the labels of a table's columns; none for other objects.

    Args:
        obj: Any object.
    """
    return list(obj.columns) if is_table(obj) else []


def is_table(obj: Any) -> bool:
    """Return True for a data frame of pandas or polars.

    Args:
        obj: Any object.
    """
    return isinstance(obj, frames())


def part_of(obj: Any, rows: int) -> Any:
    """Return a copy of data; of longer data only some rows, the same ones for all data of one length.

    Args:
        obj: Data.
        rows: Most rows to keep.
    """
    if not has_rows(obj) or len(obj) <= rows:
        return copied(obj)
    return rows_of(obj, sorted(random.Random(len(obj)).sample(range(len(obj)), rows)))


def has_rows(obj: Any) -> bool:
    """Return True for data of which some rows or items can be taken.

    Args:
        obj: Data.
    """
    kinds: tuple[type[Any], ...] = (*frames(), *_series(), *arrays(), list, deque)
    return isinstance(obj, kinds) and has_length(obj)


def width_of(obj: Any) -> int:
    """Return how many values a row of data has. See `has_rows`."""
    return len(columns_of(obj)) or math.prod(getattr(obj, "shape", ())[1:])


def size_of(obj: Any, depth: int = DEPTH) -> int:
    """Return about how many values data hold of which no part is taken.

    Args:
        obj: Data.
        depth: How many containers within one another are looked into.
    """
    kinds: tuple[type[Any], ...] = (*tables(), *arrays())
    if isinstance(obj, kinds):
        return len(obj) * width_of(obj) if has_length(obj) else 1
    if isinstance(obj, str):
        return len(obj)
    if dataclasses.is_dataclass(obj):
        return sum(size_of(getattr(obj, each.name), depth - 1) for each in dataclasses.fields(obj)) if depth else 1
    if not depth or not isinstance(obj, _CONTAINERS) or not obj:
        return 1
    parts = obj.values() if isinstance(obj, dict) else obj
    some = [size_of(part, depth - 1) for part, _ in zip(parts, range(LEAVES), strict=False)]
    return sum(some) * len(obj) // len(some)


def copied(obj: Any) -> Any:
    """Return a copy of data that a cell may change in place. See `has_rows`."""
    if isinstance(obj, classes("polars", "DataFrame", "Series", "LazyFrame")):
        return obj.clone()
    kinds: tuple[type[Any], ...] = (*tables(), *arrays())
    if isinstance(obj, kinds):
        return obj.copy()
    return copy.deepcopy(obj) if isinstance(obj, _CONTAINERS) or dataclasses.is_dataclass(obj) else obj


def rows_of(obj: Any, places: list[int]) -> Any:
    """Return some rows or items, as a copy.

    Args:
        obj: A table, a series, an array, a list or a deque.
        places: Their positions.
    """
    if isinstance(obj, classes("pandas", "DataFrame", "Series")):
        return obj.iloc[places].reset_index(drop=True) if _has_plain_index(obj) else obj.iloc[places].copy()
    if isinstance(obj, list | deque):
        return type(obj)(obj[place] for place in places)
    if isinstance(obj, classes("polars", "DataFrame")):  # not at once: that waits for threads that a copy does not have
        return type(obj)([obj[label][places] for label in obj.columns])
    return obj[places]


def _has_plain_index(obj: Any) -> bool:
    return isinstance(obj.index, classes("pandas", "RangeIndex"))


def has_length(obj: Any) -> bool:
    """Return True for data with rows that can be counted: no lazy frame, and no array without a dimension.

    Args:
        obj: Data.
    """
    return not isinstance(obj, classes("polars", "LazyFrame")) and getattr(obj, "ndim", 1) > 0


def frames() -> tuple[type[Any], ...]:
    """Return the classes of data frames."""
    return classes("pandas", "DataFrame") + classes("polars", "DataFrame")


def _series() -> tuple[type[Any], ...]:
    return classes("pandas", "Series", "Index") + classes("polars", "Series")


def tables() -> tuple[type[Any], ...]:
    """Return the classes of data frames, series and indexes."""
    return (*frames(), *_series(), *classes("polars", "LazyFrame"))


def arrays() -> tuple[type[Any], ...]:
    """Return the classes of arrays."""
    return classes("numpy", "ndarray")


def numbers() -> tuple[type[Any], ...]:
    """Return the class of single values of numpy."""
    return classes("numpy", "generic")


def classes(library: str, *names: str) -> tuple[type[Any], ...]:
    """Return classes of a library, if it is imported.

    Args:
        library: Its name.
        *names: Names of the classes.
    """
    module = sys.modules.get(library)
    found = [getattr(module, name, None) for name in names] if module else []
    return tuple(each for each in found if isinstance(each, type))
