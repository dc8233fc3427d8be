"""Whatever lies in the folder of the journals: what can be read is read, the rest is said, and nothing is changed."""

from __future__ import annotations

import errno
import json
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from codeact_jupyter.config import CodeAct
from codeact_jupyter.errors import JournalError
from codeact_jupyter.session.event_json import from_json, to_json
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.journal import Journal, journal_key, latest_journal
from codeact_jupyter.session.messages import Answer, Event, Observation, Prompt, Proposal, Stop, Tried, Usage
from codeact_jupyter.session.tables import Table

TRIED = Tried("ran", effects=("write `a`",), evidence=Evidence(("a.b",), names=(("x", ("a.b",)),)))
EVENTS: list[Event] = [
    Prompt("How many?", "df", {"max_turns": 5}),
    Proposal("p", 1, "t", "c", "r", "m", Usage(5, seconds=1.5), tried=TRIED, facts=("f",)),
    Observation("p", "3 rows", True, 0.5, tables=(Table(0, 6, ((0, 1, "row"),), 1, 3, "df"),)),
    Answer("3"),
    Stop("limit", "turns"),
]
NAMES = [type(event).__name__ for event in EVENTS]


def written(folder: Path) -> Path:
    journal = Journal.create(folder, "a.ipynb")
    for event in EVENTS:
        journal.append(event)
    return journal.path


def with_line(path: Path, number: int, line: str) -> bytes:
    """Put a line into a journal, and return what the journal then is."""
    lines = path.read_text(encoding="utf-8").splitlines()
    lines.insert(number, line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path.read_bytes()


def extended(value: Any) -> Any:
    """Return the data as a newer version may write it: one more field in each object of a known kind."""
    if isinstance(value, list):
        return [extended(each) for each in value]
    if isinstance(value, dict) and "max_turns" not in value:
        return {name: extended(each) for name, each in value.items()} | {"newer": {"a": [1]}}
    return value


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_fields_of_a_newer_version_are_left_out(event: Event) -> None:
    data = json.loads(json.dumps(to_json(event)))
    assert from_json(extended(data)) == event
    assert from_json({**data, "time": 5, "": None, "é": []}) == event


def test_a_newer_journal_is_read_and_continued(tmp_path: Path) -> None:
    path = written(tmp_path)
    records = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(extended(record)) + "\n" for record in records))
    before = path.read_bytes()
    journal, events = Journal.reopen(path)
    assert events == EVENTS and path.read_bytes() == before
    journal.append(Prompt("More"))
    assert Journal.reopen(path)[1] == [*EVENTS, Prompt("More")]


ODD = [
    "[]",
    "5",
    "null",
    '"text"',
    "{}",
    "",
    "{broken",
    "[" * 100_000,
    "1" * 5_000,
    '{"event": []}',
    '{"event": {}, "text": "x"}',
    '{"event": "Unheard"}',
    '{"event": "Prompt"}',
    '{"event": "Prompt", "text": 5}',
    '{"event": "Answer", "text": null}',
    '{"event": "Stop", "status": "elsewhere"}',
    '{"event": "Observation", "proposal_id": "p", "text": "x", "ok": true, "tables": 5}',
    '{"event": "Observation", "proposal_id": "p", "text": "x", "ok": true, "tables": [{"start": "a"}]}',
    '{"event": "Proposal", "id": "p", "step": 1, "thought": "", "code": "", "reply": "", "tried": []}',
    '{"event": "Proposal", "id": "p", "step": 1, "thought": "", "code": "", "reply": "", "tried": {"outcome": "?"}}',
    '{"event": "Retry", "reason": "x", "usage": null}',
    '{"event": "Continue", "note": "a"} {"event": "Pause"}',
    "\x00\x00",
]


@pytest.mark.parametrize("number", [1, 3, 6], ids=["first", "middle", "last"])
@pytest.mark.parametrize("line", ODD, ids=[line[:60] for line in ODD])
def test_an_odd_line_is_reported_and_left_as_it_is(tmp_path: Path, line: str, number: int) -> None:
    path = written(tmp_path)
    content = with_line(path, number, line)
    with pytest.raises(JournalError, match=f"Line {number + 1} .*`%codeact reset`"):
        Journal.reopen(path)
    with pytest.raises(JournalError):
        latest_journal(tmp_path, "a.ipynb")
    assert path.read_bytes() == content


