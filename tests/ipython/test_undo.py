"""Undo of a step in a terminal's shell: what the user reads, what the model hears, and when it is refused."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from codeact_jupyter.session.machine import State
from codeact_jupyter.session.messages import Undone
from codeact_jupyter.testing import AS_WRITTEN

from .conftest import Terminal, step

Printed = Callable[[], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """Return what was printed since the last call."""
    return lambda: "".join(capsys.readouterr())


def run_step(terminal: Terminal) -> None:
    cell = terminal.take_next()
    assert cell
    terminal.run(cell)


def test_the_last_step_is_undone_and_the_next_question_hears_of_it(terminal: Terminal, printed: Printed) -> None:
    terminal.run("import pandas as pd\nprices = pd.DataFrame({'eur': [3.0, 4.0]})\nalias = prices")
    terminal.script(step("prices['usd'] = prices['eur'] * 2\ntotal = 14.0"), "It is done.", "You have two rows.")
    terminal.ask("Add dollars.")
    run_step(terminal)
    assert terminal.session.answer == "It is done."
    terminal.run("%codeact undo")
    assert "Step 1 is undone: `prices` and `alias` are as before, `total` is removed. Not put back:" in printed()
    prices = terminal.shell.user_ns["prices"]
    assert list(prices) == ["eur"]
    assert terminal.shell.user_ns["alias"] is prices
    assert terminal.session.state is State.IDLE
    terminal.run("%codeact history")
    assert "(Step 1 is undone: " in printed()
    terminal.ask("How many rows?")
    text = terminal.last_prompt[-1].content
    assert "I have undone a step. Step 1 is undone: `prices` and `alias` are as before, `total` is removed." in text
    assert "total" in text.partition("In the notebook now:")[2].partition("Task:")[0]
    assert "It is done." in str(terminal.last_prompt)  # what was said stays
    terminal.run("%codeact undo")
    assert "No step can be undone" in printed()


def test_a_step_that_waits_is_dropped_and_the_model_proposes_another(terminal: Terminal) -> None:
    terminal.run("values = [1, 2, 3]")
    terminal.script(step("values.clear()"), step("len(values)"), step("max(values)"), "Three.")
    terminal.ask("What is the largest value?")
    run_step(terminal)
    assert terminal.session.pending.code == "len(values)"
    terminal.run("%codeact undo")
    assert terminal.shell.user_ns["values"] == [1, 2, 3]
    assert "(The step that you proposed last was not run.) I have undone a step." in terminal.last_prompt[-1].content
    assert terminal.session.pending.code == "max(values)"
    run_step(terminal)
    assert terminal.session.answer == "Three."


def test_the_undone_step_stays_in_the_journal(terminal: Terminal) -> None:
    terminal.script(step("n = 5"), "Five.")
    terminal.ask("Set n.")
    run_step(terminal)
    terminal.run("%codeact undo")
    journal = terminal.conversation.journal
    assert journal
    events = type(journal).reopen(journal.path)[1]
    assert events == terminal.session.transcript
    assert isinstance(events[-1], Undone)
    assert (events[-1].proposal_id, "n" in terminal.shell.user_ns) == (events[1].id, False)  # type: ignore[union-attr]


def test_what_a_later_cell_changed_is_lost_only_by_force(terminal: Terminal, printed: Printed) -> None:
    terminal.run("values = [1]")
    terminal.script(step("values.append(2)"), "Done.")
    terminal.ask("Append 2.")
    run_step(terminal)
    terminal.run("values.append('mine')")
    terminal.run("%codeact undo")
    assert "Step 1 is not undone: `values` changed after it" in printed()
    assert terminal.shell.user_ns["values"] == [1, 2, "mine"]
    terminal.run("%codeact undo force")
    assert terminal.shell.user_ns["values"] == [1]


def test_steps_that_run_at_once_and_failed_steps_are_undone_too(terminal: Terminal) -> None:
    terminal.run("values = [1]")
    terminal.script(step("values.append(2)"), step("values.append(3)\nvalues[9]"), "Done.")
    terminal.ask("Append.", "--mode auto")
    assert terminal.shell.user_ns["values"] == [1, 2, 3]
    terminal.run("%codeact undo")
    assert terminal.shell.user_ns["values"] == [1, 2]
    terminal.run("%codeact undo")
    assert terminal.shell.user_ns["values"] == [1]


@pytest.mark.parametrize("line", ["%codeact undo", "%codeact undo force"])
def test_nothing_can_be_undone_before_a_step_after_a_reset_and_without_a_budget(
    terminal: Terminal, printed: Printed, line: str
) -> None:
    terminal.run(line)
    assert "No step can be undone" in printed()
    for reset in (True, False):
        terminal.script(step("n = 5"), "Five.")
        terminal.ask("Set n.")
        run_step(terminal)
        terminal.run("%codeact reset" if reset else "n = n")
        terminal.run("%config CodeAct.undo_megabytes = 0")
        if reset:
            terminal.run(line)
            assert "No step can be undone" in printed()
    terminal.run(line)
    assert "No step can be undone" in printed()
    assert terminal.shell.user_ns["n"] == 5


def test_a_step_cannot_undo_a_step(terminal: Terminal) -> None:
    terminal.script(step("n = 5"), step("n + 1"), "Done.")
    terminal.ask("Set n.")
    run_step(terminal)
    mark = (terminal.take_next() or "").splitlines()[-1]
    terminal.run(f"get_ipython().run_line_magic('codeact', 'undo')\n{mark}")  # as the user has edited it
    assert "CodeAct is at work" in terminal.last_prompt[-1].content
    assert terminal.shell.user_ns["n"] == 5


@pytest.mark.skipif(sys.platform != "linux", reason="there are no copies of the kernel here")
def test_a_step_that_was_tried_is_undone_without_reservation(terminal: Terminal, printed: Printed) -> None:
    terminal.run(f"%config CodeAct.without = {AS_WRITTEN.replace('trial,', '')!r}")
    terminal.run("nested = {'a': [1], 'b': {'c': 2}}")
    terminal.script(step("nested['a'].append(2)\nnested['b']['c'] = 3\nnested"), "Done.")
    terminal.ask("Change it.")
    run_step(terminal)
    terminal.run("%codeact undo")
    assert "Step 1 is undone: `nested` is as before.\n" in printed()
    assert terminal.shell.user_ns["nested"] == {"a": [1], "b": {"c": 2}}
