"""Prepare the reply that follows a step, while the user reads the step.

A step that ran in its trial will most likely bring the same once it is approved. So the next reply is generated from
the trial's observation, on a thread of its own, and its code is tried in copies in which the step is run first. If the
step is then run as proposed, and its observation is the same, the reply is taken, and waited for if it is still being
written. In every other case it is stopped and dropped, and only its cost is kept.

Until it is taken, nobody sees it and no journal has it. It is one step ahead and never more: the reply after it is
prepared when it is delivered. Whoever asks the engine for another reply takes or drops this one first, so that the
engine works on one reply at a time.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..engines import Engine, OnText
from ..kernel.copy.outcome import Trial
from ..session.evidence import Evidence
from ..session.messages import Approval, ChatMessage, Event, Observation, Proposal, Stop, Usage
from .proposing import Outcome, propose
from .review import Review
from .sampling import Sampling
from .trial_match import without_times
from .trying import Trials

CHEAP = 1.0  #: seconds that a step took in its trial, up to which a reply is prepared on while the step runs
NICER = 10  #: added to the nice value of the thread that prepares, and of the engine's threads for it
SLICE = 0.02  #: seconds between two looks

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Request:
    """All that a reply is generated from."""

    engine: Engine  #: of the model
    messages: Sequence[ChatMessage]  #: the prompt
    sampling: Sampling  #: limits
    review: Review  #: tries and checks the replies
    step: int  #: number of the step that the reply may propose
    answer_only: bool  #: no further step is possible

    def reply(self, on_text: OnText, stopped: Callable[[], bool]) -> Outcome:
        """Generate the reply.

        Args:
            on_text: Called with the text so far.
            stopped: Asked for a stop that came between two uses of the engine.

        Returns:
            See `propose`.
        """
        return propose(
            self.engine,
            self.messages,
            self.sampling,
            self.review,
            step=self.step,
            answer_only=self.answer_only,
            on_text=on_text,
            stopped=stopped,
        )

    def is_like(self, other: Request) -> bool:
        """Compare two requests.

        Args:
            other: Another request.

        Returns:
            True if they ask the same model the same, apart from elapsed times and addresses of objects.
        """
        return self.engine is other.engine and self._key() == other._key()

    def _key(self) -> object:
        texts = [(message.role, without_times(message.content)) for message in self.messages]
        return texts, self.sampling, self.review.use, self.review.dialect, self.step, self.answer_only


class NextReply:
    """The reply after the step that waits or runs, if one is prepared. Usable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._preparation: _Preparation | None = None
        self._dropped = Usage()  # cost of what was dropped since the last reply

    def prepare(self, request: Request, step: Proposal, trials: Trials) -> None:
        """Begin to prepare a reply, unless one is being prepared.

        Args:
            request: The reply to generate, if the step is run and brings what its trial has brought.
            step: The step.
            trials: Runs cells in copies of the kernel.
        """
        with self._lock:
            if self._preparation is None:
                self._preparation = _Preparation(request, step, trials)

    def take(self, request: Request, on_text: OnText, stopped: Callable[[], bool]) -> Outcome | None:
        """Take the reply if it was prepared for this very request; wait for it if it is still being prepared.

        Otherwise drop it: when this returns, nothing uses the engine.

        Args:
            request: The reply that is needed now.
            on_text: Called with the text so far while the reply is waited for.
            stopped: Asked whether the user or the deadline has ended the waiting.

        Returns:
            The reply, or `None` if it has to be generated.
        """
        found = self._preparation
        if found and found.request.is_like(request):
            found.watch(on_text, stopped)
            with self._lock:
                if self._preparation is found and found.is_ready and not stopped():
                    self._preparation = None
                    return found.outcome
        self.drop()
        return None

    def follow(self, event: E) -> E:
        """Go on after the approval of the step as it was proposed and after its observation; drop the reply else.

        The approval of a step that took a while in its trial drops a reply that is not ready, so that the model does
        not compute beside the user's cell.

        Args:
            event: What is about to be applied to the session.

        Returns:
            The event; the cost of dropped replies is added to one that has a cost.
        """
        with self._lock:
            if isinstance(event, Approval) and self._preparation and self._preparation.goes_on(event):
                self._preparation.begin_step()
            elif not isinstance(event, Observation):
                self.drop()
            if isinstance(event, Outcome):
                event = replace(event, usage=event.usage + self._dropped)
                self._dropped = Usage()
        return event

    def drop(self) -> None:
        """Stop preparing, and forget the reply. When this returns, its thread has ended."""
        with self._lock:
            if self._preparation:
                self._dropped += self._preparation.end()
            self._preparation = None  # only now: an interrupt while it ends leaves it to the next drop

    def wait(self, seconds: float) -> bool:
        """Wait until no reply is being prepared.

        Args:
            seconds: Time to wait at most.

        Returns:
            True if a reply is ready.
        """
        found = self._preparation
        return found is not None and found.join(seconds) and found.is_ready


