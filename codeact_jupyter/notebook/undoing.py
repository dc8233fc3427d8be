"""Undo of a step, as `%codeact undo` and the bar of a step ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..errors import UsageProblem
from ..kernel.preview import Preview
from ..kernel.running import Busy
from ..kernel.undo import CannotUndo, Undo
from ..session.machine import State
from ..session.messages import Undone
from .conversation import Conversation
from .front_end import FrontEnd

PATIENCE = 1.0  #: seconds to wait for a running cell
AT_WORK = "CodeAct is at work: wait until it has ended, or stop it, and then undo the step."
CELL_RUNS = "A cell is running: wait until it has ended, and then undo the step."


class Undoing:
    """Undoes steps of a kernel's conversation, between two cells.

    Args:
        conversation: The conversation, which hears of it.
        preview: Knows the running cells.
        front_end: Places and shows the steps.
    """

    def __init__(self, conversation: Conversation, preview: Preview, front_end: FrontEnd) -> None:
        self._conversation = conversation
        self._preview = preview
        self._front_end = front_end
        settings = conversation.options
        self._undo = conversation.workspace.undo = Undo(
            lambda: conversation.session.proposal if conversation.running else None,
            lambda: settings.in_force.undo_megabytes << 20,
        )

    @property
    def next(self) -> str:
        """Id of the proposal that is undone next; empty if there is none."""
        return self._undo.next

    def undo(self, proposal: str | None = None, *, force: bool = False) -> str:
        """Undo a step, and tell the model. A step that waits is dropped: the model proposes another one.

        Args:
            proposal: Id of the step's proposal; None for the last step that ran.
            force: Also undo what other cells have changed since.

        Returns:
            What was put back and what was not, in sentences.

        Raises:
            UsageProblem: The step cannot be undone now.
        """

        def work(is_running: Callable[[], bool]) -> str:
            if self._conversation.session.state in (State.GENERATING, State.EXECUTING):
                raise UsageProblem(AT_WORK)
            workspace = self._conversation.workspace
            undone, text = self._undo.undo(workspace.shell.user_ns, proposal, force=force)
            self._front_end.replace_pending()
            self._conversation.submit(Undone(undone, text, workspace.describe()))
            self._front_end.show_options()
            return text

        try:
            return self._preview.running.between(work, PATIENCE, threading.Event())
        except Busy:
            raise UsageProblem(CELL_RUNS) from None
        except CannotUndo as reason:
            raise UsageProblem(str(reason)) from None
