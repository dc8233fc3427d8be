"""Mends of code that uses a pandas table in a way that it cannot be used: the wrong table, key, index or frequency."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeGuard

from ..namespace.notation import find_notation
from ..namespace.relations import Relation, find_relations
from ..namespace.static_lookup import MISSING, class_in, column_of, frames, is_exactly, text_columns
from .copies import renamed, uses
from .mend_case import Case, Mend

_INSTEAD = re.compile(
    r"'([\w-]+)' is (?:no longer supported|deprecated)[^']*'([\w-]+)' instead|: ([\w-]+)\. Did you mean ([\w-]+)\?"
)
_TEXT = re.compile(r"with string dtype|does not support operation|could not convert string|agg function failed|numeric")
_ORDERING = ("max", "min", "sum", "idxmax", "idxmin", "cumsum", "rank", "sort_values", "nlargest", "nsmallest")
_YEAR_FIRST = re.compile(r"\d{4}\D")  # such dates have the same order as text
_UNDATED = "Only valid with DatetimeIndex"
_HOWS = ("inner", "left", "right", "outer")
_KEYS = ("on", "left_on", "right_on")


def _merge_keys(case: Case) -> Iterator[str]:
    """Merge two live frames by the columns that have the same values, where the code names others."""
    for call in case.culprits:
        sides = _merged(call)
        if not sides or not isinstance(call, ast.Call):
            continue
        one, other = sides
        for relation in _relations(case, [one, other]):
            left, right = (relation.keys, relation.others)[:: 1 if relation.left == one else -1]
            kept = [each for each in call.args if isinstance(each, ast.Name) or getattr(each, "value", "") in _HOWS]
            named = [each for each in call.keywords if each.arg not in _KEYS]
            texts = [*map(case.text, kept), *map(ast.unparse, named), _by(left, right)]
            yield case.with_texts((call, f"{case.text(call.func)}({', '.join(texts)})"))


def _merged(node: ast.AST) -> tuple[str, str] | None:
    """Return the names of the frames in `one.merge(other, …)` and `pd.merge(one, other, …)`."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "merge":
        return None
    named = [each.value for each in node.keywords if each.arg in ("left", "right")]
    names = [each.id for each in (node.func.value, *node.args, *named) if isinstance(each, ast.Name)]
    return (names[-2], names[-1]) if len(names) in (2, 3) else None


def _joined(case: Case) -> Iterator[str]:
    """Use a frame joined with another one, where the code takes a column of the other one to be its own."""
    wanted, live = case.failing.wanted, _live(case)
    if case.failing.kind not in ("column", "attribute") or not wanted:
        return
    holders = [name for name in frames(case.namespace) if wanted in text_columns(case.namespace[name])]
    used = [name for name in live if name not in holders]
    for name, holder in ((name, holder) for name in used for holder in holders):
        for relation in _relations(case, [name, holder]):
            if relation.left == name or relation.is_unique:
                pair = (relation.keys, relation.others)[:: 1 if relation.left == name else -1]
                joined = f'{name}.merge({holder}, how="left", {_by(*pair)})'
                yield _replacing(case, name, f"{name}_{holder}", joined)


def _dated(case: Case) -> Iterator[str]:
    """Make a column of dates the index of a frame that is resampled by its index."""
    if _UNDATED not in case.trial.error:
        return
    labels = {label for name in _live(case) for label in _dates(case.namespace[name])}
    for node in case.culprits:
        if isinstance(node, ast.Name) and node.id not in ("pd", "pandas"):
            yield from (case.with_texts((node, f"{node.id}.set_index({label!r})")) for label in sorted(labels))
            return


def _dates(frame: Any) -> list[str]:
    return [label for label in text_columns(frame) if str(frame.dtypes[label]).startswith("datetime64")]


def _written_now(case: Case) -> Iterator[str]:
    """Write what the error asks for: "'M' is no longer supported for offsets. Please use 'ME' instead."."""
    for found in _INSTEAD.finditer(case.trial.error):
        old, new = (text for text in found.groups() if text)
        written = {node: node.value for node in case.nodes if isinstance(node, ast.Constant)}
        same = {node: text for node, text in written.items() if type(text) is str and re.fullmatch(rf"\d*{old}", text)}
        if same:
            yield case.with_texts(*((node, repr(text.removesuffix(old) + new)) for node, text in same.items()))


