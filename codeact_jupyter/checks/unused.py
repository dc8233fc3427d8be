"""Work that the question names and no step has done: functions not called, columns and values not used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from ..namespace.static_lookup import frames, is_own, text_columns

LETTERS = 4  #: Letters at least of a name that is looked for in the question.

_CATEGORIES = re.compile(r"(\w+) (?:str|object|string|category)((?: '[^'\n]+')+)")
_QUOTED = re.compile(r"'([^']+)'")
_WORD = re.compile(r"[^\W\d_]+")
_ENDINGS = re.compile(r"(?:ations?|ings?|ions?|ed|es|s|e)$")
_VERBS = """
    adds appends assigns books buys cancels changes closes creates deletes deposits drops enters gives hires inserts
    loads moves opens orders pays puts records registers removes renames replaces reserves sells sends sets ships spends
    starts stops stores submits takes transfers updates waters withdraws writes
"""


def uncalled_tools(task: str, sources: Iterable[str], namespace: Mapping[str, Any]) -> list[str]:
    """Return the user's functions that the question asks to call and no step has called.

    Args:
        task: The user's question.
        sources: Code of the steps that ran.
        namespace: Live objects by name.
    """
    spoken = _stems(task)
    called = {word for source in sources for word in _words(source)}
    return [
        name
        for name, obj in namespace.items()
        if type(name) is str and name not in called and _changes(obj) and _is_spoken_of(name, spoken)
    ]


def unused_data(task: str, sources: Iterable[str], namespace: Mapping[str, Any], listing: str) -> list[str]:
    """Return the data that the question names and no step has used.

    Args:
        task: The user's question.
        sources: Code of the steps that ran.
        namespace: Live objects by name.
        listing: Description of the notebook, which names the values of categories.

    Returns:
        Columns of frames that the question names, each as one word; if there are none, values of text columns.
    """
    source, spoken, stems = "\n".join(sources), set(_words(task)), _stems(task)
    used = set(_words(source))
    columns = dict.fromkeys(label for name in frames(namespace) for label in text_columns(namespace[name]))
    return [label for label in columns if len(label) >= LETTERS and label in spoken - used] or [
        value
        for column, listed in _CATEGORIES.findall(listing)
        for value in _QUOTED.findall(listed)
        if len(value) >= LETTERS and _stem(value) in stems and value not in source and column not in used
    ]


def _changes(function: object) -> bool:
    """Return True for a tool whose docstring, or else its name, begins with a verb of change."""
    if type(function) is not FunctionType or not is_own(function):
        return False
    first = _WORD.search(function.__doc__ if type(function.__doc__) is str else function.__name__)
    return first is not None and _stem(first.group()) in _CHANGES


def _stem(word: str) -> str:
    """Return the word without its ending, so that its forms are equal."""
    word = word.casefold()
    short = _ENDINGS.sub("", word)
    return short if len(short) >= 3 else word


def _stems(text: str) -> set[str]:
    return set(map(_stem, _WORD.findall(text)))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _is_spoken_of(name: str, spoken: set[str]) -> bool:
    words = [word for word in re.findall(r"[A-Z]?[a-z]+", name) if len(word) >= LETTERS]
    return bool(words) and all(_stem(word) in spoken for word in words)


_CHANGES = frozenset(map(_stem, _VERBS.split()))  #: first words of docstrings of functions that change something
