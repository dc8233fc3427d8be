"""A candidate cell as the checks read it: its tree, the effects of its magics, its bindings, the live names."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from ..namespace.bindings import bound_names

_BODY_MAGIC = re.compile(r"\A\s*%%(?:(?:time|capture|prun)\b[^\n]*|timeit\b(?:[ \t]+-\w+(?:[ \t]+\d+)?)*[ \t]*)(?=\n)")
_HARMLESS = frozenset(
    {"matplotlib", "config", "timeit", "pwd", "ls", "who", "whos", "precision", "autoreload", "xmode", "pprint"}
)
_OUTSIDE = frozenset(
    {"system", "getoutput", "chdir", "extractall", "unpack_archive", "urlretrieve", "copy2", "copyfile"}
)
_IMPORTS_MORE = frozenset({"sys.path.append", "sys.path.insert", "sys.path.extend", "site.addsitedir"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that parses."""

    code: str  #: the source, magics included
    tree: ast.Module  #: the code with magics as calls
    nodes: tuple[ast.AST, ...]  #: all nodes of the tree
    namespace: Mapping[str, Any]  #: live objects by name; all names are plain strings
    #: effects of magics and calls beyond the code: `names` (they may bind some), `files`, `packages`
    effects: frozenset[str]
    bound: Counter[str]  #: how many times the top level binds each name


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
    nodes = tuple(ast.walk(tree))
    live = {name: obj for name, obj in namespace.items() if type(name) is str}
    return Cell(code, tree, nodes, live, frozenset(_effects(nodes)), Counter(bound_names(tree.body)))


def parse(code: str) -> ast.Module:
    """Parse a cell's code, without warnings.

    Args:
        code: Source of the cell; magics are allowed.

    Returns:
        The tree, with magics as calls.

    Raises:
        SyntaxError: The code does not parse; also `ValueError`, `MemoryError` or `RecursionError`.
    """
    with warnings.catch_warnings(action="ignore"):
        return ast.parse(transformed(code))


@lru_cache(maxsize=16)
def transformed(code: str) -> str:
    """Return a cell as Python, its magics as calls, except those that only run the cell's body.

    Args:
        code: Source of the cell.

    Returns:
        Python source.

    Raises:
        SyntaxError: IPython cannot transform the code.
    """
    source: str = TransformerManager().transform_cell(_BODY_MAGIC.sub("#", code, count=1))
    return source


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that nodes bind, in any scope.

    Args:
        nodes: Nodes of a tree.

    Returns:
        Names of variables and parameters.
    """
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return stored | {node.arg for node in nodes if isinstance(node, ast.arg)}


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a name and its attributes.

    Args:
        node: Any expression.

    Returns:
        The dotted name, or the empty string for other expressions.
    """
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def words(text: str) -> frozenset[str]:
    """Return the words of a text.

    Args:
        text: Words between white space.

    Returns:
        The set of words.
    """
    return frozenset(text.split())


def last_name(node: ast.AST | None) -> str:
    """Return `c` of `a.b.c`, whatever `a.b` is.

    Args:
        node: Any node.

    Returns:
        The name, or the empty string for anything but names and attributes.
    """
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def root_name(node: ast.expr) -> str:
    """Return `df` of `df.a["b"].c()`.

    Args:
        node: Any expression.

    Returns:
        The name, or the empty string if no name is at the root.
    """
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def texts_in(node: ast.AST) -> Iterator[str]:
    """Return the string literals in a tree.

    Args:
        node: Root of the tree.

    Returns:
        The strings.
    """
    return (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and type(part.value) is str)


def text_of(node: ast.AST | None) -> str | None:
    """Return the value of a string literal.

    Args:
        node: Any node.

    Returns:
        The string, or None for other nodes.
    """
    return node.value if isinstance(node, ast.Constant) and type(node.value) is str else None


def _effects(nodes: tuple[ast.AST, ...]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield "names"
        elif isinstance(node, ast.Call):
            yield from _call_effects(node, dotted(node.func))


def _call_effects(node: ast.Call, called: str) -> Iterator[str]:
    last = last_name(node.func)
    is_shell = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Call)
    if called in ("exec", "runpy.run_path") or (called in ("globals", "locals", "vars") and not node.args):
        yield "names"
    elif last in ("run_line_magic", "run_cell_magic"):
        yield from _magic_effects(text_of(node.args[0]) if node.args else None)
    elif called in _IMPORTS_MORE:
        yield "packages"
    elif last in _OUTSIDE or called.startswith("subprocess."):
        yield from ("files", "packages")
    elif is_shell and ast.unparse(node.func).startswith("get_ipython()."):
        yield "names"


def _magic_effects(name: str | None) -> Iterator[str]:
    if name in ("pip", "conda", "mamba", "uv"):
        yield "packages"
    elif name in ("cd", "sx", "system", "bash", "sh", "writefile", "script"):
        yield from ("files", "packages")
    elif name not in _HARMLESS:
        yield "names"
