"""A number of an answer belongs to the row in which the output has it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.agent.grounding import reservation
from codeact_jupyter.agent.pairing import no_extreme, other_row
from codeact_jupyter.outputs.tables import located, shown_table
from codeact_jupyter.session.messages import Event, Observation, Prompt, Proposal
from codeact_jupyter.session.tables import Table

MASS = pd.Series([4679.74, 5484.84], index=pd.Index(["female", "male"], name="sex"), name="mass")
AMOUNTS = pd.Series([180, 220, 250, 410, 300], name="amount").describe()
SUMS = pd.DataFrame(
    {"total": [3472.1, 2560.4, 1720.25], "sales": [301, 312, 298]}, index=pd.Index(["Köln", "Zürich", "Besançon"])
)


def shown(obj: Any, question: str = "What?") -> list[Event]:
    """The events of a step that showed an object."""
    text = str(obj)
    found = shown_table(obj, lambda: text, {})
    tables = tuple(Table(*each) for each in located([found], text)) if found else ()
    return [Prompt(question), Proposal("p", 1, "", "x", "x"), Observation("p", text, True, tables=tables)]


@pytest.mark.parametrize(
    ("obj", "answer", "number", "row"),
    [
        (MASS, "The mean mass is 4679.74 for males and 5484.84 for females.", "4679.74", "female"),
        (MASS, "Males: 4679.74, females: 5484.84", "5484.84", "male"),
        (SUMS, "Zürich sold most: 3,472.10.", "3472.10", "Köln"),
        (SUMS, "The largest is Köln with 3472.10, the smallest Zürich with 1720.25.", "1720.25", "Besançon"),
        (SUMS, "Besançon made 312 sales.", "312", "Zürich"),
        (SUMS, "Köln made 301 sales, 1720.25 in all.", "1720.25", "Besançon"),
        (AMOUNTS, "The mean is 410.", "410.00000", "max"),
        (AMOUNTS, "The mean is 410, the max 272.", "410.00000", "max"),
    ],
)
def test_a_number_that_is_told_of_another_row_is_found(obj: Any, answer: str, number: str, row: str) -> None:
    fact = f"In the output, {number} is in the row of {row}."
    assert other_row(answer, shown(obj)) == fact
    gap = reservation(answer, shown(obj))
    assert gap is not None and gap.fact == fact and not gap.is_open


@pytest.mark.parametrize(
    ("obj", "answer"),
    [
        (MASS, "It is 4679.74 for females and 5484.84 for males."),
        (MASS, "Female and male birds weigh 4679.74 and 5484.84."),
        (MASS, "The difference between males and females is 805.1."),
        (SUMS, "Köln (3472.1) is ahead of Zürich (2560.4)."),
        (SUMS, "Besançon has the lowest total (1720.25), Köln the highest."),
        (SUMS, "3.472,10 € in Köln"),
        (SUMS, "Zürich and Köln differ: Köln has 3472.10, Zürich 2560.40."),
        (SUMS, "The largest total is 3472.10."),
        (SUMS, "Köln made 3 sales less."),
        (SUMS, "Köln has 3472.10, and the city on the Ill 2560.40."),
        (AMOUNTS, "5 amounts, mean 272, median 250 (50 %), maximum 410."),
        (AMOUNTS, "The mean is 272 and the largest is 410, the smallest 180."),
        (SUMS.reset_index(), "Zürich has 3472.10."),  # rows that are merely numbered: not known
        (pl.DataFrame({"city": ["Ulm"], "total": [120.5]}), "Bonn has 120.5."),
    ],
)
def test_a_number_that_is_told_of_its_row_or_of_none_is_not(obj: Any, answer: str) -> None:
    assert other_row(answer, shown(obj)) == ""


TOTALS = pd.Series(
    [1370.0, 1285.0, 1452.5, 1367.5, 1401.0], pd.Index(["Bremen", "Erfurt", "Kassel", "Passau", "Ulm"], name="town")
)
MEANS = pd.Series({"bill_length_mm": 43.92, "flipper_length_mm": 200.92, "bill_depth_mm": 17.15, "mass": 4201.75})
RANKED = pd.DataFrame({"total": [33.5, 45.25, 21.75], "share": [0.3, 0.4, 0.2]}, pd.Index(["Ulm", "Bonn", "Kiel"]))


@pytest.mark.parametrize(
    ("obj", "answer", "fact"),
    [
        (
            TOTALS,
            "Passau has the highest total, 1367.5.",
            "largest number is 1,452.5 (Kassel), the smallest 1,285 (Erfurt)",
        ),
        (TOTALS.rename("amount"), "It is Passau with 1,367.5.", "largest number is 1,452.5 (Kassel), the smallest"),
        (TOTALS.head(4), "Passau has most, 1367.5.", "largest number is 1,452.5 (Kassel)"),
        (TOTALS.to_frame("amount"), "Passau: 1367.50", "largest amount is 1,452.5 (Kassel), the smallest"),
        (pl.DataFrame({"town": ["Ulm", "Bonn", "Kiel"], "n": [310, 290, 300]}), "Bonn has 290.", ""),
    ],
)
def test_a_row_that_is_neither_the_largest_nor_the_smallest_is_asked_about(obj: Any, answer: str, fact: str) -> None:
    found = no_extreme(answer, shown(obj))
    assert fact in found and bool(found) == bool(fact)
    gap = reservation(answer, shown(obj))
    assert (gap.fact if gap else "") == found


@pytest.mark.parametrize(
    ("obj", "answer", "question"),
    [
        (TOTALS, "Kassel has the highest total, 1452.5.", "Which is the highest?"),
        (TOTALS, "Erfurt has 1285.", "Which is the lowest?"),
        (TOTALS.iloc[::-1], "Ulm has 1401.", "Who is first?"),
        (TOTALS.set_axis(range(2001, 2006)), "In 2005 it was 1401.", "What is the latest one?"),
        (TOTALS, "Passau has 1367.5.", "What is the total of Passau?"),
        (TOTALS, "Passau has 1367.5, Kassel 1452.5.", "Which two?"),
        (TOTALS, "It is 1367.5.", "Which?"),
        (MEANS, "flipper_length_mm has a mean of 200.92.", "What is the average flipper length?"),
        (AMOUNTS, "The mean is 272.", "What is the average amount?"),
        (RANKED, "Bonn has 45.25.", "Which is the largest?"),
        (TOTALS.head(2), "Erfurt has 1285.", "Which?"),
    ],
)
def test_other_rows_are_not(obj: Any, answer: str, question: str) -> None:
    assert no_extreme(answer, shown(obj, question)) == ""
