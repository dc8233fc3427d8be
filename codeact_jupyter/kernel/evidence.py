"""What the result of a step rests on: whether to find out, and the outcome of the experiment.

The experiment is made in a sandboxed copy of the kernel of its own (`copy.experiment`), once for a step that ran to its
end in its trial. The copy reports after each part of it, so that one that is ended early still has an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..session.evidence import Evidence
from ..text import one_line, shorten
from .copy.outcome import Trial

SECONDS = 0.4  #: time limit of an experiment, without the making of the copy
STARTING = 1.0  #: seconds in addition to that after which the copy is ended
LABELS = 60  #: most columns and objects that are kept
NAMES = 200  #: most names and columns that a step binds
CHARS = 120


def obstacle(trial: Trial, seconds: float) -> str:
    """Return why no experiment is to be made.

    Args:
        trial: The trial of the step.
        seconds: Time limit of the experiment.

    Returns:
        The reason without a full stop; empty if there is none.
    """
    if trial.outcome != "ran":
        return "the step did not run to its end in its trial"
    if not seconds:
        return "it is switched off"
    return "the step takes too long to be run again and again" if trial.seconds > seconds else ""


def read_evidence(fields: Mapping[str, Any], reason: str) -> Evidence:
    """Return the evidence that a copy reports. What it reports is bounded: the cell could write it, too.

    Args:
        fields: The report.
        reason: Why the copy was ended early; empty if it was not.
    """
    told = fields.get("evidence")
    if not isinstance(told, dict):
        return Evidence(reason=reason or "the experiment was not finished")
    try:
        rows = told["rows"]
        return Evidence(
            _labels(told["rests_on"]),
            _labels(told["independent_of"]),
            None if rows is None else int(rows),
            bool(told["tried"]),
            shorten(one_line(str(told["reason"] or reason)), CHARS),
            bool(told["independent"]),
            _labels(told["named"]),
            tuple((shorten(one_line(str(name)), CHARS), _labels(labels)) for name, labels in told["names"][:NAMES]),
        )
    except (KeyError, TypeError, ValueError):
        return Evidence(reason="the experiment has no outcome")


def _labels(told: Sequence[Any]) -> tuple[str, ...]:
    return tuple(shorten(one_line(str(label)), CHARS) for label in told[:LABELS])
