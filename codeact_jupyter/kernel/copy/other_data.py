"""Other data in place of the user's: tables, series, arrays, containers, single values, and what functions return.

Types, labels and keys stay as they are. Only the process of a copy changes its objects like this.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import inspect
import sys
from collections import deque
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from typing import Any

from .changeable import DEPTH, SINGLE, arrays, classes, copied, has_length, is_data, is_table, numbers, rows_of, tables
from .other_values import ANEW, EXCHANGED, FEWER, Draw, differ, other, redrawn

WIDER = 5  #: number of the draw in which tables get a column more
ADDED = "other"  #: label of a column that is added
INDEX = object()  #: stands for the index of a table among its columns


class Changing:
    """Makes changed copies of data.

    Args:
        draw: How to change them.
        rows: Positions of the rows, or items, that are changed; None for all.
        others: How to change all other rows; None to leave them as they are.

    Attributes:
        made: True once a value has been changed.
        unchanged: What could not be changed: labels of functions that returned no data, such as a generator.
        reached: Most rows, or items, of which values could be changed, if these are limited.
    """

    def __init__(self, draw: Draw, rows: Container[int] | None = None, others: Draw | None = None) -> None:
        self.draw = draw
        self.made = False
        self.unchanged: set[str] = set()
        self.reached = 0
        self._rows = rows
        self._others = others

    def data(self, obj: Any, label: str, columns: Collection[Any] | None = None) -> Any:
        """Return a changed copy of data.

        Args:
            obj: Data.
            label: What it is, for the random numbers.
            columns: The columns of a table that are changed, `INDEX` for its index; None to change everything.
        """
        if isinstance(obj, classes("polars", "LazyFrame")):
            return self.data(obj.collect(), label, columns).lazy()
        if isinstance(obj, classes("pandas", "DataFrame")):
            return self._pandas_frame(obj, label, columns)
        if isinstance(obj, classes("polars", "DataFrame")):
            return self._polars_frame(obj, label, columns)
        if isinstance(obj, classes("pandas", "Series")):
            changed = self._pandas_series(obj, label)
            changed.index = self._index(obj.index, label)
            return self._reshaped(changed)
        if isinstance(obj, classes("polars", "Series")):
            return self._reshaped(self._polars_series(obj, label))
        if isinstance(obj, classes("pandas", "Index")):
            return self._built(lambda values: type(obj)(values, name=obj.name), obj.tolist(), label)
        if isinstance(obj, classes("numpy", "ndarray")):
            return self._reshaped(self._array(obj, label))
        return self._plain(obj, label, DEPTH)

    def shape(self, obj: Any) -> Any:
        """Return a table with fewer rows, one more column, or both.

        Args:
            obj: A data frame of pandas or polars.
        """
        self.made = True
        frame = rows_of(obj, self.draw.kept(len(obj))) if self.draw.kind != EXCHANGED else copied(obj)
        return frame if self.draw.kind == ANEW else _with_column(frame)

    def function(self, function: Callable[..., Any], label: str) -> Callable[..., Any]:
        """Return a function that calls another one and changes what it returns.

        Args:
            function: The function.
            label: What it is, for the random numbers.
        """
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                return self.returned(await function(*args, **kwargs), label)

            return awaited

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            return self.returned(function(*args, **kwargs), label)

        return called

    def returned(self, value: Any, label: str) -> Any:
        """Return a changed copy of what a function returned; the value itself if it is no data.

        Args:
            value: Any value.
            label: What it is, for the random numbers.
        """
        if is_data(value):
            return self.data(value, label)
        self.unchanged.add(label)
        return value

    def replaced(
        self, values: Sequence[Any], redraw: Callable[[Draw], Sequence[Any]], draw: Draw | None = None
    ) -> Sequence[Any]:
        """Return changed values; those of the rows that are not to be changed are the old ones, or changed otherwise.

        Args:
            values: The old values.
            redraw: Returns as many changed ones.
            draw: How to change them, if not as the data are.
        """
        changed = redraw(draw or self.draw)
        if (rows := self._rows) is None:
            return changed
        old = redraw(self._others) if self._others else values
        places = [place in rows for place in range(len(values))]
        self.reached = max(self.reached, sum(places))
        return [new if is_changed else other for is_changed, other, new in zip(places, old, changed, strict=True)]

    def takes_rows(self, count: int) -> bool:
        """Return True if some of so many rows are to be left out.

        Args:
            count: Number of rows.
        """
        return self.draw.number == FEWER and count > 1 and self._rows is None

    # --- tables --------------------------------------------------------------------------------------------------

    def _pandas_frame(self, frame: Any, label: str, columns: Collection[Any] | None) -> Any:
        changed = frame.copy()
        for place, name in enumerate(frame.columns):
            if columns is None or name in columns:
                changed.isetitem(place, self._pandas_series(frame.iloc[:, place], f"{label} {place}"))
        if columns is None or INDEX in columns:
            changed.index = self._index(frame.index, label)
        return self._reshaped(changed) if columns is None else changed

    def _polars_frame(self, frame: Any, label: str, columns: Collection[Any] | None) -> Any:
        parts = [frame[name] for name in frame.columns]
        for place, name in enumerate(frame.columns):
            if columns is None or name in columns:
                parts[place] = self._polars_series(parts[place], f"{label} {place}")
        changed = type(frame)(parts)  # `with_columns` may wait for threads of polars, which a copy does not have
        return self._reshaped(changed) if columns is None else changed

    def _pandas_series(self, series: Any, label: str) -> Any:
        pandas: Any = sys.modules["pandas"]

        def build(values: Sequence[Any]) -> Any:
            changed = pandas.Series(values, index=series.index, dtype=series.dtype, name=series.name)
            is_category = isinstance(series.dtype, pandas.CategoricalDtype)
            return changed.cat.remove_unused_categories() if is_category and self.draw.kind == FEWER else changed

        return self._built(build, series.tolist(), label)

    def _polars_series(self, series: Any, label: str) -> Any:
        def build(values: Sequence[Any]) -> Any:
            return sys.modules["polars"].Series(series.name, values, dtype=series.dtype)

        return self._built(build, series.to_list(), label)

    def _array(self, array: Any, label: str) -> Any:
        def build(values: Sequence[Any]) -> Any:
            return sys.modules["numpy"].array(values, dtype=array.dtype).reshape(array.shape)

        return self._built(build, array.ravel().tolist(), label)

    def _index(self, index: Any, label: str) -> Any:
        """Return an index with its labels exchanged, or moved on if they are in order; a plain one stays as it is."""
        if isinstance(index, classes("pandas", "RangeIndex", "MultiIndex")) or not len(index) or self._rows is not None:
            return index
        if index.is_monotonic_increasing and not isinstance(index[0], str):
            moved = index + (index[-1] - index[0]) * (self.draw.number + 1) / 4 if len(index) > 1 else index
            self.made |= not moved.equals(index)
            return moved
        exchanging = Draw(3 * (self.draw.number // 3) + 1)
        return self._built(lambda values: type(index)(values, name=index.name), index.tolist(), label, exchanging)

    def _built(
        self, build: Callable[[Sequence[Any]], Any], values: Sequence[Any], label: str, draw: Draw | None = None
    ) -> Any:
        """Return an object with other values; if its type does not allow them, with its own ones in another order."""
        for way in (draw or self.draw, Draw(3), Draw(4)):
            changed = self.replaced(values, lambda draw: redrawn(values, draw, label), way)
            try:
                built = build(changed)
            except Exception:  # a number that is too large, a category that there is not
                continue
            self.made |= any(map(differ, values, changed))
            return built
        return build(values)

    def _reshaped(self, obj: Any) -> Any:
        """Return data with fewer rows in one draw, and a table with one more column in another."""
        if self.draw.number == WIDER and is_table(obj) and self._rows is None:
            self.made = True
            return _with_column(obj)
        if not has_length(obj) or not self.takes_rows(len(obj)):
            return obj
        self.made = True
        return rows_of(obj, self.draw.kept(len(obj)))

    # --- containers and single values ------------------------------------------------------------------------------

    def _plain(self, obj: Any, label: str, depth: int) -> Any:
        if isinstance(obj, dict):
            return self._filled(copy.copy(obj), self._parts(list(obj.values()), label, depth))
        if isinstance(obj, list | tuple | set | frozenset | deque):
            return self._sequence(obj, label, depth)
        if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
            changed = copy.copy(obj)
            for each in dataclasses.fields(obj):
                object.__setattr__(
                    changed, each.name, self._part(getattr(obj, each.name), f"{label} {each.name}", depth)
                )
            return changed
        if isinstance(obj, numbers()):
            return self._built(lambda values: type(obj)(values[0]), [obj.item()], label)
        if isinstance(obj, SINGLE) and self._rows is None:
            changed = other(obj, self.draw)
            self.made |= differ(changed, obj)
            return changed
        return obj

    def _sequence(self, obj: Any, label: str, depth: int) -> Any:
        parts = list(obj)
        if records := _keys_of_records(parts):
            columns = [self._parts([part[key] for part in parts], f"{label} {key!r}", depth) for key in records]
            changed = [dict(zip(records, values, strict=True)) for values in zip(*columns, strict=True)]
        else:
            changed = self._parts(parts, label, depth)
        if self.takes_rows(len(changed)) and not isinstance(obj, tuple):
            self.made = True
            changed = [changed[place] for place in self.draw.kept(len(changed))]
        if hasattr(obj, "_make"):  # a named tuple
            return obj._make(changed)
        return type(obj)(changed)

    def _parts(self, parts: list[Any], label: str, depth: int) -> list[Any]:
        """Return changed parts of a container: single values together, other parts each by itself."""
        if parts and all(isinstance(part, SINGLE) or part is None for part in parts) and len(parts) > 1:
            changed: list[Any] = self._built(list, parts, label)
            return changed
        return [self._part(part, f"{label} {place}", depth) for place, part in enumerate(parts)]

    def _part(self, part: Any, label: str, depth: int) -> Any:
        if isinstance(part, (*tables(), *arrays())):
            return self.data(part, label)
        return self._plain(part, label, depth - 1) if depth else part

    def _filled(self, mapping: dict[Any, Any], values: Iterable[Any]) -> dict[Any, Any]:
        for key, value in zip(list(mapping), values, strict=True):
            mapping[key] = value
        if self.takes_rows(len(mapping)):
            keys = list(mapping)
            for place in set(range(len(keys))) - set(self.draw.kept(len(keys))):
                del mapping[keys[place]]
        return mapping


def _with_column(frame: Any) -> Any:
    """Return a table with one more column."""
    if isinstance(frame, classes("pandas", "DataFrame")):
        return frame.assign(**{ADDED: range(len(frame))})
    return frame.with_row_index(ADDED)


def _keys_of_records(parts: Sequence[Any]) -> list[Any]:
    """Return the keys of dictionaries that all have the same keys."""
    keys = list(parts[0]) if parts and type(parts[0]) is dict else []
    return keys if len(parts) > 1 and all(type(part) is dict and list(part) == keys for part in parts) else []
