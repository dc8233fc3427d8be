"""Without the extension: steps come as prefilled cells, by the kernel alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from .browsing import Visit, step
from .conftest import visit
from .server import serving

pytestmark = pytest.mark.browser


@pytest.fixture
def bare_lab(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """JupyterLab where the user has switched the extension off."""
    with serving(tmp_path_factory.mktemp("bare"), disabled=("codeact-jupyter",)) as server:
        yield from visit(request, browser, server)


def test_without_the_extension_the_next_cell_is_prefilled_and_running_it_approves_it(bare_lab: Visit) -> None:
    notebook = bare_lab.notebook(
        "%%codeact\nAdd one and one", "last = 1", replies=[step("total = 1 + 1\ntotal"), "It is 2."]
    )
    notebook.run(1)
    prefilled = notebook.cells.nth(2)
    expect(prefilled).to_contain_text("total = 1 + 1")
    expect(notebook.cells.nth(3)).to_contain_text("last = 1")
    expect(notebook.staged).to_have_count(0)
    notebook.run(prefilled)
    expect(prefilled.locator(".jp-OutputArea")).to_contain_text("It is 2.")
    assert "total" in notebook.prompts[1][-1]
