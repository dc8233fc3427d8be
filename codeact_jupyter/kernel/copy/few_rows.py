"""The rows on which a result depends, where they are few: those that a filter leaves, or the first ones.

Groups of rows are changed, one group at a time. Those with which the result changes are halved, until single rows are
left. A result that depends on many rows changes with most groups, and the search ends at once. Whether the rows that
were found are all is not known from this: it must be tried by changing all others together.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

GROUPS = 16  #: groups of rows at the beginning
FEW = 8  #: most rows
LEAST = 5 * FEW  #: rows of a table at least
FIRST = (20, 10, 5, 3)  #: rows at the beginning of which it is found out if later ones matter
LATER = 5  #: later rows at least
RUNS = 70  #: runs of a cell for which there must be time: so many are needed to find four rows of 400


def few_rows(rows: int, changes: Callable[[Sequence[int]], bool]) -> list[int]:
    """Return the rows with which a result changes.

    Args:
        rows: Number of all rows.
        changes: Returns True if the result changes with these rows, given by their positions.

    Returns:
        Their positions; none if they are many.
    """
    size = -(-rows // GROUPS)
    groups: list[Sequence[int]] = [range(rows)[start : start + size] for start in range(0, rows, size)]
    while True:
        changing: list[Sequence[int]] = []
        for group in groups:
            if changes(group):
                changing.append(group)
            if len(changing) > FEW:
                return []
        if all(len(group) == 1 for group in changing):
            return [place for group in changing for place in group]
        groups = [half for group in changing for half in _halves(group)]


def first_rows(changes: Callable[[range], bool | None]) -> int:
    """Return on how many rows at the beginning a result depends, if it does not depend on later ones.

    Args:
        changes: Returns True if the result changes with rows, given by their positions, False if it stays the same,
            None if that cannot be told.

    Returns:
        Their number; 0 if later ones matter, if the first one does not or it alone does, or if few are later.
    """

    def is_enough(rows: int) -> bool | None:
        found = changes(range(rows, sys.maxsize))
        return None if found is None else not found

    high = next((rows for rows in FIRST if (enough := is_enough(rows)) is not None), 0)
    if not high or not enough:
        return 0
    low = 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle + 1, high)
    return high if high > 1 and changes(range(1)) else 0


def _halves(group: Sequence[int]) -> list[Sequence[int]]:
    middle = len(group) // 2
    return [half for half in (group[:middle], group[middle:]) if half]
