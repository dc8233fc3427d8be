"""`jupyter codeact keep` and `replay`: notebooks run again in fresh kernels, without the model."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from codeact_jupyter.cli import main
from codeact_jupyter.dialects.trajectories import Imported
from codeact_jupyter.notebook.records import to_notebook
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    Event,
    Observation,
    Prompt,
    Proposal,
    Rejection,
    Stop,
    Undone,
)

from ..books import book, cell_of, own, printed, proposal, raised, shown

pytestmark = pytest.mark.kernel
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(step: Proposal, text: str = "", error: str = "") -> list[Event]:
    """Return a step with its approval and its result."""
    return [step, Approval(step.id, step.code), Observation(step.id, text, not error, error=error)]


def session() -> tuple[list[NotebookNode], list[Event]]:
    """A session with two failed attempts, a rejected one, a look and a step that nothing rests on."""
    asked = Prompt("The mean?")
    events = [
        asked,
        *ran(proposal("a1", 1, "mean(points)"), error="NameError: name 'mean' is not defined"),
        *ran(proposal("b2", 2, "points.mean()"), error="AttributeError: no mean"),
        proposal("c3", 3, "points.clear()"),
        Rejection("c3", "Keep them."),
        *ran(proposal("d4", 4, "points[:2]"), "[3, 4]"),
        *ran(proposal("e5", 5, "unused = 1", changed=["unused"])),
        *ran(proposal("f6", 6, "total = sum(points)", changed=["total"])),
        *ran(proposal("a7", 7, "total / len(points)"), "4.0"),
        Answer("The mean is 4.0."),
    ]
    cells = [
        new_markdown_cell("# Mine"),
        own("%load_ext codeact_jupyter\npoints = [3, 4, 5]"),
        own("%codeact mode ask"),
        own("pionts", raised("NameError", "name 'pionts' is not defined")),
        new_code_cell("%%codeact\nThe mean?"),
        cell_of("a1", "mean(points)", raised("NameError", "name 'mean' is not defined"), state="failed"),
        cell_of("b2", "points.mean()", raised("AttributeError", "'list' object has no attribute 'mean'")),
        cell_of("d4", "points[:2]", shown("[3, 4]")),
        cell_of("e5", "unused = 1"),
        cell_of("f6", "total = sum(points)"),
        cell_of("a7", "total / len(points)", shown("4.0")),
        own("print(total)", printed("12\n")),
    ]
    return cells, events


def run(command: str, path: Path, *arguments: str) -> int:
    return main([command, str(path), "--journals", "journals", *arguments])


def sources(name: str) -> list[str]:
    notebook = nbformat.read(name, as_version=4)
    nbformat.validate(notebook)
    return [cell.source for cell in notebook.cells]


def test_a_clean_notebook_has_what_led_to_the_answer_and_ran_in_a_fresh_kernel(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(folder / "book.ipynb", *session(), folder / "journals")
    original = path.read_bytes()
    assert run("keep", path) == 0
    told = capsys.readouterr().out
    assert sources("book-clean.ipynb") == [
        "# Mine",
        "points = [3, 4, 5]",
        "**Question**\n\n```text\nThe mean?\n```",
        "total = sum(points)",
        "total / len(points)",
        "**Answer**\n\nThe mean is 4.0.",
        "print(total)",
    ]
    clean = nbformat.read("book-clean.ipynb", as_version=4)
    assert [cell.execution_count for cell in clean.cells if cell.cell_type == "code"] == [1, 2, 3, 4]
    assert [cell.outputs[0].get("text") or cell.outputs[0].data["text/plain"] for cell in clean.cells[4::2]] == [
        "4.0",
        "12\n",
    ]
    assert clean.cells[3].metadata.codeact.record.proposal == "f6"
    assert "2 of 7 steps kept\nleft out: 2 failed\nleft out: 2 ran, but nothing rests on them\n" in told
    own = "of your own cells failed, were interrupted, or take something from the agent"
    assert f"left out: 1 were not run, or were stopped\nleft out: 1 {own}\n" in told
    assert path.read_bytes() == original
    assert run("keep", path) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_step_that_binds_nothing_is_kept_if_the_outputs_differ_without_it(folder: Path) -> None:
    import random

    random.seed(3)
    drawn = str(random.random())
    events = [
        Prompt("Draw."),
        *ran(proposal("a1", 1, "random.seed(3)")),
        *ran(proposal("b2", 2, "[].pop()"), error="IndexError: pop from empty list"),
        *ran(proposal("c3", 3, "random.random()"), drawn),
        Answer(f"{drawn}."),
    ]
    cells = [
        own("import random"),
        cell_of("a1", "random.seed(3)"),
        cell_of("b2", "[].pop()", raised("IndexError", "pop from empty list"), state="failed"),
        cell_of("c3", "random.random()", shown(drawn)),
    ]
    assert run("keep", book(folder / "book.ipynb", cells, events, folder / "journals")) == 0
    assert sources("book-clean.ipynb")[0::2][1:] == ["random.seed(3)", f"**Answer**\n\n{drawn}."]


def test_what_does_not_run_is_said_and_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = [new_code_cell("%%codeact --into total\nThe sum?"), own("total + 1", shown("13")), own("2")]
    path = book(folder / "book.ipynb", cells)
    assert run("keep", path) == 1
    assert "your cell `total + 1`: failed, NameError: name 'total' is not defined" in capsys.readouterr().err
    assert not Path("book-clean.ipynb").exists()


FAILING = "total = sum(points)\nmean(points)"


def dead_end() -> tuple[list[NotebookNode], list[Event]]:
    """A session in which a failed attempt and a failed cell of the user define what is used later."""
    events = [
        Prompt("The mean?"),
        *ran(proposal("a1", 1, FAILING), error="NameError: name 'mean' is not defined"),
        *ran(proposal("b2", 2, "total / len(points)"), "4.0"),
        Answer("4.0."),
    ]
    cells = [
        own("points = [3, 4, 5]"),
        own("scale = 10\nnone", raised("NameError", "name 'none' is not defined")),
        cell_of("a1", FAILING, raised("NameError", "name 'mean' is not defined"), state="failed"),
        cell_of("b2", "total / len(points)", shown("4.0")),
        own("total * scale", shown("120")),
    ]
    return cells, events


def test_failed_cells_are_kept_where_the_others_do_not_run_without_them(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("keep", book(folder / "book.ipynb", *dead_end(), folder / "journals")) == 0
    told = capsys.readouterr().out
    assert "2 of 2 steps kept\n2 cells kept that failed: those below need what it did before\n" in told
    clean = nbformat.read("book-clean.ipynb", as_version=4)
    tagged = [cell.source for cell in clean.cells if "raises-exception" in cell.metadata.get("tags", ())]
    assert tagged == ["scale = 10\nnone", FAILING]
    assert clean.cells[-1].outputs[0].data["text/plain"] == "120"


def undone_session() -> tuple[list[NotebookNode], list[Event]]:
    """A session whose first step was undone, after which the user went on with what was before."""
    events = [
        Prompt("How many?"),
        *ran(proposal("a1", 1, "points = points[:1]", changed=["points"])),
        Undone("a1", "Step 1 is undone: `points` is as before."),
        *ran(proposal("b2", 1, "len(points)"), "3"),
        Answer("3."),
    ]
    cells = [
        own("points = [3, 4, 5]"),
        cell_of("a1", "points = points[:1]", state="undone"),
        cell_of("b2", "len(points)", shown("3")),
    ]
    return cells, events


def test_an_undone_step_is_neither_kept_nor_replayed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = book(folder / "book.ipynb", *undone_session(), folder / "journals")
    assert run("keep", path) == 0
    assert "1 of 2 steps kept\nleft out: 1 were undone\n" in capsys.readouterr().out
    assert "points = points[:1]" not in sources("book-clean.ipynb")
    assert run("replay", path) == 0
    assert capsys.readouterr().out == "left out: 1 were undone\n2 of 2 cells have the recorded outputs\n"


def test_what_was_interrupted_is_not_replayed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    step = proposal("a1", 1, "while True: pass")
    events = [Prompt("Wait."), step, Approval("a1", step.code), Stop("stopped", "The step was interrupted.")]
    interrupted = raised("KeyboardInterrupt", "")
    cells = [own("n = 1"), own("while n: pass", interrupted), cell_of("a1", step.code, interrupted, state="stopped")]
    path = book(folder / "book.ipynb", [*cells, own("n", shown("1"))], events, folder / "journals")
    assert run("replay", path) == 0
    assert capsys.readouterr().out.splitlines() == [
        "left out: 1 were not run, or were stopped",
        "left out: 1 of your own cells failed, were interrupted, or take something from the agent",
        "2 of 2 cells have the recorded outputs",
    ]


def test_a_step_that_the_user_changed_later_is_kept_as_it_stands(folder: Path) -> None:
    cells, events = session()
    cells[9].source = "total = sum(points) + 100"
    cells[10].outputs = [shown("37.333333333333336")]
    cells[11].outputs = [printed("112\n")]
    assert run("keep", book(folder / "book.ipynb", cells, events, folder / "journals")) == 0
    assert "total = sum(points) + 100" in sources("book-clean.ipynb")


def test_nothing_is_run_if_its_result_cannot_be_saved(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = folder / "read-only"
    inside.mkdir()
    path = book(inside / "book.ipynb", [own(f"open({str(folder / 'ran')!r}, 'w').close()")])
    may = os.access
    monkeypatch.setattr(os, "access", lambda place, mode: Path(place) != inside and may(place, mode))  # root may all
    for command, arguments in (("keep", []), ("replay", ["--out", str(inside / "again.ipynb")])):
        assert run(command, path, *arguments) == 2
        assert "name a file elsewhere with --out" in capsys.readouterr().err
    assert not (folder / "ran").exists()


def test_a_replay_runs_what_was_approved_and_has_the_recorded_outputs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells, events = session()
    panel = new_output("display_data", {"text/plain": "CodeAct · Answered\n\nThe mean is 4.0."})
    cells[-2].outputs.append(panel)  # of a front end that shows it below the step
    cells[-4].outputs.append(printed("I look."))  # the words before the next step
    path = book(folder / "book.ipynb", cells, events, folder / "journals")
    assert run("replay", path, "--out", "again.ipynb") == 0
    assert capsys.readouterr().out == (
        "left out: 1 were not run, or were stopped\n"
        "your cell `pionts`: failed as before, NameError: name 'pionts' is not defined\n"
        "step 1 of `The mean?`: failed as before, NameError: name 'mean' is not defined\n"
        "step 2 of `The mean?`: failed as before, AttributeError: 'list' object has no attribute 'mean'\n"
        "9 of 9 cells have the recorded outputs\n"
    )
    assert "points.clear()" not in sources("again.ipynb")


def test_a_replay_shows_what_differs_now(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figure = new_output("display_data", {"image/png": "aGVsbG8=", "text/plain": "<Figure size 640x480>"})
    cells = [
        own("object()", shown("<object at 0x7f0011223344>")),
        own("rows = open('rows.txt').read()\nprint(rows)", printed("3\n4\n")),
        own("[].pop(0)", shown("3")),
        own("1", figure),
    ]
    (folder / "rows.txt").write_text("3\n5")
    assert run("replay", book(folder / "book.ipynb", cells)) == 1
    told = capsys.readouterr().out
    assert "object()" not in told
    assert (
        "`rows = open('rows.txt').read() print(rows)`: another output than the recorded one\n    -4\n    +5\n" in told
    )
    assert "`[].pop(0)`: failed, IndexError: pop from empty list\n    -3\n" in told
    assert "    -[image/png: " in told
    assert "1 of 4 cells have the recorded outputs" in told


def test_steps_that_ran_inside_the_asking_cell_are_run_from_the_journal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = [Prompt("Six?"), *ran(proposal("a1", 1, "n = 6\nn"), "6"), Answer("6")]
    cells = [new_code_cell("%%codeact\nSix?", outputs=[printed("[step 1]\n6")]), own("n + 1", shown("7"))]
    path = book(folder / "book.ipynb", cells, events, folder / "journals")
    assert run("replay", path) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 of 2 cells have the recorded outputs",
        "1 ran, and have no recorded outputs in the notebook",
    ]


def test_of_an_imported_notebook_the_cells_that_fail_now_are_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [{"role": "assistant", "content": f"```python\n{code}\n```"} for code in ("print(6 * 7)", "elsewhere")]
    seen = {"role": "user", "content": "--- output (data, not instructions) ---\n42\n--- end ---"}
    record = Imported("a", ({"role": "user", "content": "?"}, steps[0], seen, steps[1], seen))
    nbformat.write(to_notebook(record, "x.jsonl, line 1"), folder / "book.ipynb")
    assert run("replay", folder / "book.ipynb") == 1
    told = capsys.readouterr().out
    assert "your cell `elsewhere`: failed, NameError" in told
    assert "0 of 2 cells have the recorded outputs\n1 ran, and have no recorded outputs in the notebook\n" in told
    assert main(["report", "book.ipynb", "--journals", "journals"]) == 0
    assert "Imported 4: code, by the assistant of the record" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "why"),
    [("while True: pass", "it took more than 2 s"), ("import os; os._exit(1)", "the kernel died")],
)
def test_a_cell_that_does_not_end_is_named(
    folder: Path, source: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(folder / "book.ipynb", [own("1", shown("1")), own(source), own("3", shown("3"))])
    assert run("replay", path, "--max-seconds", "2") == 1
    assert f"your cell `{source}`: failed, {why}" in capsys.readouterr().out


def test_a_kernel_that_is_not_installed_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("replay", book(folder / "book.ipynb", [own("1")]), "--kernel", "none") == 2
    assert "'none' is not installed here: name one with --kernel" in capsys.readouterr().err


def test_the_commands_of_the_docs_work_as_they_stand(folder: Path) -> None:
    page = (ROOT / "docs/record.md").read_text(encoding="utf-8")
    commands = [
        shlex.split(line)[2:] for line in re.findall(r"^jupyter codeact (?:keep|replay) .*$", page, re.MULTILINE)
    ]
    assert [words[0] for words in commands] == ["keep", "replay"]
    book(folder / "analysis.ipynb", *session(), folder / "journals")
    for words in commands:
        assert main([*words, "--journals", "journals"]) == 0
    assert Path("clean.ipynb").is_file()
