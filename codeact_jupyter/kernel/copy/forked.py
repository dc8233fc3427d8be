"""A copy of this process, from its start to its end: it is always ended and reaped."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .effects import Effect
from .outcome import Trial, read_trial
from .process import Process
from .sandbox import accept
from .supervisor import Supervisor
from .system_calls import LIBC
from .trial import Plan, run_and_exit

REPORT_BYTES = 4 << 20
_PATIENCE = 2000  #: milliseconds for a killed process to be gone


class Copy:
    """The parent's side of a copy.

    Args:
        process: its id, not yet reaped.
        folder: its own.
        channel: by which it hands the listener of refused calls over.
        report: descriptor from which its report is read.

    Attributes:
        ended: True once nothing more will be told.
    """

    def __init__(self, process: int, folder: str, channel: socket.socket, report: int) -> None:
        self.process = process
        self.ended = False
        self._folder = folder
        self._channel = channel
        self._report = report
        self._handle = -1
        self._data = b""
        self._size = 0
        self._told: dict[str, Any] = {}
        self._supervisor: Supervisor | None = None
        self._status: int | None = None
        self._handle = os.pidfd_open(process)
        self._poll = select.poll()
        self._poll.register(report, select.POLLIN)
        self._poll.register(channel.fileno(), select.POLLIN)

    @property
    def wants(self) -> tuple[Effect, ...]:
        """The effects that were refused so far."""
        return tuple(self._supervisor.wants) if self._supervisor else ()

    @property
    def settled(self) -> bool:
        """True once the outcome of the cell is known."""
        return "observation" in self._told

    def serve(self, seconds: float) -> None:
        """Wait for the copy to tell or to ask something, and take or answer it.

        Args:
            seconds: to wait at most.
        """
        ready = dict(self._poll.poll(seconds * 1000))
        if self._report in ready:  # before what it asks next
            self._read()
        for descriptor, event in ready.items():
            if descriptor == self._report or self.ended:
                continue
            if self._supervisor is None:
                self._adopt(descriptor)
            elif event & select.POLLIN:
                self._supervisor.serve()
            else:
                self._poll.unregister(descriptor)

    def trial(self, reason: str) -> Trial:
        """Return what came of it, once it was ended.

        Args:
            reason: why it was ended early; empty if it ended by itself.
        """
        forgone = self._supervisor.forgone if self._supervisor else []
        return read_trial(self._told, self.wants, forgone, reason, self._status)

    def __del__(self) -> None:
        self.end()  # nobody took it: an interrupt came while it was made

    def end(self) -> None:
        """Kill the process if it still lives, reap it, and close the descriptors. A second call does nothing."""
        if self._handle < 0:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        gone = select.poll()
        gone.register(self._handle, select.POLLIN)
        if gone.poll(_PATIENCE):
            with contextlib.suppress(ChildProcessError):  # somebody else reaped it
                self._status = os.waitpid(self.process, 0)[1]
        os.close(self._handle)
        self._handle = -1
        os.close(self._report)
        self._channel.close()
        if self._supervisor:
            self._supervisor.close()

    def _adopt(self, descriptor: int) -> None:
        """Take the listener."""
        self._poll.unregister(descriptor)
        handed = accept(self._channel)
        if handed is not None:
            listener, inherited = handed
            process = Process(self.process, self._folder)
            dead, readonly = frozenset(inherited.dead), frozenset(inherited.readonly)
            self._supervisor = Supervisor(listener, process, dead, readonly)
            self._poll.register(listener, select.POLLIN)

    def _read(self) -> None:
        data = os.read(self._report, 1 << 16)
        self._size += len(data)
        self.ended = not data or self._size > REPORT_BYTES
        *lines, self._data = (self._data + data).split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError):  # the cell wrote to the pipe
                told = json.loads(line)
                self._told.update(told)
                if told.get("prior") and self.wants:  # what the step before wants, it would have to be allowed first
                    self._told["prior"] = False
                    self.ended = True


def start(plan: Plan) -> Copy:
    """Return a copy that carries the plan out. It must be ended.

    Args:
        plan: what it does.

    Raises:
        OSError: the process cannot be forked.
    """
    ours, theirs = socket.socketpair()
    report, told = os.pipe()
    process, copy = 0, None
    try:
        _flush()
        process = _fork(plan, theirs, told)
        copy = Copy(process, plan.folder, ours, report)
        return copy
    finally:
        theirs.close()
        os.close(told)
        if copy is None:
            ours.close()
            os.close(report)
            if process:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)


@contextlib.contextmanager
def own_folder() -> Iterator[str]:
    """Yield the path of a new folder, which is removed with all that is in it after the block."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="codeact-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if Path(folder).exists():  # folders that were made without permissions
            for place, _, _ in os.walk(folder):
                Path(place).chmod(0o700)
            shutil.rmtree(folder, ignore_errors=True)


def _fork(plan: Plan, channel: socket.socket, report: int) -> int:
    parent = os.getpid()
    try:
        with warnings.catch_warnings():
            # Other threads live on in the parent only. What the child needs of them ends at its deadline.
            warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
            process = os.fork()
        if process == 0:
            run_and_exit(plan, channel, report, parent)
        return process
    finally:
        if os.getpid() != parent:  # an interrupt came in the copy
            os._exit(1)


def _flush() -> None:
    """Write out what is buffered, so that the copy has nothing of it. A kernel's streams are not written by copies."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None and not hasattr(stream, "pub_thread"):
            with contextlib.suppress(Exception):  # closed
                stream.flush()
    for name in ("stdout", "stderr"):
        LIBC.fflush(ctypes.c_void_p.in_dll(LIBC, name))
