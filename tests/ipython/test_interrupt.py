"""Ctrl-C wherever it strikes: the question may be over, but the conversation is never stuck."""

from __future__ import annotations

from typing import Any

import pytest

from codeact_jupyter.kernel.workspace import Workspace
from codeact_jupyter.session.journal import Journal
from codeact_jupyter.session.machine import State
from codeact_jupyter.views.text import PlainView

from .conftest import Terminal, step

PLACES = [
    *((Journal, "append", call) for call in range(5)),
    *((Workspace, name, 0) for name in ("describe", "begin", "end")),
    *((PlainView, update, call) for update in ("Thinking", "Writing") for call in (0, 1)),
    *((PlainView, update, 0) for update in ("Proposed", "Running", "Observed", "Finished")),
]


@pytest.mark.hostile("Stop and limits")
@pytest.mark.parametrize(("owner", "name", "call"), PLACES, ids=[f"{o.__name__}.{n}-{c}" for o, n, c in PLACES])
def test_after_an_interrupt_anywhere_the_next_question_is_answered(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, call: int
) -> None:
    method = "show" if owner is PlainView else name
    original = getattr(owner, method)
    calls: list[str] = []

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        if owner is not PlainView or type(args[1]).__name__ == name:
            calls.append(name)
            if len(calls) == call + 1:
                raise KeyboardInterrupt
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, method, interrupted)
    terminal.script(step("x = 1\nx"), "It is 1.")
    terminal.shell.rl_next_input = None
    terminal.ask("First?")
    terminal.run(terminal.take_next() or "pass")
    assert len(calls) > call
    assert terminal.session.state is not State.GENERATING
    monkeypatch.undo()
    terminal.script(step("y = 2\ny"), "It is 2.")
    terminal.ask("Second?")
    terminal.run(terminal.take_next() or "")
    assert (terminal.session.status, terminal.session.answer) == ("answered", "It is 2.")
