"""Checkers whose truth is computed from the data when an answer is judged, so that no value is typed in by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from codeact_jupyter.evaluation.task import Checker, says_number

WRONG = "That is not right."


def number(truth: Callable[[], float]) -> Checker:
    """The answer's last number, or its first, is the true one."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        return _says(float(truth()), answer)

    return check


def numbers(truth: Callable[[], Sequence[float]]) -> Checker:
    """The true numbers occur in the answer in this order, others possibly between them."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        found = iter(_NUMBER.findall(answer))
        for expected in truth():
            if not any(_says(float(expected), text) is True for text in found):
                return WRONG
        return True

    return check


def pairs(truth: Callable[[], Mapping[Any, float]]) -> Checker:
    """Where each name is first followed by a number, before any other name, it is the true one."""

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
    """Of the names that are possible, the answer names the true ones and no other, in their order if that matters."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        true = truth()
        expected = [name.casefold() for name in ([true] if isinstance(true, str) else true)]
        found = [match.casefold() for match in _one_of([*among(), *expected]).findall(answer)]
        found = list(dict.fromkeys(found))
        return (found == expected if ordered else set(found) == set(expected)) or WRONG

    return check


def dates(truth: Callable[[], Sequence[Any]]) -> Checker:
    """The answer's dates, written as 2012-03-01, are the true ones, in this order."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        found = re.findall(r"\d{4}-\d{2}-\d{2}", answer)
        return list(dict.fromkeys(found)) == [f"{date:%Y-%m-%d}" for date in truth()] or WRONG

    return check


def quarter(truth: Callable[[], tuple[int, int]]) -> Checker:
    """The answer names this quarter and no other, as 1982Q4 or so."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        year, of_year = (int(part) for part in truth())
        found = {(y, q) for y, q in re.findall(r"\b(\d{4})[\s:.,_-]*Q([1-4])\b", answer, re.IGNORECASE)}
        found |= {(y, q) for q, y in re.findall(r"\bQ([1-4])[\s:.,_-]*(?:of )?(\d{4})\b", answer, re.IGNORECASE)}
        return found == {(str(year), str(of_year))} or WRONG

    return check


def every(*checkers: Checker) -> Checker:
    """All of them pass; the first that does not says why."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        for checker in checkers:
            verdict = checker(answer, namespace)
            if verdict is not True:
                return verdict
        return True

    return check


_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")


def _says(expected: float, answer: str) -> bool | str:
    """As `says_number`, and `36.2` is 36.198 rounded to two decimals although it shows but one."""
    rounded = [value for value in (round(expected, 2), round(expected, 3)) if abs(value) >= 0.1]
    if any(says_number(value, tolerance=1e-9)(answer, {}) is True for value in rounded):
        return True
    return says_number(expected)(answer, {})


def _one_of(names: Iterable[Any]) -> re.Pattern[str]:
    """Any of the names as a whole, the longest first: `West Virginia` does not name `Virginia`."""
    longest = sorted({str(name) for name in names}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)
