"""Files of statistics programs, column stores, databases and statistics offices, written before they were read."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl

from .recipes import Case
from .writing import case, lines

NAN = float("nan")


def fifth(folder: Path) -> list[Case]:
    """Make the files.

    Args:
        folder: An empty folder, for those that a library has to write.

    Returns:
        23 cases.
    """
    return [*joined_keys(), *column_stores(), *programs(), *workbooks(), *databases(folder), *nested(), *others()]


def joined_keys() -> Iterator[Case]:
    """Tables whose first column holds several keys, as Eurostat writes them, and some that only look like it."""
    yield case(
        "nama_10_gdp.tsv",
        lines(
            "freq,unit,geo\\TIME_PERIOD\t2020 \t2021 \t2022 ",
            "A,CP_MEUR,AT\t380888.5 \t405241.4 \t447218.2 ",
            "A,CP_MEUR,BE\t460748.3 \t: \t554214.5 ",
            "A,CP_MEUR,MT\t13312.1 \t15330.2 \t: ",
        ),
        {
            "freq": ["A"] * 3,
            "unit": ["CP_MEUR"] * 3,
            "geo\\TIME_PERIOD": ["AT", "BE", "MT"],
            "2020": [380888.5, 460748.3, 13312.1],
            "2021": [405241.4, NAN, 15330.2],
            "2022": [447218.2, 554214.5, NAN],
        },
    )
    yield case(
        "une_rt_m.tsv",
        lines(
            "s_adj,age,geo\\time\t2023M02\t2023M01",
            "SA,TOTAL,FR\t7.1 p\t7.0",
            "SA,TOTAL,ES\t: u\t13.0",
            "NSA,TOTAL,IE\t4.2\t4.4",
            "NSA,TOTAL,NO\t3.6 b\t3.5",
        ),
        {
            "s_adj": ["SA", "SA", "NSA", "NSA"],
            "age": ["TOTAL"] * 4,
            "geo\\time": ["FR", "ES", "IE", "NO"],
            "2023M02": ["7.1 p", ": u", "4.2", "3.6 b"],
            "2023M01": [7.0, 13.0, 4.4, 3.5],
        },
    )
    yield case(
        "stations.txt",
        lines("net/site;2021;2022", "N1/A;3,5;4,0", "N1/B;2,25;2,5", "N2/A;7,0;7,75", "N2/C;1,5;1,0"),
        {
            "net": ["N1", "N1", "N2", "N2"],
            "site": ["A", "B", "A", "C"],
            "2021": [3.5, 2.25, 7.0, 1.5],
            "2022": [4.0, 2.5, 7.75, 1.0],
        },
    )
    yield case(
        "people.tsv",
        lines("name, town\tage", "Hill, Ada\t41", "Pym, Leeds\t30", "Cole\t25"),
        {"name, town": ["Hill, Ada", "Pym, Leeds", "Cole"], "age": [41, 30, 25]},
    )


def column_stores() -> Iterator[Case]:
    """Parquet and Arrow files."""
    frame = pl.DataFrame({"stop": ["Oak", "Elm", "Quay"], "km": [1.5, 2.25, 4.0], "trips": [12, 7, 30]})
    for name, options in (("stops.parquet", {}), ("data_no_ending", {"compression": "gzip"})):
        buffer = io.BytesIO()
        frame.write_parquet(buffer, **options)  # type: ignore[arg-type]
        yield Case(name, buffer.getvalue(), _pandas(frame))
    long = pl.DataFrame({"n": range(250_000), "v": [number % 7 / 2 for number in range(250_000)]})
    buffer = io.BytesIO()
    long.write_parquet(buffer, row_group_size=50_000)
    yield Case("long.parquet", buffer.getvalue(), _pandas(long))
    for name, compression in (("stops.feather", "uncompressed"), ("stops.arrow", "zstd")):
        buffer = io.BytesIO()
        frame.write_ipc(buffer, compression=compression)  # type: ignore[arg-type]
        yield Case(name, buffer.getvalue(), _pandas(frame))


def _pandas(frame: pl.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame.to_dict(as_series=False))


def programs() -> Iterator[Case]:
    """Files of Stata."""
    frame = pd.DataFrame({"id": [1, 2, 3], "wage": [11.5, 9.25, 14.0], "town": ["Ely", "Rye", "Wye"]})
    for version in (114, 118):
        buffer = io.BytesIO()
        frame.to_stata(buffer, write_index=False, version=version, variable_labels={"wage": "hourly, in pounds"})
        yield Case(f"wages_{version}.dta", buffer.getvalue(), frame)


def workbooks() -> Iterator[Case]:
    """Workbooks with several sheets, empty ones, and tables that begin lower."""
    sales = pd.DataFrame({"shop": ["N", "S", "W", "E"], "units": [4, 9, 2, 7], "total": [10.5, 22.0, 5.25, 18.0]})
    staff = pd.DataFrame({"name": ["Ida", "Max"], "shop": ["N", "S"]})
    yield Case("shops.xlsx", _book({"sales": (sales, 0, 0), "staff": (staff, 0, 0)}), sales)
    yield Case("late.xlsx", _book({"cover": (pd.DataFrame(), 0, 0), "sales": (sales, 4, 0)}), sales)
    yield Case("beside.xlsx", _book({"sales": (sales, 1, 2)}), sales)


def _book(sheets: Mapping[str, tuple[pd.DataFrame, int, int]]) -> bytes:
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer) as writer:
        for title, (frame, row, column) in sheets.items():
            frame.to_excel(writer, sheet_name=title, index=False, startrow=row, startcol=column)
    return buffer.getvalue()


def databases(folder: Path) -> Iterator[Case]:
    """Databases whose tables refer to each other, and one whose first table's name needs quotes."""
    script = (
        "CREATE TABLE artists (artist_id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE albums (album_id INTEGER PRIMARY KEY, title TEXT, artist_id INTEGER);"
        "INSERT INTO artists VALUES (1, 'Vega'), (2, 'Lyra');"
        "INSERT INTO albums VALUES (10, 'One', 1), (11, 'Two', 1), (12, 'Three', 2);"
    )
    table = {"artist_id": [1, 2], "name": ["Vega", "Lyra"]}
    yield _database(folder / "music.sqlite", script, table)
    script = 'CREATE TABLE "order lines" (nr INTEGER, item TEXT);'
    script += "INSERT INTO \"order lines\" VALUES (1, 'pen'), (2, 'ink');"
    yield _database(folder / "orders.db", script, {"nr": [1, 2], "item": ["pen", "ink"]})


