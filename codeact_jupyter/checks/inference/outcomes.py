"""What attributes, items and calls of known values give. Frames are followed where their columns stay known."""

from __future__ import annotations

import ast
from dataclasses import replace
from types import ModuleType
from typing import TypeGuard

from ...namespace.static_lookup import MISSING, class_in, contents, exact_module, has_text_keys, of_class
from ..cell import text_of, words
from . import reshaping
from .contents import Infer
from .values import Column, Grouped, Instance, Live, Table, Value, class_of, is_pandas, of_live

#: methods of a frame that keep its columns
_KEEPS = words(
    "copy dropna fillna head tail sort_values sort_index query sample drop_duplicates ffill bfill nlargest nsmallest "
    "astype convert_dtypes infer_objects replace round explode clip where mask truncate "
    "isna notna isnull notnull abs cumsum diff shift pct_change"
)
_LEAVES_OUT = ("select_dtypes", "drop")  #: methods of a frame that keep some of its columns

_KEEPS_POLARS = words("head tail filter sort unique drop_nulls clone limit sample slice")
_MASKS = words("isin notna isna isnull notnull between duplicated contains startswith endswith")
#: methods of a series that give a series
_SERIES = words(
    "copy dropna fillna head tail sort_values sort_index sample drop_duplicates ffill bfill nlargest nsmallest astype "
    "replace round clip where mask abs cumsum diff shift rank pct_change isin isna notna between map "
    "duplicated"
)
_PLACES = ("idxmax", "idxmin", "argmax", "argmin")


def attribute(value: Value, name: str) -> Value:
    """What `value.name` will be."""
    if isinstance(value, Live) and type(value.obj) is ModuleType:
        held = contents(value.obj).get(name, MISSING)
        return None if held is MISSING else Live(held)
    if isinstance(value, Table) and name in value.columns and of_class(value.cls, name) is MISSING:
        return column(value, name)
    if _is_wide(value) and name in value.table.columns and of_class(value.cls, name) is MISSING:
        return reshaping.one_grouped(value, name)
    if name == "str" and is_pandas(value, "Series"):
        methods = class_in("pandas.core.strings.accessor", "StringMethods")
        return None if methods is MISSING else Instance(methods)
    return None


def column(table: Table, label: object) -> Value:
    """One column, unless several go by that label."""
    series = class_in("pandas" if is_pandas(table, "DataFrame") else "polars", "Series")
    if series is MISSING or table.columns.count(label) != 1:
        return None
    if not is_pandas(table, "DataFrame"):
        return Instance(series)
    return Column(series, is_open=not table.is_numbered, label=label, index=table.index)


def item(value: Value, key: ast.expr, inner: Value) -> Value:
    """What `value[key]` will be, `inner` being what the key itself is."""
    if isinstance(value, Live) and type(value.obj) is dict and isinstance(key, ast.Constant) and type(key.value) is str:
        held = value.obj.get(key.value, MISSING) if has_text_keys(value.obj) else MISSING
        return None if held is MISSING else of_live(held)
    if _is_wide(value):
        return _of_groups(value, key)
    if isinstance(value, Table):
        if text_of(key) is not None:
            return column(value, text_of(key))
        labels = reshaping.texts(key) if isinstance(key, ast.List) else None
        if labels is not None:
            return replace(value, columns=tuple(label for label in value.columns if label in labels))
        return value if is_pandas(value, "DataFrame") and (isinstance(key, ast.Slice) or is_mask(key, inner)) else None
    if is_pandas(value, "Series") and (isinstance(key, ast.Slice) or is_mask(key, inner)):
        return value
    return None


def located(table: Table, key: ast.expr, scope_value: Value) -> Value:
    """What `table.loc[key]` will be."""
    rows, columns = (key.elts[0], key.elts[1]) if isinstance(key, ast.Tuple) and len(key.elts) == 2 else (key, None)
    if not (isinstance(rows, ast.Slice) or is_mask(rows, scope_value)):
        return None
    if columns is None or (isinstance(columns, ast.Slice) and columns.lower is columns.upper is None):
        return table
    return item(table, columns, None) if not isinstance(columns, ast.Slice) else None


def is_mask(key: ast.expr, value: Value) -> bool:
    """Whether the key chooses rows: a comparison, or a combination of such."""
    if isinstance(key, ast.Compare):
        return not isinstance(key.ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot) and not is_pandas(value, "DataFrame")
    if isinstance(key, ast.BinOp) and isinstance(key.op, ast.BitAnd | ast.BitOr):
        return is_mask(key.left, None) or is_mask(key.right, None)
    if isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.Invert):
        return is_mask(key.operand, value)
    if isinstance(key, ast.Call) and isinstance(key.func, ast.Attribute) and key.func.attr in _MASKS:
        return is_pandas(value, "Series")
    return False


def row_of(table: Table, key: ast.expr, inner: Value) -> Value:
    """What `table.loc[key]` or `table.iloc[key]` will be if that is one row: a number, or `….idxmax()`."""
    is_found = isinstance(key, ast.Call) and isinstance(key.func, ast.Attribute) and key.func.attr in _PLACES
    is_number = class_of(inner) is int and table.is_numbered
    return reshaping.row(table) if is_found or is_number else None


