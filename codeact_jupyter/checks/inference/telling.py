"""How findings name what an expression is, where it comes from, and what would take it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice
from types import FunctionType

from ...namespace.literals import is_one_of, type_name
from ...namespace.static_lookup import is_own
from ...text import shorten
from ..finding import listed
from .contents import BUILTIN, items
from .declared import declaration, keys_told, parameters, result
from .scope import Scope
from .values import Instance, Live, Maker, Value, class_of

_NAMES = 500  #: so many live names are looked through


def known(node: ast.expr, scope: Scope) -> Value:
    """What the expression is, if that is exactly of one of Python's own classes and stays so."""
    value = scope.infer(node)
    cls = class_of(value)
    if cls is None or not is_one_of(cls, (*BUILTIN, type(None))):
        return None
    if not isinstance(value, Live):
        return value
    may_change = isinstance(node, ast.Name) and (node.id in scope.changed or node.id in scope.filling.open)
    return None if may_change or cls is type(None) else value


def article(cls: type | None) -> str:
    """`a str`, `an int`, `None`."""
    name = type_name(cls) if cls is not None else ""
    return "None" if cls is type(None) else f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def subject(node: ast.expr, value: Value) -> str:
    """What it is, by its declaration where there is one."""
    what = article(class_of(value))
    maker = value.made_by if isinstance(value, Instance) else None
    if maker is None:
        return f"`{shorten(ast.unparse(node), 60)}` is {what}"
    return f"`{declaration(maker)}`: {maker.role} is {what}" if maker.role else f"`{declaration(maker)}` gives {what}"


def advice(value: Value, scope: Scope, wanted: str) -> str:
    """Which live functions take it, or its items, and give a dictionary, with that key where one is wanted."""
    cls, start = class_of(value), ""
    if is_one_of(cls or object, (list, tuple)):
        item = items(value)
        cls = class_of(item)
        if cls is dict:
            return f"Each item is a dict: go through them{f', and take [{wanted!r}] of each' if wanted else ''}."
        start = f"Each item is {article(cls)}. " if cls in (str, int) else ""
    if cls is not str and cls is not int:
        return start.strip()
    takers = [*_takers(cls, value, scope)]
    with_key = [taker for taker in takers if wanted and wanted in taker[1]]
    takers = with_key or [taker for taker in takers if taker[1]] or takers
    if 0 < len(takers) < 3:
        return start + " ".join(_gives(maker, keys) for maker, keys in takers)
    return f"{start}Call a function that takes that {cls.__name__}." if takers else start.strip()


def _takers(cls: type, value: Value, scope: Scope) -> Iterator[tuple[Maker, tuple[str, ...]]]:
    """The tools whose first parameter is declared so and that give a dictionary, or several, and the keys of it."""
    item = items(value) if class_of(value) is not cls else value
    own = item.made_by.function if isinstance(item, Instance) and item.made_by else None
    for name, obj in islice(scope.cell.namespace.items(), _NAMES):
        if type(obj) is FunctionType and obj is not own and not name.startswith("_") and is_own(obj):
            first = obj.__code__.co_varnames[0] if obj.__code__.co_argcount else ""
            given = result(obj, name)
            held = items(given) if class_of(given) is list else given
            if parameters(obj).get(first) is cls and class_of(held) is dict and scope.look_up(name) is not None:
                yield Maker(name, obj), keys_told(obj)


def _gives(maker: Maker, keys: tuple[str, ...]) -> str:
    what = "dicts" if class_of(result(maker.function, maker.name)) is list else "a dict"
    call = declaration(maker).partition(" -> ")[0]
    return f"`{call}` gives {what}{f' with {listed(keys)}' if keys else ''}."
