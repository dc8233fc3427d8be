"""Names of which a cell makes something else as it goes: whose contents it changes, or whose class it asks for."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..cell import dotted, root_name, text_of

_FILLING = frozenset(
    {"append", "appendleft", "extend", "insert", "add", "update", "setdefault", "__setitem__", "difference_update"}
)
_FILLING_FIRST = frozenset({"heappush", "heappushpop", "heapreplace", "insort", "insort_left", "insort_right"})
_ASKING = frozenset({"isinstance", "type", "hasattr", "callable", "issubclass"})


@dataclass(frozen=True, slots=True)
class Filling:
    """`filled` are names of what gets other contents, `widened` of what may get keys that the code does not spell.

    `passed` are names of what is given to a function that may do either.
    Of those in `open`, not even the class is sure: a function of the cell binds them, or the cell asks for it.
    """

    filled: frozenset[str]
    widened: frozenset[str]
    passed: frozenset[str]
    open: frozenset[str]


def read_filling(nodes: Sequence[ast.AST], functions: Collection[str], plain: Collection[str]) -> Filling:
    """What the cell does so.

    `functions` are live ones, whose results are things of their own; `plain` are those that take but numbers and texts.
    """
    filled: set[str] = set()
    widened: set[str] = set()
    asked: set[str] = set()
    passed: set[str] = set()
    harmless = {*plain, *vars(builtins)}
    for node in nodes:
        for name, is_told in _filled(node):
            (filled if is_told else widened).add(name)
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Attribute) or dotted(node.func) in harmless):
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            passed.update(part.id for argument in given for part in ast.walk(argument) if isinstance(part, ast.Name))
        if isinstance(node, ast.Global | ast.Nonlocal):
            asked.update(node.names)
        elif isinstance(node, ast.Call) and dotted(node.func) in _ASKING and node.args:
            asked.add(root_name(node.args[0]))
        elif isinstance(node, ast.Match):
            asked.update(part.id for part in ast.walk(node.subject) if isinstance(part, ast.Name))
    groups = [*_groups(nodes, functions)]
    widened = _spread(widened, groups)
    filled = _spread(filled, groups) | widened
    return Filling(frozenset(filled), frozenset(widened), frozenset(_spread(passed, groups)), frozenset(asked))


def _filled(node: ast.AST) -> Iterator[tuple[str, bool]]:
    """Names of what the node puts something into, and whether it spells the key."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        yield root_name(node), text_of(node.slice) is not None
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, False
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _FILLING:
        yield root_name(node.func.value), False
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in _FILLING_FIRST and node.args:
        yield root_name(node.args[0]), False


def _groups(nodes: Sequence[ast.AST], functions: Collection[str]) -> Iterator[set[str]]:
    """Names that may stand for the same things, or for what is in them."""
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            value = node.value
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            targets, value = [node.target], node.iter
        else:
            continue
        names = {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
        if value is not None and not any(isinstance(target, ast.Subscript | ast.Attribute) for target in targets):
            yield names | set(_sources(value, functions))


def _sources(node: ast.AST, functions: Collection[str]) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            yield from _sources(node.func, functions)
        if not (isinstance(node.func, ast.Name) and node.func.id in functions):
            for part in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from _sources(part, functions)
    elif isinstance(node, ast.Subscript):
        yield from _sources(node.value, functions)
    elif not isinstance(node, ast.Compare | ast.JoinedStr):
        for child in ast.iter_child_nodes(node):
            yield from _sources(child, functions)


def _spread(names: set[str], groups: list[set[str]]) -> set[str]:
    size = -1
    while size != len(names):
        size = len(names)
        for group in groups:
            if not names.isdisjoint(group):
                names |= group
    return names
