"""Few rows on which a result depends: how they are searched, and when an answer tells them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.agent.grounding import reservation
from codeact_jupyter.kernel.copy.few_rows import FEW, FIRST, GROUPS, LATER, few_rows, first_rows
from codeact_jupyter.kernel.copy.other_data import Changing
from codeact_jupyter.kernel.copy.other_files import changed_content
from codeact_jupyter.kernel.copy.other_values import Draw
from codeact_jupyter.session.basis import basis_of
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import Approval, Event, Observation, Prompt, Proposal, Tried
from codeact_jupyter.views.basis import basis_line


@pytest.mark.parametrize("rows", [40, 41, 97, 400, 500])
@pytest.mark.parametrize(
    "places", [{0}, {39}, {3, 4, 5}, {0, 13, 26, 39}, set(range(0, 40, 5)), set(range(8))], ids=str
)
def test_few_rows_are_all_found_with_few_changes(rows: int, places: set[int]) -> None:
    tried: list[Sequence[int]] = []

    def changes(group: Sequence[int]) -> bool:
        tried.append(group)
        return not places.isdisjoint(group)

    assert few_rows(rows, changes) == sorted(places)
    assert len(tried) <= GROUPS + 2 * len(places) * 6
    assert all(0 <= place < rows for group in tried for place in group)


@pytest.mark.parametrize("places", [set(range(400)), set(range(0, 400, 2)), set(range(FEW + 1)), set(range(390, 400))])
def test_many_rows_are_not_told(places: set[int]) -> None:
    assert few_rows(400, lambda group: not places.isdisjoint(group)) == []


def test_a_search_among_all_rows_ends_at_once() -> None:
    tried: list[Sequence[int]] = []
    assert few_rows(400, lambda group: not tried.append(group)) == []  # type: ignore[func-returns-value]
    assert len(tried) == FEW + 1


def test_rows_with_which_nothing_changes_are_none() -> None:
    assert few_rows(400, lambda group: False) == []


@pytest.mark.parametrize("number", [0, 1, 2])
def test_only_these_rows_are_changed(number: int) -> None:
    values = ["ash", "elm", "fir", "oak"] * 20
    for table in (pd.DataFrame({"a": range(80), "b": values}), pl.DataFrame({"a": range(80), "b": values})):
        changing = Changing(Draw(number), {3, 4, 5, 6})
        changed = changing.data(table, "t", ("b",))
        assert changing.made
        assert list(changed["a"]) == list(range(80))
        differing = [place for place in range(80) if changed["b"][place] != values[place]]
        assert differing
        assert set(differing) <= {3, 4, 5, 6}


def test_no_rows_are_nothing_to_change() -> None:
    changing = Changing(Draw(0), set())
    assert changing.data(np.arange(9), "x").tolist() == list(range(9))
    assert not changing.made


@pytest.mark.parametrize("rows", [12, 60, 500])
@pytest.mark.parametrize(
    ("places", "first"),
    [
        ({0, 1}, 2),
        ({0, 1, 2}, 3),
        (set(range(5)), 5),
        ({0, 4}, 5),
        ({0}, 0),
        (set(), 0),
        ({3}, 0),
        ({0, 11}, 0),
        ({7, 8, 9, 10, 11}, 0),
    ],
    ids=str,
)
def test_the_first_rows_are_told_if_no_later_ones_matter(rows: int, places: set[int], first: int) -> None:
    tried: list[range] = []

    def changes(group: range) -> bool | None:
        tried.append(group)
        changed = range(rows)[group.start : group.stop]
        return None if len(group) > LATER > len(changed) else not places.isdisjoint(changed)

    is_known = rows > 20 + LATER and {0, 11} == places
    assert first_rows(changes) == (12 if is_known else first)
    assert len(tried) <= len(FIRST) + 6


def test_later_rows_of_a_file_are_changed_and_the_first_ones_stay() -> None:
    lines = ["name,kg", *(f"cow {place},{place}.50" for place in range(12))]
    for content in ("\n".join(lines) + "\n", "\n".join(line.replace(",", " and ") for line in lines) + "\n"):
        for number in (0, 1, 2):
            changing = Changing(Draw(number), range(4, 99))
            changed = (changed_content(content.encode(), changing) or b"").decode().splitlines()
            assert changed[:4] == content.splitlines()[:4]
            assert len(changed) == 13 and changed[8:] != content.splitlines()[8:]
            assert changing.reached in (8, 9)  # without, and with the heading


# --- the line below an answer --------------------------------------------------------------------------------------


def answered(*steps: Evidence | None) -> str:
    """The line below an answer after steps with this evidence."""
    events: list[Event] = [Prompt("What is the amount?")]
    for number, evidence in enumerate(steps, 1):
        tried = Tried("ran", evidence=evidence, added=("paid",) if evidence and evidence.names else ())
        events += [Proposal(f"p{number}", number, "", "x", "", tried=tried), Approval(f"p{number}", "x")]
        events.append(Observation(f"p{number}", "7", True))
    return basis_line(basis_of("It is 7.", events))


FOUND = Evidence(("orders.amount", "orders.state"), rows=400, tried=True, few=(("orders.amount", 4),))
OTHER = Evidence(("orders.day",), rows=400, tried=True)


def test_the_line_tells_of_which_column_few_rows_matter() -> None:
    assert answered(FOUND) == "Rests on `orders.amount` in 4 rows, `orders.state` · 400 rows · step 1"
    assert answered(OTHER, FOUND).startswith("Rests on `orders.day`, `orders.amount` in 4 rows, `orders.state` · ")


def test_few_rows_are_not_told_where_another_step_may_rest_on_more_of_them() -> None:
    assert "in 4 rows" not in answered(FOUND, FOUND)
    assert "in 4 rows" not in answered(FOUND, Evidence(reason="it takes too long"))
    assert "in 4 rows" not in answered(FOUND, None)


def test_the_line_tells_if_only_the_first_rows_matter() -> None:
    head = Evidence(("orders.amount",), rows=400, tried=True, first=5)
    assert answered(head) == "Rests on `orders.amount` · only the first 5 of 400 rows · step 1"
    listed = Evidence(("readings",), tried=True, first=3)
    assert answered(listed) == "Rests on `readings` · only the first 3 entries · step 1"
    for other in (OTHER, Evidence(reason="it takes too long"), None):
        assert "the first" not in answered(head, other)
    assert "the first 5 of" in answered(head, Evidence(tried=True, independent=True))


def test_rows_of_a_table_that_a_step_has_made_are_not_told_as_those_of_the_users() -> None:
    names = (("paid", ("orders.state",)), ("paid.amount", ("orders.state", "orders.amount")))
    made = Evidence(("orders.state", "orders.amount"), rows=400, tried=True, names=names)
    used = Evidence(("paid.amount",), rows=90, tried=True, few=(("paid.amount", 3),))
    assert "in 3 rows" not in answered(made, used)


# --- an answer that tells the first rows as all --------------------------------------------------------------------

HEAD = Evidence(("readings",), tried=True, first=3)


def episode(question: str, evidence: Evidence, text: str = "[14.5, 17.25, 33.0]") -> list[Event]:
    tried = Tried("ran", evidence=evidence)
    step = [Proposal("p1", 1, "", "x", "", tried=tried), Approval("p1", "x"), Observation("p1", text, True)]
    return [Prompt(question), *step]


@pytest.mark.parametrize(
    ("question", "evidence", "answer", "fact"),
    [
        ("What is the largest reading?", HEAD, "It is 33.0.", "Only the first 3 entries of `readings` matter to that."),
        (
            "Which day was the warmest?",
            Evidence(("days.t",), rows=90, tried=True, first=3),
            "33.0 degrees.",
            "Only the first 3 rows of `days` matter to that.",
        ),
        (
            "How many cars?",
            Evidence(('"a.csv"',), tried=True, first=3),
            "33.",
            'Only the first 3 entries of "a.csv" matter to that.',
        ),
        ("What are the first 3 readings?", HEAD, "14.5, 17.25 and 33.0.", ""),
        ("What is the largest reading?", Evidence(("readings",), tried=True), "It is 33.0.", ""),
        ("What is the largest reading?", HEAD, "I cannot tell.", ""),
        ("Which day?", Evidence(("days.t",), rows=90, tried=True, first=3), "33.0, of the first 3 of 90 rows.", ""),
    ],
)
def test_an_answer_of_the_first_rows_says_so(question: str, evidence: Evidence, answer: str, fact: str) -> None:
    gap = reservation(answer, episode(question, evidence))
    assert (gap.fact if gap else "") == fact


def test_an_answer_that_another_step_shows_too_is_no_answer_of_the_first_rows() -> None:
    tried = Tried("ran", evidence=Evidence(("readings",), tried=True))
    more = [Proposal("p2", 2, "", "y", "", tried=tried), Approval("p2", "y"), Observation("p2", "48.5", True)]
    assert reservation("It is 48.5.", [*episode("What is the largest reading?", HEAD), *more]) is None
