"""Facts about files and descriptors by which the supervisor answers a system call."""

from __future__ import annotations

import os

from ...models.folders import expanded

_SQLITE = b"SQLite format 3\0"


def may_write(path: str) -> bool:
    """Return True if this process may write the file or folder.

    Args:
        path: An absolute path.
    """
    return os.access(path, os.W_OK, effective_ids=True)


def is_database(path: str) -> bool:
    """Return True if the file is a database of SQLite.

    Args:
        path: An absolute path.
    """
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def caches() -> tuple[str, ...]:
    """Return the folders in which libraries keep caches, each with a slash at its end."""
    homes = [os.environ.get(name) for name in ("XDG_CACHE_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR")]
    return (*(f"{home.rstrip('/')}/" for home in homes if home), f"{expanded('~/.cache')}/")


def own_link(number: int) -> str:
    """Return the target of a descriptor of this process; empty if there is none.

    Args:
        number: The descriptor.
    """
    try:
        return os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
    except OSError:
        return ""
