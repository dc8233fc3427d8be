"""Misspelt names, and the existing names that are similar to them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice

COMPARED = 2000  #: maximum number of candidates that are compared with a misspelt name
ALIKE = 0.82  #: similarity from which a name counts as another one misspelt
ONE_OFF = 0.75  #: similarity of words of four letters that differ in one
MARGIN = 0.05  #: required lead in similarity over the next candidate


def near(word: str, candidates: Iterable[object], count: int = 3) -> list[str]:
    """Return the candidates most similar to a word.

    Args:
        word: A name that does not exist.
        candidates: Names that do; objects other than plain strings are left out.
        count: Maximum number of names.
    """
    folded: dict[str, list[str]] = {}
    for candidate in islice(candidates, COMPARED):
        if type(candidate) is str and candidate != word:
            folded.setdefault(_fold(candidate), []).append(candidate)
    wanted = _fold(word)
    alike = difflib.get_close_matches(wanted, folded, n=count, cutoff=0.7)
    if len(wanted) >= 3:
        alike += [other for other in folded if wanted in other or (len(other) > 3 and other in wanted)]
    alike += difflib.get_close_matches(wanted, folded, n=count, cutoff=0.65)
    return list(dict.fromkeys(name for key in alike for name in folded[key]))[:count]


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
    one, other = _fold(word), _fold(offer)
    if len(one) < 2 or re.findall(r"\d+", word) != re.findall(r"\d+", offer):
        return 0.0
    ratio = difflib.SequenceMatcher(None, one, other).ratio()
    is_slip = (
        one[:1] == other[:1] and len(one) == len(other) >= 4 and (sorted(one) == sorted(other) or ratio >= ONE_OFF)
    )
    return max(ratio, ALIKE) if is_slip else ratio


def _fold(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.casefold())
