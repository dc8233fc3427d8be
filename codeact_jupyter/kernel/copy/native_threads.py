"""Detection of Python threads that compute in native code, during which the process must not be forked.

OpenBLAS joins the threads of its pool when the process forks. If a Python thread is inside one of its functions then,
the fork never returns. The caller holds the GIL, so that no other thread can enter such a function before the fork.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

INTERVAL = 0.0005  #: seconds between the two samples; well below the interval at which threads exchange the GIL
_WAITING = {*sys.stdlib_module_names, "ipykernel", "zmq", "tornado", "codeact_jupyter"}  # waits for locks and sockets
_ENGINE = {"llama_cpp"}  # computes with threads of its own, for which a fork does not wait


def is_computing() -> bool:
    """Return True if a Python thread of the user is running without the GIL."""
    running = _running(thread.native_id for thread in threading.enumerate() if _may_compute(thread))
    if running:
        end = time.perf_counter() + INTERVAL
        while time.perf_counter() < end:  # `time.sleep` would release the GIL
            pass
        running = _running(running)
    return bool(running)


def _may_compute(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    own = thread is threading.current_thread()
    if own or frame is None:
        return False
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    return package not in _WAITING | _ENGINE


def _running(tasks: Iterable[int | None]) -> list[int]:
    """Return the threads that are on a processor or wait for one."""
    return [task for task in tasks if task is not None and _state(task) == "R"]


def _state(task: int) -> str:
    try:
        status = Path(f"/proc/self/task/{task}/stat").read_text()
    except OSError:  # it has ended
        return ""
    return status.rpartition(") ")[2][:1]