def _read_by_notation(case: Case) -> Iterator[str]:
    """Convert text columns that hold numbers or dates, as their values are written."""
    for frame, label, recipe in case.failing.readings:
        yield from _with_reading(case, frame, label, recipe, case.culprits)


def _with_reading(case: Case, frame: str, label: str, recipe: str, within: Sequence[ast.AST]) -> Iterator[str]:
    columns = [node for node in case.nodes if _is_column(node, frame, label)]
    if columns:
        yield case.with_texts(*((_conversion(case, node), _read(case.text(node), recipe)) for node in columns))
    elif label.isidentifier():  # frame.groupby("key")["label"]
        assigned = f"{frame}.assign({label}={_read(f'{frame}[{label!r}]', recipe)})"
        used = [node for node in within if isinstance(node, ast.Name) and node.id == frame]
        if used:
            yield case.with_texts(*((node, assigned) for node in used))


def ordered_as_numbers(case: Case) -> Iterator[str]:
    """Convert a text column of a live frame that holds numbers, where the code orders or adds up its values.

    As text, `9,50` comes after `1.200,00`, and a sum is one long text: no error tells so.

    Args:
        case: The code, which ran.

    Yields:
        The changed code.
    """
    labels = set(filter(None, map(_ordered, case.nodes)))
    for frame in _live(case):
        for label in sorted(labels):
            column = column_of(case.namespace[frame], label)
            found = column and column.all_text and find_notation(list(dict.fromkeys(map(str.strip, column.values))))
            if found and found.recipe and found.is_converted and not _YEAR_FIRST.match(found.examples[0]):
                yield from _with_reading(case, frame, label, found.recipe, case.nodes)


