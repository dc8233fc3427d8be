"""Data that a question names: columns by their labels, and objects by anything that is in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

LEAST = 3  #: letters of a word by which a question touches data
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+")

_TOKEN = re.compile(r"[\w-]+(?:\.\w+)*")
_PATH = re.compile(r"[\w./~-]*\w\.\w+")
_IN_QUOTES = re.compile(r"[`'\"]([^`'\"\n]+)[`'\"]")


class Question:
    """A question, by its words.

    Args:
        text: The question.
    """

    def __init__(self, text: str) -> None:
        self._exact = f" {' '.join(_TOKEN.findall(text))} "
        self._text = self._exact.casefold()
        self._words = set(words_of(text)) | set(re.findall(r"\w+", text.casefold()))
        self._quoted = {each.casefold() for each in _IN_QUOTES.findall(text)}
        self._written = text

    def names(self, label: object) -> bool:
        """Return True if all words of a label are in the question; a label of one letter must be quoted.

        Args:
            label: Label of a column, or a name.
        """
        words = words_of(str(label))
        if len(str(label)) < 2:
            return str(label).casefold() in self._quoted
        return bool(words) and self._words.issuperset(words)

    def touches(self, texts: Iterable[object]) -> bool:
        """Return True if a word of a name or label is in the question.

        Args:
            texts: Names and labels.
        """
        return any(len(word) >= LEAST and word in self._words for text in texts for word in words_of(str(text)))

    def files(self) -> list[str]:
        """Return the files that it names, as it writes them."""
        names = dict.fromkeys([*_PATH.findall(self._written), *_IN_QUOTES.findall(self._written)])
        return [name for name in names if _is_file(name)]

    def has_value(self, values: Iterable[object]) -> bool:
        """Return True if the question has one of these values; `PER` is not in "the births per woman".

        Args:
            values: Values of a column: texts, and whole numbers such as years; others do not count.
        """
        texts = (str(each).strip() for each in values if isinstance(each, str) or type(each) is int)
        return any(len(text) >= LEAST and self._has(text) for text in texts)

    def _has(self, text: str) -> bool:
        is_word = text.isupper() and f" {text.lower()} " in self._exact
        return f" {text.casefold()} " in self._text and not is_word


def words_of(text: str) -> list[str]:
    """Return the words of a name or a text, in the singular and without capitals: `unitPrices` is `unit`, `price`.

    Args:
        text: A name, a label or a text.
    """
    return [_singular(word.casefold()) for word in _PART.findall(text)]


def _is_file(name: str) -> bool:
    try:
        return Path(name).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # too long, or no home directory
        return False


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word
