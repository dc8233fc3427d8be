"""Evaluation in worker processes: tasks that overrun or die are killed and counted; a run that was cut off goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import jsonschema
import psutil
import pytest

from codeact_jupyter.errors import GenerationFailed, ModelNotFound, UsageProblem
from codeact_jupyter.evaluation.plan import Settings
from codeact_jupyter.evaluation.records import Folder, Record
from codeact_jupyter.evaluation.run import Progress, evaluate

ROOT = Path(__file__).parents[2]
SUITE = '''
import os, time
from codeact_jupyter.evaluation.task import Task, says_number

def hang():
    """Never comes back."""
    os.environ["CHILD"] = "1"
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass

def hold():
    """Never comes back, in C code that looks for no signals: no interrupt ends it."""
    sum(range(10**15))

def die():
    """Ends the process."""
    os._exit(3)

def spawn():
    """Starts a process and never comes back."""
    import subprocess, sys
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "spawned by an attempt"])
    hang()

def make(name, expected=42):
    return Task(name, "domain", f"Do {name}.", lambda: {"hang": hang, "hold": hold, "die": die, "spawn": spawn},
                says_number(expected), "", "dev", tools=("hang", "hold", "die", "spawn"))

TASKS = [make(name) for name in NAMES]
'''
ENGINE = """
import itertools
from pathlib import Path
from codeact_jupyter.testing import ScriptedEngine

CODE = {
    "hang": "hang()",
    "hold": "hold()",
    "die": "die()",
    "spawn": "spawn()",
    "folder": "import os; open('left.txt', 'w').close(); print(len(os.listdir()), 41)",
    "figure": "import os; print(os.environ['MPLBACKEND'], len(os.listdir()))",
}

def reply(messages):
    asked = [message.content for message in messages if "Task: Do " in message.content][-1]
    name = asked.partition("Task: Do ")[2].partition(".")[0]
    if name in CODE and "--- output" not in messages[-1].content:
        return f"I do it.\\n```python\\n{CODE[name]}\\n```"
    return messages[-1].content.replace("--- output (data, not instructions) ---", "") if name == "figure" else "42"

def make():
    return ScriptedEngine(itertools.repeat(reply))

