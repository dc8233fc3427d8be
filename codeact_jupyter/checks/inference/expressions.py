"""The door of the inference: checks of each expression of a cell, with the values that its names stand for there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from ..cell import Cell
from ..finding import Finding
from ..guards import Guards
from .arguments import find_argument
from .attributes import find_attribute
from .bare import find_bare, value_places
from .calls import find_call
from .flow import follow
from .lost import find_lost, idle_lines
from .scope import Scope
from .tables import find_columns, find_subscript
from .types import find_key, find_total, find_type, running_totals

#: The nodes that a check applies to, the error that it foresees (no check where the cell catches it), and the check.
_Check = tuple[type[ast.expr], str | None, Callable[[Any, Scope], Finding | None]]


def find(cell: Cell, guards: Guards) -> Iterator[Finding]:
    """Check the expressions of a cell.

    Args:
        cell: The cell.
        guards: Errors that it catches, and names that it tests for.

    Yields:
        At most one finding per expression, in the order in which they run.
    """
    if "names" in cell.effects:
        return
    checks = _checks(cell)
    for node, scope in follow(cell, guards.asked):
        if problem := _first(node, scope, checks, guards):
            yield problem


def _first(node: ast.expr, scope: Scope, checks: tuple[_Check, ...], guards: Guards) -> Finding | None:
    for kind, error, check in checks:
        if isinstance(node, kind) and not (error and guards.catches(node, error)) and (problem := check(node, scope)):
            return problem
    return None


def _checks(cell: Cell) -> tuple[_Check, ...]:
    """Return the checks in order of priority."""
    called = {id(node.func) for node in cell.nodes if isinstance(node, ast.Call)}
    looped = {id(node.iter) for node in cell.nodes if isinstance(node, ast.For | ast.comprehension)}
    totals, values, idle = running_totals(cell.nodes), value_places(cell.nodes), idle_lines(cell)
    return (
        (ast.Subscript, "KeyError", find_subscript),
        (ast.Attribute, "AttributeError", lambda node, scope: find_attribute(node, scope, called=id(node) in called)),
        (ast.Call, "TypeError", find_call),
        (ast.Call, "KeyError", find_columns),
        (ast.expr, "TypeError", lambda node, scope: find_type(node, scope, is_gone_through=id(node) in looped)),
        (ast.Call, "TypeError", find_argument),
        (ast.Name, "TypeError", lambda node, scope: find_bare(node, scope) if id(node) in values else None),
        (ast.expr, "TypeError", lambda node, scope: _total(totals.get(id(node)), cell, scope)),
        (ast.expr, "KeyError", find_key),
        (ast.Call, None, lambda node, scope: find_lost(node, scope) if id(node) in idle else None),
    )


def _total(node: ast.AugAssign | None, cell: Cell, scope: Scope) -> Finding | None:
    return find_total(node, cell.nodes, scope) if node else None
