"""Run reference solutions, and see what a solution did to the namespace."""

from __future__ import annotations

import ast
import contextlib
import copy
import io
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .matching import Rules, matches

#: names that IPython or Python put into a namespace
_FOREIGN = {"In", "Out", "exit", "quit", "get_ipython", "open"}
_SHARED = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type, io.IOBase)


class NoResult(Exception):
    """The last expression of a reference raised; all that comes before it has run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solution did."""

    value: Any  #: what its last expression returned
    namespace: Mapping[str, Any]  #: afterwards
    changes: Mapping[str, str] = field(default_factory=dict)  #: `added`, `updated`, `replaced` or `deleted`, by name
    printed: str = ""  #: what it printed
    error: str = ""  #: what it raised at the end
    source: str = ""  #: its last code
    said: str = ""  #: what it answered in words


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A namespace at one time, in copies."""

    values: Mapping[str, Any]  #: copies by name
    ids: Mapping[str, int]  #: of the objects themselves

    def changes(self, namespace: Mapping[str, Any]) -> dict[str, str]:
        """Compare with a namespace afterwards.

        Args:
            namespace: The namespace.

        Returns:
            The kind of change by name.
        """
        now = own_names(namespace)
        found = {name: "deleted" for name in self.values if name not in now}
        for name, value in now.items():
            if name not in self.values:
                found[name] = "added"
            elif id(value) != self.ids[name]:
                found[name] = "replaced"
            elif not _is_same(self.values[name], value):
                found[name] = "updated"
        return found


def own_names(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that are not IPython's or Python's.

    Args:
        namespace: The namespace.
    """
    return {name: value for name, value in namespace.items() if not name.startswith("_") and name not in _FOREIGN}


def take_snapshot(namespace: Mapping[str, Any]) -> Snapshot:
    """Copy a namespace, to compare it later.

    Args:
        namespace: The namespace.

    Returns:
        The snapshot.
    """
    own = own_names(namespace)
    return Snapshot(copies(own), {name: id(value) for name, value in own.items()})


def copies(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Copy the objects of a namespace, but for modules, functions and classes, and what cannot be copied.

    Args:
        namespace: The namespace.

    Returns:
        The copies by name.
    """
    memo: dict[int, Any] = {}
    return {name: _copy(value, memo) for name, value in namespace.items()}


def run_reference(code: str, namespace: dict[str, Any]) -> Outcome:
    """Run a reference solution.

    Args:
        code: Its code.
        namespace: What it runs in, and changes.

    Returns:
        What it did.

    Raises:
        NoResult: Its last expression raised.
        Exception: Whatever the code before that raises.
    """
    before = take_snapshot(namespace)
    body = ast.parse(code).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(ast.Module(body, []), "<reference>", "exec"), namespace)
        try:
            value = eval(compile(ast.Expression(last.value), "<reference>", "eval"), namespace) if last else None
        except Exception as error:
            raise NoResult(f"{type(error).__name__}: {error}") from error
    namespace.pop("__builtins__", None)
    return Outcome(value, dict(namespace), before.changes(namespace), printed.getvalue(), source=code)


def _copy(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, _SHARED):
        return value
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # whatever the object's own methods raise
        return value


def _is_same(before: Any, now: Any) -> bool:
    try:
        return before is now or matches(before, now, Rules())
    except Exception:  # whatever the object's own methods raise
        return False
