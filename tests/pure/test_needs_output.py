"""Whether a question needs an output, from the odds with which a model sorts it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from codeact_jupyter.agent.needs_output import LEAST, LEAST_NEW, IsOwnData, NeedsOutput
from codeact_jupyter.dialects.prompt import DATA, NEW, OWN, TALK, sorting_messages
from codeact_jupyter.session.messages import Answer, ChatMessage, Prompt
from codeact_jupyter.testing import ScriptedEngine

LISTING = "Variables:\nfish: DataFrame 7×2: mass float64\nlimit = 3\nFunctions:\nweigh(name: str) -> float: In grams.\n"


@pytest.mark.parametrize(
    ("talk", "needed"),
    [(0.0, None), (-4.0, True), (0.1, True), (LEAST - 0.01, True), (LEAST + 0.01, False), (5.0, False)],
)
def test_a_question_needs_an_output_unless_the_model_is_sure_that_it_is_talk(talk: float, needed: bool | None) -> None:
    engine = ScriptedEngine([], odds=lambda messages, openings: [{TALK: talk, DATA: 0.0}[each] for each in openings])
    assert NeedsOutput(engine, [Prompt("How heavy is it?", LISTING)])() is needed


def test_the_last_question_is_sorted_once_and_only_when_it_matters() -> None:
    asked: list[str] = []

    def odds(messages: Sequence[ChatMessage], openings: Sequence[str]) -> list[float]:
        asked.append(messages[-1].content)
        return [1.0, 0.0]

    needs = NeedsOutput(ScriptedEngine([], odds=odds), [Prompt("One?"), Answer("1"), Prompt("Two?", LISTING)])
    assert asked == []
    assert needs() is needs() is False
    assert asked == ["(In the notebook: fish, limit, weigh)\nTwo?"]


def test_the_examples_are_the_same_for_all_questions_and_of_both_kinds() -> None:
    first, second = (sorting_messages(Prompt(text, "")) for text in ("One?", "Two? " * 500))
    assert first[:-1] == second[:-1]
    assert all(message.fixed for message in first[:-1])
    assert {message.content for message in first if message.role == "assistant"} == {DATA, TALK}
    assert first[-1].content == "(In the notebook: nothing)\nOne?"
    assert len(second[-1].content) < 700


@pytest.mark.parametrize(
    ("new", "is_own"), [(LEAST_NEW + 0.1, False), (LEAST_NEW - 0.1, True), (-4.0, True), (0.0, None)]
)
def test_data_are_to_be_made_up_if_the_model_is_sure_of_that(new: float, is_own: bool | None) -> None:
    engine = ScriptedEngine([], odds=lambda messages, openings: [{NEW: new, OWN: 0.0}[each] for each in openings])
    assert IsOwnData(engine, [Prompt("Make an example.", LISTING)])() is is_own
