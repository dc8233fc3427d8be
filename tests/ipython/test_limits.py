"""Time limits and Stop: they end a step that catches interrupts, and one in C code that holds the GIL."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from codeact_jupyter.agent import deadline
from codeact_jupyter.kernel import interrupt
from codeact_jupyter.kernel.interrupt import GRACE_SECONDS, LastingInterrupt
from codeact_jupyter.kernel.signal_timer import SignalTimer
from codeact_jupyter.session.machine import State
from codeact_jupyter.session.techniques import NONE
from codeact_jupyter.solving import SolveRun, solve
from codeact_jupyter.testing import ScriptedEngine

from .conftest import Terminal, step

#: Steps that one KeyboardInterrupt does not end.
STUBBORN = {
    "retries": "while True:\n    try:\n        time.sleep(0.01)\n    except:\n        pass",
    "retries with a pause": "while True:\n    try:\n        work()\n    except BaseException:\n        work()",
    "retries in retries": (
        "while True:\n    try:\n        while True:\n            try: work()\n            except: work()\n    except: 1"
    ),
    "suppress": "while True:\n    with contextlib.suppress(BaseException):\n        work()",
    "a function that calls itself": (
        "def again():\n    try: work()\n    except: pass\n    return True\nwhile again(): pass"
    ),
    "finally": "while True:\n    try:\n        work()\n    finally:\n        continue",
    "a generator": (
        "def numbers():\n    while True:\n        try: yield work()\n        except: pass\n"
        "all_of_them = numbers()\nwhile True:\n    try: next(all_of_them)\n    except: pass"
    ),
    "a cell in the cell": "while True:\n    get_ipython().run_cell('work()')",
    "a magic": "get_ipython().run_cell_magic('time', '', 'while True:\\n    try: work()\\n    except: pass')",
    "an alarm of its own": "signal.alarm(0)\nwhile True:\n    try: work()\n    except: pass",
}
#: Steps in C code that holds the GIL and looks for signals.
IN_C = {
    "re": "re.match(r'(a+)+$', 'a' * 64 + 'b')",
    "re, caught": "while True:\n    try: re.match(r'(a+)+$', 'a' * 64 + 'b')\n    except: pass",
    "pow": "3 ** 10**8 % 10",
}
SETUP = "import contextlib, re, signal, sys, time\nfrom time import sleep as _sleep\ndef work(): _sleep(0.01)\n"


def run(code: str, **options: float) -> SolveRun:
    engine = ScriptedEngine([step(SETUP + code), "Done."])
    return solve("Do it.", engine=engine, techniques=NONE, **options)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Repeat interrupts soon; afterwards, all is as before."""
    before = signal.getsignal(signal.SIGINT)
    for module in (interrupt, deadline):
        monkeypatch.setattr(module, "REPEAT_SECONDS", 0.2)
    monkeypatch.setattr(interrupt, "GRACE_SECONDS", 0.2)
    yield
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.hostile("Stop and limits")
@pytest.mark.parametrize("code", [*STUBBORN.values(), *IN_C.values()], ids=[*STUBBORN, *IN_C])
def test_max_seconds_ends_a_step_that_one_interrupt_does_not_end(code: str) -> None:
    assert run(code, max_seconds=0.5).status == "limit"
    assert solve("?", engine=ScriptedEngine(["Here."])).answer == "Here."


@pytest.mark.hostile("Stop and limits")
@pytest.mark.parametrize("code", [STUBBORN[name] for name in ("retries", "retries in retries", "finally")])
def test_one_stop_ends_it_too(terminal: Terminal, code: str) -> None:
    terminal.script(step(SETUP + f"begun = True\n{code}"), "Done.")
    terminal.ask("Do it.")

    def stop() -> None:
        while "begun" not in terminal.shell.user_ns:
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)  # once

    thread = threading.Thread(target=stop)
    thread.start()
    terminal.run(terminal.take_next() or "")
    thread.join()
    assert (terminal.session.state, terminal.session.status) == (State.IDLE, "stopped")
    terminal.script("Here.")
    terminal.ask("And now?")
    assert terminal.session.answer == "Here."


