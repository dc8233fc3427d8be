"""The seam for other agents: a function that is asked in place of ours, with the same tasks, tools, engine and limits.

`--agent FILE.py:FUNCTION` names it, and the arm is then a name of your own. It gets a `Question` and returns an
`Outcome`; `KeyboardInterrupt` tells it that the time is over, and whatever else it raises is the attempt's failure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..engines import Engine
from ..session.messages import ChatMessage, Usage
from .records import Step
from .settings import Settings
from .task import Namespace


@dataclass(frozen=True, slots=True)
class Question:
    """What the other agent is asked. `tools` are the names in the namespace that the task is about."""

    prompt: str
    namespace: Namespace
    tools: tuple[str, ...]
    engine: Engine
    settings: Settings
    seed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What it did. `answer` is None when there is none; `namespace` is what a checker may look into afterwards."""

    answer: str | None
    namespace: Namespace
    steps: Sequence[Step]
    messages: Sequence[ChatMessage]
    usage: Usage
    turns: int
    status: str = "answered"
    reason: str = ""


Peer = Callable[[Question], Outcome]