class _Preparation:
    """One reply, prepared on a thread of its own."""

    def __init__(self, request: Request, step: Proposal, trials: Trials) -> None:
        self.outcome: Outcome | None = None
        self._step = step
        self._trials = _AfterStep(trials, [step.code])
        self.request = replace(request, review=replace(request.review, trials=self._trials))
        self._text = ""
        self._stopping = False
        self._thread = threading.Thread(target=self._work, daemon=True, name="codeact-next")
        self._thread.start()

    @property
    def is_ready(self) -> bool:
        """True if the thread has ended, and with a reply that can be taken."""
        is_stopped = isinstance(self.outcome, Stop) and self.outcome.status == "stopped"
        return not self._thread.is_alive() and self.outcome is not None and not is_stopped

    def goes_on(self, approval: Approval) -> bool:
        """Return True if the reply may still be needed after this approval, and is ready or costs the step little."""
        step = self._step
        is_as_proposed = approval.proposal_id == step.id and approval.source.strip() == step.code.strip()
        return is_as_proposed and (self.is_ready or (step.tried is not None and step.tried.seconds <= CHEAP))

    def begin_step(self) -> None:
        """Note that the step is run in the kernel: a copy that is made after it has the step's results."""
        self._trials.prior.clear()

    def watch(self, on_text: OnText, stopped: Callable[[], bool]) -> None:
        """Wait for the reply, and show its text."""
        shown = ""
        while not self.join(0) and not stopped():
            if self._text != shown:
                shown = self._text
                on_text(shown)
            self.join(SLICE)

    def join(self, seconds: float) -> bool:
        """Wait until the thread has ended. Return True if it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def end(self) -> Usage:
        """Stop, wait until the thread has ended, and return the cost."""
        self._stopping = True
        while not self.join(0):
            self.request.engine.stop()  # again each time, because a call may just be about to begin
            self._trials.trials.stop()
            self.join(SLICE)
        self._trials.trials.resume()
        return self.outcome.usage if self.outcome else Usage()

    def _work(self) -> None:
        _lower_priority()
        with contextlib.suppress(Exception):  # the reply is then generated when it is needed, and the error reported
            self.outcome = self.request.reply(self._hear, lambda: self._stopping or self._trials.has_gap)

    def _hear(self, text: str) -> None:
        self._text = text


@dataclass(slots=True)
class _AfterStep:
    """Trials in copies in which a step has been run."""

    trials: Trials
    prior: list[str]  #: the step, until it is run in the kernel itself; read when a copy is made
    has_gap: bool = False  #: a cell could not be tried: nothing unready is to be taken

    def try_cell(self, source: str) -> Trial:
        trial = self.trials.try_cell(source, prior=self.prior)
        self.has_gap |= trial.outcome == "not_tried"
        return trial

    def evidence(self, source: str, trial: Trial, question: str) -> Evidence:
        return self.trials.evidence(source, trial, question, prior=self.prior)


def _lower_priority() -> None:
    """Make this thread, and those that it starts, yield to others. On Linux each thread has a nice value of its own."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICER)
