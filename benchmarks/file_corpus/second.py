"""Files of other kinds than the first set's: each recipe is one file, written before the code was run on it."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from .recipes import Case
from .writing import Columns, case, lines, typed


def second(folder: Path) -> list[Case]:
    """Make the files.

    Args:
        folder: An empty folder, for those that a library has to write.

    Returns:
        74 cases.
    """
    parts = (fixed_width, headers, cells, quotes, frames, numbers, dates, sizes, structured, archives, no_tables)
    return [case for part in parts for case in part(folder)]


def fixed_width(folder: Path) -> Iterator[Case]:
    """Columns at fixed places."""
    names = ["Oak Street", "Elm", "New Harbour", "Quay", "Old Mill Road"]
    amounts = [12.5, 7.25, 120.0, 3.1, 88.0]
    table: Columns = {"stop": names, "line": [3, 14, 7, 21, 9], "km": amounts}
    rows = [f"{a:<15}{b:>4}{c:>9.2f}" for a, b, c in zip(names, table["line"], amounts, strict=True)]
    yield case("stops.txt", lines(f"{'stop':<15}{'line':>4}{'km':>9}", *rows), table)
    yield case("stops_rule.txt", lines(f"{'stop':<15}{'line':>4}{'km':>9}", "-" * 28, *rows), table)
    simple: Columns = {"station": ["A1", "B2", "C3", "D4"], "depth": [10, 200, 35, 4], "temp": [3.5, 4.1, 3.9, 7.7]}
    body = [f"{a:<9}{b:>6}{c:>7.1f}" for a, b, c in zip(*simple.values(), strict=True)]
    yield case("depths.dat", lines(f"{'station':<9}{'depth':>6}{'temp':>7}", *body), simple)
    gaps: Columns = {"id": [1, 2, 3, 4], "name": ["Ada B", None, "Cy", "Di E"], "score": [5.0, 6.5, None, 9.0]}
    yield case(
        "gaps.fwf",
        lines("id  name    score", " 1  Ada B     5.0", " 2            6.5", " 3  Cy           ", " 4  Di E      9.0"),
        gaps,
    )


def headers(folder: Path) -> Iterator[Case]:
    """Headers of several rows, doubled names, none, names that are numbers or empty."""
    two = pd.DataFrame([["x", 1, 2, 3, 4], ["y", 5, 6, 7, 8], ["z", 9, 8, 7, 6]])
    two.columns = pd.MultiIndex.from_tuples(
        [("site", "name"), ("2022", "in"), ("2022", "out"), ("2023", "in"), ("2023", "out")]
    )
    body = ["x,1,2,3,4", "y,5,6,7,8", "z,9,8,7,6"]
    yield Case("two_rows.csv", lines("site,2022,2022,2023,2023", "name,in,out,in,out", *body).encode(), two)
    yield typed("one_column.csv", ",", (float,), "weight", "61.5", "70.2", "58.0")
    yield typed("words.txt", ",", (str,), "colour", "red", "green", "blue", "red")
    yield case(
        "doubled.csv", lines("t,x,x", "1,2,3", "4,5,6", "7,8,9"), {"t": [1, 4, 7], "x": [2, 5, 8], "x.1": [3, 6, 9]}
    )
    yield case(
        "index.csv",
        lines(",a,b", "0,1.5,u", "1,2.5,v", "2,3.5,w"),
        {"Unnamed: 0": [0, 1, 2], "a": [1.5, 2.5, 3.5], "b": list("uvw")},
    )
    yield case(
        "quoted_head.csv",
        lines('"Price, net";"Price, gross"', "1,5;1,8", "2,5;3,0", "4,0;4,8"),
        {"Price, net": [1.5, 2.5, 4.0], "Price, gross": [1.8, 3.0, 4.8]},
    )
    yield case(
        "long_names.csv",
        lines(
            "How satisfied are you with the service that we gave you last year?,And why?", "4,fast", "5,kind", "2,slow"
        ),
        {
            "How satisfied are you with the service that we gave you last year?": [4, 5, 2],
            "And why?": ["fast", "kind", "slow"],
        },
    )


def cells(folder: Path) -> Iterator[Case]:
    """Cells with units, marks and words; what carries a unit stays text as written."""
    yield typed("percent.csv", ",", (str, str), "area,share", "north,12.5%", "south,40.0%", "west,47.5%")
    yield typed("euro.csv", ";", (str, str), "item;price", "pen;1,50 €", "ink;12,00 €", "pad;3,75 €")
    yield case(
        "dollar.csv",
        lines("item,price", 'desk,"$1,250.00"', "lamp,$89.99", "chair,$140.00"),
        {"item": ["desk", "lamp", "chair"], "price": ["$1,250.00", "$89.99", "$140.00"]},
    )
    yield typed("brackets.csv", ",", (str, str), "account,balance", "rent,(120.50)", "sales,990.00", "fees,(15.25)")
    yield typed("minus.txt", "|", (int, str), "konto|saldo", "100|120,50-", "200|990,00", "300|15,25-")
    yield typed("yes_no.csv", ",", (str, str), "name,member", "Ada,yes", "Ben,no", "Cy,yes")
    yield typed("true_false.csv", ",", (str, "TRUE".__eq__), "name,ok", "Ada,TRUE", "Ben,FALSE", "Cy,TRUE")
    yield typed("minus_999.csv", ",", (int, float), "day,rain", "1,0.5", "2,-999", "3,2.0", "4,-999")
    yield case(
        "dashes.csv",
        lines("city,births,deaths", "Ham,12,-", "Rye,-,7", "Ely,30,11", "Wye,9,2", "Lea,5,4"),
        {"city": ["Ham", "Rye", "Ely", "Wye", "Lea"], "births": [12, None, 30, 9, 5], "deaths": [None, 7, 11, 2, 4]},
    )
    yield typed(
        "codes.csv", ",", (str, str, int), "zip,phone,count", "01067,0351123,4", "99999,0361456,17", "00501,0301789,2"
    )
    yield typed("versions.csv", ",", (str, str), "package,version", "alpha,1.2.10", "beta,0.9.1", "gamma,10.0.3")
    yield typed("ranges.csv", ",", (str, int), "age,people", "0-17,120", "18-64,800", "65+,210")
    yield typed("less_than.csv", ",", (str, str), "sample,lead", "a,0.5", "b,<0.1", "c,0.7", "d,<0.1")
    yield typed("na_country.csv", ",", (str, int), "country,visits", "NO,5", "SE,7", "DK,9")


def quotes(folder: Path) -> Iterator[Case]:
    """Quoted cells."""
    yield case(
        "tabs_quoted.tsv",
        lines("name\tnote", 'Ada\t"left\tright"', "Ben\tplain", "Cy\tbare"),
        {"name": ["Ada", "Ben", "Cy"], "note": ["left\tright", "plain", "bare"]},
    )
    yield case(
        "line_break.csv",
        lines("id,note", '1,"first', 'second"', "2,plain", '3,"a', "", 'b"'),
        {"id": [1, 2, 3], "note": ["first\nsecond", "plain", "a\n\nb"]},
    )
    yield case(
        "double_quote.csv",
        lines("id,said", '1,"He said ""no"", twice"', '2,"ok, then"', "3,fine"),
        {"id": [1, 2, 3], "said": ['He said "no", twice', "ok, then", "fine"]},
    )
    yield case(
        "apostrophes.csv",
        lines("id,title", "1,'Salt, light'", "2,'Iron, rust'", "3,'Tin, can'"),
        {"id": [1, 2, 3], "title": ["Salt, light", "Iron, rust", "Tin, can"]},
    )
    yield case(
        "all_quoted.csv",
        lines('"id";"wert"', '"1";"1.234,5"', '"2";"17,25"', '"3";"2.000,0"'),
        {"id": [1, 2, 3], "wert": [1234.5, 17.25, 2000.0]},
    )
    yield typed("paths.csv", ",", (str, int), "file,size", r"C:\temp\new.txt,12", r"D:\a b\x.csv,5", r"C:\r\n.log,7")
    yield typed("inches.csv", ";", (str, str), "part;length", 'bolt;5" long', 'nut;2"', 'rod;12" cut')


def frames(folder: Path) -> Iterator[Case]:
    """What stands around a table, and what separates its cells."""
    yield case(
        "sep_line.csv",
        "\ufeff" + lines("sep=;", "a;b", "1,5;x", "2,5;y", "3,5;z", end="\r\n"),
        {"a": [1.5, 2.5, 3.5], "b": list("xyz")},
    )
    yield case("mixed_ends.csv", "a,b\r\n1,2\n3,4\r\n5,6\n", {"a": [1, 3, 5], "b": [2, 4, 6]})
    yield case("old_mac.csv", lines("a,b", "1,2", "3,4", "5,6", end="\r"), {"a": [1, 3, 5], "b": [2, 4, 6]})
    yield case(
        "blanks_after.csv",
        lines("a, b, c", "1, x, 2.5", "2, y, 3.5", "3, z, 4.5"),
        {"a": [1, 2, 3], "b": list("xyz"), "c": [2.5, 3.5, 4.5]},
    )
    yield case(
        "trailing_comma.csv",
        lines("a,b,", "1,2,", "3,4,", "5,6,"),
        {"a": [1, 3, 5], "b": [2, 4, 6], "Unnamed: 2": [float("nan")] * 3},
    )
    yield typed(
        "colons.txt", ":", (str, int, str), "user:uid:home", "ada:100:/home/ada", "ben:101:/home/ben", "cy:102:/srv/cy"
    )
    yield case("empty_lines.csv", lines("a,b", "", "1,2", "", "3,4", "", "5,6"), {"a": [1, 3, 5], "b": [2, 4, 6]})
    yield case("no_last_end.csv", "a,b\n1,2\n3,4\n5,6", {"a": [1, 3, 5], "b": [2, 4, 6]})
    body = lines("month,mm", "1,44.5", "2,38.0", "3,51.5")
    months = {"month": [1, 2, 3], "mm": [44.5, 38.0, 51.5]}
    yield case("title.csv", lines("Rainfall in the valley, 2024", "Source: own gauge", "") + body, months)
    yield case("footnotes.csv", body + lines("", "* provisional", "Made by hand, no warranty"), months)
    yield case("markdown.md", lines("| a | b |", "|---|---|", "| 1 | x |", "| 2 | y |", "| 3 | z |"), None)
    yield case(
        "utf16.csv",
        lines("Größe\tName", "5\tÄ", "6\tÖ", "7\tÜ"),
        {"Größe": [5, 6, 7], "Name": ["Ä", "Ö", "Ü"]},
        "utf-16",
    )
    yield case(
        "late_umlaut.csv",
        lines("id;ort", *(f"{n};Ulm" for n in range(3000)), "3000;Köln"),
        {"id": range(3001), "ort": ["Ulm"] * 3000 + ["Köln"]},
        "latin-1",
    )


def numbers(folder: Path) -> Iterator[Case]:
    """Notations of numbers."""
    yield case(
        "lakh.csv",
        lines("state,people", 'Goa,"14,58,545"', 'Assam,"3,12,05,576"', 'Sikkim,"6,10,577"'),
        {"state": ["Goa", "Assam", "Sikkim"], "people": [1458545, 31205576, 610577]},
    )
    yield typed("grouped.csv", ";", (str, _grouped), "stadt;einwohner", "Ulm;126.329", "Hof;45.825", "Trier;111.528")
    yield case(
        "grouped_us.csv",
        lines("city,people", 'Provo,"115,162"', 'Waco,"138,486"', 'Reno,"1,064,196"'),
        {"city": ["Provo", "Waco", "Reno"], "people": [115162, 138486, 1064196]},
    )
    yield typed("scientific.csv", ",", (int, float), "n,p", "1,1.5e-8", "2,3E+05", "3,-2.25e3")
    yield typed("plus.csv", ",", (int, float), "d,change", "1,+0.5", "2,-0.3", "3,+1.25")
    yield typed("three_digits.csv", ";", (str, _with_comma), "mat;dichte", "A;1,234", "B;0,998", "C;11,340")
    yield typed(
        "big_ids.csv",
        ",",
        (int, int),
        "card,n",
        "4000123412341234567,1",
        "4000123412341234568,2",
        "4000123412341234569,3",
    )


def _grouped(cell: str) -> int:
    return int(cell.replace(".", ""))


def _with_comma(cell: str) -> float:
    return float(cell.replace(",", "."))


def dates(folder: Path) -> Iterator[Case]:
    """Dates and times."""
    days = pd.to_datetime(["2024-03-05", "2024-11-23", "2024-12-01"])
    for name, form in (
        ("month_names", "%d %B %Y"),
        ("us_names", "%b %d, %Y"),
        ("iso_seconds", "%Y-%m-%d %H:%M:%S"),
        ("compact_time", "%d.%m.%Y %H:%M"),
        ("dash_names", "%d-%b-%y"),
    ):
        cells = [f'"{day.strftime(form)}"' for day in days]
        yield case(
            f"{name}.csv", lines("day,n", *(f"{day},{n}" for n, day in enumerate(cells))), {"day": days, "n": [0, 1, 2]}
        )
    yield case(
        "zoned.csv",
        lines("at,n", "2024-03-05T08:30:00Z,1", "2024-03-06T09:00:00Z,2", "2024-03-07T10:15:00Z,3"),
        {
            "at": pd.to_datetime(["2024-03-05T08:30:00Z", "2024-03-06T09:00:00Z", "2024-03-07T10:15:00Z"]),
            "n": [1, 2, 3],
        },
    )
    yield typed("times.csv", ",", (str, int), "start,run", "08:30,1", "09:15,2", "23:59,3")
    yield typed("months.csv", ",", (str, int), "month,n", "2024-01,5", "2024-02,6", "2024-03,7")


def sizes(folder: Path) -> Iterator[Case]:
    """Very wide, very long, very few."""
    chance = random.Random(5)
    wide = {f"v{number}": [round(chance.random(), 3) for _ in range(6)] for number in range(300)}
    yield case("wide.csv", pd.DataFrame(wide).to_csv(index=False), wide)
    long: Columns = {"n": list(range(200_000)), "v": [number % 97 / 4 for number in range(200_000)]}
    yield case("long.csv", pd.DataFrame(long).to_csv(index=False, sep=";", decimal=","), long)
    yield case("one_row.csv", lines("a,b,c", "1,x,2.5"), {"a": [1], "b": ["x"], "c": [2.5]})


def structured(folder: Path) -> Iterator[Case]:
    """JSON and databases."""
    lists = [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": []}, {"id": 3, "tags": ["c"]}]
    yield case("lists.json", json.dumps(lists, indent=2), {"id": [1, 2, 3], "tags": [["a", "b"], [], ["c"]]})
    deep = {"meta": {"n": 2}, "data": {"rows": [{"k": 1, "v": {"x": 2.5}}, {"k": 2, "v": {"x": 3.5}}]}}
    yield case("deep.json", json.dumps(deep), {"k": [1, 2], "v.x": [2.5, 3.5]})
    columns = {"a": [1, 2, 3], "b": ["x", "y", "z"]}
    yield case("columns.json", json.dumps(columns), columns)
    path = folder / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE orders (nr INTEGER, customer INTEGER REFERENCES customers(id), total REAL);"
        "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Ben'); INSERT INTO orders VALUES (10, 1, 5.5), (11, 1, 2.0);"
    )
    connection.close()
    yield Case("shop.db", path.read_bytes(), pd.DataFrame({"id": [1, 2], "name": ["Ada", "Ben"]}))


def archives(folder: Path) -> Iterator[Case]:
    """Workbooks, and archives of several files."""
    frame = pd.DataFrame({"item": ["pen", "ink", "pad"], "n": [4, 5, 6], "price": [1.5, 12.0, 3.75]})
    for name, above in (("book.xlsx", 0), ("book_title.xlsx", 3)):
        buffer = io.BytesIO()
        frame.to_excel(buffer, index=False, startrow=above)
        yield Case(name, buffer.getvalue(), frame)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "x;y\n1,5;2\n2,5;3\n3,5;4\n")
        archive.writestr("b.csv", "p,q\n1,2\n3,4\n5,6\n")
    yield Case("two.zip", buffer.getvalue(), pd.DataFrame({"x": [1.5, 2.5, 3.5], "y": [2, 3, 4]}))


def no_tables(folder: Path) -> Iterator[Case]:
    """Files without a table."""
    yield case("program.csv", "def f(a, b):\n    return a + b\n\n\nprint(f(1, 2))\n", None)
    yield case("page.csv", "<html><body><p>Moved, permanently.</p></body></html>\n", None)
    yield Case("nul.csv", b"a,b\0\n1,2\0\n3,4\0\n", None)
    yield case("one_line.csv", "just one line, nothing else\n", None)
