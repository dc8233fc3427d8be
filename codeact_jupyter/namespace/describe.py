"""One live object as one short line of text, without running any of the user's code.

The model must know what is in the notebook, and looking must not change it: no `__repr__`, `__len__`, property or
attribute hook of the user's runs, no lazy frame is evaluated, and nothing of size is copied. So an object is described
only when its type *is* (not: inherits from, or claims to be) a builtin or a class of pandas, polars or numpy. Of
anything else, the name of its type is all that is told.
"""

from __future__ import annotations

import sys
from itertools import islice
from types import BuiltinFunctionType, FunctionType, GenericAlias, MethodType, ModuleType, UnionType
from typing import Any

from ..text import one_line, shorten
from .literals import VALUE_CHARS, Description, Kind, described, exact, is_one_of, of_type, type_name, value_literal
from .tables import describe_table

DOC_CHARS = 700
SIGNATURE_CHARS = 200
KEYS = 8

_CONTAINERS = (list, tuple, set, frozenset, bytes, bytearray, range)
_CO_VARARGS, _CO_VARKEYWORDS, _CO_COROUTINE = 0x04, 0x08, 0x80


def describe(obj: object) -> str:
    """One line that says what `obj` is: its type, and its shape, columns, length, signature or short value."""
    return examine(obj).text


def examine(obj: object) -> Description:
    """What `describe` says, and what kind of thing it is. Never raises an `Exception`."""
    try:
        found = _builtin(obj) or describe_table(obj)
    except Exception:  # another version of a library is not laid out as expected: its objects keep their type's name
        found = None
    return found or described("data", type_name(type(obj)))


def _builtin(obj: Any) -> Description | None:
    cls = type(obj)
    if cls is str:
        whole = len(obj) <= VALUE_CHARS
        return described(
            "value" if whole else "data", value_literal(obj) if whole else f"str {len(obj):,}: {value_literal(obj)}"
        )
    if shown := value_literal(obj):
        return described("value", shown)
    if cls is dict:
        keys = [_key(key) + _table_in(value) for key, value in islice(obj.items(), KEYS)]
        more = [f"… {len(obj) - KEYS:,} more"] if len(obj) > KEYS else []
        brief = f"dict {len(obj):,}"
        return described("data", f"{brief}: {', '.join([*keys, *more])}" if keys else brief, brief)
    if is_one_of(cls, _CONTAINERS):
        return described("data", f"{cls.__name__} {len(obj):,}{_elements(obj)}")
    if issubclass(cls, ModuleType):
        slots: Any = ModuleType.__dict__
        name = slots["__dict__"].__get__(obj).get("__name__")
        return described("module", f"module {shorten(one_line(exact(name)), VALUE_CHARS)}")
    return _class(obj) if issubclass(cls, type) else _function(obj)


def _elements(obj: Any) -> str:
    """` of int` when the first elements agree in type."""
    types = [] if isinstance(obj, bytes | bytearray | range) else [type(element) for element in islice(obj, 100)]
    if not types or not all(cls is types[0] for cls in types):
        return ""
    first = next(iter(obj))
    keys = f" with {', '.join(_key(key) for key in islice(first, KEYS))}" if types[0] is dict and first else ""
    return f" of {type_name(types[0])}{keys}"


def _key(key: object) -> str:
    return value_literal(key) or f"<{type_name(type(key))}>"


def _table_in(value: object) -> str:
    """A dictionary's value, when it is a table."""
    found = describe_table(value)
    return f" ({found.brief})" if found and found.kind == "frame" else ""


# --- functions and classes ---------------------------------------------------------------------------------------


def _function(obj: Any) -> Description | None:
    cls = type(obj)
    if cls is FunctionType:
        start = "async " if obj.__code__.co_flags & _CO_COROUTINE else ""
        return _documented("function", start + obj.__name__ + signature_text(obj), obj.__doc__)
    if cls is MethodType and type(obj.__func__) is FunctionType:
        function = obj.__func__
        return _documented("function", function.__name__ + signature_text(function, skip=1), function.__doc__)
    if cls is BuiltinFunctionType:
        signature = (obj.__text_signature__ or "(…)").replace("$module, ", "").replace("$module", "")
        return _documented("function", obj.__name__ + signature, obj.__doc__)
    return None


