"""Read problem sets: Python files whose cells are reference solutions, with the question in a leading YAML string."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.models.folders import cache_directory

_CELL = "# %%\n"
_HEADED = re.compile(r'r?"""(?P<head>.+?)"""\n(?P<code>.+)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a problem set: a problem, or without a question a preparation of those after it."""

    code: str  #: the reference solution, or the preparation
    question: str = ""  #: empty for a preparation
    number: int = 0  #: of the problem in its set, from 1
    validator: Mapping[str, Any] = field(default_factory=dict)  #: as in the file
    forbidden: tuple[str, ...] = ()  #: names that the solution must do without


@dataclass(frozen=True, slots=True)
class ProblemSet:
    """A file of problems that follow one another."""

    name: str  #: `BENCHMARK/FILE`, such as `exercise/10-deleting-iris`
    cells: tuple[Cell, ...]  #: in their order
    inputs: Path | None  #: folder that the code reads as `inputs`; None if there is none

    @property
    def problems(self) -> tuple[Cell, ...]:
        """The cells with a question."""
        return tuple(cell for cell in self.cells if cell.question)


def read_set(path: Path) -> ProblemSet:
    """Read a problem set.

    Args:
        path: Its file.

    Returns:
        The set.
    """
    cells: list[Cell] = []
    for text in path.read_text(encoding="utf-8").split(_CELL)[1:]:
        if text.strip():
            cells.append(_read_cell(text.strip(), sum(bool(cell.question) for cell in cells) + 1))
    folders = (path.parent / "_inputs" / path.stem, path.parent / "_inputs")
    inputs = next((folder for folder in folders if folder.is_dir()), None)
    return ProblemSet(f"{path.parent.name}/{path.stem}", tuple(cells), inputs)


def read_benchmark(folder: Path, name: str) -> list[ProblemSet]:
    """Read all problem sets of a benchmark.

    Args:
        folder: A checkout of DSEval, or a folder that holds the benchmark's.
        name: Name of the benchmark, such as `exercise`.

    Returns:
        The sets, by name.

    Raises:
        UsageProblem: There is none.
    """
    place = next((each for each in (folder / "benchmarks" / name, folder / name) if each.is_dir()), None)
    files = sorted(place.glob("[!_]*.py")) if place else []
    if not files:
        raise UsageProblem(f"There are no problem sets {name!r} in {folder}: give a checkout of MetaCopilot/dseval.")
    return [read_set(path) for path in files]


def unpack(folder: Path) -> Path:
    """Return the folder to read: the given one, or for a git directory the files of its HEAD, in the cache directory.

    Args:
        folder: A checkout, or a git directory without a work tree.

    Raises:
        UsageProblem: It is no folder, or git cannot read it.
    """
    if not folder.is_dir():
        raise UsageProblem(f"There is no folder {folder}: give a checkout of MetaCopilot/dseval.")
    if not (folder / "HEAD").is_file() or not (folder / "objects").is_dir():
        return folder
    commit = _git(folder, "rev-parse", "HEAD").decode().strip()
    target = cache_directory() / "dseval" / commit
    if not (target / "complete").exists():
        names = _git(folder, "ls-tree", "-r", "-z", "--name-only", commit, "benchmarks", "results").decode().split("\0")
        for name in filter(None, names):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            content = _git(folder, "cat-file", "blob", f"{commit}:{name}", missing=True)
            if content is not None:
                (target / name).write_bytes(content)
        (target / "complete").touch()
    return target


def _read_cell(text: str, number: int) -> Cell:
    import yaml

    headed = _HEADED.fullmatch(text)
    if headed is None:
        return Cell(text)
    head = yaml.safe_load(headed["head"]) or {}
    forbidden = (head.get("execution") or {}).get("forbid_names") or ()
    question = str(head.get("question") or "").strip()
    return Cell(headed["code"].strip(), question, number, head.get("validator") or {}, tuple(forbidden))


def _git(folder: Path, *words: str, missing: bool = False) -> Any:
    done = subprocess.run(
        ["git", f"--git-dir={folder}", *words],
        capture_output=True,
        check=False,
        env={**os.environ, "GIT_NO_LAZY_FETCH": "1"},
    )
    if done.returncode and not missing:
        raise UsageProblem(f"git cannot read {folder}: {done.stderr.decode(errors='replace').strip()}")
    return None if done.returncode else done.stdout
