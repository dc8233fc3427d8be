"""What an experiment is to find out; apart from its code, which only the copy needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Experiment:
    """What to find out about a cell.

    Args:
        question: The question that it is for.
        seconds: Time limit.
        names: The names that it binds or changes.
    """

    question: str
    seconds: float
    names: tuple[str, ...]
