"""Mends of code that takes a name for a record, or a variable for the function that it hides."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from ..namespace.documented import giving
from ..namespace.static_lookup import is_own
from .edits import free_name
from .mend_case import Case, Mend

_NO_KEYS, _NO_GET = "string indices must be integers", "'str' object has no attribute 'get'"


def _looked_up(case: Case) -> Iterator[str]:
    """Write `game(name)["white"]` for `name["white"]` where `name` is a text and the function documents that key."""
    error, culprit = case.trial.error, case.culprits[0] if case.culprits else None
    if culprit is None or (_NO_KEYS not in error and _NO_GET not in error):
        return
    uses = list(_keys(case.nodes))
    failing = [each for each in uses if culprit in (each[1], getattr(each[1], "func", None))]
    for owner, _, key in failing[:1]:
        same_text = [each for each, *_ in uses if case.text(each) == case.text(owner)]
        same_key = [each for each, _, other in uses if other == key]
        for name in giving(key, case.namespace):
            for owners in (same_text, same_key):
                yield _given(case, name, owners)


def _keys(nodes: list[ast.AST]) -> Iterator[tuple[ast.expr, ast.expr, str]]:
    """Yield the owner, the expression and the key of each `owner["key"]` and `owner.get("key")`."""
    for node in nodes:
        match node:
            case ast.Subscript(value=owner, slice=ast.Constant(value=str() as key)):
                yield owner, node, key
            case ast.Call(func=ast.Attribute(value=owner, attr="get"), args=[ast.Constant(value=str() as key), *_]):
                yield owner, node, key


def _given(case: Case, name: str, owners: list[ast.expr]) -> str:
    """Return the code with these texts given to a function; a variable that has its name gets another one."""
    variables, variable = _variables(case, name), free_name(name, case.nodes, case.namespace)
    inside = [part for owner in owners for part in ast.walk(owner)]
    given = [(node, f"{name}({variable if node in variables else case.text(node)})") for node in owners]
    return case.with_texts(*given, *((node, variable) for node in variables if node not in inside))


def _shadowed(case: Case) -> Iterator[str]:
    """Give a variable another name if it hides a function that the code calls, as in `for player in players()`."""
    call = case.culprits[0] if "object is not callable" in case.trial.error and case.culprits else None
    match call:
        case ast.Call(func=ast.Name(id=name)) if name in vars(builtins) or is_own(case.namespace.get(name)):
            variable = free_name(name, case.nodes, case.namespace)
            if found := _variables(case, name):
                yield case.with_texts(*((node, variable) for node in found))


def _variables(case: Case, name: str) -> list[ast.expr]:
    """Return the names in the code that are a variable of that name, if it has one: all but those that are called."""
    called = [node.func for node in case.nodes if isinstance(node, ast.Call)]
    found: list[ast.expr] = [node for node in case.nodes if isinstance(node, ast.Name) and node.id == name]
    is_bound = any(isinstance(node.ctx, ast.Store) for node in found if isinstance(node, ast.Name))
    return [node for node in found if node not in called] if is_bound else []


MENDS: tuple[Mend, ...] = (_looked_up, _shadowed)
