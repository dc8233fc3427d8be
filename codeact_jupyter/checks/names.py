"""Names that a cell reads and that are bound nowhere: not in it, nor in the live namespace, Python or IPython."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from pyflakes import messages
from pyflakes.checker import Checker

from ..namespace.bindings import imported_names
from ..namespace.static_lookup import PREDICTABLE, exact_module, frames, is_own
from .cell import Cell
from .finding import LISTED, Finding, found, suggestion
from .imports import is_installed
from .spelling import near

_IPYTHON = ("display", "get_ipython", "In", "Out", "exit", "quit", "_", "__", "___", "_oh", "_ih", "_dh", "_exit_code")
_HISTORY = re.compile(r"_{1,3}|_i{1,3}|_i?\d+")
_IN_DATETIME = frozenset({"datetime", "date", "timedelta", "time", "timezone", "UTC"})
#: Names that models use without importing them. Modules of the standard library need no entry.
_ALIASES = """
    pd pandas; np numpy; plt matplotlib.pyplot; mpl matplotlib; sns seaborn; pl polars; px plotly.express;
    sm statsmodels.api; smf statsmodels.formula.api; nx networkx; tf tensorflow; dt datetime
"""
_MEMBERS = """
    collections Counter defaultdict deque namedtuple OrderedDict; datetime timedelta date timezone; pathlib Path;
    functools partial reduce lru_cache; io StringIO BytesIO; copy deepcopy; dataclasses dataclass field;
    itertools permutations combinations product chain accumulate groupby islice pairwise zip_longest;
    math sqrt ceil floor log log2 log10 exp pi gcd isclose radians sin cos tan; statistics median stdev;
    typing List Dict Tuple Optional Any Union Callable Iterable Set; decimal Decimal; fractions Fraction;
    heapq heappush heappop heapify nlargest nsmallest; IPython.display Markdown HTML Image; scipy stats;
    bs4 BeautifulSoup; tqdm.auto tqdm; sklearn.model_selection train_test_split cross_val_score GridSearchCV KFold;
    sklearn.linear_model LinearRegression LogisticRegression Ridge Lasso; sklearn.cluster KMeans;
    sklearn.ensemble RandomForestClassifier RandomForestRegressor; sklearn.decomposition PCA;
    sklearn.tree DecisionTreeClassifier DecisionTreeRegressor; sklearn.pipeline Pipeline make_pipeline;
    sklearn.preprocessing StandardScaler OneHotEncoder LabelEncoder MinMaxScaler;
    sklearn.metrics accuracy_score mean_squared_error r2_score confusion_matrix f1_score
"""
_IMPORTS = {name: f"import {module} as {name}" for name, module in map(str.split, _ALIASES.split(";"))} | {
    name: f"from {module} import {name}" for module, *names in map(str.split, _MEMBERS.split(";")) for name in names
}


def find_unbound(cell: Cell) -> Finding | None:
    """Find a name that is read and bound nowhere, in no scope of the cell.

    Args:
        cell: The cell.

    Returns:
        A finding about the first such name in the cell, or None.
    """
    if cell.is_opaque:
        return None
    bound = {name for node in cell.nodes for name in _bound_by(node)}
    known = {*cell.namespace, *_IPYTHON, *bound}
    places = {(node.lineno, node.col_offset) for node in cell.nodes if isinstance(node, ast.Name)}  # not in type hints
    for message in sorted(Checker(cell.tree).messages, key=lambda message: (message.lineno, message.col)):
        if isinstance(message, messages.UndefinedName) and (message.lineno, message.col) in places:
            name = message.message_args[0]
            if name not in known and not _HISTORY.fullmatch(name):
                return found("name", explain_unbound(name, cell.namespace, cell.tree, sorted(bound)))
    return None


def explain_unbound(name: str, namespace: Mapping[str, Any], tree: ast.AST, others: Sequence[str] = ()) -> str:
    """Explain a name that is not bound: how to import it, or which name may be meant.

    Args:
        name: The name.
        namespace: Live objects by name.
        tree: Tree of the cell.
        others: Names that the cell itself binds before.

    Returns:
        Text for the model; without similar names it lists the live functions or frames.
    """
    if line := how_to_import(name, tree):
        wanted = exact_module(line.split()[1]) if line.startswith("import ") else None
        known = next((live for live, obj in namespace.items() if wanted is not None and obj is wanted), None)
        if known:
            return f"`{name}` is not defined: that module is here as `{known}`."
        return f"`{name}` is not imported: add `{line}`."
    live = [known for known in namespace if not known.startswith("_") or name.startswith("_")]
    alike = near(name, dict.fromkeys([*live, *others]))
    alike = alike or near(name, [known for known in dir(builtins) if not known.startswith("_")], 1)
    return f"`{name}` is not defined. {suggestion(alike) or _what_is_there(name, namespace, tree)}".strip()


def how_to_import(name: str, tree: ast.AST) -> str:
    """Return the usual import of a name.

    Args:
        name: The name.
        tree: Tree of the cell; the attributes that it asks the name for tell what is meant.

    Returns:
        The import statement, empty if there is none or the package is not installed.
    """
    line = _IMPORTS.get(name, "")
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    attributes = {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == name}
    if name == "datetime":
        line = "import datetime" if attributes & _IN_DATETIME else "from datetime import datetime"
    elif not line and attributes and (name in sys.stdlib_module_names or name in PREDICTABLE):
        line = f"import {name}"
    return line if line and is_installed(line.split()[1].partition(".")[0]) else ""


def _what_is_there(name: str, namespace: Mapping[str, Any], tree: ast.AST) -> str:
    """Return a sentence with the live functions for a name that is called, else with the live frames."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    is_called = any(isinstance(call.func, ast.Name) and call.func.id == name for call in calls)
    names = [known for known, obj in namespace.items() if is_own(obj)] if is_called else frames(namespace)
    shown = ", ".join(f"`{known}`" for known in names[:LISTED])
    return f"The {'functions' if is_called else 'data frames'} here: {shown}." if shown else ""


def _bound_by(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    return imported_names(node) or [name for name in (getattr(node, "name", None),) if type(name) is str]
