"""The numbers of records, their comparison, and the page: right by statsmodels, and safe whatever a model wrote."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint

from benchmarks.reporting.page import outcome, render_page, render_plot, write
from benchmarks.reporting.sections import sections
from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.evaluation.records import Folder, Record, Step
from codeact_jupyter.evaluation.reporting.comparison import compare
from codeact_jupyter.evaluation.reporting.grounds import ungrounded
from codeact_jupyter.evaluation.reporting.groups import Run, read_run, select
from codeact_jupyter.evaluation.reporting.summary import summarise
from codeact_jupyter.evaluation.reporting.table import as_json, as_markdown, as_text
from codeact_jupyter.session.basis import Basis

HOSTILE = (
    "</pre></script><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7 * 7 }} \u202eevil &amp; \x07 \ud800"
)


def record(task: str, right: bool = False, arm: str = "full", mode: str = "code", **values: object) -> Record:
    answer = "42" if right else "41"
    base = Record("tools", task, task.partition("/")[0], "dev", mode, arm, 0, "model", prompt="What?", answer=answer)
    return replace(base, **{"right": right, "right_after_refusal": right, "status": "answered", **values})  # type: ignore[arg-type]


def many(solved: int, total: int, **values: object) -> list[Record]:
    return [record(f"world/{number}", number < solved, **values) for number in range(total)]  # type: ignore[arg-type]


# --- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("solved", "total"), [(0, 12), (5, 12), (12, 12), (1, 1)])
def test_success_comes_with_the_wilson_interval(solved: int, total: int) -> None:
    found = summarise(many(solved, total)).first
    low, high = proportion_confint(solved, total, method="wilson")
    assert (found.count, found.total, found.low, found.high) == (solved, total, low, high)
    assert found.value == solved / total


def test_costs_are_means_and_per_solved_task() -> None:
    records = [
        record("a/1", True, generated_tokens=100, seconds=3.0, turns=2, discarded=1),
        record("a/2", False, generated_tokens=300, seconds=9.0, turns=4),
        record("a/3", False, generated_tokens=200, seconds=6.0, turns=3, right_after_refusal=True),
    ]
    found = summarise(records)
    assert (found.generated_tokens, found.tokens_per_solved) == (200, 600)
    assert (found.turns, found.seconds_median, found.seconds_total) == (3, 6.0, 18.0)
    assert (found.first.count, found.after_refusals.count, found.discarded) == (1, 2, 1 / 3)
    assert summarise(many(0, 3)).tokens_per_solved is None


def test_invalid_actions_are_a_share_of_those_that_were_shown() -> None:
    steps = (Step("", "x", "", "NameError: x"), Step("", "y", ""))
    raised, invalid = {"NameError": 1, "ValueError": 2}, {"name": 1}
    records = [record("a/1", steps=steps, raised=raised, invalid=invalid), record("a/2", steps=steps)]
    found = summarise(records)
    assert (found.actions, found.invalid_share.count, found.invalid_share.total, found.invalid) == (4, 1, 4, 0.5)
    assert found.raised == {"ValueError": 2, "NameError": 1}


def test_where_the_time_goes_adds_up() -> None:
    parts = summarise([record("a/1", seconds=10.0, reading_seconds=2.0, writing_seconds=5.0)]).seconds_by_part
    assert parts == {"reading": 2.0, "writing": 5.0, "acting": 3.0}


def test_the_tables_hold_each_mode_arm_and_domain() -> None:
    records = [record("a/1", True), record("b/1"), record("a/1", arm="bare"), record("b/1", mode="json")]
    text = as_text(records, "model")
    for told in ("code/full", "code/bare", "json/full", "1/2 = 50.0 %", "right by domain"):
        assert told in text
    assert as_markdown(records).splitlines()[2].startswith("| code/full | 1/2 = 50.0 % | 9–91 % |")
    data = as_json(records)
    assert data["code/full"]["overall"]["first"]["value"] == 0.5
    assert data["code/full"]["domains"]["a"]["first"]["count"] == 1


# --- comparison --------------------------------------------------------------------------------------------------


def test_two_runs_are_compared_by_task_and_seed_with_mcnemar_s_test() -> None:
    first = [record(f"a/{n}", n < 9) for n in range(12)]
    second = [record(f"a/{n}", n in (0, 1, 10)) for n in range(12)]
    found = compare(first, [*second, record("a/other", True)])
    assert (found.both, found.first_only, found.second_only, found.neither) == (2, 7, 1, 2)
    assert found.p == pytest.approx(mcnemar([[2, 7], [1, 2]], exact=True).pvalue)
    assert found.difference == pytest.approx(50)
    assert (found.second_tasks, len(found.first_tasks)) == (("a/10",), 7)
    assert "p = " in found.as_text("A", "B")
    assert compare(first, first).p == 1.0
    with pytest.raises(UsageProblem, match="no task and seed in common"):
        compare(first, [replace(each, seed=1) for each in second])


def test_a_group_of_a_run_is_named_by_mode_or_arm(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "run")
    folder.begin({})
    for each in (record("a/1"), record("a/1", arm="bare"), record("a/1", mode="json")):
        folder.append(each)
    place = str(tmp_path / "run")
    assert select(f"{place}@bare")[1][0].arm == "bare"
    assert select(f"{place}@json")[0] == "run@json/full"
    for wanted in ("", "@full", "@code", "@nothing"):
        with pytest.raises(UsageProblem, match=r"Give one of .*run@code/bare"):
            select(place + wanted)
    with pytest.raises(UsageProblem, match="holds no records"):
        read_run(tmp_path)


def test_what_two_runs_call_alike_is_told_apart() -> None:
    runs = [Run("one", {}, tuple(many(1, 2))), Run("two", {}, (*many(2, 2), *many(1, 2, arm="smolagents")))]
    (section,) = sections(runs)
    assert [*section.groups] == ["code/full (one)", "code/full (two)", "code/smolagents"]
    other = replace(record("a/1"), model="another")
    assert len(sections([*runs, Run("three", {}, (other,))])) == 2


# --- the page ----------------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """The elements of a page and their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def page(*runs: Run) -> tuple[str, Outline]:
    html = render_page(runs)
    outline = Outline()
    outline.feed(html)
    return html, outline


