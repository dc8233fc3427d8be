"""Interrupts of a thread that runs Python code, once or until it ends."""

from __future__ import annotations

import _thread
import asyncio
import contextlib
import ctypes
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from .signal_timer import SignalTimer

REPEAT_SECONDS = 2.0  #: between two interrupts of a step that goes on
GRACE_SECONDS = 1.0  #: after a time limit, for the interrupt by a thread, which cannot come while C code holds the GIL

_RUN_CODE = InteractiveShell.run_code.__code__


class _Signal(int):
    """A signal's number, with an attribute that makes Python call the signal's handler at its next look for signals.

    In contrast to a call, reading an attribute is not followed by such a look: it comes after the handler has raised.
    """

    comes_again = property(_thread.interrupt_main)


_SIGINT = _Signal(signal.SIGINT)


def interrupt(thread: int) -> None:
    """Raise `KeyboardInterrupt` in a thread.

    The main thread gets SIGINT, which also ends a blocking system call, unless the process ignores SIGINT, as one that
    a shell script starts in the background does.

    Args:
        thread: Ident of the thread.
    """
    if thread == threading.main_thread().ident and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))


class LastingInterrupt:
    """Makes an interrupt of a step last until the step has ended.

    The first SIGINT is raised once, so that the step can clean up. If it goes on, as code does that catches everything
    in a loop of retries, the signal comes again after a while, and is then raised at each call and each turn of a loop,
    also those between two `try` blocks. A timer of the operating system sends it, because no other thread of Python
    runs while C code holds the GIL. Much of such code looks for signals (`re`, powers of large numbers), some does
    not (`sorted`).

    Only for steps in the main thread: other threads get no signals.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # held while an interrupt is sent: none comes after `end` has begun
        self._is_running = self._is_set = self._is_watching = self._was_interrupted = False
        self._previous: Callable[[int, FrameType | None], Any] = signal.default_int_handler
        self._task: asyncio.Task[Any] | None = None  # in which a step with `await` runs
        self._outer: FrameType | None = None  # of the shell, if it is running the cell that asked
        self._timer = SignalTimer()

    def begin(self, seconds: float | None) -> None:
        """Begin to watch the step that this thread is about to run.

        Args:
            seconds: Time until it is to be interrupted in any case; `None` for no limit.
        """
        self._was_interrupted, self._is_running = False, True
        previous = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(previous):
            return
        self._previous, self._task = previous, None
        if previous is not signal.default_int_handler:  # ipykernel's, which cancels the task of a cell with `await`
            with contextlib.suppress(RuntimeError):
                self._task = asyncio.current_task()
        self._outer = sys._getframe()
        while self._outer is not None and self._outer.f_code is not _RUN_CODE:
            self._outer = self._outer.f_back
        self._is_watching = self._is_set = True
        signal.signal(signal.SIGINT, self._on_signal)
        if seconds is not None:
            self._timer.start(max(seconds, 0) + GRACE_SECONDS, REPEAT_SECONDS)

    def send(self, thread: int) -> None:
        """Interrupt the step, unless it has ended. Safe from any thread.

        Args:
            thread: Ident of the thread in which it runs.
        """
        with self._lock:
            if self._is_running:
                interrupt(thread)

    def end(self) -> bool:
        """Stop watching: the step has ended.

        Returns:
            True if it was interrupted, whatever it made of that.
        """
        try:
            self._end()
        except KeyboardInterrupt:  # it came for the step, just as that ended
            self._was_interrupted = True
            self._end()
        return self._was_interrupted

    def _end(self) -> None:
        with self._lock:
            self._is_running = False
        if self._is_set:
            self._is_watching, self._task, self._outer = False, None, None
            self._timer.cancel()
            is_main = threading.current_thread() is threading.main_thread()
            if is_main and signal.getsignal(signal.SIGINT) == self._on_signal:
                signal.signal(signal.SIGINT, self._previous)
            self._is_set = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._is_watching:
            if not self._was_interrupted:  # else it came for the step, just as that ended
                self._previous(number, frame)
            return
        is_first, self._was_interrupted = not self._was_interrupted, True
        self._timer.start(REPEAT_SECONDS, REPEAT_SECONDS)
        is_in_step = self._is_in_step(frame)
        in_own_loop = self._task is not None and asyncio._get_running_loop() is not self._task.get_loop()
        if self._task is not None and not is_in_step and not in_own_loop:  # it awaits something
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)
        elif is_first and self._task is None:
            self._previous(number, frame)
        elif is_in_step or (is_first and in_own_loop):
            if not is_first:
                _SIGINT.comes_again  # noqa: B018
            raise KeyboardInterrupt

    def _is_in_step(self, frame: FrameType | None) -> bool:
        """Return True if this frame is of the step or of what it has called, not of the shell that runs the step."""
        is_in_step = False
        while frame is not None and frame is not self._outer:
            caller = frame.f_back
            if caller is not None and caller.f_code is _RUN_CODE and caller is not self._outer:
                is_in_step = frame.f_globals is not caller.f_globals
            frame = caller
        return is_in_step
