"""Columns and keys that a live frame or dictionary does not have."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from ...namespace.static_lookup import has_text_keys, module_name
from ..cell import dotted, text_of
from ..finding import Finding, found, listed, near, suggestion
from .reshaping import UNNAMED
from .scope import Scope
from .values import Column, Grouped, Live, Table, Value, is_pandas

#: where methods of a frame take columns: by place, and by name
_ARGUMENTS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "groupby": ((0,), ("by",)),
    "sort_values": ((0,), ("by",)),
    "set_index": ((0,), ("keys",)),
    "drop_duplicates": ((0,), ("subset",)),
    "duplicated": ((0,), ("subset",)),
    "value_counts": ((0,), ("subset",)),
    "dropna": ((), ("subset",)),
    "drop": ((), ("columns",)),
    "merge": ((), ("on", "left_on")),
    "pivot": ((), ("index", "columns", "values")),
    "pivot_table": ((0, 1, 2), ("index", "columns", "values")),
    "melt": ((0, 1), ("id_vars", "value_vars")),
    "explode": ((0,), ("column",)),
    "nlargest": ((1,), ("columns",)),
    "nsmallest": ((1,), ("columns",)),
    "pop": ((0,), ("item",)),
    "agg": ((), ()),
    "aggregate": ((), ()),
    "astype": ((), ()),
    "hist": ((), ("column", "by")),
    "boxplot": ((0, 1), ("column", "by")),
}
_PLOTS = frozenset({"bar", "barh", "line", "scatter", "area", "hexbin"})
_SEABORN = ("x", "y", "hue", "col", "row", "style", "size", "vars", "x_vars", "y_vars")
_BY_KEYS = frozenset({"agg", "aggregate", "astype"})
_FUNCTIONS = frozenset({"merge", "pivot", "pivot_table", "melt"})


def find_subscript(node: ast.Subscript, scope: Scope) -> Finding | None:
    """A key that is not there."""
    if isinstance(node.ctx, ast.Store):
        return None
    owner, key = node.value, node.slice
    if isinstance(owner, ast.Attribute) and owner.attr in ("loc", "at"):
        owner = owner.value
        if not isinstance(key, ast.Tuple) or len(key.elts) != 2:
            return None
        rows, key = key.elts
        if not (isinstance(rows, ast.Slice) or _has_plain_rows(scope.infer(owner))):
            return None
    value = scope.infer(owner)
    if isinstance(value, Live) and type(value.obj) is dict:
        return _in_dict(value.obj, key, owner, scope)
    if isinstance(value, Column):
        return _in_series(value, key, owner, scope)
    table = value.table if isinstance(value, Grouped) else value
    if not isinstance(table, Table):
        return None
    return missing_column(table, _texts(key), scope, _name_of(owner, scope), with_index=False)


def find_columns(node: ast.Call, scope: Scope) -> Finding | None:
    """A column that is not there, among the arguments of a frame's method or of a function that is given one."""
    if label := _dropped_row(node, scope):
        return found("column", f"`drop({label!r})` drops rows: use `drop(columns={label!r})` for the column.")
    if finding := _grouped_column(node, scope):
        return finding
    for table, labels, name in _asked(node, scope):
        if problem := missing_column(table, labels, scope, name):
            return problem
    return None


def missing_column(
    table: Table, labels: list[str], scope: Scope, name: str, *, with_index: bool = True
) -> Finding | None:
    """The first of the labels that the table lacks."""
    there = {label for label in (*table.columns, *(table.index if with_index else ())) if type(label) is str}
    for label in labels:
        if label not in there and label not in scope.made:
            return found("column", *column_missing(label, table, name))
    return None


def column_missing(label: str, table: Table, name: str) -> tuple[str, ...]:
    """The near matches first, then the columns."""
    where = f" in `{name}`" if name else ""
    if label in table.index:
        return (f"{label!r} is no column{where} but the name of its index: use `.index`, or `reset_index()` first.",)
    shown = [column for column in table.columns if column not in UNNAMED]
    alike = near(label, shown)
    return (
        f"There is no column {label!r}{where}.",
        suggestion(alike, quoted=True),
        f"The columns: {listed(shown, alike)}." if shown else "It has no columns.",
    )


def _has_plain_rows(value: Value) -> bool:
    """Whether a second label must be a column's: rows of several levels take more than one."""
    return isinstance(value, Table) and value.is_numbered


def _in_series(series: Column, key: ast.expr, owner: ast.expr, scope: Scope) -> Finding | None:
    """A label that is none of the rows', or the name of these."""
    text = text_of(key)
    if text is None or text in scope.made:
        return None
    if series.rows is not None and text not in series.rows:
        shown = [label for label in series.rows if label not in UNNAMED]
        alike = near(text, shown)
        labels = f"Its labels: {listed(shown, alike)}."
        return found("column", f"`{ast.unparse(owner)}` has no {text!r}.", suggestion(alike, quoted=True), labels)
    if series.rows is None and series.index and text in (series.label, *series.index):
        each = " and ".join(map(str, series.index))
        start = f"`{ast.unparse(owner)}` is a series with one value for each {each}: it has no {text!r}."
        return found("column", start, "`reset_index()` makes a frame of it that has these columns.")
    return None


def _in_dict(held: dict[Any, Any], key: ast.expr, owner: ast.expr, scope: Scope) -> Finding | None:
    text = text_of(key)
    if text is None or text in scope.made or not held or not has_text_keys(held) or text in held:
        return None
    alike = near(text, held)
    name = dotted(owner)
    where = f" in `{name}`" if name else ""
    keys = f"The keys: {listed(held, alike)}."
    return found("column", f"There is no key {text!r}{where}.", suggestion(alike, quoted=True), keys)


