"""Plain text: write out hidden characters, shorten long text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)

#: Beginning of the observation of a step without any output.
NOTHING = "(It ran; nothing was printed. To see a value, print it or end the cell with it.)"
JOINERS = "\u200c\u200d"  #: letters of Persian, Hindi and other languages, and parts of emoji
NOTED, NOTED_CHARS = 8, 300  #: characters and lines in a note on invisible ones, and characters of such a line
_JOINED = ("Lo", "Mn", "Mc", "So", "Sk")  # categories of what such joiners follow


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


def spelt_out(text: str) -> str:
    r"""Write out the characters that another Unicode spelling of the same text (NFC) has not.

    Args:
        text: Any text.

    Returns:
        The text, with an escape for each accent that stands apart from its letter: `cafe\u0301`.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    return "".join(python_escape(character) if _is_apart(character) else character for character in text)


def invisible_note(code: str) -> str:
    r"""Describe the characters of code that a reader does not see, apart from joiners that are letters or join emoji.

    Args:
        code: Source of a cell.

    Returns:
        A line such as `Contains invisible characters: U+200B in line 3 (written as \u200b)`, and below it each line
        that has some, with escapes in their place; empty if there are none.
    """
    places: dict[str, list[int]] = {}
    lines = []
    for number, line in enumerate(code.split("\n"), 1):
        found = [each for before, each in zip(f" {line}", line, strict=False) if _is_unseen(each, before)]
        for each in dict.fromkeys(found):
            places.setdefault(each, []).append(number)
        if found:
            lines.append(f"{number}: {shorten(visible(line), NOTED_CHARS)}")
    if not places:
        return ""
    shown = [
        f"U+{ord(each):04X} in line {', '.join(map(str, numbers[:NOTED]))} (written as {python_escape(each)})"
        for each, numbers in list(places.items())[:NOTED]
    ]
    return "\n".join([f"Contains invisible characters: {', '.join(shown)}", *lines[:NOTED]])


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


def _is_apart(character: str) -> bool:
    is_part = unicodedata.combining(character) != 0 or "\u1100" <= character <= "\u11ff"  # accents, parts of Hangul
    return is_part or not unicodedata.is_normalized("NFC", character)


def _is_unseen(character: str, before: str) -> bool:
    """Return True for a hidden character, if it is no joiner after a letter without case, a mark or an emoji."""
    is_letter = character in JOINERS and not before.isascii() and unicodedata.category(before) in _JOINED
    return character not in "\n\t" and _is_hidden(character) and not is_letter


def _is_hidden(character: str) -> bool:
    return not character.isprintable() or _INVISIBLE.match(character) is not None


def has_word(text: str, word: str, *, any_case: bool = False) -> bool:
    """Return True if a text has a word, or several, that are not a part of a longer one.

    Args:
        text: The text to look into.
        word: What is looked for.
        any_case: Capital and small letters count as equal.
    """
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE if any_case else 0) is not None
