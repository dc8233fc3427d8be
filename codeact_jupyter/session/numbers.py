"""Numbers in a text, in every notation that people write, and what each can mean.

`1.234` is 1234 or 1.234, `12 %` is 12 or 0.12, and `1.2 million` is 1.2 (of a column in millions) or 1,200,000.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_PLAIN = r"\d+(?:[.,]\d+)*"
_GROUPED = r"\d{1,3}(?:['’_ \u00a0\u2009\u202f]\d{3}(?!\d))+(?:[.,]\d+)?"
_POWER = r"[eE](?P<e>[-+]?\d+)(?!\w)|\s?[×x·*]\s?10(?:\^|\*\*|(?=[⁻⁰¹²³⁴-⁹]))(?P<p>[-−+⁻]?[\d⁰¹²³⁴-⁹]+)"
_SCALES = {
    "k": 3, "thousand": 3, "tsd": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "millions": 6, "millionen": 6,
    "b": 9, "bn": 9, "mrd": 9, "billion": 9, "billions": 9, "milliarden": 9, "t": 12, "tn": 12, "trillion": 12,
    "trillions": 12, "hundred": 2, "lakh": 5, "crore": 7,
}  # fmt: skip
_SHARE = r"%|‰|(?:percent|per cent|pct|prozent)\b"
_AFTER = re.compile(rf"(?P<power>{_POWER})?\s?(?:(?P<share>{_SHARE})|(?P<scale>{'|'.join(_SCALES)})\b)?", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")

NUMBER = re.compile(rf"{_GROUPED}|{_PLAIN}|(?<![\d.])\.\d+")
UNGROUPED = re.compile(rf"{_PLAIN}|(?<![\d.])\.\d+")
_TYPE = re.compile(r"\b(?:u?int|float|complex|datetime|timedelta)\d+\b", re.IGNORECASE)  # its digits are no number
_STATED = re.compile(
    rf"(?<![\w#])(?<!\w\.)(?:{NUMBER.pattern})(?!(?:st|nd|rd|th|D)\b|(?!{_POWER})[^\W\d_]+\d)"
)  # not of a name, no ordinal
_MARK = re.compile(
    r"^[^\S\n]*(?:[-*][^\S\n]+)?(?:\*\*)?\(?(\d{1,2})[.):](?=\s+\S)|(?<!\S)\((\d{1,2})\)\s", re.MULTILINE
)
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORD = re.compile(rf"\b({'|'.join(WORDS)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One meaning of a number: its size, and the size of one unit of its last digit."""

    value: float  #: without its sign
    unit: float  #: of its last digit
    decimals: int  #: digits after the decimal mark; 0 for a whole number


class Values:
    """Numbers that are shown.

    Args:
        values: The numbers, without signs.
    """

    def __init__(self, values: Iterable[float]) -> None:
        self._values = sorted(set(values))

    def have(self, reading: Reading) -> bool:
        """Return True if a value is the one read, rounded to its digits.

        Args:
            reading: One meaning of a number.
        """
        half = min(0.5, 0.25 * reading.value) if reading.unit == 1 else 0.5 * reading.unit  # 0.4 is not 0, nor 0.6 one
        if self._within(reading.value, half, half):
            return True
        if reading.decimals and self._within(reading.value, 0, reading.unit):  # its last digits were cut off
            return True
        zeros = _round_to(reading)
        return zeros > 1 and self._within(reading.value, zeros / 2, zeros / 2)

    def add(self, value: float) -> None:
        """Add a number.

        Args:
            value: The number, such as the result of a calculation.
        """
        self._values.insert(bisect_left(self._values, value), value)

    def _within(self, value: float, below: float, above: float) -> bool:
        slack = 1e-9 * max(value, 1e-9)
        place = bisect_left(self._values, value - below - slack)
        return place < len(self._values) and self._values[place] <= value + above + slack


def values_in(text: str) -> Iterator[float]:
    """Read the numbers of a text, number words among them.

    Args:
        text: Any text.

    Yields:
        All that they can mean, without signs, and the parts of those that may be several numbers.
    """
    text = _TYPE.sub(" ", text)
    for pattern in (NUMBER, UNGROUPED):
        for found in pattern.finditer(text):
            yield from (reading.value for reading in readings(text, found))
            yield from map(float, pieces(found.group()))
    for word in _WORD.findall(text):
        yield float(WORDS.index(word.casefold()))


