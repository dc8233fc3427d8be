"""Edits of code by nodes of its syntax tree, which keep the text between them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence

from ..namespace.bindings import bound_names


def replaced(code: str, *changes: tuple[ast.AST, str]) -> str:
    """Replace nodes of the code by other text.

    Args:
        code: The code.
        *changes: Expressions or statements of its tree, none inside another, each with the text to put in its place.

    Returns:
        The changed code.
    """
    data, lines = code.encode(), [0]
    for line in data.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    for node, text in sorted(changes, key=lambda change: position(change[0]), reverse=True):
        first, column, last, end = position(node)
        data = data[: lines[first - 1] + column] + text.encode() + data[lines[last - 1] + end :]
    return data.decode()


def position(node: ast.AST) -> tuple[int, int, int, int]:
    """Return the position of a node.

    Args:
        node: An expression or a statement.

    Returns:
        First line, first column, last line and last column; lines from 1, columns from 0 in bytes.
    """
    assert isinstance(node, ast.expr | ast.stmt)
    return node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def free_name(name: str, nodes: Sequence[ast.AST], taken: Collection[str], suffixes: Iterable[str] = ()) -> str:
    """Return a name for a variable that neither the code nor the notebook has.

    Args:
        name: What it begins with.
        nodes: All nodes of the code.
        taken: Names in the notebook.
        suffixes: What it may end with; after these, a number from 2 on.
    """
    names = [part.id for part in nodes if isinstance(part, ast.Name)]
    used = {*taken, *names, *bound_names([part for part in nodes if isinstance(part, ast.stmt)])}
    candidates = (f"{name}_{suffix}" for suffix in (*suffixes, *range(2, len(used) + 3)))
    return next(each for each in candidates if each not in used)
