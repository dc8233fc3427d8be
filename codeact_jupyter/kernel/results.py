"""Additions to the observation of a step: the small tables that it assigned, and why a filter matched no rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..checks.finding import listed
from ..checks.spelling import near
from ..files.directory import list_files
from ..namespace.arrays import instance_dict, is_own_array, library, manager_of
from ..namespace.bindings import assigned_names
from ..namespace.literals import held_in
from ..namespace.source import UNPARSABLE
from ..namespace.static_lookup import has_plain_attributes, is_exactly, is_frame, is_plain, text_columns
from ..text import shorten

ROWS = 12  #: most rows of an assigned table that is shown
COLUMNS = 12  #: most columns of such a table
TABLES = 3  #: most tables shown for one step
TABLE_CHARS = 1500
FILES = 12  #: most files named after a FileNotFoundError
VALUES = 200_000  #: most rows of a column that are searched for a value
UNMATCHED = "No row can match:"  #: start of the sentence that `unmatched` returns

_EMPTY = re.compile(
    r"Empty DataFrame|Series\(\[\]|\b[nN]a[nN]\b|^\(?(?:0|0\.0|\[\])\)?$|\b0×\d|Series 0\b|shape: \(0,", re.MULTILINE
)


def small_tables(source: str, names: Iterable[str], namespace: Mapping[str, Any]) -> str:
    """Render the small tables that a step assigned, as if it had printed them.

    Args:
        source: The cell.
        names: New and rebound names.
        namespace: Live objects by name.

    Returns:
        The tables of pandas and polars with up to `ROWS` rows, each below its name; empty if there are none.
    """
    assigned, parts = assigned_names(source), []
    for name in names:
        if name in assigned and (text := _table(namespace.get(name))):
            parts.append(f"{name} =\n{shorten(text, TABLE_CHARS)}")
    return "\n".join(parts[:TABLES])


def _table(obj: Any) -> str:
    if not any(is_exactly(obj, module, "DataFrame", "Series") for module in ("pandas", "polars")):
        return ""
    try:
        if not has_plain_attributes(obj):
            return ""
        is_small = 0 < len(obj) <= ROWS and (len(obj.shape) == 1 or obj.shape[1] <= COLUMNS)
        return str(obj) if is_small and _prints_plainly(obj) else ""
    except Exception:  # the `repr` of a value may fail
        return ""


def _prints_plainly(table: Any) -> bool:
    """Return True if no code of the user runs when a small table is printed."""
    if is_exactly(table, "polars", "DataFrame", "Series"):
        dtypes = table.dtypes if is_exactly(table, "polars", "DataFrame") else [table.dtype]
        return not any("Object" in str(dtype) for dtype in dtypes)
    manager, pandas = manager_of(table, type(table).__name__), library("pandas")
    if manager is None or not all(is_own_array(block.values, pandas) for block in manager.blocks):
        return False
    labels = [[*axis.names, *axis.tolist()] for axis in manager.axes]
    name = held_in(instance_dict(table, pandas["Series"]), "_name") if is_exactly(table, "pandas", "Series") else None
    return is_plain([name, *labels, *(block.values.tolist() for block in manager.blocks)])


def files_here() -> str:
    """Name the files of the working directory.

    Returns:
        A sentence; empty if there are no files.
    """
    files = list_files(Path(), FILES)
    return f"The files here: {', '.join(files)}." if files else ""


def unmatched(source: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Explain an empty result by a comparison with a value that the column does not contain.

    Args:
        source: The cell, which ran.
        text: Its observation.
        namespace: Live objects by name.

    Returns:
        A sentence that quotes the column's values; empty if the result has rows, or is empty for another reason.
    """
    if not _EMPTY.search(text):
        return ""
    try:
        comparisons = list(_comparisons(ast.parse(source), namespace))
    except UNPARSABLE:
        return ""
    for place, column, wanted in comparisons:
        values = dict.fromkeys(value for value in column if type(value) is str)
        if values and not any(text in values for text in wanted):
            return f"{UNMATCHED} {place} has no {wanted[0]!r}. Its values: {listed(values, near(wanted[0], values))}."
    return ""


def _comparisons(tree: ast.Module, namespace: Mapping[str, Any]) -> Iterator[tuple[str, list[Any], list[str]]]:
    """Yield each column that is compared with strings: its source, its values, and the strings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
            side, others = node.left, node.comparators
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "isin":
            side = node.func.value
            others = [part for given in node.args if isinstance(given, ast.List | ast.Tuple) for part in given.elts]
        else:
            continue
        wanted = [each.value for each in others if isinstance(each, ast.Constant) and type(each.value) is str]
        column = _column(side, namespace)
        if wanted and column is not None:
            yield f"`{ast.unparse(side)}`", column, wanted


def _column(node: ast.expr, namespace: Mapping[str, Any]) -> list[Any] | None:
    """Return the values of `frame["label"]` or `frame.label` for a live data frame."""
    if not isinstance(node, ast.Subscript | ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    label = node.attr if isinstance(node, ast.Attribute) else getattr(node.slice, "value", None)
    frame = namespace.get(node.value.id)
    if frame is None or not is_frame(frame) or type(label) is not str or label not in text_columns(frame):
        return None
    try:
        values: list[Any] = frame[label].head(VALUES).to_list()
    except Exception:  # duplicate column names, extension arrays of a user's class
        return None
    return values
