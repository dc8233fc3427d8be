"""Hostile tests: what each of them tried, and the table of all that `make test-hostile` prints.

A test that attacks has the marker `hostile("class")`. It counts as one try, or as many as it tells the fixture `tries`.
A control shows that the attack would have its effect where nothing stands against it, or that what is right still
works: a test with `hostile("class", control=True)`, or what a test tells `tries`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from xml.etree import ElementTree

import pytest

MARKER = "hostile"
#: The least number of tries of each class: `docs/safety.md` promises no less.
LEAST = {
    "approvals: walks of a state machine": 2000,
    "forged requests": 200,
    "transformers in every order": 326,
    "Run All constellations": 150,
    "requests of another page": 90,
    "hidden code": 400,
    "injected outputs": 150,
    "effects of a trial": 122,
    "Stop and limits": 250,
    "kills": 100,
    "GGUF mutants": 300,
    "hostile objects": 10_000,
    "floods": 7,
    "low memory": 8,
    "disk full": 168,
    "read-only HOME": 4,
    "network": 2,
}


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

    def properties(self) -> list[tuple[str, object]]:
        """Return what the test's report says."""
        return [("tries", self.count), ("controls", self.controls)]


@dataclass
class Row:
    """A test, or all of a class."""

    tries: int = 0
    broken: int = 0  #: tests that failed
    controls: int = 0
    seconds: float = 0.0

    def add(self, other: Row) -> None:
        """Add the figures of another one."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def properties(marker: pytest.Mark) -> list[tuple[str, object]]:
    """Return what the report of a test with this marker says, unless the test counts for itself."""
    is_control = marker.kwargs.get("control", False)
    return [(MARKER, marker.args[0]), ("tries", int(not is_control)), ("controls", int(is_control))]


def of_reports(reports: Iterable[pytest.TestReport]) -> list[tuple[str, Row]]:
    """Return the hostile tests of this run with their classes, by the reports of all phases."""
    reports = sorted(reports, key=lambda report: report.start)
    failed = {report.nodeid for report in reports if report.failed}
    seconds: dict[str, float] = {}
    found = []
    for report in reports:
        seconds[report.nodeid] = seconds.get(report.nodeid, 0.0) + report.duration
        said = dict(report.user_properties)
        if report.when == "teardown" and MARKER in said:
            found.append((str(said[MARKER]), _row(said, report.nodeid in failed, seconds[report.nodeid])))
    return found


def of_junit(path: Path) -> list[tuple[str, Row]]:
    """Return the hostile tests in a JUnit report with their classes."""
    found = []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        said = {each.get("name"): each.get("value") for each in case.iter("property")}
        if MARKER in said:
            is_broken = case.find("failure") is not None or case.find("error") is not None
            found.append((str(said[MARKER]), _row(said, is_broken, float(case.get("time", 0)))))
    return found


def _row(said: dict, is_broken: bool, seconds: float) -> Row:  # type: ignore[type-arg]
    tries, controls = int(said["tries"]), int(said["controls"])
    return Row(tries, int(is_broken), 0 if is_broken and not tries else controls, seconds)


def table(tests: Iterable[tuple[str, Row]]) -> list[str]:
    """Return the lines of the table; none if there was no hostile test."""
    rows, total = _by_class(tests), Row()
    for row in rows.values():
        total.add(row)
    width = max(map(len, rows), default=0)
    head = f"{'class':<{width}}  {'tries':>7}  {'broken':>6}  {'controls passed':>15}  {'seconds':>7}"
    return [head, *(_line(*each, width) for each in rows.items()), _line("total", total, width)] if rows else []


def shortfalls(tests: Iterable[tuple[str, Row]]) -> list[str]:
    """Return a line for each class that was tried less often than it must be."""
    rows = _by_class(tests)
    tried = {name: rows[name].tries if name in rows else 0 for name in LEAST}
    return [
        f"{name}: {tried[name]:,} tries, of at least {least:,}" for name, least in LEAST.items() if tried[name] < least
    ]


def _by_class(tests: Iterable[tuple[str, Row]]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for name, row in tests:
        rows.setdefault(name, Row()).add(row)
    return rows


def _line(name: str, row: Row, width: int) -> str:
    return f"{name:<{width}}  {row.tries:>7,}  {row.broken:>6}  {row.controls:>15,}  {row.seconds:>7.1f}"
