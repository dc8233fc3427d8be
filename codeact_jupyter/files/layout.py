"""Layout of a delimited text: the separator, lines above the table, its header, its rows, and lines below it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .values import MISSING, Notation, notation_of

SEPARATORS = (",", ";", "\t", "|")
BLANKS = r"\s+"  #: the separator of columns between which there is any number of blanks
_ROWS = 400  # that are compared to find the layout
_ABOVE = 40  # lines at most above a table
_BELOW = 10  # lines at most below it
_SUMMANDS = 3  # rows from which a last row with the sums of all others is no chance
_TYPED = re.compile(
    r"[+-]?[\d.,' \u00a0\u202f]*\d(?:[eE][+-]?\d+)?\s?[%\u20ac$\u00a3]?"  # a number
    r"|\d[\d./:\-T ]+\d(?:Z|[+-]\d\d:?\d\d)?"  # a date or a time
    r"|[^\W\d_][^,;\t|]*",  # words
)


@dataclass(frozen=True, slots=True)
class Layout:
    """Place and shape of a table in a text."""

    separator: str  #: between the cells of a row; `BLANKS` for any number of blanks
    skipped: int  #: physical lines above the header, or above the first row without one
    header: tuple[str, ...]  #: empty if there is none
    units: int | None  #: physical line of a row of units below the header, counted from 0
    rows: tuple[tuple[str, ...], ...]  #: those that were looked at, cells without surrounding blanks
    below: int  #: physical lines below the table
    is_padded: bool  #: blanks stand before the separators
    notation: Notation  #: of its numbers
    comment: str = ""  #: mark of comment lines between the rows


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[str, ...]  # without surrounding blanks
    first: int  # its first physical line, counted from 0
    is_padded: bool = False


def find_layout(lines: Sequence[str], tail: Sequence[str] | None = None) -> Layout | None:
    """Find the table in a text.

    Args:
        lines: The first lines, with their ends; all of them if there is no `tail`.
        tail: The last lines of a longer text.

    Returns:
        The layout; `None` if the text is no table of two columns or more.
    """
    best, best_score = None, 0.5
    for separator in (*SEPARATORS, BLANKS):
        rows = _split(lines, separator)
        score = _score(rows, separator)
        if score > best_score:
            best, best_score = (separator, rows), score
    return _layout(*best, tail) if best else None


def _split(lines: Sequence[str], separator: str) -> list[_Row]:
    if separator == BLANKS:
        rows = [_Row(tuple(line.split()), number) for number, line in enumerate(lines)]
    else:
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        rows, first = [], 0
        try:
            for cells in reader:
                is_padded = any(cell[-1:] == " " for cell in cells[:-1])
                rows.append(_Row(tuple(cell.strip() for cell in cells), first, is_padded))
                first = reader.line_num
        except csv.Error:  # a field without end, or of more than 128 kB
            return []
    return [row for row in rows if any(row.cells)]


def _score(rows: Sequence[_Row], separator: str) -> float:
    """Return how much the rows look like a table: rows of one width, of cells that are numbers, dates or words."""
    some = rows[:_ROWS]
    width = _width(some)
    if width < 2:
        return 0.0
    alike = [row for row in some if len(row.cells) == width]
    cells = [cell for row in alike for cell in row.cells]
    typed = sum(cell in MISSING or _TYPED.fullmatch(cell) is not None for cell in cells) / len(cells)
    score = len(alike) / len(some) * typed * (1 - 0.2 / width)
    if separator == BLANKS:  # prose is words and blanks too
        return score * 0.9 if sum(map(_has_digit, cells)) * 3 > len(cells) else 0.0
    return score


def _width(rows: Sequence[_Row]) -> int:
    widths = Counter(len(row.cells) for row in rows)
    return max(widths, key=lambda width: (widths[width] * (width > 1), width), default=0)


def _layout(separator: str, rows: Sequence[_Row], tail: Sequence[str] | None) -> Layout | None:
    width = _width(rows[:_ROWS])
    start = next((index for index, row in enumerate(rows[:_ABOVE]) if _is_full(row, width)), None)
    if start is None:
        return None
    body = [row for row in rows[start:] if len(row.cells) <= width + 1]
    below = _lines_below(rows if tail is None else _split(tail, separator), width, separator)
    kept = body[: len(body) - below] if tail is None and below else body
    if tail is None and _is_total([row.cells for row in kept], separator):
        kept, below = kept[:-1], below + 1
    comments = {row.cells[0][0] for row in kept if row.cells[0][:1] in ("#", "%") and len(row.cells) < width}
    kept = [row for row in kept if len(row.cells) == width]
    if len(kept) < 2:
        return None
    notation = notation_of((cell for row in kept[:_ROWS] for cell in row.cells), separator=separator)
    has_header = _is_header(kept[0].cells, [row.cells for row in kept[1:_ROWS]], notation)
    header, values = (kept[0].cells, kept[1:]) if has_header else ((), kept)
    units = values[0].first if has_header and _is_units(values, notation) else None
    return Layout(
        separator,
        rows[start].first,
        header,
        units,
        tuple(row.cells for row in values[units is not None :]),
        below,
        sum(row.is_padded for row in kept) > len(kept) / 2,
        notation,
        comments.pop() if len(comments) == 1 else "",
    )


def _is_full(row: _Row, width: int) -> bool:
    """Return True if a row has all its cells; the first one may be empty, above the names of the rows."""
    return (
        len(row.cells) == width
        and sum(map(bool, row.cells)) >= max(width * 0.6, min(width, 2))
        and all(len(cell) < 200 for cell in row.cells)
    )


def _is_header(first: Sequence[str], rows: Sequence[Sequence[str]], notation: Notation) -> bool:
    """Return True if a row names the columns: no cell of it is like those below, or its numbers are a series."""
    if not rows:
        return not any(map(notation.is_number, first))
    numbers = [cell for cell in first if notation.is_number(cell)]
    if numbers:
        return len(numbers) >= 2 and not notation.is_number(first[0]) and _is_series(numbers)
    if len({cell for cell in first if cell}) < sum(map(bool, first)):
        return all(first)
    for cell, *below in zip(first, *rows[:_ROWS], strict=True):
        values = [value for value in below if value not in MISSING]
        if cell and values and sum(map(_has_digit, values)) > 0.8 * len(values) and not _has_digit(cell):
            return True
    return not any(cell and cell in below for cell, *below in zip(first, *rows[:_ROWS], strict=True))


def _is_series(numbers: Sequence[str]) -> bool:
    if not all(number.isdigit() for number in numbers):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    return len(steps) == 1 and steps != {0}


def _is_units(rows: Sequence[_Row], notation: Notation) -> bool:
    """Return True if the first row has no number where all others have one, in two columns or more."""
    if len(rows) < 4:
        return False
    columns = list(zip(*(row.cells for row in rows[:_ROWS]), strict=True))
    numeric = [column for column in columns if all(notation.is_number(cell) or cell in MISSING for cell in column[1:])]
    numeric = [column for column in numeric if any(notation.is_number(cell) for cell in column[1:])]
    return (
        len(numeric) >= 1
        and all(column[0] and not notation.is_number(column[0]) for column in numeric)
        and all(not _has_digit(column[0]) or column in numeric for column in columns)
    )


def _lines_below(rows: Sequence[_Row], width: int, separator: str) -> int:
    """Count the lines below the table: of another width, nearly empty, or with the totals."""
    last = len(rows)
    while last and len(rows) - last < _BELOW and not _is_full(rows[last - 1], width):
        if len(rows[last - 1].cells) == width and sum(map(bool, rows[last - 1].cells)) > 1:
            break  # a row with gaps
        last -= 1
    if len(rows) - last == _BELOW:
        return 0
    return len(rows) - last


def _is_total(rows: Sequence[Sequence[str]], separator: str) -> bool:
    """Return True if the last row holds the sums of all other rows, in each column where it has a number."""
    if len(rows) < 4 or len(rows) > _ROWS:
        return False
    notation = notation_of((cell for row in rows for cell in row), separator=separator)
    sums = 0
    for column in zip(*(row for row in rows if len(row) == len(rows[-1])), strict=True):
        last, values = notation.value(column[-1]), [notation.value(cell) for cell in column[1:-1]]
        numbers = [value for value in values if value is not None]
        if last is not None and len(numbers) >= _SUMMANDS:
            if abs(sum(numbers) - last) > 1e-6 * max(abs(last), 1):
                return False
            sums += last != 0
    return sums > 0


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)
