"""A timer of Linux that sends SIGINT to the main thread: also while that runs C code, and no other thread can run.

Unlike `signal.setitimer`, of which each process has one, it leaves SIGALRM to the user's code.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time

_TO_THREAD = 4  # SIGEV_THREAD_ID


class _Event(ctypes.Structure):
    """`struct sigevent`, for a signal to one thread."""

    _fields_ = [
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("thread", ctypes.c_int),
        ("rest", ctypes.c_char * 64),
    ]


class _Times(ctypes.Structure):
    """`struct itimerspec`."""

    _fields_ = [(name, ctypes.c_long) for name in ("again", "again_ns", "first", "first_ns")]


class SignalTimer:
    """Sends SIGINT to the main thread at a time, and again and again from then on.

    Elsewhere than on Linux, and on one whose C library has no such timers, it does nothing.
    """

    def __init__(self) -> None:
        self._library: ctypes.CDLL | None = None
        self._timer = ctypes.c_void_p()
        self._process = 0  # that has the timer: a fork has none

    def start(self, seconds: float, again: float) -> None:
        """Set the timer, in place of what it was set to.

        Args:
            seconds: Time until the first signal.
            again: Time between two signals.
        """
        if self._process != os.getpid():
            self._make()
        if self._library is not None and self._process == os.getpid():
            parts = [int(part) for time in (again, seconds) for part in (time, time % 1 * 1e9)]
            self._library.timer_settime(self._timer, 0, ctypes.byref(_Times(*parts)), None)

    def cancel(self) -> None:
        """Send no further signals."""
        if self._library is not None and self._process == os.getpid():
            self._library.timer_delete(self._timer)  # before the next line, so that an interrupt leaves no timer
            self._process = 0

    def _make(self) -> None:
        if sys.platform != "linux":
            return
        with contextlib.suppress(OSError, AttributeError):
            self._library = self._library or ctypes.CDLL("librt.so.1")
            event = _Event(signal=signal.SIGINT, notify=_TO_THREAD, thread=os.getpid())  # also the main thread's id
            if not self._library.timer_create(time.CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._timer)):
                self._process = os.getpid()
