"""The arms of a comparison: which of the agent's techniques are in use, or another protocol altogether."""

from __future__ import annotations

from ..errors import UsageProblem
from ..session.techniques import NAMES, NONE, Techniques

MODES = ("code", "json", "text")
PAPER = "paper"  #: the published protocol as it stands, without any technique
ARMS = ("full", "bare", *(f"no-{name}" for name in NAMES), PAPER)


def techniques(arm: str) -> Techniques:
    """What is in use in an arm. Raises `UsageProblem` for one that does not exist."""
    check_arm(arm)
    if arm == "full":
        return Techniques()
    return NONE if arm in ("bare", PAPER) else Techniques().without(arm.removeprefix("no-"))


def check_arm(arm: str) -> None:
    """Raises `UsageProblem` when there is no such arm."""
    if arm not in ARMS:
        raise UsageProblem(f"There is no arm {arm!r}. The arms are {', '.join(ARMS)}.")


def applies(arm: str, mode: str) -> bool:
    """Whether there is such an arm in this mode: the published protocol has code actions only."""
    return mode == "code" or arm != PAPER
