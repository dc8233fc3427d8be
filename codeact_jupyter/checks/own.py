"""Find code that uses CodeAct itself: its magics, options, modules and objects. The word in a string does not count."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

from ..namespace.literals import of_type
from ..namespace.source import UNPARSABLE, parse
from ..namespace.static_lookup import class_in, module_name
from .cell import last_name, text_of

_OURS = re.compile(r"codeact|CodeAct(?:Magics)?|codeact_jupyter(?:\.[\w.]*)?")
_COMMAND = re.compile(r"\s*%{0,2}codeact(?:\s|\Z)")
_OPTION = re.compile(r"(?<![\w.])(?:codeact|CodeAct(?:Magics)?|codeact_jupyter)\b")
#: Magics whose arguments are names of magics, options or modules.
_NAMING = frozenset({"config", "load_ext", "reload_ext", "unload_ext", "aimport", "alias_magic"})
_IMPORTING = frozenset({"import_module", "__import__", "reload", "find_spec", "run_module"})
_RUNNING = frozenset({"exec", "eval", "compile", "run_cell", "run_cell_async", "run_code", "ex"})
#: Modules of ours whose functions and objects are the user's to use.
_PUBLIC = ("codeact_jupyter.solving", "codeact_jupyter.testing", "codeact_jupyter.engines")
_SHELLS = (("IPython.core.interactiveshell", "InteractiveShell"), ("traitlets.config.loader", "Config"))
DEPTH = 3  #: Levels of nested code in strings that are checked.


def touches_codeact(tree: ast.Module, namespace: Mapping[str, Any], depth: int = DEPTH) -> bool:
    """Return True if the code imports, reads or changes something of CodeAct.

    Args:
        tree: The cell's tree, with magics as calls.
        namespace: Live objects by name; all names are plain strings.
        depth: Levels of nested code in strings to check.
    """
    nodes = list(ast.walk(tree))
    shells = {"get_ipython", "get_config", "sys"} | {name for name, obj in namespace.items() if _is_shell(obj)}
    for node in nodes:
        if isinstance(node, ast.Assign | ast.NamedExpr) and _root(node.value) in shells:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            shells |= {target.id for target in targets if isinstance(target, ast.Name)}
    for node in nodes:
        if _names_ours(node, namespace, shells):
            return True
        if isinstance(node, ast.Call) and depth and any(_runs_ours(text, namespace, depth) for text in _code_in(node)):
            return True
    return False


def _names_ours(node: ast.AST, namespace: Mapping[str, Any], shells: set[str]) -> bool:
    match node:
        case ast.Import():
            return any(_is_module(alias.name) for alias in node.names)
        case ast.ImportFrom():
            return _is_module(node.module or "")
        case ast.Name():
            return node.id in namespace and _is_ours(namespace[node.id])
        case ast.Attribute():
            return bool(_OURS.fullmatch(node.attr)) and _root(node) in shells
        case ast.Subscript():
            return bool(_OURS.fullmatch(text_of(node.slice) or "")) and _root(node) in shells
        case ast.Call():
            return _calls_ours(node, last_name(node.func), shells)
    return False


def _calls_ours(node: ast.Call, called: str, shells: set[str]) -> bool:
    texts = [text for argument in node.args if (text := text_of(argument)) is not None]
    first = texts[0] if texts else ""
    if called in ("run_line_magic", "run_cell_magic"):
        name = first.lstrip("%")
        return name == "codeact" or (name in _NAMING and any(_OPTION.search(text) for text in texts[1:]))
    if called == "magic":
        return bool(_COMMAND.match(first))
    return (called in _IMPORTING and _is_module(first)) or (_root(node) in shells and bool(_OURS.fullmatch(first)))


def _code_in(node: ast.Call) -> list[str]:
    """Return the strings that a call runs as code."""
    called = last_name(node.func)
    is_magic = called in ("run_line_magic", "run_cell_magic")
    run = node.args[1:] if is_magic else node.args[:1] if called in _RUNNING else []
    return [text for argument in run if (text := text_of(argument)) is not None]


def _runs_ours(code: str, namespace: Mapping[str, Any], depth: int) -> bool:
    try:
        return touches_codeact(parse(code), namespace, depth - 1)
    except UNPARSABLE:
        return False


def _root(node: ast.AST) -> str:
    """Return `df` of `df.a["b"].c()`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_module(name: object) -> bool:
    return type(name) is str and (name == "codeact_jupyter" or name.startswith("codeact_jupyter."))


def _is_shell(obj: object) -> bool:
    classes = [class_in(module, name) for module, name in _SHELLS]
    return any(base is cls for base in of_type("__mro__", type(obj)) for cls in classes)


def _is_ours(obj: Any) -> bool:
    cls = type(obj)
    if issubclass(cls, ModuleType):
        module = module_name(obj)
    elif cls is FunctionType:
        module = obj.__globals__.get("__name__")
    else:
        module = of_type("__dict__", obj if issubclass(cls, type) else cls).get("__module__")
    return _is_module(module) and not module.startswith(_PUBLIC)
