"""Lookup in live objects without running their code: no property, no attribute hook, no metaclass."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

from .arrays import Column, dtype_text, instance_dict, library, manager_of, numpy_column, pandas_column, polars_column
from .literals import held_in, is_one_of, is_path, names_in, of_type, value_literal
from .tables import describe_table, labels_of, rows_read

#: Result of a lookup that finds nothing.
MISSING: Any = object()
#: Packages whose modules hold what their files say; others may create submodules and attributes dynamically.
PREDICTABLE = frozenset(
    {"numpy", "pandas", "scipy", "matplotlib", "sklearn", "seaborn", "statsmodels", "polars"} | sys.stdlib_module_names
)
COLUMNS = 5000  #: Maximum number of columns; a wider frame counts as having none.


def exact_module(name: str) -> ModuleType | None:
    """Return an imported module.

    Args:
        name: Dotted name.

    Returns:
        The module, or None if it is not imported or of a subclass of `ModuleType`.
    """
    module = sys.modules.get(name)
    return module if type(module) is ModuleType else None


def contents(module: ModuleType) -> dict[str, Any]:
    """Return the names in a module, whatever its class overrides.

    Args:
        module: The module.
    """
    slots: Any = ModuleType.__dict__
    return names_in(slots["__dict__"].__get__(module))


def module_name(module: ModuleType) -> str:
    """Return the module's dotted name.

    Args:
        module: The module.

    Returns:
        The name, or the empty string if its `__name__` is no string.
    """
    name = contents(module).get("__name__")
    return name if type(name) is str else ""


def of_class(cls: type, name: str) -> Any:
    """Return what a class or its bases hold under a name, without calling descriptors.

    Args:
        cls: The class.
        name: Name of the attribute.

    Returns:
        The value in the class's dictionary, or `MISSING`.
    """
    for base in of_type("__mro__", cls):
        found = held_in(of_type("__dict__", base), name, MISSING)
        if found is not MISSING:
            return found
    return MISSING


def class_names(cls: type) -> list[str]:
    """Return the public attribute names of a class and its bases.

    Args:
        cls: The class.
    """
    names = {name: None for base in of_type("__mro__", cls) for name in of_type("__dict__", base) if type(name) is str}
    return [name for name in names if not name.startswith("_")]


def class_in(module: str, name: str) -> Any:
    """Return a class of a library that is imported.

    Args:
        module: Dotted name of the module.
        name: Name of the class in it.

    Returns:
        The class, or `MISSING` if the module is not imported.
    """
    return library(module).get(name, MISSING)


def is_exactly(obj: object, module: str, *names: str) -> bool:
    """Return True if the object's class is one of these, not a subclass.

    Args:
        obj: The object.
        module: Dotted name of the module with the classes.
        *names: Names of the classes.
    """
    return is_one_of(type(obj), tuple(class_in(module, name) for name in names))


def is_frame(obj: object) -> bool:
    """Return True for a pandas or polars data frame, not of a subclass.

    Args:
        obj: The object.
    """
    return is_exactly(obj, "pandas", "DataFrame") or is_exactly(obj, "polars", "DataFrame")


def frames(namespace: Mapping[str, Any]) -> list[str]:
    """Return the names of the live data frames.

    Args:
        namespace: Live objects by name.
    """
    return [name for name, obj in names_in(namespace).items() if not name.startswith("_") and is_frame(obj)]


def texts_and_paths(namespace: Mapping[str, Any]) -> dict[str, str]:
    """Return the live strings and paths, as text, by name.

    Args:
        namespace: Live objects by name.
    """
    live = names_in(namespace).items()
    return {name: str(obj) for name, obj in live if not name.startswith("_") and (type(obj) is str or is_path(obj))}


def columns_of(obj: object) -> list[object]:
    """Return the columns of a data frame.

    Args:
        obj: Any object.

    Returns:
        The labels that are plain strings, numbers or tuples; none if the object is no frame or has too many columns.
    """
    labels = labels_of(obj, COLUMNS) or ()
    return [label for label in labels if is_one_of(type(label), (str, int, float, tuple))]


def text_columns(obj: object) -> list[str]:
    """Return the columns of a data frame that are strings.

    Args:
        obj: Any object.

    Returns:
        The labels; none if the object is no frame, has too many columns, or code of the user runs when a column is
        taken out of it.
    """
    labels = labels_of(obj, COLUMNS) or ()
    is_safe = all(map(is_plain, labels)) and has_plain_attributes(obj)
    return [label for label in labels if type(label) is str] if is_safe else []


def has_plain_attributes(table: Any) -> bool:
    """Return True unless a frame or series of pandas has objects of the user among its own attributes.

    Args:
        table: A frame or series of pandas or polars.
    """
    if not is_exactly(table, "pandas", "DataFrame", "Series"):
        return True
    held = instance_dict(table, type(table))
    attributes = held_in(held, "_attrs", {})
    if type(held) is not dict or type(attributes) is not dict or len(names_in(held)) < len(held):
        return False
    return is_plain([part for item in attributes.items() for part in item])


def is_plain(value: Any) -> bool:
    """Return True for a scalar, string or date, of which no code of the user runs when it is hashed or printed.

    Args:
        value: Any object; of a list or tuple, the items are looked at.
    """
    if is_one_of(type(value), (list, tuple)):
        return all(map(is_plain, value))
    if is_exactly(value, "pandas", "Interval"):
        return is_plain([value.left, value.right])
    found = describe_table(value, cells=0)
    if found is not None and found.kind == "value":  # of numpy or pandas
        return True
    is_missing = value is class_in("pandas", "NA") or value is class_in("pandas", "NaT")
    return is_missing or value_literal(value) != "" or is_exactly(value, "pandas", "Period")


def is_own(function: object) -> bool:
    """Return True for a tool: a plain function of the user, not of a library.

    Args:
        function: Any object.
    """
    if type(function) is not FunctionType:
        return False
    module = function.__globals__.get("__name__")
    top = module.partition(".")[0] if type(module) is str else ""
    return top not in PREDICTABLE and top not in ("IPython", "ipykernel")


def column_of(obj: Any, label: str | None = None) -> Column | None:
    """Read an array, a series or a column of a frame, of pandas, polars or numpy, in part if it is large.

    Args:
        obj: Any live object.
        label: The column, if the object is a frame.

    Returns:
        The column; None if there is none, or several of that name.
    """
    if label is None and is_exactly(obj, "numpy", "ndarray"):
        return numpy_column(obj, rows_read([str(obj.dtype)], obj.size))
    if is_exactly(obj, "polars", "DataFrame", "Series"):
        series = obj
        if label is not None:
            series = obj.get_column(label) if label in (labels_of(obj, COLUMNS) or ()) else None
        if not is_exactly(series, "polars", "Series"):
            return None
        dtype = str(series.dtype)
        return polars_column(series, rows_read([dtype], series.len(), listed=True), dtype)
    return _pandas_column(obj, label)


def _pandas_column(obj: Any, label: str | None) -> Column | None:
    manager = manager_of(obj, "Series" if label is None else "DataFrame")
    if manager is None:
        return None
    block, place = 0, 0
    if label is not None:
        labels = enumerate(labels_of(obj, COLUMNS) or ())
        places = [number for number, each in labels if type(each) is str and each == label]
        if len(places) != 1:
            return None
        block, place = manager.blknos[places[0]], manager.blklocs[places[0]]
    values, pandas = manager.blocks[block].values, library("pandas")
    dtype = dtype_text(values, pandas)
    return pandas_column(values, place, rows_read([dtype], len(manager.axes[-1])), dtype, pandas)
