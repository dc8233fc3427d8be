"""Short literals and type names of foreign objects, without running their code.

Types are compared by identity, because a metaclass may define `__eq__` and `__hash__`; attributes of classes are read
through the slots of `type` itself, because a metaclass may define these too. Names are not looked up in dictionaries
that may have other keys, because these may have the same hash. A foreign name, such as a column's, may hold any
character: invisible ones, ones that reorder text, and accents apart from their letters are written as escapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import PosixPath, WindowsPath
from types import MappingProxyType, MemberDescriptorType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ..text import one_line, shorten, spelt_out, visible

Kind = Literal["frame", "data", "value", "function", "class", "module"]

SCALARS = (bool, int, float, complex, type(None))
VALUE_CHARS = 60  #: maximum length of a value, a label or an annotation
TYPE_CHARS = 100  #: maximum length of a type's name


@dataclass(frozen=True, slots=True)
class Description:
    """Description of one object."""

    kind: Kind  #: kind of object
    text: str  #: the whole line
    brief: str  #: the line without columns and docstring
    plain: str  #: the line without what was noticed in a table's values
    columns: tuple[str, ...] = ()  #: a table's first columns, each with its type, and its values if all are named


def described(kind: Kind, text: str, brief: str | None = None) -> Description:
    """Return a description without columns.

    Args:
        kind: kind of object.
        text: the whole line.
        brief: the brief form; the whole line unless given.
    """
    return Description(kind, text, text if brief is None else brief, text)


def type_name(cls: type) -> str:
    """Return the module and qualified name of a class; of builtins and the notebook's own classes, the name alone.

    Args:
        cls: any class; its metaclass is not asked.

    Returns:
        The name in one line of at most `TYPE_CHARS` characters.
    """
    name = one_line(exact(of_type("__qualname__", cls)))
    try:
        module = one_line(exact(of_type("__module__", cls)))
    except AttributeError:  # made by `type()` where no `__name__` is defined
        module = ""
    return shorten(name if module in ("", "builtins", "__main__") else f"{module}.{name}", TYPE_CHARS)


def literal(label: object) -> str:
    """Return a column's label as Python source; an identifier without quotes.

    Args:
        label: any object.

    Returns:
        The label in one line; `<its type>` for an object that has no short literal.
    """
    if type(label) is str:
        short = shorten(label, VALUE_CHARS)
        is_plain = short.isidentifier() and visible(short) == short == spelt_out(short)
        return short if is_plain else value_literal(label)
    if type(label) is tuple:
        return f"({', '.join(value_literal(part) or f'<{type_name(type(part))}>' for part in label[:8])})"
    return value_literal(label) or f"<{type_name(type(label))}>"


def value_literal(obj: Any) -> str:
    """Return a scalar, string, date, path or decimal number as a short literal.

    Args:
        obj: any object.

    Returns:
        The literal in one line; empty unless the object's type is exactly one of these.
    """
    cls = type(obj)
    if cls is str:
        return spelt_out(visible(repr(shorten(obj, VALUE_CHARS))))
    if is_one_of(cls, (datetime, time)):
        return shorten(one_line(repr(obj)), VALUE_CHARS) if is_standard_zone(obj.tzinfo) else ""
    if is_path(obj) or is_one_of(cls, (date, timedelta)) or (cls is Decimal and obj.__sizeof__() < 500):
        return shorten(one_line(repr(obj)), VALUE_CHARS)
    if cls is int and obj.bit_length() > 200:
        return f"int of {obj.bit_length():,} bits"
    return repr(obj) if is_one_of(cls, SCALARS) else ""


def is_path(obj: object) -> bool:
    """Return True for a path whose text can be read safely.

    Args:
        obj: any object.
    """
    return is_one_of(type(obj), (PosixPath, WindowsPath)) and _has_plain_slots(obj)


def is_standard_zone(zone: object) -> bool:
    """Return True for None and for a time zone of the standard library, whose name can be read safely.

    Args:
        zone: a `tzinfo`, or None.

    Returns:
        False for a time zone of a class that a user may have written, or with a name or an offset of such a class.
    """
    if type(zone) is timezone:
        return type(zone.tzname(None)) is str and type(zone.utcoffset(None)) is timedelta
    return zone is None or (type(zone) is ZoneInfo and type(zone.key) is str)


def is_one_of(cls: type, classes: tuple[Any, ...]) -> bool:
    """Return True if `cls` is one of `classes`, compared by identity.

    Args:
        cls: a class.
        classes: the classes to compare it with.

    Returns:
        False for subclasses.
    """
    return any(cls is other for other in classes)


def of_type(attribute: str, cls: type) -> Any:
    """Read an attribute of a class without asking its metaclass.

    Args:
        attribute: `__qualname__`, `__module__`, `__mro__` or `__dict__`.
        cls: any class.

    Returns:
        The attribute's value.
    """
    return type.__dict__[attribute].__get__(cls)


def names_in(names: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what a dictionary holds under keys that are exactly strings.

    Args:
        names: A dictionary, also of a subclass, or the mapping proxy of a class.
    """
    items = names.items() if type(names) is MappingProxyType else dict.items(names)  # type: ignore[arg-type]
    return {key: value for key, value in list(items) if type(key) is str}


def held_in(names: Mapping[Any, Any], name: str, default: Any = None) -> Any:
    """Return what a dictionary holds under a name, whatever its other keys are.

    Args:
        names: As for `names_in`.
        name: The key.
        default: Returned if there is no such key.
    """
    items = names.items() if type(names) is MappingProxyType else dict.items(names)  # type: ignore[arg-type]
    return next((value for key, value in items if type(key) is str and key == name), default)


def _has_plain_slots(obj: object) -> bool:
    """Return True if an object of the standard library refers only to plain text, numbers and lists of text."""
    for cls in type(obj).__mro__:
        for slot in vars(cls).get("__slots__", ()):
            value: Any = getattr(obj, slot, None) if type(vars(cls).get(slot)) is MemberDescriptorType else None
            parts: Any = value if is_one_of(type(value), (list, tuple)) else [value]
            if not all(is_one_of(type(part), (str, int, type(None))) for part in parts):
                return False
    return True


def exact(text: object) -> str:
    """Return `text` if its type is exactly `str`, else a question mark.

    Args:
        text: any object.

    Returns:
        The text, or `?`.
    """
    return text if type(text) is str else "?"
