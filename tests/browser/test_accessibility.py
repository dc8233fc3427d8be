"""Use by keyboard alone, the dark theme, and the findings of axe-core."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .browsing import ROOT, Visit, step
from .chat import Chat
from .conftest import visit
from .notebook import Notebook
from .server import DARK, serving
from .test_trial import RAN, tried

pytestmark = pytest.mark.browser

AXE = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
OURS = "[class*='jp-CodeAct-']:not(.jp-NotebookPanel, .jp-Cell), .codeact-panel, #codeact-chat"  # Lab's own bear marks
QUESTION = "%%codeact\nHow many points are there?"
COUNT = step("points = 4\npoints", "I count the points.")
ANSWER = "There are **4**, for $2 or $3 each.\n\n| name | value |\n|---|--:|\n| `points` | 4 |\n\n- no more\n- no less"
SCAN = """async selector => {
    const ours = [...document.querySelectorAll(selector)];
    const outermost = ours.filter(node => !ours.some(other => other !== node && other.contains(node)));
    const {violations} = await axe.run({include: outermost});
    return violations.filter(({impact}) => impact === 'serious' || impact === 'critical')
        .flatMap(({id, nodes}) => nodes.map(node => `${id}: ${node.html} ${node.failureSummary}`));
}"""


@pytest.fixture
def dark_lab(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    with serving(tmp_path_factory.mktemp("dark"), settings=DARK) as server:
        yield from visit(request, browser, server)


def complaints(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical in our own nodes."""
    page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(SCAN, OURS)
    return found


def look_at_every_state(lab: Visit, theme: str) -> None:
    """Scan thinking, waiting, trial, edited, rejecting, running, done and failed, in notebook and chat."""
    forever = step("import time\nwhile True:\n    time.sleep(0.01)")
    slowly = ["I count", " the points.\n```python\npoints = 4\npoints\n```"]
    replies = [slowly, step("1 / 0"), forever, ANSWER]
    notebook = lab.notebook(QUESTION, replies=replies, setup=tried(**RAN))
    page = notebook.page
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "true" if theme == "light" else "false")
    chat = Chat(page)
    notebook.run(1)
    expect(chat.panel).to_contain_text("I count")
    found = {"thinking": complaints(page)}
    dots = page.locator(".jp-CodeAct-dot, .codeact-busy .codeact-dot")
    for motion, animation in (("reduce", "none"), ("no-preference", re.compile("pulse"))):
        page.emulate_media(reduced_motion=motion)
        for dot in dots.all():
            expect(dot).to_have_css("animation-name", animation)
    notebook.release()
    expect(notebook.bar(1)).to_be_visible()
    found["waits"] = complaints(page)
    page.emulate_media(forced_colors="active")
    found["forced colours"] = complaints(page)
    expect(notebook.control(1, "Run")).to_have_css("border-width", "2px")
    page.emulate_media(forced_colors="none")
    for line in (notebook.bar(1), chat.card("waits")):
        line.locator("summary").click()
        expect(line.get_by_role("region", name="Trial of step 1")).to_be_visible()
    found["tried"] = complaints(page)
    notebook.rewrite(notebook.staged, "points = 5")
    notebook.control(1, "Show change").click()
    expect(notebook.panel.locator(".jp-CodeAct-diff")).to_be_visible()
    found["edited"] = complaints(page)
    notebook.control(1, "Reject…").click()
    expect(notebook.bar(1).get_by_role("textbox", name="Reason")).to_be_visible()
    found["rejecting"] = complaints(page)
    lab.picture()
    notebook.control(1, "Cancel").click()
    notebook.read(1)
    notebook.control(1, "Run edited").click()
    notebook.read(2)
    notebook.control(2, "Run").click()
    expect(notebook.bar(3)).to_be_visible()
    found["failed"] = complaints(page)
    notebook.read(3)
    notebook.control(3, "Run").click()
    expect(notebook.control(3, "Stop")).to_be_visible()
    found["running"] = complaints(page)
    notebook.control(3, "Stop").click()
    expect(notebook.staged).to_have_count(0)
    notebook.ask("How many were it?")
    expect(chat.panel).to_contain_text("There are 4, for $2 or $3 each.")
    shown = notebook.widget.last
    expect(shown.locator("strong, td, li")).to_have_text(["4", "points", "4", "no more", "no less"])
    expect(shown).to_contain_text("for $2 or $3 each")  # and no formula between the dollars
    lab.picture("answered")
    found["answered"] = complaints(page)
    assert not any(found.values()), "\n".join(f"{state}: {line}" for state, lines in found.items() for line in lines)


def test_axe_has_no_complaint_in_the_light_theme(lab: Visit) -> None:
    look_at_every_state(lab, "light")


def test_axe_has_no_complaint_in_the_dark_theme(dark_lab: Visit) -> None:
    look_at_every_state(dark_lab, "dark")


def test_the_button_to_the_last_message_has_a_name(lab: Visit) -> None:
    answer = "\n\n".join(f"Point {number} of 30." for number in range(1, 31))
    notebook = lab.notebook(QUESTION, replies=[COUNT, answer])
    chat = Chat(notebook.page)
    notebook.run(1)
    notebook.control(1, "Run").click()
    expect(chat.panel).to_contain_text("Point 30 of 30.")
    chat.panel.get_by_text(QUESTION.partition("\n")[2]).scroll_into_view_if_needed()
    expect(chat.panel.locator("jp-button")).to_be_visible()
    assert not complaints(notebook.page)
    chat.button("Go to last message").click()
    expect(chat.panel.get_by_text("Point 30 of 30.")).to_be_in_viewport()


def test_from_question_to_answer_with_the_keyboard_alone(lab: Visit) -> None:
    notebook = lab.open(lab.write(replies=[COUNT, step("points * 2"), step("points * 3"), "There are 4."]))
    keys = notebook.keys
    notebook.panel.locator(".jp-Notebook").press("Escape")
    keys.press("Shift+Enter")
    expect(notebook.cells).to_have_count(2)
    keys.press("Enter")
    keys.type(QUESTION)
    keys.press("Shift+Enter")
    expect(notebook.bar(1)).to_be_visible()
    keys.press("Escape")
    keys.press("ControlOrMeta+Shift+Digit9")
    notebook.read(1)
    keys.press("Shift+Enter")
    expect(notebook.bar(2)).to_be_visible()
    keys.press("ControlOrMeta+Shift+Digit9")
    reach(notebook, "Reject…")
    keys.press("Enter")
    keys.type("Thrice, please.")
    keys.press("Enter")
    expect(notebook.bar(3)).to_be_visible()
    assert "Thrice, please." in notebook.prompts[2][-1]
    keys.press("ControlOrMeta+Shift+Digit9")
    reach(notebook, "Run")
    notebook.read(3)
    keys.press("Enter")
    expect(notebook.panel).to_contain_text("There are 4.")
    expect(notebook.staged).to_have_count(0)


def reach(notebook: Notebook, name: str) -> None:
    """Tab from where the focus is to the control of that name in the bar that waits."""
    control = notebook.staged.get_by_role("button", name=name, exact=True)
    for _ in range(60):
        if control.evaluate("node => node === document.activeElement"):
            return
        notebook.keys.press("Shift+Tab")
    raise AssertionError(f"The keyboard does not get to {name}.")
