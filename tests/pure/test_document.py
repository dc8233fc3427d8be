"""A notebook with questions and answers, exported by nbconvert as readable text."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter, PythonExporter
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from traitlets.config import Config

from codeact_jupyter.notebook.document import AsDocument
from codeact_jupyter.session.messages import Answer, Approval, Event, Observation, Prompt

from ..books import book, cell_of, own, printed, proposal, shown

AS_DOCUMENT = Config(
    {
        "Exporter": {"preprocessors": ["codeact_jupyter.notebook.document.AsDocument"]},
        "AsDocument": {"journals": "journals"},
    }
)
WIDGET = {"application/vnd.jupyter.widget-view+json": {"model_id": "a", "version_major": 2, "version_minor": 0}}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def cells() -> list[NotebookNode]:
    told = {"text/plain": "CodeAct · Answered (qwen)\n\nIt is **12**.\n\n2 turns", "text/html": "<pre>It is</pre>"}
    panel = new_output("display_data", told, metadata={"codeact": {"answer": "It is **12**."}})
    return [
        own("%load_ext codeact_jupyter\npoints = [3, 4, 5]"),
        new_code_cell("%%codeact --max-turns 3\nThe sum of *all*\nof them?", outputs=[panel], execution_count=2),
        cell_of("a1", "total = sum(points)\ntotal", shown("12")),
    ]


EVENTS: list[Event] = [
    Prompt("The sum of *all*\nof them?"),
    proposal("a1", 1, "total = sum(points)\ntotal"),
    Approval("a1", "total = sum(points)\ntotal"),
    Observation("a1", "12", True),
    Answer("It is **12**, as the journal has it."),
]


@pytest.mark.parametrize(("journal", "answer"), [(False, "It is **12**."), (True, "as the journal has it.")])
def test_a_script_has_questions_and_answers_as_comments_around_the_steps(
    folder: Path, journal: bool, answer: str
) -> None:
    path = book(folder / "book.ipynb", cells(), EVENTS if journal else (), folder / "journals")
    script, _ = PythonExporter(config=AS_DOCUMENT).from_filename(str(path))
    assert "codeact" not in script.replace("codeact-jupyter", "")
    lines = [line for line in script.splitlines() if line and not line.startswith(("# In[", "#!", "# coding"))]
    assert lines[0] == "points = [3, 4, 5]"
    assert lines.index("# The sum of *all*") < lines.index("# of them?") < lines.index("total = sum(points)")
    assert answer in lines[-1] and lines[-1].startswith("# ")
    compile(script, "book.py", "exec")


def test_a_page_shows_the_question_the_step_its_output_and_the_answer(folder: Path) -> None:
    path = book(folder / "book.ipynb", cells())
    page, _ = HTMLExporter(config=AS_DOCUMENT).from_filename(str(path))
    places = [page.index(text) for text in ("The sum of *all*", ">total</span>", "<pre>12</pre>", "It is <strong>12")]
    assert places == sorted(places)
    assert "%%codeact" not in page and "CodeAct ·" not in page


def test_without_the_preprocessor_a_panel_is_text_also_while_it_waits(folder: Path) -> None:
    waits = {**WIDGET, "text/plain": "CodeAct · Step 1 waits", "text/html": "<pre>Step 1 waits</pre>"}
    path = book(folder / "book.ipynb", [new_code_cell("%%codeact\nWhy?", outputs=[new_output("display_data", waits)])])
    page, _ = HTMLExporter().from_filename(str(path))
    assert "<pre>Step 1 waits</pre>" in page


def test_figures_of_steps_inside_the_asking_cell_and_the_state_of_widgets_stay(folder: Path) -> None:
    figure = new_output("display_data", {"image/png": "aGVsbG8=", "text/plain": "<Figure>"})
    asked = new_code_cell("%%codeact\nThe sum of *all*\nof them?", outputs=[printed("[step 1]\n"), figure])
    path = book(folder / "book.ipynb", [asked], EVENTS, folder / "journals")
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    resources = {"metadata": {"path": str(folder), "name": "book"}}
    document, _ = AsDocument(journals="journals").preprocess(notebook, resources)
    assert [cell.get("outputs") for cell in document.cells if cell.cell_type == "code"] == [[figure]]
    assert "widgets" in document.metadata


def test_a_journal_that_cannot_be_read_is_said_and_the_rest_is_exported(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = book(folder / "book.ipynb", cells(), EVENTS, folder / "journals")
    (journal,) = (folder / "journals").glob("*/*.jsonl")
    journal.with_name("20990101-000000-newer.jsonl").write_text('{"journal": 99}\n')
    script, _ = PythonExporter(config=AS_DOCUMENT).from_filename(str(path))
    assert "as the journal has it" in script
    assert "20990101-000000-newer: This journal has format 99" in caplog.text


def test_a_notebook_of_which_nothing_is_known_is_exported_as_it_is(folder: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[own("print(1)", printed("1\n")), new_code_cell("%%codeact\nWhy?")])
    script, _ = PythonExporter(config=AS_DOCUMENT).from_notebook_node(notebook)
    assert "print(1)" in script and "# Why?" in script
