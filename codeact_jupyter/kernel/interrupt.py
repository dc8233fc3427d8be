"""Interrupt of a thread that runs Python code."""

from __future__ import annotations

import ctypes
import signal
import threading


def interrupt(thread: int) -> None:
    """Raise `KeyboardInterrupt` in a thread.

    The main thread gets SIGINT, which also ends a blocking system call, unless the process ignores SIGINT, as one that
    a shell script starts in the background does.

    Args:
        thread: Ident of the thread.
    """
    if thread == threading.main_thread().ident and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))
