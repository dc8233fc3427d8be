"""A step is approved only where it was in view: all of its code and its trial, for a moment."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .browsing import Visit, step
from .chat import Chat
from .notebook import Notebook

pytestmark = pytest.mark.browser

QUESTION = "%%codeact\nHow many points are there?"
LINES = 80
LONG = step("\n".join(f"row_{number} = {number}" for number in range(LINES)))
WIDE = step("short = 1\nwide = [" + ", ".join(map(str, range(150))) + "]")
NOTICE = "Not run yet"


def asked(lab: Visit, reply: str) -> Notebook:
    notebook = lab.notebook(QUESTION, replies=[reply, "There are 8."])
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    return notebook


def test_a_step_whose_end_was_not_in_view_is_not_approved(lab: Visit) -> None:
    notebook = asked(lab, LONG)
    run = notebook.bar(1).get_by_role("button", name="Run", exact=True)
    run.click()
    expect(notebook.bar(1)).to_contain_text(NOTICE)
    notebook.staged.locator(".jp-InputPrompt").click()
    notebook.keys.press("Shift+Enter")
    notebook.keys.press("ControlOrMeta+Enter")
    notebook.keys.press("Alt+Shift+Enter")
    expect(notebook.staged).to_have_count(1)
    notebook.read(1)
    notebook.staged.locator(".jp-InputPrompt").click()
    notebook.keys.press("Shift+Enter")
    expect(notebook.marks).to_contain_text("approved as proposed")
    assert notebook.value("row_1") == "1"


def test_the_end_of_a_long_line_is_in_view(lab: Visit) -> None:
    notebook = asked(lab, WIDE)
    notebook.read(1)
    scroller = notebook.staged.locator(".cm-scroller")
    assert scroller.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
    card = Chat(notebook.page).card("waits")
    assert card.locator("pre").first.evaluate("node => node.scrollWidth <= node.clientWidth + 1")


def test_a_card_whose_end_was_not_in_view_is_not_approved(lab: Visit) -> None:
    notebook = asked(lab, LONG)
    card = Chat(notebook.page).card("waits")
    card.get_by_role("button", name="Run", exact=True).click()
    expect(card).to_contain_text(NOTICE)
    expect(notebook.staged).to_have_count(1)


def test_a_step_whose_code_is_collapsed_is_opened_before_it_is_approved(lab: Visit) -> None:
    notebook = asked(lab, step("count = 4\ncount"))
    notebook.staged.locator(".jp-InputPrompt").click()
    notebook.staged.locator(".jp-InputCollapser").click()
    expect(notebook.staged.locator(".cm-content")).to_be_hidden()
    notebook.bar(1).get_by_role("button", name="Run", exact=True).click()
    expect(notebook.staged.locator(".cm-content")).to_be_visible()
    expect(notebook.bar(1)).to_contain_text(NOTICE)
    notebook.control(1, "Run").click()
    expect(notebook.marks).to_contain_text("approved as proposed")
