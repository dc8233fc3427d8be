"""The seccomp filter: its decisions, as an interpreter of BPF computes them, and the table of system calls."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.kernel.copy import seccomp
from codeact_jupyter.kernel.copy.seccomp import ALLOW, ARCHITECTURES, ASK, FAIL, KILL
from codeact_jupyter.kernel.copy.system_calls import COLUMNS, system_calls

MACHINES = sorted(COLUMNS)
OWN, CHANNEL, DEAD, READONLY = 4321, 1023, (5, 6, 7, 9, 10), (12,)
ENOSYS, EINVAL = FAIL | errno.ENOSYS, FAIL | errno.EINVAL


def decide(code: bytes, number: int, arguments: tuple[int, ...], architecture: int) -> int:
    """Return the action of the filter for a call, as Linux computes it."""
    padded = (*arguments, *[0] * (6 - len(arguments)))
    data = struct.pack("=iIQ6Q", number, architecture, 0, *(word & (2**64 - 1) for word in padded))
    accumulator = place = 0
    while True:
        operation, jump, other, value = struct.unpack_from("=HBBI", code, 8 * place)
        place += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("=I", data, value)
            case 0x54:
                accumulator &= value
            case 0x05:
                place += value
            case 0x15:
                place += jump if accumulator == value else other
            case 0x35:
                place += jump if accumulator >= value else other
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(operation)


@pytest.fixture(scope="module", params=MACHINES)
def judge(request: pytest.FixtureRequest) -> Callable[..., int]:
    """Return a function that gives the filter's action for a call by name, on one machine."""
    calls = system_calls(request.param)
    code = seccomp.program(request.param, calls, seccomp.conditions(OWN, CHANNEL), disabled=DEAD, readonly=READONLY)
    numbers = {each.name: each.number for each in calls.values()}

    def decided(name: str, *arguments: int, architecture: int = ARCHITECTURES[request.param]) -> int:
        return decide(code, numbers.get(name, -1), arguments, architecture)

    return decided


@pytest.mark.parametrize("machine", MACHINES)
def test_every_call_is_in_the_table_once(machine: str) -> None:
    calls = system_calls(machine)
    assert len(calls) > 280 and len({each.name for each in calls.values()}) == len(calls)
    assert system_calls("mips") == {}


def test_the_machines_agree_on_the_calls_that_have_one_number_everywhere() -> None:
    tables = [{each.name: number for number, each in system_calls(machine).items()} for machine in MACHINES]
    late = {name for name, number in tables[0].items() if number >= 424}
    assert len(late) > 30
    assert all(tables[0][name] == tables[1][name] for name in late)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_program_is_shorter_than_linux_allows(machine: str) -> None:
    scattered = range(3, 1000, 2)
    code = seccomp.program(machine, system_calls(machine), seccomp.conditions(1, 2), disabled=scattered[:40])
    assert len(code) % 8 == 0 and len(code) // 8 < 4096


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("read", (3,)),
        ("write", (1,)),
        ("mmap", ()),
        ("openat", (2**64 - 100, 0, os.O_RDONLY | os.O_CLOEXEC)),
        ("openat", (5, 0, os.O_DIRECTORY)),
        ("fcntl", (3, 2, 1)),
        ("ioctl", (1, 0x5401)),
        ("socket", (1, 1)),
        ("socket", (10, 2 | 0o2000000)),
        ("socketpair", (1, 1)),
        ("sendto", (3, 1, 1, 0, 0, 0)),
        ("sendmsg", (CHANNEL,)),
        ("clone", (0x003D0F00,)),
        ("tgkill", (OWN, OWN, 6)),
        ("prlimit64", (0, 7, 0, 1)),
        ("prctl", (15,)),
        ("madvise", (0, 0, 4)),
        ("setpriority", (0, 0, 5)),
        ("sched_setaffinity", (0, 8)),
        ("exit_group", (0,)),
    ],
)
def test_calls_without_outside_effects_pass(judge: Callable[..., int], name: str, arguments: tuple[int, ...]) -> None:
    assert judge(name, *arguments) == ALLOW


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("read", (5,)),
        ("write", (9,)),
        ("write", (12,)),
        ("sendto", (6, 1, 1, 0, 0, 0)),
        ("openat", (2**64 - 100, 0, os.O_WRONLY)),
        ("openat", (2**64 - 100, 0, os.O_RDWR | os.O_CLOEXEC)),
        ("openat", (2**64 - 100, 0, os.O_CREAT)),
        ("openat", (2**64 - 100, 0, os.O_TRUNC)),
        ("openat", (2**64 - 100, 0, 0o20200000)),
        ("unlinkat", ()),
        ("renameat2", ()),
        ("fchmodat", ()),
        ("fcntl", (3, 8)),
        ("fcntl", (3, 6)),
        ("ioctl", (1, 0x5412)),
        ("socket", (16, 3)),
        ("socket", (2, 3)),
        ("connect", (3,)),
        ("sendto", (3, 1, 1, 0, 1, 16)),
        ("sendto", (3, 1, 1, 0, 1 << 40, 16)),
        ("sendmsg", (3,)),
        ("setsockopt", (3, 0, 35)),
        ("clone", (17,)),
        ("clone", (0x003D0F00 | 0x00020000,)),
        ("execve", ()),
        ("kill", (OWN, 9)),
        ("tgkill", (1, 1, 9)),
        ("ptrace", ()),
        ("prlimit64", (0, 7, 1 << 40, 0)),
        ("madvise", (0, 0, 100)),
        ("setpriority", (0, 1, 5)),
        ("shmget", ()),
        ("mount", ()),
        ("keyctl", ()),
        ("bpf", ()),
    ],
)
def test_calls_with_outside_effects_are_passed_to_the_supervisor(
    judge: Callable[..., int], name: str, arguments: tuple[int, ...]
) -> None:
    assert judge(name, *arguments) == ASK


@pytest.mark.parametrize("name", ["clone3", "openat2", "io_uring_setup", "no such call"])
def test_unknown_calls_fail_as_on_an_older_linux(judge: Callable[..., int], name: str) -> None:
    assert judge(name) == ENOSYS


def test_an_unknown_option_of_prctl_is_invalid(judge: Callable[..., int]) -> None:
    assert judge("prctl", 1, 0) == EINVAL  # the signal at the parent's death


def test_a_call_for_another_architecture_kills_the_process(judge: Callable[..., int]) -> None:
    assert judge("read", 3, architecture=0x40000003) == KILL


@given(number=st.integers(0, 2**31 - 1), arguments=st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6))
def test_every_call_gets_one_of_four_answers(number: int, arguments: list[int]) -> None:
    calls = system_calls("x86_64")
    code = seccomp.program("x86_64", calls, seccomp.conditions(OWN, CHANNEL), disabled=DEAD, readonly=READONLY)
    action = decide(code, number, tuple(arguments), ARCHITECTURES["x86_64"])
    assert action in (ALLOW, ASK, ENOSYS, EINVAL)
    assert action == ENOSYS or number in calls
