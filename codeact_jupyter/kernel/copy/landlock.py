"""Landlock: the process may write below one folder only, and may not bind or connect TCP or signal other processes.

Rights that the running Linux does not support are left out; the seccomp filter also restricts these calls.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Sequence

from .system_calls import call

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_VERSION = 1
_BENEATH = 1

_EXECUTE, _WRITE, _REMOVE_DIR, _REMOVE_FILE = 1 << 0, 1 << 1, 1 << 4, 1 << 5
_MAKE_DEVICES = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11  # character device, socket, named pipe, block device
_MAKE_DIR, _MAKE_FILE, _MAKE_LINK = 1 << 7, 1 << 8, 1 << 12
_REFER, _TRUNCATE, _CONTROL = 1 << 13, 1 << 14, 1 << 15  # since versions 2, 3 and 5
_INSIDE = _WRITE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_FILE | _MAKE_LINK | _REFER | _TRUNCATE
_BIND_AND_CONNECT = 0b11  # since version 4
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11  # since version 6


def version() -> int:
    """Return the Landlock ABI version of the running Linux; 0 if it has no Landlock."""
    try:
        return call(_CREATE, None, 0, _VERSION)
    except OSError:
        return 0


def restrict(folder: str, devices: Sequence[str] = ()) -> None:
    """Restrict the calling thread and its children permanently. The thread must have `no_new_privs` set.

    Args:
        folder: Folder below which files and folders may be created, written and removed.
        devices: Paths that may be written, such as `/dev/null`.

    Raises:
        OSError: Landlock is not available, or the folder does not exist.
    """
    known = version()
    unknown = sum(right for right, since in ((_REFER, 2), (_TRUNCATE, 3), (_CONTROL, 5)) if known < since)
    every = (_EXECUTE | _MAKE_DEVICES | _INSIDE | _CONTROL) & ~unknown
    network = _BIND_AND_CONNECT if known >= 4 else 0
    scoped = _ABSTRACT_SOCKETS_AND_SIGNALS if known >= 6 else 0
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    attributes = ctypes.create_string_buffer(struct.pack("=QQQ", every, network, scoped), 24)
    ruleset = call(_CREATE, _pointer(attributes), size, 0)
    try:
        _allow(ruleset, folder, _INSIDE & every)
        for device in devices:
            _allow(ruleset, device, (_WRITE | _TRUNCATE) & every)
        call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, place), 12)
        call(_ADD, ruleset, _BENEATH, _pointer(rule), 0)
    finally:
        os.close(place)


def _pointer(buffer: ctypes.Array[ctypes.c_char]) -> ctypes.c_void_p:
    return ctypes.cast(buffer, ctypes.c_void_p)
