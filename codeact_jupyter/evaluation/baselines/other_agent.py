"""Interface for measuring another agent with the same tasks, tools, engine and limits.

`--agent FILE.py:FUNCTION` names a function that takes a `Question` and returns an `Outcome`; the arm is then a name of
your own. `KeyboardInterrupt` tells the function that the time is over. Any other exception fails the attempt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...engines import Engine
from ...session.messages import ChatMessage, Usage
from ..plan import Settings
from ..records import Step
from ..task import Namespace


@dataclass(frozen=True, slots=True)
class Question:
    """One task for the other agent.

    Args:
        prompt: the task.
        namespace: objects and functions that its actions may use.
        tools: names in the namespace that the task is about.
        engine: the model.
        settings: limits of the run.
        seed: seed of the attempt.
    """

    prompt: str
    namespace: Namespace
    tools: tuple[str, ...]
    engine: Engine
    settings: Settings
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of the other agent.

    Args:
        answer: its answer; None if it gave none.
        namespace: objects that the checker may inspect.
        steps: its actions.
        messages: what its model read and wrote.
        usage: tokens and seconds of its model.
        turns: replies of its model.
        status: as in a record.
        reason: cause of a missing answer.
    """

    answer: str | None
    namespace: Namespace
    steps: Sequence[Step]
    messages: Sequence[ChatMessage]
    usage: Usage
    turns: int
    status: str = "answered"
    reason: str = ""


OtherAgent = Callable[[Question], Outcome]
