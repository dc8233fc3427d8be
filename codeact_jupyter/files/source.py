"""A file's bytes as far as they are looked at, and the Python that opens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

HEAD = 64 << 10  #: bytes that are read of a text
TAIL = 16 << 10  #: bytes that are read at the end of a longer one
WHOLE = 8 << 20  #: bytes of a file that is read whole where its format needs that
COUNTED = 64 << 20  #: bytes of a text whose lines are counted
UNPACKED = 2 << 20  #: bytes that are unpacked of a compressed file


@dataclass(frozen=True, slots=True)
class SampledTable:
    """Values of a table that may be keys."""

    name: str  #: of the table in the file; empty if there is only one
    columns: Mapping[str, Sequence[Any]]  #: whole numbers and texts, by the name of the column
    is_whole: bool  #: these are all of its rows


@dataclass(frozen=True, slots=True)
class FileText:
    """A file as text for the model."""

    what: str  #: its kind, or its rows and columns
    parts: tuple[str, ...] = ()  #: its columns, tables, sheets or members
    count: int = 0  #: number of all parts, of which `parts` are the first
    call: str = ""  #: the expression that reads it; empty if there is none
    mark: str = ", "  #: between the parts
    tables: tuple[SampledTable, ...] = field(default=(), compare=False)  #: values by which its tables may join others


@dataclass(frozen=True, slots=True)
class Source:
    """Python expressions for a file."""

    path: str  #: first argument of a reader of pandas
    opened: str  #: a file open for reading bytes
    extra: str = ""  #: arguments of a reader of pandas; empty, or beginning with a comma


@dataclass(frozen=True, slots=True)
class Sample:
    """A file's bytes as far as they were read."""

    head: bytes  #: its beginning
    tail: bytes = b""  #: its end, from the beginning of a line, if it is longer than the head and the end is known
    lines: int | None = None  #: of all; `None` if they were not counted
    whole: bytes | None = None  #: all of it, if it is small
    is_exact: bool = True  #: the lines were counted, not estimated


def sample_file(file: IO[bytes], size: int) -> Sample:
    """Read the beginning and the end of a file, and count its lines.

    Args:
        file: An open file that can seek, at its beginning.
        size: Its bytes.

    Returns:
        The sample.
    """
    head = file.read(HEAD)
    if size <= len(head):
        return Sample(head, lines=_count(head), whole=head)
    file.seek(0)
    whole = file.read(WHOLE) if size <= WHOLE else None
    file.seek(0)
    lines = count_lines(file) if size <= COUNTED else round(_count(head) * size / len(head))
    file.seek(max(size - TAIL, len(head)))
    return Sample(head, _from_next_line(file.read(TAIL)), lines, whole, size <= COUNTED)


def sample_stream(file: IO[bytes]) -> Sample:
    """Read the beginning of a compressed file, or all of a small one.

    Args:
        file: An open file that need not seek.

    Returns:
        The sample.
    """
    data = file.read(UNPACKED)
    head = data[:HEAD]
    if file.read(1):
        return Sample(head[: head.rfind(b"\n") + 1])
    tail = _from_next_line(data[max(len(data) - TAIL, HEAD) :]) if len(data) > HEAD else b""
    return Sample(head, tail, _count(data), data)


def count_lines(file: IO[bytes]) -> int:
    """Count the lines to the file's end.

    Args:
        file: An open file.

    Returns:
        The count; a last line without an end counts too.
    """
    lines, last = 0, b"\n"
    while chunk := file.read(1 << 20):
        lines, last = lines + chunk.count(b"\n"), chunk[-1:]
    return lines + (last != b"\n")


def _count(data: bytes) -> int:
    return data.count(b"\n") + (not data.endswith(b"\n"))


def _from_next_line(data: bytes) -> bytes:
    return data.partition(b"\n")[2]
