"""Recipes of files: what a program writes around and into a table, with the table that a reader has to get."""

from __future__ import annotations

import gzip
import io
import json
import random
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from .conventions import CONVENTIONS, Convention

ROWS = 40


@dataclass(frozen=True, slots=True)
class Case:
    """A file, and the table in it."""

    name: str
    data: bytes
    table: pd.DataFrame | None  #: `None` for a file that holds none, or a broken one
    kind: str = ""  #: of the recipe


def table(convention: Convention, seed: int) -> pd.DataFrame:
    """Make a table of a day, a place, a kind, a whole number and an amount."""
    chance = random.Random(seed)
    days = [date(2023, 1, 1) + timedelta(days=chance.randrange(700)) for _ in range(ROWS)]
    return pd.DataFrame(
        {
            convention.header[0]: pd.to_datetime(days),
            convention.header[1]: chance.choices(convention.places, k=ROWS),
            convention.header[2]: chance.choices(convention.kinds, k=ROWS),
            convention.header[3]: [chance.randrange(1, 90) for _ in range(ROWS)],
            convention.header[4]: [round(chance.uniform(3, 4000), 2) for _ in range(ROWS)],
        }
    )


def cells(convention: Convention, frame: pd.DataFrame) -> list[list[str]]:
    """Write the values of a table as the convention has them."""
    rows = []
    for day, place, kind, number, amount in frame.itertuples(index=False):
        rows.append([day.strftime(convention.date), place, kind, str(number), convention.number(amount)])
    return rows


def text(convention: Convention, rows: list[list[str]]) -> str:
    """Join cells to lines, quoted where they hold the separator."""
    mark = convention.separator
    return "".join(mark.join(f'"{cell}"' if mark in cell else cell for cell in row) + "\r\n" for row in rows)


def plain(convention: Convention, seed: int) -> Case:
    """An export with a header."""
    frame = table(convention, seed)
    return _case("plain", convention, text(convention, [[*frame.columns], *cells(convention, frame)]), frame)


def spreadsheet(convention: Convention, seed: int) -> Case:
    """A saved sheet: a title and an empty row above, the totals below, all rows filled up with separators."""
    frame = table(convention, seed)
    amount, number = frame.columns[4], frame.columns[3]
    total = [convention.total, "", "", str(frame[number].sum()), convention.number(frame[amount].sum())]
    rows = [["2023/24", "", "", "", ""], [""] * 5, [*frame.columns], *cells(convention, frame), total]
    return _case("spreadsheet", convention, text(convention, rows), frame)


def bank(convention: Convention, seed: int) -> Case:
    """Facts on the account above the table, a line with the balance below."""
    frame = table(convention, seed)
    above = text(convention, [["IBAN", "XX00 1234 5678"], ["1.1.2023 - 31.12.2024"], []])
    below = text(convention, [[], ["=", convention.number(frame.iloc[:, 4].sum())]])
    body = text(convention, [[*frame.columns], *cells(convention, frame)])
    return _case("bank", convention, above + body + below, frame)


def laboratory(convention: Convention, seed: int) -> Case:
    """Marks for values that were not measured, and codes with leading zeros."""
    frame = table(convention, seed)
    codes = [f"{index * 37 % 1000:05d}" for index in range(ROWS)]
    written = cells(convention, frame)
    for index in range(3, ROWS, 7):
        written[index][4] = "n.d."
        frame.iloc[index, 4] = float("nan")
    frame.insert(0, "code", codes)
    rows = [[*frame.columns], *([code, *row] for code, row in zip(codes, written, strict=True))]
    return _case("laboratory", convention, text(convention, rows), frame)


def logger(convention: Convention, seed: int) -> Case:
    """Comment lines above, and a row of units below the header."""
    chance = random.Random(seed)
    start = pd.Timestamp(2024, 5, 13, 8, 30)
    frame = pd.DataFrame(
        {
            "t": [start + pd.Timedelta(minutes=10 * index) for index in range(ROWS)],
            "temp": [round(chance.uniform(-5, 30), 1) for _ in range(ROWS)],
            "rh": [round(chance.uniform(20, 100), 1) for _ in range(ROWS)],
        }
    )
    rows = [
        [when.strftime(f"{convention.date} %H:%M:%S"), convention.number(temp, 1), convention.number(rh, 1)]
        for when, temp, rh in frame.itertuples(index=False)
    ]
    body = text(
        convention,
        [[*frame.columns], ["", "°C" if convention.name not in ("pl", "ru", "jp", "gr") else "C", "%"], *rows],
    )
    return _case("logger", convention, f"# LX-200\r\n# 0017\r\n{body}", frame)


