"""Stop while an unknown model file is loaded in a child process: the question ends at once, and the child with it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from codeact_jupyter.engines import first_load, loading
from codeact_jupyter.notebook.conversation import Conversation
from codeact_jupyter.session.machine import State
from tests.tiny_gguf import write_tiny_gguf

from .conftest import Terminal, step

#: Children that never end, and tell the id of a process by a pipe.
ENDLESS = {
    "asleep": "echo $$ > {pipe}; exec sleep 600",
    "deaf to signals": "trap '' INT TERM HUP; echo $$ > {pipe}; exec sleep 600",
    "with a child of its own": "sleep 600 & echo $! > {pipe}; wait",
    "with a child in a session of its own": "setsid sleep 600 & echo $! > {pipe}; wait",
}
STOPS: dict[str, Callable[[Conversation], object]] = {
    "Stop": lambda conversation: conversation.stop(),
    "Ctrl-C": lambda conversation: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT),
}


@pytest.fixture
def terminal(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal whose model is an unknown file."""
    monkeypatch.setattr(first_load, "cache_directory", lambda: tmp_path / "cache")
    monkeypatch.setattr(loading, "_opened", {})
    terminal.conversation.options.set("model", str(write_tiny_gguf(tmp_path / "mine.gguf", vocab=300)))
    return terminal


def load_endlessly(monkeypatch: pytest.MonkeyPatch, folder: Path, child: str) -> Path:
    """Let the child process run a program that never ends. Return the pipe that its process id goes to."""
    pipe, program = folder / "pid", folder / "python"
    os.mkfifo(pipe)
    program.write_text(f"#!/bin/sh\n{child.format(pipe=pipe)}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    return pipe


def wait_for_the_end(process: int) -> None:
    """Wait until a process that was killed has ended; one that has not fails the test after a minute."""
    about, end = Path(f"/proc/{process}/stat"), time.monotonic() + 60
    with suppress(FileNotFoundError, ProcessLookupError):
        while not about.read_text().rpartition(") ")[2].startswith("Z"):
            assert time.monotonic() < end, "It is not ended."
            time.sleep(0.01)


@pytest.mark.hostile("Stop and limits")
@pytest.mark.parametrize("child", ENDLESS)
@pytest.mark.parametrize("way", STOPS)
def test_a_stop_ends_the_first_load_of_a_model_and_the_next_question_is_answered(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, child: str
) -> None:
    pipe = load_endlessly(monkeypatch, tmp_path, ENDLESS[child])
    process: list[int] = []

    def stop() -> None:
        process.append(int(pipe.read_text()))  # it waits for the child
        STOPS[way](terminal.conversation)

    stopping = threading.Thread(target=stop)
    stopping.start()
    terminal.ask("Is it loaded?")
    stopping.join()
    wait_for_the_end(process[0])
    assert (terminal.session.state, terminal.session.status) == (State.IDLE, "stopped")
    assert terminal.session.finish is not None
    assert "`%codeact continue` resumes it" in terminal.session.finish.text
    terminal.script(step("x = 1\nx"), "It is 1.")
    terminal.run("%codeact continue")
    terminal.run(terminal.take_next() or "")
    assert terminal.session.answer == "It is 1."


@pytest.mark.hostile("Stop and limits")
def test_a_time_limit_ends_the_first_load_of_a_model(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = load_endlessly(monkeypatch, tmp_path, ENDLESS["asleep"])
    process: list[int] = []
    reading = threading.Thread(target=lambda: process.append(int(pipe.read_text())))
    reading.start()
    terminal.ask("Is it loaded?", "--mode auto --max-seconds 2")
    reading.join()
    wait_for_the_end(process[0])
    assert (terminal.session.state, terminal.session.status) == (State.IDLE, "limit")
