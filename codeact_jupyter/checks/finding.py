"""What a check has found, and the words that findings share."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from ..namespace.literals import literal
from ..text import shorten, visible

Kind = Literal[
    "own",
    "hidden",
    "syntax",
    "name",
    "call",
    "import",
    "attribute",
    "column",
    "placeholder",
    "file",
    "tool",
    "type",
    "key",
    "value",
    "mixup",
    "unasked",
    "idle",
    "lost",
]
LISTED = 12
COMPARED = 2000  #: so many candidates are looked through for a near match
TEXT_CHARS = 600


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a cell cannot be proposed: `text` is one to three short sentences for the model."""

    kind: Kind
    text: str


def found(kind: Kind, *sentences: str) -> Finding:
    """The finding made of the sentences that are not empty."""
    return Finding(kind, visible(shorten(" ".join(sentence for sentence in sentences if sentence), TEXT_CHARS)))


def near(word: str, candidates: Iterable[object], count: int = 3) -> list[str]:
    """The candidates that `word` may have been meant for, the nearest first; only strings are looked at."""
    folded: dict[str, list[str]] = {}
    for candidate in islice(candidates, COMPARED):
        if type(candidate) is str and candidate != word:
            folded.setdefault(_fold(candidate), []).append(candidate)
    wanted = _fold(word)
    alike = difflib.get_close_matches(wanted, folded, n=count, cutoff=0.7)
    if len(wanted) >= 3:
        alike += [
            other
            for other in folded
            if other not in alike and (wanted in other or (len(other) > 3 and other in wanted))
        ]
    alike += [o for o in difflib.get_close_matches(wanted, folded, n=count, cutoff=0.65) if o not in alike]
    return list(dict.fromkeys(name for key in alike for name in folded[key]))[:count]


def suggestion(names: Sequence[str], *, quoted: bool = False) -> str:
    """``Did you mean `a` or `b`?``, or nothing."""
    shown = [f"{name!r}" if quoted else f"`{name}`" for name in names]
    return f"Did you mean {' or '.join(shown)}?" if shown else ""


def listed(labels: Iterable[object], first: Sequence[str] = ()) -> str:
    """Up to a dozen labels as they are written in Python, those in `first` before the others."""
    labels = list(labels)
    chosen = set(first)
    ordered = [*first, *(label for label in labels if not (type(label) is str and label in chosen))]
    shown = [repr(label) if type(label) is str else literal(label) for label in ordered[:LISTED]]
    return ", ".join([*shown, *([f"… {len(ordered) - LISTED} more"] if len(ordered) > LISTED else [])])


def _fold(word: str) -> str:
    return word.casefold().replace("_", "").replace("-", "").replace(" ", "")
