"""One live object as one short line of text, without running any of the user's code.

The model must know what is in the notebook, and describing it must not change it: no `__repr__`, `__len__`, property or
attribute hook of the user's runs, no lazy frame is evaluated, and nothing large is copied. So an object is described
only if its type *is* (not: inherits from, or claims to be) a builtin or a class of pandas, polars or numpy. Tables of a
subclass of a pandas class are read without what the subclass overrides. Any other object is listed with the name of its
type.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from types import BuiltinFunctionType, FunctionType, GenericAlias, MethodType, ModuleType, UnionType
from typing import Any, Union

from ..text import one_line, shorten
from .literals import (
    VALUE_CHARS,
    Description,
    Kind,
    described,
    exact,
    held_in,
    is_one_of,
    names_in,
    of_type,
    type_name,
    value_literal,
)
from .tables import CELLS, describe_table

DOC_CHARS = 700  #: maximum length of a docstring
SIGNATURE_CHARS = 200  #: maximum length of a function's name and signature
KEYS = 8  #: maximum number of keys of a dictionary, and of parts of an annotation

_DEFAULT_CHARS = 30
_ANNOTATION_DEPTH = 3
_CONTAINERS = (list, tuple, set, frozenset, bytes, bytearray, range)
_CO_VARARGS, _CO_VARKEYWORDS, _CO_COROUTINE = 0x04, 0x08, 0x80


def describe(obj: object) -> str:
    """Describe an object in one line: its type, and its shape, columns, length, signature or short value.

    Args:
        obj: any live object.

    Returns:
        The line.
    """
    return examine(obj).text


def examine(obj: object, cells: int = CELLS) -> Description:
    """Describe an object in one line, a brief form of it, and the kind of object. Never raises an `Exception`.

    Args:
        obj: any live object.
        cells: largest number of values of a table that are read; 0 for names and types alone.

    Returns:
        The description.
    """
    try:
        found = _builtin(obj) or describe_table(obj, cells)
    except Exception:  # another version of a library may differ: then only the type's name is given
        found = None
    return found or described("data", type_name(type(obj)))


def _builtin(obj: Any) -> Description | None:
    cls = type(obj)
    if cls is str:
        short = len(obj) <= VALUE_CHARS
        return described("value", value_literal(obj)) if short else described("data", _long_text(obj))
    if shown := value_literal(obj):
        return described("value", shown)
    if cls is dict:
        return _dict(obj)
    if is_one_of(cls, _CONTAINERS):
        return described("data", f"{cls.__name__} {len(obj):,}{_elements(obj)}")
    if issubclass(cls, ModuleType):
        slots: Any = ModuleType.__dict__
        name = held_in(slots["__dict__"].__get__(obj), "__name__")
        return described("module", f"module {shorten(one_line(exact(name)), VALUE_CHARS)}")
    return _class(obj) if issubclass(cls, type) else _function(obj)


def _long_text(text: str) -> str:
    return f"str {len(text):,}: {value_literal(text)}"


def _dict(obj: dict[Any, Any]) -> Description:
    keys = [_key(key) + _table_in(value) for key, value in islice(obj.items(), KEYS)]
    more = [f"… {len(obj) - KEYS:,} more"] if len(obj) > KEYS else []
    brief = f"dict {len(obj):,}"
    return described("data", f"{brief}: {', '.join([*keys, *more])}" if keys else brief, brief)


def _elements(obj: Any) -> str:
    """Return ` of int` if the first elements are of one type."""
    types = [] if isinstance(obj, bytes | bytearray | range) else [type(element) for element in islice(obj, 100)]
    if not types or not all(cls is types[0] for cls in types):
        return ""
    first = next(iter(obj))
    keys = f" with {', '.join(_key(key) for key in islice(first, KEYS))}" if types[0] is dict and first else ""
    return f" of {type_name(types[0])}{keys}"


def _key(key: object) -> str:
    return value_literal(key) or f"<{type_name(type(key))}>"


def _table_in(value: object) -> str:
    """Return a dictionary's value in brackets if it is a data frame."""
    found = describe_table(value, cells=0)
    return f" ({found.brief})" if found and found.kind == "frame" else ""


# --- functions and classes ---------------------------------------------------------------------------------------


def _function(obj: Any) -> Description | None:
    cls = type(obj)
    if cls is FunctionType:
        start = "async " if obj.__code__.co_flags & _CO_COROUTINE else ""
        return _documented("function", start + exact(obj.__name__) + signature_text(obj), obj.__doc__)
    if cls is MethodType and type(obj.__func__) is FunctionType:
        function = obj.__func__
        name = exact(function.__name__)
        return _documented("function", name + signature_text(function, skip=1), function.__doc__)
    if cls is BuiltinFunctionType:
        signature = (obj.__text_signature__ or "(…)").replace("$module, ", "").replace("$module", "")
        return _documented("function", exact(obj.__name__) + signature, obj.__doc__)
    return None


def _class(cls: type) -> Description:
    name = exact(of_type("__qualname__", cls))
    doc = held_in(of_type("__dict__", cls), "__doc__")
    if type(doc) is str and doc.startswith(f"{name}("):  # the docstring that a dataclass makes of its fields
        doc = None
    return _documented("class", f"class {name}{_constructor_signature(cls)}", doc)


