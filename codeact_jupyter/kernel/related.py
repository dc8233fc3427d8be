"""Joins of live frames and the tables of named files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..files.source import FileText
from ..namespace.relations import find_relations
from ..namespace.snapshot import Entry, Snapshot
from ..namespace.static_lookup import MISSING, class_in


class Joins:
    """Joins of frames and named files that were not told yet."""

    def __init__(self) -> None:
        self._frames: list[Entry] = []
        self._lines: list[str] = []

    def new(
        self, now: Snapshot, namespace: Mapping[str, Any], named: Mapping[str, FileText], *, afresh: bool = False
    ) -> list[str]:
        """Find the joins.

        Args:
            now: The present names.
            namespace: Live objects by name.
            named: What is in the files that the question names.
            afresh: True to return them all.

        Returns:
            A line for each; if not afresh, only those that the last call did not find.
        """
        frames = [entry for entry in now.entries.values() if entry.kind == "frame"]
        told = [] if afresh else self._lines
        if frames == self._frames and not named and not afresh:
            return []
        self._frames, self._lines = frames, related_tables(namespace, named)
        return [line for line in self._lines if line not in told]


def related_tables(namespace: Mapping[str, Any], files: Mapping[str, FileText]) -> list[str]:
    """Find how tables join.

    Args:
        namespace: Live objects by name.
        files: What is in the files that the question names. Their tables count if pandas is imported; one that was not
            read to its end is only told to refer to others.

    Returns:
        A line for each two tables that do.
    """
    make, tables, parts = class_in("pandas", "DataFrame"), dict[str, Any](), set[str]()
    for file, told in files.items():
        for table in told.tables if make is not MISSING else ():
            name = f"{file}:{table.name}" if table.name else file
            tables[name] = make(table.columns)
            parts |= set() if table.is_whole else {name}
    found = find_relations({**tables, **namespace})
    return [relation.line for relation in found if relation.right not in parts]
