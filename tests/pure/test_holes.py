"""Holes of an answer: which words and expressions are filled, asked for, or left alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from codeact_jupyter.agent.holes import filled, unfilled
from codeact_jupyter.outputs.observation import BEGIN, END
from codeact_jupyter.session.messages import Approval, Event, Observation, Prompt


def episode(question: str, source: str, output: str) -> list[Event]:
    text = f"{BEGIN}\n{output}\n{END}\nNew: x"
    return [Prompt(question, "hens: DataFrame 9×2"), Approval("p", source), Observation("p", text, True)]


LIVE: dict[str, Any] = {"best": "Marta", "share": 0.375, "hens": pd.DataFrame({"eggs": [3, 5]}), "rows": [4, 7]}
WHICH = "Which hen has laid the most eggs?"


@pytest.mark.parametrize(
    ("source", "output", "answer", "expected"),
    [
        ("print(best)", "Marta", "The hen is best.", "The hen is Marta."),
        ("best", "'Marta'", "It was **best**.", "It was **Marta**."),
        ("print(f'The hen: {best}')", "The hen: Marta", "Sie heißt best.", "Sie heißt Marta."),
        ("print('hen', best)", "hen Marta", "La poule s'appelle best", "La poule s'appelle Marta"),
        ("for _ in range(1):\n    print(best)", "Marta", "Its name: best.", "Its name: Marta."),
        ("print(round(share, 3))", "0.375", "That one, with share.", "That one, with 0.375."),
        ("print(f'{share:.3f}')", "0.375", "She lays share, more than all.", "She lays 0.375, more than all."),
        ("print(best)", "Marta", "That hen (best) does.", "That hen (Marta) does."),
        ("print(best)", "Marta", "It is {{ best }}.", "It is Marta."),
        ("print(best)", "Marta", "It is <<best>>.", "It is Marta."),
        ("print(best)", "Marta", "It is [[best]].", "It is Marta."),
        ("print(share)", "0.375", "She lays $share$.", "She lays 0.375."),
        ("print(share)", "0.375", "She lays %(share)s.", "She lays 0.375."),
    ],
)
def test_a_word_that_is_the_name_of_what_a_step_put_out_is_filled_in_any_language(
    source: str, output: str, answer: str, expected: str
) -> None:
    events = episode(WHICH, source, output)
    assert filled(answer, events, LIVE) == expected
    assert unfilled(expected, events, LIVE) == ""


@pytest.mark.parametrize(
    ("question", "source", "output", "answer"),
    [
        (WHICH, "print(share)", "0.375", "She is the best."),
        (WHICH, "best = 'Marta'\nprint('done')", "done", "I do not know which is best."),
        (WHICH, "print(best)", "Marta", "The best hen cannot be told."),
        (WHICH, "print(best)", "Marta", "Marta is best."),
        ("Is Marta the best?", "print(best)", "Marta", "She is the best."),
        (
            "Does Marta lay more than the share of Olga?",
            "print(5 > share)",
            "True",
            "Yes, she lays more than the share.",
        ),
        ("Is that more than the mean?", "mean = 4.5\nprint(5 > mean, mean)", "True 4.5", "Yes, more than the mean."),
        (WHICH, "print(share)", "0.375", "The one (best) is it."),
        (WHICH, "print(best)", "Marta", "Which one do you mean??"),
        ("Does she lay as many?", "print(hens.eggs.max() > share)", "True", "Yes, she has a larger share."),
    ],
)
def test_a_word_is_left_alone_that_no_step_put_out_or_that_the_question_has(
    question: str, source: str, output: str, answer: str
) -> None:
    events = episode(question, source, output)
    assert filled(answer, events, {**LIVE, "mean": 4.5}) == answer
    assert unfilled(answer, events, {**LIVE, "mean": 4.5}) == ""


@pytest.mark.parametrize(
    ("source", "output", "answer", "hole"),
    [
        ("print(hens)", "   eggs\n0     3\n1     5", "These are hens.", "hens"),
        ("rows", "[4, 7]", "Das sind rows.", "rows"),
        ("display(rows)", "[4, 7]", "They are: rows", "rows"),
        ("print(hens.eggs.max())", "5", "It is hens.eggs.max().", "hens.eggs.max()"),
        ("print(hens.eggs.max())", "5", "It is <number>.", "<number>"),
        ("print(hens.eggs.max())", "5", "It is [the number].", "[the number]"),
        ("print(hens.eggs.max())", "5", "It lays ??? eggs.", "???"),
        ("print(hens.eggs.max())", "5", "It lays {{ hens.eggs.max() }} eggs.", "hens.eggs.max()"),
        ("print(hens.eggs.max())", "5", "It lays {{ the number }} eggs.", "{{ the number }}"),
    ],
)
def test_what_cannot_be_filled_is_asked_for(source: str, output: str, answer: str, hole: str) -> None:
    events = episode("What do they lay?", source, output)
    assert filled(answer, events, LIVE) == answer
    assert unfilled(answer, events, LIVE) == hole
