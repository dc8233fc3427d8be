"""Drives a session: performs its commands with an engine, a host and a view, and feeds back what came of them.

One turn: `Generate` asks the model (`proposing.propose`), `Deliver` hands the proposal to the host, `Run` sees it run,
`Finish` tells the user. Where the host brings the decision or the observation later, `handle` is called again then.
"""

from __future__ import annotations

import contextvars
import functools
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..dialects.prompt import Dialect, build_messages
from ..dialects.reply import Reply
from ..engines import Engine
from ..errors import CodeActError, JournalError, ModelError, PromptTooLong, UsageProblem
from ..hosts.inline import InlineHost
from ..kernel.interrupt import interrupt
from ..session.journal import Journal
from ..session.machine import Session, State
from ..session.messages import (
    Answer,
    ChatMessage,
    Command,
    Continue,
    Deliver,
    Event,
    Finish,
    Generate,
    Observation,
    Pause,
    Prompt,
    Proposal,
    Refusal,
    Run,
    Shortened,
    Stop,
)
from ..session.techniques import ALL, Techniques
from ..session.transcript import is_stuck
from ..session.window import fit
from .deadline import Clock
from .host import Host
from .proposing import propose
from .sampling import Sampling
from .screening import STUCK, Fault, screen
from .view import View

Check = Callable[[str], bool | str]
INTERRUPTED = "Interrupted. `%codeact continue` takes it up again."


