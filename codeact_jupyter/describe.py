"""One live object as one short line, without running any code of the user's.

An object is looked into only when its type *is* a builtin or a class of a known library's own, found where that class
says it lives: a subclass may have overridden anything. Types are compared by identity and read through the slots of
`type`, since a metaclass may define `__eq__` or `__module__`. Nothing is imported or evaluated, nothing large is copied.
What is not known is named by its type alone.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

MAX_COLUMNS = 40
MAX_COLUMNS_TEXT = 900
MAX_NAMES = 8
MAX_TEXT = 60
MAX_SIGNATURE = 300
_SCALARS = (bool, int, float, complex, types.NoneType)
_CONTAINERS = (list, tuple, set, frozenset)


def describe(obj: Any) -> str:
    """The line, e.g. `DataFrame 344×8: species str, …` or `list = [1, 2]`. Never raises an `Exception`."""
    try:
        return _describe(obj)
    except Exception:  # a library laid out otherwise, a container that another thread changes: the type is still true
        return type_name(type(obj))


def is_value(obj: Any) -> bool:
    """Whether the line shows the whole of the object, so that another one with the same line is as good."""
    return _literal(obj) is not None


def is_function(obj: Any) -> bool:
    """Whether `signature` and `docstring` can read it: a Python function, or one bound to an object."""
    return type(obj) is types.FunctionType or (
        type(obj) is types.MethodType and type(obj.__func__) is types.FunctionType
    )


def signature(function: Any) -> str:
    """The true signature, that of the wrapped function for a decorated one. Runs no `repr` of the user's."""
    if type(function) is types.MethodType:
        return _signature(function.__func__, bound=True)
    return _signature(function)


def docstring(function: Any) -> str:
    """The docstring's beginning in one line, or an empty string."""
    text = _unwrap(function.__func__ if type(function) is types.MethodType else function).__doc__
    return _visible(" ".join(text[:2000].split())) if type(text) is str else ""


def type_name(kind: type) -> str:
    """The class's public module and qualified name; of builtins and the notebook's own classes the name alone."""
    module, name = _home(kind)
    if module in ("", "builtins", "__main__", "types"):
        return _clip(name)
    return _clip(".".join([*(part for part in module.split(".") if not part.startswith("_")), name]), 2 * MAX_TEXT)


def _describe(obj: Any) -> str:
    kind = type(obj)
    if obj is None:
        return "None"
    literal = _literal(obj)
    if literal is not None:
        return f"{kind.__name__} = {literal}"
    if kind is int:
        return f"int of {obj.bit_length():,} bits"
    if kind is str:
        return f"str of {len(obj):,} characters"
    if kind is bytes or kind is bytearray:
        return f"{kind.__name__} of {len(obj):,}"
    if kind is range:
        return _clip(repr(obj))
    if _is_any(kind, _CONTAINERS):
        return _describe_container(obj, kind.__name__)
    if kind is dict:
        return _describe_dict(obj)
    if is_function(obj):
        return f"function{signature(obj)}"
    if issubclass(kind, types.ModuleType):
        name = types.ModuleType.__dict__["__dict__"].__get__(obj).get("__name__")
        return f"module {_clip(name)}" if type(name) is str else "module"
    if issubclass(kind, type):
        return f"class{_constructor(obj)}"
    known = _LIBRARY.get((_home(kind)[0].partition(".")[0], _home(kind)[1]))
    return known(obj) if known and _lives_where_it_says(kind) else type_name(kind)


# --- plain values and containers ---------------------------------------------------------------------------------


def _literal(obj: Any) -> str | None:
    """A scalar, or a text that is short, as Python writes it; `None` for everything else."""
    kind = type(obj)
    if kind is str:
        return repr(obj) if len(obj) <= MAX_TEXT else None
    if not _is_any(kind, _SCALARS) or (kind is int and obj.bit_length() > 200):
        return None
    return repr(obj)


def _brief(obj: Any, *, values: bool = True) -> str:
    """An object inside a container: its value when it is plain, else its type and size."""
    literal = _literal(obj) if values else None
    if literal is not None:
        return literal
    kind = type(obj)
    if _is_any(kind, (*_CONTAINERS, dict)):
        return f"{kind.__name__} of {len(obj):,}"
    text = describe(obj) if _is_from(kind, "pandas", "polars", "numpy") else type_name(kind)
    return text.partition(":")[0]


