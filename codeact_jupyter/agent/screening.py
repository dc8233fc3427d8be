"""Check replies before the user sees them: code is sound and not a repetition, an answer rests on outputs.

A reply with a *grave* fault is never shown. Any other fault is a doubt: if no better reply is found, the best of the
doubtful ones is shown. Code that was tried is judged by its trial, other code by the static checks, which may be wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..checks import Finding, find_problem, find_refusal, normalise
from ..dialects.reply import Reply
from ..kernel.copy.outcome import Trial
from ..session.messages import Event, Observation
from ..session.techniques import Techniques
from ..session.transcript import REPAIRS, rejected, runs, task, this_episode, was_refused
from ..text import NOTHING, shorten_middle
from .doubts import doubt_in, was_shown
from .forms import missing_form
from .grounding import find_gap
from .holes import unfilled
from .rests import stays_the_same, unfounded_answer, unfounded_step, unused
from .trial_match import same_output
from .trying import tried_of

ALWAYS = ("own", "hidden")  #: Kinds of findings that no technique switch turns off.
OUTPUT_CHARS = 400  #: Maximum length of a repeated step's output in the fault.
ROUNDS = 2  #: Maximum number of corrections that are requested for code that failed in its trial.
STUCK = (
    f"{REPAIRS + 1} steps in a row failed. Ask a new question that says what to do instead, or let the model try "
    "again with `%codeact continue`."
)
FAILING = ("name", "import", "placeholder")  #: Kinds of findings about code that would surely fail.
UNLIKELY, RAISED = 1, 2  #: Ranks of code that the checks expect to fail, and of code that failed in its trial.

_NAN = re.compile(r"(?<![\w`'\"])(?:nan|NaN)(?![\w`'\"])")
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
    observed: bool = False  #: `text` is an observation, and is sent to the model as one
    rounds: int = 1  #: how many corrections in a row the model is asked for
    fact: str = ""  #: of which the model is told once since the question
    rank: int = 0  #: of several doubtful replies, one of the lowest rank is shown

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
    is_about_data: Callable[[], bool] = lambda: True,
    told: Collection[str] = (),
) -> Fault | None:
    """Check a reply against the conversation and the live objects.

    Args:
        reply: The reply.
        transcript: All events before it.
        namespace: Live objects by name.
        use: The techniques in use.
        trial: The result of trying its code, if it was tried.
        needs_output: Returns whether the question can only be answered by running something; None if that is unknown.
        is_about_data: Returns False if the question is not about the user's own data.
        told: Facts of which the model has been told since the question: they are no fault again.

    Returns:
        The reply's fault, if it has one.
    """
    if reply.code is None:
        return _fault_of_answer(reply.thought, transcript, namespace, use, needs_output, is_about_data, told)
    if fault := _fault_of_code(reply.code, transcript, namespace, use, trial):
        return fault
    if not use.rests:
        return None
    if fact := unfounded_step(reply.code, trial, transcript, is_about_data):
        return Fault(fact, summary="it does not depend on your data", ask_once=True)
    return None


# --- code --------------------------------------------------------------------------------------------------------


def _fault_of_code(
    code: str, transcript: Sequence[Event], namespace: Mapping[str, Any], use: Techniques, trial: Trial | None
) -> Fault | None:
    if fault := refused(code, namespace, use):
        return fault
    outcome = trial.outcome if trial else "not_tried"
    again = _repetition(code, this_episode(transcript), trial) if use.breaker else None
    if again and again.grave:
        return again
    if trial and outcome == "raised":
        return again or Fault(trial.observation, summary=trial.error, observed=True, rounds=ROUNDS, rank=RAISED)
    if trial and outcome == "not_tried" and (trial.advice or trial.memory):
        return again or _unended(trial)
    is_tried = outcome != "not_tried"
    if finding := _finding(code, transcript, namespace, is_tried=is_tried) if use.validate else None:
        if is_tried:
            fault = Fault(finding.text, summary=finding.text.partition(": ")[0], ask_once=True)
            if finding.kind != "tool":
                return fault
            return replace(fault, fact=redefined(_function_in(finding)), rank=RAISED)
        return Fault(finding.text, rank=UNLIKELY if finding.kind in FAILING else 0)
    doubt = doubt_in(trial.observation) if trial and outcome == "ran" else ""
    if again is None and trial and doubt and not was_shown(doubt, transcript):
        return Fault(trial.observation, summary=doubt, observed=True, ask_once=True)
    return again


def _unended(trial: Trial) -> Fault:
    """Return the fault of code that did not come to its end in its trial, and of which it is known why."""
    text = f"It did not come to its end in a trial, since {trial.reason}. {trial.advice}".rstrip()
    summary = trial.advice or trial.reason
    return Fault(text, summary=summary, ask_once=not trial.memory, rank=RAISED if trial.memory else 0)


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


def _function_in(finding: Finding) -> str:
    """Return the name of the function that a finding of the kind `tool` is about."""
    return finding.text[1:].partition("`")[0]


def redefined(name: str) -> str:
    """Return the fact, of which the model is told once, that a step redefines a function of the user.

    Args:
        name: Name of the function.
    """
    return f"redefines {name}"


def _is_of_the_model(transcript: Sequence[Event], finding: Finding) -> bool:
    """Return True if the finding is about a function that an earlier step defined, not the user."""
    if finding.kind != "tool":
        return False
    name = re.escape(_function_in(finding))
    return any(re.search(rf"\bdef {name}\b|^{name} *=(?!=)", source, re.MULTILINE) for source, _ in runs(transcript))


def _repetition(code: str, episode: Sequence[Event], trial: Trial | None) -> Fault | None:
    """Return a fault of a step that was rejected, or that ran before, unless it failed then and its trial ran.

    It is not shown if its trial gave the output of its run again, or if it has just failed and no trial tells how it
    would end now. Otherwise it is a doubt, because files or variables may have changed.
    """
    action = normalise(code)
    if any(normalise(source) == action for source in rejected(episode)):
        return Fault("The user has rejected exactly this step. Propose another one.", grave=True)
    results = [result for source, result in runs(episode) if normalise(source) == action]
    if results and results[-1].ok:
        output = shorten_middle(results[-1].text, OUTPUT_CHARS)
        advice = (
            "If that shows what the task asks for, answer in the form that it asks for. If not, write another step."
        )
        return Fault(
            f"You ran exactly this before:\n{output}\n{advice}",
            grave=_would_show_the_same(trial, results[-1]),
            repeated=True,
            summary="the same step ran before",
            rank=RAISED if any(results.count(result) > 1 for result in results) else 0,
        )
    outcome = trial.outcome if trial else "not_tried"
    if outcome == "ran":
        return None
    if not results:
        return _guessing(code, episode)
    has_just_failed = normalise(runs(episode)[-1][0]) == action
    text = f"You ran exactly this before, and it failed: {results[-1].error} Do it in another way."
    grave = has_just_failed and outcome != "wants_more"
    return Fault(text, summary="the same step failed before", grave=grave, rank=RAISED)


def _would_show_the_same(trial: Trial | None, result: Observation) -> bool:
    if trial is None or trial.outcome != "ran":
        return False
    return same_output(tried_of(trial), result) if trial.outputs else NOTHING in result.text and trial.is_idle


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


def _fault_of_answer(
    answer: str,
    transcript: Sequence[Event],
    namespace: Mapping[str, Any],
    use: Techniques,
    needs_output: Callable[[], bool | None],
    is_about_data: Callable[[], bool],
    told: Collection[str],
) -> Fault | None:
    if _ECHO.match(answer):
        return Fault("Do not repeat the task: answer it, or write the next step.", grave=True)
    if use.breaker and was_refused(answer, transcript):
        text = "That answer was refused before. Find the mistake with another step, then answer differently."
        return Fault(text, grave=True)
    gap = find_gap(answer, transcript, needs_output) if use.evidence else None
    if gap and (gap.is_open or gap.needs_step):
        return Fault(gap.text, grave=gap.is_open, needs_step=True)
    if use.evidence and (code := unfilled(answer, transcript, namespace)) and needs_output() is not False:
        return Fault(f"`{code}` is code: answer with its value, or print that in a step.", grave=True, needs_step=True)
    if use.evidence and _NAN.search(answer) and not _NAN.search(task(transcript)) and needs_output() is not False:
        text = "`nan` is no value: find out in a step what is missing, and compute it from what is there."
        return Fault(text, needs_step=True)
    made_up = _made_up(answer, transcript, needs_output, is_about_data, told) if use.rests else None
    if fault := made_up or (_unused(transcript, told) if use.rests and not gap else None):
        return fault
    if gap and gap.fact:
        return Fault(gap.text, ask_once=True)
    doubt = gap.text if gap else missing_form(answer, transcript) if use.form else ""
    return Fault(doubt, ask_once=True, resample=True) if doubt else None


def _made_up(
    answer: str,
    transcript: Sequence[Event],
    needs_output: Callable[[], bool | None],
    is_about_data: Callable[[], bool],
    told: Collection[str],
) -> Fault | None:
    """Return the fault of an answer of figures that the model wrote; if these may be wanted, one that it asks once."""
    if not (names := unfounded_answer(answer, transcript)) or needs_output() is False:
        return None
    if is_about_data():
        return Fault(stays_the_same(names), grave=True, needs_step=True)
    return None if names in told else Fault(stays_the_same(names, is_wanted=True), fact=names, ask_once=True)


def _unused(transcript: Sequence[Event], told: Collection[str]) -> Fault | None:
    """Return the fault of an answer without something that the question names, of which the model is told once."""
    name = unused(transcript)
    text = f"The outputs stay the same whatever `{name}` holds, of which the task speaks."
    text = f"{text} If the answer is right, repeat it; if not, write another step."
    return Fault(text, fact=name, ask_once=True) if name and name not in told else None
