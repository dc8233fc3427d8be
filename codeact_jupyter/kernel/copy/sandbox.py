"""The sandbox of a trial: what a process can do once it is confined. Linux only.

Landlock and seccomp each deny what reaches beyond the process; limits bound what it takes. `missing` says what a
machine lacks: there, nothing is tried.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import platform
import resource
import socket
from dataclasses import dataclass
from pathlib import Path

from . import landlock, seccomp
from .detach import Descriptors
from .supervisor import DEVICES
from .system_calls import LIBC, check, system_calls

FILE_BYTES = 256 << 20  #: of one file in the trial's folder
_DESCRIPTORS = 1023  #: that can be open


def missing() -> str:
    """Return what this Linux lacks for a trial, as a sentence without a full stop; empty if it lacks nothing."""
    if not system_calls():
        return f"the filter of system calls is not written for {platform.machine()}"
    actions = Path("/proc/sys/kernel/seccomp/actions_avail")
    if not actions.exists() or "user_notif" not in actions.read_text():
        return "this Linux has no seccomp notifications (since 5.0)"
    if not landlock.version():
        return "this Linux has no Landlock (since 5.13, where it is switched on)"
    return ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what a trial takes.

    Args:
        memory: bytes beyond those that it shares with the kernel.
        seconds: of one processor.
    """

    memory: int
    seconds: float


def confine(channel: socket.socket, folder: str, descriptors: Descriptors, limits: Limits) -> None:
    """Confine the calling process for good, and hand the listener of its refused calls out.

    Args:
        channel: connected to the supervisor; closed on return.
        folder: the only place where it can write.
        descriptors: what became of the inherited ones.
        limits: what it can take.

    Raises:
        OSError: the machine does not allow it; the process must end.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs out, this process goes first
    last = _limit(limits)
    os.dup2(channel.fileno(), last, inheritable=False)
    _lower(resource.RLIMIT_NOFILE, last)  # once closed, this number is never given again
    channel.close()
    channel = socket.socket(fileno=last)
    machine = platform.machine()
    tests = seccomp.conditions(os.getpid(), last)
    code = seccomp.program(machine, system_calls(), tests, dead=descriptors.dead, readonly=descriptors.readonly)
    check(LIBC.prctl(38, 1, 0, 0, 0))  # no new privileges
    landlock.restrict(folder, DEVICES)
    listener = seccomp.install(machine, code)
    told = json.dumps([descriptors.dead, descriptors.readonly]).encode()
    channel.sendmsg([told], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
    channel.close()
    os.close(listener)


def accept(channel: socket.socket) -> tuple[int, Descriptors] | None:
    """Return the listener and the descriptors that `confine` hands out; None if the process ended before.

    Args:
        channel: the other end.
    """
    told, descriptors, _, _ = socket.recv_fds(channel, 1 << 16, 1)
    if not descriptors:
        return None
    dead, readonly = json.loads(told)
    return descriptors[0], Descriptors(tuple(dead), tuple(readonly))


def _limit(limits: Limits) -> int:
    """Set the limits. Returns a descriptor above all that can be opened from now on."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    opened = max(int(name) for name in os.listdir("/proc/self/fd"))  # noqa: PTH208
    last = min(resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 1, max(_DESCRIPTORS, opened + 1))
    for kind, most in (
        (resource.RLIMIT_AS, size + limits.memory),
        (resource.RLIMIT_CPU, int(limits.seconds) + 1),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(kind, most)
    return last


def _lower(kind: int, most: int) -> None:
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))
