"""A place in a cell's output that shows pages (`page.Page`): by widgets while there is something to press, as static
text afterwards, so that a saved notebook, or a front end without widgets, shows the same words."""

from __future__ import annotations

import time
import uuid
from typing import Any, Protocol

from IPython.core.interactiveshell import InteractiveShell

from ..kernel.gate import running_request_id
from ..kernel.subshells import serve_in_subshell
from .panel_html import STYLE, Page, page_body, page_head, page_html, page_text

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
REFRESH_SECONDS = 0.125  #: between two updates while the model writes
STOP = "Stop is also the kernel's interrupt button."


class Pressed(Protocol):
    """What hears of the buttons."""

    def press_stop(self) -> None:
        """The Stop button."""

    def press_reject(self, reason: str) -> None:
        """The Reject button, with what is in its text field."""


class Outlet:
    """A place in the running cell's output. `panel` is the one whose buttons it carries."""

    def __init__(self, shell: InteractiveShell, panel: Pressed) -> None:
        self.cell = running_request_id(shell)
        self.panel = panel
        self._shell = shell
        self._display_id = uuid.uuid4().hex
        self._shown = False
        self._refreshed = 0.0
        self._controls: Controls | None = None

    def publish(self, page: Page, *, keep: bool = False) -> None:
        """Shows the page in every form: by widgets while it is not over, and as text in the notebook's file.

        While the agent is busy only the widgets change, since a front end renders all that is published anew: the text
        follows when somebody has to act, or at the end. What is published no longer reaches a page that was reloaded
        since: there `keep` leaves the end in the widgets.
        """
        controls = self._controls
        if controls and page.phase == "busy":
            self.refresh(page)
            return
        data: dict[str, Any] = {"text/plain": page_text(page)}
        if page.phase == "over" and keep:
            self.refresh(page)
        if page.phase == "over":
            data["text/html"] = page_html(page)
            self._controls = None
        else:
            self._controls = self._controls or Controls(self)
            self.refresh(page)
            data[WIDGET_VIEW] = self._controls.box.get_view_spec()
        self._shell.display_pub.publish(data, transient={"display_id": self._display_id}, update=self._shown)
        self._shown = True
        if controls and self._controls is None and not keep:
            controls.close()

    def refresh(self, page: Page) -> None:
        """Shows the page in the widgets alone."""
        if self._controls:
            self._controls.show(page)
        self._refreshed = time.monotonic()

    def is_due(self) -> bool:
        """Whether the last refresh is long enough ago."""
        return time.monotonic() - self._refreshed >= REFRESH_SECONDS


class Controls:
    """The widgets of an outlet."""

    def __init__(self, outlet: Outlet) -> None:
        import ipywidgets

        self.head = ipywidgets.HTML()
        self.body = ipywidgets.HTML()
        self.stop = ipywidgets.Button(description="Stop", tooltip=STOP)
        self.reason = ipywidgets.Text(placeholder="Why not? The model reads this (empty: the question ends here)")
        self.reject = ipywidgets.Button(description="Reject")
        self.row = ipywidgets.HBox([self.reason, self.reject]).add_class("codeact-row")
        top = ipywidgets.HBox([self.head, self.stop]).add_class("codeact-row")
        self.box = ipywidgets.VBox([ipywidgets.HTML(STYLE), top, self.body, self.row]).add_class("codeact-panel")
        self.stop.on_click(lambda button: outlet.panel.press_stop())
        self.reject.on_click(lambda button: outlet.panel.press_reject(self.reason.value))
        serve_in_subshell(self.stop.comm)

    def show(self, page: Page) -> None:
        """Puts the page into the widgets."""
        self.head.value = page_head(page)
        self.body.value = page_body(page)
        self.row.layout.display = "flex" if page.phase == "waits" and page.rejectable else "none"
        self.stop.layout.display = "none" if page.phase == "over" else "inline-block"

    def close(self) -> None:
        """Takes the widgets out of the front end and out of memory."""
        _close(self.box)


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in ("layout", "style"):
        if hasattr(widget, part):
            getattr(widget, part).close()
    widget.close()
