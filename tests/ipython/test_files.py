"""Files in what the model reads: those that a question names, and those that a step reads wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from codeact_jupyter import solve
from codeact_jupyter.files import named
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.session.techniques import ALL, Techniques
from codeact_jupyter.testing import ScriptedEngine

from .conftest import step

CALL = "pd.read_csv('bank.csv', sep=';', decimal=',')"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(named, "SECONDS", 60)
    Path("bank.csv").write_text("amount;place\n1,5;Ulm\n2,5;Hof\n4,5;Rom\n")


def prompts(question: str, *replies: str, use: Techniques = ALL) -> list[list[ChatMessage]]:
    engine = ScriptedEngine([*replies, "It is 8.5."])
    solve(question, engine=engine, techniques=use)
    return [list(prompt) for prompt in engine.prompts]


def test_a_file_is_described_in_the_question_that_names_it() -> None:
    asked = prompts("What is the sum of amount in bank.csv?", step(f"import pandas as pd\n{CALL}['amount'].sum()"))
    assert f"read it with: {CALL}" in asked[0][-1].content


@pytest.mark.parametrize(
    ("question", "use"),
    [("What is the sum of amount in bank.csv?", ALL.without("files")), ("What is 5 + 3.5?", ALL)],
)
def test_no_file_is_described_if_none_is_named_or_the_technique_is_off(question: str, use: Techniques) -> None:
    asked = prompts(question, step("print(8.5)"), use=use)
    assert "bank.csv:" not in asked[0][-1].content


@pytest.mark.parametrize("wrong", ["df = pd.read_csv('bank.csv')", "df = pd.read_csv('bank.csv')\ndf['amount'].sum()"])
def test_a_step_that_reads_a_file_wrongly_is_answered_by_what_is_in_it(wrong: str) -> None:
    right = step(f"import pandas as pd\n{CALL}['amount'].sum()")
    asked = prompts("What is the sum of the amounts?", step(f"import pandas as pd\n{wrong}"), right)
    assert f"read it with: {CALL}" in asked[1][-1].content
