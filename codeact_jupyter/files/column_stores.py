"""Parquet and Arrow files: columns, types and rows from the footer, without reading the data or importing a library.

A Parquet footer is a struct of Thrift's compact protocol; an Arrow footer, and what stands before each batch of rows,
are tables of FlatBuffers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from ..text import one_line, shorten
from .source import FileText

FOOTER = 8 << 20  #: bytes of a footer that is read
BATCHES = 1000  #: of an Arrow file whose rows are counted
COLUMNS = 40  #: that are described
NAME_CHARS = 48
_PARQUET = ("bool", "int32", "int64", "timestamp", "float32", "float64", "bytes", "bytes")
_CONVERTED = {0: "str", 4: "str", 5: "decimal", 6: "date", 7: "time", 8: "time", 9: "timestamp", 10: "timestamp"}
_LOGICAL = {1: "str", 4: "str", 5: "decimal", 6: "date", 7: "time", 8: "timestamp", 12: "str"}
_ARROW: tuple[str, ...] = (
    "",
    "null",
    "int",
    "float",
    "bytes",
    "str",
    "bool",
    "decimal",
    "date",
    "time",
    "timestamp",
    "interval",
)
_ARROW += ("list", "struct", "union", "bytes", "list", "map", "duration", "bytes", "str", "list", "", "bytes", "str")
_FEATHER = ("bool", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)), "float32", "float64")
_FEATHER += ("str", "bytes", "category", "timestamp", "date", "time", "str", "bytes")
_FEATHER_MEANT = ("", "category", "timestamp", "date", "time")


def describe_parquet(path: Path, name: str) -> FileText:
    """Describe a Parquet file.

    Args:
        path: The file.
        name: The path as the code is to write it.

    Returns:
        The description.
    """
    try:
        schema, rows = _parquet(_footer(path, b"PAR1"))
    except (ValueError, IndexError, KeyError, struct.error, RecursionError):
        return FileText("Parquet file that cannot be read")
    return _described("Parquet", schema, rows, name, "read_parquet", "read_parquet")


def describe_arrow(path: Path, name: str) -> FileText:
    """Describe a file of Arrow's format, which is also called Feather. See `describe_parquet`."""
    try:
        footer = _Flat(_footer(path, b"ARROW1"))
        schema = list(_arrow_columns(footer))
        with path.open("rb") as file:
            rows = _arrow_rows(footer, file)
    except (ValueError, IndexError, struct.error):
        return FileText("Arrow file that cannot be read")
    return _described("Feather", schema, rows, name, "read_feather", "read_ipc")


def describe_feather(path: Path, name: str) -> FileText:
    """Describe a file of the first version of Feather, which polars cannot read. See `describe_parquet`."""
    try:
        footer = _Flat(_footer(path, b"FEA1"))
        schema, rows = list(_feather_columns(footer)), footer.number("q", footer.field(footer.root(), 1))
    except (ValueError, IndexError, struct.error):
        return FileText("Feather file that cannot be read")
    return _described("Feather", schema, rows, name, "read_feather", "")


def _described(kind: str, schema: list[str], rows: int | None, name: str, pandas: str, polars: str) -> FileText:
    """Return the description, with a call of what is installed; `polars` is empty if it has no reader."""
    count = "many rows" if rows is None else f"{rows:,} rows"
    what = f"{kind}, {count} × {len(schema)}:"
    if find_spec("pyarrow") or (kind == "Parquet" and find_spec("fastparquet")):
        return FileText(what, tuple(schema[:COLUMNS]), len(schema), f"pd.{pandas}({name!r})")
    if polars and find_spec("polars"):
        return FileText(what, tuple(schema[:COLUMNS]), len(schema), f"pl.{polars}({name!r})")
    what = f"{kind}, {count} × {len(schema)}; reading it needs pyarrow:"
    return FileText(what, tuple(schema[:COLUMNS]), len(schema), f"pd.{pandas}({name!r})")


