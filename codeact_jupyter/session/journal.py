"""Durable transcript: one append-only JSON-lines file per session, synced to the disk at each event.

The first line names the notebook (or directory) of the session; each further line is an event. Once `append` returns,
its line survives the kernel's death. An incomplete last line is dropped on reading.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import time
import uuid
from pathlib import Path
from typing import Any

from ..errors import JournalError, UsageProblem
from .event_json import from_json, to_json
from .messages import Event

FORMAT = 1
FIRST_LINE = 10_000  #: bytes at most of the first line
_CLOSE = "Close files that this kernel has open, or restart it."
_MAKE_ROOM = "Make room, or set `%config CodeAct.journal_dir` to a folder on another disk."
_RAISE = "Raise the limit of the size of files (`ulimit -f`), or start a new conversation with `%codeact reset`."
_REMEDIES = {
    errno.EMFILE: _CLOSE,
    errno.ENFILE: _CLOSE,
    errno.ENOSPC: _MAKE_ROOM,
    errno.EDQUOT: _MAKE_ROOM,
    errno.EFBIG: _RAISE,
}


class Journal:
    """An open journal, made by `create` or `reopen`.

    Args:
        path: The journal's file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path  #: the journal's file

    @classmethod
    def create(cls, directory: Path, key: str) -> Journal:
        """Create a journal with a unique file name.

        Args:
            directory: Folder of all journals.
            key: The notebook's path, or the working directory: see `journal_key`.

        Returns:
            The journal, without events.

        Raises:
            JournalError: The file cannot be written, or there is no home folder.
        """
        if str(directory).startswith("~"):
            raise JournalError("There is no home folder here. Set `%config CodeAct.journal_dir` to a writable folder.")
        folder = directory / _digest(key)
        journal = cls(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:8]}.jsonl")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(OSError):  # a file system without such rights
                folder.chmod(0o700)  # it may have been made by another program
            journal._write({"journal": FORMAT, "key": key, "created": time.time()}, os.O_CREAT)
        except OSError as error:
            raise _unwritable(journal.path, error) from error
        return journal

    @classmethod
    def reopen(cls, path: Path) -> tuple[Journal, list[Event]]:
        """Open an existing journal and cut off an incomplete last line.

        Args:
            path: The journal's file.

        Returns:
            The journal and its events, oldest first.

        Raises:
            JournalError: The file cannot be read, is damaged, or has another format.
        """
        try:
            content = path.read_bytes()
            events, good = _decode(content)
            if good < len(content):
                os.truncate(path, good)
        except OSError as error:
            raise _unwritable(path, error) from error
        return cls(path), [event for _, event in events]

    def append(self, event: Event) -> None:
        """Write the event and wait until it is on the disk.

        Args:
            event: What happened.

        Raises:
            JournalError: The file cannot be written.
        """
        try:
            self._write({"time": time.time(), **to_json(event)})
        except FileNotFoundError as error:
            raise JournalError(f"The journal {self.path} was removed meanwhile.") from error
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def _write(self, record: dict[str, Any], flags: int = 0) -> None:
        """Append a line. A file that was removed stays so: without its first line it would be no journal."""
        line = json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | flags, 0o600)
        try:
            with contextlib.suppress(OSError):
                os.fchmod(descriptor, 0o600)  # a file that was copied or restored
            rest = line.encode()
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_journal(path: Path) -> list[tuple[float | None, Event]]:
    """Read a journal and leave the file as it is, even if a conversation is still writing it.

    Args:
        path: The journal's file.

    Returns:
        The complete events, oldest first, each with the time at which it was written, in seconds since 1970.

    Raises:
        JournalError: The file cannot be read, is damaged, or has another format.
    """
    try:
        return _decode(path.read_bytes())[0]
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be read ({error.strerror}).") from error


def journals_of(directory: Path, key: str) -> list[Path]:
    """Return the journals of a notebook, oldest first.

    Args:
        directory: Folder of all journals.
        key: The notebook or directory, as given to `Journal.create`.
    """
    return sorted((directory / _digest(key)).glob("*.jsonl"))


def all_journals(directory: Path) -> list[Path]:
    """Return the journals of all notebooks, oldest first.

    Args:
        directory: Folder of all journals.
    """
    return sorted(directory.glob("*/*.jsonl"), key=lambda path: path.name)


