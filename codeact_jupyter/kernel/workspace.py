"""The live kernel as the agent needs it: what is there, and what running a cell brought.

`Workspace` works with any IPython shell: the kernel's, a terminal's, or the private one of `solve`.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from ..checks import explain_error
from ..namespace.bindings import incidental_names
from ..namespace.snapshot import Snapshot, delta, list_files, render_changes, render_context, snapshot
from ..outputs.capture import Capture
from ..outputs.observation import headline, render_observation
from ..session.messages import Observation
from ..text import one_line, shorten
from .gate import Gate

ERROR_CHARS = 300


class Workspace:
    """The user's namespace and working directory, and the running of approved cells in them."""

    def __init__(
        self,
        shell: InteractiveShell,
        gate: Gate,
        *,
        context_tokens: int = 900,
        observation_chars: int = 4000,
        files: bool = True,
        silent: bool = False,
        hints: bool = True,
        inference: bool = True,
    ) -> None:
        self.shell = shell
        self.gate = gate
        self.context_tokens = context_tokens
        self.observation_chars = observation_chars
        self.files = files
        self.silent = silent
        self.hints = hints
        self.inference = inference
        self._told: Snapshot | None = None
        self._running: tuple[str, Capture, Snapshot, float] | None = None

    def describe(self, *, afresh: bool = False) -> str:
        """What is in the notebook, as text for the model: all of it at first or `afresh`, then only what changed."""
        now = self._snapshot()
        if self._told is None or afresh:
            files = list_files(Path(), 20) if self.files else ()
            text = render_context(now, files=files, budget=self.context_tokens)
        else:
            text = render_changes(self._told, now, budget=self.context_tokens)
        self._told = now
        return text

    def forget(self) -> None:
        """The next `describe` tells everything again."""
        self._told = None

    def begin(self, source: str) -> None:
        """The cell with the approved `source` is about to run: its outputs are captured from here on."""
        capture = Capture(self.shell, silent=self.silent)
        known = self._told or self._snapshot()  # so that it also hears of what the user's own cells changed meanwhile
        self._running = (source, capture, known, time.monotonic())
        capture.start()

    def end(self, proposal_id: str, result: ExecutionResult) -> Observation:
        """The cell has run: what it brought, for the model."""
        if self._running is None:
            raise RuntimeError("end() without begin()")
        source, capture, known, started = self._running
        self._running = None
        captured = capture.stop()
        seconds = time.monotonic() - started
        now = self._snapshot()
        change = delta(known, now)
        error = result.error_before_exec or result.error_in_exec
        advice = ""
        if error is not None and self.hints:
            advice = explain_error(error, source, self.shell.user_ns, inference=self.inference)
        text = render_observation(
            captured,
            error,
            change if error else change.without(incidental_names(source)),
            seconds,
            source=source,
            budget_chars=self.observation_chars,
            advice=advice,
        )
        self._told = now
        told = shorten(one_line(headline(error).partition("\n")[0]), ERROR_CHARS) if error is not None else ""
        return Observation(proposal_id, text, error is None, round(seconds, 3), told)

    def run(self, proposal_id: str, source: str) -> tuple[Observation, bool]:
        """Runs the approved source now, through the gate. Returns its observation, and whether it was interrupted."""
        self.begin(source)
        try:
            with self.gate.admit(source):
                result = self.shell.run_cell(source, store_history=False)
            interrupted = isinstance(result.error_in_exec, KeyboardInterrupt)
            return self.end(proposal_id, result), interrupted
        finally:
            self.abandon()

    @property
    def running(self) -> bool:
        """Whether a run has begun and not ended."""
        return self._running is not None

    def abandon(self) -> None:
        """Ends the capturing of a run whose end did not come. Does nothing when none is under way."""
        if self._running is not None:
            self._running[1].stop()
            self._running = None

    def _snapshot(self) -> Snapshot:
        namespace: Mapping[str, Any] = self.shell.user_ns
        return snapshot(namespace, hidden=self.shell.user_ns_hidden)


def interrupt(thread: int) -> None:
    """Raises `KeyboardInterrupt` in the thread with this ident; in the main thread also out of a blocking call, unless
    the process ignores interrupts, as one that a script starts in the background does."""
    if thread == threading.main_thread().ident and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))
