"""Tables in text files, and the call of pandas that reads each right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..text import one_line, shorten
from .encodings import decode
from .layout import BLANKS, Layout, find_layout
from .values import ColumnValues, column_values

COLUMNS = 40  #: that are described
CATEGORIES = 6  #: a column of text with more different values has examples instead
VALUE_CHARS = 24


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a file."""

    reader: str  #: the function of pandas
    arguments: str  #: after the path; empty, or beginning with a comma
    columns: str  #: the columns as text
    width: int  #: number of columns
    lines: int  #: lines that are no rows: above, below, the header


def find_table(head: bytes, tail: bytes = b"") -> Table | None:
    """Find the table in a delimited text.

    Args:
        head: The file's beginning, or all of it.
        tail: The end of a longer file, from the beginning of a line; empty if `head` is all.

    Returns:
        The table; `None` if there is none of two columns or more.
    """
    decoded = decode(head)
    if decoded is None:
        return None
    text, encoding = decoded
    lines = text.splitlines(keepends=True)
    if tail:
        lines.pop()  # cut off
    layout = find_layout(lines, tail.decode(encoding, "replace").splitlines(keepends=True) if tail else None)
    if layout is None:
        return None
    columns = [column_values(cells, layout.notation) for cells in zip(*layout.rows, strict=True)]
    names = list(layout.header) or [""] * len(columns)
    arguments = _arguments(layout, encoding, dict(zip(_keys(layout, len(columns)), columns, strict=True)))
    described = [_column(name, values) for name, values in zip(names, columns, strict=False)][:COLUMNS]
    if len(columns) > COLUMNS:
        described.append(f"… {len(columns) - COLUMNS:,} more")
    other = layout.below + bool(layout.header) + (layout.units is not None) + layout.skipped
    return Table("pd.read_csv", "".join(f", {each}" for each in arguments), ", ".join(described), len(columns), other)


def _keys(layout: Layout, width: int) -> list[object]:
    """Return the labels that pandas gives to the columns."""
    if not layout.header:
        return list(range(width))
    return [name or f"Unnamed: {index}" for index, name in enumerate(layout.header)]


def _arguments(layout: Layout, encoding: str, columns: dict[object, ColumnValues]) -> list[str]:
    """Return the arguments of `pandas.read_csv` that differ from its defaults."""
    marks = sorted({mark for values in columns.values() for mark in values.marks})
    codes = [key for key, values in columns.items() if values.kind == "text" and _reads_as_number(values, layout)]
    return [
        *_place(layout, encoding),
        *([f"decimal={layout.notation.decimal!r}"] if layout.notation.decimal != "." else []),
        *([f"thousands={layout.notation.thousands!r}"] if layout.notation.thousands else []),
        *([f"na_values={marks}"] if marks else []),
        *([f"dtype={{{', '.join(f'{key!r}: str' for key in codes)}}}"] if codes else []),
        *_dates(columns),
        *([f"skipfooter={layout.below}"] if layout.below else []),
        *(["engine='python'"] if _needs_python(layout) else []),
    ]


def _place(layout: Layout, encoding: str) -> list[str]:
    """Return the arguments that say where the table and its cells are."""
    found = []
    if _is_pattern(layout):
        found.append(rf"sep=r'\s*{re.escape(layout.separator)}\s*'")
    elif layout.separator != ",":
        found.append(f"sep={layout.separator!r}")
    if encoding != "utf-8":
        found.append(f"encoding={encoding!r}")
    if layout.units is not None:
        found.append(f"skiprows={[*range(layout.skipped), layout.units]}")
    elif layout.skipped:
        found.append(f"skiprows={layout.skipped}")
    if not layout.header:
        found.append("header=None")
    if layout.comment:
        found.append(f"comment={layout.comment!r}")
    return found


def _needs_python(layout: Layout) -> bool:
    """Return True if pandas' fast parser cannot read it: a footer, a pattern, a mark outside ASCII."""
    return bool(layout.below) or _is_pattern(layout) or not layout.notation.thousands.isascii()


def _is_pattern(layout: Layout) -> bool:
    """Return True if blanks stand around the separators, so that a pattern has to separate the cells."""
    return layout.is_padded and layout.separator != BLANKS


def _dates(columns: dict[object, ColumnValues]) -> list[str]:
    formats = {key: each.date_format for key, each in columns.items() if each.kind == "date" and not each.is_ambiguous}
    if not formats:
        return []
    keys = f"parse_dates={list(formats)!r}"
    if len(set(formats.values())) > 1:
        return [keys, f"date_format={formats!r}"]
    only = next(iter(formats.values()))
    return [keys] if only.startswith("%Y-%m-%d") else [keys, f"date_format={only!r}"]


def _reads_as_number(values: ColumnValues, layout: Layout) -> bool:
    """Return True if pandas would take these texts for numbers: codes with leading zeros, or with its marks in them."""
    notation = layout.notation
    plain = [value.replace(notation.thousands, "") if notation.thousands else value for value in values.values]
    return all(value.replace(notation.decimal, ".", 1).lstrip("+-").replace(".", "", 1).isdigit() for value in plain)


def _column(name: str, values: ColumnValues) -> str:
    label = f"{one_line(name)} " if name else ""
    if values.kind in ("int", "float"):
        kind = f"{values.kind}64"
    elif values.kind == "date":
        kind = f"{'str' if values.is_ambiguous else 'datetime64'} {_value(values.values[0])}"
        kind += " (day and month cannot be told apart)" if values.is_ambiguous else ""
    elif values.kind == "text":
        kind = f"str {_examples(values.values)}"
    else:
        kind = values.kind
    return f"{label}{kind}{_share(values)}"


def _examples(values: Sequence[str]) -> str:
    if len(values) <= CATEGORIES:
        return " ".join(map(_value, values))
    return f"such as {_value(values[0])} {_value(values[1])}"


def _value(value: str) -> str:
    return repr(shorten(value, VALUE_CHARS))


def _share(values: ColumnValues) -> str:
    return f" ({values.missing:,} missing)" if values.missing else ""
