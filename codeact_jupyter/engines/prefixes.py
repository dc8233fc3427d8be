"""What all conversations with a model begin with, kept on disk as the model has read it.

A prompt's fixed beginning takes a small model on a laptop half a minute to read, and every new kernel would read it
again. The files hold nothing else: no question, no name and no value of the user's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

SHORTEST = 256  #: a beginning of fewer tokens is read as fast as a file
MOST = 4  #: files that are kept; each takes some 30 KB a token


class Prefixes:
    """The files in `directory` for the model at `path`, read by this `version` of llama.cpp's bindings."""

    def __init__(self, directory: Path, path: Path, version: str) -> None:
        self._directory = directory
        self._path = path
        self._version = version

    def file(self, ids: Sequence[int]) -> Path:
        """Where the state after these ids is kept."""
        about = self._path.stat()
        key = hashlib.sha256(f"{self._path.name} {about.st_size} {about.st_mtime_ns} {self._version}".encode())
        key.update(array("i", ids).tobytes())
        return self._directory / f"{self._path.name}-{key.hexdigest()[:24]}.kv"

    def keep(self, file: Path, write: Callable[[Path], bool]) -> None:
        """Has the state written to a new file, which takes its place when it is whole, and drops the oldest ones.

        What the disk refuses is no matter: the beginning is then read again the next time.
        """
        with contextlib.suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(suffix=".part", dir=self._directory)
            os.close(handle)
            if write(Path(name)):
                with Path(name).open("rb") as written:
                    os.fsync(written.fileno())
                Path(name).replace(file)
            Path(name).unlink(missing_ok=True)
            for old in sorted(self._directory.glob("*.kv"), key=_age)[MOST:]:
                old.unlink(missing_ok=True)


def _age(file: Path) -> float:
    """Smaller for newer files; a file that has just been dropped by another process counts as old."""
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0
