"""From messages to a proposal or an answer: sample, understand, screen; improve when that finds a fault.

The first candidate is taken at the configured temperature. When it has a fault, the model is told which; when that does
not help, others are sampled warmer, with other seeds, and the most frequent of the faultless ones is taken. These are
samples of the original prompt, for a bad reply in sight is repeated; but where an answer was doubted, or the step had
been done before, the doubt stays in it. All share the prompt's KV cache, so that only decoding is paid, and nothing of
this enters the history: the user sees that the reply is being improved, and then the one that is taken.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..checks.source_text import normalise
from ..dialects.reply import Reply, canonical_reply, is_complete, is_rambling, parse_reply
from ..engines import Engine
from ..session.messages import Answer, ChatMessage, Completion, Proposal, Stop, Usage
from ..session.techniques import ALL, Techniques
from .screening import Fault

RESAMPLE_TEMPERATURE = 0.5  #: of the first sample after the candidate; each further one is sampled a bit warmer
WARMER = 0.2
CORRECT = "Write the whole step again, corrected."
IMPROVING = "improving …"  #: what the user sees meanwhile
STOPPED = "Stopped. `%codeact continue` takes it up again."

Screen = Callable[[Reply], Fault | None]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to sample: a candidate, one after a repair, and `tries` warm ones, each of `max_tokens`; no further one when
    improving has taken `max_seconds`."""

    max_tokens: int = 768
    temperature: float = 0.0
    seed: int = 0
    tries: int = 3
    max_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class _Candidate:
    reply: Reply
    completion: Completion
    fault: Fault | None

    @property
    def is_lost(self) -> bool:
        """Whether it is nothing, or without end: a model that sees such a reply of its own goes on with it."""
        text = self.completion.text
        return not text.strip() or self.completion.finish == "length" or is_rambling(text)

    @property
    def action(self) -> str:
        """The same for candidates that do or say the same."""
        return self.reply.thought if self.reply.code is None else normalise(self.reply.code)


