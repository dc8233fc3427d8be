"""The durable transcript: one append-only JSON-lines file per session, written through to the disk at each event.

The first line says which notebook (or directory) the session belongs to; each further line is an event. A line is
acknowledged once `append` returns: it then survives the kernel's death. A torn last line is dropped on reading.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
from pathlib import Path
from typing import Any

from ..errors import JournalError
from .messages import Event, from_json, to_json

FORMAT = 1


class Journal:
    """An open journal. Use `create` or `reopen`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create(cls, directory: Path, key: str) -> Journal:
        """A new journal for `key` (the notebook's path, or the directory). Raises `JournalError`."""
        folder = directory / _digest(key)
        journal = cls(folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:8]}.jsonl")
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            journal._write({"journal": FORMAT, "key": key, "created": time.time()})
        except OSError as error:
            raise _unwritable(journal.path, error) from error
        return journal

    @classmethod
    def reopen(cls, path: Path) -> tuple[Journal, list[Event]]:
        """The journal and its events; a torn last line is cut off first. Raises `JournalError`."""
        try:
            content = path.read_bytes()
            events, good = _decode(content)
            if good < len(content):
                os.truncate(path, good)
        except OSError as error:
            raise _unwritable(path, error) from error
        return cls(path), events

    def append(self, event: Event) -> None:
        """Writes the event and waits until it is on the disk. Raises `JournalError`."""
        try:
            self._write({"time": time.time(), **to_json(event)})
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def _write(self, record: dict[str, Any]) -> None:
        line = json.dumps(record, ensure_ascii=True, separators=(",", ":")) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            rest = line.encode()
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def latest_journal(directory: Path, key: str) -> Path | None:
    """The newest journal of this notebook or directory that holds any event, or `None`."""
    for path in sorted((directory / _digest(key)).glob("*.jsonl"), reverse=True):
        if _decode(path.read_bytes())[0]:
            return path
    return None


def journal_key() -> str:
    """What a session belongs to: the notebook's path where the server tells it, else the working directory."""
    try:
        return os.environ.get("JPY_SESSION_NAME") or str(Path.cwd())
    except FileNotFoundError:
        return "(a directory that is gone)"


def _decode(content: bytes) -> tuple[list[Event], int]:
    """The events, and the length in bytes of the sound lines. Only the last line may be unsound."""
    events: list[Event] = []
    good = 0
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            record.pop("time", None)
            if number > 1:
                events.append(from_json(record))
            elif record.get("journal") != FORMAT:
                raise JournalError(f"This journal has format {record.get('journal')!r}; format {FORMAT} is known here.")
        except (ValueError, AttributeError) as error:
            if number == len(lines):
                break
            raise JournalError(
                f"Line {number} of the journal cannot be read: {error}. Start anew with `%codeact reset`."
            ) from error
        if not line.endswith(b"\n"):
            del events[number - 2 :]
            break
        good += len(line)
    return events, good


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"The journal {path} cannot be used ({error.strerror}). Set `%config CodeAct.journal_dir` to a folder that can."
    )
