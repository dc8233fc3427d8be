"""Parse a model's reply: its first code action, or else its answer.

Every form that either dialect, or a model that mixes them, writes is accepted: `<execute>`, a Markdown fence, one
inside the other, `<thought>`, `<solution>`, bare text. The thoughts of a thinking model are no part of its reply: they
are neither searched for actions nor shown nor kept.

A block of Python is a step, even if it is meant as an illustration: nothing in the text tells the two apart for
certain, and the user, who sees each step, can. A block without a language is a step if it is Python that calls, assigns
or imports something. Blocks in other languages (`bash`, `json`, `text`) are part of the text.
"""

from __future__ import annotations

import ast
import functools
import re
from dataclasses import dataclass

from . import thoughts
from .fences import FENCE, OPENING, PYTHON, End, end_of_code, end_of_text, fence, language_of

TAGS = ("<execute>", "</execute>", "<thought>", "</thought>", "<solution>", "</solution>")
REPEATED = 4  #: least number of repetitions that make a loop
LONG, LONGEST_UNIT = 480, 600  #: least characters of all repetitions together, and most of one
LAST = 16  #: characters that are compared first, because that is fast

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
class _Reading:
    """A text, read up to the end of its first code action. Without one, all but `said` is empty."""

    said: str  #: the text before the action, without thoughts
    opening: str = ""  #: tag or fence before the code
    code: str = ""
    closing: str = ""  #: tag or fence after the code
    closed: bool = False
    certain: bool = False  #: nothing that may follow can change the action


def is_complete(text: str) -> bool:
    """Return True if decoding can stop: the first code action, or the solution, is closed.

    Args:
        text: The reply so far, with the mark of the thought if the chat template opened one; otherwise a block of code
            in that thought would be taken for the action.

    Returns:
        True if further text would not change the first action or the solution.
    """
    reading = _read(text)
    solution = None if reading.code else _SOLUTION.search(reading.said)
    return bool(solution[2]) if solution else reading.certain


def is_rambling(text: str) -> bool:
    """Return True if the text repeats itself word for word, as small models do in an endless loop.

    Args:
        text: The reply so far.

    Returns:
        True if it ends with one text, with the same constants, over and over: for long, and with words in it. Lines
        that are merely alike (plots of several columns, rows of a table), rulers and zeros do not count.
    """
    last = text[-LAST:]
    lengths = (length for length in range(1, LONGEST_UNIT + 1) if text.endswith(last, 0, -length))
    return any(_has_period(text, length) and _LETTERS.search(text[-length:]) for length in lengths)


def parse_reply(text: str) -> Reply:
    """Parse a reply: its first code action, or else its answer. Never raises.

    Args:
        text: Any text.

    Returns:
        Thought and code, or the answer, without tags and without half a tag at the end.
    """
    reading = _read(text)
    if reading.code:
        return Reply(_without_tags(reading.said).strip(), reading.code, reading.closed)
    solution = _SOLUTION.search(reading.said)
    answer = _without_tags(solution[1] if solution else reading.said).strip()
    return Reply(re.sub(r"\A(?:final )?answer:\s*", "", answer, flags=re.IGNORECASE), None)


def canonical_reply(text: str) -> str:
    """Cut a reply after its first action, close the action, and leave out thoughts, as the history keeps it.

    Args:
        text: Any text.

    Returns:
        A text that parses as `text` does, with a closed action.
    """
    reading = _read(text)
    return _written(reading, reading.code) if reading.code else reading.said.rstrip()


def with_code(text: str, code: str) -> str:
    """Replace the code of a reply's first action.

    Args:
        text: A reply with an action.
        code: The new code.

    Returns:
        The reply in canonical form.
    """
    reading = _read(text)
    return _written(reading, code) if reading.code else text


def _written(reading: _Reading, code: str) -> str:
    return f"{reading.said}{reading.opening}\n{code}\n{reading.closing}"


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
    closing: str  #: what ends it in the history
    language: str
    end: End | None  #: its end if it is Python


def _read(text: str) -> _Reading:
    text = text.replace("\r\n", "\n")
    while isinstance(found := _first(text), slice):
        text = (text[: found.start] + text[found.stop :]).lstrip()
    return found


def _first(text: str) -> _Reading | slice:
    """Find the first code action, or a part before it that does not count: a thought, or a block without content."""
    position, certain = 0, True
    while (mark := _MARK.search(text, position)) and not mark["solution"]:
        if mark["hidden"] is not None or mark["thought"] is not None:
            return slice(0 if mark["hidden"] is None else mark.start(), mark.end())
        block = _block(text, mark)
        if block.language in PYTHON or (not block.language and block.end and _acts(_code(text, block)[0])):
            return _action(text, block, certain)
        certain = certain and (bool(block.language) or (block.end is not None and block.end.certain))
        end = end_of_text(text, block.begin, block.mark, _TAG.pattern, block.language)
        if end is None:
            return _Reading(text) if text[block.begin :].strip() else slice(block.start, len(text))
        position = end.start if _TAG.match(text, end.start) else end.stop
    return _Reading(text)


def _block(text: str, mark: re.Match[str]) -> _Block:
    """Return the block that a mark begins; a tag right behind a fence, or a fence right behind a tag, belong to it."""
    begin, fence, language = mark.end(), mark["mark"] or mark["inline"] or "```", PYTHON[0]
    closing = fence
    if mark["execute"]:
        closing = "</execute>"
        if inside := _FENCE_INSIDE.match(text, begin):
            begin, fence, closing = inside.end(), inside["mark"], f"{inside['mark']}\n</execute>"
    else:
        language = language_of(mark["info"] or mark["language"] or "")
        if language in ("", *PYTHON) and (tag := _TAG_INSIDE.match(text, begin)):
            begin, closing, language = tag.end(), f"</execute>\n{fence}", PYTHON[0]
    end = end_of_code(text, begin, fence, _ENDS) if language in ("", *PYTHON) else None
    return _Block(mark.start(), begin, fence, closing, language, end)


def _action(text: str, block: _Block, certain: bool) -> _Reading | slice:
    """Return the action that a block is, unless there is nothing in it, or a thought ends in it."""
    end = block.end
    if end and _END_OF_THOUGHT.match(text, end.start):
        return slice(0, end.stop)
    code, closed = _code(text, block)
    if not code:
        return slice(block.start, end.stop if end else len(text))
    certain = certain and end is not None and end.certain
    opening = text[block.start : block.begin].rstrip()
    return _Reading(text[: block.start], opening, code, block.closing, closed, certain)


def _code(text: str, block: _Block) -> tuple[str, bool]:
    """Return a block's code, and whether it is closed. In an open block, what may be half an end is left out."""
    code, closed = text[block.begin : block.end.start if block.end else None], block.end is not None
    if not closed and (half := _END_OF_CODE.search(code)):
        closed = re.search(rf"{fence(block.mark)}|{_TAG.pattern}", half.group(), re.MULTILINE) is not None
        code = code[: half.start()]
    code = _dedented(code)
    return ("" if _FENCE_INSIDE.match(code) else code), closed  # no code begins with a fence


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
