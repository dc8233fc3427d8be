"""The columns of what pandas makes of frames: groups reckoned, frames merged or put together, single rows taken."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import GeneratorType
from typing import TypeGuard

from ...namespace.static_lookup import MISSING, class_in, contents, exact_module
from ..cell import text_of, words
from .contents import Infer
from .values import Column, Grouped, Instance, Live, Table, Value, is_pandas

_ONE_EACH = words("sum mean median min max count std var nunique first last prod sem quantile")
_PER_ROW = words("transform cumsum cummax cummin cumprod rank shift diff pct_change ffill bfill fillna head tail")
_DESCRIBED = words("count mean std min 25% 50% 75% max unique top freq")
UNNAMED = ("index", *(f"level_{number}" for number in range(8)))  #: row labels without a name, as columns
_JOINS = words("inner left right outer")
_COUNT = words("ascending dropna sort normalize")
_MERGE = words("left right how on left_on right_on suffixes validate indicator sort copy")


def grouped(node: ast.Call, table: Table) -> Value:
    """What `frame.groupby(…)` gives."""
    cls = class_in("pandas.core.groupby.generic", "DataFrameGroupBy")
    given = _given(node)
    by = node.args[0] if node.args else given.get("by")
    flat = given.get("as_index")
    is_told = by is not None and "level" not in given and (flat is None or _truth(flat) is not None)
    keys = texts(by) if by is not None and is_told else None
    is_flat = flat is not None and _truth(flat) is False
    return None if cls is MISSING else Grouped(cls, table, tuple(keys) if keys else None, is_flat)


def one_grouped(groups: Grouped, label: str) -> Value:
    """One column of the groups."""
    cls = class_in("pandas.core.groupby.generic", "SeriesGroupBy")
    return None if cls is MISSING else replace(groups, cls=cls, label=label)


def of_groups(node: ast.Call, method: str, groups: Grouped) -> Value:
    """What a method of groups gives."""
    is_told = bool(node.args or node.keywords)
    if groups.keys is None or (any(isinstance(part, ast.List) for part in node.args) and method == "quantile"):
        return None
    if method == "size":
        return _made(groups, ("size",)) if groups.is_flat else _each(groups, None)
    if method in ("agg", "aggregate"):
        return _aggregated(node, groups)
    if groups.label is not None:
        return _of_one(method, groups, groups.label, is_told=is_told)
    if method in _ONE_EACH:
        return _reckoned(groups, is_whole=not is_told)
    return groups.table if method in ("head", "tail", "filter") else None


def of_column(node: ast.Call, method: str, column: Column) -> Value:
    """What a method of a series gives that changes its name or its row labels; None for all others."""
    given = _given(node)
    if method == "value_counts":
        return _counted(column, given) if not node.args and not given.keys() - _COUNT else None
    if method == "rename" and len(node.args) == 1 and not given:
        return replace(column, label=text_of(node.args[0])) if text_of(node.args[0]) is not None else None
    if method == "reset_index" and _truth(given.get("drop")):
        return replace(column, is_open=False, index=(), rows=None)
    label: object = text_of(given["name"]) if "name" in given else column.label
    frame = class_in("pandas", "DataFrame")
    if method not in ("reset_index", "to_frame") or frame is MISSING or label is None or column.index is None:
        return None
    if node.args or given.keys() - {"name"}:
        return None
    if method == "to_frame":
        return Table(frame, (label,), column.index, is_numbered=False)
    return Table(frame, (*(column.index or UNNAMED[:1]), *UNNAMED[1:], label), is_whole=False)


def of_rows(method: str, table: Table) -> Value:
    """What `iterrows` and `itertuples` go through."""
    if method == "iterrows":
        return Instance(GeneratorType, items=Instance(tuple, parts=(None, row(table))))
    return Instance(GeneratorType, items=Instance(tuple, is_open=True)) if method == "itertuples" else None


def row(table: Table) -> Value:
    """One row of a frame."""
    series = class_in("pandas", "Series")
    is_one = is_pandas(table, "DataFrame") and series is not MISSING
    return Column(series, is_open=True, rows=table.columns) if is_one else None


def put_together(node: ast.Call, method: str, receiver: Value, infer: Infer) -> Value:
    """What `left.merge(right, …)`, `pd.merge(left, right, …)` and `pd.concat([…])` give; None for all other methods."""
    is_own = isinstance(receiver, Live) and receiver.obj is exact_module("pandas")
    places = {"left": 0, "right": 1} if is_own else {"right": 0}
    if method == "merge" and len(node.args) <= len(places):
        parts = {word: node.args[place] for word, place in places.items() if place < len(node.args)} | _given(node)
        left, right = (infer(parts[word]) if word in parts else None for word in ("left", "right"))
        return _merged(left if is_own else receiver, right, node)
    if method == "concat" and is_own and len(node.args) == 1 and isinstance(node.args[0], ast.List | ast.Tuple):
        return _joined([infer(part) for part in node.args[0].elts], node)
    return None


def texts(node: ast.expr) -> list[str] | None:
    """The strings of a literal, or of a list or tuple of literals; None when there is anything else."""
    elements = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
    found = [text for element in elements if (text := text_of(element)) is not None]
    return found if len(found) == len(elements) else None


def _given(node: ast.Call) -> dict[str, ast.expr]:
    """The arguments by name; those of `**` under a name that no method has."""
    return {keyword.arg or "**": keyword.value for keyword in node.keywords}


def _truth(node: ast.expr | None) -> bool | None:
    return node.value if isinstance(node, ast.Constant) and type(node.value) is bool else None


def _of_one(method: str, groups: Grouped, label: str, *, is_told: bool = False) -> Value:
    if method in _ONE_EACH:
        return _made(groups, (label,)) if groups.is_flat else _each(groups, label)
    if method == "describe" and not groups.is_flat and not is_told:
        return _made(groups, tuple(_DESCRIBED))
    series = class_in("pandas", "Series")
    if method in _PER_ROW and series is not MISSING:
        return Column(series, is_open=not groups.table.is_numbered, label=label, index=groups.table.index)
    return None


def _aggregated(node: ast.Call, groups: Grouped) -> Value:
    """What `agg` gives, where each result is one column."""
    if node.keywords:
        is_named = all(word.arg and isinstance(word.value, ast.Tuple | ast.Constant) for word in node.keywords)
        names = tuple(word.arg for word in node.keywords if word.arg)
        return _made(groups, names) if is_named and not node.args and "func" not in names else None
    way = node.args[0] if len(node.args) == 1 else None
    if groups.label is not None and isinstance(way, ast.List):
        labels = texts(way)
        return _made(groups, tuple(labels)) if labels else None
    if isinstance(way, ast.Dict) and groups.label is None:
        keys = [text_of(key) for key in way.keys]
        is_single = all(isinstance(value, ast.Constant | ast.Lambda | ast.Attribute) for value in way.values)
        return _made(groups, tuple(keys)) if is_single and None not in keys else None
    if text_of(way) is None or text_of(way) not in _ONE_EACH:
        return None
    return _reckoned(groups) if groups.label is None else _of_one(text_of(way) or "", groups, groups.label)


def _reckoned(groups: Grouped, *, is_whole: bool = True) -> Value:
    """One value for each column and group; not all are there if it is told to leave some out."""
    keys = () if groups.is_chosen else groups.keys or ()
    made = _made(groups, tuple(label for label in groups.table.columns if label not in keys))
    return replace(made, is_whole=is_whole and groups.table.is_whole)


def _made(groups: Grouped, labels: tuple[object, ...]) -> Table:
    """A frame of one row for each group."""
    keys, cls = groups.keys or (), groups.table.cls
    return Table(cls, (*keys, *labels)) if groups.is_flat else Table(cls, labels, keys, is_numbered=False)


def _each(groups: Grouped, label: str | None) -> Value:
    """A series of one value for each group."""
    series = class_in("pandas", "Series")
    return None if series is MISSING else Column(series, is_open=True, label=label, index=groups.keys)


def _counted(column: Column, given: Mapping[str, ast.expr]) -> Value:
    """Since its version 2 pandas names the counts or shares, and their labels as the column was named."""
    share = _truth(given["normalize"]) if "normalize" in given else False
    pandas = exact_module("pandas")
    version = contents(pandas).get("__version__") if pandas else None
    is_named = type(version) is str and not version.startswith(("0.", "1."))
    is_sure = is_named and column.label is not None and share is not None
    label, index = ("proportion" if share else "count", (column.label,)) if is_sure else (None, None)
    return replace(column, is_open=True, label=label, index=index, rows=None)


def _merged(left: Value, right: Value, node: ast.Call) -> Value:
    """The frame of a merge, all but the two sides given by name."""
    given = _given(node)
    suffixes = texts(given["suffixes"]) if "suffixes" in given else ["_x", "_y"]
    is_plain = not given.keys() - _MERGE and ("how" not in given or text_of(given["how"]) in _JOINS)
    if not (is_plain and _is_frame(left) and _is_frame(right)) or suffixes is None or len(suffixes) != 2:
        return None
    shared = _shared(left, right, given)
    if shared is None:
        return None
    twice = {label for label in left.columns if label in right.columns and label not in shared}
    named = [*_suffixed(left, twice, suffixes[0]), *_suffixed(right, twice, suffixes[1])]
    index = (*left.index, *right.index)
    told = given.get("indicator")
    extra = () if told is None else ("_merge", text_of(told) or "_merge")
    is_whole = left.is_whole and right.is_whole
    perhaps = () if is_whole else twice  # no suffix, where the other side lacks it
    return Table(left.cls, tuple(dict.fromkeys((*named, *extra, *perhaps))), index, not index, is_whole)


def _joined(parts: Iterable[Value], node: ast.Call) -> Value:
    """The frame of a `concat`."""
    tables = list(parts)
    frames = [table for table in tables if _is_frame(table)]
    if not frames or len(frames) < len(tables) or _given(node).keys() - {"ignore_index", "axis", "sort", "join"}:
        return None
    columns = dict.fromkeys(label for frame in frames for label in frame.columns)
    index = dict.fromkeys(label for frame in frames for label in frame.index)
    is_whole = all(frame.is_whole for frame in frames) and "join" not in _given(node)
    return Table(frames[0].cls, tuple(columns), tuple(index), all(frame.is_numbered for frame in frames), is_whole)


def _shared(left: Table, right: Table, given: Mapping[str, ast.expr]) -> set[object] | None:
    """The columns that a merge has once though both have them; None where that is not certain."""
    if "on" in given:
        on = texts(given["on"])
        return None if on is None else set(on)
    if "left_on" in given or "right_on" in given:
        one, other = (texts(given[word]) if word in given else None for word in ("left_on", "right_on"))
        return {a for a, b in zip(one, other, strict=False) if a == b} if one and other else None
    return {label for label in left.columns if label in right.columns}


def _suffixed(table: Table, twice: set[object], suffix: str) -> list[object]:
    return [f"{label}{suffix}" if label in twice else label for label in table.columns]


def _is_frame(value: Value) -> TypeGuard[Table]:
    return isinstance(value, Table) and is_pandas(value, "DataFrame")
