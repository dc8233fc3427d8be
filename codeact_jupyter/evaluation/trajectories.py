"""The attempts of a run as trajectories to train a model on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..dialects.trajectories import Trajectory
from ..session.event_json import from_json
from .records import Record


def trajectories_of(records: Iterable[Record], *, only_right: bool) -> Iterator[tuple[Trajectory, str]]:
    """Yield the attempts of a run, the same ones in the same order whatever machines they were made on.

    Args:
        records: The records, in the order of the plan.
        only_right: Leave out those whose answer is not right.

    Yields:
        Each attempt with the reason to leave it out; empty if there is none.
    """
    for record in records:
        is_right = record.right or record.right_after_refusal
        went = "right" if is_right else "wrong" if record.answer is not None else record.status
        events = tuple(from_json(dict(event)) for event in record.events)
        setting = f"{record.arm}-{went}"
        yield (
            Trajectory(record.task, record.seed, events, kind=record.suite, setting=setting),
            _reason(record, is_right=is_right or not only_right),
        )


def _reason(record: Record, *, is_right: bool) -> str:
    if record.same_as:
        return "copied from another attempt"
    if not record.events:
        return "no conversation with this agent"
    return "" if is_right else "not right"
