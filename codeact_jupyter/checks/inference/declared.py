"""What live functions declare: the result's type and the parameters' types, and the keys that a docstring spells.

Annotations are read, as text or as plain objects; none is evaluated.
"""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections import abc
from dataclasses import replace
from functools import lru_cache
from types import FunctionType, GenericAlias
from typing import Any

from ...namespace.describe import annotation_text, annotations_of, signature_text
from ...namespace.literals import is_one_of
from ...namespace.static_lookup import MISSING, is_own
from ..cell import last_name
from .values import Instance, Maker, Value

NONE = type(None)
_PLAIN: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool, "bytes": bytes, "None": NONE}
_HOLDERS: dict[str, type] = {
    **dict.fromkeys(("list", "List"), list),
    **dict.fromkeys(("set", "Set"), set),
    **dict.fromkeys(("frozenset", "FrozenSet"), frozenset),
    **dict.fromkeys(("Iterator", "Iterable", "Sequence", "Collection", "Generator"), object),
}
_BY_KEY: dict[str, type] = {**dict.fromkeys(("dict", "Dict"), dict), "Mapping": object, "MutableMapping": object}
_BUILTIN = ("list", "dict", "set", "frozenset", "tuple")
_TUPLES = ("tuple", "Tuple")
_NOT_CALLED = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_GROUP = re.compile(r"\{[^{}]*\}")
_KEY = re.compile(r"""(?<=[{,])\s*(?:'([^'{},]+)'|"([^"{},]+)")\s*(?=[:,}])""")
_EXAMPLE = re.compile(
    r"(?:such as|one of|any of|either|among|like|e\.\s?g\.,?|example:?|instance:?)\s*$", re.IGNORECASE
)


def result(function: FunctionType, name: str, *, awaited: bool = False) -> Value:
    """What a call of this tool gives, by its declaration."""
    if not is_own(function) or "__wrapped__" in function.__dict__:
        return None
    if bool(function.__code__.co_flags & _NOT_CALLED) is not awaited:
        return None
    note = _parsed(_written(annotations_of(function).get("return", MISSING)))
    return None if note is None else _value(note, Maker(name, function))


def parameters(function: FunctionType) -> dict[str, type]:
    """The parameters that are declared to be exactly of one of Python's own classes."""
    if "__wrapped__" in function.__dict__:
        return {}
    found = {}
    for name, written in annotations_of(function).items():
        value = None if name == "return" else _value(_parsed(_written(written)), Maker("", function))
        if isinstance(value, Instance) and is_one_of(value.cls, (str, int, float, bool, list, dict)):
            found[name] = value.cls
    return found


def takes_plain(function: FunctionType) -> bool:
    """Whether all that it takes is declared to be numbers and texts, which it cannot change."""
    code, declared = function.__code__, parameters(function)
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    is_all = not code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS)
    return is_all and all(is_one_of(declared.get(name, object), (str, int, float, bool)) for name in names)


def keys_told(function: FunctionType) -> tuple[str, ...]:
    """The keys that the docstring spells as `{'a': what it is, 'b'}`, none when it gives an example."""
    doc = function.__doc__
    if type(doc) is not str:
        return ()
    for group in _GROUP.finditer(doc):
        keys = [one or other for one, other in _KEY.findall(group[0])]
        is_example = "…" in group[0] or "..." in group[0] or _EXAMPLE.search(doc[: group.start()])
        if len(keys) > 1 and not is_example:
            return tuple(dict.fromkeys(keys))
    return ()


def is_quoted(word: str, function: FunctionType) -> bool:
    """Whether the docstring mentions the word in quotes."""
    doc = function.__doc__
    return type(doc) is str and any(f"{mark}{word}{mark}" in doc for mark in "'\"`")


def declaration(maker: Maker) -> str:
    """The function's name and signature, as in `area(width: int) -> int`."""
    return f"{maker.name}{signature_text(maker.function)}"


def _value(node: ast.expr | None, maker: Maker) -> Value:
    """What is declared by an annotation; None where that is not one thing."""
    if isinstance(node, ast.Constant):
        return Instance(NONE, made_by=maker) if node.value is None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _optional([node.left, node.right], maker)
    base = node.value if isinstance(node, ast.Subscript) else node
    inner = node.slice if isinstance(node, ast.Subscript) else None
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner] if inner is not None else []
    name = last_name(base)
    if (name in _PLAIN or name in _BUILTIN) and dict.__contains__(maker.function.__globals__, name):
        return None
    if name in _PLAIN:
        return Instance(_PLAIN[name], made_by=maker)
    if name == "Optional" and len(parts) == 1:
        return _optional([parts[0], ast.Constant(None)], maker)
    if name in _HOLDERS:
        item = _value(parts[0], maker.part("each item")) if parts else None
        values = item if _HOLDERS[name] is object else None
        return Instance(_HOLDERS[name], _HOLDERS[name] is object, items=item, values=values, made_by=maker)
    if name in _BY_KEY:
        return _by_key(_BY_KEY[name], parts, maker)
    return _tuple(parts, maker) if name in _TUPLES else None


def _by_key(cls: type, parts: list[ast.expr], maker: Maker) -> Value:
    key = _value(parts[0], maker.part("each key")) if len(parts) == 2 else None
    held = _value(parts[1], maker.part("each value")) if len(parts) == 2 else None
    keys = keys_told(maker.function) if cls is dict and maker.role in ("", "each item") else ()
    return Instance(cls, cls is object, items=key, values=held, keys=keys, made_by=maker)


def _tuple(parts: list[ast.expr], maker: Maker) -> Value:
    if len(parts) == 2 and isinstance(parts[1], ast.Constant) and parts[1].value is ...:
        return Instance(tuple, items=_value(parts[0], maker.part("each item")), made_by=maker)
    values = tuple(_value(part, maker.part(f"[{number}]")) for number, part in enumerate(parts))
    return Instance(tuple, parts=values, made_by=maker)


def _optional(nodes: list[ast.expr], maker: Maker) -> Value:
    """Of `X | None`, what is in X if it holds things; it is not known to be an X."""
    rest = [node for node in nodes if not (isinstance(node, ast.Constant) and node.value is None)]
    value = _value(rest[0], maker) if len(rest) == 1 else None
    if not isinstance(value, Instance) or (value.items is None and value.values is None):
        return None
    held = value.values if value.cls in (dict, object) else value.items
    return replace(value, cls=object, is_open=True, values=held, keys=())


@lru_cache(512)
def _parsed(text: str) -> ast.expr | None:
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    return _parsed(node.value) if isinstance(node, ast.Constant) and type(node.value) is str else node


def _written(note: Any) -> str:
    """Return an annotation as source; `_` for what is no plain one."""
    return annotation_text(note, _plain, generics=(GenericAlias, *_ALIASES), depth=_DEPTH)


def _plain(note: Any) -> str:
    if type(note) is str:
        return note if 0 < len(note) < 500 else "_"
    if note is None or note is NONE:
        return "None"
    if note is ...:
        return "..."
    words = [word for word, cls in (*_PLAIN.items(), *_CLASSES.items()) if note is cls]
    return words[0] if words else "_"


_DEPTH = 9
_ALIASES = (type(typing.List[int]), type(typing.Optional[int]))  # noqa: UP006, UP045
_CLASSES: dict[str, type] = {
    **{cls.__name__: cls for cls in (list, dict, set, frozenset, tuple)},
    **{cls.__name__: cls for cls in (abc.Iterator, abc.Iterable, abc.Sequence, abc.Collection, abc.Generator)},
    **{cls.__name__: cls for cls in (abc.Mapping, abc.MutableMapping)},
}