def stated(answer: str) -> list[re.Match[str]]:
    """Find the numbers of an answer: not those of names, ordinals, and the marks of an enumeration (`1.`, `2.`).

    Args:
        answer: The answer.

    Returns:
        They, in order.
    """
    marks = _enumeration(answer)
    numbers, end = [], 0
    for found in _STATED.finditer(answer):
        if found.start() >= end and found.start() not in marks:
            numbers.append(found)
            end = _after(answer, found).end("power")
    return numbers


def lone_word(answer: str) -> str:
    """Return the answer if it is a number word and nothing else.

    Args:
        answer: The answer.

    Returns:
        The word; empty for any other answer.
    """
    word = answer.strip(" .!*")
    return word if word.casefold() in WORDS else ""


def pieces(number: str) -> list[str]:
    """Return the numbers that a number may be instead: `3,14` may be two, and `5.3.2024` is three.

    Args:
        number: The number as it is written.
    """
    separators = re.findall("[.,]", number)
    return re.findall(r"\d+", number) if "," in separators or len(separators) > 1 else []


def readings(text: str, found: re.Match[str]) -> list[Reading]:
    """Return what a number in a text can mean, with the power, the share or the scale that follows it.

    Args:
        text: The text.
        found: The digits in it.
    """
    plain, after = plain_readings(found.group()), _after(text, found)
    if power := after["e"] or after["p"]:
        exponent = int(power.translate(_SUPERSCRIPTS))
        plain = [_scaled(reading, exponent) for reading in plain if abs(exponent) < 300]
    if after["share"]:
        return plain + [_scaled(reading, -3 if after["share"] == "‰" else -2) for reading in plain]
    if after["scale"]:
        return plain + [_scaled(reading, _SCALES[after["scale"].casefold()]) for reading in plain]
    return plain


def _after(text: str, found: re.Match[str]) -> re.Match[str]:
    after = _AFTER.match(text, found.end())
    assert after is not None  # every part of the pattern is optional
    return after


def _scaled(reading: Reading, exponent: int) -> Reading:
    return Reading(reading.value * 10.0**exponent, reading.unit * 10.0**exponent, max(reading.decimals, 1))


def plain_readings(number: str) -> list[Reading]:
    """Return what digits with separators can mean, as a whole number and as one with decimals.

    Args:
        number: The digits as they are written.
    """
    whole = re.sub(r"[^\d.,]", "", number)
    *head, last = re.split("[.,]", whole)
    separators = re.findall("[.,]", whole)
    found = []
    if len(set(separators)) < 2 and _is_grouped([*head, last]):
        found.append(Reading(float("".join([*head, last])), 1, 0))
    if separators and separators[-1] not in separators[:-1] and len(set(separators[:-1])) < 2 and _is_grouped(head):
        found.append(Reading(float(f"{''.join(head) or 0}.{last}"), 10.0 ** -len(last), len(last)))
    return found


def _is_grouped(parts: Sequence[str]) -> bool:
    """Return True for digits that are one number, or its groups: 1 234 567, or 12 34 567."""
    first, *rest = parts
    if not rest:
        return True
    sizes = {len(part) for part in rest[:-1]}
    return 0 < len(first) <= 3 and len(rest[-1]) == 3 and (sizes <= {3} or sizes == {2})


def _enumeration(answer: str) -> set[int]:
    """Return where the numbers stand that only count the items of the answer: 1., 2., 3."""
    marks = [(int(found[1] or found[2]), found.start(1 if found[1] else 2)) for found in _MARK.finditer(answer)]
    ordered = itertools.takewhile(lambda pair: pair[0] == pair[1][0], enumerate(marks, 1))
    return {start for _, (_, start) in ordered}


def _round_to(reading: Reading) -> float:
    """Return the unit to which a whole number was rounded if its zeros at the end are no digits: 100 for 1,200."""
    if reading.unit != 1 or reading.value < 100:
        return 1
    digits = str(int(reading.value)).rstrip("0")
    return float(10 ** (len(str(int(reading.value))) - max(len(digits), 2)))
