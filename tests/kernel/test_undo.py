"""Undo of a step by the pages of a real kernel."""

from __future__ import annotations

import pytest

from .conftest import UNTIL_RELEASED, Lab, step
from .page import Page

pytestmark = pytest.mark.kernel


@pytest.fixture
def page(lab: Lab) -> Page:
    return Page(lab)


def proposals(page: Page) -> list[str]:
    return [item["proposal"] for item in page.items if item["kind"] == "step"]


def states(page: Page) -> list[str]:
    return [item["state"] for item in page.items if item["kind"] == "step"]


def refused(page: Page, proposal: str) -> str:
    with pytest.raises(RuntimeError) as raised:
        page.ask_for(type="undo", proposal=proposal)
    return str(raised.value)


def test_a_page_undoes_the_last_step_that_changed_something(lab: Lab, page: Page) -> None:
    lab.run("values = [1]\nalias = values")
    lab.script(step("values.append(2)"), step("print(values)"), step("print(alias)"), "It is 1.")
    page.ask("What is it?")
    page.wait("waits")
    assert page.status["undo"] == ""
    page.approve()
    page.until(lambda: page.phase == "waits" and len(proposals(page)) == 2)
    page.approve()
    page.until(lambda: page.phase == "waits" and len(proposals(page)) == 3)
    first, _, third = proposals(page)
    assert page.status["undo"] == first
    assert "No step can be undone" in refused(page, third)
    page.ask_for(type="undo", proposal=first)
    page.wait("idle")
    assert (lab.value("values"), lab.value("alias is values")) == ([1], True)
    assert states(page) == ["undone", "done", "left"]
    assert page.items[1]["reason"].startswith("Step 1 is undone: `values` and `alias` are as before.")
    assert {"kind": "note", "text": page.items[1]["reason"]} in page.items
    assert (page.status["undo"], page.pending) == ("", None)
    assert "I have undone a step. Step 1 is undone" in lab.prompts[-1]
    assert lab.answer == "It is 1."


def test_a_page_cannot_undo_what_a_later_cell_changed_nor_while_a_cell_runs(lab: Lab, page: Page) -> None:
    lab.run("values = [1]")
    lab.script(step("values.append(2)"), "Done.")
    page.ask("Append.")
    page.wait("waits")
    page.approve()
    page.wait("idle")
    (proposal,) = proposals(page)
    running = lab.send(f"print('begun', flush=True)\n{UNTIL_RELEASED}")
    lab.wait_for(running, "begun")
    if page._subshell:  # else the request waits for the cell
        assert "A cell is running" in refused(page, proposal)
    lab.release()
    lab.finish(running)
    lab.run("values.append('mine')")
    assert "Step 1 is not undone: `values` changed after it" in refused(page, proposal)
    assert lab.value("values") == [1, 2, "mine"]
    assert page.status["undo"] == proposal
    lab.run("%codeact undo force")
    page.until(lambda: states(page) == ["undone"])
    assert lab.value("values") == [1]
