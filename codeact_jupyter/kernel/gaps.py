"""Explanations of a result that is no number, and of a new column without a value: what is missing, and where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..namespace.source import UNPARSABLE
from ..namespace.static_lookup import column_of, is_exactly, text_columns
from .extremes import explain_extreme
from .results import is_empty, unmatched
from .row_numbers import shown_row

NO_NUMBER = "The result `nan` is no number"  #: start of a sentence that `explain_gaps` returns
NO_VALUE = "after this step: make it in another way."  #: end of the other one
EMPTY, NO_ROWS = "has no value", "has no rows"
NONE_LEFT = f"{NO_ROWS} after this step."  #: end of a sentence about a frame
COLUMNS = 40  #: most columns of a new frame that are looked at
REASONS = 3  #: most objects that are named

_NAN = r"(?:np\.float\d+\()?\bnan\b"
_WORDS = r"[^\d\[\]{}\n]*"  # of a line without other values
_RESULT = re.compile(rf"= {_NAN}|^{_WORDS}{_NAN}{_WORDS}$", re.MULTILINE)


def explained(source: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Explain an empty result, one that is no number, the number of a row, or the largest value of a column.

    Args:
        source: The cell, which ran.
        text: Its observation.
        namespace: Live objects by name.

    Returns:
        A sentence or two; empty if the result is another one.
    """
    known = (source, text, namespace)
    return unmatched(*known) or explain_gaps(*known) or shown_row(*known) or explain_extreme(*known)


def explain_gaps(source: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Explain a result that is `nan`, a zero from a frame without rows, or a column filled with missing values only.

    Args:
        source: The cell, which ran.
        text: Its observation.
        namespace: Live objects by name.

    Returns:
        A sentence; empty if the result is no such value.
    """
    try:
        tree = ast.parse(source)
    except UNPARSABLE:
        return ""
    read = _labels_read(tree)
    for name, label in (*_made_columns(tree), *_lost_columns(tree, namespace)):
        found = _gaps(namespace.get(name), label, most=True)
        if found == EMPTY or (found and label not in read):
            return f"`{name}[{label!r}]` {found} {NO_VALUE}"
    if not _RESULT.search(text):
        return _without_rows(tree, text, namespace)
    reasons = list(dict.fromkeys(_reasons(tree, namespace)))[:REASONS]
    advice = f": {'; '.join(reasons)}. Leave the missing ones out, do not fill them with 0." if reasons else "."
    return f"{NO_NUMBER}{advice}"


def _without_rows(tree: ast.AST, text: str, namespace: Mapping[str, Any]) -> str:
    """Tell that a frame which the code assigns has no rows, if the output is empty or zero."""
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    empty = (name for name in dict.fromkeys(names) if _gaps(namespace.get(name)) == NO_ROWS)
    return next((f"`{name}` {NONE_LEFT}" for name in empty if is_empty(text)), "")


def _made_columns(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the frame and the label of each `frame["label"] = …`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            label = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if type(label) is str:
                yield node.value.id, label


def _labels_read(tree: ast.AST) -> set[str]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)]
    return {
        node.slice.value for node in nodes if isinstance(node.slice, ast.Constant) and type(node.slice.value) is str
    }


def _lost_columns(tree: ast.AST, namespace: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the columns without a value of frames that the code assigns, if one that it reads has values there."""
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    read = [namespace.get(node.id) for node in names if isinstance(node.ctx, ast.Load)]
    for name in dict.fromkeys(node.id for node in names if isinstance(node.ctx, ast.Store)):
        frame = namespace.get(name)
        for label in _labels_of(frame)[:COLUMNS]:
            if _gaps(frame, label) == EMPTY:
                others = (_gaps(other, label) for other in read if label in _labels_of(other))
                if any(found not in (EMPTY, NO_ROWS) for found in others):
                    yield name, label


def _labels_of(obj: Any) -> list[str]:
    return text_columns(obj) if is_exactly(obj, "pandas", "DataFrame") else []


def _reasons(tree: ast.AST, namespace: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is missing in the arrays, series and columns that the code reads."""
    for node in ast.walk(tree):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str() as label)):
                found = _gaps(namespace.get(name), label)
            case ast.Attribute(value=ast.Name(id=name), attr=label):
                found = _gaps(namespace.get(name), label)
            case ast.Name(id=name):
                found = _gaps(namespace.get(name))
            case _:
                continue
        if found:
            yield f"`{ast.unparse(node)}` {found}"


def _gaps(obj: Any, label: str | None = None, *, most: bool = False) -> str:
    """Return `has no rows`, `has no value` or `lacks 6 of 90 values`; empty if nothing, or not most, is missing."""
    if label is None and any(is_exactly(obj, module, "DataFrame") for module in ("pandas", "polars")):
        return "" if len(obj) else NO_ROWS
    column = column_of(obj, label)
    if column is None or column.values is None:
        return ""
    rows = len(column.values) + column.missing
    if not rows:
        return "" if most else NO_ROWS
    if column.missing == rows:
        return EMPTY
    if most and 2 * column.missing < rows:
        return ""
    return f"lacks {column.missing:,} of {rows:,} values" if column.missing else ""
