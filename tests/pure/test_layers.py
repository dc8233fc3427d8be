"""The structure of the package: few rooms, few arrows, short modules, heavy imports only where they are used.

Who may import whom is held by import-linter's contracts in `pyproject.toml`, which `make lint` checks.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "codeact_jupyter"
MAX_LINES = 300
MAX_ROOMS = 22  #: modules and folders at the top of the package
MAX_ARROWS = 90  #: ordered pairs of these, and the package itself, of which one imports the other

SUITES = "benchmarks.suites"
DATA_TASKS = (f"{SUITES}.checkers.frames", f"{SUITES}.data", f"{SUITES}.recovery")
#: Packages that are imported inside functions only, and by which modules: those whose names start so.
HEAVY: dict[str, tuple[str, ...]] = {
    "llama_cpp": ("engines.llama", "engines.native"),
    "openai": ("engines.openai_server",),
    "dask": ("evaluation.cluster",),
    "detect_secrets": ("notebook.scan",),
    "distributed": ("evaluation.cluster",),
    "keyring": ("engines.openai_server",),
    "ipywidgets": ("views.panel_output",),
    "pandas": DATA_TASKS,
    "huggingface_hub": ("models.hub",),
    "matplotlib": (f"{SUITES}.checkers.plots", *DATA_TASKS, "evaluation.reporting"),
    "palmerpenguins": (f"{SUITES}.data_sets",),
    "sklearn": DATA_TASKS,
    "statsmodels": (*DATA_TASKS, "evaluation.reporting"),
    "jinja2": ("engines.template", "notebook.report"),
    "pygments": (),
}


def modules() -> dict[str, Path]:
    """Return the files of the package and of the suites by their dotted names, without `codeact_jupyter.`."""
    named = {}
    for path in sorted([*PACKAGE.rglob("*.py"), *(ROOT / "benchmarks" / "suites").rglob("*.py")]):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        named[name.removeprefix("codeact_jupyter.")] = path
    return named


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(tree: ast.AST, *, lazy: bool) -> Iterator[ast.AST]:
    """Yield the nodes that run when the module is imported; with `lazy` also those inside functions."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and not lazy:
            continue
        yield child
        yield from nodes(child, lazy=lazy)


def foreign_imports(path: Path, *, lazy: bool) -> set[str]:
    """Return the top-level names of the packages that a module imports, other than its own."""
    found = set()
    for node in nodes(parsed(path), lazy=lazy):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_there_are_few_rooms_and_few_arrows_between_them(capsys: pytest.CaptureFixture[str]) -> None:
    graph = grimp.build_graph("codeact_jupyter", cache_dir=None)  # with imports inside functions and TYPE_CHECKING

    def room(module: str) -> str:
        return ".".join(module.split(".")[:2])

    pairs = {
        (room(user), room(used)) for user in graph.modules for used in graph.find_modules_directly_imported_by(user)
    }
    rooms, arrows = graph.find_children("codeact_jupyter"), sorted(pair for pair in pairs if pair[0] != pair[1])
    with capsys.disabled():
        print(f"\n{len(rooms)} rooms at the top of the package, {len(arrows)} arrows between them", end=" ")
    assert len(rooms) <= MAX_ROOMS
    assert len(arrows) <= MAX_ARROWS, arrows


def test_the_drawing_of_the_layers_is_the_contract() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    (drawing,) = re.findall(r"^```layers\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (each for each in config["tool"]["importlinter"]["contracts"] if each["id"] == "layers")

    def layers(lines: list[str]) -> list[set[str]]:
        """Return the names of each line: `lab | views  # a remark` is `{"lab", "views"}`."""
        return [set(line.partition("#")[0].replace("|", " ").split()) for line in lines]

    assert layers(drawing.splitlines()) == layers(contract["layers"])


@pytest.mark.parametrize("package", HEAVY)
def test_a_heavy_package_is_imported_only_where_it_is_used(package: str) -> None:
    users = {name for name, path in modules().items() if package in foreign_imports(path, lazy=True)}
    assert {name for name in users if not name.startswith(HEAVY[package])} == set()
    assert {name for name, path in modules().items() if package in foreign_imports(path, lazy=False)} == set()


@pytest.mark.parametrize("name", modules())
def test_modules_are_short(name: str) -> None:
    assert len(modules()[name].read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("name", modules())
def test_every_module_says_what_it_is_for(name: str) -> None:
    assert len(ast.get_docstring(parsed(modules()[name])) or "") > 20


def imported_by(code: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has imported after this code."""
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
