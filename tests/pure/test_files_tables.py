"""Tables in texts: encodings, notations, layouts; the call that is told reads what a person sees in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.files.delimited import find_table
from codeact_jupyter.files.encodings import decode
from codeact_jupyter.files.header import find_header
from codeact_jupyter.files.kinds import read_file
from codeact_jupyter.files.layout import find_layout
from codeact_jupyter.files.rows import BLANKS, PLACES, quote_mark, split
from codeact_jupyter.files.source import HEAD
from codeact_jupyter.files.values import Notation, column_values, notation_of

Read = Callable[[str], pd.DataFrame]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Write a text into a file, and read it by the call that is told."""
    monkeypatch.chdir(tmp_path)

    def by_the_call(text: str, encoding: str = "utf-8") -> pd.DataFrame:
        Path("data.txt").write_bytes(text.encode(encoding))
        found = read_file(Path("data.txt"), "data.txt")
        assert found.call, found
        frame: pd.DataFrame = eval(found.call, {"pd": pd})
        return frame

    return by_the_call


# --- encodings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain words", "utf-8"),
        ("Größe; Übung", "utf-8"),
        ("Größe; Übung; 12 €", "cp1252"),
        ("prénom; Hélène; garçon; où", "cp1252"),
        ("niño; año; señal", "cp1252"),
        ("Città; perché; così", "cp1252"),
        ("Łódź; gęś; źródło; mąka", "cp1250"),
        ("Příbram; Kolín; Dvůr Králové; Náměšť", "cp1250"),
        ("Győr; Székesfehérvár; tűzhely", "cp1250"),
        ("Iğdır; Şırnak; Muş; Ağrı", "cp1254"),
        ("Ísafjörður; Þingvellir; Hafnarfjörður; Akureyri á", "cp1252"),
        ("Тверь; Псков; Новгород; Тула; сорок два", "cp1251"),
        ("Θεσσαλονίκη; Ηράκλειο; Λάρισα; Καλαμάτα", "cp1253"),
        ("札幌市; 仙台市; 横浜市; ひらがな; カタカナ", "cp932"),
    ],
)
def test_text_comes_back_from_its_bytes(text: str, encoding: str) -> None:
    decoded = decode(text.encode(encoding))
    assert decoded is not None
    assert decoded[0] == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding_and_is_no_text(encoding: str) -> None:
    assert decode("a;ü".encode(encoding)) == ("a;ü", encoding)


@pytest.mark.parametrize("data", [b"\0\1\2", b"ab\0cd", bytes(range(1, 32)) * 9])
def test_bytes_with_control_characters_are_no_text(data: bytes) -> None:
    assert decode(data) is None


@pytest.mark.parametrize("end", [1, 2])
def test_a_character_that_is_cut_off_is_no_reason_for_another_encoding(end: int) -> None:
    assert decode(("x" * 100 + "€").encode()[:-end]) == ("x" * 100, "utf-8")


@given(st.binary(max_size=400))
def test_any_bytes_can_be_looked_at(data: bytes) -> None:
    decode(data)
    find_table(data)
    find_table(data, data)


# --- notations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "separator", "notation"),
    [
        (["1.5", "2.25"], ",", Notation(".", "")),
        (["1,5", "2,25"], ";", Notation(",", "")),
        (["1.234,5", "17,25"], ";", Notation(",", ".")),
        (["1,234.5", "17.25"], ",", Notation(".", ",")),
        (["1 234,5", "17,25"], ";", Notation(",", " ")),
        (["1'234.5", "17.25"], ";", Notation(".", "'")),
        (["1,234", "0,998"], ";", Notation(",", "")),
        (["126.329", "45.825"], ";", Notation(",", ".")),
        (["126.329", "45.825"], ",", Notation(".", "")),
        (["14,58,545", "3,12,05,576"], ",", Notation(".", ",")),
        (["1.234.567", "12"], ";", Notation(",", ".")),
        (["a", "b"], ";", Notation(".", "")),
    ],
)
def test_the_notation_of_numbers_is_found(cells: list[str], separator: str, notation: Notation) -> None:
    assert notation_of(cells, separator=separator) == notation


@pytest.mark.parametrize("text", ["", "-", "1.2.3", "12:30", "+49 30 123", "1,2", "0x1f", "1e", "١", "nan", "inf"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert Notation().value(text) is None


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", "30"], "int"),
        (["1", "2", ""], "float"),
        (["1.5", "2"], "float"),
        (["TRUE", "FALSE"], "bool"),
        (["007", "012"], "text"),
        (["", "NA"], "empty"),
        (["2024-02-29", "2023-12-31"], "date"),
        (["29 Feb 2024", "31 Dec 2023"], "date"),
        (["March 5, 2024", "December 31, 2023"], "date"),
        (["2024-02-29T08:15:00Z"], "date"),
        (["2024-02-30"], "text"),
        (["12.5%", "8%"], "text"),
        (["08:30", "09:15"], "text"),
    ],
)
def test_the_kind_of_a_column_is_found(cells: list[str], kind: str) -> None:
    assert column_values(cells, Notation()).kind == kind


