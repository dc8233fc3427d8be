"""Interface by which a proposal reaches the user and is run.

`hosts.next_input` prefills the next cell, `hosts.inline` asks a policy and runs the code at once, `lab.host` has the
extension insert a cell.
"""

from __future__ import annotations

from typing import Protocol

from ..session.messages import Approval, Observation, Proposal, Rejection, Stop


class Host(Protocol):
    """A way to show a proposal to the user and to run it."""

    @property
    def asks_user(self) -> bool:
        """True if a person decides about each proposal, so that repeated failures can be left to them."""

    def can_deliver(self) -> bool:
        """Check if a proposal can reach the user now.

        Returns:
            False if the session has to pause before it generates.
        """

    def deliver(self, proposal: Proposal) -> Approval | Rejection | Stop | None:
        """Show the proposal to the user.

        Args:
            proposal: The code action.

        Returns:
            The decision, or `None` when it comes later as an event.
        """

    def run(self, proposal: Proposal, source: str) -> Observation | Stop | None:
        """Run an approved proposal.

        Args:
            proposal: The code action.
            source: The code to run: as proposed, or as edited by the user.

        Returns:
            The result, or `None` when it comes later as an event.
        """