def _ordered(node: ast.AST) -> str:
    """Return the column whose values are ordered or added up: `….label.max()`, `frame.sort_values("label")`."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Subscript(slice=ast.Constant(value=str() as label)), attr=method)):
            return label if method in _ORDERING else ""
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=label), attr=method)) if method in _ORDERING:
            return label
        case ast.Call(func=ast.Attribute(attr="sort_values" | "nlargest" | "nsmallest"), args=args, keywords=named):
            values = [*args, *(each.value for each in named if each.arg in ("by", "columns"))]
            return next(
                (each.value for each in values if isinstance(each, ast.Constant) and type(each.value) is str), ""
            )
    return ""


def _is_column(node: ast.AST, frame: str, label: str) -> TypeGuard[ast.expr]:
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=found), ctx=ast.Load()):
            return name == frame and found == label
        case ast.Attribute(value=ast.Name(id=name), attr=found, ctx=ast.Load()):
            return name == frame and found == label
    return False


def _conversion(case: Case, column: ast.expr) -> ast.expr:
    """Return the call that is to convert the column, such as `column.astype(float)`; the column itself without one."""
    for call in case.nodes:
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            is_method = call.func.value is column and call.func.attr == "astype"
            is_function = call.func.attr in ("to_numeric", "to_datetime") and column in call.args
            if is_method or is_function:
                return call
    return column


def _read(column: str, recipe: str) -> str:
    return recipe.replace("…", column) if "…" in recipe else f"{column}{recipe}"


def numbers_only(case: Case) -> Iterator[str]:
    """Leave the columns of text out of a sum, a mean or a correlation over all columns.

    Args:
        case: The code.

    Yields:
        The changed code.
    """
    call = case.culprits[0] if case.culprits and _TEXT.search(case.trial.error) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        given = [*map(case.text, call.args), *(ast.unparse(each) for each in call.keywords), "numeric_only=True"]
        if not any(each.arg == "numeric_only" for each in call.keywords):
            yield case.with_texts((call, f"{case.text(call.func)}({', '.join(given)})"))


def _accessor(case: Case) -> Iterator[str]:
    """Write `column.dt.year` for `column.year`, and `column.str.lower` for `column.lower`."""
    node = case.culprits[0] if case.failing.kind == "attribute" and case.culprits else None
    series = class_in("pandas", "Series")
    if isinstance(node, ast.Attribute) and "'Series'" in case.trial.error and series is not MISSING:
        for accessor in ("dt", "str"):
            if node.attr in dir(getattr(series, accessor)):
                yield case.with_texts((node, f"{case.text(node.value)}.{accessor}.{node.attr}"))


def _dropped_columns(case: Case) -> Iterator[str]:
    """Write `frame.drop(columns="a")` for `frame.drop("a")`."""
    for call in case.culprits if "not found in axis" in case.trial.error else ():
        if isinstance(call, ast.Call) and len(call.args) == 1 and not any(each.arg == "axis" for each in call.keywords):
            yield case.with_texts((call.args[0], f"columns={case.text(call.args[0])}"))


def _by_position(case: Case) -> Iterator[str]:
    """Write `series.iloc[1]` for `series[1]`: the labels are text, or it is the first or last of what a filter left."""
    node, labels = (case.culprits[0] if case.culprits else None), case.failing.offers
    if isinstance(node, ast.Subscript) and case.failing.kind == "key" and case.trial.error.startswith("KeyError"):
        owner, place = node.value, ast.unparse(node.slice)
        if isinstance(owner, ast.Attribute) and owner.attr == "loc":
            owner = owner.value
        is_number = place.removeprefix("-").isdecimal()
        if is_number and (place in ("0", "-1") or not any(label.lstrip("-").isdecimal() for label in labels)):
            yield case.with_texts((node, f"{case.text(owner)}.iloc[{place}]"))


def _by_value(case: Case) -> Iterator[str]:
    """Look rows up by the column that has the value, where the code takes the value for a label of the rows."""
    node = case.culprits[0] if case.culprits and case.trial.error.startswith("KeyError") else None
    if not isinstance(node, ast.Subscript):
        return
    part = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    value = part.value if isinstance(part, ast.Constant) else None
    owner: ast.expr = node
    while isinstance(owner, ast.Subscript | ast.Attribute):
        owner = owner.value
    frame = case.namespace.get(owner.id) if isinstance(owner, ast.Name) else None
    if type(value) not in (str, int) or not isinstance(owner, ast.Name) or not _is_pandas(frame):
        return
    for label in text_columns(frame):
        column = column_of(frame, label)
        is_alike = column is not None and column.values is not None and column.all_text == (type(value) is str)
        if column and is_alike and value in column.values:
            yield case.with_texts((owner, f"{owner.id}.set_index({label!r})"))


def _live(case: Case) -> list[str]:
    """Return the live pandas frames that the code uses."""
    used = {node.id for node in case.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return [name for name in frames(case.namespace) if name in used and _is_pandas(case.namespace[name])]


def _is_pandas(frame: Any) -> bool:
    return is_exactly(frame, "pandas", "DataFrame")


def _relations(case: Case, names: Iterable[str]) -> list[Relation]:
    tables = {name: case.namespace.get(name) for name in names}
    return find_relations(tables) if all(map(_is_pandas, tables.values())) else []


def _by(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    if left == right:
        return f"on={_labels(left)}"
    return f"left_on={_labels(left)}, right_on={_labels(right)}"


def _labels(labels: tuple[str, ...]) -> str:
    return repr(labels[0] if len(labels) == 1 else list(labels))


def _replacing(case: Case, name: str, new: str, value: str) -> str:
    """Return the code with a new variable in place of another one, assigned before its first use.

    The variable has a number behind its name if that is taken.
    """
    taken = {*case.namespace, *(node.id for node in case.nodes if isinstance(node, ast.Name))}
    names = itertools.chain([new], (f"{new}_{number}" for number in itertools.count(2)))
    new = next(each for each in names if each not in taken)
    first = next(each.lineno - 1 for each in case.tree.body if any(True for _ in uses(each, name)))
    lines = renamed(case.code, case.tree.body, name, new).splitlines(keepends=True)
    return "".join([*lines[:first], f"{new} = {value}\n", *lines[first:]])


MENDS: tuple[Mend, ...] = (
    _merge_keys,
    _joined,
    _dated,
    _written_now,
    _accessor,
    _dropped_columns,
    _by_position,
    _by_value,
    _read_by_notation,
)
