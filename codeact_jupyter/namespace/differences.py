"""Differences between two snapshots as text: in one line for the model, and name by name for the user."""

from __future__ import annotations

import re

from ..text import one_line, shorten
from .snapshot import Delta, Entry

DELTA_NAMES = 12  #: maximum number of names of each kind in a delta
DELTA_CHARS = 240  #: maximum length of a new name's description in a delta

_COLUMN = re.compile(r"(.*? \S+?)(?: \(|$)", re.DOTALL)


def render_delta(change: Delta) -> str:
    """Render a delta in one line, such as `New: n = 3. Rebound: df (DataFrame 333×8). Removed: tmp.`.

    Args:
        change: the delta.

    Returns:
        The line; empty if there are no changes.
    """
    parts = [
        ("New", [_in_brackets(entry, shorten(entry.plain, DELTA_CHARS)) for entry in change.added]),
        (
            "Rebound",
            [_in_brackets(after, after.brief + _columns(before, after)) for before, after in change.rebound],
        ),
        (
            "Changed in place (shape, columns or length)",
            [_in_brackets(after, after.brief + _columns(before, after)) for before, after in change.changed],
        ),
        ("Removed", [one_line(name) for name in change.removed]),
    ]
    return " ".join(f"{title}: {_listed(items)}." for title, items in parts if items)


def _columns(before: Entry, after: Entry) -> str:
    """Return `, + ratio float64, - island` for columns of a frame that were added and removed."""
    if not (before.columns and after.columns):
        return ""
    earlier, later = (
        dict(zip(map(_without_values, each.columns), each.columns, strict=True)) for each in (before, after)
    )
    came = [f"+ {column}" for key, column in later.items() if key not in earlier]
    went = [f"- {key}" for key in earlier if key not in later]
    return "".join(f", {column}" for column in (came + went)[:6])


def _without_values(column: str) -> str:
    """Return `species str` for `species str (3 values: …)`."""
    match = _COLUMN.match(column)
    return match[1] if match else column


def describe_changes(change: Delta) -> dict[str, str]:
    """Describe how each rebound or changed name differs from before.

    Args:
        change: the delta.

    Returns:
        By name: "replaces `df`: 344 → 333 rows", "changes `df`: + ratio float64", "replaces `n`: 5 → 7".
    """
    found = {}
    for verb, pairs in (("replaces", change.rebound), ("changes", change.changed)):
        for before, after in pairs:
            how = _difference(before, after)
            found[after.name] = f"{verb} `{after.name}`{f': {how}' if how else ''}"
    return found


def _difference(before: Entry, after: Entry) -> str:
    """Return the numbers of rows, or else the columns or the objects that differ; empty if none do."""
    if before.kind == after.kind == "frame":
        rows, now = _rows(before), _rows(after)
        return f"{rows} → {now} rows" if rows != now else _columns(before, after).removeprefix(", ")
    return f"{before.brief} → {after.brief}" if before.brief != after.brief else ""


def _rows(frame: Entry) -> str:
    """Return the number of rows: `1,200` of `DataFrame 1200×3`."""
    return f"{int(frame.brief.rpartition(' ')[2].partition('×')[0]):,}"


def _in_brackets(entry: Entry, text: str) -> str:
    if entry.kind in ("value", "function", "class"):
        return entry.line("brief")
    return f"{one_line(entry.name)} ({text})"


def _listed(items: list[str]) -> str:
    more = [f"… {len(items) - DELTA_NAMES:,} more"] if len(items) > DELTA_NAMES else []
    return ", ".join([*items[:DELTA_NAMES], *more])
