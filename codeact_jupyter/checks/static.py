"""All checks over one cell that compiles."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from .cell import Cell, read_cell
from .files import find_file
from .finding import Finding
from .guards import Guards
from .imports import find_import
from .inference.arguments import find_argument
from .inference.attributes import find_attribute
from .inference.bare import find_bare, value_places
from .inference.calls import find_call
from .inference.flow import follow
from .inference.lost import find_lost, idle_lines
from .inference.tables import find_columns, find_subscript
from .inference.types import find_key, find_total, find_type, running_totals
from .names import find_unbound
from .placeholders import find_placeholder, find_redefinition


def find_all(code: str, namespace: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the cell, given the live names: what concerns it as a whole first, then in the order it runs.

    `SyntaxError` and its like when it does not parse.
    """
    cell = read_cell(code, {name: obj for name, obj in namespace.items() if type(name) is str})
    guards = Guards(cell.tree)
    for find in (find_placeholder, find_redefinition):
        yield from _if_any(find(cell))
    yield from _if_any(find_import(cell, guards))
    yield from _if_any(find_unbound(cell))
    yield from _if_any(find_file(cell, guards))
    yield from _along_the_way(cell, guards)


def _if_any(finding: Finding | None) -> Iterator[Finding]:
    if finding:
        yield finding


def _along_the_way(cell: Cell, guards: Guards) -> Iterator[Finding]:
    """What is wrong with the cell's expressions."""
    if "names" in cell.effects:
        return
    called = {id(node.func) for node in cell.nodes if isinstance(node, ast.Call)}
    gone_through = {id(node.iter) for node in cell.nodes if isinstance(node, ast.For | ast.comprehension)}
    totals, values, unused = running_totals(cell.nodes), value_places(cell.nodes), idle_lines(cell)
    for node, scope in follow(cell, guards.asked):
        if isinstance(node, ast.Subscript):
            problem = None if guards.catches(node, "KeyError") else find_subscript(node, scope)
        elif isinstance(node, ast.Attribute):
            caught = guards.catches(node, "AttributeError")
            problem = None if caught else find_attribute(node, scope, called=id(node) in called)
        elif isinstance(node, ast.Call):
            problem = None if guards.catches(node, "TypeError") else find_call(node, scope)
            problem = problem or (None if guards.catches(node, "KeyError") else find_columns(node, scope))
        else:
            problem = None
        if problem is None and not guards.catches(node, "TypeError"):
            problem = find_type(node, scope, is_gone_through=id(node) in gone_through)
            problem = problem or (find_argument(node, scope) if isinstance(node, ast.Call) else None)
            problem = problem or (find_bare(node, scope) if id(node) in values else None)
            problem = problem or (find_total(totals[id(node)], cell.nodes, scope) if id(node) in totals else None)
        if problem is None and not guards.catches(node, "KeyError"):
            problem = find_key(node, scope)
        if problem is None and id(node) in unused:
            problem = find_lost(node, scope)
        yield from _if_any(problem)
