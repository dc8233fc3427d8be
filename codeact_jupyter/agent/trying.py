"""Try code in a copy of the kernel before the user sees it, and mend code that raises an error there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..kernel.copy.outcome import Trial
from ..session.messages import Tried
from .mends import mends

TryCell = Callable[[str], Trial]
MENDS = 3  #: maximum number of trials of mended code for one candidate


class Trials(Protocol):
    """Runs cells in copies of the kernel, one at a time."""

    def try_cell(self, source: str) -> Trial:
        """Try a cell.

        Args:
            source: The cell.

        Returns:
            Its outcome.
        """

    def stop(self) -> None:
        """End the current trial at once, and try nothing until `resume`. Safe from any thread."""

    def resume(self) -> None:
        """Allow trials again after `stop`."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """Code, as the model wrote it or mended, and its trial."""

    code: str  #: as the model wrote it, or mended
    trial: Trial | None = None  #: its trial, if there was one


def attempt(code: str, try_cell: TryCell, *, mend: bool) -> Attempt:
    """Try code and, where a mend applies, mended versions of it.

    Args:
        code: The code.
        try_cell: Runs a cell in a copy of the kernel.
        mend: True to try mended code too; a version that runs to its end is preferred.

    Returns:
        The code, or mended code, with its trial.
    """
    trial = try_cell(code)
    if mend and trial.outcome in ("ran", "raised"):
        return _mended(code, trial, try_cell) or Attempt(code, trial)
    return Attempt(code, trial)


def _mended(code: str, trial: Trial, try_cell: TryCell) -> Attempt | None:
    """Return mended code that does not raise, or None. A version that raises another error is mended in turn."""
    candidates, tries = mends(code, trial), MENDS
    while tries and (changed := next(candidates, None)) is not None:
        tries -= 1
        then = try_cell(changed)
        if then.outcome in ("ran", "wants_more"):
            return Attempt(changed, then)
        if then.outcome == "not_tried":
            return None
        if trial.outcome == "raised" and then.error != trial.error:
            trial = then
            candidates = mends(changed, then)
    return None


def tried_of(trial: Trial) -> Tried:
    """Convert a trial for the session.

    Args:
        trial: The trial.

    Returns:
        The parts that are shown and journalled, with effects as text.
    """
    return Tried(
        trial.outcome,
        trial.observation,
        trial.outputs,
        tuple(effect.would for effect in trial.wants),
        trial.added,
        trial.changed,
        trial.removed,
        trial.error,
        trial.reason,
        trial.seconds,
        trial.figures,
    )
