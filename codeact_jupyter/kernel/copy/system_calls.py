"""Calls of libc and Linux that Python does not wrap, and the sandbox's table of system calls (syscalls.txt)."""

from __future__ import annotations

import ctypes
import functools
import os
import platform
from dataclasses import dataclass
from importlib.resources import files

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = LIBC.mremap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
LIBC.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int, ctypes.c_void_p]
LIBC.syscall.restype = ctypes.c_long

COLUMNS = {"x86_64": 1, "aarch64": 2}  #: the column of each machine in syscalls.txt


@dataclass(frozen=True, slots=True)
class SystemCall:
    """A row of the table.

    Args:
        name: The name of the call.
        number: Its number on one machine.
        rule: The section of the table.
        paths: For each path, the indices of the arguments that hold the folder's descriptor and the pointer, or None.
    """

    name: str
    number: int
    rule: str
    paths: tuple[tuple[int | None, int | None], ...] = ()


@functools.cache
def system_calls(machine: str = platform.machine()) -> dict[int, SystemCall]:
    """Return the known system calls of a machine by number; empty for a machine that the table lacks.

    Args:
        machine: A value of `platform.machine()`.
    """
    if machine not in COLUMNS:
        return {}
    known, rule = {}, ""
    for line in files(__package__).joinpath("syscalls.txt").read_text("ascii").splitlines():
        if line.startswith("["):
            rule = line.strip("[]")
            continue
        for row in [] if line.startswith("#") else line.rstrip(",").split(", "):
            name, *columns = row.split()
            number = columns[COLUMNS[machine] - 1]
            if number != "-":
                known[int(number)] = SystemCall(name, int(number), rule, tuple(map(_pair, columns[2:])))
    return known


def call(number: int, *arguments: int | ctypes.c_void_p | None) -> int:
    """Return the result of a system call.

    Args:
        number: The number of the call.
        arguments: Integers, pointers, or None for a null pointer.

    Raises:
        OSError: The call failed.
    """
    words = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return check(LIBC.syscall(ctypes.c_long(number), *words))


def check(result: int) -> int:
    """Return the result of a libc call.

    Args:
        result: The result.

    Raises:
        OSError: The result is -1.
    """
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _pair(text: str) -> tuple[int | None, int | None]:
    left, right = (None if part == "-" else int(part) for part in text.split(":"))
    return left, right
