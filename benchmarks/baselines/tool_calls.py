"""Parse replies whose action is one tool call, as a JSON object or as a line of text.

JSON: `{"tool": "berth", "arguments": {"berth_id": "Q2"}}`. Text: `Action: berth(berth_id="Q2")`, with literals only.
A reply without an action is the answer, without a leading `Answer:`.
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

from codeact_jupyter.namespace.describe import examine

Tools: TypeAlias = Mapping[str, Callable[..., Any]]

_JSON_START = re.compile(r"\{\s*\"")
_TEXT_START = re.compile(r"^[ \t]*(?:\*\*)?Action:(?:\*\*)?[ \t]*", re.MULTILINE | re.IGNORECASE)
_ANSWER = re.compile(r"^[ \t]*(?:\*\*)?(?:final )?answer:(?:\*\*)?[ \t]*", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"```\w*[ \t]*\n?")


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call."""

    tool: str  #: name of the tool
    named: Mapping[str, Any]  #: keyword arguments
    plain: tuple[Any, ...] = ()  #: positional arguments

    @property
    def text(self) -> str:
        """The call as Python source; equal for equal calls."""
        arguments = [*map(repr, self.plain), *(f"{name}={value!r}" for name, value in self.named.items())]
        return f"{self.tool}({', '.join(arguments)})"


@dataclass(frozen=True, slots=True)
class ToolReply:
    """A parsed reply: a call, an answer, or neither."""

    thought: str  #: text before the action
    history: str  #: the reply as the history keeps it
    call: Call | None = None  #: the action
    answer: str | None = None  #: the answer
    fault: str = ""  #: error in the action, worded for the model; empty if there is none
    marked: bool = True  #: an answer begins with `Answer:`


def parse(text: str, mode: str) -> ToolReply:
    """Parse a reply. Never raises.

    Args:
        text: The reply.
        mode: `json` or `text`.

    Returns:
        Its first action, or else its answer.
    """
    action = (_JSON_START if mode == "json" else _TEXT_START).search(text)
    answer = _ANSWER.search(text)
    if action is None or (answer is not None and answer.start() < action.start()):
        content = (text[answer.end() :] if answer else text).strip()
        if not content:
            return ToolReply("", text, fault="The reply is empty.")
        return ToolReply("", text.rstrip(), answer=content, marked=answer is not None)
    thought = _FENCE.sub("", text[: action.start()]).strip()
    try:
        call, end = _json_call(text, action.start()) if mode == "json" else _text_call(text, action.end())
    except ValueError as error:
        return ToolReply(thought, text.rstrip(), fault=str(error))
    return ToolReply(thought, text[:end].rstrip() + ("\n```" if text[:end].count("```") % 2 else ""), call)


def is_complete(text: str, mode: str) -> bool:
    """Check if decoding can stop.

    Args:
        text: The reply so far.
        mode: `json` or `text`.

    Returns:
        True if the first action is complete.
    """
    if mode == "text" and not text.endswith("\n"):
        return False
    return parse(text, mode).call is not None


def find_fault(call: Call, tools: Tools) -> str:
    """Check that the tool exists and takes the arguments.

    Args:
        call: The call.
        tools: Functions by name.

    Returns:
        The error that the call would raise, worded for the model; empty if there is none.
    """
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
    """Parse the call that begins at `start`, over as many lines as it takes."""
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
