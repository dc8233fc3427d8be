"""Composition root of the notebook: make the parts of `%%codeact` in one kernel, and connect them.

The conversation does not know the parts around it. They get callables: the panel's buttons and the pages to control it,
the step runs to submit events, the pages' view to read its state.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..config import CodeAct
from ..errors import UsageProblem
from ..hosts.next_input import NextInputHost
from ..kernel.gate import Gate
from ..kernel.preview import Preview
from ..kernel.workspace import Workspace
from ..lab.comms import Pages
from ..lab.host import LabHost
from ..lab.items import cell_id
from ..lab.requests import ToKernel
from ..lab.view import LabView
from ..namespace.literals import names_in
from ..session.journal import Journal, journal_key, latest_journal
from ..session.machine import Session, State
from ..session.messages import Approval, Event, Proposal, Stop
from .conversation import Conversation
from .front_end import FrontEnd, Lab
from .lab_service import LabService
from .step_runs import StepRuns
from .undoing import Undoing

ENDED_BY_RESTART = "The kernel was restarted before this question was answered."


class Wiring:
    """The parts of `%%codeact` in one kernel.

    Args:
        shell: The kernel's or terminal's shell.
        config: The configured options.
    """

    def __init__(self, shell: InteractiveShell, config: CodeAct) -> None:
        self._closing = ExitStack()  # runs the last callback first
        gate = Gate(shell)
        self._closing.callback(gate.remove)
        workspace, next_input = Workspace(shell, gate), NextInputHost(shell)
        lab = self._make_lab(shell, gate, config.journals) if hasattr(shell, "kernel") else None
        front_end = FrontEnd(
            workspace,
            next_input,
            lab,
            stop=lambda: self.conversation.stop(),
            reject=lambda reason: self.conversation.reject(reason),
        )
        preview = Preview(workspace)
        self._closing.callback(preview.close)
        self.conversation = Conversation(config, workspace, preview, front_end)
        self._closing.callback(self.conversation.close)
        self.undoing = Undoing(self.conversation, preview, front_end)
        self._service = self._make_service(shell, lab) if lab else None
        if lab:
            self._show_host(config, lab)
        step_runs = StepRuns(
            workspace,
            next_input,
            lab.host if lab else None,
            session=lambda: self.conversation.session,
            submit=self.conversation.submit,
        )
        self._closing.callback(step_runs.close)

    def fetch(self, model: str) -> None:
        """Download a model's file while the user goes on, and then use the model.

        Args:
            model: Its name in the catalogue.

        Raises:
            UsageProblem: It is not in the catalogue, or there is no page that would show the progress.
        """
        if self._service is None:
            raise UsageProblem(f"Run `jupyter codeact models pull {model}`, and then `%codeact model {model}`.")
        self._service.fetch(model)

    def close(self) -> None:
        """Remove everything from the shell."""
        self._closing.close()

    def _make_lab(self, shell: InteractiveShell, gate: Gate, journals: Path) -> Lab:
        past = _past_events(journals)
        pages = Pages(self._answer)
        host = LabHost(gate, pages, lambda: names_in(shell.user_ns))
        view = LabView(
            pages,
            host,
            session=lambda: self.conversation.session,
            settings=lambda: self.conversation.settings,
            past=past,
            undoable=lambda: self.undoing.next,
        )
        self._closing.callback(pages.close)
        self._closing.callback(host.withdraw)
        approved = {event.proposal_id for event in past if isinstance(event, Approval)}
        for event in past:
            if isinstance(event, Proposal) and event.id not in approved:
                gate.withdraw(cell_id(event.id))
        return Lab(pages, host, view)

    def _show_host(self, config: CodeAct, lab: Lab) -> None:
        """Tell the pages at once when the text goes to another host from now on."""

        def show(change: object) -> None:
            lab.view.send_changes()

        config.observe(show, "server")
        self._closing.callback(config.unobserve, show, "server")

    def _answer(self, page: str, request: ToKernel) -> Any:
        assert self._service is not None  # pages are made with it
        return self._service.answer(page, request)

    def _make_service(self, shell: InteractiveShell, lab: Lab) -> LabService:
        conversation = self.conversation
        return LabService(
            shell,
            lab,
            conversation.options,
            ask=conversation.ask,
            reject=conversation.reject,
            stop=conversation.stop,
            reset=conversation.reset,
            resume=conversation.resume,
            undo=self.undoing.undo,
        )


def _past_events(journals: Path) -> list[Event]:
    """Return the events of this notebook's last conversation in an earlier kernel; none if they cannot be read."""
    try:
        path = latest_journal(journals, journal_key())
        events = Journal.reopen(path)[1] if path else []
        is_unfinished = Session.replay(events).state is not State.IDLE
    except Exception:  # whatever stands there, the extension loads; `%codeact continue` says what is wrong
        return []
    return [*events, Stop("stopped", ENDED_BY_RESTART)] if is_unfinished else events
