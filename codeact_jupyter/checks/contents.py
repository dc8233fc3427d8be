"""What lists, dictionaries and the like hold, and what Python's own operators, functions and methods make of it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from types import GeneratorType
from typing import Any

from ..observing.plain import is_one_of
from .values import Instance, Live, Value, class_of

Infer = Callable[[ast.expr], Value]
LOOKED_AT = 1000
NUMBERS = (int, float, bool)
HOLDERS = (list, tuple, set, frozenset, dict)
BUILTIN = (str, bytes, *NUMBERS, *HOLDERS)

_TEXT, _NUMBER, _FLOAT, _BOOL = Instance(str), Instance(int), Instance(float), Instance(bool)
_GIVES: dict[str, Value] = {
    **dict.fromkeys(("len", "int", "ord", "hash", "id"), _NUMBER),
    **dict.fromkeys(("str", "repr", "chr", "format", "input", "ascii", "hex", "bin"), _TEXT),
    **dict.fromkeys(("bool", "any", "all", "isinstance", "callable", "hasattr"), _BOOL),
    **{"float": _FLOAT, "range": Instance(range, items=_NUMBER)},
}
_OF_TEXT: dict[str, Value] = {
    **dict.fromkeys(("split", "rsplit", "splitlines"), Instance(list, items=_TEXT)),
    **dict.fromkeys(("strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold"), _TEXT),
    **dict.fromkeys(("replace", "format", "join", "zfill", "ljust", "rjust", "center", "removeprefix"), _TEXT),
    **dict.fromkeys(("count", "find", "index", "rfind"), _NUMBER),
    **dict.fromkeys(("startswith", "endswith", "isdigit", "isalpha", "isnumeric", "isupper", "islower"), _BOOL),
    **dict.fromkeys(("partition", "rpartition"), Instance(tuple, parts=(_TEXT, _TEXT, _TEXT))),
}
_GIVES_NONE: dict[type, tuple[str, ...]] = {
    list: ("append", "extend", "insert", "sort", "reverse", "remove", "clear"),
    dict: ("update", "clear"),
    set: ("add", "update", "discard", "remove", "clear"),
}
_NONE = Instance(type(None))


def items(value: Value) -> Value:
    """What going through it gives."""
    if isinstance(value, Live):
        if type(value.obj) is str:
            return _TEXT
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
            return _TEXT
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
        return Instance(dict, items=keys, values=join(infer(value) for value in node.values))
    if isinstance(node, ast.List | ast.Set | ast.Tuple):
        cls = {ast.List: list, ast.Set: set, ast.Tuple: tuple}[type(node)]
        starred = any(isinstance(part, ast.Starred) for part in node.elts)
        parts = [items(infer(part.value)) if isinstance(part, ast.Starred) else infer(part) for part in node.elts]
        return Instance(cls, items=join(parts), parts=tuple(parts) if cls is tuple and not starred else ())
    return _TEXT if isinstance(node, ast.JoinedStr) else None


def comprehended(node: ast.expr, infer: Infer) -> Value:
    """What a comprehension makes; `infer` knows the names that it binds."""
    if isinstance(node, ast.DictComp):
        return Instance(dict, items=infer(node.key), values=infer(node.value))
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp):
        cls = {ast.ListComp: list, ast.SetComp: set, ast.GeneratorExp: GeneratorType}[type(node)]
        return Instance(cls, items=infer(node.elt))
    return None


def operated(node: ast.BinOp, left: Value, right: Value) -> Value:
    """What an operator makes of Python's own values."""
    one, other = class_of(left), class_of(right)
    if one is None or other is None:
        return None
    if is_one_of(one, NUMBERS) and is_one_of(other, NUMBERS):
        return _reckoned(node.op, one is float or other is float)
    if one is str and (isinstance(node.op, ast.Mod) or (isinstance(node.op, ast.Add) and other is str)):
        return _TEXT
    if isinstance(node.op, ast.Mult) and (one is str or one is list) and other is int:
        return left if one is list else _TEXT
    if isinstance(node.op, ast.Add) and one is list and other is list:
        return Instance(list, items=join((items(left), items(right))))
    return None


def compared(values: Sequence[Value]) -> Value:
    """What a comparison of Python's own values gives."""
    classes = [class_of(value) for value in values]
    return _BOOL if all(cls is not None and is_one_of(cls, BUILTIN) for cls in classes) else None