def _describe_container(obj: Any, name: str) -> str:
    size = f"{name} of {len(obj):,}"
    if not obj:
        return size
    if len(obj) <= MAX_NAMES:
        literals = [text for item in obj if (text := _literal(item)) is not None]
        if len(literals) == len(obj):
            if name in ("set", "frozenset"):
                return f"{size}: {{{_clip(', '.join(sorted(literals)), 2 * MAX_TEXT)}}}"
            text = ", ".join(literals)
            return f"{name} = {_clip(f'[{text}]' if name == 'list' else f'({text})', 2 * MAX_TEXT)}"
    first = next(iter(obj))
    return f"{size}, first: {_describe_dict(first, values=False) if type(first) is dict else _brief(first, values=False)}"


def _describe_dict(obj: dict[Any, Any], name: str = "dict", *, values: bool = True) -> str:
    size = f"{name} of {len(obj):,}"
    values = values and len(obj) <= MAX_NAMES
    items = []
    for key, value in islice(dict.items(obj), MAX_NAMES):
        items.append(f"{_clip(_label(key, quoted=True))}: {_clip(_brief(value, values=values))}")
    more = [f"… {len(obj) - MAX_NAMES:,} more"] if len(obj) > MAX_NAMES else []
    return f"{size}: {{{', '.join([*items, *more])}}}" if items else size


# --- functions and classes ---------------------------------------------------------------------------------------


def _signature(function: types.FunctionType, *, bound: bool = False) -> str:
    function = _unwrap(function)
    code = function.__code__
    names, count = code.co_varnames, code.co_argcount
    positional = function.__defaults__ if type(function.__defaults__) is tuple else ()
    defaults = dict(zip(reversed(names[:count]), reversed(positional), strict=False))
    defaults |= function.__kwdefaults__ if type(function.__kwdefaults__) is dict else {}
    notes = _annotations(function)
    parts = [_parameter(name, notes, defaults) for name in names[:count]]
    if code.co_posonlyargcount:
        parts.insert(code.co_posonlyargcount, "/")
    if bound and count:
        del parts[: 2 if code.co_posonlyargcount == 1 else 1]
    keyword_only, rest = names[count : count + code.co_kwonlyargcount], names[count + code.co_kwonlyargcount :]
    if code.co_flags & inspect.CO_VARARGS:
        parts.append(f"*{rest[0]}")
        rest = rest[1:]
    elif keyword_only:
        parts.append("*")
    parts += [_parameter(name, notes, defaults) for name in keyword_only]
    if code.co_flags & inspect.CO_VARKEYWORDS:
        parts.append(f"**{rest[0]}")
    arrow = f" -> {_annotation(notes['return'])}" if "return" in notes else ""
    return _clip(f"({', '.join(parts)}){arrow}", MAX_SIGNATURE)


def _unwrap(function: types.FunctionType) -> types.FunctionType:
    for _ in range(8):
        attributes: Any = function.__dict__
        wrapped = attributes.get("__wrapped__") if type(attributes) is dict else None
        if type(wrapped) is not types.FunctionType:
            break
        function = wrapped
    return function


def _annotations(function: types.FunctionType) -> dict[str, Any]:
    if sys.version_info >= (3, 14):  # to ask for them there is to run the user's code
        return {}
    notes = function.__annotations__
    return notes if type(notes) is dict else {}


def _parameter(name: str, notes: dict[str, Any], defaults: dict[str, Any]) -> str:
    text = f"{name}: {_annotation(notes[name])}" if name in notes else name
    if name not in defaults:
        return text
    shown = _literal(defaults[name]) or "…"
    return f"{text} = {shown}" if name in notes else f"{text}={shown}"


def _annotation(note: Any, depth: int = 3) -> str:
    """An annotation by name: a text, a class, or a union or generic of these; an ellipsis for others."""
    kind = type(note)
    if note is None or note is types.NoneType:
        return "None"
    if kind is str:
        return _clip(note)
    if issubclass(kind, type):
        return _clip(_home(note)[1])
    is_old_alias = _home(kind) in (("typing", "_GenericAlias"), ("typing", "_UnionGenericAlias"))
    if not depth or not (kind is types.GenericAlias or kind is types.UnionType or is_old_alias):
        return "…"
    arguments = [_annotation(argument, depth - 1) for argument in note.__args__[:MAX_NAMES]]
    if kind is types.UnionType or _home(kind)[1] == "_UnionGenericAlias":
        return " | ".join(arguments)
    return f"{_annotation(note.__origin__, 1)}[{', '.join(arguments)}]"


