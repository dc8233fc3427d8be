"""Worker processes: each loads suite and model once, attempts one task at a time, and can be killed at any moment.

`pebble` starts the processes, limits their time and replaces them. This module adds what it lacks: an attempt is killed
with every process that it started, no worker outlives the run, and the loading is not a part of the first attempt.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import platform
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from ..dialects.prompt import DIALECTS, Dialect
from ..engines import Engine
from ..errors import CodeActError, GenerationFailed, UsageProblem
from .attempt import attempt, empty_record, limit_reached
from .other_agent import OtherAgent
from .plan import Settings
from .provenance import describe_run, other_conditions
from .records import Key, Record
from .suites import load_function, load_suite
from .task import Task

STARTING = 900.0  #: seconds that the loading may take


class Worker:
    """A process for attempts. If it is killed or dies, the next attempt gets another one.

    Args:
        settings: Settings of the run, with a suite that any process can load.
        seconds: Time after which an attempt is killed.
        log: File for what the process prints.
        about: Description of the run, which the process must match; empty if it cannot be another.
        shown: What messages call the log; empty for its path.

    Attributes:
        model: Name of the model; as loaded, once the first attempt is over.
    """

    def __init__(
        self, settings: Settings, seconds: float, log: Path, *, about: Mapping[str, Any] | None = None, shown: str = ""
    ) -> None:
        self.model = settings.model
        self._settings, self._about = settings, about or {}
        self._seconds = seconds
        self._log = shown or str(log)
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPool(1, initializer=_prepare, initargs=(str(log),), context=context)
        self._loading: Future[tuple[str, int]] | None = None
        self._pid = 0

    def begin(self, key: Key) -> Future[Any]:
        """Start an attempt; a new process first loads suite and model.

        Args:
            key: Key of the attempt.

        Returns:
            A future; give it to `finish` when it is done.
        """
        if self._loading is None:
            self._loading = self._pool.schedule(_load, [self._settings, self._about], timeout=STARTING)
        return self._pool.schedule(_attempt, [key], timeout=self._seconds)

    def finish(self, future: Future[Any]) -> Record | str:
        """Return the result of an attempt.

        Args:
            future: Future of `begin`.

        Returns:
            The record, or why there is none: the process was killed or died.

        Raises:
            CodeActError: The loading failed.
        """
        self._wait_for_loading()
        try:
            record: Record = future.result()
            return record
        except TimeoutError:
            reason = f"It was killed after {self._seconds:.0f} s."
        except ProcessExpired as error:
            reason = f"Its process died ({_ending(error)})."
        self._kill()
        self._loading = None
        return reason

    def close(self) -> None:
        """Kill the process. An attempt that is under way ends."""
        self._pool.stop()
        self._kill()
        self._pool.join()

    def _wait_for_loading(self) -> None:
        assert self._loading is not None
        try:
            self.model, self._pid = self._loading.result()
        except CodeActError:
            raise
        except ProcessExpired as error:
            ending = _ending(error)
        except BrokenExecutor as error:
            ending = str(error)
        except Exception as error:
            ending = f"{type(error).__name__}: {error}"
        else:
            return
        raise GenerationFailed(f"The evaluation's process did not start ({ending}): see {self._log}.")

    def _kill(self) -> None:
        """Kill the process group of the worker, which outlives the worker itself."""
        if self._pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._pid, signal.SIGKILL)
            self._pid = 0


def _ending(error: ProcessExpired) -> str:
    code = error.exitcode
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


# --- in the process ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Loaded:
    settings: Settings
    suite: str
    tasks: Mapping[str, Task]
    engine: Engine
    dialect: Dialect
    other: OtherAgent | None


_loaded: list[_Loaded] = []  # at most one


def _prepare(log: str) -> None:
    """Set up the process: its own group, ends with the parent, can be interrupted, no screen, output to the log."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.environ["MPLBACKEND"] = "Agg"
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.dup2(file, 1)  # native code prints there too
    os.dup2(file, 2)
    os.close(file)


def _die_with_parent() -> None:
    """Kill this process and all that it started when its parent has died."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.killpg(0, signal.SIGKILL)


def _load(settings: Settings, about: Mapping[str, Any]) -> tuple[str, int]:
    """Load suite, model and other agent; return the name of the model and the id of this process."""
    try:
        suite = load_suite(settings.suite)
        if about and (differs := other_conditions(about, describe_run(settings, suite, print))):
            raise UsageProblem(f"{platform.node()} has another {differs}: install there what is installed here.")
        engine, dialect = _open_engine(settings)
        engine.count_tokens([])  # loads the model
        other: OtherAgent | None = load_function(settings.agent) if settings.agent else None
    except Exception:
        traceback.print_exc()
        raise
    tasks = {task.name: task for task in suite.tasks}
    _loaded[:] = [_Loaded(settings, suite.name, tasks, engine, dialect, other)]
    return engine.name, os.getpid()


def _open_engine(settings: Settings) -> tuple[Engine, Dialect]:
    """Return the engine to measure and the dialect of its model."""
    if settings.engine:
        made = load_function(settings.engine)()
        return made if isinstance(made, tuple) else (made, DIALECTS["markdown"])
    from ..engines.llama import physical_cores
    from ..engines.loading import open_model

    return open_model(settings.model, threads=max(1, physical_cores() // settings.workers))


def _attempt(key: Key) -> Record:
    """Make an attempt in a new folder. An error outside the model becomes a record too."""
    (loaded,) = _loaded
    task = loaded.tasks[key[0]]
    record = empty_record(loaded.suite, task, key, loaded.engine.name)
    home = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="codeact-task-", ignore_cleanup_errors=True) as folder:
        os.chdir(folder)
        try:
            return attempt(record, task, loaded.settings, loaded.engine, loaded.dialect, loaded.other)
        except KeyboardInterrupt:  # the time was over just when the attempt was
            return limit_reached(record, loaded.settings)
        except Exception as error:
            traceback.print_exc()
            return replace(record, status="error", reason=f"{type(error).__name__}: {error}")
        finally:
            if pyplot := sys.modules.get("matplotlib.pyplot"):
                pyplot.close("all")  # the next task must not see them
            os.chdir(home)
