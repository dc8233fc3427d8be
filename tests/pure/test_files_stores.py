"""Column stores and files of statistics programs by their headers, and how tables of files join."""

from __future__ import annotations

import base64
import io
import re
import sqlite3
import struct
import zlib
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.files import column_stores, containers, named, programs
from codeact_jupyter.files.kinds import read_file
from codeact_jupyter.files.named import read_named_files
from codeact_jupyter.files.source import FileText
from codeact_jupyter.kernel.related import related_tables
from codeact_jupyter.namespace import relations

FRAME = pl.DataFrame(
    {
        "plot": [1, 2, 3],
        "yield": [2.5, None, 4.0],
        "crop": ["oats", "rye", "oats"],
        "sown": [date(2024, 3, 1), date(2024, 3, 9), None],
        "at": [datetime(2024, 3, 1, 8), None, None],
        "dry": [True, False, None],
        "tags": [["a"], [], ["b", "c"]],
        "who": [{"name": "Ada", "n": 1}, {"name": "Ben", "n": 2}, {"name": "Cy", "n": 3}],
    },
    schema_overrides={"plot": pl.Int16},
)
TYPES = ["plot int", "yield float64", "crop str", "sown date", "at timestamp", "dry bool", "tags list", "who struct"]


#: A small table, as pyarrow 16 writes it with `version=1`: compressed, in base 85.
FEATHER_1 = (
    "c-nPSu};H44810yiD-rhF=Xg)LLHb8Y#lnlKw&}ZCp3@_6;%?Yk!U17fDd5k$jHFJ$cV&`FfcIk11Q)&UuaJ0RjzXvzh^)DGCn^$"
    "5wJSK5;pi9vALYn##RKhcfee*9#|R`%e<VStD`zi5bZ5~j;@WE_u<FmURRjw;_BaU*#@`vnpeNyXYbRK54C#m50!JQj`P6o;Xs0Y"
    "0ofGn8_piUMy&DWx2im1QTY<ECpbg+n~^tU|H+s>zl-w{at~BDsj5EJ@+{hQ1?)!^<*_k0qA$6oWqOyWxB<<;BSffi_S)bLHm6BH"
    "A=Zl9LT(8*;od|A#vj$ZA-rY0vod&f-(_QJUBJ15r)i;D?7j;uKFc)q+|H9&)p^jWXR=if=5i<(@(h)x-qfg1&t+Aqxda@4lcyP;"
    "XN)^G@@QSJjFbFrl=ImlCZ5B#KJ5lu<|^xZr|zW3cTjRY*&;2JKH1g>%QJZO{s)AP;T!$~R%=H-"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory, and time enough for a busy machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(named, "SECONDS", 60)
    monkeypatch.setitem(relations.find_relations.__kwdefaults__, "seconds", 60)
    return tmp_path


def described(name: str, data: bytes) -> FileText:
    Path(name).write_bytes(data)
    return read_file(Path(name), name)


def installed(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for module in (column_stores, programs):
        monkeypatch.setattr(module, "find_spec", lambda name: name if name in names else None)


def parquet(frame: pl.DataFrame, **options: Any) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, **options)
    return buffer.getvalue()


def feather_1() -> bytes:
    return zlib.decompress(base64.b85decode(FEATHER_1))


def arrow(frame: pl.DataFrame, **options: Any) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "call"),
    [
        (parquet(FRAME), "Parquet", "pl.read_parquet('x')"),
        (parquet(FRAME, compression="gzip", row_group_size=1), "Parquet", "pl.read_parquet('x')"),
        (arrow(FRAME), "Feather", "pl.read_ipc('x')"),
        (arrow(FRAME, compression="zstd", record_batch_size=1), "Feather", "pl.read_ipc('x')"),
    ],
)
def test_columns_types_and_rows_of_a_column_store_are_told(
    monkeypatch: pytest.MonkeyPatch, data: bytes, kind: str, call: str
) -> None:
    installed(monkeypatch, "polars")
    found = described("x", data)
    assert found.what == f"{kind}, 3 rows × 8:"
    assert [part.replace("int16", "int").replace("int32", "int") for part in found.parts] == TYPES
    assert found.call == call
    assert eval(call, {"pl": pl}).equals(FRAME)


