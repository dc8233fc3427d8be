"""Host for programs and for `auto` mode: a policy decides, and the code runs at once in the asking cell or call."""

from __future__ import annotations

from collections.abc import Callable

from ..kernel.workspace import Workspace
from ..session.messages import Approval, Observation, Proposal, Reach, Rejection, Stop
from ..session.reach import excess

TOO_LARGE = (
    "The step was not run: it may need more memory than is free, and could end the process. "
    "Ask for less, such as a part of the rows, or run it yourself."
)
Policy = Callable[[Proposal], Approval | Rejection | Stop | None]


class InlineHost:
    """Runs the proposals that the policy approves.

    Args:
        workspace: Where the code runs.
        policy: Decides about each proposal; None if the decision comes later as an event.
    """

    asks_user = False

    def __init__(self, workspace: Workspace, policy: Policy) -> None:
        self._workspace = workspace
        self._policy = policy

    def can_deliver(self) -> bool:
        """Return True. See `Host.can_deliver`."""
        return True

    def deliver(self, proposal: Proposal) -> Approval | Rejection | Stop | None:
        """Return the policy's decision, or the end if the step could end the kernel. See `Host.deliver`."""
        if proposal.tried and proposal.tried.memory:
            return Stop("blocked", f"{TOO_LARGE} {proposal.tried.error}".rstrip())
        return self._policy(proposal)

    def run(self, proposal: Proposal, source: str) -> Observation | Stop:
        """Run the source through the gate. See `Host.run`."""
        observation, interrupted = self._workspace.run(proposal.id, source)
        return Stop(reason="The running step was interrupted.") if interrupted else observation


def approve_within(reach: Reach, otherwise: Callable[[Proposal, str], Rejection | None]) -> Policy:
    """Return the policy of `auto` mode.

    Args:
        reach: The greatest reach of a step that runs without approval.
        otherwise: Called with any other step, and why it is one; decides about it.

    Returns:
        A policy that approves the steps within the reach as they are.
    """

    def policy(proposal: Proposal) -> Approval | Rejection | None:
        why = excess(proposal.tried, reach)
        return otherwise(proposal, why) if why else Approval(proposal.id, proposal.code, auto=True)

    return policy


def refuse_all(proposal: Proposal) -> Stop:
    """End the episode: the policy of `ask` mode where no user can approve.

    Args:
        proposal: The code action.

    Returns:
        The end, with the reason for the user.
    """
    return Stop(
        "blocked",
        "The step was not run: it needs approval, and nobody can approve it here. "
        "Allow steps without approval with `%codeact mode auto`, or use `jupyter codeact run --approve auto`.",
    )
