"""Run the steps of `solve` one at a time in the calling program's process, and restore its state afterwards.

While a step runs, it has its own values of what belongs to the whole process, such as the working directory or
`sys.modules`; then the program's are put back (`kept`, `inline_figures`). A second run in another thread waits
that long. Threads that the step starts belong to it, and so do the runs of a function that it calls. Other
threads go on, and read and print as ever.
"""

from __future__ import annotations

import contextlib
import getpass
import io
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar, copy_context
from functools import partial
from types import ModuleType
from typing import Any, NoReturn, TypeVar

from IPython.core.error import StdinNotImplementedError

from ..namespace.source import FILTERS
from . import inline_figures, kept
from .awaiting import outside_loop
from .running import POLL_SECONDS, Busy

NOBODY = "nobody can type here"
_READING = {"read", "read1", "readinto", "readline", "readlines", "peek", "fileno", "detach"}

T = TypeVar("T")

_present: ContextVar[Guest | None] = ContextVar("codeact_guest", default=None)
_turn = threading.RLock()


class Guest:
    """The steps of one run, and what they have made of the state of the process.

    Attributes:
        module: The module whose names the steps see. It is `__main__` while one of them runs.
    """

    def __init__(self) -> None:
        self.module = _Main()
        self._context = copy_context()
        self._context.run(_copy_decimal_context)
        self._inner = threading.RLock()  # of the turns of runs that a step of this one starts
        self._is_active = False
        self._state: list[Any] = []
        self._filters: list[Any] | None = None
        self._figures: inline_figures.State | None = None

    def owns(self) -> bool:
        """Return True in a step's thread, and in one that a step has started."""
        return _present.get() is self

    def run(self, work: Callable[[], T], patience: float | None = None) -> T:
        """Call `work` as a step.

        Args:
            work: What to call.
            patience: Most seconds to wait for the steps of other runs; None for no limit.

        Returns:
            Its result.

        Raises:
            Busy: The wait was too long.
        """
        if self.owns():
            return work()
        caller = _present.get()
        turn = caller._inner if caller is not None and caller._is_active else _turn
        end = None if patience is None else time.monotonic() + patience
        try:
            while not turn.acquire(timeout=POLL_SECONDS):  # an interrupt of another thread comes between two waits
                if end is not None and time.monotonic() > end:
                    raise Busy
            return self._context.run(self._run, work)
        finally:
            with contextlib.suppress(RuntimeError):  # the wait has failed: it is another thread's turn
                turn.release()

    def _run(self, work: Callable[[], T]) -> T:
        _present.set(self)
        callers = kept.read(kept.RESUMED), kept.read(kept.RESTORED), inline_figures.state()
        try:
            with self._warnings(), outside_loop():
                self._begin()
                try:
                    return work()
                finally:
                    self._state, self._figures = kept.read(kept.RESUMED), inline_figures.state()
        finally:
            self._is_active = False
            _surely(partial(_put_back, *callers))

    @contextlib.contextmanager
    def _warnings(self) -> Iterator[None]:
        """Use the steps' filters of warnings within the block."""
        callers = warnings.catch_warnings()
        with FILTERS:
            callers.__enter__()
            if self._filters is not None:
                warnings.filters[:] = self._filters  # type: ignore[index]
        try:
            yield
        finally:
            with FILTERS:
                self._filters = list(warnings.filters)
                callers.__exit__(None, None, None)

    def _begin(self) -> None:
        """Make the state of the process the step's."""
        self._is_active = True
        if self._state:
            kept.put_back(kept.RESUMED, self._state)
        else:
            sys.argv = [""]  # the arguments are not for the steps
        inline_figures.begin(self._figures)
        if sys.modules["__main__"] is not self.module:
            self.module.callers = sys.modules["__main__"]
        sys.modules["__main__"] = self.module
        _let_threads_inherit()
        _let_nobody_type()
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:  # a program without a console
                setattr(sys, name, io.StringIO())


class _Main(ModuleType):
    """Module of the steps. What it lacks it takes from the program's, whose objects other threads may be pickling."""

    __slots__ = ("callers",)

    def __init__(self) -> None:
        super().__init__("__main__")
        self.callers = sys.modules["__main__"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # above all `__file__`, which new processes would run
            raise AttributeError(f"module '__main__' has no attribute {name!r}")
        return getattr(self.callers, name)


def _copy_decimal_context() -> None:
    """Give this context a copy of what `decimal` keeps in it: steps change that in place."""
    decimal: Any = sys.modules.get("decimal")
    if decimal:
        decimal.setcontext(decimal.getcontext().copy())


def _let_threads_inherit() -> None:
    """Let threads that a step starts belong to it."""
    start = threading.Thread.start

    def start_thread(thread: threading.Thread) -> None:
        guest, run = _present.get(), thread.run

        def run_as_guest() -> None:
            _present.set(guest)
            run()

        if guest is not None:
            thread.run = run_as_guest  # type: ignore[method-assign]
        start(thread)

    threading.Thread.start = start_thread  # type: ignore[method-assign,assignment]


def _let_nobody_type() -> None:
    """Keep steps, and programs that they start, from reading what is typed for the caller."""
    ask, start, system = getpass.getpass, subprocess.Popen.__init__, os.system

    def getpass_of_step(*args: Any, **options: Any) -> str:
        return _refuse() if _present.get() else ask(*args, **options)

    def start_process(process: Any, *args: Any, **options: Any) -> None:
        if _present.get() and len(args) < 4 and options.get("stdin") is None:
            options["stdin"] = subprocess.DEVNULL
        start(process, *args, **options)

    def run_command(command: Any) -> int:
        return system(f"(\n{os.fsdecode(command)}\n) < {os.devnull}" if _present.get() else command)

    getpass.getpass = getpass_of_step
    os.system = run_command
    subprocess.Popen.__init__ = start_process  # type: ignore[method-assign,assignment]
    sys.stdin, vars(sys)["__stdin__"] = _Input(sys.stdin), _Input(sys.__stdin__)


class _Input:
    """`sys.stdin` while a step runs: a step that reads it raises an error, for other threads it is the caller's."""

    def __init__(self, callers: Any) -> None:
        self._callers = callers

    def __getattr__(self, name: str) -> Any:
        if _present.get() is None:
            return getattr(self._callers, name)
        if name in _READING:
            return _refuse
        return {"buffer": self, "close": _nothing, "isatty": bool}.get(name) or getattr(self._callers, name)

    def __iter__(self) -> _Input:
        return self

    def __next__(self) -> str:
        line: str = self.readline()
        if not line:
            raise StopIteration
        return line


def _nothing() -> None:
    """Close nothing: the caller's input stays open."""


def _refuse(*_: object) -> NoReturn:
    raise StdinNotImplementedError(NOBODY)


def _put_back(resumed: list[Any], restored: list[Any], figures: inline_figures.State | None) -> None:
    """Make the state of the process the caller's."""
    kept.put_back(kept.RESUMED, resumed)
    kept.put_back(kept.RESTORED, restored)
    inline_figures.put_back(figures)


def _surely(work: Callable[[], object]) -> None:
    """Call `work`; again, if an interrupt comes before its end, which is raised afterwards."""
    interrupt = None
    while True:
        try:
            work()
            break
        except KeyboardInterrupt as error:
            interrupt = error
    if interrupt:
        raise interrupt
