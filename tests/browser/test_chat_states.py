"""The chat says how things stand: what was sent, what comes next, what has ended, and what can be had back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .browsing import SETUP, Visit, step
from .chat import Chat

pytestmark = pytest.mark.browser

COUNT = step("count = len(points)\ncount", "I count the points.")
MEAN = step("mean = sum(points) / len(points)\nmean", "I take the mean.")
WRONG = step('import json\njson.loads("{")', "I read it.")
DRAWN = step("import matplotlib.pyplot as plt\nplt.bar(['ash', 'oak'], [3, 7])\nplt.ylabel('metres')", "I draw them.")
TABLE = "from IPython.display import HTML\nHTML('<table><tr><th>tree<th>height<tr><td>ash<td>31</table>')"
LONG = "How many points are there, if each counts once, whatever its value, and none is left out as it is the first?"
POINTS = f"{SETUP}\npoints = [3, 4, 5]"


def test_a_message_is_shown_at_once_queued_while_the_model_works_and_changes_a_step_that_waits(lab: Visit) -> None:
    mute = ["I", " count.\n```python\nlen(points)\n```"]
    notebook = lab.notebook(setup=POINTS, replies=[mute, MEAN, "It is 4.", "There are 3."])
    chat = Chat(notebook.page)
    outgoing = chat.panel.locator(".jp-CodeAct-outgoing")
    chat.say("How many points are there?")
    expect(chat.panel).to_contain_text("How many points are there?")
    chat.input.click()
    notebook.keys.type("And the mean?")
    expect(chat.button("Send next")).to_be_visible()
    notebook.keys.press("Enter")
    expect(outgoing).to_contain_text("And the mean?")
    expect(outgoing).to_contain_text("Next in line")
    expect(chat.input).to_have_value("")
    notebook.release()
    expect(chat.card("waits")).to_contain_text("len(points)")
    expect(outgoing).to_contain_text("a step needs your decision first")
    expect(chat.button("Change the step with this")).to_be_visible()
    chat.input.click()
    notebook.keys.type("The mean, not the number")
    expect(chat.button("Change the step")).to_be_visible()
    expect(chat.button("Stop")).to_be_visible()
    chat.button("Change the step").click()
    expect(chat.card("left")).to_have_count(1)
    expect(chat.card("waits")).to_contain_text("mean = sum(points)")
    expect(notebook.cells.nth(3)).to_contain_text("mean = sum(points)")
    assert "The mean, not the number" in notebook.prompts[1][-1]
    chat.run.click()
    expect(chat.panel).to_contain_text("It is 4.")
    expect(chat.panel).to_contain_text("There are 3.")
    assert "And the mean?" in notebook.prompts[3][-1]


def test_the_conversation_stays_when_its_kernel_ends_and_an_earlier_one_can_be_opened(lab: Visit) -> None:
    notebook = lab.notebook(setup=POINTS, replies=["There are 3.", "It is 4."])
    page = notebook.page
    chat = Chat(page)
    chat.say(LONG)
    expect(chat.panel).to_contain_text("There are 3.")
    notebook.menu("Kernel", "Shut Down Kernel")
    expect(chat.panel).to_contain_text("The kernel has ended")
    expect(chat.panel).to_contain_text("There are 3.")
    expect(chat.panel.locator(".jp-mod-past")).to_be_visible()
    lab.pictures("ended")
    chat.button("Restart kernel").click()
    expect(chat.panel.locator(".jp-mod-past")).to_have_count(0)
    expect(chat.panel).to_contain_text("There are 3.")
    notebook.run(0)
    chat.button("New").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The model forgets what was said")
    dialog.get_by_role("button", name="Begin anew").click()
    expect(chat.panel.locator(".jp-CodeAct-welcome")).to_be_visible()
    chat.button("Earlier conversations").click()
    expect(dialog.get_by_role("radio")).to_be_focused()
    expect(dialog.locator("label")).to_have_text([re.compile(f"{re.escape(LONG)}.*1 question", re.DOTALL)])
    expect(dialog.locator("label")).to_be_in_viewport(ratio=1)  # wrapped, not cut
    lab.pictures("earlier")
    dialog.get_by_role("button", name="Open").click()
    expect(chat.panel).to_contain_text("There are 3.")
    chat.say("And the mean?")
    expect(chat.panel).to_contain_text("It is 4.")
    assert LONG in str(notebook.prompts[1])


def test_the_error_of_a_step_is_folded_to_its_own_lines_and_can_be_asked_about(lab: Visit) -> None:
    notebook = lab.notebook(setup=POINTS, replies=[WRONG, COUNT, "There are 3.", "It is a number."])
    page = notebook.page
    chat = Chat(page)
    chat.say("How many points are there?")
    card = chat.card("waits")
    expect(card.locator(".jp-CodeAct-card-code span").filter(has_text=re.compile("^import$"))).to_have_count(1)
    expect(notebook.bar(1).locator("kbd:visible")).to_have_text(re.compile("Enter"))
    chat.run.click()
    expect(chat.card("failed")).to_have_count(1)
    failed = notebook.cell("json.loads")
    short = failed.locator(".jp-CodeAct-shortError")
    expect(short).to_contain_text("JSONDecodeError")
    expect(short).to_contain_text('json.loads("{")')
    expect(short).not_to_contain_text("raw_decode")
    expect(failed.get_by_text("raw_decode").first).to_be_hidden()
    expect(notebook.staged).to_be_in_viewport(ratio=1)
    lab.pictures("folded")
    short.get_by_role("button", name=re.compile("Show the whole error")).click()
    expect(failed.get_by_text("raw_decode").first).to_be_visible()
    short.get_by_role("button", name="Show only your lines").click()
    expect(failed.get_by_text("raw_decode").first).to_be_hidden()
    expect(short.locator("pre")).to_have_js_property(
        "scrollWidth", short.locator("pre").evaluate("it => it.clientWidth")
    )
    run = notebook.control(2, "Run")
    run.hover()
    place = run.bounding_box()
    page.mouse.down()
    expect(notebook.staged).to_have_class(re.compile("jp-mod-active"))
    assert run.bounding_box() == place  # or the click would be lost
    page.mouse.up()
    expect(chat.panel).to_contain_text("There are 3.")
    notebook.cell("count = len").get_by_role("button", name="Ask about this output").click()
    expect(chat.input).to_be_focused()
    expect(chat.input).to_have_value(re.compile(r"^@cell\d+ $"))
    notebook.keys.type("What is that?")
    notebook.keys.press("Enter")
    expect(chat.panel).to_contain_text("It is a number.")
    assert "count = len(points)" in notebook.prompts[3][-1]
    done = chat.card("done")
    done.locator("summary").click()
    expect(done.locator(".jp-OutputArea-output")).to_have_text("3")
    done.get_by_role("button", name="Copy code").click()
    assert page.evaluate("navigator.clipboard.readText()") == "count = len(points)\ncount"
    done.get_by_role("button", name="Undo").click()
    expect(chat.card("undone")).not_to_contain_text("You said")
    expect(notebook.bar(2)).to_contain_text("Step 2 is undone: count is removed.")
    expect(chat.card("undone").locator(".jp-CodeAct-card-head")).to_be_focused()  # or the keyboard would be nowhere
    chat.button("Ask again").click()
    expect(chat.panel.locator(".jp-CodeAct-question")).to_have_count(3)
    chat.button("More").click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Collapse Failed Attempts").click()
    expect(failed.locator(".cm-content")).to_have_count(0)
    expect(short).to_be_hidden()
    chat.button("More").click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Report on This Notebook").click()
    expect(page.get_by_role("tab", name="analysis-report.html")).to_be_visible()
    report = (notebook.file.parent / "analysis-report.html").read_text()
    assert "JSONDecodeError" in report and "How many points are there?" in report
    lab.pictures("report")


def test_the_chat_says_how_much_of_a_prompt_is_read(lab: Visit) -> None:
    notebook = lab.notebook(setup=POINTS, replies=[["", "There are 3."]])
    chat = Chat(notebook.page)
    chat.say("How many points are there?")
    expect(chat.panel.locator(".jp-CodeAct-thinking")).to_contain_text("reading, 40 % done")
    lab.pictures("reading")
    notebook.release()
    expect(chat.panel).to_contain_text("There are 3.")
    expect(chat.panel.locator(".jp-CodeAct-thinking")).to_have_count(0)


def test_a_question_about_an_output_reads_its_table_or_figure_as_text(lab: Visit) -> None:
    notebook = lab.notebook(TABLE, setup=SETUP, replies=[DRAWN, "It is drawn.", "Oaks are taller.", "It is 31."])
    notebook.run(1)
    chat = Chat(notebook.page)
    chat.say("Draw the trees.")
    expect(chat.card("waits")).to_be_visible()
    notebook.rewrite(
        notebook.staged, "import matplotlib.pyplot as plt\nplt.bar(['ash', 'oak'], [3, 8])\nplt.ylabel('metres')"
    )
    chat.run.click()
    expect(chat.panel).to_contain_text("It is drawn.")
    done = chat.card("done")
    expect(done).to_contain_text("edited by you")
    done.locator("summary").click()
    expect(done.locator(".jp-CodeAct-diff")).to_contain_text("[3, 7]")
    expect(done.locator(".jp-OutputArea-output img")).to_be_visible()
    lab.pictures("card")
    notebook.cell("plt.bar").get_by_role("button", name="Ask about this output").click()
    notebook.keys.type("Which are taller?")
    notebook.keys.press("Enter")
    expect(chat.panel).to_contain_text("Oaks are taller.")
    assert "metres" in notebook.prompts[2][-1].partition("plt.ylabel('metres')")[2]
    chat.say("@cell2 How tall is the ash?")
    expect(chat.panel).to_contain_text("It is 31.")
    assert "tree height\nash 31" in notebook.prompts[3][-1]