def _constructor(cls: type) -> str:
    """How the class is called, when it is made by Python code of its own or of a base class."""
    for base in type.__dict__["__mro__"].__get__(cls):
        made = type.__dict__["__dict__"].__get__(base).get("__init__")
        if base is not object and type(made) is types.FunctionType:
            return _signature(made, bound=True).removesuffix(" -> None")
    return ""


# --- pandas, polars, numpy ---------------------------------------------------------------------------------------


def _describe_frame(frame: Any) -> str:
    if not (_is_plain_index(frame.index) and _is_plain_index(frame.columns)):
        return "DataFrame"
    rows, width = frame.shape
    blocks = frame._mgr  # `DataFrame.dtypes` would read a property of the user's own extension arrays
    kinds = [_dtype(blocks.blocks[number].values) for number in blocks.blknos[:MAX_COLUMNS]]
    return _table(f"DataFrame {rows}×{width}{_row_labels(frame.index)}", frame.columns[:MAX_COLUMNS], kinds, width)


def _describe_polars_frame(frame: Any) -> str:
    schema = list(islice(frame.schema.items(), MAX_COLUMNS))
    kinds = [_clip(str(dtype)) for _, dtype in schema]
    return _table(f"polars DataFrame {frame.height}×{frame.width}", [name for name, _ in schema], kinds, frame.width)


def _table(title: str, labels: Iterable[Any], kinds: list[str], width: int) -> str:
    shown, room = [], MAX_COLUMNS_TEXT
    for label, kind in zip(labels, kinds, strict=True):
        text = f"{_label(label)} {kind}"
        room -= len(text) + 2
        if room < 0:
            break
        shown.append(text)
    more = [f"… {width - len(shown):,} more columns"] if width > len(shown) else []
    return f"{title}: {', '.join([*shown, *more])}" if width else title


def _describe_series(series: Any) -> str:
    if not _is_plain_index(series.index):
        return "Series"
    name = f" {_label(series.name)}" if series.name is not None else ""
    return f"Series{name} {len(series.index)} {_dtype(series._mgr.blocks[0].values)}{_row_labels(series.index)}"


def _describe_polars_series(series: Any) -> str:
    return f"polars Series {_label(series.name)} {series.len()} {_clip(str(series.dtype))}"


def _describe_index(index: Any) -> str:
    if not _is_plain_index(index):
        return type_name(type(index))
    numbered = type(index).__name__ == "RangeIndex"
    kind = "" if numbered or type(index).__name__ == "MultiIndex" else f" {_dtype(index._data)}"
    return f"{type(index).__name__} {len(index)}{kind}"


def _is_plain_index(index: Any) -> bool:
    """Whether the index is pandas' own over arrays of its own or numpy's, so that its length may be asked."""
    if not _is_from(type(index), "pandas"):
        return False
    name = type(index).__name__
    if name == "MultiIndex":
        return all(map(_is_plain_index, index.levels))
    return name == "RangeIndex" or _is_from(type(index._data), "pandas", "numpy")


def _row_labels(index: Any) -> str:
    """` (index species)` unless the rows are merely numbered."""
    if type(index).__name__ == "RangeIndex":
        return ""
    names = [_label(name) for name in islice(index.names, MAX_NAMES) if name is not None]
    if names:
        return f" (index {', '.join(names)})"
    levels = type(index).__name__ == "MultiIndex"
    return f" (index of {f'{len(index.levels)} levels' if levels else _dtype(index._data)})"


def _dtype(values: Any) -> str:
    """The element type; parts of it that could be the user's own objects are left out."""
    if not _is_from(type(values), "pandas", "numpy"):
        return type_name(type(values))
    dtype = values.dtype
    name = type(dtype).__name__
    if name in ("CategoricalDtype", "IntervalDtype", "SparseDtype"):
        return {"C": "category", "I": "interval", "S": "sparse"}[name[0]]
    if name == "DatetimeTZDtype" and not _is_plain_zone(dtype.tz):
        return f"datetime64[{dtype.unit}, …]"
    return _clip(str(dtype))


def _describe_array(array: Any) -> str:
    names = array.dtype.names
    fields = ", ".join(map(_label, islice(names, MAX_NAMES))) + (", …" if len(names) > MAX_NAMES else "") if names else ""
    shape = "×".join(map(str, array.shape)) or "scalar"
    return f"{type(array).__name__} {shape} {f'fields {fields}' if names else _clip(str(array.dtype))}"


