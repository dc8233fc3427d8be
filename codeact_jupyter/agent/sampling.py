"""Sample the model's next reply: draw, check, repair, resample, vote.

The first candidate is drawn at the configured temperature. If it has a fault, the model is told it, at most
`Fault.rounds` times, until it repeats itself; a doubt about a correction is told once, too. If that does not help where
only a step would, the next reply is opened as a step. If that does not help either, more candidates are drawn at rising
temperatures with other seeds, and the most frequent faultless one is taken; of steps, first the one whose result
depends on most of what the question names.

These continue the original prompt, one sentence on what was wrong, and what failed trials brought to light, because a
model repeats a bad reply that it sees. The history keeps only the reply that is taken; until then the user sees
`IMPROVING`.

`Sampler` works for every format of replies (`ReplyFormat`); `proposing` has the agent's own.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic

from ..dialects.prompt import discarded, found_out
from ..dialects.reply import is_rambling
from ..engines import OnText
from ..errors import PromptTooLong
from ..session.messages import ChatMessage, Completion, Usage
from ..session.techniques import Techniques
from .candidate import Candidate, R, ReplyFormat
from .screening import ROUNDS

RESAMPLE_TEMPERATURE = 0.5  #: of the first resampled candidate
WARMER = 0.2  #: added to it for each further candidate
WARMEST = 1.1  #: of the first candidate after the model has begun afresh
SENTENCE = 5  #: words of an answer from which on it repeats what the model was told
IMPROVING = "improving …"


@dataclass(frozen=True, slots=True)
class Sampling:
    """Limits of sampling one reply."""

    max_tokens: int = 768  #: tokens of each candidate; one that needs more is continued once, for as many
    temperature: float = 0.0  #: of the first candidate; the lower limit for the others
    seed: int = 0  #: candidates of different seeds have different random numbers
    tries: int = 3  #: maximum number of resampled candidates
    max_seconds: float = 30.0  #: time after which no further candidate is drawn, counted from the first fault

    def seed_of(self, number: int) -> int:
        """Return the seed of a candidate.

        Args:
            number: Number of the candidate, counted from 0.
        """
        return self.seed * (self.tries + 2 * (1 + ROUNDS)) + number


def warmer(sampling: Sampling, restarts: int) -> Sampling:
    """Return the limits of sampling after the model has begun afresh: warmer each time, with fewer tries.

    Args:
        sampling: The limits.
        restarts: How often it has begun afresh.
    """
    if not restarts:
        return sampling
    temperature = min(RESAMPLE_TEMPERATURE + WARMER * (restarts - 1), WARMEST)
    return replace(sampling, temperature=max(sampling.temperature, temperature), tries=min(sampling.tries, 1))


class Stopped(Exception):
    """Sampling was stopped by the user or by the deadline."""


class Sampler(Generic[R]):
    """Draw candidates for one reply and choose among them.

    Args:
        generate: `generate` of an engine.
        replies: Format of the replies.
        sampling: Limits.
        use: Techniques; `repair`, `resample`, `vote` and `fresh` count.
        on_text: Called with the text of the first candidate so far, then with `IMPROVING`.
        stopped: Asked before each candidate; True ends the sampling.

    Attributes:
        candidates: All candidates, in the order in which they were drawn.
        usage: Their cost, without the number of discarded ones.
    """

    def __init__(
        self,
        generate: Callable[..., Completion],
        replies: ReplyFormat[R],
        sampling: Sampling,
        use: Techniques,
        on_text: OnText = lambda text: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self._generate = generate
        self._replies = replies
        self._sampling = sampling
        self._use = use
        self._on_text = on_text
        self._stopped = stopped
        self._improving_since = 0.0
        self._start = ""  # of the next replies
        self.candidates: list[Candidate[R]] = []
        self.usage = Usage()

    def choose(self, messages: Sequence[ChatMessage]) -> Candidate[R]:
        """Draw candidates until one is good enough.

        Args:
            messages: The prompt.

        Returns:
            The candidate to take; its fault is grave if no candidate is usable.

        Raises:
            Stopped: The user or the deadline ended the sampling.
        """
        versions = self._attempt(messages)
        first, last = versions[0], versions[-1]
        if last.fault is None:
            return last
        if _insists(versions):
            was_told = any(each.fault and each.fault.reason == last.fault.reason for each in versions[:-1])
            return last if was_told and not last.is_answer and not last.fault.grave else self._least_bad()
        messages = self._afresh(messages, first, last)
        if last.fault.needs_step and self._replies.opening and self._has_time:
            self._start = self._replies.opening
            *_, last = self._attempt(self._with_facts(messages))
            if last.fault is None:
                return last
        return (self._resample(messages) if self._use.resample else None) or self._least_bad()

    def _attempt(self, messages: Sequence[ChatMessage]) -> list[Candidate[R]]:
        """Draw a candidate, have it corrected if it has a fault, and return its versions."""
        versions = [self._draw(messages)]
        if self._use.repair:
            self._repair(messages, versions)
        return versions

    def _afresh(self, messages: Sequence[ChatMessage], first: Candidate[R], last: Candidate[R]) -> list[ChatMessage]:
        """Return the prompt for other candidates: what was wrong is told, without the reply."""
        assert first.fault and last.fault
        fault = first.fault if first.fault.ask_once or first.fault.repeated else last.fault
        if self._use.fresh:
            return [*messages, ChatMessage("user", discarded(fault.reason))]
        if last is not first and fault is first.fault:
            return _with_feedback(messages, first, self._replies.feedback(first, fault))
        return [*messages]

    def _repair(self, messages: Sequence[ChatMessage], versions: list[Candidate[R]]) -> None:
        """Ask for corrections of the last version, as often as its fault says, and append them."""
        for asked in range(ROUNDS):
            last = versions[-1]
            if last.fault is None or last.is_degenerate or not self._has_time or (asked and _insists(versions)):
                break
            if last.fault.rounds <= asked and (last.is_answer or not last.fault.ask_once):
                break
            feedback = self._replies.feedback(last, last.fault)
            messages = _with_feedback(messages, last, feedback)
            fault, last = last.fault, self._draw(messages)
            if last.is_answer and _repeats(last.action, feedback):
                self.candidates[-1] = last = replace(last, fault=replace(fault, grave=True, ask_once=False))
            versions.append(last)
            if self._is_repeated(last):
                break

    def _is_repeated(self, last: Candidate[R]) -> bool:
        """Return True if the last candidate is a step that has failed before, and not one that the model insists on."""
        if last.fault is None or last.fault.ask_once or last.is_answer:
            return False
        return any(each.action == last.action for each in self.candidates[:-1])

    def _resample(self, messages: Sequence[ChatMessage]) -> Candidate[R] | None:
        """Draw candidates at higher temperatures, and return the best faultless one; without `vote` the first one."""
        before = len(self.candidates)
        faultless: list[Candidate[R]] = []
        votes: Counter[str] = Counter()
        while (number := len(self.candidates) - before) < self._sampling.tries and self._has_time:
            drawn = self._draw(self._with_facts(messages), RESAMPLE_TEMPERATURE + WARMER * number)
            if drawn.fault is None:
                faultless.append(drawn)
                votes[drawn.action] += 1
                if not self._use.vote or votes[drawn.action] > 1:
                    break
        most = max(faultless, key=lambda each: votes[each.action], default=None)
        alike = [each for each in faultless if most and each.is_answer == most.is_answer]
        return min(alike, key=lambda each: (each.missed, -votes[each.action]), default=None)

    def _with_facts(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """Append the facts that the messages do not have to the last one."""
        *before_last, last = messages
        return [*before_last, replace(last, content=last.content + found_out(self.facts, messages))]

    @property
    def facts(self) -> tuple[str, ...]:
        """Facts that the tries of the candidates have brought to light."""
        return tuple(dict.fromkeys(each.fact for each in self.candidates if each.fact))

    def _least_bad(self) -> Candidate[R]:
        """Return the best candidate without a grave fault; the last one if there is none.

        Among candidates of the lowest rank, actions come before answers, those that depend on more of what the question
        names before others, and earlier ones before later ones.
        """
        usable = [each for each in self.candidates if each.fault and not each.fault.grave]
        return min(
            usable,
            key=lambda each: (each.fault.rank if each.fault else 0, each.is_answer, each.missed),
            default=self.candidates[-1],
        )

    @property
    def _has_time(self) -> bool:
        return time.monotonic() - self._improving_since < self._sampling.max_seconds

    def _generate_to_end(self, messages: Sequence[ChatMessage], **options: object) -> Completion:
        """Generate a reply. One that the token limit cuts is continued once, if it does not merely repeat itself."""
        begun = self._generate(messages, **options)
        if begun.finish != "length" or not begun.text.strip() or is_rambling(begun.text):
            return begun
        try:
            whole = self._generate(messages, **(options | {"start": begun.text}))
        except PromptTooLong:  # the window is full
            return begun
        return replace(whole, usage=begun.usage + whole.usage)

    def _draw(self, messages: Sequence[ChatMessage], temperature: float = 0.0) -> Candidate[R]:
        if self._stopped():
            raise Stopped
        number = len(self.candidates)
        temperature, seed = max(self._sampling.temperature, temperature), self._sampling.seed_of(number)
        completion = self._generate_to_end(
            messages,
            start=self._start,
            is_complete=lambda text: self._replies.is_complete(text) or is_rambling(text),
            on_text=(lambda text: self._on_text(IMPROVING)) if number else self._on_text,
            max_tokens=self._sampling.max_tokens,
            temperature=temperature,
            seed=seed,
        )
        self.usage += completion.usage
        if completion.finish == "stopped":
            raise Stopped
        candidate = replace(self._replies.read(completion), seed=seed, temperature=temperature)
        self.candidates.append(candidate)
        if candidate.fault and not self._improving_since:
            self._improving_since = time.monotonic()
        if self._stopped():  # during the check
            raise Stopped
        return candidate


def _with_feedback(messages: Sequence[ChatMessage], candidate: Candidate[R], feedback: str) -> list[ChatMessage]:
    """Append a reply and the feedback on it to its prompt."""
    return [*messages, ChatMessage("assistant", candidate.history), ChatMessage("user", feedback)]


def _repeats(answer: str, feedback: str) -> bool:
    """Return True if an answer is a sentence of the feedback, not a value in it."""
    return len(answer.split()) >= SENTENCE and answer.strip(" .\n") in feedback


def _insists(versions: Sequence[Candidate[R]]) -> bool:
    """Return True if the model was asked to reconsider a doubt, so that no other samples are drawn for it."""
    first, last = versions[0], versions[-1]
    told = versions[:-1] or versions
    if any(each.fault and each.fault.ask_once and not each.is_answer for each in told):
        return True
    if first.fault is None or last.fault is None:
        return False
    return first.fault.ask_once and last.fault.ask_once and not last.fault.resample
