"""What the names of a cell stand for at one point of it, and with that its expressions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence
from types import FunctionType

from ...namespace.literals import is_one_of
from ...namespace.static_lookup import MISSING
from ..cell import Cell, root_name
from . import contents, operations
from .declared import result
from .filling import Filling
from .outcomes import attribute, item, located, returned, row_of
from .values import Column, Instance, Live, Table, Value, class_of, is_pandas, of_live

_CONSTANTS = (str, int, float, bytes, bool)


class Scope:
    """What names stand for at one point of the cell. `made` are the labels that the code has put into something."""

    def __init__(
        self, cell: Cell, changed: set[str], made: set[str], known: dict[str, Value], filling: Filling
    ) -> None:
        self.cell, self.changed, self.made, self.known, self.filling = cell, changed, made, known, filling

    def inner(self, names: Iterable[str], known: dict[str, Value] | None = None) -> Scope:
        """The same place, where these names are not known, and those are."""
        return Scope(
            self.cell, self.changed, self.made, self.known | dict.fromkeys(names) | (known or {}), self.filling
        )

    def within(self, generators: Sequence[ast.comprehension]) -> Scope:
        """Inside a comprehension, where its names stand for what it goes through."""
        names = [part.id for made in generators for part in ast.walk(made.target) if isinstance(part, ast.Name)]
        names += [part.target.id for made in generators for part in ast.walk(made) if isinstance(part, ast.NamedExpr)]
        iterable = self.infer(generators[0].iter)
        scope = self.inner(names)
        for number, made in enumerate(generators):
            value = scope.infer(made.iter) if number else iterable
            scope.known |= contents.bind(made.target, None if made.is_async else contents.items(value))
        return scope

    def forget(self, names: Iterable[str]) -> None:
        self.known.update(dict.fromkeys(names))

    def look_up(self, name: str) -> Value:
        """What the name stands for here; of what the cell changes in place, no more than its class is known, and not
        even that of what its functions bind."""
        if name in self.known:
            value = self.known[name]
            if isinstance(value, Table | Column) and name in self.changed:
                return Instance(value.cls, is_open=True)
            return self._lasting(name, value)
        if name in self.cell.namespace:
            if name in self.changed and name in self.filling.open:
                return None
            return of_live(self.cell.namespace[name], is_stable=name not in self.changed)
        found = vars(builtins).get(name, MISSING)
        return None if found is MISSING else Live(found)

    def _lasting(self, name: str, value: Value) -> Value:
        """What is sure of it wherever the cell may have changed what it holds."""
        if not isinstance(value, Instance) or not (value.cls is object or is_one_of(value.cls, contents.BUILTIN)):
            return value
        if name in self.filling.open:
            return None
        has_keys = value.cls is dict or class_of(value.items) is dict
        is_passed = name in self.filling.passed and (value.made_by is None or has_keys)
        if name in self.filling.widened or is_passed:
            return contents.emptied(value)
        return contents.emptied(value, value.keys) if name in self.filling.filled else value

    def infer(self, node: ast.expr) -> Value:
        """What the expression will be."""
        if isinstance(node, ast.Name):
            return self.look_up(node.id)
        if isinstance(node, ast.Constant):
            return Instance(type(node.value)) if type(node.value) in _CONSTANTS else None
        if isinstance(node, ast.Attribute):
            return attribute(self.infer(node.value), node.attr)
        if isinstance(node, ast.Subscript):
            return self._item(node)
        if isinstance(node, ast.Call):
            return self._called(node)
        if isinstance(node, ast.Compare | ast.BinOp):
            return self._operated(node)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            return contents.comprehended(node, self.within(node.generators).infer)
        return self._combined(node) or contents.display(node, self.infer)

    def _combined(self, node: ast.expr) -> Value:
        if isinstance(node, ast.IfExp):
            return contents.join((self.infer(node.body), self.infer(node.orelse)))
        if isinstance(node, ast.BoolOp):
            return contents.join([self.infer(part) for part in node.values])
        if isinstance(node, ast.NamedExpr):
            return self.infer(node.value)
        if isinstance(node, ast.Await) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            return self._declared(node.value, self.look_up(node.value.func.id), awaited=True)
        return operations.turned(node.op, self.infer(node.operand)) if isinstance(node, ast.UnaryOp) else None

    def _called(self, node: ast.Call) -> Value:
        if isinstance(node.func, ast.Attribute):
            receiver = self.infer(node.func.value)
            callee = attribute(receiver, node.func.attr)
            made = operations.method(node.func.attr, receiver, node) or returned(node, receiver, callee, self.infer)
        else:
            callee = self.infer(node.func)
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if isinstance(callee, Live) and callee.obj is vars(builtins).get(name, MISSING):
                return operations.built(name, node, self.infer)
            made = returned(node, None, callee, self.infer)
        return made or self._declared(node, callee)

    def _declared(self, node: ast.Call, callee: Value, *, awaited: bool = False) -> Value:
        if not isinstance(callee, Live) or type(callee.obj) is not FunctionType:
            return None
        return result(callee.obj, ast.unparse(node.func), awaited=awaited)

    def _item(self, node: ast.Subscript) -> Value:
        if isinstance(node.value, ast.Attribute) and node.value.attr in ("loc", "iloc"):
            table = self.infer(node.value.value)
            if isinstance(table, Table) and (one := row_of(table, node.slice, self.infer(node.slice))):
                return one
            if not isinstance(table, Table) or (node.value.attr == "iloc" and not isinstance(node.slice, ast.Slice)):
                return None
            rows = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            return located(table, node.slice, self.infer(rows))
        value = self.infer(node.value)
        if isinstance(value, Live) and root_name(node.value) in self.filling.filled:
            return None
        return item(value, node.slice, self.infer(node.slice)) or contents.at(value, node.slice)

    def _operated(self, node: ast.Compare | ast.BinOp) -> Value:
        """A series compared or reckoned with a number, a text or a series is a series."""
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [node.left, node.right]
        values = [self.infer(side) for side in sides]
        series = [value for value in values if is_pandas(value, "Series")]
        plain = [value for value in values if isinstance(value, Instance) and is_one_of(value.cls, _CONSTANTS)]
        if series and len(series) + len(plain) == len(values) and isinstance(series[0], Instance):
            return Instance(series[0].cls, is_open=True)
        return operations.compared(values) if isinstance(node, ast.Compare) else operations.operated(node, *values)
