"""Options of the agent's work on one event."""

from __future__ import annotations

from dataclasses import dataclass

from ..session.techniques import Techniques
from .host import Host
from .sampling import Sampling
from .view import View


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """How an event, and all that follows from it, is worked on."""

    host: Host
    view: View
    sampling: Sampling
    techniques: Techniques
    max_turns: int  #: replies of the model in an episode
    max_seconds: float | None = None  #: wall-clock limit of an episode; `None` for no limit
    background: bool = False  #: generate on a thread, so that `Agent.advance` returns at once
