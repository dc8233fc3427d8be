"""State of one conversation as a state machine.

`Session.apply(event)` looks the event up in `TRANSITIONS`, appends it to the transcript and returns the commands that
follow from it. It does no I/O and reads no clock, so that replaying a journal's events rebuilds the same session.

An *episode* begins with a `Prompt` and ends in `IDLE` with a `Finish`; a session is any number of episodes.
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Iterable

from ..errors import UsageProblem
from .messages import (
    Answer,
    Approval,
    Command,
    Continue,
    Deliver,
    Event,
    Finish,
    Generate,
    Observation,
    Pause,
    Prompt,
    Proposal,
    Refusal,
    Rejection,
    Retry,
    Run,
    Shortened,
    Stop,
    Undone,
    Usage,
)


class State(enum.Enum):
    """State of a session; the values are shown to the user."""

    IDLE = "idle"
    GENERATING = "thinking"
    AWAITING = "waits for you"
    EXECUTING = "running"
    PAUSED = "paused"


#: (state, event) -> next state; `apply` raises for every other pair
TRANSITIONS: dict[tuple[State, type], State] = {
    (State.IDLE, Prompt): State.GENERATING,
    (State.IDLE, Refusal): State.GENERATING,
    (State.IDLE, Continue): State.GENERATING,
    (State.IDLE, Undone): State.IDLE,
    (State.GENERATING, Proposal): State.AWAITING,
    (State.GENERATING, Answer): State.IDLE,
    (State.GENERATING, Retry): State.GENERATING,
    (State.GENERATING, Shortened): State.GENERATING,
    (State.GENERATING, Continue): State.GENERATING,
    (State.GENERATING, Pause): State.PAUSED,
    (State.GENERATING, Stop): State.IDLE,
    (State.AWAITING, Approval): State.EXECUTING,
    (State.AWAITING, Rejection): State.GENERATING,
    (State.AWAITING, Continue): State.AWAITING,
    (State.AWAITING, Prompt): State.GENERATING,
    (State.AWAITING, Undone): State.GENERATING,
    (State.AWAITING, Stop): State.IDLE,
    (State.EXECUTING, Observation): State.GENERATING,
    (State.EXECUTING, Stop): State.IDLE,
    (State.PAUSED, Continue): State.GENERATING,
    (State.PAUSED, Prompt): State.GENERATING,
    (State.PAUSED, Undone): State.PAUSED,
    (State.PAUSED, Stop): State.IDLE,
}


class Session:
    """State of one conversation: its transcript, and what follows from it.

    Args:
        max_turns: Limit of an episode: proposals, refused answers, and rounds without a usable reply. After them the
            model must answer.
    """

    def __init__(self, max_turns: int = 10) -> None:
        self.max_turns = max_turns  #: may be changed between two events
        self.state = State.IDLE
        self.transcript: list[Event] = []
        self.proposal: Proposal | None = None  #: the one that waits or runs
        self.finish: Finish | None = None  #: of the last episode
        self.turns = 0  #: replies and rounds without one in this episode
        self.usage = Usage()  #: of this episode

    @classmethod
    def replay(cls, events: Iterable[Event], max_turns: int = 10) -> Session:
        """Rebuild a session from its events.

        Args:
            events: A whole transcript, oldest first.
            max_turns: As for `Session`.

        Returns:
            The session in the state after the last event.

        Raises:
            UsageProblem: An event does not fit the state before it.
        """
        session = cls(max_turns)
        for event in events:
            session.apply(event)
        return session

    def copy(self) -> Session:
        """Return a session in the same state; events that are applied to it leave this one as it is."""
        other = copy.copy(self)
        other.transcript = list(self.transcript)
        return other

    def apply(self, event: Event) -> list[Command]:
        """Append an event to the transcript and change the state.

        Args:
            event: What happened.

        Returns:
            The commands to perform next: at most one.

        Raises:
            UsageProblem: The event does not fit the state, or is about another proposal; the session is unchanged.
        """
        target = TRANSITIONS.get((self.state, type(event)))
        if target is None:
            raise UsageProblem(
                f"That is not possible in the state {self.state.value!r} of CodeAct: wait, or run `%codeact stop`."
            )
        if isinstance(event, Approval | Rejection | Observation) and event.proposal_id != self.pending.id:
            raise UsageProblem(f"That step no longer waits: decide about step {self.pending.step}.")
        self.state = target
        self.transcript.append(event)
        return self._follow(event)

    @property
    def pending(self) -> Proposal:
        """The proposal that waits or runs.

        Raises:
            UsageProblem: No step waits or runs.
        """
        if self.proposal is None:
            raise UsageProblem("No step waits for a decision: wait for one, or ask a question.")
        return self.proposal

    @property
    def status(self) -> str:
        """End of the last episode, such as `answered`; during an episode, the name of the state."""
        return self.finish.status if self.state is State.IDLE and self.finish else self.state.value

    @property
    def answer(self) -> str | None:
        """The last episode's answer; `None` when it has none."""
        return self.finish.text if self.finish and self.finish.status == "answered" else None

    def _follow(self, event: Event) -> list[Command]:
        match event:
            case Prompt():
                self.proposal, self.finish, self.turns, self.usage = None, None, 0, Usage()
                return [Generate()]
            case Proposal():
                self.proposal = event
                self.turns += 1
                self.usage += event.usage
                return [Deliver(event)]
            case Approval():
                return [Run(self.pending, event.source)]
            case Retry():
                self.turns += 1
                self.usage += event.usage
                return [Generate(answer_only=self.turns >= self.max_turns)]
            case Answer():
                self.turns += 1
                self.usage += event.usage
                return self._end(Finish("answered", event.text))
            case Stop():
                self.usage += event.usage
                return self._end(Finish(event.status, event.reason))
            case Refusal() if self.turns >= self.max_turns:
                self.state = State.IDLE
                return self._end(Finish("limit", f"No accepted answer in {self.turns} turns: raise `max_turns`."))
            case Continue() if self.state is State.AWAITING:
                return [Deliver(self.pending)]
            case Continue() if self.finish:  # the last episode ended without an answer: resume it as a new one
                self.turns, self.finish = self.turns if self.turns < self.max_turns else 0, None
                return [Generate()]
            case Observation() | Rejection() | Undone() if self.state is State.GENERATING:
                self.proposal = None
                return [Generate(answer_only=self.turns >= self.max_turns)]
            case Refusal() | Continue():
                return [Generate(answer_only=self.turns >= self.max_turns)]
            case _:
                return []

    def _end(self, finish: Finish) -> list[Command]:
        self.proposal = None
        self.finish = finish
        return [finish]
