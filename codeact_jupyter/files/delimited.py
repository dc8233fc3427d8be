"""Tables in text files, and the call of pandas that reads each right."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..text import one_line, shorten
from .encodings import decode
from .layout import ALONE, Layout, find_layout
from .rows import BLANKS, PLACES
from .source import SampledTable
from .values import ColumnValues, column_values

COLUMNS = 40  #: that are described
CATEGORIES = 6  #: a column of text with more different values has examples instead
VALUE_CHARS = 24
NAMED = 12  #: columns at most that a call names for their dates, or for their codes
_COMPARED = 100  # lines that `pandas.read_fwf` looks at

Key = str | int | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a text."""

    reader: str  #: the function of pandas
    arguments: str  #: after the path; empty, or beginning with a comma
    columns: tuple[str, ...]  #: the columns as text, `COLUMNS` at most
    width: int  #: number of columns
    rows: int  #: of the text that was looked at
    other: int  #: lines of it that are no rows
    keys: SampledTable  #: its values


def find_table(head: bytes, tail: bytes = b"") -> Table | None:
    """Find the table in a text.

    Args:
        head: The file's beginning, or all of it.
        tail: The end of a longer file, from the beginning of a line; empty if `head` is all.

    Returns:
        The table; `None` if there is none.
    """
    decoded = decode(head + tail)
    if decoded is None:
        return None
    text, encoding = decoded
    lines, ends = _lines(text), None
    if tail:
        count = len(_lines(tail.decode(encoding, "replace")))
        lines, ends = lines[: len(lines) - count - 1], lines[len(lines) - count :]  # the line between is cut off
    layout = find_layout(lines, ends)
    if layout is None:
        return None
    columns = [column_values(cells, layout.notation) for cells in zip(*layout.rows, strict=True)]
    keys = _keys(layout, len(columns))
    if layout.header.fit == "open_rows":
        keys, columns = keys[:-1], columns[:-1]
    arguments = _arguments(layout, encoding, dict(zip(keys, columns, strict=True)))
    if layout.separator == PLACES and len(lines) > _COMPARED:
        arguments.append(f"infer_nrows={len(lines)}")
    return Table(
        "pd.read_fwf" if layout.separator == PLACES else "pd.read_csv",
        "".join(f", {each}" for each in arguments),
        tuple(_column(key, values) for key, values in zip(keys[:COLUMNS], columns, strict=False)),
        len(columns),
        len(layout.rows),
        layout.below + len(layout.skipped) + layout.header.rows - len(layout.header.units),
        _sampled(keys, columns, layout, is_whole=not tail),
    )


def _sampled(keys: Sequence[Key], columns: Sequence[ColumnValues], layout: Layout, *, is_whole: bool) -> SampledTable:
    """Return the values of columns of whole numbers and of text."""
    cells = zip(keys, columns, zip(*layout.rows, strict=True), strict=False)
    plain = layout.notation.thousands
    values = {
        str(key): [int(cell.replace(plain, "") if plain else cell) for cell in read] if each.kind == "int" else read
        for key, each, read in cells
        if each.kind == "int" or (each.kind == "text" and not each.missing)
    }
    return SampledTable("", values, is_whole)


def _lines(text: str) -> list[str]:
    """Return the physical lines as the readers of tables see them."""
    return list(io.StringIO(text, newline=""))


def _keys(layout: Layout, width: int) -> list[Key]:
    """Return the labels that pandas gives to the columns."""
    header = layout.header
    if header.second:
        return list(zip(header.names, header.second, strict=True))
    if not header.names:
        return list(range(width))
    keys: list[Key] = []
    for index, name in enumerate(header.names):
        key, number = name or f"Unnamed: {index}", 0
        while key in keys:
            number += 1
            key = f"{name}.{number}"
        keys.append(key)
    return keys


