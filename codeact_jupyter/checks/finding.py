"""Findings of the checks, and the phrases that they share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from ..namespace.literals import literal
from ..namespace.static_lookup import frames
from ..text import shorten, visible

Kind = Literal["own", "hidden", "syntax", "placeholder", "tool", "import", "name"]
LISTED = 12  #: Labels in a list at most.
COMPARED = 2000  #: Candidates compared with a misspelt name at most.
FRAMES = 4  #: Data frames that are named at most.
TEXT_CHARS = 600  #: Characters of a finding at most.


@dataclass(frozen=True, slots=True)
class Finding:
    """Reason not to propose a cell."""

    kind: Kind  #: the check that found it
    text: str  #: one to three short sentences for the model


def found(kind: Kind, *sentences: str) -> Finding:
    """Make a finding of sentences.

    Args:
        kind: Kind of the finding.
        *sentences: Sentences for the model; empty ones are left out.

    Returns:
        The finding, shortened.
    """
    return Finding(kind, shorten(visible(" ".join(filter(None, sentences))), TEXT_CHARS))


def near(word: str, candidates: Iterable[object], count: int = 3) -> list[str]:
    """Return the candidates most similar to a word.

    Args:
        word: A name that does not exist.
        candidates: Names that do; objects other than plain strings are left out.
        count: Names to return at most.
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


def suggestion(names: Sequence[str], *, quoted: bool = False) -> str:
    """Return ``Did you mean `a` or `b`?``.

    Args:
        names: Names to suggest.
        quoted: True to write them as strings instead of code.

    Returns:
        The question, or the empty string without names.
    """
    shown = [f"{name!r}" if quoted else f"`{name}`" for name in names]
    return f"Did you mean {' or '.join(shown)}?" if shown else ""


def listed(labels: Iterable[object], first: Sequence[str] = ()) -> str:
    """Return up to a dozen labels as Python literals.

    Args:
        labels: All labels.
        first: Labels to put before the others.
    """
    ordered = [*first, *(label for label in labels if not (type(label) is str and label in first))]
    shown = [repr(label) if type(label) is str else literal(label) for label in ordered[:LISTED]]
    return ", ".join([*shown, *([f"… {len(ordered) - LISTED} more"] if len(ordered) > LISTED else [])])


def where_the_data_is(namespace: Mapping[str, Any]) -> str:
    """Return a sentence that names the live data frames.

    Args:
        namespace: Live objects by name.

    Returns:
        Text for the model, empty without frames.
    """
    names = frames(namespace)[:FRAMES]
    shown = ", ".join(f"`{name}`" for name in names)
    return f"The data is in the variable{'s' * (len(names) > 1)} {shown} already." if names else ""


def _fold(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "").replace(" ", "")
