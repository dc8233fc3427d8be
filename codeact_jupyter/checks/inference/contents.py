"""What lists, dictionaries and the like hold, and what is bound to names when they are gone through."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import GeneratorType
from typing import Any

from ...namespace.literals import is_one_of
from ..cell import text_of
from .values import Instance, Live, Value, class_of

Infer = Callable[[ast.expr], Value]
LOOKED_AT = 1000
NUMBERS = (int, float, bool)
HOLDERS = (list, tuple, set, frozenset, dict)
BUILTIN = (str, bytes, *NUMBERS, *HOLDERS)

TEXT = Instance(str)


def items(value: Value) -> Value:
    """What going through it gives."""
    if isinstance(value, Live):
        if type(value.obj) is str:
            return TEXT
        return _alike(value.obj) if is_one_of(type(value.obj), HOLDERS) else None
    if not isinstance(value, Instance):
        return None
    if value.cls is str:
        return Instance(str, made_by=value.made_by and value.made_by.part("each letter"))
    if value.parts:
        return join(value.parts)
    return value.items


def at(value: Value, key: ast.expr) -> Value:
    """What `value[key]` gives."""
    cls = class_of(value)
    if isinstance(key, ast.Slice):
        if cls is str:
            return TEXT
        return Instance(cls, items=items(value)) if cls is list or cls is tuple else None
    if cls is str and isinstance(key, ast.Constant) and type(key.value) is not int:
        return None
    if isinstance(value, Live) and type(value.obj) is dict:
        return _alike(value.obj.values()) if len(value.obj) <= LOOKED_AT else None
    if isinstance(value, Instance) and (cls is dict or cls is object):
        return value.values
    if isinstance(value, Instance) and value.parts:
        place = _whole(key)
        return value.parts[place] if place is not None and -len(value.parts) <= place < len(value.parts) else None
    return items(value) if cls is str or cls is list or cls is tuple else None


def join(values: Iterable[Value]) -> Value:
    """What all of them are; None when they differ or when there are none."""
    values = list(values)
    if not values or any(value is None for value in values):
        return None
    first = values[0]
    if all(value is first for value in values):
        return first
    cls = class_of(first)
    if cls is None or not is_one_of(cls, BUILTIN) or any(class_of(value) is not cls for value in values):
        return None
    if not is_one_of(cls, HOLDERS):
        makers = {id(value.made_by) if isinstance(value, Instance) else 0 for value in values}
        return first if len(makers) == 1 else Instance(cls)
    plain = [value for value in values if isinstance(value, Instance)]
    keys = {value.keys for value in plain} if len(plain) == len(values) else set()
    return Instance(
        cls,
        items=join(items(value) for value in values),
        values=join(value.values for value in plain) if len(plain) == len(values) else None,
        keys=keys.pop() if len(keys) == 1 else (),
        made_by=plain[0].made_by if plain and len({id(value.made_by) for value in plain}) == 1 else None,
    )


def emptied(value: Instance, keys: tuple[str, ...] = ()) -> Value:
    """The same, of which only the class, and perhaps the keys, are still sure."""
    return replace(value, items=None, values=None, parts=(), keys=keys) if is_one_of(value.cls, HOLDERS) else value


def bind(target: ast.expr, value: Value) -> dict[str, Value]:
    """What the names in an assignment's target stand for."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, ast.Starred):
        return bind(target.value, Instance(list, items=items(value)))
    if not isinstance(target, ast.Tuple | ast.List):
        return {}
    parts: Sequence[Value] = value.parts if isinstance(value, Instance) else ()
    if len(parts) != len(target.elts) or any(isinstance(part, ast.Starred) for part in target.elts):
        parts = [value if isinstance(part, ast.Starred) else items(value) for part in target.elts]
    return {name: held for part, one in zip(target.elts, parts, strict=True) for name, held in bind(part, one).items()}


def gone_through(node: ast.Call, function: ast.Lambda, infer: Infer) -> Value:
    """What `sorted(…, key=lambda …)` and its like give to the function, one by one."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if isinstance(node.func, ast.Attribute) and node.func.attr == "sort":
        return items(infer(node.func.value)) if class_of(infer(node.func.value)) is list else None
    given = node.args[0] if name in ("sorted", "max", "min") and len(node.args) == 1 else None
    if name in ("map", "filter") and len(node.args) == 2 and node.args[0] is function:
        given = node.args[1]
    return items(infer(given)) if given is not None else None


def display(node: ast.expr, infer: Infer) -> Value:
    """What a list, tuple, set or dictionary that is written out holds."""
    if isinstance(node, ast.Dict):
        if any(key is None for key in node.keys):
            return Instance(dict)
        keys = join(infer(key) for key in node.keys if key is not None)
        names = tuple(text for key in node.keys if (text := text_of(key)) is not None)
        values = join(infer(value) for value in node.values)
        return Instance(dict, items=keys, values=values, keys=names if len(names) == len(node.keys) else ())
    if isinstance(node, ast.List | ast.Set | ast.Tuple):
        cls = {ast.List: list, ast.Set: set, ast.Tuple: tuple}[type(node)]
        starred = any(isinstance(part, ast.Starred) for part in node.elts)
        parts = [items(infer(part.value)) if isinstance(part, ast.Starred) else infer(part) for part in node.elts]
        return Instance(cls, items=join(parts), parts=tuple(parts) if cls is tuple and not starred else ())
    return TEXT if isinstance(node, ast.JoinedStr) else None


def comprehended(node: ast.expr, infer: Infer) -> Value:
    """What a comprehension makes; `infer` knows the names that it binds."""
    if isinstance(node, ast.DictComp):
        return Instance(dict, items=infer(node.key), values=infer(node.value))
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        cls = {ast.ListComp: list, ast.SetComp: set, ast.GeneratorExp: GeneratorType}[type(node)]
        return Instance(cls, items=infer(node.elt))
    return None


def _alike(held: Any) -> Value:
    """What each of these live things is, if they are not many and of one plain class."""
    if len(held) > LOOKED_AT or not len(held):
        return None
    classes = {id(type(part)): type(part) for part in list(held)}
    (cls,) = classes.values() if len(classes) == 1 else (object,)
    return Instance(cls) if is_one_of(cls, BUILTIN) else None


def _whole(key: ast.expr) -> int | None:
    if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub):
        place = _whole(key.operand)
        return None if place is None else -place
    return key.value if isinstance(key, ast.Constant) and type(key.value) is int else None
