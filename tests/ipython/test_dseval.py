"""Problems of DSEval as tasks: what the agent's steps return and change is what counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.dseval.tasks import make_tasks
from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.evaluation.attempt import attempt, empty_record
from codeact_jupyter.evaluation.plan import Settings
from codeact_jupyter.evaluation.records import Record
from codeact_jupyter.testing import ScriptedEngine
from tests.dseval_problems import write_benchmark

from .conftest import step


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    folder = write_benchmark(tmp_path / "checkout")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return {task.name.rpartition("/")[2]: task for task in make_tasks(folder, ["harbour"], {}) if "boats" in task.name}


def run(task: Any, *replies: str) -> Record:
    """The record of an attempt with a model that says this."""
    engine = ScriptedEngine(replies)
    record = empty_record("dseval", task, (task.name, "code", "bare", 0), engine.name)
    return attempt(record, task, Settings("tools"), engine, DIALECTS["markdown"])


def test_a_value_that_the_last_step_returns_is_passed(tasks: dict[str, Any]) -> None:
    record = run(tasks["2"], step("boats['tons'].sum()"), "They weigh 60 tons.")
    assert (record.right, record.in_form, record.verdict) == (True, True, "")
    record = run(tasks["2"], step("print(boats['tons'].sum())"), "They weigh 60 tons.")
    assert (record.right, record.in_form) == (True, False)
    record = run(tasks["2"], step("boats['tons'].max()"), "They weigh 30 tons.")
    assert (record.right, record.in_form) == (False, False)
    assert "30 instead of 60" in record.verdict
    record = run(tasks["2"], "They weigh 60 tons.")
    assert (record.right, record.in_form) == (True, False)
    record = run(tasks["2"], "I do not know.")
    assert record.verdict == "There is no result."


def test_a_value_that_an_earlier_step_returned_counts_and_a_mended_error_does_not(tasks: dict[str, Any]) -> None:
    record = run(tasks["2"], step("boats.tonnes.sum()"), step("boats.tons.sum()"), step("x = 1"), "60")
    assert (record.right, record.in_form) == (True, True)
    record = run(tasks["2"], step("boats.tons.sum()"), step("boats.tonnes"), "60")
    assert "AttributeError" in record.verdict


def test_variables_and_an_untouched_namespace_count(tasks: dict[str, Any]) -> None:
    assert run(tasks["1"], step("import pandas as pd\nboats = pd.read_csv('inputs/boats.csv')"), "Done.").right
    assert run(tasks["1"], "Done.").verdict == "There is no `boats`."
    record = run(tasks["3"], step("boats['kg'] = boats['tons'] * 1000"), "Done.")
    assert (record.right, record.in_form) == (True, True)
    record = run(tasks["4"], step("boats['rank'] = [3, 2, 1]\nboats.sort_values('rank').name"), "Cleo first.")
    assert record.verdict == "`boats` was updated, which the task does not ask for."
    record = run(tasks["4"], step("boats.sort_values('tons', ascending=False).name"), "Cleo first.")
    assert (record.right, record.in_form) == (True, True)


def test_each_question_finds_what_the_references_before_it_left_afresh(tasks: dict[str, Any]) -> None:
    for _ in range(2):
        record = run(tasks["4"], step("boats['extra'] = list(boats.columns)[0]\nlist(boats.columns)"), "There.")
        assert "['name', 'tons', 'kg', 'extra']" in (record.steps[0].observation or "")
    record = run(tasks["5"], step("boats"), step("2 * 3"), "6")
    assert "NameError" in record.steps[0].error
    assert record.in_form
