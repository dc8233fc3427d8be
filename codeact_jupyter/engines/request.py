"""One job of an engine, on a worker thread.

A native call holds the thread that makes it until it returns, deaf to Ctrl-C. So the worker makes it, while the caller
waits in short slices, is told of new text, and may leave at any moment: what the worker holds, it releases itself.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

SLICE = 0.02  #: seconds between two looks at what has changed
PATIENCE = 2.0  #: seconds that an interrupted caller waits for the worker to end

T = TypeVar("T")


class Request(Generic[T]):
    """`run(job, on_text)` returns what the job returns and raises what it raises.

    `flag` is a C string, "" until `stop` makes it non-empty: native code reads it without a call into Python. Each
    request has its own, so that a stop meant for one can never reach the next.
    """

    def __init__(self) -> None:
        self.flag = ctypes.create_string_buffer(2)
        self._text = ""
        self._changed = threading.Event()
        self._done = threading.Event()
        self._result: T
        self._error: BaseException | None = None

    @property
    def stopped(self) -> bool:
        return self.flag.value != b""

    def stop(self) -> None:
        """Asks the job to end soon. From any thread."""
        self.flag.value = b"\1"

    def say(self, text: str) -> None:
        """From the worker: the text so far, for the caller's `on_text`."""
        self._text = text
        self._changed.set()

    def run(self, job: Callable[[], T], on_text: Callable[[str], None] = lambda text: None) -> T:
        threading.Thread(target=self._work, args=(job,), name="codeact-engine", daemon=True).start()
        told = ""
        try:
            while not self._done.is_set():
                self._changed.wait(SLICE)
                self._changed.clear()
                if self._text != told:
                    told = self._text
                    on_text(told)
            if self._text != told:
                on_text(self._text)
        except BaseException:  # Ctrl-C, or the caller's on_text failed
            self.stop()
            self._done.wait(PATIENCE)
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
