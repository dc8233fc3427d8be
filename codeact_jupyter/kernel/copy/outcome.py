"""The outcome of a trial, from the copy's report, the refused system calls and the exit status."""

from __future__ import annotations

import base64
import dataclasses
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...session.evidence import Evidence
from ...session.messages import Reach
from ...session.tables import Table, tables_from_json
from ...text import one_line, shorten
from . import effects as known
from .effects import Effect
from .failing import Failing

Outcome = Literal["ran", "raised", "wants_more", "not_tried"]

ADVICE_CHARS = 700
BUSY = "a cell is running"
COMPUTING = "a thread of the notebook is computing"
STOPPED = "it was stopped"
TOO_LARGE = "it took too much memory"


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome of trying a cell.

    Attributes:
        outcome: `ran`; `raised` an error; `wants_more`: it has effects outside; `not_tried`, or not to the end.
        observation: The observation that the model would read; empty if the cell did not end.
        outputs: The outputs as text for the user, shortened.
        figures: Small figures, as PNG.
        added: New names.
        changed: Names that were rebound, or whose object changed.
        changes: How these changed, one text each.
        removed: Deleted names.
        error: The exception in one line.
        line: The line of the cell that raised, from 1.
        failing: The expression that raised, and the names that exist instead.
        advice: What the error brought to light, as the observation tells it: the columns that there are, a signature.
        wants: Effects outside, in order: refused, or on stand-ins.
        reason: Why it was not tried, or not to the end; without a full stop.
        memory: Bytes that were free, if they were not enough.
        seconds: Duration of the cell.
        evidence: What its result rests on, if that was found out.
        tables: The tables in the observation.
        reach: The least reach that it needs; `all` also if that was not found out.
    """

    outcome: Outcome
    observation: str = ""
    outputs: str = ""
    figures: tuple[bytes, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    error: str = ""
    line: int | None = None
    failing: Failing | None = None
    advice: str = ""
    wants: tuple[Effect, ...] = ()
    reason: str = ""
    seconds: float = 0.0
    memory: int = 0
    evidence: Evidence | None = None
    tables: tuple[Table, ...] = ()
    reach: Reach = "all"

    @property
    def is_idle(self) -> bool:
        """True if it ran, showed nothing, and only bound names again, to objects that are described as before."""
        is_silent = self.outcome == "ran" and not (self.outputs or self.figures or self.added or self.removed)
        return (
            is_silent
            and bool(self.changes)
            and all(text.startswith("replaces ") and ": " not in text for text in self.changes)
        )


def read_trial(
    report: Mapping[str, Any],
    wants: Sequence[Effect],
    optional: Sequence[Effect],
    reason: str,
    status: int | None,
    *,
    beyond: bool = True,
) -> Trial:
    """Return the trial.

    Args:
        report: The copy's report.
        wants: Effects outside.
        optional: Refused effects that count only if they led to the error, such as writing a cache.
        reason: Why the copy was ended early; empty if it was not.
        status: Exit status of the copy, as returned by `waitpid`; None if it is not known.
        beyond: An effect was refused; otherwise all `wants` are files in the notebook's folder.
    """
    if report.get("busy"):
        return Trial("not_tried", reason=BUSY)
    if "broken" in report and "observation" not in report:
        return Trial("not_tried", reason=f"the copy could not be made ({report['broken']})")
    if report.get("prior") is False:
        return Trial("not_tried", reason="the step before it does not run in a copy")
    noted = [Effect(**effect) for effect in report.get("effects", ())]
    named = _named([*wants, *noted], report.get("names", {}))
    if "observation" not in report:
        return _unfinished(report, named, reason, status)
    if report["refused"] and not named:
        named = tuple(optional) or ((known.CONNECTION,) if report["refused"] == "EBADF" else ())
    if report["foreign"] and not named:
        return Trial("not_tried", reason="it waits for a task of the kernel's own event loop")
    outcome: Outcome = "wants_more" if named else "raised" if report["raised"] else "ran"
    failing = report.get("failing")
    return Trial(
        outcome,
        report["observation"],
        report["outputs"],
        tuple(map(base64.b64decode, report["figures"])),
        tuple(report["added"]),
        tuple(report["changed"]),
        tuple(report["changes"]),
        tuple(report["removed"]),
        report["error"],
        report.get("line"),
        _failing(failing) if failing else None,
        shorten(one_line(report.get("advice", "")), ADVICE_CHARS),
        named,
        "",
        report["seconds"],
        report["memory"] if report.get("too_large") else 0,
        tables=tables_from_json(report.get("tables", ())),
        reach=_reach(outcome, is_known=not (beyond or noted or report["raised"])),
    )


def _reach(outcome: Outcome, *, is_known: bool) -> Reach:
    """Return the reach that a cell needs. An error of its own also comes in a real run, one from a refusal does not."""
    if outcome != "wants_more":
        return "read-only"
    return "workspace" if is_known else "all"


def _unfinished(report: Mapping[str, Any], wants: tuple[Effect, ...], reason: str, status: int | None) -> Trial:
    """Return the trial of a copy that ended before its cell did."""
    if not wants and not reason and status is not None and os.WIFEXITED(status):
        wants = (known.KERNEL,)
    if wants:
        return Trial("wants_more", wants=wants)
    if not reason and status is not None:
        number = os.WTERMSIG(status)
        name = signal.strsignal(number) or str(number)
        reason = TOO_LARGE if number == signal.SIGKILL else f"the copy crashed ({name.lower()})"
    facts = " ".join(report.get("facts", ()))
    memory = report.get("memory", 0) if reason == TOO_LARGE else 0
    return Trial("not_tried", advice=facts, reason=reason or "the copy ended without a result", memory=memory)


def _named(effects: Sequence[Effect], names: Mapping[str, str]) -> tuple[Effect, ...]:
    """Return the effects, with the names of the program and the host where the report has them."""
    found = []
    for effect in dict.fromkeys(effects):
        if effect == known.PROGRAM and names.get("program"):
            effect = dataclasses.replace(effect, what=f"`{names['program']}`")
        elif effect == known.NETWORK and names.get("host"):
            effect = dataclasses.replace(effect, what=f"the network (`{names['host']}`)")
        found.append(effect)
    return tuple(found)


def _failing(fields: Mapping[str, Any]) -> Failing:
    span = tuple(fields["span"]) if fields["span"] else None
    readings = tuple(map(tuple, fields["readings"]))
    return Failing(**{**fields, "offers": tuple(fields["offers"]), "span": span, "readings": readings})
