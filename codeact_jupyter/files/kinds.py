"""Kinds of files, told by their first bytes, and the calls of pandas that read them."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..text import one_line, shorten
from .delimited import find_table
from .encodings import decode

HEAD = 256 << 10  #: bytes that are read of a text
TAIL = 16 << 10  #: bytes that are read at the end of a longer one
WHOLE = 8 << 20  #: bytes of a file that is read whole where its format needs that
COUNTED = 64 << 20  #: bytes of a text whose lines are counted
MEMBERS = 8  #: of an archive, tables of a database, keys of an object
COLUMNS = 20  #: named of a table in a database

_COMPRESSED: Mapping[bytes, tuple[str, str, Callable[[Path], Any]]] = {
    b"\x1f\x8b": ("gzip", ".gz", gzip.open),
    b"BZh": ("bz2", ".bz2", bz2.open),
    b"\xfd7zXZ\0": ("xz", ".xz", lzma.open),
}
_BINARY = {
    b"PAR1": ("Parquet", "pd.read_parquet"),
    b"ARROW1": ("Feather", "pd.read_feather"),
    b"\x89HDF\r\n\x1a\n": ("HDF5", "pd.read_hdf"),
    b"<stata_dta>": ("Stata", "pd.read_stata"),
    b"$FL2": ("SPSS", "pd.read_spss"),
    b"\xd0\xcf\x11\xe0": ("Excel", "pd.read_excel"),
    b"\x89PNG": ("PNG image", ""),
    b"\xff\xd8\xff": ("JPEG image", ""),
    b"GIF8": ("GIF image", ""),
    b"%PDF": ("PDF document", ""),
    b"\x93NUMPY": ("NumPy array", "np.load"),
}


@dataclass(frozen=True, slots=True)
class FileText:
    """A file as text for the model."""

    what: str  #: rows and columns, or the kind of file
    call: str = ""  #: the expression that reads it; empty if there is none


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
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return FileText("empty")
    for magic, (compression, suffix, opened) in _COMPRESSED.items():
        if head.startswith(magic):
            extra = "" if name.lower().endswith(suffix) else f", compression={compression!r}"
            return _compressed(opened, path, name, extra)
    if head.startswith(b"PK\x03\x04"):
        return _archive(path, name)
    if head.startswith(b"SQLite format 3\0"):
        return _database(path, name)
    for magic, (kind, reader) in _BINARY.items():
        if head.startswith(magic):
            return FileText(kind, f"{reader}({name!r})" if reader else "")
    return _text(head, lambda: path.open("rb"), name, size)


def _compressed(opened: Callable[[Path], Any], path: Path, name: str, extra: str) -> FileText:
    with opened(path) as file:
        head = file.read(WHOLE)
        is_whole = not file.read(1)
    return _text(head, None, name, len(head) if is_whole else None, extra)


def _text(
    head: bytes, opened: Callable[[], IO[bytes]] | None, name: str, size: int | None, extra: str = ""
) -> FileText:
    """Describe a text file by its beginning, and by its end where that can be had."""
    if head.lstrip()[:1] in (b"{", b"["):
        found = _json(head if size == len(head) else b"", head, opened, name, size, extra)
        if found:
            return found
    tail, lines = b"", head.count(b"\n") + (not head.endswith(b"\n"))
    if size is None:
        lines, head = 0, head[: head.rfind(b"\n") + 1]
    elif size > len(head) and opened:
        with opened() as file:
            lines = _lines(file) if size <= COUNTED else round(lines * size / len(head))
            file.seek(size - TAIL)
            tail = file.read().partition(b"\n")[2]
    table = find_table(head, tail)
    if table is None:
        return FileText("text" if decode(head) else "binary")
    rows = "many rows" if size is None else f"{'about ' if size > COUNTED else ''}{lines - table.lines:,} rows"
    return FileText(f"{rows} × {table.width}: {table.columns}", f"{table.reader}({name!r}{table.arguments}{extra})")


def _lines(file: IO[bytes]) -> int:
    lines, last = 0, b"\n"
    while chunk := file.read(1 << 20):
        lines, last = lines + chunk.count(b"\n"), chunk[-1:]
    return lines + (last != b"\n")


# --- JSON --------------------------------------------------------------------------------------------------------


def _json(
    whole: bytes, head: bytes, opened: Callable[[], IO[bytes]] | None, name: str, size: int | None, extra: str
) -> FileText | None:
    decoded = decode(head)
    if decoded is None:
        return None
    first, _, second = decoded[0].lstrip().partition("\n")
    try:
        records = [json.loads(first), json.loads(second.partition("\n")[0])]
    except ValueError:
        pass
    else:
        if all(isinstance(record, dict) for record in records):
            return FileText(f"JSON lines: {_fields(records[0])}", f"pd.read_json({name!r}, lines=True{extra})")
    if not whole and opened and size is not None and size <= WHOLE:
        with opened() as file:
            whole = file.read()
    try:
        value = json.loads(whole)
    except ValueError:
        return None
    return _json_value(value, name, extra)


def _json_value(value: Any, name: str, extra: str) -> FileText:
    loaded = f"json.load(open({name!r}, encoding='utf-8'))" if not extra else f"json.loads(read {name})"
    if _is_records(value):
        is_nested = any(isinstance(field, dict) for field in value[0].values())
        call = f"pd.json_normalize({loaded})" if is_nested else f"pd.read_json({name!r}{extra})"
        return FileText(f"JSON, {len(value):,} records: {_fields(value[0])}", call)
    if isinstance(value, dict):
        for key, inner in value.items():
            if _is_records(inner):
                what = f"JSON object; under {key!r} {len(inner):,} records: {_fields(inner[0])}"
                return FileText(what, f"pd.json_normalize({loaded}[{key!r}])")
        return FileText(f"JSON object with {_listed(map(repr, value), len(value))}", loaded)
    return FileText(f"JSON {type(value).__name__}", loaded)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(record, dict) for record in value[:100])


def _fields(record: Mapping[str, Any]) -> str:
    return ", ".join(f"{one_line(key)} {_field(value)}" for key, value in [*record.items()][:COLUMNS])


def _field(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(map(one_line, [*value][:MEMBERS]))}}}"
    return type(value).__name__ if isinstance(value, list) else shorten(repr(value), 24)


# --- archives and databases --------------------------------------------------------------------------------------


def _archive(path: Path, name: str) -> FileText:
    try:
        with zipfile.ZipFile(path) as archive:
            files = [each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__")]
            names = [each.filename for each in files]
            if "xl/workbook.xml" in names:
                return _workbook(path, name)
            if len(files) == 1:
                inner = _member(archive, names[0])
                return FileText(f"zip of {names[0]}: {inner.what}", inner.call.replace(repr(names[0]), repr(name), 1))
            parts = [f"{each}: {_member(archive, each).what}" for each in names[:MEMBERS]]
            call = _member(archive, names[0]).call.replace(repr(names[0]), f"archive.open({names[0]!r})", 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, IndexError):  # damaged, encrypted, empty
        return FileText("zip archive")
    return FileText(
        f"zip archive of {len(names)} files; {'; '.join(parts)}", f"zipfile.ZipFile({name!r}) as archive: {call}"
    )


def _member(archive: zipfile.ZipFile, name: str) -> FileText:
    with archive.open(name) as file:
        head = file.read(WHOLE)
        size = len(head) if not file.read(1) else None
    return _text(head, None, name, size) if head else FileText("empty")


def _workbook(path: Path, name: str) -> FileText:
    try:
        import openpyxl
    except ImportError:
        return FileText("Excel workbook; reading it needs openpyxl", f"pd.read_excel({name!r})")
    with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
        sheets = [_sheet(sheet) for sheet in book.worksheets[:MEMBERS]]
    parts = [f"{title!r}: {rows:,} rows: {', '.join(columns)}" for title, rows, columns, _ in sheets]
    title, _, _, skipped = next((sheet for sheet in sheets if sheet[1]), sheets[0])
    extra = (f", sheet_name={title!r}" if len(sheets) > 1 else "") + (f", skiprows={skipped}" if skipped else "")
    return FileText(f"Excel, sheet{'s' * (len(parts) > 1)} {'; '.join(parts)}", f"pd.read_excel({name!r}{extra})")


def _sheet(sheet: Any) -> tuple[str, int, list[str], int]:
    """Return a sheet's title, rows, columns, and the rows above its table."""
    rows = list(sheet.iter_rows(max_row=30, values_only=True))
    widths = [sum(cell is not None for cell in row) for row in rows]
    first = next((index for index, width in enumerate(widths) if width >= max(max(widths) * 0.6, 1)), 0)
    columns = [one_line(str(cell)) for cell in rows[first] if cell is not None] if rows else []
    return sheet.title, max((sheet.max_row or 0) - first - 1, 0), columns[:COLUMNS], first


