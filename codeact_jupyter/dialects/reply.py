"""Parse a model's reply: its first code action, or else its answer.

Every form that either dialect, or a model that mixes them, writes is accepted: `<execute>`, a Markdown fence, one inside
the other, `<thought>`, `<solution>`, bare text. The thoughts of a thinking model are no part of its reply: they are
neither searched for actions nor shown nor kept.

A block of Python is a step, even if it is meant as an illustration: nothing in the text tells the two apart for certain,
and the user, who sees each step, can. A block without a language is a step if it is Python that calls, assigns or
imports something. Blocks in other languages (`bash`, `json`, `text`) are part of the text.
"""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass

from . import thoughts
from .fences import FENCE, OPENING, PYTHON, end_of_code, end_of_text, fence, language_of

TAGS = ("<execute>", "</execute>", "<thought>", "</thought>", "<solution>", "</solution>")
REPEATED = 4  #: least number of repetitions that make a loop
LONG, LONGEST_UNIT = 480, 600  #: least characters of all repetitions together, and most of one

_LETTERS = re.compile(r"[^\W\d_]{3}")
_TAG = re.compile("|".join(map(re.escape, TAGS)))
_END_OF_THOUGHT = re.compile(thoughts.END_IN_CODE)
_ENDS = rf"{_TAG.pattern}|{_END_OF_THOUGHT.pattern}"
_MARK = re.compile(
    rf"(?P<hidden>{thoughts.HIDDEN})|(?P<thought>{thoughts.END})|(?P<solution><solution>)"
    rf"|(?P<execute><execute>)[^\S\n]*|{OPENING}",
    re.MULTILINE,
)
_FENCE_INSIDE = re.compile(rf"\s*{FENCE}")
_TAG_INSIDE = re.compile(r"\s*<execute>[^\S\n]*")
_SOLUTION = re.compile(r"<solution>(.*?)(</solution>|\Z)", re.DOTALL)


def _halves(marks: tuple[str, ...], least: int) -> str:
    return "|".join(re.escape(mark[:length]) for mark in marks for length in range(len(mark) - 1, least - 1, -1))


