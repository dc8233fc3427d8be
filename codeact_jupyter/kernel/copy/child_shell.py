"""Isolation of the forked child's shell: no messages to the front end, no input, no hooks or magics of CodeAct."""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import getpass
import importlib
import os
import random
import re
import stat
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any, NoReturn

from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell

from . import effects as known
from .effects import Effect, on_path
from .supervisor import DEVICES

_processes: ModuleType | None = None
with contextlib.suppress(ImportError):  # so that copies need not import it
    _processes = importlib.import_module("_multiprocessing")

_OPENMP = re.compile(r"lib(?:gomp|omp|iomp5)[^/]*\.so[^/]*")  #: the file's name, of a path in /proc/PID/maps
_THREADS = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "VECLIB_MAXIMUM")
_PACKAGE = __name__.partition(".")[0]
_READABLE = (*DEVICES, "/dev/random", "/dev/urandom")


class EffectLog:
    """Effects that the child observes: those without a system call, and the names of programs and hosts."""

    def __init__(self) -> None:
        self.effects: list[Effect] = []
        self.names: dict[str, str] = {}  #: the values of `program` and `host`

    def add(self, effect: Effect) -> None:
        """Add an effect.

        Args:
            effect: The effect.
        """
        known.add(self.effects, effect)


def isolate_shell(shell: InteractiveShell, folder: str, randomness: Any, maps: str) -> EffectLog:
    """Isolate the shell of the child.

    Args:
        shell: The shell.
        folder: Folder for temporary files.
        randomness: `random.getstate()` of the kernel, which a fork reseeds.
        maps: The text of /proc/self/maps.

    Returns:
        The log to which the shell's replaced functions add effects.
    """
    log = EffectLog()
    _remove_codeact(shell, log)
    _disconnect(shell)
    _replace_input(shell, log)
    _use_one_thread(maps)
    _draw_without_windows()
    _replace_semaphores()
    random.setstate(randomness)
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    sys.dont_write_bytecode = True
    shell_any: Any = shell
    shell_any.logger.log_active = False
    shell_any.ask_exit = lambda: log.add(known.KERNEL)
    sys.addaudithook(_audit_hook(log))
    return log


def _remove_codeact(shell: InteractiveShell, log: EffectLog) -> None:
    """Remove CodeAct's transformers and hooks; replace its magics by a function that only logs the call."""

    def ask(*_: object) -> None:
        log.add(known.ASSISTANT)

    for name in [name for name, each in vars(shell).items() if isinstance(each, MethodType) and _is_codeact(each)]:
        del vars(shell)[name]  # the gate
    for callbacks in shell.events.callbacks.values():
        callbacks[:] = [each for each in callbacks if not _is_codeact(each)]
    for magics in shell.magics_manager.magics.values():
        for name, magic in magics.items():
            if _is_codeact(magic):
                magics[name] = ask
    shell.magics_manager.registry = {
        name: magics for name, magics in shell.magics_manager.registry.items() if not _is_codeact(magics)
    }


def _is_codeact(thing: object) -> bool:
    """True for CodeAct's objects, methods and functions. It reads no attribute: that could load lazy magics."""
    owner = thing.__self__ if isinstance(thing, MethodType) else thing
    module = owner.__module__ if isinstance(owner, FunctionType) else type(owner).__module__
    return f"{module}.".startswith(f"{_PACKAGE}.")


def _disconnect(shell: Any) -> None:
    """Stop messages to the kernel's sockets and streams."""

    def send(*_: object, **__: object) -> dict[str, Any]:
        return {}

    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        kernel.session.send = send
        header = {"msg_id": "trial", "msg_type": "execute_request"}
        shell.set_parent({"header": header, "metadata": {}, "content": {}})
        kernel._new_threads_parent_header = header  # of ipykernel 6
    streams: tuple[Any, ...] = (sys.stdout, sys.stderr)
    for stream in streams:
        if hasattr(stream, "pub_thread"):  # ipykernel's
            stream.flush = lambda: None
            stream._fid = stream.echo = None


def _replace_input(shell: Any, log: EffectLog) -> None:
    def ask(*_: object, **__: object) -> NoReturn:
        log.add(known.INPUT)
        raise StdinNotImplementedError("nobody can type in a trial")

    builtins.input = ask
    getpass.getpass = ask
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        kernel.raw_input = kernel.getpass = ask
    stdin: Any = _EmptyInput(lambda: log.add(known.INPUT))
    sys.stdin = stdin


