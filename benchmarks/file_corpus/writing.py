"""Text files of recipes, with their tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from .recipes import Case

Columns = dict[str, Sequence[Any]]


def case(name: str, text: str, columns: Columns | None, encoding: str = "utf-8") -> Case:
    """Return a text file and its table."""
    return Case(name, text.encode(encoding), None if columns is None else pd.DataFrame(columns))


def typed(name: str, separator: str, types: Sequence[Callable[[str], object]], *rows: str) -> Case:
    """Return a text file of plain cells, and its table: the cells as these types."""
    header, *body = [row.split(separator) for row in rows]
    columns = zip(header, types, zip(*body, strict=True), strict=True)
    return case(name, lines(*rows), {label: [read(cell) for cell in cells] for label, read, cells in columns})


def lines(*rows: str, end: str = "\n") -> str:
    """Join lines."""
    return "".join(row + end for row in rows)
