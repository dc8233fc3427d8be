"""The cells that a shell runs, and work that is done in its main thread between two of them."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextvars import Context, copy_context
from typing import TypeVar

from IPython.core.interactiveshell import InteractiveShell

SLICE = 0.02  #: seconds between two looks
UNHEARD = 0.5  #: seconds after which an event loop that answers nothing counts as one that somebody else drives

T = TypeVar("T")


class Busy(Exception):
    """A cell runs."""


class RunningCells:
    """Knows in which threads a shell runs cells.

    Args:
        shell: to listen to.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._context: Context | None = None  # of the cell that ended last
        self._shell = shell
        self._threads: Counter[int] = Counter()
        shell.events.register("pre_execute", self._begin)
        shell.events.register("post_execute", self._end)

    def close(self) -> None:
        """Listen no longer."""
        self._shell.events.unregister("pre_execute", self._begin)
        self._shell.events.unregister("post_execute", self._end)

    def anywhere(self) -> bool:
        """Return True if a cell runs."""
        return any(self._threads.values())

    def elsewhere(self) -> bool:
        """Return True if a cell runs in another thread than the calling one."""
        own = threading.get_ident()
        return any(count for thread, count in self._threads.items() if thread != own)

    def context(self) -> Context:
        """Return the context that the next cell will run in: what the last one set there stays."""
        return copy_context() if self._context is None or self.anywhere() else self._context

    def between(self, work: Callable[[Callable[[], bool]], T], patience: float, stop: threading.Event) -> T:
        """Return what `work` returns, called while no cell runs, in the main thread of a kernel where there is one.

        In a thread that runs a cell, it is called there, within that cell.

        Args:
            work: is given a function that tells whether a cell runs after all.
            patience: seconds to wait for a running cell.
            stop: ends the waiting.

        Raises:
            Busy: a cell still runs, or it was stopped.
        """
        end = time.monotonic() + patience
        while self.elsewhere():
            if time.monotonic() > end or stop.wait(SLICE):
                raise Busy
        loop = getattr(getattr(self._shell, "kernel", None), "io_loop", None)
        if loop is None or threading.current_thread() is threading.main_thread():
            return work(self.elsewhere)
        done: Future[T] = Future()
        loop.add_callback(self._answer, done, work)
        try:
            return self._wait(done, stop)
        except CancelledError:
            return work(self.elsewhere)

    def _wait(self, done: Future[T], stop: threading.Event) -> T:
        """Wait for the main thread. `CancelledError` if it does not come to it, as when a window system has it."""
        end = time.monotonic() + UNHEARD
        while True:
            try:
                return done.result(SLICE)
            except TimeoutError:
                if done.done():
                    raise
                if stop.is_set() or self.anywhere():
                    if done.cancel():
                        raise Busy from None
                elif time.monotonic() > end:
                    done.cancel()

    def _answer(self, done: Future[T], work: Callable[[Callable[[], bool]], T]) -> None:
        """In the main thread: do it, unless nobody waits any more, or a cell runs that awaits something."""
        if not done.set_running_or_notify_cancel():
            return
        try:
            if self.anywhere():
                raise Busy
            done.set_result(work(self.anywhere))
        except BaseException as error:
            done.set_exception(error)

    def _begin(self) -> None:
        self._threads[threading.get_ident()] += 1

    def _end(self) -> None:
        thread = threading.get_ident()
        self._threads[thread] = max(0, self._threads[thread] - 1)  # the cell may have begun before this listened
        if thread == threading.main_thread().ident:
            self._context = copy_context()
