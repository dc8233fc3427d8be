"""Folders of models and of what is kept of them, and the home folder of the user, which may be missing."""

from __future__ import annotations

import os
from pathlib import Path


def cache_directory() -> Path:
    """Return the cache directory.

    Returns:
        `CODEACT_CACHE`, or else the user's cache directory for this package.
    """
    import platformdirs

    named = os.environ.get("CODEACT_CACHE")
    return expanded(named or platformdirs.user_cache_dir("codeact-jupyter"))


def expanded(name: str) -> Path:
    """Return a path with the user's home folder in place of `~`.

    Args:
        name: The path.

    Returns:
        The path; as it is if there is no such user or home folder.
    """
    return Path(os.path.expanduser(name))  # noqa: PTH111 - `Path.expanduser` raises a RuntimeError


def prefix_cache_directory() -> Path:
    """Return the directory of `engines.prefix_cache`."""
    return cache_directory() / "prefixes"
