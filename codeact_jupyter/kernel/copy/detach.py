"""Detaches a forked child from its parent's open file descriptors and shared memory.

It runs first in the child. Descriptors are replaced, not closed: a number stays in use, so that the supervisor can tell
an inherited descriptor from one that the cell opened itself.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import re
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from .system_calls import LIBC, check

MAX_COPIED = 1 << 30  #: most bytes of shared memory that are copied
_CHUNK = 1 << 24
_MAP_FIXED = 0x10
_MOVE_FIXED = 0b11
_SHARED = re.compile(r"^(\w+)-(\w+) (...)s (\w+) \S+ (\d+) *(.*)$", re.MULTILINE)  #: in /proc/PID/maps
_STATELESS = {os.makedev(1, minor) for minor in (3, 5, 7, 8, 9)}  # null, zero, full, random, urandom


class TooMuchShared(Exception):
    """Error of a process with more shared memory than `MAX_COPIED`."""


@dataclass(frozen=True, slots=True)
class Descriptors:
    """The inherited descriptors that were changed."""

    disabled: tuple[int, ...]  #: replaced by a placeholder
    readonly: tuple[int, ...]  #: files that were writable, reopened read-only


def detach_descriptors(keep: Collection[int], folder: str) -> Descriptors:
    """Reopen the inherited files read-only, with their offsets; disable all other inherited descriptors.

    Standard input becomes empty; standard output and standard error become a memory file.

    Args:
        keep: Descriptors to leave unchanged.
        folder: Path that the placeholders of disabled descriptors point to.

    Returns:
        The changed descriptors.
    """
    disabled, readonly = [], []
    placeholder = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    for number in [int(name) for name in os.listdir("/proc/self/fd")]:  # noqa: PTH208
        if number <= 2 or number in keep or number == placeholder:
            continue
        try:
            flags = fcntl.fcntl(number, fcntl.F_GETFL)
            if not _reopen(number, flags):
                os.dup2(placeholder, number, inheritable=False)
                disabled.append(number)
            elif flags & os.O_ACCMODE != os.O_RDONLY:
                readonly.append(number)
        except OSError:  # the descriptor that `os.listdir` used
            continue
    os.close(placeholder)
    output = os.memfd_create("output")
    empty = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    for number, source in ((0, empty), (1, output), (2, output)):
        os.dup2(source, number)
    os.close(empty)
    os.close(output)
    return Descriptors(tuple(disabled), tuple(readonly))


def _reopen(number: int, flags: int) -> bool:
    """Reopen a file or folder read-only; return True if the descriptor now shares no state with the parent."""
    status = os.fstat(number)
    if flags & os.O_PATH or (stat.S_ISCHR(status.st_mode) and status.st_rdev in _STATELESS):
        return True
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return False
    try:
        reopened = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # no permission to read it
        return False
    if stat.S_ISREG(status.st_mode):
        os.lseek(reopened, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
    os.dup2(reopened, number, inheritable=False)
    os.close(reopened)
    return True


# --- memory ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mapping:
    start: int
    size: int
    protection: int
    offset: int
    inode: int
    path: str


def detach_memory(maps: str) -> None:
    """Make every shared mapping private; device memory, which cannot be copied, becomes inaccessible.

    Args:
        maps: The text of /proc/self/maps.

    Raises:
        TooMuchShared: More than `MAX_COPIED` bytes would have to be copied.
    """
    copied = 0
    for each in _shared(maps):
        if not _is_writable(each):
            continue
        if _is_device(each.path):
            _map(each.start, each.size, 0, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_FIXED, -1, 0)
        elif not _map_file(each):
            copied += each.size
            if copied > MAX_COPIED:
                raise TooMuchShared(f"more than {MAX_COPIED >> 30} GB of memory is shared with other processes")
            _copy(each)


def _shared(maps: str) -> list[_Mapping]:
    found = []
    for line in _SHARED.finditer(maps):
        start, end, offset = (int(line[place], 16) for place in (1, 2, 4))
        protection = sum(1 << bit for bit, letter in enumerate("rwx") if line[3][bit] == letter)
        found.append(_Mapping(start, end - start, protection, offset, int(line[5]), line[6]))
    return found


def _is_writable(mapping: _Mapping) -> bool:
    """Return False for a mapping of a file that was opened read-only: it may stay shared."""
    if mapping.protection & mmap.PROT_WRITE:
        return True
    writable = mapping.protection | mmap.PROT_WRITE
    return bool(LIBC.mprotect(ctypes.c_void_p(mapping.start), ctypes.c_size_t(mapping.size), writable) == 0)


def _is_device(path: str) -> bool:
    memory = ("/dev/zero", "/dev/shm/")
    return path.startswith(("/dev/", "anon_inode:")) and not path.startswith(memory)


def _map_file(mapping: _Mapping) -> bool:
    """Map the same file again as private; return False if its path no longer leads to it."""
    try:
        status = Path(mapping.path).stat()
        if not stat.S_ISREG(status.st_mode) or status.st_ino != mapping.inode:
            return False
        number = os.open(mapping.path, os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return False
    try:
        _map(mapping.start, mapping.size, mapping.protection, mmap.MAP_PRIVATE | _MAP_FIXED, number, mapping.offset)
    finally:
        os.close(number)
    return True


def _copy(mapping: _Mapping) -> None:
    """Replace the mapping by a private copy at the same address."""
    anonymous = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    target = _map(0, mapping.size, mmap.PROT_READ | mmap.PROT_WRITE, anonymous, -1, 0)
    with open("/proc/self/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - read() fails, where memory would fault
        for offset in range(0, mapping.size, _CHUNK):
            size = min(_CHUNK, mapping.size - offset)
            chunk = (ctypes.c_char * size).from_address(target + offset)
            try:
                os.preadv(memory.fileno(), [chunk], mapping.start + offset)
            except OSError:  # beyond the end of the file
                break
    check(LIBC.mprotect(ctypes.c_void_p(target), ctypes.c_size_t(mapping.size), mapping.protection))
    moved = LIBC.mremap(target, mapping.size, mapping.size, _MOVE_FIXED, mapping.start)
    if moved != mapping.start:
        check(-1)


def _map(start: int, size: int, protection: int, flags: int, descriptor: int, offset: int) -> int:
    address: int | None = LIBC.mmap(start, size, protection, flags, descriptor, offset)
    if address is None or address == ctypes.c_void_p(-1).value:
        check(-1)
    return int(address or 0)
