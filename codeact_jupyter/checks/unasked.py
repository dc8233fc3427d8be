"""What a task does not ask for: a function that changes something, where it only asks; a cell that only imports."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from .cell import read_cell
from .finding import Finding, found
from .verbs import CHANGES, changes, stems


def find_unasked(code: str, namespace: Mapping[str, Any], task: str) -> Finding | None:
    """That the cell does nothing but import, or calls a function which changes something, by its description, while no
    word of the task does."""
    try:
        cell = read_cell(code, namespace)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    words = stems(task)
    if all(isinstance(node, ast.Import | ast.ImportFrom) for node in cell.tree.body) and "import" not in words:
        return found("idle", "This only imports. Do the work in the same step.")
    for node in cell.nodes if not words & CHANGES else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and changes(namespace.get(node.func.id)):
            text = f"`{node.func.id}()` changes something, which the task does not ask for."
            return found("unasked", text, "Use functions that only tell.")
    return None
