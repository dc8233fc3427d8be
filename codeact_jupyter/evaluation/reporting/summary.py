"""Summarise records: success with its interval, costs, invalid actions. Needs the extra `eval`."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..records import Record


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its Wilson interval of 95 %."""

    count: int  #: how many
    total: int  #: of how many
    low: float  #: lower bound
    high: float  #: upper bound
    value: float  #: the share, 0 to 1


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers of a group of records. Means are per attempt; seconds and tokens include discarded replies."""

    attempts: int  #: number of records
    first: Share  #: attempts whose first answer is right
    after_refusals: Share  #: those, and those with a right answer after refused ones
    answered: int  #: attempts with an answer
    turns: float  #: replies that were taken
    generated_tokens: float  #: tokens of all replies
    tokens_per_solved: float | None  #: all generated tokens by the number of solved tasks
    seconds_median: float  #: of an attempt
    seconds_total: float  #: of all attempts
    seconds_by_part: dict[str, float]  #: mean seconds of the model reading, of it writing, and the rest: actions
    discarded: float  #: replies that were not shown
    ungrounded: int  #: attempts with an answer that has a number or quoted name that nothing showed
    actions: int  #: actions that were shown
    invalid: float  #: shown actions that raised a name, syntax, import, signature or column error
    invalid_share: Share  #: those, of all shown actions
    kinds: dict[str, int]  #: those by kind
    raised: dict[str, int]  #: shown actions by the class of the exception they raised
    statuses: dict[str, int]  #: attempts by status


def _share(count: int, total: int) -> Share:
    """Return the share with its Wilson interval; of nothing, the interval is 0 to 1."""
    from statsmodels.stats.proportion import proportion_confint

    if not total:
        return Share(0, 0, 0.0, 1.0, 0.0)
    low, high = proportion_confint(count, total, alpha=0.05, method="wilson")
    return Share(count, total, float(low), float(high), count / total)


def summarise(records: Sequence[Record]) -> Summary:
    """Summarise a group of records.

    Args:
        records: At least one.

    Returns:
        The numbers.
    """
    count = len(records)
    solved = sum(record.right for record in records)
    generated = sum(record.generated_tokens for record in records)
    actions = sum(len(record.steps) for record in records)
    kinds = _sum(record.invalid for record in records)
    seconds = [record.seconds for record in records]
    return Summary(
        attempts=count,
        first=_share(solved, count),
        after_refusals=_share(sum(record.right_after_refusal for record in records), count),
        answered=sum(record.answer is not None for record in records),
        turns=sum(record.turns for record in records) / count,
        generated_tokens=generated / count,
        tokens_per_solved=generated / solved if solved else None,
        seconds_median=statistics.median(seconds),
        seconds_total=sum(seconds),
        seconds_by_part=_parts(records),
        discarded=sum(record.discarded for record in records) / count,
        ungrounded=sum(bool(record.ungrounded) for record in records),
        actions=actions,
        invalid=sum(kinds.values()) / count,
        invalid_share=_share(min(sum(kinds.values()), actions), actions),
        kinds=kinds,
        raised=_sum(record.raised for record in records),
        statuses=dict(Counter(record.status for record in records)),
    )


def _parts(records: Sequence[Record]) -> dict[str, float]:
    reading = sum(record.reading_seconds for record in records) / len(records)
    writing = sum(record.writing_seconds for record in records) / len(records)
    total = sum(record.seconds for record in records) / len(records)
    return {"reading": reading, "writing": writing, "acting": max(0.0, total - reading - writing)}


def _sum(counts: Iterable[Any]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total.most_common())
