"""Quantities and quoted names of an answer: find those that nothing shows which the model was shown.

A number is read in every way in which its notation can be meant (see `numbers`). It is grounded if one of these
readings is a shown value, rounded to the digits that the answer gives; if a calculation in the answer has it as its
result, from grounded numbers (`12 + 30 = 42`); or if it counts what a reader can count, the lines of an output or the
entries of a list in it.

Not quantities: the marks of an enumeration (`1.`), ordinals (`2nd`), numbers inside a name (`df2`, `B17`), and number
words, except when the answer is nothing else.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterable, Iterator, Sequence

from .numbers import (
    NUMBER,
    UNGROUPED,
    WORDS,
    Reading,
    Values,
    lone_word,
    pieces,
    plain_readings,
    readings,
    stated,
    values_in,
)

NAME_CHARS, NAME_WORDS = 60, 6  #: of a quoted name at most; a longer quotation is prose
COUNTABLE = 20  #: things at most that a reader counts

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*\([^`\n]*`", re.DOTALL)

_UNIT = r"(?:\s?(?:[€$£%°]|[^\W\d_]{1,12}))?"
_TERM = rf"[-−(]*\s?[€$£]?(?:{NUMBER.pattern}){_UNIT}\)*"
_CALCULATION = re.compile(rf"(?<![\w.,])({_TERM}(?:(?:\s[-+−–]\s|\s?[*×·/÷]\s?|\s\+\s?){_TERM})+)")
_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}

_QUOTED = re.compile(
    r"(?<!\w)'([^'\n]+)'(?!\w)|\"([^\"\n]+)\"|“([^”\n]+)”|„([^“”\n]+)[“”]|«([^»\n]+)»|‘([^’\n]+)’(?!\w)"
)
_HOLE = re.compile(r"\{[a-z_][\w.]*\}|<[a-z_][\w -]*>|\[(?:[a-z]+[ _])+[a-z]+\]", re.IGNORECASE)
_EMPTY = re.compile(r"\[\s*\]|\{\s*\}|\(\s*\)|\bset\(\)|\bSeries\(\[\]|\bEmpty\b")
_LIST = re.compile(r"[\[({]([^\[\](){}]+)[\])}]")


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


class _Facts(Values):
    """The values, the counts and the words that texts show."""

    def __init__(self, asked: Sequence[str], outputs: Sequence[str]) -> None:
        shown = [*asked, *outputs]
        super().__init__(value for text in shown for value in values_in(text))
        self.words = _folded(" ".join(shown))
        self._counts = {float(count) for text in outputs for count in _counts(text)}

    def have(self, reading: Reading) -> bool:
        """Return True if a value is the one read, or if it counts something. See `Values.have`."""
        return (reading.unit == 1 and reading.value in self._counts) or super().have(reading)


# --- numbers -----------------------------------------------------------------------------------------------------


def _unshown_numbers(answer: str, facts: _Facts) -> Iterator[str]:
    if word := lone_word(answer):
        if not facts.have(Reading(WORDS.index(word.casefold()), 1, 0)):
            yield word
        return
    numbers = stated(answer)
    while True:  # a result of a calculation may be a term of the next one
        missing = [found for found in numbers if not _is_grounded(answer, found, facts)]
        if not missing or not _calculate(answer, {found.span() for found in missing}, facts):
            break
    for found in missing:
        yield found.group()


def _is_grounded(answer: str, found: re.Match[str], facts: _Facts) -> bool:
    if any(map(facts.have, readings(answer, found))):
        return True
    ungrouped = UNGROUPED.findall(found.group())
    parts = ungrouped if len(ungrouped) > 1 else pieces(found.group())
    return bool(parts) and all(any(map(facts.have, plain_readings(part))) for part in parts)


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
        if result is not None and not facts.have(Reading(abs(result), 1e-9, 9)):
            facts.add(abs(result))
            news = True
    return news


def _result(calculation: str) -> float | None:
    """Return the value of a calculation with units; None if its parentheses do not match or it has no value."""
    usual = (plain_readings(found.group())[:1] for found in NUMBER.finditer(calculation))  # 1,200 is 1200
    text = NUMBER.sub(lambda _: f" {''.join(str(reading.value) for reading in next(usual))} ", calculation)
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
