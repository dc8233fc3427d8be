"""Little memory, a full disk, a home that cannot be written: the conversation goes on, or says what to do."""

from __future__ import annotations

import errno
import itertools
from collections.abc import Iterator

import pytest

from tests.hostile import Tries

from .conftest import Lab, step
from .isolation import Isolation
from .staging import KEY, Staging

pytestmark = pytest.mark.kernel

NOT_SAVED = "The conversation continues, but is not saved."
LIMIT = """
import resource as _resource
_resource.setrlimit(_resource.RLIMIT_{name}, ({value}, _resource.getrlimit(_resource.RLIMIT_{name})[1]))
"""
HELD = "_resource.getpagesize() * int(open('/proc/self/statm').read().split()[0])"  #: bytes of the address space in use
NONE = "_resource.RLIM_INFINITY"


def converse(lab: Lab, number: int) -> str:
    """Ask, and run the step. Return all that the cells have shown."""
    lab.script(step(f"y = {number}\nprint(y)"), f"It is {number}.")
    asked = lab.ask("What is y?")
    ran = lab.run(lab.below(asked))
    assert (lab.answer, lab.value("y")) == (f"It is {number}.", number)
    return asked.text + ran.text


@pytest.mark.hostile("disk full")
def test_on_a_full_disk_the_conversation_goes_on_and_says_that_it_is_not_saved(lab: Lab, tries: Tries) -> None:
    for number, size in enumerate((0, 100, 400, 900)):
        lab.hidden(LIMIT.format(name="FSIZE", value=size))
        said = converse(lab, number)
        assert NOT_SAVED in said and "`ulimit -f`" in said, size
        tries.add()
        lab.hidden(LIMIT.format(name="FSIZE", value=NONE))
        assert NOT_SAVED not in converse(lab, 100 + number)
        journals = [path.read_text() for path in (lab.isolation.root / "journals").glob("*/*.jsonl")]
        assert any(f"It is {100 + number}." in journal for journal in journals)
        tries.control()
        lab.run("%codeact reset")


REFUSE = """
import os as _os
_true = {{name: getattr(_os, name) for name in ("write", "fsync", "close")}}
def _refuse(descriptor, *rest):
    link = _os.readlink(f"/proc/self/fd/{{descriptor}}")
    if {call!r} != "write":
        _true[{call!r}](descriptor, *rest)
    if link.endswith(".jsonl"):
        raise OSError({number}, _os.strerror({number}))
    return _true["write"](descriptor, *rest) if {call!r} == "write" else None
_os.{call} = _refuse
"""


@pytest.mark.hostile("disk full")
def test_a_quota_that_any_call_meets_is_said_and_the_conversation_goes_on(lab: Lab, tries: Tries) -> None:
    for number, (reason, call) in enumerate(
        itertools.product((errno.ENOSPC, errno.EDQUOT), ("write", "fsync", "close"))
    ):
        lab.hidden(REFUSE.format(number=reason, call=call))
        said = converse(lab, number)
        assert NOT_SAVED in said and "Make room" in said, (reason, call)
        lab.hidden(f"_os.{call} = _true[{call!r}]")
        lab.run("%codeact reset")
        tries.add()
    assert NOT_SAVED not in converse(lab, 100)
    tries.control()


@pytest.fixture
def homeless(isolation: Isolation) -> Iterator[Lab]:
    """A lab whose home and journals cannot be written."""
    for folder in (isolation.home, isolation.root):
        folder.chmod(0o555)
    lab = Lab(isolation)
    yield lab
    lab.close()
    for folder in (isolation.home, isolation.root):
        folder.chmod(0o755)


@pytest.mark.hostile("read-only HOME")
def test_with_a_home_that_cannot_be_written_questions_are_answered(homeless: Lab, tries: Tries) -> None:
    assert homeless.run("import os\nos.access(os.path.expanduser('~'), os.W_OK)").text == "False"
    tries.control()
    for number in range(3):
        assert NOT_SAVED in converse(homeless, number)
        tries.add()
    homeless.run("%codeact status")
    homeless.run("%codeact history")
    assert "no earlier conversation" in homeless.run("%codeact reset\n%codeact continue").text
    tries.add()


@pytest.mark.hostile("low memory")
def test_a_step_that_needs_more_memory_than_there_is_fails_and_the_next_one_runs(lab: Lab, tries: Tries) -> None:
    for number, spare in enumerate((64, 128, 512)):
        lab.script(step("data = bytearray(10**9)"), "There is too little memory.")
        staged = lab.below(lab.ask("Make it."))
        lab.hidden(LIMIT.format(name="AS", value=f"{HELD} + {spare} * 2**20"))
        assert "MemoryError" in lab.run(staged).text
        lab.run("%codeact continue")
        assert "MemoryError" in lab.prompts[1]
        assert lab.answer == "There is too little memory."
        tries.add()
        lab.hidden(LIMIT.format(name="AS", value=NONE))
        converse(lab, number)
        tries.control()


@pytest.mark.hostile("low memory")
def test_with_almost_no_memory_left_the_gate_runs_nothing(lab: Lab, tries: Tries) -> None:
    staging = Staging(lab)
    cell, approval = staging.stage()
    lab.hidden(LIMIT.format(name="AS", value=f"{HELD} + 4 * 2**20"))
    for wrong in (None, {}, {**approval, "nonce": "0"}, {**approval, "sha256": ""}):
        staging.attempt(cell, wrong)
        tries.add()
    lab.hidden(LIMIT.format(name="AS", value=NONE))
    lab.run(cell, metadata={KEY: approval})
    assert staging.runs == 1
    tries.control()