def _database(path: Path, name: str) -> FileText:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            names = [
                row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            ]
            names = [each for each in names if not each.startswith("sqlite_")]
            parts = [_database_table(connection, each) for each in names[:MEMBERS]]
    except sqlite3.Error:
        return FileText("SQLite database that cannot be read")
    call = f"pd.read_sql('SELECT * FROM {_quoted(names[0])}', sqlite3.connect({name!r}))" if names else ""
    return FileText(f"SQLite database; {'; '.join(parts)}", call)


def _database_table(connection: sqlite3.Connection, name: str) -> str:
    quoted = _quoted(name)
    columns = [f"{row[1]} {row[2]}".strip() for row in connection.execute(f"PRAGMA table_info({quoted})")]
    keys = [f"{row[3]} refers to {row[2]}.{row[4]}" for row in connection.execute(f"PRAGMA foreign_key_list({quoted})")]
    rows = connection.execute(f"SELECT COUNT(*) FROM {quoted}").fetchone()[0]
    return f"table {name}, {rows:,} rows: {', '.join([*columns[:COLUMNS], *keys])}"


def _quoted(name: str) -> str:
    return name if name.isidentifier() else '"' + name.replace('"', '""') + '"'


def _listed(items: Any, count: int) -> str:
    shown = [shorten(each, 40) for each, _ in zip(items, range(MEMBERS), strict=False)]
    return ", ".join([*shown, *([f"… {count - MEMBERS:,} more"] if count > MEMBERS else [])])
