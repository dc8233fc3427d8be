"""Functions of the user's that a task speaks of, and that nothing has called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .looking import is_own

_LITTLE = 4  #: letters of a word that is worth looking at
_ENDINGS = re.compile(r"(?:ations?|ings?|ions?|ed|es|s|e)$")


def uncalled_tools(task: str, sources: Iterable[str], namespace: Mapping[str, Any]) -> list[str]:
    """The names of those functions every word of whose name the task has, in one form or another."""
    spoken = set(map(stem, re.findall(r"[^\W\d_]+", task)))
    called = {name for source in sources for name in re.findall(r"\w+", source)}
    return [
        name
        for name, obj in namespace.items()
        if type(name) is str and name not in called and is_own(obj) and _is_spoken_of(name, spoken)
    ]


def _is_spoken_of(name: str, spoken: set[str]) -> bool:
    words = [word for word in re.findall(r"[A-Z]?[a-z]+", name) if len(word) >= _LITTLE]
    return bool(words) and all(stem(word) in spoken for word in words)


def stem(word: str) -> str:
    """The word without its ending, so that its forms are alike."""
    word = word.casefold()
    short = _ENDINGS.sub("", word)
    return short if len(short) >= 3 else word
