"""Explanations of a result that is no number, and of a new column without a value: what is missing, and where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..namespace.source import UNPARSABLE
from ..namespace.static_lookup import column_of, is_exactly

NO_NUMBER = "The result `nan` is no number"  #: start of a sentence that `explain_gaps` returns
NO_VALUE = "holds no value: all are missing"  #: words of the other one
REASONS = 3  #: most objects that are named

_NAN = r"(?:np\.float\d+\()?\bnan\b"
_WORDS = r"[^\d\[\]{}\n]*"  # of a line without other values
_RESULT = re.compile(rf"= {_NAN}|^{_WORDS}{_NAN}{_WORDS}$", re.MULTILINE)


def explain_gaps(source: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Explain a result that is `nan`, or a column that the cell filled with missing values only.

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
    for name, label in _made_columns(tree):
        if _gaps(namespace.get(name), label) == "has no value":
            return f"`{name}[{label!r}]` {NO_VALUE}. Compare what it was made of: its values, row labels and types."
    if not _RESULT.search(text):
        return ""
    reasons = list(dict.fromkeys(_reasons(tree, namespace)))[:REASONS]
    return f"{NO_NUMBER}: {'; '.join(reasons)}." if reasons else f"{NO_NUMBER}."


def _made_columns(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the frame and the label of each `frame["label"] = …`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            label = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if type(label) is str:
                yield node.value.id, label


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


def _gaps(obj: Any, label: str | None = None) -> str:
    """Return `has no rows`, `has no value` or `lacks 6 of 90 values`; empty if nothing is missing."""
    if label is None and any(is_exactly(obj, module, "DataFrame") for module in ("pandas", "polars")):
        return "" if len(obj) else "has no rows"
    column = column_of(obj, label)
    if column is None or column.values is None:
        return ""
    rows = len(column.values) + column.missing
    if not rows:
        return "has no rows"
    if column.missing == rows:
        return "has no value"
    return f"lacks {column.missing:,} of {rows:,} values" if column.missing else ""