@pytest.mark.parametrize(
    ("there", "data", "call", "what"),
    [
        (("pyarrow", "polars"), parquet(FRAME), "pd.read_parquet('x')", "Parquet, 3 rows × 8:"),
        (("fastparquet",), parquet(FRAME), "pd.read_parquet('x')", "Parquet, 3 rows × 8:"),
        ((), parquet(FRAME), "pd.read_parquet('x')", "Parquet, 3 rows × 8; reading it needs pyarrow:"),
        (("pyarrow",), arrow(FRAME), "pd.read_feather('x')", "Feather, 3 rows × 8:"),
        (("fastparquet",), arrow(FRAME), "pd.read_feather('x')", "Feather, 3 rows × 8; reading it needs pyarrow:"),
    ],
)
def test_the_call_is_of_what_is_installed(
    monkeypatch: pytest.MonkeyPatch, there: tuple[str, ...], data: bytes, call: str, what: str
) -> None:
    installed(monkeypatch, *there)
    found = described("x", data)
    assert (found.what, found.call) == (what, call)


def test_a_file_of_the_first_version_of_feather_is_read_by_pandas_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    data = feather_1()
    for there, more in (("pyarrow", ""), ("polars", "; reading it needs pyarrow")):
        installed(monkeypatch, there)
        found = described("x", data)
        assert (found.what, found.call) == (f"Feather, 3 rows × 8{more}:", "pd.read_feather('x')")
        types = "plot int16, yield float64, crop str, kind category, at timestamp, sown date, dry bool, n uint64"
        assert ", ".join(found.parts) == types


@pytest.mark.parametrize("whole", [parquet(FRAME), arrow(FRAME), feather_1()])
def test_a_damaged_column_store_is_told_as_such_and_stops_nothing(whole: bytes) -> None:
    for length in range(8, len(whole), 37):
        assert described("x", whole[:length]).call == ""
    footer = len(whole) - 40
    for place in range(max(footer - 400, 8), footer, 7):
        damaged = whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :]
        Path("x.parquet").write_bytes(damaged)
        assert set(read_named_files("Read x.parquet.", Path())) == {"x.parquet"}


def test_many_columns_are_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "polars")
    wide = pl.DataFrame({f"c{number}": [number] for number in range(500)})
    for data in (parquet(wide), arrow(wide)):
        found = described("x", data)
        assert (found.count, len(found.parts), found.parts[0]) == (500, column_stores.COLUMNS, "c0 int64")


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_variables_of_stata_are_told_and_the_call_reads_them(version: int) -> None:
    frame = pd.DataFrame({"id": [1, 2, 3], "wage": [1.5, 2.5, 3.5], "town": ["Ely", "Rye", "Wye"]})
    buffer = io.BytesIO()
    frame.to_stata(buffer, write_index=False, version=version, variable_labels={"wage": "per hour"})
    found = described("x.dta", buffer.getvalue())
    label = " 'per hour'" if version > 114 else ""
    assert found.what == "Stata, 3 rows × 3:"
    assert found.parts[1:] == (f"wage float64{label}", "town str")
    assert found.parts[0].startswith("id int")
    assert eval(found.call, {"pd": pd})["wage"].tolist() == [1.5, 2.5, 3.5]


