"""Joins that multiply rows or would need more memory than is free, watched where they happen.

The rows of a large join are counted from its keys before it begins, since it may not come to its end in the copy. Only
a copy of the kernel may be changed like this: the joins of pandas and polars are wrapped.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TIMES = 2  #: a result of so many times the rows of the longer table is told
FACTS = 2  #: most joins that are told
LABELS = 6  #: most columns that are named
LARGE = 10**7  #: pairs of rows above which a join is counted before it begins
CELL = 8  #: bytes of a cell at least
MULTIPLIED = "its key is not unique in either table"  #: words of each fact


def watch_joins(memory: int, tell: Callable[[list[str]], None]) -> list[str]:
    """Wrap the joins of the libraries that are imported. A join that needs too much memory raises `MemoryError`.

    Args:
        memory: Bytes that are free.
        tell: Called with all facts when there is another one: before the join begins if it is a large one.

    Returns:
        A list to which a sentence is appended for each join that multiplies rows.
    """
    watch = _Watch(memory, tell, [])
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and (module := sys.modules.get("pandas.core.reshape.merge")):
        module.merge = pandas.merge = watch.wrap(module.merge, _pandas_rows)  # type: ignore[attr-defined]
    if polars is not None:
        polars.DataFrame.join = watch.wrap(polars.DataFrame.join, _polars_rows)
    return watch.facts


@dataclass(slots=True)
class _Join:
    """One call of a join."""

    function: Callable[..., Any]
    left: Any
    right: Any
    options: Mapping[str, Any]

    @property
    def is_cross(self) -> bool:
        return self.options.get("how") == "cross"

    @property
    def given(self) -> tuple[int, int]:
        return len(self.left), len(self.right)

    @property
    def shared(self) -> list[str]:
        """Columns that both tables have."""
        return [label for label in self.left.columns if label in set(self.right.columns)]

    @property
    def sides(self) -> list[list[Any]]:
        """Columns by which either table is joined: none by its index; without any, those that both have."""
        return [self._keys(side) for side in ("left", "right")]

    def _keys(self, side: str) -> list[Any]:
        if self.options.get(f"{side}_index"):
            return []
        on = self.options.get("on")
        on = self.options.get(f"{side}_on") if on is None else on
        return self.shared if on is None else [*on] if isinstance(on, list | tuple) else [on]


@dataclass(slots=True)
class _Watch:
    memory: int
    tell: Callable[[list[str]], None]
    facts: list[str]

    def wrap(self, function: Callable[..., Any], count: Callable[[_Join], int]) -> Callable[..., Any]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def watched(left: Any, right: Any, *args: Any, **kwargs: Any) -> Any:
            rows, join = None, None
            with contextlib.suppress(Exception):  # no frames, or what the join itself will complain about
                join = _Join(function, left, right, signature.bind(left, right, *args, **kwargs).arguments)
                if join.given[0] * join.given[1] > LARGE:
                    rows = count(join)
            if join is not None and rows is not None:
                self.check(join, rows)
            result = function(left, right, *args, **kwargs)
            with contextlib.suppress(Exception):
                if join is not None and rows is None:
                    self.look_at(join, len(result))
            return result

        return watched

    def check(self, join: _Join, rows: int) -> None:
        """Tell the join; raise an error if its result cannot be held."""
        needed = rows * CELL * (join.left.shape[1] + join.right.shape[1] - len(join.shared))
        if needed > self.memory:
            raise MemoryError(
                f"{_fact(join, rows)} That takes {needed / 1e9:,.1f} GB, {self.memory / 1e9:,.1f} are free."
            )
        self.look_at(join, rows)

    def look_at(self, join: _Join, rows: int) -> None:
        if rows > TIMES * max(join.given) and not join.is_cross and len(self.facts) < FACTS:
            self.facts.append(_fact(join, rows))
            self.tell(self.facts)


def _fact(join: _Join, rows: int) -> str:
    text = f"The join gives {rows:,} rows from {join.given[0]:,} and {join.given[1]:,}"
    if join.is_cross:
        return f"{text}: each row with each."
    keys = [{key for key in side if type(key) is str} for side in join.sides]
    other = [repr(label) for label in join.shared if type(label) is str and not all(label in side for side in keys)]
    both = f" Both tables also have {', '.join(other[:LABELS])}." if other else ""
    return f"{text}: {MULTIPLIED}.{both}"


def _pandas_rows(join: _Join) -> int:
    """Count the rows of the result: the join of both tables' different keys, each with its number of rows."""
    if join.is_cross:
        return join.given[0] * join.given[1]
    counts = []
    for frame, labels, side in zip((join.left, join.right), join.sides, ("left_index", "right_index"), strict=True):
        keys = frame.index.to_frame() if join.options.get(side) else frame[labels]
        keys = keys.set_axis(range(keys.shape[1]), axis=1)
        counts.append(keys.groupby([*keys], observed=True, dropna=False, sort=False).size().rename("n").reset_index())
    columns = [label for label in counts[0] if label != "n"]
    joined = join.function(*counts, on=columns, how=join.options.get("how", "inner"))
    return int((joined["n_x"].fillna(1) * joined["n_y"].fillna(1)).sum())


def _polars_rows(join: _Join) -> int:
    """See `_pandas_rows`."""
    if join.is_cross:
        return join.given[0] * join.given[1]
    left, right = join.sides
    counts = [frame.group_by(keys).len("n") for frame, keys in ((join.left, left), (join.right, right))]
    how = join.options.get("how", "inner")
    joined = join.function(*counts, left_on=left, right_on=right, how=how)
    return int((joined["n"].fill_null(1) * joined["n_right"].fill_null(1)).sum()) if how not in _KEEP else 0


_KEEP = ("semi", "anti")  # joins of polars that select rows of the left table
