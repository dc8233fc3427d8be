"""Stop and time limits at random points: the question may be over, but the next one is answered."""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

import codeact_jupyter
from codeact_jupyter.agent import deadline
from codeact_jupyter.kernel import interrupt
from codeact_jupyter.session.journal import Journal
from codeact_jupyter.session.machine import Session, State
from codeact_jupyter.session.techniques import NONE
from codeact_jupyter.solving import solve
from codeact_jupyter.testing import ScriptedEngine
from tests.hostile import Tries

from .conftest import Terminal, step

OWN = str(codeact_jupyter.__path__[0])
POINTS = 150  #: points of a whole question at which Stop comes
LIMITS = 40  #: random time limits


@contextmanager
def stopped_at(line: int, seen: list[str]) -> Iterator[None]:
    """Raise SIGINT where the package begins its line with this number, counted from now; list all lines."""

    def trace(frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        if not frame.f_code.co_filename.startswith(OWN):
            return None
        if event == "line":
            seen.append(f"{frame.f_code.co_filename.removeprefix(OWN)}:{frame.f_lineno}")
            if len(seen) == line:
                signal.raise_signal(signal.SIGINT)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def converse(terminal: Terminal, line: int, seen: list[str]) -> None:
    """Ask, and run the step, with Stop at one line."""
    terminal.script(step("x = 1\nx"), "It is 1.")
    try:
        with stopped_at(line, seen):
            terminal.ask("First?")
            terminal.run(terminal.take_next() or "pass")
    except KeyboardInterrupt:
        pass  # it came where no cell ran


@pytest.mark.hostile("Stop and limits")
def test_after_a_stop_at_any_line_the_next_question_is_answered(terminal: Terminal, tries: Tries) -> None:
    every: list[str] = []
    converse(terminal, 0, every)
    assert terminal.session.answer == "It is 1."
    tries.control()
    for line in sorted(random.Random(15).sample(range(1, len(every)), POINTS)):
        seen: list[str] = []
        converse(terminal, line, seen)
        assert len(seen) >= line
        where = seen[line - 1]
        terminal.take_next()
        assert terminal.session.state is not State.GENERATING, where
        terminal.script(step("y = 2\ny"), "It is 2.")
        terminal.ask("Second?")
        terminal.run(terminal.take_next() or "")
        assert (terminal.session.status, terminal.session.answer) == ("answered", "It is 2."), where
        assert terminal.conversation.journal is not None
        assert Session.replay(Journal.reopen(terminal.conversation.journal.path)[1]).answer == "It is 2.", where
        tries.add()


STUBBORN = "import time\nwhile True:\n    try: time.sleep(0.001)\n    except: pass"
PATIENT = "import time\nfor _ in range(30): time.sleep(0.001)\nprint('whole')"


@pytest.mark.hostile("Stop and limits")
@pytest.mark.parametrize("code", [STUBBORN, PATIENT], ids=["goes on", "ends by itself"])
def test_a_limit_at_any_moment_ends_the_question_and_leaves_no_signal_behind(
    code: str, tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((interrupt, "REPEAT_SECONDS"), (deadline, "REPEAT_SECONDS"), (interrupt, "GRACE_SECONDS")):
        monkeypatch.setattr(module, name, 0.05)
    chance, handler = random.Random(15), signal.getsignal(signal.SIGINT)
    for _ in range(LIMITS // 2):
        engine = ScriptedEngine([step(code), "Done."])
        status = solve("Do it.", engine=engine, techniques=NONE, max_seconds=0.001 + chance.random() * 0.1).status
        assert status == "limit" or (status == "answered" and code is PATIENT)
        assert signal.getsignal(signal.SIGINT) is handler
        assert solve("?", engine=ScriptedEngine(["Here."])).answer == "Here."
        tries.add()
    time.sleep(0.2)  # a signal that was left over would come now
    assert solve("Do it.", engine=ScriptedEngine([step(PATIENT), "Done."]), techniques=NONE).answer == "Done."
    tries.control()


@pytest.mark.hostile("Stop and limits")
def test_a_stop_at_any_moment_of_a_step_that_goes_on_ends_it(
    terminal: Terminal, tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupt, "REPEAT_SECONDS", 0.05)
    chance = random.Random(15)
    for _ in range(20):
        terminal.shell.user_ns.pop("begun", None)
        terminal.script(step(f"begun = True\n{STUBBORN}"), "Done.")
        terminal.ask("Do it.")
        after = chance.random() * 0.05

        def stop(after: float = after) -> None:
            while "begun" not in terminal.shell.user_ns:
                time.sleep(0.001)
            time.sleep(after)
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)  # once

        thread = threading.Thread(target=stop)
        thread.start()
        terminal.run(terminal.take_next() or "")
        thread.join()
        assert (terminal.session.state, terminal.session.status) == (State.IDLE, "stopped")
        tries.add()
    terminal.script("Here.")
    terminal.ask("And now?")
    assert terminal.session.answer == "Here."
    tries.control()
