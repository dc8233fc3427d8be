"""A task: its question, its objects, and the checker of its answers.

A suite is a Python file or package with `TASKS`, an iterable of `Task`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Namespace = dict[str, Any]
#: takes the answer and the namespace afterwards; True, or the reason why not. Must not run code of the model.
Checker = Callable[[str, Mapping[str, Any]], bool | str]

NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Task:
    """One task."""

    name: str  #: unique in its suite
    domain: str  #: group of tasks that it belongs to
    prompt: str  #: the question
    namespace: Callable[[], Namespace]  #: makes new objects for each attempt
    check: Checker  #: judges an answer
    reference: str  #: code that solves it: run in the namespace, it prints a text that passes `check`
    split: Literal["dev", "test"]  #: `dev` for tuning, `test` for reporting
    tools: tuple[str, ...] = ()  #: names in the namespace that a tool call may use
    cell: str = ""  #: a cell of the user that fails, for tasks of recovery


def fingerprint(task: Task) -> str:
    """Hash what is asked and how it is solved.

    Args:
        task: The task.

    Returns:
        SHA-256 of its name, prompt, cell and reference, joined by NUL.
    """
    parts = (task.name, task.prompt, task.cell, task.reference)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def says_number(expected: float, *, tolerance: float = 1e-6) -> Checker:
    """Make a checker for a number: the last one of the answer, or the first, must be right.

    Args:
        expected: The right number.
        tolerance: Relative tolerance. A number rounded to the decimals shown, two at least, is right too.

    Returns:
        The checker.
    """

    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        numbers = [_number(text) for text in NUMBER.findall(answer)]
        if any(_is_close(found, expected, decimals, tolerance) for found, decimals in (numbers[-1:] + numbers[:1])):
            return True
        return "That number is not right." if numbers else "The answer names no number."

    return check


def _number(text: str) -> tuple[float, int]:
    plain = text.replace(",", "").replace("−", "-")
    _, _, decimals = plain.partition(".")
    return float(plain), len(decimals)


def _is_close(found: float, expected: float, decimals: int, tolerance: float) -> bool:
    if abs(found - expected) <= tolerance * max(1.0, abs(expected)):
        return True
    return decimals >= 2 and abs(found - expected) <= 0.5000001 * 10**-decimals