@pytest.mark.parametrize(
    ("cells", "marks"),
    [
        (["1", "2", "3", "n.d."], ("n.d.",)),
        (["1", "?", "3", "4", "?"], ("?",)),
        (["1", "-", "3", "4", "x", "5"], ("-", "x")),
    ],
)
def test_marks_between_numbers_are_told_apart(cells: list[str], marks: tuple[str, ...]) -> None:
    assert column_values(cells, Notation()).marks == marks


@pytest.mark.parametrize(
    ("cells", "is_open"), [(["03/04/2024", "05/06/2024"], True), (["03/04/2024", "25/06/2024"], False)]
)
def test_dates_that_fit_both_orders_are_told_as_such(cells: list[str], is_open: bool) -> None:
    found = column_values(cells, Notation())
    assert (found.kind, found.is_ambiguous) == ("date", is_open)


# --- rows and layouts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "separator", "cells"),
    [
        ('a,"b,c",d', ",", ("a", "b,c", "d")),
        ("a;'b;c';d", ";", ("a", "b;c", "d")),
        ('x "y z" 3', BLANKS, ("x", "y z", "3")),
        ("a , b", ",", ("a", "b")),
    ],
)
def test_cells_are_split_at_separators_outside_of_quotes(line: str, separator: str, cells: tuple[str, ...]) -> None:
    assert split([f"{line}\n"] * 3, separator)[0].cells == cells


def test_columns_at_places_are_found_by_the_blanks_below_each_other() -> None:
    lines = ["name       n\n", "----       -\n", "Old Mill  12\n", "Quay       3\n", "New Pier   4\n", "Ash Lane   5\n"]
    rows = split(lines, PLACES)
    assert rows[0].cells == ("name", "n")
    assert rows[2].cells == ("Old Mill", "12")
    assert split(lines[:2], PLACES) == []


def test_apostrophes_are_quotes_only_if_most_lines_have_them_around_cells() -> None:
    assert quote_mark(["1,'a, b'\n", "2,'c'\n"], ",") == "'"
    assert quote_mark(["1,it's\n", "2,'c'\n", "3,d\n", "4,e\n"], ",") == '"'


@pytest.mark.parametrize("lines", [[], ["\n"], ["one line, here\n"], ["Dear all,\n", "this is prose.\n", "Bye.\n"]])
def test_prose_has_no_layout(lines: list[str]) -> None:
    assert find_layout(lines) is None


@pytest.mark.parametrize(
    ("first", "names"),
    [("day,n", ("day", "n")), ("1,2", ()), ("x,y", ("x", "y"))],
)
def test_a_header_is_told_from_a_row(first: str, names: tuple[str, ...]) -> None:
    rows = split([f"{line}\n" for line in (first, "3,4", "5,6", "7,8")], ",")
    assert find_header(None, rows, Notation()).names == names


