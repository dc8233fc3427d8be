"""Layout of a table in a text: the separator, lines above the table, its header, its rows, and lines below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from .rows import BLANKS, PLACES, SEPARATORS, Row, quote_mark, split
from .values import MISSING, Notation, notation_of

ALONE = "\n"  #: the separator of a table of one column
_ROWS = 400  # that are compared to find the layout
_ABOVE = 40  # lines at most above a table
_BELOW = 10  # lines at most below it
_TITLES = 2  # lines above a table that may have as many cells as its rows
_SUMMANDS = 3  # rows from which a last row with the sums of all others is no chance
_LIKELY = 0.5  # score from which a text is a table
#: Factors of the score for separators that occur in prose, dates or times too.
_TRUST = {BLANKS: 0.9, PLACES: 0.85, ":": 0.8}
_TYPED = re.compile(
    r"[+-]?[\d.,' \u00a0\u202f]*\d(?:[eE][+-]?\d+)?\s?[%\u20ac$\u00a3]?"  # a number
    r"|\d[\d./:\-T ]+\d(?:Z|[+-]\d\d:?\d\d)?"  # a date or a time
    r"|/?[^\W\d_][^,;\t|]*",  # words, or a path
)
_WORDS = re.compile(r"[^\W\d_][\w .'-]{0,40}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Place and shape of a table in a text."""

    separator: str  #: between the cells of a row; also `BLANKS`, `PLACES` or `ALONE`
    skipped: tuple[int, ...]  #: physical lines that are not of the table, counted from 0: above it, a rule, units
    above: int  #: lines above the header, or above the first row without one
    header: tuple[str, ...]  #: empty if there is none
    second_header: tuple[str, ...]  #: a second row of names; empty if there is none
    rows: tuple[tuple[str, ...], ...]  #: those that were looked at, cells without surrounding blanks
    below: int  #: physical lines below the table
    is_padded: bool  #: blanks stand before the separators
    is_spaced: bool  #: blanks stand after the separators
    notation: Notation  #: of its numbers
    quote: str = '"'  #: mark around cells
    comment: str = ""  #: mark of comment lines between the rows


def find_layout(lines: Sequence[str], tail: Sequence[str] | None = None) -> Layout | None:
    """Find the table in a text.

    Args:
        lines: The first lines, with their ends; all of them if there is no `tail`.
        tail: The last lines of a longer text.

    Returns:
        The layout; `None` if the text is no table.
    """
    best, best_rows, best_score = None, list[Row](), _LIKELY
    first = lines[: _ROWS + _ABOVE]
    for separator in (*SEPARATORS, BLANKS, PLACES):
        rows = split(first, separator)
        score = _score(rows) * _TRUST.get(separator, 1.0)
        if separator in (BLANKS, PLACES) and not _has_numbers(rows):
            score = 0.0  # prose is words and blanks too
        if score > best_score:
            best, best_rows, best_score = separator, rows, score
    if _is_alone(first, best, best_rows):
        best = ALONE
    if best is None:
        return None
    cut = _single if best == ALONE else partial(split, separator=best)
    return _layout(best, cut(lines), None if tail is None else cut(tail), quote_mark(lines, best))


def _score(rows: Sequence[Row]) -> float:
    """Return how much the rows look like a table: rows of one width, of cells that are numbers, dates or words."""
    some = rows[:_ROWS]
    width = _width(some)
    if width < 2:
        return 0.0
    alike = [row for row in some if len(row.cells) == width]
    cells = [cell for row in alike for cell in row.cells]
    typed = sum(cell in MISSING or _TYPED.fullmatch(cell) is not None for cell in cells) / len(cells)
    return len(alike) / len(some) * typed * (1 - 0.2 / width)


def _has_numbers(rows: Sequence[Row]) -> bool:
    cells = [cell for row in rows[:_ROWS] for cell in row.cells]
    return sum(map(_has_digit, cells)) * 3 > len(cells)


def _width(rows: Sequence[Row]) -> int:
    widths = Counter(len(row.cells) for row in rows)
    return max(widths, key=lambda width: (widths[width] * (width > 1), width), default=0)


def _is_alone(lines: Sequence[str], separator: str | None, rows: Sequence[Row]) -> bool:
    """Return True if the text is one column: of numbers, perhaps with decimal commas, or of single words."""
    cells = [row.cells[0] for row in _single(lines)]
    if len(cells) < _SUMMANDS:
        return False
    notation = notation_of(cells[1:], separator=ALONE)
    are_numbers = all(notation.is_number(cell) or cell in MISSING for cell in cells[1:])
    if separator == ",":
        return are_numbers and len(rows[0].cells) == 1 and notation.decimal == ","
    if separator is None and (are_numbers or all(map(_WORDS.fullmatch, cells))):
        return not any(cell.count(" ") > 2 or cell.endswith(".") for cell in cells[1:])
    return False


def _single(lines: Sequence[str]) -> list[Row]:
    return [Row((line.strip(),), number) for number, line in enumerate(lines) if line.strip()]


