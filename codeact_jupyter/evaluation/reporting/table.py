"""Summaries as text for a terminal, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..records import Record
from .groups import by_label
from .summary import Share, Summary, summarise

_HEAD: tuple[str, ...] = (
    "",
    "right",
    "95 %",
    "after refusals",
    "turns",
    "tokens",
    "tokens/solved",
    "s (median)",
    "invalid/task",
    "of actions",
    "discarded",
)


def as_text(records: Sequence[Record], name: str = "") -> str:
    """Two tables: the numbers of each mode and arm, and how many tasks of each domain they solved."""
    groups = by_label(records)
    numbers = [(name, *_HEAD[1:]), *((title, *_cells(summarise(members))) for title, members in groups.items())]
    domains = sorted({record.domain for record in records})
    solved: list[tuple[str, ...]] = [("right by domain", *groups)]
    for domain in domains:
        own = [[record for record in members if record.domain == domain] for members in groups.values()]
        solved.append((domain, *(f"{sum(each.right for each in part)}/{len(part)}" for part in own)))
    return "\n\n".join(map(_aligned, [numbers, solved] if len(domains) > 1 else [numbers]))


def as_markdown(records: Sequence[Record]) -> str:
    """The first of these tables in Markdown."""
    lines = [_HEAD, ("---", *["---:"] * (len(_HEAD) - 1))]
    lines += [(title, *_cells(summarise(members))) for title, members in by_label(records).items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join([first.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]) for first, *rest in lines)


def as_json(records: Sequence[Record]) -> dict[str, Any]:
    """The same as plain data: mode/arm -> overall, and by domain."""
    return {
        title: {
            "overall": summarise(members).as_json(),
            "domains": {
                domain: summarise([record for record in members if record.domain == domain]).as_json()
                for domain in sorted({record.domain for record in members})
            },
        }
        for title, members in by_label(records).items()
    }


def percent(share: Share) -> str:
    """`41.7 %`, or a dash when there was nothing."""
    return f"{100 * share.value:.1f} %" if share.total else "–"


def interval(share: Share) -> str:
    """`24–61 %`, the bounds rounded outwards by nothing."""
    return f"{100 * share.low:.0f}–{100 * share.high:.0f} %"


def _cells(found: Summary) -> tuple[str, ...]:
    return (
        f"{found.first.count}/{found.first.total} = {percent(found.first)}",
        interval(found.first),
        f"{found.after_refusals.count}",
        f"{found.turns:.1f}",
        f"{found.generated_tokens:.0f}",
        f"{found.tokens_per_solved:.0f}" if found.tokens_per_solved else "–",
        f"{found.seconds_median:.1f}",
        f"{found.invalid:.2f}",
        percent(found.invalid_share),
        f"{found.discarded:.2f}",
    )
