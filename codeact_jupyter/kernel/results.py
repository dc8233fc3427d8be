"""Additions to the observation of a step: the small values that it assigned, and why a filter matched few rows."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..checks.finding import listed
from ..checks.spelling import near
from ..files.directory import list_files
from ..namespace.arrays import instance_dict, is_own_array, library, manager_of
from ..namespace.bindings import assigned_names
from ..namespace.literals import held_in, is_one_of
from ..namespace.source import UNPARSABLE
from ..namespace.static_lookup import column_of, has_plain_attributes, is_exactly, is_frame, is_plain, text_columns
from ..text import shorten
from .reading import read_names

ROWS = 12  #: most rows of an assigned table, and most items of a list or dictionary, that is shown
COLUMNS = 12  #: most columns of such a table
SHOWN = 3  #: most values shown for one step
TABLE_CHARS = 1500
ITEMS_CHARS = 400  #: longest code of a list or dictionary that is shown
FILES = 12  #: most files named after a FileNotFoundError
EXAMPLE = 60  #: characters of a value that is named
VALUES = 200_000  #: most rows of a column that are searched for a value
FEW = 10  #: so many times as many rows as equal a value hold it inside longer text: then these are told
UNMATCHED = "No row can match:"  #: start of a sentence that `unmatched` returns
INSIDE = "also stands inside the values of"  #: words of the other one

_Comparison = tuple[str, list[Any], list[str]]
_MARK = r"[,;|/+&]"  # between the items of a list
_EMPTY = re.compile(
    r"Empty DataFrame|Series\(\[\]|\b[nN]a[nN]\b|^\(?(?:np\.\w+\()?(?:0|0\.0|\[\])\)*$|\b0×\d|Series 0\b|shape: \(0,",
    re.MULTILINE,
)


def small_values(source: str, names: Iterable[str], namespace: Mapping[str, Any]) -> str:
    """Render the small tables, lists and dictionaries that a step assigned, as if it had printed them.

    Args:
        source: The cell.
        names: New and rebound names.
        namespace: Live objects by name.

    Returns:
        The values with up to `ROWS` rows or items, tables below their names; empty if there are none. Those that the
        step only read from a file are left out: a small model would tell totals from their rows by eye.
    """
    assigned = {*assigned_names(source)} - read_names(source)
    known = [(name, namespace.get(name)) for name in names if name in assigned]
    parts = [f"{name} =\n{shorten(text, TABLE_CHARS)}" for name, obj in known if (text := _table(obj))]
    parts += [f"{name} = {text}" for name, obj in known if (text := _items(obj))]
    return "\n".join(parts[:SHOWN])


def _items(obj: Any) -> str:
    """Return a list, tuple, set or dictionary of a few scalars and texts as code; empty for other objects."""
    if not is_one_of(type(obj), (list, tuple, dict, set)) or not 0 < len(obj) <= ROWS:
        return ""
    items = [*obj.values(), *obj] if type(obj) is dict else [*obj]
    if not all(map(_is_short, items)):
        return ""
    try:
        text = repr(obj)
    except ValueError:  # an integer of too many digits
        return ""
    return text if len(text) <= ITEMS_CHARS else ""


def _is_short(item: Any) -> bool:
    """Return True for a scalar, a short text, and a list or tuple of a few of them."""
    if is_one_of(type(item), (list, tuple)):
        return len(item) <= ROWS and not any(is_one_of(type(each), (list, tuple)) for each in item) and is_plain(item)
    return is_plain(item) and (type(item) is not str or len(item) <= ITEMS_CHARS)


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


def is_empty(text: str) -> bool:
    """Return True if an observation shows an empty table or list, zero or `nan`.

    Args:
        text: The observation.
    """
    return _EMPTY.search(text) is not None


def unmatched(source: str, text: str, namespace: Mapping[str, Any]) -> str:
    """Explain an empty or small result by a comparison with a value that is not, or not only, a whole value.

    Args:
        source: The cell, which ran.
        text: Its observation.
        namespace: Live objects by name.

    Returns:
        A sentence: that the value is a part of longer ones, or, if the output is empty, the column's values; empty
        if the value equals most of what has it, or the output is empty for another reason.
    """
    try:
        comparisons = list(_comparisons(ast.parse(source), namespace))
    except UNPARSABLE:
        return ""
    for place, column, wanted in comparisons:
        counts = Counter(value for value in column if type(value) is str)
        held = _inside(place, wanted[0], counts) if len(wanted) == 1 else ""
        if held:
            return held
        if is_empty(text) and counts and not any(text in counts for text in wanted):
            return f"{UNMATCHED} {place} has no {wanted[0]!r}. Its values: {listed(counts, near(wanted[0], counts))}."
    return ""


def _inside(place: str, wanted: str, counts: Counter[str]) -> str:
    """Return a sentence if a value is an item of lists, or a word of many more values than it is itself."""
    word = rf"(?<!\w){re.escape(wanted)}(?!\w)"
    others = {value: rows for value, rows in counts.items() if value != wanted and re.search(word, value)}
    items = {
        value: rows for value, rows in others.items() if re.search(rf"(?:^|{_MARK})\s*{word}\s*(?:{_MARK}|$)", value)
    }
    found = items if len(items) > 1 else others if sum(others.values()) >= FEW * counts[wanted] else {}
    if not found or not wanted.strip():
        return ""
    example = max(found, key=lambda value: found[value])
    rows, equal = sum(found.values()), counts[wanted]
    such = f"{rows:,} more, such as {shorten(example, EXAMPLE)!r}"
    return f"{place} equals {wanted!r} in {equal:,} row{'s' if equal != 1 else ''}; it {INSIDE} {such}."


def _comparisons(tree: ast.AST, namespace: Mapping[str, Any], owner: str = "") -> Iterator[_Comparison]:
    """Yield each column that is compared with strings: its source, its values, and the strings.

    A condition inside a call of a frame's method, as in `frame.filter(…)` and in the text of `frame.query("…")`, is
    about that frame.
    """
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute) and isinstance(tree.func.value, ast.Name):
        owner = tree.func.value.id
        condition = tree.args[0].value if tree.args and isinstance(tree.args[0], ast.Constant) else None
        if tree.func.attr == "query" and type(condition) is str:
            yield from _comparisons(ast.parse(condition.strip(), mode="eval"), namespace, owner)
    side, wanted = _compared(tree, namespace)
    column = _column(side, namespace, owner) if side and wanted else None
    if side and column is not None:
        yield f"`{ast.unparse(side)}`", column, wanted
    for child in ast.iter_child_nodes(tree):
        yield from _comparisons(child, namespace, owner)


def _compared(node: ast.AST, namespace: Mapping[str, Any]) -> tuple[ast.expr | None, list[str]]:
    """Return what is compared for equality, and the texts that it is compared with: constants, and values of names."""
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
        side, others = node.left, node.comparators
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("isin", "is_in"):
        side = node.func.value
        others = [part for given in node.args if isinstance(given, ast.List | ast.Tuple) for part in given.elts]
    else:
        return None, []
    values = [namespace.get(each.id) if isinstance(each, ast.Name) else getattr(each, "value", None) for each in others]
    return side, [value for value in values if type(value) is str]


def _column(node: ast.expr, namespace: Mapping[str, Any], owner: str) -> list[Any] | None:
    """Return the values of `frame["label"]`, `frame.label`, `pl.col("label")` or `label`, or the texts of a series."""
    name, label = _place(node, owner)
    frame = namespace.get(name)
    if frame is None or not is_frame(frame):
        return _texts(namespace.get(node.id)) if isinstance(node, ast.Name) else None
    if type(label) is not str or label not in text_columns(frame):
        return None
    try:
        values: list[Any] = frame[label].head(VALUES).to_list()
    except Exception:  # duplicate column names, extension arrays of a user's class
        return None
    return values


def _texts(obj: Any) -> list[Any] | None:
    """Return the values of a series of texts that is read whole."""
    if not any(is_exactly(obj, module, "Series") for module in ("pandas", "polars")):
        return None
    column = column_of(obj)
    is_whole = column is not None and column.all_text and len(column.values) + column.missing == len(obj)
    return list(column.values) if column and is_whole else None


def _place(node: ast.expr, owner: str) -> tuple[str, Any]:
    """Return the name of the frame and the label of the column."""
    if isinstance(node, ast.Name):
        return owner, node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "col" and node.args:
        return owner, getattr(node.args[0], "value", None)
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id, node.attr if isinstance(node, ast.Attribute) else getattr(node.slice, "value", None)
    return "", None