def hostile() -> list[Record]:
    steps = (Step(HOSTILE, HOSTILE, HOSTILE, f"NameError: {HOSTILE}"), Step("", HOSTILE, None))
    return [
        replace(
            record(f"{HOSTILE}/{mode}", mode=mode, arm=HOSTILE if mode == "text" else "full", steps=steps),
            domain=HOSTILE,
            prompt=HOSTILE,
            answer=HOSTILE,
            verdict=HOSTILE,
            reason=HOSTILE,
            status=HOSTILE,
            model=HOSTILE,
            suite=HOSTILE,
            raised={HOSTILE: 1},
            messages=({"role": "user", "content": HOSTILE},),
        )
        for mode in ("code", "json", "text")
    ]


def test_whatever_a_model_wrote_is_text_on_the_page(tmp_path: Path) -> None:
    about = {"model": {"name": HOSTILE}, "settings": {"suite": HOSTILE, "arms": [HOSTILE]}, "started": HOSTILE}
    html, outline = page(Run(HOSTILE, about, tuple(hostile())))
    assert [tag for tag, _ in outline.elements].count("script") == 1
    assert not {"img", "iframe", "object", "embed", "link"} & {tag for tag, _ in outline.elements}
    assert not any(name.startswith("on") for _, attributes in outline.elements for name in attributes)
    assert "{{ 7 * 7 }}" in html
    assert "\u202e" not in html
    assert "alert(1)" in outline.text
    write(html, tmp_path / "deep" / "page.html")
    assert (tmp_path / "deep" / "page.html").stat().st_size > 10_000


def test_the_page_needs_nothing_from_elsewhere_and_runs_no_script_but_its_own() -> None:
    html, outline = page(Run("run", {}, tuple(many(1, 3))))
    for tag, attributes in outline.elements:
        assert attributes.get("src") is None, tag
        assert (attributes.get("href") or "#").startswith("#"), tag
    assert not re.search(r"https?://|@import|url\(", html)
    (policy,) = (each["content"] for tag, each in outline.elements if each.get("http-equiv"))
    assert policy is not None
    assert re.search(r"default-src 'none'.*script-src 'sha256-[\w+/=]+'$", policy)


def test_the_page_holds_every_trajectory_and_marks_lead_to_them() -> None:
    step = Step("I count the crates.", "print(crates + 1)", "17", "")
    evidence = json.loads(json.dumps(asdict(Basis(True, objects=("crates",), steps=(1,), few=(("crates", 3),)))))
    records = [*many(2, 4, steps=(step,), evidence=evidence), *many(1, 4, arm="bare"), *many(3, 4, mode="json")]
    _, outline = page(
        Run("run", {"settings": {"suite": "tools", "arms": ["full"], "max_seconds": 60.0}}, tuple(records))
    )
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    marks = [each["href"] for tag, each in outline.elements if tag == "a" and "mark" in (each.get("class") or "")]
    assert len(marks) == len(records)
    assert {str(mark).removeprefix("#") for mark in marks} <= set(ids)
    runs = [each for tag, each in outline.elements if tag == "details" and "data-outcome" in each]
    assert len(runs) == len(records)
    for told in (
        "I count the crates.",
        "print",
        "17",
        "Rests on `crates` in 3 rows · step 1",
        "jupyter codeact eval tools --arm full --max-seconds 60",
    ):
        assert told in outline.text
    assert [tag for tag, _ in outline.elements].count("svg") == 3


