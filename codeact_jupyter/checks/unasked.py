"""A function that changes something, in a cell for a task that only asks."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from .cell import read_cell
from .finding import Finding, found
from .looking import is_own
from .unused import stem

_VERBS = """
    adds appends assigns books buys cancels changes closes creates deletes deposits drops enters gives hires inserts
    loads moves opens orders pays puts records registers removes renames replaces reserves sells sends sets ships spends
    starts stops stores submits takes transfers updates waters withdraws writes
"""
_CHANGES = frozenset(map(stem, _VERBS.split()))  #: what descriptions of functions that change something begin with


def find_unasked(code: str, namespace: Mapping[str, Any], task: str) -> Finding | None:
    """That the cell calls a function which changes something, by its description, while no word of the task does."""
    if any(stem(word) in _CHANGES for word in re.findall(r"[^\W\d_]+", task)):
        return None
    try:
        nodes = read_cell(code, namespace).nodes
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _changes(namespace.get(node.func.id)):
            text = f"`{node.func.id}()` changes something, which the task does not ask for."
            return found("unasked", text, "Use functions that only tell.")
    return None


def _changes(obj: object) -> bool:
    if not is_own(obj) or type(obj.__doc__) is not str:
        return False
    first = re.match(r"\W*([^\W\d_]+)", obj.__doc__)
    return first is not None and stem(first.group(1)) in _CHANGES
