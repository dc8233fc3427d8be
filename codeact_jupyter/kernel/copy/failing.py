"""The expression that raised, and what its object has instead: columns, keys, attributes, names, parameters.

`executing` finds the exact node of the syntax tree. The object is evaluated once more, so this is only for a process
in which that can do no harm.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import inspect
import itertools
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

import executing

from ...checks.spelling import near
from ...text import shorten

OFFERS = 40  #: names that are told at most
TEXT_CHARS = 300
NAME_CHARS = 80

_TIMED = "<timed exec>"  #: what `%%time` runs

Kind = Literal["column", "key", "attribute", "name", "parameter", "import", "other"]


@dataclass(frozen=True, slots=True)
class Failing:
    """The expression that raised.

    Attributes:
        expression: its source.
        receiver: source of the object that lacks something; empty if there is none.
        kind: what it lacks.
        wanted: what is missing, as text; empty if that cannot be told.
        offers: what there is, close matches to `wanted` first.
        span: first line, column, last line, column of the expression in the cell, lines from 1, columns from 0 in
            bytes; None if it is not in the cell, or the cell is not Python as it stands.
    """

    expression: str
    receiver: str = ""
    kind: Kind = "other"
    wanted: str = ""
    offers: tuple[str, ...] = ()
    span: tuple[int, int, int, int] | None = None


def own_line(error: BaseException, source: str, namespace: Mapping[str, Any]) -> int | None:
    """Return the line of the cell, from 1, at which it raised; None if no line of the cell is involved.

    Args:
        error: what it raised.
        source: of the cell.
        namespace: of the user.
    """
    frames = _frames(error.__traceback__, namespace)
    if not frames:
        return error.lineno if isinstance(error, SyntaxError) else None
    cell = frames[0].tb_frame.f_code.co_filename
    own = [each for each in frames if each.tb_frame.f_code.co_filename in (cell, _TIMED)][-1]
    return own.tb_lineno + (_lines_above(source) if _is_timed(own) else 0)


def find_failing(error: BaseException, source: str, namespace: Mapping[str, Any]) -> Failing | None:
    """Return the expression of the user's own code that raised; None if it cannot be told.

    Args:
        error: what it raised.
        source: of the cell.
        namespace: of the user.
    """
    frames = _frames(error.__traceback__, namespace)
    if not frames:
        return None
    node, text = _node(frames[-1], source)
    if node is None:
        return None
    span = None
    timed = _is_timed(frames[-1])
    if isinstance(node, ast.expr) and (timed or text.strip() == source.strip()):
        above = _lines_above(source) if timed else 0
        span = (node.lineno + above, node.col_offset, (node.end_lineno or 0) + above, node.end_col_offset or 0)
    frame = frames[-1].tb_frame
    receiver, kind, wanted, offers = _lacking(node, error, {**frame.f_globals, **frame.f_locals})
    return Failing(
        shorten(ast.get_source_segment(text, node) or ast.unparse(node), TEXT_CHARS),
        shorten(receiver, TEXT_CHARS),
        kind,
        shorten(wanted, TEXT_CHARS),
        _ranked(wanted, offers),
        span,
    )


def _node(entry: TracebackType, source: str) -> tuple[ast.AST | None, str]:
    """Return the node that raised, and the source that it is in."""
    if _is_timed(entry):
        text = "\n".join(source.splitlines()[_lines_above(source) :])
        with contextlib.suppress(SyntaxError):  # magics within
            return _at_position(entry, ast.parse(text)), text
        return None, text
    found = executing.Source.executing(entry)
    return found.node or _at_position(entry, found.source.tree), found.source.text


def _is_timed(entry: TracebackType) -> bool:
    return entry.tb_frame.f_code.co_filename == _TIMED


def _lines_above(source: str) -> int:
    """Return how many lines stand above what `%%time` runs: its own, and empty ones."""
    return next((place for place, line in enumerate(source.splitlines()[1:], 1) if line.strip()), 1)


def _frames(traceback: TracebackType | None, namespace: Mapping[str, Any]) -> list[TracebackType]:
    """Return the traceback's entries in code of the user's own cells, outermost first."""
    found = []
    while traceback is not None:
        if traceback.tb_frame.f_globals is namespace:
            found.append(traceback)
        traceback = traceback.tb_next
    return found


def _at_position(entry: TracebackType, tree: ast.AST | None) -> ast.AST | None:
    """Return the node from which the instruction that raised was compiled, if its place tells: statements, mostly."""
    places = itertools.islice(entry.tb_frame.f_code.co_positions(), entry.tb_lasti // 2, None)
    line, last, column, end = next(places, (None,) * 4)
    for node in reversed(list(ast.walk(tree))) if tree else ():
        if isinstance(node, ast.expr | ast.stmt):
            place = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
            if place == (line, last, column, end):
                return node
    return None


Lack = tuple[str, Kind, str, Iterable[str]]


def _lacking(node: ast.AST, error: BaseException, names: dict[str, Any]) -> Lack:
    """Return the receiver's source, what sort of thing it lacks, which, and what it has."""
    if isinstance(node, ast.Name):
        return "", "name", node.id, [*names, *vars(builtins)]
    if isinstance(node, ast.Import):
        return "", "import", getattr(error, "name", None) or "", []
    if isinstance(node, ast.ImportFrom):
        module = sys.modules.get(node.module or "")
        missing = next((alias.name for alias in node.names if not hasattr(module, alias.name)), "")
        return node.module or "", "import", missing, dir(module) if module else []
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, names)
        return ast.unparse(node.value), "attribute", node.attr, [*_labels(owner)[1], *dir(owner)]
    if isinstance(node, ast.Subscript):
        kind, labels = _labels(_value(node.value, names))
        return ast.unparse(node.value), kind, _missing(error), labels
    if isinstance(node, ast.Call) and isinstance(error, TypeError):
        return ast.unparse(node.func), "parameter", "", _parameters(_value(node.func, names))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        kind, labels = _labels(_value(node.func.value, names))
        return ast.unparse(node.func.value), kind, _missing(error), labels
    return "", "other", "", []


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    code = compile(ast.Expression(ast.parse(ast.unparse(node), mode="eval").body), "<receiver>", "eval")
    return eval(code, names)


def _labels(owner: Any) -> tuple[Kind, list[str]]:
    """Return what sort of labels the object has, and which."""
    owner = getattr(owner, "obj", owner)  # `df.loc`, a group, a rolling window
    columns = getattr(owner, "columns", None)
    if columns is not None and not callable(columns):
        return "column", [str(label) for label in columns]
    if isinstance(owner, Mapping):
        return "key", [str(key) for key in owner]
    index = getattr(owner, "index", None)
    if index is not None and not callable(index):
        return "key", [str(label) for label in index[: OFFERS * 10]]
    return "key", []


def _missing(error: BaseException) -> str:
    while isinstance(error.__cause__, KeyError) and not isinstance(error, KeyError):
        error = error.__cause__
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else ""


def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # of C
        return []


def _ranked(wanted: str, offers: Iterable[str]) -> tuple[str, ...]:
    public = dict.fromkeys(name for name in offers if not name.startswith("_"))
    ranked = dict.fromkeys([*near(wanted, public, 5), *public]) if wanted else public
    return tuple(shorten(name, NAME_CHARS) for name in list(ranked)[:OFFERS])
