"""The time that one question may take."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Clock:
    """Calls `ring()` on a thread of its own when an episode has taken so many seconds; `rung` tells whether it did."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self.rung = False
        self._ring = ring
        self._timer: threading.Timer | None = None

    def start(self, seconds: float | None) -> None:
        """Begins anew; without a limit it never rings."""
        self.stop()
        self.rung = False
        if seconds is not None:
            self._timer = threading.Timer(seconds, self._expire)
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        """The episode is over."""
        if self._timer:
            self._timer.cancel()

    def _expire(self) -> None:
        self.rung = True
        self._ring()
