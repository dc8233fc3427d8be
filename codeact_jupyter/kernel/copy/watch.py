"""Watchdog of a process, run by its parent: it detects deadlocks and a lack of memory."""

from __future__ import annotations

import time
from pathlib import Path

from ...models.memory import free_bytes
from .outcome import TOO_LARGE
from .system_calls import system_calls

PATIENCE = 1.0  #: seconds without progress after which a process counts as deadlocked
INTERVAL = 0.05  #: least seconds between two checks


class Watch:
    """Checks one process.

    Args:
        process: The process id.
        reserve: Bytes of memory that must stay free.
    """

    def __init__(self, process: int, reserve: int) -> None:
        self._tasks = Path(f"/proc/{process}/task")
        self._reserve = reserve
        self._futex = next((each.number for each in system_calls().values() if each.name == "futex"), -1)
        self._checked = time.monotonic()
        self._progressed = self._checked
        self._spent = -1

    def check(self) -> str:
        """Return why the process must be ended, as a sentence without a full stop; empty if it may continue."""
        now = time.monotonic()
        if now - self._checked < INTERVAL:
            return ""
        self._checked = now
        if free_bytes() < self._reserve:
            return TOO_LARGE
        spent = self._time_if_waiting()
        if spent is None or spent != self._spent:
            self._spent, self._progressed = -1 if spent is None else spent, now
        return "it waits for a thread that does not exist in a copy" if now - self._progressed > PATIENCE else ""

    def _time_if_waiting(self) -> int | None:
        """Return the processor time, in ticks, if each thread waits for a futex without a timeout; otherwise None."""
        spent = 0
        try:
            for task in self._tasks.iterdir():
                number, *arguments = (task / "syscall").read_text().split()
                if number != str(self._futex) or arguments[3] != "0x0":
                    return None
                fields = (task / "stat").read_text().rpartition(")")[2].split()
                spent += int(fields[11]) + int(fields[12])
        except (OSError, ValueError, IndexError):  # it has ended, is running, or may not be read
            return None
        return spent
