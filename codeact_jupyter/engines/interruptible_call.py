"""One call on a worker thread, while the caller's thread can be interrupted.

A native call blocks Ctrl-C in its thread until it returns. So a worker thread makes it, while the caller waits in short
slices and receives new text. The caller may leave at any time: the worker releases its resources itself.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

POLL_SECONDS = 0.02  #: between two checks for new text, a stop, or a free lock
STOP_SECONDS = 2.0  #: longest wait of an interrupted caller for the worker to stop

T = TypeVar("T")


class InterruptibleCall(Generic[T]):
    """One call that can be stopped from any thread.

    Each call has its own stop flag, so that a stop for one call cannot reach the next.

    Attributes:
        flag: a C string, empty until `stop`; native code can read it without calling into Python.
    """

    def __init__(self) -> None:
        self.flag = ctypes.create_string_buffer(2)
        self._text = ""
        self._share = 0.0
        self._changed = threading.Event()
        self._done = threading.Event()
        self._result: T
        self._error: BaseException | None = None

    @property
    def stopped(self) -> bool:
        """True once `stop` was called."""
        return self.flag.value != b""

    def stop(self) -> None:
        """Ask the job to end soon. Call it from any thread."""
        self.flag.value = b"\1"

    def show(self, text: str) -> None:
        """Hand text to the caller's `on_text`. Call it from the job.

        Args:
            text: the text so far.
        """
        self._text = text
        self._changed.set()

    def show_read(self, share: float) -> None:
        """Hand the share of the prompt that has been read to the caller's `on_read`. Call it from the job.

        Args:
            share: between 0 and 1.
        """
        self._share = share
        self._changed.set()

    def run(
        self,
        job: Callable[[], T],
        on_text: Callable[[str], None] = lambda text: None,
        on_read: Callable[[float], None] = lambda share: None,
    ) -> T:
        """Run the job on a worker thread and wait for it. An exception in this thread stops the job.

        Args:
            job: called on the worker thread; whatever it raises is raised here.
            on_text: called in this thread with what the job shows; skips texts that come too fast.
            on_read: called in this thread with the share that the job shows, in the same way.

        Returns:
            The job's result.
        """
        threading.Thread(target=self._work, args=(job,), name="codeact-engine", daemon=True).start()
        shown, read = "", 0.0
        try:
            while not self._done.is_set():
                self._changed.wait(POLL_SECONDS)
                self._changed.clear()
                if self._share != read:
                    read = self._share
                    on_read(read)
                if self._text != shown:
                    shown = self._text
                    on_text(shown)
            if self._text != shown:
                on_text(self._text)
        except BaseException:  # Ctrl-C, or on_text failed
            self.stop()
            self._done.wait(STOP_SECONDS)
            raise
        if self._error is not None:
            raise self._error
        return self._result

    def _work(self, job: Callable[[], T]) -> None:
        try:
            self._result = job()
        except BaseException as error:  # raised again in the caller's thread
            self._error = error
        finally:
            self._done.set()
            self._changed.set()
