"""Kinds of files, told by their bytes: JSON, archives, workbooks, databases, images."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from codeact_jupyter.files.directory import is_data_file, names_in
from codeact_jupyter.files.kinds import read_file
from codeact_jupyter.files.source import HEAD, WHOLE, FileText

CSV = b"a;b\n1,5;x\n2,5;y\n3,5;z\n"
FRAME = pd.DataFrame({"a": [1.5, 2.5, 3.5], "b": ["x", "y", "z"]})
MODULES = {"pd": pd, "json": json, "gzip": gzip, "bz2": bz2, "lzma": lzma, "zipfile": zipfile}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def evaluated(call: str) -> Any:
    """Evaluate a call, and close what it opened."""
    with ExitStack() as stack:
        connect = SimpleNamespace(connect=lambda name: stack.enter_context(closing(sqlite3.connect(name))))
        opened = {"open": lambda *given: stack.enter_context(Path(given[0]).open(given[1])), "sqlite3": connect}
        return eval(call, {**MODULES, **opened})


def described(name: str, data: bytes) -> FileText:
    Path(name).write_bytes(data)
    return read_file(Path(name), name)


def value(name: str, data: bytes) -> Any:
    """Evaluate the call that is told."""
    found = described(name, data)
    assert found.call, found
    return evaluated(found.call)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return buffer.getvalue()


# --- compressed files and archives -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.csv.gz", gzip.compress),
        ("a.csv.bz2", bz2.compress),
        ("a.csv.xz", lzma.compress),
        ("no_ending", gzip.compress),
        ("wrong.csv", bz2.compress),
        ("wrong.txt", lzma.compress),
    ],
)
def test_a_compressed_table_is_read_whatever_its_name(name: str, pack: Callable[[bytes], bytes]) -> None:
    pd.testing.assert_frame_equal(value(name, pack(CSV)), FRAME)


@pytest.mark.parametrize("name", ["a.zip", "a.dat"])
def test_an_archive_of_one_table_is_read(name: str) -> None:
    pd.testing.assert_frame_equal(value(name, zipped(a_csv=CSV)), FRAME)


def test_an_archive_of_several_tables_tells_each_and_reads_the_first() -> None:
    data = zipped(notes_txt=b"Dear all,\nthis is prose.\n", a_csv=CSV, b_csv=b"p,q\n1,2\n3,4\n")
    found = described("all.zip", data)
    assert found.parts == (
        "notes.txt: text",
        "a.csv: 3 rows × 2: a float64, b str 'x' 'y' 'z'",
        "b.csv: 2 rows × 2: p int64, q int64",
    )
    pd.testing.assert_frame_equal(value("all.zip", data), FRAME)


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x03\x04" + b"\1" * 99, zipped(a_csv=CSV)[:-30]])
def test_a_damaged_archive_is_told_as_such(data: bytes) -> None:
    assert described("a.zip", data) == FileText("zip archive that cannot be read")


@pytest.mark.parametrize(
    "data", [gzip.compress(CSV)[:14], bz2.compress(CSV)[:9], lzma.compress(CSV)[:20], b"\x1f\x8bxx"]
)
def test_a_damaged_compressed_file_is_told_as_such(data: bytes) -> None:
    assert described("a.gz", data) == FileText("compressed file that is damaged")


# --- JSON ---------------------------------------------------------------------------------------------------------

RECORDS = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Ben"}]


@pytest.mark.parametrize(
    "content",
    [
        RECORDS,
        {"count": 2, "items": RECORDS},
        {"meta": {"n": 2}, "data": {"rows": RECORDS}},
        {"id": [1, 2], "name": ["Ada", "Ben"]},
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_table_in_json_is_read(content: object, encoding: str) -> None:
    frame = value("a.json", json.dumps(content, indent=1).encode(encoding))
    pd.testing.assert_frame_equal(frame, pd.DataFrame(RECORDS))


@pytest.mark.parametrize("around", [lambda records: records, lambda records: {"n": 2, "found": records}])
def test_nested_fields_become_columns_and_are_told_by_the_names_of_these(around: Callable[[object], object]) -> None:
    records = [{"k": k, "at": {"x": k + 1, "in": {"y": "z"}}, "tags": ["a"]} for k in (1, 2)]
    data = json.dumps(around(records)).encode()
    assert described("a.json", data).parts == ("k 1", "at.x 2", "at.in.y 'z'", "tags list")
    assert set(value("a.json", data)) == {"k", "at.x", "at.in.y", "tags"}


def test_objects_by_name_become_rows() -> None:
    frame = value("a.json", json.dumps({"Ada": {"n": 1}, "Ben": {"n": 2}}).encode())
    assert frame.loc["Ben", "n"] == 2


@pytest.mark.parametrize("content", [{"a": 1, "b": "x"}, [1, 2, 3], [], {}])
def test_other_json_is_loaded_as_it_is(content: object) -> None:
    assert value("a.json", json.dumps(content).encode()) == content


@pytest.mark.parametrize(("name", "pack"), [("a.jsonl", bytes), ("a.jsonl.gz", gzip.compress)])
def test_lines_of_json_are_read_and_codes_stay_text(name: str, pack: Callable[[bytes], bytes]) -> None:
    frame = value(name, pack(b'{"zip": "01067", "n": 1}\n{"zip": "00501", "n": 2}\n'))
    assert frame["zip"].tolist() == ["01067", "00501"]
    assert frame["n"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("name", "pack"), [("a.jsonl", bytes), ("a.log.gz", gzip.compress), ("a.ndjson", bz2.compress)]
)
@pytest.mark.parametrize(
    "second",
    [
        {"k": 2, "at": {"x": 3, "in": {"y": "w"}}},
        {"k": 2, "at": None},
        {"k": 2},
    ],
)
def test_fields_inside_of_lines_of_json_become_columns(
    name: str, pack: Callable[[bytes], bytes], second: dict[str, Any]
) -> None:
    lines = [json.dumps({"k": 1, "at": {"x": 2, "in": {"y": "ä"}}}), json.dumps(second), "", json.dumps({"k": 3})]
    data = pack("\n".join(lines).encode())
    found = described(name, data)
    assert found.what == "JSON lines, 3 records:"
    assert found.parts == ("k 1", "at.x 2", "at.in.y 'ä'")
    assert value(name, data)[["k", "at.x", "at.in.y"]].iloc[0].tolist() == [1, 2, "ä"]


def test_json_that_is_cut_off_is_text() -> None:
    assert described("a.json", b'[{"a": 1}, {"a": ') == FileText("text")


def test_the_fields_of_a_very_long_list_are_told_from_its_first_record() -> None:
    found = described("a.json", b"[" + b",".join([b'{"k": 1, "name": "a long name"}'] * (WHOLE // 30)) + b"]")
    assert found.what == "JSON, many records:"
    assert found.parts == ("k 1", "name 'a long name'")


# --- workbooks and databases -------------------------------------------------------------------------------------


def test_a_workbook_tells_its_sheets_and_where_the_table_begins() -> None:
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer) as writer:
        pd.DataFrame().to_excel(writer, sheet_name="Info")
        FRAME.to_excel(writer, sheet_name="It's data", index=False, startrow=2)
    found = described("book.xlsx", buffer.getvalue())
    assert found.what == "Excel, sheets"
    assert found.parts[1] == "\"It's data\": 3 rows: a 1.5, b 'x'"
    pd.testing.assert_frame_equal(value("book.xlsx", buffer.getvalue()), FRAME)


@pytest.mark.parametrize("sheet", [b"", b"<worksheet>", b"\0" * 50])
def test_a_damaged_workbook_is_told_as_such(sheet: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", sheet)
    assert described("a.xlsx", buffer.getvalue()) == FileText("Excel workbook that cannot be read")


def test_a_workbook_of_many_megabytes_is_not_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
        archive.writestr("xl/sharedStrings.xml", b" " * (20 << 20))
    assert described("a.xlsx", buffer.getvalue()).what == "large Excel workbook"


def database(script: str) -> bytes:
    connection = sqlite3.connect("made.tmp")
    connection.executescript(script)
    connection.close()
    return Path("made.tmp").read_bytes()


def test_a_database_tells_its_tables_with_types_examples_and_foreign_keys() -> None:
    found = described(
        "shop.db",
        database(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);"
            "CREATE TABLE orders (nr INTEGER, person INTEGER REFERENCES people(id));"
            "INSERT INTO people VALUES (1, 'Ada'), (2, 'Ben')"
        ),
    )
    assert found.parts == (
        "table people, 2 rows: id INTEGER 1, name TEXT 'Ada'",
        "table orders, 0 rows: nr INTEGER, person INTEGER, person refers to people.id",
    )
    assert evaluated(found.call)["name"].tolist() == ["Ada", "Ben"]


@pytest.mark.parametrize("name", ["two words", 'a"b', "it's", "naïve", "select; drop"])
def test_a_table_of_any_name_is_read(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    assert len(value("odd.db", database(f"CREATE TABLE {quoted} (x); INSERT INTO {quoted} VALUES (1)"))) == 1


def test_reading_a_database_leaves_nothing_beside_it(folder: Path) -> None:
    described("log.db", database("PRAGMA journal_mode = WAL; CREATE TABLE t (x);"))
    assert [name for name in names_in(folder) if name.startswith("log.db")] == ["log.db"]


# --- others -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "what", "call"),
    [
        (b"", "empty", ""),
        (b"\x89PNG\r\n\x1a\n", "PNG image", ""),
        (b"%PDF-1.7", "PDF document", ""),
        (b"PAR1....", "Parquet file that cannot be read", ""),
        (b"ARROW1....ARROW1", "Arrow file that cannot be read", ""),
        (b"<stata_dta>", "Stata file", "pd.read_stata('x')"),
        (b"r\2\1\0", "Stata file", "pd.read_stata('x')"),
        (
            bytes(12) + b"\xc2\xea\x81\x60" + bytes(99),
            "SAS file",
            "pd.read_sas('x', format='sas7bdat', encoding='infer')",
        ),
        (b"SQLite format 3\0junk", "SQLite database that cannot be read", ""),
        (b"\1\0\2\0", "binary", ""),
        (b"Dear all,\nit is late.\nBye\n", "text", ""),
    ],
)
def test_the_kind_is_told_by_the_bytes(data: bytes, what: str, call: str) -> None:
    found = described("x", data)
    assert (found.what, found.call) == (what, call)


def test_a_file_of_a_long_line_is_text() -> None:
    assert described("x.csv", b"y" * (3 * HEAD)).call == ""


@pytest.mark.parametrize(("name", "expected"), [("a.csv", True), ("A.XLSX", True), ("df.mean", False), ("e.V", False)])
def test_a_data_file_is_told_by_its_ending(name: str, expected: bool) -> None:
    assert is_data_file(name) is expected
