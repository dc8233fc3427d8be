"""The commands of the pages on evaluation and fine-tuning are those of the program; `docs/record.md` has its own test.

They are run as they stand, but on two tasks, and without a model: what an attempt does is tested elsewhere.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import peers
from codeact_jupyter.cli import _parser, main
from codeact_jupyter.evaluation import run
from codeact_jupyter.evaluation.attempt import empty_record
from codeact_jupyter.evaluation.cluster import Job
from codeact_jupyter.evaluation.records import Key, Record
from codeact_jupyter.evaluation.suites import load_function, load_suite
from codeact_jupyter.session.event_json import to_json
from codeact_jupyter.session.messages import Answer, Prompt

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("evaluation", "finetuning")}
EXAMPLES = {"RUN_A": "tools-run", "RUN_B": "tools-run", "RUN": "modes", "RUN…": "modes", "path/to/stock.py": "stock.py"}
BY_OTHERS = {
    "pip install": "",  # of this project, by `make` and by the ring `packaging`
    "dask scheduler": "",  # see the test below
    "dask worker": "",
    "python -m benchmarks.finetune": "tests/finetune/test_recipe.py",
    "jupyter codeact ask": "tests/model/test_adapter.py",
    "jupyter codeact export": "tests/finetune/test_recipe.py",
}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGES[page], re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """Return the words of each command, without remarks; one that shows all options in brackets is none."""
    lines = [line for page in PAGES for block in blocks(page, "sh") if " [" not in block for line in block.splitlines()]
    return [[_example(word) for word in shlex.split(line, comments=True)] for line in lines]


def _example(word: str) -> str:
    name, at, part = word.partition("@")
    return ("arms" if "/" in part else EXAMPLES.get(name, name)) + at + part


class Answered:
    """In place of a worker: each attempt ends at once, with the right answer."""

    model = "scripted"

    def __init__(self, job: Job) -> None:
        self._suite = load_suite(job.settings.suite)

    def begin(self, key: Key) -> Future[Any]:
        task = next(task for task in self._suite.tasks if task.name == key[0])
        made: Future[Any] = Future()
        events = tuple(to_json(event) for event in (Prompt("What?", ""), Answer("42")))
        record = empty_record(self._suite.name, task, key, self.model)
        made.set_result(replace(record, right=True, answer="42", status="answered", discarded=1, events=events))
        return made

    def finish(self, future: Future[Any]) -> Record:
        found: Record = future.result()
        return found


def test_each_command_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def workers(job: Job, out: Path, attempts: int) -> Iterator[list[Answered]]:
        yield [Answered(job)]

    monkeypatch.setattr(run, "_workers", workers)
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name == "smolagents" or find(name))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "benchmarks" / "suites", "benchmarks/suites", ignore=shutil.ignore_patterns("__pycache__"))
    for name, (page, number) in {"stock.py": ("evaluation", 0), "adapted.py": ("finetuning", 0)}.items():
        Path(name).write_text(blocks(page, "python")[number], encoding="utf-8")
    assert callable(load_function("adapted.py:make"))
    two = ["--limit", "2", "--engine", "adapted.py:make"]
    assert main(["eval", "tools", "--mode", "code", "json", "--out", "modes", *two]) == 0
    assert main(["eval", "tools", "--arm", "full", "no-vote", "--out", "arms", *two]) == 0
    called = 0
    for words in commands():
        if words[0] == "python" and words[1] == "benchmarks/peers.py":
            assert peers.main([*words[2:], *two]) == 0
        elif words[:3] == ["jupyter", "codeact", "eval"]:
            called += 1
            assert main([*words[2:], *(two if words[3] not in ("compare", "report") else [])]) == 0, words
        else:
            assert any(" ".join(words).startswith(other) for other in BY_OTHERS), words
        if words[1] == "codeact":
            _parser().parse_args(words[2:])
        for option in ("--report", "--plot", "--trajectories"):
            if option in words:
                assert Path(words[words.index(option) + 1]).stat().st_size > 100
    assert called >= 12
    assert len([json.loads(line) for line in Path("right.jsonl").read_text("utf-8").splitlines()]) == 2
    assert all((ROOT / path).exists() for path in BY_OTHERS.values())


def test_dask_has_the_commands_of_the_docs() -> None:
    from distributed.cli import dask_scheduler, dask_worker

    programs = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}
    found = [words for words in commands() if words[0] == "dask"]
    assert [words[1] for words in found] == ["scheduler", "worker"]
    for words in found:
        given = programs[words[1]].make_context(words[1], words[2:]).params
        assert words[1] == "scheduler" or (given["scheduler"], given["n_workers"]) == ("ADDRESS", "1")
