"""The copy's process as its parent sees it: its memory, its open files, and the paths that it means."""

from __future__ import annotations

import os

from .seccomp import Request
from .system_calls import SystemCall

_HERE = -100  # AT_FDCWD
_OWN = {"/proc/self/": "", "/proc/thread-self/": "", "/dev/fd/": "fd/", "/dev/stdout": "fd/1", "/dev/stderr": "fd/2"}
_PAGE = 4096


class Process:
    """A process that waits for answers.

    Args:
        number: its process id.
        folder: where it can write, resolved.
    """

    def __init__(self, number: int, folder: str) -> None:
        self.number = number
        self.folder = folder
        try:
            self._memory = os.open(f"/proc/{number}/mem", os.O_RDONLY | os.O_CLOEXEC)
        except ProcessLookupError:  # it has ended already
            self._memory = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of its memory."""
        os.close(self._memory)

    @property
    def working_directory(self) -> str:
        """Its working directory."""
        return os.readlink(f"/proc/{self.number}/cwd")  # noqa: PTH115

    def read(self, pointer: int, size: int) -> bytes:
        """Return bytes of its memory.

        Args:
            pointer: address.
            size: number of bytes; fewer come where its memory ends.
        """
        return os.pread(self._memory, size, pointer)

    def link(self, task: int, number: int) -> str:
        """Return what one of its descriptors is, as /proc names it.

        Args:
            task: id of the thread.
            number: the descriptor.
        """
        return os.readlink(f"/proc/{task}/fd/{number}")  # noqa: PTH115

    def owns(self, path: str) -> bool:
        """Return True in its folder, and for what has no place in the file system, such as its pipes.

        Args:
            path: as `link` and `paths` return it.
        """
        return f"{path}/".startswith((f"{self.folder}/", "/memfd:")) or not path.startswith("/")

    def paths(self, request: Request, called: SystemCall, *, follow: bool) -> list[str]:
        """Return the paths of a call, absolute and resolved.

        Args:
            request: the call.
            called: its row in the table.
            follow: resolve a link at the path's end, too.
        """
        found = []
        for place, pointer in called.paths:
            number = _HERE if place is None else _signed(request.arguments[place])
            base = self.working_directory if number == _HERE else self.link(request.task, number)
            name = self._text(request.arguments[pointer]) if pointer is not None else ""
            found.append(self._resolve(os.path.join(base, name), follow) if name else base)  # noqa: PTH118 - keeps `..`
        return found

    def _resolve(self, path: str, follow: bool) -> str:
        for own, there in _OWN.items():
            if path.startswith(own):
                path = f"/proc/{self.number}/{there}{path.removeprefix(own)}"
        if follow and os.path.islink(path):  # noqa: PTH114
            return _without_links(path)
        head, tail = os.path.split(path.rstrip("/") or "/")
        return os.path.join(_without_links(head), tail)  # noqa: PTH118

    def _text(self, pointer: int) -> str:
        """Return the text in its memory, up to the zero byte."""
        read = b""
        while pointer and b"\0" not in read and len(read) < _PAGE:
            piece = self.read(pointer + len(read), _PAGE - (pointer + len(read)) % _PAGE)
            if not piece:
                break
            read += piece
        return os.fsdecode(read.partition(b"\0")[0])


def _without_links(path: str) -> str:
    """Return the path without links; a link to an open file, as in /proc, as the kernel names it."""
    if path.startswith("/proc/") and "/fd/" in path:
        try:
            return os.readlink(path)  # noqa: PTH115
        except OSError:
            return path
    return os.path.realpath(path)


def _signed(word: int) -> int:
    word &= 0xFFFFFFFF
    return word - (1 << 32) if word >= 1 << 31 else word
