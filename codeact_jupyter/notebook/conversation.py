"""One kernel's conversation, with its agent and its journal: what `%%codeact`, `%codeact` and the chat work on."""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..agent.loop import Agent
from ..agent.view import Note
from ..config import CodeAct
from ..dialects.prompt import Dialect
from ..engines import Engine
from ..errors import UsageProblem
from ..kernel.preview import Preview
from ..kernel.workspace import Workspace, WorkspaceSettings
from ..lab.items import last_cell
from ..lab.protocol import Earlier
from ..outputs.shown_value import named_value
from ..session.journal import Journal
from ..session.machine import Session, State
from ..session.messages import Approval, Continue, Event, Observation, Prompt, Rejection, Stop
from ..session.transcript import last_prompt
from ..views.text import to_stdout
from .front_end import FrontEnd
from .into import Into, check_name
from .journals import earlier, is_named, key_of_notebook, new_journal, reopen, reopen_ended
from .settings import Settings

STOP_SECONDS = 10  #: maximum time to wait for a stopped reply to end
TRIED_FIRST = (
    "Each step is first tried in a copy of the kernel that can change nothing; "
    "`%config CodeAct.trial = False` switches that off."
)
AUTO = "auto mode: steps run without review within the reach `{}`, for {:.0f} s at most."
PREPARES = ("prepare_next", "trial", "mode", "model")  #: options by which a prepared reply may become unwanted
RESTARTED = "The kernel was restarted: the names from before are gone unless they are listed here."


