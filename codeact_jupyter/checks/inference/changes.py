"""What a cell may change in place: such objects are not known once it runs, wherever in the cell that happens."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import CellType, CodeType, FunctionType, ModuleType
from typing import Any

from ...namespace.literals import exact, of_type
from ...namespace.static_lookup import PREDICTABLE, is_own, module_name
from ..cell import Cell, dotted, root_name, text_of, texts_in, words

_LIBRARIES = PREDICTABLE | {"builtins", "IPython", "tqdm", "plotly", "altair", "bokeh"}
#: methods that change what they are called on, always or when they are told to
_CHANGING = words("pop insert update clear setdefault popitem pipe __setitem__ remove extend append")
_IN_PLACE = words("rename reset_index set_index drop eval set_axis rename_axis")


def changed_names(cell: Cell) -> set[str]:
    """The names of what the cell may change otherwise than by `name[...] = ...`, which is followed."""
    owned = _owned(cell)
    changed = {name for node in cell.nodes for name in _changes(node, owned)}
    for name in {node.id for node in cell.nodes if isinstance(node, ast.Name)}:
        function = cell.namespace.get(name)
        if type(function) is FunctionType and is_own(function):
            changed |= set(_reached(function, cell.namespace))
    return _with_aliases(cell.nodes, changed)


def made_labels(nodes: Collection[ast.AST]) -> set[str]:
    """The columns and keys that these nodes, and all within, put into something."""
    return {label for top in nodes for node in ast.walk(top) for label in _labels(node)}


def _labels(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        yield from texts_in(node.slice)
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in ("insert", "setdefault"):
            yield from (text for argument in node.args[:2] if (text := text_of(argument)) is not None)
        elif node.func.attr in ("update", "with_columns"):
            yield from (text for argument in node.args for text in texts_in(argument))
            yield from (keyword.arg for keyword in node.keywords if keyword.arg)


def _changes(node: ast.AST, owned: Callable[[ast.expr], bool]) -> Iterator[str]:
    if isinstance(node, ast.Global | ast.Nonlocal):
        yield from node.names
    elif (isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)) or (
        isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and _made_of_unknown(node.slice)
    ):
        yield root_name(node)
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            in_place = any(keyword.arg in ("inplace", None) for keyword in node.keywords)
            if node.func.attr in _CHANGING or (node.func.attr in _IN_PLACE and in_place):
                yield root_name(node.func)
        if owned(node.func):
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from (part.id for part in ast.walk(argument) if isinstance(part, ast.Name))


def _made_of_unknown(key: ast.expr) -> bool:
    """Whether a label is stored under that may be any: `df[name] = ...`, but not `df.loc[df["a"] > 1, "b"] = ...`."""
    last = key.elts[-1] if isinstance(key, ast.Tuple) and key.elts else key
    return any(_is_unknown(part) for part in (last.elts if isinstance(last, ast.List) else [last]))


def _is_unknown(label: ast.expr) -> bool:
    """Whether it may be any label: a name, a text that is put together, but no mask of rows."""
    if isinstance(label, ast.BinOp):
        return not isinstance(label.op, ast.BitAnd | ast.BitOr | ast.BitXor)
    return not isinstance(label, ast.Constant | ast.Slice | ast.Compare | ast.UnaryOp)


def _owned(cell: Cell) -> Callable[[ast.expr], bool]:
    """Tells of what is called whether it may be the user's or the cell's own, so that it may change its arguments.

    Python's and the known libraries' functions leave them alone, but for what is looked for by name.
    """
    libraries, others = _imported(cell)
    classes = {node.name for node in cell.nodes if isinstance(node, ast.ClassDef)}
    classes |= {name for name, obj in cell.namespace.items() if issubclass(type(obj), type) and not _is_library(obj)}
    called = {node.func.id for node in cell.nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    makes_own = not classes.isdisjoint(called)

    def is_owned(function: ast.expr) -> bool:
        name = root_name(function)
        if name in libraries or name in others:
            return name in others
        if name in cell.bound:
            return makes_own or not isinstance(function, ast.Attribute)
        if name in cell.namespace:
            obj = cell.namespace[name]
            is_method = isinstance(function, ast.Attribute) and type(obj) is not FunctionType
            return not is_method or not _is_library(obj if type(obj) is ModuleType else type(obj))
        return not (isinstance(function, ast.Attribute) or hasattr(builtins, name))

    return is_owned


def _imported(cell: Cell) -> tuple[set[str], set[str]]:
    """The names that the cell imports: from known libraries, and from elsewhere."""
    names: tuple[set[str], set[str]] = (set(), set())
    for node in cell.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                source = node.module or "." if isinstance(node, ast.ImportFrom) else alias.name
                is_other = source.partition(".")[0] not in _LIBRARIES
                names[is_other].add(alias.asname or alias.name.partition(".")[0])
    return names


def _is_library(owner: Any) -> bool:
    """Whether a class or a module is Python's or a known library's."""
    module = module_name(owner) if type(owner) is ModuleType else exact(of_type("__module__", owner))
    return module.partition(".")[0] in _LIBRARIES


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


def _with_aliases(nodes: Iterable[ast.AST], changed: set[str]) -> set[str]:
    """These names, and those that may stand for the same things: `b = a`, `for b in (a, c)`."""
    links = []
    for node in nodes:
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
