"""The sandbox of a trial, without a process: the filter's decisions, the reading of reports, the failing expression."""

from __future__ import annotations

import ast
import base64
import dataclasses
import errno
import linecache
import os
import platform
import signal
import struct
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.kernel.copy import effects as known
from codeact_jupyter.kernel.copy import landlock, sandbox, seccomp, supervisor
from codeact_jupyter.kernel.copy.effects import MOST, Effect, add, on_path
from codeact_jupyter.kernel.copy.failing import OFFERS, Failing, error_line, find_failing
from codeact_jupyter.kernel.copy.outcome import Trial, read_trial
from codeact_jupyter.kernel.copy.seccomp import ALLOW, ARCHITECTURES, ASK, FAIL, KILL
from codeact_jupyter.kernel.copy.system_calls import COLUMNS, system_calls

MACHINES = sorted(COLUMNS)
OWN, CHANNEL, DEAD, READONLY = 4321, 1023, (5, 6, 7, 9, 10), (12,)
ENOSYS, EINVAL = FAIL | errno.ENOSYS, FAIL | errno.EINVAL


# --- the filter ---------------------------------------------------------------------------------------------------


def decide(code: bytes, number: int, arguments: tuple[int, ...], architecture: int) -> int:
    """What the kernel's BPF machine makes of a call."""
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
    """Decides about a call by its name, as the filter of one machine does."""
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
def test_the_program_fits_the_kernel(machine: str) -> None:
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
def test_what_stays_within_the_process_passes(judge: Callable[..., int], name: str, arguments: tuple[int, ...]) -> None:
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
def test_what_reaches_beyond_it_is_asked_about(
    judge: Callable[..., int], name: str, arguments: tuple[int, ...]
) -> None:
    assert judge(name, *arguments) == ASK


@pytest.mark.parametrize("name", ["clone3", "openat2", "io_uring_setup", "no such call"])
def test_what_the_filter_does_not_know_is_not_there(judge: Callable[..., int], name: str) -> None:
    assert judge(name) == ENOSYS


def test_an_unknown_wish_of_prctl_is_invalid(judge: Callable[..., int]) -> None:
    assert judge("prctl", 1, 0) == EINVAL  # the signal at the parent's death


def test_a_call_by_another_architecture_ends_the_process(judge: Callable[..., int]) -> None:
    assert judge("read", 3, architecture=0x40000003) == KILL


@given(number=st.integers(0, 2**31 - 1), arguments=st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6))
def test_every_call_gets_one_of_four_answers(number: int, arguments: list[int]) -> None:
    calls = system_calls("x86_64")
    code = seccomp.program("x86_64", calls, seccomp.conditions(OWN, CHANNEL), disabled=DEAD, readonly=READONLY)
    action = decide(code, number, tuple(arguments), ARCHITECTURES["x86_64"])
    assert action in (ALLOW, ASK, ENOSYS, EINVAL)
    assert action == ENOSYS or number in calls


# --- what the machine must have -----------------------------------------------------------------------------------


def test_this_machine_can_try_code() -> None:
    """Where it can, no test of the trials may be left out."""
    assert sandbox.missing() == "" and landlock.version() >= 1


def test_elsewhere_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert "no Landlock" in sandbox.missing()
    monkeypatch.setattr(sandbox, "system_calls", dict)
    assert platform.machine() in sandbox.missing()


