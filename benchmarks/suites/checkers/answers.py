"""Checkers of answers. Where `truth` is a function, it is computed when an answer is judged, not typed in by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from codeact_jupyter.evaluation.task import NUMBER, Checker, says_number

WRONG = "That is not right."
_CODE = re.compile(r"(?<!\w)[A-Za-z]\d{4}(?!\w)")
_WHOLE = re.compile(r"(?<![\w.])\d+(?!\w|\.\d|\s*%)")


def says_all(*checkers: Checker) -> Checker:
    """Make a checker that passes what every one of these passes.

    Args:
        checkers: Asked in their order; the first that does not pass says why.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        verdicts = (checker(answer, namespace) for checker in checkers)
        return next((verdict for verdict in verdicts if verdict is not True), True)

    return check


# --- expected values ---------------------------------------------------------------------------------------------


def says_only(*expected: str, among: Iterable[str]) -> Checker:
    """Make a checker for names: the answer mentions the expected ones and no other, in any order.

    Args:
        expected: The right names.
        among: All names that count.
    """
    candidates = {*among, *expected}

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        found = {name for name in candidates if _one_of([name]).search(answer)}
        if found == set(expected):
            return True
        return WRONG if found else "The answer names none of those it could."

    return check


def says_code(expected: str) -> Checker:
    """Make a checker for a code such as `W4821`: the answer mentions the expected one and no other.

    Args:
        expected: The right code.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        codes = {code.upper() for code in _CODE.findall(answer)}
        return True if codes == {expected} else "That code is not right." if codes else "The answer names no code."

    return check


def says_numbers(*expected: int) -> Checker:
    """Make a checker for whole numbers: those of the answer, or of its last line, are the expected ones, in order.

    Args:
        expected: The right numbers. Percentages in the answer do not count.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        lines = answer.strip().splitlines() or [""]
        if expected in (_whole_numbers(answer), _whole_numbers(lines[-1])):
            return True
        return "Those numbers are not right." if _whole_numbers(answer) else "The answer names no numbers."

    return check


# --- computed values ---------------------------------------------------------------------------------------------


def number(truth: Callable[[], float]) -> Checker:
    """Make a checker for a number: the last one of the answer, or the first, is the true one.

    Args:
        truth: Computes it.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        return _says(float(truth()), answer)

    return check


def numbers(truth: Callable[[], Sequence[float]]) -> Checker:
    """Make a checker for numbers: they occur in the answer in this order, others possibly between them.

    Args:
        truth: Computes them.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        found = iter(NUMBER.findall(answer))
        for expected in truth():
            if not any(_says(float(expected), text) is True for text in found):
                return WRONG
        return True

    return check


def pairs(truth: Callable[[], Mapping[Any, float]]) -> Checker:
    """Make a checker for numbers of names: the first number after each name, before any other name, is the true one.

    Args:
        truth: Computes the numbers by name.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        expected = {str(name).casefold(): float(value) for name, value in truth().items()}
        spots = list(_one_of(expected).finditer(answer))
        said: dict[str, str] = {}
        ends = [*(spot.start() for spot in spots), len(answer)][1:]
        for spot, end in zip(spots, ends, strict=True):
            text = answer[spot.end() : end]
            if re.search(r"\d", text):
                said.setdefault(spot.group().casefold(), text)
        if missing := expected.keys() - said.keys():
            return f"No number is named for {', '.join(sorted(missing))}."
        return all(_says(value, said[name]) is True for name, value in expected.items()) or WRONG

    return check


def names(
    truth: Callable[[], Sequence[str] | str], among: Callable[[], Iterable[str]], *, ordered: bool = False
) -> Checker:
    """Make a checker for names: the answer mentions the true ones and no other.

    Args:
        truth: Computes the right names.
        among: Computes all names that count.
        ordered: Their order must be right too.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        true = truth()
        expected = [name.casefold() for name in ([true] if isinstance(true, str) else true)]
        found = [match.casefold() for match in _one_of([*among(), *expected]).findall(answer)]
        found = list(dict.fromkeys(found))
        return (found == expected if ordered else set(found) == set(expected)) or WRONG

    return check


def dates(truth: Callable[[], Sequence[Any]]) -> Checker:
    """Make a checker for dates, written as 2012-03-01: they are the true ones, in this order.

    Args:
        truth: Computes them.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        found = re.findall(r"\d{4}-\d{2}-\d{2}", answer)
        return list(dict.fromkeys(found)) == [f"{date:%Y-%m-%d}" for date in truth()] or WRONG

    return check


def quarter(truth: Callable[[], tuple[int, int]]) -> Checker:
    """Make a checker for a quarter, written as 1982Q4 or so: the answer names the true one and no other.

    Args:
        truth: Computes its year and its number, 1 to 4.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        year, of_year = (int(part) for part in truth())
        found = {(y, q) for y, q in re.findall(r"\b(\d{4})[\s:.,_-]*Q([1-4])\b", answer, re.IGNORECASE)}
        found |= {(y, q) for q, y in re.findall(r"\bQ([1-4])[\s:.,_-]*(?:of )?(\d{4})\b", answer, re.IGNORECASE)}
        return found == {(str(year), str(of_year))} or WRONG

    return check


def _says(expected: float, answer: str) -> bool | str:
    """Check as `says_number`; and `36.2` is right for 36.198, which rounds to two decimals although it shows one."""
    rounded = [value for value in (round(expected, 2), round(expected, 3)) if abs(value) >= 0.1]
    if any(says_number(value, tolerance=1e-9)(answer, {}) is True for value in rounded):
        return True
    return says_number(expected)(answer, {})


def _one_of(names: Iterable[Any]) -> re.Pattern[str]:
    """Match any of the names as a whole, the longest first: `West Virginia` does not mention `Virginia`."""
    longest = sorted({str(name) for name in names}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)


def _whole_numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _WHOLE.findall(text))
