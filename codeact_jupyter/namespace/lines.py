"""The line of a table: its columns with their types, and as many remarks on them as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .arrays import Column
from .columns import RANKS, VALUES, Note, remarks
from .literals import Description

LINE_CHARS = 900  #: of the columns and their types, and of the remarks if there is room
REMARKS_CHARS = 300  #: of the remarks if the columns take all room


@dataclass(frozen=True, slots=True)
class Table:
    """A data frame or series: the first columns, and what was read of them."""

    name: str  #: of its class
    height: int  #: number of rows
    width: int  #: number of columns
    labels: list[str]  #: of the first columns; empty for a series without a name
    columns: list[Column]  #: the first columns, or the only one
    rows: int | None = None  #: rows that were read; None for all
    index: str = ""  #: names and types of the row labels
    row_labels: Column | None = None  #: the row labels, if these are text
    about: tuple[str, ...] = ()  #: remarks on the columns' labels

    def in_brackets(self, *, remarked: bool) -> str:
        """Return ` (index species str)`, or nothing if the rows are merely numbered.

        Args:
            remarked: tell values of the row labels, and how many rows were read.
        """
        values = [note.text for note in remarks(self.row_labels) if note.rank == VALUES] if self.row_labels else []
        index = f"{self.index}: {values[-1]}" if remarked and values else self.index
        part = f"remarks from {self.rows:,} rows" if remarked and self.rows is not None else ""
        parts = [part for part in (index, *self.about, part) if part]
        return f" ({'; '.join(parts)})" if parts else ""


def frame_line(table: Table) -> Description:
    """Return `DataFrame 344×8: species str (3 values: …), mass float64 (1% missing; 2700 to 6300), … 6 more`.

    Args:
        table: a data frame.

    Returns:
        The line; the plain one has those remarks alone that name all values of a column.
    """
    names = [f"{label} {column.dtype}" for label, column in zip(table.labels, table.columns, strict=True)]
    found = [remarks(column) for column in table.columns]
    named = [_naming_all(notes, table) for notes in found]
    brief = f"{table.name} {table.height}×{table.width}"

    def line(notes: Sequence[tuple[Note, ...]], *, remarked: bool) -> str:
        columns = ", ".join(_fitting(names, notes, table.width))
        return f"{brief}{table.in_brackets(remarked=remarked)}: {columns}".removesuffix(": ")

    plain = line(named, remarked=False)
    text = line(found, remarked=True) if any(found) or table.row_labels else plain
    index = (table.index,) if table.index else ()
    return Description("frame", text, brief, plain, (*index, *map(_with_notes, names, named)))


def series_line(table: Table) -> Description:
    """Return `Series 200 str city: 3 values: …`.

    Args:
        table: a series.

    Returns:
        The line; the plain one has the remark alone that names all values.
    """
    (column,) = table.columns
    notes = remarks(column)
    brief = " ".join([f"{table.name} {table.height:,} {column.dtype}", *table.labels])
    text, plain = (
        f"{brief}{table.in_brackets(remarked=remarked)}: {_joined(kept)}".removesuffix(": ")
        for kept, remarked in ((notes, True), (_naming_all(notes, table), False))
    )
    return Description("data", text, brief + table.in_brackets(remarked=False), plain)


def _naming_all(notes: tuple[Note, ...], table: Table) -> tuple[Note, ...]:
    """Return the remark that names all values, if all were read: a sample may be another one next time."""
    return tuple(note for note in notes if note.names_all and table.rows is None)


def _fitting(names: list[str], found: Sequence[tuple[Note, ...]], width: int) -> list[str]:
    """Return the columns that fit, with those of their remarks for which there is room beside all names."""
    shown, room = 0, LINE_CHARS
    while shown < len(names) and (left := room - len(names[shown]) - 2) >= 0:
        shown, room = shown + 1, left
    room = max(room, REMARKS_CHARS)
    kept: set[int] = set()
    for rank in RANKS:
        for note in (note for notes in found[:shown] for note in notes if note.rank == rank):
            if len(note.text) + 3 <= room:
                kept.add(id(note))
                room -= len(note.text) + 3
    columns = [
        _with_notes(name, tuple(note for note in notes if id(note) in kept))
        for name, notes in zip(names[:shown], found, strict=False)
    ]
    return [*columns, *([f"… {width - shown:,} more"] if width > shown else [])]


def _with_notes(name: str, notes: tuple[Note, ...]) -> str:
    return f"{name} ({_joined(notes)})" if notes else name


def _joined(notes: tuple[Note, ...]) -> str:
    return "; ".join(note.text for note in notes)