@pytest.mark.hostile("Stop and limits")
@pytest.mark.parametrize(
    "code",
    [
        "try:\n    os.kill(os.getpid(), signal.SIGINT)\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    saved = 1",
        "try:\n    signal.raise_signal(signal.SIGINT)\nexcept:\n    saved = 1\nprint(saved)",
        "with contextlib.suppress(KeyboardInterrupt):\n    signal.raise_signal(signal.SIGINT)\nsaved = 1",
    ],
)
def test_a_stop_ends_the_question_even_if_the_step_caught_it_and_ran_to_its_end(terminal: Terminal, code: str) -> None:
    terminal.script(step(f"import os\n{SETUP}{code}"), "Done.")
    terminal.ask("Do it.")
    result = terminal.run(terminal.take_next() or "")
    assert terminal.shell.user_ns["saved"] == 1  # it may clean up
    assert terminal.session.status == "stopped"
    assert isinstance(result.error_in_exec, KeyboardInterrupt)  # so that the cells behind it do not run
    assert len(terminal.engine.prompts) == 1


@pytest.mark.hostile("Stop and limits", control=True)
def test_a_step_that_ends_by_itself_is_left_alone() -> None:
    solved = run("for _ in range(3):\n    try: work()\n    except: pass\nprint('whole')", max_seconds=60)
    assert (solved.answer, solved.status) == ("Done.", "answered")
    assert "whole" in (solved.turns[0].observation or "")


def test_a_limit_that_is_over_leaves_no_signal_behind() -> None:
    for number in range(4, 7):
        assert run(f"time.sleep(0.{number})", max_seconds=0.5).status in ("answered", "limit")
    time.sleep(0.6)  # a signal that was left over would come now


def test_the_timer_sends_signals_again_and_again_until_it_is_cancelled() -> None:
    signals: list[float] = []
    before = signal.signal(signal.SIGINT, lambda *_: signals.append(time.monotonic()))
    try:
        timer = SignalTimer()
        timer.start(0.01, 0.01)
        while len(signals) < 5:
            time.sleep(0.01)
        timer.cancel()
        count = len(signals)
        time.sleep(0.1)
        assert len(signals) == count
        timer.cancel()
        timer.start(0.01, 0.01)
        while len(signals) == count:
            time.sleep(0.01)
        timer.cancel()
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.hostile("Stop and limits", control=True)
def test_the_users_own_handler_and_alarm_are_kept() -> None:
    seen: list[int] = []
    handler = signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
    try:
        assert run("signal.setitimer(signal.ITIMER_REAL, 0.01)\nwork()\nwork()\nwork()", max_seconds=60).answer
        assert seen == [signal.SIGALRM]
    finally:
        signal.signal(signal.SIGALRM, handler)


def test_a_watch_in_another_thread_leaves_the_main_thread_alone() -> None:
    watch = LastingInterrupt()
    thread = threading.Thread(target=lambda: watch.begin(0.0))
    thread.start()
    thread.join()
    time.sleep(0.5)
    assert watch.end() is False


def test_an_interrupt_that_is_sent_after_the_step_reaches_nothing() -> None:
    watch = LastingInterrupt()
    watch.begin(None)
    assert watch.end() is False
    watch.send(threading.get_ident())
    time.sleep(0.1)  # a signal would come here


def test_a_limit_that_passes_as_a_step_ends_does_not_reach_the_next_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of the first limit comes to its interrupt only while the second question is answered."""
    send, is_second, is_sent = LastingInterrupt.send, threading.Event(), threading.Event()

    def send_late(watch: LastingInterrupt, thread: int) -> None:
        assert is_second.wait(60)
        send(watch, thread)
        is_sent.set()

    monkeypatch.setattr(LastingInterrupt, "send", send_late)
    late = step("import time\ntime.sleep(1.2)")
    first = solve("Wait", engine=ScriptedEngine([late, "Done."]), max_seconds=1, techniques=NONE)
    monkeypatch.setattr(LastingInterrupt, "send", send)
    names = {"begin": is_second.set, "wait": is_sent.wait}
    second = solve("Go", names, engine=ScriptedEngine([step("begin()\nprint(wait(60))"), "Done."]), techniques=NONE)
    assert is_sent.is_set(), "the limit passed before the step began"
    assert (first.status, second.status) == ("limit", "answered"), second.reason


def test_an_interrupt_while_the_watch_ends_is_of_the_step_and_leaves_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    watch, before, times = LastingInterrupt(), signal.getsignal(signal.SIGINT), [1, 0]
    cancel = watch._timer.cancel

    def interrupted() -> None:
        if times.pop(0):
            signal.raise_signal(signal.SIGINT)
        cancel()

    monkeypatch.setattr(watch._timer, "cancel", interrupted)
    watch.begin(0.0)
    assert watch.end() is True
    assert (signal.getsignal(signal.SIGINT), times) == (before, [])
    time.sleep(GRACE_SECONDS + 0.3)  # the timer's signal would come here
