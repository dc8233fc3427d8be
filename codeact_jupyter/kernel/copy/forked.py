"""The parent's side of a copy, from the fork until the process is killed and reaped."""

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
_KILL_TIMEOUT = 2000  #: milliseconds to wait for a killed process to end


class Copy:
    """A forked copy of this process, seen from the parent.

    Args:
        process: Process id of the copy, which has not been reaped.
        plan: What it runs.
        channel: Socket over which the copy sends its seccomp listener.
        report: Descriptor of the pipe from which its report is read.

    Attributes:
        ended: True once the report has ended.
    """

    def __init__(self, process: int, plan: Plan, channel: socket.socket, report: int) -> None:
        self.process = process
        self.ended = False
        self._plan = plan
        self._channel = channel
        self._report = report
        self._pidfd = -1
        self._data = b""
        self._size = 0
        self._fields: dict[str, Any] = {}
        self._supervisor: Supervisor | None = None
        self._status: int | None = None
        self._pidfd = os.pidfd_open(process)
        self._poll = select.poll()
        self._poll.register(report, select.POLLIN)
        self._poll.register(channel.fileno(), select.POLLIN)

    @property
    def wants(self) -> tuple[Effect, ...]:
        """The effects that it wanted so far."""
        return tuple(self._supervisor.wants) if self._supervisor else ()

    @property
    def beyond(self) -> bool:
        """True once an effect was refused."""
        return bool(self._supervisor and self._supervisor.beyond)

    @property
    def has_outcome(self) -> bool:
        """True once the outcome of the cell is known."""
        return "observation" in self._fields

    @property
    def fields(self) -> dict[str, Any]:
        """The fields that it has reported so far."""
        return self._fields

    def serve(self, seconds: float) -> None:
        """Wait for a report or a system call of the copy; read the one, answer the other.

        Args:
            seconds: Timeout.
        """
        ready = dict(self._poll.poll(seconds * 1000))
        if self._report in ready:  # written before the system call was made
            self._read()
        for descriptor, event in ready.items():
            if descriptor == self._report or self.ended:
                continue
            if self._supervisor is None:
                self._accept_listener(descriptor)
            elif event & select.POLLIN:
                self._supervisor.serve()
            else:
                self._poll.unregister(descriptor)

    def trial(self, reason: str) -> Trial:
        """Return the trial; call this after `end`.

        Args:
            reason: Why the copy was ended early; empty if it ended by itself.
        """
        optional = self._supervisor.optional if self._supervisor else []
        return read_trial(self._fields, self.wants, optional, reason, self._status, beyond=self.beyond)

    def __del__(self) -> None:
        self.end()  # if an interrupt came before the caller received the object

    def end(self) -> None:
        """Kill the process if it is running, reap it, and close the descriptors. A second call does nothing."""
        if self._pidfd < 0:
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        exited = select.poll()
        exited.register(self._pidfd, select.POLLIN)
        if exited.poll(_KILL_TIMEOUT):
            with contextlib.suppress(ChildProcessError):  # reaped elsewhere, as by the user's `os.wait`
                self._status = os.waitpid(self.process, 0)[1]
        os.close(self._pidfd)
        self._pidfd = -1
        os.close(self._report)
        self._channel.close()
        if self._supervisor:
            self._supervisor.close()

    def _accept_listener(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        received = accept(self._channel)
        if received is not None:
            listener, inherited = received
            process = Process(self.process, self._plan.folder)
            self._supervisor = Supervisor(listener, process, inherited, self._plan.notebook_folder)
            self._poll.register(listener, select.POLLIN)

    def _read(self) -> None:
        data = os.read(self._report, 1 << 16)
        self._size += len(data)
        self.ended = not data or self._size > REPORT_BYTES
        *lines, self._data = (self._data + data).split(b"\n")
        for line in lines:
            with contextlib.suppress(ValueError):  # the cell itself wrote to the pipe
                fields = json.loads(line)
                self._fields.update(fields)
                if fields.get("prior") and self.wants:  # a prior cell had an effect that the copy refused
                    self._fields["prior"] = False
                    self.ended = True


def start(plan: Plan) -> Copy:
    """Fork a copy that runs the plan. The caller must call `end`.

    Args:
        plan: What the copy runs.

    Returns:
        The copy.

    Raises:
        OSError: The process cannot be forked.
    """
    ours, theirs = socket.socketpair()
    report, report_end = os.pipe()
    process, copy = 0, None
    try:
        _flush()
        process = _fork(plan, theirs, report_end)
        copy = Copy(process, plan, ours, report)
        return copy
    finally:
        theirs.close()
        os.close(report_end)
        if copy is None:
            ours.close()
            os.close(report)
            if process:
                os.kill(process, signal.SIGKILL)
                os.waitpid(process, 0)


@contextlib.contextmanager
def private_folder() -> Iterator[str]:
    """Yield the path of a new folder, which is deleted with its contents after the block."""
    folder = os.path.realpath(tempfile.mkdtemp(prefix="codeact-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if Path(folder).exists():  # it has folders without write permission
            for place, _, _ in os.walk(folder):
                Path(place).chmod(0o700)
            shutil.rmtree(folder, ignore_errors=True)


def _fork(plan: Plan, channel: socket.socket, report: int) -> int:
    parent = os.getpid()
    try:
        with warnings.catch_warnings():
            # Only the forking thread exists in the child; a child that waits for another one is killed.
            warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
            process = os.fork()
        if process == 0:
            run_and_exit(plan, channel, report, parent)
        return process
    finally:
        if os.getpid() != parent:  # an interrupt came in the child
            os._exit(1)


def _flush() -> None:
    """Flush buffered output, so that the child does not inherit it; not ipykernel's, which the child disconnects."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        if stream is not None and not hasattr(stream, "pub_thread"):
            with contextlib.suppress(Exception):  # closed
                stream.flush()
    for name in ("stdout", "stderr"):
        LIBC.fflush(ctypes.c_void_p.in_dll(LIBC, name))
