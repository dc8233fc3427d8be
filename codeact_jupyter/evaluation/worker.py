"""The child process in which tasks are attempted: it loads suite and model once, and can be killed at any moment.

The parent sends keys; for each of them comes a record. A model that cannot be had is told before the first.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path

from ..dialects.prompt import DIALECTS, Dialect
from ..engines import Engine
from ..errors import CodeActError
from .attempting import attempt, blank, tidy
from .loading import load_function, load_suite
from .peers import Peer
from .records import Key, Record
from .settings import Settings
from .task import Task


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has loaded the model of this name."""

    model: str


def serve(connection: Connection, settings: Settings, log: str) -> None:
    """Attempts what it is asked to, until the connection is closed."""
    os.setsid()  # so that it can be killed with all that an action may start
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.environ["MPLBACKEND"] = "Agg"
    _write_to(log)
    try:
        suite = load_suite(settings.suite)
        tasks = {task.name: task for task in suite.tasks}
        engine, dialect = open_engine(settings)
        engine.count_tokens([])  # loads the model
        importlib.import_module("codeact_jupyter.solving")  # before the first task, which is not to pay for it
        peer: Peer | None = load_function(settings.agent) if settings.agent else None
    except CodeActError as error:
        connection.send(error)
        return
    connection.send(Ready(engine.name))
    while True:
        try:
            key: Key = connection.recv()
        except EOFError:
            return
        connection.send(_attempt(suite.name, tasks[key[0]], key, settings, engine, dialect, peer))


def open_engine(settings: Settings) -> tuple[Engine, Dialect]:
    """The engine that is measured, and the dialect it speaks. Raises `ModelError` or `UsageProblem`."""
    if settings.engine:
        made = load_function(settings.engine)()
        return made if isinstance(made, tuple) else (made, DIALECTS["markdown"])
    from ..engines.llama import physical_cores
    from ..engines.loading import open_model

    return open_model(settings.model, threads=max(1, physical_cores() // settings.workers))


def _attempt(
    suite: str, task: Task, key: Key, settings: Settings, engine: Engine, dialect: Dialect, peer: Peer | None
) -> Record:
    """The attempt in a directory of its own. What goes wrong beside the model is a record too."""
    record = blank(suite, task, key, engine.name)
    home = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="codeact-task-", ignore_cleanup_errors=True) as directory:
        os.chdir(directory)
        try:
            return attempt(record, task, settings, engine, dialect, peer)
        except KeyboardInterrupt:  # the clock rang just when the attempt was over
            return replace(record, status="limit", reason=f"The limit of {settings.max_seconds:.0f} s is reached.")
        except Exception as error:
            traceback.print_exc()
            return replace(record, status="error", reason=f"{type(error).__name__}: {error}")
        finally:
            tidy()
            os.chdir(home)


def _die_with_parent() -> None:
    """Ends this process, and all that it started, when its parent is gone without having said so."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.killpg(0, signal.SIGKILL)


def _write_to(log: str) -> None:
    """Whatever is written to the standard streams, by native code too, goes to the log."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
