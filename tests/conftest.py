"""No test may be excused: a run with a skipped, expectedly failing or repeated test fails."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# A busy machine is no failure. In CI the examples are the same each time; new ones are found on developers' machines.
settings.register_profile("here", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("here")

EXCUSES = ("skipped", "xfailed", "xpassed", "rerun")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.exitstatus == pytest.ExitCode.OK and excused(reporter.stats):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts = excused(terminalreporter.stats)
    if counts:
        text = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        terminalreporter.write_line(f"{text}: no test may be excused, so this run fails.", red=True)


def excused(stats: dict[str, list[object]]) -> dict[str, int]:
    return {kind: len(stats[kind]) for kind in EXCUSES if stats.get(kind)}
