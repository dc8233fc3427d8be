"""Parse a model's reply: its first code action, or else its answer.

Every form that either dialect, or a model that mixes them, writes is accepted: `<execute>`, a Markdown fence,
`<thought>`, `<solution>`, bare text.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

TAGS = ("<execute>", "</execute>", "<thought>", "</thought>", "<solution>", "</solution>")
PYTHON = ("python", "python3", "py", "ipython", "ipython3")
LONG_LINE, REPEATED = 16, 5  #: repeated lines count from this length and this number of repetitions on
MOST_LINES = 12  #: maximum number of lines in a repeated block
LONG_UNIT, LONGEST_UNIT = 12, 160  #: shortest and longest unit that counts as repeated within a line
_LETTERS = re.compile(r"[^\W\d_]{3}")
_FENCE = re.compile(r"^[^\S\n]*```[^\S\n]*([\w+-]*)[^\S\n]*$", re.MULTILINE)
_OPENING = re.compile(rf"<execute>|{_FENCE.pattern}", re.MULTILINE)
_TAG = re.compile("|".join(map(re.escape, TAGS)))
_HALF_TAG = re.compile(
    r"\s*(?:"
    + "|".join(re.escape(tag[:length]) for tag in TAGS for length in range(len(tag) - 1, 1, -1))
    + r"|^[^\S\n]*`{1,3}[^\S\n]*[\w+-]*)\s*\Z",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A parsed reply."""

    thought: str  #: the text before the code; the answer if there is no code
    code: str | None  #: the first code action, never empty
    closed: bool = True  #: False if the reply ended within the code


@dataclass(frozen=True, slots=True)
class _Action:
    """Position of a text's first code action: `text[start:begin]` opens it, `text[begin:end]` is the code."""

    start: int
    begin: int
    end: int
    closing: str  #: the tag or fence that ends it
    closed: bool


def is_complete(text: str) -> bool:
    """Return True if decoding can stop: the first code action, or the solution, is closed.

    Args:
        text: The reply so far.

    Returns:
        True if further text would not change the first action or the solution.
    """
    action = _find_action(text)
    return action.closed if action else 0 <= text.find("<solution>") < text.find("</solution>")


def is_rambling(text: str) -> bool:
    """Return True if the text repeats itself, as small models do in an endless loop.

    Args:
        text: The reply so far.

    Returns:
        True if it ends with the same lines or the same words over and over. Lines that recur between others do not
        count: similar plots have them in common.
    """
    *lines, _ = text.splitlines() or [""]
    for count in range(1, min(MOST_LINES, len(lines) // REPEATED) + 1):
        unit = lines[-count:]
        if lines[-count * REPEATED :] == unit * REPEATED and len("".join(unit).strip()) >= LONG_LINE:
            return True
    units = (text[-length:] for length in range(LONG_UNIT, min(LONGEST_UNIT, len(text) // REPEATED) + 1))
    return any(text.endswith(unit * REPEATED) and _LETTERS.search(unit) for unit in units)


def parse_reply(text: str) -> Reply:
    """Parse a reply: its first code action, or else its answer. Never raises.

    Args:
        text: Any text.

    Returns:
        Thought and code, or the answer, without tags and without half a tag at the end.
    """
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
    """Cut a reply after its first action and close the action if it is open, as the history keeps it.

    Args:
        text: Any text.

    Returns:
        A text that parses as `text` does, with a closed action.
    """
    action = _find_action(text)
    if action is None:
        return text.rstrip()
    if action.closed:
        return f"{text[: action.end].rstrip()}\n{action.closing}"
    return f"{text[: action.begin].rstrip()}\n{_code(text, action)}\n{action.closing}"


def with_code(text: str, code: str) -> str:
    """Replace the code of a reply's first action.

    Args:
        text: A reply with an action.
        code: The new code.

    Returns:
        The reply in canonical form.
    """
    action = _find_action(text)
    return f"{text[: action.begin].rstrip()}\n{code}\n{action.closing}" if action else text


def _code(text: str, action: _Action) -> str:
    """Return the action's code. Half a tag at its end, as in `x<t`, stays in a closed action that is Python with it."""
    code = text[action.begin : action.end]
    whole = _cleaned(code, lambda part: _TAG.sub("", part))
    return whole if action.closed and _parse(whole) else _cleaned(code, _without_tags)


def _cleaned(code: str, without_tags: Callable[[str], str]) -> str:
    """Remove tags, fence and indentation, until nothing changes: the result, put between tags, is read as it is."""
    previous = None
    while previous != code:
        previous, code = code, _dedented(_unfenced(without_tags(code)))
    return code


def _dedented(code: str) -> str:
    return textwrap.dedent(code.strip("\r\n")).strip()


def _parse(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _find_action(text: str) -> _Action | None:
    """Find the first code action: `<execute>`, or a Markdown block of Python. Blocks in other languages are text."""
    position = 0
    solution = text.find("<solution>")
    while (opening := _OPENING.search(text, position)) and not 0 <= solution < opening.start():
        if opening.group() == "<execute>":
            end = text.find("</execute>", opening.end())
            return _Action(opening.start(), opening.end(), end if end >= 0 else len(text), "</execute>", end >= 0)
        language, begin = opening.group(1).lower(), min(opening.end() + 1, len(text))
        ends = [match.start() for match in (_FENCE.search(text, begin), _TAG.search(text, begin)) if match]
        end = min(ends, default=len(text))
        if language in PYTHON or (not language and ends and _acts(text[begin:end].rstrip())):
            return _Action(opening.start(), begin, end, "```", bool(ends))
        if not ends:
            return None
        fence = _FENCE.match(text, end)
        position = fence.end() if fence else end
    return None


def _acts(block: str) -> bool:
    """Return True if a Markdown block without a language is Python that does something, not a table or an output."""
    tree = _parse(block)
    acts = (ast.Call, ast.Assign, ast.Import, ast.ImportFrom)
    return tree is not None and any(isinstance(node, acts) for node in ast.walk(tree))


def _unfenced(code: str) -> str:
    """Remove the Markdown fence that some models put inside the tags."""
    fence = _FENCE.search(code)
    if fence is None or code[: fence.start()].strip():
        return code
    end = _FENCE.search(code, fence.end())
    return code[fence.end() : end.start() if end else None]


def _without_tags(text: str) -> str:
    """Remove the dialects' tags, and half a tag or fence at the end (a reply cut short)."""
    previous = None
    while previous != text:
        previous = text
        text = _HALF_TAG.sub("", _TAG.sub("", text))
    return text
