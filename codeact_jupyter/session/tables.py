"""Tables in an observation: which of their characters are no values, and how many of their rows are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

#: What characters of a table are: labels of its rows and columns (data), or none: row numbers, types, lengths.
Kind: TypeAlias = Literal["row", "column", "position", "type", "length"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table, array or list in the text of an observation."""

    start: int  #: of its characters in the text
    end: int  #: behind the last one
    margins: tuple[tuple[int, int, Kind], ...] = ()  #: start and end in the text of what is no cell
    rows: int = 0  #: that are shown
    of: int = 0  #: rows of the whole, of which it shows the beginning, or another part
    name: str = ""  #: of the whole; empty if it has none

    @property
    def note(self) -> str:
        """The number of rows that are shown, in words; empty if all are."""
        whole = f" of `{self.name}`" if self.name else ""
        return f"{self.rows:,} of {self.of:,} rows{whole} are shown." if self.rows < self.of else ""


def tables_from_json(data: Sequence[dict[str, Any]]) -> tuple[Table, ...]:
    """Return the tables that `dataclasses.asdict` and JSON have made plain.

    Args:
        data: One dict for each table.
    """
    return tuple(Table(**{**each, "margins": tuple(map(tuple, each["margins"]))}) for each in data)


def cells(table: Table, text: str) -> str:
    """Return the cells of a table: its text without the margins.

    Args:
        table: The table.
        text: The observation's text.
    """
    ends = [table.start, *(end for _, end, _ in table.margins)]
    starts = [*(start for start, _, _ in table.margins), table.end]
    return " ".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def is_condition(table: Table, text: str) -> bool:
    """Return True for a table of true and false that are not all true. See `cells`."""
    return any("false" in text[start:end].casefold() for start, end, kind in table.margins if kind == "type")


def is_selection(table: Table, text: str) -> bool:
    """Return True for a table shown in whole whose labels are data, or row numbers of another one. See `cells`."""
    numbers = [text[start:end] for start, end, kind in table.margins if kind == "position" and end <= table.end]
    is_renumbered = not {*map(str, range(table.rows))} <= {*numbers}
    return not (table.note or table.name or is_condition(table, text)) and is_renumbered


def values_of(text: str, tables: Sequence[Table], *, lengths: bool = True, parts: bool = True) -> str:
    """Blank out what is no value in the text of an observation: row numbers, types, and notes on hidden rows.

    Args:
        text: The text.
        tables: The tables in it.
        lengths: Keep lengths and shapes, and whole tables that are no selection, whose rows a reader can count.
        parts: Keep tables of which some rows are hidden.

    Returns:
        The text with blanks in the place of these characters.
    """
    shown = list(text)
    for table in tables:
        spans = [(start, end) for start, end, kind in table.margins if kind in ("position", "type")]
        spans += [(start, end) for start, end, kind in table.margins if kind == "length" and not lengths]
        if not (lengths or table.note or is_selection(table, text)):
            spans = [(table.start, table.end)]
        if table.note:
            at = text.find(table.note, table.end)
            spans += [(at, at + len(table.note))] if at >= 0 else []
            spans += [] if parts else [(table.start, table.end)]
        for start, end in spans:
            shown[start:end] = [letter if letter == "\n" else " " for letter in shown[start:end]]
    return "".join(shown)
