"""Time limit of an episode."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..session.messages import Stop


class Deadline:
    """A timer that can be started again.

    Args:
        on_passed: Called on a separate thread when the time is over.
    """

    def __init__(self, on_passed: Callable[[], None]) -> None:
        self.passed = False  #: the time since the last start is over
        self._on_passed = on_passed
        self._timer: threading.Timer | None = None
        self._seconds = 0.0

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
        self.passed = False
        if seconds is not None:
            self._seconds = seconds
            self._timer = threading.Timer(seconds, self._expire)
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """Stop the timer; `passed` stays as it is."""
        if self._timer:
            self._timer.cancel()

    def _expire(self) -> None:
        self.passed = True
        self._on_passed()
