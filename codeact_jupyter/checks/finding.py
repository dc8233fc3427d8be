"""Findings of the checks, and phrases that several checks use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..namespace.literals import literal
from ..namespace.static_lookup import frames
from ..text import shorten, visible

Kind = Literal["own", "hidden", "syntax", "placeholder", "tool", "import", "name"]
LISTED = 12  #: Maximum number of labels in a list.
FRAMES = 4  #: Maximum number of data frames that are named.
TEXT_CHARS = 600  #: Maximum length of a finding.


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
