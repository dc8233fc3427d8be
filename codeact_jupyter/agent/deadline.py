"""Time limit of an episode."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ..kernel.interrupt import REPEAT_SECONDS
from ..session.messages import Stop


class Deadline:
    """A timer that can be started again.

    Args:
        on_passed: Called on a separate thread when the time is over, and again and again until `cancel`.
    """

    def __init__(self, on_passed: Callable[[], None]) -> None:
        self._on_passed = on_passed
        self._seconds = 0.0
        self._end: float | None = None  # on the monotonic clock
        self._has_passed = False  # when it was cancelled
        self._cancelled = threading.Event()

    @property
    def passed(self) -> bool:
        """True if the time was over before `cancel`. The thread may be late, the clock is not."""
        return self._has_passed or self.left == 0

    @property
    def left(self) -> float | None:
        """Seconds until the deadline; `None` for no limit, and after `cancel`."""
        return None if self._end is None else max(self._end - time.monotonic(), 0)

    @property
    def stop(self) -> Stop:
        """Event that ends the episode when the time is over."""
        return Stop("limit", f"The limit of {self._seconds:.0f} s for one question is reached: raise `max_seconds`.")

    def start(self, seconds: float | None) -> None:
        """Start again from zero.

        Args:
            seconds: Time until the deadline; `None` for no limit.
        """
        self.cancel()
        self._has_passed = False
        if seconds is not None:
            self._seconds, self._end, self._cancelled = seconds, time.monotonic() + seconds, threading.Event()
            work = (seconds, self._cancelled)
            threading.Thread(target=self._wait, args=work, daemon=True, name="codeact-limit").start()

    def cancel(self) -> None:
        """Stop the timer; `passed` stays as it is."""
        self._has_passed, self._end = self.passed, None
        self._cancelled.set()

    def _wait(self, seconds: float, cancelled: threading.Event) -> None:
        while not cancelled.wait(min(seconds, threading.TIMEOUT_MAX)):
            self._on_passed()
            seconds = REPEAT_SECONDS
