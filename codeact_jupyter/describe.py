"""One live object as one short line, without running any code of the user's.

Only exact types are looked into (a subclass may have overridden anything), found through `sys.modules` so that nothing
is imported; nothing is evaluated and nothing large is copied. What is not known is named by its type alone.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

MAX_COLUMNS = 40
MAX_NAMES = 8
MAX_TEXT = 60
_SCALARS = (int, float, complex, bool, type(None))
_CONTAINERS = (list, tuple, set, frozenset)


def describe(obj: Any) -> str:
    """The line, e.g. `DataFrame 344×8: species str, …` or `top(values, n=2) -> list`."""
    kind = type(obj)
    if kind in _SCALARS:
        return f"{kind.__name__} = {_clip(repr(obj))}" if obj is not None else "None"
    if kind is str:
        return f"str = {_clip(repr(obj[: MAX_TEXT + 1]))}" if len(obj) <= MAX_TEXT else f"str of {len(obj):,} characters"
    if kind is bytes or kind is bytearray:
        return f"{kind.__name__} of {len(obj):,}"
    if kind in _CONTAINERS:
        return _describe_container(obj, kind)
    if kind is dict:
        return _describe_dict(obj)
    if is_function(obj):
        return f"function{signature(obj)}"
    if kind is types.ModuleType:
        return f"module {_clip(str(types.ModuleType.__getattribute__(obj, '__dict__').get('__name__', '?')))}"
    if kind is type:
        return "class"
    known = _known(kind)
    return known(obj) if known else _type_name(kind)


def is_function(obj: Any) -> bool:
    """Whether `signature` and `docstring` can read it: a Python function, or one bound to an object."""
    return type(obj) is types.FunctionType or (
        type(obj) is types.MethodType and type(obj.__func__) is types.FunctionType
    )


def signature(function: Any) -> str:
    """The true signature, that of the wrapped function for a decorated one. Runs no `repr` of the user's."""
    bound = type(function) is types.MethodType
    function = _unwrap(function.__func__ if bound else function)
    code = function.__code__
    positional = code.co_varnames[: code.co_argcount]
    defaults = dict(zip(reversed(positional), reversed(function.__defaults__ or ()), strict=False))
    parts = [_parameter(function, name, defaults) for name in positional]
    if code.co_posonlyargcount:
        parts.insert(code.co_posonlyargcount, "/")
    rest = code.co_varnames[code.co_argcount :]
    keyword_only, rest = rest[: code.co_kwonlyargcount], rest[code.co_kwonlyargcount :]
    if code.co_flags & inspect.CO_VARARGS:
        parts.append(f"*{rest[0]}")
        rest = rest[1:]
    elif keyword_only:
        parts.append("*")
    parts += [_parameter(function, name, function.__kwdefaults__ or {}) for name in keyword_only]
    if code.co_flags & inspect.CO_VARKEYWORDS:
        parts.append(f"**{rest[0]}")
    returns = function.__annotations__.get("return", _MISSING)
    arrow = f" -> {_annotation(returns)}" if returns is not _MISSING else ""
    return f"({', '.join(parts[1:] if bound else parts)}){arrow}"


def docstring(function: Any) -> str:
    """The docstring in one line, or an empty string."""
    text = _unwrap(function.__func__ if type(function) is types.MethodType else function).__doc__
    return " ".join(text.split()) if type(text) is str else ""


def _unwrap(function: types.FunctionType) -> types.FunctionType:
    for _ in range(8):
        wrapped = function.__dict__.get("__wrapped__")
        if type(wrapped) is not types.FunctionType:
            break
        function = wrapped
    return function


_MISSING = object()


def _parameter(function: types.FunctionType, name: str, defaults: dict[str, Any]) -> str:
    annotation = function.__annotations__.get(name, _MISSING)
    text = name if annotation is _MISSING else f"{name}: {_annotation(annotation)}"
    if name not in defaults:
        return text
    value = defaults[name]
    shown = _clip(repr(value)) if type(value) in (*_SCALARS, str) else "…"
    return f"{text} = {shown}" if annotation is not _MISSING else f"{text}={shown}"


