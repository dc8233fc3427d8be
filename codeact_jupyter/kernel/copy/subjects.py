"""The user's data that a cell may read, as objects, functions and files that can be changed one by one."""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import FunctionType, MethodType, ModuleType
from typing import Any, Literal

from .changeable import columns_of, has_length, has_rows, is_data, is_table, part_of, size_of, width_of
from .other_data import INDEX, Changing
from .other_files import FILES, Files, is_installed
from .reads import Reads
from .relevance import Question
from .reruns import GENERATORS, column_label

ROWS, CELLS = 500, 20_000  #: most rows of each table, and most values of all tables, with which a cell is run
LARGEST = 100_000  #: most values of data of which no rows are taken, such as a dictionary of tables
LISTED = 6  #: most names of data that a cell does not read
VALUES = 200  #: distinct values of a column that are compared with the question
SEEN = 2_000  #: rows from which these are taken; fewer of a wide table


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that can be changed by itself."""

    kind: Literal["object", "columns", "shape", "function", "file"]  #: what of it is changed
    root: str  #: name of the object, or the path of the file
    label: str  #: as it is shown
    columns: tuple[Any, ...] = ()  #: labels of the columns that are changed


class Subjects:
    """All that a cell may read.

    Args:
        namespace: Live objects by name.
        hidden: Names that are not the user's.
        reads: What the cell may read.
        question: The question that it is for.
        files: The files that it reads.

    Attributes:
        rows: Number of rows of each table.
        fixed: What it may read and cannot be changed.
    """

    def __init__(
        self, namespace: Mapping[str, Any], hidden: Mapping[str, Any], reads: Reads, question: Question, files: Files
    ) -> None:
        live = {name: obj for name, obj in namespace.items() if name not in hidden and not name.startswith("__")}
        self._all = {name: obj for name, obj in live.items() if is_data(obj) or is_function(obj)}
        read = {name: obj for name, obj in live.items() if reads.anything or name in reads.words}
        self._paths = {name: path for name, obj in read.items() if (path := _redirected(obj, files)) is not obj}
        data = {name: obj for name, obj in read.items() if name not in self._paths and is_data(obj)}
        widths = {name: width_of(obj) for name, obj in data.items() if has_length(obj)}
        rows = min(ROWS, CELLS // max(1, sum(width for width in widths.values() if width <= CELLS)))
        data = {name: obj for name, obj in data.items() if _is_small(obj, rows)}
        self.rows = {name: len(obj) for name, obj in data.items() if is_table(obj)}
        self._data = {name: part_of(obj, rows) for name, obj in data.items()}
        self._functions = {name: obj for name, obj in read.items() if is_function(obj) and name not in reads.bound}
        self._files = files
        self._reads = reads
        self._question = question
        others = {name: obj for name, obj in read.items() if name not in data and name not in self._paths}
        self.fixed = [name for name, obj in others.items() if _is_fixed(obj)]
        self._unread = {name for name in self._all if name not in read}

    def __bool__(self) -> bool:
        return bool(self._data or self._functions or self._files.labels)

    def given(self, changing: Changing | None, subject: Subject | None = None) -> dict[str, Any]:
        """Return the objects for one run, and write the files for it.

        Args:
            changing: Makes changed data; None for all as they are.
            subject: What is changed; None for everything.
        """
        is_file = subject is not None and subject.kind == "file"
        if subject is None or is_file or changing is None:
            self._files.write(changing, subject.root if subject else None)
        else:
            self._files.write(None)
        given = {name: self._object(name, obj, changing, subject) for name, obj in self._data.items()}
        given |= self._paths
        for name, function in self._functions.items():
            is_changed = changing is not None and (subject is None or subject.root == name)
            given[name] = changing.function(function, name) if changing and is_changed else function
        return given

    def each(self) -> list[Subject]:
        """Return what can be changed by itself: what the question names first, and then what the cell names."""
        found = [Subject("file", path, label) for path, label in self._files.labels.items()]
        found += [Subject("function", name, f"{name}()") for name in self._functions]
        for name, obj in self._data.items():
            found += self._parts(name, obj) if is_table(obj) else [Subject("object", name, name)]
        return sorted(found, key=lambda subject: (not self._is_named(subject), len(subject.columns) > 1))

    def shapes(self) -> list[Subject]:
        """Return the tables, to change their labels and number of rows."""
        return [Subject("shape", name, name) for name, obj in self._data.items() if is_table(obj)]

    def single(self, subject: Subject) -> list[Subject]:
        """Return the columns of a subject, one by one.

        Args:
            subject: Columns of a table.
        """
        return [self._column(subject.root, label) for label in subject.columns]

    def labels(self, subject: Subject) -> list[str]:
        """Return what is changed with a subject, as it is shown.

        Args:
            subject: Any subject.
        """
        return [each.label for each in self.single(subject)] or [subject.label]

    def whole_rows(self, subject: Subject) -> int:
        """Return the number of rows of a column; 0 for anything else, and of a table that is not used as a whole.

        Args:
            subject: Any subject.
        """
        is_column = len(subject.columns) == 1 and subject.columns[0] is not INDEX
        rows = self.rows.get(subject.root, 0) if is_column else 0
        return rows if rows and rows == len(self._data[subject.root]) else 0

    def only_root(self) -> str:
        """Return the name of the one thing that the cell may read; empty if there are none or several."""
        labels = [*self._data, *(f"{name}()" for name in self._functions), *self._files.labels.values()]
        return labels[0] if len(labels) == 1 else ""

    def root_of(self, label: str) -> str:
        """Return the name of the object that a label belongs to; the label itself for a file or a function.

        Args:
            label: As `Subject.label` has it.
        """
        return next((name for name in self._data if label == name or label.startswith((f"{name}.", f"{name}["))), label)

    @property
    def named(self) -> list[str]:
        """All the user's data that the question names, whether the cell reads it or not."""
        return [label for _, label in self._named]

    @functools.cached_property
    def _named(self) -> list[tuple[str, str]]:
        """The same, each with the name of its object; a file has none."""
        found = [("", json.dumps(path, ensure_ascii=False)) for path in self._question.files()]
        for name, obj in self._all.items():
            if is_function(obj):
                doc = (inspect.getdoc(obj) or "").partition("\n")[0]
                found += [(name, f"{name}()")] if self._question.touches([name, doc]) else []
                continue
            found += [(name, column_label(name, label)) for label in self._columns.get(name, ())]
            is_named = self._question.names(name) or self._question.touches([name, *columns_of(obj)])
            if is_named or self._columns.get(name) or self._question.has_value(_texts_of(obj)):
                found.append((name, name))
        return found

    @functools.cached_property
    def _columns(self) -> dict[str, list[Any]]:
        """By table: the columns that the question names, and those of which it has a value."""
        return {name: self._columns_of(obj) for name, obj in self._all.items() if is_table(obj)}

    def _columns_of(self, table: Any) -> list[Any]:
        labels, asked = columns_of(table), self._question
        rows = max(1, min(SEEN, LARGEST // max(1, len(labels))))
        return [label for label in labels if asked.names(label) or asked.has_value(_values_of(table, label, rows))]

    def unread(self) -> list[str]:
        """Return the objects, columns and functions that the question names and the cell does not read."""
        return [label for name, label in self._named if name in self._unread]

    def others(self) -> list[str]:
        """Return the names of the user's data, for a cell that reads none: those first that the question names."""
        listed = {name: obj for name, obj in self._all.items() if not name.startswith("_")}
        names = [f"{name}()" if is_function(obj) else name for name, obj in listed.items()]
        files = [label for label in self.named if label.startswith('"')]
        return [*files, *sorted(names, key=lambda name: name not in self.named)][:LISTED]

    def _object(self, name: str, obj: Any, changing: Changing | None, subject: Subject | None) -> Any:
        if changing is None or (subject is not None and subject.root != name):
            return part_of(obj, sys.maxsize)
        if subject is not None and subject.kind == "shape":
            return changing.shape(obj)
        return changing.data(obj, name, subject.columns if subject and subject.kind == "columns" else None)

    def _parts(self, name: str, table: Any) -> Iterator[Subject]:
        """Yield the columns that the cell or the question names, each by itself, and the others together."""
        labels = columns_of(table)
        known = [label for label in labels if self._reads.mention(label) or label in self._columns[name]]
        yield from (self._column(name, label) for label in known)
        others = [label for label in labels if label not in known]
        if getattr(table, "index", None) is not None and type(table.index).__name__ != "RangeIndex":
            others.append(INDEX)
        if others:
            yield self._column(name, others[0]) if len(others) == 1 else Subject("columns", name, name, tuple(others))

    def _column(self, name: str, label: Any) -> Subject:
        return Subject("columns", name, f"{name}.index" if label is INDEX else column_label(name, label), (label,))

    def _is_named(self, subject: Subject) -> bool:
        if subject.columns:
            return any(label in self._columns[subject.root] for label in subject.columns)
        return self._question.names(subject.label)


def is_function(obj: Any) -> bool:
    """Return True for a function, or a bound method, that is not of an installed library.

    Args:
        obj: Any object.
    """
    if isinstance(obj, functools.partial):
        return is_function(obj.func)
    if isinstance(obj, MethodType):
        return not isinstance(obj.__self__, ModuleType) and is_function(obj.__func__)
    function = inspect.unwrap(obj) if hasattr(obj, "__wrapped__") and callable(obj) else obj
    return isinstance(function, FunctionType) and not is_installed(function.__code__.co_filename)


def _is_small(obj: Any, rows: int) -> bool:
    """Return True for data of which no copy, or no copy of so many rows, is too large to be changed again and again."""
    size = size_of(obj)
    return size <= LARGEST or (has_rows(obj) and size // len(obj) * min(len(obj), rows) <= LARGEST)


def _is_fixed(obj: Any) -> bool:
    """Return True for an object that may hold data and cannot be changed."""
    if isinstance(obj, PurePath):  # of no file
        return False
    if isinstance(obj, ModuleType):
        return not is_installed(getattr(obj, "__file__", None) or sys.prefix)
    is_of_library = callable(obj) and type(obj).__module__.partition(".")[0] in ("numpy", "polars")  # such as `col`
    is_code = isinstance(obj, type | functools.partial) or inspect.isroutine(obj) or is_of_library
    return not is_code and type(obj).__name__ not in GENERATORS


def _redirected(obj: Any, files: Files) -> Any:
    """Return the path of a file's copy for a text or path that is one of a file, also in a list; else the object."""
    if isinstance(obj, list) and obj:
        found = [_redirected(each, files) for each in obj[: 2 * FILES]]
        return found if all(one is not two for one, two in zip(found, obj, strict=False)) else obj
    if not isinstance(obj, str | PurePath):
        return obj
    path = files.redirect(str(obj))
    return obj if path == str(obj) else type(obj)(path)


def _values_of(table: Any, label: Any, rows: int) -> Iterator[Any]:
    """Yield some of the distinct values of a column, from about so many rows; of dates, the years."""
    column = table[label]
    if getattr(column, "ndim", 1) != 1 or getattr(column.dtype, "kind", "") == "f":  # of one label, or fractions
        return
    values = column[:: max(1, len(column) // rows)].to_list()
    with contextlib.suppress(TypeError):  # lists among them
        values = list(dict.fromkeys(values))
    yield from (getattr(value, "year", value) for value in values[:VALUES])


def _texts_of(obj: Any) -> Iterator[Any]:
    """Yield some texts of data that are no table."""
    if isinstance(obj, dict):
        yield from itertools.islice(obj, VALUES)
        obj = list(itertools.islice(obj.values(), VALUES))
    if isinstance(obj, list | tuple | set | frozenset):
        for item in itertools.islice(obj, VALUES):
            yield from item.values() if isinstance(item, dict) else (item,)
    elif not is_table(obj) and (hasattr(obj, "to_list") or hasattr(obj, "flat")):
        yield from (obj[:VALUES].to_list() if hasattr(obj, "to_list") else obj.flat[:VALUES].tolist())