def find_journal(directory: Path, name: str) -> Path:
    """Find a journal by its name.

    Args:
        directory: Folder of all journals.
        name: Its name, or a part of it that no other one has.

    Returns:
        The journal's file.

    Raises:
        UsageProblem: There is none, or several have this part.
    """
    found = [path for path in all_journals(directory) if name and name in path.stem]
    exact = [path for path in found if path.stem == name] or found
    if len(exact) == 1:
        return exact[0]
    how_many = f"{len(exact)} conversations have {name!r} in their names" if exact else f"There is no {name!r}"
    raise UsageProblem(f"{how_many}: `jupyter codeact sessions list` shows the names.")


def key_of(path: Path) -> str:
    """Return the notebook or directory of a journal; empty if its first line does not tell.

    Args:
        path: The journal's file.
    """
    try:
        with path.open("rb") as file:
            found = json.loads(file.readline(FIRST_LINE))
    except (ValueError, OSError):
        return ""
    return str(found.get("key", "")) if isinstance(found, dict) and "journal" in found else ""


def latest_journal(directory: Path, key: str) -> Path | None:
    """Find the newest journal with at least one event.

    Args:
        directory: Folder of all journals.
        key: The notebook or directory, as given to `Journal.create`.

    Returns:
        The journal's file, or `None`.

    Raises:
        JournalError: A journal is damaged or has another format.
    """
    path = directory / _digest(key)
    try:
        for path in reversed(journals_of(directory, key)):
            if path.is_file() and _decode(path.read_bytes())[0]:  # not a folder, nor a pipe, which would be waited for
                return path
    except OSError as error:
        raise _unwritable(path, error) from error
    return None


def never_approved(directory: Path) -> set[str]:
    """Find the proposals that were never approved, in the journals of all notebooks.

    Args:
        directory: Folder of all journals.

    Returns:
        Their ids. What cannot be read is left out.
    """
    ids: dict[str, set[str]] = {"Proposal": set(), "Approval": set()}
    for path in filter(Path.is_file, directory.glob("*/*.jsonl")):
        with contextlib.suppress(OSError), path.open("rb") as lines:
            for line in lines:
                if any(b'"event":"%s"' % name.encode() in line for name in ids):
                    with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
                        record = json.loads(line)
                        ids[record["event"]].add(str(record.get("id") or record["proposal_id"]))
    return ids["Proposal"] - ids["Approval"]


def journal_key(notebook: str = "", kernel: str = "") -> str:
    """Return the key of this kernel's journals.

    Args:
        notebook: The notebook's path, if the front end tells it.
        kernel: Name of the kernel, which a restart keeps; empty for a terminal.

    Returns:
        The notebook's path if the server or the front end tells it, else the working directory and the kernel: two
        notebooks of a folder have different kernels.
    """
    if told := os.environ.get("JPY_SESSION_NAME") or notebook:
        return told
    try:
        folder = str(Path.cwd())
    except FileNotFoundError:
        folder = "(a directory that is gone)"
    return f"{folder} ({kernel})" if kernel else folder


def _decode(content: bytes) -> tuple[list[tuple[float | None, Event]], int]:
    """Return the events with their times, and the bytes of the complete lines. Only the last line may be incomplete."""
    events: list[tuple[float | None, Event]] = []
    good = 0
    for number, line in enumerate(content.splitlines(keepends=True), 1):
        if not line.endswith(b"\n"):
            break
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise ValueError("it is no JSON object")
            written = record.pop("time", None)
            if number > 1:
                events.append((written, from_json(record)))
            elif record.get("journal") != FORMAT:
                raise JournalError(
                    f"This journal has format {record.get('journal')!r}, not {FORMAT}: update codeact-jupyter."
                )
        except (ValueError, RecursionError) as error:
            raise JournalError(
                f"Line {number} of the journal cannot be read: {error}. A newer codeact-jupyter may have written it: "
                "update, or start a new conversation with `%codeact reset`."
            ) from error
        good += len(line)
    return events, good


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()[:16]


def _unwritable(path: Path, error: OSError) -> JournalError:
    remedy = _REMEDIES.get(error.errno or 0, "Set `%config CodeAct.journal_dir` to a writable folder.")
    return JournalError(f"The journal {path} cannot be used ({error.strerror}). {remedy}")
