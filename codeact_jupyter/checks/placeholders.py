"""Find placeholders for code or a file's name, and redefinitions of the user's functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import FunctionType

from ..namespace.bindings import bound_names, imported_names
from ..namespace.describe import signature_text
from ..namespace.static_lookup import frames, is_own, text_columns
from .cell import Cell, last_name, text_of
from .finding import Finding, found, where_the_data_is

_STAND_IN = re.compile(
    r"(?:[.~/\\\w-]*[/\\])?(?:path[/\\_]to[/\\_].*|your[_-](?!own\b)[\w -]+\.\w{2,7})"
    r"|<(?:your|insert|path|enter|replace|placeholder)\b[^<>=]*>|your[_-](?:api|access|secret)[_-](?:key|token)",
    re.IGNORECASE,
)
#: Methods of text that may look for a stand-in.
_LOOKING = frozenset({*dir(str), "contains", "match", "fullmatch", "search", "sub", "isin", "eq", "ne"})
#: Calls that take an ellipsis as a real value.
_ELLIPSIS_IS_MEANT = frozenset({"Field", "Body", "Query", "Path", "Header", "Form", "isinstance", "type", "print"})


def find_placeholder(cell: Cell) -> Finding | None:
    """Find an ellipsis in place of code, or a name such as `your_file.csv`.

    Args:
        cell: The cell.

    Returns:
        The first finding, or None.
    """
    for place in _ellipses(cell.tree):
        return found("placeholder", f"`...` is a placeholder{place}: write the real code.")
    live = {label for name in frames(cell.namespace) for label in text_columns(cell.namespace[name])}
    for node in cell.nodes:
        for text in map(text_of, _values(node)):
            if text and len(text) < 200 and text not in live and _STAND_IN.fullmatch(text.strip()):
                data = where_the_data_is(cell.namespace)
                return found("placeholder", f"{text!r} is a placeholder: use the real value.", data)
    return None


def find_redefinition(cell: Cell) -> Finding | None:
    """Find a function of the user that the cell redefines or assigns to. See `find_placeholder`."""
    methods = {id(part) for node in cell.nodes if isinstance(node, ast.ClassDef) for part in node.body}
    functions = [node for node in cell.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    defined = [node.name for node in functions if id(node) not in methods]
    imported = {name for node in cell.nodes for name in imported_names(node)}
    body = [statement for statement in cell.tree.body if not isinstance(statement, ast.Delete)]
    for name in (*defined, *bound_names(body)):
        obj = cell.namespace.get(name)
        if type(obj) is FunctionType and is_own(obj) and name not in imported:
            return found(
                "tool",
                f"`{name}` exists already: call it, do not {'redefine' if name in defined else 'assign to'} it.",
                f"Its signature: {name}{signature_text(obj)}",
            )
    return None


def _values(node: ast.AST) -> list[ast.expr]:
    """Return the expressions that a node assigns or gives to a function; a method of text may look for stand-ins."""
    if isinstance(node, ast.Assign):
        return [node.value]
    if isinstance(node, ast.Call) and last_name(node.func) not in _LOOKING:
        return [*node.args, *(keyword.value for keyword in node.keywords)]
    return []


def _ellipses(tree: ast.AST) -> Iterator[str]:
    """Yield a phrase for each ellipsis in place of code; not for those of indexes, type hints, stubs and `except`."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef | ast.ExceptHandler | ast.FunctionDef)]
    stubs = [node for node in nodes if not isinstance(node, ast.FunctionDef) or node.decorator_list]
    meant = {id(part) for stub in stubs for part in ast.walk(stub)}
    for node in ast.walk(tree):
        parts: list[ast.expr] = []
        match node:
            case ast.Expr(value=ast.Constant(value=value)) if value is ... and id(node) not in meant:
                yield ""
            case ast.Assign(value=value) | ast.Return(value=ast.expr() as value):
                parts = [value]
            case ast.List(elts=elements):
                parts = elements
            case ast.Call(func=ast.Name(id=name), args=arguments) if name not in _ELLIPSIS_IS_MEANT:
                parts = arguments
        if any(isinstance(part, ast.Constant) and part.value is ... for part in parts):
            yield " for a value"
