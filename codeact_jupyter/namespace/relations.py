"""Columns by which live tables join, found by comparing samples of their values.

Only frames that are exactly of pandas or polars are read, and only columns of whole numbers, dates and text over the
library's own arrays, so that no code of the user runs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from typing import Any

from ..text import shorten
from .arrays import listed_column
from .literals import literal
from .static_lookup import class_in, contents, exact_module, frames, is_exactly, text_columns

SECONDS = 0.2  #: after this time no further columns are compared
TABLES = 10  #: most tables that are compared
COLUMNS = 30  #: most columns of a table that are compared
SAMPLE = 200  #: values of a column that are looked up in another
ROWS = 1_000_000  #: of a longer column, only the first values are compared with each other
COMMON = 3  #: columns of different names have at least so many values in common
TUPLES = 100_000  #: longer tables are not compared by several columns at once
SHARE = 0.5  #: and at least this share of the sample
WAYS = 3  #: most columns of one table that are told to refer to the same column of another
HOLDERS = 2  #: most tables that are named for a missing column
LABEL_CHARS = 60
VALUES, SAME, NAMED = range(3)  #: ranks: the values alone, the same name, a name such as `customer_id` for `customers`

_TYPES = {
    "whole": re.compile(r"u?int\d+", re.IGNORECASE),
    "date": re.compile(r"date(?:time)?\b.*|datetime64.*", re.IGNORECASE),
    "text": re.compile(r"str|string|object", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Relation:
    """Two tables, and the columns by which a row of the first finds its row in the second."""

    left: str  #: name of the first table
    keys: tuple[str, ...]  #: its columns
    right: str  #: name of the second table, in which the values are unique
    others: tuple[str, ...]  #: its columns
    is_unique: bool  #: the values are unique in the first table, too
    share: float  #: of the first table's values, how many the second one has, as sampled

    @property
    def line(self) -> str:
        """`orders.customer_id → customers.id: many-to-one, 98 % match`."""
        kind = "one-to-one" if self.is_unique else "many-to-one"
        sides = f"{_place(self.left, self.keys)} → {_place(self.right, self.others)}"
        return f"{sides}: {kind}, {100 * self.share:.0f} % match"


def find_relations(namespace: Mapping[str, Any], *, seconds: float = SECONDS) -> list[Relation]:
    """Find how the live tables join, at most one way for each two of them.

    Args:
        namespace: Live objects by name.
        seconds: Time after which no further columns are compared.

    Returns:
        The relations that were found in time.
    """
    end = time.monotonic() + seconds
    tables = [_Table(name, namespace[name]) for name in frames(namespace)[:TABLES]]
    found = []
    for one, other in combinations(tables, 2):
        if one.frame is not other.frame and type(one.frame) is type(other.frame):
            found += _best(list(_ways(one, other, end)))
    return found


def found_elsewhere(name: str, label: str, namespace: Mapping[str, Any]) -> str:
    """Name the other live frames that have a column.

    Args:
        name: Name of the frame that has no such column.
        label: The column.
        namespace: Live objects by name.

    Returns:
        A sentence for each of the frames, with the columns by which the two join; empty if there are none.
    """
    found = []
    for other in frames(namespace):
        if other != name and label in text_columns(namespace[other]):
            joins = find_relations({name: namespace[name], other: namespace[other]})
            found.append(f"`{other}` has {label!r}{f' ({joins[0].line})' if joins else ''}.")
    found.sort(key=lambda text: "→" not in text)
    return " ".join(found[:HOLDERS])


def _best(ways: list[tuple[int, Relation]]) -> list[Relation]:
    """Return the best way to join two tables, and other columns of the first table with the same target."""
    if not ways:
        return []
    rank, best = max(ways, key=lambda way: (way[0], way[1].share))
    alike = [way for other, way in ways if other == rank and (way.right, way.others) == (best.right, best.others)]
    return sorted(alike, key=lambda way: -way.share)[:WAYS]


def _place(table: str, columns: tuple[str, ...]) -> str:
    labels = [shorten(literal(column), LABEL_CHARS) for column in columns]
    return f"{table}.{labels[0]}" if len(labels) == 1 else f"{table}.({', '.join(labels)})"


class _Column:
    """A column of a table, whose values are compared."""

    def __init__(self, label: str, values: Any, kind: str) -> None:
        self.label = label
        self.kind = kind
        self.name = "".join(re.findall(r"[^\W_]", label.casefold()))
        self._values = values

    @cached_property
    def values(self) -> Any:
        values = self._values if self.kind == "whole" else self._values.head(ROWS)
        return values.dropna() if hasattr(values, "dropna") else values.drop_nulls()

    @cached_property
    def sample(self) -> set[Any]:
        step = -(-len(self.values) // SAMPLE) or 1
        return set((self.values.iloc[::step] if hasattr(self.values, "iloc") else self.values[::step]).to_list())

    @cached_property
    def is_unique(self) -> bool:
        if len(self.values) <= 1 or len(self.sample) < min(len(self.values), SAMPLE) // 2:
            return False
        first = self.values.head(ROWS)
        is_unique = getattr(first, "is_unique", None)
        return is_unique if isinstance(is_unique, bool) else bool(first.n_unique() == len(first))

    @cached_property
    def is_consecutive(self) -> bool:
        """True for whole numbers without a gap."""
        return self.kind == "whole" and bool(self.values.max() - self.values.min() + 1 == len(self.values))

    def found(self, sample: set[Any]) -> set[Any]:
        """Return the values of the sample that the column has."""
        wanted = list(sample)
        is_in = self.values.isin(wanted) if hasattr(self.values, "isin") else self.values.is_in(wanted)
        values = self.values[is_in] if hasattr(self.values, "isin") else self.values.filter(is_in)
        return set(values.unique().tolist() if hasattr(self.values, "isin") else values.unique().to_list())


class _Table:
    """A frame and those of its columns that may be keys."""

    def __init__(self, name: str, frame: Any) -> None:
        self.name = name
        self.frame = frame

    @cached_property
    def words(self) -> list[str]:
        """Words of the table's name in the singular."""
        words = re.findall(r"[^\W\d_]{3,}", self.name.casefold())
        return [word.removesuffix("s") for word in words]

    @cached_property
    def columns(self) -> list[_Column]:
        labels = text_columns(self.frame)[:COLUMNS]
        kinds = (
            (label, values, _kind(values)) for label in labels if (values := _values(self.frame, label)) is not None
        )
        return [_Column(label, values, kind) for label, values, kind in kinds if kind]

    def rows(self, columns: Iterable[_Column]) -> list[tuple[Any, ...]]:
        """Return the rows of these columns as tuples."""
        return list(zip(*(self.frame[column.label].to_list() for column in columns), strict=True))


