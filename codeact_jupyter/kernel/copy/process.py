"""The copy's process, read from the parent: its memory, descriptors and paths."""

from __future__ import annotations

import os

from .seccomp import Request
from .system_calls import SystemCall

_AT_FDCWD = -100
_SELF = {"/proc/self/": "", "/proc/thread-self/": "", "/dev/fd/": "fd/", "/dev/stdout": "fd/1", "/dev/stderr": "fd/2"}
_PAGE = 4096


class Process:
    """A process whose system calls are supervised.

    Args:
        number: The process id.
        folder: Resolved path of the folder that it may write.
    """

    def __init__(self, number: int, folder: str) -> None:
        self.number = number
        self.folder = folder
        try:
            self._memory = os.open(f"/proc/{number}/mem", os.O_RDONLY | os.O_CLOEXEC)
        except ProcessLookupError:  # it has ended already
            self._memory = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Close the descriptor of its memory."""
        os.close(self._memory)

    @property
    def working_directory(self) -> str:
        """Its working directory."""
        return os.readlink(f"/proc/{self.number}/cwd")  # noqa: PTH115

    def read(self, pointer: int, size: int) -> bytes:
        """Return bytes of its memory.

        Args:
            pointer: The address.
            size: Most bytes to return; fewer are returned where its memory ends.
        """
        return os.pread(self._memory, size, pointer)

    def link(self, task: int, number: int) -> str:
        """Return the target of one of its descriptors, as shown in /proc.

        Args:
            task: The thread id.
            number: The descriptor.
        """
        return os.readlink(f"/proc/{task}/fd/{number}")  # noqa: PTH115

    def owns(self, path: str) -> bool:
        """Return True for a path in its folder, and for an object that is not a file, such as a pipe.

        Args:
            path: A result of `link` or `paths`.
        """
        return f"{path}/".startswith((f"{self.folder}/", "/memfd:")) or not path.startswith("/")

    def paths(self, request: Request, called: SystemCall, *, follow: bool) -> list[str]:
        """Return the paths of a system call, absolute and resolved.

        Args:
            request: The system call.
            called: The row of the table for it.
            follow: True to resolve a symbolic link in the last component, too.
        """
        found = []
        for place, pointer in called.paths:
            number = _AT_FDCWD if place is None else _signed(request.arguments[place])
            base = self.working_directory if number == _AT_FDCWD else self.link(request.task, number)
            name = self._text(request.arguments[pointer]) if pointer is not None else ""
            found.append(self._resolve(os.path.join(base, name), follow) if name else base)  # noqa: PTH118 - keeps `..`
        return found

    def _resolve(self, path: str, follow: bool) -> str:
        for prefix, target in _SELF.items():
            if path.startswith(prefix):
                path = f"/proc/{self.number}/{target}{path.removeprefix(prefix)}"
        if follow and os.path.islink(path):  # noqa: PTH114
            return _without_links(path)
        head, tail = os.path.split(path.rstrip("/") or "/")
        return os.path.join(_without_links(head), tail)  # noqa: PTH118

    def _text(self, pointer: int) -> str:
        """Return the zero-terminated string at an address of its memory."""
        read = b""
        while pointer and b"\0" not in read and len(read) < _PAGE:
            page = self.read(pointer + len(read), _PAGE - (pointer + len(read)) % _PAGE)
            if not page:
                break
            read += page
        return os.fsdecode(read.partition(b"\0")[0])


def _without_links(path: str) -> str:
    """Return the path without symbolic links; for a descriptor in /proc, its target."""
    if path.startswith("/proc/") and "/fd/" in path:
        try:
            return os.readlink(path)  # noqa: PTH115
        except OSError:
            return path
    return os.path.realpath(path)


def _signed(word: int) -> int:
    word &= 0xFFFFFFFF
    return word - (1 << 32) if word >= 1 << 31 else word
