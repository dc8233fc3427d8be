"""Reloads, closed tabs and dead kernels: the step arrives once, in its place, and waits for the user."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .browsing import SETUP, Visit, step
from .chat import Chat
from .notebook import Notebook

pytestmark = pytest.mark.browser

QUESTION = "%%codeact\nCount the points"
COUNT = step("count = 4\ncount", "I count the points.")
SLOWLY = ["I count", " the points.\n```python\ncount = 4\ncount\n```"]
ANSWER = "There are 4."
#: A page has the time that it needs to put the step in.
PATIENT = f"{SETUP}\nimport codeact_jupyter.lab.host as host\nhost.PAGE_ACKNOWLEDGE_SECONDS = 1000"


def approve_and_answer(notebook: Notebook) -> None:
    """Approve the waiting first step, which must be there once, and see the answer."""
    expect(notebook.bar(1)).to_have_count(1)
    notebook.control(1, "Run").click()
    expect(notebook.marks).to_have_count(1)
    expect(notebook.output("count = 4")).to_have_text("4")
    expect(Chat(notebook.page).panel).to_contain_text(ANSWER)


def test_a_waiting_step_is_there_after_a_reload(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, "last = 1", replies=[COUNT, ANSWER])
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    notebook.saved()
    notebook.page.reload()
    notebook.ready()
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells).to_have_count(4)
    approve_and_answer(notebook)


def test_a_waiting_step_that_was_not_saved_comes_again_after_a_reload(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, "last = 1", replies=[COUNT, ANSWER])
    notebook.saved()
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    notebook.page.reload()
    notebook.ready()
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells.nth(2)).to_contain_text("count = 4")
    expect(notebook.cells.nth(3)).to_contain_text("last = 1")
    approve_and_answer(notebook)


def test_a_generation_goes_on_over_a_reload(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, "last = 1", replies=[SLOWLY, ANSWER])
    notebook.run(1)
    expect(notebook.widget).to_contain_text("I count")
    notebook.saved()
    notebook.page.reload()
    notebook.ready()
    notebook.release()
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells.nth(2)).to_contain_text("count = 4")
    approve_and_answer(notebook)


def test_the_step_comes_below_its_question_in_a_changed_notebook_and_at_the_end_if_that_was_deleted(lab: Visit) -> None:
    replies = [SLOWLY, ANSWER, ["I double", " it.\n```python\ndouble = 8\ndouble\n```"], "It is 8."]
    notebook = lab.notebook(QUESTION, "mine = 1", "last = 1", replies=replies)
    notebook.run(1)
    expect(notebook.widget).to_contain_text("I count")
    notebook.cell("Count the points").locator(".jp-InputPrompt").click()
    notebook.keys.press("Control+Shift+ArrowDown")
    expect(notebook.cells.nth(2)).to_contain_text("Count the points")
    notebook.menu("File", "Rename Notebook…")
    dialog = notebook.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("renamed.ipynb")
    dialog.get_by_role("button", name="Rename").click()
    expect(notebook.page.get_by_role("tab", name="renamed.ipynb")).to_be_visible()
    notebook.release()
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells.nth(3)).to_contain_text("count = 4")
    expect(notebook.cells.nth(4)).to_contain_text("last = 1")
    approve_and_answer(notebook)
    (notebook.file.parent / "go").unlink()
    notebook.rewrite(notebook.cell("mine = 1"), "%%codeact\nDouble it")
    question = notebook.run(1)
    expect(question).to_contain_text("I double")
    question.locator(".jp-InputPrompt").click()
    notebook.keys.press("d")
    notebook.keys.press("d")
    expect(notebook.cell("Double it")).to_have_count(0)
    notebook.release()
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells.last).to_contain_text("double = 8")
    notebook.control(1, "Run").last.click()
    expect(Chat(notebook.page).panel).to_contain_text("It is 8.")


def test_a_closed_notebook_gets_its_step_when_it_is_opened_again(lab: Visit) -> None:
    path = lab.write(QUESTION, "last = 1", replies=[SLOWLY, ANSWER])
    first = lab.open(path)
    first.run(0)
    first.run(1)
    expect(first.widget).to_contain_text("I count")
    first.saved()
    first.page.close()
    first.release()
    notebook = lab.open(path)
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells.nth(2)).to_contain_text("count = 4")
    approve_and_answer(notebook)


def test_with_two_tabs_of_a_notebook_the_step_comes_once(lab: Visit) -> None:
    path = lab.write(QUESTION, "last = 1", replies=[SLOWLY, ANSWER], setup=PATIENT)
    notebook = lab.open(path)
    notebook.run(0)
    other = lab.open(path)
    notebook.page.bring_to_front()
    notebook.run(1)
    expect(notebook.widget).to_contain_text("I count")
    notebook.release()
    expect(notebook.staged).to_have_count(1)
    expect(Chat(other.page).panel).to_contain_text("I count the points.")
    expect(other.staged).to_have_count(0)
    approve_and_answer(notebook)


def test_in_a_duplicated_tab_the_step_comes_once(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, "last = 1", replies=[SLOWLY, ANSWER], setup=PATIENT)
    notebook.saved()
    with notebook.page.expect_popup() as opened:
        notebook.page.evaluate("void window.open(location.href)")  # with a copy of the tab's storage, as a duplicate
    other = Notebook(opened.value, notebook.file).ready()
    notebook.page.bring_to_front()
    notebook.run(1)
    expect(notebook.widget).to_contain_text("I count")
    notebook.release()
    expect(notebook.staged).to_have_count(1)
    card = Chat(other.page).card("waits")
    expect(card).to_contain_text("count = 4")
    expect(other.staged).to_have_count(0)
    approve_and_answer(notebook)


def test_two_notebooks_talk_to_their_own_kernels(lab: Visit) -> None:
    left = lab.notebook(QUESTION, replies=[SLOWLY, "Left: 4."], name="left")
    left.run(1)
    expect(left.widget).to_contain_text("I count")
    right = lab.notebook(QUESTION, replies=[step("right = 5"), "Right: 5."], name="right")
    right.run(1)
    expect(right.bar(1)).to_be_visible()
    left.release()
    right.control(1, "Run").click()
    expect(right.panel).to_contain_text("Right: 5.")
    expect(right.cell("count = 4")).to_have_count(0)
    left.page.bring_to_front()
    expect(left.staged).to_contain_text("count = 4")
    left.control(1, "Run").click()
    expect(left.panel).to_contain_text("Left: 4.")


def test_two_notebooks_in_one_tab_get_each_its_own_step(lab: Visit) -> None:
    other = lab.write(QUESTION, replies=[COUNT, "Right: 4."], name="right")
    notebook = lab.notebook(QUESTION, replies=[SLOWLY, "Left: 4."], name="left")
    notebook.run(1)
    expect(notebook.widget).to_contain_text("I count")
    notebook.menu("File", "Open from Path…")
    notebook.page.get_by_role("dialog").get_by_role("textbox").fill(other)
    notebook.keys.press("Enter")
    expect(notebook.page.get_by_role("tab", name="right.ipynb")).to_be_visible()
    notebook.ready()
    notebook.release()
    expect(notebook.page.get_by_text("left.ipynb: step 1 waits for you.")).to_be_visible()
    assert notebook.value("6 * 7") == "42"
    expect(notebook.cell("count = 4")).to_have_count(0)
    notebook.page.get_by_role("tab", name="left.ipynb").click()
    expect(notebook.staged).to_contain_text("count = 4")
    notebook.control(1, "Run").click()
    expect(notebook.panel).to_contain_text("Left: 4.")


def test_after_a_kernel_restart_the_same_step_is_offered_again(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, replies=[COUNT, ANSWER])
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    notebook.menu("Kernel", "Restart Kernel…")
    notebook.page.get_by_role("button", name="Confirm Kernel Restart").click()
    notebook.ready()
    expect(notebook.cell("%%codeact")).to_contain_text(
        "The kernel has ended. Restart it, load CodeAct, and run %codeact continue."
    )
    expect(notebook.cell("%%codeact")).not_to_contain_text("waits for you")
    notebook.run(0)
    chat = Chat(notebook.page)
    expect(chat.panel).to_contain_text("Count the points")
    expect(chat.panel).to_contain_text("I count the points.")
    notebook.run(notebook.add("%codeact continue"))
    expect(notebook.staged).to_have_count(1)
    expect(notebook.staged).to_contain_text("count = 4")
    approve_and_answer(notebook)


def test_a_kernel_that_dies_while_a_step_waits_runs_nothing(lab: Visit) -> None:
    notebook = lab.notebook(
        QUESTION, "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", replies=[COUNT, ANSWER]
    )
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    notebook.send(notebook.cell("SIGKILL"))
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    notebook.ready()
    expect(notebook.control(1, "Run")).to_have_count(0)
    expect(notebook.indicator).to_be_hidden()
    expect(notebook.cell("count = 4")).to_have_count(1)
    notebook.run(0)
    notebook.run(notebook.add("%codeact continue"))
    approve_and_answer(notebook)


def test_a_panel_of_a_kernel_that_ended_before_the_reload_says_so(lab: Visit) -> None:
    notebook = lab.notebook(QUESTION, replies=[COUNT, ANSWER])
    notebook.run(1)
    expect(notebook.widget).to_contain_text("waits for you")
    notebook.saved()
    lab.server.end_kernels()
    notebook.page.reload()
    notebook.ready()
    expect(notebook.cell("%%codeact")).to_contain_text(
        "The kernel has ended. Restart it, load CodeAct, and run %codeact continue."
    )
    expect(notebook.widget).to_have_count(0)
    expect(notebook.panel).not_to_contain_text("Error displaying widget")
