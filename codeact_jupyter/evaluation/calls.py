"""Actions that are one tool call, as a JSON object or as a line of text: what a reply says, whether it can be done.

JSON: `{"tool": "berth", "arguments": {"berth_id": "Q2"}}`. Text: `Action: berth(berth_id="Q2")`, with literals only.
A reply without an action is the answer; `Answer:` before it is left out.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..namespace.describe import examine

Tools: TypeAlias = Mapping[str, Callable[..., Any]]

_JSON_START = re.compile(r"\{\s*\"")
_TEXT_START = re.compile(r"^[ \t]*(?:\*\*)?Action:(?:\*\*)?[ \t]*", re.MULTILINE | re.IGNORECASE)
_ANSWER = re.compile(r"^[ \t]*(?:\*\*)?(?:final )?answer:(?:\*\*)?[ \t]*", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"```\w*[ \t]*\n?")


@dataclass(frozen=True, slots=True)
class Call:
    """A tool and its arguments, those without a name first."""

    tool: str
    named: Mapping[str, Any]
    plain: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        """As Python would write it: the same for calls that do the same."""
        arguments = [*map(repr, self.plain), *(f"{name}={value!r}" for name, value in self.named.items())]
        return f"{self.tool}({', '.join(arguments)})"


@dataclass(frozen=True, slots=True)
class Said:
    """A reply, understood: a call, an answer, or neither with the `fault`. `kept` is how it stays in the history."""

    thought: str
    kept: str
    call: Call | None = None
    answer: str | None = None
    fault: str = ""
    marked: bool = True  #: an answer that says it is one


def parse(text: str, mode: str) -> Said:
    """What a reply in the mode, `json` or `text`, says. Never raises."""
    action = (_JSON_START if mode == "json" else _TEXT_START).search(text)
    answer = _ANSWER.search(text)
    if action is None or (answer is not None and answer.start() < action.start()):
        said = (text[answer.end() :] if answer else text).strip()
        if not said:
            return Said("", text, fault="The reply is empty.")
        return Said("", text.rstrip(), answer=said, marked=answer is not None)
    thought = _FENCE.sub("", text[: action.start()]).strip()
    try:
        call, end = _json_call(text, action.start()) if mode == "json" else _text_call(text, action.end())
    except ValueError as error:
        return Said(thought, text.rstrip(), fault=str(error))
    return Said(thought, text[:end].rstrip() + ("\n```" if text[:end].count("```") % 2 else ""), call)


def is_complete(text: str, mode: str) -> bool:
    """Whether decoding can stop: the first action is written to its end."""
    if mode == "text" and not text.endswith("\n"):
        return False
    return parse(text, mode).call is not None


def find_fault(call: Call, tools: Tools) -> str:
    """Why the call cannot be made, in words for the model; empty when it can."""
    if call.tool not in tools:
        near = difflib.get_close_matches(call.tool, tools, 2)
        meant = f" Did you mean {' or '.join(near)}?" if near else ""
        return f"NameError: there is no tool {call.tool!r}.{meant} The tools are {', '.join(tools)}."
    try:
        inspect.signature(tools[call.tool]).bind(*call.plain, **call.named)
    except TypeError as error:
        return f"TypeError: {error}. The signature is {examine(tools[call.tool]).brief}."
    return ""


def _json_call(text: str, start: int) -> tuple[Call, int]:
    try:
        found, end = json.JSONDecoder().raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise ValueError(f"SyntaxError: the action is no valid JSON ({error.msg}).") from error
    tool, arguments = found.get("tool"), found.get("arguments", {})
    if not isinstance(tool, str) or not isinstance(arguments, dict | list) or found.keys() - {"tool", "arguments"}:
        raise ValueError('SyntaxError: an action is {"tool": NAME, "arguments": {NAME: VALUE}} and nothing else.')
    return (Call(tool, arguments) if isinstance(arguments, dict) else Call(tool, {}, tuple(arguments))), end


def _text_call(text: str, start: int) -> tuple[Call, int]:
    """The call that begins here, over as many lines as it takes."""
    end = start
    while end < len(text):
        line = text.find("\n", end + 1)
        end = line if line >= 0 else len(text)
        try:
            tree = ast.parse(text[start:end].strip().strip("`").strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        return _literal_call(tree), end
    raise ValueError("SyntaxError: the action is not of the form tool(argument=value, …).")


def _literal_call(tree: ast.expr) -> Call:
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
        raise ValueError("SyntaxError: an action is one call of a tool, tool(argument=value, …), and nothing else.")
    try:
        plain = tuple(ast.literal_eval(argument) for argument in tree.args)
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in tree.keywords}
    except (ValueError, TypeError) as error:
        raise ValueError("SyntaxError: the arguments of an action must be plain values.") from error
    if any(keyword.arg is None for keyword in tree.keywords):
        raise ValueError("SyntaxError: the arguments of an action must be plain values.")
    return Call(tree.func.id, named, plain)
