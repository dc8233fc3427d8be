"""Rows of cells from the lines of a text, by a separator or by the places of the columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

SEPARATORS = (",", ";", "\t", "|", ":")
INNER = (",", ";", "|", "/")  #: separators that may stand inside the first column
BLANKS = r"\s+"  #: the separator of columns between which there is any number of blanks
PLACES = ""  #: of columns that begin and end at fixed places
_COMPARED = 100  # lines whose blanks tell the places of columns, as `pandas.read_fwf` does it
_FEW = 3  # lines in which blanks may stand below each other by chance
_RULE = re.compile(r"[\s|+]*[-=_]{3}[-=_\s|+]*")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a text."""

    cells: tuple[str, ...]  #: without surrounding blanks
    first: int  #: its first physical line, counted from 0
    is_padded: bool = False  #: blanks stand before separators
    is_spaced: bool = False  #: blanks stand after separators
    has_blank: bool = False  #: a cell is of blanks alone


def split(lines: Sequence[str], separator: str) -> list[Row]:
    """Split lines into cells.

    Args:
        lines: Physical lines with their ends.
        separator: One of `SEPARATORS`, `BLANKS` or `PLACES`.

    Returns:
        The rows with any cell that is not empty; none if the lines cannot be split so.
    """
    if separator == BLANKS:
        rows = _split_at_blanks(lines)
    elif separator == PLACES:
        rows = _split_at_places(lines)
    else:
        rows = _split_at_marks(lines, separator, quote_mark(lines, separator))
    return [row for row in rows if any(row.cells)]


def inner_separator(rows: Sequence[Row], separator: str) -> str:
    """Find the separator of several keys in the first column, as in `unit,geo` above `EUR,AT`.

    Args:
        rows: The rows of the table, its header among them.
        separator: Between the columns.

    Returns:
        The mark that divides the first cell of each row into as many parts, and that no other cell has; else empty.
    """
    width = max((len(row.cells) for row in rows), default=0)
    whole = [row.cells for row in rows if len(row.cells) == width]
    if width < 2 or len(whole) < _FEW:
        return ""
    for mark in INNER:
        parts = [cells[0].split(mark) for cells in whole]
        is_named = len(parts[0]) > 1 and all(any(map(str.isalpha, name)) for name in parts[0])
        is_divided = is_named and all(len(each) == len(parts[0]) and all(each) for each in parts)
        if mark != separator and is_divided and not any(mark in cell for cells in whole for cell in cells[1:]):
            return mark
    return ""


def divided(rows: Sequence[Row], mark: str) -> list[Row]:
    """Divide the first cells of rows.

    Args:
        rows: The rows.
        mark: Between the parts of their first cells; empty to leave them whole.

    Returns:
        The rows with more cells, and those that cannot be divided as they were.
    """
    return (
        [replace(row, cells=(*map(str.strip, row.cells[0].split(mark)), *row.cells[1:])) for row in rows]
        if mark
        else [*rows]
    )


def quote_mark(lines: Sequence[str], separator: str) -> str:
    """Find the mark around cells.

    Args:
        lines: Physical lines.
        separator: Between cells.

    Returns:
        An apostrophe if most lines have cells in apostrophes and none has double quotes; else a double quote.
    """
    some = [line for line in lines[:_COMPARED] if line.strip()]
    mark = re.escape(separator)
    quoted = re.compile(rf"(?:^|{mark})'[^']*'\s*(?:$|{mark})") if separator else None
    if quoted is None or any('"' in line for line in some):
        return '"'
    return "'" if sum(quoted.search(line) is not None for line in some) * 2 > len(some) else '"'


def _split_at_blanks(lines: Sequence[str]) -> list[Row]:
    if any('"' in line for line in lines[:_COMPARED]):
        return _split_at_marks(lines, " ", '"')
    return [Row(tuple(line.split()), number) for number, line in enumerate(lines)]


def _split_at_marks(lines: Sequence[str], separator: str, quote: str) -> list[Row]:
    reader = csv.reader(lines, delimiter=separator, quotechar=quote, skipinitialspace=True)
    rows, first, before, after = [], 0, f" {separator}", f"{separator} "
    mark = re.escape(separator)
    blank = re.compile(rf"{mark} +(?:{mark}|[\r\n]|$)")
    try:
        for cells in reader:
            line = lines[first]
            is_spaced = after in line
            has_blank = is_spaced and blank.search(line) is not None
            rows.append(
                Row(tuple(map(str.strip, cells)), first, before in line and quote not in line, is_spaced, has_blank)
            )
            first = reader.line_num
    except csv.Error:  # a field without end, or of more than 128 kB
        return []
    return rows


def _split_at_places(lines: Sequence[str]) -> list[Row]:
    """Split where all lines have blanks."""
    plain = [line.rstrip("\r\n") for line in lines]
    some = [line for line in plain[:_COMPARED] if line.strip() and not _RULE.fullmatch(line)]
    if len(some) <= _FEW or any("\t" in line for line in some):
        return []
    width = max(map(len, some))
    if width > 2000:
        return []
    is_blank = [all(line[place : place + 1] in ("", " ") for line in some) for place in range(width)]
    starts = [place for place in range(width) if not is_blank[place] and (not place or is_blank[place - 1])]
    ends = [next((end for end in range(start, width) if is_blank[end]), width) for start in starts]
    rows = []
    for number, line in enumerate(plain):
        is_rule = _RULE.fullmatch(line) is not None
        cells = [line] if is_rule else [line[start:end] for start, end in zip(starts, ends, strict=True)]
        rows.append(Row(tuple(cell.strip() for cell in cells), number))
    return rows
