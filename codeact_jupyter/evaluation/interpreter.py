"""A bare Python interpreter, for what runs without the agent: failing cells, and the code of other protocols."""

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
    """Runs the source; the value of a last expression is shown. Returns what was printed, and what was raised.

    Only `KeyboardInterrupt` gets out.
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
    """The last lines of what Python tells of the error, of the frames only those of the code that was run.

    What a tool or a library is made of is not the model's to see.
    """
    told = traceback.TracebackException.from_exception(error)
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if frame.filename.startswith(_CELL)])
    return "\n".join("".join(told.format(chain=False)).rstrip().splitlines()[-lines:])
