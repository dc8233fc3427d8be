"""Supervisor that answers the system calls that the filter passes on, and records refused effects.

The answers do not confine the process: Landlock also checks a call that passes here, and a call that Landlock does not
cover never passes. They tell a call that fails anyway (no such folder, no permission) from an effect, which only the
sandbox refuses.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path

from ...models.folders import expanded
from . import effects as known
from .detach import Descriptors
from .effects import Effect, on_path
from .process import Process
from .seccomp import LOCKS, TMPFILE, Request, answer, receive
from .system_calls import SystemCall, system_calls

DEVICES = ("/dev/null", "/dev/zero", "/dev/full")  #: devices that may be written
GPUS = ("/dev/nvidia", "/dev/dri", "/dev/kfd", "/dev/dxg")
_F_WRLCK = 1
_CLONE_VM_VFORK = 0x4100  # flags of `clone` with which a program is started
_LOOPBACK = (b"\x7f\x00\x00\x01", bytes(15) + b"\x01")
_SQLITE = b"SQLite format 3\0"
_UNIX, _INTERNET = 1, (2, 10)

_OTHERS = {"signal": known.SIGNAL, "other": known.OTHER_PROCESS, "ipc": known.SHARED_MEMORY}

Verdict = int | None  #: the error number of an answer; 0 to report success; None to execute the call


class Supervisor:
    """Answers the system calls of one trial.

    Args:
        listener: Descriptor of the seccomp listener; `close` closes it.
        process: The process of the copy; `close` closes it.
        inherited: The inherited descriptors that were changed.

    Attributes:
        wants: Refused effects.
        optional: Refused effects that code usually can do without, such as writing a cache.
    """

    def __init__(self, listener: int, process: Process, inherited: Descriptors) -> None:
        self.wants: list[Effect] = []
        self.optional: list[Effect] = []
        self._listener = listener
        self._process = process
        self._disabled = frozenset(inherited.disabled)
        self._readonly = frozenset(inherited.readonly)
        self._calls = system_calls()

    def close(self) -> None:
        """Close the listener and the process."""
        self._process.close()
        os.close(self._listener)

    def serve(self) -> None:
        """Answer one waiting call."""
        request = receive(self._listener)
        if request is None:
            return
        try:
            verdict = self._judge(request)
        except (OSError, ValueError):  # the thread has ended, or an argument is not a valid address
            verdict = errno.EFAULT
        answer(self._listener, request, verdict)

    def _judge(self, request: Request) -> Verdict:
        called = self._calls[request.number]
        judges: dict[str, Callable[[Request, SystemCall], Verdict]] = {
            "open": self._open,
            "read": self._use_descriptor,
            "write": self._use_descriptor,
            "network": self._network,
            "lock": self._lock,
            "control": self._control,
            "process": self._start,
            "change": self._change,
        }
        if called.rule in judges:
            return judges[called.rule](request, called)
        if called.paths:
            return self._path(request, called)
        effect = _OTHERS.get(called.rule, known.SYSTEM)
        if called.name == "setrlimit" or (
            called.name == "prlimit64" and request.arguments[0] in (0, self._process.number)
        ):
            effect = known.LIMITS
        return self._refuse(effect, errno.EPERM)

    def _refuse(self, effect: Effect, code: int = errno.EACCES) -> Verdict:
        known.add(self.wants, effect)
        return code

    def _refuse_optional(self, effect: Effect, code: int) -> Verdict:
        known.add(self.optional, effect)
        return code

    # --- files ---------------------------------------------------------------------------------------------------

    def _open(self, request: Request, called: SystemCall) -> Verdict:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        if called.name != "creat":
            flags = request.arguments[1 if called.name == "open" else 2]
        path = self._process.paths(request, called, follow=not flags & (os.O_NOFOLLOW | os.O_EXCL))[0]
        if self._process.owns(path) or path in DEVICES:
            return None
        if not flags & os.O_ACCMODE and flags & os.O_TRUNC and Path(path).exists():
            return self._refuse(self._on("write", path))
        try:
            mode = Path(path).stat().st_mode
        except OSError:
            creates = flags & os.O_CREAT and _may_write(str(Path(path).parent))
            return self._write(path) if creates else None
        is_folder = stat.S_ISDIR(mode) and not flags & TMPFILE
        if is_folder or (flags & os.O_CREAT and flags & os.O_EXCL) or not _may_write(path):
            return None
        updates = flags & os.O_ACCMODE == os.O_RDWR and not flags & os.O_TRUNC
        if updates and stat.S_ISREG(mode) and _is_database(path):
            return self._refuse_optional(self._on("write", path), errno.EACCES)  # SQLite then opens it read-only
        return self._write(path)

    def _write(self, path: str) -> Verdict:
        if path.startswith(GPUS):
            return self._refuse(known.GPU)
        if path.startswith("/dev/shm/"):
            return self._refuse(known.SHARED_MEMORY)
        if path == "/dev/tty":
            return self._refuse(known.INPUT)
        if path == "/dev/ptmx":  # a pseudoterminal, for a program to be started
            return self._refuse(known.PROGRAM)
        effect = self._on("write", path)
        if path.startswith(_caches()):
            return self._refuse_optional(effect, errno.EACCES)
        return self._refuse(effect)

    def _path(self, request: Request, called: SystemCall) -> Verdict:
        """Answer a call that creates, deletes, renames or truncates files."""
        paths = self._process.paths(request, called, follow=False)
        if all(map(self._process.owns, paths)) and not _is_special(request, called):
            return None
        first, last = paths[0], paths[-1]
        exists = {path: os.path.lexists(path) for path in paths}
        succeeds = {"make": not exists[first], "link": exists[first] and not exists[last]}
        if not succeeds.get(called.rule, exists[first]):
            return None
        changed = [last] if called.rule in ("make", "link") else paths
        if called.rule == "truncate":
            return self._write(first) if _may_write(first) else None
        if not all(_may_write(str(Path(path).parent)) for path in changed):
            return None
        if last.startswith("/dev/shm/"):
            return self._refuse(known.SHARED_MEMORY)
        verb = {"make": "make", "link": "make", "rename": "rename"}.get(called.rule, "delete")
        if called.rule == "make" and last.startswith(_caches()):
            return self._refuse_optional(self._on(verb, last), errno.EACCES)
        return self._refuse(self._on(verb, last if verb == "make" else first))

    def _change(self, request: Request, called: SystemCall) -> Verdict:
        """Answer a change of mode, owner, times or attributes: in the private folder with success."""
        path = self._process.paths(request, called, follow=True)[0]
        if self._process.owns(path):
            return 0
        try:
            owner = Path(path).stat().st_uid
        except FileNotFoundError:
            return errno.ENOENT
        if os.geteuid() not in (0, owner):
            return errno.EPERM
        return self._refuse(self._on("change", path), errno.EPERM)

    def _use_descriptor(self, request: Request, called: SystemCall) -> Verdict:
        """Answer a read or write on an inherited descriptor, unless the trial has reused its number."""
        number = request.arguments[0] & 0xFFFFFFFF
        link = self._process.link(request.task, number)
        if number in self._disabled and link == self._process.folder:
            return self._on_inherited(number, errno.EBADF)
        if number in self._readonly and called.rule == "write" and link == _own_link(number):
            return self._refuse(self._on("write", link), errno.EBADF)
        return None

    def _on_inherited(self, number: int, code: int) -> Verdict:
        link = _own_link(number)
        if link.startswith(GPUS):
            return self._refuse(known.GPU, code)
        return self._refuse(self._on("write", link) if link.startswith("/") else known.CONNECTION, code)

    def _lock(self, request: Request, called: SystemCall) -> Verdict:
        number, command = request.arguments[0] & 0xFFFFFFFF, request.arguments[1]
        path = self._process.link(request.task, number)
        if called.name == "flock":
            return 0 if self._process.owns(path) else self._refuse(self._on("lock", path))
        if command not in LOCKS:
            return self._refuse(known.SYSTEM, errno.EPERM)
        (kind,) = struct.unpack("=h", self._process.read(request.arguments[2], 2))
        if kind == _F_WRLCK and number in self._readonly and path == _own_link(number):
            return self._refuse(self._on("write", path), errno.EACCES)
        return None

    # --- everything else -----------------------------------------------------------------------------------------

    def _control(self, request: Request, called: SystemCall) -> Verdict:
        if called.name == "madvise":
            return self._refuse(known.SYSTEM, errno.EPERM)
        number = request.arguments[0] & 0xFFFFFFFF
        path = self._process.link(request.task, number)
        if number in self._disabled and path == self._process.folder:
            return self._on_inherited(number, errno.EBADF)
        if path.startswith("/dev/") and path not in DEVICES:
            return self._refuse(Effect("device", "control", f"`{path}`"), errno.EPERM)
        return self._refuse_optional(self._on("control", path), errno.ENOTTY)

    def _start(self, request: Request, called: SystemCall) -> Verdict:
        forks = called.name == "fork" or (called.name == "clone" and not request.arguments[0] & _CLONE_VM_VFORK)
        if known.PROGRAM in self.wants:  # `subprocess` tries `vfork`, then `fork`
            return errno.EPERM
        return self._refuse(known.PROCESS if forks else known.PROGRAM, errno.EPERM)

    def _network(self, request: Request, called: SystemCall) -> Verdict:
        arguments = request.arguments
        number = arguments[0] & 0xFFFFFFFF
        if called.name in ("socket", "socketpair"):
            if arguments[0] == 16:  # AF_NETLINK: libc lists the interfaces before it resolves a host name
                return self._refuse_optional(known.NETWORK, errno.EAFNOSUPPORT)
            return self._refuse(known.NETWORK)
        if number in self._disabled and self._process.link(request.task, number) == self._process.folder:
            return self._refuse(known.CONNECTION, errno.EBADF)
        if called.name not in ("connect", "bind"):
            return self._refuse(known.NETWORK, errno.ENETUNREACH)
        address = self._process.read(arguments[1], min(arguments[2], 128))
        (family,) = struct.unpack_from("=H", address)
        if family == _UNIX:
            return self._unix(address[2:], called.name == "connect")
        host = address[4:8] if family == _INTERNET[0] else address[8:24]
        if called.name == "bind" and host in _LOOPBACK and address[2:4] == b"\0\0":
            return self._refuse_optional(known.NETWORK, errno.EADDRNOTAVAIL)  # libraries probe for IPv6 this way
        return self._refuse(known.NETWORK, errno.ENETUNREACH if called.name == "connect" else errno.EACCES)

    def _unix(self, name: bytes, connects: bool) -> Verdict:
        path = os.fsdecode(name.partition(b"\0")[0])
        if connects and path and not Path(path).exists():
            return errno.ENOENT
        if connects and "/nscd/" in path:
            return errno.ECONNREFUSED  # the cache of user names; libc then looks them up itself
        target = f"`{path}`" if path else "another program"
        return self._refuse(Effect("network", "connect", f"to {target}"))

    def _on(self, act: str, path: str) -> Effect:
        return on_path(act, path, self._process.working_directory)


def _own_link(number: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
    except OSError:
        return ""


def _may_write(path: str) -> bool:
    return os.access(path, os.W_OK, effective_ids=True)


def _is_database(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _is_special(request: Request, called: SystemCall) -> bool:
    """True if the call creates something other than a file, a folder or a link."""
    if called.name not in ("mknod", "mknodat"):
        return False
    return stat.S_IFMT(request.arguments[1 if called.name == "mknod" else 2]) not in (0, stat.S_IFREG)


def _caches() -> tuple[str, ...]:
    """Return the folders in which libraries keep caches."""
    homes = [os.environ.get(name) for name in ("XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR")]
    return (*(f"{home.rstrip('/')}/" for home in homes if home), f"{expanded('~/.cache')}/")
