"""Mends of code that raised an error in its trial: small changes by rule, each of which must be tried before use."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..checks import how_to_import
from ..checks.spelling import nearest
from ..kernel.copy.outcome import Trial
from ..namespace.bindings import bound_names
from ..namespace.static_lookup import contents, exact_module
from . import name_mends, renamed, table_mends
from .mend_case import Case, Mend

FILES = 500  #: maximum number of a folder's files that are compared with a missing one
CHAINED = "ChainedAssignmentError"  #: pandas warns with it that a change was made to a temporary copy, and is lost

_BUILTINS = frozenset(("abs", "float", "int", "len", "list", "max", "min", "round", "set", "sorted", "str", "sum"))
_KEPT_ANYHOW = frozenset(("copy", "item", "to_list", "tolist"))  # methods that a plain number or list needs no more
_LOST = frozenset(("assign", "astype", "drop", "drop_duplicates", "dropna", "fillna", "rename", "replace")) | frozenset(
    ("reset_index", "round", "set_index", "sort_index", "sort_values")
)


def mends(code: str, trial: Trial, namespace: Mapping[str, Any] | None = None) -> Iterator[str]:
    """Suggest mended code, the likeliest first.

    Args:
        code: Code that raised; also code that ran, whose result may be lost.
        trial: Its trial.
        namespace: Live objects by name.

    Yields:
        Changed versions of the code. Each must be tried, as none need be right.
    """
    try:
        case = Case(code, trial, ast.parse(code), namespace or {})
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # magics, too
        return
    seen = {code}
    for mend in _RAISED if trial.outcome == "raised" else _RAN:
        for text in mend(case):
            if text not in seen:
                seen.add(text)
                yield text


# --- names and imports -------------------------------------------------------------------------------------------


def _missing_import(case: Case) -> Iterator[str]:
    if case.failing.kind == "name" and (line := how_to_import(case.failing.wanted, case.tree)):
        yield f"{line}\n{case.code}"


def _near_name(case: Case) -> Iterator[str]:
    name = case.failing.wanted
    if case.failing.kind == "name" and (near := nearest(name, case.failing.offers)):
        yield case.with_texts(*((node, near) for node in case.nodes if isinstance(node, ast.Name) and node.id == name))


def _near_label(case: Case) -> Iterator[str]:
    """Correct the one string of the failing expression that is no column or key; else the only such one of the code."""
    if case.failing.kind not in ("column", "key"):
        return
    told = f"{case.failing.wanted} {case.trial.error}"
    for nodes in (case.culprits, case.nodes):
        texts = {node.value: None for node in nodes if isinstance(node, ast.Constant) and type(node.value) is str}
        wrong = [text for text in texts if text and text in told and text not in case.failing.offers]
        for text in wrong:
            if near := nearest(text, case.failing.offers):
                same = [node for node in nodes if isinstance(node, ast.Constant) and node.value == text]
                yield case.with_texts(*((node, repr(near)) for node in same))


def _near_attribute(case: Case) -> Iterator[str]:
    node = case.culprits[0] if case.failing.kind == "attribute" and case.culprits else None
    if isinstance(node, ast.Attribute) and (near := nearest(node.attr, case.failing.offers)):
        owner = case.text(node.value)
        yield case.with_texts((node, f"{owner}.{near}" if near.isidentifier() else f"{owner}[{near!r}]"))


def _near_file(case: Case) -> Iterator[str]:
    if not case.trial.error.startswith("FileNotFoundError"):
        return
    for node in case.nodes:
        if isinstance(node, ast.Constant) and type(node.value) is str and node.value and node.value in case.trial.error:
            path = Path(node.value)
            names = [each.name for each, _ in zip(path.parent.glob("*"), range(FILES), strict=False)]
            if near := nearest(path.name, names):
                yield case.with_texts((node, repr(str(path.with_name(near)))))


# --- methods and types -------------------------------------------------------------------------------------------


def _builtin(case: Case) -> Iterator[str]:
    """Write `round(x, 2)` for `x.round(2)`, and `x` for `x.item()`, of objects without that method."""
    node = case.culprits[0] if case.failing.kind == "attribute" and case.culprits else None
    for call in case.nodes:
        if isinstance(node, ast.Attribute) and isinstance(call, ast.Call) and call.func is node:
            arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
            if node.attr in _BUILTINS:
                given = ", ".join(map(case.text, [node.value, *arguments]))
                yield case.with_texts((call, f"{node.attr}({given})"))
            elif node.attr in _KEPT_ANYHOW and not arguments:
                yield case.with_texts((call, case.text(node.value)))


def _other_call(case: Case) -> Iterator[str]:
    """Write `column.mean()` for `pd.mean(column)`, and `np.log(column)` for `column.log()`."""
    node = case.culprits[0] if case.failing.kind == "attribute" and case.culprits else None
    call = next((each for each in case.nodes if isinstance(each, ast.Call) and each.func is node), None)
    if not isinstance(node, ast.Attribute) or call is None:
        return
    given = [*map(case.text, call.args), *map(ast.unparse, call.keywords)]
    if case.trial.error.startswith("AttributeError: module "):
        if call.args:
            yield case.with_texts((call, f"({given[0]}).{node.attr}({', '.join(given[1:])})"))
    elif (numpy := exact_module("numpy")) and node.attr in contents(numpy) and node.attr not in _BUILTINS:
        changed = case.with_texts((call, f"np.{node.attr}({', '.join([case.text(node.value), *given])})"))
        yield changed if "np" in {*case.namespace, *bound_names(case.tree.body)} else f"import numpy as np\n{changed}"


def _converted(case: Case) -> Iterator[str]:
    """Convert columns of text that are used as dates or as numbers."""
    error = case.trial.error
    if "Can only use .dt accessor" in error or "datetime" in error:
        change = "pd.to_datetime"
    elif re.search(r"'str'|\bstr\b|dtype->(?:object|str)|to numeric|string dtype|does not support operation", error):
        change = "pd.to_numeric"
    else:
        return
    called = [node.func for node in case.culprits if isinstance(node, ast.Call)]
    for node in case.culprits:
        label = _label(node)
        if not label or node in called or not isinstance(node, ast.Subscript | ast.Attribute):
            continue
        if isinstance(node.value, ast.Name):
            yield case.with_texts((node, f"{change}({case.text(node)})"))
        elif label.isidentifier() and (frame := next((n for n in ast.walk(node) if isinstance(n, ast.Name)), None)):
            yield case.with_texts((frame, f"{frame.id}.assign({label}={change}({frame.id}[{label!r}]))"))


def _label(node: ast.AST) -> str:
    """Return the label of `….label` and `…["label"]`; empty for other nodes."""
    if isinstance(node, ast.Attribute):
        return node.attr if isinstance(node.value, ast.Name) else ""
    value = node.slice.value if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) else ""
    return value if type(value) is str else ""


def _lost_result(case: Case) -> Iterator[str]:
    """Assign the result of a method such as `dropna` that the code discards and that changed nothing in place."""
    lost = [
        (node.value, f"{name} = {case.text(node.value)}")
        for node in case.tree.body[:-1]
        if isinstance(node, ast.Expr) and (name := _changed_name(node.value)) and name not in case.trial.changed
    ]
    if lost:
        yield case.with_texts(*lost)


def _changed_name(node: ast.expr) -> str:
    """Return the variable whose method is called as if it changed the object in place, although it returns a copy."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ""
    is_lost = node.func.attr in _LOST and not any(keyword.arg in (None, "inplace") for keyword in node.keywords)
    return node.func.value.id if is_lost and isinstance(node.func.value, ast.Name) else ""


