"""The live namespace as text for the model: what is there, and later only what changed.

A `Snapshot` holds names and descriptions, never objects. Two snapshots make a `Delta`: names added, rebound, removed,
and objects that changed in place where that shows in their description (shape, columns, length).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from .describe import describe, docstring, is_function, signature

CHARS_PER_TOKEN = 4
MAX_DOCSTRING = 300
_SHELL_NAMES = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
_DATA_FILES = (".csv", ".tsv", ".parquet", ".xlsx", ".xls", ".json", ".jsonl", ".feather", ".h5", ".sqlite", ".db")


@dataclass(frozen=True, slots=True)
class Entry:
    """One name. `order` sorts tables before other data, then functions and classes, then modules."""

    identity: int
    text: str  #: without the name
    order: int


Snapshot = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed between two snapshots: names in the order of their appearance."""

    added: tuple[str, ...] = ()
    rebound: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def snapshot(namespace: Mapping[str, Any], hidden: Collection[str] = ()) -> dict[str, Entry]:
    """The user's names: without those in `hidden`, IPython's own, and those that begin with an underscore."""
    return {
        name: _entry(obj)
        for name, obj in list(namespace.items())
        if type(name) is str and not name.startswith("_") and name not in _SHELL_NAMES and name not in hidden
    }


def delta(before: Snapshot, after: Snapshot) -> Delta:
    """What the time between the snapshots changed."""
    common = [name for name in after if name in before]
    return Delta(
        added=tuple(name for name in after if name not in before),
        rebound=tuple(name for name in common if after[name].identity != before[name].identity),
        changed=tuple(
            name
            for name in common
            if after[name].identity == before[name].identity and after[name].text != before[name].text
        ),
        removed=tuple(name for name in before if name not in after),
    )


def render_context(snapshot: Snapshot, *, files: Sequence[str] = (), budget: int) -> str:
    """The listing, in at most about `budget` tokens; it says how many names were left out."""
    modules = [name for name, entry in snapshot.items() if entry.order == _MODULE]
    lines = [_line(name, entry) for name, entry in _sorted(snapshot) if entry.order != _MODULE]
    room = budget * CHARS_PER_TOKEN - 80
    kept: list[str] = []
    for line in lines:
        line = line if len(line) <= room // 2 or not kept else line[: room // 2] + "…"
        if sum(map(len, kept)) + len(line) > room:
            kept.append(f"(and {len(lines) - len(kept)} more names)")
            break
        kept.append(line)
    if modules:
        kept.append("Imported: " + ", ".join(modules[:20]))
    if files:
        kept.append("Files: " + ", ".join(files))
    return "\n".join(kept) if kept else "Nothing yet."


def render_changes(since: Snapshot, now: Snapshot, *, budget: int) -> str:
    """What changed since the model was told last, as lines of the listing; empty when nothing did."""
    difference = delta(since, now)
    fresh = {name: now[name] for name in (*difference.added, *difference.rebound, *difference.changed)}
    lines = [render_context(fresh, budget=budget)] if fresh else []
    if difference.removed:
        lines.append("Gone: " + ", ".join(difference.removed[:20]))
    return "\n".join(lines)


def render_delta(difference: Delta, after: Snapshot) -> str:
    """The changes of one run in a line or two, e.g. `New: means (Series 3 float64). Removed: tmp.`"""

    def named(names: tuple[str, ...]) -> str:
        shown = [f"{name} ({_short(after[name].text)})" if name in after else name for name in names[:8]]
        return ", ".join([*shown, f"{len(names) - 8} more"] if len(names) > 8 else shown)

    parts = [
        ("New", difference.added),
        ("Rebound", difference.rebound),
        ("Changed in place", difference.changed),
        ("Removed", difference.removed),
    ]
    return " ".join(f"{label}: {named(names)}." for label, names in parts if names)


def list_files(directory: Path, limit: int) -> list[str]:
    """Names of the files in the directory, data files first, at most `limit`; hidden files are left out."""
    try:
        names = [path.name for path in directory.iterdir() if not path.name.startswith(".") and path.is_file()]
    except OSError:
        return []
    names.sort(key=lambda name: (not name.lower().endswith(_DATA_FILES), name))
    shown = [name if name.isprintable() else ascii(name) for name in names[:limit]]
    return [*shown, f"… {len(names) - limit} more"] if len(names) > limit else shown


_TABLE, _DATA, _FUNCTION, _MODULE = range(4)


def _entry(obj: Any) -> Entry:
    if type(obj) is ModuleType:
        return Entry(id(obj), describe(obj), _MODULE)
    if is_function(obj):
        text = docstring(obj)
        doc = f"  # {text[:MAX_DOCSTRING]}" if text else ""
        return Entry(id(obj), f"def {signature(obj)}{doc}", _FUNCTION)
    text = describe(obj)
    return Entry(id(obj), text, _TABLE if text.startswith("DataFrame") else _FUNCTION if type(obj) is type else _DATA)


def _sorted(snapshot: Snapshot) -> list[tuple[str, Entry]]:
    return sorted(snapshot.items(), key=lambda item: item[1].order)


def _line(name: str, entry: Entry) -> str:
    if entry.text.startswith("def ("):
        return f"def {name}{entry.text.removeprefix('def ')}"
    return f"{name}: {entry.text}"


def _short(text: str) -> str:
    """A description for a delta: a function is only called so, and columns are left out."""
    if text.startswith("def ("):
        return "function"
    head = text.split(":", 1)[0] if text.startswith("DataFrame") else text
    return head if len(head) <= 80 else head[:79] + "…"
