"""How this suite judges answers where the general checkers do not do: exact sets of names, lists of numbers, codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from codeact_jupyter.evaluation.task import Checker


def says_only(*expected: str, among: Iterable[str]) -> Checker:
    """Of the names in `among`, the answer says the expected ones and no other, in any order."""
    names = {*among, *expected}

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        said = {name for name in names if _says(answer, name)}
        if said == set(expected):
            return True
        return "That is not right." if said else "The answer names none of those it could."

    return check


def says_code(expected: str) -> Checker:
    """Of all words shaped like a code (`W4821`), the answer says the expected one alone."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        codes = {code.upper() for code in _CODE.findall(answer)}
        return True if codes == {expected} else "That code is not right." if codes else "The answer names no code."

    return check


def says_numbers(*expected: int) -> Checker:
    """The whole numbers in the answer (percentages apart), or in its last line, are those expected, in their order."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        lines = answer.strip().splitlines() or [""]
        if expected in (_whole_numbers(answer), _whole_numbers(lines[-1])):
            return True
        return "Those numbers are not right." if _whole_numbers(answer) else "The answer names no numbers."

    return check


def says_all(*checkers: Checker) -> Checker:
    """What every one of the checkers passes."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        verdicts = [checker(answer, namespace) for checker in checkers]
        return next((verdict for verdict in verdicts if verdict is not True), True)

    return check


_CODE = re.compile(r"(?<!\w)[A-Za-z]\d{4}(?!\w)")
_WHOLE = re.compile(r"(?<![\w.])\d+(?!\w|\.\d|\s*%)")


def _whole_numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _WHOLE.findall(text))


def _says(answer: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", answer, re.IGNORECASE) is not None