def _arguments(layout: Layout, encoding: str, columns: Mapping[Key, ColumnValues]) -> list[str]:
    """Return the arguments of the reader that differ from its defaults."""
    marks = sorted({mark for values in columns.values() for mark in values.marks})
    codes = [key for key, values in columns.items() if values.kind == "text" and _reads_as_number(values, layout)]
    return [
        *_place(layout, encoding),
        *([f"decimal={layout.notation.decimal!r}"] if layout.notation.decimal != "." else []),
        *([f"thousands={layout.notation.thousands!r}"] if layout.notation.thousands else []),
        *([f"na_values={marks}"] if marks else []),
        *([f"dtype={{{', '.join(f'{key!r}: str' for key in codes)}}}"] if 0 < len(codes) <= NAMED else []),
        *(["dtype=str"] if len(codes) > NAMED else []),
        *_dates(columns),
        *([f"skipfooter={layout.below}"] if layout.below else []),
        *(["engine='python'"] if _needs_python(layout) else []),
    ]


def _place(layout: Layout, encoding: str) -> list[str]:
    """Return the arguments that say where the table and its cells are."""
    skipped, above = list(layout.skipped), layout.above
    header = layout.header
    found = [
        _separator(layout),
        f"quotechar={layout.quote!r}" if layout.quote != '"' else "",
        "skipinitialspace=True" if layout.is_spaced and not layout.is_padded and layout.separator != BLANKS else "",
        f"encoding={encoding!r}" if encoding != "utf-8" else "",
        f"skiprows={above if len(skipped) == above else skipped}" if skipped else "",
        "header=None" if header.is_comment or not header.names else "header=[0, 1]" if header.second else "",
        f"names={[*header.names]!r}" if header.is_comment else "",
        "index_col=False" if header.fit == "open_rows" else "",
        f"comment={layout.comment!r}" if layout.comment else "",
    ]
    return [argument for argument in found if argument]


def _separator(layout: Layout) -> str:
    if _is_pattern(layout):
        mark = "\\t" if layout.separator == "\t" else re.escape(layout.separator)
        blank = " " if layout.separator == "\t" else r"\s"  # a tab is a blank, too
        return f"sep=r'{blank}*{f'[{layout.inner}{mark}]' if layout.inner else mark}{blank}*'"
    if layout.separator == ALONE:  # any mark that does not occur
        return "sep=';'" if layout.notation.decimal == "," else ""
    return f"sep={layout.separator!r}" if layout.separator not in (",", PLACES) else ""


def _needs_python(layout: Layout) -> bool:
    """Return True if pandas' fast parser cannot read it: a footer, a pattern, a mark outside ASCII."""
    if layout.separator == PLACES:
        return False
    return bool(layout.below) or _is_pattern(layout) or not layout.notation.thousands.isascii()


def _is_pattern(layout: Layout) -> bool:
    """Return True if blanks stand before the separators, so that a pattern has to separate the cells."""
    return layout.is_padded and layout.separator not in (BLANKS, PLACES, ALONE)


def _dates(columns: Mapping[Key, ColumnValues]) -> list[str]:
    formats = {key: each.date_format for key, each in columns.items() if each.kind == "date" and not each.is_ambiguous}
    if not 0 < len(formats) <= NAMED:
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


def _column(key: Key, values: ColumnValues) -> str:
    """Return a column as text; columns without names have their numbers."""
    label = "/".join(map(one_line, key)) if isinstance(key, tuple) else one_line(str(key))
    if values.kind in ("int", "float"):
        kind = f"{values.kind}64"
    elif values.kind == "date":
        kind = f"{'str' if values.is_ambiguous else 'datetime64'} {_value(values.values[0])}"
        kind += " (day and month cannot be told apart)" if values.is_ambiguous else ""
    elif values.kind == "text":
        kind = f"str {_examples(values.values)}"
    else:
        kind = values.kind
    return f"{shorten(label, 2 * VALUE_CHARS)} {kind}{_share(values)}"


def _examples(values: Sequence[str]) -> str:
    if len(values) <= CATEGORIES:
        return " ".join(map(_value, values))
    return f"such as {_value(values[0])} {_value(values[1])}"


def _value(value: str) -> str:
    return repr(shorten(value, VALUE_CHARS))


def _share(values: ColumnValues) -> str:
    return f" ({values.missing:,} missing)" if values.missing else ""