def test_the_same_records_give_the_same_page_and_plot() -> None:
    runs = [Run("run", {}, (*many(1, 3), *many(2, 3, mode="json")))]
    assert render_page(runs) == render_page(runs)
    assert render_plot(runs) == render_plot(runs)


def test_a_page_can_hold_several_suites_and_models() -> None:
    runs = [Run("a", {}, tuple(many(1, 2))), Run("b", {}, tuple(replace(each, suite="data") for each in many(2, 2)))]
    _, outline = page(*runs)
    assert [tag for tag, _ in outline.elements].count("svg") == 6
    assert {"tools", "data"} <= set(re.findall(r"\w+", outline.text))


def test_a_plot_stands_alone_and_is_well_formed_whatever_is_in_it() -> None:
    records = [each for each in hostile() if each.mode == "code"]
    plot = render_plot([Run("a", {}, (*many(1, 2), *many(2, 2, arm="bare"))), Run("b", {}, tuple(records))])
    root = ElementTree.fromstring(plot.encode("utf-8", "replace"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    drawn = {"svg", "style", "rect", "g", "text", "line", "title", "path"}
    assert {part.tag.partition("}")[2] for part in root.iter()} <= drawn
    assert "code/bare" in "".join(root.itertext())


def test_outcomes_are_told_apart() -> None:
    assert outcome(record("a", True)) == "right"
    assert outcome(replace(record("a"), right_after_refusal=True)) == "late"
    assert outcome(record("a")) == "wrong"
    assert outcome(replace(record("a"), answer=None, status="limit")) == "none"
    assert outcome(replace(record("a"), answer=None, status="killed")) == "killed"


# --- forms and grounds -------------------------------------------------------------------------------------------


def test_the_form_is_counted_among_right_answers_to_questions_that_ask_for_one() -> None:
    records = [
        record("a/1", True, in_form=True),
        record("a/2", True, in_form=False),
        record("a/3", False, in_form=True),
        record("a/4", True),
        record("a/5", answer=None, status="no_answer"),
    ]
    found = summarise(records).in_form
    assert (found.count, found.total) == (1, 2)
    row = as_markdown(records).splitlines()[2].split(" | ")
    assert (row[3], row[5]) == ("1/2", "1")
    assert as_markdown([record("a/1", True)]).splitlines()[2].split(" | ")[3] == "–"
    _, outline = page(Run("run", {}, tuple(records)))
    assert outline.text.count("Not in the form asked for.") == 1


SHOWN = (Step("I take 77.", "x = 55", "total 1234.5678\nshare 0.1234\n  north  12\n  south  30"), Step("", "y", None))


@pytest.mark.parametrize(
    ("answer", "bare"),
    [
        ("The total is 1,234.57.", []),
        ("1.234,57 or about 1235", []),
        ("That is 12.34 %, so 12.3 percent.", []),
        ("1.23 thousand", []),
        ("north 12 and south 30, 42 in all", []),
        ("south has 18 more than north: 30 against 12", []),
        ("a loss of -12", []),
        ("Since 2024-05-06 Q3 and M17 are out", []),
        ("in the year 1999", []),
        ("The file lists 8 ports.", []),
        ("I cannot tell.", []),
        ("77", ["77"]),
        ("55 and 12", ["55"]),
        ("1234.5", ["1234.5"]),
        ("The total is 123.45 euros.", ["123.45"]),
        ("1", ["1"]),
        ("42", ["42"]),
        ("9.5 million", ["9.5"]),
        (None, []),
    ],
)
def test_a_number_is_grounded_in_what_was_asked_listed_or_shown(answer: str | None, bare: list[str]) -> None:
    messages = (
        {"role": "system", "content": "You are 55."},
        {"role": "user", "content": "Example: 77?"},
        {"role": "user", "content": "ports: list of 8\n\nTask: What of 1999?"},
        {"role": "user", "content": "No output shows 123.45.\n\nTask: What of 1999?"},
    )
    asked = record("a/1", prompt="What of 1999?", steps=SHOWN, messages=messages, answer=answer)
    assert ungrounded(asked) == bare


def test_ungrounded_answers_are_a_share_of_the_delivered_ones() -> None:
    records = [
        record("a/1", True, steps=SHOWN, answer="12"),
        record("a/2", steps=SHOWN, answer="99"),
        record("a/3", answer=None),
    ]
    found = summarise(records).ungrounded
    assert (found.count, found.total) == (1, 2)
    assert as_markdown(records).splitlines()[2].split(" | ")[4] == "1/2"
