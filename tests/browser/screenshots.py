"""Take the pictures of the README, with the default model: `… -m tests.browser.screenshots [notebook|report|walk]`.

docs/review.png shows a step that waits, with its trial, in its cell and in the chat, docs/answer.png the same after the
answer. docs/report.png is the report on a session with an edit that failed, an edit that ran, a figure and an answer.
The first two in the dark theme, and those of a new user's walk in both themes, go to build/screenshots/. What is in
them is what the model says, so look at them before you commit them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from playwright.sync_api import expect

from codeact_jupyter.cli import main as codeact
from codeact_jupyter.headless import Decision, Driver

from .browsing import ROOT, Visit, chromium
from .chat import Chat
from .notebook import Notebook
from .server import serving
from .walk import walk

WIDTH, LOW, HIGH = 1280, 640, 980  #: pixels; the plot needs the height
PATIENCE = 300_000  #: milliseconds for one reply
LARGEST = 150_000  #: bytes of a picture
NARROW, ZOOM = 720, 0.8  #: pixels, and the zoom of the report
COLOURS = 128  #: of that picture
REVIEW, ANSWER, REPORT = (ROOT / "docs" / name for name in ("review.png", "answer.png", "report.png"))
SETUP = "%load_ext codeact_jupyter\nfrom palmerpenguins import load_penguins\n\npenguins = load_penguins()"
QUESTION = "%%codeact\nPlot the mean body mass of each species as a bar chart."

#: What the user changes in the first two steps: the first one fails then, the second one runs.
EDITS = [("body_mass_g", "body_mass_kg"), (".mean()", ".mean().sort_values()")]


def main() -> int:
    wanted = sys.argv[1:] or ["notebook", "report", "walk"]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        chromium() as browser,
        serving(Path(folder) / "lab") as server,
    ):
        if "notebook" in wanted:
            take_notebook(Visit(browser, server, "penguins"))
        if "walk" in wanted:
            visit = Visit(browser, server, "walk")
            walk(visit, lambda notebook, what: visit.pictures(what))
    if "report" in wanted:
        take_report()
    sizes = {picture: picture.stat().st_size for picture in (REVIEW, ANSWER, REPORT)}
    print(*(f"{picture.relative_to(ROOT)}: {size:,} bytes" for picture, size in sizes.items()), sep="\n")
    return 0 if max(sizes.values()) <= LARGEST else 1


def take_notebook(visit: Visit) -> None:
    """Take the pictures of a step and of the answer, and the same in the dark theme."""
    notebook = visit.open(visit.write(QUESTION, setup=SETUP))
    notebook.page.set_viewport_size({"width": WIDTH, "height": LOW})
    notebook.page.get_by_role("tab", name="File Browser").click()  # closes it
    notebook.run(0)
    chat = Chat(notebook.page)
    notebook.run(1)
    expect(chat.card("waits")).to_be_visible(timeout=PATIENCE)
    notebook.page.locator("details.jp-CodeAct-trial > summary").first.click()
    take(notebook, REVIEW)
    visit.pictures("review")
    notebook.page.set_viewport_size({"width": WIDTH, "height": HIGH})  # the whole step has to be in view
    notebook.run_what_waits(PATIENCE)
    take(notebook, ANSWER)
    visit.pictures("answer")
    visit.close()


def take_report() -> None:
    """Hold a session, with journals of its own, and open the report on it."""
    edits = iter(EDITS)

    def decide(code: str) -> Decision:
        return Decision(source=code.replace(*next(edits, ("", ""))))

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["XDG_STATE_HOME"] = folder
        path = Path(folder) / "penguins.ipynb"
        notebook = new_notebook(cells=[new_code_cell(SETUP), new_code_cell(QUESTION)])
        Driver(notebook, decide=decide, directory=path.parent, name=str(path)).run()
        nbformat.write(notebook, path)
        codeact(["report", str(path), "--html", "--journals", f"{folder}/codeact-jupyter/sessions"])
        with chromium() as browser:
            page = browser.new_page(viewport={"width": NARROW, "height": LOW})
            page.goto(path.with_name("penguins-report.html").as_uri())
            page.evaluate(f"document.body.style.zoom = {ZOOM}")
            figure = page.locator("img").last.bounding_box()
            assert figure
            page.set_viewport_size({"width": NARROW, "height": int(figure["y"] + figure["height"]) + 10})
            page.screenshot(path=REPORT)
    Image.open(REPORT).convert("RGB").quantize(COLOURS).save(REPORT, optimize=True)


def take(notebook: Notebook, picture: Path) -> None:
    """Take a picture, with the pointer out of the way and the notebook's beginning in view."""
    notebook.page.mouse.move(0, 0)
    notebook.cells.first.scroll_into_view_if_needed()
    notebook.page.screenshot(path=picture, animations="disabled", caret="hide")


if __name__ == "__main__":
    sys.exit(main())
