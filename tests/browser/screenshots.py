"""Take the pictures of the documentation, with the default model: `python -m tests.browser.screenshots`.

docs/review.png shows a step that waits, with its trial, in its cell and in the chat, docs/answer.png the same after the
answer. The same two in the dark theme, and those of a new user's walk in both, go to build/screenshots/ (`walk` takes
only the latter). What is in them is what the model says, so look at them before you commit them.
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
from .walk import walk

WIDTH, LOW, HIGH = 1280, 640, 980  #: pixels; the plot needs the height
PATIENCE = 300_000  #: milliseconds for one reply
LARGEST = 300_000  #: bytes of both together
README = [ROOT / "docs" / name for name in ("review.png", "answer.png")]
SETUP = "%load_ext codeact_jupyter\nfrom palmerpenguins import load_penguins\n\npenguins = load_penguins()"
QUESTION = "%%codeact\nPlot the mean body mass of each species as a bar chart."


def main() -> int:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        chromium() as browser,
        serving(Path(folder) / "lab") as server,
    ):
        if sys.argv[1:] != ["walk"]:
            take_readme(Visit(browser, server, "penguins"))
        visit = Visit(browser, server, "walk")
        walk(visit, lambda notebook, what: visit.pictures(what))
    total = sum(picture.stat().st_size for picture in README)
    print(f"{', '.join(str(picture.relative_to(ROOT)) for picture in README)}: {total:,} bytes")
    return 0 if total <= LARGEST else 1


def take_readme(visit: Visit) -> None:
    """Take the pictures of the README, and the same in the dark theme."""
    notebook = visit.open(visit.write(QUESTION, setup=SETUP))
    notebook.page.set_viewport_size({"width": WIDTH, "height": LOW})
    notebook.page.get_by_role("tab", name="File Browser").click()  # closes it
    notebook.run(0)
    chat = Chat(notebook.page)
    notebook.run(1)
    expect(chat.card("waits")).to_be_visible(timeout=PATIENCE)
    notebook.page.locator("details.jp-CodeAct-trial > summary").first.click()
    take(notebook, README[0])
    visit.pictures("review")
    notebook.page.set_viewport_size({"width": WIDTH, "height": HIGH})  # the whole step has to be in view
    notebook.run_what_waits(PATIENCE)
    take(notebook, README[1])
    visit.pictures("answer")
    visit.close()


def take(notebook: Notebook, picture: Path) -> None:
    """Take a picture, with the pointer out of the way and the notebook's beginning in view."""
    notebook.page.mouse.move(0, 0)
    notebook.cells.first.scroll_into_view_if_needed()
    notebook.page.screenshot(path=picture, animations="disabled", caret="hide")


if __name__ == "__main__":
    sys.exit(main())