@pytest.mark.parametrize("line", ODD, ids=[line[:60] for line in ODD])
def test_an_odd_head_is_reported(tmp_path: Path, line: str) -> None:
    path = written(tmp_path)
    with_line(path, 0, line)
    with pytest.raises(JournalError, match=r"cannot be read|has format None"):
        Journal.reopen(path)


THINGS: list[tuple[str, Callable[[Path], object]]] = [
    ("a folder", lambda path: path.mkdir()),
    ("a folder with files", lambda path: (path.mkdir(), (path / "x").write_text("x"))),
    ("a pipe", os.mkfifo),
    ("a link to a pipe", lambda path: (os.mkfifo(path.with_name("pipe")), path.symlink_to("pipe"))),
    ("a link to nothing", lambda path: path.symlink_to("nowhere")),
    ("a link to itself", lambda path: path.symlink_to(path.name)),
    ("a link to a device", lambda path: path.symlink_to("/dev/zero")),
    ("an empty file", lambda path: path.write_text("")),
    ("the beginning of a head", lambda path: path.write_text('{"journal":')),
]


@pytest.mark.parametrize(("name", "make"), THINGS, ids=[name for name, _ in THINGS])
def test_what_is_no_journal_but_has_the_name_of_one_is_passed_over(
    tmp_path: Path, name: str, make: Callable[[Path], object]
) -> None:
    path = written(tmp_path)
    make(path.with_name("99999999-newest.jsonl"))
    assert latest_journal(tmp_path, "a.ipynb") == path


@pytest.mark.parametrize(("name", "make"), THINGS[:3], ids=[name for name, _ in THINGS[:3]])
def test_where_the_folder_of_a_notebook_is_something_else_there_is_no_journal(
    tmp_path: Path, name: str, make: Callable[[Path], object]
) -> None:
    folder = written(tmp_path).parent
    assert latest_journal(tmp_path / "nowhere", "a.ipynb") is None
    other = tmp_path / "other"
    other.mkdir()
    make(other / folder.name)
    assert latest_journal(other, "a.ipynb") is None


@pytest.mark.parametrize(
    "name",
    ["my notes.ipynb", "数据 分析.ipynb", "سؤال.ipynb", "a\nb'\".ipynb", os.fsdecode(b"caf\xe9 \xff.ipynb"), "é" * 120],
)
def test_a_notebook_of_any_name_has_its_own_journal(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", f"/home/me/{name}")
    assert journal_key() == f"/home/me/{name}"
    journal = Journal.create(tmp_path / name, journal_key())
    journal.append(EVENTS[0])
    assert latest_journal(tmp_path / name, journal_key()) == journal.path
    assert latest_journal(tmp_path / name, "/home/me/other") is None
    assert Journal.reopen(journal.path)[1] == EVENTS[:1]


@pytest.mark.parametrize("name", ["~", "~/notes", "~no-such-user/notes", "~no-such-user", "~\x01"])
def test_without_a_home_folder_it_is_said_what_to_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda user: {}[user])  # as for a user of a container that is in no list
    journals = CodeAct(journal_dir=name).journals
    assert latest_journal(journals, "a.ipynb") is None
    with pytest.raises(JournalError, match="no home folder here"):
        Journal.create(journals, "a.ipynb")
    assert list(tmp_path.iterdir()) == []


@contextmanager
def no_descriptors() -> Iterator[None]:
    """Use up the descriptors of this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 256), hard))
    try:
        with suppress(OSError):
            while True:
                held.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for each in held:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    "act",
    [
        lambda path: Journal.create(path.parents[1], "a.ipynb"),
        lambda path: Journal(path).append(Prompt("More")),
        lambda path: Journal.reopen(path),
        lambda path: latest_journal(path.parents[1], "a.ipynb"),
        lambda path: latest_journal(path.parents[1], "other.ipynb") or Journal.reopen(path),
    ],
    ids=["create", "append", "reopen", "find", "find-none"],
)
def test_used_up_descriptors_are_said_and_nothing_is_lost(tmp_path: Path, act: Callable[[Path], object]) -> None:
    path = written(tmp_path)
    before = path.read_bytes()
    with no_descriptors(), pytest.raises(JournalError) as raised:
        act(path)
    assert "Too many open files" in str(raised.value) and "restart it" in str(raised.value)
    assert path.read_bytes() == before and Journal.reopen(path)[1] == EVENTS


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    path = written(tmp_path)

    def refuse(descriptor: int, content: bytes) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.write", refuse)
    with pytest.raises(JournalError, match="Make room, or set `%config"):
        Journal(path).append(Prompt("More"))
    assert Journal.reopen(path)[1] == EVENTS
