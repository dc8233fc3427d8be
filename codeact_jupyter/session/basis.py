"""The basis of an answer: what it rests on by experiment, and where its numbers stand, for programs and for views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .evidence import SCHEMA
from .grounds import grounds_of, object_of, steps_of
from .messages import Event
from .places import Place, places


@dataclass(frozen=True, slots=True)
class Experiment:
    """The experiment with a step."""

    step: int  #: number of the step
    runs: int  #: of the step in its copy, on the same and on other data; 0 if it was not tried
    rests_on: tuple[str, ...]  #: objects and columns with which its result changed
    independent_of: tuple[str, ...]  #: objects and columns with which it did not
    reason: str  #: why nothing, or not all, was tried; without a full stop


@dataclass(frozen=True, slots=True)
class Basis:
    """Outcome of the experiments behind an answer, and the places of its numbers.

    What was not tried is in none of the lists. Objects and columns that the question names come first.
    """

    tried: bool = False  #: an experiment was made, for at least one step
    independent: bool = False  #: the results stayed the same whatever the user's data held
    objects: tuple[str, ...] = ()  #: that they changed with: tables and others, files (`"a.csv"`), functions (`f()`)
    columns: tuple[str, ...] = ()  #: that they changed with, such as `orders.amount`
    rows: int | None = None  #: of the longest table that they rest on; None if they rest on no table
    few: tuple[tuple[str, int], ...] = ()  #: columns of which only so many rows matter, such as `("orders.amount", 4)`
    first: int = 0  #: rows, or entries, at the beginning of these data, if no result changed with the later ones
    steps: tuple[int, ...] = ()  #: numbers of the steps whose results changed
    independent_of: tuple[str, ...] = ()  #: objects and columns with which no result changed
    named: tuple[str, ...] = ()  #: objects and columns that the question names
    reason: str = ""  #: why nothing, or not all, was tried; without a full stop
    numbers: tuple[Place, ...] = ()  #: where each number of the answer stands, in the order of the text
    experiments: tuple[Experiment, ...] = ()  #: one for each step that ran
    schema: str = SCHEMA  #: of these fields, with its version


def basis_of(answer: str, transcript: Sequence[Event]) -> Basis:
    """Return the basis of the answer to the last question.

    Args:
        answer: The answer.
        transcript: All events; those after the answer left out.
    """
    grounds = grounds_of(transcript)
    evidence = grounds.evidence
    steps = [(step.number, step.evidence) for step in steps_of(transcript)]
    named = tuple(dict.fromkeys(label for _, each in steps for label in each.named))
    rests_on = sorted(evidence.rests_on, key=lambda label: label not in named)
    return Basis(
        tried=evidence.tried,
        independent=evidence.independent,
        objects=tuple(dict.fromkeys(map(object_of, rests_on))),
        columns=tuple(label for label in rests_on if object_of(label) != label),
        rows=evidence.rows,
        few=evidence.few,
        first=evidence.first,
        steps=grounds.steps,
        independent_of=evidence.independent_of,
        named=named,
        reason=evidence.reason,
        numbers=places(answer, transcript),
        experiments=tuple(
            Experiment(number, each.runs, each.rests_on, each.independent_of, each.reason) for number, each in steps
        ),
    )
