"""Source of cells as syntax trees, magics included. Nothing is run."""

from __future__ import annotations

import ast
import contextlib
import re
import threading
import warnings
from collections.abc import Iterator
from functools import lru_cache

from IPython.core.inputtransformer2 import TransformerManager

#: Errors of `ast.parse` and `compile` for text that is no Python code.
UNPARSABLE = (SyntaxError, ValueError, MemoryError, RecursionError)
#: Held while the warnings' filters, which belong to the whole process, are replaced or put back.
FILTERS = threading.RLock()
_BODY_MAGIC = re.compile(
    r"\A\s*%%(?:(?:time|capture)\b[^\n]*|(?:timeit|prun)\b(?:[ \t]+-\w+(?:[ \t]+\w+)?)*[ \t]*)(?=\n)"
)
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def parse(code: str) -> ast.Module:
    """Parse a cell's code, without warnings.

    Args:
        code: Source of the cell; magics are allowed.

    Returns:
        The tree, with magics as calls.

    Raises:
        SyntaxError: The code does not parse; also `ValueError`, `MemoryError` or `RecursionError`.
    """
    with without_warnings():
        return ast.parse(transformed(code))


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Ignore warnings within the block.

    Yields:
        Nothing.
    """
    with FILTERS, warnings.catch_warnings(action="ignore"):
        yield


def shown_parts(code: str) -> list[ast.expr]:
    """Return what a cell may show, as far as its text tells.

    Args:
        code: Source of the cell; magics are allowed.

    Returns:
        The expressions that are statements, the arguments of calls in them, and the values in texts there; none if the
        cell does not parse.
    """
    try:
        statements = [node for node in ast.walk(parse(code)) if isinstance(node, ast.Expr)]
    except UNPARSABLE:
        return []
    nodes = [node for statement in statements for node in ast.walk(statement)]
    arguments = [argument for node in nodes if isinstance(node, ast.Call) for argument in node.args]
    return [*arguments, *(node.value for node in nodes if isinstance(node, ast.Expr | ast.FormattedValue))]


@lru_cache(maxsize=16)
def transformed(code: str) -> str:
    """Return a cell as Python, its magics as calls, except those that only run the cell's body.

    Args:
        code: Source of the cell.

    Raises:
        SyntaxError: IPython cannot transform the code.
    """
    source: str = TransformerManager().transform_cell(_BODY_MAGIC.sub("#", code, count=1))
    return source


def normalise(code: str, *, constants: bool = True) -> str:
    """Return a text that is the same for cells that do the same.

    Comments, docstrings and layout do not count.

    Args:
        code: Source of the cell.
        constants: False to disregard the values of literals, too.

    Returns:
        A dump of the tree, or the stripped source if it does not parse.
    """
    try:
        tree = parse(code)
        if len(tree.body) > 1 and ast.get_docstring(tree, clean=False) is not None:
            tree.body = tree.body[1:]
        for node in ast.walk(tree):
            if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            if isinstance(node, ast.Constant) and not constants:
                node.value = node.kind = None
        return ast.dump(tree)
    except UNPARSABLE:
        return code.strip()
