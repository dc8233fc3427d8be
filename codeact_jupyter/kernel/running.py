"""Tracking of the cells that a shell runs, and calls in the kernel's main thread between two cells."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextvars import Context, copy_context
from functools import partial
from typing import TypeVar

from IPython.core.interactiveshell import InteractiveShell

POLL_SECONDS = 0.02
LOOP_TIMEOUT = 0.5  #: seconds to wait for an idle kernel's event loop, which a window system may be blocking

T = TypeVar("T")


class Busy(Exception):
    """Error of a call that needs an idle shell while a cell is running."""


class RunningCells:
    """Counts the cells that a shell runs, by thread.

    Args:
        shell: The shell whose events are used.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._context: Context | None = None  # of the main thread after its last cell
        self._shell = shell
        self._threads: Counter[int] = Counter()
        shell.events.register("pre_execute", self._begin)
        shell.events.register("post_execute", self._end)

    def close(self) -> None:
        """Unregister from the shell's events."""
        self._shell.events.unregister("pre_execute", self._begin)
        self._shell.events.unregister("post_execute", self._end)

    def anywhere(self) -> bool:
        """Return True if a cell is running."""
        return any(self._threads.values())

    def elsewhere(self) -> bool:
        """Return True if a cell is running in another thread."""
        return self._besides(threading.get_ident())

    def _besides(self, own: int) -> bool:
        return any(count for thread, count in self._threads.items() if thread != own)

    def context(self) -> Context:
        """Return the context in which the next cell will run: it keeps what the last cell set."""
        return copy_context() if self._context is None or self.anywhere() else self._context

    def between(self, work: Callable[[Callable[[], bool]], T], patience: float, stop: threading.Event) -> T:
        """Return the result of `work`, called while no cell is running: in a kernel's main thread, if it responds.

        In the main thread, `work` is called at once, also within a cell that is running there. A thread that serves a
        message of a page counts as one that runs a cell: its own does not matter.

        Args:
            work: Called with a function that returns True if a cell has started meanwhile.
            patience: Seconds to wait for a running cell.
            stop: Ends the wait.

        Raises:
            Busy: A cell is still running, or `stop` was set.
        """
        end = time.monotonic() + patience
        while self.elsewhere():
            if time.monotonic() > end or stop.wait(POLL_SECONDS):
                raise Busy
        loop = getattr(getattr(self._shell, "kernel", None), "io_loop", None)
        if loop is None or threading.current_thread() is threading.main_thread():
            return work(self.elsewhere)
        done: Future[T] = Future()
        loop.add_callback(self._call, done, work, partial(self._besides, threading.get_ident()))
        try:
            return self._wait(done, stop)
        except CancelledError:
            return work(self.elsewhere)

    def _wait(self, done: Future[T], stop: threading.Event) -> T:
        """Wait for the event loop; raise `CancelledError` if it does not run the callback within `LOOP_TIMEOUT`."""
        end = time.monotonic() + LOOP_TIMEOUT
        while True:
            try:
                return done.result(POLL_SECONDS)
            except TimeoutError:
                if done.done():
                    raise
                if stop.is_set() or self.elsewhere():
                    if done.cancel():
                        raise Busy from None
                elif time.monotonic() > end:
                    done.cancel()

    def _call(self, done: Future[T], work: Callable[[Callable[[], bool]], T], is_running: Callable[[], bool]) -> None:
        """In the main thread, call `work`, unless the call was cancelled or a cell is awaiting something."""
        if not done.set_running_or_notify_cancel():
            return
        try:
            if is_running():
                raise Busy
            done.set_result(work(is_running))
        except BaseException as error:
            done.set_exception(error)

    def _begin(self) -> None:
        self._threads[threading.get_ident()] += 1

    def _end(self) -> None:
        thread = threading.get_ident()
        self._threads[thread] = max(0, self._threads[thread] - 1)  # the cell may have begun before registration
        if thread == threading.main_thread().ident:
            self._context = copy_context()
