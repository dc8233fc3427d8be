"""Ctrl-C at any moment: the conversation may have stopped, but it is never stuck."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from codeact_jupyter.session import State

from .conftest import Terminal, step

QUESTIONS = 200
STEP_SECONDS = 5e-5


@pytest.fixture
def alarm() -> Iterator[None]:
    """SIGALRM acts as Ctrl-C."""
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def run_interrupted(terminal: Terminal, cell: str, seconds: float) -> None:
    """Runs the cell with an interrupt after so long, if it takes that long."""
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        terminal.run(cell)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.usefixtures("alarm")
def test_an_interrupted_question_is_over_and_the_next_one_can_be_asked(terminal: Terminal) -> None:
    terminal.script(*["Some words that are an answer. " * 9] * (QUESTIONS + 1))
    statuses = set()
    for number in range(QUESTIONS):
        run_interrupted(terminal, f"%%codeact\nQuestion {number}", (number + 1) * STEP_SECONDS)
        assert terminal.session.state is State.IDLE, number
        statuses.add(terminal.session.status)
        assert terminal.session.status != "failed", terminal.session.finish
    assert statuses <= {"idle", "stopped", "answered"}
    terminal.ask("Finally?")
    assert terminal.session.status == "answered"


@pytest.mark.usefixtures("alarm")
def test_an_interrupted_step_never_leaves_the_conversation_running(terminal: Terminal) -> None:
    terminal.script(*[step("x = sum(range(20_000))\nx"), "Done."] * QUESTIONS)
    for number in range(QUESTIONS):
        terminal.ask(f"Question {number}")
        run_interrupted(terminal, terminal.take_next() or "", (number + 1) * STEP_SECONDS)
        terminal.run("%codeact reset")
        assert terminal.session.state is State.IDLE, number
        terminal.take_next()
