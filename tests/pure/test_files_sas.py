"""Variables and rows of SAS files (sas7bdat), in files that pandas reads as well."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pytest

from codeact_jupyter.files.kinds import read_file
from codeact_jupyter.files.named import read_named_files
from codeact_jupyter.files.source import FileText

PAGE, HEAD = 4096, 1024
Variable = tuple[str, int, str, str]  #: name, bytes of a value (8 of a number), format, label
PLANTS: list[Variable] = [
    ("PLOT", 8, "", "Plot no."),
    ("CROP", 6, "$", ""),
    ("Sown", 8, "DATE", "Sown on"),
    ("kg", 8, "", ""),
]
CALL = "pd.read_sas('x', format='sas7bdat', encoding='infer')"


def sas(
    variables: list[Variable],
    rows: list[bytes],
    *,
    order: Literal["little", "big"] = "little",
    width: int = 4,
    pages: int = 1,
) -> bytes:
    """Return a file whose variables are told on the first pages, and whose rows stand on the last."""

    def number(value: int, size: int = width) -> bytes:
        return (value & (256**size - 1)).to_bytes(size, order)

    def kind(value: int) -> bytes:
        return number(value - 2**32 if value >> 28 == 15 and value & 0xFFFF else value)

    text, places = bytearray(number(0, 2) + bytes(62)), {}
    for word in itertools.chain(*((name, form, label) for name, _, form, label in variables)):
        places.setdefault(word, len(text))
        text += word.encode() + bytes(-len(word) % 4)
    text[:2] = number(len(text), 2)

    def place(word: str) -> bytes:
        return number(0, 2) + number(places[word], 2) + number(len(word), 2)

    rowsize, size = bytearray(101 * width), sum(each[1] for each in variables)
    for at, value in ((0, 0xF7F7F7F7), (5, size), (6, len(rows)), (9, len(variables)), (15, 0)):
        rowsize[at * width : (at + 1) * width] = number(value)
    offsets = itertools.accumulate((each[1] for each in variables), initial=0)
    pad = number(0, width) + bytes(8)
    parts = [
        bytes(rowsize.ljust(816, b"\0")),
        number(0xF6F6F6F6) + number(len(variables)) + number(0),
        kind(0xFFFFFFFD) + bytes(text),
        kind(0xFFFFFFFF) + bytes(8) + b"".join(place(each[0]) + bytes(2) for each in variables) + pad,
        kind(0xFFFFFFFC)
        + bytes(8)
        + b"".join(
            number(offset) + number(length, 4) + bytes(2) + bytes([1 if length == 8 else 2]) + bytes(1)
            for offset, (_, length, _, _) in zip(offsets, variables, strict=False)
        )
        + pad,
    ]
    for _, _, form, label in variables:
        parts.append(
            kind(0xFFFFFBFE) + bytes(3 * width - width) + bytes(22) + place(form) + place(label) + bytes(width)
        )

    def page(which: int, count: int, held: list[bytes]) -> bytes:
        top = bytearray(4 * width) + number(which, 2) + number(count, 2) + number(len(held), 2) + bytes(2)
        end, below = PAGE, b""
        for part in held:
            end -= len(part)
            below = part + below
            top += number(end) + number(len(part)) + bytes(width)
        return bytes(top) + bytes(PAGE - len(top) - len(below)) + below

    head = bytearray(HEAD)
    head[12:32] = b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00\x09\xc7\x31\x8c\x18\x1f\x10\x11"
    head[32], head[35], head[37], head[70] = 0x33 if width == 8 else 0x22, 0x22, order == "little", 20
    head[196:208] = number(HEAD, 4) + number(PAGE, 4) + number(pages + 1, 4)
    split = [parts] if pages == 1 else [parts[:3], parts[3:], *[list[bytes]()] * (pages - 2)]
    data = bytearray(4 * width) + number(0x100, 2) + number(len(rows), 2) + number(0, 2) + bytes(2) + b"".join(rows)
    return bytes(head) + b"".join(page(0, len(each), each) for each in split) + bytes(data.ljust(PAGE, b"\0"))


def row(plot: float, crop: str, sown: float, kg: float, order: Literal["little", "big"] = "little") -> bytes:
    sign = "<" if order == "little" else ">"
    return struct.pack(f"{sign}d6sdd", plot, crop.ljust(6).encode(), sown, kg)


def described(data: bytes) -> FileText:
    Path("x").write_bytes(data)
    return read_file(Path("x"), "x")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("width", [4, 8])
@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("pages", [1, 2, 3])
def test_variables_formats_labels_and_rows_are_told_as_pandas_reads_them(
    order: Literal["little", "big"], width: int, pages: int
) -> None:
    rows = [row(1, "oats", 23000, 2.5, order), row(2, "rye", 23010, 4.0, order)]
    found = described(sas(PLANTS, rows, order=order, width=width, pages=pages))
    assert found.what == "SAS, 2 rows × 4:"
    assert found.parts == ("PLOT float64 'Plot no.'", "CROP str as $", "Sown float64 as DATE 'Sown on'", "kg float64")
    assert found.call == CALL
    frame: Any = eval(found.call, {"pd": pd})
    assert frame.columns.tolist() == ["PLOT", "CROP", "Sown", "kg"]
    assert frame["CROP"].tolist() == ["oats", "rye"]
    assert str(frame["Sown"].iloc[0])[:10] == "2022-12-21"


def test_a_damaged_file_is_told_as_what_it_is_and_stops_nothing() -> None:
    whole = sas(PLANTS, [row(1, "oats", 23000, 2.5)])
    for length in range(16, HEAD + PAGE, 97):
        assert described(whole[:length]).what == "SAS file"
    for place in (*range(190, 210), *range(HEAD, HEAD + 160), *range(HEAD + PAGE - 1400, HEAD + PAGE, 11)):
        Path("x.sas7bdat").write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
        found = read_named_files("Read x.sas7bdat.", Path())["x.sas7bdat"]
        assert found.call == CALL.replace("'x'", "'x.sas7bdat'")
