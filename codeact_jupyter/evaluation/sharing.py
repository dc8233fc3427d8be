"""Which attempts need not be made: what differs between them and one that was made had no part in it.

Replies are taken greedily at temperature 0. As long as each first candidate is taken, no other is sampled, so that the
seed has no part; nor have the techniques that find faults or deal with them. Explanations of errors need a step that
failed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .records import Key, Record

SCREENING = frozenset({"validate", "inference", "resample", "vote", "repair", "breaker", "evidence"})
EXPLAINING = frozenset({"inference", "hints"})
LOST = ("killed", "error", "failed")  #: how an attempt ends that says nothing of another


def shared(key: Key, records: Iterable[Record], temperature: float) -> Record | None:
    """The record for `key` when one of these would come out as it by construction; `same_as` tells of which it is."""
    task, mode, arm, seed = key
    for record in records:
        same = (record.task, record.mode) == (task, mode) and record.status not in LOST and not record.same_as
        if same and _is_any_seed(record, seed, temperature) and _is_any_arm(record, arm):
            return replace(record, arm=arm, seed=seed, same_as=f"{record.arm}, seed {record.seed}")
    return None


def _is_any_seed(record: Record, seed: int, temperature: float) -> bool:
    return record.seed == seed or (temperature == 0 and record.discarded == 0)


def _is_any_arm(record: Record, arm: str) -> bool:
    if record.arm == arm:
        return True
    name = arm.removeprefix("no-")
    if record.arm != "full" or name == arm:
        return False
    is_screening, is_explaining = name in SCREENING, name in EXPLAINING
    took_part = (is_screening and record.discarded) or (is_explaining and any(step.error for step in record.steps))
    return (is_screening or is_explaining) and not took_part
