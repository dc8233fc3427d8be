"""Plain text: write out hidden characters, shorten long text."""

from __future__ import annotations

import re
from collections.abc import Callable

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)


def python_escape(character: str) -> str:
    r"""Return the character as a Python escape.

    Args:
        character: One character.

    Returns:
        Text such as `\x1b`, `\u202e` or `\U000e0101`.
    """
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def code_point(character: str) -> str:
    """Return the character's code point for readers who do not program.

    Args:
        character: One character.

    Returns:
        Text such as `⟨U+202E⟩`.
    """
    return f"⟨U+{ord(character):04X}⟩"


def visible(text: str, write: Callable[[str], str] = python_escape) -> str:
    """Replace every character that is invisible or reorders its neighbours; line feeds, tabs and spaces stay.

    Args:
        text: Any text.
        write: Returns the visible form of one hidden character.

    Returns:
        The text with all hidden characters written out.
    """
    if text.isascii() and text.isprintable():
        return text
    return re.sub(r"[^\x20-\x7e\n\t]", lambda found: write(found[0]) if _is_hidden(found[0]) else found[0], text)


def one_line(text: str) -> str:
    r"""Return the visible form of the text on one line.

    Args:
        text: Any text.
    """
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def shorten(text: str, limit: int) -> str:
    """Return the head of the text.

    Args:
        text: Any text.
        limit: Length of the result at most, in characters.

    Returns:
        The text, or its head with an ellipsis as the last character.
    """
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def shorten_middle(text: str, chars: int) -> str:
    """Return head and tail of the text, with a note of how much is left out between them.

    Args:
        text: Any text.
        chars: Characters to keep; the note comes on top.

    Returns:
        The text, or its head, the note and its tail.
    """
    if len(text) <= chars:
        return text
    head, tail = text[: chars // 2], text[len(text) - chars // 2 :]
    return f"{head}\n[… {len(text) - len(head) - len(tail):,} characters left out …]\n{tail}"


def _is_hidden(character: str) -> bool:
    return not character.isprintable() or _INVISIBLE.match(character) is not None
