"""Sample the agent's next step: a proposal of code, or an answer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..checks import normalise
from ..checks.finding import listed
from ..dialects.reply import Reply, canonical_reply, is_complete, is_rambling, parse_reply, with_code
from ..engines import Engine, OnText
from ..kernel.copy.failing import Failing
from ..kernel.copy.outcome import Trial
from ..session.messages import Answer, ChatMessage, Completion, Made, Proposal, Retry, Stop, Tried
from ..session.transcript import restarts
from .candidate import Candidate
from .forms import in_form
from .grounding import unanswered
from .holes import filled
from .needs_output import IsOwnData, NeedsOutput
from .requested_changes import RequestedChanges
from .rests import missed
from .review import Review
from .sampling import Sampler, Sampling, Stopped, warmer
from .screening import Fault
from .trying import tried_of

UNSEEN = 2  #: rounds since the question, or the last step that succeeded, that show no step which raised in its trial
EXPRESSION = 100  #: most characters of a failing expression that is told with its error
CORRECT = "Write the whole step again, corrected."
CUT = "(The answer was cut off at the token limit: ask for the rest, or raise `max_tokens`.)"
Outcome: TypeAlias = Proposal | Answer | Retry | Stop
_HELD = {"column": "has the columns", "key": "has the keys", "parameter": "takes"}
STOPPED = "Stopped. `%codeact continue` resumes it."


def propose(
    engine: Engine,
    messages: Sequence[ChatMessage],
    sampling: Sampling,
    review: Review,
    *,
    step: int,
    answer_only: bool = False,
    on_text: OnText = lambda text: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Sample the agent's next step.

    Args:
        engine: Engine of the model.
        messages: The prompt.
        sampling: Limits.
        review: Tries and checks the replies.
        step: Number of the step, for its proposal.
        answer_only: True if the reply must be an answer.
        on_text: Called with the text so far.
        stopped: Called before and after each candidate is checked; True stops the sampling.

    Returns:
        The step or the answer. If no candidate is usable, `Retry`, or `Stop` where no further round is possible; `Stop`
        also if it was stopped.
    """
    needs_output, is_own = NeedsOutput(engine, review.transcript), IsOwnData(engine, review.transcript)
    review = replace(review, needs_output=needs_output, is_own_data=is_own)
    requested = RequestedChanges(engine, review.transcript)
    replies = _CodeReplies(review, answer_only, requested)
    sampling = warmer(sampling, restarts(review.transcript) if review.use.fresh else 0)
    sampler = Sampler(engine.generate, replies, sampling, review.use, on_text, stopped)
    try:
        chosen = sampler.choose(messages)
    except Stopped:
        return Stop(reason=STOPPED, usage=sampler.usage + requested.usage)
    tries, cost = len(sampler.candidates), sampler.usage + requested.usage
    if chosen.fault and (chosen.fault.grave or _is_kept_back(chosen, review)):
        usage = replace(cost, discarded=tries)
        if review.use.fresh and not answer_only:
            return Retry(chosen.fault.reason, usage, sampler.facts)
        if any(each.fault and each.fault.needs_step for each in sampler.candidates):
            return Stop("no_answer", unanswered(review.transcript), usage)
        last = f"What was wrong with the last one: {chosen.fault.summary or chosen.fault.text}"
        reason = f"No usable reply in {tries} tries: rephrase, or use a larger model. {last}"
        return Stop("limit" if answer_only else "no_answer", reason, usage)
    usage, reply = replace(cost, discarded=tries - 1), chosen.reply
    if reply.code is None:
        notes = [*review.notes(reply.thought), *[CUT] * (chosen.completion.finish == "length")]
        return Answer("\n\n".join((reply.thought, *notes)), usage, chosen.tokens)
    return Proposal(
        uuid.uuid4().hex[:8],
        step,
        reply.thought,
        reply.code,
        chosen.history,
        engine.name,
        usage,
        chosen.tokens,
        _tried(reply.trial, chosen.fault),
        tuple(fact for fact in sampler.facts if fact != chosen.fact),
        _made(engine, sampling, chosen),
    )


def _made(engine: Engine, sampling: Sampling, chosen: Candidate[_Step]) -> Made:
    written = parse_reply(chosen.completion.text).code or ""
    return Made(
        engine.weights,
        chosen.seed,
        chosen.temperature,
        sampling.max_tokens,
        time.time(),
        written if written != chosen.reply.code else "",
    )


def _is_kept_back(chosen: Candidate[_Step], review: Review) -> bool:
    """Return True if a step raised in its trial, and the model has not begun afresh often enough to show it so."""
    trial = chosen.reply.trial
    has_raised = trial is not None and trial.outcome == "raised"
    return has_raised and review.use.fresh and restarts(review.transcript) < UNSEEN