# --- the call reads it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a,b\n1,x\n2,y\n", {"a": [1, 2], "b": ["x", "y"]}),
        ("a;b\n1,5;x\n2,5;y\n", {"a": [1.5, 2.5], "b": ["x", "y"]}),
        ("a\tb\n1\tx\n2\ty\n", {"a": [1, 2], "b": ["x", "y"]}),
        ("a|b\n1|x\n2|y\n", {"a": [1, 2], "b": ["x", "y"]}),
        ("a:b\none:/tmp\ntwo:/srv\n", {"a": ["one", "two"], "b": ["/tmp", "/srv"]}),
        ("a   b\n1   2.5\n10  3.5\n", {"a": [1, 10], "b": [2.5, 3.5]}),
        ("a , b\n1 , x\n2 , y\n", {"a": [1, 2], "b": ["x", "y"]}),
        ("a, b\n1, x\n2, y\n", {"a": [1, 2], "b": ["x", "y"]}),
        ("sep=;\na;b\n1;x\n2;y\n", {"a": [1, 2], "b": ["x", "y"]}),
        ("Stocks, all shops\n\na,b\n1,2\n3,4\n5,6\n", {"a": [1, 3, 5], "b": [2, 4, 6]}),
        ("a,b\n1,2\n3,4\n5,6\n\nno warranty\n", {"a": [1, 3, 5], "b": [2, 4, 6]}),
        ("a,b\n10,2\n30,4\n50,6\nsum,12\n", {"a": [10, 30, 50], "b": [2, 4, 6]}),
        ("# made by hand\na,b\n1,2\n3,4\n", {"a": [1, 3], "b": [2, 4]}),
        ("# a,b\n1.5,2\n3.5,4\n5.5,6\n", {"a": [1.5, 3.5, 5.5], "b": [2, 4, 6]}),
        (
            "# gauge 7\n# in mm\nday  mm  n\n1  4.5  2\n2  -  3\n3  6.5  4\n",
            {"day": [1, 2, 3], "mm": [4.5, None, 6.5], "n": [2, 3, 4]},
        ),
        ("# of the day\na b c\n1 2 3\n4 5 6\n", {"a": [1, 4], "b": [2, 5], "c": [3, 6]}),
        (
            '"Owner:";"Eva 7"\n"Until:";"30.04.2024"\n\n"day";"what";"n"\n'
            '"1";"x";"2,5"\n"2";"y";"3,5"\n"3";"z";"1,0"\n',
            {"day": [1, 2, 3], "what": ["x", "y", "z"], "n": [2.5, 3.5, 1.0]},
        ),
        (
            "Run: B2\nMade: 2023-01-01\nEND\n1.5\t2\n2.5\t3\n3.5\t4\n4.5\t5\n",
            {0: [1.5, 2.5, 3.5, 4.5], 1: [2, 3, 4, 5]},
        ),
        ("a;b\n1;2,5\n2; \n3;1,5\n", {"a": [1, 2, 3], "b": [2.5, None, 1.5]}),
        ("a,b,c\n1,  ,x\n2,5,y\n3,6,z\n", {"a": [1, 2, 3], "b": [None, 5, 6], "c": ["x", "y", "z"]}),
        ("a,b\n1,#DIV/0!\n2,4\n3,5\n4,6\n", {"a": [1, 2, 3, 4], "b": [None, 4, 5, 6]}),
        ("%x,y\n1,2\n3,4\n", {"%x": [1, 3], "y": [2, 4]}),
        ("a,b\n1,2,\n3,4,\n5,6,\n", {"a": [1, 3, 5], "b": [2, 4, 6]}),
        ("code,n\n0012,1\n0340,2\n", {"code": ["0012", "0340"], "n": [1, 2]}),
        ("a,a\n1,2\n3,4\n", {"a": [1, 3], "a.1": [2, 4]}),
        ("n\n4\n5\n6\n", {"n": [4, 5, 6]}),
        ("length\n4,5\n5,25\n6,0\n", {"length": [4.5, 5.25, 6.0]}),
        ("fruit\npear\nplum\nfig\n", {"fruit": ["pear", "plum", "fig"]}),
        (" id | name\n----+------\n  1 | Ada\n  2 | Ben\n  3 | Cy\n", {"id": [1, 2, 3], "name": ["Ada", "Ben", "Cy"]}),
        (
            "x,when\n1,5 March 2024\n2,17 May 2024\n",
            {"x": [1, 2], "when": pd.to_datetime(["2024-03-05", "2024-05-17"])},
        ),
    ],
)
def test_the_table_is_read_as_it_is_meant(read: Read, text: str, columns: dict[str, Any]) -> None:
    pd.testing.assert_frame_equal(read(text), pd.DataFrame(columns), check_dtype=False)


def test_rows_with_names_keep_them_as_labels(read: Read) -> None:
    assert read("x,y\nup,1,2\ndown,3,4\nleft,5,6\n").loc["down", "y"] == 4


def test_two_rows_of_names_become_names_of_two_levels(read: Read) -> None:
    frame = read("key,2023,2023\nname,in,out\nx,1,2\ny,3,4\nz,5,6\n")
    assert frame["2023", "out"].tolist() == [2, 4, 6]


def test_marks_and_notes_at_the_end_of_a_long_file_are_seen(read: Read) -> None:
    rows = "".join(f"{number};{number % 90},5\n" for number in range(20_000))
    assert len(rows) > 2 * HEAD
    frame = read(f"n;v\n{rows}20000;k.A.\n\nQuelle: eigene\n")
    assert len(frame) == 20_001
    assert frame["v"].isna().tolist() == [False] * 20_000 + [True]


@pytest.mark.parametrize(("rows", "told"), [(3, "3 rows × 2"), (50_000, "50,000 rows × 2")])
def test_rows_are_counted(tmp_path: Path, rows: int, told: str) -> None:
    path = tmp_path / "n.csv"
    path.write_text("a,b\n" + "1.25,2.25\n" * rows)
    assert read_file(path, "n.csv").what == f"{told}:"


@given(
    st.lists(
        st.tuples(
            st.integers(-999, 999), st.sampled_from(["red", "deep blue", 'so "so"', "a;b", "é, è"]), st.floats(-9, 9)
        ),
        min_size=5,
        max_size=30,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from([".", ","]),
)
def test_what_pandas_writes_is_read_back(rows: list[tuple[int, str, float]], separator: str, decimal: str) -> None:
    if separator == decimal:
        decimal = "."
    frame = pd.DataFrame(rows, columns=["count", "name", "value"]).round(3)
    frame["value"] += 0.0001  # a number without a fraction may be grouped thousands
    text = frame.to_csv(index=False, sep=separator, decimal=decimal)
    table = find_table(text.encode())
    assert table is not None
    import io

    back = eval(f"pd.read_csv(io.StringIO(text){table.arguments})", {"pd": pd, "io": io, "text": text})
    pd.testing.assert_frame_equal(back, frame, check_dtype=False)
