"""Quantities and quoted names of an answer: find those that nothing shows which the model was shown.

A number is read in every way in which its notation can be meant: `1.234` is 1234 or 1.234, `12 %` is 12 or 0.12, and
`1.2 million` is 1.2 (of a column in millions) or 1,200,000. It is grounded if one of these readings is a shown value,
rounded to the digits that the answer gives; if a calculation in the answer has it as its result, from grounded numbers
(`12 + 30 = 42`); or if it counts what a reader can count, the lines of an output or the entries of a list in it.

Not quantities: the marks of an enumeration (`1.`), ordinals (`2nd`), numbers inside a name (`df2`, `B17`), and number
words, except when the answer is nothing else.
"""

from __future__ import annotations

import ast
import itertools
import operator
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

NAME_CHARS, NAME_WORDS = 60, 6  #: of a quoted name at most; a longer quotation is prose
COUNTABLE = 20  #: things at most that a reader counts

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

_NUMBER = re.compile(rf"{_GROUPED}|{_PLAIN}|(?<![\d.])\.\d+")
_UNGROUPED = re.compile(rf"{_PLAIN}|(?<![\d.])\.\d+")
_STATED = re.compile(
    rf"(?<![\w#])(?<!\w\.)(?:{_NUMBER.pattern})(?!(?:st|nd|rd|th|D)\b|(?!{_POWER})[^\W\d_]+\d)"
)  # not of a name, no ordinal
_MARK = re.compile(
    r"^[^\S\n]*(?:[-*][^\S\n]+)?(?:\*\*)?\(?(\d{1,2})[.):](?=\s+\S)|(?<!\S)\((\d{1,2})\)\s", re.MULTILINE
)
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b", re.IGNORECASE)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*\([^`\n]*`", re.DOTALL)

_UNIT = r"(?:\s?(?:[€$£%°]|[^\W\d_]{1,12}))?"
_TERM = rf"[-−(]*\s?[€$£]?(?:{_NUMBER.pattern}){_UNIT}\)*"
_CALCULATION = re.compile(rf"(?<![\w.,])({_TERM}(?:(?:\s[-+−–]\s|\s?[*×·/÷]\s?|\s\+\s?){_TERM})+)")
_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}

