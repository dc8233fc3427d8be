"""Calls whose arguments do not bind to the true signature of what is called."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from inspect import Parameter, Signature
from types import BuiltinFunctionType, FunctionType, MethodDescriptorType, MethodType, WrapperDescriptorType
from typing import Any

from ...namespace.bindings import bound_names
from ...namespace.describe import SIGNATURE_CHARS, signature_text
from ...namespace.literals import is_one_of, of_type
from ...namespace.static_lookup import MISSING, class_in, contents, of_class
from ...text import shorten
from ..finding import Finding, found, near, suggestion
from .scope import Scope
from .values import Defined, Live, Value, class_of

_KINDS = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


_NOTHING = ast.arguments([], [], None, [], [], None, [])


def find_call(node: ast.Call, scope: Scope) -> Finding | None:
    """What is wrong with the call's arguments."""
    if any(isinstance(argument, ast.Starred) for argument in node.args) or any(k.arg is None for k in node.keywords):
        return None
    for problem in _problems(node, scope):
        return problem
    return None


def _problems(node: ast.Call, scope: Scope) -> Iterator[Finding]:
    if isinstance(node.func, ast.Attribute):
        receiver = scope.infer(node.func.value)
        if isinstance(receiver, Live) and type(receiver.obj) is type(sys):
            yield from _of_callable(node, contents(receiver.obj).get(node.func.attr, MISSING), node.func.attr)
        elif receiver is not None:
            yield from _of_member(node, receiver, node.func.attr)
    elif isinstance(node.func, ast.Name):
        value = scope.look_up(node.func.id)
        if isinstance(value, Defined):
            yield from _of_definition(node, value.node)
        elif isinstance(value, Live):
            yield from _of_callable(node, value.obj, node.func.id)


def _of_callable(node: ast.Call, obj: Any, name: str) -> Iterator[Finding]:
    cls = type(obj)
    if cls is FunctionType:
        yield from _of_function(node, obj, name)
    elif cls is MethodType and type(obj.__func__) is FunctionType:
        yield from _of_function(node, obj.__func__, name, skip=1)
    elif cls is BuiltinFunctionType and _is_documented(obj):
        yield from _of_builtin(node, obj, name)
    elif cls is type(class_in("numpy", "mean")):  # numpy's functions in C, which keep the Python one
        inner = vars(obj).get("__wrapped__")
        if type(inner) is FunctionType:
            yield from _of_function(node, inner, name)
    elif issubclass(cls, type):
        yield from _of_class(node, obj, name)


def _of_member(node: ast.Call, receiver: Value, name: str) -> Iterator[Finding]:
    if isinstance(receiver, Live) and issubclass(type(receiver.obj), type):
        held = of_class(receiver.obj, name)
        if type(held) is staticmethod and type(held.__func__) is FunctionType:
            yield from _of_function(node, held.__func__, name)
        elif type(held) is classmethod and type(held.__func__) is FunctionType:
            yield from _of_function(node, held.__func__, name, skip=1)
        return
    cls = class_of(receiver)
    if cls is None or type(of_class(cls, "__getattribute__")) is not WrapperDescriptorType:
        return
    if isinstance(receiver, Live) and inspect.getattr_static(receiver.obj, name, MISSING) is not of_class(cls, name):
        return
    held = of_class(cls, name)
    if type(held) is FunctionType:
        yield from _of_function(node, held, name, skip=1)
    elif type(held) is MethodDescriptorType and of_type("__module__", cls) == "builtins":
        yield from _of_builtin(node, held, name, skip=1)


def _of_function(node: ast.Call, function: FunctionType, name: str, skip: int = 0) -> Iterator[Finding]:
    inner, wrappers = function, list[FunctionType]()
    while type(inner.__dict__.get("__wrapped__")) is FunctionType and len(wrappers) < 8:
        wrappers.append(inner)
        inner = inner.__dict__["__wrapped__"]
    text = f"{name}{signature_text(inner, skip)}"
    problem = _mismatch(node, signature_of(inner), skip)
    if wrappers:
        named = {word for wrapper in wrappers for word in _closed_over(wrapper)}
        if not problem.startswith(("got an unexpected", "too many")) or any(k.arg in named for k in node.keywords):
            return
        if any(not _takes_anything(wrapper) for wrapper in wrappers):
            return
    if problem:
        yield _finding(node, name, problem, text, [*inner.__code__.co_varnames[: _count(inner)]])


def _of_builtin(node: ast.Call, function: Any, name: str, skip: int = 0) -> Iterator[Finding]:
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return
    shown = Signature([*signature.parameters.values()][skip:])
    if problem := _mismatch(node, signature, skip):
        yield _finding(node, name, problem, f"{name}{shown}", list(shown.parameters))


def _of_class(node: ast.Call, cls: type, name: str) -> Iterator[Finding]:
    if of_class(type(cls), "__call__") is not type.__dict__["__call__"]:
        return
    made, started = of_class(cls, "__new__"), of_class(cls, "__init__")
    if made is object.__new__ and type(started) is FunctionType:
        yield from _of_function(node, started, name, skip=1)


