"""Screening of replies before anyone sees them: code is sound and new, and an answer rests on outputs.

A *grave* fault is never let through. Any other fault is a doubt, and the best doubtful reply is still better than none.
Code that was tried is judged by what came of it; the static checks, which guess, judge what could not be tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..checks import Finding, find_problem, find_refusal, normalise
from ..dialects.reply import Reply
from ..kernel.copy.outcome import Trial
from ..kernel.results import UNMATCHED
from ..session.messages import Event, Observation
from ..session.techniques import Techniques
from ..session.transcript import REPAIRS, rejected, runs, this_episode, was_refused
from ..text import shorten_middle
from .grounding import find_gap
from .trial_match import same_output
from .trying import tried_of

ALWAYS = ("own", "hidden")  #: Kinds of findings that no switch turns off.
OUTPUT_CHARS = 400  #: Characters of an output that is told again.
ROUNDS = 2  #: Times at most that the model is told the fault of a reply.
STUCK = (
    f"{REPAIRS + 1} steps in a row failed. Say in a new question what it should do instead, or let it try on with "
    "`%codeact continue`."
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
    needs_step: bool = False  #: only a step helps: if the model answers again, its reply is opened as one
    missing: tuple[str, ...] = ()  #: numbers and names of an answer that nothing shows
    observed: bool = False  #: `text` is an observation, to be told as one
    rounds: int = 1  #: times that the model is told the fault of its reply, and of those that it gives then
    rank: int = 0  #: among the replies that are shown for lack of a better one, the lowest goes first

    @property
    def reason(self) -> str:
        """The text in short, for a model that does not see the reply."""
        return (self.observed and self.summary) or self.text


def screen(
    reply: Reply,
    transcript: Sequence[Event],
    namespace: Mapping[str, Any],
    use: Techniques,
    trial: Trial | None = None,
    needs_output: Callable[[], bool | None] = lambda: None,
) -> Fault | None:
    """Check a reply in the light of the conversation and of the live objects.

    Args:
        reply: The reply.
        transcript: All events before it.
        namespace: Live objects by name.
        use: The techniques in use.
        trial: The result of trying its code, if it was tried.
        needs_output: Returns whether the question can only be answered by running something; None if that is unknown.

    Returns:
        The reply's fault, if it has one.
    """
    if reply.code is not None:
        return _fault_of_code(reply.code, transcript, namespace, use, trial)
    return _fault_of_answer(reply.thought, transcript, use, needs_output)


# --- code --------------------------------------------------------------------------------------------------------


def _fault_of_code(
    code: str, transcript: Sequence[Event], namespace: Mapping[str, Any], use: Techniques, trial: Trial | None
) -> Fault | None:
    if fault := refused(code, namespace, use):
        return fault
    again = _repetition(code, this_episode(transcript), trial) if use.breaker else None
    if again and again.grave:
        return again
    if trial and trial.outcome == "raised":
        return again or Fault(trial.observation, summary=trial.error, observed=True, rounds=ROUNDS, rank=RAISED)
    is_tried = trial is not None and trial.outcome != "not_tried"
    if finding := _finding(code, transcript, namespace, is_tried=is_tried) if use.validate else None:
        if is_tried:
            return Fault(finding.text, ask_once=True)
        return Fault(finding.text, rank=UNLIKELY if finding.kind in FAILING else 0)
    if again is None and trial and trial.outcome == "ran" and UNMATCHED in trial.observation:
        return Fault(trial.observation, observed=True, ask_once=True)
    return again


def refused(code: str, namespace: Mapping[str, Any], use: Techniques) -> Fault | None:
    """Return the fault of code that is neither tried nor shown.

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
    """Return what the static checks find; of code that was tried, only what its trial cannot tell."""
    return find_problem(
        code,
        namespace,
        tried=is_tried,
        forgive=partial(_is_of_the_model, transcript),
    )


def _is_of_the_model(transcript: Sequence[Event], finding: Finding) -> bool:
    """Return True if a function is defined again that an earlier step has defined, not the user."""
    if finding.kind != "tool":
        return False
    name = finding.text[1:].partition("`")[0]
    return any(re.search(rf"\bdef {re.escape(name)}\b", source) for source, _ in runs(transcript))


def _repetition(code: str, episode: Sequence[Event], trial: Trial | None) -> Fault | None:
    """Return a fault of a step that was rejected, or that ran before.

    That it would come to the same again is certain if its trial did, if it did twice, or if it has just failed. Else it
    is a doubt, because the world may have changed.
    """
    action = normalise(code)
    if any(normalise(source) == action for source in rejected(episode)):
        return Fault("The user has rejected exactly this step. Propose another one.", grave=True)
    results = [result for source, result in runs(episode) if normalise(source) == action]
    if not results:
        return _guessing(code, episode)
    has_just_failed = not results[-1].ok and normalise(runs(episode)[-1][0]) == action
    is_same = _would_show_the_same(trial, results[-1])
    grave = has_just_failed or is_same or any(results.count(result) > 1 for result in results)
    if results[-1].ok:
        output = shorten_middle(results[-1].text, OUTPUT_CHARS)
        advice = "If that shows what the task asks for, answer in a sentence, without code. If not, write another step."
        return Fault(
            f"You ran exactly this before:\n{output}\n{advice}",
            grave,
            repeated=True,
            summary="the same step ran before",
        )
    text = f"You ran exactly this before, and it failed: {results[-1].error} Do it in another way."
    return Fault(text, grave, summary="the same step failed before")


def _would_show_the_same(trial: Trial | None, result: Observation) -> bool:
    if trial is None or trial.outcome != "ran" or not trial.outputs:
        return False
    return same_output(tried_of(trial), result)


def _guessing(code: str, episode: Sequence[Event]) -> Fault | None:
    """Return a fault of a step that failed several times with other values."""
    shape = normalise(code, constants=False)
    failed = [(source, result) for source, result in runs(episode) if not result.ok]
    alike = [result for source, result in failed if normalise(source, constants=False) == shape]
    if len(alike) < REPAIRS:
        return None
    text = f"It failed in the same way with {len(alike)} other values: {alike[-1].error}"
    text = f"{text} Do not guess another one: find in a step what it can be."
    return Fault(text, summary="the same step failed with other values before")


# --- answers -----------------------------------------------------------------------------------------------------


def _fault_of_answer(
    answer: str, transcript: Sequence[Event], use: Techniques, needs_output: Callable[[], bool | None]
) -> Fault | None:
    if _ECHO.match(answer):
        return Fault("Do not repeat the task: answer it, or write the next step.", grave=True)
    if use.breaker and was_refused(answer, transcript):
        text = "That answer was refused before. Find the mistake with another step, then answer differently."
        return Fault(text, grave=True)
    gap = find_gap(answer, transcript, needs_output) if use.evidence else None
    if gap is None:
        return None
    if gap.is_open:
        return Fault(gap.text, grave=True, needs_step=True, missing=gap.missing)
    return Fault(gap.text, ask_once=True, resample=True)
