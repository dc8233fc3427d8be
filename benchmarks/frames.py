"""Count the slow frames of a page while the agent works: JupyterLab in Chromium, a long notebook, many steps.

    python -m benchmarks.frames [--steps 100] [--cells 500] [--delay 0.02]

One question at the beginning of a notebook is answered in so many steps, which run by themselves; the chat is open. The
model is a script that takes `--delay` seconds for each piece of text. Chromium reports the animation frames that took
longer than 50 ms.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.browsing import Visit, chromium, step
from tests.browser.chat import Chat
from tests.browser.server import serving

PATIENCE = 600_000  # milliseconds
WATCH = """() => {
    window.codeactFrames = [];
    new PerformanceObserver(list => list.getEntries().forEach(entry => {
        const scripts = entry.scripts.map(script => `${script.invoker} ${Math.round(script.duration)}`).join(', ');
        window.codeactFrames.push([Math.round(entry.duration), scripts]);
    })).observe({type: 'long-animation-frame'});
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--cells", type=int, default=500)
    parser.add_argument("--delay", type=float, default=0.02)
    options = parser.parse_args()
    replies = [step(f"value_{n} = {n} * {n}\nvalue_{n}", "I compute the next one.") for n in range(options.steps)]
    cells = [f"own_{n} = {n}" for n in range(options.cells)]
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        chromium() as browser,
        serving(Path(folder) / "lab") as server,
    ):
        visit = Visit(browser, server, "frames")
        notebook = visit.notebook(*cells, replies=[*replies, "All done."], delay=options.delay)
        chat = Chat(notebook.page)
        notebook.run(notebook.cells.first)
        notebook.page.evaluate(WATCH)
        asking = notebook.page.locator("body")
        notebook.rewrite(
            notebook.cells.nth(1), f"%%codeact --mode auto --reach all --max-turns {options.steps + 5}\nAll of them"
        )
        notebook.keys.press("Control+Enter")
        expect(chat.panel).to_contain_text("All done.", timeout=PATIENCE)
        frames = asking.evaluate("() => window.codeactFrames")
        visit.close()
    slow = sorted(frames, reverse=True)
    print(f"{options.steps} steps in {options.cells} cells: {len(slow)} frames over 50 ms")
    for duration, scripts in slow[:10]:
        print(f"{duration:6} ms  {scripts}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
