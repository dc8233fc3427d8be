"""What an answer rests on, as values and in the words of every view."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest

from codeact_jupyter.agent.view import Finished
from codeact_jupyter.lab.items import answered
from codeact_jupyter.lab.protocol import Number
from codeact_jupyter.session.basis import Basis, Experiment, basis_of
from codeact_jupyter.session.event_json import from_json, to_json
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    Event,
    Finish,
    Observation,
    Prompt,
    Proposal,
    Rejection,
    Tried,
    Usage,
)
from codeact_jupyter.session.places import Place
from codeact_jupyter.session.tables import Table
from codeact_jupyter.views.basis import FOOTNOTES_CHARS, LABEL_CHARS, basis_line, footnotes, place_text
from codeact_jupyter.views.panel_html import TEXT_CHARS, PanelContent, body_html
from codeact_jupyter.views.text import PlainView, nothing
from codeact_jupyter.views.trial import NAMES

FOUND = Basis(
    tried=True,
    objects=("orders",),
    columns=("orders.amount", "orders.status"),
    rows=400,
    steps=(3,),
    numbers=(Place("20,901", 3, "20901", 0, "open", "amount"),),
)
LINE = "Rests on `orders.amount`, `orders.status` · 400 rows · step 3"


@pytest.mark.parametrize(
    ("basis", "line"),
    [
        (None, ""),
        (Basis(), ""),
        (Basis(tried=True), ""),
        (FOUND, LINE),
        (replace(FOUND, rows=1, steps=(1, 3)), "Rests on `orders.amount`, `orders.status` · 1 row · steps 1, 3"),
        (replace(FOUND, rows=19537), "Rests on `orders.amount`, `orders.status` · 19,537 rows · step 3"),
        (replace(FOUND, columns=(), rows=None), "Rests on `orders` · step 3"),
        (
            Basis(True, objects=("fares", "orders", '"rates.csv"', "weather()"), columns=("orders[2024]",), steps=(2,)),
            'Rests on `orders[2024]`, `fares`, "rates.csv", `weather()` · step 2',
        ),
        (replace(FOUND, reason="not all was tried in the time that there is"), f"{LINE} · not all was tried"),
        (Basis(tried=True, independent=True, named=("orders",)), "Not from your data"),
        (Basis(reason="it is switched off"), ""),
        (
            Basis(reason="`model` cannot be changed", named=("model",)),
            "Not tried on other data: `model` cannot be changed",
        ),
    ],
)
def test_what_an_answer_rests_on_is_one_line(basis: Basis | None, line: str) -> None:
    assert basis_line(basis) == line


def test_of_many_columns_the_first_are_told_and_how_many_more_there_are() -> None:
    columns = tuple(f"sales.c{number}" for number in range(NAMES + 5))
    line = basis_line(Basis(True, objects=("sales",), columns=columns, steps=(1,)))
    assert line == "Rests on `sales.c0`, `sales.c1`, `sales.c2`, `sales.c3` and 5 more · step 1"


def test_the_line_is_short_and_has_no_hidden_characters() -> None:
    basis = Basis(True, objects=("t",), columns=("t.a\u202eb\n", f"t.{'x' * 5000}"), steps=(1,))
    assert basis_line(basis).startswith("Rests on `t.a⟨U+202E⟩b`, `t.xxx")
    assert len(basis_line(basis)) < 3 * LABEL_CHARS
    assert place_text(Place("5", 1, "5", 0, "a\u200b\nb", "y" * 900)).startswith("step 1, row a⟨U+200B⟩ b, column yyy")


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("7", 0), ""),
        (Place("7", 2, "7"), "step 2"),
        (Place("7", 2, "7", 0, "", "mean"), "step 2, column mean"),
        (Place("5,076", 3, "5076.0", 9, "Gentoo", "mean"), "step 3, row Gentoo, column mean"),
    ],
)
def test_a_place_in_words(place: Place, text: str) -> None:
    assert place_text(place) == text


def test_footnotes_are_of_numbers_in_tables_and_short_or_none() -> None:
    mean, total = Place("5,076", 2, "5076", 0, "Gentoo", "mean"), Place("344", 1, "344")
    assert footnotes(Basis(numbers=(mean, total, mean))) == "5,076: step 2, row Gentoo, column mean"
    assert footnotes(Basis(numbers=(total, Place("9", 0)))) == ""
    assert footnotes(None) == ""
    many = tuple(replace(mean, number=str(number)) for number in range(FOOTNOTES_CHARS))
    assert footnotes(Basis(numbers=many)) == ""


# --- from a transcript -------------------------------------------------------------------------------------------

SALES = Evidence(("sales.day", "sales.price"), ("sales.shop",), 400, True, named=("sales.price",))
MEANS = "shop   mean\nPark  12.50\nQuay   9.75"
MARGINS = ((0, 4, "column"), (7, 11, "column"), (12, 16, "row"), (24, 28, "row"))


def ran(number: int, text: str, evidence: Evidence | None, tables: tuple[Table, ...] = ()) -> list[Event]:
    """A step that was run as proposed."""
    proposal = Proposal(f"p{number}", number, "", "x", "x", tried=Tried("ran", evidence=evidence))
    return [proposal, Approval(proposal.id, "x"), Observation(proposal.id, text, True, tables=tables)]


def asked(*steps: Sequence[Event]) -> list[Event]:
    earlier = [Prompt("Before?"), *ran(1, "12.50", SALES), Answer("12.50")]
    return [*earlier, Prompt("What is the mean price?"), *(event for each in steps for event in each)]


def test_the_basis_is_that_of_the_steps_since_the_question() -> None:
    table = Table(0, len(MEANS), MARGINS, 2, 2)  # type: ignore[arg-type]
    basis = basis_of("Park: 12.5 of 99 days.", asked(ran(1, MEANS, SALES, (table,))))
    assert basis == Basis(
        tried=True,
        objects=("sales",),
        columns=("sales.price", "sales.day"),  # the one that the question names comes first
        rows=400,
        steps=(1,),
        independent_of=("sales.shop",),
        named=("sales.price",),
        numbers=(Place("12.5", 1, "12.50", 18, "Park", "mean"), Place("99", 0)),
        experiments=(Experiment(1, 0, ("sales.day", "sales.price"), ("sales.shop",), ""),),
    )
    assert basis_line(basis) == "Rests on `sales.price`, `sales.day` · 400 rows · step 1"


def test_the_number_of_a_step_is_that_on_its_card() -> None:
    rejected = [Proposal("p1", 1, "", "y", "y"), Rejection("p1", "No.")]
    basis = basis_of("It is 9.75.", asked(rejected, ran(2, "9.75", SALES)))
    assert (basis.steps, [place.step for place in basis.numbers]) == ((2,), [2])


def test_of_several_steps_that_show_a_number_the_last_one_counts() -> None:
    basis = basis_of("9.75", asked(ran(1, "9.75", SALES), ran(2, "9.75", Evidence(tried=True))))
    assert (basis.steps, [place.step for place in basis.numbers]) == ((1,), [2])


@pytest.mark.parametrize(
    ("evidence", "line"),
    [
        (None, ""),
        (Evidence(reason="it is switched off"), ""),
        (Evidence(reason="two runs on the same data differ", named=("sales",)), "Not tried on other data: two"),
        (Evidence((), ("sales",), None, True, independent=True), "Not from your data"),
        (Evidence(("sales",), (), 400, True, "the step took long"), "Rests on `sales` · 400 rows · step 1 · not all"),
    ],
)
def test_what_was_not_tried_is_not_claimed(evidence: Evidence | None, line: str) -> None:
    found = basis_line(basis_of("9.75", asked(ran(1, "9.75", evidence))))
    assert found.startswith(line) and bool(found) == bool(line)


def test_an_edited_step_has_no_basis_and_still_has_its_numbers() -> None:
    proposal, _, seen = ran(1, "9.75", SALES)
    basis = basis_of("9.75", asked([proposal, Approval("p1", "x + 1"), seen]))
    untried = Experiment(1, 0, (), (), "")
    assert basis == Basis(numbers=(Place("9.75", 1, "9.75"),), experiments=(untried,))


def test_the_basis_is_the_same_after_the_journal() -> None:
    table = Table(0, len(MEANS), MARGINS, 2, 2)  # type: ignore[arg-type]
    transcript = asked(ran(1, MEANS, SALES, (table,)))
    replayed = [from_json(to_json(event)) for event in transcript]
    assert asdict(basis_of("Quay: 9.75", replayed)) == asdict(basis_of("Quay: 9.75", transcript))
    assert basis_of("Quay: 9.75", replayed).numbers[0].row == "Quay"


# --- in the views ------------------------------------------------------------------------------------------------


def test_the_printed_answer_has_the_line_and_the_footnotes_below_it() -> None:
    written: list[str] = []
    finished = Finished(Finish("answered", "It is 20,901."), 3, Usage(), Usage(), FOUND)
    PlainView(written.append, nothing).show(finished)
    text = "".join(written)
    assert text == f"It is 20,901.\n{LINE}\n20,901: step 3, row open, column amount\n[3 turns · 0 s of model time]\n"


def test_a_printed_answer_that_was_not_tried_is_as_before() -> None:
    written: list[str] = []
    PlainView(written.append, nothing).show(Finished(Finish("answered", "Hello."), 1, Usage(), Usage(), Basis()))
    assert "".join(written) == "Hello.\n[1 turn · 0 s of model time]\n"


def test_a_page_gets_the_line_and_the_cell_of_each_number() -> None:
    item = answered(Answer("Quay: 9.75 of 99."), asked(ran(2, "9.75", SALES)))
    assert (item.text, item.basis) == (
        "Quay: 9.75 of 99.",
        "Rests on `sales.price`, `sales.day` · 400 rows · step 2",
    )
    assert item.numbers == [
        Number("9.75", "step 2", "codeact-p2", "9.75", "", ""),
        Number("99", "", "", "", "", ""),
    ]


def test_the_panel_marks_the_numbers_that_a_step_showed_with_their_places() -> None:
    text = "1 <b> of 20,901 is 5, or 7."
    none, here = Place("1", 0), Place("20,901", 3, "20901", 8, 'a "b" <c>', "amount")
    numbers = ((none, ""), (here, "p3"), (none, ""), (Place("7", 4, "7"), "p4"))
    html = body_html(PanelContent("Answered", "over", thought=text, numbers=numbers, is_answer=True))
    told = "step 3, row a &quot;b&quot; &lt;c&gt;, column amount"
    tells = f'role="note" tabindex="0" title="{told}" aria-description="{told}"'
    where = 'data-proposal="p3" data-output="20901" data-row="a &quot;b&quot; &lt;c&gt;" data-column="amount"'
    assert f'>1 &lt;b&gt; of <span class="codeact-number" {tells} {where}>20,901</span> is 5, or <span' in html
    assert html.count("codeact-number") == 2
    plain = body_html(PanelContent("Answered", "over", thought=text, is_answer=True))
    assert "".join(re.split(r"</?span[^>]*>", html)) == plain


def test_an_answer_that_is_cut_has_no_marks() -> None:
    numbers = ((Place("7", 1, "7"), "p"),)
    long = PanelContent("Answered", "over", thought="7 " * TEXT_CHARS, numbers=numbers, is_answer=True)
    assert "codeact-number" not in body_html(long)
