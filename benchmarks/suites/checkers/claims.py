"""Checkers of all that an answer claims: the right values, and no other one beside them.

Numbers are read by `evaluation.numerals`; one that may be read in two ways is right if either way is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from codeact_jupyter.evaluation.numerals import TOKEN, Reading, readings, tokens
from codeact_jupyter.evaluation.task import Checker

WRONG = "That is not right."
_NONE = re.compile(
    r"\b(?:no|none|nobody|nothing|no one|zero|never|neither|without|empty|(?:is|are|was|were|did|does|do|has|have) not"
    r"|(?:is|are|was|were|did|does|do|has|have)n['’]t|not (?:a single|any|one))\b",
    re.IGNORECASE,
)


def is_near(token: str, truth: float, decimals: int) -> bool:
    """Decide if a number is the true one, unrounded or rounded to the asked decimals or more.

    Args:
        token: The number as it is written.
        truth: The true one.
        decimals: Least number of decimals; with fewer, only final zeros may be missing.
    """
    return any(_is_close(reading, truth, decimals) for reading in readings(token))


def _is_close(found: Reading, truth: float, decimals: int) -> bool:
    if abs(found.value - truth) <= 1e-9 * max(1.0, abs(truth)):
        return True
    if abs(found.value - round(truth, decimals)) <= 1e-9 * max(1.0, abs(truth)):
        return True
    return found.decimals >= max(decimals, 1) and abs(found.value - truth) <= 0.5000001 * 10**-found.decimals


def quantities(*truth: Callable[[], float], decimals: int = 2, beside: Sequence[float] = ()) -> Checker:
    """Make a checker for numbers: the answer names the true ones in this order, and claims no other.

    Args:
        truth: Each computes a number. A whole one must be exact.
        decimals: See `is_near`.
        beside: Numbers that the answer may mention too, such as those of the question.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        expected = [float(each()) for each in truth]
        said: list[int] = []
        for token in tokens(answer):
            places = [place for place, value in enumerate(expected) if is_near(token, value, decimals)]
            if places:
                said.append(next((place for place in places if place not in said), places[0]))
            elif not any(is_near(token, value, decimals) for value in beside):
                return WRONG
        if not said:
            return "The answer names no number."
        return list(dict.fromkeys(said)) == list(range(len(expected))) or WRONG

    return check


def nothing(
    *, beside: Sequence[float] = (), among: Callable[[], Iterable[str]] = lambda: (), counted: bool = False
) -> Checker:
    """Make a checker for the answer that there is none: it says so, and claims no number but 0 and no name.

    Args:
        beside: Numbers that the answer may mention, such as those of the question.
        among: Computes the names that it must not mention.
        counted: The question asks for a count, so that 0 alone says it.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        numbers = [token for token in tokens(answer) if not any(is_near(token, value, 0) for value in beside)]
        if not all(is_near(token, 0, 0) for token in numbers):
            return WRONG
        if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", answer, re.IGNORECASE) for name in among()):
            return WRONG
        said = bool(_NONE.search(answer)) or (counted and bool(numbers))
        return said or "The answer does not say that there is none."

    return check


def labelled(truth: Callable[[], Mapping[str, float]], *, beside: Sequence[float] = ()) -> Checker:
    """Make a checker for whole numbers by label, in pairs or all in the order of the question. `none` counts as 0.

    Args:
        truth: Computes the numbers by label, in the order of the question.
        beside: Numbers that the answer may mention too.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        expected = dict(truth())
        words = list(_words(answer, expected, beside))
        labels = [word for word in words if isinstance(word, str)]
        values = [word for word in words if not isinstance(word, str)]
        if words in (values, labels + values, values + labels) and len(values) > 1:
            return (values == list(expected.values()) and labels in ([], list(expected))) or WRONG
        pairs = [set(words[place : place + 2]) for place in range(0, len(words), 2)]
        wanted = [set(pair) for pair in expected.items()]
        return (len(pairs) == len(wanted) and all(pair in pairs for pair in wanted)) or WRONG

    return check


def _words(answer: str, labels: Mapping[str, float], beside: Sequence[float]) -> Iterator[str | float | None]:
    """Yield the labels and numbers of the answer in order; None for a number that none of the labels has."""
    names = "|".join(rf"(?<!\w){re.escape(label)}(?!\w)" for label in labels)
    pattern = re.compile(rf"(?P<label>{names})|(?P<none>{_NONE.pattern})|(?P<number>{TOKEN.pattern})", re.IGNORECASE)
    known = {label.casefold(): label for label in labels}
    last: str | float | None = ""
    for spot in pattern.finditer(answer):
        number = spot.group("number")
        if number and any(is_near(number, value, 0) for value in beside):
            continue
        near = [value for value in labels.values() if number and is_near(number, value, 0)]
        word = known.get((spot.group("label") or "").casefold()) or (
            0 if spot.group("none") else next(iter(near), None)
        )
        if word != last:
            yield word
        last = word


def yes(truth: Callable[[], bool]) -> Checker:
    """Make a checker for yes or no: the answer says the right one and not the other.

    Args:
        truth: Computes whether it is yes.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        said = {word.casefold() for word in re.findall(r"\b(?:yes|no)\b", answer, re.IGNORECASE)}
        return said == {"yes" if truth() else "no"} or WRONG

    return check
