"""Notebook 7: one notebook, a page to itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .browsing import Visit, step
from .chat import Chat

pytestmark = pytest.mark.browser


def test_a_question_is_asked_approved_and_answered_in_notebook_7(lab: Visit) -> None:
    notebook = lab.notebook(
        "%%codeact\nHow many points?", "last = 1", app="notebooks", replies=[step("count = 4\ncount"), "There are 4."]
    )
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    expect(notebook.indicator).to_contain_text("1 cell waits for you")
    expect(notebook.cells.nth(2)).to_contain_text("count = 4")
    notebook.control(1, "Run").click()
    expect(notebook.marks).to_contain_text("CodeAct step 1 · approved as proposed")
    expect(notebook.panel).to_contain_text("There are 4.")
    expect(notebook.staged).to_have_count(0)


def test_the_chat_works_in_notebook_7(lab: Visit) -> None:
    notebook = lab.notebook(app="notebooks", replies=[step("count = 4\ncount"), "There are 4."])
    notebook.menu("View", "Right Sidebar", "Show CodeAct")
    chat = Chat(notebook.page)
    chat.say("How many points?")
    expect(notebook.staged).to_have_count(1)
    chat.run.click()
    expect(chat.panel).to_contain_text("There are 4.")
    expect(chat.card("done")).to_have_count(1)
    expect(notebook.output("count = 4")).to_have_text("4")