@pytest.mark.parametrize(("system", "absent"), [("darwin", ()), ("win32", ("resource", "fcntl"))])
def test_other_systems_try_nothing_and_say_so(system: str, absent: tuple[str, ...]) -> None:
    """The module can be imported where its Linux parts cannot."""
    absent = (*absent, "codeact_jupyter.kernel.copy.system_calls")
    script = f"""
import sys
import filelock, psutil, sysconfig
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
psutil.virtual_memory(), sysconfig.get_config_vars()
sys.platform = {system!r}
for name in {absent!r}:
    sys.modules[name] = None
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell(config=config)
print(Preview(Workspace(shell, Gate(shell))).try_cell("1"))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "outcome='not_tried'" in done.stdout and "sandboxed copy" in done.stdout, done.stderr


# --- effects and outcomes -----------------------------------------------------------------------------------------

REPORT: dict[str, Any] = {
    "raised": False,
    "refused": "",
    "foreign": False,
    "observation": "seen",
    "outputs": "out",
    "seconds": 0.5,
    "error": "",
    "figures": [base64.b64encode(b"png").decode()],
    "added": ["x"],
    "changed": [],
    "removed": [],
    "effects": [],
    "names": {},
}
WRITES = on_path("write", "/work/out.csv", "/work")


def read(told: dict[str, Any] | None = None, **rest: Any) -> Trial:
    """The trial of a report, of which some is different."""
    given = {"wants": [], "optional": [], "reason": "", "status": 0, **rest}
    return read_trial({**REPORT, **(told or {})}, **given)


def test_an_effect_is_told_in_the_third_person_and_as_a_wish() -> None:
    assert (WRITES.text, WRITES.would) == ("writes `out.csv`", "write `out.csv`")
    assert on_path("write", "/other/a\nb", "/work").text == "writes `/other/a\\nb`"


def test_effects_are_kept_once_and_in_bounds() -> None:
    effects: list[Effect] = []
    for number in range(20):
        add(effects, on_path("write", f"/{number // 2}", "/"))
    assert len(effects) == MOST and len(set(effects)) == MOST


def test_a_cell_that_ran_is_told_with_all_it_brought() -> None:
    trial = read()
    assert (trial.outcome, trial.observation, trial.figures, trial.added) == ("ran", "seen", (b"png",), ("x",))


def test_a_cell_that_raised_is_told_with_its_error() -> None:
    failing = dataclasses.asdict(Failing("df['a']", "df", "column", "a", ("b",), (1, 0, 1, 7)))
    trial = read({"raised": True, "error": "KeyError: 'a'", "line": 1, "failing": failing})
    assert (trial.outcome, trial.error, trial.line) == ("raised", "KeyError: 'a'", 1)
    assert trial.failing == Failing("df['a']", "df", "column", "a", ("b",), (1, 0, 1, 7))


def test_a_refusal_is_never_an_error_of_the_code() -> None:
    assert read({"raised": True, "refused": "EACCES"}, wants=[WRITES]).outcome == "wants_more"
    assert read(wants=[WRITES]).outcome == "wants_more"  # the code caught it


def test_what_was_refused_quietly_counts_only_where_it_led_to_the_error() -> None:
    assert read(optional=[WRITES]).outcome == "ran"
    assert read({"raised": True}, optional=[WRITES]).outcome == "raised"
    assert read({"raised": True, "refused": "EACCES"}, optional=[WRITES]).wants == (WRITES,)
    assert read({"raised": True, "refused": "EBADF"}).wants == (known.CONNECTION,)
    assert read({"raised": True, "refused": "EACCES"}).outcome == "raised"


def test_programs_and_hosts_get_their_names() -> None:
    trial = read({"names": {"program": "git", "host": "example.org"}}, wants=[known.PROGRAM, known.NETWORK])
    assert [effect.text for effect in trial.wants] == ["starts `git`", "opens the network (`example.org`)"]


def test_a_copy_that_ended_early_was_not_tried() -> None:
    cut = {"wants": [], "optional": [], "reason": "", "status": None}
    assert read_trial({"busy": True}, **cut).reason == "a cell is running"
    assert "no memory" in read_trial({"broken": "no memory"}, **cut).reason
    assert "step before" in read_trial({"prior": False}, **cut).reason
    assert read_trial({}, **{**cut, "reason": "it did not end within 10 s"}).outcome == "not_tried"
    assert read_trial({}, **{**cut, "status": signal.SIGSEGV}).reason == "the copy crashed (segmentation fault)"
    assert "memory" in read_trial({}, **{**cut, "status": signal.SIGKILL}).reason
    assert read_trial({}, **cut).outcome == "not_tried"


def test_a_cell_that_ends_the_process_wants_that() -> None:
    assert read_trial({}, wants=[], optional=[], reason="", status=3 << 8).wants == (known.KERNEL,)


def test_a_cut_off_copy_that_wanted_something_says_so() -> None:
    assert read_trial({}, wants=[WRITES], optional=[], reason="late", status=None).outcome == "wants_more"


def test_a_graphics_processor_is_told_by_its_device() -> None:
    judge = supervisor.Supervisor.__new__(supervisor.Supervisor)
    judge.wants = []
    assert judge._write("/dev/nvidia0") == errno.EACCES and judge.wants == [known.GPU]


# --- the expression that raised -----------------------------------------------------------------------------------


class Frame:
    """Something with columns."""

    columns = ("Price", "city")

    def __getitem__(self, name: str) -> object:
        raise KeyError(name)

    def groupby(self, name: str) -> object:
        raise KeyError(name)


def failing(source: str) -> tuple[Failing | None, int | None]:
    """What is told of a cell that raises."""
    name = "<ipython-input-1-x>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    namespace: dict[str, Any] = {"__name__": "__main__", "df": Frame(), "prices": {"a": 1, "b": 2}}
    try:
        exec(compile(source, name, "exec"), namespace)
    except Exception as error:
        return find_failing(error, source, namespace), error_line(error, source, namespace)
    raise AssertionError("it did not raise")


@pytest.mark.parametrize(
    ("source", "expression", "kind", "wanted", "offer"),
    [
        ("x = 1\ndf['price']", "df['price']", "column", "price", "Price"),
        ("df.groupby('citi')", "df.groupby('citi')", "column", "citi", "city"),
        ("prices['A']", "prices['A']", "key", "A", "a"),
        ("prnt(1)", "prnt", "name", "prnt", "print"),
        ("'a'.uper()", "'a'.uper", "attribute", "uper", "upper"),
        ("from math import sqr", "from math import sqr", "import", "sqr", "sqrt"),
        ("def f(width): pass\nf()", "f()", "parameter", "", "width"),
        ("import penguinz", "import penguinz", "import", "penguinz", None),
        ("print(1); 1 / 0; print(2)", "1 / 0", "other", "", None),
    ],
)
def test_the_failing_expression_and_what_there_is(
    source: str, expression: str, kind: str, wanted: str, offer: str | None
) -> None:
    found, line = failing(source)
    assert found is not None and (found.expression, found.kind, found.wanted) == (expression, kind, wanted)
    assert (found.offers[0] if found.offers else None) == offer
    assert line == len(source.splitlines()) and len(found.offers) <= OFFERS


def test_the_place_in_the_cell_is_exact() -> None:
    source = "a = 1\nprint(a, df['price'], 2)"
    found, _ = failing(source)
    assert found is not None and found.span is not None
    first, start, last, end = found.span
    assert first == last and source.splitlines()[first - 1][start:end] == "df['price']"


def test_the_line_is_where_the_cell_raises_in_a_function_of_its_own() -> None:
    found, line = failing("def f():\n    return prices['z']\n\nf()")
    assert found is not None and (found.expression, line) == ("prices['z']", 2)


def test_nothing_is_said_of_code_that_is_not_the_cells() -> None:
    try:
        ast.literal_eval("1 +")
    except SyntaxError as error:
        assert find_failing(error, "", {}) is None
        assert traceback.format_exc()
