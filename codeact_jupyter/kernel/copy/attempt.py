"""One trial from its fork to its outcome. Linux only."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..running import SLICE, Busy, RunningCells
from ..workspace import Workspace
from .forked import Copy, own_folder, start
from .outcome import BUSY, STOPPED, Trial
from .sandbox import Limits
from .trial import Plan
from .watch import Watch

AFTER_REFUSAL = 2.0  #: seconds that a copy goes on at most once it wanted something
EXPLAINING = 1.0  #: seconds for what is told beside the outcome


@dataclass(frozen=True, slots=True)
class Attempt:
    """The settings with which cells are tried.

    Args:
        workspace: whose shell is copied.
        running: what knows when no cell runs.
        stop: ends the trial once it is set.
        limits: what it can take.
        reserve: bytes of memory that stay free.
        patience: seconds to wait for a running cell.
    """

    workspace: Workspace
    running: RunningCells
    stop: threading.Event
    limits: Limits
    reserve: int
    patience: float

    def run(self, source: str, prior: Sequence[str]) -> tuple[Trial, bool]:
        """Return what came of it, and whether it came to no end in its bounds.

        Args:
            source: of the cell.
            prior: cells that are run before it; read in the copy.

        Raises:
            OSError: the process cannot be forked.
        """
        with own_folder() as folder:

            def fork(busy: Callable[[], bool]) -> Copy:
                context, randomness = self.running.context(), random.getstate()
                return start(Plan(self.workspace, source, prior, folder, self.limits, busy, context, randomness))

            try:
                copy = self.running.between(fork, self.patience, self.stop)
            except Busy:
                return Trial("not_tried", reason=STOPPED if self.stop.is_set() else BUSY), False
            try:
                reason, late = self._follow(copy)
            finally:
                copy.end()
            return copy.trial(reason), late

    def _follow(self, copy: Copy) -> tuple[str, bool]:
        """Serve the copy until it ends or has to. Return why it had to, and whether for its bounds."""
        watch = Watch(copy.process, self.reserve)
        end = time.monotonic() + self.limits.seconds
        while not copy.ended:
            left = end - time.monotonic()
            if self.stop.is_set():
                return STOPPED, False
            trouble = watch.look() if left > 0 else f"it did not end within {self.limits.seconds:g} s"
            if trouble:
                return ("", False) if copy.settled else (trouble, True)
            settled, wanted = copy.settled, copy.wants
            copy.serve(min(left, SLICE))
            if copy.settled and not settled:
                end = time.monotonic() + EXPLAINING
            elif copy.wants and not wanted:
                end = min(end, time.monotonic() + AFTER_REFUSAL)
        return "", False
