"""Worker processes as the runner sees them: a slot runs one after another, and kills the one that overruns."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
from pathlib import Path
from typing import Any

from ..errors import CodeActError, GenerationFailed
from .records import Key, Record
from .settings import Settings
from .worker import Ready, serve

STOPPED = "The run was stopped."
STARTING = 900.0  #: seconds that a worker may take to load the model


class Slot:
    """Room for one worker process. Nothing is started before the first `attempt`; then `model` is the engine's name."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.model = settings.model
        self._settings = settings
        self._log = log
        self._closed = False
        self._process: Any = None
        self._connection: Any = None

    def attempt(self, key: Key, seconds: float) -> Record | str:
        """The record of the attempt; or why there is none: it was killed after so many seconds, or died.

        Raises `CodeActError` when no worker can be had.
        """
        if self._process is None:
            self._start()
        if self._closed:
            raise GenerationFailed(STOPPED)
        said = None
        with contextlib.suppress(EOFError, OSError):  # it has died
            self._connection.send(key)
            if not self._connection.poll(seconds):
                self._end()
                return f"It was killed after {seconds:.0f} s."
            said = self._connection.recv()
        if isinstance(said, Record):
            return said
        return f"Its process died ({self._end()})."

    def close(self) -> None:
        """Kills the worker. From any thread; an attempt that is under way ends soon."""
        self._closed = True
        self._kill()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self._settings, str(self._log)), daemon=True)
        self._process.start()
        theirs.close()
        said = None
        with contextlib.suppress(EOFError, OSError):
            said = self._connection.recv() if self._connection.poll(STARTING) else "nothing"
        if isinstance(said, Ready):
            self.model = said.model
            return
        ending = self._end()
        if isinstance(said, CodeActError):
            raise said
        raise GenerationFailed(f"The evaluation's process did not come up ({ending}): see {self._log}.")

    def _end(self) -> str:
        """Kills the worker and lets go of it. Returns how it ended."""
        self._kill()
        self._process.join()
        code = self._process.exitcode
        self._connection.close()
        self._process = self._connection = None
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def _kill(self) -> None:
        """Kills the process and all that it started."""
        process = self._process
        if process is None or process.pid is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
