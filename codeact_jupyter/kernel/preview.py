"""Try a cell in a copy of the kernel that can change nothing, and tell what came of it.

The copy is a fork of this process, made between two cells in its main thread. It is cut off from everything that the
kernel has open (`copy.detach`), made silent (`copy.seal`), confined by Landlock and seccomp (`copy.sandbox`), and runs
the cell as the workspace would (`copy.trial`). This side answers the calls that the copy may not make
(`copy.supervisor`), watches its time and memory (`copy.watch`), and ends it in every case (`copy.forked`).

A trial says what a cell did in the copy. It is no promise about the next run: time, chance and the world differ.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Sequence

from ..models.memory import free_bytes
from ..namespace.source import normalise
from .copy import STOPPED, Trial
from .running import RunningCells
from .workspace import Workspace

RESERVE = 256 << 20  #: bytes of memory that stay free
LATE = 2  #: times that a cell may come to no end until it is not tried any more


class Preview:
    """Tries cells in copies of the kernel, one at a time. Usable from any thread.

    Args:
        workspace: whose shell is copied.
        seconds: that a trial takes at most.
        memory: share of the free memory that it can take.
        patience: seconds to wait for a running cell of the user.

    Attributes:
        enabled: False for no trials.
        seconds: may be changed between trials.
    """

    def __init__(
        self, workspace: Workspace, *, seconds: float = 10.0, memory: float = 0.8, patience: float = 2.0
    ) -> None:
        self.enabled = True
        self.seconds = seconds
        self._workspace = workspace
        self._memory = memory
        self._patience = patience
        self._missing: str | None = None
        self._one = threading.Lock()
        self._stop = threading.Event()
        self._late: Counter[str] = Counter()
        self._running = RunningCells(workspace.shell)

    def close(self) -> None:
        """End a trial that is under way, try nothing any more, and listen to the shell no longer."""
        self.enabled = False
        self.stop()
        self._running.close()

    def stop(self) -> None:
        """End the current trial at once, and try nothing until `resume`."""
        self._stop.set()

    def resume(self) -> None:
        """Allow trials again after `stop`."""
        self._stop.clear()

    @property
    def missing(self) -> str:
        """The reason why nothing can be tried on this machine, without a full stop; empty if it can."""
        if self._missing is None:
            self._missing = _missing()
        return self._missing

    def try_cell(self, source: str, *, prior: Sequence[str] = ()) -> Trial:
        """Return the outcome of trying a cell.

        Args:
            source: of the cell.
            prior: cells that are run before it in the same copy; read when the copy is made.
        """
        with self._one:
            free = free_bytes()
            reason = self._obstacle(source, free)
            if reason:
                return Trial("not_tried", reason=reason)
            try:
                trial, late = self._attempt(source, prior, free)
            except OSError as error:
                return Trial("not_tried", reason=f"the kernel could not be copied ({error.strerror or error})")
            self._late[normalise(source)] += late and not prior
            return trial

    def _obstacle(self, source: str, free: int) -> str:
        """Return why the cell is not tried; empty if nothing speaks against it."""
        if not self.enabled:
            return "trials are switched off"
        if self._stop.is_set():
            return STOPPED
        if self.missing:
            return self.missing
        if self._late[normalise(source)] >= LATE:
            return f"it came to no end in {LATE} trials before"
        return "too little memory is free" if free < 2 * RESERVE else ""

    def _attempt(self, source: str, prior: Sequence[str], free: int) -> tuple[Trial, bool]:
        from .copy.attempt import Attempt  # these two are for Linux only
        from .copy.sandbox import Limits

        limits = Limits(int((free - RESERVE) * self._memory), self.seconds)
        attempt = Attempt(self._workspace, self._running, self._stop, limits, RESERVE, self._patience)
        return attempt.run(source, prior)


def _missing() -> str:
    if sys.platform != "linux":
        return "this system cannot run code in a sealed copy of the kernel"
    from .copy.sandbox import missing

    return missing()