def _asked(node: ast.Call, scope: Scope) -> Iterator[tuple[Table, list[str], str]]:
    """The tables that the call names columns of, and these."""
    if not isinstance(node.func, ast.Attribute):
        return
    method, owner = node.func.attr, node.func.value
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    if None in given or text_of(given.get("errors")) == "ignore" or "axis" in given or "level" in given:
        return
    value = scope.infer(owner)
    if isinstance(value, Live) and type(value.obj) is ModuleType:
        yield from _of_function(module_name(value.obj), method, node, given, scope)
    elif isinstance(value, Grouped) and method in ("agg", "aggregate"):
        yield value.table, _keys(node), ""
        pairs = [pair.elts[0] for pair in given.values() if isinstance(pair, ast.Tuple) and len(pair.elts) == 2]
        yield value.table, [label for first in pairs for label in _texts(first)], ""
    elif isinstance(value, Table) and is_pandas(value, "DataFrame"):
        yield from _of_method(value, method, node, given, scope)
    elif isinstance(owner, ast.Attribute) and owner.attr == "plot" and method in _PLOTS:
        yield from _plotted(owner.value, given, scope)
    if method == "plot":
        yield from _plotted(owner, given, scope)


def _grouped_column(node: ast.Call, scope: Scope) -> Finding | None:
    """`frame["x"].groupby("y")`, where the one column is asked for the other."""
    method, owner = node.func, node.func.value if isinstance(node.func, ast.Attribute) else None
    if not isinstance(method, ast.Attribute) or method.attr != "groupby" or not isinstance(owner, ast.Subscript):
        return None
    table, taken, by = scope.infer(owner.value), text_of(owner.slice), _texts(node.args[0]) if node.args else []
    label = next((label for label in by if isinstance(table, Table) and label not in table.index), None)
    if label is None or taken is None:
        return None
    frame = _name_of(owner.value, scope) or "frame"
    return found(
        "column",
        f"The one column {taken!r} has no {label!r} to group by.",
        f"Group the frame, then take the column: `{frame}.groupby({label!r})[{taken!r}]`.",
    )


def _dropped_row(node: ast.Call, scope: Scope) -> str:
    """The column that `frame.drop("column")` would look for among numbered rows."""
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "drop" or len(node.args) != 1:
        return ""
    table = scope.infer(node.func.value)
    if not isinstance(table, Table) or not table.is_numbered or not is_pandas(table, "DataFrame"):
        return ""
    if any(keyword.arg != "inplace" for keyword in node.keywords):
        return ""
    return next((label for label in _texts(node.args[0]) if label in table.columns), "")


def _of_method(
    table: Table, method: str, node: ast.Call, given: dict[Any, ast.expr], scope: Scope
) -> Iterator[tuple[Table, list[str], str]]:
    name = _name_of(node.func.value, scope) if isinstance(node.func, ast.Attribute) else ""
    if method in _BY_KEYS:
        yield table, _keys(node), name
    places, names = _ARGUMENTS.get(method, ((), ()))
    values = [node.args[place] for place in places if place < len(node.args)]
    values += [given[word] for word in names if word in given]
    yield table, [label for value in values for label in _texts(value)], name
    if method == "merge" and node.args:
        yield from _other(node.args[0], given, scope)


def _of_function(
    module: str, function: str, node: ast.Call, given: dict[Any, ast.expr], scope: Scope
) -> Iterator[tuple[Table, list[str], str]]:
    """`pd.merge(a, b, on=…)`, `sns.scatterplot(data=a, x=…)`."""
    if module == "pandas" and function in _FUNCTIONS and node.args:
        table = scope.infer(node.args[0])
        if isinstance(table, Table):
            names = _ARGUMENTS[function][1]
            labels = [label for word in names if word in given for label in _texts(given[word])]
            yield table, labels, _name_of(node.args[0], scope)
        if function == "merge" and len(node.args) > 1:
            yield from _other(node.args[1], given, scope)
    elif module == "seaborn" and "data" in given:
        table = scope.infer(given["data"])
        if isinstance(table, Table):
            labels = [label for word in _SEABORN if word in given for label in _texts(given[word])]
            yield table, labels, _name_of(given["data"], scope)


def _other(node: ast.expr, given: dict[Any, ast.expr], scope: Scope) -> Iterator[tuple[Table, list[str], str]]:
    table = scope.infer(node)
    if isinstance(table, Table):
        labels = [label for word in ("on", "right_on") if word in given for label in _texts(given[word])]
        yield table, labels, _name_of(node, scope)


def _plotted(owner: ast.expr, given: dict[Any, ast.expr], scope: Scope) -> Iterator[tuple[Table, list[str], str]]:
    table = scope.infer(owner)
    if isinstance(table, Table):
        yield (
            table,
            [label for word in ("x", "y") if word in given for label in _texts(given[word])],
            _name_of(owner, scope),
        )


def _keys(node: ast.Call) -> list[str]:
    """The keys of a dictionary that is the first argument."""
    if not node.args or not isinstance(node.args[0], ast.Dict):
        return []
    return [text for key in node.args[0].keys if (text := text_of(key)) is not None]


def _texts(node: ast.expr) -> list[str]:
    """The strings that the node spells out, alone or in a list."""
    parts = node.elts if isinstance(node, ast.List) else [node]
    return [text for part in parts if (text := text_of(part)) is not None]


def _name_of(node: ast.expr, scope: Scope) -> str:
    return node.id if isinstance(node, ast.Name) else ""
