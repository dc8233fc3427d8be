"""The house keeps its order: imports run downwards, heavy packages come only where they are used, modules are short."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import codeact_jupyter

ROOT = Path(codeact_jupyter.__file__).parent
MAX_LINES = 300

#: from the bottom up; a module imports only from layers below its own, and from its own without cycles
LAYERS = (
    {"errors", "messages", "config", "techniques", "clock"},
    {
        "protocols",
        "session",
        "screening",
        "validate",
        "checks",
        "window",
        "observing",
        "gate",
        "models",
        "page",
        "effects",
        "wire",
        "requests",
    },
    {"engines", "journal", "testing", "sampling", "kernel", "hosts", "pages", "outlet"},
    {"views", "agent"},
    {"solving", "conversation", "cells", "live", "mirror", "panel", "headless"},
    {"magic", "cli", "demo", "evaluation", "codeact_jupyter"},
)
DATA_TASKS = {
    f"evaluation.suites.{name}"
    for name in (
        "data.cleaning",
        "data.explaining",
        "data.histories",
        "data.joining",
        "data.material.keeping",
        "data.loading",
        "data.modelling",
        "data.plotting",
        "data.questions",
        "data.shaping",
        "data.material.sources",
        "recovery.flow",
        "recovery.naming",
        "recovery.tables",
        "recovery.values",
    )
}
#: what may only be imported inside functions, and by these modules alone
SPARED = {
    "llama_cpp": {"engines.llama", "engines.native"},
    "ipywidgets": {"outlet"},
    "pandas": DATA_TASKS,
    "huggingface_hub": {"models.hub"},
    "palmerpenguins": {"demo", "evaluation.suites.data.material.sources"},
    "sklearn": DATA_TASKS,
    "statsmodels": {*DATA_TASKS, "evaluation.reporting.summary", "evaluation.reporting.comparison"},
    "jinja2": {"engines.template", "evaluation.reporting.page"},
    "pygments": {"evaluation.reporting.page"},
}


def modules() -> dict[str, Path]:
    """Dotted names below the package, `codeact_jupyter` for the package itself, and their files."""
    named = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        named[".".join(parts) or "codeact_jupyter"] = path
    return named


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(tree: ast.AST, *, lazy: bool) -> Iterator[ast.AST]:
    """All nodes; without `lazy` not those inside functions. What is there for type checkers alone is left out."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not lazy:
            continue
        yield child
        yield from nodes(child, lazy=lazy)


def imports(name: str, path: Path, *, lazy: bool = True) -> set[str]:
    """What the module imports: our own modules as `engines.llama`, others by their full name."""
    package = ["codeact_jupyter", *([] if name == "codeact_jupyter" else name.split("."))]
    if path.name != "__init__.py":
        package = package[:-1]
    found: set[str] = set()
    for node in nodes(parsed(path), lazy=lazy):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            found |= {source, *(f"{source}.{alias.name}" for alias in node.names)}
    ours = {module.removeprefix("codeact_jupyter.") for module in found} & set(modules())
    return ours - {name} | {module for module in found if not module.startswith("codeact_jupyter")}


def layer(name: str) -> int:
    (number,) = (number for number, layer in enumerate(LAYERS) if name.split(".")[0] in layer)
    return number


@pytest.mark.parametrize("name", modules())
def test_every_module_has_its_place_and_imports_nothing_above_it(name: str) -> None:
    ours = {module for module in imports(name, modules()[name]) if module in modules() and module != "codeact_jupyter"}
    assert {module for module in ours if layer(module) > layer(name)} == set()


def test_there_are_no_import_cycles() -> None:
    graph = {
        name: {module for module in imports(name, path) if module in modules() and module != "codeact_jupyter"}
        for name, path in modules().items()
    }
    while graph:
        free = {name for name, needs in graph.items() if not needs & graph.keys()}
        assert free, f"a cycle among {sorted(graph)}"
        graph = {name: needs for name, needs in graph.items() if name not in free}


@pytest.mark.parametrize("package", SPARED)
def test_a_heavy_package_is_imported_only_where_it_is_used(package: str) -> None:
    for name, path in modules().items():
        if name in SPARED[package]:
            continue
        assert not any(module.split(".")[0] == package for module in imports(name, path)), name
    for name, path in modules().items():
        if package != "palmerpenguins":
            assert not any(module.split(".")[0] == package for module in imports(name, path, lazy=False)), name


@pytest.mark.parametrize("name", modules())
def test_modules_are_short(name: str) -> None:
    assert len(modules()[name].read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("name", modules())
def test_every_module_says_what_it_is_for(name: str) -> None:
    assert len(ast.get_docstring(parsed(modules()[name])) or "") > 20


def imported_by(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has imported after this code."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in lines}


def test_importing_the_package_imports_nothing_heavy() -> None:
    imported = imported_by("import codeact_jupyter")
    assert "codeact_jupyter" in imported
    assert imported & {"llama_cpp", "ipywidgets", "pandas", "numpy", "IPython", "nbclient", "huggingface_hub"} == set()


def test_loading_the_extension_imports_neither_a_model_nor_widgets(tmp_path: Path) -> None:
    code = (
        "import os; from IPython.core.interactiveshell import InteractiveShell; from traitlets.config import Config; "
        f"config = Config(); config.HistoryManager.enabled = False; os.environ['IPYTHONDIR'] = {str(tmp_path)!r}; "
        "shell = InteractiveShell(config=config); shell.run_line_magic('load_ext', 'codeact_jupyter'); "
        "assert 'codeact' in shell.magics_manager.magics['cell']"
    )
    assert imported_by(code) & {"llama_cpp", "ipywidgets", "pandas", "nbclient", "huggingface_hub"} == set()