def _annotation(annotation: Any) -> str:
    if annotation is None:
        return "None"
    if type(annotation) is str:
        return _clip(annotation)
    if type(annotation) is type:
        return str(type.__dict__["__name__"].__get__(annotation))
    if type(annotation) in (types.GenericAlias, types.UnionType):
        arguments = [_annotation(argument) for argument in annotation.__args__]
        if type(annotation) is types.UnionType:
            return " | ".join(arguments)
        return f"{_annotation(annotation.__origin__)}[{', '.join(arguments)}]"
    return "…"


def _describe_container(obj: Any, kind: type) -> str:
    size = f"{kind.__name__} of {len(obj):,}"
    if kind in (list, tuple) and obj:
        first = type(obj[0])
        if len(obj) <= MAX_NAMES and all(type(item) in (*_SCALARS, str) for item in obj):
            return f"{kind.__name__} = {_clip(repr(obj if kind is list else tuple(obj)))}"
        if first is dict:
            return f"{size}, first: {_describe_dict(obj[0])}"
        return f"{size}, first: {_clip(_type_name(first))}"
    return size


def _describe_dict(obj: dict[Any, Any]) -> str:
    names = []
    for key, value in obj.items():
        if len(names) == MAX_NAMES:
            names.append("…")
            break
        if type(key) not in (*_SCALARS, str):
            return f"dict of {len(obj):,}"
        shown = f" = {_clip(repr(value), 30)}" if type(value) in (*_SCALARS, str) else ""
        names.append(f"{_clip(repr(key), 30)}: {_type_name(type(value))}{shown}")
    return f"dict of {len(obj):,}: {{{', '.join(names)}}}"


def _known(kind: type) -> Callable[[Any], str] | None:
    """How to describe this exact type of a library that is already imported."""
    for module, name, describer in _LIBRARY:
        library = sys.modules.get(module)
        if library is not None and vars(library).get(name) is kind:
            return describer
    return None


def _describe_frame(frame: Any) -> str:
    rows, columns = frame.shape
    named = [f"{_label(name)} {dtype}" for name, dtype in zip(frame.columns[:MAX_COLUMNS], frame.dtypes[:MAX_COLUMNS], strict=True)]
    more = f", … {columns - MAX_COLUMNS} more columns" if columns > MAX_COLUMNS else ""
    return f"DataFrame {rows}×{columns}: {', '.join(named)}{more}"


def _describe_series(series: Any) -> str:
    name = f" {_label(series.name)}" if series.name is not None else ""
    return f"Series{name} {len(series)} {series.dtype}"


def _describe_index(index: Any) -> str:
    return f"{type(index).__name__} {len(index)} {index.dtype}"


def _describe_array(array: Any) -> str:
    return f"ndarray {'×'.join(map(str, array.shape)) or 'scalar'} {array.dtype}"


def _describe_number(number: Any) -> str:
    return f"{type(number).__name__} = {number.item()!r}"


_LIBRARY: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("pandas", "DataFrame", _describe_frame),
    ("pandas", "Series", _describe_series),
    ("pandas", "Index", _describe_index),
    ("pandas", "RangeIndex", _describe_index),
    ("pandas", "DatetimeIndex", _describe_index),
    ("polars", "DataFrame", _describe_frame),
    ("polars", "Series", _describe_series),
    ("numpy", "ndarray", _describe_array),
    ("numpy", "float64", _describe_number),
    ("numpy", "int64", _describe_number),
)


def _label(name: Any) -> str:
    """A column's name: plain when it is an identifier, else a literal; hidden characters are escaped."""
    if type(name) is str:
        return name if name.isidentifier() and name.isascii() else _clip(ascii(name) if not name.isprintable() else repr(name))
    return _clip(repr(name)) if type(name) in _SCALARS else f"<{_type_name(type(name))}>"


def _type_name(kind: type) -> str:
    name = type.__dict__["__qualname__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind) if type(kind) is type else ""
    return str(name) if module in ("builtins", "__main__", "") or type(module) is not str else f"{module}.{name}"


def _clip(text: str, width: int = MAX_TEXT) -> str:
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= width else text[: width - 1] + "…"
