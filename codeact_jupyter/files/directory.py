"""Files of a directory as text: data files first, each with its size."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from ..text import one_line, spelt_out

_SCANNED = 10_000  # maximum number of entries that are read
_TABLE_FILES = (".csv", ".tsv", ".parquet", ".feather", ".arrow", ".xlsx", ".xls", ".json", ".jsonl", ".ndjson")
_DATA_FILES = frozenset({*_TABLE_FILES, ".db", ".sqlite", ".h5", ".npy", ".npz", ".pkl"})
_OTHER_FILES = frozenset(
    {".txt", ".dat", ".log", ".tab", ".xml", ".html", ".sav", ".dta", ".zip", ".gz", ".bz2", ".xz"}
)


def list_files(directory: Path, limit: int) -> list[str]:
    """List the entries of a directory that are not hidden, as `penguins.csv (13 kB)` or `img/`.

    Args:
        directory: the directory.
        limit: largest number of entries.

    Returns:
        Data files first, then other files, then directories; nothing if the directory cannot be read.
    """
    try:
        with os.scandir(directory) as entries:
            found = [_file(entry) for entry in islice(entries, _SCANNED) if not entry.name.startswith(".")]
    except OSError:  # the working directory may have been removed
        return []
    return [text for _, text in sorted(found)[: max(limit, 0)]]


def names_in(directory: Path) -> list[str]:
    """Name the files of a directory.

    Args:
        directory: The directory.

    Returns:
        Names, sorted; nothing if the directory cannot be read.
    """
    try:
        with os.scandir(directory) as entries:
            return sorted(entry.name for entry in islice(entries, _SCANNED) if _is_file(entry))
    except OSError:
        return []


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link that leads to itself
        return False


def is_data_file(name: str) -> bool:
    """Tell a data file by its name.

    Args:
        name: A file's name.

    Returns:
        True for the endings of tables, databases, archives and plain text.
    """
    return Path(name).suffix.lower() in _DATA_FILES | _OTHER_FILES


def _file(entry: os.DirEntry[str]) -> tuple[tuple[int, str], str]:
    """Return the sort key and the text of one entry."""
    name = spelt_out(one_line(entry.name.encode("utf-8", "backslashreplace").decode()))
    try:
        if entry.is_dir():
            return (2, entry.name), f"{name}/"
        size = entry.stat().st_size
    except OSError:  # a broken link
        return (3, entry.name), name
    is_data = Path(entry.name).suffix.lower() in _DATA_FILES
    return (0 if is_data else 1, entry.name), f"{name} ({_size(size)})"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}"
