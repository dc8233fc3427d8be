"""A value of a column that an answer names, and that only the listing shows: no output has led to it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from codeact_jupyter.agent.grounding import find_gap
from codeact_jupyter.namespace.describe import describe
from codeact_jupyter.outputs.observation import BEGIN, END
from codeact_jupyter.session.messages import Approval, Event, Observation, Prompt

BEDS = pd.DataFrame(
    {"crop": ["beet", "kale", "leek"] * 9, "soil": ["wet", "dry", "wet"] * 9, "plot": range(27), "kilos": [1.5] * 27}
)
QUESTION = "Which crop has the most plots?"


def episode(output: str, source: str = "beds['kilos'].value_counts()", question: str = QUESTION) -> list[Event]:
    listing = f"Variables:\nbeds: {describe(BEDS)}"
    assert "(3 values: 'beet', 'kale', 'leek')" in listing
    return [Prompt(question, listing), Approval("p", source), Observation("p", f"{BEGIN}\n{output}\n{END}", True)]


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        ("178    2\n99     2", "Kale has the most plots."),
        ("178    2\n99     2", "It is 'leek', with 178."),
        ("27", "beet and kale"),
        ("dry    9", "The leek, on dry soil."),
        ("27\n--- end ---\nNew: some (DataFrame 5×2: crop str (3 values: 'beet', 'kale', 'leek'))", "The leek."),
    ],
)
def test_an_answer_needs_a_step_that_shows_the_value(output: str, answer: str) -> None:
    gap = find_gap(answer, episode(output), lambda: True)
    assert gap is not None
    assert (gap.is_open, gap.needs_step) == (False, True)
    assert gap.fact.startswith("No output shows '")
    assert gap.text.startswith(gap.fact)


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        ("leek    178", "The leek has the most, with 178."),
        ("Leek    178", "The leek has the most, with 178."),
        ("27", "There are beet, kale and leek."),  # all of them: the listing may be told
        ("27", "The sleek beetle."),
        ("27", "It is 27."),
    ],
)
def test_an_answer_may_name_what_is_shown_or_all(output: str, answer: str) -> None:
    assert find_gap(answer, episode(output), lambda: True) is None


def test_the_question_and_the_code_may_name_the_value() -> None:
    assert find_gap("Kale: 9.", episode("9", question="How many plots of kale are there?"), lambda: True) is None
    assert find_gap("Kale: 9.", episode("9", "(beds['crop'] == 'kale').sum()"), lambda: True) is None


def test_all_values_may_be_told_also_if_one_is_short() -> None:
    listing = f"Variables:\nzones: {describe(pd.DataFrame({'zone': ['east', 'N', 'west'] * 9, 'n': range(27)}))}"
    asked = [Prompt("Which zones are there?", listing), *episode("27")[1:]]
    assert find_gap("The zones are east, N and west.", asked, lambda: True) is None
    assert find_gap("The zone is west.", asked, lambda: True) is not None


def test_an_earlier_output_may_show_the_value() -> None:
    earlier = episode("kale    9", "beds['crop'].value_counts().head(1)", "Which?")
    assert find_gap("It is still kale.", [*earlier, *episode("9")], lambda: True) is None
    silent = [replace(event, text="9") if isinstance(event, Observation) else event for event in earlier]
    assert find_gap("It is still kale.", [*silent, *episode("9")], lambda: True) is not None