def _lost_in_place(case: Case) -> Iterator[str]:
    """Change the frame itself where the code changes a temporary copy of a column or of rows, and pandas says so.

    `df["a"] = df["a"].f(…)` for `df["a"].f(…, inplace=True)`; `df.loc[rows, "a"] = …` for `df["a"][rows] = …`.
    """
    changes = [change for node in case.nodes for change in _on_the_frame(node, case.text)]
    if changes and CHAINED in case.trial.outputs:
        yield case.with_texts(*changes)


def _on_the_frame(node: ast.AST, text: Callable[[ast.expr], str]) -> Iterator[tuple[ast.AST, str]]:
    """Yield a part of the code, and what changes the frame itself in its place."""
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=column, attr=method), keywords=named) as call):
            others = [each for each in named if each.arg != "inplace"]
            if len(others) < len(named) and _frame_and_label(column, text):
                given = ", ".join([*map(text, call.args), *map(ast.unparse, others)])
                yield node, f"{text(column)} = {text(column)}.{method}({given})"
        case ast.Assign(targets=[ast.Subscript() as target]) | ast.AugAssign(target=ast.Subscript() as target):
            inner = target.value
            if isinstance(inner, ast.Attribute) and inner.attr == "loc":
                inner = inner.value  # frame["column"].loc[rows]
            if not (found := _frame_and_label(inner, text)):
                return
            frame, outer = found
            rows, label = (outer, text(target.slice)) if _names_column(target) else (text(target.slice), outer)
            yield target, f"{frame}.loc[{rows}, {label}]"


def _frame_and_label(node: ast.expr, text: Callable[[ast.expr], str]) -> tuple[str, str] | None:
    """Return the code of `frame` and `label` in `frame[label]`, `frame.loc[label]` or `frame.label`."""
    match node:
        case ast.Subscript(value=ast.Name(id=frame) | ast.Attribute(value=ast.Name(id=frame), attr="loc"), slice=label):
            return frame, text(label)
        case ast.Attribute(value=ast.Name(id=frame), attr=attribute):
            return frame, repr(attribute)
    return None


def _names_column(target: ast.Subscript) -> bool:
    """Return True for `frame[rows]["column"]`, False for `frame["column"][rows]`."""
    return isinstance(target.value, ast.Subscript) and bool(_label(target)) and not _label(target.value)


_RAN: tuple[Mend, ...] = (_lost_result, _lost_in_place, table_mends.ordered_as_numbers)
_RAISED: tuple[Mend, ...] = (
    _missing_import,
    _near_name,
    _near_label,
    *renamed.MENDS,
    *name_mends.MENDS,
    _other_call,
    _builtin,
    _near_attribute,
    _near_file,
    *table_mends.MENDS,
    _converted,
    table_mends.numbers_only,
)
