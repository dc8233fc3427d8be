"""One server and one browser for all tests; for each test a fresh profile, a screenshot and the console's log."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser

from .browsing import Visit, chromium, found_by
from .server import Server, serving


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the logs of page and server to the report of a failed test."""
    report = yield
    if report.failed:
        for visit in (value for value in item.funcargs.values() if isinstance(value, Visit)):
            report.sections += [("page", "\n".join(visit.console[-60:])), ("server", visit.server.tail())]
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def old_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The oldest JupyterLab, Notebook and ipykernel that are supported."""
    python = os.environ.get("CODEACT_OLDEST") or found_by("environment.py", "oldest")
    with serving(tmp_path_factory.mktemp("old"), python=python) as server:
        yield server


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The newest JupyterLab with jupyter-collaboration and Jupyter AI: its users share the notebooks."""
    python = os.environ.get("CODEACT_NEIGHBOURS") or found_by("environment.py", "neighbours")
    with serving(tmp_path_factory.mktemp("shared"), python=python) as server:
        yield server


@pytest.fixture
def lab(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Visit]:
    yield from visit(request, browser, server)


@pytest.fixture
def old_lab(request: pytest.FixtureRequest, browser: Browser, old_server: Server) -> Iterator[Visit]:
    yield from visit(request, browser, old_server)


@pytest.fixture
def shared_lab(request: pytest.FixtureRequest, browser: Browser, shared_server: Server) -> Iterator[Visit]:
    yield from visit(request, browser, shared_server)


def visit(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Visit]:
    """Yield a visit to the server. It fails if the page throws or sends a request to another host."""
    visit = Visit(browser, server, request.node.name.removeprefix("test_"))
    yield visit
    visit.picture()
    visit.close()
    assert visit.errors == []
    assert visit.strangers == []
