"""Facts on files that a cell read wrongly."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from codeact_jupyter.files import named
from codeact_jupyter.kernel.reading import MISREAD, misread

RIGHT = "pd.read_csv('bank.csv', sep=';', encoding='cp1252', decimal=',')"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(named, "SECONDS", 60)
    Path("bank.csv").write_bytes("Größe;Ort\n1,5;Ulm\n2,5;Hof\n4,5;Köln\n".encode("cp1252"))
    Path("one.csv").write_text("n\n1\n2\n3\n")
    Path("prose.txt").write_text("Dear all,\nit is late.\n")


def run(source: str) -> str:
    """Run a cell and return what is told of the files."""
    names: dict[str, object] = {"pd": pd, "json": json, "Path": Path}
    before = set(names)
    try:
        exec(source, names)
    except Exception as raised:
        error: Exception | None = raised
    else:
        error = None
    fresh = [name for name in names if name not in before and name != "__builtins__"]
    return misread(source, error, fresh, names)


@pytest.mark.parametrize(
    "source",
    [
        "df = pd.read_csv('bank.csv')",
        "df = pd.read_csv('bank.csv', encoding='latin-1')",
        "text = Path('bank.csv').read_text('utf-8')",
        "rows = json.loads(Path('bank.csv').read_bytes())",
        "name = 'bank.csv'\nframe = pd.read_csv(name, encoding='cp1250')\nframe['Ort']",
        "total = float(Path('bank.csv').read_text('cp1252').split(';')[1])",
    ],
)
def test_a_file_that_was_read_wrongly_is_described_with_the_call_that_reads_it(source: str) -> None:
    found = run(source)
    assert found.startswith(f"{MISREAD} bank.csv: 3 rows × 2")
    assert found.endswith(RIGHT)


@pytest.mark.parametrize(
    "source",
    [
        f"df = {RIGHT}",
        f"df = {RIGHT}[['Ort']]",
        "df = pd.read_csv('one.csv')",
        "df = pd.DataFrame({'n': [1, 2]})",
        "text = Path('prose.txt').read_text()\nint(text)",
        "1 / 0",
        "x = int('bank')",
        "not python",
        "df = pd.read_csv('bank.csv', sep=';', encoding='cp1252')",
    ],
)
def test_nothing_is_told_where_nothing_shows_a_wrong_reading(source: str) -> None:
    assert run(source) == ""


@pytest.mark.parametrize("name", ["banks.csv", "Bank.csv", "./bnk.csv"])
def test_the_one_file_that_may_be_meant_is_described_where_one_is_missing(name: str) -> None:
    assert "read it with: pd.read_csv('bank.csv'" in run(f"df = pd.read_csv({name!r})")


@pytest.mark.parametrize("name", ["zebra.parquet", "nowhere/bank.csv"])
def test_no_file_is_described_where_none_has_a_similar_name(name: str) -> None:
    assert run(f"text = open({name!r})") == ""
