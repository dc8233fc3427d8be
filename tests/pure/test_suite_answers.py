"""The checkers of the made-up part of the suite `data`: what is said in other words passes, what is wrong does not."""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from functools import cache
from typing import Any

import pytest

from benchmarks.suites.checkers.claims import labelled, nothing, quantities, yes
from benchmarks.suites.checkers.forms import bare_number, json_object, python_list, rounded, written_as
from benchmarks.suites.data import TASKS, absent, columns, forms, made, notations, parts
from codeact_jupyter.evaluation.numerals import readings, tokens
from codeact_jupyter.evaluation.task import Task

MADE = {task.name: task for part in (forms, notations, columns, absent, parts) for task in part.TASKS}

#: right answers in other words, and in the form asked for or (marked with ~) in another one
RIGHT: dict[str, list[str]] = {
    "mean-in-a-template": ["@mean_price[98.60]", "~The mean price is 98.60.", "~98.59635", "~@mean_price[98.59635]"],
    "two-values-in-a-template": ["@region[East] @units[1507]", "~East ordered the most: 1,507 units.", "~1507 in east"],
    "the-number-only": ["155", "~155 orders", "~There are 155 orders for more than 15 units.", "~155.0"],
    "the-name-only": ["lamp", "Lamp", "~The lamp.", "~**lamp**"],
    "json-of-regions": [
        '{"West": 53, "North": 137, "South": 117, "East": 113}',
        "~North: 137, South: 117, East: 113, West: 53",
        '~```json\n{"North": 137, "South": 117, "East": 113, "West": 53}\n```',
    ],
    "three-decimals": ["1534.614", "1,534.614 per order", "~1534.61", "~1534.61377", "~1534.6138"],
    "list-of-items": [
        "['chair', 'desk', 'shelf', 'stool']",
        '["chair", "desk", "shelf", "stool"]',
        "~chair, desk, shelf and stool",
        "~The items are ['chair', 'desk', 'shelf', 'stool'].",
    ],
    "yes-or-no": ["no", "No", "~No, more rugs were sold.", "~The answer is no."],
    "takings-of-a-branch": ["130513.20", "Köln took 130.513,20 €.", "130,513.20", "~130513.2"],
    "days-come-first": ["2024.49", "The mean was 2.024,49 EUR.", "~2024.48677"],
    "prices-with-a-euro-sign": ["93.78", "93,78 €", "~93.779"],
    "best-branch-of-text": ["Köln", "Die Filiale Köln hatte im Durchschnitt den höchsten Umsatz."],
    "estimates-before-intervals": ["19.12", "about 19.123", "The mean rate is 19.12291666666667."],
    "negative-in-brackets": ["11080.38", "11,080.38", "The sum is 11 080.38.".replace("11 0", "11\u00a00")],
    "largest-town": ["Chur; 117249 in all", "Chur (38,293 people). Together: 117,249.", "Chur, and 117'249"],
    "hours-and-minutes": ["171.51", "171.51 minutes", "~171.5111"],
    "closed-tickets": ["102", "102 tickets are closed.", "**102**"],
    "share-of-paid": ["22.00", "22.00 %", "~22 %", "~22.0"],
    "most-visited-city": ["Turin", "The city is turin.", "TURIN"],
    "distinct-suppliers": ["8", "There are 8 different suppliers."],
    "the-overheated-machine": ["M13", "~Machine M13 overheated.", "~It was M13"],
    "pressure-at-the-reset": ["2.86", "The pressure was 2.86.", "2.860"],
    "open-doors": ["3", "3 times", "The log says so 3 times."],
    "day-of-the-shutdown": ["2024-02-28", "On 2024-02-28.", "2024-02-28 00:00:00"],
    "heavier-than-all": ["0", "None.", "No parcels weigh more than 40 kg.", "There are 0 parcels above 40 kg."],
    "nobody-and-the-most": [
        "No driver did; the heaviest parcel weighs 38.7 kg.",
        "None, 38.7",
        "Nobody carried more than 45 kg. The heaviest is 38.7 kg.",
    ],
    "mean-of-nothing": [
        "There are no parcels to Madrid, so there is no mean.",
        "None: no parcel goes to Madrid.",
        "It is nan, because there are no parcels to Madrid.",
    ],
    "damaged-by-year": [
        "0 in 2023 and 24 in 2024",
        "In 2023 none were damaged, in 2024 24.",
        "0 and 24",
        "2023: 0, 2024: 24",
        "In 2024: 24 damaged parcels. In 2023: 0.",
    ],
    "correlation-over-gaps": ["0.77", "r = 0.77", "~0.77289"],
    "mean-of-what-was-measured": ["29.26", "29.255285714285716", "It is 29.2553."],
    "welch-over-gaps": ["2.87", "t = 2.87", "~2.8713"],
    "weighted-over-gaps": ["100.20", "The mean price is 100.20.", "~100.2"],
    "three-about-north": [
        "137 orders, 98.60 on average, mostly lamps: lamp",
        "1. 137\n2. 98.60\n3. lamp",
        "North: 137 orders with a mean price of 98.59635; the lamp leads.",
    ],
    "cheapest-dearest-and-when": ["8.10 and 189.57, on 2023-05-29", "Lowest 8.1, highest 189.57 (2023-05-29)"],
    "two-halves-and-the-change": [
        "2680, then 2502: 6.64 % less",
        "In the 1st half of 2023 2,680 units, in the 2nd 2,502, which is 6.64 percent less",
    ],
    "region-count-and-share": ["West with 53 orders, 12.62 % of 420", "West: 53 (12.619 %)"],
    "what-is-left": ["2850", "2,850 euros are left.", "4,200 - 1,350 = 2,850"],
    "nearest-planet": ["Mercury", "It is Mercury."],
    "method-for-duplicates": ["drop_duplicates", "drop_duplicates()", "~Use `drop_duplicates`."],
    "what-the-line-computes": ["median", "It is the median of the values."],
}

