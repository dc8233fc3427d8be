"""Measure what keeps a page from drawing while the agent works: JupyterLab in Chromium, a long notebook, many steps.

    python -m benchmarks.frames [--steps 100] [--cells 500] [--delay 0.02]

One question at the beginning of a notebook is answered in so many steps, which run by themselves; the chat is open.
The model is a script that takes `--delay` seconds for each piece of text. A frame is late if a task of the page's
main thread takes long. Chromium tells the processor time of each task, to which other programs add little: while the
steps come, while the long answer is written that follows them, and, for comparison, while JupyterLab's own commands
insert and run as many cells in a notebook of as many, with nothing of ours in it. Exit status 0: no task took more
than 50 ms while the answer was written.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.browsing import Visit, chromium, step
from tests.browser.server import serving

PATIENCE = 600_000  # milliseconds
LIMIT = 50.0  #: milliseconds of a task
WORDS = 200  #: of the answer
PAUSE = 500  #: milliseconds between JupyterLab's own cells, as between two steps
INSERT = """async ([steps, pause]) => {
    const {commands, shell} = window.jupyterapp;
    for (let n = 0; n < steps; n++) {
        await commands.execute('notebook:insert-cell-below');
        const {activeCell} = shell.currentWidget.content;
        activeCell.model.sharedModel.setSource(`value_${n} = ${n} * ${n}\\nvalue_${n}`);
        await commands.execute('notebook:run-cell');
        await new Promise(done => setTimeout(done, pause));
    }
}"""


SHOWN = """text => new Promise(done => {
    const chat = document.querySelector('.jp-CodeAct-chat');
    const look = () => chat.textContent.includes(text) && (observer.disconnect(), done());
    const observer = new MutationObserver(look);
    observer.observe(chat, {childList: true, characterData: true, subtree: true});
    look();
})"""  #: where Playwright's assertions would describe the whole page for their message, in the page's main thread
DRAWN = "count => document.querySelectorAll('.jp-Notebook .cm-editor').length >= count"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--cells", type=int, default=500)
    parser.add_argument("--delay", type=float, default=0.02)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        chromium() as browser,
        serving(Path(folder) / "lab") as server,
    ):
        came, written = of_agent(browser, Visit(browser, server, "frames"), options)
        lab = of_lab(browser, Visit(browser, server, "lab"), options)
    print(f"{options.steps} steps in {options.cells} cells: tasks of the page's main thread, by processor time")
    print(f"{'while':<45} over {LIMIT:.0f} ms  longest    all")
    rows = {"the steps come and run": came, "the answer is written": written, "JupyterLab's own commands do": lab}
    for name, tasks in rows.items():
        slow = sum(task > LIMIT for task in tasks)
        print(f"{name:<45} {slow:10} {max(tasks):5.0f} ms {sum(tasks) / 1000:4.1f} s")
    return 1 if max(written) > LIMIT else 0


def of_agent(browser: Browser, visit: Visit, options: argparse.Namespace) -> tuple[list[float], list[float]]:
    """Return the processor time of each task while the steps come, and while the answer is written."""
    replies = [step(f"value_{n} = {n} * {n}\nvalue_{n}", "I compute the next one.") for n in range(options.steps)]
    answer = ["So far:", " ".join(["", *(f"word{n}" for n in range(WORDS)), "All done."])]
    notebook = visit.notebook(*own_cells(options.cells), replies=[*replies, answer], delay=options.delay)
    notebook.run(notebook.cells.first)
    drawn(notebook.page, options)
    question = f"%%codeact --mode auto --reach all --max-turns {options.steps + 5}\nAll of them"
    notebook.rewrite(notebook.cells.nth(1), question)
    with tasks(browser, notebook.page) as came:
        notebook.keys.press("Control+Enter")
        notebook.page.evaluate(SHOWN, "So far:")
    with tasks(browser, notebook.page) as written:
        notebook.release()
        notebook.page.evaluate(SHOWN, "All done.")
    visit.close()
    return came, written


def of_lab(browser: Browser, visit: Visit, options: argparse.Namespace) -> list[float]:
    """Return the same while JupyterLab itself inserts and runs such cells."""
    notebook = visit.open(visit.write(*own_cells(options.cells), setup="first = 1"))
    notebook.run(0)
    drawn(notebook.page, options)
    with tasks(browser, notebook.page) as found:
        notebook.page.evaluate(INSERT, [options.steps, PAUSE])
    visit.close()
    return found


def drawn(page: Page, options: argparse.Namespace) -> None:
    """Wait until JupyterLab, which does that while nothing else happens, has drawn all cells."""
    page.wait_for_function(DRAWN, arg=options.cells, timeout=PATIENCE)


def own_cells(number: int) -> list[str]:
    return [f"own_{n} = {n}" for n in range(number)]


@contextmanager
def tasks(browser: Browser, page: Page) -> Iterator[list[float]]:
    """Yield a list that holds, at the end, the processor time in milliseconds of each task of the main thread."""
    found: list[float] = []
    browser.start_tracing(page=page, categories=["toplevel"])
    yield found
    events = json.loads(browser.stop_tracing())["traceEvents"]
    names = [event for event in events if event["name"] == "thread_name"]
    mains = {(event["pid"], event["tid"]) for event in names if event["args"]["name"] == "CrRendererMain"}
    runs = (event for event in events if event["name"].endswith("RunTask") and "tdur" in event)
    found += [event["tdur"] / 1000 for event in runs if (event["pid"], event["tid"]) in mains]


if __name__ == "__main__":
    sys.exit(main())
