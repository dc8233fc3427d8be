"""Tell the values of a row of which a cell shows only the number, as `idxmax()` of a table with numbered rows does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..namespace.literals import value_literal
from ..namespace.source import UNPARSABLE, parse
from ..namespace.static_lookup import is_exactly, is_plain, text_columns
from ..outputs.observation import BEGIN, END
from ..outputs.slices import are_row_numbers
from ..text import has_word, one_line, shorten

COLUMNS = 8  #: most columns that are told
VALUE_CHARS = 40
_PLACES = ("argmax", "argmin", "idxmax", "idxmin")
_QUOTES = "'\""
_WHOLE = re.compile(r"(?<![\w.,-])\d{1,9}(?![\w,]|\.\d)")


def shown_row(source: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Tell what is in the row whose number the output shows, if it shows nothing else of that row.

    Args:
        source: The cell, which ran.
        text: Its observation.
        namespace: Live objects by name.

    Returns:
        A sentence; empty if the output shows no such number.
    """
    output = text.partition(f"{BEGIN}\n")[2].rpartition(f"\n{END}")[0]
    numbers = [int(each) for each in _WHOLE.findall(output)]
    if len(numbers) != 1:
        return ""
    others = _WHOLE.sub(" ", output)
    try:
        placed = list(_placed(parse(source)))
    except UNPARSABLE:
        return ""
    for call, name in placed:
        row = _row(namespace.get(name), numbers[0], namespace)
        values = filter(None, (value.strip(_QUOTES) for value in row.values()))
        if row and not any(has_word(others, value) for value in values):
            return f"`{call}` is the number of a row of `{name}`. In row {numbers[0]}: {_told(row)}."
    return ""


def _placed(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the calls that give the place of a value in a column, with the name of the table that has it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _PLACES:
            part: ast.expr = node.args[0] if node.args else node.func.value
            while isinstance(part, ast.Subscript | ast.Attribute):  # a column, or rows that a condition selects
                part = part.value
            if isinstance(part, ast.Name):
                yield shorten(ast.unparse(node), 2 * VALUE_CHARS), part.id


def _row(frame: Any, number: int, namespace: Mapping[str, Any]) -> dict[str, str]:
    """Return the plain values of a row by their columns; empty if the rows are not numbered."""
    if not is_exactly(frame, "pandas", "DataFrame") or not text_columns(frame):
        return {}
    try:
        if not are_row_numbers(frame, namespace) or number not in frame.index:
            return {}
        return _values(frame, frame.index.get_loc(number))
    except Exception:  # duplicate names, extension arrays of a user's class
        return {}


def row_in_words(frame: Any, place: int) -> str:
    """Return the plain values of a row with their columns.

    Args:
        frame: A frame of pandas.
        place: Position of the row.
    """
    label = frame.index[place]
    named = {} if type(label) is not str else {"index": _literal(label)}
    return _told(named | _values(frame, place))


def _told(row: Mapping[str, str]) -> str:
    return ", ".join(f"{label} {value}" for label, value in row.items())


def _values(frame: Any, place: int) -> dict[str, str]:
    row = {label: frame[label].iloc[place] for label in text_columns(frame)[:COLUMNS]}
    return {label: _literal(value) for label, value in row.items() if is_plain(value)}


def _literal(value: Any) -> str:
    return shorten(value_literal(value) or one_line(str(value)), VALUE_CHARS)
