"""A panel in a cell's output: widgets while it has buttons, static text afterwards.

The text says the same as the widgets, for saved notebooks and for front ends without widgets.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..kernel.requests import running_request_id
from ..kernel.subshells import serve_in_subshell
from .panel_html import STYLE, PanelContent, body_html, content_html, content_text, head_html

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
REFRESH_SECONDS = 0.125  #: between two updates while the model writes
STOP = "Stop is also the kernel's interrupt button."


class PanelOutput:
    """A panel's part of the running cell's output.

    Args:
        shell: The kernel's shell.
        on_stop: Called when Stop is pressed.
        on_reject: Called when Reject is pressed, with the text beside it.
    """

    def __init__(self, shell: InteractiveShell, on_stop: Callable[[], None], on_reject: Callable[[str], None]) -> None:
        self.cell = running_request_id(shell)  #: the execute request whose output it is in
        self._shell = shell
        self._on_stop = on_stop
        self._on_reject = on_reject
        self._display_id = uuid.uuid4().hex
        self._shown = False
        self._refreshed = 0.0
        self._controls: Controls | None = None

    def publish(self, content: PanelContent, *, keep: bool = False) -> None:
        """Show the content in widgets until it is over, and as text in the notebook's file.

        A front end renders all that is published anew. So, while the agent is busy, only the widgets change, and the
        text follows when the user has to act, or at the end.

        Args:
            content: What to show.
            keep: Keep the last content in the widgets too: a reloaded page does not receive published updates.
        """
        controls = self._controls
        if controls and content.phase == "busy":
            self.refresh(content)
            return
        data: dict[str, Any] = {"text/plain": content_text(content), "text/html": content_html(content)}
        if content.phase == "over" and keep:
            self.refresh(content)
        if content.phase == "over":
            self._controls = None
        else:
            self._controls = self._controls or Controls(self._on_stop, self._on_reject)
            self.refresh(content)
            data[WIDGET_VIEW] = self._controls.box.get_view_spec()
        metadata = {"codeact": {"answer": content.thought}} if content.is_answer else {}
        transient = {"display_id": self._display_id}
        self._shell.display_pub.publish(data, metadata, transient=transient, update=self._shown)
        self._shown = True
        if controls and self._controls is None and not keep:
            controls.close()

    def refresh(self, content: PanelContent) -> None:
        """Show the content in the widgets alone.

        Args:
            content: What to show.
        """
        if self._controls:
            self._controls.show(content)
        self._refreshed = time.monotonic()

    def is_due(self) -> bool:
        """Check if it is time for another refresh.

        Returns:
            True if the last one is at least `REFRESH_SECONDS` ago.
        """
        return time.monotonic() - self._refreshed >= REFRESH_SECONDS


class Controls:
    """Widgets of a panel's output.

    Args:
        on_stop: Called when Stop is pressed.
        on_reject: Called when Reject is pressed, with the text beside it.
    """

    def __init__(self, on_stop: Callable[[], None], on_reject: Callable[[str], None]) -> None:
        import ipywidgets

        self._head = ipywidgets.HTML()
        self._body = ipywidgets.HTML()
        self._stop = ipywidgets.Button(description="Stop", tooltip=STOP)
        reason = ipywidgets.Text(placeholder="Why not? The model reads this (empty: the question ends here)")
        reject = ipywidgets.Button(description="Reject")
        self._row = ipywidgets.HBox([reason, reject]).add_class("codeact-row")
        top = ipywidgets.HBox([self._head, self._stop]).add_class("codeact-row")
        parts = [ipywidgets.HTML(STYLE), top, self._body, self._row]
        self.box = ipywidgets.VBox(parts).add_class("codeact-panel")  #: the outermost widget
        self._stop.on_click(lambda button: on_stop())
        reject.on_click(lambda button: on_reject(reason.value))
        serve_in_subshell(self._stop.comm)

    def show(self, content: PanelContent) -> None:
        """Put the content into the widgets.

        Args:
            content: What to show.
        """
        self._head.value = head_html(content)
        self._body.value = body_html(content)
        self._row.layout.display = "flex" if content.phase == "waits" and content.rejectable else "none"
        self._stop.layout.display = "none" if content.phase == "over" else "inline-block"

    def close(self) -> None:
        """Remove the widgets from the front end and from memory."""
        _close(self.box)


def _close(widget: Any) -> None:
    for child in getattr(widget, "children", ()):
        _close(child)
    for part in ("layout", "style"):
        if hasattr(widget, part):
            getattr(widget, part).close()
    widget.close()