class _EmptyInput:
    """Standard input at its end, with a callback for each read."""

    encoding, errors, closed = "utf-8", "strict", False

    def __init__(self, on_read: Callable[[], None]) -> None:
        self._on_read = on_read

    def read(self, *_: object) -> str:
        self._on_read()
        return ""

    readline = read

    def readlines(self, *_: object) -> list[str]:
        return self.read().splitlines()

    def __iter__(self) -> Iterator[str]:
        return iter(self.readlines())

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 0


def _use_one_thread(maps: str) -> None:
    """Limit numeric libraries to one thread: a fork has no thread pools, and OpenMP would wait for them."""
    os.environ.update({f"{name}_NUM_THREADS": "1" for name in _THREADS}, LOKY_MAX_CPU_COUNT="1")
    paths = {line[line.find("/") :] for line in maps.splitlines() if "omp" in line and "/" in line}
    for path in filter(lambda path: _OPENMP.fullmatch(Path(path).name), paths):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(path).omp_set_num_threads(1)


def _draw_without_windows() -> None:
    matplotlib = sys.modules.get("matplotlib")
    backend = dict.get(matplotlib.rcParams, "backend", "") if matplotlib else os.environ.get("MPLBACKEND", "")
    if "inline" in str(backend).lower() or backend == "agg":
        return
    if matplotlib is None:
        os.environ["MPLBACKEND"] = "agg"
        return
    with contextlib.suppress(Exception):  # an old or modified version
        matplotlib.use("agg")


def _replace_semaphores() -> None:
    """Give libraries thread semaphores instead of process semaphores, which the sandbox refuses."""
    if _processes is not None:
        vars(_processes)["SemLock"] = _Semaphore


class _Semaphore:
    """Replacement of `_multiprocessing.SemLock`, with the same arguments and attributes."""

    SEM_VALUE_MAX = 2**31 - 1
    name = None  #: keeps it from being registered with the resource tracker

    def __init__(self, kind: int, value: int, maxvalue: int, name: str = "", unlink: bool = True) -> None:
        self.kind, self.maxvalue, self.handle = kind, maxvalue, 0
        self._inner: Any = threading.RLock() if kind == 0 else threading.Semaphore(value)

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        if not block:
            return bool(self._inner.acquire(False))
        return bool(self._inner.acquire(True, *([] if timeout is None else [max(timeout, 0)])))

    def release(self) -> None:
        self._inner.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _is_mine(self) -> bool:
        return bool(self._inner._is_owned()) if self.kind == 0 else False

    def _get_value(self) -> int:
        return getattr(self._inner, "_value", 1)

    def _is_zero(self) -> bool:
        return self._get_value() == 0

    def _count(self) -> int:
        return int(self._is_mine())

    def _after_fork(self) -> None:
        """Called by `multiprocessing` after a fork."""


# --- audit hook --------------------------------------------------------------------------------------------------


def _audit_hook(log: EffectLog) -> Callable[[str, tuple[Any, ...]], None]:
    """Return an audit hook that logs program and host names, and refuses reads from named pipes and devices."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            _refuse_special(log, arguments[0])
        elif event in _PROGRAMS:
            log.names["program"] = _program(_PROGRAMS[event], arguments)
        elif event in ("socket.getaddrinfo", "socket.gethostbyname") and isinstance(arguments[0], str):
            log.names["host"] = arguments[0]

    return hook


_PROGRAMS = {"subprocess.Popen": 1, "os.system": 0, "os.posix_spawn": 1, "os.exec": 1, "pty.spawn": 0}


def _program(place: int, arguments: tuple[Any, ...]) -> str:
    """Return the name of the program that is started; for a command line, its first word."""
    command = arguments[place]
    words = [command] if isinstance(command, str | bytes | os.PathLike) else list(command)
    texts = [os.fsdecode(word) for word in words if isinstance(word, str | bytes | os.PathLike)]
    text = texts[2] if len(texts) > 2 and texts[1] == "-c" and texts[0].endswith("sh") else texts[0] if texts else ""
    first = text.split()[0] if text.split() and len(texts) != 1 else text
    return Path(first.split()[0] if first.split() else "").name


def _refuse_special(log: EffectLog, path: object) -> None:
    if not isinstance(path, str | bytes | os.PathLike):
        return
    name = os.fsdecode(path)
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116 - called for each file
    except (OSError, ValueError):
        return
    if stat.S_ISFIFO(mode) or (stat.S_ISCHR(mode) and name not in _READABLE):
        log.add(on_path("read", str(Path(name).absolute()), str(Path.cwd())))
        raise PermissionError(13, "A trial does not read from pipes and devices", name)
