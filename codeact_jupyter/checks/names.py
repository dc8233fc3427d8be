"""Names that a cell reads and that are bound nowhere: not in it, nor in the live namespace, Python or IPython.

pyflakes resolves the scopes. The live names are put before the cell as one more assignment, so that it follows what the
cell does to them.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pyflakes import messages
from pyflakes.checker import Checker

from ..namespace.static_lookup import PREDICTABLE, exact_module, frames, is_own
from .cell import Cell
from .finding import LISTED, Finding, found, near, suggestion
from .imports import is_installed

_IPYTHON = ("display", "get_ipython", "In", "Out", "exit", "quit", "_", "__", "___", "_oh", "_ih", "_dh", "_exit_code")
_HISTORY = re.compile(r"_{1,3}|_i{1,3}|_i?\d+")
_IN_DATETIME = frozenset({"datetime", "date", "timedelta", "time", "timezone", "UTC"})
#: Names that models use without importing them. Modules of the standard library need no entry.
_IMPORTS = {
    "pd": "import pandas as pd",
    "np": "import numpy as np",
    "plt": "import matplotlib.pyplot as plt",
    "mpl": "import matplotlib as mpl",
    "sns": "import seaborn as sns",
    "pl": "import polars as pl",
    "px": "import plotly.express as px",
    "sm": "import statsmodels.api as sm",
    "smf": "import statsmodels.formula.api as smf",
    "stats": "from scipy import stats",
    "nx": "import networkx as nx",
    "tf": "import tensorflow as tf",
    "dt": "import datetime as dt",
    "BeautifulSoup": "from bs4 import BeautifulSoup",
    "tqdm": "from tqdm.auto import tqdm",
    **{
        name: f"from {module} import {name}"
        for module, names in (
            ("collections", "Counter defaultdict deque namedtuple OrderedDict"),
            ("datetime", "timedelta date timezone"),
            ("pathlib", "Path"),
            ("functools", "partial reduce lru_cache"),
            ("itertools", "permutations combinations product chain accumulate groupby islice pairwise zip_longest"),
            ("math", "sqrt ceil floor log log2 log10 exp pi gcd isclose radians sin cos tan"),
            ("statistics", "median stdev"),
            ("typing", "List Dict Tuple Optional Any Union Callable Iterable Set"),
            ("dataclasses", "dataclass field"),
            ("decimal", "Decimal"),
            ("fractions", "Fraction"),
            ("io", "StringIO BytesIO"),
            ("copy", "deepcopy"),
            ("heapq", "heappush heappop heapify nlargest nsmallest"),
            ("IPython.display", "Markdown HTML Image"),
            ("sklearn.model_selection", "train_test_split cross_val_score GridSearchCV KFold"),
            ("sklearn.linear_model", "LinearRegression LogisticRegression Ridge Lasso"),
            ("sklearn.ensemble", "RandomForestClassifier RandomForestRegressor"),
            ("sklearn.tree", "DecisionTreeClassifier DecisionTreeRegressor"),
            ("sklearn.cluster", "KMeans"),
            ("sklearn.decomposition", "PCA"),
            ("sklearn.preprocessing", "StandardScaler OneHotEncoder LabelEncoder MinMaxScaler"),
            ("sklearn.pipeline", "Pipeline make_pipeline"),
            ("sklearn.metrics", "accuracy_score mean_squared_error r2_score confusion_matrix f1_score"),
        )
        for name in names.split()
    },
}


def find_unbound(cell: Cell) -> Finding | None:
    """Find a name that is read and bound nowhere.

    Args:
        cell: The cell.

    Returns:
        A finding about the first such name in the cell, or None.
    """
    if "names" in cell.effects:
        return None
    unbound = sorted(_unbound(cell))
    if not unbound:
        return None
    line, _, name, is_local = unbound[0]
    if is_local:
        return found("name", explain_local(name))
    if name in cell.bound or name in _assigned(cell.tree):
        return found("name", _too_early(cell, name))
    stored = [node for node in cell.nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    earlier = [node.id for node in stored if node.lineno < line and node.id in cell.bound]
    return found("name", explain_unbound(name, cell.namespace, cell.tree, earlier))


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


def explain_local(name: str) -> str:
    """Explain that a function cannot read a name that it assigns later.

    Args:
        name: The name.

    Returns:
        Text for the model.
    """
    return f"The function assigns `{name}`, so that it is a local name there: give it in, or use another name."


def how_to_import(name: str, tree: ast.AST) -> str:
    """Return the usual import of a name.

    Args:
        name: The name.
        tree: Tree of the cell; the attributes that it asks the name for tell what is meant.

    Returns:
        The import statement, empty if there is none or the package is not installed.
    """
    line = _IMPORTS.get(name, "")
    attributes = _attributes_of(name, tree)
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


def _unbound(cell: Cell) -> Iterator[tuple[int, int, str, bool]]:
    """Yield line, column and name of what is read too early or bound nowhere, and True for a local name."""
    names = [name for name in {*cell.namespace, *_IPYTHON} if name.isidentifier() and name != "__all__"]
    names += [node.id for node in cell.nodes if isinstance(node, ast.Name) and _HISTORY.fullmatch(node.id)]
    before = ast.Assign([ast.Name(name, ast.Store()) for name in dict.fromkeys(names)], ast.Constant(None))
    for node in ast.walk(before):
        ast.copy_location(node, _NOWHERE)
    tree = ast.Module([*_future(cell.tree), before, *_rest(cell.tree)], [])
    places = {(node.lineno, node.col_offset, node.id) for node in cell.nodes if isinstance(node, ast.Name)}
    for message in Checker(tree).messages:
        if isinstance(message, messages.UndefinedName | messages.UndefinedLocal):
            name = message.message_args[0]
            in_place = (message.lineno, message.col, name) in places  # else it is in a type hint of text
            if in_place and not _may_be_bound_by_then(cell.tree, message.lineno, name):
                yield message.lineno, message.col, name, isinstance(message, messages.UndefinedLocal)
    for line, column, name in places:
        if name == "__file__" and name not in cell.namespace and name not in cell.bound:
            yield line, column, name, False


_NOWHERE = ast.Constant(None, lineno=0, col_offset=0, end_lineno=0, end_col_offset=0)


def _future(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]


def _rest(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]


def _may_be_bound_by_then(tree: ast.AST, line: int, name: str) -> bool:
    """Return True if the line is in a loop that binds the name, perhaps in an earlier iteration."""
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.AsyncFor | ast.While)]
    around = [loop for loop in loops if loop.lineno <= line <= (loop.end_lineno or line)]
    return any(name in _assigned(loop) for loop in around)


def _assigned(tree: ast.AST) -> set[str]:
    """Return the names that the tree binds, not counting `n += 1`, which reads `n` first."""
    added = {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {node.id for node in names if id(node) not in added}


def _too_early(cell: Cell, name: str) -> str:
    """Explain a name that the cell binds, but later or in another scope, or deletes."""
    if name not in cell.bound:
        return f"`{name}` is used where it is not bound: it is a local name of another function or a comprehension."
    if line := how_to_import(name, cell.tree):
        return f"`{name}` is used before it is bound: put `{line}` first."
    alike = suggestion(near(name, cell.namespace))
    return f"`{name}` is used before it is assigned, or after it was deleted. {alike}".strip()


def _attributes_of(name: str, tree: ast.AST) -> set[str]:
    """Return the attributes of the name that the tree uses."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == name}
