"""Summaries as tables for a terminal and for documents, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ..records import Record
from .groups import by_label
from .summary import Summary, summarise

HEAD = (
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
    "ungrounded",
)


def cells(found: Summary) -> tuple[str, ...]:
    """Format a summary as the cells of a row.

    Args:
        found: Summary of a group.

    Returns:
        As many cells as `HEAD` has.
    """
    first, invalid = found.first, found.invalid_share
    return (
        f"{first.count}/{first.total} = {100 * first.value:.1f} %",
        f"{100 * first.low:.0f}–{100 * first.high:.0f} %",
        f"{found.after_refusals.count}",
        f"{found.turns:.1f}",
        f"{found.generated_tokens:.0f}",
        f"{found.tokens_per_solved:.0f}" if found.tokens_per_solved else "–",
        f"{found.seconds_median:.1f}",
        f"{found.invalid:.2f}",
        f"{100 * invalid.value:.1f} %" if invalid.total else "–",
        f"{found.discarded:.2f}",
        f"{found.ungrounded}",
    )


def as_text(records: Sequence[Record], name: str = "") -> str:
    """Format two tables: the numbers of each mode and arm, and how many tasks of each domain they solved.

    Args:
        records: At least one.
        name: Stands in the corner of the first.

    Returns:
        The tables, aligned.
    """
    groups = by_label(records)
    numbers = [(name, *HEAD), *((title, *cells(summarise(members))) for title, members in groups.items())]
    domains = sorted({record.domain for record in records})
    solved: list[tuple[str, ...]] = [("right by domain", *groups)]
    for domain in domains:
        own = [[record for record in members if record.domain == domain] for members in groups.values()]
        solved.append((domain, *(f"{sum(each.right for each in part)}/{len(part)}" for part in own)))
    return "\n\n".join(map(_aligned, [numbers, solved] if len(domains) > 1 else [numbers]))


def as_markdown(records: Sequence[Record]) -> str:
    """Format the first of these tables in Markdown. See `as_text`."""
    lines = [("", *HEAD), ("---", *["---:"] * len(HEAD))]
    lines += [(title, *cells(summarise(members))) for title, members in by_label(records).items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(records: Sequence[Record]) -> dict[str, Any]:
    """Summarise each mode and arm as plain data: `overall`, and `domains` by name. See `as_text`."""
    return {
        title: {
            "overall": asdict(summarise(members)),
            "domains": {
                domain: asdict(summarise([record for record in members if record.domain == domain]))
                for domain in sorted({record.domain for record in members})
            },
        }
        for title, members in by_label(records).items()
    }


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join([first.ljust(widths[0]), *map(str.rjust, rest, widths[1:])]) for first, *rest in lines)