def sav(rows: int = 2, *, has_long_names: bool = False) -> bytes:
    head = b"$FL2" + b"@(#) made by hand".ljust(60) + struct.pack("<iiiii", 2, 4, 0, 0, rows) + bytes(92)

    def variable(name: str, width: int, label: str = "", missing: int = 0) -> bytes:
        record = struct.pack("<iiiiii", 2, width, bool(label), missing, 0, 0) + name.encode().ljust(8)
        text = label.encode()
        record += struct.pack("<i", len(text)) + text.ljust(-(-len(text) // 4) * 4) if label else b""
        return record + bytes(8 * missing)

    parts = (variable("AGE", 0, "Age in years", 1), variable("TOWN", 12, "Where"), variable("", -1), variable("N", 0))
    names = b"AGE=age\tTOWN=Town_of_Birth\tN=n"
    long = struct.pack("<iiii", 7, 13, 1, len(names)) + names
    return head + b"".join(parts) + (long if has_long_names else b"") + struct.pack("<ii", 999, 0)


def test_variables_and_labels_of_spss_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "pyreadstat")
    found = described("x.sav", sav())
    assert (found.what, found.call) == ("SPSS, 2 rows × 3:", "pd.read_spss('x.sav')")
    assert found.parts == ("AGE float64 'Age in years'", "TOWN str 'Where'", "N float64")
    parts = described("x.sav", sav(has_long_names=True)).parts
    assert parts == ("age float64 'Age in years'", "Town_of_Birth str 'Where'", "n float64")
    installed(monkeypatch)
    assert described("x.sav", sav(-1)).what == "SPSS, rows × 3; reading it needs pyreadstat:"
    assert described("x.sav", sav()[:200]).what == "SPSS file; reading it needs pyreadstat"


def xport() -> bytes:
    def line(text: str) -> bytes:
        return text.ljust(80).encode()

    def name(kind: int, label: str, long: str, place: int) -> bytes:
        head = struct.pack(
            ">hhhh8s40s8shhh2s8shhi",
            kind,
            0,
            8,
            1,
            long.encode().ljust(8),
            label.encode().ljust(40),
            b" " * 8,
            0,
            0,
            0,
            b"  ",
            b" " * 8,
            0,
            0,
            place,
        )
        return head.ljust(140, b"\0")

    header = "HEADER RECORD*******{:<8}HEADER RECORD!!!!!!!{}"
    zeros = "000000000000000000000000000000  "
    fields = (name(1, "Weight, kg", "WEIGHT", 0) + name(2, "", "NAME", 8)).ljust(320)
    row = bytes.fromhex("4215000000000000") + b"Ada     "  # 21.0 in the notation of IBM
    return b"".join(
        [
            line(header.format("LIBRARY", zeros)), line("SAS     SAS     SASLIB  9.4     Linux"),
            line("01JAN24:00:00:00"),
            line(header.format("MEMBER ", "000000000000000001600000000140  ")), line(header.format("DSCRPTR", zeros)),
            line("SAS     DATA    SASDATA 9.4     Linux"), line("01JAN24:00:00:00"),
            line(header.format("NAMESTR", "000000000200000000000000000000  ")), fields,
            line(header.format("OBS    ", zeros)), row.ljust(80),
        ]
    )  # fmt: skip


def test_variables_of_a_sas_transport_file_are_told_and_the_call_reads_them() -> None:
    found = described("x.xpt", xport())
    assert (found.what, found.call) == ("SAS, rows × 2:", "pd.read_sas('x.xpt', format='xport', encoding='latin-1')")
    assert found.parts == ("WEIGHT float64 'Weight, kg'", "NAME str")
    assert eval(found.call, {"pd": pd})["WEIGHT"].iloc[0] == 21.0


# --- several keys in the first column ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a,b\\t\t2020 \t2021 \nX,Y\t1.5 \t2 b\nX,Z\t: \t4 \nW,Y\t2.5 \t: z\n", ["a", "b\\t", "2020", "2021"]),
        ("net|site,v\nN|A,1\nN|B,2\nM|A,3\n", ["net", "site", "v"]),
        ("net/site;v\nN/A1;1,5\nN/B;2,5\nM/A;3,0\n", ["net", "site", "v"]),
        ("name, first\tage\nHill, Ada\t41\nPym\t30\nCole, Cy\t25\n", ["name, first", "age"]),  # not in each row
        ("name\tage\nHill, Ada\t41\nPym, Ben\t30\nCole, Cy\t25\n", ["name", "age"]),  # not in the header
        ("when;a\n01/02/2023;1\n02/02/2023;2\n03/03/2023;3\n", ["when", "a"]),
        (
            "x,y\tnote\tn\nA,B\tgood, cheap\t1\nA,C\tslow\t2\nD,C\tfine\t3\n",
            ["x,y", "note", "n"],
        ),  # in another cell, too
    ],
)
def test_keys_that_share_the_first_column_are_divided(text: str, columns: list[str]) -> None:
    found = described("x.tsv", text.encode())
    assert list(eval(found.call, {"pd": pd}).columns) == columns
    assert found.count == len(columns)


