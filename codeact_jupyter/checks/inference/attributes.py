"""Attributes that modules, frames, series and Python's own objects do not have."""

from __future__ import annotations

import ast
from types import ModuleType

from ...namespace.literals import exact, is_one_of, of_type, type_name
from ...namespace.static_lookup import (
    MISSING,
    PREDICTABLE,
    class_in,
    class_names,
    contents,
    has_submodule,
    module_name,
    of_class,
)
from ..finding import Finding, found, listed, near, suggestion
from ..names import how_to_import
from .scope import Scope
from .telling import advice, subject
from .values import Grouped, Instance, Live, Table, Value, class_of, is_pandas

_BUILTIN = (str, list, dict, set, tuple, int, float, bytes, frozenset)
#: what other kinds of objects call what models ask for
_KNOWN_AS = {
    ("str", "contains"): "`'a' in text`",
    ("str", "length"): "`len(text)`",
    ("list", "length"): "`len(…)`",
    ("list", "push"): "`append`",
    ("list", "add"): "`append`",
    ("set", "append"): "`add`",
    ("list", "items"): "`enumerate(…)`",
    ("dict", "iteritems"): "`items`",
    ("dict", "has_key"): "`key in …`",
    ("Series", "contains"): "`.str.contains`",
    ("Series", "lower"): "`.str.lower`",
    ("Series", "upper"): "`.str.upper`",
    ("Series", "strip"): "`.str.strip`",
    ("Series", "split"): "`.str.split`",
    ("Series", "append"): "`pd.concat`",
    ("DataFrame", "append"): "`pd.concat`",
    ("Series", "iteritems"): "`items`",
    ("DataFrame", "iteritems"): "`items`",
    ("DataFrame", "ix"): "`loc`",
    ("DataFrame", "unique"): "`drop_duplicates`, or `unique` of one column",
    ("DataFrame", "to_list"): "`values.tolist`",
}


def find_attribute(node: ast.Attribute, scope: Scope, *, called: bool) -> Finding | None:
    """That the object has no such attribute."""
    if not isinstance(node.ctx, ast.Load) or node.attr.startswith("__") or node.attr in scope.made:
        return None
    value = scope.infer(node.value)
    if isinstance(value, Live) and type(value.obj) is ModuleType:
        return _in_module(value.obj, node)
    cls = class_of(value)
    if cls is None or of_class(cls, node.attr) is not MISSING:
        return None
    if is_pandas(value, "DataFrame") or is_pandas(value, "Series") or isinstance(value, Grouped):
        return _in_table(value, cls, node, called=called)
    if isinstance(value, Instance) and value.is_open:
        return None
    if node.attr.startswith("set_") and cls is class_in("matplotlib.container", "BarContainer"):
        text = f"`{ast.unparse(node.value)}` is what was drawn, the bars, and has no `{node.attr}`."
        return found("attribute", text, "The axes that they are on are `plt.gca()`.")
    if is_one_of(cls, (*_BUILTIN, class_in("pandas.core.strings.accessor", "StringMethods"))):
        told = _declared(node, value, scope) if isinstance(value, Instance) and value.made_by else None
        return told or _finding(cls, node.attr, class_names(cls))
    return None


def _declared(node: ast.Attribute, value: Instance, scope: Scope) -> Finding:
    """The same of what a live function declares to give."""
    known = _KNOWN_AS.get((value.cls.__name__, node.attr))
    hint = f"Use {known}." if known else suggestion(near(node.attr, class_names(value.cls), 1))
    if value.cls is dict and (node.attr in value.keys or not hint):
        hint = f"Write [{node.attr!r}]."
    return found(
        "attribute",
        f"{subject(node.value, value)}, so it has no attribute `{node.attr}`.",
        hint if known or value.cls is dict else advice(value, scope, node.attr) or hint,
    )


def attribute_names(value: Value) -> list[str]:
    """The public attributes of what the value stands for, its columns first."""
    if isinstance(value, Live) and type(value.obj) is ModuleType:
        return [name for name in contents(value.obj) if type(name) is str and not name.startswith("_")]
    cls = class_of(value)
    labels = value.columns if isinstance(value, Table) else value.table.columns if isinstance(value, Grouped) else ()
    return [*(label for label in labels if type(label) is str), *(class_names(cls) if cls else ())]


def _in_module(module: ModuleType, node: ast.Attribute) -> Finding | None:
    held, name = contents(module), module_name(module)
    if node.attr in held or not name:
        return None
    if "__getattr__" in held and name.partition(".")[0] not in PREDICTABLE:
        return None
    if "__path__" in held and has_submodule(module, node.attr) is not False:
        return None
    if "__getattr__" in held and (type(held.get("__all__")) is not list or node.attr in held["__all__"]):
        return None
    names = [other for other in held if not other.startswith("_")]
    line = how_to_import(node.attr, ast.Module([], []))
    other = f"Write `{line}`." if line else suggestion(near(node.attr, names))
    return found("attribute", f"The module `{name}` has no `{node.attr}`.", other)


def _in_table(value: Value, cls: type, node: ast.Attribute, *, called: bool) -> Finding | None:
    if isinstance(value, Table | Grouped):
        table = value.table if isinstance(value, Grouped) else value
        if node.attr in table.columns:
            return None
        columns = [label for label in table.columns if type(label) is str]
        if not called and near(node.attr, columns, 1):
            return found(
                "column",
                f"There is no column {node.attr!r}. {suggestion(near(node.attr, columns), quoted=True)}",
                f"The columns: {listed(table.columns, near(node.attr, columns))}.",
            )
        return _finding(cls, node.attr, attribute_names(value))
    if isinstance(value, Instance) and value.is_open and not called:
        return None
    return _finding(cls, node.attr, class_names(cls))


def _finding(cls: type, name: str, names: list[str]) -> Finding:
    short = exact(of_type("__qualname__", cls))
    known = _KNOWN_AS.get((short, name))
    shown = type_name(cls) if "." not in type_name(cls) else short
    article = "An" if shown[0] in "aeiou" else "A"
    hint = f"Use {known}." if known else suggestion(near(name, names))
    return found("attribute", f"{article} {shown} has no attribute `{name}`.", hint)
