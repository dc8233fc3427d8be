"""The real models behind the same controls: what they say is theirs, so only the flow is asserted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .browsing import Visit
from .chat import Chat
from .walk import walk

pytestmark = pytest.mark.browser

PENGUINS = "%load_ext codeact_jupyter\nfrom palmerpenguins import load_penguins\n\npenguins = load_penguins()"
TABLES = """%load_ext codeact_jupyter
import pandas as pd

towns = ["Bremen", "Erfurt", "Kassel", "Passau"]
customers = pd.DataFrame({"customer": range(1, 13), "town": towns * 3})
orders = pd.DataFrame({"order": range(1, 41), "customer": [1 + 5 * n % 12 for n in range(40)]})
orders["amount"] = [(37 * n % 101) * 2.5 + 12.25 for n in range(40)]"""
TWO_TABLES = "Which town has the highest total amount, and what is the total?"
QUESTION = "Which species is the heaviest on average, and what is its mean body mass in grams?"
SECONDS = 240_000  # milliseconds of patience with one reply


def test_the_default_model_answers_in_steps_that_are_run_in_the_bar(lab: Visit) -> None:
    notebook = lab.notebook(f"%%codeact\n{QUESTION}", setup=PENGUINS)
    notebook.run(1)
    assert notebook.run_what_waits(SECONDS) >= 1
    expect(notebook.panel).to_contain_text("Answered")
    expect(notebook.panel.locator(".codeact-panel, .jp-OutputArea").filter(has_text="Gentoo").last).to_be_visible()
    expect(notebook.panel).to_contain_text(re.compile(r"5,?076"))


def test_an_answer_over_two_tables_tells_what_it_rests_on_and_shows_the_cell_of_its_number(lab: Visit) -> None:
    notebook = lab.notebook(f"%%codeact\n{TWO_TABLES}", setup=TABLES)
    chat = Chat(notebook.page)
    notebook.run(1)
    assert notebook.run_what_waits(SECONDS) >= 1
    basis = chat.panel.locator(".jp-CodeAct-basis")
    for column in ("orders.amount", "customers.town"):
        expect(basis).to_contain_text(column)
    expect(chat.replies.last).to_contain_text(re.compile("Bremen|Erfurt|Kassel|Passau"))
    number = chat.panel.locator(".jp-CodeAct-number").first
    number.hover()
    lit = notebook.page.locator(".jp-CodeAct-lit")
    expect(lit).to_have_count(1)
    lab.pictures("hovered")
    chat.input.hover()
    expect(lit).to_have_count(0)
    number.focus()
    expect(lit).to_have_count(1)
    notebook.keys.press("Enter")
    expect(lit).to_have_class(re.compile("jp-mod-active"))
    lab.pictures("chosen by keyboard")


def test_the_small_model_proposes_in_the_chat_and_can_be_stopped(lab: Visit) -> None:
    notebook = lab.notebook(setup=f"{PENGUINS}\n%config CodeAct.model = 'qwen2.5-coder-0.5b'")
    chat = Chat(notebook.page)
    chat.say("How many rows has penguins? Print it.")
    expect(chat.card("waits")).to_be_visible(timeout=SECONDS)
    chat.run.click()
    expect(chat.card("done")).to_have_count(1, timeout=SECONDS)
    expect(chat.panel.locator(".jp-CodeAct-gauge")).to_contain_text("%")


def test_a_new_user_reads_a_file_asks_plots_undoes_and_asks_about_the_plot(lab: Visit) -> None:
    walk(lab, lambda notebook, what: lab.pictures(what))
