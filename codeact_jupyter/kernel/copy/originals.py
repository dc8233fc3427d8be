"""Changes of values inside the user's objects, found by comparison with cheap copies.

A snapshot finds a change in place only if a shape, a column or a length changes, not if rows are re-ordered or values
replaced. A copy of a frame shares its arrays until one of them is written, by pandas' copy-on-write (always on since
pandas 3) or polars' own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...namespace.static_lookup import is_exactly

_PARTS = ("_pa_array", "_ndarray", "_data", "_mask")  # the memory of pandas' own extension arrays

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


def is_shared(obj: Any, copy: Any) -> bool:
    """Return True if two frames or series of pandas still have the same arrays and the same labels."""
    blocks = list(zip(obj._mgr.blocks, copy._mgr.blocks, strict=False))
    if len(obj._mgr.blocks) != len(copy._mgr.blocks) or not all(_same_array(a.values, b.values) for a, b in blocks):
        return False
    return all(one is other or one.identical(other) for one, other in zip(obj.axes, copy.axes, strict=True))


def _same_array(values: Any, others: Any) -> bool:
    """Return True if two arrays of pandas surely have the same memory."""
    if is_exactly(values, "numpy", "ndarray") and is_exactly(others, "numpy", "ndarray"):
        return bool(values.__array_interface__ == others.__array_interface__)
    parts = [(getattr(values, part, None), getattr(others, part, None)) for part in _PARTS]
    known = [(one, other) for one, other in parts if one is not None]
    return bool(known) and all(one is other or _same_array(one, other) for one, other in known)
