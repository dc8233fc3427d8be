"""Files that a question names: which they are, what is told of them, and that no file or name breaks a question."""

from __future__ import annotations

import ast
import gzip
import os
import socket
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.files import named
from codeact_jupyter.files.kinds import FileText
from codeact_jupyter.files.named import CHARS, FILES, describe_files, named_files, read_named_files, render_files

TABLE = "day,item,n\n1,tea,4\n2,milk,5\n3,jam,6\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory in which all names are relative."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setattr(named, "SECONDS", 60)
    return work


def write(path: Path, text: str = TABLE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def told(text: str) -> str:
    return render_files(read_named_files(text, Path()))


def call(text: str) -> str:
    """Return the only call that is told."""
    lines = [line for line in text.splitlines() if "read it with: " in line]
    assert len(lines) == 1, text
    return lines[0].partition("read it with: ")[2]


# --- which files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Read shop.csv.", ["shop.csv"]),
        ("What is in shop.csv?", ["shop.csv"]),
        ("Compare (shop.csv) and [week 2.csv], then stop", ["shop.csv", "week 2.csv"]),
        ("Use `shop.csv`: it is fine", ["shop.csv"]),
        ("load 'shop.csv';load \"week 2.csv\"", ["shop.csv", "week 2.csv"]),
        ("df = pd.read_csv('sub/deep.csv')", ["sub/deep.csv"]),
        ("what's in 'sub/my file.txt', and who's it for?", ["sub/my file.txt"]),
        ("the file ./shop.csv", ["./shop.csv"]),
        ("the file ../outer.csv, please", ["../outer.csv"]),
        ("what does 'sub/my file.txt' hold", ["sub/my file.txt"]),
        (r"sub\deep.csv on Windows", [r"sub\deep.csv"]),
        ("SHOP.CSV", ["SHOP.CSV"]),
        ("shop.csv.bak is old", []),
        ("my-shop.csv is another", ["my-shop.csv"]),
        ("all sales of the shop by week", []),
        ("What does df.groupby give, and np.mean, e.g. for e.V. or U.S.A.?", []),
        ("see https://example.org/shop.csv", []),
        ("", []),
        ("\0 \ud800 \u202e", []),
    ],
)
def test_a_file_is_found_in_a_sentence_and_words_are_none(folder: Path, question: str, names: list[str]) -> None:
    for name in ("shop.csv", "week 2.csv", "sub/deep.csv", "sub/my file.txt", "../outer.csv", "shop", "sales"):
        write(folder / name)
    assert named_files(question, Path()) == names


def test_the_home_directory_and_absolute_paths_are_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = folder.parent / "home"
    monkeypatch.setenv("HOME", str(home))
    write(home / "mine.csv")
    assert call(told("Read ~/mine.csv")) == f"pd.read_csv('{home}/mine.csv')"
    assert call(told(f"Read {home}/mine.csv now")) == f"pd.read_csv('{home}/mine.csv')"
    assert told("Read ~nosuchuser12/mine.csv") == "~nosuchuser12/mine.csv: is not there."


def test_backslashes_are_read_as_separators_where_no_file_has_them(folder: Path) -> None:
    write(folder / "sub/deep.csv")
    assert call(told(r"Read sub\deep.csv")) == "pd.read_csv('sub/deep.csv')"


@pytest.mark.parametrize("asked", ["SHOP.CSV", "Shop.csv", "shop.CSV"])
def test_another_case_is_told_with_the_name_that_is_there(folder: Path, asked: str) -> None:
    write(folder / "shop.csv")
    text = told(f"Sum up {asked}")
    assert text.startswith(f"{asked}: is named shop.csv: 3 rows")
    assert call(text) == "pd.read_csv('shop.csv')"


@pytest.mark.parametrize(("asked", "near"), [("shops.csv", "shop.csv"), ("sub/dep.csv", "deep.csv")])
def test_a_missing_file_is_told_with_the_nearest_name_of_its_folder(folder: Path, asked: str, near: str) -> None:
    write(folder / "shop.csv")
    write(folder / "sub/deep.csv")
    assert told(f"Read {asked}.") == f"{asked}: is not there. There is {near}."


