"""`jupyter codeact sessions`, and whose conversation a journal is."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from IPython.core.interactiveshell import InteractiveShell

from codeact_jupyter.cli import main
from codeact_jupyter.config import CodeAct
from codeact_jupyter.errors import JournalError, UsageProblem
from codeact_jupyter.notebook.journals import key_of_notebook, reopen
from codeact_jupyter.session.journal import (
    Journal,
    all_journals,
    find_journal,
    key_of,
    latest_journal,
    read_journal,
)
from codeact_jupyter.session.messages import Answer, Approval, Observation, Prompt, Proposal, Rejection, Stop


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def journal(question: str, key: str = "/home/ann/book.ipynb", *, days: float = 0) -> Journal:
    written = Journal.create(Path("journals"), key)
    written.append(Prompt(question))
    written.append(Answer("It is so."))
    modified = time.time() - 86_400 * days - 1
    os.utime(written.path, (modified, modified))
    return written


def sessions(*arguments: str) -> int:
    return main(["sessions", *arguments, "--journals", "journals"])


def test_the_list_has_names_ages_sizes_first_questions_and_notebooks(capsys: pytest.CaptureFixture[str]) -> None:
    old = journal("Why\nso?", days=3)
    new = journal("x" * 100, key="/home/ann/\u202eother.ipynb")
    Path("journals/damaged").mkdir()
    Path("journals/damaged/20260101-000000-aaaaaaaa.jsonl").write_text("no journal\n")
    assert sessions("list") == 0
    _, *lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("2026") and "(Line 1 of the journal cannot be read" in "".join(lines)
    rows = {
        line.split()[0]: (line.split()[1:], after.strip()) for line, after in zip(lines[::2], lines[1::2], strict=True)
    }
    words, key = rows[old.path.stem]
    assert (words[0:2], words[-2:], key) == (["3", "d"], ["Why", "so?"], "/home/ann/book.ipynb")
    words, key = rows[new.path.stem]
    assert (words[0], words[-1], key) == ("now", "x" * 59 + "…", "/home/ann/⟨U+202E⟩other.ipynb")


def test_a_conversation_is_shown_by_a_part_of_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    kept = journal("How many?")
    assert sessions("show", kept.path.stem[-8:]) == 0
    assert "You: How many?\nCodeAct: It is so." in capsys.readouterr().out
    journal("And now?")
    for name, message in ((".", "There is no '.'"), ("20", "2 conversations have '20'")):
        assert sessions("show", name) == 2
        assert message in capsys.readouterr().err


def test_conversations_are_exported_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = journal("How many?"), journal("And now?")
    journal("Not this.")
    names = [first.path.stem, second.path.stem]
    options = ["--format", "codeactinstruct", "--no-scan", "--out", "out.jsonl"]
    assert sessions("export", *names, *options) == 0
    asked = [json.loads(line)["conversations"][1]["content"] for line in Path("out.jsonl").read_text().splitlines()]
    assert asked == ["Task: How many?", "Task: And now?"]


def test_remove_really_removes_and_the_conversation_that_goes_on_does_not_write_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    gone, stays = journal("How many?"), journal("And now?", key="other")
    assert sessions("remove", gone.path.stem) == 0
    assert "1 conversation removed" in capsys.readouterr().out
    assert not gone.path.parent.exists()
    with pytest.raises(JournalError, match="was removed meanwhile"):
        gone.append(Prompt("Still there?"))
    assert all_journals(Path("journals")) == [stays.path]
    assert "How many?" not in "".join(path.read_text() for path in Path("journals").rglob("*.jsonl"))


def test_old_ones_are_removed_together_and_the_size_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    for days in (0, 10, 40):
        journal(f"{days}?", days=days)
    assert sessions("size") == 0
    assert "3 conversations, 0.0 MB in journals" in capsys.readouterr().out
    assert sessions("remove") == 2
    assert sessions("remove", "--older-than", "30") == 0
    assert sessions("remove", "--older-than", "0") == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 conversation removed",
        "2 conversations removed",
    ]
    assert sessions("list") == 0
    assert "There are no conversations in journals." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "none", "/", "*"])
def test_nothing_is_removed_for_a_name_that_is_none(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    kept = journal("The only one?")
    for action in ("remove", "show"):
        assert sessions(action, name) == 2
        assert f"There is no {name!r}" in capsys.readouterr().err
    assert kept.path.is_file()


@pytest.mark.parametrize("days", ["-1", "-0.5", "nan", "inf", "-inf", "soon"])
def test_an_age_that_is_none_removes_nothing(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    kept = journal("How many?", days=400)
    with pytest.raises(SystemExit) as ended:
        sessions("remove", f"--older-than={days}")
    assert ended.value.code == 2
    assert f"{days!r} is no number of days" in capsys.readouterr().err
    assert kept.path.is_file()


def test_an_edited_step_is_shown_as_it_was_proposed_and_as_it_ran(capsys: pytest.CaptureFixture[str]) -> None:
    kept = Journal.create(Path("journals"), "book.ipynb")
    for event in (
        Prompt("How many?"),
        Proposal("a1", 1, "I count.", "len(dff)", ""),
        Approval("a1", "len(df)"),
        Observation("a1", "3", True),
        Proposal("b2", 2, "I look.", "df", ""),
        Approval("b2", "df\n"),
        Observation("b2", "4", True),
        Proposal("c3", 3, "I write.", "df.to_csv('x')", ""),
        Rejection("c3", "It writes a file.", auto=True),
        Proposal("d4", 4, "I add.", "sum(df)", ""),
        Approval("d4", "sum(df)", auto=True),
    ):
        kept.append(event)
    assert sessions("show", kept.path.stem) == 0
    told = capsys.readouterr().out
    assert "I count.\n    len(dff)\nYou ran instead:\n    len(df)\n  | 3" in told
    assert told.count("You ran instead") == 1
    assert "    df.to_csv('x')\nRejected without asking: It writes a file." in told
    assert "    sum(df)\n(run without asking)" in told


# --- whose they are


def shell(connection: str = "", **names: Any) -> InteractiveShell:
    """Return what a kernel's or terminal's shell tells."""
    kernel = SimpleNamespace(parent=SimpleNamespace(connection_file=connection)) if connection else None
    return cast(InteractiveShell, SimpleNamespace(user_ns=names, **({"kernel": kernel} if kernel else {})))


def test_two_notebooks_of_a_folder_never_share_a_journal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shells = [
        shell(),
        shell("/run/kernel-1.json"),
        shell("/run/kernel-2.json"),
        shell("/run/kernel-2.json", __vsc_ipynb_file__="/work/a.ipynb"),
        shell("/run/kernel-2.json", __vsc_ipynb_file__="/work/b.ipynb"),
    ]
    keys = [key_of_notebook(each) for each in shells]
    assert len(set(keys)) == 5
    assert keys[0] == str(folder)
    assert keys[3:] == ["/work/a.ipynb", "/work/b.ipynb"]
    journal("How many?", key=keys[1])
    assert latest_journal(Path("journals"), key_of_notebook(shell("/run/kernel-1.json")))  # after a restart
    assert not latest_journal(Path("journals"), keys[2])
    monkeypatch.setenv("JPY_SESSION_NAME", "/work/c.ipynb")
    assert {key_of_notebook(each) for each in shells} == {"/work/c.ipynb"}


def test_an_earlier_conversation_of_any_notebook_is_resumed_by_its_name() -> None:
    mine, other = journal("Mine?", key=key_of_notebook(shell())), journal("Other?", key="other")
    other.append(Prompt("Then?"))
    other.append(Stop())
    settings, key = CodeAct(journal_dir="journals"), key_of_notebook(shell())
    assert reopen(settings, key)[0].path == mine.path
    _, session = reopen(settings, key, other.path.stem)
    assert (session.status, len(session.transcript)) == ("stopped", 4)
    with pytest.raises(UsageProblem, match="There is no 'none'"):
        reopen(settings, key, "none")
    with pytest.raises(UsageProblem, match="no earlier conversation here"):
        reopen(settings, key_of_notebook(shell("/run/kernel-1.json")))


def test_a_conversation_of_another_notebook_goes_on_in_a_copy_of_its_own() -> None:
    other = journal("Other?", key="other")
    with other.path.open("a") as file:
        file.write('{"time":1.0,"event":"Pro')  # its kernel is writing
    before = other.path.read_bytes()
    settings = CodeAct(journal_dir="journals")
    opened, session = reopen(settings, "mine", other.path.stem)
    opened.append(Prompt("And mine?"))
    assert other.path.read_bytes() == before
    assert (key_of(opened.path), opened.path) == ("mine", latest_journal(Path("journals"), "mine"))
    (_, *old), (_, *new) = (path.read_bytes().splitlines() for path in (other.path, opened.path))
    assert new[:-1] == old[:-1]  # with its times
    assert [event for _, event in read_journal(opened.path)] == [*session.transcript, Prompt("And mine?")]
    assert reopen(settings, "mine", opened.path.stem)[0].path == opened.path  # its own one is not copied


def test_what_cannot_be_taken_up_leaves_no_copy() -> None:
    empty, damaged = Journal.create(Path("journals"), "other"), journal("Other?", key="other")
    with damaged.path.open("a") as file:
        file.write('{"event": "FromTheFuture"}\n')
    for path, error in ((empty.path, UsageProblem), (damaged.path, JournalError)):
        with pytest.raises(error):
            reopen(CodeAct(journal_dir="journals"), "mine", path.stem)
    assert not latest_journal(Path("journals"), "mine") and len(all_journals(Path("journals"))) == 2


def test_what_two_notebooks_share_is_exported_once(capsys: pytest.CaptureFixture[str]) -> None:
    other = journal("Other?", key="other")
    opened, _ = reopen(CodeAct(journal_dir="journals"), "mine", other.path.stem)
    for event in (Prompt("And mine?"), Answer("So it is.")):
        opened.append(event)
    assert main(["export", "journals", "--format", "chat", "--no-scan", "--out", "out.jsonl"]) == 0
    asked = [json.loads(line)["messages"][1]["content"] for line in Path("out.jsonl").read_text().splitlines()]
    assert sorted(text.rpartition("Task: ")[2] for text in asked) == ["And mine?", "Other?"]
    assert "1 also in a conversation above" in capsys.readouterr().out


def test_a_whole_name_is_found_also_where_it_is_a_part_of_another_one() -> None:
    kept = journal("How many?")
    kept.path.with_name(f"{kept.path.stem}-copy.jsonl").write_bytes(kept.path.read_bytes())
    assert find_journal(Path("journals"), kept.path.stem) == kept.path
