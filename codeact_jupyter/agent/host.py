"""Where proposals go and how they come to run.

`next_input.NextInputHost` prefills the next cell, and the user's running of it is the approval; `inline.InlineHost`
asks a policy and runs the action here and now.
"""

from __future__ import annotations

from typing import Protocol

from ..session.messages import Approval, Observation, Proposal, Rejection, Stop


class Host(Protocol):
    """One way to put an action before the user."""

    def can_deliver(self) -> bool:
        """Whether a proposal made now would reach the user; if not, the session pauses before it generates."""

    def deliver(self, proposal: Proposal) -> Approval | Rejection | Stop | None:
        """Puts the proposal before the user. Returns the decision, or `None` when it comes later."""

    def run(self, proposal: Proposal, source: str) -> Observation | Stop | None:
        """The proposal is approved as `source`. Returns what it brought, or `None` when that comes later."""
