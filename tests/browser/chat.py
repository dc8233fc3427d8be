"""The chat in the sidebar, as a user sees and uses it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Chat:
    """The CodeAct panel of a page, opened if it is closed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.panel = page.locator("#codeact-chat")
        self.input = self.panel.get_by_label("Ask CodeAct")
        if not self.panel.is_visible():
            page.locator("[data-id='codeact-chat']").click()
        expect(self.panel).to_be_visible()

    def card(self, state: str) -> Locator:
        """Return the cards of the steps in a state: waits, running, done, failed, rejected, stopped or left."""
        return self.panel.locator(f".jp-CodeAct-card[data-state={state}]")

    @property
    def replies(self) -> Locator:
        """What the model said, without its code: its answers, and a sentence before most steps."""
        return self.panel.locator(".jp-RenderedMarkdown:not(:empty)")

    @property
    def run(self) -> Locator:
        """The button that runs the waiting step, once its card has been in view long enough."""
        return self.panel.locator(".jp-CodeAct-card[data-read]").get_by_role("button", name="Run", exact=True)

    def say(self, text: str) -> None:
        """Replace the text of the input, and send it."""
        self.input.click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=True)
