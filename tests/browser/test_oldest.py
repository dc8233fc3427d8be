"""The oldest JupyterLab, Notebook and ipykernel that are supported: five flows."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .browsing import Visit, step
from .chat import Chat

pytestmark = pytest.mark.browser

QUESTION = "%%codeact\nHow many points?"
COUNT = step("count = 4\ncount", "I count the points.")
ANSWER = "There are 4."
BUSY = "import pathlib, time\nwhile not pathlib.Path('free').exists():\n    time.sleep(0.02)"


def test_oldest_lab_a_step_appears_below_its_question_and_run_approves_it(old_lab: Visit) -> None:
    notebook = old_lab.notebook(QUESTION, "last = 1", replies=[COUNT, ANSWER])
    notebook.run(1)
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells.nth(2)).to_contain_text("count = 4")
    notebook.control(1, "Run").click()
    expect(notebook.marks).to_contain_text("CodeAct step 1 · approved as proposed")
    expect(notebook.panel).to_contain_text(ANSWER)


def test_oldest_notebook_a_step_is_approved_with_shift_enter(old_lab: Visit) -> None:
    notebook = old_lab.notebook(QUESTION, app="notebooks", replies=[COUNT, ANSWER])
    notebook.run(1)
    notebook.read(1)
    notebook.run(notebook.cell("count = 4"))
    expect(notebook.marks).to_contain_text("approved as proposed")
    expect(notebook.panel).to_contain_text(ANSWER)


def test_oldest_lab_a_rejection_with_a_reason_brings_another_step(old_lab: Visit) -> None:
    notebook = old_lab.notebook(QUESTION, replies=[COUNT, step("total = 4"), ANSWER])
    notebook.run(1)
    notebook.control(1, "Reject…").click()
    notebook.keys.type("Call it total.")
    notebook.control(1, "Send").click()
    expect(notebook.bar(2)).to_be_visible()
    assert "Call it total." in notebook.prompts[1][-1]


def test_oldest_lab_stop_ends_a_running_step_and_a_generation(old_lab: Visit) -> None:
    forever = step("import time\nprint('begun')\nwhile True:\n    time.sleep(0.01)")
    notebook = old_lab.notebook(QUESTION, replies=[forever, ["I count", " on."]])
    notebook.run(1)
    notebook.control(1, "Run").click()
    expect(notebook.output("while True")).to_have_text("begun")
    notebook.control(1, "Stop").click()
    expect(notebook.cell("while True")).to_contain_text("KeyboardInterrupt")
    notebook.ask("Once more")
    expect(notebook.widget.last).to_contain_text("I count")
    notebook.widget.last.get_by_role("button", name="Stop").click()
    expect(notebook.cell("Once more")).to_contain_text("Stopped")


def test_oldest_lab_the_chat_asks_and_approves(old_lab: Visit) -> None:
    notebook = old_lab.notebook(BUSY, setup="import scripted\nscripted.play()", replies=[COUNT, ANSWER])
    chat = Chat(notebook.page)
    expect(chat.panel.locator(".jp-CodeAct-model")).to_be_enabled()
    notebook.send(1)
    expect(notebook.cells.nth(2)).to_be_visible()
    chat.input.fill("How many points?")  # not by the keyboard: for a moment JupyterLab gives its new cell the focus
    chat.input.press("Enter")
    outgoing = chat.panel.locator(".jp-CodeAct-outgoing[data-state=sent]")
    expect(outgoing).to_contain_text("How many points?")
    expect(outgoing.get_by_role("status")).to_have_text("Waits for the kernel, which is busy")
    (notebook.file.parent / "free").touch()
    chat.run.click()
    expect(outgoing).to_have_count(0)
    expect(chat.panel).to_contain_text(ANSWER)
    expect(chat.card("done")).to_have_count(1)
