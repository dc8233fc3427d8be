"""A task: what is asked, what is there, and how an answer is checked. Suites are modules that hold a list of them.

A suite kept elsewhere is a Python file or package with `TASKS`, an iterable of these.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Namespace = dict[str, Any]
#: The final answer, the namespace afterwards -> right, or why not. It runs nothing of the model's.
Checker = Callable[[str, Mapping[str, Any]], bool | str]


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `namespace()` makes its objects afresh; `tools` are the names in it that a model may call.

    `reference` is code that solves it: run in the namespace, the text that it prints passes `check`. A `recovery` task
    begins with the user's failing cell in `cell`.
    """

    name: str  #: unique in its suite
    domain: str
    prompt: str
    namespace: Callable[[], Namespace]
    check: Checker
    reference: str
    split: Literal["dev", "test"]
    tools: tuple[str, ...] = ()
    cell: str = ""


def fingerprint(task: Task) -> str:
    """The SHA-256 of what is asked and how it is solved: name, prompt, cell and reference, joined by NUL."""
    parts = (task.name, task.prompt, task.cell, task.reference)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def says_number(expected: float, *, tolerance: float = 1e-6) -> Checker:
    """The answer's last number, or its only other one, is the expected one, within the relative tolerance or rounded no
    further than to as many decimals as the answer shows (two at least)."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        numbers = [_number(text) for text in _NUMBER.findall(answer)]
        if any(_is_close(found, expected, decimals, tolerance) for found, decimals in (numbers[-1:] + numbers[:1])):
            return True
        return "That number is not right." if numbers else "The answer names no number."

    return check


def says_words(*expected: str, without: tuple[str, ...] = ()) -> Checker:
    """The answer names each of the expected words or phrases, and none of those it must do `without`."""

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        missing = [word for word in expected if not _names(answer, word)]
        wrong = [word for word in without if _names(answer, word)]
        return True if not missing and not wrong else "That is not right."

    return check


_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")


def _number(text: str) -> tuple[float, int]:
    plain = text.replace(",", "").replace("−", "-")
    _, _, decimals = plain.partition(".")
    return float(plain), len(decimals)


def _is_close(found: float, expected: float, decimals: int, tolerance: float) -> bool:
    if abs(found - expected) <= tolerance * max(1.0, abs(expected)):
        return True
    return decimals >= 2 and abs(found - expected) <= 0.5000001 * 10**-decimals


def _names(answer: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", answer, re.IGNORECASE) is not None
