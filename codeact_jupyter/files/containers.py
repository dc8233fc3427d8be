"""Files that hold several tables: archives, workbooks and databases."""

from __future__ import annotations

import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any

from ..text import one_line, shorten
from .source import FileText, Sample, SampledTable, Source, sample_stream

MEMBERS = 8  #: of an archive, sheets of a workbook, tables of a database
COLUMNS = 20  #: named of a sheet or a table
SHEET_ROWS = 30  #: that are read of a sheet
SHEET_BYTES = 4 << 20  #: of a workbook's texts, unpacked, that are read
DATABASE_ROWS = 20_000  #: of a table whose values are compared with those of others
DATABASE_SECONDS = 0.2  #: for which a database is asked
VALUE_CHARS = 24


def describe_archive(path: Path, name: str, describe: Callable[[Sample, Source], FileText]) -> FileText:
    """Describe a zip archive, or a workbook, which is one.

    Args:
        path: The file.
        name: The path as the code is to write it.
        describe: Describes a member.

    Returns:
        The description.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            files = [each for each in archive.infolist() if not each.is_dir() and not each.filename.startswith("__")]
            if any(each.filename == "xl/workbook.xml" for each in files):
                return _workbook(path, name, files)
            opened = f"zipfile.ZipFile({name!r}).open"
            members = []
            for each in files[:MEMBERS]:
                member = f"{opened}({each.filename!r})"
                reads_it = len(files) == 1 and name.lower().endswith(".zip")  # pandas unpacks it
                with archive.open(each) as file:
                    members.append(describe(sample_stream(file), Source(repr(name) if reads_it else member, member)))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):  # damaged, encrypted
        return FileText("zip archive that cannot be read")
    if not members:
        return FileText("empty zip archive")
    if len(members) == 1:
        only = members[0]
        return FileText(
            f"zip of {_short(files[0].filename)}: {only.what}", only.parts, only.count, only.call, only.mark
        )
    parts = [f"{_short(each.filename)}: {_line(member)}" for each, member in zip(files, members, strict=False)]
    call = next((member.call for member in members if member.call), "")
    return FileText("zip archive;", tuple(parts), len(files), call, "; ")


def _line(member: FileText) -> str:
    return f"{member.what} {', '.join(member.parts[:COLUMNS])}".strip()


def _workbook(path: Path, name: str, files: Iterable[zipfile.ZipInfo]) -> FileText:
    if sum(each.file_size for each in files if each.filename.endswith((".xml", ".rels"))) > SHEET_BYTES:
        return FileText("large Excel workbook", call=f"pd.read_excel({name!r})")
    try:
        import openpyxl
    except ImportError:
        return FileText("Excel workbook; reading it needs openpyxl", call=f"pd.read_excel({name!r})")
    try:
        with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
            sheets = [_sheet(sheet) for sheet in book.worksheets]
    except Exception:  # whatever a damaged workbook does to the parser
        return FileText("Excel workbook that cannot be read")
    title, _, extra = next((sheet for sheet in sheets if sheet[1]), sheets[0])
    extra = (f", sheet_name={title!r}" if len(sheets) > 1 else "") + extra
    parts = tuple(f"{sheet!r}: {text}" for sheet, text, _ in sheets[:MEMBERS])
    return FileText(
        "Excel, sheet" + "s" * (len(sheets) > 1), parts, len(sheets), f"pd.read_excel({name!r}{extra})", "; "
    )


def _sheet(sheet: Any) -> tuple[str, str, str]:
    """Return a sheet's title, its rows and columns as text, and the arguments that say where its table is."""
    rows = list(sheet.iter_rows(max_row=SHEET_ROWS, values_only=True))
    widths = [sum(cell is not None for cell in row) for row in rows]
    if not any(widths):
        return sheet.title, "", ""
    first = next(index for index, width in enumerate(widths) if width >= max(max(widths) * 0.6, 1))
    below = rows[first + 1] if first + 1 < len(rows) else ()
    columns = [
        f"{_short(str(cell))}{'' if value is None else f' {_short(repr(value))}'}"
        for cell, value in zip(rows[first], [*below, *[None] * len(rows[first])], strict=False)
        if cell is not None
    ]
    count = max((sheet.max_row or 0) - first - 1, 0)
    left = next((place for place, cell in enumerate(rows[first]) if cell is not None), 0)
    place = f", skiprows={first}" if first else ""
    if left and not any(cell is not None for row in rows[first:] for cell in row[:left]):  # else the names of rows
        place += f", usecols=range({left}, {len(rows[first])})"
    return sheet.title, f"{count:,} rows: {', '.join(columns[:COLUMNS])}", place


