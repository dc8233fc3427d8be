"""What a task does not ask for: a function that changes something, where it only asks; a cell that only imports."""

from __future__ import annotations

import ast

from .cell import Cell
from .finding import Finding, found
from .verbs import CHANGES, changes, stems


def find_unasked(cell: Cell, task: str) -> Finding | None:
    """That the cell does nothing but import, or calls a function which changes something, by its description, while no
    word of the task does."""
    words = stems(task)
    only_imports = cell.tree.body and all(isinstance(node, ast.Import | ast.ImportFrom) for node in cell.tree.body)
    if only_imports and "import" not in words:
        return found("idle", "This only imports. Do the work in the same step.")
    for node in cell.nodes if not words & CHANGES else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and changes(cell.namespace.get(node.func.id)):
            text = f"`{node.func.id}()` changes something, which the task does not ask for."
            return found("unasked", text, "Use functions that only tell.")
    return None
