"""Settings of all tests. A run with a skipped, expectedly failing or repeated test fails."""

from __future__ import annotations

import atexit
import gc
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from IPython.core.interactiveshell import InteractiveShell

from tests import hostile

# A slow machine is no failure.
_SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
# The gating rings see the same examples each time. The ring `fuzz` looks for new ones: `--hypothesis-profile=fuzz`.
settings.register_profile("gate", derandomize=True, database=None, **_SLOW)
settings.register_profile("fuzz", max_examples=1000, database=None, print_blob=True, **_SLOW)
settings.load_profile("gate")

EXCUSES = ("skipped", "xfailed", "xpassed", "rerun")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and session.exitstatus == pytest.ExitCode.OK and excused(reporter.stats):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure() -> None:
    """Forget the shells of the tests: at exit, IPython would collect all garbage once for each of them."""
    for obj in gc.get_objects():
        if issubclass(type(obj), InteractiveShell):
            atexit.unregister(obj.atexit_operations)


@pytest.fixture
def tries(request: pytest.FixtureRequest) -> Iterator[hostile.Tries]:
    """Return where a hostile test counts what it tries."""
    tried = hostile.Tries()
    yield tried
    request.node.user_properties += tried.properties()


def pytest_itemcollected(item: pytest.Item) -> None:
    marker = item.get_closest_marker(hostile.MARKER)
    if marker:
        item.user_properties += hostile.properties(marker)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    said = itertools.chain.from_iterable(terminalreporter.stats.values())
    lines = hostile.table(hostile.of_reports(each for each in said if isinstance(each, pytest.TestReport)))
    if lines:
        terminalreporter.section("hostile tests")
        terminalreporter.write("\n".join([*lines, ""]))
    counts = excused(terminalreporter.stats)
    if counts:
        text = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        terminalreporter.write_line(f"{text}: no test may be excused, so this run fails.", red=True)


def excused(stats: dict[str, list[object]]) -> dict[str, int]:
    return {kind: len(stats[kind]) for kind in EXCUSES if stats.get(kind)}
