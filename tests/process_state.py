"""What belongs to the whole process, so that a test can compare it before and after."""

from __future__ import annotations

import asyncio
import builtins
import decimal
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
import warnings
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

HOOKS = ("stdin", "stdout", "stderr", "displayhook", "excepthook", "unraisablehook", "breakpointhook")


def process_state() -> dict[str, Any]:
    """Return the state of this process by the names of its parts; of modules, those that are loaded now."""
    state: dict[str, Any] = {name: getattr(sys, name) for name in HOOKS}
    state |= {
        "shells": [cls.__dict__.get("_instance") for cls in InteractiveShell._walk_mro()],
        "prompts": [getattr(sys, name, None) for name in ("ps1", "ps2", "ps3")],
        "lists": [(id(each), list(each)) for each in (sys.path, sys.argv, sys.meta_path, sys.path_hooks)],
        "builtins": {name: value for name, value in vars(builtins).items() if name != "_"},
        "main": sys.modules["__main__"],
        "filters": (list(warnings.filters), warnings.showwarning),
        "directory": Path.cwd(),
        "environment": (dict(os.environ), time.tzname),
        "threads": {thread.name for thread in threading.enumerate()},
        "thread hooks": (threading.excepthook, threading.Thread.start, subprocess.Popen.__init__, getpass.getpass),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "alarm": round(signal.getitimer(signal.ITIMER_REAL)[0] / 100),  # it runs on
        "recursion": sys.getrecursionlimit(),
        "tracing": (sys.gettrace(), sys.getprofile()),
        "time-out": socket.getdefaulttimeout(),
        "locale": locale.setlocale(locale.LC_ALL),
        "logging": (list(logging.root.handlers), logging.root.level, logging.root.manager.disable),
        "random": random.getstate(),
        "precision": decimal.getcontext().prec,
        "event loop": asyncio._get_running_loop(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
    }
    return state | _of_libraries()


def modules() -> dict[str, Any]:
    """Return the modules that are loaded, by name."""
    return dict(sys.modules)


def changes(before: dict[str, Any], loaded: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what has changed since: the parts by name, and modules that are gone or others now."""
    after = process_state()
    found = {name: (value, after[name]) for name, value in before.items() if after[name] != value}
    return found | {
        name: (module, sys.modules.get(name)) for name, module in loaded.items() if sys.modules.get(name) is not module
    }


def _of_libraries() -> dict[str, Any]:
    """Return the state of the libraries that are loaded."""
    found: dict[str, Any] = {}
    if numpy := sys.modules.get("numpy"):
        found["numpy"] = [str(part) for part in numpy.random.get_state()] + [str(numpy.get_printoptions())]
    if pandas := sys.modules.get("pandas"):
        options = ("display.max_rows", "display.max_columns", "display.precision", "display.float_format")
        found["pandas"] = [pandas.get_option(name) for name in options]
    if matplotlib := sys.modules.get("matplotlib"):
        found["matplotlib"] = dict(matplotlib.rcParams.copy())
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        figures = sys.modules["matplotlib._pylab_helpers"].Gcf.figs
        found["figures"] = [(number, id(manager.canvas.figure)) for number, manager in figures.items()]
        found["backend"] = (vars(pyplot)["_backend_mod"], vars(pyplot)["_REPL_DISPLAYHOOK"])
    return found
