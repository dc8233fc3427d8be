"""Tables of SAS (sas7bdat): variables, formats, labels and rows from the pages at the beginning of the file.

SAS does not publish the format; this is as much of it as readers of others agree on. A page has pointers to parts. The
first bytes of a part say what it is: the rows, a text with all names, where in it each name, label and format is, or
the types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

ROWS, TEXT, NAMES, TYPES, LABEL = 0xF7F7F7F7, 0xFFFFFFFD, 0xFFFFFFFF, 0xFFFFFFFC, 0xFFFFFBFE
NUMBER = 1  #: type of a variable that is no text
PAGES = 64  #: at the beginning that are looked at


@dataclass(slots=True)
class SasTable:
    """A table, as far as the first pages tell it."""

    rows: int | None = None  #: None if it is not told
    names: list[bytes] = field(default_factory=list)  #: of the variables
    numbers: list[bool] = field(default_factory=list)  #: whether each is one of numbers
    formats: list[tuple[bytes, bytes]] = field(default_factory=list)  #: format and label of each


@dataclass(frozen=True, slots=True)
class _Bytes:
    """A file, or a part of it, with numbers of one order and width."""

    data: bytes
    order: Literal["little", "big"]
    width: int  # of a long number

    def long(self, place: int) -> int:
        return int.from_bytes(self._at(place, self.width), self.order)

    def short(self, place: int) -> int:
        return int.from_bytes(self._at(place, 2), self.order)

    def part(self, place: int, size: int) -> _Bytes:
        return _Bytes(self._at(place, size), self.order, self.width)

    def _at(self, place: int, size: int) -> bytes:
        if len(found := self.data[place : place + size]) < size:
            raise ValueError("the part is not there")
        return found


def read_sas(head: bytes) -> SasTable:
    """Read the variables of a table.

    Args:
        head: The beginning of the file.

    Returns:
        The table.

    Raises:
        ValueError: The beginning does not tell all variables.
    """
    is_wide = head[32:33] == b"3"
    shift = 4 if head[35:36] == b"3" else 0
    file = _Bytes(head, "little" if head[37:38] == b"\x01" else "big", 8 if is_wide else 4)
    begin, size = (int.from_bytes(head[place + shift :][:4], file.order) for place in (196, 200))
    if not begin or not size:
        raise ValueError("no pages")
    table, texts = SasTable(), list[bytes]()
    for start in range(begin, min(len(head), begin + PAGES * size) - size + 1, size):
        for part in _parts(file.part(start, size)):
            _read(part, table, texts)
    if not table.names or len(table.names) != len(table.numbers):
        raise ValueError("not all variables are told")
    return table


def _parts(page: _Bytes) -> Iterator[_Bytes]:
    """Yield the parts of a page; one of data only has none."""
    head, step = 4 * page.width, 3 * page.width
    if page.short(head) & 0xFF00 == 0x0100:
        return
    for index in range(page.short(head + 4)):
        pointer = head + 8 + step * index
        place, size = page.long(pointer), page.long(pointer + page.width)
        if size and not page.data[pointer + 2 * page.width]:  # neither compressed nor cut off
            yield page.part(place, size)


def _read(part: _Bytes, table: SasTable, texts: list[bytes]) -> None:
    width = part.width
    kind = part.long(0) & 0xFFFFFFFF
    if kind == ROWS:
        table.rows = part.long(6 * width)
    elif kind == TEXT:
        texts.append(part.data[width:])
    elif kind == NAMES:
        count = (len(part.data) - 2 * width - 12) // 8
        table.names += [_text(part, width + 8 * (index + 1), texts) for index in range(count)]
    elif kind == TYPES:
        count = (len(part.data) - 2 * width - 12) // (width + 8)
        types = (part.data[2 * width + 14 + (width + 8) * index] for index in range(count))
        table.numbers += [each == NUMBER for each in types]
    elif kind == LABEL:
        table.formats.append((_text(part, 3 * width + 22, texts), _text(part, 3 * width + 28, texts)))


def _text(part: _Bytes, place: int, texts: list[bytes]) -> bytes:
    """Return the text to which three short numbers point: its part, and beginning and length in that."""
    number, begin, length = (part.short(place + 2 * index) for index in range(3))
    return texts[min(number, len(texts) - 1)][begin : begin + length] if texts else b""
