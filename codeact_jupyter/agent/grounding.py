"""Checks of an answer: the work it needs has been done, and outputs show its numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..session.messages import NOTHING, Event, Observation, Prompt
from ..session.transcript import runs, task, this_episode, unfounded_numbers

NUMBERS = 4  #: Maximum count of numbers in a request.

_NAME = re.compile(r"[^\W\d]\w{2,}")
_COMMON = frozenset(
    ("variables", "functions", "modules", "files", "dataframe", "series", "array", "list", "dict", "index")
)
_ANNOUNCES = re.compile(
    r":\s*\Z|\A(?:next|now|first)\b"
    r"|\b(?:let me|let's|let us|(?:i|we)(?:'ll| will| need to| should| have to| must| can))\b",
    re.IGNORECASE,
)
_DRAWS = re.compile(r"\bplt\.|\bsns\.|\bpx\.|\bax\w*\.|\.(?:plot|hist|boxplot|bar|barh|scatter|pie|imshow)\b")


@dataclass(frozen=True, slots=True)
class _Claim:
    """An answer and the conversation before it."""

    answer: str
    transcript: Sequence[Event]

    @property
    def task(self) -> str:
        return task(self.transcript)

    @property
    def observations(self) -> list[Observation]:
        """The observations since the question."""
        return [event for event in this_episode(self.transcript) if isinstance(event, Observation)]

    @property
    def sources(self) -> list[str]:
        """The code of all steps that succeeded."""
        return [source for source, result in runs(self.transcript) if result.ok]

    @property
    def unfounded(self) -> list[str]:
        """The numbers of the answer that no question, listing or output shows."""
        return unfounded_numbers(self.answer, self.transcript)


def missing_work(answer: str, transcript: Sequence[Event]) -> str:
    """Return a request for work that must be done before the question can be answered.

    Args:
        answer: The answer.
        transcript: All events.

    Returns:
        A request for the model, empty if no work is known to be missing.
    """
    claim = _Claim(answer, transcript)
    return next(filter(None, (gap(claim) for gap in _GAPS)), "")


def missing_evidence(answer: str, transcript: Sequence[Event]) -> str:
    """Return a request about numbers that no output shows; only if a step has run.

    Args:
        answer: The answer.
        transcript: All events.

    Returns:
        A request for the model, empty if all numbers are shown.
    """
    claim = _Claim(answer, transcript)
    if not claim.observations or not (unfounded := claim.unfounded):
        return ""
    which = ", ".join(unfounded[:NUMBERS])
    return f"No output shows {which}. Compute it in a step, or answer with what the outputs show."


# --- one gap each ------------------------------------------------------------------------------------------------


def _nothing_run(claim: _Claim) -> str:
    if claim.observations or not (claim.unfounded or not runs(claim.transcript)) or not _needs_data(claim):
        return ""
    return "Nothing was run yet. Do not guess: write a step in a code block."


def _needs_data(claim: _Claim) -> bool:
    """Return True if the question is about the notebook, or its answer has a number that nothing shows."""
    listings = [event.context.casefold() for event in claim.transcript if isinstance(event, Prompt)]
    named = {name for text in listings for name in _NAME.findall(text)} - _COMMON
    return bool(named) and bool(claim.unfounded or named & set(_NAME.findall(claim.task.casefold())))


def _failed(claim: _Claim) -> str:
    if not claim.observations or claim.observations[-1].ok:
        return ""
    return "The last step failed, so the task is not done. Write a corrected step in a code block."


def _announced(claim: _Claim) -> str:
    if not _ANNOUNCES.search(claim.answer):
        return ""
    return "You announced a step. Write it as a code block, or answer the task if it is done."


def _unprinted(claim: _Claim) -> str:
    """Return a request if a question is answered right after a step without output, plot or value of a name."""
    done = runs(this_episode(claim.transcript))
    if not done or "?" not in claim.task:
        return ""
    source, result = done[-1]
    if NOTHING not in result.text or " = " in result.text or _DRAWS.search(source):
        return ""
    return "The last step printed nothing, so this is not shown. Print what the task asks for, in a code block."


_GAPS = (_nothing_run, _failed, _announced, _unprinted)
