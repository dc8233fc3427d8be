"""`jupyter codeact collapse`: the cells of failed attempts are folded in a copy of the notebook."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from codeact_jupyter.cli import main
from codeact_jupyter.session.messages import Answer, Approval, Event, Observation, Prompt, Rejection, Stop, Undone
from codeact_jupyter.session.provenance import step_records

from ..books import book, cell_of, own, proposal, raised, shown


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def events() -> list[Event]:
    return [
        Prompt("How many rows?"),
        *(proposal("a1", 1, "len(dff)"), Approval("a1", "len(dff)")),
        Observation("a1", "NameError", False, error="NameError: dff"),
        *(proposal("b2", 2, "df.drop('x')"), Rejection("b2", "Keep it.")),
        *(proposal("c3", 3, "open('x', 'w')"), Rejection("c3", "Beyond the reach.", auto=True)),
        *(proposal("d4", 4, "n = 3"), Approval("d4", "n = 3"), Observation("d4", "", True), Undone("d4", "Undone.")),
        *(proposal("e5", 5, "len(dg)"), Approval("e5", "len(dg)"), Observation("e5", "NameError", False)),
        *(proposal("f6", 6, "len(df)"), Approval("f6", "len(df)"), Observation("f6", "3", True)),
        Answer("There are 3 rows."),
        Prompt("And columns?"),
        *(proposal("a7", 1, "wait()"), Approval("a7", "wait()"), Stop(reason="The running step was interrupted.")),
        *(Prompt("So?"), proposal("b8", 1, "df.shape")),
    ]


def cells() -> list[NotebookNode]:
    waits = cell_of("b8", "df.shape", state="waits")
    rejected = [cell_of("b2", "df.drop('x')", state="rejected"), cell_of("c3", "open('x', 'w')", state="rejected")]
    for cell in (waits, *rejected):
        cell.execution_count = None
    return [
        new_markdown_cell("# Mine"),
        own("dff", raised("NameError", "dff")),
        new_code_cell("%%codeact\nHow many rows?"),
        cell_of("a1", "len(dff)", raised("NameError", "dff"), state="failed"),
        *rejected,
        cell_of("d4", "n = 3", state="undone"),
        cell_of("e5", "len(df)  # I mended it", shown("3"), state="failed"),
        cell_of("f6", "len(df)", shown("3")),
        cell_of("a7", "wait()", raised("KeyboardInterrupt", ""), state="stopped"),
        waits,
    ]


def folded(name: str) -> list[str]:
    """Return the code of the cells that are folded; the others must be as they were."""
    notebook = nbformat.read(name, as_version=4)
    nbformat.validate(notebook)
    hidden = {"source_hidden": True, "outputs_hidden": True}
    for cell in notebook.cells:
        assert cell.metadata.get("jupyter", {}) in ({}, hidden)
        assert bool(cell.metadata.get("collapsed")) == bool(cell.metadata.get("jupyter"))
    return [cell.source for cell in notebook.cells if cell.metadata.get("jupyter")]


@pytest.mark.parametrize("journals", ["journals", "elsewhere"])
def test_failed_rejected_and_stopped_steps_are_folded_in_a_copy(
    folder: Path, journals: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = book(folder / "book.ipynb", cells(), events(), folder / "journals")
    before = path.read_bytes()
    assert main(["collapse", "book.ipynb", "--journals", journals]) == 0
    assert folded("book-collapsed.ipynb") == ["len(dff)", "df.drop('x')", "open('x', 'w')", "wait()"]
    assert "book-collapsed.ipynb written: 4 cells folded" in capsys.readouterr().out
    assert path.read_bytes() == before
    old, new = (nbformat.read(each, as_version=4).cells for each in ("book.ipynb", "book-collapsed.ipynb"))
    assert [(cell.source, cell.get("outputs")) for cell in old] == [(cell.source, cell.get("outputs")) for cell in new]
    assert main(["collapse", "book.ipynb", "--journals", journals]) == 2
    assert "exists already" in capsys.readouterr().err


def test_cells_of_a_run_without_the_extension_are_folded_by_their_records(folder: Path) -> None:
    records = step_records(((None, event) for event in events()), "20260131-1")
    codes = {"a1": "len(dff)", "f6": "len(df)"}
    steps = [
        new_code_cell(code, metadata={"codeact": {"step": 1, "record": records[id_]}}, execution_count=1)
        for id_, code in codes.items()
    ]
    steps[0].outputs = [raised("NameError", "dff")]
    book(folder / "book.ipynb", [new_code_cell("%%codeact\nHow many rows?"), *steps])
    assert main(["collapse", "book.ipynb", "--out", "out.ipynb", "--journals", "journals"]) == 0
    assert folded("out.ipynb") == ["len(dff)"]


def test_where_nothing_failed_nothing_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book(folder / "book.ipynb", [own("x = 1"), own("y", raised("NameError", "y")), cell_of("f6", "len(df)")])
    assert main(["collapse", "book.ipynb", "--journals", "journals"]) == 1
    assert "Nothing was written" in capsys.readouterr().out
    assert not Path("book-collapsed.ipynb").exists()
