"""Beside jupyter-collaboration, which shares each notebook between all who have it open, and beside Jupyter AI."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from codeact_jupyter.kernel.run_all import RUN_ALL_SECONDS

from .browsing import Visit, step
from .chat import Chat
from .notebook import RAN

pytestmark = pytest.mark.browser

QUESTION = "%%codeact\nHow many points?"
COUNT = step("count = 4\ncount", "I count the points.")
SLOWLY = ["I count", " the points.\n```python\ncount = 4\ncount\n```"]
ANSWER = "There are 4."


def test_a_shared_notebook_has_the_step_once_and_the_page_that_asked_approves_it(shared_lab: Visit) -> None:
    path = shared_lab.write(QUESTION, "last = 1", replies=[SLOWLY, ANSWER])
    mine = shared_lab.open(path)
    mine.run(0)
    other = shared_lab.open(path)
    mine.page.bring_to_front()
    mine.run(1)
    mine.release()
    for notebook in (mine, other):
        notebook.page.bring_to_front()
        expect(notebook.bar(1)).to_be_visible()
        expect(notebook.staged).to_have_count(1)
        expect(notebook.cells).to_have_count(4)
        expect(notebook.cells.nth(2)).to_contain_text("count = 4")
        expect(notebook.cells.nth(2).locator(".jp-InputPrompt")).to_have_text("[ ]:")
    other.control(1, "Run").click()
    expect(other.bar(1).get_by_role("status")).to_contain_text("the step waits in the tab that asked")
    mine.page.bring_to_front()
    mine.control(1, "Run").click()
    expect(mine.output("count = 4")).to_have_text("4")
    for notebook in (mine, other):
        notebook.page.bring_to_front()
        expect(notebook.marks).to_contain_text("approved as proposed")
    expect(Chat(mine.page).panel).to_contain_text(ANSWER)
    expect(mine.cell("count = 4")).to_have_count(1)
    assert len(mine.prompts) == 2


def test_an_edit_of_the_other_user_is_seen_and_what_is_seen_is_what_runs(shared_lab: Visit) -> None:
    path = shared_lab.write(QUESTION, replies=[COUNT, ANSWER])
    mine = shared_lab.open(path)
    mine.run(0)
    mine.run(1)
    expect(mine.bar(1)).to_be_visible()
    other = shared_lab.open(path)
    expect(other.bar(1)).to_be_visible()
    other.rewrite(other.staged, "count = 40\ncount")
    mine.page.bring_to_front()
    expect(mine.bar(1)).to_contain_text("edited")
    expect(mine.staged).to_contain_text("count = 40")
    mine.control(1, "Run edited").click()
    expect(mine.output("count = 40")).to_have_text("40")
    expect(mine.marks).to_contain_text("edited by you")


def test_a_shared_notebook_has_the_waiting_step_once_after_a_reload(shared_lab: Visit) -> None:
    notebook = shared_lab.notebook(QUESTION, "last = 1", replies=[COUNT, ANSWER])
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    notebook.page.reload()
    notebook.ready()
    expect(notebook.bar(1)).to_have_count(1)
    expect(notebook.cells).to_have_count(4)
    expect(notebook.cells.nth(2)).to_contain_text("count = 4")
    output, told = notebook.output("count = 4"), notebook.bar(1).get_by_text("try again in a moment")
    for _ in range(60):  # until the kernel has heard that the page before the reload is gone
        notebook.control(1, "Run").click()
        expect(output.or_(told).first).to_be_visible()
        if output.is_visible():
            break
        notebook.page.wait_for_timeout(500)
    expect(output).to_have_text("4")
    expect(Chat(notebook.page).panel).to_contain_text(ANSWER)


def test_run_all_stops_at_the_staged_cell_of_a_shared_notebook(shared_lab: Visit) -> None:
    notebook = shared_lab.notebook("own = 1", QUESTION, "later = True", replies=[COUNT, ANSWER])
    notebook.run(2)
    expect(notebook.bar(1)).to_be_visible()
    notebook.cell("own = 1").locator(".jp-InputPrompt").click()
    notebook.keys.press("Shift+ArrowDown")
    notebook.cell("count = 4").locator(".jp-InputPrompt").click()
    notebook.menu("Run", "Run Selected Cell and All Below")
    expect(notebook.staged).to_contain_text("it waits for you")
    notebook.page.wait_for_timeout(1000 * RUN_ALL_SECONDS)  # so that the next cell is the user's, and not one of all
    assert notebook.value("{'count', 'later'} & {*globals()}") == "set()"


def test_the_chat_answers_beside_the_one_of_jupyter_ai(shared_lab: Visit) -> None:
    notebook = shared_lab.notebook(setup="import scripted\nscripted.play()\npoints = [3, 4]", replies=[COUNT, ANSWER])
    notebook.page.locator("[data-id='JupyterlabChat:sidepanel']").click()
    expect(notebook.page.locator("[id='JupyterlabChat:sidepanel']")).to_be_visible()
    notebook.cells.first.locator(".jp-InputPrompt").click()
    notebook.keys.press("ControlOrMeta+Shift+2")
    chat = Chat(notebook.page)
    expect(chat.input).to_be_focused()
    notebook.keys.type("/he")
    expect(notebook.page.locator("[role=option]")).to_have_text(re.compile("^/help"))
    chat.say("How many points?")
    card = chat.card("waits")
    expect(card).to_contain_text("count = 4")
    expect(notebook.staged).to_have_count(1)
    chat.run.click()
    expect(notebook.cell("count = 4").locator(".jp-InputPrompt")).to_have_text(RAN)
    expect(chat.panel).to_contain_text(ANSWER)
