"""Decode a file's first bytes: byte order marks, UTF-8, then older encodings."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LATIN = ("cp1252", "cp1254", "cp1250", "mac_roman", "cp850")  # tried in this order; the first of the best is taken
_OTHER = ("cp1251", "koi8_r", "cp866", "cp1253", "cp1255", "cp1256", "cp1257", "cp874")
_MULTIBYTE = {"shift_jis": "cp932", "euc_kr": "cp949", "gb2312": "gb18030", "big5": "cp950", "euc_jp": "euc_jp"}
_FOREIGN = 0.5  # share of letters outside ASCII from which a text is not in a Latin script
_FEW = 4  # letters that tell nothing of a script
_WORD = re.compile(r"[^\W\d_]+")
_FINAL = "\u00ec\u00f2"  # letters that only end words
_ICELANDIC = "\u00d0\u00dd\u00de\u00f0\u00fe"  # hardly used outside of Iceland, where those below are used too
_NORTHERN = "\u00e1\u00ed\u00f3\u00e6"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_SYMBOLS = "\u00a4\u00a6\u00a8\u00ac\u00b8\u2021\u02c6\u02c7\u02dd"  # that stand in no table's words


def decode(data: bytes) -> tuple[str, str] | None:
    """Decode text.

    Args:
        data: Bytes of a file, which may end within a character.

    Returns:
        The text and the name of its encoding; `None` if the bytes are not text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding, "replace"), encoding
    if b"\0" in data:
        return None
    try:
        text, encoding = _decoded(data, "utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = _older_encoding(data)
        text = data.decode(encoding, "replace")
    return (text, encoding) if _is_text(text) else None


def _decoded(data: bytes, encoding: str, errors: str = "strict") -> str:
    """Decode all but a character that is cut off at the end."""
    return codecs.getincrementaldecoder(encoding)(errors).decode(data)


def _is_text(text: str) -> bool:
    return len(_CONTROLS.findall(text)) * 10 <= len(text)


def _older_encoding(data: bytes) -> str:
    """Return the most likely encoding of text that is not UTF-8."""
    scores = {encoding: _oddities(data.decode(encoding, "replace")) for encoding in _LATIN}
    best = min(_LATIN, key=scores.__getitem__)
    if not scores[best] and not _is_foreign(data.decode(best, "replace")):
        return best
    found = charset_normalizer.from_bytes(data, cp_isolation=[*_OTHER, *_MULTIBYTE, *_MULTIBYTE.values()]).best()
    if found is None:
        return best
    if found.encoding in _OTHER:
        return str(found.encoding)
    narrow = [encoding for encoding in _MULTIBYTE if _decodes(data, encoding)]  # their common characters alone
    return _MULTIBYTE[narrow[0]] if len(narrow) == 1 else str(found.encoding)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        _decoded(data, encoding)
    except UnicodeDecodeError:
        return False
    return True


def _oddities(text: str) -> int:
    """Count the characters that no text in a Latin script would have at their place."""
    odd = text.count("\ufffd") * 3
    for before, char, after in zip(f" {text}", text, f"{text[1:]} ", strict=False):
        if char < "\x80":
            continue
        if char.isalpha():
            odd += char.isupper() and before.islower()
            odd += (char in _FINAL and after.isalpha()) or (char == "\u00f5" and after != "e")
        else:
            odd += char in _SYMBOLS or (before.isalpha() and after.isalpha() and char not in "\u2019\u00b7")
    if not set(text) & set(_NORTHERN):
        odd += sum(map(text.count, _ICELANDIC))
    return odd


def _is_foreign(text: str) -> bool:
    letters = "".join(_WORD.findall(text))
    return len(letters) >= _FEW and sum(char >= "\x80" for char in letters) > _FOREIGN * len(letters)
