"""Load an unknown model file in a child process before this process loads it for the first time.

llama.cpp trusts much of what stands in a file: one that is damaged, or made to harm, may crash the process, take all of
its memory or never end. Here that happens to the child. A file that it could load and evaluate is remembered in the
cache directory until the file or llama.cpp changes. This does not protect from a file that makes llama.cpp run code.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO

from ..errors import CodeActError, ModelCorrupt, ModelError, NotEnoughMemory, PromptTooLong
from ..models.download import digest
from ..models.folders import cache_directory
from ..models.memory import free_bytes
from ..session.messages import ChatMessage
from .interruptible_call import POLL_SECONDS
from .llama import LlamaEngine
from .weights import Aborted

SECONDS = 120.0  #: longest wait for the child, and one second more for each
BYTES_PER_SECOND = 50_000_000  #: of the files
CONTEXT = 512  #: tokens
TOLD_BYTES = 4000  #: that are read of what the child writes last
TOLD_MOST = 1 << 20  #: bytes that the child may write

_KINDS = {each.__name__: each for each in (ModelCorrupt, NotEnoughMemory, ModelError)}


def is_known(files: Sequence[Path]) -> bool:
    """Return True if these files were loaded together before on this machine, as they are now.

    Args:
        files: The model's file, and an adapter's if there is one.
    """
    return _record(files).is_file()


def sha256_of(files: Sequence[Path]) -> dict[str, str]:
    """Return the SHA-256 of loaded files by name; computed once until one changes. See `is_known`."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(_record(files).read_text("utf-8"))
        if isinstance(found, dict):  # earlier versions wrote the paths
            return found
    return _remember(files)


def load_in_child(files: Sequence[Path], stopped: Callable[[], bool] = lambda: False) -> None:
    """Load a model in a child process, evaluate a short prompt there, and remember that it could be done.

    Args:
        files: The model's file, and an adapter's if there is one.
        stopped: Called meanwhile; True ends the child.

    Raises:
        Aborted: It was stopped.
        ModelError: The child crashed, did not end, took too much memory or reported an error.
    """
    seconds = SECONDS + sum(file.stat().st_size for file in files) / BYTES_PER_SECOND
    command = [sys.executable, "-P", "-m", __name__, str(free_bytes()), *map(str, files)]
    with tempfile.TemporaryFile() as told:
        try:
            # Its own session shields it from a Ctrl-C in the kernel, after which `stopped` returns True.
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                env={**os.environ, "GGML_NO_BACKTRACE": "1"},
                start_new_session=True,
            )
        except OSError as error:
            raise ModelError(
                f"No process can be started to load {files[0]} ({error}): close other programs."
            ) from error
        code = _wait(child, seconds, stopped)
        last = _last_line(told)
    if code is None:
        raise ModelCorrupt(_sentence(files, f"did not end within {seconds:.0f} s"))
    if code < 0:
        raise ModelCorrupt(_sentence(files, f"crashed ({signal.strsignal(-code) or -code})"))
    if code:
        raise _error(files, last)
    _remember(files)


def _wait(child: subprocess.Popen[bytes], seconds: float, stopped: Callable[[], bool]) -> int | None:
    """Wait until the child has ended, and end it if need be. Return its exit code; None if it took too long."""
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if stopped():
                raise Aborted
            with contextlib.suppress(subprocess.TimeoutExpired):
                return child.wait(POLL_SECONDS)
        return None
    finally:
        if child.returncode is None:
            _kill(child)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """Kill the child with all processes that it has started, such as the one that renders the chat template."""
    import psutil

    for each in (psutil.Process(child.pid), *psutil.Process(child.pid).children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            each.kill()
    child.wait()


def _error(files: Sequence[Path], told: str) -> ModelError:
    """Return the error that the child reported."""
    try:
        kind, message = json.loads(told)
        return _KINDS[kind](message)
    except (ValueError, TypeError, KeyError):
        return ModelCorrupt(_sentence(files, f"failed ({told[:200] or 'no reason given'})"))


def _sentence(files: Sequence[Path], what: str) -> str:
    names = " with ".join(map(str, files))
    return f"{names} cannot be used: a process that loaded it {what}. Fetch the file again, or choose another model."


def _last_line(file: IO[bytes]) -> str:
    file.seek(max(0, file.seek(0, os.SEEK_END) - TOLD_BYTES))
    lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


def _record(files: Sequence[Path]) -> Path:
    """Return the path of the record that these files, as they are now, were loaded by this version of llama.cpp."""
    states = [(str(file.resolve()), about.st_size, about.st_mtime_ns, about.st_ino) for file, about in _stats(files)]
    with contextlib.suppress(PackageNotFoundError):
        states.append((version("llama-cpp-python"), 0, 0, 0))
    return cache_directory() / "loaded" / f"{hashlib.sha256(repr(states).encode()).hexdigest()[:32]}.json"


def _stats(files: Sequence[Path]) -> list[tuple[Path, os.stat_result]]:
    return [(file, file.stat()) for file in files]


def _remember(files: Sequence[Path]) -> dict[str, str]:
    """Write the record, readable only by the user, and return it. A read-only cache remembers nothing."""
    hashes = {file.name: digest(file) for file in files}
    with contextlib.suppress(OSError):
        path = _record(files)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.parent.chmod(0o700)  # it may have been made by another program
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(handle, json.dumps(hashes).encode())
        os.close(handle)
    return hashes


def _limit(memory: int) -> None:
    """Limit the memory of this process, and have Linux end it with its parent, or first if the machine's runs out."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has each limit
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))  # a mapped file does not count
        resource.setrlimit(resource.RLIMIT_FSIZE, (TOLD_MOST, TOLD_MOST))


def _child(memory: int, files: Sequence[Path]) -> int:
    """Load the files and evaluate a prompt. Return the exit code; an error is the last line that is printed."""
    _limit(memory)
    engine = LlamaEngine(
        files[0], name=files[0].name, context_size=CONTEXT, adapter=files[1] if len(files) > 1 else None
    )
    try:
        engine.generate([ChatMessage("user", "Hello.")], max_tokens=2)
    except PromptTooLong:
        return 0  # its window is tiny
    except CodeActError as error:
        kind = type(error).__name__ if type(error).__name__ in _KINDS else "ModelCorrupt"
        print(f"\n{json.dumps([kind, str(error)])}", flush=True)
        return 1
    return 0


if __name__ == "__main__":
    os._exit(_child(int(sys.argv[1]), [Path(file) for file in sys.argv[2:]]))
