"""The quickstart's session as data and documents: exported, imported back, replayed, cleaned, folded and reported."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from codeact_jupyter.cli import main
from codeact_jupyter.headless import Decision, Driver

from .conftest import step
from .test_headless import STARTUP

pytestmark = pytest.mark.kernel

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
DECISIONS = {
    "penguins = penguins.dropna()": Decision(reason="Keep all rows."),
    "penguins.groupby('species')['mass'].mean()": None,  # it fails
    "means = penguins.groupby('species')['body_mass_g'].mean()\nprint(means)": Decision(
        "means = penguins.groupby('species')['body_mass_g'].mean()\nmeans"
    ),
    "print(means.idxmax(), round(means.max()))": None,
}
ANSWER = "The heaviest species is Gentoo, with a mean body mass of 5076 g."


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hold the session, with a rejected, a failed and an edited step; return the notebook."""
    startup = tmp_path / "ipython/profile_default/startup"
    startup.mkdir(parents=True)
    replies = [*map(step, DECISIONS), ANSWER]
    (startup / "00.py").write_text(STARTUP.format(replies=replies), encoding="utf-8")
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("JUPYTER_RUNTIME_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    notebook = nbformat.read(QUICKSTART, as_version=4)
    path = tmp_path / "quickstart.ipynb"
    driver = Driver(notebook, decide=lambda code: DECISIONS[code] or Decision(code), name=str(path), max_seconds=300)
    assert driver.run().answer == ANSWER
    ends = [
        sum(output.get("metadata") == {"codeact": {"end": True}} for output in cell.get("outputs", []))
        for cell in notebook.cells
    ]
    assert ends == [int("codeact" in cell.metadata) for cell in notebook.cells]
    nbformat.write(notebook, path)
    return path


def test_the_quickstarts_session_travels(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--journals", "codeact-jupyter/sessions"]

    def done(*words: str) -> str:
        assert main([*words, *([] if words[0] == "import" else where)]) == 0, capsys.readouterr()
        return capsys.readouterr().out

    assert "4 of 4 cells have the recorded outputs" in done("replay", book.name)

    counts = {}
    for form in ("codeactinstruct", "chat", "preference"):
        done("export", book.name, "--format", form, "--out", f"{form}.jsonl")
        counts[form] = Path(f"{form}.jsonl").read_text(encoding="utf-8").splitlines()
    assert [len(lines) for lines in counts.values()] == [1, 1, 2]
    assert [json.loads(each)["decision"] for each in counts["preference"]] == ["rejected", "edited"]
    for form in ("codeactinstruct", "chat"):
        done("import", f"{form}.jsonl", "--out", f"{form}-read")
        done("export", f"{form}-read", "--format", form, "--out", f"{form}-again.jsonl")
        assert Path(f"{form}-again.jsonl").read_bytes() == Path(f"{form}.jsonl").read_bytes()

    done("keep", book.name, "--out", "clean.ipynb")
    cells = [cell for cell in nbformat.read("clean.ipynb", as_version=4).cells if cell.cell_type == "code"]
    assert [cell.source.splitlines()[-1] for cell in cells] == [
        "penguins.head()",
        "means",
        "print(means.idxmax(), round(means.max()))",
    ]
    assert "1 cell folded" in done("collapse", book.name, "--out", "folded.ipynb")
    report = done("report", book.name)
    assert "Keep all rows." in report
    assert "[paused]" not in report
    assert [line.strip() for line in report.splitlines() if line.strip()[:2] in ("-p", "+m")] == [
        "-print(means)",
        "+means",
    ]
