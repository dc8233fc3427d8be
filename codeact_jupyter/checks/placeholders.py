"""Placeholders, and tools and data that exist and are made up again."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import FunctionType

from ..namespace.bindings import bound_names, imported_names, scope_nodes
from ..namespace.describe import signature_text
from ..namespace.static_lookup import frames, is_frame, is_own, text_columns
from ..namespace.tables import describe_table
from .cell import Cell, last_name, names_in, text_of
from .files import where_the_data_is
from .finding import Finding, found

_STAND_IN = re.compile(
    r"(?:[.~/\\\w-]*[/\\])?(?:path[/\\_]to[/\\_].*|your[_-](?!own\b)\w[\w .-]*)"
    r"|<(?:your|insert|path|enter|replace|placeholder|some|the)\b[^<>=]*>"
    r"|<\w+[ _-](?:name|path|here|value|file|column|key|url)>",
    re.IGNORECASE,
)
_OF_DATA = re.compile(r"[./\\]|file|data|frame|df|table", re.IGNORECASE)
_TO_DO = re.compile(
    r"#.*\b(?:todo|implement|replace (?:this|with)|your (?:code|logic)|fill (?:in|this)|placeholder)\b", re.IGNORECASE
)
_ELLIPSIS_IS_MEANT = frozenset(
    {"Field", "Body", "Query", "Path", "Header", "Form", "einsum", "Annotated", "cast", "isinstance"}
)


def find_placeholder(cell: Cell) -> Finding | None:
    """Find an ellipsis in place of code, a name such as `your_file.csv`, or a body that is still to be written.

    Args:
        cell: The cell.

    Returns:
        The first finding, or None.
    """
    for place in _ellipses(cell.tree, None):
        return found("placeholder", f"`...` is a placeholder{place}: write the real code.")
    known = cell.namespace.keys() | names_in(cell.nodes)
    live = {label for name in frames(cell.namespace) for label in text_columns(cell.namespace[name])}
    data = where_the_data_is(cell)
    for node in cell.nodes:
        text = text_of(node)
        if text and text not in live and len(text) < 200 and _STAND_IN.fullmatch(text.strip()):
            return found(
                "placeholder", f"{text!r} is a placeholder: use the real value.", data if _OF_DATA.search(text) else ""
            )
        if isinstance(node, ast.Name) and node.id.startswith("your_") and node.id not in known:
            return found("placeholder", f"`{node.id}` is a placeholder: use a name that is there.", data)
    for body in _bodies(cell.tree):
        lines = cell.code.splitlines()[max(body[0].lineno - 4, 0) : body[0].end_lineno]
        if any(_TO_DO.search(line) for line in lines):
            return found("placeholder", "A body is still to be written: write the real code instead of `pass`.")
    return None


def find_redefinition(cell: Cell) -> Finding | None:
    """Find a tool or a data frame of the user's that the cell defines again.

    Args:
        cell: The cell.

    Returns:
        The first finding, or None.
    """
    methods = {id(part) for node in cell.nodes if isinstance(node, ast.ClassDef) for part in node.body}
    functions = [node for node in cell.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    defined = [node.name for node in functions if id(node) not in methods]
    imported = {name for node in cell.nodes for name in imported_names(node)}
    for name in (*defined, *bound_names(_without_del(cell.tree.body))):
        obj = cell.namespace.get(name)
        if type(obj) is FunctionType and is_own(obj) and name not in imported:
            return found(
                "tool",
                f"`{name}` exists already: call it, do not {'redefine' if name in defined else 'assign to'} it.",
                f"Its signature: {name}{signature_text(obj)}",
            )
    literals = _literals(cell)
    for node in scope_nodes(cell.tree.body):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            obj = cell.namespace.get(node.targets[0].id)
            if obj is not None and is_frame(obj) and _is_made_up(node.value, literals):
                shape = describe_table(obj)
                what = f" ({shape.brief})" if shape else ""
                return found("tool", f"`{node.targets[0].id}` exists already{what}: use it, do not make data up.")
    return None


# --- placeholders ------------------------------------------------------------------------------------------------


def _ellipses(node: ast.AST, parent: ast.AST | None) -> Iterator[str]:
    """Yield a phrase for each ellipsis in place of code; not for those in slices, type hints, stubs and `except`."""
    if isinstance(node, ast.Subscript):
        yield from _ellipses(node.value, node)
        return
    if isinstance(node, ast.ClassDef | ast.ExceptHandler | ast.arguments | ast.Compare | ast.MatchValue):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.decorator_list:
        return
    if isinstance(node, ast.Call) and last_name(node.func) in _ELLIPSIS_IS_MEANT:
        return
    if isinstance(node, ast.Constant) and node.value is ...:
        yield "" if isinstance(parent, ast.Expr) else " for a value"
        return
    skipped = node.annotation if isinstance(node, ast.AnnAssign) else None
    for child in ast.iter_child_nodes(node):
        if child is not skipped:
            yield from _ellipses(child, node)


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield bodies of nothing but a docstring and `pass`."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and not isinstance(node, ast.ExceptHandler | ast.ClassDef | ast.Module):
            rest = [part for part in body if not (isinstance(part, ast.Expr) and text_of(part.value) is not None)]
            if len(rest) == 1 and isinstance(rest[0], ast.Pass):
                yield rest


# --- what exists -------------------------------------------------------------------------------------------------


def _without_del(body: list[ast.stmt]) -> list[ast.stmt]:
    return [statement for statement in body if not isinstance(statement, ast.Delete)]


def _literals(cell: Cell) -> set[str]:
    """Return the names that the cell binds once, to a filled literal."""
    return {
        node.targets[0].id
        for node in cell.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and cell.bound[node.targets[0].id] == 1
        and is_filled(node.value)
    }


def _is_made_up(value: ast.expr, literals: set[str]) -> bool:
    if isinstance(value, ast.Call) and last_name(value.func) == "DataFrame" and value.args:
        first = value.args[0]
        return is_filled(first) or (isinstance(first, ast.Name) and first.id in literals)
    return is_filled(value)


def is_filled(node: ast.expr) -> bool:
    """Return True for a list, tuple or dictionary of literals that is not empty.

    Args:
        node: Any expression.

    Returns:
        True if it is one.
    """
    if not isinstance(node, ast.Dict | ast.List | ast.Tuple):
        return False
    kinds = (ast.Dict, ast.List, ast.Tuple, ast.Constant, ast.UnaryOp, ast.unaryop, ast.expr_context)
    has_values = any(isinstance(part, ast.Constant) for part in ast.walk(node))
    return has_values and all(isinstance(part, kinds) for part in ast.walk(node))
