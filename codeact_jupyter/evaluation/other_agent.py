"""Interface for measuring another agent with the same tasks, tools, engine and limits.

`--agent FILE.py:FUNCTION` names a function that takes a `Question` and returns an `Outcome`; the arm is then a name of
your own. The JSON and text agents and the published protocol in `benchmarks/baselines` have the same interface.
`KeyboardInterrupt` tells the function that the time is over. Any other exception fails the attempt.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType

from ..engines import Engine
from ..session.messages import ChatMessage, Usage
from ..session.techniques import Techniques
from .plan import Settings
from .records import Step
from .task import Namespace


@dataclass(frozen=True, slots=True)
class Question:
    """One task for the other agent."""

    prompt: str  #: the task
    namespace: Namespace  #: objects and functions that its actions may use
    tools: tuple[str, ...]  #: names in the namespace that the task is about
    engine: Engine  #: the model
    settings: Settings  #: limits of the run
    seed: int  #: seed of the attempt
    mode: str  #: of its actions: `code`, `json` or `text`
    use: Techniques  #: techniques of the arm; an agent of another kind ignores them
    judge: Callable[[str, Namespace], bool | str]  #: takes an answer and the objects; True, or the reason to refuse it


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of the other agent."""

    answer: str | None  #: its answer; None without one, or if it called `judge` itself
    namespace: Namespace  #: objects that the checker may inspect
    steps: Sequence[Step]  #: its actions
    messages: Sequence[ChatMessage]  #: what its model read and wrote
    usage: Usage  #: tokens and seconds of its model
    turns: int  #: replies of its model
    status: str = "answered"  #: as in a record
    reason: str = ""  #: cause of a missing answer


AGAIN = 5.0  #: seconds between two interrupts, for code that swallows the first

OtherAgent = Callable[[Question], Outcome]


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `KeyboardInterrupt` in the main thread, where this must run, when the time is over.

    Args:
        seconds: The limit.

    Yields:
        Nothing.

    Raises:
        KeyboardInterrupt: The time is over.
    """
    running = True

    def ring(number: int, frame: FrameType | None) -> None:
        if running:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    alarm = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *alarm)
