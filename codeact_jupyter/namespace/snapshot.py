"""Snapshots of the live namespace, and their text for the model: whole at first, later only the changes.

A snapshot keeps the description of each name, not the objects. Two snapshots hold the same object if its `id` is equal
and a weak reference, where the type allows one, is alive: an id may be used again. A change in place is found only if
it shows in a shape, the columns or a length.
"""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

from ..text import one_line, shorten
from .describe import examine
from .literals import Kind
from .tables import cells_for

CHARS_PER_TOKEN = 4
CHANGES_TOKENS = 300  #: limit for the changes of the namespace in a later prompt
CALLABLE_CHARS = 300  #: length of a shortened line of a function or class

_MODULES_CHARS = _REMOVED_CHARS = 200
_HEADINGS_CHARS = 60  # of the lines that announce others, and of the count of what is left out

_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One name and the description of its object, when the snapshot was taken."""

    name: str  #: the name in the namespace
    kind: Kind  #: kind of object
    text: str  #: description of the object, whole
    brief: str  #: description of the object, without columns and docstring
    plain: str  #: description of the object, without remarks on the values of a table
    columns: tuple[str, ...]  #: a table's first columns, each with its type, and its values if all are named
    identity: int  #: `id` of the object
    reference: weakref.ref[Any] | None = field(compare=False, repr=False)  #: None for types that allow none

    def line(self, form: Literal["text", "plain", "brief"] = "text") -> str:
        """Return name and description: `df: DataFrame 3×2: …`, `n = 5`, `top(df, n=5)`.

        Args:
            form: which of the descriptions.
        """
        text, name = getattr(self, form), one_line(self.name)
        if self.kind == "value":
            return f"{name} = {text}"
        heading = text.removeprefix("async ").removeprefix("class ")
        is_own_name = self.kind in ("function", "class") and heading.startswith(f"{name}(")
        return text if is_own_name else f"{name}: {text}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The user's names at one moment."""

    entries: Mapping[str, Entry]  #: by name, in the order of definition


@dataclass(frozen=True, slots=True)
class Delta:
    """Changes between two snapshots. True if there are any."""

    added: tuple[Entry, ...] = ()  #: new names
    rebound: tuple[tuple[Entry, Entry], ...] = ()  #: names of another object, before and after
    removed: tuple[str, ...] = ()  #: names that are gone
    changed: tuple[tuple[Entry, Entry], ...] = ()  #: names of the same object in another shape, before and after

    def without(self, names: Collection[str]) -> Delta:
        """Return the delta without the new and rebound ones among these names.

        Args:
            names: names to leave out.
        """
        added = tuple(entry for entry in self.added if entry.name not in names)
        return replace(self, added=added, rebound=tuple(pair for pair in self.rebound if pair[1].name not in names))

    def __bool__(self) -> bool:
        return bool(self.added or self.rebound or self.removed or self.changed)


def snapshot(namespace: Mapping[str, Any], hidden: Collection[str] = ()) -> Snapshot:
    """Take a snapshot of the user's names.

    Args:
        namespace: the objects by name.
        hidden: see `users_objects`.

    Returns:
        The snapshot.
    """
    users = users_objects(namespace, hidden)
    cells = cells_for(users.values())
    return Snapshot(MappingProxyType({name: _entry(name, obj, cells) for name, obj in users.items()}))


def users_objects(namespace: Mapping[str, Any], hidden: Collection[str] = ()) -> dict[str, Any]:
    """Return the objects of the user's names: without those with a leading underscore and IPython's own.

    Args:
        namespace: the objects by name.
        hidden: further names to leave out; if it is a mapping, as IPython's `user_ns_hidden` is, a name is left out
            only while it holds the mapping's object.

    Returns:
        The objects by name, in the order of definition.
    """
    values = hidden if isinstance(hidden, Mapping) else None
    users: dict[str, Any] = {}
    for name, obj in list(namespace.items()):
        if type(name) is not str or name.startswith("_"):
            continue
        if name not in {*hidden, *_IPYTHON} if values is None else values.get(name, users) is not obj:
            users[name] = obj
    return users


def delta(before: Snapshot, after: Snapshot) -> Delta:
    """Return the changes between two snapshots.

    Args:
        before: the earlier one.
        after: the later one.
    """
    old, new = before.entries, after.entries
    pairs = [(old[name], entry) for name, entry in new.items() if name in old]
    return Delta(
        added=tuple(entry for name, entry in new.items() if name not in old),
        rebound=tuple(pair for pair in pairs if not _is_same_object(*pair)),
        removed=tuple(name for name in old if name not in new),
        changed=tuple(pair for pair in pairs if _is_same_object(*pair) and pair[0].plain != pair[1].plain),
    )


