"""Stop, wherever the user presses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .browsing import Visit, step
from .chat import Chat

pytestmark = pytest.mark.browser

QUESTION = "%%codeact\nCount the points"
SLOWLY = ["I count", " the points.\n```python\ncount = 4\n```"]
FOREVER = step("import time\nprint('begun')\nwhile True:\n    time.sleep(0.01)")


def test_stop_in_the_panel_of_the_question_ends_the_generation(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, replies=[SLOWLY, "There are 4."])
    notebook.run(1)
    expect(notebook.widget).to_contain_text("I count")
    notebook.widget.get_by_role("button", name="Stop").click()
    expect(notebook.panel).to_contain_text("Stopped")
    notebook.ask("Once more")
    expect(notebook.panel).to_contain_text("There are 4.")
    expect(notebook.staged).to_have_count(0)


def test_stop_in_the_chat_ends_the_generation(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, replies=[SLOWLY])
    notebook.run(1)
    chat = Chat(notebook.page)
    expect(chat.panel).to_contain_text("I count")
    chat.button("Stop").click()
    expect(chat.panel).to_contain_text("topped")
    expect(notebook.panel).to_contain_text("Stopped")
    expect(notebook.staged).to_have_count(0)


def test_stop_in_the_bar_ends_the_running_step(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, replies=[FOREVER])
    notebook.run(1)
    notebook.control(1, "Run").click()
    expect(notebook.bar(1)).to_contain_text("running")
    expect(notebook.output("while True")).to_have_text("begun")
    notebook.control(1, "Stop").click()
    expect(notebook.cell("while True")).to_contain_text("KeyboardInterrupt")
    expect(notebook.panel).to_contain_text("Stopped")
    assert notebook.value("6 * 7") == "42"


def test_stop_in_the_panel_of_the_question_ends_the_running_step(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, replies=[FOREVER])
    notebook.run(1)
    notebook.control(1, "Run").click()
    expect(notebook.output("while True")).to_have_text("begun")
    notebook.widget.get_by_role("button", name="Stop").click()
    expect(notebook.cell("while True")).to_contain_text("KeyboardInterrupt")
    expect(notebook.staged).to_have_count(0)
