"""Suites by name or by path: those of the package, and those that others keep elsewhere.

A suite is `tools`, `data`, `recovery`, or the path of a Python file or package whose `TASKS` is an iterable of `Task`.
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
from .task import Task, fingerprint

SUITES = ("tools", "data", "recovery")


@dataclass(frozen=True, slots=True)
class Suite:
    """Named tasks. `sha256` is that of all their fingerprints: another one is another suite."""

    name: str
    tasks: tuple[Task, ...]

    @property
    def sha256(self) -> str:
        return hashlib.sha256("\n".join(map(fingerprint, self.tasks)).encode()).hexdigest()

    def sample(self, split: str = "all", limit: int = 0) -> tuple[Task, ...]:
        """The tasks of a split, `limit` of them at most: the same each time, and as many of each domain as can be.

        Raises `UsageProblem` when there are none.
        """
        tasks = [task for task in self.tasks if split in ("all", task.split)]
        if not tasks:
            raise UsageProblem(f"The suite {self.name} has no tasks in the split {split!r}.")
        if not limit or limit >= len(tasks):
            return tuple(tasks)
        chosen = sorted(tasks, key=lambda task: _place(task, tasks))[:limit]
        return tuple(task for task in tasks if task in chosen)


def load_suite(name: str) -> Suite:
    """The suite of that name or at that path. Raises `UsageProblem` when it is none."""
    if name in SUITES:
        module = importlib.import_module(f"{_checkout()}.{name}")
        return Suite(name, tuple(module.TASKS))
    path = Path(name).expanduser()
    if not path.exists():
        raise UsageProblem(f"There is no suite {name!r}: give {', '.join(SUITES)}, or the path of a Python file.")
    module = load_module(path)
    tasks: Sequence[Any] = tuple(getattr(module, "TASKS", ()))
    if not tasks or not all(isinstance(task, Task) for task in tasks):
        raise UsageProblem(f"{path} is no suite: its TASKS must be `codeact_jupyter.evaluation.task.Task`s.")
    names = [task.name for task in tasks]
    if twice := sorted({each for each in names if names.count(each) > 1}):
        raise UsageProblem(f"{path} has several tasks of one name: {', '.join(twice)}.")
    return Suite(path.stem, tuple(tasks))


def _checkout() -> str:
    """The package of the suites that lie in this checkout, importable from here on. Raises `UsageProblem`."""
    root = Path(__file__).resolve().parents[2]
    for place in (root, Path.cwd(), *Path.cwd().parents):
        if (place / "benchmarks" / "suites" / "__init__.py").exists():
            if str(place) not in sys.path:
                sys.path.append(str(place))
            return "benchmarks.suites"
    raise UsageProblem("The suites lie in a checkout of codeact-jupyter, in benchmarks/suites: run this in one.")


def load_module(path: Path) -> ModuleType:
    """The Python file or package at the path, under a name of its own; what lies beside it can be imported.

    Raises `UsageProblem` when it cannot be imported.
    """
    path = path.resolve()
    source = path / "__init__.py" if path.is_dir() else path
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, source) if source.is_file() else None
    if spec is None or spec.loader is None:
        raise UsageProblem(f"{path} is neither a Python file nor a package.")
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise UsageProblem(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def load_function(name: str) -> Callable[..., Any]:
    """The function at `FILE.py:FUNCTION` or `MODULE:FUNCTION`. Raises `UsageProblem` when there is none."""
    place, _, function = name.rpartition(":")
    try:
        module = load_module(Path(place)) if place.endswith(".py") else importlib.import_module(place)
        found: Callable[..., Any] = getattr(module, function)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageProblem(f"There is no function {name!r} ({error}): give FILE.py:FUNCTION.") from error
    return found


def _place(task: Task, tasks: Sequence[Task]) -> tuple[int, str]:
    """A task's place in the order in which tasks are chosen: the first of each domain, then the second, and so on."""
    shuffled = sorted(
        (each.name for each in tasks if each.domain == task.domain),
        key=lambda name: hashlib.sha256(name.encode()).hexdigest(),
    )
    return shuffled.index(task.name), hashlib.sha256(task.domain.encode()).hexdigest()
