"""Request for an experiment; apart from the code that makes it, which only the copy needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Experiment:
    """Request to find out what the result of a cell rests on.

    Args:
        question: The question that it is for.
        seconds: Time limit, of processor time.
        names: The names that it binds or changes.
    """

    question: str
    seconds: float
    names: tuple[str, ...]
