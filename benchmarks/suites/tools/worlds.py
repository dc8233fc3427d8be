"""Common parts of the worlds: tables as text, checks of arguments, codes that prove an effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from codeact_jupyter.evaluation.task import Namespace

Row = TypeVar("Row")


def rows(table: str) -> list[list[str]]:
    """Split a table that is written as text into the fields of each line."""
    return [line.split() for line in table.strip().splitlines()]


def named(*tools: Callable[..., Any]) -> Namespace:
    """Return the tools by name."""
    return {tool.__name__: tool for tool in tools}


def look_up(table: Mapping[str, Row], name: object, what: str) -> Row:
    """Return the row of that name; raise `ValueError` if there is none."""
    if isinstance(name, str) and name in table:
        return table[name]
    raise ValueError(f"There is no {what} {name!r}.")


def whole(number: object, low: int, high: int, what: str) -> int:
    """Return the number; raise `ValueError` if it is not whole or not within the bounds."""
    if isinstance(number, int) and not isinstance(number, bool) and low <= number <= high:
        return number
    raise ValueError(f"{what} must be a whole number from {low} to {high}, not {number!r}.")


def page_of(items: Sequence[str], page: object, size: int) -> list[str]:
    """Return the items on a page, counted from 1; none after the last page."""
    start = (whole(page, 1, 1000, "page") - 1) * size
    return list(items[start : start + size])


def code_for(*parts: object) -> str:
    """Return a code such as `W4821` that proves an effect: it cannot be known before."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return f"{'BCDFGHKLMNPRSTVWX'[digest[0] % 17]}{int.from_bytes(digest[1:5]) % 9000 + 1000}"
