"""A function of the user's that stands where only what it returns can be meant."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from ...namespace.describe import signature_text
from ...namespace.static_lookup import is_own
from ..finding import Finding, found
from .scope import Scope
from .values import Live

_OF_MANY = frozenset(
    {"len", "sum", "sorted", "min", "max", "list", "set", "tuple", "enumerate", "reversed", "any", "all"}
)
_COMPARED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def value_places(nodes: Iterable[ast.AST]) -> set[int]:
    """The ids of the expressions that are counted, gone through, looked into or calculated with."""
    return {id(expression) for node in nodes for expression in _values(node)}


def find_bare(node: ast.expr, scope: Scope) -> Finding | None:
    """That a name at such a place stands for a function."""
    if not isinstance(node, ast.Name):
        return None
    value = scope.look_up(node.id)
    if not isinstance(value, Live) or not is_own(value.obj):
        return None
    call = f"{node.id}{signature_text(value.obj)}"
    return found("call", f"`{node.id}` is a function. What it gives is had by a call: `{call}`.")


def _values(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.For | ast.comprehension):
        yield node.iter
    elif isinstance(node, ast.Subscript):
        yield node.value
    elif isinstance(node, ast.BinOp):
        yield from (node.left, node.right)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _OF_MANY:
        yield from node.args[:1]
    elif isinstance(node, ast.Compare):
        for operator, left, right in zip(node.ops, [node.left, *node.comparators], node.comparators, strict=False):
            if isinstance(operator, ast.In | ast.NotIn):
                yield right
            elif isinstance(operator, _COMPARED):
                yield from (left, right)
