"""Header of a table: a row of names, two rows of them, a commented one, or none; and a row of units below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from .rows import Row
from .values import MISSING, Notation

_ROWS = 400  # that are compared


@dataclass(frozen=True, slots=True)
class Header:
    """Names of the columns."""

    names: tuple[str, ...] = ()  #: empty if there are none
    second: tuple[str, ...] = ()  #: names of a second row, below the first
    rows: int = 0  #: rows of the table that are not values: header and units
    units: tuple[int, ...] = ()  #: physical line of a row that says what the columns are, counted from 0
    line: int = 0  #: its physical line, counted from 0
    is_comment: bool = False  #: it is in a comment, which a reader does not see
    #: one name less than a row has cells, as the rows are named or end with a separator; or as many
    fit: Literal["all", "named_rows", "open_rows"] = "all"


def find_header(above: Row | None, rows: Sequence[Row], notation: Notation) -> Header:
    """Find the names of the columns.

    Args:
        above: The row above the first that has all cells, if there is one.
        rows: The rows with all cells, two or more.
        notation: Of the numbers.

    Returns:
        The header.
    """
    first, values = rows[0].cells, [row.cells for row in rows[1:_ROWS]]
    if values and _is_second_header(first, values, notation):
        return Header(first, values[0], 2, line=rows[0].first)
    is_next = above is not None and above.first + 1 == rows[0].first
    if above and is_next and (found := _shorter(above, [first, *values], notation)):
        return found
    if names_columns(first, values, notation):
        units = (rows[1].first,) if _is_units(values, notation) else ()
        return Header(first, (), 1 + len(units), units, rows[0].first)
    return (above and _commented(above, len(first), notation)) or Header()


def is_comment(row: Row) -> bool:
    """Tell if a row is a comment.

    Args:
        row: The row.

    Returns:
        True if a mark of comments and a blank are at its beginning.
    """
    return row.cells[0] in ("#", "%") or row.cells[0].startswith(("# ", "% "))


def _commented(above: Row, width: int, notation: Notation) -> Header | None:
    """Return the names in a comment above the rows, if there is one for each column."""
    first, *others = above.cells
    names = tuple(others) if len(first) == 1 else (first[2:].strip(), *others)
    if not is_comment(above) or len(names) != width or not _are_names(names, notation):
        return None
    return Header(names, line=above.first, is_comment=True)


def _are_names(cells: Sequence[str], notation: Notation) -> bool:
    """Return True if all cells could name columns: no numbers, no dates, no `Label:` of a fact above the table."""
    facts = (cell.endswith(":") or notation.is_number(cell) or not any(map(str.isalpha, cell)) for cell in cells)
    return all(cells) and not has_digit(cells[0]) and not any(facts)


def _shorter(above: Row, rows: Sequence[Sequence[str]], notation: Notation) -> Header | None:
    """Return a header above the rows that has one name less than these have cells."""
    names, width = above.cells, len(rows[0])
    if is_comment(above) or not _are_names(names, notation) or len(names) != width - 1 or width < 3:
        return None
    is_open = not any(row[-1] for row in rows)
    return Header(
        (*names, "") if is_open else ("", *names), line=above.first, fit="open_rows" if is_open else "named_rows"
    )


def names_columns(first: Sequence[str], rows: Sequence[Sequence[str]], notation: Notation) -> bool:
    """Tell if a row names the columns: no cell of it is like those below, or its numbers are a series.

    Args:
        first: The row.
        rows: The rows below it.
        notation: Of the numbers.

    Returns:
        True if it does.
    """
    if not rows:
        return not any(map(notation.is_number, first))
    numbers = [cell for cell in first if notation.is_number(cell)]
    if numbers:
        return len(numbers) >= 2 and not notation.is_number(first[0]) and _is_series(numbers)
    if len({cell for cell in first if cell}) < sum(map(bool, first)):
        return all(first)
    for cell, *below in zip(first, *rows[:_ROWS], strict=True):
        values = [value for value in below if value not in MISSING]
        if cell and values and sum(map(has_digit, values)) > 0.8 * len(values) and not has_digit(cell):
            return True
    return not any(cell and cell in below for cell, *below in zip(first, *rows[:_ROWS], strict=True))


def _is_series(numbers: Sequence[str]) -> bool:
    if not all(number.isdigit() for number in numbers):
        return False
    steps = {int(after) - int(before) for before, after in pairwise(numbers)}
    return len(steps) == 1 and steps != {0}


def _is_second_header(first: Sequence[str], rows: Sequence[Sequence[str]], notation: Notation) -> bool:
    """Return True if the first row repeats names, and names and those below them together differ."""
    if len(rows) < 3 or len(first) < 3:
        return False
    second = rows[0]
    is_repeated = len(set(first)) < len(first) and all(first)
    is_named = not any(map(notation.is_number, second)) and len(set(zip(first, second, strict=True))) == len(first)
    numeric = [column for column in zip(*rows[1:], strict=True) if are_numbers(column, notation)]
    return is_repeated and is_named and len(numeric) * 2 >= len(first)


def are_numbers(column: Sequence[str], notation: Notation) -> bool:
    """Tell if all cells are numbers or missing, and one is a number.

    Args:
        column: The cells.
        notation: Of the numbers.

    Returns:
        True if so.
    """
    numbers = [notation.is_number(cell) for cell in column]
    return any(numbers) and all(is_one or cell in MISSING for is_one, cell in zip(numbers, column, strict=True))


def _is_units(rows: Sequence[Sequence[str]], notation: Notation) -> bool:
    """Return True if the first row has no number where all others have one, in two columns or more."""
    if len(rows) < 4:
        return False
    columns = list(zip(*rows, strict=True))
    numeric = [column for column in columns if are_numbers(column[1:], notation)]
    return (
        len(numeric) >= 1
        and all(column[0] and not notation.is_number(column[0]) for column in numeric)
        and all(not has_digit(column[0]) or column in numeric for column in columns)
    )


def has_digit(text: str) -> bool:
    """Tell if a text has a digit.

    Args:
        text: Any text.

    Returns:
        True if it has.
    """
    return any(map(str.isdigit, text))
