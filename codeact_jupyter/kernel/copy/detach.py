"""Cuts a forked child off from what it shares with its parent: open files and connections, and shared memory.

It runs in the child, before anything else does. The numbers of the descriptors stay taken, so that code which uses one
is told apart from code that opens something of its own.
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

COPIED = 1 << 30  #: bytes of shared memory that are copied at most
_PIECE = 1 << 24
_MAP_FIXED = 0x10
_MOVE_FIXED = 0b11
_SHARED = re.compile(r"^(\w+)-(\w+) (...)s (\w+) \S+ (\d+) *(.*)$", re.MULTILINE)  #: in /proc/self/maps
_STATELESS = {os.makedev(1, minor) for minor in (3, 5, 7, 8, 9)}  # null, zero, full, random, urandom


class TooMuchShared(Exception):
    """More memory is shared with other processes than can be copied."""


@dataclass(frozen=True, slots=True)
class Descriptors:
    """The inherited descriptors that are not what they were."""

    dead: tuple[int, ...]  #: cannot be used
    readonly: tuple[int, ...]  #: files that can be read only


def detach_descriptors(keep: Collection[int], folder: str) -> Descriptors:
    """Open the inherited files afresh to read, at the same place; take all other descriptors out of use.

    Standard input becomes empty, standard output and error a file in memory.

    Args:
        keep: descriptors to leave as they are.
        folder: path that stands in for what is out of use.

    Returns:
        Those that are not what they were.
    """
    dead, readonly = [], []
    stand_in = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    for number in [int(name) for name in os.listdir("/proc/self/fd")]:  # noqa: PTH208
        if number <= 2 or number in keep or number == stand_in:
            continue
        try:
            flags = fcntl.fcntl(number, fcntl.F_GETFL)
            if not _open_afresh(number, flags):
                os.dup2(stand_in, number, inheritable=False)
                dead.append(number)
            elif flags & os.O_ACCMODE != os.O_RDONLY:
                readonly.append(number)
        except OSError:  # the listing's own descriptor
            continue
    os.close(stand_in)
    output = os.memfd_create("output")
    nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    for number, source in ((0, nothing), (1, output), (2, output)):
        os.dup2(source, number)
    os.close(nothing)
    os.close(output)
    return Descriptors(tuple(dead), tuple(readonly))


def _open_afresh(number: int, flags: int) -> bool:
    """Return True if the descriptor shares nothing with the parent's any more."""
    status = os.fstat(number)
    if flags & os.O_PATH or (stat.S_ISCHR(status.st_mode) and status.st_rdev in _STATELESS):
        return True
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return False
    try:
        fresh = os.open(f"/proc/self/fd/{number}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # no permission to read it
        return False
    if stat.S_ISREG(status.st_mode):
        os.lseek(fresh, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
    os.dup2(fresh, number, inheritable=False)
    os.close(fresh)
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
    """Make every shared mapping private; what cannot be copied, such as a device's memory, is taken out.

    Args:
        maps: the text of /proc/self/maps.

    Raises:
        TooMuchShared: more than `COPIED` bytes would have to be copied.
    """
    copied = 0
    for each in _shared(maps):
        if not _can_be_written(each):
            continue
        if _is_of_device(each.path):
            _map(each.start, each.size, 0, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_FIXED, -1, 0)
        elif not _map_file(each):
            copied += each.size
            if copied > COPIED:
                raise TooMuchShared(f"{copied / 1e9:.1f} GB are shared with other processes")
            _copy(each)


def _shared(maps: str) -> list[_Mapping]:
    found = []
    for line in _SHARED.finditer(maps):
        start, end, offset = (int(line[place], 16) for place in (1, 2, 4))
        protection = sum(1 << bit for bit, letter in enumerate("rwx") if line[3][bit] == letter)
        found.append(_Mapping(start, end - start, protection, offset, int(line[5]), line[6]))
    return found


def _can_be_written(mapping: _Mapping) -> bool:
    """Return False for a file that was opened to be read only: its mapping can stay."""
    if mapping.protection & mmap.PROT_WRITE:
        return True
    writable = mapping.protection | mmap.PROT_WRITE
    return bool(LIBC.mprotect(ctypes.c_void_p(mapping.start), ctypes.c_size_t(mapping.size), writable) == 0)


def _is_of_device(path: str) -> bool:
    memory = ("/dev/zero", "/dev/shm/")
    return path.startswith(("/dev/", "anon_inode:")) and not path.startswith(memory)


def _map_file(mapping: _Mapping) -> bool:
    """Map the same file again, privately; False if it cannot be had by its name."""
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
    """Put a private copy in the place of the mapping."""
    anonymous = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    fresh = _map(0, mapping.size, mmap.PROT_READ | mmap.PROT_WRITE, anonymous, -1, 0)
    with open("/proc/self/mem", "rb", buffering=0) as memory:  # noqa: PTH123 - reading cannot fault there
        for offset in range(0, mapping.size, _PIECE):
            size = min(_PIECE, mapping.size - offset)
            piece = (ctypes.c_char * size).from_address(fresh + offset)
            try:
                os.preadv(memory.fileno(), [piece], mapping.start + offset)
            except OSError:  # beyond the end of its file
                break
    check(LIBC.mprotect(ctypes.c_void_p(fresh), ctypes.c_size_t(mapping.size), mapping.protection))
    moved = LIBC.mremap(fresh, mapping.size, mapping.size, _MOVE_FIXED, mapping.start)
    if moved != mapping.start:
        check(-1)


def _map(start: int, size: int, protection: int, flags: int, descriptor: int, offset: int) -> int:
    place: int | None = LIBC.mmap(start, size, protection, flags, descriptor, offset)
    if place is None or place == ctypes.c_void_p(-1).value:
        check(-1)
    return int(place or 0)
