"""Checks of imports: the module is installed, it has the name, and the name is not defined already."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator
from typing import Any

from ..namespace.static_lookup import PREDICTABLE, contents, exact_module
from .cell import Cell
from .finding import Finding, found, suggestion
from .spelling import near

_COMMON = (
    *("pandas", "numpy", "matplotlib", "seaborn", "scipy", "sklearn", "statsmodels", "polars", "plotly", "altair"),
    *("bokeh", "requests", "tqdm", "networkx", "sympy", "PIL", "bs4", "lxml", "openpyxl", "yaml", "torch", "xgboost"),
)
_RENAMED = {"scikit_learn": "sklearn", "skleran": "sklearn", "beautifulsoup4": "bs4", "pillow": "PIL", "pyyaml": "yaml"}


def find_import(cell: Cell) -> Finding | None:
    """Find an import that fails, outside `try` and `with suppress(…)`.

    Args:
        cell: The cell.

    Returns:
        The first finding, or None.
    """
    if cell.is_opaque:
        return None
    careful = [node for node in cell.nodes if isinstance(node, ast.Try | ast.With)]
    met = {id(part) for node in careful for part in ast.walk(node)}
    return next((problem for node in cell.nodes if id(node) not in met for problem in _problems(node, cell)), None)


def is_installed(module: str) -> bool:
    """Return True if a module could be imported, without importing it.

    Args:
        module: Name of a package, or of a submodule of one that is imported.
    """
    if module in sys.modules:
        return sys.modules[module] is not None
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def explain_missing(name: str) -> str:
    """Return a sentence that a module is not installed, and which one may be meant.

    Args:
        name: Dotted name of the module.

    Returns:
        Text for the model.
    """
    parent, _, last = name.rpartition(".")
    if parent and (loaded := exact_module(parent)):
        beside = [other.rpartition(".")[2] for other in list(sys.modules) if other.rpartition(".")[0] == parent]
        alike = [f"{parent}.{other}" for other in near(last, [*beside, *contents(loaded)], 2)]
        return f"There is no module `{name}`. {suggestion(alike)}".strip()
    top = name.partition(".")[0]
    meant = _RENAMED.get(top.casefold().replace("-", "_"))
    known = dict.fromkeys([*_COMMON, *sys.stdlib_module_names, *(m for m in list(sys.modules) if "." not in m)])
    alike = [meant] if meant else [other for other in near(top, known, 6) if not other.startswith("_")]
    installed = [other for other in alike if is_installed(other)]
    return f"There is no module `{top}` here. {suggestion(installed[:1])}".strip()


def _problems(node: ast.AST, cell: Cell) -> Iterator[Finding]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if not is_installed(alias.name.partition(".")[0]):
                yield _missing(alias.name, [alias.asname or alias.name], cell)
    elif isinstance(node, ast.ImportFrom):
        module, names = node.module or "", [alias.name for alias in node.names]
        if node.level or not is_installed(module.partition(".")[0]):
            yield _missing("." * node.level + module, names, cell)
        elif exact_module(module):
            yield from _not_in(module, names, cell)


def _missing(module: str, names: list[str], cell: Cell, problem: str = "") -> Finding:
    """Return a finding that names are live already, or else the problem of their import."""
    if live := [name for name in names if name in cell.namespace]:
        shown = ", ".join(f"`{name}`" for name in live)
        be, them = ("is", "it") if len(live) == 1 else ("are", "them")
        return found("import", f"{shown} {be} defined already: use {them} without an import.")
    if module.startswith("."):
        problem = "A cell is in no package: no relative import."
    return found("import", problem or explain_missing(module))


def _not_in(module: str, names: list[str], cell: Cell) -> Iterator[Finding]:
    """Yield imported names that a module of a well-known package lacks."""
    loaded = exact_module(module)
    held = contents(loaded) if loaded and module.partition(".")[0] in PREDICTABLE else {}
    offered: Any = held.get("__all__", [] if held and "__getattr__" not in held else None)
    for name in names if type(offered) is list else ():
        if not (name == "*" or name in held or name in offered or is_installed(f"{module}.{name}")):
            meant = suggestion(near(name, [known for known in held if not known.startswith("_")]))
            yield _missing(module, [name], cell, f"`{module}` has no `{name}`. {meant}")
