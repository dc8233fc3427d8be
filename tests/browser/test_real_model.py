"""The real models behind the same controls: what they say is theirs, so only the flow is asserted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .browsing import Visit
from .chat import Chat
from .notebook import Notebook

pytestmark = pytest.mark.browser

PENGUINS = "%load_ext codeact_jupyter\nfrom palmerpenguins import load_penguins\n\npenguins = load_penguins()"
QUESTION = "Which species is the heaviest on average, and what is its mean body mass in grams?"
SECONDS = 240_000  # milliseconds of patience with one reply
MOST_STEPS = 6


def test_the_default_model_answers_in_steps_that_are_run_in_the_bar(lab: Visit) -> None:
    notebook = lab.notebook(f"%%codeact\n{QUESTION}", setup=PENGUINS)
    notebook.run(1)
    steps = run_what_waits(notebook, "Answered")
    assert steps >= 1
    expect(notebook.panel.locator(".codeact-panel, .jp-OutputArea").filter(has_text="Gentoo").last).to_be_visible()
    expect(notebook.panel).to_contain_text(re.compile(r"5,?076"))


def test_the_small_model_proposes_in_the_chat_and_can_be_stopped(lab: Visit) -> None:
    notebook = lab.notebook(setup=f"{PENGUINS}\n%config CodeAct.model = 'qwen2.5-coder-0.5b'")
    chat = Chat(notebook.page)
    chat.say("How many rows has penguins? Print it.")
    expect(chat.card("waits")).to_be_visible(timeout=SECONDS)
    chat.run.click()
    expect(chat.card("done")).to_have_count(1, timeout=SECONDS)
    expect(chat.panel.locator(".jp-CodeAct-gauge")).to_contain_text("%")


def run_what_waits(notebook: Notebook, ending: str) -> int:
    """Approve step after step until the panel says that it is over; return how many."""
    over = notebook.panel.get_by_text(ending, exact=True)
    for steps in range(MOST_STEPS):
        expect(notebook.staged.or_(over).first).to_be_visible(timeout=SECONDS)
        if over.count():
            return steps
        notebook.control(steps + 1, "Run").click()
        expect(notebook.marks).to_have_count(steps + 1, timeout=SECONDS)
    raise AssertionError(f"{MOST_STEPS} steps, and no end.")