def row_passed(node: ast.Call, infer: Infer) -> Value:
    """What `frame.apply(lambda …, axis=1)` gives to the function."""
    axis = next((keyword.value for keyword in node.keywords if keyword.arg == "axis"), None)
    is_apply = isinstance(node.func, ast.Attribute) and node.func.attr == "apply"
    if not is_apply or not isinstance(axis, ast.Constant) or axis.value not in (1, "columns"):
        return None
    table = infer(node.func.value) if isinstance(node.func, ast.Attribute) else None
    return reshaping.row(table) if isinstance(table, Table) else None


def returned(node: ast.Call, receiver: Value, callee: Value, infer: Infer) -> Value:
    """What the call gives back."""
    if isinstance(callee, Live) and callee.obj is class_in("pandas", "DataFrame"):
        return _made_table(node, callee.obj)
    if isinstance(node.func, ast.Attribute) and receiver is not None:
        method = node.func.attr
        return reshaping.put_together(node, method, receiver, infer) or _of_method(node, method, receiver)
    return None


def _is_wide(value: Value) -> TypeGuard[Grouped]:
    return isinstance(value, Grouped) and value.label is None


def _of_groups(value: Grouped, key: ast.expr) -> Value:
    """Columns of the groups."""
    label, labels = text_of(key), reshaping.texts(key) if isinstance(key, ast.List) else None
    if label is not None:
        return reshaping.one_grouped(value, label)
    return None if labels is None else replace(value, table=replace(value.table, columns=tuple(labels)), is_chosen=True)


def _of_method(node: ast.Call, method: str, receiver: Value) -> Value:
    if any(keyword.arg in ("inplace", "axis", None) for keyword in node.keywords):
        return None
    if isinstance(receiver, Table):
        return _of_table(node, method, receiver)
    if isinstance(receiver, Grouped):
        return reshaping.of_groups(node, method, receiver)
    if isinstance(receiver, Column) and (made := reshaping.of_column(node, method, receiver)):
        return made
    if is_pandas(receiver, "Series") and isinstance(receiver, Instance) and method in _SERIES:
        return replace(receiver, is_open=True, rows=None) if isinstance(receiver, Column) else receiver
    if isinstance(receiver, Live) and receiver.obj is exact_module("matplotlib.pyplot"):
        return _drawn(method)
    return None


def _drawn(method: str) -> Value:
    """What a function of pyplot gives."""
    if method == "subplots":
        return Instance(tuple)
    bars = class_in("matplotlib.container", "BarContainer") if method in ("bar", "barh") else MISSING
    return None if bars is MISSING else Instance(bars)


def _of_table(node: ast.Call, method: str, table: Table) -> Value:
    if not is_pandas(table, "DataFrame"):
        return table if method in _KEEPS_POLARS else None
    if method in _KEEPS:
        return table
    if method == "reset_index":
        return _with_rows_as_columns(node, table)
    if method == "assign" and all(keyword.arg for keyword in node.keywords):
        return replace(table, columns=tuple(dict.fromkeys((*table.columns, *(k.arg for k in node.keywords)))))
    if method == "set_index":
        keys = reshaping.texts(node.args[0]) if node.args else None
        return replace(table, index=(*table.index, *keys), is_numbered=False, is_whole=False) if keys else None
    if method == "rename":
        return _renamed(node, table)
    if method in _LEAVES_OUT:
        is_told = method != "drop" or any(keyword.arg == "columns" for keyword in node.keywords)
        return replace(table, is_whole=False) if is_told else None
    return reshaping.grouped(node, table) if method == "groupby" else reshaping.of_rows(method, table)


def _with_rows_as_columns(node: ast.Call, table: Table) -> Value:
    """What `frame.reset_index(…)` gives."""
    names = next((keyword.value for keyword in node.keywords if keyword.arg == "names"), None)
    told = [] if names is None else reshaping.texts(names)
    if told is None or node.args:
        return None
    columns = (*table.columns, *table.index, *reshaping.UNNAMED, *told)
    return replace(table, columns=columns, index=(), is_numbered=True, is_whole=False)


def _renamed(node: ast.Call, table: Table) -> Value:
    for keyword in node.keywords:
        if keyword.arg == "columns" and isinstance(keyword.value, ast.Dict) and len(node.keywords) == 1:
            pairs = zip(keyword.value.keys, keyword.value.values, strict=True)
            new = {text_of(key): text_of(value) for key, value in pairs}
            if None in new or None in new.values():
                return None
            return replace(table, columns=tuple(new.get(c, c) if type(c) is str else c for c in table.columns))
    return None


def _made_table(node: ast.Call, frame: type) -> Value:
    """The table that `DataFrame({...})` makes."""
    if len(node.args) != 1 or node.keywords or not isinstance(node.args[0], ast.Dict):
        return Instance(frame, is_open=True)
    keys = [text_of(key) if key is not None else None for key in node.args[0].keys]
    columns = tuple(key for key in keys if key is not None)
    return Table(frame, columns, is_numbered=False) if len(columns) == len(keys) else Instance(frame, is_open=True)
