"""What is declared, or plain to see, does not go with what is done with it: a text is asked for a key, say."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..finding import Finding, found, listed, near, suggestion
from .contents import HOLDERS, NUMBERS
from .declared import declaration, is_quoted
from .scope import Scope
from .telling import advice, article, known, subject
from .values import Instance, Value, class_of

_NONE = type(None)
SINGLE = (*NUMBERS, _NONE)
_BY_PLACE = (str, bytes, list, tuple)
_SIGNS: dict[type[ast.AST], str] = {
    **{ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">="},
    **{ast.Add: "+", ast.Sub: "-"},
}


def find_type(node: ast.expr, scope: Scope, *, is_gone_through: bool) -> Finding | None:
    """What the expression does with something that is not of the class for it."""
    problem = _gone_through(node, scope) if is_gone_through else None
    if problem is None and isinstance(node, ast.Subscript):
        return _subscript(node, scope)
    if problem is None and isinstance(node, ast.Compare):
        return _compared(node, scope)
    if problem is None and isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return _combined(node.left, node.op, node.right, scope)
    return problem


def running_totals(nodes: Sequence[ast.AST]) -> dict[int, ast.AugAssign]:
    """By what is added, the `total += …` of names that start as a number or a text and get no other value."""
    started: dict[str, set[type]] = {}
    added = [node for node in nodes if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)]
    plain = {id(node.target) for node in added}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            kind = _kind(Instance(type(node.value.value)))
            for target in node.targets:
                if isinstance(target, ast.Name) and kind is not None:
                    plain.add(id(target))
                    started.setdefault(target.id, set()).add(kind)
    other = {node.id for node in nodes if isinstance(node, ast.Name) and _binds(node) and id(node) not in plain}
    other |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    sure = {name for name, kinds in started.items() if len(kinds) == 1 and name not in other}
    return {id(node.value): node for node in added if isinstance(node.target, ast.Name) and node.target.id in sure}


def find_total(node: ast.AugAssign, nodes: Sequence[ast.AST], scope: Scope) -> Finding | None:
    """Something added to a running total that is of another kind."""
    value = known(node.value, scope)
    name = node.target.id if isinstance(node.target, ast.Name) else ""
    start = next(part.value for part in nodes if isinstance(part, ast.Assign) and _starts(part, name))
    one = scope.infer(start)
    if not isinstance(node.op, ast.Add | ast.Sub) or _kind(value) is None or _kind(value) is _kind(one):
        return None
    sign = f"{_SIGNS[type(node.op)]}="
    hint = advice(value, scope, "") if _kind(one) is int else "Add `str(…)` of it."
    return found(
        "type", f"{subject(node.value, value)}, so `{name} {sign}` fails: `{name}` is {article(class_of(one))}.", hint
    )


def _starts(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def _binds(node: ast.Name) -> bool:
    return not isinstance(node.ctx, ast.Load)


def find_key(node: ast.expr, scope: Scope) -> Finding | None:
    """A key that a dictionary lacks by how it is written out, or by the docstring of the function that makes it."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        owner, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        owner, key = node.func.value, node.args[0]
    else:
        return None
    if not isinstance(key, ast.Constant) or type(key.value) is not str or key.value in scope.made:
        return None
    value = scope.infer(owner)
    if not isinstance(value, Instance) or not value.keys or key.value in value.keys:
        return None
    alike = suggestion(near(key.value, value.keys), quoted=True)
    if value.made_by is None:
        if isinstance(node, ast.Call):
            return None
        start = f"There is no key {key.value!r} in `{ast.unparse(owner)}`."
        return found("key", start, alike, f"The keys: {listed(value.keys)}.")
    if is_quoted(key.value, value.made_by.function):
        return None
    role = value.made_by.role
    start = f"`{declaration(value.made_by)}`{f': {role} is' if role else ' gives'} {{{listed(value.keys)}}}"
    return found("key", f"{start}: there is no {key.value!r}.", alike)


def _subscript(node: ast.Subscript, scope: Scope) -> Finding | None:
    value = known(node.value, scope)
    cls = class_of(value)
    if cls is None:
        return None
    by_place = cls in _BY_PLACE and class_of(scope.infer(node.slice)) is str
    if not by_place and cls not in SINGLE:
        return None
    key = node.slice.value if isinstance(node.slice, ast.Constant) and type(node.slice.value) is str else ""
    start = f"{subject(node.value, value)}, so it has no [{ast.unparse(node.slice)}]."
    return found("type", start, advice(value, scope, key))


def _gone_through(node: ast.expr, scope: Scope) -> Finding | None:
    value = known(node, scope)
    cls = class_of(value)
    if cls not in SINGLE:
        return None
    hint = f"Use `range({ast.unparse(node)})` to count up to it." if cls is int else ""
    return found("type", f"{subject(node, value)}: there is nothing to go through.", hint)


def _compared(node: ast.Compare, scope: Scope) -> Finding | None:
    for left, operator, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
        if isinstance(operator, ast.Lt | ast.Gt | ast.LtE | ast.GtE):
            if problem := _combined(left, operator, right, scope):
                return problem
        elif isinstance(operator, ast.In | ast.NotIn):
            value = known(right, scope)
            if class_of(value) in SINGLE:
                return found("type", f"{subject(right, value)}: nothing can be `in` it.")
    return None


def _combined(left: ast.expr, operator: ast.AST, right: ast.expr, scope: Scope) -> Finding | None:
    """Two things that cannot be compared or added: of two kinds, such as a text and a number."""
    one, other = known(left, scope), known(right, scope)
    if _kind(one) is None or _kind(other) is None or _kind(one) is _kind(other):
        return None
    is_number = _kind(one) is int
    odd, value, rest = (right, other, one) if is_number else (left, one, other)
    sign = _SIGNS[type(operator)]
    start = f"{subject(odd, value)}, so `{sign}` with {article(class_of(rest))} fails."
    return found("type", start, _hint(odd, value, rest, sign, scope))


def _hint(odd: ast.expr, value: Value, rest: Value, sign: str, scope: Scope) -> str:
    code = ast.unparse(odd)
    if class_of(value) in HOLDERS and class_of(rest) in NUMBERS and sign not in "+-":
        return f"`len({code})` is how many there are." if len(code) < 60 else "`len(…)` is how many there are."
    if isinstance(value, Instance) and value.made_by and class_of(value) is str:
        return advice(value, scope, "")
    if class_of(value) is str and sign == "+":
        return "Make both a str, as in an f-string, or both a number."
    return ""


def _kind(value: Value) -> type | None:
    """`int` for all numbers, else the class."""
    cls = class_of(value)
    return int if cls in NUMBERS else cls if cls in (str, list, dict, tuple) else None
