"""Data files of the working directory, and facts on the files that a cell read wrongly."""

from __future__ import annotations

import ast
import csv
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..checks.spelling import nearest
from ..files.directory import is_data_file, names_in
from ..files.named import describe_files
from ..namespace.source import UNPARSABLE
from ..namespace.static_lookup import is_exactly

MISREAD = "The file that it reads is this:"  #: beginning of the facts about a file that was read in another way
_READING = (ValueError, csv.Error, EOFError, zipfile.BadZipFile)  # of bytes that are not what a reader expects


def data_files(prefix: str) -> list[str]:
    """Name the data files of the working directory.

    Args:
        prefix: Beginning of their names.

    Returns:
        The names, sorted.
    """
    names = (name for name in names_in(Path()) if name.startswith(prefix) and is_data_file(name))
    return [name for name in names if name.isprintable() and not name.startswith(".")]


def misread(source: str, error: BaseException | None, names: Iterable[str], namespace: Mapping[str, Any]) -> str:
    """Describe the files that a cell reads, if its error or its frames show that it reads them wrongly.

    Args:
        source: The cell, which ran.
        error: What it raised, if it did.
        names: New and rebound names.
        namespace: Live objects by name.

    Returns:
        What is in the files and the calls that read them; empty if nothing shows that they were read wrongly.
    """
    if isinstance(error, FileNotFoundError):
        return _nearest(error)
    if not any(_is_narrow(namespace.get(name)) for name in names) and not isinstance(error, _READING):
        return ""
    called = " ".join(source.split())
    told = [text for name in _files(source) if (text := describe_files([name], Path()))]
    other = [text for text in told if (call := _call(text)) and call not in called]
    if not isinstance(error, _READING):
        other = [text for text in other if " × 1:" not in text]  # one column is right
    return f"{MISREAD} {' '.join(other)}" if other else ""


def read_names(source: str) -> set[str]:
    """Return the names of what a cell only reads: each is assigned one call whose first argument is an existing file.

    Args:
        source: The cell, which ran.
    """
    try:
        body = ast.parse(source).body
    except UNPARSABLE:
        return set()
    found = set()
    for node in body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[ast.Constant(value=str(path)), *_])):
                found |= {name} if _is_file(path) else set()
    return found


def _is_narrow(obj: Any) -> bool:
    """Return True for a frame of one column, as a wrong separator gives it."""
    return is_exactly(obj, "pandas", "DataFrame") and obj.shape[1] == 1


def _call(text: str) -> str:
    return text.partition("read it with: ")[2]


def _nearest(error: FileNotFoundError) -> str:
    """Describe the file that was meant, if only one has a similar name."""
    if type(error.filename) is not str:
        return ""
    missing = Path(error.filename)
    name = nearest(missing.name, [name for name in names_in(missing.parent) if not name.startswith(".")])
    return describe_files([str(missing.parent / name)], Path()) if name else ""


def _files(source: str) -> list[str]:
    """Return the files that texts in the cell name."""
    try:
        tree = ast.parse(source)
    except UNPARSABLE:
        return []
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str]
    return [text for text in dict.fromkeys(texts) if _is_file(text)]


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):
        return False
