"""What a cell may change in place: such objects are not known once it runs, wherever in the cell that happens."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from ..observing.plain import of_type
from .cell import Cell, dotted, text_of
from .looking import is_own

_CHANGING = frozenset(
    {
        *("rename", "reset_index", "set_index", "drop", "pop", "insert", "update", "clear", "setdefault", "popitem"),
        *("eval", "pipe", "join", "set_axis", "rename_axis", "add_prefix", "__setitem__", "remove", "extend", "append"),
    }
)
_IN_PLACE = frozenset({"rename", "reset_index", "set_index", "drop", "eval", "set_axis", "rename_axis", "query"})
_ALWAYS = _CHANGING - _IN_PLACE - {"join", "add_prefix"}


def changed_names(cell: Cell) -> set[str]:
    """The names of what the cell may change otherwise than by `name[...] = ...`, which is followed."""
    called = {
        node.func.id for node in ast.walk(cell.tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    changed = {name for node in ast.walk(cell.tree) for name in _changes(node, cell)}
    for name in called:
        function = cell.namespace.get(name)
        if is_own(function, cell.namespace):
            changed |= set(_reached(function, cell.namespace))
    return _with_aliases(cell.tree, changed)


def made_labels(nodes: Collection[ast.AST]) -> set[str]:
    """The columns and keys that these nodes, and all within, put into something."""
    return {label for top in nodes for node in ast.walk(top) for label in _labels(node)}


def _labels(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        yield from _texts(node.slice)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("insert", "setdefault"):
            yield from (text for argument in node.args[:2] if (text := text_of(argument)) is not None)
        elif node.func.attr in ("update", "with_columns"):
            yield from (text for argument in node.args for text in _texts(argument))
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def _texts(node: ast.AST) -> Iterator[str]:
    return (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and type(part.value) is str)


def _changes(node: ast.AST, cell: Cell) -> Iterator[str]:
    if isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    elif (isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)) or (
        isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _made_of_unknown(node.slice)
    ):
        yield _root(node)
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            in_place = any(keyword.arg in ("inplace", None) for keyword in node.keywords)
            if node.func.attr in _ALWAYS or (node.func.attr in _IN_PLACE and in_place):
                yield _root(node.func)
        if not _is_harmless(node.func, cell):
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from (part.id for part in ast.walk(argument) if isinstance(part, ast.Name))


def _made_of_unknown(key: ast.expr) -> bool:
    """Whether a label is stored under that may be any: `df[name] = ...`, but not `df.loc[df["a"] > 1, "b"] = ...`."""
    last = key.elts[-1] if isinstance(key, ast.Tuple) and key.elts else key
    parts = last.elts if isinstance(last, ast.List) else [last]
    return any(not isinstance(part, ast.Constant | ast.Slice | ast.Compare | ast.UnaryOp | ast.BinOp) for part in parts)


def _root(node: ast.expr) -> str:
    """`df` of `df.a["b"].c()`."""
    while True:
        if isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def _is_harmless(function: ast.expr, cell: Cell) -> bool:
    """Whether the called thing leaves its arguments alone: Python's and libraries' own do, for all that is followed."""
    name = _root(function)
    if name in cell.bound:
        return _is_imported(name, cell.tree) or (isinstance(function, ast.Attribute) and not _is_made_here(name, cell))
    if name in cell.namespace:
        obj = cell.namespace[name]
        if type(obj) is ModuleType:
            return True
        module = of_type("__module__", type(obj)) if type(obj) is not FunctionType else obj.__module__
        return isinstance(function, ast.Attribute) and module != "__main__" and not is_own(obj, cell.namespace)
    return isinstance(function, ast.Attribute) or hasattr(builtins, name)


def _is_imported(name: str, tree: ast.AST) -> bool:
    return any(
        (alias.asname or alias.name.partition(".")[0]) == name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )


def _is_made_here(name: str, cell: Cell) -> bool:
    """Whether the name may hold an object of a class that the cell or the user defines."""
    own = {node.name for node in ast.walk(cell.tree) if isinstance(node, ast.ClassDef)}
    own |= {known for known, obj in cell.namespace.items() if type(obj) is type and obj.__module__ == "__main__"}
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in own
        for node in ast.walk(cell.tree)
    )


def _reached(function: FunctionType, namespace: Mapping[str, Any]) -> Iterator[str]:
    """The live names that a function of the user's mentions, or whose objects it has closed over."""
    names = set(_mentioned(function.__code__))
    cells = [cell for cell in function.__closure__ or () if type(cell) is CellType]
    held = [cell.cell_contents for cell in cells if _is_filled(cell)]
    for name, obj in namespace.items():
        if type(obj) is not ModuleType and (name in names or any(obj is other for other in held)):
            yield name


def _is_filled(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def _mentioned(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _mentioned(constant)


def _with_aliases(tree: ast.AST, changed: set[str]) -> set[str]:
    """These names, and those that may stand for the same things: `b = a`, `for b in (a, c)`."""
    links = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.For | ast.comprehension | ast.NamedExpr | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = node.iter if isinstance(node, ast.For | ast.comprehension) else node.value
            if value is not None:
                names = {dotted(part) for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
                sources = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
                links.append((names, sources))
    size = -1
    while size != len(changed):
        size = len(changed)
        for names, sources in links:
            if names & changed:
                changed |= sources
    return changed
