"""Try a cell in a copy of the kernel that can change nothing, and tell what came of it.

The copy is a fork of this process. It is cut off from everything the kernel has open (`detach`), made silent (`seal`),
confined by Landlock and seccomp (`sandbox`), and runs the cell as the workspace would (`trial`). This side answers the
calls that the copy may not make (`supervisor`), watches its time and memory, and ends it in every case.

A trial says what a cell did in the copy. It is no promise about the next run: time, chance and the world differ.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from ..models.memory import free_bytes
from .forked import Copy, own_folder, start
from .outcome import BUSY, Trial
from .running import SLICE, Busy, RunningCells
from .sandbox import Limits, missing
from .trial import Plan
from .watch import Watch
from .workspace import Workspace

RESERVE = 256 << 20  #: bytes of memory that stay free
AFTER_REFUSAL = 2.0  #: seconds that a copy goes on at most once it wanted something
STOPPED = "it was stopped"
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
        """End a trial that is under way, and listen to the shell no longer."""
        self.enabled = False
        self.stop()
        self._running.close()

    def stop(self) -> None:
        """End the trial that is under way, at once."""
        self._stop.set()

    @property
    def missing(self) -> str:
        """Why nothing can be tried on this machine, without a full stop; empty if it can."""
        if self._missing is None:
            self._missing = missing()
        return self._missing

    def try_cell(self, source: str, *, prior: Sequence[str] = ()) -> Trial:
        """Try a cell, and return what came of it.

        Args:
            source: of the cell.
            prior: cells that are run before it in the same copy.
        """
        with self._one:
            self._stop.clear()
            reason = self._obstacle(source)
            if reason:
                return Trial("not_tried", reason=reason)
            try:
                trial, late = self._try(source, prior)
            except OSError as error:
                return Trial("not_tried", reason=f"the kernel could not be copied ({error.strerror or error})")
            if late:
                self._late[_normal(source)] += 1
            return trial

    def _obstacle(self, source: str) -> str:
        """Return why the cell is not tried now; empty if nothing speaks against it."""
        if not self.enabled:
            return "trials are switched off"
        if self.missing:
            return self.missing
        if self._late[_normal(source)] >= LATE:
            return f"it did not end within {self.seconds:g} s when it was tried before"
        if free_bytes() < 2 * RESERVE:
            return "too little memory is free"
        return ""

    def _try(self, source: str, prior: Sequence[str]) -> tuple[Trial, bool]:
        """Return the trial, and whether it came to no end in its time."""
        limits = Limits(int((free_bytes() - RESERVE) * self._memory), self.seconds)
        with own_folder() as folder:

            def fork(busy: Callable[[], bool]) -> Copy:
                context, randomness = self._running.context(), random.getstate()
                return start(Plan(self._workspace, source, prior, folder, limits, busy, context, randomness))

            try:
                copy = self._running.between(fork, self._patience, self._stop)
            except Busy:
                return Trial("not_tried", reason=STOPPED if self._stop.is_set() else BUSY), False
            try:
                reason, late = self._follow(copy)
            finally:
                copy.end()
            return copy.trial(reason), late

    def _follow(self, copy: Copy) -> tuple[str, bool]:
        """Serve the copy until it ends or has to. Return why it had to, and whether for its time."""
        watch = Watch(copy.process, RESERVE)
        end = time.monotonic() + self.seconds
        while not copy.ended:
            left = end - time.monotonic()
            if self._stop.is_set():
                return STOPPED, False
            if left <= 0:
                return f"it did not end within {self.seconds:g} s", True
            wanted = copy.wants
            copy.serve(min(left, SLICE))
            if copy.wants and not wanted:
                end = min(end, time.monotonic() + AFTER_REFUSAL)
            trouble = watch.look()
            if trouble:
                return trouble, True
        return "", False


def _normal(source: str) -> str:
    return "".join(source.split())
