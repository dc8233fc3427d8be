"""On-disk cache of the KV state of the fixed prompt prefix.

A small model on a laptop evaluates the prefix in half a minute, and would do so again in every new kernel. The files
hold nothing but that prefix: no question, no name and no value of the user's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path

MIN_TOKENS = 256  #: a shorter prefix is evaluated as fast as its file is read
MAX_FILES = 4  #: the newest are kept; each takes some 30 kB per token


class PrefixCache:
    """Files of KV states for one model file.

    Args:
        directory: holds the files; made when the first one is stored.
        model: path of the model file.
        version: version of llama.cpp's bindings, which decides the format of a state.
    """

    def __init__(self, directory: Path, model: Path, version: str) -> None:
        self._directory = directory
        self._model = model
        self._version = version

    def path_for(self, ids: Sequence[int]) -> Path:
        """Return the path of the file for a prefix, which may not exist yet.

        Args:
            ids: token ids of the prefix.
        """
        about = self._model.stat()
        key = hashlib.sha256(f"{self._model.name} {about.st_size} {about.st_mtime_ns} {self._version}".encode())
        key.update(array("i", ids).tobytes())
        return self._directory / f"{self._model.name}-{key.hexdigest()[:24]}.kv"

    def store(self, path: Path, write: Callable[[Path], bool]) -> None:
        """Store a state atomically and delete the oldest files. Errors of the disk are ignored.

        Args:
            path: a path that `path_for` returned.
            write: writes the state to the path that it is given; returns True if that succeeded.
        """
        with contextlib.suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(OSError):  # a file system without such rights
                self._directory.chmod(0o700)  # it may have been made by another program
            handle, name = tempfile.mkstemp(suffix=".part", dir=self._directory)
            os.close(handle)
            try:
                if write(Path(name)):
                    with Path(name).open("rb") as written:
                        os.fsync(written.fileno())
                    Path(name).replace(path)
            finally:
                Path(name).unlink(missing_ok=True)  # also on a full disk
            for old in sorted(self._directory.glob("*.kv"), key=_age)[MAX_FILES:]:
                old.unlink(missing_ok=True)


def _age(file: Path) -> float:
    """Return a number that is smaller for newer files; a file that another process has just deleted counts as old."""
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0
