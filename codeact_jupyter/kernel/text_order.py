"""The largest or smallest of texts, which a cell shows: it is the last or first in alphabetical order, and no more."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from ..namespace.source import UNPARSABLE, parse
from ..namespace.static_lookup import column_of, frames
from ..outputs.observation import BEGIN, END

ALPHABETICAL = "in alphabetical order, since the values are texts."  #: end of a sentence that `first_of_texts` returns
_PLACES = {"max": "last", "min": "first"}


def first_of_texts(source: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Tell that the text which the output shows was taken by its letters, and not by a value beside it.

    Args:
        source: The cell, which ran.
        text: Its observation.
        namespace: Live objects by name.

    Returns:
        A sentence; empty if the output shows something else.
    """
    shown = text.partition(f"{BEGIN}\n")[2].rpartition(f"\n{END}")[0].strip().strip("'\"")
    try:
        tree = parse(source)
    except UNPARSABLE:
        return ""
    for call, place, name, label in _calls(tree) if shown else ():
        column = column_of(namespace[name], label) if name in frames(namespace) else None
        if column and column.all_text and shown in column.values:
            return f"`{call}` is the {place} {ALPHABETICAL}"
    return ""


def _calls(tree: ast.AST) -> Iterator[tuple[str, str, str, str]]:
    """Yield each `frame.label.max()`, and if it is the last or the first, with the frame and the label."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Subscript() | ast.Attribute() as column, attr="max" | "min" as way)
            ):
                owner: ast.expr = column.value
                label = column.attr if isinstance(column, ast.Attribute) else getattr(column.slice, "value", None)
                while isinstance(owner, ast.Subscript | ast.Attribute):  # rows that a condition selects
                    owner = owner.value
                if isinstance(owner, ast.Name) and type(label) is str:
                    yield ast.unparse(node), _PLACES[way], owner.id, label
