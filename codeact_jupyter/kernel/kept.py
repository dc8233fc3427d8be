"""The state of a process that belongs to all that runs in it: read, and put back.

Each entry of the tables is a pair: a function that reads a part of the state, and one that puts back what was read.
`RESUMED` is what steps may change for the steps after them, such as the working directory; `RESTORED` is only put back.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import locale
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

Pair = tuple[Callable[[], Any], Callable[[Any], object]]


def read(table: Iterable[Pair]) -> list[Any]:
    """Read all parts of a table.

    Args:
        table: The table.

    Returns:
        What was read, for `put_back`.
    """
    return [read() for read, _ in table]


def put_back(table: Sequence[Pair], state: Sequence[Any]) -> None:
    """Put back what was read. To call it again does no harm.

    Args:
        table: The table.
        state: What `read` has returned.
    """
    for (_, write), part in zip(table, state, strict=True):
        write(part)


def _attributes(owner: object, *names: str) -> Pair:
    """Return a pair for attributes; lists are put back with what they held."""

    def read() -> dict[str, tuple[Any, list[Any] | None]]:
        found = {name: vars(owner)[name] for name in names if name in vars(owner)}
        return {name: (value, list(value) if isinstance(value, list) else None) for name, value in found.items()}

    def write(state: dict[str, tuple[Any, list[Any] | None]]) -> None:
        for name in names:
            value, items = state.get(name, (None, None))
            if items is not None:
                value[:] = items
            if name in state:
                setattr(owner, name, value)
            elif name in vars(owner):
                delattr(owner, name)

    return read, write


def _directory() -> str:
    try:
        return str(Path.cwd())
    except FileNotFoundError:  # it was deleted
        return ""


def _change_directory(path: str) -> None:
    if path and path != _directory():
        with contextlib.suppress(OSError):  # a step has deleted it
            os.chdir(path)


def _set_environment(state: dict[str, str]) -> None:
    if state != dict(os.environ):
        for name in os.environ.keys() - state.keys():
            del os.environ[name]
        os.environ.update(state)
        time.tzset()


def _set_builtins(state: dict[str, Any]) -> None:
    for name in vars(builtins).keys() - state.keys():
        del vars(builtins)[name]
    vars(builtins).update(state)


def _set_locale(state: str) -> None:
    if state != locale.setlocale(locale.LC_ALL):
        locale.setlocale(locale.LC_ALL, state)


def _logging() -> tuple[list[logging.Handler], int, int]:
    return list(logging.root.handlers), logging.root.level, logging.root.manager.disable


def _set_logging(state: tuple[list[logging.Handler], int, int]) -> None:
    if state != _logging():
        logging.root.handlers[:] = state[0]
        logging.root.setLevel(state[1])
        logging.disable(state[2])


def _shells() -> list[tuple[Any, Any]]:
    return [(cls, cls.__dict__.get("_instance")) for cls in InteractiveShell._walk_mro()]


def _set_shells(state: list[tuple[Any, Any]]) -> None:
    for cls, instance in state:
        cls._instance = instance


# --- libraries: None if they were not loaded -------------------------------------------------------------------------


def _numpy() -> tuple[Any, dict[str, Any]] | None:
    numpy: Any = sys.modules.get("numpy")
    return (numpy.random.get_state(), numpy.get_printoptions()) if hasattr(numpy, "set_printoptions") else None


def _set_numpy(state: tuple[Any, dict[str, Any]] | None) -> None:
    numpy: Any = sys.modules.get("numpy")
    if state is not None:
        numpy.random.set_state(state[0])
        numpy.set_printoptions(**state[1])
    elif hasattr(numpy, "set_printoptions"):
        numpy.random.seed()


def _pandas_options() -> dict[str, Any] | None:
    config: Any = sys.modules.get("pandas._config.config")
    return {name: _option(config, name) for name in list(config._registered_options)} if config else None


def _option(config: Any, name: str) -> Any:
    """Return an option's value; `get_option` warns of those that are deprecated."""
    value = config._global_config
    for part in name.split("."):
        value = value[part]
    return value


def _set_pandas_options(state: dict[str, Any] | None) -> None:
    config: Any = sys.modules.get("pandas._config.config")
    for name, option in list(config._registered_options.items()) if config else []:
        value = option.defval if state is None else state.get(name, option.defval)
        if _option(config, name) is not value:
            config.set_option(name, value)


# --- what is only put back -------------------------------------------------------------------------------------------


def _signals() -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in signal.valid_signals()}


def _set_signals(state: dict[int, Any]) -> None:
    """Put back the handlers: Python lets only the main thread do so, or change them."""
    if threading.current_thread() is threading.main_thread():
        for number, handler in state.items():
            if handler is not None and signal.getsignal(number) != handler:
                signal.signal(number, handler)


def _alarm() -> tuple[tuple[float, float], float]:
    return signal.getitimer(signal.ITIMER_REAL), time.monotonic()


def _set_alarm(state: tuple[tuple[float, float], float]) -> None:
    """Set the alarm to the time that is left of it, if another one was set meanwhile."""
    (left, again), then = state
    expected = max(left - (time.monotonic() - then), 0.001) if left else 0.0
    now = signal.getitimer(signal.ITIMER_REAL)
    if now[1] != again or (not again and abs(now[0] - expected) > 0.1):
        signal.setitimer(signal.ITIMER_REAL, expected, again)


def _set_modules(state: dict[str, Any]) -> None:
    """Put back the modules that were loaded; others stay, since many cannot be loaded twice."""
    sys.modules.update({name: module for name, module in state.items() if sys.modules.get(name) is not module})


RESTORED: list[Pair] = [
    _attributes(sys, "stdin", "stdout", "stderr", "__stdin__"),
    _attributes(os, "system"),
    _attributes(threading.Thread, "start"),
    _attributes(subprocess.Popen, "__init__"),
    _attributes(getpass, "getpass"),
    (_alarm, _set_alarm),
    (_signals, _set_signals),
    (sys.gettrace, sys.settrace),  # a debugger sets it
    (sys.getprofile, sys.setprofile),
    (lambda: dict(sys.modules), _set_modules),
]
RESUMED: list[Pair] = [
    (lambda: dict(vars(builtins)), _set_builtins),  # first: whatever follows uses them
    (_directory, _change_directory),
    (lambda: dict(os.environ), _set_environment),
    _attributes(sys, "argv", "path", "meta_path", "path_hooks"),
    _attributes(sys, "displayhook", "excepthook", "unraisablehook", "breakpointhook", "ps1", "ps2", "ps3"),
    _attributes(threading, "excepthook"),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (socket.getdefaulttimeout, socket.setdefaulttimeout),
    (lambda: locale.setlocale(locale.LC_ALL), _set_locale),
    (_logging, _set_logging),
    (_shells, _set_shells),
    (random.getstate, random.setstate),
    (_numpy, _set_numpy),
    (_pandas_options, _set_pandas_options),
]
