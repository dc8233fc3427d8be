"""The expressions of a cell in the order in which they run, each with what the names stand for at that moment.

Straight-line code is followed. What a branch or a loop binds is unknown after it, and what the cell binds anywhere is
unknown inside its functions.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from types import FunctionType

from ...namespace.bindings import bound_names
from ...namespace.static_lookup import MISSING, contents, exact_module
from ..cell import Cell
from .changes import changed_names, made_labels
from .contents import bind, gone_through, items
from .declared import takes_plain
from .filling import Filling, read_filling
from .outcomes import row_passed
from .scope import Scope
from .values import Defined, Live, Value


def follow(cell: Cell, asked: Collection[str] = ()) -> Iterator[tuple[ast.expr, Scope]]:
    """Every expression, inner ones before those they are part of.

    `asked` are labels that the cell itself asks for, so that they may be there or not.
    """
    functions = [node for node in cell.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]
    made = {*made_labels(functions), *asked}
    walrus = {node.target.id for node in cell.nodes if isinstance(node, ast.NamedExpr)}
    scope = Scope(cell, changed_names(cell), made, dict.fromkeys(walrus), _filling(cell))
    later: list[ast.stmt] = []
    yield from _block(cell.tree.body, scope, later)
    everything = Scope(cell, scope.changed, made | made_labels([cell.tree]), _settled(cell, scope), scope.filling)
    while later:
        node = later.pop(0)
        yield from _function(node, everything, later)


def _filling(cell: Cell) -> Filling:
    names = {node.id for node in cell.nodes if isinstance(node, ast.Name)}
    live = {name: obj for name in names if type(obj := cell.namespace.get(name)) is FunctionType}
    return read_filling(cell.nodes, live, [name for name, function in live.items() if takes_plain(function)])


def _settled(cell: Cell, scope: Scope) -> dict[str, Value]:
    """What the cell's own names stand for whenever its functions run: what is bound once, and cannot change."""
    settled: dict[str, Value] = dict.fromkeys({*cell.bound, *scope.known})
    for name, value in scope.known.items():
        is_new = isinstance(value, Defined) and name not in cell.namespace
        if cell.bound[name] == 1 and (is_new or isinstance(value, Live)):
            settled[name] = value
    return settled


def _function(node: ast.stmt, outer: Scope, later: list[ast.stmt]) -> Iterator[tuple[ast.expr, Scope]]:
    if isinstance(node, ast.ClassDef):
        yield from _block(node.body, outer.inner(bound_names(node.body)), later)
        return
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    local = outer.inner([*_parameters(node.args), *bound_names(node.body)])
    inner: list[ast.stmt] = []
    yield from _block(node.body, local, inner)
    nested = local.inner(bound_names(node.body))
    for function in inner:
        yield from _function(function, nested, inner)


def _block(body: list[ast.stmt], scope: Scope, later: list[ast.stmt]) -> Iterator[tuple[ast.expr, Scope]]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _definition(statement, scope, later)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            _import(statement, scope)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            yield from _assignment(statement, scope)
        elif isinstance(statement, ast.Delete):
            yield from _walk(statement, scope)
            scope.forget(bound_names([statement]))
        elif _blocks(statement):
            yield from _compound(statement, scope, later)
        else:
            yield from _walk(statement, scope)
            scope.made |= made_labels([statement])


def _compound(node: ast.stmt, scope: Scope, later: list[ast.stmt]) -> Iterator[tuple[ast.expr, Scope]]:
    """A branch, a loop, a `with` or a `try`."""
    bound = list(bound_names([node]))
    if isinstance(node, ast.For | ast.AsyncFor | ast.While):
        scope.made |= made_labels(node.body)
        if not isinstance(node, ast.While):
            yield from _walk(node.iter, scope)
        told = bind(node.target, items(scope.infer(node.iter))) if isinstance(node, ast.For) else {}
        scope.forget(bound)
        if isinstance(node, ast.While):
            yield from _walk(node.test, scope)
    else:
        told = {}
        for head in _heads(node):
            yield from _walk(head, scope)
        if isinstance(node, ast.With | ast.AsyncWith | ast.Match):
            scope.forget(bound)
    for block in _blocks(node):
        branch = scope.inner((), told if block is _body(node) else {})
        if isinstance(node, ast.Try) and block is not node.body:
            branch.forget(bound)
        yield from _block(block, branch, later)
    scope.forget(bound)
    scope.made |= made_labels([node])


