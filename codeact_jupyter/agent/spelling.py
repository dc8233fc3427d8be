"""Misspelt names and the ones that are meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

ALIKE = 0.82  #: similarity from which a name counts as another one misspelt
ONE_OFF = 0.75  #: similarity of words of four letters that differ in one
MARGIN = 0.05  #: by which it must be more similar than the next


def nearest(word: str, offers: Iterable[str]) -> str:
    """Find the one name that a word is but for case, separators or a few letters.

    Args:
        word: A name that is not there.
        offers: The names that are there.

    Returns:
        One of them; empty if none is similar enough, or two are.
    """
    scored = sorted(((_likeness(word, offer), offer) for offer in dict.fromkeys(offers) if offer != word), reverse=True)
    if not scored or scored[0][0] < ALIKE:
        return ""
    is_clear = len(scored) == 1 or scored[0][0] - scored[1][0] >= MARGIN
    return scored[0][1] if is_clear else ""


def _likeness(word: str, offer: str) -> float:
    """Return the similarity of two names, 1 if they differ in case or separators alone.

    Numbers in them must be equal: `sales_2021` is no other spelling of `sales_2020`.
    """
    one, other = _folded(word), _folded(offer)
    if len(one) < 2 or re.findall(r"\d+", word) != re.findall(r"\d+", offer):
        return 0.0
    ratio = difflib.SequenceMatcher(None, one, other).ratio()
    is_slip = (
        one[:1] == other[:1] and len(one) == len(other) >= 4 and (sorted(one) == sorted(other) or ratio >= ONE_OFF)
    )
    return max(ratio, ALIKE) if is_slip else ratio


def _folded(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.casefold())
