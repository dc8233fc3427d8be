"""Records to numbers: success with its interval, costs, and how many actions were invalid. Needs the extra `eval`."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..records import Record


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, with the Wilson interval of 95 %."""

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.count / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a group of records says. Means are per attempt."""

    attempts: int
    first: Share  #: the first answer is right
    after_refusals: Share  #: that, or one after refused answers
    answered: int
    turns: float
    generated_tokens: float
    tokens_per_solved: float | None  #: all generated tokens by the number of solved tasks
    seconds_median: float
    seconds_total: float
    seconds_by_part: dict[str, float]  #: mean seconds that the model read, that it wrote, and the rest: the actions
    discarded: float
    actions: int  #: shown to the user
    invalid: float  #: shown actions that raised a name, syntax, import, signature or column error
    invalid_share: Share  #: of all shown actions
    kinds: dict[str, int]  #: of these errors
    raised: dict[str, int]  #: all that shown actions raised, by class
    statuses: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """As plain data, shares with their value."""
        data = asdict(self)
        for name in ("first", "after_refusals", "invalid_share"):
            data[name]["value"] = getattr(self, name).value
        return data


def share(count: int, total: int) -> Share:
    """The share with its Wilson interval; of nothing, anything may be true."""
    from statsmodels.stats.proportion import proportion_confint

    if not total:
        return Share(0, 0, 0.0, 1.0)
    low, high = proportion_confint(count, total, alpha=0.05, method="wilson")
    return Share(count, total, float(low), float(high))


def summarise(records: Sequence[Record]) -> Summary:
    """The numbers of a group of records, which must not be empty."""
    count = len(records)
    solved = sum(record.right for record in records)
    generated = sum(record.generated_tokens for record in records)
    actions = sum(len(record.steps) for record in records)
    kinds = _sum(record.invalid for record in records)
    seconds = [record.seconds for record in records]
    return Summary(
        attempts=count,
        first=share(solved, count),
        after_refusals=share(sum(record.right_after_refusal for record in records), count),
        answered=sum(record.answer is not None for record in records),
        turns=sum(record.turns for record in records) / count,
        generated_tokens=generated / count,
        tokens_per_solved=generated / solved if solved else None,
        seconds_median=statistics.median(seconds),
        seconds_total=sum(seconds),
        seconds_by_part=_parts(records),
        discarded=sum(record.discarded for record in records) / count,
        actions=actions,
        invalid=sum(kinds.values()) / count,
        invalid_share=share(min(sum(kinds.values()), actions), actions),
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
