"""Joins that multiply rows, watched where they happen: a fact that the code's outputs may hide.

Only a copy of the kernel may be changed like this: the joins of pandas and polars are wrapped.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

TIMES = 2  #: a result of so many times the rows of the longer table is told
FACTS = 2  #: most joins that are told
LABELS = 6  #: most columns that are named
MULTIPLIED = "its key is not unique in either table"  #: words of each fact


def watch_joins() -> list[str]:
    """Wrap the joins of the libraries that are imported.

    Returns:
        A list to which a sentence is appended for each join that multiplies rows.
    """
    facts: list[str] = []
    pandas, polars = sys.modules.get("pandas"), sys.modules.get("polars")
    if pandas is not None and (module := sys.modules.get("pandas.core.reshape.merge")):
        module.merge = pandas.merge = _watched(module.merge, facts)  # type: ignore[attr-defined]
    if polars is not None:
        polars.DataFrame.join = _watched(polars.DataFrame.join, facts)
    return facts


def _watched(join: Callable[..., Any], facts: list[str]) -> Callable[..., Any]:
    @functools.wraps(join)
    def watched(left: Any, right: Any, *args: Any, **kwargs: Any) -> Any:
        result = join(left, right, *args, **kwargs)
        try:
            rows, given = len(result), (len(left), len(right))
            if rows > TIMES * max(given) and "cross" not in (kwargs.get("how"), *args) and len(facts) < FACTS:
                facts.append(_fact(rows, given, left, right, result))
        except Exception:  # what was joined is no frame: nothing is told
            pass
        return result

    return watched


def _fact(rows: int, given: tuple[int, int], left: Any, right: Any, result: Any) -> str:
    text = f"The join gave {rows:,} rows from {given[0]:,} and {given[1]:,}: {MULTIPLIED}."
    suffixed = [label for label in _labels(left) if label in _labels(right) and _is_suffixed(label, _labels(result))]
    return f"{text} Both tables also have {', '.join(map(repr, suffixed[:LABELS]))}." if suffixed else text


def _labels(frame: Any) -> list[str]:
    return [label for label in getattr(frame, "columns", ()) if type(label) is str]


def _is_suffixed(label: str, labels: list[str]) -> bool:
    """Return True if the result has the column twice, since it was no key: as `year_x` and `year_y`, say."""
    with_suffix = any(other.startswith(f"{label}_") for other in labels)
    return f"{label}_right" in labels or (with_suffix and label not in labels)