def _constructor_signature(cls: type) -> str:
    """Return the signature of the first `__init__` or `__new__` in the method resolution order."""
    for base in of_type("__mro__", cls):
        methods = [held_in(of_type("__dict__", base), method) for method in ("__init__", "__new__")]
        methods = [method.__func__ if type(method) is staticmethod else method for method in methods]
        function = next((method for method in methods if type(method) is FunctionType), None)
        if function is not None:
            return signature_text(function, skip=1).removesuffix(" -> None")
        if base is not object and any(method is not None for method in methods):  # written in C
            return "(…)"
    return "()"


def _documented(kind: Kind, heading: str, doc: object) -> Description:
    """Return the heading, followed by the docstring in one line."""
    brief = shorten(one_line(heading), SIGNATURE_CHARS)
    summary = shorten(one_line(" ".join(doc[:1000].split())), DOC_CHARS) if type(doc) is str else ""
    return described(kind, f"{brief}: {summary}" if summary else brief, brief)


# --- signatures --------------------------------------------------------------------------------------------------


def signature_text(function: FunctionType, skip: int = 0) -> str:
    """Return a function's parameters and annotated result, as in `(df, n: int = 5) -> str`.

    Args:
        function: a plain function; `functools.wraps` is followed to the wrapped one.
        skip: number of leading parameters to leave out, such as `self`.

    Returns:
        The signature; no annotation or default is evaluated.
    """
    for _ in range(8):
        inner = held_in(function.__dict__, "__wrapped__")
        if type(inner) is not FunctionType:
            break
        function = inner
    notes = annotations_of(function)
    returns = f" -> {annotation_text(notes['return'])}" if "return" in notes else ""
    return f"({', '.join(list(_parameters(function, notes))[skip:])}){returns}"


def _parameters(function: FunctionType, notes: dict[str, object]) -> Iterator[str]:
    """Yield each parameter with its annotation and default, and the separators `/` and `*`."""
    code, values = function.__code__, _defaults(function)

    def parameter(name: str, stars: str = "") -> str:
        note = f": {annotation_text(notes[name])}" if name in notes else ""
        if name not in values:
            return stars + name + note
        value = shorten(value_literal(values[name]) or "…", _DEFAULT_CHARS)
        return f"{name}{note} = {value}" if note else f"{name}={value}"

    names, count, keyword_only = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
    for place, name in enumerate(names[:count], 1):
        yield parameter(name)
        if place == code.co_posonlyargcount:
            yield "/"
    rest = list(names[count + keyword_only :])
    if code.co_flags & _CO_VARARGS:
        yield parameter(rest.pop(0), "*")
    elif keyword_only:
        yield "*"
    yield from (parameter(name) for name in names[count : count + keyword_only])
    if code.co_flags & _CO_VARKEYWORDS:
        yield parameter(rest[0], "**")


def _defaults(function: FunctionType) -> dict[str, object]:
    code = function.__code__
    positional = function.__defaults__ if type(function.__defaults__) is tuple else ()  # not of a subclass
    named = {} if function.__kwdefaults__ is None else names_in(function.__kwdefaults__)
    names = code.co_varnames[: code.co_argcount]
    return dict(zip(names[len(names) - len(positional) :], positional, strict=False)) | named


def annotations_of(function: FunctionType) -> dict[str, object]:
    """Return the annotations of a function as they are, without evaluating any.

    Args:
        function: a plain function.

    Returns:
        The annotations by parameter, and under `return`; none on Python 3.14, where reading them evaluates them.
    """
    if sys.version_info >= (3, 14):
        return {}
    return names_in(function.__annotations__)


def _plain_annotation(note: Any) -> str:
    """Return a string annotation, or the name of a class; an ellipsis for others."""
    if type(note) is str:
        return shorten(note, VALUE_CHARS)
    if note is None or note is type(None):
        return "None"
    return exact(of_type("__qualname__", note)) if issubclass(type(note), type) else "…"


def annotation_text(
    note: Any,
    plain: Callable[[Any], str] = _plain_annotation,
    *,
    generics: tuple[type, ...] = (GenericAlias,),
    depth: int = _ANNOTATION_DEPTH,
) -> str:
    """Return an annotation as source text, without evaluating it.

    Args:
        note: the annotation.
        plain: returns the text of an annotation that is neither a union nor a generic.
        generics: types of annotations that count as generics.
        depth: levels of unions and generics that are taken apart; what is deeper goes to `plain`.

    Returns:
        Text such as `dict[str, list[int]] | None`.
    """
    cls = type(note)
    if not depth or not is_one_of(cls, (UnionType, *generics)):
        return plain(note)
    arguments = islice(tuple.__iter__(note.__args__), KEYS)
    parts = [annotation_text(part, plain, generics=generics, depth=depth - 1) for part in arguments]
    if cls is UnionType or note.__origin__ is Union:
        return " | ".join(parts)
    return f"{annotation_text(note.__origin__, plain, generics=generics, depth=depth - 1)}[{', '.join(parts)}]"