class Agent:
    """A session with all that acts for it.

    `open_model()` gives the engine and its dialect; it is called at each generation and loads the model at the first.
    In the `background`, the model works on a thread while `handle` returns.
    `describe()` gives the live context afresh when the history has to be cut; `namespace()` is what steps are checked
    against. `check(answer)` may refuse an answer by returning a reason. `max_seconds` bounds an episode.
    """

    def __init__(
        self,
        session: Session,
        *,
        open_model: Callable[[], tuple[Engine, Dialect]],
        host: Host,
        view: View,
        sampling: Sampling,
        describe: Callable[[], str] = lambda: "",
        namespace: Callable[[], Mapping[str, Any]] = dict,
        journal: Journal | None = None,
        check: Check | None = None,
        max_seconds: float | None = None,
        background: bool = False,
        techniques: Techniques = ALL,
    ) -> None:
        self.session = session
        self.open_model = open_model
        self.host = host
        self.view = view
        self.sampling = sampling
        self.describe = describe
        self.namespace = namespace
        self.journal = journal
        self.check = check
        self.max_seconds = max_seconds
        self.background = background
        self.techniques = techniques
        self.dialect: Dialect | None = None  #: of the model that was opened last
        self.engine: Engine | None = None  #: while it generates
        self._thread = threading.get_ident()
        self._worker: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stopping = False
        self._clock = Clock(self._expire)

    def handle(self, event: Event) -> None:
        """Takes the event and all that follows from it, until the session waits for somebody or is idle; in the
        `background` the model's part is left to a thread of its own, and this returns at once.

        Raises `UsageProblem` when the event does not fit the session's state. Ctrl-C stops the episode.
        """
        self._thread, self._stopping = threading.get_ident(), False
        if isinstance(event, Stop) and self._clock.rung:
            event = self._limit()
        try:
            commands = self._take(event)
            if self.background and any(isinstance(command, Generate) for command in commands):
                context = contextvars.copy_context()  # so that displays stay in the cell that asked
                follow = functools.partial(context.run, self._follow_alone, event, commands)
                self._worker = threading.Thread(target=follow, daemon=True, name="codeact")
                self._worker.start()
            else:
                self._follow(event, commands)
        except BaseException as error:
            if not isinstance(error, UsageProblem):
                self._give_up(error)
            raise

    def wait(self, seconds: float) -> None:
        """Waits until the background is quiet, for so long at most."""
        if self._worker:
            self._worker.join(seconds)

    def _take(self, event: Event) -> list[Command]:
        """One event at a time: they come from several threads."""
        with self._lock:
            commands = self.session.handle(event)
            if isinstance(event, Prompt | Continue):
                self._clock.start(self.max_seconds)
            return commands

    def _follow(self, event: Event, commands: list[Command]) -> None:
        """Performs the commands, and takes the events that come of them."""
        events: deque[Event] = deque()
        while True:
            self._record(event)
            self._show(event)
            events.extend(filter(None, map(self._interruptible, commands)))
            if not events:
                break
            event = events.popleft()
            commands = self._take(event)
        if self.session.state is State.IDLE:
            self._clock.stop()

    def _follow_alone(self, event: Event, commands: list[Command]) -> None:
        """The same on a thread, where nobody hears an exception."""
        try:
            self._follow(event, commands)
        except Exception as error:
            self._give_up(error)
            if self.session.finish:
                self.view.finished(self.session, self.session.finish)

    def stop(self) -> None:
        """Ends what is going on, from any thread: the reply, the running step, or the waiting for a decision."""
        self._stopping = True
        match self.session.state:
            case State.GENERATING if self.engine:
                self.engine.stop()
            case State.EXECUTING:
                interrupt(self._thread)
            case State.AWAITING | State.PAUSED:
                self.handle(Stop(reason="Stopped."))

    def _give_up(self, error: BaseException) -> None:
        """Something outside the session failed: it must not be left at work with nobody working."""
        if self.session.state in (State.GENERATING, State.EXECUTING):
            interrupted = isinstance(error, KeyboardInterrupt)
            stop = Stop(reason=INTERRUPTED) if interrupted else Stop("failed", f"{type(error).__name__}: {error}")
            self.session.handle(stop)
            self._record(stop)

    def _interruptible(self, command: Command) -> Event | None:
        try:
            return self._perform(command)
        except KeyboardInterrupt:
            if self.session.state is State.IDLE:
                raise
            return self._limit() if self._clock.rung else Stop(reason=INTERRUPTED)

    def _perform(self, command: Command) -> Event | None:
        match command:
            case Generate():
                return self._generate(command)
            case Deliver():
                decision = self.host.deliver(command.proposal)  # first, so that the cell does not wait for the views
                self.view.proposal(self.session, command.proposal)
                return self._limit() if self._clock.rung else decision
            case Run():
                self.view.running(self.session, command.source)
                outcome = self.host.run(command.proposal, command.source)
                return self._limit() if self._clock.rung and outcome else outcome
            case Finish():
                return self._finish(command)

    def _generate(self, command: Generate) -> Event:
        if self._clock.rung:
            return self._limit()
        if not self.host.can_deliver():
            return Pause()
        if self.techniques.breaker and not isinstance(self.host, InlineHost) and is_stuck(self.session.transcript):
            return Stop("stuck", STUCK)
        self.view.thinking(self.session)
        try:
            self.engine, self.dialect = self.open_model()
            outcome = self._propose(self.engine, self.dialect, command.answer_only)
        except ModelError as error:
            return Stop("no_model", str(error))
        except CodeActError as error:
            outcome = Stop() if self._stopping else Stop("failed", str(error))
        finally:
            self.engine = None
        if isinstance(outcome, Stop) and self._clock.rung:
            return replace(self._limit(), usage=outcome.usage)
        if isinstance(outcome, Stop) and outcome.status == "no_answer" and command.answer_only:
            return Stop("limit", f"No answer within {self.session.max_turns} turns.")
        return outcome

    def _propose(self, engine: Engine, dialect: Dialect, answer_only: bool) -> Proposal | Answer | Stop:
        messages = self._messages(engine, dialect, answer_only)
        for note in engine.notes:
            self.view.note(note)
        return propose(
            engine,
            messages,
            self.sampling,
            step=self.session.turns + 1,
            screen=self._screen,
            answer_only=answer_only,
            use=self.techniques,
            on_text=self.view.text,
            stopped=lambda: self._stopping,
        )

    def _screen(self, reply: Reply) -> Fault | None:
        return screen(reply, self.session.transcript, self.namespace(), self.techniques)

    def _messages(self, engine: Engine, dialect: Dialect, answer_only: bool) -> list[ChatMessage]:
        """The chat for the model, fitted to its window; a cut is an event, so that the user sees it and it lasts."""

        def build(*cut: Shortened) -> list[ChatMessage]:
            transcript = [*self.session.transcript, *cut]
            return build_messages(transcript, dialect, answer_only=answer_only, use=self.techniques)

        messages, room = build(), engine.context_size - self.sampling.max_tokens
        if engine.count_tokens(messages) <= room:
            return messages
        cut = fit(self.session.transcript, self.describe, lambda cut: engine.count_tokens(build(cut)), room)
        if cut is None:
            raise PromptTooLong(
                f"The question with its listing does not fit the model's window of {engine.context_size} tokens. "
                "Shorten it, or put the text into a variable and ask about that."
            )
        self.session.handle(cut)
        self._record(cut)
        self._show(cut)
        return build()

    def _finish(self, finish: Finish) -> Event | None:
        if finish.status == "answered" and self.check is not None:
            verdict = self.check(finish.text)
            if verdict is not True:
                return Refusal(verdict if isinstance(verdict, str) and verdict else "It is not right.")
        self.view.finished(self.session, finish)
        return None

    def _limit(self) -> Stop:
        return Stop("limit", f"The limit of {self.max_seconds:.0f} s for one question is reached.")

    def _record(self, event: Event) -> None:
        try:
            if self.journal:
                self.journal.append(event)
        except JournalError as error:
            self.journal = None
            self.view.note(f"{error} The conversation goes on, but is not kept.")

    def _show(self, event: Event) -> None:
        match event:
            case Observation():
                self.view.observed(self.session, event)
            case Pause():
                self.view.paused(self.session)
            case Shortened(forget=forget):
                what = "the beginning of the conversation is left out" if forget else "older outputs are shortened"
                self.view.note(f"The model's window is full: for the model {what}. Your notebook keeps everything.")

    def _expire(self) -> None:
        """On the clock's thread: ends the reply, the running step or the waiting."""
        self._stopping = True
        if self.engine:
            self.engine.stop()
        elif self.session.state is State.EXECUTING:
            interrupt(self._thread)
        elif self.session.state is State.AWAITING and self.background:
            self.handle(self._limit())
