"""Evidence of what the result of a step rests on: whether to look for it, and how a copy reports it.

The experiment is made in a sandboxed copy of the kernel of its own (`copy.experiment`), once for a step that ran to its
end in its trial. The copy reports after each part of it, so that one that is ended early still has an outcome.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ..namespace.static_lookup import is_exactly
from ..session.evidence import Evidence
from ..text import one_line, shorten
from .copy.outcome import Trial
from .copy.reads import imported_modules

SECONDS = 0.4  #: time limit of an experiment, in processor time, without the making of the copy
SLOWEST = 2.0  #: most seconds of a step's trial if it loads modules, or reads long data of which some rows do
LONG = 20_000  #: rows or items of long data
STARTING = 1.0 + SLOWEST  #: seconds in addition to its time limit after which the copy is ended
LABELS = 60  #: most columns and objects that are kept
NAMES = 60  #: most names and columns that a step binds
CHARS = 120


def obstacle(source: str, trial: Trial, seconds: float, namespace: Mapping[str, Any]) -> str:
    """Return why no experiment is to be made.

    Args:
        source: The step.
        trial: Its trial.
        seconds: Time limit of the experiment.
        namespace: Live objects by name.

    Returns:
        The reason without a full stop; empty if there is none.
    """
    if trial.outcome != "ran":
        return "the step did not run to its end in its trial"
    if not seconds:
        return "it is switched off"
    gets_faster = any(name not in sys.modules for name in imported_modules(source)) or any(
        _is_long(obj) and name in source for name, obj in list(namespace.items())
    )
    is_slow = trial.seconds > (SLOWEST if gets_faster else seconds)
    return "the step takes too long to be run again and again" if is_slow else ""


def _is_long(obj: object) -> bool:
    """Return True for long data of which the experiment takes some rows."""
    kinds = (("pandas", "DataFrame", "Series"), ("polars", "DataFrame", "Series"), ("numpy", "ndarray"))
    has_rows = type(obj) is list or any(is_exactly(obj, *kind) for kind in kinds)
    return has_rows and getattr(obj, "ndim", 1) > 0 and len(obj) > LONG  # type: ignore[arg-type]


def read_evidence(fields: Mapping[str, Any], reason: str) -> Evidence:
    """Return the evidence that a copy reports. What it reports is bounded: the cell could write it, too.

    Args:
        fields: The report.
        reason: Why the copy was ended early; empty if it was not.
    """
    told, reason = fields.get("evidence"), reason or ("" if fields.get("ended") else "the experiment was not finished")
    if not isinstance(told, dict):
        return Evidence(reason=reason or "the experiment has no outcome")
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
            tuple((shorten(one_line(str(label)), CHARS), int(count)) for label, count in told["few"][:LABELS]),
            int(told["first"]),
            int(told["runs"]),
        )
    except (KeyError, TypeError, ValueError):
        return Evidence(reason="the experiment has no outcome")


def _labels(told: Sequence[Any]) -> tuple[str, ...]:
    return tuple(shorten(one_line(str(label)), CHARS) for label in told[:LABELS])
