"""The journal keeps what it acknowledged, and nothing that it tore."""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codeact_jupyter.errors import JournalError
from codeact_jupyter.session.event_json import to_json
from codeact_jupyter.session.journal import Journal, journals_of, latest_journal, never_approved
from codeact_jupyter.session.machine import Session, State
from codeact_jupyter.session.messages import EVENTS as KINDS
from codeact_jupyter.session.messages import Answer, Approval, Observation, Prompt, Proposal, Stop
from tests.full_disk import full_disk
from tests.hostile import Tries

EVENTS = [
    Prompt("How many é?", "df"),
    Proposal("p", 1, "t", "c\n", "r", "m"),
    Observation("p", "\u202e\n", True),
    Answer("3"),
]


@pytest.mark.hostile("torn records", control=True)
def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, "a.ipynb")
    for event in EVENTS:
        journal.append(event)
    again, events = Journal.reopen(journal.path)
    assert events == EVENTS
    again.append(Prompt("More"))
    assert Journal.reopen(journal.path)[1] == [*EVENTS, Prompt("More")]


def test_each_notebook_finds_its_own_newest_conversation(tmp_path: Path) -> None:
    mine = Journal.create(tmp_path, "a.ipynb")
    mine.append(EVENTS[0])
    Journal.create(tmp_path, "b.ipynb").append(EVENTS[0])
    Journal.create(tmp_path, "a.ipynb")  # holds nothing yet
    assert latest_journal(tmp_path, "a.ipynb") == mine.path
    assert latest_journal(tmp_path, "c.ipynb") is None


def test_a_journal_of_version_0_1_0_is_read_as_it_was_written(tmp_path: Path) -> None:
    fixture = Path(__file__).parents[1] / "fixtures" / "journal-0.1.0.jsonl"
    copy = Path(shutil.copy(fixture, tmp_path))
    _, events = Journal.reopen(copy)
    assert copy.read_bytes() == fixture.read_bytes()
    assert {type(event).__name__ for event in events} == {*KINDS} - {"Retry", "Undone"}, "which came later"
    records = [json.loads(line) for line in fixture.read_text(encoding="utf-8").splitlines()[1:]]
    assert [
        {"time": record["time"], **to_json(event)} for record, event in zip(records, events, strict=True)
    ] == records
    session = Session.replay(events)
    assert (session.state, session.turns) == (State.EXECUTING, 2)


@pytest.mark.hostile("torn records")
def test_a_torn_tail_is_cut_off_at_every_byte(tmp_path: Path, tries: Tries) -> None:
    journal = Journal.create(tmp_path, "a.ipynb")
    for event in EVENTS:
        journal.append(event)
    whole = journal.path.read_bytes()
    start = whole[:-1].rfind(b"\n") + 1
    for length in range(start, len(whole)):
        journal.path.write_bytes(whole[:length])
        reopened, events = Journal.reopen(journal.path)
        assert events == EVENTS[:3]
        reopened.append(EVENTS[3])
        assert Journal.reopen(journal.path)[1] == EVENTS
        tries.add()


def test_a_damaged_middle_is_reported_and_not_guessed(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, "a.ipynb")
    for event in EVENTS:
        journal.append(event)
    lines = journal.path.read_bytes().splitlines(keepends=True)
    lines[2] = b"{broken\n"
    journal.path.write_bytes(b"".join(lines))
    with pytest.raises(JournalError, match="Line 3"):
        Journal.reopen(journal.path)


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="journal_dir"):
        Journal.create(tmp_path / "file", "a.ipynb")


def test_the_conversation_is_private_to_its_user(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, "a.ipynb")
    assert journal.path.stat().st_mode & 0o077 == 0


def test_steps_that_were_never_approved_are_found_in_the_journals_of_all_notebooks(tmp_path: Path) -> None:
    assert never_approved(tmp_path / "nowhere") == never_approved(tmp_path) == set()
    said = '"event":"Approval","proposal_id":"left"'
    for notebook, approved in (("a.ipynb", "first"), ("b.ipynb", "third"), ("renamed.ipynb", "none of them")):
        journal = Journal.create(tmp_path, notebook)
        for name in {"a.ipynb": ["first", "left"], "b.ipynb": ["third", "stopped"]}.get(notebook, ["lost"]):
            journal.append(Prompt(said))
            journal.append(Proposal(name, 1, said, said, "", "m"))
            if name == approved:
                journal.append(Approval(name, said))
            else:
                journal.append(Stop("rejected"))
    assert never_approved(tmp_path) == {"left", "stopped", "lost"}
    with journal.path.open("ab") as file:
        file.write(b'{"event":"Approval","proposal_id":"lo')
    (journal.path.parent / "old.jsonl").write_bytes(b'{"event":"Proposal","id":"old"}\n{"event":"Proposal"}\n[]\n\xff')
    (journal.path.parent / "folder.jsonl").mkdir()
    assert never_approved(tmp_path) == {"left", "stopped", "lost", "old"}


WRITER = """
import os
import sys
from pathlib import Path
from codeact_jupyter.session.journal import Journal
from codeact_jupyter.session.messages import Prompt
journal = Journal.create(Path(sys.argv[1]), "killed")
for number in range(100000):
    journal.append(Prompt(str(number) + "x" * (number % 7 * 30_000)))
    os.write(1, b"%d\\n" % number)  # a kill leaves no half of it in the pipe
"""


