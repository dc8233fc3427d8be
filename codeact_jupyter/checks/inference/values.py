"""What an expression of the cell stands for, as far as that is certain before it runs. What is not known is None."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

from ...namespace.literals import is_one_of
from ...namespace.static_lookup import class_in, is_exactly
from ...namespace.tables import has_numbered_rows, labels_of, texts_of_rows

LABELS = 5000  #: a frame of more columns is not followed


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """An object that is there already."""

    obj: Any


@dataclass(frozen=True, slots=True, eq=False)
class Maker:
    """The live function that declares what something is: its result, or as `role` says, a part of it."""

    name: str
    function: FunctionType
    role: str = ""

    def part(self, role: str) -> Maker:
        """The same for a part of that."""
        return replace(self, role=f"{role} of {self.role}" if self.role else role)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """Something that will be exactly of this class; `is_open` when it may have attributes beyond the class's.

    Going through it gives `items`, a key of it `values`, a tuple of known length holds `parts`; the `keys` are all that
    a dictionary has.
    """

    cls: type
    is_open: bool = False
    items: Value = None
    values: Value = None
    parts: tuple[Value, ...] = ()
    keys: tuple[str, ...] = ()
    made_by: Maker | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A data frame with no columns but these, and all of them if it `is_whole`; `index` are the names of its row
    labels."""

    cls: type
    columns: tuple[object, ...]
    index: tuple[object, ...] = ()
    is_numbered: bool = True
    is_whole: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Column(Instance):
    """A pandas series: its name, the names of its row labels, and these labels themselves, where they are known."""

    label: object = None
    index: tuple[object, ...] | None = None
    rows: tuple[object, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """A table's rows in groups: what is made of them has the `keys` as row labels, or as columns if it `is_flat`.

    The keys are None where they are not columns by name. With a `label` it is that one column in groups; with
    `is_chosen` the table's columns are those asked for, the keys perhaps among them.
    """

    cls: type
    table: Table
    keys: tuple[str, ...] | None = None
    is_flat: bool = False
    is_chosen: bool = False
    label: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Defined:
    """A function or class that the cell itself defines, once and undecorated."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


Value = Live | Instance | Table | Grouped | Defined | None


def of_live(obj: object, *, is_stable: bool = True) -> Value:
    """A live object's value; of one that the cell may change, no more than its class."""
    if is_exactly(obj, "pandas", "DataFrame", "Series") or is_exactly(obj, "polars", "DataFrame"):
        if not is_stable:
            return Instance(type(obj), is_open=True)
        if is_exactly(obj, "pandas", "Series"):
            return Column(type(obj), is_open=not has_numbered_rows(obj), rows=texts_of_rows(obj, LABELS))
        labels = labels_of(obj, LABELS)
        return (
            None if labels is None else Table(type(obj), _plain(labels[0]), _plain(labels[1]), has_numbered_rows(obj))
        )
    return Live(obj) if is_stable or not is_one_of(type(obj), (dict, list, set)) else Instance(type(obj))


def _plain(labels: tuple[object, ...]) -> tuple[object, ...]:
    """The labels that can be compared without running anything of the user's."""
    return tuple(label for label in labels if is_one_of(type(label), (str, int, float, tuple)))


def class_of(value: Value) -> type | None:
    """The exact class of what the value stands for."""
    if isinstance(value, Live):
        return type(value.obj)
    return value.cls if isinstance(value, Instance | Table | Grouped) else None


def is_pandas(value: Value, name: str) -> bool:
    """Whether it is pandas' `DataFrame` or `Series`."""
    cls = class_of(value)
    return cls is not None and cls is class_in("pandas", name)
