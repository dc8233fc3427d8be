"""Host for front ends with the extension: a proposal becomes a cell, which waits there for the user.

One page, the one that asked, is told to insert the cell, and alone gets the nonce for its approval; all pages are told
what waits. If that page does not acknowledge the cell in time, another one is told, which then needs an approval also
in `auto` mode. The cell's id follows from the proposal's, so that the cell is inserted only once, even if several pages
are told. Meanwhile the kernel is free.

On approval, a page sends an execute request with the approval in its metadata; the gate checks it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from msgspec.structs import replace

from ..kernel.gate import Gate
from ..namespace.bindings import assigned_names
from ..session.messages import Proposal, Reach
from ..session.reach import excess, told_to_user
from .comms import Pages
from .items import cell_id
from .protocol import Pending, PendingChanged
from .trials import to_trial

PAGE_ACKNOWLEDGE_SECONDS = 3.0  #: time for a page to acknowledge the cell, long enough for a busy machine


class LabHost:
    """Shows proposals in the notebook through the open pages.

    Args:
        gate: Holds the approvals of staged cells.
        pages: The open pages.
        names: Returns the names that are bound in the kernel.
    """

    asks_user = True

    def __init__(self, gate: Gate, pages: Pages, names: Callable[[], Collection[str]]) -> None:
        self.below: str | None = None  #: id of the cell below which the next step goes
        self.page = ""  #: the page that asked
        self.reach: Reach | None = None  #: pages run steps within it without asking the user; None in `ask` mode
        self.asks = ""  #: why the last step waits for an approval in `auto` mode; empty if it does not
        self.pending: Pending | None = None  #: the proposal that waits, as pages know it
        self._gate = gate
        self._pages = pages
        self._names = names
        self._acknowledged = False
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()

    def can_deliver(self) -> bool:
        """Return True if any page is open. See `Host.can_deliver`."""
        return bool(self._pages.names)

    def deliver(self, proposal: Proposal) -> None:
        """Stage the proposal's cell and tell the pages. See `Host.deliver`."""
        cell = cell_id(proposal.id)
        adds, replaces = self._bound_names(proposal)
        why = excess(proposal.tried, self.reach) if self.reach else ""
        self.asks = told_to_user(why, self.reach) if self.reach and why else ""
        with self._lock:
            pages = self._pages.names
            self.pending = Pending(
                proposal=proposal.id,
                step=proposal.step,
                code=proposal.code,
                cell=cell,
                after=self.below,
                page=self.page if self.page in pages else pages[-1] if pages else "",
                nonce=self._gate.stage(cell),
                adds=adds,
                replaces=replaces,
                model=proposal.model,
                run=bool(self.reach) and not why and not (proposal.tried and proposal.tried.memory),
                tried=to_trial(proposal.tried, figures=True),
            )
            self._tell_pages()

    def run(self, proposal: Proposal, source: str) -> None:
        """Do nothing: the page has sent the cell already. See `Host.run`."""

    def placed(self, page: str, proposal: str) -> None:
        """Record a page's acknowledgement that it has inserted the cell.

        Args:
            page: The page's id.
            proposal: The proposal's id.
        """
        with self._lock:
            if self.pending and (self.pending.proposal, self.pending.page) == (proposal, page):
                self._acknowledged = True
                self._cancel_timer()

    def pending_for(self, page: str) -> Pending | None:
        """Return the proposal that waits as this page may know it: only the page that is to insert it gets the nonce.

        Args:
            page: The page's id.
        """
        pending = self.pending
        return pending if pending is None or pending.page == page else replace(pending, page="", nonce="", run=False)

    def missing(self, page: str, proposal: str) -> None:
        """Tell the chosen page again, since another page has no cell or no nonce for the proposal.

        Args:
            page: The id of that other page.
            proposal: The proposal's id.
        """
        with self._lock:
            if self.pending and self.pending.proposal == proposal and self.pending.page != page:
                if self.pending.page not in self._pages.names:
                    self.pending = replace(self.pending, page=page, run=False)
                self._tell_pages()

    def asking(self, page: str) -> str:
        """Return the page that asked for the step that waits, if it is open; else this one, which asks now.

        Args:
            page: The id of the page that asks.
        """
        return self.page if self.pending and self.page in self._pages.names else page

    def attached(self, page: str) -> None:
        """Find out whether the chosen page is still there, since another one was opened, perhaps in its place.

        Args:
            page: The id of the page that was opened.
        """
        if self.pending:
            self.missing(page, self.pending.proposal)

    def withdraw(self) -> None:
        """Withdraw the proposal that waits, if there is one."""
        with self._lock:
            if self.pending:
                self._gate.unstage(self.pending.cell)
                self.pending = None
                self._cancel_timer()
                self._pages.send(PendingChanged(None))

    def follow_pending(self) -> None:
        """Set that the next step goes below the waiting one, if there is one."""
        if self.pending:
            self.below = self.pending.cell

    def _bound_names(self, proposal: Proposal) -> tuple[list[str], list[str]]:
        """Return the new names and those that get another value: from the trial if it ran, else from the code."""
        tried = proposal.tried
        if tried and tried.outcome == "ran":
            return list(tried.added), list(tried.changed)
        bound, known = assigned_names(proposal.code), set(self._names())
        return [name for name in bound if name not in known], [name for name in bound if name in known]

    def _tell_pages(self) -> None:
        """Tell all pages what waits, and choose another page if the chosen one does not acknowledge it."""
        self._acknowledged = False
        for page in self._pages.names:
            self._pages.send(PendingChanged(self.pending_for(page)), page)
        self._cancel_timer()
        self._timer = threading.Timer(PAGE_ACKNOWLEDGE_SECONDS, self._choose_another_page)
        self._timer.daemon = True
        self._timer.start()

    def _choose_another_page(self) -> None:
        with self._lock:
            others = [page for page in self._pages.names if self.pending and page != self.pending.page]
            if self.pending is None or self._acknowledged or not others:
                return
            self._pages.demote(self.pending.page)
            self.pending = replace(self.pending, page=others[-1], run=False)
            self._tell_pages()

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
