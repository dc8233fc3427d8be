"""Thoughts of thinking models: the marks around them, and whether a reply is within one.

The patterns are for `reply`, which leaves thoughts out. An engine spells the marks that are special tokens, so that
they are in the text of a reply.
"""

from __future__ import annotations

import re

#: Mark before a thought, mark after it. Those that look like HTML count at the beginning of a line only.
_PAIRS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("<mm:think>", "</mm:think>"),
    ("<think:opensource>", "</think:opensource>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel>thought", "<channel|>"),
)
#: The same in words, of Apriel, whose template begins the thought: they count at the beginning of a reply only.
_WORDS = ("Here are my reasoning steps:\n", "[BEGIN FINAL RESPONSE]")
#: The same of gpt-oss, which writes messages of its own for thoughts and replies, and what opens a reply there.
_ANALYSIS, _ENDS_ANALYSIS = "<|channel|>analysis", "<|end|>"
_FINAL = "<|start|>assistant<|channel|>final<|message|>"
OPENINGS = tuple(opening for opening, _ in _PAIRS)  #: as plain text
ENDS = (*(end for _, end in _PAIRS), _ENDS_ANALYSIS)  #: as plain text

_LINE = r"^[^\S\n]*"
_ENCLOSED = (
    place + rf"{re.escape(opening)}(?s:.*?)(?:{re.escape(end)}|\Z)"
    for place, (opening, end) in (
        (r"\A", _WORDS),
        *(("" if opening[:2] == "<|" else _LINE, (opening, end)) for opening, end in _PAIRS),
    )
)
_CHANNEL = r"<\|channel\|>analysis(?s:.*?)(?:<\|(?:end|call|return)\|>|(?=<\|(?:start|channel)\|>)|\Z)"
_THOUGHTS = "|".join((*_ENCLOSED, _CHANNEL))
_MARKS_OF_ANSWERS = (
    r"<\|start\|>assistant|<\|channel\|>(?:final|commentary)[^<\n]*(?:<\|constrain\|>[^<\n]*)?<\|message\|>"
    r"|<\|(?:START|END)_RESPONSE\|>|<\|(?:begin|end)_of_solution\|>"
    r"|\[END FINAL RESPONSE\]\s*\Z|<\|(?:end|return|call)\|>\s*\Z|<\|end\|>(?=<\|start\|>)"
    r"|<\|(?:start|channel)\|>[^<\n]*\Z"
)
#: Pattern of what is left out of a reply: whole thoughts, thoughts without an end, and marks around the rest.
HIDDEN = f"{_THOUGHTS}|{_MARKS_OF_ANSWERS}"
#: Pattern of the end of a thought, outside strings in a block of code, where it cannot be Python.
END_IN_CODE = "|".join(re.escape(end) for _, end in _PAIRS)
#: Pattern of the end of a thought that the chat template began, at the beginning or the end of a line.
END = rf"{_LINE}(?:{END_IN_CODE})|(?:{END_IN_CODE})[^\S\n]*$"

_TOKEN = re.compile(r"<[^<>\s]+>|\[[^\[\]\s]+\]|◁[^▷]+▷")
#: Marks that may be special tokens of a vocabulary.
MARKS = frozenset(_TOKEN.findall(" ".join((*OPENINGS, *ENDS, _ANALYSIS, _FINAL, "<|START_RESPONSE|>"))))
MARK = re.compile(f"({'|'.join(map(re.escape, sorted(MARKS)))})")  #: one of them
_THOUGHT = re.compile(_THOUGHTS, re.MULTILINE)
_OPENED = re.compile(rf"(?:{'|'.join(map(re.escape, (*OPENINGS, _WORDS[0])))})\s*\Z")
_AROUND = re.compile(rf"{MARK.pattern}(?:(?:analysis|thought)\b)?\s*|{'|'.join(map(re.escape, _WORDS))}")


def begins(text: str) -> bool:
    """Return True if a reply begins with a mark.

    Args:
        text: the reply so far.
    """
    return MARK.match(text.lstrip()) is not None


def opened_at_end(text: str) -> str:
    """Return the beginning of a thought with which a text ends.

    Args:
        text: text of a chat template.

    Returns:
        Such as `<think>` and a line feed; empty if the text does not end so.
    """
    found = _OPENED.search(text)
    return found.group() if found else ""


def ended_at_end(text: str) -> bool:
    """Return True if a text ends with the end of a thought.

    Args:
        text: text of a chat template.
    """
    return text.rstrip().endswith(tuple(end for _, end in _PAIRS))


def is_choice(text: str) -> bool:
    """Return True if a text at the beginning of a reply says that no thought follows, or none did.

    Args:
        text: text of a chat template.
    """
    return any(mark in text for mark in (*OPENINGS, *ENDS, "<|channel|>"))


def ending(text: str) -> str:
    """Return what ends the thought that a reply is in.

    Args:
        text: the reply so far.

    Returns:
        The text after which the reply proper can follow; empty if the reply is not within a thought.
    """
    after = text.rpartition(_ANALYSIS)
    if after[1] and _ENDS_ANALYSIS not in after[2] and _FINAL not in after[2]:
        return f"{_ENDS_ANALYSIS}{_FINAL}"
    for opening, end in (*_PAIRS, _WORDS):
        before, found, rest = text.partition(opening)
        if found and end not in rest and (opening[:2] == "<|" or not before.strip()):
            return end if "|" in end else f"\n{end}\n\n"
    return ""


def thought_of(text: str) -> str:
    """Return the first thought of a reply.

    Args:
        text: the reply so far.

    Returns:
        Its text without the marks; empty if there is none.
    """
    found = _THOUGHT.search(text)
    return _AROUND.sub("", found.group()).strip() if found else ""
