"""Imports of what is not installed, not in the module, or defined already."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType

from ..namespace.static_lookup import MISSING, PREDICTABLE, contents, exact_module, has_file, has_submodule
from .cell import Cell
from .finding import Finding, found, near, suggestion
from .guards import Guards

_COMMON = (
    *("pandas", "numpy", "matplotlib", "seaborn", "scipy", "sklearn", "statsmodels", "polars", "plotly", "altair"),
    *("bokeh", "requests", "tqdm", "networkx", "sympy", "PIL", "bs4", "lxml", "openpyxl", "yaml", "torch", "xgboost"),
)
_RENAMED = {"scikit_learn": "sklearn", "skleran": "sklearn", "beautifulsoup4": "bs4", "pillow": "PIL", "pyyaml": "yaml"}


def find_import(cell: Cell, guards: Guards) -> Finding | None:
    """Find an import that fails.

    Args:
        cell: The cell.
        guards: Errors that it catches.

    Returns:
        The first finding, or None.
    """
    if "packages" in cell.effects:
        return None
    for node in cell.nodes:
        if not isinstance(node, ast.Import | ast.ImportFrom) or guards.catches(
            node, "ImportError", "ModuleNotFoundError"
        ):
            continue
        for problem in _plain(node, cell) if isinstance(node, ast.Import) else _from(node, cell):
            return problem
    return None


def is_installed(package: str) -> bool:
    """Return True if a top-level package could be imported, without importing it.

    Args:
        package: Name of the package.

    Returns:
        True if it is installed.
    """
    if package in sys.modules:
        return sys.modules[package] is not None
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def explain_missing(name: str) -> str:
    """Return a sentence that a module is not installed, and which one may be meant.

    Args:
        name: Dotted name of the module.

    Returns:
        Text for the model.
    """
    top = name.partition(".")[0]
    meant = _RENAMED.get(top.casefold().replace("-", "_"))
    known = dict.fromkeys([*_COMMON, *sys.stdlib_module_names, *(m for m in list(sys.modules) if "." not in m)])
    alike = [meant] if meant else [other for other in near(top, known, 6) if not other.startswith("_")]
    return (
        f"There is no module `{top}` here. {suggestion([other for other in alike if is_installed(other)][:1])}".strip()
    )


def _plain(node: ast.Import, cell: Cell) -> Iterator[Finding]:
    for alias in node.names:
        bound = alias.asname or alias.name
        if not is_installed(alias.name.partition(".")[0]):
            if bound in cell.namespace:
                yield _there_already([bound])
            yield found("import", explain_missing(alias.name))
        elif not _module_exists(alias.name):
            yield found("import", _no_submodule(alias.name))


def _from(node: ast.ImportFrom, cell: Cell) -> Iterator[Finding]:
    module = node.module or ""
    live = [alias.name for alias in node.names if alias.name in cell.namespace]
    if node.level or not is_installed(module.partition(".")[0]):
        if live:
            yield _there_already(live)
        yield found("import", "A cell is in no package: no relative import." if node.level else explain_missing(module))
    elif not _module_exists(module):
        yield found("import", _no_submodule(module))
    elif loaded := exact_module(module):
        yield from _names(node, loaded, cell)


def _there_already(names: list[str]) -> Finding:
    shown = ", ".join(f"`{name}`" for name in names)
    be, them = ("is", "it") if len(names) == 1 else ("are", "them")
    return found("import", f"{shown} {be} defined already: use {them} without an import.")


def _names(node: ast.ImportFrom, loaded: ModuleType, cell: Cell) -> Iterator[Finding]:
    held = contents(loaded)
    may_make_up = "__getattr__" in held and (node.module or "").partition(".")[0] not in PREDICTABLE
    for alias in node.names:
        if alias.name == "*" or alias.name in held or may_make_up or has_submodule(loaded, alias.name):
            continue
        if "__getattr__" in held and not _says_all(held, alias.name):
            continue
        if alias.name in cell.namespace:
            yield _there_already([alias.name])
        names = [name for name in held if not name.startswith("_")]
        yield found("import", f"`{node.module}` has no `{alias.name}`.", suggestion(near(alias.name, names)))


def _says_all(held: dict[str, object], name: str) -> bool:
    """Return True if a module with dynamic attributes lists them in `__all__`, without this one."""
    listed = held.get("__all__", MISSING)
    return isinstance(listed, list | tuple) and name not in listed


def _module_exists(name: str) -> bool:
    """Return True if a module is or could be imported by its files, also if they do not tell."""
    top, *parts = name.split(".")
    if name in sys.modules or top not in PREDICTABLE:
        return True
    places: object
    if loaded := exact_module(top):
        places = contents(loaded).get("__path__")
    else:
        spec = importlib.util.find_spec(top)
        places = spec.submodule_search_locations if spec else None
    for part in parts:
        exists = has_file(places, part)
        if exists is not True:
            return (exists is None and f"{top}.{part}" in sys.modules) or (exists is None and places is not None)
        places = [f"{place}/{part}" for place in places] if isinstance(places, list) else None
    return True


def _no_submodule(name: str) -> str:
    parent, _, last = name.rpartition(".")
    loaded = exact_module(parent)
    beside = [other.rpartition(".")[2] for other in list(sys.modules) if other.rpartition(".")[0] == parent]
    return f"There is no module `{name}`. " + suggestion(
        [f"{parent}.{other}" for other in near(last, [*beside, *(contents(loaded) if loaded else ())], 2)]
    )
