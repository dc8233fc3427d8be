"""A bare Python interpreter, for what runs without the agent: failing cells, and the code of other protocols."""

from __future__ import annotations

import ast
import contextlib
import io
import itertools
import linecache
import traceback
from typing import Any

_numbers = itertools.count(1)


def run(source: str, namespace: dict[str, Any]) -> tuple[str, BaseException | None]:
    """Runs the source; the value of a last expression is shown. Returns what was printed, and what was raised.

    Only `KeyboardInterrupt` gets out.
    """
    printed = io.StringIO()
    name = f"<cell-{next(_numbers)}>"
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


def render_traceback(error: BaseException, lines: int = 30) -> str:
    """The error's last lines as Python tells it, without the frames of this module."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    told = "".join(traceback.format_exception(type(error), error, frames)).rstrip()
    return "\n".join(told.splitlines()[-lines:])
