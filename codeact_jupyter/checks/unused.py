"""Functions of the user's, columns and values that a task speaks of, and that no step has used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..namespace.static_lookup import frames
from ..namespace.tables import labels_of
from .verbs import changes, stem, stems

COLUMNS = 1000  #: so many of a frame's are looked at
_LITTLE = 4  #: letters of a word that is worth looking at
_CATEGORIES = re.compile(r"(\w+) (?:str|object|string|category)((?: '[^'\n]+')+)")
_QUOTED = re.compile(r"'([^']+)'")


def uncalled_tools(task: str, sources: Iterable[str], namespace: Mapping[str, Any]) -> list[str]:
    """The names of those functions that change something, and every word of whose name the task has in some form."""
    spoken = stems(task)
    called = {word for source in sources for word in _words(source)}
    return [
        name
        for name, obj in namespace.items()
        if type(name) is str and name not in called and changes(obj) and _is_spoken_of(name, spoken)
    ]


def unused_columns(task: str, sources: Iterable[str], namespace: Mapping[str, Any]) -> list[str]:
    """The columns of frames that the task names, each as one word, and that no source does."""
    spoken, used = set(_words(task)), {word for source in sources for word in _words(source)}
    columns = [label for name in frames(namespace) for label in (labels_of(namespace[name], COLUMNS) or [()])[0]]
    return list(dict.fromkeys(c for c in columns if type(c) is str and len(c) >= _LITTLE and c in spoken - used))


def unused_values(task: str, sources: Iterable[str], listing: str) -> list[str]:
    """The values of text columns, as the listing has them, that the task speaks of while no source has them or the
    column."""
    source, spoken = "\n".join(sources), stems(task)
    used = set(_words(source))
    return [
        value
        for column, listed in _CATEGORIES.findall(listing)
        for value in _QUOTED.findall(listed)
        if len(value) >= _LITTLE and stem(value) in spoken and value not in source and column not in used
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _is_spoken_of(name: str, spoken: set[str]) -> bool:
    words = [word for word in re.findall(r"[A-Z]?[a-z]+", name) if len(word) >= _LITTLE]
    return bool(words) and all(stem(word) in spoken for word in words)
