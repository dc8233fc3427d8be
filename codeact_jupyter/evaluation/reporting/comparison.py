"""Compare two groups of records on the same tasks by McNemar's test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...errors import UsageProblem
from ..records import Record


@dataclass(frozen=True, slots=True)
class Comparison:
    """Pairs of attempts at the same task with the same seed."""

    pairs: int  #: number of pairs
    difference: float  #: success of the first less that of the second, in percentage points
    both: int  #: pairs that both solved
    first_only: int  #: pairs that only the first solved
    second_only: int  #: pairs that only the second solved
    neither: int  #: pairs that none solved
    p: float  #: of McNemar's test, exact and two-sided
    first_tasks: tuple[str, ...]  #: tasks that only the first solved
    second_tasks: tuple[str, ...]  #: tasks that only the second solved

    def as_text(self, first: str, second: str) -> str:
        """Format for a terminal.

        Args:
            first: Name of the first group.
            second: Name of the second group.

        Returns:
            The numbers, and the tasks that only one solved.
        """
        lines = [
            f"A  {first}: {self.both + self.first_only} of {self.pairs} right",
            f"B  {second}: {self.both + self.second_only} of {self.pairs} right",
            "",
            f"both right {self.both} · only A {self.first_only} · only B {self.second_only} · neither {self.neither}",
            f"A − B = {self.difference:+.1f} points, McNemar's exact p = {self.p:.4f}",
        ]
        for name, tasks in (("A", self.first_tasks), ("B", self.second_tasks)):
            lines += [f"only {name}: {', '.join(tasks)}"] if tasks else []
        return "\n".join(lines)


def compare(first: Sequence[Record], second: Sequence[Record]) -> Comparison:
    """Pair the records by task and seed, and compare.

    Args:
        first: Records of the first group.
        second: Records of the second group; those without a partner are left out, in the first too.

    Returns:
        The comparison.

    Raises:
        UsageProblem: They have no task and seed in common.
    """
    from statsmodels.stats.contingency_tables import mcnemar

    others = {(record.suite, record.task, record.seed): record for record in second}
    pairs = [(record, other) for record in first if (other := others.get((record.suite, record.task, record.seed)))]
    if not pairs:
        raise UsageProblem("The two have no task and seed in common, so they cannot be compared.")
    counts = {(a, b): 0 for a in (True, False) for b in (True, False)}
    for one, other in pairs:
        counts[one.right, other.right] += 1
    table = [[counts[True, True], counts[True, False]], [counts[False, True], counts[False, False]]]
    return Comparison(
        pairs=len(pairs),
        difference=100 * (counts[True, False] - counts[False, True]) / len(pairs),
        both=counts[True, True],
        first_only=counts[True, False],
        second_only=counts[False, True],
        neither=counts[False, False],
        p=min(1.0, float(mcnemar(table, exact=True).pvalue)),
        first_tasks=_names(one for one, other in pairs if one.right and not other.right),
        second_tasks=_names(other for one, other in pairs if other.right and not one.right),
    )


def _names(records: Iterable[Record]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(record.task for record in records))
