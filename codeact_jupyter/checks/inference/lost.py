"""A new frame that a cell makes and then lets go of, as if the old one had been changed."""

from __future__ import annotations

import ast

from ..cell import Cell, words
from ..finding import Finding, found
from .scope import Scope
from .values import Column, Table, is_pandas

_NEW = words(
    "sort_values sort_index drop dropna drop_duplicates fillna rename replace astype reset_index set_index assign "
    "merge round query nlargest nsmallest join explode melt where mask clip ffill bfill"
)


def idle_lines(cell: Cell) -> set[int]:
    """The ids of the expressions that stand alone in a line; the cell's last line is shown, and so is of use. A `try`
    may be there to see what they raise."""
    of_use = [*cell.tree.body[-1:], *(part for node in cell.nodes if isinstance(node, ast.Try) for part in node.body)]
    return {id(node.value) for node in cell.nodes if isinstance(node, ast.Expr) and node not in of_use}


def find_lost(node: ast.expr, scope: Scope) -> Finding | None:
    """That a line calls a method of a frame or series which gives a new one, and keeps nothing of it."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _NEW:
        return None
    owner = scope.infer(node.func.value)
    if not (isinstance(owner, Column) or (isinstance(owner, Table) and is_pandas(owner, "DataFrame"))):
        return None
    if any(keyword.arg in ("inplace", None) for keyword in node.keywords):
        return None
    name = node.func.value.id if isinstance(node.func.value, ast.Name) else "result"
    text = f"`{ast.unparse(node.func)}(…)` leaves its frame as it is, and what it gives is lost."
    return found("lost", text, f"Keep it: `{name} = {ast.unparse(node.func)}(…)`.")
