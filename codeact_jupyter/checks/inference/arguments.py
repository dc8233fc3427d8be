"""Arguments that are not what is declared, or what Python's own functions take."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from ...namespace.literals import is_one_of
from ...namespace.static_lookup import MISSING, is_own
from ..finding import Finding, found, listed
from .calls import signature_of
from .contents import HOLDERS, NUMBERS, items
from .declared import declaration, parameters
from .scope import Scope
from .telling import advice, article, known, subject
from .values import Instance, Live, Maker, Value, class_of

_SINGLE = (*NUMBERS, type(None))
#: what a parameter that is declared so can be given besides
_FITS: dict[type, tuple[type, ...]] = {
    **{str: (), int: (bool,), float: (int, bool), bool: (int,)},
    **{list: (tuple, set, frozenset), dict: ()},
}
_GO_THROUGH = frozenset(
    {"len", "sum", "sorted", "list", "set", "tuple", "frozenset", "enumerate", "reversed", "zip", "any", "all", "iter"}
)


def find_argument(node: ast.Call, scope: Scope) -> Finding | None:
    """What is wrong with what the call gives."""
    if any(isinstance(part, ast.Starred) for part in node.args) or any(word.arg is None for word in node.keywords):
        return None
    callee = scope.infer(node.func)
    if isinstance(callee, Live) and is_own(callee.obj):
        return _declared(node, callee.obj, scope)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "join" and len(node.args) == 1:
        return _joined(node.func, node.args[0], scope)
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if isinstance(callee, Live) and node.args and callee.obj is vars(builtins).get(name, MISSING):
        return _to_builtin(name, node, scope)
    return None


def _declared(node: ast.Call, function: FunctionType, scope: Scope) -> Finding | None:
    """An argument that is not what a live function's parameter is declared to be."""
    declared = parameters(function)
    for name, argument in _arguments(node, function) if declared else ():
        value, wanted = known(argument, scope), declared.get(name)
        cls = class_of(value)
        if cls is None or wanted is None or cls is wanted or is_one_of(cls, _FITS[wanted]):
            continue
        if cls is type(None) and _default(function, name) is None:
            continue
        start = f"`{declaration(Maker(ast.unparse(node.func), function))}`: `{name}` must be {article(wanted)}"
        return found("type", f"{start}.", f"{subject(argument, value)}.", _how(node, name, argument, value, wanted))
    return None


def _arguments(node: ast.Call, function: FunctionType) -> Iterator[tuple[str, ast.expr]]:
    signature = signature_of(function)
    places = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    yield from zip(places, node.args, strict=False)
    yield from ((word.arg, word.value) for word in node.keywords if word.arg and word.arg in signature.parameters)


def _default(function: FunctionType, name: str) -> Any:
    named = function.__kwdefaults__ if type(function.__kwdefaults__) is dict else {}
    defaults = function.__defaults__ if type(function.__defaults__) is tuple else ()
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return (dict(zip(names[len(names) - len(defaults) :], defaults, strict=False)) | named).get(name, MISSING)


def _how(node: ast.Call, name: str, argument: ast.expr, value: Value, wanted: type) -> str:
    """What to write instead."""
    function, code, cls = ast.unparse(node.func), ast.unparse(argument), class_of(value)
    if isinstance(value, Instance) and value.keys:
        return f"Take one of its values: {listed(value.keys)}."
    if class_of(items(value)) is wanted and is_one_of(cls or object, (list, tuple, set, frozenset)):
        alone = len(node.args) + len(node.keywords) == 1 and len(code) < 60
        return f"Call it for each item{f': `[{function}(item) for item in {code}]`' if alone else ''}."
    if isinstance(argument, ast.Constant) and type(argument.value) is str and (wanted is int or wanted is float):
        return f"Write `{name}={argument.value.strip()}`." if argument.value.strip().isdecimal() else ""
    if wanted is str and isinstance(argument, ast.Constant) and is_one_of(cls or object, NUMBERS):
        return f"Write `{name}={code!r}`."
    return ""


def _to_builtin(name: str, node: ast.Call, scope: Scope) -> Finding | None:
    """Something given to one of Python's own functions that cannot do anything with it."""
    first = node.args[0]
    value = known(first, scope)
    cls = class_of(value)
    if name in _GO_THROUGH or (name in ("max", "min") and len(node.args) == 1):
        if is_one_of(cls or object, _SINGLE):
            return found("type", f"{subject(first, value)}, so there is no `{name}` of it.")
        return _summed(first, scope) if name == "sum" and len(node.args) == 1 and not node.keywords else None
    is_number = name in ("int", "float") and is_one_of(cls or object, HOLDERS)
    if is_number or (name in ("round", "abs") and is_one_of(cls or object, (str, *HOLDERS))):
        return found("type", f"{subject(first, value)}, so there is no `{name}` of it.", advice(value, scope, ""))
    if name == "range":
        for part in node.args:
            value = known(part, scope)
            if is_one_of(class_of(value) or object, (str, float, *HOLDERS)):
                hint = f"Use `len({ast.unparse(part)})`." if is_one_of(class_of(value) or object, HOLDERS) else ""
                return found("type", f"{subject(part, value)}: `range` takes whole numbers.", hint)
    return None


def _summed(node: ast.expr, scope: Scope) -> Finding | None:
    item = items(scope.infer(node))
    if not is_one_of(class_of(item) or object, (str, *HOLDERS)):
        return None
    return found("type", f"{_each(node, item)}: `sum` adds up numbers.", advice(item, scope, ""))


def _joined(function: ast.Attribute, argument: ast.expr, scope: Scope) -> Finding | None:
    item = items(scope.infer(argument))
    if class_of(scope.infer(function.value)) is not str or not is_one_of(class_of(item) or str, (*NUMBERS, *HOLDERS)):
        return None
    return found("type", f"{_each(argument, item)}: `join` takes texts.", "Use `str(…)` of each item.")


def _each(node: ast.expr, item: Value) -> str:
    if isinstance(item, Instance) and item.made_by:
        return subject(node, item)
    return f"Each item of `{ast.unparse(node)[:60]}` is {article(class_of(item))}"
