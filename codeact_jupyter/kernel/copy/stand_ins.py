"""Stand-ins for files that a trial writes in the notebook's folder.

A refused write ends most cells, so that nothing would be known of the rest of the cell. In place of a file that a copy
opens for writing in the notebook's folder, it gets an anonymous file in memory, and goes on. It reads the real files.
"""

from __future__ import annotations

import os
import stat

MOST = 64  #: files
COPIED_BYTES = 64 << 20  #: most bytes of a file that is not written anew


class StandIns:
    """The stand-ins of one trial.

    Args:
        folder: Resolved path of the notebook's folder; without one, nothing has a stand-in.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder.rstrip("/")
        self._files: dict[str, int] = {}
        self._folders: set[str] = set()

    def close(self) -> None:
        """Drop the files. A second call does nothing."""
        for descriptor in self._files.values():
            os.close(descriptor)
        self._files.clear()

    def covers(self, path: str) -> bool:
        """Return True for a path in the notebook's folder, unless it, or a folder on the way to it, is hidden.

        Args:
            path: An absolute and resolved path.
        """
        inside = path.removeprefix(f"{self._folder}/")
        return bool(self._folder) and inside != path and not any(part[:1] in (".", "") for part in inside.split("/"))

    def open(self, path: str, flags: int) -> int | None:
        """Open the stand-in of a file for writing.

        Args:
            path: A path that `covers` accepts.
            flags: Those of `open`.

        Returns:
            A new descriptor; None if the file cannot have a stand-in.
        """
        if path not in self._files:
            try:
                old = _content(path, flags)
            except OSError:
                return None
            if old is None or len(self._files) >= MOST:
                return None
            self._files[path] = os.memfd_create("stand-in")
            os.pwrite(self._files[path], old, 0)
        kept = flags & (os.O_ACCMODE | os.O_APPEND | os.O_TRUNC)
        return os.open(f"/proc/self/fd/{self._files[path]}", kept | os.O_CLOEXEC)

    def has(self, path: str) -> bool:
        """Return True if the trial has made this file or folder.

        Args:
            path: An absolute and resolved path.
        """
        return path in self._folders or (path in self._files and not os.path.lexists(path))

    def drop(self, path: str) -> bool:
        """Drop a file that the trial has made.

        Args:
            path: An absolute and resolved path.

        Returns:
            True if there was one.
        """
        if path in self._folders or not self.has(path):
            return False
        os.close(self._files.pop(path))
        return True

    def make_folder(self, path: str) -> None:
        """Note a folder that is to be made.

        Args:
            path: A path that `covers` accepts.
        """
        self._folders.add(path)


def _content(path: str, flags: int) -> bytes | None:
    """Return the bytes with which the stand-in of a file begins; None if it cannot have one."""
    if not os.path.lexists(path):
        return b""
    about = os.lstat(path)
    if not stat.S_ISREG(about.st_mode) or (not flags & os.O_TRUNC and about.st_size > COPIED_BYTES):
        return None
    if flags & os.O_TRUNC:
        return b""
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read(COPIED_BYTES)
