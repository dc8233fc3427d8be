"""Differences between two snapshots, name by name, in a few words for the user."""

from __future__ import annotations

from .snapshot import Delta, Entry, columns_changed


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
        return f"{rows} → {now} rows" if rows != now else columns_changed(before, after).removeprefix(", ")
    return f"{before.brief} → {after.brief}" if before.brief != after.brief else ""


def _rows(frame: Entry) -> str:
    """Return the number of rows: `1,200` of `DataFrame 1200×3`."""
    return f"{int(frame.brief.rpartition(' ')[2].partition('×')[0]):,}"
