"""Group the records of runs by suite and model, and in these by mode and arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codeact_jupyter.evaluation.records import Record
from codeact_jupyter.evaluation.reporting.groups import Run, by_label


@dataclass(frozen=True, slots=True)
class Section:
    """One suite under one model."""

    suite: str  #: its name
    model: str  #: its name
    groups: Mapping[
        str, Sequence[Record]
    ]  #: records by the name of the group, such as `code/full`, in the order of the runs


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
