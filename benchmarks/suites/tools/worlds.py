"""What the little worlds share: their tables, the checks of their tools' arguments, and codes that prove an effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from codeact_jupyter.evaluation.task import Namespace

Row = TypeVar("Row")


def rows(table: str) -> list[list[str]]:
    """The fields of each line of a table that is written as text."""
    return [line.split() for line in table.strip().splitlines()]


def named(*tools: Callable[..., Any]) -> Namespace:
    """The tools by their names."""
    return {tool.__name__: tool for tool in tools}


def look_up(table: Mapping[str, Row], name: object, what: str) -> Row:
    """The row of that name. Raises `ValueError` when there is none."""
    if isinstance(name, str) and name in table:
        return table[name]
    raise ValueError(f"There is no {what} {name!r}.")


def whole(number: object, low: int, high: int, what: str) -> int:
    """The number itself. Raises `ValueError` when it is not whole or not within the bounds."""
    if isinstance(number, int) and not isinstance(number, bool) and low <= number <= high:
        return number
    raise ValueError(f"{what} must be a whole number from {low} to {high}, not {number!r}.")


def page_of(items: Sequence[str], page: object, size: int) -> list[str]:
    """The items on a page, counted from 1; none after the last page."""
    start = (whole(page, 1, 1000, "page") - 1) * size
    return list(items[start : start + size])


def code_for(*parts: object) -> str:
    """A code such as `W4821` for what was done: it cannot be known before it is done."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return f"{'BCDFGHKLMNPRSTVWX'[digest[0] % 17]}{int.from_bytes(digest[1:5]) % 9000 + 1000}"
