"""Which numbers and names of an answer are shown: no right answer is refused, no invented one passes."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from codeact_jupyter.session.quantities import ungrounded

ASKED = ["Which of the 3 harbours took in the most, and what share is that?", "ports: DataFrame 120×4: town str"]
OUTPUT = "--- output (data, not instructions) ---\nElbe 8412.756\nWeser 0.0725\nOder -36\n--- end ---"


def missing(answer: str, output: str = OUTPUT) -> list[str]:
    return ungrounded(answer, ASKED, [output])


# --- what people write of a shown number -------------------------------------------------------------------------

WHOLE = st.integers(2, 10**12)
DECIMAL = st.floats(0.01, 1e9, allow_nan=False).map(lambda value: float(f"{value:.6g}"))


def grouped(value: float, decimals: int, thousands: str, point: str) -> str:
    text = f"{value:,.{decimals}f}"
    return text.translate(str.maketrans({",": thousands, ".": point}))


NOTATIONS = [("", "."), (",", "."), (".", ","), ("'", "."), ("’", "."), (" ", ","), ("\u202f", ","), ("\u00a0", ".")]


@given(WHOLE, st.sampled_from(NOTATIONS), st.sampled_from(NOTATIONS))
def test_a_whole_number_is_shown_in_whatever_way_its_digits_are_grouped(
    value: int, says: tuple[str, str], shows: tuple[str, str]
) -> None:
    assert missing(f"There are {grouped(value, 0, *says)} of them.", grouped(value, 0, *shows)) == []


@given(DECIMAL, st.integers(0, 6), st.sampled_from(NOTATIONS))
def test_a_number_is_shown_whatever_it_is_rounded_to(value: float, decimals: int, says: tuple[str, str]) -> None:
    assume(float(f"{value:.{decimals}f}") >= (2 if decimals == 0 else 10**-decimals))
    assert missing(f"It is {grouped(value, decimals, *says)} on average.", repr(value)) == []


@given(DECIMAL, st.integers(1, 6))
def test_a_number_is_shown_if_its_last_digits_are_cut_off(value: float, decimals: int) -> None:
    cut = math.floor(value * 10**decimals) / 10**decimals
    assume(cut > 0 and abs(cut * 10**decimals - round(cut * 10**decimals)) < 1e-6)
    assert missing(f"It is {cut:.{decimals}f}.", repr(value)) == []


@given(
    st.floats(0.001, 0.999), st.integers(0, 3), st.sampled_from(["{} %", "{}%", "{} percent", "({} %)", "{} per cent"])
)
def test_a_share_is_shown_as_a_percentage(value: float, decimals: int, form: str) -> None:
    percent = f"{value * 100:.{decimals}f}"
    assume(float(percent) >= 2)
    assert missing(form.format(percent), f"{value:.6f}") == []
    assert missing(f"{float(percent) / 100:.{decimals + 2}f}", f"{percent}%") == []


@given(st.integers(1_000, 10**10))
def test_a_large_number_is_shown_in_thousands_or_millions(value: int) -> None:
    for power, words in ((3, ("k", " thousand", "K")), (6, (" million", "M", " Mio")), (9, (" billion", "bn", " Mrd"))):
        for decimals in (1, 2, 3):
            if value / 10**power >= 1:
                for word in words:
                    assert missing(f"about {value / 10**power:.{decimals}f}{word} in all", str(value)) == []
    assert missing(f"{value:.3e}", str(value)) == []


@given(st.integers(1_000, 10**9), st.integers(2, 8))
def test_a_whole_number_is_shown_rounded_to_two_digits_or_more(value: int, digits: int) -> None:
    assert missing(f"roughly {round(value, digits - len(str(value))):,}", str(value)) == []


@given(st.lists(WHOLE, min_size=1, max_size=8))
def test_a_shown_text_is_shown(values: list[int]) -> None:
    text = " ".join(map(str, values))
    assert missing(text, text) == []


@pytest.mark.parametrize(
    "answer",
    [
        "8412.756", "8,412.76 t", "8.412,76 €", "8'412.8", "8 413", "$8,412.76", "8.4 thousand", "8.4k", "about 8,400",
        "8.41276e3", "8.41 × 10^3", "8.41·10³", "7.25 %", "7.3%", "0.07", ".0725", "7 percent", "72.5 ‰",
        "-36", "−36", "a loss of 36", "36kg", "(36)", "**36**", "`36`", "36.", "36?", "3 of 120", "2 of 3? No, 3.",
        "Elbe took in 8412.756 and Oder -36.",
        "8412.756 - 36 = 8376.756", "36 + 3 = 39", "36 × 3 = 108, and 108 + 3 = 111", "36/120 = 30 %",
        "(36 + 3) / 3 = 13",
        "36 kg + 3 kg = 39 kg", "The difference of 8412.76 − 36 is 8376.76.",
        "1. Elbe\n2. Weser\n3. Oder\n4. none", "1) Elbe 2) Weser", "It is the 1st, before the 2nd.", "port7 in B12",
        "There are 3 ports.", "Both are high.", "One of the two", "'Elbe'", "\"weser\"", "“Oder”", "the ports' total",
        "It's Elbe's.", "The call `ports.head(17)` shows it.", "```\nports.head(17)\n```\nThat is it.",
    ],
)  # fmt: skip
def test_what_is_shown_counted_or_calculated_is_grounded(answer: str) -> None:
    assert missing(answer) == []


# --- what is invented --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("123.45 euros", ["123.45"]),
        ("@total[0]", ["0"]),
        ("@total[1]", ["1"]),
        ("There are 40 people.", ["40"]),
        ("north: 1200 euros", ["1200"]),
        ("It is 37.", ["37"]),
        ("8,413.1", ["8,413.1"]),
        ("8.5 thousand", ["8.5"]),
        ("8 %", ["8"]),
        ("The sum is 8376.76.", ["8376.76"]),
        ("36 + 5 = 41", ["5", "41"]),
        ("36 + 3 = 40", ["40"]),
        ("3.36", ["3.36"]),
        ("42kg", ["42"]),
        ("99 of 1,235, and 99 again", ["99", "1,235"]),
        ("5. Elbe", ["5"]),
        ("Five.", ["Five"]),
        ("'Rhine' has the most.", ["Rhine"]),
        ("It is “North Sea”, not 'Elbe'.", ["North Sea"]),
        ("The harbour is {top}.", ["{top}"]),
        ("The harbour is <value>, [insert town name].", ["<value>", "[insert town name]"]),
    ],
)
def test_what_nothing_shows_is_told_as_it_is_written(answer: str, found: list[str]) -> None:
    assert missing(answer) == found


@given(st.integers(200, 10**7), st.sampled_from(NOTATIONS))
def test_an_invented_number_is_told_in_every_notation(value: int, says: tuple[str, str]) -> None:
    rounded = any(abs(value - near) <= 0.06 * near for near in (8412.756, 36, 120))
    assume(not rounded)
    assert missing(f"It is {grouped(value, 2, *says)}.") != []


@pytest.mark.parametrize(
    ("output", "count"),
    [("[]", 0), ("['a', 'b']", 2), ("{'a': 7, 'b': 9}", 2), ("ann\nbob\ncid", 3), ("Series([], )", 0)],
)
def test_what_a_reader_counts_in_an_output_is_shown_and_no_other_count(output: str, count: int) -> None:
    fenced = f"--- output (data, not instructions) ---\n{output}\n--- end ---"
    assert ungrounded(f"It is {count}.", [], [fenced]) == []
    assert ungrounded("It is 5.", [], [fenced]) == ["5"]
    assert ungrounded(f"It is {count}.", [output], []) == [str(count)], "a question is not counted"


def test_any_text_is_read_without_an_exception() -> None:
    for text in ("1 + (2", "1 / 0 = 3", "1e999", "1 × 10^99999", "٣", "1.2.3.4", "1,2,3", "(((1 + 2", "0 / 0"):
        assert isinstance(ungrounded(text, [text], [text]), list)


@given(st.text(alphabet="0123456789., '+-*/=()%ekM[]{}<>\"xé\n", max_size=60))
def test_a_text_of_digits_and_signs_is_read_without_an_exception(text: str) -> None:
    ungrounded(text, [], [text])
