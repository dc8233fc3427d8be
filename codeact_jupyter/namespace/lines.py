"""The line of a table: its columns with their types, and as many remarks on them as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .arrays import Column
from .columns import RANKS, Note, remarks
from .literals import Description

LINE_CHARS = 900  #: of the columns, their types and the remarks


@dataclass(frozen=True, slots=True)
class Table:
    """What is told of a table: the first columns, and what was read of them."""

    name: str  #: of its class
    shape: tuple[int, int]  #: rows and columns, those not read included
    about: tuple[str, ...]  #: remarks on its rows and labels
    labels: list[str]  #: of the first columns
    columns: list[Column]  #: the first columns
    rows: int | None = None  #: rows that were read; None for all


def frame_line(table: Table) -> Description:
    """Return `DataFrame 344×8: species str (3 values: …), mass float64 (1% missing; 2700 to 6300), … 6 more`.

    Args:
        table: a data frame.

    Returns:
        The line with remarks; the plain one has those alone that name all values of a column.
    """
    names = [f"{label} {column.dtype}" for label, column in zip(table.labels, table.columns, strict=True)]
    found = [remarks(column) for column in table.columns]
    named = [tuple(note for note in notes if note.names_all) for notes in found]
    brief = f"{table.name} {table.shape[0]}×{table.shape[1]}"
    about = [*table.about, *([f"remarks from {table.rows:,} of its rows"] if table.rows is not None else [])]
    heading = f"{brief} ({'; '.join(about)})" if about else brief

    def line(notes: Sequence[tuple[Note, ...]]) -> str:
        parts = _fitting(names, notes, table.shape[1])
        return f"{heading}: {', '.join(parts)}" if parts else heading

    columns = map(_with_notes, names, named) if table.rows is None else names
    return Description("frame", line(found), brief, line(named), (*table.about, *columns))


def series_line(heading: str, column: Column, rows: int | None) -> Description:
    """Return `Series 200 str city: 3 values: …`.

    Args:
        heading: the line without remarks.
        column: what was read of the series.
        rows: number of rows that were read; None for all.

    Returns:
        The line.
    """
    notes = remarks(column)
    source = f" (remarks from {rows:,} of its rows)" if rows is not None and notes else ""
    text = f"{heading}{source}: {_joined(notes)}" if notes else heading
    named = tuple(note for note in notes if note.names_all and rows is None)
    return Description("data", text, heading, columns=(_with_notes(heading, named),))


def _fitting(names: list[str], found: Sequence[tuple[Note, ...]], width: int) -> list[str]:
    """Return the columns that fit, with those of their remarks for which there is room beside all names."""
    shown, room = 0, LINE_CHARS
    while shown < len(names) and (left := room - len(names[shown]) - 2) >= 0:
        shown, room = shown + 1, left
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
