"""The next step is ready when the first one is approved, in a real shell with real copies of the process."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from codeact_jupyter.notebook.front_end import on_battery
from codeact_jupyter.session.messages import Proposal
from codeact_jupyter.testing import AS_WRITTEN

from .conftest import Terminal, step

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no copies of the kernel here")
PATIENCE = 60  #: seconds until a test gives up
LONG = " ".join(map(str, range(300)))


@pytest.fixture
def trying(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal.run(f"%config CodeAct.without = {AS_WRITTEN.replace('trial,', '')!r}")
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None)
    terminal.run("box = []")
    return terminal


def is_ready(terminal: Terminal) -> bool:
    """Waits until nothing is being prepared. True if a reply is ready."""
    return terminal.conversation.agent.next_reply.wait(PATIENCE)


def preparing() -> bool:
    return any(thread.name == "codeact-next" for thread in threading.enumerate())


def waiting(terminal: Terminal) -> Proposal:
    proposal = terminal.session.pending
    assert proposal
    return proposal


@pytest.mark.parametrize(
    ("first", "second", "outputs"),
    [
        ("box.append(1)\nprint(box)", "box.append(2)\nprint(box)", "[1, 2]"),
        ("total = 41", "total += 1\nprint(total)", "42"),
        ("import math\nr = 2", "print(math.floor(r * math.pi))", "6"),
        ("def twice(n):\n    return 2 * n\ntwice(4)", "twice(twice(4))", "16"),
        ("%time y = 5", "print(y)", "5"),
    ],
)
def test_the_next_step_was_tried_as_if_the_first_had_run(
    trying: Terminal, first: str, second: str, outputs: str
) -> None:
    trying.script(step(first), step(second), "Done.")
    trying.ask("What?")
    assert is_ready(trying)
    assert trying.shell.user_ns["box"] == []
    trying.run(trying.take_next() or "")
    assert waiting(trying).code == second
    tried = waiting(trying).tried
    assert tried
    assert (tried.outcome, tried.outputs.splitlines()[-1]) == ("ran", outputs)
    assert is_ready(trying)
    assert len(trying.engine.prompts) == 3, "nothing was generated twice"
    trying.run(trying.take_next() or "")
    assert trying.session.answer == "Done."


@pytest.mark.parametrize("own", ["box.append(9)", "box = [0]", "del box", "new = 7"])
def test_what_the_users_own_cell_changed_brings_another_reply(trying: Terminal, own: str) -> None:
    trying.script(step("print(box)\nlen(box)"), step("print('ahead')"), step("print('anew')"), "Done.")
    trying.ask("What?")
    assert is_ready(trying)
    prefilled = trying.take_next() or ""
    trying.run(own)
    trying.run(prefilled)
    assert waiting(trying).code == "print('anew')"
    assert "ahead" not in str(trying.session.transcript)


def test_what_is_prepared_is_in_no_journal_and_on_no_screen(
    trying: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    trying.script(step("x = 1"), step("secret = 2", "Secretly."), "Done.")
    trying.ask("What?")
    assert is_ready(trying)
    journal = trying.conversation.journal
    assert journal
    written = "".join(path.read_text() for path in Path(journal.path).parent.rglob("*.jsonl"))
    assert "x = 1" in written
    assert "ecret" not in written + capsys.readouterr().out
    trying.run("%codeact history")
    trying.run("%codeact reject")
    assert "ecret" not in Path(journal.path).read_text() + capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        "%config CodeAct.prepare_next = False",
        "%config CodeAct.trial = False",
        "%codeact mode auto",
        "%codeact model qwen2.5-coder-0.5b",
        "%codeact reset",
        "%codeact stop",
        "%codeact reject",
    ],
)
def test_it_ends_at_once_when_it_is_not_wanted_any_more(trying: Terminal, change: str) -> None:
    trying.script(step("x = 1"), LONG, "Done.")
    trying.engine._delay = 0.05
    trying.ask("What?")
    trying.engine._delay = 0.5
    assert preparing()
    trying.run(change)
    assert not preparing()
    assert not is_ready(trying)


def test_it_ends_with_the_extension(trying: Terminal) -> None:
    trying.script(step("x = 1"), LONG)
    trying.engine._delay = 0.05
    trying.ask("What?")
    trying.engine._delay = 0.5
    assert preparing()
    trying.conversation.close()
    assert not preparing()


@pytest.mark.parametrize("option", ["--prepare-next False", "--trial False", "--without trial"])
def test_it_can_be_switched_off_for_a_question(trying: Terminal, option: str) -> None:
    trying.script(step("x = 1"), "Done.")
    trying.ask("What?", option)
    assert not is_ready(trying)
    assert len(trying.engine.prompts) == 1
    trying.run(trying.take_next() or "")
    assert trying.session.answer == "Done."


def test_in_auto_mode_nothing_is_prepared(trying: Terminal) -> None:
    trying.script(step("x = 1"), "Done.")
    trying.ask("What?", "--mode auto")
    assert trying.session.answer == "Done."
    assert not preparing()


@pytest.mark.parametrize(
    ("battery", "expected"),
    [
        (None, False),
        (SimpleNamespace(percent=80, power_plugged=True), False),
        (SimpleNamespace(percent=80, power_plugged=None), False),
        (SimpleNamespace(percent=80, power_plugged=False), True),
    ],
)
def test_on_battery_nothing_is_prepared(
    trying: Terminal, monkeypatch: pytest.MonkeyPatch, battery: Any, expected: bool
) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery)
    assert on_battery() is expected
    trying.script(step("x = 1"), "Done.")
    trying.ask("What?")
    assert is_ready(trying) is not expected


def test_a_system_without_a_notion_of_batteries_is_not_on_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(psutil, "sensors_battery", raising=False)
    assert on_battery() is False
