"""What Python's own operators, functions and methods make of what they are given."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ...namespace.literals import is_one_of
from .contents import BUILTIN, HOLDERS, NUMBERS, TEXT, Infer, at, items, join
from .values import Instance, Value, class_of

_NUMBER, _FLOAT, _BOOL = Instance(int), Instance(float), Instance(bool)
_GIVES: dict[str, Value] = {
    **dict.fromkeys(("len", "int", "ord", "hash", "id"), _NUMBER),
    **dict.fromkeys(("str", "repr", "chr", "format", "input", "ascii", "hex", "bin"), TEXT),
    **dict.fromkeys(("bool", "any", "all", "isinstance", "callable", "hasattr"), _BOOL),
    **{"float": _FLOAT, "range": Instance(range, items=_NUMBER)},
    **{cls.__name__: Instance(cls) for cls in (list, dict, set, tuple)},
    "sorted": Instance(list),
}
_OF_TEXT: dict[str, Value] = {
    **dict.fromkeys(("split", "rsplit", "splitlines"), Instance(list, items=TEXT)),
    **dict.fromkeys(("strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold"), TEXT),
    **dict.fromkeys(("replace", "format", "join", "zfill", "ljust", "rjust", "center", "removeprefix"), TEXT),
    **dict.fromkeys(("count", "find", "index", "rfind"), _NUMBER),
    **dict.fromkeys(("startswith", "endswith", "isdigit", "isalpha", "isnumeric", "isupper", "islower"), _BOOL),
    **dict.fromkeys(("partition", "rpartition"), Instance(tuple, parts=(TEXT, TEXT, TEXT))),
}
_GIVES_NONE: dict[type, tuple[str, ...]] = {
    list: ("append", "extend", "insert", "sort", "reverse", "remove", "clear"),
    dict: ("update", "clear"),
    set: ("add", "update", "discard", "remove", "clear"),
}
_NONE = Instance(type(None))


def operated(node: ast.BinOp, left: Value, right: Value) -> Value:
    """What an operator makes of Python's own values."""
    one, other = class_of(left), class_of(right)
    if one is None or other is None:
        return None
    if is_one_of(one, NUMBERS) and is_one_of(other, NUMBERS):
        return _reckoned(node.op, one is float or other is float)
    if one is str and (isinstance(node.op, ast.Mod) or (isinstance(node.op, ast.Add) and other is str)):
        return TEXT
    if isinstance(node.op, ast.Mult) and (one is str or one is list) and other is int:
        return left if one is list else TEXT
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
