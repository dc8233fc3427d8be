"""The expression that raised, and the names that exist instead: columns, keys, attributes, variables, parameters.

`executing` finds the node of the syntax tree. The receiver is evaluated again: call this only in a sandboxed process.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import inspect
import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal

import executing

from ...checks.spelling import near
from ...namespace.notation import find_notation
from ...namespace.static_lookup import column_of, is_exactly
from ...text import shorten

OFFERS = 40  #: most names that are reported
TEXT_CHARS = 300
NAME_CHARS = 80
VALUES = 500  #: different values of a text column whose notation is looked at

_TIMED = "<timed exec>"  #: file name of the code that `%%time` compiles

Kind = Literal["column", "key", "attribute", "name", "parameter", "import", "other"]


@dataclass(frozen=True, slots=True)
class Failing:
    """The expression that raised.

    Attributes:
        expression: Its source.
        receiver: Source of the object in which something is missing; empty if there is none.
        kind: The kind of the missing thing.
        wanted: The missing name or key as text; empty if it is not known.
        offers: The names or keys that exist, close matches to `wanted` first.
        span: First line, first column, last line and last column in the cell, lines from 1, columns from 0 in bytes;
            None if the expression is not in the cell, or the cell has magics.
        readings: Text columns of pandas in the expression whose values are numbers or dates: the frame's name, the
            column, and the calls that convert it, with `…` in its place if it does not stand before them.
    """

    expression: str
    receiver: str = ""
    kind: Kind = "other"
    wanted: str = ""
    offers: tuple[str, ...] = ()
    span: tuple[int, int, int, int] | None = None
    readings: tuple[tuple[str, str, str], ...] = ()


def error_line(error: BaseException, source: str, namespace: Mapping[str, Any]) -> int | None:
    """Return the line of the cell, from 1, that raised the error; None if no line of the cell did.

    Args:
        error: The error.
        source: The cell.
        namespace: The globals of the user's cells.
    """
    frames = _frames(error.__traceback__, namespace)
    if not frames:
        return error.lineno if isinstance(error, SyntaxError) else None
    cell = frames[0].tb_frame.f_code.co_filename
    own = [each for each in frames if each.tb_frame.f_code.co_filename in (cell, _TIMED)][-1]
    return own.tb_lineno + (_lines_above(source) if _is_timed(own) else 0)


def find_failing(error: BaseException, source: str, namespace: Mapping[str, Any]) -> Failing | None:
    """Return the expression in the user's code that raised the error; None if unknown. See `error_line`."""
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
    names = {**frame.f_globals, **frame.f_locals}
    receiver, kind, wanted, offers = _missing(node, error, names)
    return Failing(
        shorten(ast.get_source_segment(text, node) or ast.unparse(node), TEXT_CHARS),
        shorten(receiver, TEXT_CHARS),
        kind,
        shorten(wanted, TEXT_CHARS),
        _ranked(wanted, offers),
        span,
        tuple(_readings(node, names)) if isinstance(error, TypeError | ValueError) else (),
    )


def _readings(node: ast.AST, names: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield the text columns that an expression uses and that hold numbers or dates, as `Failing.readings` has them."""
    parts = list(ast.walk(node))
    labels = {part.value: None for part in parts if isinstance(part, ast.Constant) and type(part.value) is str}
    labels |= {part.attr: None for part in parts if isinstance(part, ast.Attribute)}
    for name in dict.fromkeys(part.id for part in parts if isinstance(part, ast.Name)):
        frame = names.get(name)
        for label in labels if is_exactly(frame, "pandas", "DataFrame") else ():
            column = column_of(frame, label)
            if column is None or not column.all_text or not column.values:
                continue
            values = dict.fromkeys(value.strip() for value in dict.fromkeys(column.values))
            notation = find_notation([value for value in itertools.islice(values, VALUES) if value])
            if notation and notation.recipe and notation.is_converted:
                yield name, label, notation.recipe


def _node(entry: TracebackType, source: str) -> tuple[ast.AST | None, str]:
    """Return the node that raised, and the source text that contains it."""
    if _is_timed(entry):
        text = "\n".join(source.splitlines()[_lines_above(source) :])
        with contextlib.suppress(SyntaxError):  # the cell has other magics
            return _at_position(entry, ast.parse(text)), text
        return None, text
    found = executing.Source.executing(entry)
    return found.node or _at_position(entry, found.source.tree), found.source.text


def _is_timed(entry: TracebackType) -> bool:
    return entry.tb_frame.f_code.co_filename == _TIMED


def _lines_above(source: str) -> int:
    """Return the number of lines above the code that `%%time` runs: its own line and blank lines."""
    return next((place for place, line in enumerate(source.splitlines()[1:], 1) if line.strip()), 1)


def _frames(traceback: TracebackType | None, namespace: Mapping[str, Any]) -> list[TracebackType]:
    """Return the traceback's entries in the user's cells, outermost first."""
    found = []
    while traceback is not None:
        if traceback.tb_frame.f_globals is namespace:
            found.append(traceback)
        traceback = traceback.tb_next
    return found


def _at_position(entry: TracebackType, tree: ast.AST | None) -> ast.AST | None:
    """Return the node, mostly a statement, at the source position of the instruction that raised, if there is one."""
    places = itertools.islice(entry.tb_frame.f_code.co_positions(), entry.tb_lasti // 2, None)
    line, last, column, end = next(places, (None,) * 4)
    for node in reversed(list(ast.walk(tree))) if tree else ():
        if isinstance(node, ast.expr | ast.stmt):
            place = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
            if place == (line, last, column, end):
                return node
    return None


def _missing(node: ast.AST, error: BaseException, names: dict[str, Any]) -> tuple[str, Kind, str, Iterable[str]]:
    """Return the receiver's source, the kind of the missing thing, its name, and the names that exist."""
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
        return ast.unparse(node.value), kind, _missing_key(error), labels
    if isinstance(node, ast.Call) and isinstance(error, TypeError):
        return ast.unparse(node.func), "parameter", "", _parameters(_value(node.func, names))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        kind, labels = _labels(_value(node.func.value, names))
        return ast.unparse(node.func.value), kind, _missing_key(error), labels
    return "", "other", "", []


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(ast.unparse(node), names)


def _labels(owner: Any) -> tuple[Kind, list[str]]:
    """Return the kind of labels that the object has, and the labels."""
    owner = getattr(owner, "obj", owner)  # of `df.loc`, a group, a rolling window
    columns = getattr(owner, "columns", None)
    if columns is not None and not callable(columns):
        return "column", [str(label) for label in columns]
    if isinstance(owner, Mapping):
        return "key", [str(key) for key in owner]
    index = getattr(owner, "index", None)
    if index is not None and not callable(index):
        return "key", [str(label) for label in index[: OFFERS * 10]]
    return "key", []


def _missing_key(error: BaseException) -> str:
    while isinstance(error.__cause__, KeyError) and not isinstance(error, KeyError):
        error = error.__cause__
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else ""


def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # a function written in C
        return []


def _ranked(wanted: str, offers: Iterable[str]) -> tuple[str, ...]:
    public = dict.fromkeys(name for name in offers if not name.startswith("_"))
    ranked = dict.fromkeys([*near(wanted, public, 5), *public]) if wanted else public
    return tuple(shorten(name, NAME_CHARS) for name in list(ranked)[:OFFERS])
