"""Get the model's replies to a conversation: one that was prepared while a step waited, or else a new one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from ..dialects.prompt import Dialect
from ..engines import Engine
from ..errors import CodeActError
from ..session.machine import Session
from ..session.messages import Approval, ChatMessage, Generate, Observation, Prompt, Proposal, Shortened, Stop, Tried
from .chat import fitted_messages, whole_messages
from .prepared import NextReply, Request
from .proposing import STOPPED, Outcome
from .review import Review
from .trying import Trials
from .turn import TurnSettings
from .view import Note, Reading, Writing


class Replies:
    """Gets replies from a model.

    Args:
        open_model: Returns the engine and its dialect; called for each reply, and loads the model for the first.
        describe: Returns the live namespace as text; called when the history is cut.
        namespace: Returns the objects that a step is checked against, by name.
        trials: Runs cells in copies of the kernel; `None` for no trials.

    Attributes:
        dialect: Of the model that was opened last; `None` before.
        next: The reply that is prepared, if one is.
    """

    def __init__(
        self,
        open_model: Callable[[], tuple[Engine, Dialect]],
        describe: Callable[[], str],
        namespace: Callable[[], Mapping[str, Any]],
        trials: Trials | None,
    ) -> None:
        self.dialect: Dialect | None = None
        self.next = NextReply()
        self._engine: Engine | None = None
        self._open_model = open_model
        self._describe = describe
        self._namespace = namespace
        self._trials = trials
        self._told: tuple[int, set[str]] = 0, set()  # at the question of that number

    def reply(
        self,
        session: Session,
        turn: TurnSettings,
        *,
        answer_only: bool,
        shorten: Callable[[Shortened], None],
        stopped: Callable[[], bool],
    ) -> Outcome:
        """Take the prepared reply, or generate one.

        Args:
            session: The conversation.
            turn: How to work on it.
            answer_only: The reply must be an answer.
            shorten: Called with the cut if the history does not fit the window.
            stopped: Asked for a stop that came between two uses of the engine.

        Returns:
            See `propose`.

        Raises:
            CodeActError: The model cannot be used, or it failed.
        """
        self._engine, self.dialect = engine, dialect = self._open_model()
        if stopped():  # before there was an engine to stop
            return Stop(reason=STOPPED)
        messages, cut = fitted_messages(
            session.transcript, engine, dialect, turn, answer_only=answer_only, describe=self._describe
        )
        if cut:
            shorten(cut)
        for note in engine.notes:
            turn.view.show(Note(note))

        def on_text(text: str) -> None:
            turn.view.show(Writing(text, engine.name, engine.context_size))

        request = self._request(engine, dialect, session, turn, messages, answer_only)
        engine.on_read = lambda share: turn.view.show(Reading(share))
        try:
            return self.next.take(request, on_text, stopped) or request.reply(on_text, stopped)
        finally:
            engine.on_read = lambda share: None

    def prepare(self, session: Session, turn: TurnSettings) -> None:
        """Begin to prepare the reply to the step that waits, if its trial ran and the history need not be cut.

        Args:
            session: The conversation.
            turn: How to work on it.
        """
        step, engine, dialect = session.pending, self._engine, self.dialect
        has_run = turn.techniques.trial and step.tried is not None and step.tried.outcome == "ran"
        if not (turn.prepare_next and has_run and self._trials and engine and dialect):
            return
        ahead, answer_only = _after_run(session, step)
        with contextlib.suppress(CodeActError):  # of an engine that was closed: the reply is generated when needed
            messages = whole_messages(ahead.transcript, engine, dialect, turn, answer_only=answer_only)
            if messages is not None:
                request = self._request(engine, dialect, ahead, turn, messages, answer_only)
                self.next.prepare(request, step, self._trials)

    def stop(self) -> None:
        """End the reply that is being generated, and trials until `resume`. Safe from any thread."""
        for working in (self._engine, self._trials):
            if working:
                working.stop()

    def resume(self) -> None:
        """Allow trials again after `stop`."""
        if self._trials:
            self._trials.resume()

    def _request(
        self,
        engine: Engine,
        dialect: Dialect,
        session: Session,
        turn: TurnSettings,
        messages: list[ChatMessage],
        answer_only: bool,
    ) -> Request:
        number = sum(isinstance(event, Prompt) for event in session.transcript)
        if self._told[0] != number:
            self._told = number, set()
        told = self._told[1]
        review = Review(session.transcript, self._namespace, dialect, turn.techniques, self._trials, told=told)
        return Request(engine, messages, turn.sampling, review, session.turns + 1, answer_only)


def _after_run(session: Session, step: Proposal) -> tuple[Session, bool]:
    """Return the session as it will be once the step has run as in its trial, and whether an answer must follow."""
    ahead = session.copy()
    ahead.apply(Approval(step.id, step.code))
    tried = step.tried or Tried("ran")
    commands = ahead.apply(Observation(step.id, tried.observation, True, tables=tried.tables))
    return ahead, commands == [Generate(answer_only=True)]
