"""One trial, from the fork to the outcome. Linux only."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ..running import POLL_SECONDS, Busy, RunningCells
from ..workspace import Workspace
from .forked import Copy, private_folder, start
from .native_threads import is_computing
from .outcome import BUSY, COMPUTING, STOPPED, Trial
from .request import Experiment
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
        notebook_folder: Resolved path of the folder in which written files get stand-ins; empty for none.
        patience: Seconds to wait for a running cell.
    """

    workspace: Workspace
    running: RunningCells
    stop: threading.Event
    limits: Limits
    reserve: int
    notebook_folder: str
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
            copy = self._start(Plan(self.workspace, source, prior, folder, self.limits, self.notebook_folder))
            if isinstance(copy, str):
                return Trial("not_tried", reason=copy), False
            try:
                reason, overran = self._follow(copy)
            finally:
                copy.end()
            return copy.trial(reason), overran

    def examine(self, source: str, prior: Sequence[str], wanted: Experiment) -> tuple[Mapping[str, Any], str]:
        """Return what a copy reports of an experiment, and why it was ended early.

        Args:
            source: The cell.
            prior: Cells to run before it; read in the copy.
            wanted: What to find out.

        Raises:
            OSError: The process cannot be forked.
        """
        with private_folder() as folder:
            plan = Plan(self.workspace, source, prior, folder, self.limits, self.notebook_folder, wanted)
            copy = self._start(plan)
            if isinstance(copy, str):
                return {}, copy
            try:
                reason, _ = self._follow(copy)
            finally:
                copy.end()
            return copy.fields, reason

    def _start(self, plan: Plan) -> Copy | str:
        """Fork a copy while no cell is running; return why not if that is not possible."""

        def fork(busy: Callable[[], bool]) -> Copy:
            if is_computing():
                raise _Computing
            return start(replace(plan, busy=busy, context=self.running.context(), randomness=random.getstate()))

        def fork_in_turn(busy: Callable[[], bool]) -> Copy:
            return self.workspace.in_turn(partial(fork, busy), self.patience)

        try:
            return self.running.between(fork_in_turn, self.patience, self.stop)
        except _Computing:
            return COMPUTING
        except Busy:
            return STOPPED if self.stop.is_set() else BUSY

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
            had_outcome, refused = copy.has_outcome, copy.beyond
            copy.serve(min(left, POLL_SECONDS))
            if copy.has_outcome and not had_outcome:
                end = time.monotonic() + EXPLAINING
            elif copy.beyond and not refused:
                end = min(end, time.monotonic() + AFTER_REFUSAL)
        return "", False