#: wrong answers
WRONG: dict[str, list[str]] = {
    "mean-in-a-template": ["@mean_price[98.95]", "@mean_price[value]", "98.6 or 97.52", "98.61", "-98.60", "98.5"],
    "two-values-in-a-template": ["@region[North] @units[1507]", "@region[East] @units[1506]", "East or North: 1507"],
    "the-number-only": ["156", "155 or 156", "155 of 400", "one hundred", "1550", "15"],
    "the-name-only": ["rug", "lamp or rug", "lamps and chairs: chair", "none"],
    "json-of-regions": ['{"North": 137, "South": 113, "East": 117, "West": 53}', '{"North": 137}', "420"],
    "three-decimals": ["1534.62", "1534.613", "1535", "1534.614 or 1250.327"],
    "list-of-items": ["['desk', 'chair', 'shelf', 'stool']", "['chair', 'shelf', 'stool']", "[]"],
    "yes-or-no": ["yes", "yes and no", "probably", "More desks were sold."],
    "takings-of-a-branch": ["130513.02", "130.51", "1305132.0", "130,513.20 or 131,000.00"],
    "days-come-first": ["2042.49", "2,02", "2024", "NaN"],
    "prices-with-a-euro-sign": ["93.77", "94", "93.3", "93.78 and 12.50"],
    "best-branch-of-text": ["München", "München oder Köln", "Koeln", "keine"],
    "estimates-before-intervals": ["19.1", "17.82", "19.12 in [17.8, 20.8]", "nan"],
    "negative-in-brackets": ["-11080.38", "11080.83", "45000.10", "11"],
    "largest-town": ["Bulle 117249", "Chur 38293", "Chur and Bulle: 117249", "Chur 11724"],
    "hours-and-minutes": ["2.86", "171.5", "2 h 51 min", "171.52"],
    "closed-tickets": ["57", "102 or 103", "102.5", "closed"],
    "share-of-paid": ["0.22", "11.33", "22.01 %", "66"],
    "most-visited-city": ["Genoa", "Turin and Genoa", "Torino"],
    "distinct-suppliers": ["24", "9", "8 or 9", "48 invoices, 8 suppliers"],
    "the-overheated-machine": ["M20", "M20 and M13", "13", "M1"],
    "pressure-at-the-reset": ["2.68", "3.0", "2.86 or 3.01", "2.9"],
    "open-doors": ["2", "13", "3 to 4 times", "0"],
    "day-of-the-shutdown": ["2024-02-27", "28 March", "2024-02-28 or 2024-02-29"],
    "heavier-than-all": ["1", "40", "0 or 1", "no more than 3", "Some do."],
    "nobody-and-the-most": ["Ines, 38.7", "none, 37.8", "Nobody.", "38.7", "None; 45"],
    "mean-of-nothing": ["nan", "8.9", "The mean weight is nan.", "There are no gaps; the mean is 9.12 kg.", "0"],
    "damaged-by-year": ["24 in 2023 and 0 in 2024", "24", "0 and 23", "2023: 24, 2024: 24", "0 in 2023"],
    "correlation-over-gaps": ["nan", "0.78", "0.8", "-0.77", "0.77 (p = 0.01)", "77 %"],
    "mean-of-what-was-measured": ["29.25", "25.6", "nan", "29.26 of 30.11"],
    "welch-over-gaps": ["-2.87", "nan", "2.88", "t = 2.87, p = 0.005"],
    "weighted-over-gaps": ["nan", "100.02", "98.44", "100.20 or 98.44"],
    "three-about-north": ["137, 98.60, rug", "137, 98.95, lamp", "lamp", "98.60, 137, lamp"],
    "cheapest-dearest-and-when": [
        "189.57 and 8.10, on 2023-05-29",
        "8.10, 189.57, 2023-05-28",
        "8.10, 198.57, 2023-05-29",
    ],
    "two-halves-and-the-change": ["2502, 2680, 6.64", "2680, 2502, 7.11", "2680, 2502", "6.64"],
    "region-count-and-share": ["West: 53", "East: 53, 12.62 %", "West: 53, 0.13", "West: 54, 12.62 %"],
    "what-is-left": ["2950", "5550", "4200", "2850 or 2950"],
    "nearest-planet": ["Venus", "Mercury or Venus", "The moon"],
    "method-for-duplicates": ["duplicated", "unique", "drop", "drop_duplicates or duplicated"],
    "what-the-line-computes": ["mean", "mode", "the mean or the median", "average"],
}


