"""Hostile tests: what each of them tried, and the table of all that `make test-hostile` prints.

A test that attacks has the marker `hostile("class")`. It counts as one try, or as many as it tells the fixture `tries`.
A control shows that the attack would have its effect where nothing stands against it, or that what is right still
works: a test with `hostile("class", control=True)`, or what a test tells `tries`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

MARKER = "hostile"
TRIES = "tries"


@dataclass
class Tries:
    """What one test has tried."""

    count: int = 0
    controls: int = 0

    def add(self, count: int = 1) -> None:
        """Count tries."""
        self.count += count

    def control(self, count: int = 1) -> None:
        """Count controls that passed."""
        self.controls += count


@dataclass
class Row:
    """A class of attacks."""

    tries: int = 0
    broken: int = 0  #: tests that failed
    controls: int = 0
    seconds: float = 0.0


def properties(marker: pytest.Mark) -> list[tuple[str, object]]:
    """Return what the report of a test with this marker has to say."""
    return [(MARKER, marker.args[0]), ("control", marker.kwargs.get("control", False))]


def rows(reports: Iterable[pytest.TestReport]) -> dict[str, Row]:
    """Take the reports of all phases of all tests together, by class."""
    found: dict[str, Row] = {}
    reports = [report for report in reports if MARKER in dict(report.user_properties)]
    failed = {report.nodeid for report in reports if report.failed}
    for report in sorted(reports, key=lambda report: report.start):
        said: dict[str, Any] = dict(report.user_properties)
        row = found.setdefault(said[MARKER], Row())
        row.seconds += report.duration
        if report.when == "teardown":
            is_broken = report.nodeid in failed
            tried = said.get(TRIES, Tries(not said["control"], said["control"] and not is_broken))
            row.tries += tried.count
            row.controls += tried.controls
            row.broken += is_broken
    return found


def table(reports: Iterable[pytest.TestReport]) -> list[str]:
    """Return the lines of the table; none if there was no hostile test."""
    found = rows(reports)
    if not found:
        return []
    width = max(map(len, found))
    total = Row()
    lines = [f"{'class':<{width}}  {'tries':>7}  {'broken':>6}  {'controls passed':>15}  {'seconds':>7}"]
    for name, row in found.items():
        lines.append(_line(name, row, width))
        for part in vars(row):
            setattr(total, part, getattr(total, part) + getattr(row, part))
    return [*lines, _line("total", total, width)]


def _line(name: str, row: Row, width: int) -> str:
    return f"{name:<{width}}  {row.tries:>7,}  {row.broken:>6}  {row.controls:>15,}  {row.seconds:>7.1f}"
