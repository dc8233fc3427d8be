"""Rewrite a step that changes an object of the user, so that it works on a copy under a new name.

Each version must be tried: the code's text does not show whether the object is still changed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ..namespace.bindings import bound_names, scope_nodes
from ..namespace.literals import is_one_of
from ..namespace.static_lookup import is_exactly
from .edits import free_name, replaced

_SUFFIX = re.compile(r"\w{1,12}")
_PLAIN = (bool, int, float, complex, str, bytes, tuple, frozenset, type(None))
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_DEFINITIONS = _Definition.__args__
_BEFORE = {ast.FunctionDef: "def ", ast.AsyncFunctionDef: "async def ", ast.ClassDef: "class "}  #: the defined name
_SCOPES = (*_Scope.__args__, ast.GeneratorExp)


def on_copies(code: str, name: str, obj: Any, taken: Collection[str]) -> Iterator[str]:
    """Suggest versions of the code that leave an object as it is, the shortest first.

    Args:
        code: The code, which rebinds the name, changes its object in place, or deletes it.
        name: Name of the object.
        obj: The object.
        taken: Names that the copy must not have.

    Yields:
        Changed versions of the code.
    """
    try:
        body = ast.parse(code).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # magics, too
        return
    is_used = [any(True for _ in uses(statement, name)) for statement in body]
    new = _free_name(name, body, taken)
    if True not in is_used:
        return
    first = next((place for place, each in enumerate(body) if name in bound_names([each])), None)
    if first is not None:
        statement, then = body[first], body[first + 1 :]
        if isinstance(statement, ast.Delete):
            yield _without(code, statement, name)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            yield renamed(code, [*targets, *then], name, new)
        elif not isinstance(statement, ast.AugAssign):
            yield renamed(code, [statement, *then], name, new)
    copy = _copy(name, obj)
    if copy:
        first = is_used.index(True)
        line = body[first].lineno - 1
        lines = renamed(code, body[first:], name, new).splitlines(keepends=True)
        yield "".join([*lines[:line], f"{new} = {copy}\n", *lines[line:]])


def is_plain(obj: Any) -> bool:
    """Return True for a number, a text and other built-in values that cannot change.

    Args:
        obj: Any object.
    """
    return is_one_of(type(obj), _PLAIN)


def renamed(code: str, nodes: Iterable[ast.AST], name: str, new: str) -> str:
    """Rename a global variable in some nodes of the code.

    Args:
        code: The code.
        nodes: Nodes of its tree.
        name: Name of the variable.
        new: Its new name.

    Returns:
        The changed code.
    """
    changes = (change for node in nodes for change in _renaming(node, name, new))
    return replaced(code, *(each for each in changes if _stands_there(code, each[0], name)))


def _stands_there(code: str, node: ast.AST, name: str) -> bool:
    """Return True unless the node is a name whose position is wrong: that of a definition with other blanks."""
    return not isinstance(node, ast.Name) or ast.get_source_segment(code, node) == name


def _renaming(node: ast.AST, name: str, new: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield the changes that rename the variable in a node; a formatted string is written anew.

    Before Python 3.12, the nodes inside a formatted string have no true positions.
    """
    for found in uses(node, name):
        if isinstance(found, ast.JoinedStr):
            for part in _uses_in(found, name):
                part.id = new
            yield found, ast.unparse(found)
        else:
            yield found, new


def uses(node: ast.AST, name: str) -> Iterator[ast.Name | ast.JoinedStr]:
    """Yield the places where a global variable is used: its names, also in `def` and `class`, and formatted strings.

    Args:
        node: A node of the code's tree.
        name: Name of the variable.
    """
    if isinstance(node, ast.JoinedStr):
        if any(True for _ in _uses_in(node, name)):
            yield node
        return
    if isinstance(node, ast.Name) and node.id == name:
        yield node
    if isinstance(node, _DEFINITIONS) and node.name == name:
        yield _name_of(node)
    yield from _uses_below(node, name)


def _uses_below(node: ast.AST, name: str) -> Iterator[ast.Name | ast.JoinedStr]:
    if _hides(node, name):
        return
    for child in ast.iter_child_nodes(node):
        is_attribute = isinstance(node, ast.ClassDef) and isinstance(child, _DEFINITIONS)
        yield from (_uses_below if is_attribute else uses)(child, name)


def _name_of(node: _Definition) -> ast.Name:
    """Return the name that a statement defines as a node with a position; wrong if blanks beside it are not single."""
    start = node.col_offset + len(_BEFORE[type(node)])
    end = start + len(node.name.encode())
    return ast.Name(
        node.name, ast.Store(), lineno=node.lineno, col_offset=start, end_lineno=node.lineno, end_col_offset=end
    )


def _uses_in(text: ast.JoinedStr, name: str) -> Iterator[ast.Name]:
    return (part for part in ast.walk(text) if isinstance(part, ast.Name) and part.id == name)


def _hides(node: ast.AST, name: str) -> bool:
    """Return True if the node is a scope with a variable of its own of that name."""
    if not isinstance(node, _SCOPES):
        return False
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        arguments = [each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)]
        body: list[Any] = node.body if isinstance(node.body, list) else []
        is_global = any(isinstance(part, ast.Global) and name in part.names for part in scope_nodes(body))
        return name in arguments or (name in bound_names(body) and not is_global)
    targets = [part for each in node.generators for part in ast.walk(each.target)]
    return any(isinstance(part, ast.Name) and part.id == name for part in targets)


def _without(code: str, statement: ast.Delete, name: str) -> str:
    """Return the code without the deletion of the name."""
    kept = [ast.unparse(each) for each in statement.targets if not (isinstance(each, ast.Name) and each.id == name)]
    return replaced(code, (statement, f"del {', '.join(kept)}" if kept else "pass"))


def _free_name(name: str, body: list[ast.stmt], taken: Collection[str]) -> str:
    """Return `sales_1953` if the statements compare with that one value, else `sales_2` or the next free number."""
    nodes = [part for statement in body for part in ast.walk(statement)]
    compared = [part.comparators[0] for part in nodes if isinstance(part, ast.Compare)]
    values = {str(each.value).casefold() for each in compared if isinstance(each, ast.Constant)}
    suffixes = [value for value in values if len(compared) == 1 and _SUFFIX.fullmatch(value)]
    return free_name(name, nodes, taken, suffixes)


def _copy(name: str, obj: Any) -> str:
    """Return an expression that copies the object; empty if its class may have no cheap one."""
    if is_plain(obj):
        return name
    if is_exactly(obj, "polars", "DataFrame", "Series"):
        return f"{name}.clone()"
    has_copy = is_one_of(type(obj), (list, dict, set, bytearray)) or is_exactly(obj, "numpy", "ndarray")
    return f"{name}.copy()" if has_copy or is_exactly(obj, "pandas", "DataFrame", "Series", "Index") else ""
