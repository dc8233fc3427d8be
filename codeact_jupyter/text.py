"""Helpers for plain text: escape what cannot be seen, and shorten what is too long."""

from __future__ import annotations

import re

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)

_REST = r"(?:\.\d+)?(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(rf"(?<![\w.])[-+−]?\d[\d,]*{_REST}")
_WHOLE_NUMBER = re.compile(rf"(?<![\w.,])[-+−]?\d+(?:,\d{{3}})*{_REST}(?![\w]|[.,]\d)")


def visible(text: str) -> str:
    r"""`text` with every character that cannot be seen, or reorders others, as an escape such as `\u202e`.

    A line feed, a tab and a space stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return re.sub(r"[^\x20-\x7e\n\t]", _seen, text)


def one_line(text: str) -> str:
    """`visible` text without line feeds and tabs."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def shorten(text: str, limit: int) -> str:
    """The first `limit` characters of `text`, the last of them an ellipsis when there were more."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def shorten_middle(text: str, chars: int) -> str:
    """At most about `chars` characters of `text`: its head and its tail, and how much is missing between."""
    if len(text) <= chars:
        return text
    head, tail = text[: chars // 2], text[len(text) - chars // 2 :]
    return f"{head}\n[… {len(text) - len(head) - len(tail):,} characters left out …]\n{tail}"


def find_numbers(text: str, *, whole: bool = False) -> list[str]:
    """Return the numbers in a text as they are written, thousands separators and exponents included.

    Args:
        text: Any text.
        whole: True to leave out those that are part of a word or a date, such as `12kg`.

    Returns:
        The numbers in their order.
    """
    return (_WHOLE_NUMBER if whole else _NUMBER).findall(text)


def plain_number(number: str) -> str:
    """Return a number in a form that `float` takes.

    Args:
        number: A result of `find_numbers`.

    Returns:
        The number without thousands separators, with a plain minus sign.
    """
    return number.replace(",", "").replace("−", "-")


def _seen(found: re.Match[str]) -> str:
    char = found[0]
    if char.isprintable() and not _INVISIBLE.match(char):
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
