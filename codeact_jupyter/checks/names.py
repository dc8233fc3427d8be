"""Names that are read and bound nowhere: not in the cell, not in the live namespace, not in Python or IPython.

pyflakes knows the scopes. The live names are put before the cell as one more assignment, so that it follows what the
cell does to them.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Mapping
from typing import Any

from pyflakes import messages
from pyflakes.checker import Checker

from .cell import Cell
from .finding import Finding, found, near, suggestion
from .imports import is_installed
from .looking import exact_module

_IPYTHON = ("display", "get_ipython", "In", "Out", "exit", "quit", "_", "__", "___", "_oh", "_ih", "_dh", "_exit_code")
_HISTORY = re.compile(r"_{1,3}|_i{1,3}|_i?\d+")
#: what cells are full of without importing it; other modules of the standard library are known by themselves
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
    """The first name, by its place in the cell, that is read and bound nowhere."""
    if "names" in cell.effects:
        return None
    unbound = _unbound(cell)
    if not unbound:
        return None
    name = unbound[0]
    if name in cell.bound or name in _assigned(cell.tree):
        return found("name", _too_early(cell, name))
    return found("name", explain_unbound(name, cell.namespace, [*cell.bound], cell.tree))


def explain_unbound(
    name: str, namespace: Mapping[str, Any], others: list[str] | None = None, tree: ast.AST | None = None
) -> str:
    """What to do about a name that is not bound: import it, use the live name of it, or take one that is alike."""
    line = how_to_import(name, tree)
    if line:
        wanted = exact_module(line.split()[1]) if line.startswith("import ") else None
        known = next((live for live, obj in namespace.items() if wanted is not None and obj is wanted), None)
        if known:
            return f"`{name}` is not defined: that module is here as `{known}`."
        return f"`{name}` is not imported: add `{line}`."
    live = [known for known in namespace if not known.startswith("_") or name.startswith("_")]
    alike = near(name, dict.fromkeys([*live, *(others or ())]))
    builtin = near(name, dir(builtins), 1) if not alike else []
    return f"`{name}` is not defined. {suggestion(alike or builtin)}".strip()


def how_to_import(name: str, tree: ast.AST | None = None) -> str:
    """The line that imports what goes by that name, if its package is installed; else nothing."""
    line = _IMPORTS.get(name, "")
    if name == "datetime":
        line = (
            "import datetime"
            if tree is not None and _is_used_as_module(name, tree)
            else "from datetime import datetime"
        )
    elif (
        not line
        and name in sys.stdlib_module_names
        and not name.startswith("_")
        and name not in ("this", "antigravity")
    ):
        line = f"import {name}"
    if not line and name in ("pandas", "numpy", "scipy", "sklearn", "matplotlib", "seaborn", "polars", "statsmodels"):
        line = f"import {name}"
    return line if line and is_installed(line.split()[1].partition(".")[0]) else ""


def _unbound(cell: Cell) -> list[str]:
    names = [name for name in {*cell.namespace, *_IPYTHON} if name.isidentifier() and name != "__all__"]
    names += [node.id for node in cell.nodes if isinstance(node, ast.Name) and _HISTORY.fullmatch(node.id)]
    before = ast.Assign([ast.Name(name, ast.Store()) for name in (*dict.fromkeys(names), "__")], ast.Constant(None))
    for node in ast.walk(before):
        ast.copy_location(node, _NOWHERE)
    tree = ast.Module([*_future(cell.tree), before, *_rest(cell.tree)], [])
    places = {(node.lineno, node.col_offset, node.id) for node in cell.nodes if isinstance(node, ast.Name)}
    missing = []
    for message in Checker(tree).messages:
        if isinstance(message, messages.UndefinedName | messages.UndefinedLocal):
            name = message.message_args[0]
            in_place = (message.lineno, message.col, name) in places
            if in_place and not _may_be_bound_by_then(cell.tree, message.lineno, name):
                missing.append((message.lineno, message.col, name))
    missing += [
        (node.lineno, node.col_offset, node.id)
        for node in cell.nodes
        if isinstance(node, ast.Name) and node.id == "__file__" and "__file__" not in {*cell.namespace, *cell.bound}
    ]
    return [name for _, _, name in sorted(missing)]


_NOWHERE = ast.Constant(None, lineno=0, col_offset=0, end_lineno=0, end_col_offset=0)


def _future(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]


def _rest(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")]


def _may_be_bound_by_then(tree: ast.AST, line: int, name: str) -> bool:
    """Whether the line is in a loop that binds the name, perhaps in an earlier round."""
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.AsyncFor | ast.While)]
    around = [loop for loop in loops if loop.lineno <= line <= (loop.end_lineno or line)]
    return any(name in _assigned(loop) for loop in around)


def _assigned(tree: ast.AST) -> set[str]:
    """Names that the tree binds plainly; `n += 1` needs it to be bound before."""
    added = {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {node.id for node in names if id(node) not in added}


def _too_early(cell: Cell, name: str) -> str:
    """What is wrong with a name that the cell does bind, but later, elsewhere or no more."""
    if name not in cell.bound:
        return f"`{name}` is used where it is not bound: it is a local name of another function or a comprehension."
    if line := how_to_import(name, cell.tree):
        return f"`{name}` is used before it is bound: put `{line}` first."
    return f"`{name}` is used before it is assigned. {suggestion(near(name, cell.namespace))}".strip()


def _is_used_as_module(name: str, tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and node.attr in ("datetime", "date", "timedelta", "time", "timezone", "UTC")
        for node in ast.walk(tree)
    )
