"""Layout of a table in a text: the separator, lines above the table, its header, its rows, and lines below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from .header import Header, are_numbers, find_header, has_digit, is_comment, names_columns
from .rows import BLANKS, PLACES, SEPARATORS, Row, divided, inner_separator, quote_mark, split
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
    header: Header  #: names of the columns
    rows: tuple[tuple[str, ...], ...]  #: those that were looked at, cells without surrounding blanks
    below: int  #: physical lines below the table
    is_padded: bool  #: blanks stand before the separators
    is_spaced: bool  #: blanks stand after the separators, or alone between them
    notation: Notation  #: of its numbers
    quote: str = '"'  #: mark around cells
    comment: str = ""  #: mark of comment lines between the rows
    inner: str = ""  #: separator of the keys that share the first column


def find_layout(lines: Sequence[str], tail: Sequence[str] | None = None) -> Layout | None:
    """Find the table in a text.

    Args:
        lines: The first lines, with their ends; all of them if there is no `tail`.
        tail: The last lines of a longer text.

    Returns:
        The layout; `None` if the text is no table.
    """
    best, best_rows, best_score, inner = None, list[Row](), _LIKELY, ""
    first = [line for line in lines[: _ROWS + _ABOVE] if not line.startswith(("# ", "% "))]
    is_quoted = any('"' in line for line in first)
    for separator in (*SEPARATORS, BLANKS, PLACES):
        rows = split(first, separator)
        mark = "" if is_quoted or separator not in SEPARATORS else inner_separator(_alike(rows), separator)
        rows = divided(rows, mark)
        score = _score(rows) * _TRUST.get(separator, 1.0)
        if separator in (BLANKS, PLACES) and not _has_numbers(rows):
            score = 0.0  # prose is words and blanks too
        if score > best_score:
            best, best_rows, best_score, inner = separator, rows, score, mark
    if _is_alone(first, best, best_rows):
        best, inner = ALONE, ""
    if best is None:
        return None
    cut = _single if best == ALONE else partial(split, separator=best)
    rows, end = divided(cut(lines), inner), None if tail is None else divided(cut(tail), inner)
    return _layout(best, rows, end, quote_mark(lines, best), inner)


def _alike(rows: Sequence[Row]) -> list[Row]:
    """Return the rows of the width that most have."""
    width = _width(rows[:_ROWS])
    return [row for row in rows[:_ROWS] if len(row.cells) == width]


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
    return sum(map(has_digit, cells)) * 3 > len(cells)


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


def _layout(separator: str, rows: Sequence[Row], tail: Sequence[Row] | None, quote: str, inner: str) -> Layout | None:
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
    header = find_header(rows[start - 1] if start else None, kept, notation)
    ends = [] if tail is None else [row.cells for row in tail[: len(tail) - below] if len(row.cells) == width]
    above = header.line if header.names and not header.is_comment else rows[start].first
    between = [row.first for row in body if kept[0].first < row.first < kept[1].first]  # a rule
    return Layout(
        separator,
        (*range(above), *between, *header.units),
        above,
        header,
        (*(row.cells for row in kept[header.rows :]), *ends),
        below,
        bool(inner) or sum(row.is_padded for row in kept) * 2 > len(kept),
        sum(row.is_spaced for row in kept) * 2 > len(kept) or any(row.has_blank for row in kept),
        notation,
        quote,
        comments.pop() if len(comments) == 1 and not between else "",
        inner,
    )


def _start(rows: Sequence[Row], width: int, separator: str) -> int | None:
    """Return the first row of the table: the first that has all its cells, below titles that happen to have as many."""
    start = next((index for index, row in enumerate(rows[:_ABOVE]) if _is_full(row, width)), None)
    if start is None:
        return None
    titles = [index for index in range(start, min(start + _TITLES + 3, len(rows) - 3)) if _ends_titles(rows, index)]
    if width > 1 and titles:
        below = rows[titles[-1] + 1 :]
        after = [row.cells for row in below if len(row.cells) == width][:_ROWS]
        notation = notation_of((cell for cells in after for cell in cells), separator=separator)
        if len(after) > 1 and _is_table_below(after, notation, is_far=titles[-1] >= start + 2):
            return next(index for index in range(titles[-1] + 1, len(rows)) if len(rows[index].cells) == width)
    return start


def _is_table_below(rows: Sequence[Sequence[str]], notation: Notation, *, is_far: bool) -> bool:
    """Return True if rows below titles begin with names, or are of numbers alone and the titles are no header."""
    first, *values = rows
    numeric = [are_numbers(column, notation) for column in zip(*values, strict=True)]
    if all(numeric) and all(map(notation.is_number, first)):
        return is_far
    return any(numeric) and names_columns(first, values, notation) and not any(map(has_digit, first))


def _ends_titles(rows: Sequence[Row], index: int) -> bool:
    """Return True if a row may be the last above a table: it has one cell, or an empty line follows."""
    return _is_text_alone(rows[index]) or rows[index + 1].first > rows[index].first + 1


def _is_text_alone(row: Row) -> bool:
    """Return True for a row with one cell only, which is no comment."""
    return sum(map(bool, row.cells)) == 1 and row.cells[0][:1] not in ("", "#", "%")


def _is_full(row: Row, width: int) -> bool:
    """Return True if a row has all its cells; the first one may be empty, above the names of the rows."""
    return (
        len(row.cells) == width
        and not is_comment(row)
        and sum(map(bool, row.cells)) >= max(width * 0.6, min(width, 2))
        and all(len(cell) < 200 for cell in row.cells)
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
        if width > 1 and _is_text_alone(rows[index]) and not any(map(_has_figures, rows[index + 1 :])):
            return len(rows) - index
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


def _has_figures(row: Row) -> bool:
    """Return True if a cell of the row may be a number."""
    return any(has_digit(cell) and not any(map(str.isalpha, cell)) for cell in row.cells)