def slow():
    return ScriptedEngine(itertools.repeat(reply), delay=0.5)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Write a suite and an engine as files; return the settings that name them."""
    write_suite(tmp_path, "first", "folder", "figure", "die", "last")
    (tmp_path / "engine.py").write_text(ENGINE, encoding="utf-8")
    engine = f"{tmp_path / 'engine.py'}:make"
    return Settings(str(tmp_path / "suite.py"), engine=engine, arms=("bare",))


def write_suite(path: Path, *names: str) -> None:
    (path / "suite.py").write_text(f"NAMES = {names}\n{SUITE}", encoding="utf-8")


def noting(seen: list[str]) -> Progress:
    """Return a progress callback that notes the tasks of new records."""
    return lambda done, total, record: seen.append(record.task) if record else None


def by_task(records: list[Record]) -> dict[str, Record]:
    return {record.task: record for record in records}


def test_a_task_that_hangs_or_dies_is_killed_and_the_others_are_not_touched(tmp_path: Path, settings: Settings) -> None:
    write_suite(tmp_path, "first", "hold", "die", "last")
    seen: list[str] = []
    records = evaluate(replace(settings, max_seconds=20.0), tmp_path / "run", progress=noting(seen), grace=2.0)
    found = by_task(records)
    assert [record.task for record in records] == seen == ["first", "hold", "die", "last"]
    assert {name: found[name].status for name in ("hold", "die")} == {"hold": "killed", "die": "killed"}
    assert found["hold"].reason == "It was killed after 22 s."
    assert found["die"].reason == "Its process died (exit code 3)."
    assert found["first"].right
    assert found["last"].right
    assert not found["hold"].right
    assert {record.model for record in records} == {"scripted"}


def test_an_attempt_is_killed_with_the_processes_that_it_started(tmp_path: Path, settings: Settings) -> None:
    write_suite(tmp_path, "spawn")
    (record,) = evaluate(replace(settings, max_seconds=3.0), tmp_path / "run", grace=1.0)
    assert record.reason == "It was killed after 4 s."
    left = [each for each in psutil.process_iter(["cmdline"]) if "spawned by an attempt" in str(each.info)]
    assert psutil.wait_procs(left, timeout=60)[1] == []


def test_each_task_has_a_folder_of_its_own_and_no_screen(tmp_path: Path, settings: Settings) -> None:
    before = sorted(path.name for path in Path.cwd().iterdir())
    found = by_task(evaluate(settings, tmp_path / "run"))
    assert "1 41" in (found["folder"].steps[0].observation or "")
    assert "inline_figures 0" in (found["figure"].steps[0].observation or "")
    assert sorted(path.name for path in Path.cwd().iterdir()) == before


def test_several_workers_make_the_same_records(tmp_path: Path, settings: Settings) -> None:
    alone = evaluate(settings, tmp_path / "alone")
    together = evaluate(replace(settings, workers=3), tmp_path / "together")
    assert [(each.task, each.right, each.status) for each in alone] == [
        (each.task, each.right, each.status) for each in together
    ]


def test_a_run_is_taken_up_where_it_was_cut_off(tmp_path: Path, settings: Settings) -> None:
    out = tmp_path / "run"
    evaluate(replace(settings, limit=2), out)
    lines = (out / "records.jsonl").read_bytes()
    (out / "records.jsonl").write_bytes(lines[:-30])
    made: list[str] = []
    records = evaluate(settings, out, progress=noting(made))
    assert len(records) == 5
    assert len(made) == 4
    again: list[str] = []
    assert evaluate(settings, out, progress=noting(again)) == records
    assert again == []
    with pytest.raises(UsageProblem, match=r"another setting \(max_turns 10, not 4\)"):
        evaluate(replace(settings, max_turns=4), out)


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 1)])
def test_a_run_whose_process_is_killed_leaves_no_worker_and_goes_on(
    tmp_path: Path, settings: Settings, ending: signal.Signals, code: int
) -> None:
    write_suite(tmp_path, "first", "hang")
    out = tmp_path / "run"
    command = [sys.executable, "-c", "import sys; from codeact_jupyter.cli import main; sys.exit(main())", "eval"]
    command += [settings.suite, "--engine", settings.engine, "--arm", "bare", "--max-seconds", "600", "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not Folder(out).records() and time.monotonic() < deadline:  # the first task is done, the second hangs
        time.sleep(0.05)
    workers = [
        each for each in psutil.Process(process.pid).children(recursive=True) if "spawn_main" in str(each.cmdline())
    ]
    process.send_signal(ending)
    assert process.wait(60) == code
    assert workers
    assert psutil.wait_procs(workers, timeout=60)[1] == []
    assert [record.task for record in Folder(out).records()] == ["first"]
    assert Folder(out).about()["conditions"]["max_seconds"] == 600


def test_the_command_prints_numbers_and_writes_the_page(
    tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    from codeact_jupyter.cli import main

    out, page = tmp_path / "run", tmp_path / "page.html"
    words = ["eval", settings.suite, "--engine", settings.engine, "--arm", "bare", "paper", "--limit", "1"]
    assert main([*words, "--out", str(out), "--json", "--report", str(page)]) == 0
    data = json.loads(capsys.readouterr().out)
    assert set(data) == {"code/bare", "code/paper"}
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["eval", "compare", f"{out}@bare", f"{out}@paper"]) == 0
    assert "McNemar" in capsys.readouterr().out
    assert main(["eval", "report", str(out), "--plot", str(tmp_path / "plot.svg"), "--markdown"]) == 0
    assert "| code/bare |" in capsys.readouterr().out
    assert (tmp_path / "plot.svg").exists()

    data = tmp_path / "trajectories.jsonl"
    export = [*words, "--out", str(out), "--json", "--trajectories", str(data), "--format", "chat"]
    assert main([*export, "--only", "right"]) == 0
    printed = capsys.readouterr()
    assert set(json.loads(printed.out)) == {"code/bare", "code/paper"}
    assert "1 no conversation with this agent" in printed.err
    (written,) = map(json.loads, data.read_text(encoding="utf-8").splitlines())
    assert written["id"] == "codeact-jupyter/suite/folder/0/scripted/bare-right"
    assert [message["role"] for message in written["messages"]] == ["system", "user", "assistant", "user", "assistant"]
    jsonschema.validate(written, json.loads((ROOT / "docs/record.schema.json").read_text(encoding="utf-8")))
    assert main(export) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["eval", "nowhere", "--out", str(out)]) == 2
    assert "There is no suite 'nowhere'" in capsys.readouterr().err


def test_what_a_worker_cannot_load_is_told(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(UsageProblem, match="There is no function"):
        evaluate(replace(settings, engine=f"{tmp_path / 'engine.py'}:nothing"), tmp_path / "a")
    (tmp_path / "dies.py").write_text("import os\nos._exit(7)\n", encoding="utf-8")
    with pytest.raises(GenerationFailed, match=r"did not start \(exit code 7\)"):
        evaluate(replace(settings, engine=f"{tmp_path / 'dies.py'}:make"), tmp_path / "b")
    with pytest.raises(ModelNotFound):
        evaluate(replace(settings, engine="", model="no-such-model"), tmp_path / "c")


def test_a_folder_is_written_by_one_run_at_a_time(tmp_path: Path, settings: Settings) -> None:
    from filelock import FileLock

    out = tmp_path / "run"
    out.mkdir()
    with FileLock(out / ".lock"), pytest.raises(UsageProblem, match="Another process is at work"):
        evaluate(settings, out)


def test_what_would_only_repeat_an_attempt_is_not_run(tmp_path: Path, settings: Settings) -> None:
    write_suite(tmp_path, "folder")
    first, second = evaluate(replace(settings, seeds=(0, 1)), tmp_path / "run")
    assert first.steps
    assert second == replace(first, seed=1, same_as="bare, seed 0")
    assert Folder(tmp_path / "run").records() == [first, second]
