"""Read the records of runs, and group them by mode and arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UsageProblem
from ..records import Folder, Record


@dataclass(frozen=True, slots=True)
class Run:
    """A run."""

    name: str  #: of its folder
    about: Mapping[str, Any]  #: its `run.json`
    records: tuple[Record, ...]  #: its records


def read_run(path: Path) -> Run:
    """Read a run.

    Args:
        path: Path of its folder.

    Returns:
        The run.

    Raises:
        UsageProblem: The folder holds no records.
    """
    folder = Folder(path)
    records = folder.records()
    if not records:
        raise UsageProblem(f"{path} holds no records of a run: give the directory that was its --out.")
    return Run(path.resolve().name, folder.about(), tuple(records))


def select(name: str) -> tuple[str, list[Record]]:
    """Read one group of a run.

    Args:
        name: `DIR`, `DIR@MODE`, `DIR@ARM` or `DIR@MODE/ARM`.

    Returns:
        Its label, and its records.

    Raises:
        UsageProblem: The name means no group, or several.
    """
    place, _, wanted = name.partition("@") if not Path(name).exists() else (name, "", "")
    run = read_run(Path(place))
    groups = by_label(run.records)
    found = [label for label in groups if wanted in ("", label, *label.split("/"))]
    if len(found) != 1:
        choices = ", ".join(f"{place}@{label}" for label in groups)
        raise UsageProblem(f"{name} means {len(found) or 'none'} of the groups in this run. Give one of {choices}.")
    return f"{run.name}@{found[0]}", groups[found[0]]


def by_label(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Group records by mode and arm.

    Args:
        records: Records of a run.

    Returns:
        Records by label, such as `code/full`.
    """
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(f"{record.mode}/{record.arm}", []).append(record)
    return groups
