"""Changes of values inside the user's objects, found by comparison with cheap copies.

A snapshot finds a change in place only if a shape, a column or a length changes, not if rows are re-ordered or values
replaced. A copy of a frame shares its arrays until one of them is written, by pandas' copy-on-write (always on since
pandas 3) or polars' own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...namespace.static_lookup import is_exactly
from ..sizes import is_shared

ITEMS = 1_000_000  #: longest list, dictionary, set or array that is copied


def keep(namespace: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Copy the objects whose values a cell may change.

    Args:
        namespace: Live objects by name.

    Returns:
        For each name of such an object: the object and its copy.
    """
    return {name: (obj, copy) for name, obj in list(namespace.items()) if (copy := _copy(obj)) is not None}


def changed_values(originals: Mapping[str, tuple[Any, Any]], namespace: Mapping[str, Any]) -> list[str]:
    """Return the names that hold the same object as before, with other values.

    Args:
        originals: What `keep` returned before the cell ran.
        namespace: Live objects by name.

    Returns:
        The names. Comparing may run the user's code, such as `__eq__` of an item.
    """
    return [name for name, (obj, copy) in originals.items() if namespace.get(name) is obj and not _same(obj, copy)]


def _copy(obj: Any) -> Any:
    if is_exactly(obj, "pandas", "DataFrame", "Series"):
        return obj.copy(deep=False)
    if is_exactly(obj, "polars", "DataFrame", "Series"):
        return obj.clone()
    if type(obj) in (list, dict, set, bytearray) and len(obj) <= ITEMS:
        return obj.copy()
    return obj.copy() if is_exactly(obj, "numpy", "ndarray") and obj.size <= ITEMS else None


def _same(obj: Any, copy: Any) -> bool:
    try:
        if is_exactly(obj, "pandas", "DataFrame", "Series"):
            return is_shared(obj, copy) or bool(obj.equals(copy))
        if is_exactly(obj, "polars", "DataFrame", "Series"):
            return bool(obj.equals(copy))
        if is_exactly(obj, "numpy", "ndarray"):
            return bool(obj.tobytes() == copy.tobytes())
        return bool(obj == copy)
    except Exception:  # values that cannot be compared
        return True