def _describe_scalar(scalar: Any) -> str:
    return f"{type(scalar).__name__} = {_clip(str(scalar))}"


def _describe_moment(moment: Any) -> str:
    zone = moment.tzinfo
    return _describe_scalar(moment) if _is_plain_zone(zone) else type_name(type(moment))


def _is_plain_zone(zone: Any) -> bool:
    return zone is None or _is_from(type(zone), "datetime", "zoneinfo", "pytz")


def _describe_decimal(number: Any) -> str:
    return _describe_scalar(number) if number.__sizeof__() < 500 else "Decimal"


def _describe_sized(obj: Any) -> str:
    return f"{type(obj).__name__} of {len(obj):,}"


_INDEXES = "Index RangeIndex MultiIndex DatetimeIndex TimedeltaIndex PeriodIndex IntervalIndex CategoricalIndex".split()
_NUMBERS = (
    "bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc uintc longlong ulonglong float16 float32 float64 "
    "longdouble float128 complex64 complex128 clongdouble complex256 datetime64 timedelta64"
).split()
_LIBRARY: dict[tuple[str, str], Callable[[Any], str]] = {
    ("pandas", "DataFrame"): _describe_frame,
    ("pandas", "Series"): _describe_series,
    **{("pandas", name): _describe_index for name in _INDEXES},
    ("pandas", "Timestamp"): _describe_moment,
    ("pandas", "Timedelta"): _describe_scalar,
    ("polars", "DataFrame"): _describe_polars_frame,
    ("polars", "Series"): _describe_polars_series,
    ("polars", "LazyFrame"): lambda obj: "polars LazyFrame",
    **{("numpy", name): _describe_array for name in ("ndarray", "memmap", "MaskedArray")},
    **{("numpy", name): _describe_scalar for name in _NUMBERS},
    **{("datetime", name): _describe_moment for name in ("datetime", "time")},
    **{("datetime", name): _describe_scalar for name in ("date", "timedelta")},
    **{("pathlib", name): _describe_scalar for name in ("PosixPath", "WindowsPath")},
    ("decimal", "Decimal"): _describe_decimal,
    ("collections", "deque"): _describe_sized,
    ("collections", "Counter"): lambda obj: _describe_dict(obj, "Counter"),
    ("collections", "defaultdict"): lambda obj: _describe_dict(obj, "defaultdict"),
    ("collections", "OrderedDict"): lambda obj: _describe_dict(obj, "OrderedDict"),
}


# --- names and texts ---------------------------------------------------------------------------------------------


def _home(kind: type) -> tuple[str, str]:
    """Module and qualified name of a class, as the class itself has them; a question mark for what is no text."""
    try:
        module = type.__dict__["__module__"].__get__(kind)
    except AttributeError:  # `del Class.__module__` is legal
        module = ""
    name = type.__dict__["__qualname__"].__get__(kind)
    return module if type(module) is str else "?", name if type(name) is str else "?"


def _lives_where_it_says(kind: type) -> bool:
    module, name = _home(kind)
    library = sys.modules.get(module)
    return type(library) is types.ModuleType and vars(library).get(name) is kind


def _is_from(kind: type, *libraries: str) -> bool:
    return _home(kind)[0].partition(".")[0] in libraries and _lives_where_it_says(kind)


def _is_any(kind: type, kinds: Iterable[type]) -> bool:
    return any(kind is other for other in kinds)


def _label(name: Any, *, quoted: bool = False) -> str:
    """A column's name or a key: a literal, without quotes for an identifier; of other objects the type."""
    if type(name) is str:
        if not quoted and len(name) <= MAX_TEXT and name.isidentifier() and name.isprintable():
            return name
        return repr(name) if len(name) <= MAX_TEXT else f"{name[: MAX_TEXT - 1]!r}…"
    if type(name) is tuple:
        return f"({', '.join(_literal(part) or f'<{_brief(part)}>' for part in name[:MAX_NAMES])})"
    if (literal := _literal(name)) is not None:
        return literal
    known = _is_from(type(name), "pandas", "datetime", "numpy")
    return f"<{describe(name).partition(' = ')[2] or type_name(type(name))}>" if known else f"<{type_name(type(name))}>"


def _visible(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _clip(text: str, width: int = MAX_TEXT) -> str:
    text = _visible(text[: width + 1])
    return text if len(text) <= width else text[: width - 1] + "…"
