"""Composition root of the notebook: make the parts of `%%codeact` in one kernel, and connect them.

The conversation does not know the parts around it. They get callables: the panel's buttons and the pages to control it,
the step runs to submit events, the pages' view to read its state.
"""

from __future__ import annotations

import functools
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
from ..session.journal import never_approved
from .conversation import Conversation
from .front_end import FrontEnd, Lab
from .journals import key_of_notebook, past_events
from .lab_service import LabService
from .step_runs import StepRuns
from .undoing import Undoing


class Wiring:
    """The parts of `%%codeact` in one kernel.

    Args:
        shell: The kernel's or terminal's shell.
        config: The configured options.
    """

    def __init__(self, shell: InteractiveShell, config: CodeAct) -> None:
        self._closing = ExitStack()  # runs the last callback first

        @functools.cache
        def left() -> set[str]:
            return {cell_id(proposal) for proposal in never_approved(config.journals)}

        gate = Gate(shell, lambda cell: cell.startswith(cell_id("")) and cell in left())
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
        undo = self.undoing.undo
        self._service = LabService(shell, lab, self.conversation, undo=undo) if lab else None
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
        past = past_events(journals, key_of_notebook(shell))
        pages = Pages(self._answer)
        host = LabHost(gate, pages, lambda: names_in(shell.user_ns))
        view = LabView(
            pages,
            host,
            session=lambda: self.conversation.session,
            settings=lambda: self.conversation.settings,
            journal=lambda: self.conversation.journal,
            past=past,
            undoable=lambda: self.undoing.next,
        )
        self._closing.callback(pages.close)
        self._closing.callback(host.withdraw)
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
