"""The reference solutions of the suites are right, so none is refused; failing cells with wrong names are explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.suites import data, recovery, tools
from codeact_jupyter.checks import find_problem
from codeact_jupyter.checks.explain import hint
from codeact_jupyter.evaluation.task import Task

TASKS = [*tools.TASKS, *data.TASKS, *recovery.TASKS]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder of its own: some namespaces write a file to the working directory."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("task", TASKS, ids=[task.name for task in TASKS])
def test_a_reference_solution_is_passed(task: Task) -> None:
    assert find_problem(task.reference, task.namespace()) is None
    assert find_problem(task.reference, task.namespace(), tried=True) is None


@pytest.mark.parametrize(
    "task", [task for task in recovery.TASKS if task.domain == "naming"], ids=lambda task: task.name
)
def test_a_failing_cell_that_names_what_is_not_there_is_explained(task: Task) -> None:
    live = task.namespace()
    with pytest.raises(Exception) as caught:
        exec(compile(task.cell, "<cell>", "exec"), live)
    assert hint(caught.value, task.cell, live)
