"""`python -m benchmarks.dseval` from the command to the table, with a scripted model."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.dseval.__main__ import main
from codeact_jupyter.evaluation.records import Folder
from tests.dseval_problems import write_benchmark

ENGINE = """
from codeact_jupyter.testing import ScriptedEngine

STEPS = {
    "together": "boats['tons'].sum()",
    "Load `": "import pandas as pd; boats = pd.read_csv('inputs/boats.csv')",
    "column kg": "boats['kg'] = 1",
    "two times": "print(2 * 3)",
}

def reply(messages):
    asked = messages[-1].content
    code = next((code for words, code in STEPS.items() if words in asked), "")
    return f"I do it.\\n```python\\n{code}\\n```" if code else "I cannot tell."

def make():
    return ScriptedEngine([reply] * 200)
"""


def test_the_command_runs_the_problems_and_prints_them_by_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = write_benchmark(tmp_path / "checkout"), tmp_path / "run"
    (tmp_path / "engine.py").write_text(ENGINE, encoding="utf-8")
    words = [str(folder), "--sets", "harbour", "--out", str(out), "--engine", f"{tmp_path / 'engine.py'}:make"]
    assert main([*words, "--arm", "bare"]) == 0
    told = capsys.readouterr().out
    records = {record.task: record for record in Folder(out).records()}
    assert sorted(records) == [*(f"harbour/boats/{number}" for number in range(1, 6)), "harbour/ferries/1"]
    passed = [task for task, record in records.items() if record.right and record.in_form]
    assert passed == ["harbour/boats/1", "harbour/boats/2"]
    assert "| harbour/boats | 2/5 |" in told
    assert "| harbour/ferries | 0/1 |" in told
    assert "its data is absent: inputs/absent.csv" in told
    assert main([*words, "--arm", "bare"]) == 0
    assert "| all | 2/6 |" in capsys.readouterr().out
