"""Evidence: other data for an experiment, what a question names, and what the steps of an answer rest on together."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.agent.rests import unfounded_answer, unused, unused_names
from codeact_jupyter.kernel.copy.changeable import is_data, part_of
from codeact_jupyter.kernel.copy.other_data import Changing
from codeact_jupyter.kernel.copy.other_files import changed_content
from codeact_jupyter.kernel.copy.other_values import DRAWS, Draw, is_missing, redrawn
from codeact_jupyter.kernel.copy.reads import reads_of
from codeact_jupyter.kernel.copy.relevance import Question
from codeact_jupyter.kernel.evidence import read_evidence
from codeact_jupyter.session.event_json import from_json, to_json
from codeact_jupyter.session.evidence import SCHEMA, Evidence
from codeact_jupyter.session.grounds import grounds_of, object_of, steps_of
from codeact_jupyter.session.messages import (
    Approval,
    Event,
    Observation,
    Prompt,
    Proposal,
    Tried,
)
from codeact_jupyter.text import NOTHING as NOTHING_SHOWN

COLUMNS: list[list[Any]] = [
    [1, 5, 5, 9, 12, 3],
    [0.5, 2.25, float("nan"), 8.0],
    ["ash", "elm", "ash", "oak"],
    [True, False, False, True],
    [dt.date(2024, 1, day) for day in range(1, 9)],
    ["2024-01-01", "2024-02-01", "2023-05-06"],
    [3],
    ["one"],
]


@pytest.mark.parametrize("values", COLUMNS, ids=str)
def test_other_values_have_the_same_types_and_most_draws_differ(values: list[Any]) -> None:
    differing = 0
    for number in range(DRAWS):
        drawn = redrawn(values, Draw(number, ("fir", "2022-02-02"), (7.0, 2030.0)), "x")
        assert len(drawn) == len(values)
        assert {type(each) for each in drawn if not is_missing(each)} <= {type(each) for each in values}
        differing += repr(drawn) != repr(values)
        assert repr(drawn) == repr(redrawn(values, Draw(number, ("fir", "2022-02-02"), (7.0, 2030.0)), "x"))
    assert differing >= DRAWS - 3


def test_constants_of_the_code_come_in_so_that_a_filter_may_match() -> None:
    assert "fir" in redrawn(["ash", "elm"] * 20, Draw(0, ("fir",)), "x")
    assert 99 in redrawn([1, 2] * 20, Draw(0, (), (99.0,)), "x")
    assert any(day.year == 2030 for day in redrawn([dt.date(2024, 1, 1)] * 20, Draw(0, (), (2030.0,)), "x"))
    assert "fir" not in redrawn(["2024-01-01", "2024-01-02"] * 20, Draw(0, ("fir",)), "x"), "dates stay dates"


def test_each_distinct_value_is_missing_in_some_draw() -> None:
    values = ["a", "b", "c", "d", "e"] * 9
    kept = [set(redrawn(values, Draw(number), "x")) for number in (2, 5)]
    assert all(any(value not in each for each in kept) for value in "abcde")


def test_numbers_in_order_stay_in_order() -> None:
    for number in (0, 3, 5):
        drawn = redrawn(list(range(30)), Draw(number), "x")
        assert drawn == sorted(drawn)


@pytest.mark.parametrize(
    "obj",
    [
        pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}, index=["k", "l", "m"]),
        pd.DataFrame({"a": pd.Categorical(["u", "v", "u"]), "b": pd.array([1, None, 3], dtype="Int64")}),
        pd.Series(pd.date_range("2024-01-01", periods=4, tz="UTC")),
        pd.Index(["p", "q", "r"]),
        pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}),
        pl.Series([1.5, 2.5]),
        np.arange(6, dtype="int8").reshape(2, 3),
        [{"k": 1, "v": "a"}, {"k": 2, "v": "b"}],
        {"a": [1, 2], "b": {"c": 3}},
        (1, "two", 3.5),
        np.int64(12),
        Counter("abca"),
        {"x", "y"},
    ],
    ids=lambda obj: type(obj).__name__,
)
def test_data_keep_their_type_and_labels_and_the_object_itself_does_not_change(obj: Any) -> None:
    assert is_data(obj)
    before = repr(obj)
    made = set()
    for number in range(6):
        changing = Changing(Draw(number))
        changed = changing.data(obj, "x")
        assert type(changed) is type(obj)
        if hasattr(obj, "columns") and number != 5:
            assert list(changed.columns) == list(obj.columns)
        if isinstance(obj, pd.DataFrame) and number not in (2, 5):
            assert list(changed.dtypes) == list(obj.dtypes)
        made.add(changing.made and repr(changed) != before)
    assert True in made
    assert repr(obj) == before


def test_tables_of_one_length_keep_the_same_rows() -> None:
    long = [pd.DataFrame({"a": range(900)}), np.arange(900), list(range(900))]
    parts = [part_of(obj, 50) for obj in long]
    assert parts[0].a.tolist() == parts[1].tolist() == parts[2]


@pytest.mark.parametrize("obj", [object(), iter([1]), {"a": object()}, [print], open], ids=str)
def test_what_is_no_data_is_known_as_such(obj: Any) -> None:
    assert not is_data(obj)


@pytest.mark.parametrize(
    "content",
    [
        "a,b\n1,x\n2,y\n3,z\n",
        "a;b\n1,5;x\n2,5;y\n",
        "v\n10\n20\n30\n",
        json.dumps({"rows": [{"n": 1}, {"n": 4}]}),
        '{"n": 1}\n{"n": 2}\n{"n": 5}\n',
        "Some words, and 3 numbers.\nAnother line of words.\n",
    ],
)
def test_files_keep_their_form(content: str) -> None:
    for number in range(3):
        changed = changed_content(content.encode(), Changing(Draw(number)))
        assert changed is not None
        text = changed.decode()
        assert text != content
        if content[:2] in ("a,", "a;", "v\n"):
            assert text.splitlines()[0] == content.splitlines()[0]
            assert {line.count(content[1]) for line in text.splitlines()} == {content.splitlines()[1].count(content[1])}
        elif content.startswith("{"):
            assert all(isinstance(json.loads(line), dict) for line in text.splitlines())


def test_a_file_of_an_unknown_form_is_not_changed() -> None:
    assert changed_content(b"PK\x03\x04\x00\x00", Changing(Draw(0))) is None


def test_what_a_cell_may_read_has_the_words_of_its_texts_and_of_functions_that_it_calls() -> None:
    namespace: dict[str, Any] = {}
    exec("def total():\n    return orders['net'].sum() > 250", namespace)
    reads = reads_of("%%time\ntotal()\nsql('select * from clients where age > 33')", namespace)
    assert {"orders", "net", "clients", "age"} <= reads.words
    assert {250.0} <= set(reads.numbers)
    assert reads.mention("net")
    assert not reads.anything
    assert {"_", "made", "total", "rows"} & reads_of("made = 1\nfor _, total in rows: total += 1", {}).words == {
        "total",
        "rows",
    }
    assert reads_of("vars()['x']", {}).anything
    assert reads_of("%whos", {}).anything


@pytest.mark.parametrize(
    ("question", "names", "not_names"),
    [
        ("What is the total price?", ["price", "total"], ["unit_price", "city"]),
        ("Mean unit price of the orders", ["unit_price", "unitPrice", "order"], ["orderLine"]),
        ("Which countries are largest?", ["country"], ["count"]),
        ("Is a or `b` larger?", ["b"], ["a"]),
    ],
)
def test_a_question_names_labels_by_all_their_words(question: str, names: list[str], not_names: list[str]) -> None:
    asked = Question(question)
    assert all(map(asked.names, names))
    assert not any(map(asked.names, not_names))


def test_a_question_touches_data_by_a_word_or_a_value(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_text("a\n1\n")
    asked = Question(f"How much did Ulm sell, by {path}?")
    assert asked.touches(["sell_price"])
    assert not asked.touches(["amount"])
    assert asked.has_value(["Bonn", "ULM", 3])
    assert not asked.has_value(["Ul", "Ulmer", "DID", 7, True])
    assert Question("Mean price in 2005?").has_value([2004, 2005])
    assert asked.files() == [str(path)]


# --- the steps of an answer ----------------------------------------------------------------------------------------


def ran(
    number: int, code: str, evidence: Evidence | None, *, source: str = "", text: str = "7", **tried: Any
) -> list[Event]:
    """The events of a step that was tried with this evidence, and run."""
    trial = Tried("ran", evidence=evidence, **tried)
    proposal = Proposal(f"p{number}", number, "", code, "", tried=trial)
    return [proposal, Approval(proposal.id, source or code), Observation(proposal.id, text, True)]


def depends(*labels: str, **fields: Any) -> Evidence:
    return Evidence(labels, tried=True, **fields)


NOTHING = Evidence((), ("orders",), tried=True, independent=True, named=("orders.amount",))
ASKED = Prompt("What is the amount?", "orders: DataFrame")


def test_names_that_steps_have_bound_are_replaced_by_what_they_rest_on() -> None:
    names = (("paid", ("orders.state",)), ("paid.amount", ("orders.state", "orders.amount")))
    first = ran(1, "paid = …", depends("orders.state", "orders.amount", rows=400, names=names), added=("paid",))
    second = ran(2, "paid.amount.sum()", depends("paid.amount", rows=90))
    assert grounds_of([ASKED, *first, *second]).evidence.rests_on == ("orders.state", "orders.amount")
    assert grounds_of([ASKED, *first, *second]).steps == (1, 2)
    assert grounds_of([ASKED, *first, *second]).evidence.rows == 400
    assert grounds_of([ASKED, *first, *second, Prompt("More?"), *second]).evidence.rests_on == ("paid.amount",)


def test_data_that_a_step_has_written_rest_on_nothing() -> None:
    made = Evidence((), ("orders",), tried=True, independent=True, names=(("made", ()), ("made.x", ())))
    first = ran(1, "made = …", made, added=("made",))
    second = ran(2, "made.x.sum()", depends("made.x"))
    assert [step.evidence.independent for step in steps_of([ASKED, *first, *second])] == [True, True]
    rebound = ran(2, "made = load()", Evidence(reason="too slow"), added=("made",))
    assert not steps_of([ASKED, *first, *rebound, *second])[-1].evidence.independent
    partly = ran(2, "made.x.sum()", depends("made.x", reason="not all was tried in the time that there is"))
    assert not steps_of([ASKED, *first, *partly])[-1].evidence.independent


def test_a_step_that_was_edited_or_not_tried_is_not_known() -> None:
    for step in (ran(1, "1", NOTHING, source="2"), ran(1, "1", None)):
        assert steps_of([ASKED, *step])[0].evidence == Evidence()
        assert unfounded_answer("It is 7.", [ASKED, *step]) == ""


def test_an_answer_is_unfounded_if_its_figures_stand_only_in_outputs_that_rest_on_nothing() -> None:
    typed = ran(2, "print(812 + 905)", NOTHING, text="1717")
    right = ran(1, "print(orders.amount.sum())", depends("orders.amount"), text="4250")
    assert unfounded_answer("It is 1717.", [ASKED, *right, *typed]) == "`orders`"
    assert unfounded_answer("It is 4250.", [ASKED, *right, *typed]) == ""
    chosen = ran(1, "print('Ulm' if 3 > 2 else 'Bonn')", NOTHING, text="Ulm")
    listed = Prompt("Which town has the highest amount?", "orders: DataFrame 400×3, 2 towns")
    assert unfounded_answer("It is Ulm.", [listed, *chosen]) == "`orders`", "small figures of a listing"
    sums = ran(1, "print('Sum:', 2 + 3)", NOTHING, text="Sum: 5")
    assert unfounded_answer("It is 5.", [Prompt("What are 2 and 3 orders together?", "orders: …"), *sums]) == ""
    both = Evidence(("orders.amount",), tried=True, named=("orders.amount",))
    silent = ran(1, "import pandas as pd", NOTHING, text=NOTHING_SHOWN)
    assert unfounded_answer("It is Ulm.", [ASKED, *silent, *typed])
    assert unfounded_answer("It is Ulm.", [ASKED, *ran(1, "…", both), *typed]) == ""
    given = Prompt("One order has the amount 812, the other 905. What is the total?", "orders: DataFrame")
    assert unfounded_answer("It is 1717.", [given, *typed]) == "", "figures of the question"
    unnamed = Evidence((), ("orders",), tried=True, independent=True)
    assert unfounded_answer("It is 1717.", [ASKED, *ran(1, "print(812 + 905)", unnamed)]) == ""


def test_a_named_column_is_unused_only_if_all_steps_are_known() -> None:
    step = ran(1, "…", depends("orders.amount", independent_of=("orders.state",), named=("orders.state",)))
    asked, other = Prompt("What is the amount for the 'state' paid?"), ran(2, "…", depends("orders.state"))
    assert unused([asked, *step]) == "orders.state"
    assert unused([Prompt("What state are they in?"), *step]) == "", "a word may be no column"
    assert unused([asked, *step, *ran(2, "…", None)]) == ""
    assert unused([asked, *step, *other]) == ""


def test_nothing_is_called_independent_after_a_step_of_which_it_is_not_known_what_it_bound() -> None:
    last = ran(3, "…", depends("top.lat", independent_of=("ap.lat",), named=("ap.lat",)))
    untried = ran(2, "top = ap.head()", None, added=("top",))
    silent = ran(2, "print(1)", None)
    assert grounds_of([ASKED, *last]).evidence.independent_of == ("ap.lat",)
    assert grounds_of([ASKED, *silent, *last]).evidence.independent_of == ("ap.lat",)
    assert grounds_of([ASKED, *untried, *last]).evidence.independent_of == ()


def test_an_object_is_not_independent_if_one_of_its_columns_matters() -> None:
    evidence = depends("ap.lat", independent_of=("ap", "df"))
    assert grounds_of([ASKED, *ran(1, "…", evidence)]).evidence.independent_of == ("df",)


@pytest.mark.parametrize(
    ("question", "named", "rests_on", "told"),
    [
        ("Mean `fee`?", ["boats.fee"], ["boats.length"], ["boats.fee"]),
        ("Mean berth_fee?", ["boats.berth_fee"], ["boats.length"], ["boats.berth_fee"]),
        ("Mean fee of the boats?", ["boats.fee"], ["boats.length"], []),  # it may be a word
        ("Mean length of Redmond's boats?", ["boats.port"], ["boats.length"], ["boats.port"]),  # by a value
        ("Mean length in 2005?", ["boats.day"], ["boats.length"], ["boats.day"]),
        ("Mean length in 2005?", ["boats.year", "ports.year"], ["ports.year"], []),  # of the other table
        ("How many rows does `ap` have?", ["ap"], ["df"], ["ap"]),
        ("How many maps?", ["ap"], ["df"], []),
        ("How far did the trips go?", ["trips"], ["df.lat"], []),
        ("How many rows does `ap` have?", ["ap"], [], []),
    ],
)
def test_what_the_question_names_for_certain_and_no_result_depends_on(
    question: str, named: list[str], rests_on: list[str], told: list[str]
) -> None:
    independent = tuple(label for label in named if label not in rests_on)
    assert unused_names(Evidence(tuple(rests_on), independent, tried=True, named=tuple(named)), question) == told


def test_evidence_travels_in_the_journal_and_older_journals_load() -> None:
    names = (("x", ("a.b", "c()")), ("y", ()))
    evidence = Evidence(("a.b",), ("c()",), 5, True, "late", False, ("a",), names, (("a.b", 4),), 3, 17)
    proposal = ran(1, "x", evidence)[0]
    record = json.loads(json.dumps(to_json(proposal)))
    assert from_json(record) == proposal
    assert record["tried"]["evidence"]["schema"] == SCHEMA
    del record["tried"]["evidence"]
    assert from_json(record) == Proposal("p1", 1, "", "x", "", tried=Tried("ran"))
    newer = {**record, "tried": {"outcome": "ran", "evidence": {"rows": 5, "unknown": 1}, "more": []}, "also": "x"}
    assert from_json(newer) == Proposal("p1", 1, "", "x", "", tried=Tried("ran", evidence=Evidence(rows=5)))


@pytest.mark.parametrize(
    ("label", "name"), [("a.b", "a"), ("a['b c']", "a"), ("a", "a"), ("a()", "a()"), ('"a.csv"', '"a.csv"')]
)
def test_the_object_of_a_label(label: str, name: str) -> None:
    assert object_of(label) == name


@pytest.mark.parametrize("told", [None, 5, {}, {"rests_on": 3}, {"rests_on": [], "rows": "x"}])
def test_a_report_that_makes_no_sense_is_no_evidence(told: Any) -> None:
    assert not read_evidence({"evidence": told}, "").tried


def test_a_report_is_bounded() -> None:
    told = {
        "rests_on": ["x" * 1000, "a\nb"] * 100, "independent_of": [], "rows": 4, "tried": True, "reason": "",
        "independent": False, "named": [], "names": [["n", ["a"]]] * 900, "few": [["x" * 1000, 4]] * 900,
        "first": 2, "runs": 5,
    }  # fmt: skip
    evidence = read_evidence({"evidence": told}, "")
    assert len(evidence.rests_on) == 60
    assert max(map(len, evidence.rests_on)) <= 120
    assert all("\n" not in label for label in evidence.rests_on)
    assert len(evidence.names) == len(evidence.few) == 60
    assert evidence.few[0] == (evidence.rests_on[0], 4)
