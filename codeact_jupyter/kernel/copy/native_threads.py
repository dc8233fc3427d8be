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

PATIENCE = 0.05  #: seconds to wait for such a thread
INTERVAL = 0.002  #: seconds between two looks at it
_WAITING = {*sys.stdlib_module_names, "ipykernel", "zmq", "tornado", "codeact_jupyter"}  # waits for locks and sockets
_ENGINE = {"llama_cpp"}  # computes with threads of its own, for which a fork does not wait


def is_computing() -> bool:
    """Return True if a Python thread of the user runs without the GIL; else, none does until the GIL is released."""
    end = time.monotonic() + PATIENCE
    while _running(thread.native_id for thread in threading.enumerate() if _may_compute(thread)):
        if time.monotonic() > end:
            return True
        time.sleep(INTERVAL)
    return False


def _may_compute(thread: threading.Thread) -> bool:
    frame = sys._current_frames().get(thread.ident or 0)
    own = thread is threading.current_thread()
    if own or frame is None:
        return False
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    return package not in _WAITING | _ENGINE


def _running(tasks: Iterable[int | None]) -> bool:
    """Return True if one of the threads is on a processor or waits for one."""
    return any(task is not None and _state(task) == "R" for task in tasks)


def _state(task: int) -> str:
    try:
        status = Path(f"/proc/self/task/{task}/stat").read_text()
    except OSError:  # it has ended
        return ""
    return status.rpartition(") ")[2][:1]
