"""Words in their plain form, and which functions change something, by what their descriptions begin with."""

from __future__ import annotations

import re
from types import FunctionType

from ..namespace.static_lookup import is_own

_WORD = re.compile(r"[^\W\d_]+")
_ENDINGS = re.compile(r"(?:ations?|ings?|ions?|ed|es|s|e)$")
_VERBS = """
    adds appends assigns books buys cancels changes closes creates deletes deposits drops enters gives hires inserts
    loads moves opens orders pays puts records registers removes renames replaces reserves sells sends sets ships spends
    starts stops stores submits takes transfers updates waters withdraws writes
"""


def stem(word: str) -> str:
    """The word without its ending, so that its forms are alike."""
    word = word.casefold()
    short = _ENDINGS.sub("", word)
    return short if len(short) >= 3 else word


def stems(text: str) -> set[str]:
    """The words of a text, without their endings."""
    return set(map(stem, _WORD.findall(text)))


def changes(function: object) -> bool:
    """Whether it is a function of the user's whose description, or else its name, begins with a verb of change."""
    if type(function) is not FunctionType or not is_own(function):
        return False
    first = _WORD.search(function.__doc__ if type(function.__doc__) is str else function.__name__)
    return first is not None and stem(first.group()) in CHANGES


CHANGES = frozenset(map(stem, _VERBS.split()))  #: what such descriptions begin with
