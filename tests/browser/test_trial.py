"""A step that was tried: one line with its bar and its card, which opens on what the trial brought."""

from __future__ import annotations

import struct
import zlib

import pytest
from playwright.sync_api import Locator, expect

from codeact_jupyter.outputs.observation import BEGIN, END

from .browsing import SETUP, Visit, step
from .chat import Chat
from .notebook import Notebook

pytestmark = pytest.mark.browser

QUESTION = "%%codeact\nHow heavy is a Gentoo?"
MEAN = step("means = 5076.02\nprint('<b>Gentoo</b>', means)", "I take the mean.")
NOTE = "A trial in a copy of the kernel; it changed nothing."
OUTPUTS = "<b>Gentoo</b> 5076.02 \u202e" + "\nrow" * 40


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    """Return a grey image."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


RAN = {
    "outcome": "ran",
    "observation": f"{BEGIN}\n{OUTPUTS}\n{END}",
    "outputs": OUTPUTS,
    "added": ("means",),
    "seconds": 0.02,
    "figures": (png(640, 480),),
}


def tried(**fields: object) -> str:
    """Return the first cell of a notebook whose proposals have a trial with these fields."""
    return f"{SETUP}\nimport trials\ntrials.give_trial(**{fields!r})"


def asked(lab: Visit, **fields: object) -> Notebook:
    """A notebook in which a step with a trial waits."""
    notebook = lab.notebook(QUESTION, replies=[MEAN, "5076 g."], setup=tried(**fields))
    notebook.run(1)
    expect(notebook.bar(1)).to_be_visible()
    return notebook


def line(place: Locator) -> Locator:
    return place.locator(".jp-CodeAct-trial-line")


def look_inside(place: Locator) -> None:
    """Read what is shown once the line is open."""
    content = place.get_by_role("region", name="Trial of step 1")
    expect(content).to_contain_text(NOTE)
    expect(content.locator("pre")).to_contain_text("<b>Gentoo</b> 5076.02 ⟨U+202E⟩")
    expect(content.locator("b")).to_have_count(0)
    picture = content.get_by_role("img", name="Figure 1 of the trial")
    assert picture.evaluate("async node => { await node.decode(); return node.naturalWidth; }") == 640


def test_bar_and_card_show_the_trial_in_one_line_which_opens(lab: Visit) -> None:
    notebook = asked(lab, **RAN)
    bar, run = notebook.bar(1), notebook.control(1, "Run")
    expect(line(bar)).to_contain_text("Tried: <b>Gentoo</b> 5076.02 ⟨U+202E⟩ row row")
    expect(line(bar)).to_contain_text("… · 1 figure · defines means · 0.02 s")
    expect(bar.locator(".jp-CodeAct-row")).not_to_contain_text("defines")
    expect(bar.get_by_text(NOTE)).to_have_count(0)
    height, place = bar.bounding_box()["height"], run.bounding_box()  # type: ignore[index]
    assert height < 56
    line(bar).focus()
    notebook.keys.press("Enter")
    look_inside(bar)
    assert run.bounding_box() == place
    expect(notebook.staged).to_contain_text("means = 5076.02")
    notebook.keys.press("Space")
    expect(bar.get_by_text(NOTE)).to_have_count(0)
    notebook.keys.press("Enter")
    card = Chat(notebook.page).card("waits")
    expect(line(card)).to_contain_text("Tried: <b>Gentoo</b>")
    line(card).click()
    look_inside(card)
    expect(notebook.page.locator(".jp-CodeAct-live")).to_contain_text("Step 1 waits for you. Tried: <b>Gentoo</b>")
    for control in (run, card.get_by_role("button", name="Run")):
        expect(control).to_be_in_viewport()


def test_after_the_run_bar_and_card_say_that_the_output_differs(lab: Visit) -> None:
    notebook = asked(lab, **RAN)
    card = Chat(notebook.page)
    notebook.control(1, "Run").click()
    differs = "The output differs from the trial"
    expect(notebook.bar(1)).to_contain_text(differs)
    expect(notebook.bar(1).locator(".jp-CodeAct-trial")).to_have_count(0)
    expect(card.card("done")).to_contain_text(differs)
    line(card.card("done")).click()
    expect(card.card("done").get_by_role("region", name="Trial of step 1")).to_contain_text("⟨U+202E⟩")
    assert ["differs" in str(cell["metadata"]) for cell in notebook.saved()[:3]] == [False, False, True]


def test_after_an_edit_the_line_says_that_the_trial_was_before_it(lab: Visit) -> None:
    notebook = asked(lab, **RAN)
    height = line(notebook.bar(1)).bounding_box()["height"]  # type: ignore[index]
    notebook.rewrite(notebook.staged, "means = 1")
    expect(line(notebook.bar(1))).to_contain_text("Before your edit: Tried: ")
    assert line(notebook.bar(1)).bounding_box()["height"] == height  # type: ignore[index]
    notebook.control(1, "Run edited").click()
    expect(notebook.marks).to_contain_text("edited by you")
    expect(notebook.bar(1)).not_to_contain_text("differs")


def test_what_a_copy_may_not_do_is_said(lab: Visit) -> None:
    notebook = asked(lab, outcome="wants_more", effects=("write `clean.csv`", "open the network"))
    expect(line(notebook.bar(1))).to_have_text("Would write clean.csv, open the network")
    expect(notebook.bar(1)).to_contain_text("defines means")  # as the code reads


def test_a_step_that_was_not_tried_says_why(lab: Visit) -> None:
    notebook = asked(lab, outcome="not_tried", reason="a cell is running")
    expect(line(notebook.bar(1))).to_have_text("Not tried: a cell is running")
    expect(line(Chat(notebook.page).card("waits"))).to_have_text("Not tried: a cell is running")
    expect(notebook.page.locator("details.jp-CodeAct-trial")).to_have_count(0)