def propose(
    engine: Engine,
    messages: Sequence[ChatMessage],
    sampling: Sampling,
    *,
    step: int,
    screen: Screen = lambda reply: None,
    answer_only: bool = False,
    use: Techniques = ALL,
    on_text: Callable[[str], None] = lambda text: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Proposal | Answer | Stop:
    """The model's next step. `Stop` when it was stopped, or when no candidate could be used (`no_answer`).

    `screen(reply)` tells a reply's fault. `stopped()` is asked before each candidate, for a stop that came between two.
    """
    sampler = _Sampler(engine, sampling, screen, answer_only, on_text, stopped)
    try:
        chosen = sampler.choose(messages, use)
    except _Stopped:
        return Stop(reason=STOPPED, usage=sampler.usage)
    usage = replace(sampler.usage, discarded=max(0, len(sampler.candidates) - 1))
    if isinstance(chosen, Fault):
        tries = len(sampler.candidates)
        reason = f"The model gave nothing usable in {tries} tries; the last: {chosen.text}"
        return Stop("no_answer", reason, replace(usage, discarded=tries))
    text = chosen.completion.text
    history = canonical_reply(text)
    tokens = chosen.completion.tokens if history == text else None
    if chosen.reply.code is None:
        return Answer(chosen.reply.thought, usage, tokens)
    name = uuid.uuid4().hex[:8]
    return Proposal(name, step, chosen.reply.thought, chosen.reply.code, history, engine.name, usage, tokens)


class _Stopped(Exception):
    """The user, or the clock, stopped it."""


class _Sampler:
    """Draws candidates and keeps count of them."""

    def __init__(
        self,
        engine: Engine,
        sampling: Sampling,
        screen: Screen,
        answer_only: bool,
        on_text: Callable[[str], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._sampling = sampling
        self._screen = screen
        self._answer_only = answer_only
        self._on_text = on_text
        self._stopped = stopped
        self._started = 0.0  # when improving did
        self.candidates: list[_Candidate] = []
        self.usage = Usage()

    def choose(self, messages: Sequence[ChatMessage], use: Techniques) -> _Candidate | Fault:
        """The candidate to take, or the fault of the last when none is usable."""
        first = self._draw(messages)
        if first.fault is None:
            return first
        self._started = time.monotonic()
        insists = False
        if use.repair and self._has_time and not first.is_lost:
            told = _told(messages, first, first.fault)
            repaired = self._draw(told)
            if repaired.fault is None:
                return repaired
            insists = first.fault.ask_once and repaired.fault.ask_once and not repaired.fault.resample
            messages = told if first.fault.ask_once or first.fault.repeated else messages
        if use.resample and not insists and (found := self._resample(messages, use.vote)):
            return found
        doubtful = [candidate for candidate in self.candidates if candidate.fault and not candidate.fault.grave]
        doubtful.sort(key=lambda candidate: candidate.reply.code is None)  # what another output can correct comes first
        return doubtful[0] if doubtful else self.candidates[-1].fault or first.fault

    def _resample(self, messages: Sequence[ChatMessage], vote: bool) -> _Candidate | None:
        """The most frequent of the faultless ones among a few warm candidates; the first where there is no vote."""
        votes: Counter[str] = Counter()
        before = len(self.candidates)
        while len(self.candidates) - before < self._sampling.tries and self._has_time:
            drawn = self._draw(messages, RESAMPLE_TEMPERATURE + WARMER * (len(self.candidates) - before))
            if drawn.fault is None:
                votes[drawn.action] += 1
                if not vote or votes[drawn.action] > 1:
                    break
        if not votes:
            return None
        (winner, _), *_ = votes.most_common(1)
        return next(each for each in self.candidates if each.fault is None and each.action == winner)

    @property
    def _has_time(self) -> bool:
        return time.monotonic() - self._started < self._sampling.max_seconds

    def _draw(self, messages: Sequence[ChatMessage], temperature: float = 0.0) -> _Candidate:
        if self._stopped():
            raise _Stopped
        sampling, number = self._sampling, len(self.candidates)
        completion = self._engine.generate(
            messages,
            is_complete=lambda text: is_complete(text) or is_rambling(text),
            on_text=(lambda text: self._on_text(IMPROVING)) if number else self._on_text,
            max_tokens=sampling.max_tokens,
            temperature=max(sampling.temperature, temperature),
            seed=sampling.seed * (sampling.tries + 2) + number,
        )
        self.usage += completion.usage
        if completion.finish == "stopped":
            raise _Stopped
        reply = parse_reply(completion.text)
        candidate = _Candidate(reply, completion, self._fault(reply, completion))
        self.candidates.append(candidate)
        return candidate

    def _fault(self, reply: Reply, completion: Completion) -> Fault | None:
        if reply.code is None and not reply.thought:
            return Fault("an empty reply.", grave=True)
        if reply.code is not None and self._answer_only:
            return Fault("code where an answer was asked for.", grave=True)
        if completion.finish == "length" and not reply.closed:
            return Fault("The code was cut off at the token limit: write less.", grave=True)
        if is_rambling(completion.text):
            return Fault("The reply repeats itself: write a short loop, or one step at a time.", grave=True)
        fault = self._screen(reply)
        return None if self._answer_only and fault and fault.ask_once else fault  # no step can follow any more


def _told(messages: Sequence[ChatMessage], candidate: _Candidate, fault: Fault) -> list[ChatMessage]:
    """The messages in which the model is told the fault of its candidate."""
    text = fault.text
    if candidate.reply.code is not None:
        text = f"That was not run. {text}" if fault.repeated else f"That was not run. {text}\n{CORRECT}"
    return [*messages, ChatMessage("assistant", canonical_reply(candidate.completion.text)), ChatMessage("user", text)]
