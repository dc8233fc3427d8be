"""A step in the notebook: it arrives below its question, waits, and runs as the user decides."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from codeact_jupyter.kernel.run_all import RUN_ALL_SECONDS

from .browsing import Reply, Visit, step
from .notebook import RAN, Notebook

pytestmark = pytest.mark.browser

QUESTION = "%%codeact\nHow many points are there?"
COUNT = step("count = 4\ncount", "I count the points.")
DOUBLE = step("double = count * 2\ndouble", "Now twice as many.")
ANSWER = "There are 8."
#: Pixels by which the coloured line beside a step reaches into its code.
EDGE = """cell => {
    const line = getComputedStyle(cell, '::after');
    const [code, whole] = [cell.querySelector('.jp-InputArea-editor'), cell].map(it => it.getBoundingClientRect().left);
    return parseFloat(line.left) + parseFloat(line.width) - (code - whole);
}"""


def asked(lab: Visit, *replies: Reply, below: tuple[str, ...] = ()) -> Notebook:
    """A notebook in which the first step waits."""
    notebook = lab.notebook(QUESTION, *below, replies=replies or (COUNT, DOUBLE, ANSWER))
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    return notebook


def test_the_step_appears_below_its_question_while_the_kernel_stays_free(lab: Visit) -> None:
    slowly = ["I count", " the points.\n```python\ncount = 4\n```"]
    notebook = lab.notebook(QUESTION, "mine = 6 * 7\nmine", replies=[slowly])
    notebook.run(1)
    expect(notebook.widget).to_contain_text("I count")
    mine = notebook.run(notebook.cell("mine ="))
    expect(mine.locator(".jp-OutputArea-output")).to_have_text("42")
    expect(notebook.staged).to_have_count(0)
    notebook.release()
    expect(notebook.staged).to_have_count(1)
    expect(notebook.cells.nth(2)).to_contain_text("count = 4")
    expect(notebook.cells.nth(2).locator(".jp-InputPrompt")).to_have_text("[ ]:")
    expect(notebook.cells.nth(3)).to_contain_text("mine =")
    for width in (1280, 1120, 1000):  # the press that makes the step the active cell moves no button away from it
        notebook.page.set_viewport_size({"width": width, "height": 900})
        notebook.edit(notebook.cell("mine ="))
        before = notebook.control(1, "Run").bounding_box()
        notebook.edit(notebook.cell("count = 4"))
        assert notebook.control(1, "Run").bounding_box() == before
    notebook.page.set_viewport_size({"width": 700, "height": 900})  # the prompt is above the code now
    assert notebook.staged.evaluate(EDGE) <= 0


def test_run_in_the_bar_approves_and_each_step_follows_below_the_last(lab: Visit) -> None:
    notebook = asked(lab, below=("last = 1",))
    notebook.control(1, "Run").click()
    expect(notebook.bar(2)).to_be_visible()
    expect(notebook.marks).to_contain_text("CodeAct step 1 · approved as proposed")
    expect(notebook.cells.nth(2)).to_contain_text("count = 4")
    expect(notebook.output("count = 4")).to_have_text("4")
    expect(notebook.cells.nth(3)).to_contain_text("double = count * 2")
    expect(notebook.cells.nth(4)).to_contain_text("last = 1")
    notebook.control(2, "Run").click()
    expect(notebook.panel).to_contain_text(ANSWER)
    expect(notebook.staged).to_have_count(0)
    expect(notebook.indicator).to_be_hidden()
    notebook.control(2, "Undo").click()
    expect(notebook.marks.last).to_contain_text("Step 2 is undone: double is removed.")
    assert notebook.value("{'count', 'double'} & {*globals()}") == "{'count'}"
    notebook.run(notebook.add("count = 'mine'"))
    notebook.control(1, "Undo").click()
    expect(notebook.bar(1)).to_contain_text("Step 1 is not undone: count changed after it")
    assert notebook.value("count") == "'mine'"


def test_shift_enter_on_the_staged_cell_approves_it(lab: Visit) -> None:
    notebook = asked(lab)
    notebook.read(1)
    notebook.run(notebook.cell("count = 4"))
    expect(notebook.output("count = 4")).to_have_text("4")
    expect(notebook.marks).to_contain_text("approved as proposed")
    expect(notebook.bar(2)).to_be_visible()


def test_an_edited_step_runs_as_edited_and_the_model_reads_the_change(lab: Visit) -> None:
    notebook = asked(lab)
    notebook.control(1, "Edit").click()
    notebook.keys.press("ControlOrMeta+Home")
    notebook.keys.press("End")
    notebook.keys.type("0")
    expect(notebook.bar(1)).to_contain_text("edited")
    notebook.control(1, "Show change").click()
    change = notebook.panel.locator(".jp-CodeAct-diff")
    expect(change).to_contain_text("count = 4")
    expect(change).to_contain_text("count = 40")
    notebook.control(1, "Run edited").click()
    expect(notebook.bar(2)).to_be_visible()
    expect(notebook.marks).to_contain_text("edited by you")
    expect(notebook.output("count = 40")).to_have_text("40")
    assert "-count = 4\n+count = 40" in notebook.prompts[1][-1]


def test_restore_brings_the_proposed_code_back(lab: Visit) -> None:
    notebook = asked(lab)
    notebook.rewrite(notebook.staged, "count = 99")
    notebook.control(1, "Restore").click()
    expect(notebook.staged.locator(".cm-content")).to_have_text("count = 4\ncount", use_inner_text=True)
    notebook.control(1, "Run").click()
    refused = notebook.bar(1).get_by_role("status")
    expect(refused.or_(notebook.marks).first).to_be_visible()
    if refused.is_visible():  # pressed before the page had noticed that the code is another one
        notebook.control(1, "Run").click()
    expect(notebook.marks).to_contain_text("approved as proposed")


def test_a_rejection_with_a_reason_brings_another_step(lab: Visit) -> None:
    notebook = asked(lab, COUNT, step("total = 4"), ANSWER)
    notebook.control(1, "Reject…").click()
    notebook.keys.type("Call it total.")
    expect(notebook.bar(1).get_by_role("textbox", name="Reason")).to_have_value("Call it total.")
    notebook.control(1, "Send").click()
    expect(notebook.bar(2)).to_be_visible()
    expect(notebook.staged).to_contain_text("total = 4")
    assert "Call it total." in notebook.prompts[1][-1]
    expect(notebook.cell("count = 4").locator(".jp-InputPrompt")).to_have_text("[ ]:")


def test_a_rejection_without_a_reason_ends_the_question(lab: Visit) -> None:
    notebook = asked(lab)
    notebook.control(1, "Reject…").click()
    notebook.control(1, "Cancel").click()
    notebook.control(1, "Reject…").click()
    notebook.control(1, "Send").click()
    expect(notebook.staged).to_have_count(0)
    expect(notebook.panel).to_contain_text("Rejected")
    assert len(notebook.prompts) == 1


def test_stop_in_the_panel_of_the_question_ends_a_waiting_step(lab: Visit) -> None:
    notebook = asked(lab)
    notebook.widget.get_by_role("button", name="Stop").click()
    expect(notebook.panel).to_contain_text("Stopped")
    expect(notebook.staged).to_have_count(0)
    expect(notebook.cell("count = 4").locator(".jp-InputPrompt")).to_have_text("[ ]:")


def test_run_all_stops_at_the_staged_cell_and_says_why(lab: Visit) -> None:
    notebook = asked(lab, below=("later = True",))
    notebook.cell("How many").locator(".jp-InputPrompt").click()
    notebook.keys.press("b")
    notebook.keys.press("Enter")
    notebook.keys.type("own = 1")
    notebook.cell("own = 1").locator(".jp-InputPrompt").click()
    notebook.menu("Run", "Run Selected Cell and All Below")
    expect(notebook.cell("own = 1").locator(".jp-InputPrompt")).to_have_text(RAN)
    expect(notebook.staged).to_contain_text("approv")
    notebook.page.wait_for_timeout(1000 * RUN_ALL_SECONDS)  # so that the next cell is the user's, and not one of all
    assert notebook.value("{'count', 'later'} & {*globals()}") == "set()"
    notebook.control(1, "Run").click()
    expect(notebook.bar(2)).to_be_visible()


def test_a_copy_of_a_staged_cell_has_no_approval(lab: Visit) -> None:
    notebook = asked(lab)
    notebook.staged.locator(".jp-InputPrompt").click()
    notebook.keys.press("c")
    notebook.keys.press("v")
    copies = notebook.cell("count = 4")
    expect(copies).to_have_count(2)
    expect(notebook.staged).to_have_count(1)
    expect(notebook.bar(1)).to_have_count(1)
    notebook.run(copies.last)
    expect(notebook.bar(1)).to_be_visible()
    assert len(notebook.prompts) == 1
    notebook.control(1, "Run").click()
    expect(notebook.bar(2)).to_be_visible()


def test_deleting_the_cell_rejects_the_step_and_undo_brings_an_ordinary_cell(lab: Visit) -> None:
    notebook = asked(lab, below=("last = 1",))
    notebook.page.wait_for_timeout(600)  # JupyterLab undoes what happens within half a second as one
    notebook.staged.locator(".jp-InputPrompt").click()
    notebook.keys.press("d")
    notebook.keys.press("d")
    expect(notebook.panel).to_contain_text("Rejected")
    expect(notebook.cell("count = 4")).to_have_count(0)
    notebook.keys.press("z")
    expect(notebook.cell("count = 4")).to_have_count(1)
    expect(notebook.staged).to_have_count(0)
    expect(notebook.panel.get_by_role("button", name="Run", exact=True)).to_have_count(0)


def test_the_indicator_leads_to_the_cell_that_waits(lab: Visit) -> None:
    notebook = lab.notebook(
        QUESTION, *(f"# line\nown_{number} = {number}\n\n\n\n" for number in range(30)), replies=[COUNT]
    )
    notebook.run(1)
    expect(notebook.indicator).to_have_text(re.compile("1 cell waits for you"))
    notebook.edit(notebook.cell("own_29 ="))
    expect(notebook.bar(1)).not_to_be_in_viewport()
    notebook.indicator.click()
    expect(notebook.bar(1)).to_be_in_viewport()


def test_in_500_cells_the_step_appears_below_its_question(lab: Visit) -> None:
    before = [f"early_{number} = {number}" for number in range(250)]
    after = [f"late_{number} = {number}" for number in range(250)]
    notebook = lab.notebook(*before, QUESTION, *after, replies=[COUNT, "There are 4."])
    notebook.panel.locator(".jp-Notebook").focus()
    question = notebook.cell("How many points")
    while not question.is_visible():
        notebook.keys.press("PageDown")
    notebook.run(question)
    expect(notebook.bar(1)).to_be_visible()
    texts = notebook.cells.locator(".jp-InputArea").all_inner_texts()
    place = next(place for place, text in enumerate(texts) if "count = 4" in text)
    assert "How many points" in texts[place - 1]
    assert "late_0 =" in texts[place + 1]
    notebook.read(1)
    notebook.control(1, "Run").click()
    expect(notebook.marks).to_contain_text("CodeAct step 1")
    cells = [str(cell["source"]) for cell in notebook.saved()]
    assert len(cells) == 503
    assert "count = 4" in cells[252]