@pytest.mark.hostile("kills")
def test_acknowledged_records_survive_kill_9_at_any_point(tmp_path: Path, tries: Tries) -> None:
    chance = random.Random(15)
    for kill in range(100):
        folder = tmp_path / str(kill)
        command = [sys.executable, "-c", WRITER, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            acknowledged = [writer.stdout.readline() for _ in range(chance.randrange(1, 12))]
            time.sleep(chance.random() * 0.003)  # the point in the next record
            os.kill(writer.pid, signal.SIGKILL)
            acknowledged += writer.stdout.readlines()
        assert writer.returncode == -signal.SIGKILL
        tries.control()
        path = latest_journal(folder, "killed")
        assert path is not None
        journal, events = Journal.reopen(path)
        texts = [f"{event.text.rstrip('x')}\n" for event in events if isinstance(event, Prompt)]
        assert texts[: len(acknowledged)] == acknowledged
        assert len(texts) <= len(acknowledged) + 1
        journal.append(EVENTS[3])
        assert Journal.reopen(path)[1] == [*events, EVENTS[3]]
        tries.add()


@pytest.mark.hostile("disk full")
def test_a_disk_that_is_full_at_any_byte_loses_no_record_before_it(tmp_path: Path, tries: Tries) -> None:
    journal = Journal.create(tmp_path, "a.ipynb")
    for event in EVENTS[:3]:
        journal.append(event)
    whole = journal.path.read_bytes()
    journal.append(EVENTS[3])
    length = journal.path.stat().st_size
    for size in range(len(whole), length - 1):
        journal.path.write_bytes(whole)
        with full_disk(size), pytest.raises(JournalError, match=r"\(File too large\)\. Raise the limit"):
            journal.append(EVENTS[3])
        reopened, events = Journal.reopen(journal.path)
        assert events == EVENTS[:3]
        reopened.append(EVENTS[3])
        assert Journal.reopen(journal.path)[1] == EVENTS
        tries.add()
        tries.control()


FULL = """
import sys
from pathlib import Path
from codeact_jupyter.errors import JournalError
from codeact_jupyter.session.journal import Journal
from codeact_jupyter.session.messages import Prompt
journal = Journal.create(Path(sys.argv[1]), "limited")
for number in range(100000):
    try:
        journal.append(Prompt(str(number) + "x" * int(sys.argv[2])))
    except JournalError as error:
        print(error)
        break
    print(number, flush=True)
Journal.create(Path(sys.argv[1]), "limited").append(Prompt("a new conversation"))
"""


@pytest.mark.hostile("disk full")
@pytest.mark.parametrize("length", [1, 100, 5000])
def test_a_limit_of_the_size_of_files_that_a_process_has_from_its_start_ends_no_process(
    tmp_path: Path, length: int
) -> None:
    """As by `ulimit -f`: at that limit the system sends SIGXFSZ, which by default ends a process."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)

    command = [sys.executable, "-B", "-c", FULL, str(tmp_path), str(length)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=limit)
    *acknowledged, said = done.stdout.splitlines()
    assert "(File too large). Raise the limit of the size of files (`ulimit -f`)" in said
    kept = sorted((Journal.reopen(path)[1] for path in journals_of(tmp_path, "limited")), key=len)
    assert kept == [[Prompt("a new conversation")], [Prompt(number + "x" * length) for number in acknowledged]]


FAILING = ["os.open", "os.write", "os.fsync", "os.close"]
REASONS = {errno.ENOSPC: "Make room", errno.EDQUOT: "Make room", errno.EFBIG: "Raise the limit of the size of files"}


@pytest.mark.hostile("disk full")
@pytest.mark.parametrize("call", FAILING)
@pytest.mark.parametrize("reason", REASONS, ids=errno.errorcode.get)
def test_no_room_is_said_whichever_call_meets_it_and_nothing_is_lost(tmp_path: Path, call: str, reason: int) -> None:
    """A quota is met by any of these calls, on some file systems only when the file is closed."""
    journal = Journal.create(tmp_path, "a.ipynb")
    for event in EVENTS[:3]:
        journal.append(event)
    close = os.close
    with pytest.MonkeyPatch.context() as patch:

        def refuse(*arguments: object, **options: object) -> int:
            if call == "os.close":
                close(*arguments)  # type: ignore[arg-type]
            raise OSError(reason, os.strerror(reason))

        patch.setattr(call, refuse)
        with pytest.raises(JournalError, match=REASONS[reason]):
            journal.append(EVENTS[3])
        if call == "os.open":
            with pytest.raises(JournalError, match=REASONS[reason]):
                Journal.create(tmp_path, "b.ipynb")
    assert Journal.reopen(journal.path)[1][:3] == EVENTS[:3]
    again, events = Journal.reopen(journal.path)
    again.append(Prompt("More"))
    assert Journal.reopen(journal.path)[1] == [*events, Prompt("More")]


@pytest.mark.hostile("disk full")
def test_a_journal_that_cannot_even_begin_says_what_to_do(tmp_path: Path, tries: Tries) -> None:
    for size in (0, 1, 40):
        with full_disk(size), pytest.raises(JournalError, match="Raise the limit of the size of files"):
            Journal.create(tmp_path, "a.ipynb")
        assert latest_journal(tmp_path, "a.ipynb") is None
        tries.add()


@pytest.mark.hostile("torn records")
def test_a_header_torn_in_its_middle_holds_no_conversation(tmp_path: Path, tries: Tries) -> None:
    journal = Journal.create(tmp_path, "a.ipynb")
    whole = journal.path.read_bytes()
    for length in range(len(whole)):
        journal.path.write_bytes(whole[:length])
        assert latest_journal(tmp_path, "a.ipynb") is None
        tries.add()


def test_the_journal_is_private_also_where_folder_and_file_were_there_before(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path, "notebook")
    folder = journal.path.parent
    folder.chmod(0o755)
    journal.path.chmod(0o644)
    second = Journal.create(tmp_path, "notebook")
    Journal.reopen(journal.path)[0].append(Prompt("?", ""))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (journal.path, second.path)} == {0o600}
