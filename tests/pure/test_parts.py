"""Parts of a table that are told as the whole, where the listing has their values as well."""

from __future__ import annotations

import pytest

from codeact_jupyter.agent.grounding import reservation
from codeact_jupyter.outputs.observation import BEGIN, END
from codeact_jupyter.session.messages import Approval, Event, Observation, Prompt
from codeact_jupyter.session.tables import Table

LISTED = "beds: DataFrame 12×2\n  crop object: 3 values: beet, kale, leek\n  plot object: P1, P2, P3"


def seen(question: str, *outputs: tuple[str, int]) -> list[Event]:
    """The events of steps that showed these texts, each of so many of 12 rows."""
    events: list[Event] = [Prompt(question, LISTED)]
    for text, rows in outputs:
        table = Table(len(BEGIN) + 1, len(BEGIN) + 1 + len(text), rows=rows, of=12, name="beds")
        note = f"\n{table.note}" if table.note else ""
        events += [Approval("p", "show()"), Observation("p", f"{BEGIN}\n{text}\n{END}{note}", True, tables=(table,))]
    return events


@pytest.mark.parametrize(
    ("output", "answer"),
    [
        (("kale\nleek", 2), "There are kale and leek."),
        (("kale", 1), "It is kale."),
        (("P1 kale\nP2 leek", 2), "P2 grows leek, P1 kale."),
        (("P7 beet", 1), "It is P7."),
    ],
)
def test_an_answer_that_repeats_a_part_is_asked_for_again(output: tuple[str, int], answer: str) -> None:
    gap = reservation(answer, seen("Which crops are there?", output))
    assert gap is not None
    assert gap.fact.endswith("of 12 rows of `beds` are shown.")


@pytest.mark.parametrize(
    ("outputs", "answer"),
    [
        ([("kale\nleek", 2)], "The listing has beet and kale."),
        ([("kale\nleek", 2), ("beet\nkale\nleek", 12)], "There are beet, kale and leek."),
        ([("beet\nkale\nleek", 12), ("kale\nleek", 2)], "There are beet, kale and leek."),
        ([("kale\nleek", 2)], "I cannot tell."),
        ([("kale\nleek", 12)], "There are kale and leek."),
    ],
)
def test_an_answer_that_says_something_else_is_not(outputs: list[tuple[str, int]], answer: str) -> None:
    assert reservation(answer, seen("Which crops are there?", *outputs)) is None
