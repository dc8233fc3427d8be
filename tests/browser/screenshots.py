"""Take the two pictures of the README, with the default model: `python -m tests.browser.screenshots`.

docs/review.png shows a step that waits, with its trial, in its cell and in the chat, docs/answer.png the same after the
answer. What is
in them is what the model says, so look at them before you commit them.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from .browsing import ROOT, Visit, chromium
from .chat import Chat
from .notebook import Notebook
from .server import serving

WIDTH, LOW, HIGH = 1280, 640, 980  #: pixels; the plot needs the height
PATIENCE = 300_000  #: milliseconds for one reply
LARGEST = 300_000  #: bytes of both together
SETUP = "%load_ext codeact_jupyter\nfrom palmerpenguins import load_penguins\n\npenguins = load_penguins()"
QUESTION = "%%codeact\nPlot the mean body mass of each species as a bar chart."


def main() -> int:
    pictures = [ROOT / "docs" / name for name in ("review.png", "answer.png")]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        chromium() as browser,
        serving(Path(folder) / "lab") as server,
    ):
        visit = Visit(browser, server, "penguins")
        notebook = visit.open(visit.write(QUESTION, setup=SETUP))
        notebook.page.set_viewport_size({"width": WIDTH, "height": LOW})
        notebook.page.get_by_role("tab", name="File Browser").click()  # closes it
        notebook.run(0)
        chat = Chat(notebook.page)
        notebook.run(1)
        expect(chat.card("waits")).to_be_visible(timeout=PATIENCE)
        notebook.page.locator("details.jp-CodeAct-trial > summary").first.click()
        take(notebook, pictures[0])
        notebook.page.set_viewport_size({"width": WIDTH, "height": HIGH})  # the whole step has to be in view
        run_to_the_end(notebook)
        take(notebook, pictures[1])
        visit.close()
    total = sum(picture.stat().st_size for picture in pictures)
    print(f"{', '.join(str(picture.relative_to(ROOT)) for picture in pictures)}: {total:,} bytes")
    return 0 if total <= LARGEST else 1


def run_to_the_end(notebook: Notebook) -> None:
    """Run each step that comes."""
    run = notebook.staged.locator("[data-read]").get_by_role("button", name="Run", exact=True)
    status = notebook.page.locator(".jp-CodeAct-status")
    while notebook.staged.count():
        expect(run).to_be_visible()
        run.click()
        expect(status).not_to_contain_text("waits")
        expect(run.or_(status.get_by_text("idle"))).to_be_visible(timeout=PATIENCE)


def take(notebook: Notebook, picture: Path) -> None:
    """Take a picture, with the pointer out of the way and the notebook's beginning in view."""
    notebook.page.mouse.move(0, 0)
    notebook.cells.first.scroll_into_view_if_needed()
    notebook.page.screenshot(path=picture, animations="disabled", caret="hide")


if __name__ == "__main__":
    sys.exit(main())