def _body(node: ast.stmt) -> object:
    return getattr(node, "body", None)


def _heads(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.If):
        return [node.test]
    if isinstance(node, ast.With | ast.AsyncWith):
        return [item.context_expr for item in node.items]
    return [node.subject] if isinstance(node, ast.Match) else []


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    blocks = [block for name in ("body", "orelse", "finalbody") if (block := getattr(node, name, None))]
    blocks += [handler.body for handler in getattr(node, "handlers", ())]
    return blocks + [case.body for case in getattr(node, "cases", ())]


def _assignment(node: ast.Assign | ast.AnnAssign | ast.AugAssign, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if node.value is not None:
        yield from _walk(node.value, scope)
    for target in targets:
        yield from _walk(target, scope)
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
        read = ast.copy_location(ast.Subscript(node.target.value, node.target.slice, ast.Load()), node.target)
        yield read, scope
    value = scope.infer(node.value) if node.value is not None else None
    scope.made |= made_labels([node])
    for target in targets:
        if isinstance(target, ast.Name):
            if node.value is not None:
                scope.known[target.id] = None if isinstance(node, ast.AugAssign) else value
        else:
            scope.known |= bind(target, None if isinstance(node, ast.AugAssign) else value)


def _definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: Scope, later: list[ast.stmt]
) -> Iterator[tuple[ast.expr, Scope]]:
    for decorator in node.decorator_list:
        yield from _walk(decorator, scope)
    if not isinstance(node, ast.ClassDef):
        for default in (*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)):
            yield from _walk(default, scope)
    later.append(node)
    is_plain = not node.decorator_list and scope.cell.bound[node.name] == 1
    scope.known[node.name] = Defined(node) if is_plain else None


def _import(node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.partition(".")[0]
        value: Value = None
        if isinstance(node, ast.Import):
            module = exact_module(alias.name if alias.asname else name)
            value = Live(module) if module else None
        elif not node.level and (module := exact_module(node.module or "")):
            held = contents(module).get(alias.name, MISSING)
            value = None if held is MISSING else Live(held)
        scope.known[name] = value


def _walk(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    if isinstance(node, ast.Lambda):
        yield from _lambda(node, None, scope)
    elif isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        yield from _comprehension(node, scope)
    else:
        for child in ast.iter_child_nodes(node):
            if isinstance(node, ast.Call) and isinstance(child, ast.keyword) and isinstance(child.value, ast.Lambda):
                yield from _lambda(child.value, gone_through(node, child.value, scope.infer), scope)
            elif isinstance(node, ast.Call) and isinstance(child, ast.Lambda):
                yield from _lambda(
                    child, gone_through(node, child, scope.infer) or row_passed(node, scope.infer), scope
                )
            else:
                yield from _walk(child, scope)
        if isinstance(node, ast.NamedExpr):
            is_first = scope.known.get(node.target.id) is None
            scope.known[node.target.id] = scope.infer(node.value) if is_first else None
    if isinstance(node, ast.expr):
        yield node, scope


def _lambda(node: ast.Lambda, given: Value, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """A function in place; `given` is what its only argument is."""
    names = _parameters(node.args)
    scope = scope.inner(names, {names[0]: given} if len(names) == 1 and not node.args.defaults else {})
    scope.made = scope.made | made_labels([scope.cell.tree])
    yield from _walk(node.body, scope)


def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, scope: Scope
) -> Iterator[tuple[ast.expr, Scope]]:
    yield from _walk(node.generators[0].iter, scope)
    inner = scope.within(node.generators)
    children: list[ast.AST] = [part for made in node.generators for part in (made.target, made.iter, *made.ifs)]
    children += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for child in children:
        if child is not node.generators[0].iter:
            yield from _walk(child, inner)
    scope.forget(part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr))


def _parameters(arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [argument.arg for argument in every if argument is not None]
