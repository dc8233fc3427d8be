"""Watches a process from outside: whether it can still get on, and whether memory runs out."""

from __future__ import annotations

import time
from pathlib import Path

from ...models.memory import free_bytes
from .system_calls import system_calls

PATIENCE = 1.0  #: seconds without any progress until a process counts as stuck
INTERVAL = 0.05


class Watch:
    """Looks at one process now and then.

    Args:
        process: its id.
        reserve: bytes that must stay free.
    """

    def __init__(self, process: int, reserve: int) -> None:
        self._tasks = Path(f"/proc/{process}/task")
        self._reserve = reserve
        self._wait_number = next((each.number for each in system_calls().values() if each.name == "futex"), -1)
        self._looked = time.monotonic()
        self._progressed = self._looked
        self._spent = -1

    def look(self) -> str:
        """Return why the process should be ended, as a sentence without a full stop; empty if it need not."""
        now = time.monotonic()
        if now - self._looked < INTERVAL:
            return ""
        self._looked = now
        if free_bytes() < self._reserve:
            return "it took too much memory"
        spent = self._time_if_waiting()
        if spent is None or spent != self._spent:
            self._spent, self._progressed = -1 if spent is None else spent, now
        return "it waits for a thread that a copy does not have" if now - self._progressed > PATIENCE else ""

    def _time_if_waiting(self) -> int | None:
        """Return the processor time, in ticks, if every thread waits for another without a limit; else None."""
        spent = 0
        try:
            for task in self._tasks.iterdir():
                number, *arguments = (task / "syscall").read_text().split()
                if number != str(self._wait_number) or arguments[3] != "0x0":
                    return None
                fields = (task / "stat").read_text().rpartition(")")[2].split()
                spent += int(fields[11]) + int(fields[12])
        except (OSError, ValueError, IndexError):  # it has ended, or runs, or this may not be read
            return None
        return spent