def office(convention: Convention, seed: int) -> Case:
    """A column for each year, marks for missing figures, and a source below."""
    chance = random.Random(seed)
    frame = pd.DataFrame({convention.header[1]: convention.places})
    for year in range(2018, 2024):
        frame[str(year)] = [round(chance.uniform(1000, 90000), 1) for _ in convention.places]
    rows = [
        [place, *(convention.number(value, 1) for value in values)] for place, *values in frame.itertuples(index=False)
    ]
    rows[1][2], rows[2][5] = ":", ":"
    frame.iloc[1, 2] = frame.iloc[2, 5] = float("nan")
    return _case("office", convention, text(convention, [[*frame.columns], *rows, ["(c) 2024"]]), frame)


def headerless(convention: Convention, seed: int) -> Case:
    """Rows without a header."""
    frame = table(convention, seed)
    written = text(convention, cells(convention, frame))
    frame.columns = range(5)
    return _case("headerless", convention, written, frame)


def compressed(convention: Convention, seed: int) -> Case:
    """A compressed export."""
    case = plain(convention, seed)
    return Case(case.name.replace("plain", "compressed") + ".gz", gzip.compress(case.data), case.table, "compressed")


def archived(convention: Convention, seed: int) -> Case:
    """An export in a zip archive."""
    case, buffer = plain(convention, seed), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(case.name, case.data)
    return Case(
        case.name.replace("plain", "archived").replace(".csv", ".zip"), buffer.getvalue(), case.table, "archived"
    )


RECIPES: tuple[Callable[[Convention, int], Case], ...] = (
    plain, spreadsheet, bank, laboratory, logger, office, headerless, compressed, archived,
)  # fmt: skip


def structured(folder: Path) -> Iterator[Case]:
    """Yield files of JSON and a database."""
    frame = pd.DataFrame({"name": ["Ann", "Bob", "Cid"], "age": [31, 42, 53], "height": [1.7, 1.8, 1.65]})
    records = frame.to_dict("records")
    yield Case("records.json", json.dumps(records).encode(), frame)
    yield Case("lines.jsonl", "".join(json.dumps(record) + "\n" for record in records).encode(), frame)
    yield Case("wrapped.json", json.dumps({"count": 3, "results": records}, indent=1).encode(), frame)
    nested = [{"name": record["name"], "body": {"age": record["age"]}} for record in records]
    yield Case(
        "nested.json", json.dumps(nested).encode(), pd.DataFrame({"name": frame["name"], "body.age": frame["age"]})
    )
    path = folder / "made.db"
    connection = sqlite3.connect(path)
    frame.to_sql("people", connection, index=False)
    connection.close()
    yield Case("people.db", path.read_bytes(), frame)


def broken() -> Iterator[Case]:
    """Yield files that are no tables, or damaged."""
    prose = "Dear all,\n\nthis is a letter, with commas.\nIt says nothing; it ends here.\n"
    yield Case("letter.csv", prose.encode(), None)
    yield Case("empty.csv", b"", None)
    yield Case("noise.csv", random.Random(3).randbytes(4000), None)
    yield Case("cut.gz", gzip.compress(b"a,b\n1,2\n" * 900)[:40], None)
    yield Case("cut.zip", b"PK\x03\x04" + b"\0" * 80, None)
    yield Case("cut.json", b'[{"a": 1}, {"a": ', None)
    yield Case("cut.db", b"SQLite format 3\0" + b"\1" * 100, None)


def corpus(folder: Path) -> list[Case]:
    """Make all files, in the folder as far as a library has to write them.

    Args:
        folder: An empty folder.

    Returns:
        120 cases.
    """
    made = [recipe(each, number) for number, each in enumerate(CONVENTIONS) for recipe in RECIPES]
    return [*made, *structured(folder), *broken()]


def _case(recipe: str, convention: Convention, written: str, frame: pd.DataFrame) -> Case:
    return Case(f"{recipe}_{convention.name}.csv", written.encode(convention.encoding), frame, recipe)
