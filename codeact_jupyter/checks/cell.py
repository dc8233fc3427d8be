"""The input of the checks: a cell's syntax tree and the live names."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..namespace.source import parse

#: Magics that bind no names and install nothing.
_HARMLESS = frozenset(
    {"matplotlib", "config", "timeit", "pwd", "ls", "who", "whos", "precision", "autoreload", "xmode"}
)
#: Other calls that may bind names, or change what can be imported.
_OPAQUE = re.compile(
    r"(?:exec|runpy\.run_path|subprocess\.\w+|sys\.path\.\w+|site\.addsitedir|os\.system|get_ipython\(\)\..*)\(.*"
    r"|(?:globals|locals|vars)\(\)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A parsed cell and the live names."""

    tree: ast.Module  #: the code with magics as calls
    nodes: tuple[ast.AST, ...]  #: all nodes of the tree
    namespace: Mapping[str, Any]  #: live objects by name; all names are plain strings

    @property
    def is_opaque(self) -> bool:
        """True if the cell may bind names or install packages in a way that its tree does not tell."""
        return any(_is_opaque(node) for node in self.nodes)


def read_cell(code: str, namespace: Mapping[str, Any]) -> Cell:
    """Parse a cell.

    Args:
        code: Source of the cell; magics are allowed.
        namespace: Live objects by name; names that are no plain strings are left out.

    Returns:
        The cell.

    Raises:
        SyntaxError: The code does not parse; also `ValueError`, `MemoryError` or `RecursionError`.
    """
    tree = parse(code)
    return Cell(tree, tuple(ast.walk(tree)), plain_names(namespace))


def plain_names(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of the namespace without names that are no plain strings.

    Args:
        namespace: Live objects by name.

    Returns:
        The others by name.
    """
    return {name: obj for name, obj in namespace.items() if type(name) is str}


def last_name(node: ast.AST | None) -> str:
    """Return `c` of `a.b.c`, whatever `a.b` is.

    Args:
        node: Any node.

    Returns:
        The name, or the empty string for anything but names and attributes.
    """
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.AST | None) -> str | None:
    """Return the value of a string literal.

    Args:
        node: Any node.

    Returns:
        The string, or None for other nodes.
    """
    return node.value if isinstance(node, ast.Constant) and type(node.value) is str else None


def _is_opaque(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return any(alias.name == "*" for alias in node.names)
    if not isinstance(node, ast.Call):
        return False
    if last_name(node.func) == "run_line_magic":
        return not node.args or text_of(node.args[0]) not in _HARMLESS
    return bool(_OPAQUE.fullmatch(ast.unparse(node)))
