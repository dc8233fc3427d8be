"""Kinds of files, told by their first bytes, and the calls of pandas that read them."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .column_stores import describe_arrow, describe_feather, describe_parquet
from .containers import describe_archive, describe_database, describe_duckdb
from .delimited import find_table
from .encodings import decode
from .json_text import describe_json
from .programs import describe_program_file
from .source import FileText, Sample, SampledTable, Source, sample_file, sample_stream

_COMPRESSED: Mapping[bytes, tuple[str, str, str, Callable[[Path], Any]]] = {
    b"\x1f\x8b": ("gzip", ".gz", "gzip", gzip.open),
    b"BZh": ("bz2", ".bz2", "bz2", bz2.open),
    b"\xfd7zXZ\0": ("xz", ".xz", "lzma", lzma.open),
}
_BINARY = {
    b"\x89HDF\r\n\x1a\n": ("HDF5", "pd.read_hdf"),
    b"\xd0\xcf\x11\xe0": ("Excel", "pd.read_excel"),
    b"\x89PNG": ("PNG image", ""),
    b"\xff\xd8\xff": ("JPEG image", ""),
    b"GIF8": ("GIF image", ""),
    b"%PDF": ("PDF document", ""),
    b"\x93NUMPY": ("NumPy array", "np.load"),
}
_DESCRIBED = {
    b"SQLite format 3\0": describe_database,
    b"PAR1": describe_parquet,
    b"ARROW1": describe_arrow,
    b"FEA1": describe_feather,
}
_MAGIC = 64  # bytes that tell the kind


def read_file(path: Path, name: str) -> FileText:
    """Describe a file.

    Args:
        path: The file.
        name: The path as the code is to write it.

    Returns:
        What it is and how to read it.

    Raises:
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(_MAGIC)
    if not start:
        return FileText("empty")
    for magic, (compression, suffix, module, opened) in _COMPRESSED.items():
        if start.startswith(magic):
            extra = "" if name.lower().endswith(suffix) else f", compression={compression!r}"
            return _compressed(opened, path, Source(repr(name), f"{module}.open({name!r})", extra))
    if start.startswith(b"PK\x03\x04"):
        return describe_archive(path, name, describe_text)
    for magic, described in _DESCRIBED.items():
        if start.startswith(magic):
            return described(path, name)
    if start[8:12] == b"DUCK":
        return describe_duckdb(path, name)
    if found := describe_program_file(path, name, start):
        return found
    for magic, (kind, reader) in _BINARY.items():
        if start.startswith(magic):
            return FileText(kind, call=f"{reader}({name!r})" if reader else "")
    with path.open("rb") as file:
        return describe_text(sample_file(file, path.stat().st_size), Source(repr(name), f"open({name!r}, 'rb')"))


def describe_text(sample: Sample, source: Source) -> FileText:
    """Describe a text.

    Args:
        sample: Its bytes.
        source: How it is opened.

    Returns:
        What it is and how to read it.
    """
    if not sample.head:
        return FileText("empty")
    decoded = decode(sample.head)
    if decoded is None:
        return FileText("binary")
    if decoded[0].lstrip()[:1] in ("{", "[") and (found := describe_json(decoded[0].lstrip(), sample.whole, source)):
        return found
    table = find_table(sample.head, sample.tail)
    if table is None:
        return FileText("text")
    if sample.whole == sample.head:
        rows = f"{table.rows:,} rows"
    elif sample.lines is None:
        rows = "many rows"
    else:
        rows = f"{'' if sample.is_exact else 'about '}{sample.lines - table.other:,} rows"
    call = f"{table.reader}({source.path}{table.arguments}{source.extra})"
    is_whole = table.keys.is_whole and sample.whole == sample.head
    keys = SampledTable("", table.keys.columns, is_whole)
    return FileText(f"{rows} × {table.width}:", table.columns, table.width, call, tables=(keys,))


def _compressed(opened: Callable[[Path], Any], path: Path, source: Source) -> FileText:
    try:
        with opened(path) as file:
            return describe_text(sample_stream(file), source)
    except (EOFError, OSError, lzma.LZMAError, zlib.error):
        return FileText("compressed file that is damaged")
