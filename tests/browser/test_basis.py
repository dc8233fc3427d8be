"""What an answer rests on: a line below it in chat and notebook, and its numbers, which lead to their outputs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .browsing import SETUP, Visit, step
from .chat import Chat

pytestmark = pytest.mark.browser

EVIDENCE = "Evidence(('penguins.body_mass_g', 'penguins.species'), (), 344, True, named=('penguins.species',))"
RESTED = f"""{SETUP}
import trials
from codeact_jupyter.session.evidence import Evidence
trials.give_trial(outcome="ran", evidence={EVIDENCE})
import pandas as pd
means = pd.DataFrame({{"mean": [3700.66, 5076.02], "std": [458.57, 504.12]}}, index=["Adelie", "Gentoo"])"""
LINE = "Rests on penguins.species, penguins.body_mass_g · 344 rows · step 1"
ANSWER = "**Gentoo** penguins are the heaviest: 5,076 g, which is 1.12 times the 4,532 g that you asked about."
LIT = re.compile("jp-CodeAct-lit")
#: the highlighted text, and the column of the table in which it stands
SPOT = """() => [...(CSS.highlights.get('codeact-number') ?? [])]
    .map(range => [`${range}`, range.startContainer.parentElement.cellIndex])"""


def test_a_number_of_an_answer_tells_its_place_and_lights_up_the_output_it_stands_in(lab: Visit) -> None:
    question = "%%codeact\nWhich species is heavier than 4,532 g?"
    notebook = lab.notebook(question, replies=[step("means"), ANSWER], setup=RESTED)
    chat = Chat(notebook.page)
    notebook.run(1)
    notebook.control(1, "Run").click()
    expect(chat.panel.locator(".jp-CodeAct-basis")).to_have_text(LINE)
    expect(notebook.widget).to_contain_text(LINE)
    expect(notebook.widget.locator("strong")).to_have_text("Gentoo")
    number = chat.button("5,076")
    expect(number).to_have_accessible_description("step 1, row Gentoo, column mean")
    expect(chat.panel.locator(".jp-CodeAct-number")).to_have_count(1)  # the others stand in no output

    cell, place = notebook.cell("means").last, chat.panel.get_by_role("tooltip")
    expect(place).to_have_count(0)
    number.hover()
    expect(place).to_have_text("step 1, row Gentoo, column mean")
    expect(cell).to_have_class(LIT)
    assert notebook.page.evaluate(SPOT) == [["5076.02", 1]]
    lab.picture()
    chat.input.hover()
    expect(place).to_have_count(0)
    expect(cell).not_to_have_class(LIT)
    assert notebook.page.evaluate(SPOT) == []

    below = notebook.widget.get_by_text("5,076", exact=True)  # the answer in the notebook itself
    expect(below).to_have_accessible_description("step 1, row Gentoo, column mean")
    expect(notebook.widget.locator(".codeact-number")).to_have_count(1)
    for begin, end in ((below.hover, chat.input.hover), (below.focus, chat.input.focus)):
        begin()
        expect(cell).to_have_class(LIT)
        assert notebook.page.evaluate(SPOT) == [["5076.02", 1]]
        end()
        expect(cell).not_to_have_class(LIT)
    below.focus()
    notebook.keys.press("Enter")
    expect(cell).to_have_class(re.compile("jp-mod-active"))

    chat.panel.get_by_role("log", name="Conversation").focus()
    for _ in range(20):
        notebook.keys.press("Tab")
        if number.evaluate("node => node === document.activeElement"):
            break
    expect(number).to_be_focused()
    expect(place).to_be_visible()
    expect(cell).to_have_class(LIT)
    notebook.keys.press("Enter")
    expect(cell).to_have_class(re.compile("jp-mod-active"))
    notebook.keys.press("Tab")
    expect(cell).not_to_have_class(LIT)
