"""Run a command without a network: no process of it gets a socket but those that stay on the machine.

    python offline.py COMMAND ARGUMENT ...

A seccomp filter lets `socket` fail as on a machine without Internet protocols. It needs no rights, and cannot be undone
by the command or its children. (It does not kill them, because ipykernel tries to open a port on 127.0.0.1, for the
outputs of forked processes, and goes on without.)
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
import sys

from codeact_jupyter.kernel.copy.seccomp import ALLOW, ARCHITECTURES, FAIL, KILL, NUMBER_OF_SECCOMP
from codeact_jupyter.kernel.copy.system_calls import LIBC, call, system_calls

LOAD, EQUAL, FROM, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16
X32 = 0x40000000  #: from here on are the numbers of another interface to the same calls
PR_SET_NO_NEW_PRIVS = 38


def filter_of(machine: str) -> bytes:
    """Return the BPF program."""
    numbers = {each.name: each.number for each in system_calls(machine).values()}
    code = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (FROM, 0, 1, X32),
        (RETURN, 0, 0, KILL),
        (EQUAL, 0, 1, numbers["io_uring_setup"]),  # by which sockets can be opened without the call `socket`
        (RETURN, 0, 0, FAIL | errno.ENOSYS),
        (EQUAL, 1, 0, numbers["socket"]),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (EQUAL, 1, 0, socket.AF_UNIX),
        (EQUAL, 0, 1, socket.AF_NETLINK),  # asks Linux which interfaces there are
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, FAIL | errno.EAFNOSUPPORT),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def forbid_network() -> None:
    """Install the filter for this process and its children."""
    code = filter_of(platform.machine())
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    fields = ctypes.create_string_buffer(head, len(head))
    if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    call(NUMBER_OF_SECCOMP[platform.machine()], 1, 0, ctypes.cast(fields, ctypes.c_void_p))


if __name__ == "__main__":
    forbid_network()
    os.execvp(sys.argv[1], sys.argv[1:])
