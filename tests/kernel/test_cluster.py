"""Evaluation on a Dask cluster: the records of a run without one, whatever happens to the workers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from distributed import LocalCluster

from codeact_jupyter.cli import main
from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.evaluation import cluster as cluster_module
from codeact_jupyter.evaluation import run
from codeact_jupyter.evaluation.plan import Settings
from codeact_jupyter.evaluation.records import Folder, Record
from codeact_jupyter.evaluation.run import evaluate

SUITE = '''
import os, signal
from pathlib import Path
from codeact_jupyter.evaluation.task import Task, says_number

ARMED = Path(__file__).with_name("armed")

def strike():
    """Kills the Dask worker that started this process, if that is wanted; then nobody wants it any more."""
    if ARMED.exists():
        ARMED.unlink()
        os.kill(os.getppid(), signal.SIGKILL)
        signal.pause()
    return 6

def die():
    """Ends the process of the attempt."""
    os._exit(3)

def write():
    """Writes as native code does."""
    os.write(1, b"written past Python")
    return 7

def make(name):
    return Task(name, "domain", f"Do {name}.", lambda: {"strike": strike, "die": die, "write": write},
                says_number(42), "", "dev", tools=("strike", "die", "write"))

TASKS = [make(name) for name in NAMES]
'''
ENGINE = """
import itertools
from codeact_jupyter.testing import ScriptedEngine

def reply(messages):
    asked = [message.content for message in messages if "Task: Do " in message.content][-1]
    name = asked.partition("Task: Do ")[2].partition(".")[0]
    if "--- output" in messages[-1].content:
        return "42" if name != "other" else "41"
    return f"I do it.\\n```python\\nprint({name}() if {name!r} in globals() else {len(name)})\\n```"

def make():
    return ScriptedEngine(itertools.repeat(reply))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=2, threads_per_worker=2, scheduler_port=0, dashboard_address=":0") as started:
        yield started


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Write a suite and an engine as files; return the settings that name them."""
    write_suite(tmp_path, "first", "write", "strike", "other", "last")
    (tmp_path / "engine.py").write_text(ENGINE, encoding="utf-8")
    return Settings(str(tmp_path / "suite.py"), engine=f"{tmp_path / 'engine.py'}:make", arms=("bare",), seeds=(0, 1))


def write_suite(path: Path, *names: str) -> None:
    (path / "suite.py").write_text(f"NAMES = {names}\n{SUITE}", encoding="utf-8")


def timeless(records: list[Record]) -> list[Record]:
    """Return the records without what a clock says, in one order; of the events that hold it, their kinds."""
    without = [
        replace(
            each,
            seconds=0.0,
            reading_seconds=0.0,
            writing_seconds=0.0,
            events=tuple(event["event"] for event in each.events),
        )
        for each in records
    ]
    return sorted(without, key=lambda record: record.key)


def processes_of_attempts() -> list[psutil.Process]:
    dask = psutil.Process().children()
    started = [each for worker in dask for each in worker.children(recursive=True)]
    return [each for each in started if "spawn_main" in str(each.cmdline())]


def test_a_worker_is_killed_on_the_way_and_the_run_is_that_of_one_process(
    cluster: LocalCluster, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    workers = {worker.pid for worker in psutil.Process().children()}
    (tmp_path / "armed").touch()
    words = ["eval", settings.suite, "--engine", settings.engine, "--arm", "bare", "--seed", "0", "1", "--markdown"]
    out = tmp_path / "cluster"
    there = ["--cluster", cluster.scheduler_address, "--out", str(out), "--trajectories", str(tmp_path / "there.jsonl")]
    assert main([*words, *there]) == 0
    assert not (tmp_path / "armed").exists()
    assert len(workers - {worker.pid for worker in psutil.Process().children()}) == 1
    assert psutil.wait_procs(processes_of_attempts(), timeout=60)[1] == []

    alone = tmp_path / "alone"
    printed = capsys.readouterr().out
    assert main([*words, "--out", str(alone), "--trajectories", str(tmp_path / "here.jsonl")]) == 0
    assert (tmp_path / "there.jsonl").read_bytes() == (tmp_path / "here.jsonl").read_bytes() != b""
    made = Folder(out).records()
    assert len((out / "records.jsonl").read_text(encoding="utf-8").splitlines()) == len(made) == 10
    assert timeless(made) == timeless(Folder(alone).records())
    assert {record.task for record in made if record.right} == {"first", "write", "strike", "last"}
    assert sorted({record.same_as for record in made}) == ["", "bare, seed 0"]
    assert printed.splitlines()[:2] == capsys.readouterr().out.splitlines()[:2]

    logs = [path.read_bytes() for path in out.glob("worker-*.log")]
    assert sorted(path.name for path in out.glob("worker-*.log")) == ["worker-0.log", "worker-1.log"]
    assert b"".join(logs).count(b"written past Python") == 1
    parts = ("suite", "model", "conditions", "code")
    assert {part: Folder(out).about()[part] for part in parts} == {part: Folder(alone).about()[part] for part in parts}
    assert evaluate(settings, out) == evaluate(replace(settings, cluster="tcp://gone:1"), out)  # nothing is left to do


def test_an_attempt_that_each_worker_dies_of_is_a_record_too(
    cluster: LocalCluster, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_suite(tmp_path, "strike", "die")
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    (tmp_path / "armed").touch()
    found = evaluate(replace(settings, seeds=(0,), cluster=cluster.scheduler_address), tmp_path / "run")
    assert {record.task: (record.status, record.reason) for record in found} == {
        "strike": ("killed", "Each worker of the cluster that tried it died."),
        "die": ("killed", "Its process died (exit code 3)."),
    }


def test_what_a_worker_cannot_load_or_has_otherwise_is_told(
    cluster: LocalCluster, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = replace(settings, cluster=cluster.scheduler_address, limit=1)
    with pytest.raises(UsageProblem, match="There is no function"):
        evaluate(replace(there, engine=f"{tmp_path / 'engine.py'}:nothing"), tmp_path / "a")
    describe = run.describe_run
    monkeypatch.setattr(run, "describe_run", lambda *given: describe(*given) | {"code": "0" * 64})
    with pytest.raises(UsageProblem, match=r"has another code \(0+…, not .*install there what is installed here"):
        evaluate(there, tmp_path / "b")
    assert psutil.wait_procs(processes_of_attempts(), timeout=60)[1] == []


def test_a_cluster_that_is_not_there_or_has_no_workers_is_told(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "CONNECTING", 0.5)
    for address in ("tcp://127.0.0.1:9", "nonsense://nowhere"):
        with pytest.raises(UsageProblem, match=f"{address} cannot be reached .*`dask scheduler` prints"):
            evaluate(replace(settings, cluster=address), tmp_path / "run")
    with LocalCluster(n_workers=0, processes=False, scheduler_port=0, dashboard_address=":0") as empty:
        there = replace(settings, cluster=empty.scheduler_address)
        with pytest.raises(UsageProblem, match=r"has no workers: start some, with `dask worker \w+://"):
            evaluate(there, tmp_path / "run")
