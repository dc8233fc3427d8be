"""A variable that is taken for the column of the same name."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..observing.plain import shorten
from .cell import read_cell
from .finding import Finding, found
from .looking import is_frame
from .values import Table, of_live

VALUE_CHARS = 40


def find_mixup(code: str, namespace: Mapping[str, Any], task: str) -> Finding | None:
    """That the cell reads a live value by a name that a frame which it uses has for a column, too; but where the task
    writes the name as code, it means the value."""
    try:
        cell = read_cell(code, namespace)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    read = {node.id for node in ast.walk(cell.tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    frames = {name for name in read & cell.namespace.keys() if is_frame(cell.namespace[name])}
    tables = {name: of_live(cell.namespace[name]) for name in frames}
    for name in sorted(read - tables.keys() - cell.bound.keys()):
        obj = cell.namespace.get(name)
        if f"`{name}`" in task or obj is None or type(obj) in (FunctionType, ModuleType) or issubclass(type(obj), type):
            continue
        for frame, table in tables.items():
            if isinstance(table, Table) and name in table.columns:
                return found(
                    "mixup",
                    f"`{name}` is a variable of its own; the column is `{frame}[{shorten(name, VALUE_CHARS)!r}]`.",
                    "Use the one that the task means.",
                )
    return None
