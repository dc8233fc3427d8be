"""Earlier conversations of a notebook: listed with what was asked first, and opened again as they were left."""

from __future__ import annotations

from pathlib import Path

import pytest

from codeact_jupyter.config import CodeAct
from codeact_jupyter.errors import JournalError, UsageProblem
from codeact_jupyter.notebook.journals import LEFT, LISTED, TITLE_CHARS, earlier, new_journal, reopen, reopen_ended
from codeact_jupyter.session.journal import Journal, read_journal
from codeact_jupyter.session.machine import State
from codeact_jupyter.session.messages import Answer, Approval, Event, Observation, Prompt, Proposal, Stop

HERE = "here.ipynb"
STEP = Proposal("p", 1, "I look.", "df", "I look.")


@pytest.fixture
def settings(tmp_path: Path) -> CodeAct:
    return CodeAct(journal_dir=str(tmp_path))


def kept(settings: CodeAct, *events: Event, key: str = HERE) -> Journal:
    journal = new_journal(settings, key)
    assert journal
    for event in events:
        journal.append(event)
    return journal


def test_they_are_listed_by_their_first_questions_the_newest_first(settings: CodeAct) -> None:
    kept(settings, Prompt("How many\n  rows?"), Answer("3"), Prompt("And columns?"), Answer("4"))
    kept(settings)  # nothing was asked
    second = kept(settings, Prompt("x" * 500), Stop("stopped"))
    present = kept(settings, Prompt("Now?"))
    first, other = sorted(earlier(settings, HERE, present), key=lambda each: each.questions, reverse=True)
    assert (first.title, first.questions) == ("How many rows?", 2)
    assert (other.name, len(other.title), other.questions) == (second.path.name, TITLE_CHARS, 1)
    assert 0 < first.begun <= other.begun
    assert len(earlier(settings, HERE, None)) == 3


def test_those_of_other_notebooks_and_what_cannot_be_read_are_not(settings: CodeAct) -> None:
    journal = kept(settings, Prompt("Mine?"), Answer("Yes."))
    journal.path.with_name("20000101-000000-odd.jsonl").write_text("odd\n")
    journal.path.with_name("20000101-000000-folder.jsonl").mkdir()
    kept(settings, Prompt("Yours?"), key="there.ipynb")
    assert [each.title for each in earlier(settings, HERE, None)] == ["Mine?"]


def test_the_list_ends(settings: CodeAct) -> None:
    for number in range(LISTED + 2):
        kept(settings, Prompt(f"Question {number}?"))
    assert len(earlier(settings, HERE, None)) == LISTED


@pytest.mark.parametrize(
    "events",
    [
        [STEP],
        [STEP, Approval("p", "df")],
        [STEP, Approval("p", "df"), Observation("p", "3", True)],
        [],
    ],
    ids=["waits", "ran when the kernel ended", "was read", "was asked"],
)
def test_a_question_without_answer_ends_when_its_conversation_is_opened(settings: CodeAct, events: list[Event]) -> None:
    path = kept(settings, Prompt("Why?"), *events).path
    journal, session = reopen_ended(settings, HERE, path.name)
    assert session.state is State.IDLE
    assert session.finish and session.finish.text == LEFT
    assert [event for _, event in read_journal(path)] == session.transcript
    again = reopen_ended(settings, HERE, path.name)[1]
    assert again.transcript == session.transcript
    assert journal.path == path


def test_an_answered_one_is_opened_as_it_was(settings: CodeAct) -> None:
    path = kept(settings, Prompt("Why?"), Answer("So.")).path
    before = path.read_bytes()
    assert reopen_ended(settings, HERE, path.name)[1].answer == "So."
    assert reopen(settings, HERE)[1].answer == "So."
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "..", "../other.jsonl", "none.jsonl", "/etc/passwd"])
def test_no_other_file_is_opened(settings: CodeAct, name: str) -> None:
    journal = kept(settings, Prompt("Why?"))
    (journal.path.parent.parent / "other.jsonl").write_bytes(journal.path.read_bytes())
    with pytest.raises(UsageProblem, match="gone"):
        reopen_ended(settings, HERE, name)


def test_one_whose_events_do_not_fit_is_refused(settings: CodeAct) -> None:
    path = kept(settings, Prompt("Why?"), Approval("p", "df")).path
    with pytest.raises(JournalError, match="inconsistent"):
        reopen_ended(settings, HERE, path.name)