class Conversation:
    """The conversation of a kernel, made by `wiring`.

    Args:
        config: The configured options.
        workspace: The live namespace, and where code runs.
        preview: Tries steps in copies of the kernel.
        front_end: Chooses hosts and views.
    """

    def __init__(self, config: CodeAct, workspace: Workspace, preview: Preview, front_end: FrontEnd) -> None:
        self.options = Settings(config, lambda: self.running, front_end.show_options)
        self.workspace = workspace
        self.gate = workspace.gate
        self._preview = preview
        self._is_trial_told = False
        self._front_end = front_end
        self._pid = os.getpid()
        self.agent = self._new_agent(Session())
        config.observe(lambda change: self.agent.next_reply.drop(), list(PREPARES))
        atexit.register(self._quit)

    def close(self) -> None:
        """Drop a prepared reply, and unregister the handler for the end of the process."""
        self.agent.next_reply.drop()
        atexit.unregister(self._quit)

    @property
    def session(self) -> Session:
        """State of the conversation."""
        return self.agent.session

    @property
    def journal(self) -> Journal | None:
        """The conversation's journal; `None` before the first question, or when it cannot be written."""
        return self.agent.journal

    @property
    def settings(self) -> CodeAct:
        """The options in force."""
        return self.options.in_force

    @property
    def running(self) -> bool:
        """True while an approved step runs."""
        return self.session.state is State.EXECUTING

    @property
    def value(self) -> Any:
        """The object that the last answer rests on: what it names, or else what the last step showed."""
        named = named_value(self.session.answer or "", self.workspace.names)
        return self.workspace.value if named is None else named

    # --- what the user asks for ---

    def ask(
        self, text: str, overrides: Mapping[str, Any], *, into: str = "", below: str | None = None, page: str = ""
    ) -> None:
        """Begin a question.

        Args:
            text: The question.
            overrides: Option values for this question alone.
            into: Name to which the value of the answer is bound; empty for none.
            below: Id of the cell below which its steps go, for a question from a page.
            page: The page that asks; empty for a question from a cell.

        Raises:
            UsageProblem: The question is empty, the name cannot be used, or CodeAct is busy.
        """
        if not text.strip():
            raise UsageProblem("The question is empty. Write it below `%%codeact`.")
        if self.session.state in (State.GENERATING, State.EXECUTING):
            raise UsageProblem("CodeAct is busy: wait, or stop it with `%codeact stop`.")
        if into:
            check_name(into, self.workspace.shell)
        self.options.override(overrides)
        self._configure_workspace()
        self.workspace.forget_value()
        self._front_end.place(below, page)
        if self.journal is None:
            self.agent.journal = new_journal(self.settings, self._key)
        options = {**overrides, "into": into} if into else dict(overrides)
        self.submit(Prompt(text.strip(), self.workspace.describe(text), options))

    def reject(self, reason: str) -> None:
        """Reject the waiting step.

        Args:
            reason: For the model, which then proposes another step; empty to end the question.

        Raises:
            UsageProblem: No step waits.
        """
        proposal = self.session.pending
        self._front_end.replace_pending()
        self.submit(Rejection(proposal.id, reason) if reason else Stop("rejected", "You rejected the step."))

    def stop(self) -> None:
        """End the reply, the running step, or the wait for a decision.

        Raises:
            UsageProblem: There is nothing to stop.
        """
        if self.session.state is State.IDLE:
            raise UsageProblem("There is nothing to stop.")
        self.agent.stop()

    def resume(self, name: str = "", *, page: str = "") -> None:
        """Resume after a failed step, a stop or a limit, or from the journal after a kernel restart.

        Args:
            name: Name of the conversation to continue in place of this one; empty for this one.
            page: The page that asks; empty for `%codeact continue` in a cell.

        Raises:
            UsageProblem: There is nothing to resume, or a step is running.
            JournalError: The journal is damaged.
        """
        if self.session.state in (State.GENERATING, State.EXECUTING):
            raise UsageProblem("CodeAct is at work: wait until it has ended, or stop it.")
        note = ""
        name = "" if name and is_named(self.journal, name, self.settings) else name
        if name or not self.session.transcript:
            opened = reopen(self.settings, self._key, name)  # or it raises, and this conversation goes on
            if name:
                self.reset()
            self._reopen(*opened)
            note = f"{RESTARTED}\nIn the notebook now:\n{self.workspace.describe()}"
        if name and self.session.status == "answered":
            to_stdout("This is that conversation now. Ask its next question with `%%codeact`.\n")
            return
        if self.session.status == "answered":
            raise UsageProblem("The last question is answered. Ask the next one with `%%codeact`.")
        self._front_end.place(last_cell(self.session.transcript), page)
        if self.running:
            self.submit(Observation(self.session.pending.id, f"The kernel died while this ran. {note}", False))
        else:
            self.submit(Continue(note))

    def reset(self) -> None:
        """Forget the conversation; its journal stays on the disk. The next question begins a new one.

        Raises:
            UsageProblem: A step is running.
        """
        if self.running:
            raise UsageProblem("A step is running; stop it first.")
        self._stop_generating()
        self.agent = self._new_agent(Session())
        self.workspace.forget()
        self._front_end.forget()

    def earlier(self) -> list[Earlier]:
        """Return the earlier conversations in this notebook, the newest first."""
        return earlier(self.settings, self._key, self.agent.journal)

    def reopen(self, name: str) -> None:
        """Leave the present conversation for an earlier one.

        Args:
            name: As in `earlier`.

        Raises:
            UsageProblem: A step is running, or there is no such conversation.
            JournalError: Its journal is damaged, or cannot be written.
        """
        journal, session = reopen_ended(self.settings, self._key, name)
        self.reset()
        self._reopen(journal, session)

    # --- the agent ---

    def submit(self, event: Event) -> None:
        """Give the agent an event to work on, with the options in force.

        Args:
            event: What happened.

        Raises:
            UsageProblem: The event does not fit the session's state.
        """
        settings = self.settings
        if settings.host == "driven" and isinstance(event, Approval | Rejection):
            event = replace(event, auto=True)
        self._configure_workspace()
        turn = self._front_end.turn(settings, begins=isinstance(event, Prompt | Continue))
        if settings.mode == "auto" and isinstance(event, Prompt):
            turn.view.show(Note(AUTO.format(settings.reach, settings.max_seconds)))
        self._preview.seconds, self._preview.evidence_seconds = settings.trial_seconds, settings.evidence_seconds
        into = Into(turn.view, self.workspace.shell, lambda: last_prompt(self.session.transcript), lambda: self.value)
        self.agent.advance(event, replace(turn, view=into))

    def _configure_workspace(self) -> None:
        settings = self.settings
        self.workspace.settings = WorkspaceSettings(
            settings.context_tokens,
            settings.observation_chars,
            named_files=settings.techniques.files,
            hints=settings.techniques.hints,
        )

    def open_model(self) -> tuple[Engine, Dialect]:
        """Open the configured model, and load it at the first call.

        Returns:
            The engine and the model's dialect.

        Raises:
            ModelError: The model cannot be used.
        """
        from ..engines.loading import open_model

        settings = self.settings
        return open_model(
            settings.model,
            **settings.of_model,
            report=lambda text: self.agent.turn.view.show(Note(text)),
        )

    def _prepare(self) -> tuple[Engine, Dialect]:
        """Open the model, and tell the user once that steps are tried in a copy."""
        opened = self.open_model()
        if self.settings.techniques.trial and not self._is_trial_told and not self._preview.missing:
            self._is_trial_told = True
            self.agent.turn.view.show(Note(TRIED_FIRST))
        return opened

    def _new_agent(self, session: Session, journal: Journal | None = None) -> Agent:
        return Agent(
            session,
            open_model=self._prepare,
            describe=lambda: self.workspace.describe(afresh=True),
            namespace=lambda: self.workspace.names,
            trials=self._preview,
            journal=journal,
        )

    def _stop_generating(self) -> None:
        if self.session.state is State.GENERATING:
            self.agent.stop()
            self.agent.wait(STOP_SECONDS)
        self.agent.next_reply.drop()

    def _quit(self) -> None:
        """Stop the model: it must not compute while the process ends."""
        if os.getpid() == self._pid:
            self._stop_generating()

    @property
    def _key(self) -> str:
        return key_of_notebook(self.workspace.shell)

    def _reopen(self, journal: Journal, session: Session) -> None:
        self.agent = self._new_agent(session, journal)
        self._front_end.forget_past()
        self.options.restore(last_prompt(session.transcript).options)
        self._front_end.show_all()