def _values(frame: Any, label: str) -> Any:
    """Return a column over the library's own arrays; None for others and for labels that stand there twice."""
    if is_exactly(frame, "polars", "DataFrame"):
        return frame.get_column(label)
    column = frame[label]
    if not is_exactly(column, "pandas", "Series"):
        return None
    values, arrays = column._mgr.blocks[0].values, exact_module("pandas.arrays")
    own = (class_in("numpy", "ndarray"), *(contents(arrays).values() if arrays else ()))
    return column if any(type(values) is each for each in own) else None


def _kind(values: Any) -> str:
    """Return `whole`, `date` or `text`; empty for other types and for objects that are not all text."""
    dtype = str(values.dtype)
    kind = next((kind for kind, pattern in _TYPES.items() if pattern.fullmatch(dtype)), "")
    if dtype == "object":
        return kind if listed_column(dtype, values.head(ROWS).tolist()).all_text else ""
    return kind


def _ways(one: _Table, other: _Table, end: float) -> Iterator[tuple[int, Relation]]:
    """Yield ways to join the tables by one column each, ranked; if there is none, by all that have the same names."""
    same, is_joined = [], False
    for column, partner in product(one.columns, other.columns):
        if column.kind != partner.kind or time.monotonic() > end:
            continue
        same += [(column, partner)] if column.name == partner.name else []
        for way in (_way(one, column, other, partner), _way(other, partner, one, column)):
            if way:
                is_joined = True
                yield way
    if len(same) > 1 and not is_joined and time.monotonic() <= end:
        yield from ((SAME, way) for way in _by_several(one, other, same))


def _way(one: _Table, key: _Column, other: _Table, target: _Column) -> tuple[int, Relation] | None:
    """Return the relation to a column of unique values, and its rank: how far the names speak for it."""
    is_named = any(word in key.name for word in other.words)
    rank = NAMED if is_named and key.name != target.name else SAME if key.name == target.name else VALUES
    if (rank == VALUES and key.kind != "text") or not key.sample or not target.is_unique:
        return None
    if key.is_unique and key.is_consecutive and target.is_consecutive and len(key.values) != len(target.values):
        return None  # two tables that each number their own rows
    common = len(target.found(key.sample))
    share = common / len(key.sample)
    if not common or (rank != SAME and (common < min(COMMON, len(key.sample)) or share < SHARE)):
        return None
    return rank, Relation(one.name, (key.label,), other.name, (target.label,), key.is_unique, share)


def _by_several(one: _Table, other: _Table, same: list[tuple[_Column, _Column]]) -> Iterator[Relation]:
    """Yield the relation of all columns of the same names together, if the rows of one table are unique in them."""
    if max(len(one.frame), len(other.frame)) > TUPLES:
        return
    sides = [(table, each, table.rows(each)) for table, each in zip((one, other), zip(*same, strict=True), strict=True)]
    ways = []
    for (left, keys, rows), (right, others, targets) in (sides, sides[::-1]):
        values = set(targets)
        sample = rows[:: -(-len(rows) // SAMPLE) or 1]
        share = sum(row in values for row in sample) / max(len(sample), 1)
        if share and len(values) == len(targets):
            labels = tuple(key.label for key in keys), tuple(key.label for key in others)
            ways.append(Relation(left.name, labels[0], right.name, labels[1], len(set(rows)) == len(rows), share))
    yield from sorted(ways, key=lambda way: -way.share)[:1]
