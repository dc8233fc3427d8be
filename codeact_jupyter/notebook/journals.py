"""The journals of one notebook's conversations: begin one, open one again, list the earlier ones."""

from __future__ import annotations

from pathlib import Path

from ..config import CodeAct
from ..errors import JournalError, UsageProblem
from ..lab.protocol import Earlier
from ..session.journal import Journal, journal_key, journals_of, latest_journal, read_journal
from ..session.machine import Session, State
from ..session.messages import Prompt, Stop
from ..views.text import to_stdout

LISTED = 20  #: conversations in a list, the newest ones
TITLE_CHARS = 80
LEFT = "You left this question for another conversation."


def new_journal(settings: CodeAct) -> Journal | None:
    """Begin a journal.

    Args:
        settings: The options in force.

    Returns:
        The journal; `None` if it cannot be written, which the user is told.
    """
    try:
        return Journal.create(settings.journals, journal_key())
    except JournalError as error:
        to_stdout(f"[note] {error} The conversation continues, but is not saved.\n")
        return None


def reopen_latest(settings: CodeAct) -> tuple[Journal, Session]:
    """Open the journal of the last conversation in this notebook.

    Args:
        settings: The options in force.

    Returns:
        The journal, and the session as it was after the last event.

    Raises:
        UsageProblem: There is none.
        JournalError: It is damaged.
    """
    path = latest_journal(settings.journals, journal_key())
    if path is None:
        raise UsageProblem("There is no earlier conversation here. Ask with `%%codeact`.")
    return _replayed(path, settings)


def reopen_named(settings: CodeAct, name: str) -> tuple[Journal, Session]:
    """Open the journal of an earlier conversation. A question that was not answered ends.

    Args:
        settings: The options in force.
        name: Name of its file, as `earlier` lists it.

    Returns:
        The journal, and the session, which is idle.

    Raises:
        UsageProblem: There is no such conversation.
        JournalError: Its journal is damaged, or cannot be written.
    """
    path = next((path for path in journals_of(settings.journals, journal_key()) if path.name == name), None)
    if path is None:
        raise UsageProblem("This conversation is gone: its journal was removed.")
    journal, session = _replayed(path, settings)
    if session.state is not State.IDLE:
        session.apply(Stop(reason=LEFT))
        journal.append(session.transcript[-1])
    return journal, session


def earlier(settings: CodeAct, present: Journal | None) -> list[Earlier]:
    """Return the earlier conversations in this notebook, the newest first.

    Args:
        settings: The options in force.
        present: Journal of the present conversation, which is left out.
    """
    paths = reversed(journals_of(settings.journals, journal_key()))
    found = [_summary(path) for path in paths if path.is_file() and not (present and path == present.path)]
    return [each for each in found if each][:LISTED]


def _summary(path: Path) -> Earlier | None:
    """Return what a list tells of a conversation; `None` if it has no question or cannot be read."""
    try:
        prompts = [(at, event.text) for at, event in read_journal(path) if isinstance(event, Prompt)]
    except JournalError:
        return None
    if not prompts:
        return None
    begun, text = prompts[0]
    return Earlier(path.name, " ".join(text.split())[:TITLE_CHARS], begun or 0.0, len(prompts))


def _replayed(path: Path, settings: CodeAct) -> tuple[Journal, Session]:
    journal, events = Journal.reopen(path)
    try:
        return journal, Session.replay(events, settings.max_turns)
    except UsageProblem as error:
        reason = f"The journal {path} is inconsistent. Start a new conversation with `%codeact reset`."
        raise JournalError(reason) from error
