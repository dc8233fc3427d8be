"""The conversations of a kernel's notebook that are on the disk."""

from __future__ import annotations

from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell

from ..errors import JournalError, UsageProblem
from ..session.journal import Journal, find_journal, journal_key, latest_journal
from ..session.machine import Session, State
from ..session.messages import Event, Stop

ENDED_BY_RESTART = "The kernel was restarted before this question was answered."


def key_of_notebook(shell: InteractiveShell) -> str:
    """Return the key of the journals of this kernel's notebook.

    Args:
        shell: The kernel's or terminal's shell.
    """
    told = shell.user_ns.get("__vsc_ipynb_file__")  # by VS Code
    app = getattr(getattr(shell, "kernel", None), "parent", None)
    kernel = Path(getattr(app, "connection_file", "")).stem  # a restart keeps the file
    return journal_key(told if isinstance(told, str) else "", kernel)


def reopen(shell: InteractiveShell, journals: Path, name: str, max_turns: int) -> tuple[Journal, Session]:
    """Open an earlier conversation.

    Args:
        shell: The kernel's or terminal's shell.
        journals: Folder of all journals.
        name: Name of the conversation; empty for the last one of this notebook.
        max_turns: Limit of turns of a question.

    Returns:
        The journal, and the conversation as it was left.

    Raises:
        UsageProblem: There is none.
        JournalError: The journal is damaged.
    """
    path = find_journal(journals, name) if name else latest_journal(journals, key_of_notebook(shell))
    journal, events = Journal.reopen(path) if path else (None, [])
    if journal is None or not events:
        raise UsageProblem("There is no earlier conversation here. Ask with `%%codeact`.")
    try:
        return journal, Session.replay(events, max_turns)
    except UsageProblem as error:
        reason = f"The journal {path} is inconsistent. Start a new conversation with `%codeact reset`."
        raise JournalError(reason) from error


def past_events(shell: InteractiveShell, journals: Path) -> list[Event]:
    """Return the events of this notebook's last conversation in an earlier kernel; none if they cannot be read.

    Args:
        shell: The kernel's or terminal's shell.
        journals: Folder of all journals.
    """
    try:
        path = latest_journal(journals, key_of_notebook(shell))
        events = Journal.reopen(path)[1] if path else []
        is_unfinished = Session.replay(events).state is not State.IDLE
    except Exception:  # whatever stands there, the extension loads; `%codeact continue` says what is wrong
        return []
    return [*events, Stop("stopped", ENDED_BY_RESTART)] if is_unfinished else events
