"""Files that a cell reads and that do not exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ..namespace.static_lookup import frames, is_own
from .cell import Cell, dotted, last_name, text_of
from .finding import Finding, found, near
from .guards import Guards

_READERS = re.compile(
    r"(?:read|scan)_(?:csv|excel|json|parquet|table|pickle|feather|fwf|ipc|ndjson|stata|sas|hdf|xml|orc)"
)
_NUMPY = frozenset({"load", "loadtxt", "genfromtxt", "fromfile"})


def find_file(cell: Cell, guards: Guards) -> Finding | None:
    """Find a file that the cell reads and that neither exists nor is written by it.

    Args:
        cell: The cell.
        guards: Errors that it catches.

    Returns:
        The first finding, or None.
    """
    if "files" in cell.effects:
        return None
    read = list(_read_files(cell))
    places = {id(node) for _, node, _ in read}
    calls = [node for node in cell.nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    tools = [node.lineno for node in calls if is_own(cell.namespace.get(dotted(node.func)))]
    named = {
        node.value
        for node in cell.nodes
        if isinstance(node, ast.Constant) and type(node.value) is str and id(node) not in places
    }
    for call, _, path in read:
        is_met = guards.catches(call, "FileNotFoundError", "OSError") or path in named
        if is_met or any(line < call.lineno for line in tools):
            continue
        data = where_the_data_is(cell)
        if re.match(r"(?:https?|ftp|s3)://", path):
            if data and _READERS.fullmatch(last_name(call.func)):
                return found("file", "There is no network to read from.", data)
        elif not re.search(r"[*?\[\]{}\0]|^~|^\w{2,}:", path) and path.strip() and not _exists(path):
            return found("file", f"There is no file {path!r}.", data or _beside(path))
    return None


def _read_files(cell: Cell) -> Iterator[tuple[ast.Call, ast.expr, str]]:
    """Yield the calls that read a file, each with the literal that names it, and its path."""
    named = {
        node.targets[0].id: node.value
        for node in cell.tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and cell.bound[node.targets[0].id] == 1
    }
    calls = [node for node in cell.nodes if isinstance(node, ast.Call)]
    handed_on = {dotted(argument) for call in calls if not _reads(call, cell) for argument in call.args}
    handed_on |= {dotted(keyword.value) for call in calls if not _reads(call, cell) for keyword in call.keywords}
    for node in calls:
        if not _reads(node, cell):
            continue
        first = node.args[0] if node.args else next((k.value for k in node.keywords if k.arg in _PATHS), None)
        if isinstance(first, ast.Call) and dotted(first.func) in ("Path", "pathlib.Path") and len(first.args) == 1:
            first = first.args[0]
        if isinstance(first, ast.Name):
            first = None if first.id in handed_on else named.get(first.id)
        path = text_of(first)
        if first is not None and path is not None and "\n" not in path:
            yield node, first, path


_PATHS = ("filepath_or_buffer", "io", "path", "path_or_buf", "file", "fname", "source")


def _reads(node: ast.Call, cell: Cell) -> bool:
    name, last = dotted(node.func), last_name(node.func)
    root = name.partition(".")[0]
    if name == "open" and "open" not in cell.bound:
        mode = text_of(node.args[1]) if len(node.args) > 1 else None
        named = [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
        mode = text_of(named[0]) if named else mode or ("r" if len(node.args) < 2 else "?")
        return mode is not None and mode.startswith("r")
    if root in ("pd", "pandas", "pl", "polars"):
        return _READERS.fullmatch(last) is not None
    return root in ("np", "numpy") and name.count(".") == 1 and last in _NUMPY


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return True


def _beside(path: str) -> str:
    """Return a sentence that suggests files with similar names in the same folder."""
    folder = Path(path).parent
    try:
        names = [entry.name for entry, _ in zip(folder.iterdir(), range(500), strict=False) if entry.is_file()]
    except OSError:
        return ""
    alike = near(Path(path).name, [name for name in names if not name.startswith(".")], 2)
    return f"Did you mean {' or '.join(repr(str(folder / name)) for name in alike)}?" if alike else ""


def where_the_data_is(cell: Cell) -> str:
    """Return a sentence that names the live data frames.

    Args:
        cell: The cell.

    Returns:
        Text for the model, empty without frames.
    """
    names = frames(cell.namespace)[:4]
    if not names:
        return ""
    shown = ", ".join(f"`{name}`" for name in names)
    return f"The data is in the variable{'s' * (len(names) > 1)} {shown} already."
