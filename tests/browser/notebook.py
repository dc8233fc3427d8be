"""A notebook on a page, as a user sees and uses it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

RAN = re.compile(r"\[\d+\]:")
RUNS = ("Run", "Run edited")  #: names of buttons that run a step
PATIENCE_WITH_THE_PAGE = 180_000  #: milliseconds until it is there, its kernel connected


class Notebook:
    """The notebook that the page shows in front."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.file = file
        self.keys = page.keyboard

    # --- what is there ---

    @property
    def panel(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    @property
    def cells(self) -> Locator:
        return self.panel.locator(".jp-Notebook .jp-Cell")

    def cell(self, text: str) -> Locator:
        """Return the cell whose source holds this text."""
        return self.cells.filter(has=self.page.locator(".jp-InputArea", has_text=text))

    def output(self, text: str) -> Locator:
        """Return the outputs of the cell whose source holds this text."""
        return self.cell(text).locator(".jp-OutputArea-output")

    @property
    def staged(self) -> Locator:
        """The cells that wait for the user."""
        return self.panel.locator(".jp-CodeAct-staged")

    def bar(self, step: int) -> Locator:
        """Return the review bar of a step."""
        return self.panel.get_by_role("group", name=f"CodeAct step {step}", exact=True)

    def control(self, step: int, name: str) -> Locator:
        """Return a button in the bar of a step; one that runs it only once the step has been in view long enough."""
        bar = self.bar(step)
        bar = bar.and_(self.panel.locator("[data-read]")) if name in RUNS else bar
        return bar.get_by_role("button", name=name, exact=True)

    def read(self, step: int) -> None:
        """Scroll, as a reader does, until all of the step has been in view long enough to be approved."""
        read = self.bar(step).and_(self.panel.locator("[data-read]"))
        self.bar(step).scroll_into_view_if_needed()
        for _ in range(60):
            self.page.wait_for_timeout(500)
            if read.count():
                return
            self.panel.locator(".jp-Notebook").hover()
            self.page.mouse.wheel(0, 200)
        raise AssertionError("The step is not read at its end.")

    @property
    def marks(self) -> Locator:
        """Marks of the steps that ran, which replace their bars."""
        return self.panel.locator(".jp-CodeAct-mark")

    @property
    def indicator(self) -> Locator:
        """Number of waiting cells, in the toolbar."""
        return self.panel.locator(".jp-CodeAct-indicator")

    @property
    def status(self) -> Locator:
        """What the conversation does, in the status bar."""
        return self.page.locator(".jp-CodeAct-status")

    @property
    def widget(self) -> Locator:
        """The panel in the output of the cell that asked."""
        return self.panel.locator(".codeact-panel")

    @property
    def prompts(self) -> list[list[str]]:
        """Texts of the messages that the model has read, by call."""
        lines = (self.file.parent / "prompts.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    # --- what the user does ---

    def ready(self) -> Notebook:
        """Wait until the kernel is connected and idle."""
        expect(self.panel).to_be_visible(timeout=PATIENCE_WITH_THE_PAGE)
        expect(self.panel.locator(".jp-KernelName")).to_contain_text("Python 3", timeout=PATIENCE_WITH_THE_PAGE)
        expect(self.panel.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible()
        return self

    def run(self, cell: int | Locator) -> Locator:
        """Run a cell with Shift+Enter and wait until it has run."""
        cell = self.send(cell)
        expect(cell.locator(".jp-InputPrompt")).to_have_text(RAN)
        return cell

    def send(self, cell: int | Locator) -> Locator:
        """Run a cell with Shift+Enter."""
        cell = self.cells.nth(cell) if isinstance(cell, int) else cell
        self.edit(cell)
        self.keys.press("Shift+Enter")
        return cell

    def edit(self, cell: Locator) -> None:
        """Put the cursor into the cell."""
        editor = cell.locator(".cm-content")
        editor.click()
        expect(editor).to_be_focused()

    def rewrite(self, cell: Locator, text: str) -> None:
        """Replace the source of the cell."""
        self.edit(cell)
        self.keys.press("ControlOrMeta+a")
        self.keys.type(text)

    def add(self, text: str) -> Locator:
        """Type a new cell at the end of the notebook."""
        before = self.cells.count()
        self.panel.locator(".jp-Notebook-footer").click()
        expect(self.cells).to_have_count(before + 1)
        cell = self.cells.nth(before)
        self.edit(cell)
        self.keys.type(text)
        return cell

    def value(self, expression: str) -> str:
        """Return the output of a new cell, which runs after all that was sent before it."""
        return self.run(self.add(expression)).locator(".jp-OutputArea-output").inner_text()

    def ask(self, question: str) -> Locator:
        """Ask by magic in a new cell at the end."""
        return self.run(self.add(f"%%codeact\n{question}"))

    def run_what_waits(self, patience: int) -> int:
        """Approve step after step until the conversation is idle; return how many. `patience` is in milliseconds."""
        run = self.staged.locator("[data-read]").get_by_role("button", name="Run", exact=True)
        idle, waits, steps = self.status.get_by_text("idle"), self.status.get_by_text("waits"), 0
        while True:
            expect(idle.or_(waits)).to_be_visible(timeout=patience)
            if idle.count():
                return steps
            self.staged.first.scroll_into_view_if_needed()
            run.click()
            expect(waits).to_have_count(0)
            steps += 1

    def release(self) -> None:
        """Let the model go on after its silences."""
        (self.file.parent / "go").touch()

    def saved(self) -> list[dict[str, object]]:
        """Save the notebook with the keyboard, and return the cells in the file."""
        with self.page.expect_response(
            lambda response: response.request.method == "PUT" and "/contents/" in response.url
        ):
            self.keys.press("ControlOrMeta+s")
        cells: list[dict[str, object]] = json.loads(self.file.read_text())["cells"]
        return cells

    def menu(self, name: str, *entries: str) -> None:
        """Click through the menu bar."""
        self.page.locator(".lm-MenuBar-itemLabel").get_by_text(name, exact=True).click()
        for entry in entries:
            self.page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()
