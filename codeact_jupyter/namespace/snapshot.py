"""The live namespace as text for the model: whole at first, within a token budget; later only what changed.

A snapshot keeps what each name said, not the objects. Whether a name still holds the same object is told by `id`,
made safe against its reuse by a weak reference where the type allows one, and by the description elsewhere. A change
in place is seen only where it shows in a shape, the columns or a length.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..text import one_line, shorten
from .describe import examine
from .literals import Kind

CHARS_PER_TOKEN = 4
CHANGES_TOKENS = 300
CALLABLE_CHARS = 300  #: of a function's or class's line where there is no room for the whole
DELTA_NAMES = 12  #: at most so many names of each sort in a delta

_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})
_TABLE_FILES = (".csv", ".tsv", ".parquet", ".feather", ".arrow", ".xlsx", ".xls", ".json", ".jsonl", ".ndjson")
_DATA_FILES = frozenset({*_TABLE_FILES, ".db", ".sqlite", ".h5", ".npy", ".npz", ".pkl"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What a name stood for when the snapshot was taken; `text` and `brief` describe it, `line` names it too."""

    name: str
    kind: Kind
    text: str
    brief: str
    columns: tuple[str, ...]
    identity: int
    reference: weakref.ref[Any] | None = field(compare=False, repr=False)

    def line(self, *, brief: bool = False) -> str:
        """`df: DataFrame 3×2: …`, `n = 5`, `top(df, n=5)`, or `count = lambda(x)` for a function of another name."""
        text, name = self.brief if brief else self.text, one_line(self.name)
        if self.kind == "value":
            return f"{name} = {text}"
        is_own_name = self.kind in ("function", "class") and text.removeprefix("async ").removeprefix(
            "class "
        ).startswith(f"{name}(")
        return text if is_own_name else f"{name}: {text}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The user's names at one moment, in the order in which they were defined."""

    entries: Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Delta:
    """What became of the names: `rebound` and `changed` (the same object, of another shape) hold before and after."""

    added: tuple[Entry, ...] = ()
    rebound: tuple[tuple[Entry, Entry], ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[tuple[Entry, Entry], ...] = ()

    def without(self, names: Collection[str]) -> Delta:
        """The same but for what these names stand for now."""
        added = tuple(entry for entry in self.added if entry.name not in names)
        return replace(self, added=added, rebound=tuple(pair for pair in self.rebound if pair[1].name not in names))

    def __bool__(self) -> bool:
        return bool(self.added or self.rebound or self.removed or self.changed)


def snapshot(namespace: Mapping[str, Any], hidden: Collection[str] = ()) -> Snapshot:
    """The names of `namespace` that are the user's: without a leading underscore, IPython's own and `hidden`.

    When `hidden` is a mapping, as IPython's `user_ns_hidden` is, a name is hidden only while it holds that object.
    """
    values = hidden if isinstance(hidden, Mapping) else None
    entries = {}
    for name, obj in list(namespace.items()):
        own = type(name) is str and not name.startswith("_") and name not in _IPYTHON
        if own and (name not in hidden or (values is not None and values[name] is not obj)):
            entries[name] = _entry(name, obj)
    return Snapshot(MappingProxyType(entries))


def delta(before: Snapshot, after: Snapshot) -> Delta:
    """What became of the names between two snapshots."""
    old, new = before.entries, after.entries
    pairs = [(old[name], entry) for name, entry in new.items() if name in old]
    return Delta(
        added=tuple(entry for name, entry in new.items() if name not in old),
        rebound=tuple(pair for pair in pairs if not _is_same_object(*pair)),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(pair for pair in pairs if _is_same_object(*pair) and pair[0].text != pair[1].text),
    )


def render_delta(change: Delta) -> str:
    """The delta in one line: `New: means (Series 3 float64). Rebound: df (DataFrame 333×8). Removed: tmp.`"""
    parts = [
        ("New", [_in_brackets(entry, shorten(entry.text, 240)) for entry in change.added]),
        ("Rebound", [_in_brackets(after, after.brief + _columns(before, after)) for before, after in change.rebound]),
        (
            "Changed in place (shape, columns or length)",
            [_in_brackets(after, after.brief + _columns(before, after)) for before, after in change.changed],
        ),
        ("Removed", [one_line(name) for name in change.removed]),
    ]
    return " ".join(f"{title}: {_listed(items)}." for title, items in parts if items)


def render_context(snapshot: Snapshot, *, files: Sequence[str] = (), budget: int) -> str:
    """All that is there, within `budget` tokens of about four characters; empty when there is nothing.

    Frames come first, then other data, functions and classes, modules in one line, and the `files`. What does not fit
    in full is told in brief, then left out and counted.
    """
    room = budget * CHARS_PER_TOKEN
    entries = list(snapshot.entries.values())
    modules = _line("Modules", (_module(entry) for entry in entries if entry.kind == "module"), room // 6)
    listing = _line("Files", files, room // 4)
    room -= len(modules) + len(listing) + 60
    frames = [entry for entry in entries if entry.kind == "frame"]
    data = [entry for entry in entries if entry.kind in ("data", "value")]
    callables = [entry for entry in entries if entry.kind in ("function", "class")]
    shown_frames, room = _fill(frames, room)
    shown_data, spare = _fill(data, room // 2 if callables else room)
    shown_callables, _ = _fill(callables, room - (room // 2 - spare))
    variables = [*shown_frames, *shown_data]
    left_out = len(frames) + len(data) + len(callables) - len(variables) - len(shown_callables)
    lines = [
        *(["Variables:", *variables] if variables else []),
        *(["Functions:", *shown_callables] if shown_callables else []),
        *([f"({left_out:,} more names left out)"] if left_out else []),
        *(part for part in (modules, listing) if part),
    ]
    text = "\n".join(lines)
    return text if len(text) <= budget * CHARS_PER_TOKEN else ""


def render_changes(since: Snapshot, now: Snapshot, *, budget: int = CHANGES_TOKENS) -> str:
    """What a later prompt tells: the names that are new or different since the model last looked; empty when none."""
    change = delta(since, now)
    fresh = [*change.added, *(after for _, after in (*change.rebound, *change.changed))]
    removed = _line("Removed", (one_line(name) for name in change.removed), 200)
    room = budget * CHARS_PER_TOKEN - len(removed) - 60
    shown, _ = _fill([entry for entry in fresh if entry.kind != "module"], room)
    modules = _line("Modules", (_module(entry) for entry in fresh if entry.kind == "module"), 200)
    left_out = sum(entry.kind != "module" for entry in fresh) - len(shown)
    lines = [
        *(["New or changed since:", *shown] if shown else []),
        *([f"({left_out:,} more names left out)"] if left_out else []),
        *(part for part in (modules, removed) if part),
    ]
    return "\n".join(lines)


def list_files(directory: Path, limit: int) -> list[str]:
    """Up to `limit` names in `directory` that are not hidden, data files first, as `penguins.csv (13 kB)` or `img/`."""
    try:
        with os.scandir(directory) as entries:
            found = [_file(entry) for entry in islice(entries, 10_000) if not entry.name.startswith(".")]
    except OSError:  # the working directory may be gone or unreadable: there is nothing to tell
        return []
    return [text for _, text in sorted(found)[: max(limit, 0)]]


# --- parts -------------------------------------------------------------------------------------------------------


def _entry(name: str, obj: Any) -> Entry:
    found = examine(obj)
    try:
        reference = weakref.ref(obj)
    except TypeError:
        reference = None
    return Entry(name, found.kind, found.text, found.brief, found.columns, id(obj), reference)


def _is_same_object(before: Entry, after: Entry) -> bool:
    """Whether the name still holds what it held; equal plain values count as the same, whichever object it is."""
    if before.kind == after.kind == "value":
        return before.text == after.text
    if before.identity != after.identity or before.kind != after.kind:
        return False
    return before.reference is None or before.reference() is not None


def _in_brackets(entry: Entry, text: str) -> str:
    if entry.kind in ("value", "function", "class"):
        return entry.line(brief=True)
    return f"{one_line(entry.name)} ({text})"


def _columns(before: Entry, after: Entry) -> str:
    """`, + ratio float64, - island` for columns that came and went."""
    if not (before.columns and after.columns):
        return ""
    came = [f"+ {column}" for column in after.columns if column not in before.columns]
    went = [f"- {column}" for column in before.columns if column not in after.columns]
    return "".join(f", {column}" for column in (came + went)[:6])


def _listed(items: list[str]) -> str:
    more = [f"… {len(items) - DELTA_NAMES:,} more"] if len(items) > DELTA_NAMES else []
    return ", ".join([*items[:DELTA_NAMES], *more])


def _module(entry: Entry) -> str:
    name = entry.text.removeprefix("module ")
    return name if name == entry.name else f"{name} as {one_line(entry.name)}"


def _line(title: str, items: Iterable[str], room: int) -> str:
    """`Title: a, b, … 3 more` in at most `room` characters; empty when there is nothing, or no room."""
    items = list(items)
    for count in range(min(len(items), room // 3), 0, -1):
        more = [f"… {len(items) - count:,} more"] if count < len(items) else []
        text = f"{title}: {', '.join([*items[:count], *more])}"
        if len(text) <= room:
            return text
    return ""


def _fill(entries: Iterable[Entry], room: int) -> tuple[list[str], int]:
    """The lines that fit, whole or in brief, and the room that is left."""
    lines = []
    for entry in entries:
        line = next((line for line in _tellings(entry) if len(line) < room), None)
        if line is not None:
            lines.append(line)
            room -= len(line) + 1
    return lines, room


def _tellings(entry: Entry) -> Iterable[str]:
    """The entry's line, from whole to brief; a long description is cut before it is left out."""
    yield entry.line()
    if entry.kind in ("function", "class"):
        yield shorten(entry.line(), CALLABLE_CHARS)
    yield entry.line(brief=True)


def _file(entry: os.DirEntry[str]) -> tuple[tuple[int, str], str]:
    """The rank and the text of one directory entry."""
    name = one_line(entry.name.encode("utf-8", "backslashreplace").decode())
    try:
        if entry.is_dir():
            return (2, entry.name), f"{name}/"
        size = entry.stat().st_size
    except OSError:  # a link to nowhere
        return (3, entry.name), name
    is_data = Path(entry.name).suffix.lower() in _DATA_FILES
    return (0 if is_data else 1, entry.name), f"{name} ({_size(size)})"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}"
