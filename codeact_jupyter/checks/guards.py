"""Precautions in a cell: exceptions that it catches, and names and keys that it tests for."""

from __future__ import annotations

import ast

from .cell import dotted, last_name, texts_in

_BROAD = frozenset({"Exception", "BaseException"})
_KINDS_OF = {
    "KeyError": ("LookupError",),
    "FileNotFoundError": ("OSError", "IOError", "EnvironmentError"),
    "ModuleNotFoundError": ("ImportError",),
}


class Guards:
    """Exceptions caught around each node of a cell, and the strings that it tests for.

    Args:
        tree: The cell's tree.
    """

    def __init__(self, tree: ast.AST) -> None:
        self._caught: dict[int, frozenset[str]] = {}
        self.asked: set[str] = set()  #: strings in `"a" in x`, `hasattr(x, "a")` and the like
        self._read(tree, frozenset())

    def catches(self, node: ast.AST, *errors: str) -> bool:
        """Return True if one of the errors is caught around the node.

        A broad `except` counts only if its body does more than print a message or raise.

        Args:
            node: A node of the cell.
            *errors: Names of exception classes.

        Returns:
            True if one of them is caught, by its own name or that of a base class.
        """
        whole = getattr(node, "value", None)  # the item that `item += 1` reads is not in the tree, its object is
        caught = self._caught.get(id(node), self._caught.get(id(whole), frozenset()))
        return any(error in caught or not caught.isdisjoint((*_KINDS_OF.get(error, ()), "*")) for error in errors)

    def _read(self, node: ast.AST, caught: frozenset[str]) -> None:
        self._caught[id(node)] = caught
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            self.asked.update(texts_in(node.left))
        elif isinstance(node, ast.Call) and dotted(node.func) in ("hasattr", "getattr") and len(node.args) > 1:
            self.asked.update(texts_in(node.args[1]))
        body = node.body if isinstance(node, ast.Try | ast.With) else []
        inside = caught | (_handled(node) if isinstance(node, ast.Try) else _suppressed(node))
        for child in ast.iter_child_nodes(node):
            self._read(child, inside if any(child is statement for statement in body) else caught)


def _handled(node: ast.Try) -> frozenset[str]:
    names: set[str] = set()
    for handler in node.handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        for kind in kinds:
            name = dotted(kind).rpartition(".")[2] if kind is not None else "Exception"
            if name not in _BROAD:
                names.add(name)
            elif not all(_only_tells(statement) for statement in handler.body):
                names.add("*")
    return frozenset(names)


def _suppressed(node: ast.AST) -> frozenset[str]:
    """Return the names of the errors that `with suppress(KeyError):` ignores."""
    heads = [item.context_expr for item in node.items] if isinstance(node, ast.With) else []
    calls = [head for head in heads if isinstance(head, ast.Call) and last_name(head.func) == "suppress"]
    names = {last_name(kind) for call in calls for kind in call.args}
    return frozenset("*" if name in _BROAD else name for name in names)


def _only_tells(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass | ast.Raise):
        return True
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
