"""Configuration of the agent's work on one event."""

from __future__ import annotations

from dataclasses import dataclass

from ..session.techniques import Techniques
from .host import Host
from .sampling import Sampling
from .view import View


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """Configuration of the work on an event and on all that follows from it."""

    host: Host  #: puts proposals before the user
    view: View  #: shows the conversation
    sampling: Sampling  #: limits and randomness of a reply
    techniques: Techniques  #: in use for the model's replies
    max_turns: int  #: steps in an episode; then the model must answer
    max_seconds: float | None = None  #: wall-clock limit of an episode; `None` for no limit
    background: bool = False  #: generate on a thread, so that `Agent.advance` returns at once
