"""The cells that run in the shell: which of them is the approved step, and what it brought."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

from ..errors import UsageProblem
from ..hosts.next_input import recognise
from ..kernel.gate import running_cell_id, running_request_id
from ..session.machine import State
from ..session.messages import Approval, Event, Stop

if TYPE_CHECKING:
    from .conversation import Conversation


class Cells:
    """Listens to the shell's cell events, and tells the conversation of the step's approval and of its end."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._shell = conversation.shell
        self._gate = conversation.gate
        self._workspace = conversation.workspace
        self._next_input = conversation.next_input
        self._pid = os.getpid()
        self._step: str | None = None  # the running cell as it was sent, while it is an approved step
        self._cell: str | None = None  # its execute request
        self._shell.events.register("pre_run_cell", self._before_cell)
        self._shell.events.register("post_run_cell", self._after_cell)

    def close(self) -> None:
        """Listens no longer."""
        self._shell.events.unregister("pre_run_cell", self._before_cell)
        self._shell.events.unregister("post_run_cell", self._after_cell)

    def _before_cell(self, info: ExecutionInfo) -> None:
        if os.getpid() != self._pid:
            return
        self._next_input.in_cell = True
        if self._conversation.session.state is State.EXECUTING and self._is_lost():
            self._step = None
            self._workspace.cancel_capture()
            self._conversation.handle(Stop(reason="The end of the step was lost to an interrupt."))
        if self._conversation.session.state is not State.AWAITING:
            return
        source = self._approved(str(info.raw_cell))
        if source is not None:
            self._begin(str(info.raw_cell), source)

    def _begin(self, cell: str, source: str) -> None:
        """The running `cell` is the step; what it runs of it is `source`."""
        self._step, self._cell = cell, running_request_id(self._shell)
        if self._conversation.live:
            self._conversation.live.host.below = running_cell_id(self._shell)
        try:
            self._conversation.handle(Approval(self._conversation.session.pending.id, source))
        except UsageProblem:  # a page was faster: the step has just been rejected or stopped
            self._step = None
            self._gate.revoke()
            return
        self._workspace.begin(source)

    def _approved(self, cell: str) -> str | None:
        """What the cell runs for the proposal that waits; `None` when it is another cell, or has no approval."""
        if self._conversation.live and self._conversation.live.host.pending:
            return cell if self._gate.claim() == self._conversation.live.host.pending.cell else None
        return recognise(cell, self._conversation.session.pending)

    def _is_lost(self) -> bool:
        """Whether the step that should be running is not, though its end was never told."""
        return self._cell != running_request_id(self._shell) if self._step else not self._workspace.running

    def _after_cell(self, result: ExecutionResult | None) -> None:
        if os.getpid() != self._pid:
            return
        try:
            if self._step is not None and (result is None or getattr(result.info, "raw_cell", None) == self._step):
                self._step = None
                self._observe(result)
        finally:
            self._next_input.in_cell = False

    def _observe(self, result: ExecutionResult | None) -> None:
        """Tells the session what the step brought. An interrupt cancels a step that awaits."""
        if self._conversation.session.state is not State.EXECUTING:
            self._workspace.cancel_capture()  # an interrupt came while the step was being approved
            return
        if result is None or isinstance(result.error_in_exec, KeyboardInterrupt | asyncio.CancelledError):
            self._workspace.cancel_capture()
            self._conversation.handle(Stop(reason="The running step was interrupted."))
            return
        event: Event = Stop("failed", "What the step brought could not be read.")
        try:
            event = observation = self._workspace.end(self._conversation.session.pending.id, result)
            self._next_input.in_cell = observation.ok  # the reply to a failed cell carries no prefilled one
        finally:
            self._workspace.cancel_capture()
            self._conversation.handle(event)
