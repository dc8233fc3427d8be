"""What pages show of a conversation: also of one in an earlier kernel, which the model does not know."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from codeact_jupyter.agent.view import Reading, Thinking, Writing
from codeact_jupyter.config import CodeAct
from codeact_jupyter.lab.protocol import Answered, Ending, Item, Note, Question, Snapshot, Step, StreamChanged
from codeact_jupyter.lab.view import NEW_KERNEL, LabView
from codeact_jupyter.session.machine import Session
from codeact_jupyter.session.messages import Answer, Event, Prompt, Proposal, Stop

ANSWERED: list[Event] = [Prompt("How many?"), Answer("There are 3.")]
STOPPED: list[Event] = [Prompt("Why?"), Proposal("p", 1, "I look.", "x", "I look."), Stop("stopped", "")]


def view(past: list[Event]) -> tuple[LabView, Session, list[Any]]:
    """Return a view with an open page, its session, and what it sends."""
    sent: list[Any] = []
    pages: Any = SimpleNamespace(names=["page"], send=lambda message, page=None: sent.append(message))
    host: Any = SimpleNamespace(pending_for=lambda page: None, withdraw=lambda: None)
    session = Session()
    made = LabView(
        pages, host, session=lambda: session, settings=CodeAct, journal=lambda: None, past=past, undoable=lambda: ""
    )
    return made, session, sent


def shown(made: LabView, sent: list[Any]) -> list[Item]:
    made.send_all()
    snapshot = sent[-1]
    assert isinstance(snapshot, Snapshot)
    return snapshot.items


@pytest.mark.parametrize(
    ("past", "kinds"), [(ANSWERED, [Question, Answered]), (STOPPED, [Question, Step, Ending]), ([], [])]
)
def test_a_question_in_a_new_kernel_is_told_from_what_the_model_does_not_know(
    past: list[Event], kinds: list[type]
) -> None:
    made, session, sent = view(past)
    assert [type(item) for item in shown(made, sent)] == kinds
    session.apply(Prompt("And now?"))
    items = shown(made, sent)
    assert [type(item) for item in items] == [*kinds, *([Note] if past else []), Question]
    assert [item.text for item in items if isinstance(item, Note)] == [NEW_KERNEL] * bool(past)
    session.apply(Answer("Still 3."))
    assert isinstance(items[-1], Question)
    assert [item.text for item in shown(made, sent) if isinstance(item, Answered)][-1] == "Still 3."


def test_a_conversation_that_is_resumed_has_no_such_note() -> None:
    made, session, sent = view(ANSWERED)
    made.forget_past()
    for event in [*ANSWERED, Prompt("And now?")]:
        session.apply(event)
    assert [type(item) for item in shown(made, sent)] == [Question, Answered, Question]


def test_pages_hear_how_much_is_read_and_keep_what_was_written() -> None:
    made, _, sent = view([])
    made.show(Thinking(1))
    made.show(Reading(0.404))
    made.show(Writing("I count.", "model", 4096))
    made.show(Reading(0.5))  # for another candidate
    streams = [message.stream for message in sent if isinstance(message, StreamChanged)]
    assert [(stream.read, stream.thought) for stream in streams] == [(40, ""), (0, "I count."), (50, "I count.")]
