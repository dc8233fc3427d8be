"""Facts on the largest or smallest value of a column, which a cell shows alone.

Of a number: the row that has it. Of a text: that it is the last or first in alphabetical order, and no more.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..namespace.source import UNPARSABLE, parse
from ..namespace.static_lookup import column_of, frames, is_exactly
from ..outputs.observation import BEGIN, END
from .row_numbers import row_in_words

ALPHABETICAL = "in alphabetical order, since the values are texts."  #: end of a sentence that `explain_extreme` returns
KINDS = ("i", "u", "f")  #: of numpy's types of numbers; other values may run code of the user
_PLACES = {"max": "last", "min": "first"}
_NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:\.\d+)?(?:e[+-]\d+)?(?![\w,]|\.\d)")


def explain_extreme(source: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Tell what the output does not say of the one value that it shows, if that is the largest or smallest of a column.

    Args:
        source: The cell, which ran.
        text: Its observation.
        namespace: Live objects by name.

    Returns:
        A sentence; empty if the output shows something else.
    """
    shown = text.partition(f"{BEGIN}\n")[2].rpartition(f"\n{END}")[0].strip()
    try:
        tree = parse(source)
    except UNPARSABLE:
        return ""
    for call, way, name, label, is_whole in _calls(tree) if shown else ():
        column = column_of(namespace[name], label) if name in frames(namespace) else None
        if column and column.all_text and shown.strip("'\"") in column.values:
            return f"`{call}` is the {_PLACES[way]} {ALPHABETICAL}"
        if column and is_whole and (row := _row(namespace[name], label, way, shown)):
            return f"`{call}` is in one row of `{name}`: {row}."
    return ""


def _calls(tree: ast.AST) -> Iterator[tuple[str, str, str, str, bool]]:
    """Yield each `frame.label.max()`: its code, `max` or `min`, the frame, the label, and if it is of all rows."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(ast.Subscript() | ast.Attribute() as column, "max" | "min" as way)):
                owner: ast.expr = column.value
                is_whole = isinstance(owner, ast.Name)
                label = column.attr if isinstance(column, ast.Attribute) else getattr(column.slice, "value", None)
                while isinstance(owner, ast.Subscript | ast.Attribute):  # rows that a condition selects
                    owner = owner.value
                if isinstance(owner, ast.Name) and type(label) is str:
                    yield ast.unparse(node), way, owner.id, label, is_whole


def _row(frame: Any, label: str, way: str, shown: str) -> str:
    """Return the one row with the largest or smallest number of a column, if the output shows that number alone."""
    numbers = _NUMBER.findall(shown)
    if len(numbers) != 1 or not is_exactly(frame, "pandas", "DataFrame"):
        return ""
    try:
        series = frame[label]
        if getattr(series.dtype, "kind", "") not in KINDS:
            return ""
        value = series.max() if way == "max" else series.min()
        places = (series == value).to_numpy().nonzero()[0]
        is_shown = len(places) == 1 and round(float(value), len(numbers[0].partition(".")[2])) == float(numbers[0])
        return row_in_words(frame, int(places[0])) if is_shown else ""
    except (TypeError, ValueError, AttributeError):  # duplicate names
        return ""
