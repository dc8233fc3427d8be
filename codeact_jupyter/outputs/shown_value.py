"""The object that a cell shows last, for programs: the value of its last expression, or of what it prints last."""

from __future__ import annotations

import ast
import weakref
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from ..namespace.source import UNPARSABLE, parse
from .bounded_buffer import Captured, Stream

LITERAL_CHARS = 100_000  #: longest printed line that is read as a Python literal


def shown_value(source: str, result: Any, captured: Captured, namespace: Mapping[str, Any]) -> Any:
    """Return the object that a cell showed last. No code of the user is run.

    Args:
        source: The cell, which ran to its end.
        result: Value of its last expression, as IPython reports it; `None` without one.
        captured: What the cell put out.
        namespace: Live objects by name.

    Returns:
        The value of the last expression; that of the name that the last statement prints or assigns; or what it prints
        if that is one line: as a Python literal, or else as text. `None` if there is no such object.
    """
    if result is not None:
        return result
    try:
        body = parse(source).body
    except UNPARSABLE:
        return None
    match body[-1:]:
        case [ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr())]:
            return namespace.get(name)
        case [ast.AugAssign(target=ast.Name(id=name))]:
            return namespace.get(name)
        case [ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=arguments))]:
            return _printed(arguments, captured, namespace)
    return None


def printed(captured: Captured) -> str:
    """Return what a cell printed, without blank lines around it.

    Args:
        captured: What the cell put out.
    """
    return "".join(item.text for item in captured.items if isinstance(item, Stream) and item.name == "stdout").strip()


def named_value(text: str, namespace: Mapping[str, Any]) -> Any:
    """Return the object whose name is the whole text.

    Args:
        text: An answer.
        namespace: Live objects by name.

    Returns:
        The object; `None` if the text is no live name, or names a module or something that can be called.
    """
    value = namespace.get(text.strip().strip("`*.").strip())
    return None if issubclass(type(value), ModuleType) or callable(value) else value


def held(value: object) -> Callable[[], Any]:
    """Refer to a value without keeping it alive, where its type permits that: a notebook may delete a large frame.

    Args:
        value: Any object.

    Returns:
        A function that returns the object, or `None` once it is gone.
    """
    try:
        return weakref.ref(value)
    except TypeError:  # numbers, text, lists and dicts
        return lambda: value


def _printed(arguments: list[ast.expr], captured: Captured, namespace: Mapping[str, Any]) -> Any:
    """Return the object that a call of `print` shows: of the one name among its arguments, or read from one line."""
    shown = [part for argument in arguments for part in _parts(argument) if not isinstance(part, ast.Constant)]
    name = shown[0].id if len(shown) == 1 and isinstance(shown[0], ast.Name) else ""
    if name and not any(isinstance(argument, ast.JoinedStr) for argument in arguments):
        return namespace.get(name)
    line = printed(captured)
    if not line or "\n" in line or len(line) > LITERAL_CHARS:
        return namespace.get(name)
    try:
        return ast.literal_eval(line)  # as it is shown: rounded, if the f-string rounds
    except (*UNPARSABLE, TypeError):
        return namespace.get(name, line)


def _parts(argument: ast.expr) -> list[ast.expr]:
    """Return the argument, or for an f-string the expressions in it."""
    if not isinstance(argument, ast.JoinedStr):
        return [argument]
    return [part.value if isinstance(part, ast.FormattedValue) else part for part in argument.values]
