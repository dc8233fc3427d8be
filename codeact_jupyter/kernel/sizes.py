"""The memory of objects: how much one takes, and what frames of pandas share."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from ..namespace.static_lookup import is_exactly

_PARTS = ("_pa_array", "_ndarray", "_data", "_mask")  # the memory of pandas' own extension arrays


def held_bytes(obj: Any) -> int:
    """Return how many bytes an object takes, without the objects that it refers to.

    Args:
        obj: The object.
    """
    if is_exactly(obj, "pandas", "DataFrame", "Series"):
        return sum(_arrays(obj).values())
    if is_exactly(obj, "polars", "DataFrame", "Series"):
        return int(obj.estimated_size())
    return int(obj.nbytes) if is_exactly(obj, "numpy", "ndarray") else sys.getsizeof(obj, 64)


def memory_of(obj: Any) -> dict[Any, int]:
    """Return the bytes of the memory that an object has: of a frame of pandas, of its arrays, which others may share.

    Args:
        obj: The object.

    Returns:
        The bytes, by something that tells the memory from other.
    """
    return _arrays(obj) if is_exactly(obj, "pandas", "DataFrame", "Series") else {id(obj): held_bytes(obj)}


def frames_memory(objects: Iterable[Any]) -> set[Any]:
    """Return what tells the memory of the frames and series of pandas.

    Args:
        objects: Any objects.
    """
    return {place for obj in objects if is_exactly(obj, "pandas", "DataFrame", "Series") for place in _arrays(obj)}


def is_shared(obj: Any, copy: Any) -> bool:
    """Return True if two frames or series of pandas still have the same arrays and the same labels.

    Args:
        obj: A frame or series.
        copy: A shallow copy of it.
    """
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


def _arrays(obj: Any) -> dict[Any, int]:
    return {_place(block.values): int(block.values.nbytes) for block in obj._mgr.blocks}


def _place(values: Any) -> Any:
    parts = [getattr(values, part, None) for part in ("_ndarray", "_data", "_pa_array")]
    known = next((part for part in parts if part is not None), values)
    return known.__array_interface__["data"][0] if is_exactly(known, "numpy", "ndarray") else id(known)
