"""What the names of a cell stand for at one point of it, and with that its expressions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from ..observing.plain import is_one_of
from .cell import Cell
from .looking import MISSING
from .outcomes import attribute, item, located, returned
from .values import Instance, Live, Table, Value, is_pandas, of_live

_CONSTANTS = (str, int, float, bytes)
_DISPLAYS: dict[type[ast.expr], type] = {
    ast.List: list,
    ast.ListComp: list,
    ast.Dict: dict,
    ast.DictComp: dict,
    ast.Set: set,
    ast.SetComp: set,
    ast.JoinedStr: str,
    ast.Tuple: tuple,
}


class Scope:
    """What names stand for at one point of the cell. `made` are the labels that the code has put into something."""

    def __init__(self, cell: Cell, changed: set[str], made: set[str], known: dict[str, Value]) -> None:
        self.cell, self.changed, self.made, self.known = cell, changed, made, known

    def inner(self, names: Iterable[str]) -> Scope:
        """The same place, where these names are not known."""
        return Scope(self.cell, self.changed, self.made, self.known | dict.fromkeys(names))

    def forget(self, names: Iterable[str]) -> None:
        self.known.update(dict.fromkeys(names))

    def look_up(self, name: str) -> Value:
        """What the name stands for here; of what the cell changes in place, no more than its class is known."""
        if name in self.known:
            value = self.known[name]
            return Instance(value.cls, is_open=True) if name in self.changed and isinstance(value, Table) else value
        if name in self.cell.namespace:
            return of_live(self.cell.namespace[name], is_stable=name not in self.changed)
        found = vars(builtins).get(name, MISSING)
        return None if found is MISSING else Live(found)

    def infer(self, node: ast.expr) -> Value:
        """What the expression will be."""
        if isinstance(node, ast.Name):
            return self.look_up(node.id)
        if isinstance(node, ast.Constant):
            return Instance(type(node.value)) if type(node.value) in _CONSTANTS else None
        if type(node) in _DISPLAYS:
            return Instance(_DISPLAYS[type(node)])
        if isinstance(node, ast.Attribute):
            return attribute(self.infer(node.value), node.attr)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                receiver = self.infer(node.func.value)
                return returned(node, receiver, attribute(receiver, node.func.attr))
            return returned(node, None, self.infer(node.func))
        if isinstance(node, ast.Compare | ast.BinOp):
            return self._operated(node)
        return None

    def _item(self, node: ast.Subscript) -> Value:
        if isinstance(node.value, ast.Attribute) and node.value.attr in ("loc", "iloc"):
            table = self.infer(node.value.value)
            if not isinstance(table, Table) or (node.value.attr == "iloc" and not isinstance(node.slice, ast.Slice)):
                return None
            rows = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            return located(table, node.slice, self.infer(rows))
        return item(self.infer(node.value), node.slice, self.infer(node.slice))

    def _operated(self, node: ast.Compare | ast.BinOp) -> Value:
        """A series compared or reckoned with a number, a text or a series is a series."""
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [node.left, node.right]
        values = [self.infer(side) for side in sides]
        series = [value for value in values if is_pandas(value, "Series")]
        plain = [value for value in values if isinstance(value, Instance) and is_one_of(value.cls, (*_CONSTANTS, bool))]
        if series and len(series) + len(plain) == len(values) and isinstance(series[0], Instance):
            return Instance(series[0].cls, is_open=True)
        return None
