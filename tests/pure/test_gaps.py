"""Facts about results that are no number, and about new columns without a value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.agent.screening import screen
from codeact_jupyter.dialects.reply import Reply
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.kernel.gaps import NO_NUMBER, NO_VALUE, explain_gaps
from codeact_jupyter.session.messages import Approval, Observation, Prompt, Proposal
from codeact_jupyter.session.techniques import ALL


def run(source: str) -> tuple[str, dict[str, Any]]:
    """Run a cell; return the value of its last line, as text, and the names."""
    names: dict[str, Any] = {
        "np": np,
        "pd": pd,
        "pl": pl,
        "depth": np.array([1.0, np.nan, 3.0]),
        "salt": np.array([3.0, 1.0, 2.0]),
        "logs": pd.DataFrame({"when": ["3 May", "4 May"], "kg": [1.5, np.nan], "note": [None, None]}),
        "months": pd.DataFrame({"when": ["May", "June"], "kg": [1.5, 2.5]}),
        "frame": pl.DataFrame({"kg": [1.5, None]}),
    }
    *lines, last = source.splitlines()
    exec("\n".join(lines), names)
    return repr(eval(last, names)), names


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("np.corrcoef(depth, salt)[0, 1]", "`depth` lacks 1 of 3 values"),
        ("depth.mean()", "`depth` lacks 1 of 3 values"),
        ("logs['note'].astype(float).mean()", "`logs['note']` has no value"),
        ("logs.kg.mean(skipna=False)", "`logs.kg` lacks 1 of 2 values"),
        ("heavy = logs[logs['kg'] > 5]\nheavy['kg'].mean()", "`heavy` has no rows"),
        ("none = depth[depth > 9]\nfloat(none.max(initial=np.nan))", "`none` has no rows"),
        ("round(logs['kg'].std(), 2)", "`logs['kg']` lacks 1 of 2 values"),
    ],
)
def test_a_result_that_is_no_number_is_explained_by_what_is_missing(source: str, reason: str) -> None:
    shown, names = run(source)
    told = explain_gaps(source, shown, names)
    assert told.startswith(NO_NUMBER) and reason in told


@pytest.mark.parametrize(
    "text", ["nan", "np.float64(nan)", "The mean is nan", "The mean is nan kg.", "New: m = np.float64(nan), n = 3."]
)
def test_a_result_is_seen_in_every_form_in_which_it_is_shown(text: str) -> None:
    assert explain_gaps("m", text, {}) == f"{NO_NUMBER}."


@pytest.mark.parametrize(
    "text", ["[1. nan 3.]", "array([nan, 2.])", "0   NaN\n1   2.0", "Nancy", "{'a': nan, 'b': 3}", "banana", "12 nan 4"]
)
def test_values_among_others_are_no_result(text: str) -> None:
    assert explain_gaps("print(depth)", text, {"depth": np.array([np.nan])}) == ""


@pytest.mark.filterwarnings("ignore:Constructing a Categorical")
@pytest.mark.parametrize(
    "source",
    [
        "logs['month'] = pd.Categorical(logs['when'], categories=['Jan', 'Feb'])\nlogs",
        "logs['day'] = pd.to_datetime(logs['when'], format='%d.%m.%Y', errors='coerce')\nlogs",
        "logs['more'] = pd.Series([1.0, 2.0], index=[7, 8])\nlogs",
        "logs['kind'] = logs['when'].map({'3 Mai': 'a'})\nlogs",
        "logs['kg'] = pd.to_numeric(logs['when'], errors='coerce')\nlogs.shape",
        "logs['when'] = pd.to_numeric(logs['when'], errors='coerce')\nlogs.shape",
        "logs['number'] = logs['when'].map({'3 May': 3})\nlogs",
        "twice = pd.DataFrame({'kg': [1.0, 2.0]})\ntwice.index = [8, 9]\nlogs = logs.assign(kg=twice['kg'])\nlogs",
        "spread = months.groupby('when').std(numeric_only=True)\nspread",
    ],
)
def test_a_new_column_without_a_value_is_told(source: str) -> None:
    shown, names = run(source)
    assert NO_VALUE in explain_gaps(source, shown, names)


@pytest.mark.parametrize(
    "source", ["logs['kg'] = logs['kg'] * 2\nlogs", "logs\n", "logs['x'] = [None, 1, 2][-2:]\nlogs", "("]
)
def test_columns_with_values_and_those_that_were_there_are_not_told(source: str) -> None:
    names = run("logs\nlogs")[1]
    assert explain_gaps(source, "", names) == ""


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("heavy = logs[logs['kg'] > 5]\nlen(heavy)", "heavy"),
        ("heavy = logs[logs['kg'] > 5]\nheavy['kg'].sum()", "heavy"),
        ("late = frame.filter(pl.col('kg') > 9)\nlate.shape[0]", "late"),
        ("a = logs.dropna()\nb = a.assign(c=1)\nb['c'].sum()", "a"),
    ],
)
def test_a_frame_without_rows_is_told_of_a_result_that_is_zero(source: str, name: str) -> None:
    text, names = run(source)
    assert explain_gaps(source, text, names) == f"`{name}` has no rows after this step."


@pytest.mark.parametrize("source", ["some = logs[logs.kg > 1]\nlen(some) - 1", "none = logs[logs.kg > 5]\nlen(logs)"])
def test_no_rows_are_told_of_no_other_result(source: str) -> None:
    text, names = run(source)
    assert explain_gaps(source, text, names) == ""


def test_the_model_is_asked_once_about_a_step_whose_result_is_no_number() -> None:
    trial = Trial("ran", observation=f"nan\n{NO_NUMBER}: `depth` lacks 1 of 3 values.", outputs="nan")
    fault = screen(Reply("", "depth.mean()"), [Prompt("How deep?")], {}, ALL, trial)
    assert fault and fault.ask_once and fault.observed and not fault.grave


@pytest.mark.parametrize(
    ("question", "answer", "is_fault"),
    [
        ("How deep is it?", "The mean depth is nan.", True),
        ("How deep is it?", "The mean depth is NaN m.", True),
        ("Which of the values is nan?", "The second one is nan.", False),
        ("Who wrote most?", "Nan Goldin wrote most.", False),
        ("Who wrote most?", "It is `nan`.", False),
    ],
)
def test_no_number_is_no_answer_unless_it_was_asked_for(question: str, answer: str, is_fault: bool) -> None:
    code, shown = "print(values)", Observation("p1", "nan, Nan Goldin, second", True, 0.1)
    history = [Prompt(question), Proposal("p1", 1, "", code, code, "m"), Approval("p1", code), shown]
    fault = screen(Reply(answer, None), history, {}, ALL)
    assert bool(fault and fault.needs_step and "no value" in fault.text) == is_fault


@pytest.mark.parametrize(
    ("question", "answer", "is_told"),
    [
        ("Total rain of 2015 by month, as bars in order.", "The total rain of 2015 by month, as bars in order.", True),
        ("How many rows are left when you strip the text?", "How many rows are left when you strip the text?", True),
        ("How many rows are left when you strip the text?", "The task asks for the rows left after stripping.", True),
        ("How many rows are left when you strip the text?", "The question wants a number of rows.", True),
        ("How many rows are left when you strip the text?", "The question asks for the rows: 12.", False),
        ("How many rows are left when you strip the text?", "There are 12 rows left when you strip the text.", False),
        ("Plot the mean mass of each species as bars.", "I plotted the mean mass of each species as bars.", False),
        ("Is Graz larger than Lyon?", "Yes, Graz is larger than Lyon.", False),
    ],
)
def test_an_answer_that_repeats_the_task_is_not_taken(question: str, answer: str, is_told: bool) -> None:
    shown = Observation("p1", "12 rows, Graz 3, Lyon 2", True, 0.1)
    history = [Prompt(question), Proposal("p1", 1, "", "n", "n", "m"), Approval("p1", "n"), shown]
    fault = screen(Reply(answer, None), history, {}, ALL)
    assert bool(fault and "repeat" in fault.text) == is_told