def _tried(trial: Trial | None, fault: Fault | None) -> Tried | None:
    """Return the trial for the user, with the reason to doubt the code besides an error that it raised."""
    is_error = fault is not None and fault.observed and trial is not None and trial.outcome == "raised"
    told = (fault.summary or ("" if fault.observed else fault.text)) if fault and not is_error else ""
    doubt = told.strip().removesuffix(".")
    if trial is None:
        return Tried("not_tried", reason=doubt) if doubt else None
    tried = tried_of(trial)
    return replace(tried, reason="; ".join(dict.fromkeys(filter(None, (tried.reason, doubt)))))


@dataclass(frozen=True, slots=True)
class _Step:
    """A parsed reply: its code, mended where that helped, and the trial of it."""

    thought: str
    code: str | None
    trial: Trial | None


@dataclass(frozen=True, slots=True)
class _CodeReplies:
    """The format of the agent's replies: a code block, or else an answer."""

    review: Review
    answer_only: bool
    requested: RequestedChanges

    @property
    def opening(self) -> str:
        return "" if self.answer_only else self.review.dialect.opening

    def is_complete(self, text: str) -> bool:
        return is_complete(text)

    def read(self, completion: Completion) -> Candidate[_Step]:
        reply, text, trial = parse_reply(completion.text), completion.text, None
        fault = self._misshapen(reply, completion)
        if fault is None and reply.code is not None:
            attempt = self.review.attempt(reply.code, self.requested.include)
            trial = attempt.trial
            if attempt.code != reply.code:
                reply, text = replace(reply, code=attempt.code), with_code(text, attempt.code)
        elif fault is None and (formed := self._formed(reply.thought)) != reply.thought:
            reply, text = replace(reply, thought=formed), formed
        if fault is None:
            fault = self.review.screen(reply, trial)
            if self.answer_only and fault and fault.ask_once:
                fault = None  # no step can follow any more
        step = _Step(reply.thought, reply.code, trial)
        fact = _fact(trial, fault) if trial else ""
        unused = missed(reply.code, trial, self.review.transcript) if reply.code and trial else 0
        return Candidate(
            step, completion, fault, canonical_reply(text), _action(step), reply.code is None, fact, unused
        )

    def feedback(self, candidate: Candidate[_Step], fault: Fault) -> str:
        if fault.observed:
            return self.review.tell(fault.text)
        if candidate.is_answer:
            return fault.text
        return f"That was not run. {fault.text}" if fault.repeated else f"That was not run. {fault.text}\n{CORRECT}"

    def _formed(self, answer: str) -> str:
        """Return an answer with its holes filled, and in the form that the question states."""
        review = self.review
        whole = filled(answer, review.transcript, review.namespace()) if review.use.evidence else answer
        return in_form(whole, review.transcript) if review.use.form else whole

    def _misshapen(self, reply: Reply, completion: Completion) -> Fault | None:
        if reply.code is None and not reply.thought:
            is_cut = completion.finish == "length"
            return Fault("thoughts only, cut off at the token limit." if is_cut else "an empty reply.", grave=True)
        if reply.code is not None and self.answer_only:
            return Fault("code where an answer was asked for.", grave=True)
        if completion.finish == "length" and not reply.closed:
            return Fault("The code was cut off at the token limit: write less.", grave=True)
        if is_rambling(completion.text):
            return Fault("The reply repeats itself: write a short loop, or one step at a time.", grave=True)
        return None


def _fact(trial: Trial, fault: Fault | None) -> str:
    """Return what a failed or doubtful trial brought to light, without its code."""
    failing = trial.failing
    if fault is not None and fault.observed and fault.ask_once:
        return fault.summary
    if trial.outcome == "raised" and failing and _tells_more(failing, trial.advice):
        return f"`{failing.expression}` raises {trial.error.removesuffix('.')}."
    if trial.advice or failing is None or failing.kind not in _HELD or all(map(str.isdecimal, failing.offers)):
        return trial.advice  # rows that are merely numbered are no fact either
    return f"`{failing.receiver}` {_HELD[failing.kind]}: {listed(failing.offers)}."


def _tells_more(failing: Failing, advice: str) -> bool:
    """Return True if the error tells more than the advice, which may just describe the function that raised it."""
    called = failing.expression.partition("(")[0]
    is_short = 0 < len(failing.expression) <= EXPRESSION and "\n" not in failing.expression
    return is_short and failing.kind == "other" and (not advice or advice.startswith(f"{called}("))


def _action(step: _Step) -> str:
    """Return a key for the vote: equal for the same answer, the same code, or code with the same outputs."""
    if step.code is None:
        return step.thought
    is_shown = step.trial is not None and step.trial.outcome == "ran" and step.trial.outputs
    return step.trial.outputs if step.trial and is_shown else normalise(step.code)