def describe_database(path: Path, name: str) -> FileText:
    """Describe a database of SQLite.

    Args:
        path: The file.
        name: The path as the code is to write it.

    Returns:
        The description.
    """
    has_log = path.with_name(f"{path.name}-wal").exists()
    mode = "mode=ro" if has_log else "mode=ro&immutable=1"  # immutable: nothing is written beside it
    until = time.monotonic() + DATABASE_SECONDS
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=0.1)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > until, 10_000)
            found = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
            names = [each for (each,) in found if not each.startswith("sqlite_")]
            parts = [_table(connection, each) for each in names[:MEMBERS]]
            tables = tuple(filter(None, (_sampled(connection, each) for each in names[:MEMBERS])))
    except sqlite3.Error:
        return FileText("SQLite database that cannot be read")
    if not names:
        return FileText("SQLite database without tables")
    query = f"SELECT * FROM {_quoted(names[0])}"
    call = f"pd.read_sql({query!r}, sqlite3.connect({name!r}))"
    return FileText("SQLite database;", tuple(parts), len(names), call, "; ", tables)


def describe_duckdb(path: Path, name: str) -> FileText:
    """Describe a database of DuckDB, as far as the library is installed. See `describe_database`."""
    call = f"duckdb.connect({name!r}, read_only=True)"
    if not find_spec("duckdb"):
        return FileText("DuckDB database; reading it needs duckdb", call=call)
    duckdb: Any = import_module("duckdb")
    try:
        with closing(duckdb.connect(str(path.absolute()), read_only=True, config={"threads": 1})) as connection:
            timer = Timer(DATABASE_SECONDS, connection.interrupt)
            timer.start()
            try:
                names = [each for (each,) in connection.execute("SHOW TABLES").fetchall()]
                parts = [_duckdb_table(connection, each) for each in names[:MEMBERS]]
                tables = tuple(filter(None, (_sampled(connection, each, duckdb.Error) for each in names[:MEMBERS])))
            finally:
                timer.cancel()
    except duckdb.Error:  # also one that this process has open for writing
        return FileText("DuckDB database that cannot be read now", call=call)
    call += f".sql({f'SELECT * FROM {_quoted(names[0])}'!r}).df()" if names else ""
    return FileText("DuckDB database;", tuple(parts), len(names), call, "; ", tables)


def _duckdb_table(connection: Any, name: str) -> str:
    columns = connection.execute(f"DESCRIBE {_quoted(name)}").fetchall()
    values = connection.execute(f"SELECT * FROM {_quoted(name)} LIMIT 1").fetchone() or ()
    count = connection.execute(f"SELECT COUNT(*) FROM {_quoted(name)}").fetchone()[0]
    return f"table {_short(name)}, {count:,} rows: {', '.join(_columns(columns, 0, values)[:COLUMNS])}"


def _columns(columns: Sequence[Sequence[Any]], name: int, values: Sequence[Any]) -> list[str]:
    """Return columns as text: the name at a place of each description, the type after it, and a value."""
    return [
        f"{_short(column[name])} {column[name + 1]}{'' if value is None else f' {_short(repr(value))}'}"
        for column, value in zip(columns, [*values, *[None] * len(columns)], strict=False)
    ]


def _table(connection: sqlite3.Connection, name: str) -> str:
    quoted = _quoted(name)
    try:
        columns = connection.execute(f"PRAGMA table_info({quoted})").fetchall()
        keys = connection.execute(f"PRAGMA foreign_key_list({quoted})").fetchall()
        values = connection.execute(f"SELECT * FROM {quoted} LIMIT 1").fetchone() or ()
        count = f", {connection.execute(f'SELECT COUNT(*) FROM {quoted}').fetchone()[0]:,} rows"
    except sqlite3.Error:  # a view of something that is not there, or one that takes long
        return f"table {_short(name)}"
    texts = _columns(columns, 1, values)
    texts = [*texts[:COLUMNS], *(f"{_short(key[3])} refers to {_short(key[2])}.{_short(str(key[4]))}" for key in keys)]
    return f"table {_short(name)}{count}: {', '.join(texts)}"


def _sampled(connection: Any, name: str, error: type[Exception] = sqlite3.Error) -> SampledTable | None:
    """Return the first rows of a table, without columns that hold anything but whole numbers and texts."""
    try:
        found = connection.execute(f"SELECT * FROM {_quoted(name)} LIMIT {DATABASE_ROWS + 1}")
        labels, rows = [column[0] for column in found.description], found.fetchall()
    except error:
        return None
    columns = zip(labels, zip(*rows, strict=True), strict=True) if rows else ()
    keys = {label: values for label, values in columns if {*map(type, values)} in ({int}, {str})}
    return SampledTable(name, keys, len(rows) <= DATABASE_ROWS)


def _quoted(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else '"' + name.replace('"', '""') + '"'


def _short(text: str) -> str:
    return shorten(one_line(text), 2 * VALUE_CHARS)