def test_at_most_four_files_are_described(folder: Path) -> None:
    names = [f"f{number}.csv" for number in range(9)]
    for name in names:
        write(folder / name)
    assert named_files(" ".join(names), Path()) == names[:FILES]


def test_nothing_is_read_if_nothing_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "shop.csv")
    read: list[object] = []
    monkeypatch.setattr(named, "read_file", lambda *given: read.append(given))
    assert told("Which item sells best?") == ""
    assert read == []


# --- the text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["it's.csv", 'say "x".csv', "a\nb.csv", r"a\b.csv", "tab\there.csv", "nul\x01l.csv", "\u202ersv.csv", "ü ñ 名.csv"],
)
def test_any_name_comes_out_on_one_line_and_as_a_literal_that_opens_the_file(folder: Path, name: str) -> None:
    write(folder / name)
    text = describe_files([name], Path())
    assert len(text.splitlines()) == 2
    assert text.replace("\n", "").isprintable()
    expression = ast.parse(call(text), mode="eval").body
    assert isinstance(expression, ast.Call)
    assert ast.literal_eval(expression.args[0]) == name
    assert list(eval(call(text), {"pd": pd})) == ["day", "item", "n"]


@pytest.mark.parametrize("cell", ["a\u202eb", "\x1b[31mred", "x" * 5000, "\u2028line"])
def test_what_a_file_holds_comes_out_visible_and_short(folder: Path, cell: str) -> None:
    write(folder / "odd.csv", f"{cell[:100]},n\n{cell},1\nb,2\nc,3\n")
    text = told("odd.csv")
    assert len(text) < 2 * CHARS
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize("files", [1, 2, 4])
def test_wide_files_keep_within_the_bound_and_tell_how_many_columns_are_left_out(folder: Path, files: int) -> None:
    for number in range(files):
        columns = [f"measured_value_{column}" for column in range(300)]
        rows = "\n".join(",".join(str(row * column) for column in range(300)) for row in range(5))
        write(folder / f"wide{number}.csv", f"{','.join(columns)}\n{rows}\n")
    text = told(" ".join(f"wide{number}.csv" for number in range(files)))
    assert len(text) <= CHARS + 100 * files
    for line in text.splitlines()[::2]:
        shown, _, rest = line.partition(", … ")
        assert shown.count("measured_value_") + int(rest.removesuffix(" more")) == 300


def test_a_table_with_many_dates_and_codes_has_a_short_call(folder: Path) -> None:
    names = [f"date_of_the_event_{number}" for number in range(80)]
    rows = "\n".join(",".join(f"{day}.03.2024" for _ in names) for day in (14, 15, 16))
    write(folder / "dates.csv", f"{','.join(names)}\n{rows}\n")
    assert len(told("dates.csv")) < 2 * CHARS
    assert eval(call(told("dates.csv")), {"pd": pd}).shape == (3, 80)


# --- hostile files ------------------------------------------------------------------------------------------------


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)  # the path of a test is too long for it


def a_loop(path: Path) -> None:
    path.symlink_to(path)


def a_link_to_nothing(path: Path) -> None:
    path.symlink_to("nowhere.csv")


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def memory(path: Path) -> None:
    path.symlink_to("/proc/self/mem")


