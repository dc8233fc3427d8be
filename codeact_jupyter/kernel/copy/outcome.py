"""The outcome of a trial: read off the copy's report, the calls that were refused, and how the copy ended."""

from __future__ import annotations

import base64
import dataclasses
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import effects as known
from .effects import Effect
from .failing import Failing

Outcome = Literal["ran", "raised", "wants_more", "not_tried"]

BUSY = "a cell is running"
STOPPED = "it was stopped"


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome of trying a cell.

    Attributes:
        outcome: `ran`; `raised` an error; `wants_more` than a copy may do; `not_tried`, or not to its end.
        observation: as the model would read it, had the cell run; empty if it did not end.
        outputs: the outputs as text for a person, bounded.
        figures: small figures, as PNG.
        added: names that are new.
        changed: names that hold something else, or something of another shape.
        removed: names that are gone.
        error: the exception in a line.
        line: of the cell, from 1, at which it raised.
        failing: the expression that raised, and what there is instead.
        wants: effects that were refused, in order.
        forgone: effects that were refused and that the code went on without, such as writing a cache.
        reason: why it was not tried, or not to its end; without a full stop.
        seconds: that the cell took.
    """

    outcome: Outcome
    observation: str = ""
    outputs: str = ""
    figures: tuple[bytes, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    error: str = ""
    line: int | None = None
    failing: Failing | None = None
    wants: tuple[Effect, ...] = ()
    forgone: tuple[Effect, ...] = ()
    reason: str = ""
    seconds: float = 0.0


def read_trial(
    told: Mapping[str, Any], wants: Sequence[Effect], forgone: Sequence[Effect], reason: str, status: int | None
) -> Trial:
    """Return the trial.

    Args:
        told: the copy's report.
        wants: effects that were refused.
        forgone: effects that were refused quietly.
        reason: why the copy was ended early; empty if it was not.
        status: of the copy's process, as `waitpid` gives it; None if it is not known.
    """
    if told.get("busy"):
        return Trial("not_tried", reason=BUSY)
    if "broken" in told and "observation" not in told:
        return Trial("not_tried", reason=f"the copy could not be made ({told['broken']})")
    if told.get("prior") is False:
        return Trial("not_tried", reason="the step before it does not run in a copy")
    noted = [Effect(**effect) for effect in told.get("effects", ())]
    named = _named([*wants, *noted], told.get("names", {}))
    if "observation" not in told:
        return _cut_off(named, forgone, reason, status)
    if told["refused"] and not named:
        named = tuple(forgone) or ((known.CONNECTION,) if told["refused"] == "EBADF" else ())
    if told["foreign"] and not named:
        return Trial("not_tried", reason="it waits for a task of the kernel's own event loop")
    outcome: Outcome = "wants_more" if named else "raised" if told["raised"] else "ran"
    failing = told.get("failing")
    return Trial(
        outcome,
        told["observation"],
        told["outputs"],
        tuple(map(base64.b64decode, told["figures"])),
        tuple(told["added"]),
        tuple(told["changed"]),
        tuple(told["removed"]),
        told["error"],
        told.get("line"),
        _failing(failing) if failing else None,
        named,
        tuple(forgone),
        "",
        told["seconds"],
    )


def _cut_off(wants: tuple[Effect, ...], forgone: Sequence[Effect], reason: str, status: int | None) -> Trial:
    """Return the trial of a copy that did not get to the end of its cell."""
    if not wants and not reason and status is not None and os.WIFEXITED(status):
        wants = (known.KERNEL,)
    if wants:
        return Trial("wants_more", wants=wants, forgone=tuple(forgone))
    if not reason and status is not None:
        number = os.WTERMSIG(status)
        said = signal.strsignal(number) or str(number)
        reason = "it took too much memory" if number == signal.SIGKILL else f"the copy crashed ({said.lower()})"
    return Trial("not_tried", forgone=tuple(forgone), reason=reason or "the copy ended without a word")


def _named(effects: Sequence[Effect], names: Mapping[str, str]) -> tuple[Effect, ...]:
    """Return the effects with the program and the host that the copy knows the names of."""
    found = []
    for effect in dict.fromkeys(effects):
        if effect == known.PROGRAM and names.get("program"):
            effect = dataclasses.replace(effect, what=f"`{names['program']}`")
        elif effect == known.NETWORK and names.get("host"):
            effect = dataclasses.replace(effect, what=f"the network (`{names['host']}`)")
        found.append(effect)
    return tuple(found)


def _failing(told: Mapping[str, Any]) -> Failing:
    fields = {**told, "offers": tuple(told["offers"]), "span": tuple(told["span"]) if told["span"] else None}
    return Failing(**fields)
