"""A variable that is taken for the column of the same name, or made again although the task speaks of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import FunctionType, ModuleType

from ..namespace.describe import examine
from ..namespace.static_lookup import is_frame
from ..text import shorten
from .cell import Cell, names_in
from .finding import Finding, found
from .inference.values import Table, of_live
from .placeholders import is_filled

VALUE_CHARS = 40


def find_mixup(cell: Cell, task: str) -> Finding | None:
    """That the cell reads a live value by a name that a frame which it uses has for a column, too; but where the task
    writes the name as code, it means the value, which is not to be written over with literals."""
    if made_again := next(_made_again(cell, task), None):
        return made_again
    read = {node.id for node in cell.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    frames = {name for name in read & cell.namespace.keys() if is_frame(cell.namespace[name])}
    tables = {name: of_live(cell.namespace[name]) for name in frames}
    for name in sorted(read - tables.keys() - cell.bound.keys() - names_in(cell.nodes)):
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


def _made_again(cell: Cell, task: str) -> Iterator[Finding]:
    for node in cell.tree.body:
        if not isinstance(node, ast.Assign) or not isinstance(target := node.targets[0], ast.Name):
            continue
        value, is_meant = node.value, f"`{target.id}`" in task and target.id in cell.namespace
        is_told = isinstance(value, ast.Constant) and str(value.value) in task
        if is_meant and not is_told and (isinstance(value, ast.Constant) or is_filled(value)):
            what = examine(cell.namespace[target.id]).brief
            yield found("mixup", f"`{target.id}` is there already ({what}): use it as it is, do not make it up.")
