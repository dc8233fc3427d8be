"""The reach that a step needs, by its trial, and what is said of a step that goes beyond the one that is allowed."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from codeact_jupyter.cli import APPROVE
from codeact_jupyter.headless import reach_of
from codeact_jupyter.kernel.copy import effects as known
from codeact_jupyter.kernel.copy.effects import Effect, on_path
from codeact_jupyter.kernel.copy.outcome import read_trial
from codeact_jupyter.kernel.copy.stand_ins import MOST, StandIns
from codeact_jupyter.session.messages import Reach, Tried
from codeact_jupyter.session.reach import DEFAULT_REACH, REACHES, exceeds, excess, told_to_model, told_to_user

from .test_trial_outcome import REPORT

WRITES = on_path("write", "/work/out.csv", "/work")
WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


@pytest.mark.parametrize(
    ("changed", "wants", "beyond", "reach"),
    [
        ({}, [], False, "read-only"),
        ({"raised": True, "error": "KeyError: 'a'"}, [], False, "read-only"),
        ({}, [WRITES], False, "workspace"),
        ({}, [WRITES, on_path("make", "/work/out", "/work")], False, "workspace"),
        ({"raised": True, "error": "FileNotFoundError: out.csv"}, [WRITES], False, "all"),
        ({}, [WRITES], True, "all"),
        ({}, [known.NETWORK], True, "all"),
        ({}, [WRITES, known.PROGRAM], True, "all"),
        ({"effects": [{"kind": "input", "act": "ask", "what": "for input"}]}, [], False, "all"),
        ({"effects": [{"kind": "input", "act": "ask", "what": "for input"}]}, [WRITES], False, "all"),
        ({"raised": True, "refused": "EBADF"}, [], False, "all"),
    ],
)
def test_the_reach_of_a_step_is_what_its_trial_wanted(
    changed: dict[str, object], wants: list[Effect], beyond: bool, reach: Reach
) -> None:
    trial = read_trial({**REPORT, **changed}, wants, [], "", 0, beyond=beyond)
    assert trial.reach == reach


@pytest.mark.parametrize(
    ("report", "reason", "status"),
    [
        ({"busy": True}, "", 0),
        ({"broken": "no memory"}, "", 0),
        ({}, "late", None),
        ({}, "", 9),
        ({"prior": False}, "", 0),
    ],
)
def test_what_was_not_tried_to_its_end_needs_all(report: dict[str, object], reason: str, status: int | None) -> None:
    assert read_trial(report, [], [], reason, status, beyond=False).reach == "all"
    assert read_trial(report, [WRITES], [], reason, status, beyond=False).reach == "all"


TRIED: list[tuple[Tried | None, Reach, str]] = [
    (Tried("ran", reach="read-only"), "read-only", ""),
    (Tried("raised", error="KeyError: 'a'", reach="read-only"), "read-only", ""),
    (Tried("wants_more", effects=("write `a.csv`",), reach="workspace"), "workspace", "it would write `a.csv`"),
    (Tried("wants_more", effects=("open the network",)), "all", "it would open the network"),
    (
        Tried("wants_more", effects=("write `a`",), error="OSError: no"),
        "all",
        "it would write `a`, and its trial did not come further (OSError: no)",
    ),
    (Tried("wants_more"), "all", "it would use or change something outside the kernel"),
    (Tried("not_tried", reason="a cell is running"), "all", "it was not tried (a cell is running)"),
    (Tried("not_tried"), "all", "it was not tried"),
    (None, "all", "it was not tried"),
]


@pytest.mark.parametrize(("tried", "needed", "why"), TRIED)
@pytest.mark.parametrize("allowed", REACHES)
def test_a_step_runs_within_its_reach_and_a_reason_is_given_beyond(
    tried: Tried | None, needed: Reach, why: str, allowed: Reach
) -> None:
    assert excess(tried, allowed) == (why if REACHES.index(needed) > REACHES.index(allowed) else "")


def test_files_of_the_folder_leave_room_for_what_is_refused() -> None:
    effects: list[Effect] = []
    for number in range(20):
        known.add_file(effects, on_path("write", f"/work/{number % 10}", "/work"))
    known.add(effects, known.NETWORK)
    assert [effect.would for effect in effects] == [
        *(f"write `{number}`" for number in range(5)),
        "write more files",
        "open the network",
    ]


def test_a_trial_of_a_journal_without_a_reach_needs_all() -> None:
    assert excess(Tried("ran"), "workspace")


def test_reaches_are_ordered() -> None:
    assert [exceeds(*pair) for pair in itertools.product(REACHES, REACHES)] == [
        *[False, False, False],
        *[True, False, False],
        *[True, True, False],
    ]


def test_the_sentences_say_what_may_run() -> None:
    why = "it would open the network"
    assert told_to_model(why, "read-only") == (
        "It would open the network. Here only steps run that change nothing outside the kernel."
    )
    assert "files in the notebook's folder (reach `workspace`)" in told_to_user(why, "workspace")


def test_the_command_line_names_the_reaches() -> None:
    assert ("ask", "auto", *(f"auto:{reach}" for reach in REACHES)) == APPROVE
    assert [reach_of(value) for value in APPROVE] == [None, DEFAULT_REACH, *REACHES]


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("/work/a.csv", True),
        ("/work/deep/er/a.csv", True),
        ("/work/a..csv", True),
        ("/work", False),
        ("/work/", False),
        ("/workshop/a.csv", False),
        ("/other/work/a.csv", False),
        ("/work/.bashrc", False),
        ("/work/.git/hooks/pre-commit", False),
        ("/work/deep/.hidden/a", False),
        ("/work/deep/..", False),
        ("/work/./a", False),
        ("/", False),
        ("", False),
        ("a.csv", False),
    ],
)
def test_only_plain_paths_in_the_folder_are_covered(path: str, covered: bool) -> None:
    assert StandIns("/work").covers(path) is covered
    assert not StandIns("").covers(path)
    assert not StandIns("/").covers(path)


def written(stand_ins: StandIns, path: Path, flags: int, text: str) -> None:
    descriptor = stand_ins.open(str(path), flags)
    assert descriptor is not None
    os.write(descriptor, text.encode())
    os.close(descriptor)


def test_a_stand_in_keeps_what_was_written_and_leaves_the_file_alone(tmp_path: Path) -> None:
    old, new = tmp_path / "old.txt", tmp_path / "new.txt"
    old.write_text("old")
    stand_ins = StandIns(str(tmp_path))
    try:
        written(stand_ins, old, os.O_WRONLY | os.O_APPEND, " and more")
        written(stand_ins, old, os.O_RDWR, "OLD")
        written(stand_ins, new, WRITE, "first")
        written(stand_ins, new, WRITE, "new")
        for path, content in ((old, "OLD and more"), (new, "new")):
            descriptor = stand_ins.open(str(path), os.O_RDWR)
            assert descriptor is not None and os.read(descriptor, 100).decode() == content
            os.close(descriptor)
        assert (old.read_text(), new.exists()) == ("old", False)
        assert (stand_ins.has(str(new)), stand_ins.has(str(old))) == (True, False)
        assert stand_ins.drop(str(new)) and not stand_ins.has(str(new))
        assert not stand_ins.drop(str(old))
    finally:
        stand_ins.close()


def test_what_is_no_plain_file_has_no_stand_in(tmp_path: Path) -> None:
    stand_ins = StandIns(str(tmp_path))
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "dangling").symlink_to("/nowhere/at/all")
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "link", "dangling", "pipe"):
        assert stand_ins.open(str(tmp_path / name), WRITE) is None, name
    large = tmp_path / "large"
    large.touch()
    os.truncate(large, 1 << 40)
    assert stand_ins.open(str(large), os.O_RDWR) is None
    stand_ins.close()


def test_the_number_of_stand_ins_is_limited(tmp_path: Path) -> None:
    stand_ins = StandIns(str(tmp_path))
    opened = [stand_ins.open(str(tmp_path / str(number)), WRITE) for number in range(MOST + 3)]
    assert opened[MOST:] == [None] * 3
    for descriptor in opened[:MOST]:
        assert descriptor is not None
        os.close(descriptor)
    stand_ins.close()


def test_a_folder_that_was_made_is_known(tmp_path: Path) -> None:
    stand_ins = StandIns(str(tmp_path))
    stand_ins.make_folder(str(tmp_path / "out"))
    assert stand_ins.has(str(tmp_path / "out")) and not stand_ins.has(str(tmp_path / "in"))
    assert not stand_ins.drop(str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
