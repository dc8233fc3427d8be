"""Try code in a copy of the kernel before the user sees it, and mend code that raises an error there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..kernel.copy.outcome import Trial
from ..namespace.bindings import assigned_names, incidental_names
from ..session.evidence import Evidence
from ..session.messages import Approval, Event, Proposal, Tried
from ..session.transcript import this_episode
from .copies import is_plain, on_copies
from .mends import mends

TryCell = Callable[[str], Trial]
SLOW = 5.0  #: seconds of a cell above which it is tried in no other version
SPARED = 3  #: maximum number of objects of the user that are spared by one candidate
MENDS = 3  #: maximum number of trials of mended code for one candidate


class TriesCells(Protocol):
    """Runs cells in copies of the kernel, one at a time."""

    def try_cell(self, source: str) -> Trial:
        """Try a cell.

        Args:
            source: The cell.

        Returns:
            Its outcome.
        """

    def evidence(self, source: str, trial: Trial, question: str) -> Evidence:
        """Find out what the result of a cell rests on.

        Args:
            source: The cell.
            trial: Its trial.
            question: The question that it is for.

        Returns:
            The outcome of the experiment.
        """


class Trials(TriesCells, Protocol):
    """The same, after other cells, and with a stop."""

    def try_cell(self, source: str, *, prior: Sequence[str] = ()) -> Trial:
        """Try a cell.

        Args:
            source: The cell.
            prior: Cells that are run before it in the same copy; read when the copy is made.

        Returns:
            Its outcome.
        """

    def evidence(self, source: str, trial: Trial, question: str, *, prior: Sequence[str] = ()) -> Evidence:
        """Find out what the result of a cell rests on.

        Args:
            source: The cell.
            trial: Its trial.
            question: The question that it is for.
            prior: Cells that are run before it in the same copy; read when the copy is made.

        Returns:
            The outcome of the experiment.
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


def attempt(code: str, try_cell: TryCell, *, mend: bool, namespace: Mapping[str, Any] | None = None) -> Attempt:
    """Try code and, where a mend applies, mended versions of it.

    Args:
        code: The code.
        try_cell: Runs a cell in a copy of the kernel.
        mend: True to try mended code too; a version that runs to its end is preferred.
        namespace: Live objects by name.

    Returns:
        The code, or mended code, with its trial.
    """
    trial = try_cell(code)
    if mend and trial.outcome in ("ran", "raised"):
        return _mended(code, trial, try_cell, namespace or {}) or Attempt(code, trial)
    return Attempt(code, trial)


def _mended(code: str, trial: Trial, try_cell: TryCell, namespace: Mapping[str, Any]) -> Attempt | None:
    """Return mended code that does not raise, else mended code that raises in a later line, else None.

    A version that raises another error is mended in turn.
    """
    candidates, tries = mends(code, trial, namespace), MENDS
    furthest, found = _line_from_end(code, trial), None
    while tries and (changed := next(candidates, None)) is not None:
        tries -= 1
        then = try_cell(changed)
        if then.outcome in ("ran", "wants_more"):
            return Attempt(changed, then)
        if then.outcome == "not_tried":
            break
        if trial.outcome == "raised" and _error(then) != _error(trial):
            is_code = not then.error.startswith("SyntaxError")
            if is_code and (line := _line_from_end(changed, then)) > furthest:
                furthest, found = line, Attempt(changed, then)
            trial = then
            candidates = mends(changed, then, namespace)
    return found


def _line_from_end(code: str, trial: Trial) -> int:
    """Return the line that raised, counted from the last one, which is 0; a mend may add a line above."""
    return (trial.line or 1) - 1 - code.count("\n")


def _error(trial: Trial) -> tuple[str, str]:
    """Return the error and the expression that raised it."""
    return trial.error, trial.failing.expression if trial.failing else ""


def spare(
    found: Attempt,
    namespace: Mapping[str, Any],
    made: Collection[str],
    try_cell: TryCell,
    is_wanted: Callable[[str], bool],
) -> Attempt:
    """Rewrite code that changes objects of the user so that it changes copies, if it then has the same outputs.

    Args:
        found: Code, and its trial.
        namespace: Live objects by name.
        made: Names that steps of this question made or changed: these may be changed again.
        try_cell: Runs a cell in a copy of the kernel.
        is_wanted: Asked for a name before its object is spared; True if the task wants that object to change.

    Returns:
        The rewritten code with its trial, or the attempt as it was.
    """
    for name in _users_names(found, namespace, made):
        spared = _spared(found, name, namespace, try_cell)
        if spared and not is_wanted(name):
            found = spared
    return found


def _users_names(found: Attempt, namespace: Mapping[str, Any], made: Collection[str]) -> list[str]:
    """Return the names that the code changes or deletes; of names of loops only those that hold more than a value."""
    trial, passing = found.trial, incidental_names(found.code)
    if trial is None or trial.outcome != "ran" or trial.seconds > SLOW:
        return []
    names = [name for name in (*trial.changed, *trial.removed) if name in namespace and name not in made]
    return [name for name in names if name not in passing or not is_plain(namespace[name])][:SPARED]


def _spared(found: Attempt, name: str, namespace: Mapping[str, Any], try_cell: TryCell) -> Attempt | None:
    """Return the first version with the same outputs that leaves the object as it is."""
    assert found.trial
    for code in on_copies(found.code, name, namespace[name], namespace):
        then = try_cell(code)
        if then.outcome == "not_tried":
            return None
        is_same = then.outcome == "ran" and _shown(then) == _shown(found.trial)
        if is_same and name not in (*then.changed, *then.removed):
            return Attempt(code, then)
    return None


def _shown(trial: Trial) -> tuple[str, int]:
    return trial.outputs, len(trial.figures)


def made_names(transcript: Sequence[Event]) -> set[str]:
    """Return the names that the approved steps of the current question bound or changed.

    Args:
        transcript: All events.
    """
    names: set[str] = set()
    tried = None
    for event in this_episode(transcript):
        if isinstance(event, Proposal):
            tried = event.tried
        elif isinstance(event, Approval):
            names |= {*assigned_names(event.source), *(tried.added + tried.changed if tried else ())}
    return names


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
        trial.memory,
        trial.changes,
        trial.figures,
        trial.evidence,
        trial.tables,
        trial.reach,
    )
