"""The sandbox of a trial: Landlock, seccomp and resource limits. Linux only.

Landlock and seccomp each deny effects outside the process. Where `missing` names a missing feature, nothing is tried.
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

FILE_BYTES = 256 << 20  #: most bytes of one file in the private folder
_DESCRIPTORS = 1023  #: most open descriptors


def missing() -> str:
    """Return what this machine lacks for a trial, as a sentence without a full stop; empty if it lacks nothing."""
    if not system_calls():
        return f"the sandbox does not support the processor type {platform.machine()}"
    actions = Path("/proc/sys/kernel/seccomp/actions_avail")
    if not actions.exists() or "user_notif" not in actions.read_text():
        return "this Linux has no seccomp user notification (it needs 5.0 or later)"
    if not landlock.version():
        return "this Linux has no Landlock (it needs 5.13 or later, and Landlock enabled at boot)"
    return ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Resource limits of a trial.

    Args:
        memory: Bytes of memory beyond those of the kernel at the fork.
        seconds: Time limit, also of processor time.
    """

    memory: int
    seconds: float


def confine(channel: socket.socket, folder: str, descriptors: Descriptors, limits: Limits) -> None:
    """Confine the calling process permanently, and send its seccomp listener to the parent.

    Args:
        channel: Socket to the parent; closed on return.
        folder: The only folder that the process may write.
        descriptors: The inherited descriptors that were changed.
        limits: The resource limits.

    Raises:
        OSError: A restriction could not be set; the process must end.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs out, Linux kills this process first
    last = _limit(limits)
    os.dup2(channel.fileno(), last, inheritable=False)
    _lower(resource.RLIMIT_NOFILE, last)  # once closed, no new descriptor can get this number
    channel.close()
    channel = socket.socket(fileno=last)
    machine = platform.machine()
    tests = seccomp.conditions(os.getpid(), last)
    code = seccomp.program(machine, system_calls(), tests, disabled=descriptors.disabled, readonly=descriptors.readonly)
    check(LIBC.prctl(38, 1, 0, 0, 0))  # PR_SET_NO_NEW_PRIVS
    landlock.restrict(folder, DEVICES)
    listener = seccomp.install(machine, code)
    changed = json.dumps([descriptors.disabled, descriptors.readonly]).encode()
    channel.sendmsg([changed], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener]))])
    channel.close()
    os.close(listener)


def accept(channel: socket.socket) -> tuple[int, Descriptors] | None:
    """Return what `confine` sends, the listener and the changed descriptors; None if the process has ended.

    Args:
        channel: The parent's end of the socket.
    """
    changed, received, _, _ = socket.recv_fds(channel, 1 << 16, 1)
    if not received:
        return None
    return received[0], Descriptors(*map(tuple, json.loads(changed)))


def _limit(limits: Limits) -> int:
    """Set all limits but that of descriptors, which is returned."""
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
