"""Drive a session: perform its commands with an engine, a host and a view, and apply the events that result.

One turn: `Generate` asks the model (`proposing.propose`), `Deliver` hands the proposal to the host, `Run` has it run,
`Finish` tells the user. If the host brings the decision or the observation later, `Agent.advance` is called again then.
"""

from __future__ import annotations

import contextvars
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..dialects.prompt import Dialect
from ..engines import Engine
from ..errors import CodeActError, JournalError, ModelError, UsageProblem
from ..kernel.interrupt import LastingInterrupt
from ..session.journal import Journal
from ..session.machine import Session, State
from ..session.messages import (
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
from ..session.transcript import is_stuck
from .deadline import Deadline
from .proposing import STOPPED
from .replies import Replies
from .screening import STUCK
from .trying import Trials
from .turn import TurnSettings
from .view import Note, Proposed, Running, Thinking, Update, finished, update_of

Check = Callable[[str], Refusal | None]
INTERRUPTED = "Interrupted. `%codeact continue` resumes it."


class Agent:
    """Performs the commands of a session, and applies the events that result.

    Args:
        session: The conversation.
        open_model: Returns the engine and its dialect; called for each reply, and loads the model for the first.
        describe: Returns the live namespace as text; called when the history is cut.
        namespace: Returns the objects that a step is checked against, by name.
        trials: Runs cells in copies of the kernel; `None` for no trials.
        journal: Where the events are written; `None` for nowhere.
        check: Called with an answer; returns a refusal of it, or `None`.
    """

    def __init__(
        self,
        session: Session,
        *,
        open_model: Callable[[], tuple[Engine, Dialect]],
        describe: Callable[[], str] = lambda: "",
        namespace: Callable[[], Mapping[str, Any]] = dict,
        trials: Trials | None = None,
        journal: Journal | None = None,
        check: Check | None = None,
    ) -> None:
        self.session = session
        self.turn: TurnSettings  #: of the last event
        self.journal = journal  #: `None` when there is none, or it could not be written
        self._replies = Replies(open_model, describe, namespace, trials)
        self.next_reply = self._replies.next  #: that is prepared while a step waits, if one is
        self._check = check
        self._thread, self._stopping = threading.get_ident(), False
        self._worker: threading.Thread | None = None
        self._lock = threading.Lock()
        self._deadline = Deadline(self._expire)
        self._interrupt = LastingInterrupt()

    # --- from outside ---

    def advance(self, event: Event, turn: TurnSettings) -> None:
        """Apply the event, and perform commands until the session waits for the user or is idle.

        With `turn.background`, a thread does the model's part, and this returns at once. Ctrl-C stops the episode.

        Args:
            event: What happened.
            turn: The configuration to use.

        Raises:
            UsageProblem: The event does not fit the session's state.
        """
        self.turn = turn
        self._thread, self._stopping = threading.get_ident(), False
        self._replies.resume()
        try:
            event, commands = self._apply(event)
            if self.turn.background and any(isinstance(command, Generate) for command in commands):
                context = contextvars.copy_context()  # so that displays stay in the cell that asked
                work = (self._follow_on_worker, event, commands)
                self._worker = threading.Thread(target=context.run, args=work, daemon=True, name="codeact")
                self._worker.start()
            else:
                self._follow(event, commands)
        except UsageProblem:
            raise
        except BaseException as error:
            self._give_up(error)
            raise

    @property
    def dialect(self) -> Dialect | None:
        """Dialect of the model that was opened last; `None` before."""
        return self._replies.dialect

    def stop(self) -> None:
        """End the reply, the running step, or the wait for a decision. Safe from any thread."""
        self._end(Stop(reason="Stopped."), State.AWAITING, State.PAUSED)

    def wait(self, seconds: float) -> None:
        """Wait until the background thread has ended.

        Args:
            seconds: Maximum time to wait.
        """
        if self._worker:
            self._worker.join(seconds)

    # --- events and commands ---

    def _apply(self, event: Event) -> tuple[Event, list[Command]]:
        """Apply one event at a time: they come from several threads. Return it with the cost of a dropped reply."""
        if isinstance(event, Stop | Observation) and self.session.state is State.EXECUTING:
            event = self._result(event)
        with self._lock:
            self.session.max_turns = self.turn.max_turns
            event = self.next_reply.follow(event)
            commands = self.session.apply(event)
            if isinstance(event, Prompt | Continue):
                self._deadline.start(self.turn.max_seconds)
            return event, commands

    def _result(self, event: Stop | Observation) -> Event:
        """Return the result of the running step: the end of the episode if it was interrupted, even if it went on."""
        if self._interrupt.end() and isinstance(event, Observation):
            event = Stop(reason=INTERRUPTED)
        return self._deadline.stop if isinstance(event, Stop) and self._deadline.passed else event

    def _follow(self, event: Event, commands: list[Command]) -> None:
        """Perform the commands, and apply the events that result."""
        events: deque[Event] = deque()
        while True:
            self._report(event)
            events.extend(filter(None, map(self._perform_interruptibly, commands)))
            if not events:
                break
            event, commands = self._apply(events.popleft())
        if self.session.state is State.IDLE:
            self._deadline.cancel()

    def _follow_on_worker(self, event: Event, commands: list[Command]) -> None:
        """Run `_follow` on the worker thread, and report an exception to the user: there is no caller to get it."""
        try:
            self._follow(event, commands)
        except Exception as error:
            self._give_up(error)
            if self.session.finish:
                self._show(finished(self.session, self.session.finish))

    def _give_up(self, error: BaseException) -> None:
        """End the episode after an exception, so that the session does not stay busy."""
        interrupted = isinstance(error, KeyboardInterrupt)
        stop = Stop(reason=INTERRUPTED) if interrupted else Stop("failed", f"{type(error).__name__}: {error}")
        self._interrupt.end()
        with self._lock:
            if self.session.state not in (State.GENERATING, State.EXECUTING):
                return
            stop = self.next_reply.follow(stop)
            self.session.apply(stop)
            self._deadline.cancel()
        self._report(stop)

    def _perform_interruptibly(self, command: Command) -> Event | None:
        try:
            return self._perform(command)
        except KeyboardInterrupt:
            if self.session.state is State.IDLE:
                raise
            return self._deadline.stop if self._deadline.passed else Stop(reason=INTERRUPTED)

    def _perform(self, command: Command) -> Event | None:
        match command:
            case Generate(answer_only=answer_only):
                return self._generate(answer_only)
            case Deliver(proposal=proposal):
                decision = self.turn.host.deliver(proposal)  # first, so that the cell does not wait for the views
                self._show(Proposed(proposal))
                if decision is None:
                    self._prepare_next(proposal)
                return self._deadline.stop if self._deadline.passed else decision
            case Run(proposal=proposal, source=source):
                self._show(Running(proposal, source))
                self._interrupt.begin(self._deadline.left)
                return Stop(reason=INTERRUPTED) if self._stopping else self.turn.host.run(proposal, source)
            case Finish():
                return self._finish(command)

    def _finish(self, finish: Finish) -> Event | None:
        if finish.status == "answered" and self._check is not None and (refusal := self._check(finish.text)):
            return refusal
        self._show(finished(self.session, finish))
        return None

    # --- the model's reply ---

    def _generate(self, answer_only: bool) -> Event:
        if obstacle := self._obstacle():
            return obstacle
        self._show(Thinking(self.session.turns + 1))
        try:
            outcome = self._replies.reply(
                self.session,
                self.turn,
                answer_only=answer_only,
                shorten=self._shorten,
                stopped=lambda: self._stopping,
            )
        except ModelError as error:
            return Stop("no_model", str(error))
        except (CodeActError, OSError) as error:  # OSError: no descriptors, no room
            outcome = Stop(reason=STOPPED) if self._stopping else Stop("failed", str(error))
        return self._with_limit(outcome) if isinstance(outcome, Stop) else outcome

    def _obstacle(self) -> Stop | Pause | None:
        """Return the event to apply in place of a reply, if the model must not be asked now."""
        if self._deadline.passed:
            return self._deadline.stop
        if not self.turn.host.can_deliver():
            return Pause()
        if self.turn.techniques.breaker and self.turn.host.asks_user and is_stuck(self.session.transcript):
            return Stop("stuck", STUCK)
        return None

    def _shorten(self, cut: Shortened) -> None:
        self._apply(cut)
        self._report(cut)

    def _prepare_next(self, proposal: Proposal) -> None:
        """Have the next reply prepared, unless the user has decided about this step already."""
        with self._lock:
            if self.session.state is State.AWAITING and self.session.proposal is proposal:
                self._replies.prepare(self.session, self.turn)

    # --- limits ---

    def _with_limit(self, stop: Stop) -> Stop:
        """Return the stop; if a limit caused it, one that names the limit."""
        if self._deadline.passed:
            return replace(self._deadline.stop, usage=stop.usage)
        reason = f"No answer within {self.session.max_turns} turns: raise `max_turns`."
        return replace(stop, reason=reason) if stop.status == "limit" else stop

    def _expire(self) -> None:
        """End the reply, the running step or the wait for a decision. Called on the deadline's thread."""
        self._end(self._deadline.stop, *([State.AWAITING] if self.turn.background else []))

    def _end(self, stop: Stop, *waiting: State) -> None:
        """End the reply or the running step; in one of the `waiting` states, apply `stop`."""
        self._stopping = True
        if self.session.state is State.GENERATING:
            self._replies.stop()
        elif self.session.state is State.EXECUTING:
            self._interrupt.send(self._thread)
            self.next_reply.drop()
        elif self.session.state in waiting:
            self.advance(stop, self.turn)

    # --- journal and view ---

    def _report(self, event: Event) -> None:
        """Write the event to the journal, and show it."""
        try:
            if self.journal:
                self.journal.append(event)
        except JournalError as error:
            self.journal = None
            self._show(Note(f"{error} The conversation continues, but is not saved."))
        if update := update_of(event, self.session):
            self._show(update)

    def _show(self, update: Update) -> None:
        self.turn.view.show(update)
