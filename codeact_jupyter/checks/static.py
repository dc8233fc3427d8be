"""Static checks of a candidate cell before anyone sees it. None of its code, and none of the user's, is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from .cell import read_cell
from .files import find_file
from .finding import Finding
from .guards import Guards
from .imports import find_import
from .intent import find_misfit
from .names import find_unbound
from .placeholders import find_placeholder, find_redefinition
from .source_text import find_in_text


def find_problem(
    code: str,
    namespace: Mapping[str, Any] | None = None,
    *,
    task: str | None = None,
    shown: str = "",
    tried: bool = False,
    forgive: Callable[[Finding], bool] = lambda _: False,
) -> Finding | None:
    """Check if a cell can be proposed.

    Args:
        code: Source of the cell.
        namespace: Live objects by name; without it only the text itself is checked.
        task: The user's question, to check that the cell fits it; needs the namespace.
        shown: All text that the model has seen: question, listing, code, outputs.
        tried: The cell was tried: find only what a trial cannot tell.
        forgive: Returns True for a finding about the live names that does not count.

    Returns:
        The most serious finding, or None if there is none.
    """
    if (problem := find_in_text(code)) or namespace is None:
        return problem
    try:
        found = (each for each in find_all(code, namespace) if not forgive(each))
        problem = next((each for each in found if not tried or each.kind in ("placeholder", "tool")), None)
    except Exception:  # an unforeseen object or tree is no reason to refuse the code
        problem = None
    if problem or task is None:
        return problem
    try:
        problem = find_misfit(read_cell(code, namespace), task, shown)
        return None if problem and tried and problem.kind in ("value", "idle") else problem
    except Exception:  # as above
        return None


def find_all(code: str, namespace: Mapping[str, Any]) -> Iterator[Finding]:
    """Check a cell against the live names.

    Args:
        code: Source of the cell.
        namespace: Live objects by name.

    Yields:
        What concerns the cell as a whole, then findings in the order in which its code runs.

    Raises:
        SyntaxError: The code does not parse; also `ValueError`, `MemoryError` or `RecursionError`.
    """
    cell = read_cell(code, namespace)
    guards = Guards(cell.tree)
    for check in (
        find_placeholder,
        find_redefinition,
        partial(find_import, guards=guards),
        find_unbound,
        partial(find_file, guards=guards),
    ):
        if finding := check(cell):
            yield finding
