"""Choose the host and the views for each event, by the options and by the place of the question."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..agent.host import Host
from ..agent.sampling import Sampling
from ..agent.turn import TurnSettings
from ..agent.view import Several, View
from ..config import CodeAct
from ..hosts.inline import InlineHost, approve_within, refuse_all
from ..hosts.next_input import NextInputHost, can_prefill
from ..kernel.requests import execute_request, running_cell_id
from ..kernel.workspace import Workspace
from ..lab.comms import Pages
from ..lab.host import LabHost
from ..lab.view import LabView
from ..session.messages import Proposal, Rejection
from ..session.reach import needed, told_to_model, told_to_user
from ..views.panel import Panel, has_widgets
from ..views.text import PlainView, how_to_approve, its_code, mark_end, nothing, to_stdout

FIRST_PAGE_SECONDS = 1.5  #: time after loading during which the first question waits for a page


@dataclass(frozen=True, slots=True)
class Lab:
    """The extension's side of a kernel."""

    pages: Pages  #: the open pages
    host: LabHost  #: puts proposals into the notebook
    view: LabView  #: shows the conversation in the pages


class FrontEnd:
    """Hosts and views of one kernel.

    Args:
        workspace: Where code runs.
        next_input: Host that prefills the next cell.
        lab: The extension's side; `None` in a shell without a kernel.
        stop: Called by the panel's Stop button.
        reject: Called by the panel's Reject button, with a reason or an empty text.
    """

    def __init__(
        self,
        workspace: Workspace,
        next_input: NextInputHost,
        lab: Lab | None,
        *,
        stop: Callable[[], None],
        reject: Callable[[str], None],
    ) -> None:
        self._workspace = workspace
        self._shell = workspace.shell
        self._next_input = next_input
        self._lab = lab
        self._stop = stop
        self._reject = reject
        self._asks = False  # a step in `auto` mode waits for an approval as the next cell, as do the ones after it
        self._panel: Panel | None = None
        self._loaded = time.monotonic()

    def turn(self, settings: CodeAct, *, begins: bool) -> TurnSettings:
        """Choose host and view for an event.

        Args:
            settings: The options in force.
            begins: The event begins a question, or resumes one.

        Returns:
            How the agent works on the event.
        """
        if begins:
            self._asks = False
        host, lab, auto = self._choose_host(settings), self._lab, settings.mode == "auto"
        in_lab = lab is not None and host is lab.host
        view = self._choose_view(settings, host, begins=begins)
        if lab:
            lab.host.reach = settings.reach if auto else None
            if begins or not in_lab:
                lab.host.withdraw()  # now: the agent's thread may be slow to begin
        return TurnSettings(
            host,
            view,
            Sampling(settings.max_tokens, settings.temperature, settings.seed),
            settings.techniques,
            max_turns=settings.max_turns,
            max_seconds=settings.max_seconds if auto else None,
            background=in_lab,
            prepare_next=settings.prepare_next and not auto and not on_battery(),
        )

    def place(self, below: str | None, page: str) -> None:
        """Set where the next steps go.

        Args:
            below: Id of the cell above them, for a question from a page; else they go below the running cell.
            page: The page that asks; empty for a question from a cell.
        """
        if self._lab is None:
            return
        if not page and running_cell_id(self._shell) is not None:
            self._wait_for_first_page(self._lab.pages)
        session = execute_request(self._shell).get("header", {}).get("session", "")
        self._lab.host.page = page or self._lab.pages.page_of(session)
        self._lab.host.below = below if page else running_cell_id(self._shell)

    def replace_pending(self) -> None:
        """Withdraw the step that waits, and set that the next ones go below it."""
        if self._lab:
            self._lab.host.follow_pending()
            self._lab.host.withdraw()

    def show_options(self) -> None:
        """Show the options in force, which have changed."""
        if self._lab:
            self._lab.view.send_changes()

    def show_all(self) -> None:
        """Show the conversation anew: another one was opened."""
        if self._lab:
            self._lab.view.send_all()

    def forget_past(self) -> None:
        """Stop showing an earlier kernel's conversation, which is being resumed."""
        if self._lab:
            self._lab.view.forget_past()

    def forget(self) -> None:
        """Show an empty conversation."""
        if self._panel:
            self._panel.leave()
            self._panel = None
        if self._lab:
            self._lab.view.forget()

    def _choose_host(self, settings: CodeAct) -> Host:
        """Return the host for the event's origin. An event of a button has none: it stays with the extension."""
        lab = self._lab
        if lab and lab.pages.names and settings.host == "detect" and _is_in_cell_or_page(self._shell):
            return lab.host
        if self._asks or not _runs_inline(self._shell, settings):
            return self._next_input
        if settings.mode != "auto":
            return InlineHost(self._workspace, refuse_all)
        return InlineHost(self._workspace, approve_within(settings.reach, partial(self._ask_or_reject, settings)))

    def _ask_or_reject(self, settings: CodeAct, proposal: Proposal, why: str) -> Rejection | None:
        """Decide about a step beyond the reach: it becomes the next cell, or is rejected where nobody can run that."""
        asks = settings.host == "detect" and can_prefill(self._shell) and self._next_input.can_deliver()
        done = "waits for your approval" if asks else "was not run"
        more = "" if asks else f" To allow it, run `%codeact reach {needed(proposal.tried)}` and ask again."
        to_stdout(f"[note] The step below {done}: {told_to_user(why, settings.reach)}.{more}\n")
        if not asks:
            return Rejection(proposal.id, told_to_model(why, settings.reach), auto=True)
        self._asks = True
        self._next_input.deliver(proposal)
        return None

    def _choose_view(self, settings: CodeAct, host: Host, *, begins: bool) -> View:
        if self._lab and host is self._lab.host:
            return Several(self._lab.view, *self._lasting_panels(settings, begins=begins))
        inline = isinstance(host, InlineHost)
        has_cells = hasattr(self._shell, "kernel") and _is_in_cell_or_page(self._shell)  # a console has none
        detect = settings.view == "detect" and has_cells and not inline
        if (settings.view == "panel" or detect) and has_widgets():
            view: View = self._make_panel(stays=False)
        elif settings.view == "stream":
            view = PlainView(to_stdout, nothing, *(() if inline else (mark_end,)))
        else:
            view = PlainView(to_stdout, its_code if inline else how_to_approve)
        return Several(self._lab.view, view) if self._lab else view

    def _lasting_panels(self, settings: CodeAct, *, begins: bool) -> list[View]:
        """Return the panel of the asking cell, for steps that are separate cells; none for a question from a page."""
        if settings.view not in ("detect", "panel") or not has_widgets():
            return []
        if begins or self._panel is None:
            panel = self._make_panel(stays=True)
            if running_cell_id(self._shell):
                panel.begin()
            else:
                panel.leave()
        return [self._panel] if self._panel else []

    def _make_panel(self, *, stays: bool) -> Panel:
        if self._panel is None:
            self._panel = Panel(self._shell, stop=self._stop, reject=self._reject, arrivals=self._arrivals)
        self._panel.stays = stays
        return self._panel

    def _arrivals(self) -> int:
        return self._lab.pages.arrivals if self._lab else 0

    def _wait_for_first_page(self, pages: Pages) -> None:
        """Wait for a page if CodeAct was just loaded and the kernel serves pages while a cell runs."""
        kernel: Any = getattr(self._shell, "kernel", None)
        if getattr(kernel, "_supports_kernel_subshells", False):
            pages.wait(max(0.0, FIRST_PAGE_SECONDS - (time.monotonic() - self._loaded)))


def on_battery() -> bool:
    """Return True if the machine runs on its battery."""
    import psutil

    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return battery is not None and battery.power_plugged is False


def _is_in_cell_or_page(shell: InteractiveShell) -> bool:
    """Return False if the event comes from an execute request without a notebook cell."""
    return bool(running_cell_id(shell) or not execute_request(shell))


def _runs_inline(shell: InteractiveShell, settings: CodeAct) -> bool:
    if settings.host != "detect":
        return bool(settings.host == "inline")
    return settings.mode == "auto" or not can_prefill(shell)
