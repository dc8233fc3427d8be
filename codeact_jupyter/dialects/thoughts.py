"""Marks between which thinking models write their thoughts, as patterns."""

from __future__ import annotations

import re

#: Mark before a thought, mark after it. Those that look like HTML count at the beginning of a line only.
_PAIRS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|inner_prefix|>", "<|inner_suffix|>"),
    ("<|channel>thought", "<channel|>"),
)
OPENINGS = tuple(opening for opening, _ in _PAIRS)  #: as plain text

_LINE = r"^[^\S\n]*"
_ENCLOSED = (
    ("" if opening[:2] == "<|" else _LINE) + rf"{re.escape(opening)}(?s:.*?)(?:{re.escape(end)}|\Z)"
    for opening, end in _PAIRS
)
_CHANNEL = r"<\|channel\|>analysis(?s:.*?)(?:<\|(?:end|call|return)\|>|(?=<\|(?:start|channel)\|>)|\Z)"
_MARKS_OF_ANSWERS = (
    r"<\|start\|>assistant|<\|channel\|>(?:final|commentary)[^<\n]*<\|message\|>"
    r"|<\|(?:START|END)_RESPONSE\|>|<\|(?:end|return)\|>\s*\Z"
)
#: Pattern of what is left out of a reply: whole thoughts, thoughts without an end, and marks around the rest.
HIDDEN = "|".join((*_ENCLOSED, _CHANNEL, _MARKS_OF_ANSWERS))
#: Pattern of the end of a thought, outside strings in a block of code, where it cannot be Python.
END_IN_CODE = "|".join(re.escape(end) for _, end in _PAIRS)
#: Pattern of the end of a thought that the chat template began, at the beginning or the end of a line.
END = rf"{_LINE}(?:{END_IN_CODE})|(?:{END_IN_CODE})[^\S\n]*$"