def turned(operator: ast.unaryop, value: Value) -> Value:
    """What `not` and the signs give."""
    if isinstance(operator, ast.Not):
        return _BOOL
    cls = class_of(value)
    return Instance(cls) if cls is int or cls is float else None


def built(name: str, node: ast.Call, infer: Infer) -> Value:
    """What one of Python's own functions gives."""
    if any(isinstance(part, ast.Starred) for part in node.args) or any(word.arg is None for word in node.keywords):
        return _GIVES.get(name)
    given = [infer(part) for part in node.args if not isinstance(part, ast.Lambda)]
    first = given[0] if given else None
    if name in ("list", "sorted", "set", "tuple", "frozenset"):
        cls = {"sorted": list, "list": list, "set": set, "tuple": tuple, "frozenset": frozenset}[name]
        return Instance(cls, items=items(first))
    if name in ("reversed", "iter"):
        return Instance(object, True, items=items(first))
    if name == "filter":
        return Instance(object, True, items=items(given[-1])) if given else None
    if name in ("max", "min") and not any(word.arg == "default" for word in node.keywords):
        return items(first) if len(node.args) == 1 else join(given)
    if name == "next":
        return items(first) if len(given) == 1 else None
    if name == "enumerate":
        return Instance(enumerate, items=Instance(tuple, parts=(_NUMBER, items(first))))
    if name == "zip":
        return Instance(zip, items=Instance(tuple, parts=tuple(items(value) for value in given)))
    if name == "dict":
        return _dictionary(first, node)
    return _number(name, node, given) or _GIVES.get(name)


def method(name: str, receiver: Value, node: ast.Call) -> Value:
    """What a method of Python's own classes gives."""
    cls = class_of(receiver)
    if cls is str:
        return _OF_TEXT.get(name)
    if cls is None or not (is_one_of(cls, HOLDERS) or cls is object):
        return None
    if cls is dict and name in ("items", "keys", "values"):
        held = at(receiver, node)
        whole = Instance(tuple, parts=(items(receiver), held))
        return Instance(object, True, items={"items": whole, "keys": items(receiver), "values": held}[name])
    if cls is object and isinstance(receiver, Instance) and name in ("items", "keys", "values"):
        return None
    if name == "copy":
        return receiver if isinstance(receiver, Instance) else Instance(cls, items=items(receiver))
    if name == "pop" and (cls is not dict or len(node.args) == 1):
        return at(receiver, node)
    if name in ("index", "count"):
        return _NUMBER
    return _NONE if name in _GIVES_NONE.get(cls, ()) else None


def _alike(held: Any) -> Value:
    """What each of these live things is, if they are not many and of one plain class."""
    if len(held) > LOOKED_AT or not len(held):
        return None
    classes = {id(type(part)): type(part) for part in list(held)}
    (cls,) = classes.values() if len(classes) == 1 else (object,)
    return Instance(cls) if is_one_of(cls, BUILTIN) else None


def _reckoned(operator: ast.operator, has_float: bool) -> Value:
    if isinstance(operator, ast.Div):
        return _FLOAT
    if isinstance(operator, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod):
        return _FLOAT if has_float else _NUMBER
    return _FLOAT if isinstance(operator, ast.Pow) and has_float else None


def _number(name: str, node: ast.Call, given: list[Value]) -> Value:
    """What `sum`, `round` and `abs` give."""
    if not given or node.keywords:
        return None
    cls = class_of(items(given[0]) if name == "sum" else given[0])
    if cls is None or not is_one_of(cls, NUMBERS) or name not in ("sum", "round", "abs"):
        return None
    if name == "round":
        return Instance(cls) if len(given) == 2 else _NUMBER
    start = class_of(given[1]) if len(given) == 2 else int
    return _FLOAT if cls is float and (start is int or start is float) else _NUMBER if start is int else None


def _dictionary(first: Value, node: ast.Call) -> Value:
    if not node.args or node.keywords:
        return Instance(dict)
    if isinstance(first, Instance) and first.cls is dict:
        return first
    pair = items(first)
    parts = pair.parts if isinstance(pair, Instance) and len(pair.parts) == 2 else (None, None)
    return Instance(dict, items=parts[0], values=parts[1])


def _whole(key: ast.expr) -> int | None:
    if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub):
        place = _whole(key.operand)
        return None if place is None else -place
    return key.value if isinstance(key, ast.Constant) and type(key.value) is int else None
