"""`jupyter console`, whose cells have no ids, whose outputs cannot change, and which shows prefilled cells."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pexpect
import pytest

from .conftest import step
from .isolation import Isolation
from .test_headless import CommandLine

pytestmark = pytest.mark.kernel


def run(console: pexpect.spawn[str], text: str = "") -> None:
    """Add a text to the prompt, and run what stands there."""
    console.send(text)
    console.send("\x1b\r")  # Escape and Enter: in one piece with the text, they would be a new line


@pytest.fixture
def console(isolation: Isolation) -> Iterator[pexpect.spawn[str]]:
    """A console in which a model proposes one step and then answers."""
    line = CommandLine(isolation)
    line.script_every_kernel(step("total = sum([3, 4, 5])\ntotal"), "The total is twelve.")
    program, *arguments = [*line.prefix, sys.executable, "-m", "jupyter_console"]
    child = pexpect.spawn(
        program,
        arguments,
        cwd=str(isolation.work),
        env={**line.environment, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        encoding="utf-8",
        dimensions=(40, 120),
        timeout=60,
    )
    child.expect(r"In \[")
    run(child, "%load_ext codeact_jupyter\rprint('it is lo' + 'aded')")
    child.expect("it is loaded")
    child.expect(r"In \[")
    yield child
    child.close(force=True)


def test_a_step_is_prefilled_and_the_answer_is_printed(console: pexpect.spawn[str]) -> None:
    run(console, "%%codeact\rWhat is the total?")
    console.expect("Run the cell below to approve it")
    console.expect("# codeact: ")
    run(console)
    console.expect("The total is twelve[.]")
    run(console, "print(total * 1000)")
    console.expect("12000")


def test_a_rejected_step_does_not_run(console: pexpect.spawn[str]) -> None:
    run(console, "%%codeact\rWhat is the total?")
    console.expect("# codeact: ")
    console.send("\x03")  # empties the prompt
    run(console, "%codeact reject")
    console.expect(r"In \[")
    run(console, "print('total' in globals(), 1000 * 12)")
    console.expect("False 12000")
