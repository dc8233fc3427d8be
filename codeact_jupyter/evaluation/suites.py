"""Load suites of tasks, by short name, path or module; and functions by path or module.

A checkout of this project has suites with a short name, baselines and the renderer of pages in `benchmarks/`.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import UsageProblem
from ..models.folders import expanded
from .task import Task, fingerprint

SUITES = ("tools", "data", "recovery")
BASELINES = Path("benchmarks", "baselines")


@dataclass(frozen=True, slots=True)
class Suite:
    """Named tasks."""

    name: str  #: of the suite
    tasks: tuple[Task, ...]  #: its tasks
    address: str = ""  #: path or module from which any process can load it
    code: Path | None = None  #: file, or outermost package, that holds it

    @property
    def sha256(self) -> str:
        """SHA-256 of the fingerprints of all tasks."""
        return hashlib.sha256("\n".join(map(fingerprint, self.tasks)).encode()).hexdigest()

    def sample(self, split: str = "all", limit: int = 0) -> tuple[Task, ...]:
        """Choose tasks: the same each time, and as many of each domain as possible.

        Args:
            split: `dev`, `test` or `all`.
            limit: Maximum number of tasks; 0 for all.

        Returns:
            The tasks, in the order of the suite.

        Raises:
            UsageProblem: There are none in this split.
        """
        tasks = [task for task in self.tasks if split in ("all", task.split)]
        if not tasks:
            raise UsageProblem(f"The suite {self.name} has no tasks in the split {split!r}.")
        if not limit or limit >= len(tasks):
            return tuple(tasks)
        chosen = sorted(tasks, key=lambda task: _place(task, tasks))[:limit]
        return tuple(task for task in tasks if task in chosen)


def load_suite(name: str) -> Suite:
    """Load a suite.

    Args:
        name: One of `SUITES`, the path of a Python file or package, or an importable module.

    Returns:
        The suite.

    Raises:
        UsageProblem: There is no such suite, or its `TASKS` are not tasks with different names.
    """
    path = _find(name)
    module = _load_module(path) if path else importlib.import_module(name)
    tasks: Sequence[Any] = tuple(getattr(module, "TASKS", ()))
    if not tasks or not all(isinstance(task, Task) for task in tasks):
        raise UsageProblem(f"{name} is not a suite: its TASKS must be `codeact_jupyter.evaluation.task.Task`s.")
    names = [task.name for task in tasks]
    if twice := sorted({each for each in names if names.count(each) > 1}):
        raise UsageProblem(f"{name} has several tasks of one name: {', '.join(twice)}.")
    code = _outermost(Path(module.__file__)) if module.__file__ else None
    return Suite(path.stem if path else name, tuple(tasks), str(path.resolve()) if path else name, code)


def _load_module(path: Path) -> ModuleType:
    """Import a Python file or package as a part of its outermost package, under a name that no other one has."""
    path = path.resolve()
    outermost = _outermost(path)
    name = f"{outermost.stem}_{hashlib.sha256(str(outermost).encode()).hexdigest()[:8]}"
    if str(outermost.parent) not in sys.path:
        sys.path.append(str(outermost.parent))
    try:
        if name not in sys.modules:
            _import_as(name, outermost)
        return importlib.import_module(".".join([name, *path.relative_to(outermost).parts]).removesuffix(".py"))
    except Exception as error:
        raise UsageProblem(f"{path} cannot be imported: {type(error).__name__}: {error}") from error


def load_function(name: str) -> Callable[..., Any]:
    """Load a function.

    Args:
        name: `FILE.py:FUNCTION` or `MODULE:FUNCTION`.

    Returns:
        The function.

    Raises:
        UsageProblem: There is no such function.
    """
    place, _, function = name.rpartition(":")
    try:
        module = _load_module(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        found: Callable[..., Any] = getattr(module, function)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageProblem(f"There is no function {name!r} ({error}): give FILE.py:FUNCTION.") from error
    return found


def load_baseline(name: str) -> Callable[..., Any]:
    """Load an agent that ours is compared with.

    Args:
        name: Name of its module in `benchmarks/baselines`.

    Returns:
        Its function `attempt`, an `OtherAgent`.

    Raises:
        UsageProblem: This is no checkout of the project.
    """
    path = _require(f"The agent {name}", BASELINES / f"{name}.py")
    found: Callable[..., Any] = _load_module(path).attempt
    return found


def load_page() -> ModuleType:
    """Return the module in `benchmarks/reporting` that renders pages and plots.

    Raises:
        UsageProblem: This is no checkout of the project.
    """
    return _load_module(_require("The renderer of pages and plots", Path("benchmarks", "reporting", "page.py")))


def in_checkout(path: Path) -> Path | None:
    """Find a path of the checkout that holds this package or the working directory.

    Args:
        path: Relative to the checkout.

    Returns:
        The path; None if there is no such checkout.
    """
    checkouts = (Path(__file__).resolve().parents[2], Path.cwd(), *Path.cwd().parents)
    return next((checkout / path for checkout in checkouts if (checkout / path).exists()), None)


def _require(what: str, path: Path) -> Path:
    found = in_checkout(path)
    if found is None:
        raise UsageProblem(f"{what} lies in {path.parent} of a checkout of codeact-jupyter: run this in one.")
    return found


def _find(name: str) -> Path | None:
    """Return the path of the suite; None if it is an importable module."""
    if name in SUITES:
        return _require(f"The suite {name}", Path("benchmarks", "suites", name))
    path = expanded(name)
    if path.exists():
        return path
    try:
        found = importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # a part of the name is no package; the name is empty
        found = False
    if not found:
        raise UsageProblem(f"There is no suite {name!r}: give {', '.join(SUITES)}, the path of a file, or a module.")
    return None


def _import_as(name: str, path: Path) -> None:
    """Import the file or package as a module of this name."""
    source = path / "__init__.py" if path.is_dir() else path
    spec = importlib.util.spec_from_file_location(name, source) if source.is_file() else None
    if spec is None or spec.loader is None:
        raise ImportError("it is neither a Python file nor a package")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def _outermost(path: Path) -> Path:
    """Return the outermost package that the file or folder lies in; the path itself if it lies in none."""
    path = path.parent if path.name == "__init__.py" else path
    while (path.parent / "__init__.py").is_file():
        path = path.parent
    return path


def _place(task: Task, tasks: Sequence[Task]) -> tuple[int, str]:
    """Return a key that orders tasks for choosing: the first of each domain, then the second, and so on."""
    shuffled = sorted(
        (each.name for each in tasks if each.domain == task.domain),
        key=lambda name: hashlib.sha256(name.encode()).hexdigest(),
    )
    return shuffled.index(task.name), hashlib.sha256(task.domain.encode()).hexdigest()
