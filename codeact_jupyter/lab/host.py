"""The host where the extension is: a proposal becomes a cell by itself, and waits there for the user.

The worker that made it goes on to nothing; the kernel stays free. One page is told to put the cell in, all are told
what waits. A page that does not say within a moment that the cell is there is taken for gone, and the next one is
told. The cell's id follows from the proposal's, so that it is put in once, whoever does it and however often.

What the page sends back is an execute request with the approval in its metadata, checked by the gate.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from msgspec.structs import replace

from ..kernel.gate import Gate
from ..namespace.bindings import assigned_names
from ..session.messages import Proposal
from .comms import Pages
from .items import cell_id
from .protocol import Pending, PendingChanged

PATIENCE = 3.0  #: seconds for a page to say that it put the cell in, on a busy machine too


class LiveHost:
    """See the module. `below` is the id of the cell that the next step's follows, `page` the one that asked, and `run`
    whether steps run at once; `names()` gives the names that are bound in the kernel.
    """

    def __init__(self, gate: Gate, pages: Pages, names: Callable[[], Collection[str]]) -> None:
        self.gate = gate
        self.pages = pages
        self.names = names
        self.below: str | None = None
        self.page = ""
        self.run_at_once = False
        self.pending: Pending | None = None
        self._placed = False
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()

    def can_deliver(self) -> bool:
        """Whether any page is there."""
        return bool(self.pages.names)

    def deliver(self, proposal: Proposal) -> None:
        """Stages the proposal's cell and tells the pages."""
        cell = cell_id(proposal.id)
        bound, known = assigned_names(proposal.code), set(self.names())
        with self._lock:
            pages = self.pages.names
            self._placed = False
            self.pending = Pending(
                proposal=proposal.id,
                step=proposal.step,
                code=proposal.code,
                cell=cell,
                after=self.below,
                page=self.page if self.page in pages else pages[-1] if pages else "",
                nonce=self.gate.stage(cell),
                adds=[name for name in bound if name not in known],
                replaces=[name for name in bound if name in known],
                model=proposal.model,
                run=self.run_at_once,
            )
            self._tell()

    def run(self, proposal: Proposal, source: str) -> None:
        """Nothing to do: the page has sent the cell already."""

    def placed(self, page: str, proposal: str) -> None:
        """The page's notebook has the cell."""
        with self._lock:
            if self.pending and (self.pending.proposal, self.pending.page) == (proposal, page):
                self._placed = True
                self._cancel()

    def missing(self, page: str, proposal: str) -> None:
        """The page's notebook lacks the cell, which another one should have: that one is asked once more."""
        with self._lock:
            if self.pending and self.pending.proposal == proposal and self.pending.page != page:
                self._tell()

    def withdraw(self) -> None:
        """Nothing waits any longer."""
        with self._lock:
            if self.pending:
                self.gate.unstage(self.pending.cell)
                self.pending = None
                self._cancel()
                self.pages.send(PendingChanged(None))

    def _tell(self) -> None:
        """Tells the pages what waits, and turns to another page when the chosen one stays silent."""
        self._placed = False
        self.pages.send(PendingChanged(self.pending))
        self._cancel()
        self._timer = threading.Timer(PATIENCE, self._turn_to_another)
        self._timer.daemon = True
        self._timer.start()

    def _turn_to_another(self) -> None:
        with self._lock:
            others = [page for page in self.pages.names if self.pending and page != self.pending.page]
            if self.pending is None or self._placed or not others:
                return
            self.pages.demote(self.pending.page)
            self.pending = replace(self.pending, page=others[-1])
            self._tell()

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
