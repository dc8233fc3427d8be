"""Reach of the steps that run without approval: what a step needs is what its trial wanted.

`read-only`: nothing outside the kernel. `workspace`: also to make and write files in the notebook's folder. `all`:
anything. A step whose trial did not show all that it wants needs `all`.
"""

from __future__ import annotations

from typing import Any, get_args

from .messages import Reach, Tried

REACHES: tuple[Reach, ...] = get_args(Reach)  #: from the least to the greatest

DEFAULT_REACH: Reach = "workspace"

_RUNS: dict[Reach, str] = {
    "read-only": "change nothing outside the kernel",
    "workspace": "change nothing outside the kernel but files in the notebook's folder",
    "all": "do anything",
}


def exceeds(one: Any, other: Any) -> bool:
    """Return True if a reach is greater than another one.

    Args:
        one: A reach.
        other: The other reach.
    """
    return REACHES.index(one) > REACHES.index(other)


def needed(tried: Tried | None) -> Reach:
    """Return the least reach that lets a step run.

    Args:
        tried: Result of its trial; None if there was none.
    """
    return tried.reach if tried else "all"


def excess(tried: Tried | None, reach: Reach) -> str:
    """Return why a step may not run without approval.

    Args:
        tried: Result of its trial; None if there was none.
        reach: The greatest reach that is allowed.

    Returns:
        A clause without a full stop, such as "it would open the network"; empty if the step may run.
    """
    if not exceeds(needed(tried), reach):
        return ""
    if tried is None:
        return "it was not tried"
    if tried.outcome == "not_tried":
        return f"it was not tried ({tried.reason})" if tried.reason else "it was not tried"
    effects = ", ".join(tried.effects) or "use or change something outside the kernel"
    return f"it would {effects}" + (f", and its trial did not come further ({tried.error})" if tried.error else "")


def reach_fields(tried: Tried) -> dict[str, Any]:
    """Return the fields of a trial that decide about its reach, as plain JSON data.

    Args:
        tried: Result of the trial.
    """
    return {name: getattr(tried, name) for name in ("outcome", "effects", "error", "reason", "reach")}


def told_to_model(why: str, reach: Reach) -> str:
    """Return the reason of the rejection of a step.

    Args:
        why: A result of `excess`.
        reach: The reach that is allowed.
    """
    return f"{why[:1].upper()}{why[1:]}. Here only steps run that {_RUNS[reach]}."


def told_to_user(why: str, reach: Reach) -> str:
    """Return why a step does not run by itself.

    Args:
        why: A result of `excess`.
        reach: The reach that is allowed.

    Returns:
        A clause, without a full stop.
    """
    return f"{why}, and steps without approval must {_RUNS[reach]} (reach `{reach}`)"
