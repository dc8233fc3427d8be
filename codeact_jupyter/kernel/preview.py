"""Trial of a cell in a sandboxed copy of the kernel that can change nothing.

The copy is a fork of this process, made in its main thread between two cells. The child detaches from the kernel's
descriptors and shared memory (`copy.detach`), disconnects its shell from the front end (`copy.child_shell`), confines
itself by Landlock and seccomp (`copy.sandbox`), and runs the cell as the workspace would (`copy.trial`). The parent
answers its filtered system calls (`copy.supervisor`), watches its memory and progress (`copy.watch`), and always kills
and reaps it (`copy.forked`).

A trial reports one run. The next one may differ, as the time, random numbers and the outside world do.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ..models.memory import free_bytes
from ..namespace.source import normalise
from ..session.evidence import Evidence
from .copy import STOPPED, Trial
from .copy.request import Experiment
from .evidence import SECONDS, STARTING, obstacle, read_evidence
from .running import RunningCells
from .workspace import Workspace

if TYPE_CHECKING:
    from .copy.attempt import Attempt

RESERVE = 256 << 20  #: bytes of memory to leave free
MAX_OVERRUNS = 2  #: trials of a cell that may exceed their limits before it is no longer tried


class Preview:
    """Tries cells in copies of the kernel, one at a time. Usable from any thread.

    Args:
        workspace: The workspace of the shell that is copied.
        seconds: Time limit of a trial.
        memory: Fraction of the free memory that a trial may use.
        patience: Seconds to wait for a running cell of the user.

    Attributes:
        enabled: False to try nothing.
        seconds: The time limit; may be changed between trials.
        evidence_seconds: The time limit of an experiment; 0 for none.
        running: The cells that the shell runs.
    """

    def __init__(
        self, workspace: Workspace, *, seconds: float = 10.0, memory: float = 0.8, patience: float = 2.0
    ) -> None:
        self.enabled = True
        self.seconds = seconds
        self.evidence_seconds = SECONDS
        self._workspace = workspace
        self._memory = memory
        self._patience = patience
        self._one = threading.Lock()
        self._stop = threading.Event()
        self._overruns: Counter[str] = Counter()  # by normalised source
        self.running = RunningCells(workspace.shell)
        self._notebook_folder = _working_directory()

    def close(self) -> None:
        """End the current trial, disable trials, and unregister from the shell's events."""
        self.enabled = False
        self.stop()
        self.running.close()

    def stop(self) -> None:
        """End the current trial at once, and try nothing until `resume`."""
        self._stop.set()

    def resume(self) -> None:
        """Allow trials again after `stop`."""
        self._stop.clear()

    @cached_property
    def missing(self) -> str:
        """The reason why this machine cannot try cells, without a full stop; empty if it can."""
        if sys.platform != "linux":
            return "a sandboxed copy of the kernel needs Linux"
        from .copy.sandbox import missing

        return missing()

    def try_cell(self, source: str, *, prior: Sequence[str] = ()) -> Trial:
        """Return the outcome of trying a cell.

        Args:
            source: The cell.
            prior: Cells to run before it in the same copy; read when the copy is made.
        """
        with self._one:
            try:
                free = free_bytes()
                if reason := self._obstacle(source, free):
                    return Trial("not_tried", reason=reason)
                trial, overran = self._attempts(free, self.seconds).run(source, prior)
            except OSError as error:
                return Trial("not_tried", reason=f"the kernel could not be copied ({error.strerror or error})")
            self._overruns[normalise(source)] += overran and not prior
            return trial

    def evidence(self, source: str, trial: Trial, question: str, *, prior: Sequence[str] = ()) -> Evidence:
        """Return what the result of a cell rests on.

        Args:
            source: The cell.
            trial: Its trial.
            question: The question that it is for.
            prior: Cells to run before it in the same copy; read when the copy is made.
        """
        seconds = self.evidence_seconds
        if reason := obstacle(source, trial, seconds, self._workspace.shell.user_ns):
            return Evidence(reason=reason)
        with self._one:
            try:
                free = free_bytes()
                if reason := self._obstacle(source, free):
                    return Evidence(reason=reason)
                wanted = Experiment(question, seconds, (*trial.added, *trial.changed))
                return read_evidence(*self._attempts(free, seconds + STARTING).examine(source, prior, wanted))
            except OSError as error:
                return Evidence(reason=f"the kernel could not be copied ({error.strerror or error})")

    def _obstacle(self, source: str, free: int) -> str:
        """Return why the cell cannot be tried now; empty if it can."""
        if not self.enabled:
            return "trials are switched off"
        if self._stop.is_set():
            return STOPPED
        if self.missing:
            return self.missing
        if self._overruns[normalise(source)] >= MAX_OVERRUNS:
            return f"{MAX_OVERRUNS} earlier trials of this cell exceeded their limits"
        return "too little memory is free" if free < 2 * RESERVE else ""

    def _attempts(self, free: int, seconds: float) -> Attempt:
        from .copy.attempt import Attempt  # Linux only
        from .copy.sandbox import Limits

        limits = Limits(int((free - RESERVE) * self._memory), seconds)
        folder, patience = self._notebook_folder, self._patience
        return Attempt(self._workspace, self.running, self._stop, limits, RESERVE, folder, patience)


def _working_directory() -> str:
    """Return the resolved path of the working directory; empty if it is gone."""
    try:
        return os.path.realpath(os.getcwd())  # noqa: PTH109
    except OSError:
        return ""
