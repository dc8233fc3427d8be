"""Chromium, and one test's visit to a server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from .notebook import Notebook
from .server import Server

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "build" / "screenshots"
PATIENCE = 60_000  #: milliseconds until a test gives up on the page
VIEW = {"width": 1280, "height": 900}
SWITCHES = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NOT_OURS = (
    "Cannot read properties of undefined (reading 'schema')",  # Notebook 7.6, at each start
    "Command 'filebrowser:open-path' not registered",  # Notebook 7.4, at some starts
    "Canceled future for execute_request message before replies were done",  # JupyterLab, when a kernel goes
)
SETUP = "import scripted\nscripted.play()\n%load_ext codeact_jupyter"

Reply = str | Sequence[str]


def step(code: str, thought: str = "I look.") -> str:
    """Return a model's reply that proposes `code`."""
    return f"{thought}\n```python\n{code}\n```"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser. `CODEACT_CHROMIUM` names its program; without it one is searched."""
    program = os.environ.get("CODEACT_CHROMIUM") or found_by("chromium.py")
    switches = [*SWITCHES, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=switches)
        yield browser
        browser.close()


def found_by(script: str, *names: str) -> str:
    """Return what the script in `.ci` prints."""
    return subprocess.check_output([sys.executable, ROOT / ".ci" / script, *names], text=True).strip()


def wear(page: Page, theme: str) -> None:
    """Change the page's theme to JupyterLab's `light` or `dark` one."""
    name = f"JupyterLab {theme.title()}"
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
    expect(page.locator("body")).to_have_attribute("data-jp-theme-name", name)
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)


class Visit:
    """A fresh profile of the browser on a server, with a folder of its own for notebooks."""

    def __init__(self, browser: Browser, server: Server, name: str) -> None:
        self.server = server
        self.name = re.sub(r"\W+", "-", name).strip("-")
        self.folder = server.work / self.name
        self.console: list[str] = []
        self.errors: list[str] = []  #: exceptions on the page that are not known to be others'
        self.strangers: list[str] = []  #: requests to another host
        self._context = browser.new_context(viewport=VIEW)
        self._context.set_default_timeout(PATIENCE)
        self._context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
        self._context.on("request", self._on_request)
        self._context.on("console", self._on_console)

    def write(
        self,
        *sources: str,
        replies: Sequence[Reply] = (),
        delay: float = 0.0,
        setup: str = SETUP,
        name: str = "analysis",
        metadata: Sequence[dict[str, object]] = (),
    ) -> str:
        """Write a notebook and its model's script; return the notebook's path on the server.

        Its first cell is `setup`. `metadata` is that of the cells of `sources`, as far as given.
        """
        folder = self.folder / name
        folder.mkdir(parents=True)
        (folder / "script.json").write_text(json.dumps({"replies": replies, "delay": delay}))
        notebook = new_notebook(cells=[new_code_cell(source) for source in (setup, *sources) if source])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        for cell, facts in zip(notebook.cells[1:], metadata, strict=False):
            cell.metadata.update(facts)
        nbformat.write(notebook, folder / f"{name}.ipynb")
        return f"{self.name}/{name}/{name}.ipynb"

    def open(self, path: str, *, app: str = "lab") -> Notebook:
        """Open the notebook in a new tab of the browser: in `lab`, or as a page of Notebook 7."""
        page = self.tab(self.address(path, app=app))
        return Notebook(page, self.server.work / path).ready()

    def notebook(self, *sources: str, app: str = "lab", **written: object) -> Notebook:
        """Write a notebook, open it, and run its first cell."""
        notebook = self.open(self.write(*sources, **written), app=app)  # type: ignore[arg-type]
        notebook.run(0)
        return notebook

    def tab(self, address: str) -> Page:
        """Open a new tab of the browser."""
        page = self._context.new_page()
        page.on("pageerror", self._on_error)
        page.goto(address)
        return page

    def address(self, path: str, *, app: str = "lab") -> str:
        """Return the notebook's address, in a workspace of this test."""
        place = f"lab/workspaces/{self.name}/tree" if app == "lab" else "notebooks"
        return f"{self.server.url}/{place}/{path}?token={self.server.token}"

    def picture(self, of: str = "") -> None:
        """Save a screenshot of the last tab that is open; `of` says what is to be seen, if that is not the end."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for page in self._context.pages[-1:]:
            page.screenshot(path=PICTURES / f"{'-'.join(filter(None, (self.name, of)))}.png")

    def pictures(self, of: str) -> None:
        """Save a screenshot in the light theme and one in the dark theme, as `picture` does."""
        page = self._context.pages[-1]
        for theme in ("dark", "light"):
            wear(page, theme)
            self.picture(f"{of}-{theme}")

    def close(self) -> None:
        """Close every tab and end every kernel."""
        self._context.close()
        self.server.end_kernels()

    def _on_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != urlsplit(self.server.url).netloc:
            self.strangers.append(request.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        self.console.append(f"{message.type}: {message.text}")

    def _on_error(self, error: Error) -> None:
        self.console.append(f"page error: {error.stack or error.message}")
        if not any(known in error.message for known in NOT_OURS):
            self.errors.append(error.stack or error.message)
