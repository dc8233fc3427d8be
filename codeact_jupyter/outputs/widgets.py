"""Widgets as text, read from the values that they hold now: a progress bar has gone on since it was displayed."""

from __future__ import annotations

from typing import Any

from ..namespace.arrays import library
from ..namespace.literals import held_in, is_one_of, names_in, of_type, value_literal
from ..text import shorten

DEPTH, CHILDREN = 6, 20  #: how deep, and how many in each, the widgets inside a widget are described
TEXT_CHARS = 2_000  #: longest text of a widget

_SHOWN = ("description", "value", "min", "max", "index", "selected_index", "label")


def widget_text(obj: object) -> str:
    """Describe a widget by the plain values that it shows.

    Args:
        obj: Any object.

    Returns:
        Text such as `HBox(FloatProgress(value=3.0, max=3.0), HTML(value='3/3'))`; empty for what is no widget of an
        installed library.
    """
    known = library("ipywidgets.widgets.widget")
    if not known or not is_one_of(known["Widget"], of_type("__mro__", type(obj))):
        return ""
    return shorten(_text(obj), TEXT_CHARS)


def _text(obj: Any, depth: int = 0) -> str:
    name, module = of_type("__qualname__", type(obj)), of_type("__module__", type(obj))
    is_installed = type(name) is str and type(module) is str and library(module).get(name) is type(obj)
    if not is_installed or depth > DEPTH:
        return "…" if depth else ""
    values = names_in(held_in(vars(obj), "_trait_values", {}))
    shown = [f"{each}={text}" for each in _SHOWN if (text := _literal(values.get(each)))]
    children = values.get("children")
    if type(children) is tuple:
        shown += [_text(child, depth + 1) for child in children[:CHILDREN]]
    return f"{name}({', '.join(shown)})"


def _literal(value: object) -> str:
    """Return a plain value, or a pair of them; empty without one."""
    if value is None or (type(value) is str and not value):
        return ""
    if type(value) is tuple and len(value) == 2 and all(map(value_literal, value)):
        return f"({', '.join(map(value_literal, value))})"
    return value_literal(value)
