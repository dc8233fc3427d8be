"""Grounds of an answer: the evidence of the steps since its question, taken together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .evidence import Evidence
from .messages import Approval, Event, Observation, Proposal, Tried
from .transcript import this_episode

_NAME = re.compile(r"[^\W\d]\w*")  # not of a file, which is in quotation marks


@dataclass(frozen=True, slots=True)
class _Bound:
    """Names that steps have bound."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: what each rests on
    is_complete: bool = True  #: no name is missing


@dataclass(frozen=True, slots=True)
class Grounds:
    """Grounds of an answer."""

    evidence: Evidence  #: of these steps together; names that they bound are replaced by what these rest on
    steps: tuple[int, ...] = ()  #: their numbers


@dataclass(frozen=True, slots=True)
class Step:
    """A step that ran, and what it rests on."""

    number: int  #: as its proposal has it
    source: str  #: the code that ran
    text: str  #: its observation
    evidence: Evidence  #: with the names that earlier steps bound replaced by what these rest on
    is_derived: bool = False  #: it rests on what earlier steps bound, and so on nothing of the user's


def steps_of(transcript: Sequence[Event]) -> list[Step]:
    """Return the steps since the last question that ran without an error.

    Args:
        transcript: All events.

    Returns:
        The steps in order, with their evidence. That of a step which was edited, or not tried, is not known.
    """
    return _followed(transcript)[0]


def next_step(source: str, text: str, evidence: Evidence, transcript: Sequence[Event]) -> Step:
    """Return a step that is about to run.

    Args:
        source: Its code.
        text: The observation of its trial.
        evidence: As the experiment brought it.
        transcript: All events before the step.
    """
    return _step(0, source, text, evidence, _followed(transcript)[1])


def _step(number: int, source: str, text: str, evidence: Evidence, bound: _Bound) -> Step:
    users = _of_the_user(evidence, bound)
    return Step(number, source, text, users, bool(evidence.rests_on) and users.independent)


def _followed(transcript: Sequence[Event]) -> tuple[list[Step], _Bound]:
    """Return the steps since the last question, and what the names that they bound rest on."""
    found: list[Step] = []
    bound = _Bound()
    proposal, source = None, ""
    for event in this_episode(transcript):
        if isinstance(event, Proposal):
            proposal = event
        elif isinstance(event, Approval):
            source = event.source
        elif isinstance(event, Observation) and event.ok and proposal:
            tried = proposal.tried if source.strip() == proposal.code.strip() else None
            evidence = (tried and tried.evidence) or Evidence()
            found.append(_step(proposal.step, source, event.text, evidence, bound))
            bound = _bound_after(bound, tried)
    return found, bound


def _bound_after(bound: _Bound, tried: Tried | None) -> _Bound:
    """Return what each name that steps have bound rests on, after one more step."""
    if tried is None:
        return _Bound(is_complete=False)
    anew = {*tried.added, *tried.changed, *tried.removed}
    kept = {name: rests_on for name, rests_on in bound.names.items() if object_of(name) not in anew}
    found = tried.evidence or Evidence()
    is_known = found.tried and not found.reason
    names = kept | {name: _roots(rests_on, bound) for name, rests_on in found.names}
    return _Bound(names, bound.is_complete and (is_known or not anew))


def grounds_of(transcript: Sequence[Event]) -> Grounds:
    """Return what the answer to the last question rests on: all that the steps since the question rest on.

    Args:
        transcript: All events; those after the answer left out.
    """
    steps = steps_of(transcript)
    every = [step.evidence for step in steps if step.evidence.tried]
    rests_on = _union(evidence.rests_on for evidence in every)
    independent = _without(_union(each.independent_of for each in every), rests_on)
    evidence = Evidence(
        rests_on,
        independent,
        max((each.rows for each in every if each.rows is not None), default=None),
        bool(every),
        next((step.evidence.reason for step in steps if step.evidence.reason), ""),
        bool(steps) and all(step.evidence.independent for step in steps),
        _union(each.named for each in every),
        few=_few([step.evidence for step in steps]),
        first=_first([step.evidence for step in steps]),
    )
    return Grounds(evidence, tuple(step.number for step in steps if step.evidence.rests_on))


def _few(steps: Sequence[Evidence]) -> tuple[tuple[str, int], ...]:
    """Return the columns of which only few rows matter: those that one step rests on, and no other one may."""
    every = [label for evidence in steps for label in evidence.rests_on]
    found = (pair for evidence in steps for pair in evidence.few if every.count(pair[0]) == 1)
    return tuple(found) if all(evidence.tried for evidence in steps) else ()


def _first(steps: Sequence[Evidence]) -> int:
    """Return how many rows at the beginning matter, if that is known of all steps that rest on something."""
    every = [evidence.first for evidence in steps if evidence.rests_on or not evidence.tried]
    return max(every) if every and all(every) else 0


def _of_the_user(evidence: Evidence, bound: _Bound) -> Evidence:
    """Replace the names that earlier steps bound by what these rest on."""
    rests_on = _roots(evidence.rests_on, bound)
    is_known = evidence.tried and not evidence.reason
    return replace(
        evidence,
        rests_on=rests_on,
        independent_of=_without(_roots(evidence.independent_of, bound), rests_on) if bound.is_complete else (),
        named=_roots(evidence.named, bound),
        rows=evidence.rows if rests_on else None,
        independent=evidence.independent or (is_known and bool(evidence.rests_on) and not rests_on),
        few=tuple(pair for pair in evidence.few if _roots(pair[:1], bound) == pair[:1]),
        first=evidence.first if rests_on == evidence.rests_on else 0,
    )


def _roots(names: Iterable[str], bound: _Bound) -> tuple[str, ...]:
    """Return the data of the user behind names: a column of a table that a step bound is looked up first, then it."""
    known = bound.names
    return _union(known.get(name, known.get(object_of(name.removesuffix("()")), (name,))) for name in names)


def _without(labels: Iterable[str], rests_on: Sequence[str]) -> tuple[str, ...]:
    """Return labels without those that a result rests on, and without the objects of these."""
    known = {*rests_on, *map(object_of, rests_on)}
    return tuple(label for label in labels if label not in known)


def object_of(label: str) -> str:
    """Return the object of a column: `orders` for `orders.amount`; a function or a file is its own.

    Args:
        label: As `Evidence.rests_on` has it.
    """
    found = _NAME.match(label)
    return found.group() if found and not label.endswith("()") else label


def _union(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part))
