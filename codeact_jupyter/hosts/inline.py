"""The host for programs and for `auto` mode: a policy decides, and the action runs here and now."""

from __future__ import annotations

from collections.abc import Callable

from ..kernel.workspace import Workspace
from ..session.messages import Approval, Observation, Proposal, Rejection, Stop

Policy = Callable[[Proposal], Approval | Rejection | Stop]


class InlineHost:
    """Runs what `policy` approves in the workspace's shell, inside the cell or call that asked."""

    def __init__(self, workspace: Workspace, policy: Policy) -> None:
        self.workspace = workspace
        self.policy = policy

    def can_deliver(self) -> bool:
        """Always: the policy is at hand."""
        return True

    def deliver(self, proposal: Proposal) -> Approval | Rejection | Stop:
        """The policy's decision; whatever it raises means no."""
        return self.policy(proposal)

    def run(self, proposal: Proposal, source: str) -> Observation | Stop:
        """Runs the source through the gate."""
        observation, interrupted = self.workspace.run(proposal.id, source)
        return Stop(reason="The running step was interrupted.") if interrupted else observation


def approve_all(proposal: Proposal) -> Approval:
    """The policy of `auto` mode."""
    return Approval(proposal.id, proposal.code)


def refuse_all(proposal: Proposal) -> Stop:
    """The policy of `ask` mode where nobody can be asked."""
    return Stop(
        "blocked",
        "The step was not run: it needs your approval, and in this environment nobody can be asked. "
        "Let steps run by themselves with `%codeact mode auto`, or use `jupyter codeact run --approve auto`.",
    )
