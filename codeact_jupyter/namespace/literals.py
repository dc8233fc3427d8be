"""Plain text about foreign things, without running their code.

Types are compared by identity, because a metaclass may define `__eq__` and `__hash__`; attributes of classes are read
through the slots of `type` itself, because a metaclass may define these too. A name from outside, a column's say, can
hold anything: what cannot be seen, or reorders what can, is written as an escape.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import PosixPath, WindowsPath
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ..text import one_line, shorten, visible

Kind = Literal["frame", "data", "value", "function", "class", "module"]

SCALARS = (bool, int, float, complex, type(None))
VALUE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Description:
    """What is told of one object.

    `text` is the whole line; `brief` leaves out columns and docstring; `columns` are a frame's first ones, as text.
    """

    kind: Kind
    text: str
    brief: str
    columns: tuple[str, ...] = ()


def described(kind: Kind, text: str, brief: str | None = None) -> Description:
    """A description whose brief form, unless given, is the whole line."""
    return Description(kind, text, text if brief is None else brief)


def type_name(cls: type) -> str:
    """The class's module and qualified name, in one line; of builtins and the notebook's own, the name alone."""
    name = one_line(exact(of_type("__qualname__", cls)))
    try:
        module = one_line(exact(of_type("__module__", cls)))
    except AttributeError:  # made by `type()` where no `__name__` is defined
        module = ""
    return shorten(name if module in ("", "builtins", "__main__") else f"{module}.{name}", 100)


def literal(label: object) -> str:
    """A column's name as it is written in Python, an identifier without quotes; `<its type>` when no plain value."""
    if type(label) is str:
        short = shorten(label, VALUE_CHARS)
        return short if short.isidentifier() and visible(short) == short else value_literal(label)
    if type(label) is tuple:
        return f"({', '.join(value_literal(part) or f'<{type_name(type(part))}>' for part in label[:8])})"
    return value_literal(label) or f"<{type_name(type(label))}>"


def value_literal(obj: Any) -> str:
    """An exact scalar, string, date, path or decimal number as a short literal; the empty string for anything else."""
    cls = type(obj)
    if cls is str:
        return visible(repr(shorten(obj, VALUE_CHARS)))
    if is_one_of(cls, (datetime, time)):
        return shorten(one_line(repr(obj)), VALUE_CHARS) if is_plain_zone(obj.tzinfo) else ""
    if is_one_of(cls, (date, timedelta, PosixPath, WindowsPath)) or (cls is Decimal and obj.__sizeof__() < 500):
        return shorten(one_line(repr(obj)), VALUE_CHARS)
    if cls is int and obj.bit_length() > 200:
        return f"int of {obj.bit_length():,} bits"
    return repr(obj) if is_one_of(cls, SCALARS) else ""


def is_plain_zone(zone: object) -> bool:
    """Whether it is no time zone, or one whose name can be asked for without running the user's code."""
    return zone is None or is_one_of(type(zone), (timezone, ZoneInfo))


def is_one_of(cls: type, classes: tuple[Any, ...]) -> bool:
    """Whether `cls` is one of `classes`, by identity."""
    return any(cls is other for other in classes)


def of_type(attribute: str, cls: type) -> Any:
    """The class's `__qualname__`, `__module__`, `__mro__` or `__dict__`, whatever its metaclass says."""
    return type.__dict__[attribute].__get__(cls)


def exact(text: object) -> str:
    """`text` when it is a `str` itself, else a question mark."""
    return text if type(text) is str else "?"
