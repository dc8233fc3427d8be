"""How often the next step is ready when a step is approved, and how soon it then comes after the cell's end.

    python -m benchmarks.next_step_ready [--suites notebook data] [--split dev] [--limit 0] [--reading 10]

A user at a terminal asks each question, reads each step for the same number of seconds, and runs it as it is. The suite
`notebook` is the question of the quickstart and the six plain questions about the penguins. A turn is a step that was
run and the reply to it: `ready` if the reply was there at the approval and was taken, `waited` if it was still being
prepared and was taken, `changed` if it was there and the run brought something else, `anew` in all other cases. Exits 1
if fewer than 60 % were ready, or if their median is 150 ms or more.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from palmerpenguins import load_penguins
from traitlets.config import Config

from codeact_jupyter import load_ipython_extension, unload_ipython_extension
from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.evaluation.attempt import question_of
from codeact_jupyter.evaluation.suites import load_suite
from codeact_jupyter.models.catalogue import DEFAULT_MODEL
from codeact_jupyter.session.machine import State
from notebooks.demo import QUESTION

from .six_questions import QUESTIONS

SHARE, LIMIT_MS = 0.6, 150
NOTEBOOK = (QUESTION, *(question for question, _ in QUESTIONS))

Asked = tuple[str, dict[str, Any]]  # a question, and the names that are there


@dataclass(frozen=True, slots=True)
class Turn:
    """A step that was run, and the reply to it."""

    kind: str  # `ready`, `waited`, `changed` or `anew`
    ms: float  # from the cell's end to the reply


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", nargs="+", default=["notebook", "data"])
    parser.add_argument("--split", choices=("dev", "test"), default="dev", help="of a suite other than `notebook`")
    parser.add_argument("--limit", type=int, default=0, help="questions of each suite at most; 0 for all")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--reading", type=float, default=10, help="seconds for which each step is read")
    options = parser.parse_args()
    os.environ.setdefault("MPLBACKEND", "agg")
    calls = generating(options.model)
    turns: list[Turn] = []
    for suite in options.suites:
        of_suite: list[Turn] = []
        for number, ask in enumerate(questions(suite, options.split, options.limit), 1):
            with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
                found = list(work(*ask(), folder, options.model, options.reading, calls))
            print(f"{suite} {number}: {' '.join(turn.kind for turn in found) or 'no step'}", flush=True)
            of_suite += found
        report(suite, of_suite)
        turns += of_suite
    report("all", turns)
    ready = [turn.ms for turn in turns if turn.kind == "ready"]
    return 0 if ready and len(ready) >= SHARE * len(turns) and statistics.median(ready) < LIMIT_MS else 1


def questions(suite: str, split: str, limit: int) -> Iterator[Callable[[], Asked]]:
    """Yield functions that return a question and make its names afresh."""
    if suite == "notebook":
        for question in NOTEBOOK[: limit or None]:
            yield lambda question=question: (question, {"penguins": load_penguins()})
        return
    for task in load_suite(suite).sample(split, limit):

        def ask(task: Any = task) -> Asked:
            namespace = task.namespace()
            return question_of(task, namespace), namespace

        yield ask


def generating(model: str) -> list[str]:
    """Load the model, and return a list that gets the name of the thread of each call that generates."""
    engine, _ = open_model(model)
    generate, calls = engine.generate, list[str]()

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(threading.current_thread().name)
        return generate(*args, **options)

    engine.generate = counted  # type: ignore[method-assign]
    return calls


def work(
    question: str, namespace: dict[str, Any], folder: str, model: str, reading: float, calls: list[str]
) -> Iterator[Turn]:
    """Ask a question, and run each step after the reading time."""
    config = Config()
    config.HistoryManager.enabled = False
    config.CodeAct.journal_dir = str(folder)
    config.CodeAct.model = model
    config.CodeAct.view = "stream"
    shell = InteractiveShell(config=config)
    ended: list[float] = []
    shell.events.register("post_execute", lambda: ended.append(time.perf_counter()))
    load_ipython_extension(shell)
    conversation = shell.magics_manager.registry["CodeActMagics"].conversation
    shell.user_ns.update(namespace)
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell(f"%%codeact\n{question}")
        while conversation.session.state is State.AWAITING:
            time.sleep(reading)
            is_ready = conversation.agent.next_reply.wait(0)
            calls.clear()
            step, shell.rl_next_input = shell.rl_next_input, None
            shell.run_cell(step)
            is_taken = threading.main_thread().name not in calls
            kind = ("anew", "waited", "changed", "ready")[2 * is_ready + is_taken]
            yield Turn(kind, 1000 * (time.perf_counter() - ended[-1]))
    unload_ipython_extension(shell)


def report(name: str, turns: list[Turn]) -> None:
    """Print the share of each kind, and its times."""
    counts = Counter(turn.kind for turn in turns)
    figures: dict[str, Any] = {"turns": len(turns), "load": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}
    for kind in ("ready", "waited", "changed", "anew"):
        times = sorted(turn.ms for turn in turns if turn.kind == kind)
        if times:
            p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
            figures[kind] = {
                "share": round(counts[kind] / len(turns), 3),
                "median_ms": round(statistics.median(times)),
                "p95_ms": round(p95),
            }
    print(f"{name}: {json.dumps(figures)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
