"""Names that Python code binds, read from its syntax tree. Nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .source import UNPARSABLE, parse


def bound_names(body: list[ast.stmt]) -> Iterator[str]:
    """Yield each name that the statements bind or delete in their own scope, once per binding.

    Args:
        body: Statements of one scope.

    Yields:
        Names, those of nested functions, classes and comprehensions left out.
    """
    for node in scope_nodes(body):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported_names(node)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def imported_names(node: ast.AST) -> list[str]:
    """Return the names that an import statement binds.

    Args:
        node: Any node.

    Returns:
        The names, `*` among them for `from module import *`; none if the node is no import.
    """
    aliases = node.names if isinstance(node, ast.Import | ast.ImportFrom) else []
    return [alias.asname or alias.name.partition(".")[0] for alias in aliases]


def scope_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """Yield the nodes of one scope, in source order.

    Args:
        body: Statements of the scope.

    Yields:
        Nodes outside the bodies of functions, classes, lambdas and comprehensions; these themselves are included.
    """
    stack: list[ast.AST] = list(reversed(body))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stack.extend(reversed(node.decorator_list))
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            stack.extend(walrus for walrus in ast.walk(node) if isinstance(walrus, ast.NamedExpr))
        elif not isinstance(node, ast.Lambda):
            stack.extend(reversed(list(ast.iter_child_nodes(node))))


def assigned_names(code: str) -> list[str]:
    """Return the public names that a cell binds at its top level, or by `global` in its functions.

    Args:
        code: Source of a cell; magics are allowed.

    Returns:
        The names in alphabetical order, none if the cell does not parse.
    """
    try:
        tree = parse(code)
    except UNPARSABLE:
        return []
    declared = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    return sorted(name for name in {*bound_names(tree.body), *declared} if name != "*" and not name.startswith("_"))


def incidental_names(code: str) -> set[str]:
    """Return the names that only loops or imports bind, whose values are no result of the cell.

    Args:
        code: Source of a cell.

    Returns:
        The names, none if the cell is not plain Python.
    """
    try:
        nodes = list(ast.walk(ast.parse(code)))
    except UNPARSABLE:
        return set()
    loops = [node for node in nodes if isinstance(node, ast.For | ast.AsyncFor | ast.While)]
    in_loops = {id(part) for loop in loops for part in ast.walk(loop)}
    imported = {name for node in nodes for name in imported_names(node)}
    stored = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    looped = {node.id for node in stored if id(node) in in_loops}
    return (looped | imported) - {node.id for node in stored if id(node) not in in_loops}