def _footer(path: Path, magic: bytes) -> bytes:
    """Return the footer, whose length stands before the magic bytes at the end.

    Raises:
        ValueError: The file has no such end, or its footer is too long.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        end = size - len(magic) - 4
        file.seek(max(end, 0))
        length, mark = file.read(4), file.read()
        count = int.from_bytes(length, "little")
        if mark != magic or not 0 < count <= min(end, FOOTER):
            raise ValueError("no footer")
        file.seek(end - count)
        return file.read(count)


# --- Parquet ------------------------------------------------------------------------------------------------------


def _parquet(footer: bytes) -> tuple[list[str], int]:
    fields = _Compact(footer).struct()
    return list(_parquet_columns(fields[2])), int(fields[3])


def _parquet_columns(elements: list[dict[int, Any]]) -> Iterator[str]:
    """Yield the columns of the flat list in which a group is followed by its children."""
    place = 1
    for _ in range(elements[0].get(5, 0)):
        element = elements[place]
        yield f"{_name(element[4].decode())} {_parquet_type(element)}"
        left = 1
        while left:
            left += elements[place].get(5, 0) - 1
            place += 1


def _parquet_type(element: dict[int, Any]) -> str:
    if element.get(5):
        return "list" if element.get(6) == 3 or 3 in element.get(10, {}) else "struct"
    logical = next(iter(element.get(10, {})), 0)
    return _LOGICAL.get(logical) or _CONVERTED.get(element.get(6, -1)) or _PARQUET[element[1]]


class _Compact:
    """Values of Thrift's compact protocol."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def struct(self) -> dict[int, Any]:
        """Return the fields of a struct by their numbers."""
        fields: dict[int, Any] = {}
        number = 0
        while (byte := self._byte()) != 0:
            number = number + (byte >> 4) if byte >> 4 else self._signed()
            kind = byte & 15
            fields[number] = kind == 1 if kind in (1, 2) else self._value(kind)
        return fields

    def _value(self, kind: int) -> Any:
        if kind in (1, 2):
            return self._byte() == 1
        if kind == 3:
            return self._byte()
        if kind in (4, 5, 6):
            return self._signed()
        if kind == 7:
            return struct.unpack("<d", self._bytes(8))[0]
        if kind == 8:
            return self._bytes(self._varint())
        if kind in (9, 10):
            byte = self._byte()
            size = byte >> 4 if byte >> 4 < 15 else self._varint()
            return [self._value(byte & 15) for _ in range(size)]
        if kind == 12:
            return self.struct()
        raise ValueError("no such type")

    def _byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1]

    def _bytes(self, count: int) -> bytes:
        self._place += count
        return self._data[self._place - count : self._place]

    def _varint(self) -> int:
        value, shift = 0, 0
        while (byte := self._byte()) & 128:
            value, shift = value | (byte & 127) << shift, shift + 7
        return value | byte << shift

    def _signed(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)


# --- Arrow --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Flat:
    """Tables of FlatBuffers."""

    data: bytes

    def number(self, form: str, place: int) -> int:
        """Return the number at a place."""
        return int(struct.unpack_from(f"<{form}", self.data, place)[0])

    def root(self) -> int:
        """Return the place of the first table."""
        return self.number("I", 0)

    def field(self, table: int, index: int) -> int:
        """Return the place of a table's field; 0 if it is not set."""
        slots = table - self.number("i", table)
        offset = self.number("H", slots + 4 + 2 * index) if 4 + 2 * index < self.number("H", slots) else 0
        return table + offset if offset else 0

    def inside(self, table: int, index: int) -> int:
        """Return the place to which a field points; 0 if it is not set."""
        place = self.field(table, index)
        return place + self.number("I", place) if place else 0

    def text(self, place: int) -> str:
        """Return the string at a place."""
        return self.data[place + 4 : place + 4 + self.number("I", place)].decode()


def _arrow_columns(footer: _Flat) -> Iterator[str]:
    fields = footer.inside(footer.inside(footer.root(), 1), 1)
    for index in range(footer.number("I", fields) if fields else 0):
        place = fields + 4 + 4 * index
        table = place + footer.number("I", place)
        yield f"{_name(footer.text(footer.inside(table, 0)))} {_arrow_type(footer, table)}"


def _feather_columns(footer: _Flat) -> Iterator[str]:
    columns = footer.inside(footer.root(), 2)
    for index in range(footer.number("I", columns) if columns else 0):
        place = columns + 4 + 4 * index
        table = place + footer.number("I", place)
        stored, meant = footer.field(footer.inside(table, 1), 0), footer.field(table, 2)
        kind = _FEATHER_MEANT[footer.data[meant] if meant else 0] or _FEATHER[footer.data[stored] if stored else 0]
        yield f"{_name(footer.text(footer.inside(table, 0)))} {kind}"


def _arrow_type(footer: _Flat, table: int) -> str:
    kind, details = footer.data[footer.field(table, 2)], footer.inside(table, 3)
    if footer.inside(table, 4):
        return "category"
    if kind == 2:
        is_signed = footer.field(details, 1) and footer.data[footer.field(details, 1)]
        return f"{'' if is_signed else 'u'}int{footer.number('i', footer.field(details, 0))}"
    if kind == 3:
        precision = footer.field(details, 0)
        return f"float{16 << (footer.number('h', precision) if precision else 0)}"
    return _ARROW[kind] if kind < len(_ARROW) else "other"


def _arrow_rows(footer: _Flat, file: IO[bytes]) -> int | None:
    """Sum the rows of all batches; None if there are too many."""
    blocks = footer.inside(footer.root(), 3)
    count, rows = footer.number("I", blocks) if blocks else 0, 0
    if count > BATCHES:
        return None
    for index in range(count):
        place = blocks + 4 + 24 * index
        file.seek(footer.number("q", place))
        head = file.read(min(footer.number("i", place + 8), FOOTER))
        message = _Flat(head[8 if head[:4] == b"\xff" * 4 else 4 :])
        length = message.field(message.inside(message.root(), 2), 0)
        rows += message.number("q", length) if length else 0
    return rows


def _name(text: str) -> str:
    return shorten(one_line(text), NAME_CHARS)
