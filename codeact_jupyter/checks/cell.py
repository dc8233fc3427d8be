"""A candidate as the checks see it: its tree, what its magics may do, what it binds, and the live names around it."""

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
    """A cell that compiles.

    `effects` names what its magics and its calls may do beyond the code itself: `names` when they may bind some,
    `files`, `packages`. `bound` counts the times that the top level binds a name. `nodes` are all of the tree's.
    """

    code: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    namespace: Mapping[str, Any]
    effects: frozenset[str]
    bound: Counter[str]


def read_cell(code: str, namespace: Mapping[str, Any]) -> Cell:
    """The cell. `SyntaxError` and its like when it does not parse."""
    source = transformed(code)
    with warnings.catch_warnings(action="ignore"):
        tree = ast.parse(source)
    nodes = tuple(ast.walk(tree))
    return Cell(code, tree, nodes, namespace, frozenset(_effects(nodes)), Counter(bound_names(tree.body)))


@lru_cache(maxsize=16)
def transformed(code: str) -> str:
    """The cell as Python, its magics as calls but for those that only run its body. `SyntaxError` where even that is
    not possible."""
    source: str = TransformerManager().transform_cell(_BODY_MAGIC.sub("#", code, count=1))
    return source


def bound_names(body: list[ast.stmt]) -> Iterator[str]:
    """Each binding that these statements make in their own scope; `del` counts too."""
    for node in scope_nodes(body):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are bound anywhere in these, also by functions and comprehensions for themselves."""
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return stored | {node.arg for node in nodes if isinstance(node, ast.arg)}


def scope_nodes(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of these statements without what is inside functions, classes, lambdas and comprehensions."""
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


def dotted(node: ast.expr) -> str:
    """`a.b.c` for names and attributes, else the empty string."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def last_name(node: ast.AST | None) -> str:
    """`c` of `a.b.c`, whatever `a.b` is; empty where it is no name."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def root_name(node: ast.expr) -> str:
    """`df` of `df.a["b"].c()`; empty where no name is at the root."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def texts_in(node: ast.AST) -> Iterator[str]:
    """All strings that stand in it."""
    return (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and type(part.value) is str)


def text_of(node: ast.AST | None) -> str | None:
    """The string that the node spells out."""
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
