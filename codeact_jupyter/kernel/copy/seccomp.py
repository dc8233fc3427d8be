"""The seccomp filter, which passes system calls that can have effects outside the process to a supervisor.

The filter is a BPF program over a call's number and arguments. A call passes, fails as on an older Linux, or blocks
until the supervisor has read it from the listener and answered it. BPF cannot dereference pointers: the supervisor
checks paths and addresses.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import itertools
import os
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .system_calls import SystemCall, call

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
NUMBER_OF_SECCOMP = {"x86_64": 317, "aarch64": 277}

ALLOW, ASK, FAIL, KILL = 0x7FFF0000, 0x7FC00000, 0x00050000, 0x80000000  # FAIL is combined with an error number
CONTINUE = 1  #: flag of an answer: Linux executes the call

TMPFILE = 0o20000000  #: __O_TMPFILE: `open` creates a file without a name
WRITING = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | TMPFILE  #: flags that are not set if `open` only reads
LOCKS = (6, 7, 37, 38)  #: fcntl commands that lock part of a file
_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIO[N]CLEX
_PRCTL = (2, 3, 15, 16, 21, 23, 30, 39, 0x53564D41)  # queries, and the names of threads and mappings
_NAMESPACES = 0x7E020000
_CLONE_THREAD = 0x00010000
_SPEED, _NEW_LISTENER, _WAIT_KILLABLE = 1 << 2, 1 << 3, 1 << 5

_RECEIVE, _ANSWER, _GIVE = 0xC0502100, 0xC0182101, 0x40182103
_LOAD, _AND, _JUMP, _JUMP_EQUAL, _JUMP_FROM, _RETURN = 0x20, 0x54, 0x05, 0x15, 0x35, 0x06  # _JUMP_FROM: if at least
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in seccomp_data

Test = tuple[int, int, tuple[int, ...], bool]  #: argument, mask, values, and True if it must be one of them (else none)
Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Request:
    """A system call that waits for an answer.

    Args:
        id: Id of the request.
        task: Id of the thread that made the call.
        number: Number of the system call.
        arguments: The six arguments as unsigned words.
    """

    id: int
    task: int
    number: int
    arguments: tuple[int, ...]


def conditions(own: int, channel: int) -> dict[str, tuple[Test, ...]]:
    """Return the tests that the arguments of a call must meet to pass without an answer, by the call's name.

    Args:
        own: Id of the filtered process, which may signal its own threads.
        channel: Descriptor of the socket over which it sends the listener.
    """
    reads = (WRITING, (0,), True)
    self_only: Test = (0, 0xFFFFFFFF, (0,), True)
    return {
        "open": ((1, *reads),),
        "openat": ((2, *reads),),
        "fcntl": ((1, 0xFFFFFFFF, (8, 10, 15, 1024, 1026, *LOCKS), False),),  # signal owners, leases, notifications
        "ioctl": ((1, 0xFFFFFFFF, _IOCTLS, True),),
        "madvise": ((2, 0xFFFFFFFF, (100, 101), False),),  # poisons pages, for all processes that share them
        "socket": ((0, 0xFFFFFFFF, (1, 2, 10), True), (1, 0xF, (1, 2), True)),  # Unix, IPv4, IPv6; `connect` is checked
        "socketpair": ((0, 0xFFFFFFFF, (1,), True),),
        "setsockopt": ((1, 0xFFFFFFFF, (1, 6), True),),
        "sendto": ((4, 0, (0,), True),),  # no address
        "sendmsg": ((0, 0xFFFFFFFF, (channel,), True),),
        "clone": ((0, _CLONE_THREAD | _NAMESPACES, (_CLONE_THREAD,), True),),
        "tgkill": ((0, 0xFFFFFFFF, (own,), True),),
        "prlimit64": ((2, 0, (0,), True),),
        "setpriority": (self_only, (1, 0xFFFFFFFF, (0,), True)),
        **dict.fromkeys(("sched_setaffinity", "sched_setparam", "sched_setscheduler", "sched_setattr"), (self_only,)),
    }


def program(
    machine: str,
    calls: Mapping[int, SystemCall],
    tests: Mapping[str, tuple[Test, ...]],
    *,
    disabled: Iterable[int] = (),
    readonly: Iterable[int] = (),
) -> bytes:
    """Return the BPF program, eight bytes per instruction.

    Args:
        machine: A value of `platform.machine()`.
        calls: The system calls of that machine.
        tests: The result of `conditions`.
        disabled: Descriptors whose reads and writes the supervisor answers.
        readonly: Descriptors whose writes the supervisor answers.
    """
    disabled, readonly = sorted(disabled), sorted({*disabled, *readonly})
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (_RETURN, 0, 0, KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    asked = []
    for each in calls.values():
        block: list[Instruction] = []
        if each.rule in ("read", "write"):
            block = [*_ask_if_in(disabled if each.rule == "read" else readonly), (_RETURN, 0, 0, ALLOW)]
        elif each.name == "prctl":
            block = [*_test((0, 0xFFFFFFFF, _PRCTL, True), FAIL | errno.EINVAL), (_RETURN, 0, 0, ALLOW)]
        elif each.name in tests:
            parts = [_test(test, ASK) for test in tests[each.name]]
            inherited = _ask_if_in(disabled) if each.name in ("sendto", "sendmsg", "setsockopt") else []
            block = [*inherited, *(part for test in parts for part in test), (_RETURN, 0, 0, ALLOW)]
        elif each.rule not in ("allow", "absent"):
            asked.append(each.number)
        if block:
            code += [(_JUMP_EQUAL, 0, len(block), each.number), *block]
    passing = sorted(each.number for each in calls.values() if each.rule == "allow")
    code += _return_if_in(passing, ALLOW)
    code += _return_if_in(sorted(asked), ASK)
    code.append((_RETURN, 0, 0, FAIL | errno.ENOSYS))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def install(machine: str, code: bytes) -> int:
    """Install a filter permanently for the calling thread and its children. It must have `no_new_privs` set.

    Args:
        machine: A value of `platform.machine()`.
        code: The result of `program`.

    Returns:
        The descriptor of the filter's listener.

    Raises:
        OSError: Linux does not allow it, or a filter with a listener is installed already.
    """
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer))
    fields = ctypes.create_string_buffer(head, len(head))
    pointer = ctypes.cast(fields, ctypes.c_void_p)
    try:
        return call(NUMBER_OF_SECCOMP[machine], 1, _NEW_LISTENER | _SPEED | _WAIT_KILLABLE, pointer)
    except OSError as error:
        if error.errno != errno.EINVAL:  # before Linux 5.19
            raise
        return call(NUMBER_OF_SECCOMP[machine], 1, _NEW_LISTENER | _SPEED, pointer)


def receive(listener: int) -> Request | None:
    """Return the next waiting call; None if its thread has ended meanwhile.

    Args:
        listener: The listener's descriptor, which must be ready to read.
    """
    data = bytearray(80)
    try:
        fcntl.ioctl(listener, _RECEIVE, data)
    except OSError:
        return None
    number, task, _, system_call, _, _, *arguments = struct.unpack("=QIIiIQ6Q", data)
    return Request(number, task, system_call, tuple(arguments))


def answer(listener: int, request: Request, code: int | None) -> None:
    """Answer a waiting call. Does nothing if its thread has ended meanwhile.

    Args:
        listener: The listener's descriptor.
        request: The call.
        code: The error number that the call returns; 0 to report success without executing it; None to execute it.
    """
    flags = CONTINUE if code is None else 0
    data = struct.pack("=QqiI", request.id, 0, -(code or 0), flags)
    try:
        fcntl.ioctl(listener, _ANSWER, data)
    except OSError:
        return


def give(listener: int, request: Request, descriptor: int, flags: int) -> None:
    """Answer a waiting `open` with a descriptor of this process. Does nothing if its thread has ended meanwhile.

    Args:
        listener: The listener's descriptor.
        request: The call.
        descriptor: The descriptor, of which the caller gets a copy.
        flags: Those of the call.
    """
    data = bytearray(struct.pack("=QIIII", request.id, 0, descriptor, 0, flags & os.O_CLOEXEC))
    try:
        number = fcntl.ioctl(listener, _GIVE, data)
        fcntl.ioctl(listener, _ANSWER, struct.pack("=QqiI", request.id, number, 0, 0))
    except OSError as error:
        answer(listener, request, error.errno or errno.EMFILE)


# --- assembling --------------------------------------------------------------------------------------------------


def _test(test: Test, otherwise: int) -> list[Instruction]:
    """Fall through if the argument meets the test; otherwise return `otherwise`.

    A mask of 0 marks a pointer, which must be null in all 64 bits.
    """
    argument, mask, values, wanted = test
    low = (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)
    if mask == 0:
        high = (_LOAD, 0, 0, _ARGUMENTS + 8 * argument + 4)
        return [low, (_JUMP_EQUAL, 0, 2, 0), high, (_JUMP_EQUAL, 1, 0, 0), (_RETURN, 0, 0, otherwise)]
    code = [low, *([(_AND, 0, 0, mask)] if mask != 0xFFFFFFFF else [])]
    for place, value in enumerate(values):
        left = len(values) - place - 1
        code.append((_JUMP_EQUAL, left + 1, 0, value))  # past the return if the value is wanted, else to it
    if not wanted:
        code.append((_JUMP, 0, 0, 1))  # equal to none of the values: past the return
    code.append((_RETURN, 0, 0, otherwise))
    return code


def _ask_if_in(descriptors: list[int]) -> list[Instruction]:
    """Return ASK if the call's first argument is one of the descriptors; otherwise fall through."""
    return [(_LOAD, 0, 0, _ARGUMENTS), *_return_if_in(descriptors, ASK)] if descriptors else []


def _return_if_in(numbers: list[int], action: int) -> list[Instruction]:
    code: list[Instruction] = []
    for first, last in _runs(numbers):
        code += [(_JUMP_FROM, 0, 2, first), (_JUMP_FROM, 1, 0, last + 1), (_RETURN, 0, 0, action)]
    return code


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last number of each run of consecutive numbers."""
    for _, pairs in itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in pairs]
        yield run[0], run[-1]
