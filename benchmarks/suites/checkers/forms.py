"""Checkers of the form that a question asks for, whether its content is right or not: a program has to read it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from codeact_jupyter.evaluation.numerals import readings, tokens
from codeact_jupyter.evaluation.task import Checker

NUMBER = r"[-+]?\d+(?:\.\d+)?"


def written_as(pattern: str, what: str) -> Checker:
    """Make a checker for an answer that is nothing but this.

    Args:
        pattern: Regular expression of the whole answer; surrounding blanks do not count.
        what: What the answer should be, for the reason.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        return bool(re.fullmatch(pattern, answer.strip(), re.IGNORECASE)) or f"The answer is not {what}."

    return check


def bare_number(decimals: int | None = None) -> Checker:
    """Make a checker for a number and nothing else.

    Args:
        decimals: Decimals that it must have; None for any.
    """
    pattern = NUMBER if decimals is None else rf"[-+]?\d+\.\d{{{decimals}}}" if decimals else r"[-+]?\d+"
    return written_as(pattern, "the number only")


def bare_name(among: Callable[[], Sequence[str]]) -> Checker:
    """Make a checker for one name and nothing else.

    Args:
        among: Computes the names.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        return answer.strip().casefold() in {name.casefold() for name in among()} or "The answer is not the name only."

    return check


def rounded(decimals: int) -> Checker:
    """Make a checker for decimals: at least one number of the answer has just as many, and all others have none.

    Args:
        decimals: How many.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        shown = [{reading.decimals for reading in readings(token)} for token in tokens(answer)]
        kept = any(decimals in each for each in shown) and all(each & {0, decimals} for each in shown)
        return kept or f"The answer does not have {decimals} decimals."

    return check


def json_object(keys: Callable[[], Sequence[str]]) -> Checker:
    """Make a checker for a JSON object with these keys and nothing around it.

    Args:
        keys: Computes the keys, in any order.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        try:
            found = json.loads(answer)
        except ValueError:
            return "The answer is not JSON."
        return (
            isinstance(found, dict) and found.keys() == set(keys())
        ) or "The answer does not have the keys asked for."

    return check


def python_list() -> Checker:
    """Make a checker for a list of texts, as Python writes it, and nothing around it."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        try:
            found = ast.literal_eval(answer.strip())
        except (ValueError, SyntaxError):
            return "The answer is not a list."
        return (isinstance(found, list) and all(isinstance(each, str) for each in found)) or "It is no list of texts."

    return check
