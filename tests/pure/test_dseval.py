"""The loader of DSEval: reads its format, compares and validates as it does, and leaves nothing out in silence."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.dseval.__main__ import main
from benchmarks.dseval.environment import Outcome, run_reference, take_snapshot
from benchmarks.dseval.matching import Rules, comparer, matches
from benchmarks.dseval.problems import read_benchmark, read_set, unpack
from benchmarks.dseval.report import published, same_problems, table
from benchmarks.dseval.tasks import make_tasks, survey
from benchmarks.dseval.validators import judge, validators
from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.evaluation.records import Record
from tests.dseval_problems import BOATS, write_benchmark


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_benchmark(tmp_path / "checkout")


# --- reading -----------------------------------------------------------------------------------------------------


def test_a_set_is_read_with_its_preparations_questions_and_inputs(folder: Path) -> None:
    boats, ferries = read_benchmark(folder, "harbour")
    assert (boats.name, ferries.name) == ("harbour/boats", "harbour/ferries")
    assert [cell.number for cell in boats.problems] == [1, 2, 3, 4, 5]
    assert not boats.cells[0].question
    assert boats.problems[0].question == "Load `inputs/boats.csv` into boats."
    assert boats.problems[0].validator == {"namespace_check": {"boats": None}}
    assert boats.problems[4].forbidden == ("boats",)
    assert boats.inputs == folder / "benchmarks" / "harbour" / "_inputs" / "boats"
    assert ferries.inputs == folder / "benchmarks" / "harbour" / "_inputs"
    assert read_benchmark(folder / "benchmarks", "harbour") == [boats, ferries]


def test_what_is_no_benchmark_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageProblem, match="no problem sets 'airport'"):
        read_benchmark(folder, "airport")
    with pytest.raises(UsageProblem, match="There is no folder"):
        unpack(folder / "nowhere")
    assert main([str(folder / "nowhere")]) == 2
    assert "give a checkout" in capsys.readouterr().err


def test_a_git_directory_is_read_too(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path / "cache"))
    author = ["-c", "user.name=n", "-c", "user.email=n@localhost"]
    for words in (["init", "-q"], ["add", "-A"], [*author, "commit", "-qm", "boats"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    files = unpack(folder / ".git")
    assert files != folder
    assert read_benchmark(files, "harbour")[0].cells == read_benchmark(folder, "harbour")[0].cells
    assert unpack(folder / ".git") == files
    assert unpack(folder) == folder


# --- the survey --------------------------------------------------------------------------------------------------


def test_what_cannot_be_run_is_named_with_its_reason(folder: Path) -> None:
    boats, ferries = read_benchmark(folder, "harbour")
    assert survey(boats) == {}
    found = survey(ferries)
    assert found["harbour/ferries/2"].startswith("its data is absent: inputs/absent.csv")
    assert "follows a cell that cannot be run" in found["harbour/ferries/3"]
    assert "harbour/ferries/1" not in found
    assert [task.name for task in make_tasks(folder, ["harbour"], found)][-1] == "harbour/ferries/1"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('"""\nquestion: q\nvalidator:\n  vis:\n"""\n1', "the validator vis is not known here"),
        ('"""\nquestion: q\n"""\nx = 1 / 0', "its reference raises ZeroDivisionError"),
        ('"""\nquestion: q\n"""\nx = 1\nx / 0', "the result of its reference raises ZeroDivisionError"),
        (
            '"""\nquestion: q\nvalidator:\n  namespace_check:\n    x:\n"""\n1',
            "its reference does not pass: There is no `x`",
        ),
        ('"""\nquestion: q\n"""\nimport random\nrandom.random()', "its reference does not pass"),
    ],
)
def test_a_problem_that_its_reference_does_not_pass_here_is_not_loaded(tmp_path: Path, cell: str, reason: str) -> None:
    file = tmp_path / "odd.py"
    file.write_text(f"# %%\n{cell}\n", encoding="utf-8")
    (found,) = survey(read_set(file)).values()
    assert reason in found


def test_a_reference_that_fails_in_its_last_expression_does_not_stop_the_set(tmp_path: Path) -> None:
    head = '"""\nquestion: q\n"""\n'
    cells = ["x = 1", f"{head}y = 2\nx.y", f"{head}x + y", f"{head}z = x.z", f"{head}x"]
    file = tmp_path / "odd.py"
    file.write_text("".join(f"# %%\n{cell}\n" for cell in cells), encoding="utf-8")
    found = {name[-1]: reason for name, reason in survey(read_set(file)).items()}
    assert sorted(found) == ["1", "3", "4"]
    assert found["4"].startswith("follows a cell that cannot be run (its reference raises AttributeError")


def test_the_survey_is_printed_with_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--sets", "harbour", "--survey"]) == 0
    told = capsys.readouterr()
    assert "8 problems in 2 problem sets, 2 of them not loaded" in told.err
    assert "Not loaded, 2 in all:" in told.out


# --- comparing ---------------------------------------------------------------------------------------------------

FRAME = pd.DataFrame({"a": [1, 2], "b": [3.0, 4.0]}, index=pd.Index(["x", "y"], name="key"))


@pytest.mark.parametrize(
    ("expected", "found", "rules", "same"),
    [
        (1, 1.0, {}, True),
        (1.0, 1.000001, {}, True),
        (1.0, 1.1, {}, False),
        (1.0, 1.1, {"atol": 0.2}, True),
        (0.8, 0.7, {"metrictol": 0.8}, True),
        (0.8, 0.6, {"metrictol": 0.8}, False),
        (1, True, {}, False),
        (True, np.True_, {}, True),
        ("1", 1, {}, False),
        ("a", "a", {}, True),
        (float("nan"), float("nan"), {}, False),
        ([1, 2], (1, 2), {}, True),
        ([1, 2], [2, 1], {}, False),
        ([1, 2], [2, 1], {"ignore_order": True}, True),
        ([1, 2], [1, 2, 3], {}, False),
        ({"a": 1}, {"a": 1.0}, {}, True),
        ({"a": 1}, {"b": 1}, {}, False),
        ({"a": 1}, {"b": 1}, {"ignore_index": True}, True),
        ({1, 2}, {2, 1}, {}, True),
        (np.array([1, 2]), np.array([1, 2], "float32"), {}, True),
        (np.array([1, 2]), np.array([1, 2], "float32"), {"strict_type": True}, False),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), {}, True),
        (np.array([1.0, 2.0]), np.array([1.0, 2.1]), {}, False),
        (np.array([1, 2]), [1, 2], {}, False),
        (pd.Series([1, 2]), [1, 2], {"value_only": True}, True),
        (pd.Series([7]), 7, {"value_only": True}, True),
        (pd.Index(["a"]), ["b"], {"value_only": True}, False),
        (FRAME, FRAME.copy(), {}, True),
        (FRAME, FRAME.astype({"a": float}), {}, False),
        (FRAME, FRAME.astype({"a": float}), {"ignore_dtypes": True}, True),
        (FRAME, FRAME.reset_index(drop=True), {}, False),
        (FRAME, FRAME.reset_index(drop=True), {"ignore_index": True}, True),
        (FRAME, FRAME[::-1], {"ignore_index": True}, False),
        (FRAME, FRAME[::-1], {"ignore_order": True}, True),
        (FRAME, FRAME.rename(columns={"b": "c"}), {}, False),
        (FRAME, FRAME.rename(columns={"b": "c"}), {"ignore_names": True}, True),
        (FRAME, FRAME[["b", "a"]], {"ignore_names": True}, True),
        (FRAME, FRAME.assign(c=1), {"match_partial": True, "ignore_order": True}, True),
        (FRAME["a"], FRAME, {"match_partial": True, "ignore_order": True, "ignore_names": True}, True),
        (["x", "y"], FRAME["a"], {"match_partial": True, "ignore_names": True}, True),
        (FRAME[["a"]], FRAME["a"], {"match_partial": True}, True),
        (FRAME, FRAME["a"], {"match_partial": True}, False),
        (FRAME, pd.DataFrame(), {"type_only": True}, True),
        (FRAME, FRAME["a"], {"type_only": True}, False),
    ],
)
def test_values_are_compared_by_kind_and_rules(expected: Any, found: Any, rules: dict[str, Any], same: bool) -> None:
    assert matches(expected, found, Rules(**rules)) is same


def test_code_may_compare() -> None:
    strict, loose = comparer("def compare_fn(ref, sub):\n    return {'match': abs(ref - sub) < 5, 'reason': ''}")
    assert (strict(1, 5), loose(1, 5), strict(1, 7)) == (True, True, False)


# --- validating --------------------------------------------------------------------------------------------------


def verdict(reference: str, solution: str, config: dict[str, Any], said: str = "") -> str:
    """The verdict on a solution of a problem in which `boats` is there."""
    ours, theirs = {"boats": BOATS.copy(), "pd": pd}, {"boats": BOATS.copy(), "pd": pd}
    before, error = take_snapshot(ours), ""
    expected = run_reference(reference, theirs)
    try:
        found = run_reference(solution, ours)
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
        found = Outcome(None, ours, before.changes(ours))
    found = Outcome(found.value, ours, found.changes, found.printed, error, solution, said)
    return judge(validators(config), expected, found).correct


SUM = "boats['tons'].sum()"


@pytest.mark.parametrize(
    ("solution", "correct"),
    [
        ("boats.tons.sum()", "yes"),
        ("total = boats.tons.sum()\ntotal", "yes"),
        ("boats.tons.mean()", "no"),
        ("print(boats.tons.sum())", "partial"),
        ("print(f'{boats.tons.sum()} tons')", "partial"),
        ("print('in all', boats.tons.sum())", "partial"),
        ("total = boats.tons.sum()", "partial"),
        ("print(boats.tons.max())", "no"),
        ("boats.tonnes.sum()", "no"),
        ("boats = boats.head(2)\nboats.tons.sum()", "no"),
        ("boats['x'] = 1\nboats.tons.sum()", "no"),
        ("del boats\n60", "no"),
        ("other = boats.copy()\nother['x'] = 1\nboats.tons.sum()", "yes"),
        ("pass", "no"),
    ],
)
def test_results_count_and_the_namespace_stays_intact(solution: str, correct: str) -> None:
    assert verdict(SUM, solution, {}) == correct


@pytest.mark.parametrize(
    ("solution", "correct"),
    [
        ("boats['kg'] = boats.tons * 1000", "yes"),
        ("boats = boats.assign(kg=boats.tons * 1000)", "yes"),
        ("boats['kg'] = boats.tons * 100", "no"),
        ("boats['kilograms'] = boats.tons * 1000", "partial"),
        ("heavy = boats.assign(kg=boats.tons * 1000)", "no"),
        ("boats['kg'] = boats.tons * 1000\nboats = boats[::-1]", "partial"),
    ],
)
def test_variables_are_compared_where_the_reference_changes_them(solution: str, correct: str) -> None:
    config = {"namespace_check": {"boats": None}}
    assert verdict("boats['kg'] = boats['tons'] * 1000", solution, config) == correct


def test_templates_alternatives_and_printed_text() -> None:
    assert verdict(SUM, "boats['x'] = 1\nboats.tons.sum()", {"template": "basic", "result": None}) == "yes"
    assert verdict(SUM, "boats.tonnes", {"template": "empty"}) == "yes"
    assert verdict(SUM, "boats.tons.mean()", {"template": "intact"}) == "yes"
    assert verdict(SUM, "boats['x'] = 1\nboats.tons.sum()", {"namespace_intact": {"update": True}}) == "yes"
    assert verdict(SUM, "x = 1\nboats.tons.sum()", {"namespace_intact": {"addition": False}}) == "no"
    either = {"or": {"stream": None, "result": None}, "template": "empty"}
    assert verdict(SUM, "boats.tons.sum()", either) == "yes"
    assert verdict("print('a')", "print('b')", {"stream": None}) == "no"
    assert verdict("print('a')", "print('a')", {"stream": None}) == "yes"
    assert verdict("boats.shape", "boats.shape[0]", {"result": {"value_only": True}}) == "no"
    assert verdict("list(boats.name)", "boats.name", {"result": {"compare_fn": {"value_only": True}}}) == "yes"
    assert verdict(SUM, "pass", {}, said="They weigh 60 tons.") == "partial"
    assert verdict(SUM, "pass", {}, said="They weigh 600 tons.") == "no"
    with pytest.raises(ValueError, match="vis is not known"):
        validators({"vis": None})


TESTED = {
    "table_test": {
        "function_name": "heavy",
        "test_cases": [
            ["`pd.DataFrame({'tons': [1, 9]})`", 5],
            "```\ndef _generate():\n    return pd.DataFrame({'tons': np.random.randint(0, 9, 6)}), 4\n```",
            "//",
        ],
    }
}
HEAVY = "def heavy(table, least):\n    return table[table.tons >= least]"


@pytest.mark.parametrize(
    ("solution", "correct"),
    [
        (HEAVY, "yes"),
        ("def heavy(table, least):\n    return table.query('tons >= @least')", "yes"),
        ("def heavy(table, least):\n    return table[table.tons > least + 1]", "no"),
        ("def heavy(table, least):\n    return table[table.tons >= least][::-1].assign(x=1)", "partial"),
        ("def heavy(table, least):\n    table['x'] = 1\n    return table[table.tons >= least][['tons']]", "no"),
        ("def heavy(table, least):\n    raise ValueError", "no"),
        ("def light(table, least):\n    return table", "no"),
    ],
)
def test_functions_are_called_with_every_case(solution: str, correct: str) -> None:
    assert verdict(HEAVY, solution, TESTED) == correct


class Constant:
    """A model that always predicts the same."""

    def __init__(self, value: int) -> None:
        self.value = value

    def predict(self, inputs: Any) -> list[int]:
        return [self.value] * len(inputs)


@pytest.mark.parametrize(("value", "tolerance", "correct"), [(1, 0, "yes"), (0, 0, "no"), (0, -0.7, "yes")])
def test_models_are_scored_against_that_of_the_reference(value: int, tolerance: float, correct: str) -> None:
    names = {"model_name": "m", "inputs_name": "X", "labels_name": "y"}
    config = {"template": "empty", "model": {**names, "metric_type": "accuracy", "tolerance": tolerance}}
    expected = Outcome(None, {"m": Constant(1), "X": [0, 0, 0], "y": [1, 1, 0]})
    assert judge(validators(config), expected, Outcome(None, {"m": Constant(value)})).correct == correct
    assert judge(validators(config), expected, Outcome(None, {})).correct == "no"


# --- the report --------------------------------------------------------------------------------------------------


def record(task: str, right: bool, in_form: bool | None, answer: str | None = "x") -> Record:
    domain = task.rpartition("/")[0]
    return Record("dseval", task, domain, "test", "code", "full", 0, "m", right=right, in_form=in_form, answer=answer)


def test_the_table_counts_what_was_passed_in_form_and_what_was_not_loaded(folder: Path) -> None:
    results = folder / "results" / "Harbour"
    results.mkdir(parents=True)
    lines = [
        {"problemset": "boats", "index": number, "verdict": "CORRECT" if number != 2 else "CRASH"} for number in (1, 2)
    ]
    (results / "240226-coml-gpt-35-turbo-x.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    theirs = published(folder, "harbour")
    assert theirs == {"harbour/boats/1": True, "harbour/boats/2": False}
    assert published(folder, "exercise") == {}
    records = [
        record("harbour/boats/1", True, True),
        record("harbour/boats/2", True, False),
        record("harbour/boats/3", False, False),
        record("harbour/boats/4", False, None, None),
    ]
    rows = table(records, {"harbour/ferries/2": "absent", "harbour/ferries/3": "follows"}, theirs).splitlines()
    assert rows[2] == "| harbour/boats | 1/4 | 5–70 % | 1 | 1 | 1 | 0 | 1/2 |"
    assert rows[3] == "| harbour/ferries | 0/0 | – | 0 | 0 | 0 | 2 | – |"
    assert rows[4] == "| all | 1/4 | 5–70 % | 1 | 1 | 1 | 2 | 1/2 |"
    assert same_problems(records, theirs) == "Of the 2 problems attempted here, theirs passed 1."
    assert same_problems(records, {}) == ""