_QUOTED = re.compile(
    r"(?<!\w)'([^'\n]+)'(?!\w)|\"([^\"\n]+)\"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|‘([^’\n]+)’(?!\w)"
)
_HOLE = re.compile(r"\{[a-z_][\w.]*\}|<[a-z_][\w -]*>|\[(?:[a-z]+[ _])+[a-z]+\]", re.IGNORECASE)
_EMPTY = re.compile(r"\[\s*\]|\{\s*\}|\(\s*\)|\bset\(\)|\bSeries\(\[\]|\bEmpty\b")
_LIST = re.compile(r"[\[({]([^\[\](){}]+)[\])}]")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One meaning of a number: its size, and the size of one unit of its last digit."""

    value: float
    unit: float
    decimals: int


def ungrounded(answer: str, asked: Sequence[str], outputs: Sequence[str]) -> list[str]:
    """Return the quantities and quoted names of an answer that nothing shows.

    Args:
        answer: The answer.
        asked: Questions and listings, which show values.
        outputs: Outputs, which show values, and in which lines and entries can be counted.

    Returns:
        They, as they are written, each once.
    """
    facts = _Facts(asked, outputs)
    prose = _CODE.sub(" ", answer)
    return list(dict.fromkeys([*_unshown_numbers(prose, facts), *_unshown_names(prose, facts)]))


def values_in(text: str) -> Iterator[float]:
    """Read the numbers of a text, number words among them.

    Args:
        text: Any text.

    Yields:
        All that they can mean, without signs, and the parts of those that may be several numbers.
    """
    for pattern in (_NUMBER, _UNGROUPED):
        for found in pattern.finditer(text):
            yield from (reading.value for reading in _readings(text, found))
            yield from map(float, _pieces(found.group()))
    for word in _WORD.findall(text):
        yield float(_WORDS.index(word.casefold()))


class _Facts:
    """The values, the counts and the words that texts show."""

    def __init__(self, asked: Sequence[str], outputs: Sequence[str]) -> None:
        shown = [*asked, *outputs]
        self.words = _folded(" ".join(shown))
        self._values = sorted({value for text in shown for value in values_in(text)})
        self._counts = {float(count) for text in outputs for count in _counts(text)}

    def have(self, reading: _Reading) -> bool:
        """Return True if a value is the one read, rounded to its digits, or if it counts something."""
        if reading.unit == 1 and reading.value in self._counts:
            return True
        half = min(0.5, 0.25 * reading.value) if reading.unit == 1 else 0.5 * reading.unit  # 0.4 is not 0, nor 0.6 one
        if self._within(reading.value, half, half):
            return True
        if reading.decimals and self._within(reading.value, 0, reading.unit):  # its last digits were cut off
            return True
        zeros = _round_to(reading)
        return zeros > 1 and self._within(reading.value, zeros / 2, zeros / 2)

    def add(self, value: float) -> None:
        """Add the result of a calculation."""
        self._values.insert(bisect_left(self._values, value), value)

    def _within(self, value: float, below: float, above: float) -> bool:
        slack = 1e-9 * max(value, 1e-9)
        place = bisect_left(self._values, value - below - slack)
        return place < len(self._values) and self._values[place] <= value + above + slack


def _round_to(reading: _Reading) -> float:
    """Return the unit to which a whole number was rounded if its zeros at the end are no digits: 100 for 1,200."""
    if reading.unit != 1 or reading.value < 100:
        return 1
    digits = str(int(reading.value)).rstrip("0")
    return float(10 ** (len(str(int(reading.value))) - max(len(digits), 2)))


# --- numbers -----------------------------------------------------------------------------------------------------


def _unshown_numbers(answer: str, facts: _Facts) -> Iterator[str]:
    if answer.strip(" .!*").casefold() in _WORDS:
        word = answer.strip(" .!*")
        if not facts.have(_Reading(_WORDS.index(word.casefold()), 1, 0)):
            yield word
        return
    marks = _enumeration(answer)
    stated, end = [], 0
    for found in _STATED.finditer(answer):
        if found.start() >= end and found.start() not in marks:
            stated.append(found)
            end = _after(answer, found).end("power")
    while True:  # a result of a calculation may be a term of the next one
        missing = [found for found in stated if not _is_grounded(answer, found, facts)]
        if not missing or not _calculate(answer, {found.span() for found in missing}, facts):
            break
    for found in missing:
        yield found.group()


def _is_grounded(answer: str, found: re.Match[str], facts: _Facts) -> bool:
    if any(map(facts.have, _readings(answer, found))):
        return True
    pieces = _UNGROUPED.findall(found.group())
    pieces = pieces if len(pieces) > 1 else _pieces(found.group())
    return bool(pieces) and all(any(map(facts.have, _plain_readings(piece))) for piece in pieces)


def _pieces(number: str) -> list[str]:
    """Return the numbers that a number may be instead: `3,14` may be two, and `5.3.2024` is three."""
    separators = re.findall("[.,]", number)
    return re.findall(r"\d+", number) if "," in separators or len(separators) > 1 else []


def _readings(text: str, found: re.Match[str]) -> list[_Reading]:
    """Return what a number in a text can mean, with the power, the share or the scale that follows it."""
    plain, after = _plain_readings(found.group()), _after(text, found)
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


def _scaled(reading: _Reading, exponent: int) -> _Reading:
    return _Reading(reading.value * 10.0**exponent, reading.unit * 10.0**exponent, max(reading.decimals, 1))


def _plain_readings(number: str) -> list[_Reading]:
    """Return what digits with separators can mean, as a whole number and as one with decimals."""
    whole = re.sub(r"[^\d.,]", "", number)
    *head, last = re.split("[.,]", whole)
    separators = re.findall("[.,]", whole)
    readings = []
    if len(set(separators)) < 2 and _is_grouped([*head, last]):
        readings.append(_Reading(float("".join([*head, last])), 1, 0))
    if separators and separators[-1] not in separators[:-1] and len(set(separators[:-1])) < 2 and _is_grouped(head):
        readings.append(_Reading(float(f"{''.join(head) or 0}.{last}"), 10.0 ** -len(last), len(last)))
    return readings


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


def _counts(text: str) -> Iterator[int]:
    """Yield what a reader can count in a text: its lines, with or without a heading, and the entries of its lists."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("---")]
    if 1 < len(lines) <= COUNTABLE + 1:
        yield from (len(lines), len(lines) - 1)
    if _EMPTY.search(text):
        yield 0
    for found in _LIST.finditer("\n".join(lines)):
        if (count := len([entry for entry in found[1].split(",") if entry.strip()])) <= COUNTABLE:
            yield count


# --- calculations ------------------------------------------------------------------------------------------------


def _calculate(answer: str, missing: Iterable[tuple[int, int]], facts: _Facts) -> bool:
    """Add the results of the calculations whose terms are grounded; return True if one of them is new."""
    news = False
    for found in _CALCULATION.finditer(answer):
        if any(found.start() <= start and end <= found.end() for start, end in missing):
            continue
        result = _result(found.group())
        if result is not None and not facts.have(_Reading(abs(result), 1e-9, 9)):
            facts.add(abs(result))
            news = True
    return news


def _result(calculation: str) -> float | None:
    """Return the value of a calculation with units; None if its parentheses do not match or it has no value."""
    usual = (_plain_readings(found.group())[:1] for found in _NUMBER.finditer(calculation))  # 1,200 is 1200
    text = _NUMBER.sub(lambda _: f" {''.join(str(reading.value) for reading in next(usual))} ", calculation)
    text = re.sub(r"(?<![\w.])[^\W\d_]+|[€$£%°]", " ", text)
    text = text.translate(str.maketrans("×·÷−–", "**/--"))
    try:
        return _evaluated(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError, KeyError, OverflowError):
        return None


def _evaluated(node: ast.expr) -> float:
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            value: float = _OPERATORS[type(op)](_evaluated(left), _evaluated(right))
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand)
        case ast.Constant(value=int() | float() as value):
            return float(value)
    raise ValueError(node)


# --- names -------------------------------------------------------------------------------------------------------


def _unshown_names(answer: str, facts: _Facts) -> Iterator[str]:
    """Yield what is quoted, and holes that were to be filled such as `{total}`."""
    for found in _QUOTED.finditer(answer):
        name = next(filter(None, found.groups())).strip()
        is_name = len(name) <= NAME_CHARS and len(name.split()) <= NAME_WORDS and re.search(r"[^\W\d_]", name)
        if is_name and _folded(name).strip(" .,;:!?") not in facts.words:
            yield name
    for hole in _HOLE.findall(answer):
        if _folded(hole) not in facts.words:
            yield hole


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
