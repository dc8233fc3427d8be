"""Mends of code for older versions of pandas, numpy and polars: models have read more of it than of today's."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from .mend_case import Case, Mend

#: Attributes that are gone, and what stands in their place after the same owner.
_RENAMED = {
    "applymap": "map",
    "as_matrix": "to_numpy",
    "backfill": "bfill",
    "cumsum": "cum_sum",
    "frame_equal": "equals",
    "is_monotonic": "is_monotonic_increasing",
    "iteritems": "items",
    "lengths": "len_chars",
    "map_dict": "replace_strict",
    "pad": "ffill",
    "week": "isocalendar().week",
    "weekday_name": "day_name()",
    "weekofyear": "isocalendar().week",
    "with_column": "with_columns",
    "with_row_count": "with_row_index",
    "alltrue": "all",
    "cumproduct": "cumprod",
    "float_": "float64",
    "Inf": "inf",
    "NaN": "nan",
    "product": "prod",
    "sometrue": "any",
}
_PLAIN = ("bool", "float", "int", "object", "str")  # that numpy had, too
_FILLS = {"ffill": "ffill", "pad": "ffill", "bfill": "bfill", "backfill": "bfill"}
_TOO_MANY = re.compile(r"takes (?:from \d+ to )?(\d+) positional arguments? but \d+ (?:were|was) given")
_REORDERED = ("pivot",)  # methods whose parameters had another order when they were given by position


def _renamed(case: Case) -> Iterator[str]:
    node = case.culprits[0] if case.failing.kind == "attribute" and case.culprits else None
    if not isinstance(node, ast.Attribute):
        return
    owner = case.text(node.value)
    if node.attr in _RENAMED:
        yield case.with_texts((node, f"{owner}.{_RENAMED[node.attr]}"))
    elif node.attr in _PLAIN and owner in ("np", "numpy"):
        yield case.with_texts((node, node.attr))


def _appended(case: Case) -> Iterator[str]:
    """Write `pd.concat([frame, rows], …)` for `frame.append(rows, …)`."""
    if case.failing.kind != "attribute" or case.failing.wanted != "append":
        return
    for call in case.nodes:
        match call:
            case ast.Call(func=ast.Attribute(attr="append") as method, args=[rows]) if method in case.culprits:
                added = f"pd.DataFrame([{case.text(rows)}])" if isinstance(rows, ast.Dict) else case.text(rows)
                given = [f"[{case.text(method.value)}, {added}]", *map(ast.unparse, call.keywords)]
                yield case.with_texts((call, f"pd.concat({', '.join(given)})"))


def _filled(case: Case) -> Iterator[str]:
    """Write `column.ffill()` for `column.fillna(method="ffill")`."""
    call = case.culprits[0] if case.culprits else None
    match call:
        case ast.Call(
            func=ast.Attribute(value=owner, attr="fillna"),
            keywords=[ast.keyword(arg="method", value=ast.Constant(value=str() as way))],
        ) if way in _FILLS:
            yield case.with_texts((call, f"{case.text(owner)}.{_FILLS[way]}()"))


def _by_keyword(case: Case) -> Iterator[str]:
    """Name the arguments that can be given by keyword only, in the order of the parameters."""
    call, found = (case.culprits[0] if case.culprits else None), _TOO_MANY.search(case.trial.error)
    if not found or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return
    kept, names = int(found[1]) - 1, case.failing.offers  # without `self`
    if call.func.attr not in _REORDERED and len(call.args) <= len(names):
        given = [*map(case.text, call.args[:kept])]
        given += [f"{name}={case.text(each)}" for name, each in list(zip(names, call.args, strict=False))[kept:]]
        texts = [*given, *map(ast.unparse, call.keywords)]
        yield case.with_texts((call, f"{case.text(call.func)}({', '.join(texts)})"))


MENDS: tuple[Mend, ...] = (_renamed, _appended, _filled, _by_keyword)