@cache
def solved(name: str) -> tuple[str, Any]:
    namespace, output = MADE[name].namespace(), io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(MADE[name].reference, name, "exec"), namespace)
    return output.getvalue(), namespace


def passes(task: Task, answer: str) -> bool:
    return task.check(answer, {}) is True


def test_forty_questions_were_made_in_halves_and_all_have_cases() -> None:
    assert len(MADE) == 40
    assert [task.split for task in MADE.values()].count("dev") == 20
    assert set(MADE) == set(RIGHT) == set(WRONG)
    assert {task.name for task in TASKS if task.form} <= set(MADE)
    assert sum(task.form is not None for task in MADE.values()) >= 19


@pytest.mark.parametrize("name", MADE)
def test_a_reference_is_right_in_form(name: str) -> None:
    answer, namespace = solved(name)
    task = MADE[name]
    assert task.check(answer, namespace) is True
    assert task.form is None or task.form(answer, namespace) is True


@pytest.mark.parametrize(("name", "answer"), [(name, answer) for name in RIGHT for answer in RIGHT[name]])
def test_right_wordings_pass_and_only_the_form_asked_for_is_kept(name: str, answer: str) -> None:
    task = MADE[name]
    assert passes(task, answer.removeprefix("~"))
    if task.form:
        assert (task.form(answer.removeprefix("~"), {}) is True) is not answer.startswith("~")
    else:
        assert not answer.startswith("~")


@pytest.mark.parametrize(("name", "answer"), [(name, answer) for name in WRONG for answer in WRONG[name]])
def test_wrong_answers_do_not_pass(name: str, answer: str) -> None:
    assert not passes(MADE[name], answer)


@pytest.mark.parametrize("name", MADE)
def test_neither_a_near_number_nor_a_second_claim_passes(name: str) -> None:
    answer, _ = solved(name)
    changed = [
        answer[: spot.start()] + other + answer[spot.end() :]
        for spot in re.finditer(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w-])", answer)
        for number in [spot.group()]
        for other in (f"{number}1" if "." not in number else f"{float(number) * 1.01:.2f}", f"{float(number) + 1:g}7")
        if int(float(number)) not in (2023, 2024)
    ]
    assert not [each for each in changed if passes(MADE[name], each)]
    if tokens(answer):
        assert not passes(MADE[name], f"{answer.strip()} or rather 7123.45")