def _database(path: Path, script: str, table: Mapping[str, Sequence[Any]]) -> Case:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return Case(path.name, path.read_bytes(), pd.DataFrame(table))


def nested() -> Iterator[Case]:
    """Nested JSON and GeoJSON."""
    places = [("Mole", 1.5, 51.25, 12), ("Ouse", 0.5, 52.75, 20), ("Tyne", -1.5, 55.0, 31)]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [x, y]},
            "properties": {"river": name, "km": km},
        }
        for name, x, y, km in places
    ]
    collection = {"type": "FeatureCollection", "name": "gauges", "features": features}
    yield Case("gauges.geojson", json.dumps(collection).encode(), pd.json_normalize(features))
    runs = [{"run": n, "result": {"loss": n / 4, "tags": ["a"], "by": {"team": t}}} for n, t in ((1, "x"), (2, "y"))]
    yield Case("runs.json", json.dumps({"meta": {"v": 1}, "log": {"runs": runs}}).encode(), pd.json_normalize(runs))
    towns = {"Ulm": {"pop": 126, "rivers": 2}, "Hof": {"pop": 45, "rivers": 1}}
    yield Case("towns.json", json.dumps(towns).encode(), pd.DataFrame.from_dict(towns, orient="index"))


def others() -> Iterator[Case]:
    """Fixed width, images and documents."""
    rows = [("1901", "Blackmoor", -1.5, "dry"), ("1902", "Ash", 10.25, "wet"), ("1903", "Fen End", 0.75, "dry")]
    text = lines(
        f"{'year':<6}{'site':<12}{'mean':>6}  {'kind'}", *(f"{a:<6}{b:<12}{c:>6.2f}  {d}" for a, b, c, d in rows)
    )
    names = ("year", "site", "mean", "kind")
    table = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) | {"year": [1901, 1902, 1903]}
    yield case("sites.prn", text, table)
    header = struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    yield Case("plan.png", b"\x89PNG\r\n\x1a\n" + chunk, None)
    yield Case("report.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Pages /Count 3 >>\nendobj\n", None)
    yield Case("empty_book.bin", bytes(range(256)) * 20, None)