def _layout(separator: str, rows: Sequence[Row], tail: Sequence[Row] | None, quote: str) -> Layout | None:
    width = _width(rows[:_ROWS]) if separator != ALONE else 1
    start = _start(rows, width, separator)
    if start is None:
        return None
    body = [row for row in rows[start:] if len(row.cells) <= width + 1]
    below = _lines_below(rows if tail is None else tail, width)
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
    second: tuple[str, ...] = ()
    if values and _is_second_header(kept, notation):
        header, second, values = kept[0].cells, kept[1].cells, kept[2:]
    units = [values[0].first] if header and not second and _is_units(values, notation) else []
    ends = [] if tail is None else [row.cells for row in tail[: len(tail) - below] if len(row.cells) == width]
    above = rows[start].first
    return Layout(
        separator,
        (*range(above), *_rules(separator, kept), *units),
        above,
        header,
        second,
        (*(row.cells for row in values[len(units) :]), *ends),
        below,
        sum(row.is_padded for row in kept) * 2 > len(kept),
        sum(row.is_spaced for row in kept) * 2 > len(kept),
        notation,
        quote,
        comments.pop() if len(comments) == 1 else "",
    )


def _start(rows: Sequence[Row], width: int, separator: str) -> int | None:
    """Return the first row of the table: the first that has all its cells, below titles that happen to have as many."""
    start = next((index for index, row in enumerate(rows[:_ABOVE]) if _is_full(row, width)), None)
    if start is None:
        return None
    short = [index for index in range(start, min(start + _TITLES + 3, len(rows))) if _is_text_alone(rows[index])]
    if width > 1 and short and short[-1] + 3 < len(rows):
        after = [row.cells for row in rows[short[-1] + 1 :] if len(row.cells) == width][:_ROWS]
        notation = notation_of((cell for cells in after for cell in cells), separator=separator)
        if after and _is_header(after[0], after[1:], notation) and not any(map(_has_digit, after[0])):
            return next(index for index in range(short[-1] + 1, len(rows)) if len(rows[index].cells) == width)
    return start


def _is_text_alone(row: Row) -> bool:
    """Return True for a row with one cell only, which is no comment."""
    return sum(map(bool, row.cells)) == 1 and row.cells[0][:1] not in ("", "#", "%")


def _rules(separator: str, rows: Sequence[Row]) -> list[int]:
    """Return the line of a rule between the header and the rows, which is no row where columns have places."""
    if separator != PLACES or rows[1].first == rows[0].first + 1:
        return []
    return list(range(rows[0].first + 1, rows[1].first))


def _is_second_header(rows: Sequence[Row], notation: Notation) -> bool:
    """Return True if the first row repeats names, and names and those below them together differ."""
    if len(rows) < 4 or len(rows[0].cells) < 3:
        return False
    first, second = rows[0].cells, rows[1].cells
    is_repeated = len(set(first)) < len(first) and all(first)
    is_named = not any(map(notation.is_number, second)) and len(set(zip(first, second, strict=True))) == len(first)
    numeric = [column for column in zip(*(row.cells for row in rows[2:_ROWS]), strict=True) if _are(column, notation)]
    return is_repeated and is_named and len(numeric) * 2 >= len(first)


def _are(column: Sequence[str], notation: Notation) -> bool:
    """Return True if all cells are numbers or missing, and one is a number."""
    numbers = [notation.is_number(cell) for cell in column]
    return any(numbers) and all(is_one or cell in MISSING for is_one, cell in zip(numbers, column, strict=True))


def _is_full(row: Row, width: int) -> bool:
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


def _is_units(rows: Sequence[Row], notation: Notation) -> bool:
    """Return True if the first row has no number where all others have one, in two columns or more."""
    if len(rows) < 4:
        return False
    columns = list(zip(*(row.cells for row in rows[:_ROWS]), strict=True))
    numeric = [column for column in columns if _are(column[1:], notation)]
    return (
        len(numeric) >= 1
        and all(column[0] and not notation.is_number(column[0]) for column in numeric)
        and all(not _has_digit(column[0]) or column in numeric for column in columns)
    )


def _lines_below(rows: Sequence[Row], width: int) -> int:
    """Count the rows below the table: of another width, nearly empty, or behind a row with text alone."""
    last = len(rows)
    while last and len(rows) - last < _BELOW and not _is_full(rows[last - 1], width):
        if len(rows[last - 1].cells) == width and sum(map(bool, rows[last - 1].cells)) > 1:
            break  # a row with gaps
        last -= 1
    if len(rows) - last == _BELOW:
        return 0
    for index in range(max(last - _BELOW, 1), last):
        if width > 1 and _is_text_alone(rows[index]) and not any(map(_has_digits_only, rows[index + 1 :])):
            return len(rows) - index
    return len(rows) - last


def _has_digits_only(row: Row) -> bool:
    """Return True if a cell of the row may be a number."""
    return any(_has_digit(cell) and not any(map(str.isalpha, cell)) for cell in row.cells)


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