def test_a_table_that_begins_in_a_later_column_of_a_sheet_is_read() -> None:
    frame = pd.DataFrame({"n": [1, 2], "town": ["Ely", "Rye"]})
    buffer = io.BytesIO()
    frame.to_excel(buffer, index=False, startrow=2, startcol=3)
    found = described("x.xlsx", buffer.getvalue())
    pd.testing.assert_frame_equal(eval(found.call, {"pd": pd}), frame)


# --- tables of files that join ------------------------------------------------------------------------------------

SHOP = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);"
    "CREATE TABLE orders (nr INTEGER, customer_id INTEGER, total REAL);"
    "INSERT INTO customers VALUES (7, 'Ada'), (9, 'Ben'), (12, 'Cy');"
    "INSERT INTO orders VALUES (1, 7, 5.5), (2, 7, 2.0), (3, 12, 1.0), (4, 9, 2.0);"
)


def joins(text: str, **namespace: Any) -> list[str]:
    return related_tables(namespace, read_named_files(text, Path()))


def test_tables_of_a_database_join_as_frames_do() -> None:
    with closing(sqlite3.connect("shop.db")) as connection:
        connection.executescript(SHOP)
    (line,) = joins("shop.db")
    assert re.fullmatch(r"shop.db:orders.'?customer_id'? → shop.db:customers.'?id'?: many-to-one, 100 % match", line)


@pytest.mark.parametrize("frame", ["customers", "people"])
def test_a_named_file_joins_a_live_frame(frame: str) -> None:
    Path("orders.csv").write_text("nr;customer_id\n1;7\n2;7\n3;12\n4;9\n")
    live = pd.DataFrame({"customer_id": [7, 9, 12], "city": ["Ely", "Rye", "Wye"]})
    (line,) = joins("orders.csv", **{frame: live})
    assert re.fullmatch(rf"orders.csv.'?customer_id'? → {frame}.'?customer_id'?: many-to-one, 100 % match", line)


def test_a_file_that_was_not_read_to_its_end_only_refers_to_others() -> None:
    Path("long.csv").write_text("code,v\n" + "".join(f"c{n % 500},{n % 7}.5\n" for n in range(40_000)))
    live = pd.DataFrame({"code": [f"c{n}" for n in range(500)], "w": 1.5})
    (line,) = joins("long.csv", live=live)
    assert "long.csv" in line.partition("→")[0]
    Path("long.csv").write_text("code,v\n" + "".join(f"c{n},{n % 7}.5\n" for n in range(40_000)))
    assert joins("long.csv", live=pd.concat([live, live])) == []


class FakeDuckDB:
    """The part of the library duckdb that is used, over a database of SQLite."""

    Error = sqlite3.Error

    def connect(self, path: str, *, read_only: bool, config: dict[str, int]) -> FakeDuckDB:
        assert read_only
        self._connection = sqlite3.connect(":memory:")
        self._connection.executescript(SHOP)
        return self

    def execute(self, query: str) -> Any:
        query = query.replace("SHOW TABLES", "SELECT name FROM sqlite_master ORDER BY name")
        if query.startswith("DESCRIBE "):
            query = f"SELECT name, type FROM pragma_table_info('{query.removeprefix('DESCRIBE ')}')"
        return self._connection.execute(query)

    def interrupt(self) -> None:
        self._connection.interrupt()

    def close(self) -> None:
        self._connection.close()


def test_tables_of_duckdb_are_told_if_the_library_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(8) + b"DUCK" + bytes(100)
    monkeypatch.setattr(containers, "find_spec", lambda name: None)
    assert described("x", data).what == "DuckDB database; reading it needs duckdb"
    monkeypatch.setattr(containers, "find_spec", lambda name: name)
    monkeypatch.setattr(containers, "import_module", lambda name: FakeDuckDB())
    found = described("x", data)
    assert found.parts[1] == "table orders, 4 rows: nr INTEGER 1, customer_id INTEGER 7, total REAL 5.5"
    assert found.call == "duckdb.connect('x', read_only=True).sql('SELECT * FROM customers').df()"
    (line,) = related_tables({}, {"x": found})
    assert line.endswith(": many-to-one, 100 % match")
    monkeypatch.setattr(FakeDuckDB, "execute", lambda self, query: self._connection.execute("SELECT no"))
    assert described("x", data).what == "DuckDB database that cannot be read now"
