"""One trial, from the fork to the outcome. Linux only."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..running import POLL_SECONDS, Busy, RunningCells
from ..workspace import Workspace
from .forked import Copy, private_folder, start
from .native_threads import is_computing
from .outcome import BUSY, COMPUTING, STOPPED, Trial
from .sandbox import Limits
from .trial import Plan
from .watch import Watch

AFTER_REFUSAL = 2.0  #: most seconds that a copy continues after the first refused effect
EXPLAINING = 1.0  #: most seconds for the report of the failing expression, after the outcome


class _Computing(Exception):
    """Error of a fork while another thread computes."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The settings with which cells are tried.

    Args:
        workspace: The workspace of the shell that is copied.
        running: The running cells of that shell.
        stop: Ends the trial when set.
        limits: Limits of the copy.
        reserve: Bytes of memory to leave free.
        patience: Seconds to wait for a running cell.
    """

    workspace: Workspace
    running: RunningCells
    stop: threading.Event
    limits: Limits
    reserve: int
    patience: float

    def run(self, source: str, prior: Sequence[str]) -> tuple[Trial, bool]:
        """Return the trial, and True if it was ended because it exceeded a limit.

        Args:
            source: The cell.
            prior: Cells to run before it; read in the copy.

        Raises:
            OSError: The process cannot be forked.
        """
        with private_folder() as folder:

            def fork(busy: Callable[[], bool]) -> Copy:
                if is_computing():
                    raise _Computing
                context, randomness = self.running.context(), random.getstate()
                return start(Plan(self.workspace, source, prior, folder, self.limits, busy, context, randomness))

            try:
                copy = self.running.between(fork, self.patience, self.stop)
            except _Computing:
                return Trial("not_tried", reason=COMPUTING), False
            except Busy:
                return Trial("not_tried", reason=STOPPED if self.stop.is_set() else BUSY), False
            try:
                reason, overran = self._follow(copy)
            finally:
                copy.end()
            return copy.trial(reason), overran

    def _follow(self, copy: Copy) -> tuple[str, bool]:
        """Serve the copy until it ends or must be ended. Return the reason, and True if it exceeded a limit."""
        watch = Watch(copy.process, self.reserve)
        end = time.monotonic() + self.limits.seconds
        while not copy.ended:
            left = end - time.monotonic()
            if self.stop.is_set():
                return STOPPED, False
            excess = watch.check() if left > 0 else f"it did not end within {self.limits.seconds:g} s"
            if excess:
                return ("", False) if copy.has_outcome else (excess, True)
            had_outcome, wanted = copy.has_outcome, copy.wants
            copy.serve(min(left, POLL_SECONDS))
            if copy.has_outcome and not had_outcome:
                end = time.monotonic() + EXPLAINING
            elif copy.wants and not wanted:
                end = min(end, time.monotonic() + AFTER_REFUSAL)
        return "", False
