"""A function that changes something, in a cell for a task that only asks."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from .cell import read_cell
from .finding import Finding, found
from .verbs import CHANGES, changes, stems


def find_unasked(code: str, namespace: Mapping[str, Any], task: str) -> Finding | None:
    """That the cell calls a function which changes something, by its description, while no word of the task does."""
    if stems(task) & CHANGES:
        return None
    try:
        nodes = read_cell(code, namespace).nodes
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and changes(namespace.get(node.func.id)):
            text = f"`{node.func.id}()` changes something, which the task does not ask for."
            return found("unasked", text, "Use functions that only tell.")
    return None