_HALF = re.compile(rf"\s*(?:{_halves(TAGS + thoughts.OPENINGS, 2)}|^[^\S\n]*(?:`{{1,2}}|~{{1,2}}))\s*\Z", re.MULTILINE)
_CODE_END = rf"{_halves(('</execute>',), 2)}|{_halves(TAGS, 4)}|`+|^[^\S\n]*~+|{_ENDS}"
_END_OF_CODE = re.compile(rf"(?:\s*(?:{_CODE_END}))+\s*\Z", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reply:
    """A parsed reply."""

    thought: str  #: the text before the code; the answer if there is no code
    code: str | None  #: the first code action, never empty
    closed: bool = True  #: False if the reply ended within the code


@dataclass(frozen=True, slots=True)
class _Action:
    """The first code action of a text."""

    opening: str  #: tag or fence before the code
    code: str  #: empty if there is none between them
    closing: str  #: tag or fence after it
    closed: bool
    certain: bool  #: nothing that may follow can change it


def is_complete(text: str) -> bool:
    """Return True if decoding can stop: the first code action, or the solution, is closed.

    Args:
        text: The reply so far, with the mark of the thought if the chat template opened one; otherwise a block of code
            in that thought would be taken for the action.

    Returns:
        True if what follows would not change the first action or the solution.
    """
    said, action, certain = _read(text)
    if action:
        return certain and action.certain
    solution = _SOLUTION.search(said)
    return solution is not None and bool(solution[2])


def is_rambling(text: str) -> bool:
    """Return True if the text repeats itself word for word, as small models do in an endless loop.

    Args:
        text: The reply so far.

    Returns:
        True if it ends with one text, with the same constants, over and over: for long, and with words in it. Lines that
        are merely alike (plots of several columns, rows of a table), rulers and zeros do not count.
    """
    return any(_has_period(text, length) and _LETTERS.search(text[-length:]) for length in range(1, LONGEST_UNIT + 1))


def parse_reply(text: str) -> Reply:
    """Parse a reply: its first code action, or else its answer. Never raises.

    Args:
        text: Any text.

    Returns:
        Thought and code, or the answer, without tags and without half a tag at the end.
    """
    said, action, _ = _read(text)
    if action and action.code:
        return Reply(_without_tags(said).strip(), action.code, action.closed)
    solution = _SOLUTION.search(said)
    answer = _without_tags(solution[1] if solution else said).strip()
    return Reply(re.sub(r"\A(?:final )?answer:\s*", "", answer, flags=re.IGNORECASE), None)


def canonical_reply(text: str) -> str:
    """Cut a reply after its first action, close the action, and leave out thoughts, as the history keeps it.

    Args:
        text: Any text.

    Returns:
        A text that parses as `text` does, with a closed action.
    """
    said, action, _ = _read(text)
    return f"{said}{action.opening}\n{action.code}\n{action.closing}" if action and action.code else said.rstrip()


def with_code(text: str, code: str) -> str:
    """Replace the code of a reply's first action.

    Args:
        text: A reply with an action.
        code: The new code.

    Returns:
        The reply in canonical form.
    """
    said, action, _ = _read(text)
    return f"{said}{action.opening}\n{code}\n{action.closing}" if action else text


def _has_period(text: str, length: int) -> bool:
    """Return True if the text ends with one text of this length, repeated."""
    tail = text[-max(LONG, length * REPEATED) :]
    return len(tail) >= max(LONG, length * REPEATED) and tail[length:] == tail[:-length]


# --- finding the action --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """A block that begins in a text: `text[start:begin]` opens it."""

    start: int
    begin: int
    mark: str  #: the fence that ends it
    closing: str  #: all that ends it, as the history has it
    language: str


def _read(text: str) -> tuple[str, _Action | None, bool]:
    """Find the first code action.

    Returns:
        The text before it, without thoughts; the action, if there is one; and False if what follows can change which
        one is the first.
    """
    text = text.replace("\r\n", "\n")
    position, certain = 0, True
    while (mark := _MARK.search(text, position)) and not mark["solution"]:
        thought = _span_of_thought(text, mark)
        if thought:
            text, position, certain = text[: thought[0]] + text[thought[1] :], 0, True
            continue
        block = _block(text, mark)
        if block.language in PYTHON:
            action = _action(text, block)
            said = text[: block.start]
            return said if action.code else _read(said)[0], action, certain
        if not block.language:
            action = _action(text, block)
            if action.closed and _acts(action.code):
                return text[: block.start], action, certain
            certain = certain and action.certain
        end = end_of_text(text, block.begin, block.mark, _TAG.pattern, block.language)
        if end is None:
            said = text if text[block.begin :].strip() else _read(text[: block.start])[0]
            return said, None, certain
        position = end.start if _TAG.match(text, end.start) else end.stop
    return text, None, certain


def _span_of_thought(text: str, mark: re.Match[str]) -> tuple[int, int] | None:
    """Return where a thought is, if the mark begins or ends one, or begins a block of code in which one ends."""
    if mark["hidden"] is not None:
        return mark.span()
    if mark["thought"] is not None:
        return 0, mark.end()
    block = _block(text, mark)
    end = end_of_code(text, block.begin, block.mark, _ENDS) if block.language in PYTHON else None
    return (0, end.stop) if end and _END_OF_THOUGHT.match(text, end.start) else None


def _block(text: str, mark: re.Match[str]) -> _Block:
    """Return the block that a mark begins; a tag right behind a fence, or a fence right behind a tag, belong to it."""
    if mark["execute"]:
        inside = _FENCE_INSIDE.match(text, mark.end())
        begin = inside.end() if inside else mark.end()
        closing = f"{inside['mark']}\n</execute>" if inside else "</execute>"
        return _Block(mark.start(), begin, inside["mark"] if inside else "```", closing, PYTHON[0])
    fence = mark["mark"] or mark["inline"]
    language = language_of(mark["info"] or mark["language"] or "")
    if language in ("", *PYTHON) and (tag := _TAG_INSIDE.match(text, mark.end())):
        return _Block(mark.start(), tag.end(), fence, f"</execute>\n{fence}", PYTHON[0])
    return _Block(mark.start(), mark.end(), fence, fence, language)


def _action(text: str, block: _Block) -> _Action:
    """Return the action that is a block's code. At the end of a text, what could be half an end is left out."""
    end = end_of_code(text, block.begin, block.mark, _ENDS)
    rest = text[block.begin : end.start if end else None]
    opening, closed = text[block.start : block.begin].rstrip(), end is not None
    if end is None and (half := _END_OF_CODE.search(rest)):
        closed = re.search(rf"{fence(block.mark)}|{_TAG.pattern}", half.group(), re.MULTILINE) is not None
        rest = rest[: half.start()]
    code = _dedented(rest)
    if _FENCE_INSIDE.match(code):  # a broken opening, which no code can begin with
        code = ""
    return _Action(opening, code, block.closing, closed, end is not None and end.certain)


def _dedented(code: str) -> str:
    """Remove the indentation of the first line, as in a list item, from all lines that have it."""
    code = re.sub(r"\A(?:[^\S\n]*\n)+", "", code)
    indent = len(code) - len(code.lstrip())
    return re.sub(rf"^[^\S\n]{{1,{indent}}}", "", code, flags=re.MULTILINE).strip() if indent else code.strip()


@functools.lru_cache(maxsize=8)
def _acts(block: str) -> bool:
    """Return True if a Markdown block without a language is Python that does something, not a table or an output."""
    try:
        tree = ast.parse(block)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    acts = (ast.Call, ast.Assign, ast.Import, ast.ImportFrom)
    return any(isinstance(node, acts) for node in ast.walk(tree))


def _without_tags(text: str) -> str:
    """Remove the dialects' tags, and half a tag or fence at the end (a reply cut short)."""
    previous = None
    while previous != text:
        previous = text
        text = _HALF.sub("", _TAG.sub("", text))
    return text
