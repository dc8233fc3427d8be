"""What is set side by side: the records of runs, by suite and model, and in these by mode and arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UsageProblem
from ..records import Folder, Record


@dataclass(frozen=True, slots=True)
class Run:
    """A run's folder by name, what it says about itself, and its records."""

    name: str
    about: Mapping[str, Any]
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One suite under one model: groups of records by name, such as `code/full`, in the order in which they come."""

    suite: str
    model: str
    groups: Mapping[str, Sequence[Record]]


def read_run(path: Path) -> Run:
    """The run in the folder. Raises `UsageProblem` when there is none."""
    folder = Folder(path)
    records = folder.records()
    if not records:
        raise UsageProblem(f"{path} holds no records of a run: give the directory that was its --out.")
    return Run(path.resolve().name, folder.about(), tuple(records))


def select(name: str) -> tuple[str, list[Record]]:
    """The one group that `DIR`, `DIR@MODE`, `DIR@ARM` or `DIR@MODE/ARM` means, and its label.

    Raises `UsageProblem` when that is none, or several.
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
    """The records by mode and arm."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(f"{record.mode}/{record.arm}", []).append(record)
    return groups


def sections(runs: Sequence[Run]) -> list[Section]:
    """The records of all runs by suite and model; what two runs have under one label gets the run's name too."""
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
