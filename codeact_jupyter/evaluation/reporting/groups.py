"""Group the records of runs by suite and model, and in these by mode and arm."""

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


@dataclass(frozen=True, slots=True)
class Section:
    """One suite under one model."""

    suite: str  #: its name
    model: str  #: its name
    groups: Mapping[
        str, Sequence[Record]
    ]  #: records by the name of the group, such as `code/full`, in the order of the runs


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


def sections(runs: Sequence[Run]) -> list[Section]:
    """Group the records of runs by suite and model.

    Args:
        runs: The runs.

    Returns:
        The sections. A label that two runs have in common gets the name of the run.
    """
    labelled = [
        (record.suite, record.model, label, run.name, record)
        for run in runs
        for label, records in by_label(run.records).items()
        for record in records
    ]
    sources: dict[tuple[str, str, str], set[str]] = {}
    for suite, model, label, source, _ in labelled:
        sources.setdefault((suite, model, label), set()).add(source)
    found: dict[tuple[str, str], dict[str, list[Record]]] = {}
    for suite, model, label, source, record in labelled:
        name = label if len(sources[suite, model, label]) == 1 else f"{label} ({source})"
        found.setdefault((suite, model), {}).setdefault(name, []).append(record)
    return [Section(suite, model, groups) for (suite, model), groups in found.items()]