def _of_definition(
    node: ast.Call, definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
) -> Iterator[Finding]:
    arguments, skip = None, 0
    if isinstance(definition, ast.ClassDef):
        methods = {part.name: part for part in definition.body if isinstance(part, ast.FunctionDef)}
        if definition.bases or definition.keywords or "__new__" in methods:
            return
        if "__init__" in methods and not methods["__init__"].decorator_list:
            arguments, skip = methods["__init__"].args, 1
        elif "__init__" not in methods and not _binds(definition, "__init__"):
            arguments = _NOTHING
    else:
        arguments = definition.args
    if arguments is None:
        return
    signature = _signature_in(arguments)
    if problem := _mismatch(node, signature, skip):
        shown = ast.unparse(arguments)
        shown = shown.partition(",")[2].strip() if skip else shown
        yield _finding(node, definition.name, problem, f"{definition.name}({shown})", list(signature.parameters)[skip:])


def _binds(definition: ast.ClassDef, name: str) -> bool:
    return name in set(bound_names(definition.body))


def signature_of(function: FunctionType) -> Signature:
    """The function's parameters, read from its code object."""
    code = function.__code__
    names, positional, count, only = code.co_varnames, code.co_posonlyargcount, code.co_argcount, code.co_kwonlyargcount
    defaults = function.__defaults__ if type(function.__defaults__) is tuple else ()
    named = function.__kwdefaults__ if type(function.__kwdefaults__) is dict else {}
    with_default = {*names[count - len(defaults) : count], *named}
    kinds = [*(_KINDS[0],) * positional, *(_KINDS[1],) * (count - positional), *(_KINDS[2],) * only]
    rest = names[count + only :]
    has_rest, has_names = bool(code.co_flags & inspect.CO_VARARGS), bool(code.co_flags & inspect.CO_VARKEYWORDS)
    return _assemble(
        list(zip(names[: count + only], kinds, strict=True)),
        with_default,
        rest[0] if has_rest else "",
        rest[has_rest] if has_names else "",
    )


def _signature_in(arguments: ast.arguments) -> Signature:
    positional = [*arguments.posonlyargs, *arguments.args]
    named = list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
    with_default = {argument.arg for argument in positional[len(positional) - len(arguments.defaults) :]}
    return _assemble(
        [
            *((argument.arg, _KINDS[0]) for argument in arguments.posonlyargs),
            *((argument.arg, _KINDS[1]) for argument in arguments.args),
            *((argument.arg, _KINDS[2]) for argument in arguments.kwonlyargs),
        ],
        with_default | {argument.arg for argument, default in named if default is not None},
        arguments.vararg.arg if arguments.vararg else "",
        arguments.kwarg.arg if arguments.kwarg else "",
    )


def _assemble(named: list[tuple[str, Any]], with_default: set[str], rest: str, more: str) -> Signature:
    def parameter(name: str, kind: Any) -> Parameter:
        return Parameter(name, kind, default=None if name in with_default else Parameter.empty)

    before = [parameter(name, kind) for name, kind in named if kind is not Parameter.KEYWORD_ONLY]
    after = [parameter(name, kind) for name, kind in named if kind is Parameter.KEYWORD_ONLY]
    return Signature(
        [
            *before,
            *([Parameter(rest, Parameter.VAR_POSITIONAL)] if rest else []),
            *after,
            *([Parameter(more, Parameter.VAR_KEYWORD)] if more else []),
        ],
        __validate_parameters__=False,
    )


def _mismatch(node: ast.Call, signature: Signature, skip: int = 0) -> str:
    """Why the call does not bind, in Python's words; the first `skip` parameters are given already."""
    taken = signature.parameters
    if not any(parameter.kind is Parameter.VAR_KEYWORD for parameter in taken.values()):
        for keyword in node.keywords:
            if keyword.arg not in taken:
                return f"got an unexpected keyword argument {keyword.arg!r}"
    try:
        signature.bind(*[None] * (skip + len(node.args)), **{str(keyword.arg): None for keyword in node.keywords})
    except TypeError as error:
        return str(error)
    return ""


def _finding(node: ast.Call, name: str, problem: str, signature: str, parameters: list[str]) -> Finding:
    wrong = [keyword.arg for keyword in node.keywords if keyword.arg and keyword.arg not in parameters]
    hint = suggestion(near(wrong[0], parameters, 1)) if wrong and "unexpected" in problem else ""
    shown = shorten(signature.removesuffix(" -> None"), SIGNATURE_CHARS)
    return found("call", f"`{name}`: {problem}. {hint}".strip(), f"Its signature: {shown}")


def _takes_anything(function: FunctionType) -> bool:
    flags = function.__code__.co_flags
    return bool(flags & inspect.CO_VARARGS and flags & inspect.CO_VARKEYWORDS)


def _closed_over(function: FunctionType) -> Iterator[str]:
    """The texts in a wrapper and its closure: names of arguments that it renames or takes out."""
    yield from (constant for constant in function.__code__.co_consts if type(constant) is str)
    for cell in function.__closure__ or ():
        try:
            held = cell.cell_contents
        except ValueError:
            continue
        if type(held) is str:
            yield held
        elif is_one_of(type(held), (tuple, list, set, frozenset, dict)):
            yield from (word for word in list(held) if type(word) is str)


def _count(function: FunctionType) -> int:
    return function.__code__.co_argcount + function.__code__.co_kwonlyargcount


def _is_documented(function: Any) -> bool:
    module = function.__module__
    return type(module) is str and module.partition(".")[0] in sys.stdlib_module_names