def render_context(snapshot: Snapshot, *, files: Sequence[str] = (), joins: Sequence[str] = (), budget: int) -> str:
    """Render all names: frames first, then other data, functions and classes, modules, and files.

    What does not fit is given in brief, or else left out and counted.

    Args:
        snapshot: the names.
        files: files of the working directory, as text.
        joins: how the frames join, a line each.
        budget: upper limit in tokens, of four characters each.

    Returns:
        The text; empty if there is nothing.
    """
    room = budget * CHARS_PER_TOKEN
    entries = list(snapshot.entries.values())
    modules = _line("Modules", (_module(entry) for entry in entries if entry.kind == "module"), room // 6)
    listing = _line("Files", files, room // 4)
    related = _line("Joins", joins, room // 6)
    room -= len(modules) + len(listing) + len(related) + _HEADINGS_CHARS
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
        *([related] if related else []),
        *(["Functions:", *shown_callables] if shown_callables else []),
        *_count_of_rest(left_out),
        *(part for part in (modules, listing) if part),
    ]
    text = "\n".join(lines)
    return text if len(text) <= budget * CHARS_PER_TOKEN else ""


def render_changes(since: Snapshot, now: Snapshot, *, joins: Sequence[str] = (), budget: int = CHANGES_TOKENS) -> str:
    """Render the names that are new, changed or removed since the last prompt.

    Args:
        since: snapshot of the last prompt.
        now: snapshot of this prompt.
        joins: how the frames join, a line each.
        budget: upper limit in tokens, of four characters each.

    Returns:
        The text; empty if nothing changed.
    """
    change = delta(since, now)
    fresh = [*change.added, *(after for _, after in (*change.rebound, *change.changed))]
    removed = _line("Removed", (one_line(name) for name in change.removed), _REMOVED_CHARS)
    related = _line("Joins", joins, budget * CHARS_PER_TOKEN // 6)
    room = budget * CHARS_PER_TOKEN - len(removed) - len(related) - _HEADINGS_CHARS
    shown, _ = _fill([entry for entry in fresh if entry.kind != "module"], room)
    modules = _line("Modules", (_module(entry) for entry in fresh if entry.kind == "module"), _MODULES_CHARS)
    left_out = sum(entry.kind != "module" for entry in fresh) - len(shown)
    lines = [
        *(["New or changed since:", *shown] if shown else []),
        *([related] if related else []),
        *_count_of_rest(left_out),
        *(part for part in (modules, removed) if part),
    ]
    return "\n".join(lines)


# --- parts -------------------------------------------------------------------------------------------------------


def _entry(name: str, obj: Any, cells: int) -> Entry:
    found = examine(obj, cells)
    try:
        reference = weakref.ref(obj)
    except TypeError:
        reference = None
    return Entry(name, found.kind, found.text, found.brief, found.plain, found.columns, id(obj), reference)


def _is_same_object(before: Entry, after: Entry) -> bool:
    """Return True if the name still holds the same object, or an equal plain value."""
    if before.kind == after.kind == "value":
        return before.text == after.text
    if before.identity != after.identity or before.kind != after.kind:
        return False
    return before.reference is None or before.reference() is not None


def _count_of_rest(left_out: int) -> list[str]:
    return [f"({left_out:,} more names left out)"] if left_out else []


def _module(entry: Entry) -> str:
    name = entry.text.removeprefix("module ")
    return name if name == entry.name else f"{name} as {one_line(entry.name)}"


def _line(title: str, items: Iterable[str], room: int) -> str:
    """Return `Title: a, b, … 3 more` in at most `room` characters; empty if there are no items, or no room."""
    items = list(items)
    for count in range(min(len(items), room // 3), 0, -1):
        more = [f"… {len(items) - count:,} more"] if count < len(items) else []
        text = f"{title}: {', '.join([*items[:count], *more])}"
        if len(text) <= room:
            return text
    return ""


def _fill(entries: Sequence[Entry], room: int) -> tuple[list[str], int]:
    """Return the lines that fit, and the room that is left.

    Remarks on a table's values are given where there is room for the plain lines of the tables after it.
    """
    lines = []
    later = sum(len(entry.line("plain")) + 1 for entry in entries if entry.plain != entry.text)
    for entry in entries:
        forms = list(_forms(entry))
        if entry.plain != entry.text:
            later -= len(entry.line("plain")) + 1
            if len(forms[0]) >= room - later:
                del forms[0]
        line = next((line for line in forms if len(line) < room), None)
        if line is not None:
            lines.append(line)
            room -= len(line) + 1
    return lines, room


def _forms(entry: Entry) -> Iterable[str]:
    """Yield the entry's line, from whole to brief."""
    yield entry.line()
    if entry.plain != entry.text:
        yield entry.line("plain")
    if entry.kind in ("function", "class"):
        yield shorten(entry.line(), CALLABLE_CHARS)
    yield entry.line("brief")
