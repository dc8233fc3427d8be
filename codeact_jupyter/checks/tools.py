"""What helps when a function of the user's refuses its arguments: what it takes, and what gives such values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import FunctionType, TracebackType
from typing import Any

from ..namespace.describe import describe, signature_text
from ..namespace.static_lookup import is_own
from ..text import shorten, visible

TOOL_CHARS = 300
SOURCES = 2


def explain_tool(error: BaseException, namespace: Mapping[str, Any]) -> str:
    """The description of the function of the user's in which the error came up, and which functions tell the values
    that its parameters take; empty when the error came up elsewhere."""
    tools = {name: obj for name, obj in namespace.items() if type(name) is str and is_own(obj)}
    codes = {obj.__code__: name for name, obj in tools.items()}
    called = next((codes[code] for code in _codes(error.__traceback__) if code in codes), None)
    if called is None:
        return ""
    parts = [shorten(describe(tools[called]), TOOL_CHARS)]
    code = tools[called].__code__
    for parameter in code.co_varnames[: code.co_argcount]:
        if givers := list(_givers(parameter, called, tools))[:SOURCES]:
            parts.append(f"What `{parameter}` can be is told by {' or '.join(givers)}.")
    return visible(" ".join(parts))


def _codes(traceback: TracebackType | None) -> Iterator[Any]:
    while traceback is not None:
        yield traceback.tb_frame.f_code
        traceback = traceback.tb_next


def _givers(parameter: str, called: str, tools: Mapping[str, FunctionType]) -> Iterator[str]:
    """Functions that return several of what the parameter is one of, by their words."""
    word = parameter.removesuffix("_id").removesuffix("_name").removesuffix("s")
    if len(word) < 3:
        return
    plural = re.compile(rf"(?:^|[\W_]){re.escape(word)}(?:s|es)(?=$|[\W_])", re.IGNORECASE)
    for name, function in tools.items():
        summary = function.__doc__ if type(function.__doc__) is str else ""
        signature = signature_text(function)
        gives_many = re.match(r"list|dict|set|tuple|Iter|Seq", signature.rpartition(" -> ")[2])
        if name != called and gives_many and (plural.search(name) or plural.search(summary.partition(".")[0])):
            yield f"`{name}{signature}`"