def test_the_tables_are_those_that_were_fixed() -> None:
    frames = (made.orders, made.takings, made.tickets, made.machine_log, made.parcels, made.growth)
    texts = [frame().to_csv(index=False) for frame in frames]
    texts += [repr(values()) for values in (made.rates, made.amounts, made.journeys)]
    texts += [repr(made.untidy(made.CITIES * 5, seed, share)) for seed, share in ((21, 0.5), (23, 0.7))]
    assert hashlib.sha256("\n".join(texts).encode()).hexdigest() == FIXED


FIXED = "caa8fc6135f07ecf191f6d0ba19aa218914292fe9d4903cbb5454a7c8b070136"


# --- the checkers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "values"),
    [
        ("1,234.50", [1234.5]),
        ("1.234,50", [1234.5]),
        ("1'234", [1234]),
        ("1.234", [1.234, 1234]),
        ("0.123", [0.123]),
        ("12,5", [12.5]),
        ("1,234,567", [1234567]),
        ("1.5e3", [1500]),
        ("−3", [-3]),
        ("12.500", [12.5, 12500]),
    ],
)
def test_a_number_is_read_in_every_notation(token: str, values: list[float]) -> None:
    assert [reading.value for reading in readings(token)] == values


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("M17 on 2024-01-31 at Q4", []),
        ("1. 5 pears\n2. 7 plums", ["5", "7"]),
        ("5. ", ["5"]),
        ("from 2019-2020, the 2nd of 3", ["2019", "2020", "3"]),
        ("a loss of -4.5 %, not 4,5", ["-4.5", "4,5"]),
        ("It is 12.", ["12"]),
    ],
)
def test_numbers_are_found_but_not_in_names_dates_and_bullets(answer: str, found: list[str]) -> None:
    assert tokens(answer) == found


@pytest.mark.parametrize(
    ("answer", "right"),
    [("7", True), ("7.0", True), ("7.4", False), ("7 of 9", True), ("9", False), ("7 and 8", False), ("", False)],
)
def test_a_whole_number_is_exact_and_alone_but_for_those_of_the_question(answer: str, right: bool) -> None:
    assert (quantities(lambda: 7, decimals=0, beside=(9,))(answer, {}) is True) is right


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("a: 3, b: 0", True),
        ("a has 3, b has none", True),
        ("none for b and 3 for a", True),
        ("a and b have 3 and 0", True),
        ("3 and 0", True),
        ("3 and none for a and b", True),
        ("0 and 3", False),
        ("a: 0, b: 3", False),
        ("a: 3", False),
        ("a: 3, b: 4", False),
        ("b and a have 3 and 0", False),
        ("a: 3, b: 0, a: 0", False),
    ],
)
def test_numbers_belong_to_their_labels(answer: str, right: bool) -> None:
    assert (labelled(lambda: {"a": 3, "b": 0})(answer, {}) is True) is right


def test_none_is_said_in_many_ways_but_not_with_a_number_or_a_name() -> None:
    check = nothing(beside=(50,), among=lambda: ["Ada"])
    for answer in ("None.", "No one above 50.", "There aren't any.", "nobody", "There were not any over 50"):
        assert check(answer, {}) is True, answer
    for answer in ("Ada, no other", "none but 3", "nan", "0", "all of them", ""):
        assert check(answer, {}) is not True, answer


def test_forms_are_told_from_what_only_resembles_them() -> None:
    assert bare_number(2)("12.50", {}) is True
    for answer in ("12.5", "12.50 kg", "about 12.50", "12.500", "[12.50]"):
        assert bare_number(2)(answer, {}) is not True, answer
    assert rounded(1)("7.5 of 100", {}) is True
    for answer in ("7.50", "7", "7.5 and 7.55"):
        assert rounded(1)(answer, {}) is not True, answer
    assert json_object(lambda: ["a"])(' {"a": 1} ', {}) is True
    for answer in ("{'a': 1}", '{"b": 1}', '["a"]', 'Here: {"a": 1}'):
        assert json_object(lambda: ["a"])(answer, {}) is not True, answer
    for answer in ("a, b", "('a',)", "[1]", "['a'] is it"):
        assert python_list()(answer, {}) is not True, answer
    assert written_as("a|b", "a or b")("ab", {}) is not True
    assert yes(lambda: True)("Yes, they are.", {}) is True
    assert yes(lambda: False)("I do not know", {}) is not True
