"""Understand a model's reply: `parse_reply` finds its first action, or else its answer.

Every form that either dialect, or a model that mixes them, writes is accepted: `<execute>`, a Markdown fence,
`<thought>`, `<solution>`, bare text.
"""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass

TAGS = ("<execute>", "</execute>", "<thought>", "</thought>", "<solution>", "</solution>")
PYTHON = ("python", "python3", "py", "ipython", "ipython3")
LONG_LINE, REPEATED = 16, 5  #: characters of a line that tells something, and how often it may stand in one reply
LONG_UNIT, LONGEST_UNIT = 12, 160  #: characters of what may be said again and again within a line
_LETTERS = re.compile(r"[^\W\d_]{3}")
_FENCE = re.compile(r"^[ \t]*```[ \t]*([\w+-]*)[ \t]*\r?$", re.MULTILINE)
_OPENING = re.compile(rf"<execute>|{_FENCE.pattern}", re.MULTILINE)
_TAG = re.compile("|".join(map(re.escape, TAGS)))
_HALF_TAG = re.compile(
    r"\s*(?:"
    + "|".join(re.escape(tag[:length]) for tag in TAGS for length in range(len(tag) - 1, 1, -1))
    + r"|^[ \t]*`{1,3}\w*)\s*\Z",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's text, understood. `code` is `None` for an answer; `closed` tells whether its block was ended."""

    thought: str
    code: str | None
    closed: bool = True


@dataclass(frozen=True, slots=True)
class _Action:
    """Where a text's first code action stands: `text[start:begin]` opens it, `text[begin:end]` is the code."""

    start: int
    begin: int
    end: int
    closing: str  #: the closing tag that belongs there
    closed: bool


def is_complete(text: str) -> bool:
    """Whether decoding can stop: the first code action, or the solution, is closed."""
    action = _find_action(text)
    return action.closed if action else 0 <= text.find("<solution>") < text.find("</solution>")


def is_rambling(text: str) -> bool:
    """Whether the text says a long line, or some words, over and over, as small models do that have lost the thread."""
    *lines, _ = text.splitlines() or [""]
    line = lines[-1].strip() if lines else ""
    if len(line) >= LONG_LINE and sum(other.strip() == line for other in lines) >= REPEATED:
        return True
    units = (text[-length:] for length in range(LONG_UNIT, min(LONGEST_UNIT, len(text) // REPEATED) + 1))
    return any(text.endswith(unit * REPEATED) and _LETTERS.search(unit) for unit in units)


def parse_reply(text: str) -> Reply:
    """The first action of the text, or else its answer. Never raises; no tag or half of one is left in either."""
    action = _find_action(text)
    if action:
        code = _code(text, action)
        if code:
            return Reply(_without_tags(text[: action.start]).strip(), code, action.closed)
        text = text[: action.start]
    solution = re.search(r"<solution>(.*?)(?:</solution>|\Z)", text, re.DOTALL)
    answer = _without_tags(solution.group(1) if solution else text).strip()
    return Reply(re.sub(r"\A(?:final )?answer:\s*", "", answer, flags=re.IGNORECASE), None)


def canonical_reply(text: str) -> str:
    """The reply as it enters the history: cut after its first action, the closing tag put back when it is missing."""
    action = _find_action(text)
    if action is None:
        return text.rstrip()
    if action.closed:
        return f"{text[: action.end].rstrip()}\n{action.closing}"
    return f"{text[: action.begin].rstrip()}\n{_code(text, action)}\n{action.closing}"


def _code(text: str, action: _Action) -> str:
    """The action's code. `x<t` at its end is half a tag only where it is no Python."""
    whole = _dedented(_unfenced(_TAG.sub("", text[action.begin : action.end])))
    if action.closed and _parse(whole):
        return whole
    return _dedented(_unfenced(_without_tags(text[action.begin : action.end])))


def _dedented(code: str) -> str:
    return textwrap.dedent(code.strip("\r\n")).strip()


def _parse(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _find_action(text: str) -> _Action | None:
    """The first code action: `<execute>`, or a Markdown block of Python. Blocks in other languages are text."""
    position = 0
    solution = text.find("<solution>")
    while (opening := _OPENING.search(text, position)) and not 0 <= solution < opening.start():
        if opening.group() == "<execute>":
            end = text.find("</execute>", opening.end())
            return _Action(opening.start(), opening.end(), end if end >= 0 else len(text), "</execute>", end >= 0)
        language, begin = opening.group(1).lower(), min(opening.end() + 1, len(text))
        ends = [match.start() for match in (_FENCE.search(text, begin), _TAG.search(text, begin)) if match]
        end = min(ends, default=len(text))
        if language in PYTHON or (not language and ends and _acts(text[begin:end])):
            return _Action(opening.start(), begin, end, "```", bool(ends))
        if not ends:
            return None
        fence = _FENCE.match(text, end)
        position = fence.end() if fence else end
    return None


def _acts(block: str) -> bool:
    """Whether a Markdown block without a language is Python that does something, not a table or an output."""
    tree = _parse(block)
    acts = (ast.Call, ast.Assign, ast.Import, ast.ImportFrom)
    return tree is not None and any(isinstance(node, acts) for node in ast.walk(tree))


def _unfenced(code: str) -> str:
    """Code without the Markdown fence that some models put inside the tags."""
    fence = _FENCE.search(code)
    if fence is None or code[: fence.start()].strip():
        return code
    end = _FENCE.search(code, fence.end())
    return code[fence.end() : end.start() if end else None]


def _without_tags(text: str) -> str:
    """The text without our tags, and without the beginning of one at its end (a reply cut short)."""
    previous = None
    while previous != text:
        previous = text
        text = _HALF_TAG.sub("", _TAG.sub("", text))
    return text
