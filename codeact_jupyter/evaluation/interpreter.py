"""A bare Python interpreter for code that runs without the agent: failing cells, and the published protocol."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import linecache
import traceback
from typing import Any

_CELL = "<cell-"
_numbers = itertools.count(1)


def run(source: str, namespace: dict[str, Any]) -> tuple[str, BaseException | None]:
    """Run source as a cell: the value of a last expression is printed.

    Args:
        source: Python code.
        namespace: What it runs in.

    Returns:
        The printed text, and the exception that was raised, if any.

    Raises:
        KeyboardInterrupt: The code was interrupted.
    """
    printed = io.StringIO()
    name = f"{_CELL}{next(_numbers)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    error: BaseException | None = None
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            tree = ast.parse(source, name)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), namespace)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), name, "eval"), namespace)
                if value is not None:
                    print(repr(value))
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # the code's own SystemExit must not end the evaluation
            error = raised
    return printed.getvalue(), error


def render_traceback(error: BaseException, *, lines: int = 30) -> str:
    """Format the traceback with the frames of cells only: the source of tools must not reach the model.

    Args:
        error: The exception.
        lines: Maximum number of lines; the last ones are kept.

    Returns:
        The traceback.
    """
    report = traceback.TracebackException.from_exception(error)
    report.stack = traceback.StackSummary.from_list(
        [frame for frame in report.stack if frame.filename.startswith(_CELL)]
    )
    return "\n".join("".join(report.format(chain=False)).rstrip().splitlines()[-lines:])
