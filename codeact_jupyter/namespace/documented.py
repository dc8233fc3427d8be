"""Functions of the user whose docstring names a key or a field of what they return."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FunctionType
from typing import Any

from .describe import signature_text
from .static_lookup import is_own

MOST = 2  #: functions that are named
_VARIADIC = CO_VARARGS | CO_VARKEYWORDS


def giving(key: str, namespace: Mapping[str, Any]) -> list[str]:
    """Return the names of the functions of one argument whose docstring has the key in quotation marks.

    Args:
        key: The key, such as a column or a field.
        namespace: Live objects by name.
    """
    quoted = (f"'{key}'", f'"{key}"', f"`{key}`")
    own = {name: obj for name, obj in namespace.items() if not name.startswith("_") and is_own(obj)}
    docs = {name: obj.__doc__ for name, obj in own.items() if type(obj.__doc__) is str and _takes_one(obj)}
    return [name for name, doc in docs.items() if any(each in doc for each in quoted)][:MOST]


def where_given(key: str, namespace: Mapping[str, Any]) -> str:
    """Say which functions give a key.

    Args:
        key: The key.
        namespace: Live objects by name.

    Returns:
        A sentence; empty if no docstring has the key.
    """
    found = [f"`{name}{signature_text(namespace[name])}`" for name in giving(key, namespace)]
    return f"{' and '.join(found)} {'give' if len(found) > 1 else 'gives'} {key!r}." if found else ""


def _takes_one(function: FunctionType) -> bool:
    """Return True if one argument is all that the function needs, and the first by position."""
    code = function.__code__
    defaults, named = function.__defaults__ or (), function.__kwdefaults__ or {}
    if type(defaults) is not tuple or type(named) is not dict:
        return False
    required, named_only = code.co_argcount - len(defaults), code.co_kwonlyargcount - len(named)
    return required <= 1 <= code.co_argcount and not named_only and not code.co_flags & _VARIADIC
