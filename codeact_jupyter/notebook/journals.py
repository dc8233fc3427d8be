"""The journals of a notebook's conversations: begin one, open one again, list the earlier ones."""

from __future__ import annotations

import shutil
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

from ..config import CodeAct
from ..errors import JournalError, UsageProblem
from ..lab.protocol import Earlier
from ..session.journal import Journal, find_journal, journal_key, journals_of, key_of, latest_journal, read_journal
from ..session.machine import Session, State
from ..session.messages import Event, Prompt, Stop
from ..views.text import to_stdout
from ..views.trial import in_line

LISTED = 20  #: conversations in a list, the newest ones
TITLE_CHARS = 300  #: of the first question
ENDED_BY_RESTART = "The kernel was restarted before this question was answered."
NOTHING_ASKED = "Nothing was asked in that conversation. Ask with `%%codeact`."
LEFT = "You left this question for another conversation."


def key_of_notebook(shell: InteractiveShell) -> str:
    """Return the key of the journals of this kernel's notebook.

    Args:
        shell: The kernel's or terminal's shell.
    """
    told = shell.user_ns.get("__vsc_ipynb_file__")  # by VS Code
    app = getattr(getattr(shell, "kernel", None), "parent", None)
    kernel = Path(getattr(app, "connection_file", "")).stem  # a restart keeps the file
    return journal_key(told if isinstance(told, str) else "", kernel)


def new_journal(settings: CodeAct, key: str) -> Journal | None:
    """Begin a journal.

    Args:
        settings: The options in force.
        key: The notebook's, from `key_of_notebook`.

    Returns:
        The journal; `None` if it cannot be written, which the user is told.
    """
    try:
        return Journal.create(settings.journals, key)
    except JournalError as error:
        to_stdout(f"[note] {error} The conversation continues, but is not saved.\n")
        return None


def reopen(settings: CodeAct, key: str, name: str = "") -> tuple[Journal, Session]:
    """Open the journal of an earlier conversation as it was left.

    Args:
        settings: The options in force.
        key: The notebook's, from `key_of_notebook`.
        name: Name of a conversation, or a part of it; that of another notebook is copied. Empty for the last one here.

    Returns:
        The journal, and the session as it was after the last event.

    Raises:
        UsageProblem: There is none.
        JournalError: It is damaged.
    """
    path = find_journal(settings.journals, name) if name else latest_journal(settings.journals, key)
    if path is None:
        raise UsageProblem("There is no earlier conversation here. Ask with `%%codeact`.")
    return _replayed(path, settings) if key_of(path) == key else _replayed(_copied(path, settings, key), settings)


def is_named(journal: Journal | None, name: str, settings: CodeAct) -> bool:
    """Return True if a conversation has this name.

    Args:
        journal: Its journal, if it has one.
        name: Name of a conversation of any notebook, or a part of it.
        settings: The options in force.

    Raises:
        UsageProblem: No conversation has this name, or several have this part.
    """
    path = find_journal(settings.journals, name)
    return journal is not None and path == journal.path


def reopen_ended(settings: CodeAct, key: str, name: str) -> tuple[Journal, Session]:
    """Open the journal of an earlier conversation of this notebook. A question that was not answered ends.

    Args:
        settings: The options in force.
        key: The notebook's, from `key_of_notebook`.
        name: Name of its file, as `earlier` lists it.

    Returns:
        The journal, and the session, which is idle.

    Raises:
        UsageProblem: There is no such conversation.
        JournalError: Its journal is damaged, or cannot be written.
    """
    path = next((path for path in journals_of(settings.journals, key) if path.name == name), None)
    if path is None:
        raise UsageProblem("This conversation is gone: its journal was removed.")
    journal, session = _replayed(path, settings)
    if session.state is not State.IDLE:
        session.apply(Stop(reason=LEFT))
        journal.append(session.transcript[-1])
    return journal, session


def earlier(settings: CodeAct, key: str, present: Journal | None) -> list[Earlier]:
    """Return the earlier conversations in this notebook, the newest first.

    Args:
        settings: The options in force.
        key: The notebook's, from `key_of_notebook`.
        present: Journal of the present conversation, which is left out.
    """
    paths = reversed(journals_of(settings.journals, key))
    found = [_summary(path) for path in paths if path.is_file() and not (present and path == present.path)]
    return [each for each in found if each][:LISTED]


def past_events(journals: Path, key: str) -> list[Event]:
    """Return the events of this notebook's last conversation in an earlier kernel; none if they cannot be read.

    Args:
        journals: Folder of all journals.
        key: The notebook's, from `key_of_notebook`.
    """
    try:
        path = latest_journal(journals, key)
        events = Journal.reopen(path)[1] if path else []
        is_unfinished = Session.replay(events).state is not State.IDLE
    except Exception:  # whatever stands there, the extension loads; `%codeact continue` says what is wrong
        return []
    return [*events, Stop("stopped", ENDED_BY_RESTART)] if is_unfinished else events


def _summary(path: Path) -> Earlier | None:
    """Return what a list tells of a conversation; `None` if it has no question or cannot be read."""
    try:
        prompts = [(at, event.text) for at, event in read_journal(path) if isinstance(event, Prompt)]
    except JournalError:
        return None
    if not prompts:
        return None
    begun, text = prompts[0]
    return Earlier(path.name, in_line(text, TITLE_CHARS), begun or 0.0, len(prompts))


def _copied(path: Path, settings: CodeAct, key: str) -> Path:
    """Copy the journal of another notebook, whose kernel may still write it, for this one."""
    if not read_journal(path):
        raise UsageProblem(NOTHING_ASKED)
    journal = Journal.create(settings.journals, key)
    with path.open("rb") as old, journal.path.open("ab") as new:
        old.readline()
        shutil.copyfileobj(old, new)
    return journal.path


def _replayed(path: Path, settings: CodeAct) -> tuple[Journal, Session]:
    journal, events = Journal.reopen(path)
    if not events:
        raise UsageProblem(NOTHING_ASKED)
    try:
        return journal, Session.replay(events, settings.max_turns)
    except UsageProblem as error:
        reason = f"The journal {path} is inconsistent. Start a new conversation with `%codeact reset`."
        raise JournalError(reason) from error
