"""Check replies before the user sees them: code is sound and not a repetition, an answer rests on outputs.

A reply with a *grave* fault is never shown. Any other fault is a doubt: if no better reply is found, the best of the
doubtful ones is shown. Code that was tried is judged by its trial, other code by the static checks, which may be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..checks import Finding, find_problem, find_refusal, normalise
from ..dialects.reply import Reply
from ..kernel.copy.outcome import Trial
from ..kernel.results import UNMATCHED
from ..session.messages import Event
from ..session.techniques import Techniques
from ..session.transcript import REPAIRS, runs, this_episode, was_refused
from ..text import shorten_middle
from .forms import missing_form
from .grounding import missing_evidence, missing_work

ALWAYS = ("own", "hidden")  #: Kinds of findings that no technique switch turns off.
OUTPUT_CHARS = 400  #: Maximum length of a repeated step's output in the fault.
ROUNDS = 2  #: Maximum number of corrections that are requested for code that failed in its trial.
STUCK = (
    f"{REPAIRS + 1} steps in a row failed. Ask a new question that says what to do instead, or let the model try "
    "again with `%codeact continue`."
)
FAILING = ("name", "import", "placeholder")  #: Kinds of findings about code that would surely fail.
UNLIKELY, RAISED = 1, 2  #: Ranks of code that the checks expect to fail, and of code that failed in its trial.

_ECHO = re.compile(r"\W*the task(?: was)?\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """Reason to reject a reply, worded for the model."""

    text: str  #: for the model
    summary: str = field(default="", kw_only=True)  #: for the user; if empty, `text` is
    grave: bool = False  #: never show the reply
    ask_once: bool = False  #: ask the model to reconsider its answer, once; sampling another one would not help
    resample: bool = False  #: if the model insists on its answer, sample others
    repeated: bool = False  #: the step was run before: ask for no correction
    observed: bool = False  #: `text` is an observation, and is sent to the model as one
    rounds: int = 1  #: how many corrections in a row the model is asked for
    rank: int = 0  #: of several doubtful replies, one of the lowest rank is shown


def screen(
    reply: Reply,
    transcript: Sequence[Event],
    namespace: Mapping[str, Any],
    use: Techniques,
    trial: Trial | None = None,
) -> Fault | None:
    """Check a reply against the conversation and the live objects.

    Args:
        reply: The reply.
        transcript: All events before it.
        namespace: Live objects by name.
        use: The techniques in use.
        trial: The result of trying its code, if it was tried.

    Returns:
        The reply's fault, if it has one.
    """
    if reply.code is not None:
        return _fault_of_code(reply.code, transcript, namespace, use, trial)
    return _fault_of_answer(reply.thought, transcript, use)


# --- code --------------------------------------------------------------------------------------------------------


def _fault_of_code(
    code: str, transcript: Sequence[Event], namespace: Mapping[str, Any], use: Techniques, trial: Trial | None
) -> Fault | None:
    if fault := refused(code, namespace, use):
        return fault
    again = _repetition(code, this_episode(transcript)) if use.breaker else None
    if again and again.grave:
        return again
    if trial and trial.outcome == "raised":
        return again or Fault(trial.observation, observed=True, rounds=ROUNDS, rank=RAISED)
    is_tried = trial is not None and trial.outcome != "not_tried"
    if finding := _finding(code, transcript, namespace, is_tried=is_tried) if use.validate else None:
        if is_tried:
            return Fault(finding.text, ask_once=True)
        return Fault(finding.text, rank=UNLIKELY if finding.kind in FAILING else 0)
    if again is None and trial and trial.outcome == "ran" and UNMATCHED in trial.observation:
        return Fault(trial.observation, observed=True, ask_once=True)
    return again


def refused(code: str, namespace: Mapping[str, Any], use: Techniques) -> Fault | None:
    """Return the fault of code that must be neither tried nor shown.

    Args:
        code: The code.
        namespace: Live objects by name.
        use: The techniques in use.

    Returns:
        The fault, or None.
    """
    finding = find_refusal(code, namespace)
    return Fault(finding.text, grave=True) if finding and (use.validate or finding.kind in ALWAYS) else None


def _finding(code: str, transcript: Sequence[Event], namespace: Mapping[str, Any], *, is_tried: bool) -> Finding | None:
    """Return a finding of the static checks; for code that was tried, only of those that a trial cannot replace."""
    return find_problem(
        code,
        namespace,
        tried=is_tried,
        forgive=partial(_is_of_the_model, transcript),
    )


def _is_of_the_model(transcript: Sequence[Event], finding: Finding) -> bool:
    """Return True if the finding is about a function that an earlier step defined, not the user."""
    if finding.kind != "tool":
        return False
    name = finding.text[1:].partition("`")[0]
    return any(re.search(rf"\bdef {re.escape(name)}\b", source) for source, _ in runs(transcript))


def _repetition(code: str, episode: Sequence[Event]) -> Fault | None:
    """Return a fault of a step that ran before.

    The first repetition is a doubt, because files or variables may have changed. The fault is grave if two runs had the
    same result, or if the step has just failed.
    """
    action = normalise(code)
    results = [result for source, result in runs(episode) if normalise(source) == action]
    if not results:
        return _guessing(code, episode)
    has_just_failed = not results[-1].ok and normalise(runs(episode)[-1][0]) == action
    grave = has_just_failed or any(results.count(result) > 1 for result in results)
    if results[-1].ok:
        output = shorten_middle(results[-1].text, OUTPUT_CHARS)
        advice = (
            "If that shows what the task asks for, answer in the form that it asks for. If not, write another step."
        )
        return Fault(
            f"You ran exactly this before:\n{output}\n{advice}",
            grave,
            repeated=True,
            summary="the same step ran before",
        )
    text = f"You ran exactly this before, and it failed: {results[-1].error} Do it in another way."
    return Fault(text, grave, summary="the same step failed before")


def _guessing(code: str, episode: Sequence[Event]) -> Fault | None:
    """Return a fault of a step that has failed several times with other literals in its code."""
    shape = normalise(code, constants=False)
    failed = [(source, result) for source, result in runs(episode) if not result.ok]
    alike = [result for source, result in failed if normalise(source, constants=False) == shape]
    if len(alike) < REPAIRS:
        return None
    text = f"It failed in the same way with {len(alike)} other values: {alike[-1].error}"
    text = f"{text} Do not guess another one: find in a step what it can be."
    return Fault(text, summary="the same step failed with other values before")


# --- answers -----------------------------------------------------------------------------------------------------


def _fault_of_answer(answer: str, transcript: Sequence[Event], use: Techniques) -> Fault | None:
    if _ECHO.match(answer):
        return Fault("Do not repeat the task: answer it, or write the next step.", grave=True)
    if use.breaker and was_refused(answer, transcript):
        return Fault("That answer was refused before. Find the mistake with another step, then answer differently.")
    if use.evidence and (gap := missing_work(answer, transcript)):
        return Fault(gap, ask_once=True, resample=True)
    if use.form and (lack := missing_form(answer, transcript)):
        return Fault(lack, ask_once=True, resample=True)
    if use.evidence and (doubt := missing_evidence(answer, transcript)):
        return Fault(doubt, ask_once=True)
    return None
