"""Match the kernel's cell events to the approved step, and observe its run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult

from ..errors import UsageProblem
from ..hosts.next_input import NextInputHost, recognise
from ..kernel.requests import running_cell_id, running_request_id
from ..kernel.workspace import Workspace
from ..lab.host import LabHost
from ..session.machine import Session, State
from ..session.messages import Approval, Event, Stop


class StepRuns:
    """Listens to the shell's cell events, and submits the step's approval and its result.

    Args:
        workspace: Captures the outputs of a running step.
        next_input: Host that prefills the next cell.
        lab_host: Host by the extension; `None` in a shell without a kernel.
        session: Returns the present session.
        submit: Gives the agent an event.
    """

    def __init__(
        self,
        workspace: Workspace,
        next_input: NextInputHost,
        lab_host: LabHost | None,
        *,
        session: Callable[[], Session],
        submit: Callable[[Event], None],
    ) -> None:
        self._workspace = workspace
        self._shell = workspace.shell
        self._gate = workspace.gate
        self._next_input = next_input
        self._lab_host = lab_host
        self._session = session
        self._submit = submit
        self._pid = os.getpid()
        self._step: str | None = None  # text of the running cell while it is an approved step
        self._request: str | None = None  # its execute request
        self._shell.events.register("pre_run_cell", self._before_cell)
        self._shell.events.register("post_run_cell", self._after_cell)

    def close(self) -> None:
        """Stop listening."""
        self._shell.events.unregister("pre_run_cell", self._before_cell)
        self._shell.events.unregister("post_run_cell", self._after_cell)

    def _before_cell(self, info: ExecutionInfo) -> None:
        if os.getpid() != self._pid:
            return
        self._next_input.in_cell = True
        if self._session().state is State.EXECUTING and self._is_lost():
            self._step = None
            self._workspace.cancel_capture()
            self._submit(Stop(reason="The step was interrupted, and its result was lost."))
        if self._session().state is not State.AWAITING:
            return
        source = self._approved(str(info.raw_cell))
        if source is not None:
            self._begin(str(info.raw_cell), source)

    def _begin(self, cell: str, source: str) -> None:
        """Submit the approval of the step whose `cell` is running; `source` is the code without the marker."""
        self._step, self._request = cell, running_request_id(self._shell)
        pending = self._lab_host.pending if self._lab_host else None
        if self._lab_host:
            self._lab_host.below = running_cell_id(self._shell)
        try:
            self._submit(Approval(self._session().pending.id, source, auto=pending is not None and pending.run))
        except UsageProblem:  # a page was faster: the step has just been rejected or stopped
            self._step = None
            self._gate.revoke()
            return
        self._workspace.begin(source)

    def _approved(self, cell: str) -> str | None:
        """Return the code that the cell runs for the waiting proposal; `None` for other cells and without approval."""
        if self._lab_host and self._lab_host.pending:
            return cell if self._gate.claim() == self._lab_host.pending.cell else None
        return recognise(cell, self._session().pending)

    def _is_lost(self) -> bool:
        """Return True if the executing step is no longer running, although no end was reported."""
        return self._request != running_request_id(self._shell) if self._step else not self._workspace.running

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
        """Submit the step's result. An interrupt of a step that uses `await` arrives as a cancellation."""
        if self._session().state is not State.EXECUTING:
            self._workspace.cancel_capture()  # an interrupt came while the step was being approved
            return
        if result is None or isinstance(result.error_in_exec, KeyboardInterrupt | asyncio.CancelledError):
            self._workspace.cancel_capture()
            self._submit(Stop(reason="The running step was interrupted."))
            return
        event: Event = Stop("failed", "The result of the step could not be read: run `%codeact continue`.")
        try:
            event = observation = self._workspace.end(self._session().pending.id, result)
            self._next_input.in_cell = observation.ok  # the reply to a failed cell carries no prefilled one
        finally:
            self._workspace.cancel_capture()
            self._submit(event)
        if result.success and self._session().status == "stopped":
            self._fail(result)

    def _fail(self, result: ExecutionResult) -> None:
        """Let the cell fail, so that the cells queued behind it do not run: the user has stopped it."""
        result.error_in_exec = error = KeyboardInterrupt("Stopped.")
        self._shell.showtraceback((KeyboardInterrupt, error, None))
