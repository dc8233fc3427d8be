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
    """One task for the other agent."""

    prompt: str  #: the task
    namespace: Namespace  #: objects and functions that its actions may use
    tools: tuple[str, ...]  #: names in the namespace that the task is about
    engine: Engine  #: the model
    settings: Settings  #: limits of the run
    seed: int  #: seed of the attempt


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of the other agent."""

    answer: str | None  #: its answer; None if it gave none
    namespace: Namespace  #: objects that the checker may inspect
    steps: Sequence[Step]  #: its actions
    messages: Sequence[ChatMessage]  #: what its model read and wrote
    usage: Usage  #: tokens and seconds of its model
    turns: int  #: replies of its model
    status: str = "answered"  #: as in a record
    reason: str = ""  #: cause of a missing answer


OtherAgent = Callable[[Question], Outcome]