@pytest.mark.parametrize("make", [a_pipe, a_folder, a_socket, a_loop, a_link_to_nothing, a_device, memory])
def test_what_is_no_file_is_not_opened_and_breaks_nothing(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "data.csv")
    write(folder / "shop.csv")
    text = told("Join data.csv and shop.csv.")
    assert "data.csv: " in text
    assert "pd.read_csv('data.csv'" not in text
    assert call(text) == "pd.read_csv('shop.csv')"


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "Input/output error")])
def test_a_file_that_cannot_be_read_is_told_with_the_reason(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def fail(*_: object) -> FileText:
        raise error

    write(folder / "shop.csv")
    monkeypatch.setattr(named, "read_file", fail)
    assert error.strerror
    assert error.strerror in told("shop.csv")


HUGE = 200 << 20


@pytest.mark.parametrize(
    "start",
    [b"", b"a,b\n" + b"1,2\n" * 50_000, b"x" * 500_000, b'"' + b"a," * 300_000, b'[{"a": 1}, {"a": 2}, ' * 20_000],
)
def test_a_sparse_file_of_200_mb_is_described(folder: Path, start: bytes) -> None:
    with (folder / "big.csv").open("wb") as file:
        file.write(start)
        file.truncate(HUGE)
    text = told("big.csv")
    assert text.startswith("big.csv: ")
    assert len(text) < 2 * CHARS


@pytest.mark.parametrize(
    "data", [b"\0" * 1000, b"a,b\0c\n1,2\n3,4\n", bytes(range(256)) * 20, b"\xff\xfe", b"\n" * 9999]
)
def test_bytes_that_are_no_text_give_no_call(folder: Path, data: bytes) -> None:
    (folder / "data.csv").write_bytes(data)
    assert "read it with" not in told("data.csv")


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("big.csv", "w") as member:
        member.write(b"a,b\n1,2\n")
        for _ in range(100):
            member.write(b"0" * (1 << 20))


def packed_bomb(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        for _ in range(100):
            file.write(b"1,2,3\n" * 170_000)


def nested(path: Path) -> None:
    path.write_text("[" * 200_000)


def view_without_end(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE VIEW v AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT MAX(x) AS top FROM c"
    )
    connection.close()


def many_tables(path: Path) -> None:
    connection = sqlite3.connect(path)
    for number in range(300):
        connection.execute(f'CREATE TABLE "t ""{number}" (a TEXT, "b\n" REAL)')
    connection.close()


@pytest.mark.parametrize("make", [bomb, packed_bomb, nested, view_without_end, many_tables])
def test_a_file_made_to_exhaust_its_reader_is_read_in_part(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "data.zip")
    text = told("data.zip")
    assert text.startswith("data.zip: ")
    assert len(text) < 2 * CHARS


def test_a_file_that_blocks_is_left_alone_after_the_time_is_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, release = threading.Event(), threading.Event()

    def block(*_: object) -> FileText:
        opened.set()
        release.wait(60)
        return FileText("late")

    write(folder / "shop.csv")
    monkeypatch.setattr(named, "read_file", block)
    monkeypatch.setattr(named, "SECONDS", 0.05)
    assert told("shop.csv") in ("", "shop.csv: not read, as reading takes long")
    assert opened.wait(60)
    release.set()


def test_names_in_a_folder_of_many_files_are_found(folder: Path) -> None:
    for number in range(3000):
        (folder / f"part-{number}.csv").touch()
    write(folder / "part-77.csv")
    assert named_files("Read part-77.csv", Path()) == ["part-77.csv"]


@given(st.text(max_size=200))
def test_no_text_breaks_the_search_for_names(text: str) -> None:
    assert isinstance(named_files(text, Path("/nonexistent")), list)
    assert isinstance(named_files(f"'{text}.csv' {text}/x.csv", Path("/nonexistent")), list)


def test_the_time_for_reading_is_bounded_for_a_text_of_quotes() -> None:
    began = time.monotonic()
    named_files('"' * 5000 + "'" * 5000 + "a." * 5000, Path("/nonexistent"))
    assert time.monotonic() - began < 60


def test_a_file_is_found_by_the_variable_that_holds_its_path(tmp_path: Path) -> None:
    (tmp_path / "stock list.csv").write_bytes(b"id;price\n1;2,50\n2;3,75\n")
    held = {"file": str(tmp_path / "stock list.csv"), "relative": "stock list.csv", "word": "price", "gone": "gone.csv"}
    for name in ("file", "relative"):
        found = read_named_files(f"What is the mean price in `{name}`?", tmp_path, held)
        assert list(found) == [f"{name} (stock list.csv)"]
        assert found[f"{name} (stock list.csv)"].call == f"pd.read_csv({name}, sep=';', decimal=',')"
    for question in ("What is in the profile?", "What is a word?", "What is gone?"):
        assert read_named_files(question, tmp_path, held) == {}