def _class(cls: type) -> Description:
    name = exact(of_type("__qualname__", cls))
    signature = "()"
    for base in of_type("__mro__", cls):
        made = [of_type("__dict__", base).get(method) for method in ("__init__", "__new__")]
        made = [method.__func__ if type(method) is staticmethod else method for method in made]
        function = next((method for method in made if type(method) is FunctionType), None)
        if function is not None:
            signature = signature_text(function, skip=1).removesuffix(" -> None")
            break
        if base is not object and any(made):  # made in C, by rules of its own
            signature = "(…)"
            break
    doc = of_type("__dict__", cls).get("__doc__")
    if type(doc) is str and doc.startswith(f"{name}("):  # the docstring that a dataclass makes of its fields
        doc = None
    return _documented("class", f"class {name}{signature}", doc)


def _documented(kind: Kind, heading: str, doc: object) -> Description:
    """The heading, and the docstring in one line."""
    brief = shorten(one_line(heading), SIGNATURE_CHARS)
    told = shorten(one_line(" ".join(doc[:1000].split())), DOC_CHARS) if type(doc) is str else ""
    return described(kind, f"{brief}: {told}" if told else brief, brief)


def signature_text(function: FunctionType, skip: int = 0) -> str:
    """The parameters and the annotated return, without the first `skip` parameters."""
    for _ in range(8):
        inner = function.__dict__.get("__wrapped__")
        if type(inner) is not FunctionType:
            break
        function = inner
    code = function.__code__
    names, count, only = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
    notes, values = annotations_of(function), _defaults(function)

    def parameter(name: str, stars: str = "") -> str:
        note = f": {_annotation(notes[name])}" if name in notes else ""
        if name not in values:
            return stars + name + note
        value = shorten(value_literal(values[name]) or "…", 30)
        return f"{name}{note} = {value}" if note else f"{name}={value}"

    parameters = [parameter(name) for name in names[:count]]
    if code.co_posonlyargcount:
        parameters.insert(code.co_posonlyargcount, "/")
    rest = names[count + only :]
    if code.co_flags & _CO_VARARGS:
        parameters.append(parameter(rest[0], "*"))
        rest = rest[1:]
    elif only:
        parameters.append("*")
    parameters += [parameter(name) for name in names[count : count + only]]
    if code.co_flags & _CO_VARKEYWORDS:
        parameters.append(parameter(rest[0], "**"))
    returns = f" -> {_annotation(notes['return'])}" if "return" in notes else ""
    return f"({', '.join(parameters[skip:])}){returns}"


def _defaults(function: FunctionType) -> dict[str, object]:
    code = function.__code__
    positional = function.__defaults__ if type(function.__defaults__) is tuple else ()
    named = function.__kwdefaults__ if type(function.__kwdefaults__) is dict else {}
    names = code.co_varnames[: code.co_argcount]
    return dict(zip(names[len(names) - len(positional) :], positional, strict=False)) | named


def annotations_of(function: FunctionType) -> dict[str, object]:
    """The annotations as they stand, none evaluated."""
    if sys.version_info >= (3, 14):  # there, annotations are evaluated when they are asked for
        return {}
    notes = function.__annotations__
    return notes if type(notes) is dict else {}


def _annotation(note: Any, depth: int = 3) -> str:
    """An annotation by name: a string, a class, or a union or generic of these; an ellipsis for others."""
    cls = type(note)
    if cls is str:
        return shorten(note, VALUE_CHARS)
    if note is None or note is type(None):
        return "None"
    if cls is GenericAlias and depth:
        parts = [_annotation(part, depth - 1) for part in note.__args__[:KEYS]]
        return f"{_annotation(note.__origin__, depth - 1)}[{', '.join(parts)}]"
    if cls is UnionType and depth:
        return " | ".join(_annotation(part, depth - 1) for part in note.__args__[:KEYS])
    return exact(of_type("__qualname__", note)) if issubclass(cls, type) else "…"
