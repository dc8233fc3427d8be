"""Files that were written after the kinds of the second set were mended, and run once."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from .recipes import Case
from .writing import case, lines

NAN = float("nan")


def third(folder: Path) -> list[Case]:
    """Make the files.

    Args:
        folder: An empty folder, for those that a library has to write.

    Returns:
        28 cases.
    """
    return [each for part in (delimited, marked, printed, structured) for each in part(folder)]


def delimited(folder: Path) -> Iterator[Case]:
    """Separators, quotes and widths."""
    yield case(
        "comma_decimals.csv",
        lines("t,p,q", '1,"1,5","20,25"', '2,"2,75","21,5"', '3,"3,0","19,125"'),
        {"t": [1, 2, 3], "p": [1.5, 2.75, 3.0], "q": [20.25, 21.5, 19.125]},
    )
    yield case("ends_with_comma.csv", lines("a,b", "1,2,", "3,4,", "5,6,"), {"a": [1, 3, 5], "b": [2, 4, 6]})
    yield case(
        "ragged.csv", lines("a,b,c", "1,2,3", "4,5", "6,7,8"), {"a": [1, 4, 6], "b": [2, 5, 7], "c": [3, NAN, 8]}
    )
    yield case(
        "names_only.csv",
        lines("first,last", "Ines,Falk", "Olav,Berg", "Rui,Costa", "Mei,Lin"),
        {"first": ["Ines", "Olav", "Rui", "Mei"], "last": ["Falk", "Berg", "Costa", "Lin"]},
    )
    yield case(
        "head_break.csv",
        lines('id,"height', '(cm)",mass', "1,170,61.5", "2,182,80.0", "3,165,58.2"),
        {"id": [1, 2, 3], "height\n(cm)": [170, 182, 165], "mass": [61.5, 80.0, 58.2]},
    )
    yield case(
        "colours.csv",
        lines("code,name", "#ff0000,red", "#00ff00,green", "#0000ff,blue"),
        {"code": ["#ff0000", "#00ff00", "#0000ff"], "name": ["red", "green", "blue"]},
    )
    yield case(
        "turkish.csv",
        lines("şehir;nüfus", "İstanbul;15460", "Eskişehir;888", "Muğla;1000"),
        {"şehir": ["İstanbul", "Eskişehir", "Muğla"], "nüfus": [15460, 888, 1000]},
        "cp1254",
    )
    yield case(
        "czech.csv",
        lines("město;výška", "Plzeň;322,5", "Děčín;135,0", "Žďár;580,25"),
        {"město": ["Plzeň", "Děčín", "Žďár"], "výška": [322.5, 135.0, 580.25]},
        "cp1250",
    )
    yield case(
        "sheet16.txt",
        lines("Ort\tMenge", "Öhringen\t1.250,5", "Bühl\t75,25", "Lörrach\t2.000,0", end="\r\n"),
        {"Ort": ["Öhringen", "Bühl", "Lörrach"], "Menge": [1250.5, 75.25, 2000.0]},
        "utf-16",
    )


def marked(folder: Path) -> Iterator[Case]:
    """Marks, dates and rows that say what the columns are."""
    yield case(
        "dots.csv",
        lines("id,x,y", "1,.,2.5", "2,1.5,3.5", "3,2.5,.", "4,3.0,1.0", "5,4.5,2.0"),
        {"id": [1, 2, 3, 4, 5], "x": [NAN, 1.5, 2.5, 3.0, 4.5], "y": [2.5, 3.5, NAN, 1.0, 2.0]},
    )
    yield case(
        "question_marks.csv",
        lines("age,chol", "63,233", "67,?", "41,204", "56,236", "62,?"),
        {"age": [63, 67, 41, 56, 62], "chol": [233, NAN, 204, 236, NAN]},
    )
    yield case(
        "survey.csv",
        lines(
            "Q1,Q2,Q3",
            "How old are you?,How tall are you (cm)?,Any comment?",
            "34,170,none",
            "51,165,fine",
            "28,181,ok",
            "45,177,good",
        ),
        {"Q1": [34, 51, 28, 45], "Q2": [170, 165, 181, 177], "Q3": ["none", "fine", "ok", "good"]},
    )
    days = pd.to_datetime(["2024-03-15", None, "2024-07-21"])
    yield case("open_dates.csv", lines("end;n", "15.03.2024;1", ";2", "21.07.2024;3"), {"end": days, "n": [1, 2, 3]})
    yield case(
        "statement.csv",
        lines("Buchung;Text;Betrag", "28.03.24;Miete;-1.250,00", "29.03.24;Lohn;3.400,55", "30.03.24;Strom;-89,90"),
        {
            "Buchung": pd.to_datetime(["2024-03-28", "2024-03-29", "2024-03-30"]),
            "Text": ["Miete", "Lohn", "Strom"],
            "Betrag": [-1250.0, 3400.55, -89.9],
        },
    )
    yield case(
        "compact.csv",
        lines("day,n", "20240305,1", "20240306,2", "20240307,3"),
        {"day": [20240305, 20240306, 20240307], "n": [1, 2, 3]},
    )
    yield case(
        "weeks.csv",
        lines("week,n", "2024-W05,1", "2024-W06,2", "2024-W07,3"),
        {"week": ["2024-W05", "2024-W06", "2024-W07"], "n": [1, 2, 3]},
    )
    yield case(
        "laps.csv",
        lines("rider,time", "A,1:23:45", "B,1:24:05", "C,1:30:59"),
        {"rider": list("ABC"), "time": ["1:23:45", "1:24:05", "1:30:59"]},
    )
    yield case(
        "call_list.csv",
        lines("name,phone", "Ada,+49 30 123", "Ben,+44 20 777", "Cy,+1 212 555"),
        {"name": ["Ada", "Ben", "Cy"], "phone": ["+49 30 123", "+44 20 777", "+1 212 555"]},
    )


def printed(folder: Path) -> Iterator[Case]:
    """Tables as programs print them."""
    yield case(
        "query.txt",
        lines(
            " id | name  | score",
            "----+-------+-------",
            "  1 | Ada   |   2.5",
            "  2 | Ben   |   3.5",
            "  3 | Cy    |   4.0",
            "(3 rows)",
        ),
        {"id": [1, 2, 3], "name": ["Ada", "Ben", "Cy"], "score": [2.5, 3.5, 4.0]},
    )
    frame = pd.DataFrame({"mass": [1.5, 2.5, 3.5], "label": ["a b", "c d", "e f"]}, index=[1, 2, 3])
    yield Case(
        "r_table.txt", lines('"mass" "label"', '"1" 1.5 "a b"', '"2" 2.5 "c d"', '"3" 3.5 "e f"').encode(), frame
    )
    yield case(
        "plot.dat",
        lines("# x y", "0.0 1.5", "0.5 2.5", "1.0 3.0", "1.5 4.5"),
        {"x": [0.0, 0.5, 1.0, 1.5], "y": [1.5, 2.5, 3.0, 4.5]},
    )
    yield case(
        "report.txt",
        lines(
            "Region            Units    Change",
            "North and East      120     -3.5",
            "South               95      4.25",
            "West Coast        1040    -10.0",
            "Isles                7      0.0",
        ),
        {
            "Region": ["North and East", "South", "West Coast", "Isles"],
            "Units": [120, 95, 1040, 7],
            "Change": [-3.5, 4.25, -10.0, 0.0],
        },
    )


def structured(folder: Path) -> Iterator[Case]:
    """JSON, workbooks, databases, and what only looks like a table."""
    records = [{"id": f"{n:03}", "at": {"x": n / 2}} for n in range(1, 4)]
    yield Case(
        "packed.jsonl.gz",
        gzip.compress(
            "".join(json.dumps(each) + "\n" for each in records[:3])
            .replace('"at": {"x": ', '"x": ')
            .replace("}}", "}")
            .encode()
        ),
        pd.DataFrame({"id": ["001", "002", "003"], "x": [0.5, 1.0, 1.5]}),
    )
    by_name = {"Ada": {"n": 1, "v": 2.5}, "Ben": {"n": 2, "v": 3.5}}
    frame = pd.DataFrame({"n": [1, 2], "v": [2.5, 3.5]}, index=["Ada", "Ben"])
    yield Case("by_name.json", json.dumps(by_name).encode(), frame)
    people = pd.DataFrame({"who": ["Ada", "Ben", "Cy"], "n": [4, 5, 6]})
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer) as writer:
        pd.DataFrame().to_excel(writer, sheet_name="Empty")
        people.to_excel(writer, sheet_name="Data 1", index=False, startrow=1)
    yield Case("sheets.xlsx", buffer.getvalue(), people)
    path = folder / "made.sqlite"
    connection = sqlite3.connect(path)
    people.to_sql("all people", connection, index=False)
    connection.close()
    yield Case("people.sqlite", path.read_bytes(), people)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO(b""))
    yield Case("bundle.tar.gz", buffer.getvalue(), None)
    yield case("fake.xls", "<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table>\n", None)
