"""Decode a file's first bytes: byte order marks, UTF-8, then the encodings of one byte per character."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WESTERN = ("cp1252", "cp1250", "mac_roman", "cp850")  # tried in this order; the first of the best is taken
_LATIN = ("cp1252", "cp1250", "cp1254", "cp1257", "latin_1", "iso8859_15", "mac_roman", "cp850", "cp437")
_FOREIGN = 0.5  # share of letters outside ASCII from which a text is not in a Latin script
_WORD = re.compile(r"[^\W\d_]+")


def decode(data: bytes) -> tuple[str, str] | None:
    """Decode text.

    Args:
        data: Bytes of a file, which may end within a character.

    Returns:
        The text and the name of its encoding; `None` if the bytes are not text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return codecs.getincrementaldecoder(encoding)("replace").decode(data), encoding
    if b"\0" in data:
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data), "utf-8"
    except UnicodeDecodeError:
        encoding = _single_byte(data)
    return data.decode(encoding, "replace"), encoding


def _single_byte(data: bytes) -> str:
    """Return the most likely encoding of text that is not UTF-8."""
    scores = {encoding: _oddities(data.decode(encoding, "replace")) for encoding in _WESTERN}
    best = min(_WESTERN, key=scores.__getitem__)
    if scores[best] or _is_foreign(data.decode(best, "replace")):
        found = charset_normalizer.from_bytes(data).best()
        if found is not None and (scores[best] or not _is_latin(found.encoding)):
            return str(found.encoding)
    return best


def _oddities(text: str) -> int:
    """Count the characters that no text in a Latin script would have at their place."""
    odd = text.count("\ufffd") * 3
    for before, char, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if char < "\x80":
            continue
        is_within_word = before.isalpha() and after.isalpha()
        if not char.isalpha():
            odd += (
                is_within_word and char not in "\u2019\u00b7"
            ) or char in "\u00a4\u00a6\u00a8\u00ac\u00b8\u2021\u02c6\u02c7\u02dd"
        elif char.isupper() and before.islower():
            odd += 1
    return odd


def _is_foreign(text: str) -> bool:
    letters = [char for word in _WORD.findall(text) for char in word]
    return sum(char >= "\x80" for char in letters) > _FOREIGN * max(len(letters), 1)


def _is_latin(encoding: str) -> bool:
    return encoding in _LATIN
