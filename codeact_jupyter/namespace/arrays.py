"""Columns of pandas and polars tables as plain values, read past whatever a subclass overrides.

A frame or series of a user's subclass is read through its block manager, which is pandas' own and is taken out of the
instance's dictionary: no method, property or attribute hook of the subclass runs. Arrays and indexes are read only if
they are exactly of a class of pandas or numpy. Large columns are read in part, at rows spread evenly over the table.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import GetSetDescriptorType, ModuleType
from typing import Any

from ..text import one_line, shorten
from .literals import VALUE_CHARS, held_in, is_one_of, is_standard_zone, of_type, type_name

_INDEXES = ("Index", "DatetimeIndex", "TimedeltaIndex", "PeriodIndex", "IntervalIndex", "CategoricalIndex")
_LISTED = ("StringArray", "ArrowStringArray", "ArrowExtensionArray", "Categorical")
_MASKED = ("IntegerArray", "FloatingArray", "BooleanArray")
_DATES = ("DatetimeArray", "TimedeltaArray")
_SPREAD = 0.6180339887  # of a distance: in a table of months, rows at one distance might all be of one month


@dataclass(frozen=True, slots=True)
class Column:
    """One column, or what was read of it."""

    dtype: str  #: its type
    values: Any = None  #: without missing ones: a list, or a numpy array of numbers or dates; None if not read
    missing: int = 0  #: missing values among those read
    all_text: bool = False  #: the values are a list of strings
    is_pandas: bool = True  #: it has the methods of a pandas series


def library(name: str) -> dict[str, Any]:
    """Return the contents of a library.

    Args:
        name: name of the module.

    Returns:
        Its names; none if it is not imported, or a file of the user's own that has the library's name.
    """
    top, module = sys.modules.get(name.partition(".")[0]), sys.modules.get(name)
    if type(top) is not ModuleType or type(module) is not ModuleType:
        return {}
    spec = vars(top).get("__spec__")
    origin = spec.origin if type(spec) is ModuleSpec else None
    return vars(module) if type(origin) is str and _is_installed(origin) else {}


@lru_cache(maxsize=64)
def _is_installed(origin: str) -> bool:
    """Return True if a package was installed: it lies among the installed ones, or its metadata lie beside it."""
    package = Path(origin).parent
    where = package.parent
    return where.name in ("site-packages", "dist-packages") or any(where.glob(f"{package.name}-*.*-info"))


def manager_of(obj: object, name: str) -> Any:
    """Return the block manager of a pandas table: the axes, and the arrays that hold the columns.

    Args:
        obj: any object.
        name: `DataFrame` or `Series`: the class that the object's is, or inherits from.

    Returns:
        The manager, or None for other objects, and if an index is of a user's class.
    """
    pandas = library("pandas")
    if not pandas or not is_one_of(pandas[name], of_type("__mro__", type(obj))):
        return None
    manager: Any = held_in(instance_dict(obj, pandas[name]), "_mgr")
    known = library("pandas.core.internals.managers")
    if not is_one_of(type(manager), (known.get("BlockManager"), known.get("SingleBlockManager"))):
        return None
    return manager if all(is_own_index(axis, pandas) for axis in manager.axes) else None


def instance_dict(obj: object, base: type) -> dict[str, Any]:
    """Return what an instance's dictionary holds, without asking the instance.

    Args:
        obj: the instance.
        base: a class of a library that the object's class inherits from.
    """
    for cls in of_type("__mro__", base):
        slot = held_in(of_type("__dict__", cls), "__dict__")
        if type(slot) is GetSetDescriptorType:
            held: dict[str, Any] = slot.__get__(obj)
            return held
    return {}


def is_own_index(index: Any, pandas: dict[str, Any]) -> bool:
    """Return True for an index of pandas over arrays of pandas or numpy, whose length can be read safely.

    Args:
        index: any object.
        pandas: names of pandas.
    """
    if type(index) is pandas["RangeIndex"]:
        return True
    if type(index) is pandas["MultiIndex"]:
        return all(is_own_index(level, pandas) for level in index.levels)
    return is_one_of(type(index), tuple(pandas[name] for name in _INDEXES)) and is_own_array(index._data, pandas)


def is_own_array(values: Any, pandas: dict[str, Any]) -> bool:
    """Return True for an array that is exactly of a class of pandas or numpy.

    Args:
        values: any object.
        pandas: names of pandas.
    """
    own = tuple(vars(pandas["arrays"]).values())
    return type(values) is library("numpy")["ndarray"] or is_one_of(type(values), own)


def dtype_text(values: Any, pandas: dict[str, Any]) -> str:
    """Return an array's type as text.

    Args:
        values: any array.
        pandas: names of pandas.

    Returns:
        The name of its dtype; of an array of a user's class, the name of this class.
    """
    if not is_own_array(values, pandas):
        return type_name(type(values))
    dtype = values.dtype
    zone = getattr(dtype, "tz", None)
    if not is_standard_zone(zone):  # reading its name would run the user's code
        return f"datetime64[{dtype.unit}, {type_name(type(zone))}]"
    return "Sparse" if type(values) is pandas["arrays"].SparseArray else shorten(one_line(str(dtype)), VALUE_CHARS)


def spread_rows(rows: int, wanted: int) -> Any:
    """Return positions of rows that are spread evenly, but not at one distance.

    Args:
        rows: number of rows of the table.
        wanted: largest number of positions.

    Returns:
        Positions: an array, or a list if numpy is not imported.
    """
    numpy = library("numpy")
    step = -(-rows // wanted)
    if numpy:
        places = numpy["arange"](rows // step)
        return places * step + (places * _SPREAD % 1 * step).astype(places.dtype)
    return [place * step + int(place * _SPREAD % 1 * step) for place in range(rows // step)]  # polars takes a list


def pandas_column(values: Any, place: int, rows: Any, dtype: str, pandas: dict[str, Any]) -> Column:
    """Read a column of pandas.

    Args:
        values: the array of its block, or of an index.
        place: its row in a block of two dimensions.
        rows: positions that are read; None for all.
        dtype: its type.
        pandas: names of pandas.

    Returns:
        The column, with its type alone if its values cannot be read safely.
    """
    is_nested = dtype.endswith("[pyarrow]") and "<" in dtype
    if not is_own_array(values, pandas) or is_nested or not is_standard_zone(getattr(values.dtype, "tz", None)):
        return Column(dtype)
    part = values[place] if values.ndim == 2 else values
    if rows is not None:
        part = part[rows]
    cls = type(part).__name__
    if cls in _MASKED:
        return Column(dtype, part._data[~part._mask], int(part._mask.sum()))
    if cls in _DATES:
        part = (part if getattr(part, "tz", None) is None else part.tz_localize(None))._ndarray
    elif cls == "Categorical" and not is_own_index(part.categories, pandas):
        return Column(dtype)
    elif cls in _LISTED or (cls == "ndarray" and part.dtype.kind == "O"):
        return listed_column(dtype, part.tolist())
    elif cls != "ndarray":
        return Column(dtype)
    return _without_gaps(dtype, part)


def _without_gaps(dtype: str, part: Any) -> Column:
    """Return an array of numbers or dates as a column."""
    if part.dtype.kind not in "fmM":
        return Column(dtype, part)
    gaps = library("numpy")["isnan" if part.dtype.kind == "f" else "isnat"](part)
    return Column(dtype, part[~gaps], int(gaps.sum())) if gaps.any() else Column(dtype, part)


def numpy_column(values: Any, rows: Any) -> Column:
    """Read an array of numpy.

    Args:
        values: an array that is exactly of numpy's class.
        rows: positions that are read of its flat form; None for all.

    Returns:
        All of its values as one column; its type alone if they are no numbers or dates, or not in one piece of memory.
    """
    dtype = str(values.dtype)
    if values.dtype.kind not in "iufmM" or not values.flags.c_contiguous:
        return Column(dtype)
    flat = values.reshape(-1)
    return _without_gaps(dtype, flat if rows is None else flat[rows])


def polars_column(series: Any, rows: Any, dtype: str) -> Column:
    """Read a column of polars.

    Args:
        series: a series of polars' own class.
        rows: positions that are read; None for all.
        dtype: its type.

    Returns:
        The column, with its type alone if its values are nested or objects.
    """
    if series.dtype.is_nested() or dtype == "Object":
        return Column(dtype)
    return replace(listed_column(dtype, (series if rows is None else series.gather(rows)).to_list()), is_pandas=False)


def listed_column(dtype: str, values: list[Any]) -> Column:
    """Return a column without its missing values: None, NaN, `pandas.NA` and `pandas.NaT`.

    Args:
        dtype: its type.
        values: all values that were read.

    Returns:
        The column.
    """
    if set(map(id, map(type, values))) == {id(str)}:  # a class is not hashed: its metaclass may define `__hash__`
        return Column(dtype, values, all_text=True)
    pandas = library("pandas")
    gaps = (None, pandas.get("NA"), pandas.get("NaT"))
    there = [value for value in values if not (_is_among(value, gaps) or (type(value) is float and value != value))]
    return Column(dtype, there, len(values) - len(there), all_text=set(map(id, map(type, there))) == {id(str)})


def _is_among(value: object, gaps: tuple[object, ...]) -> bool:
    return any(value is gap for gap in gaps)
