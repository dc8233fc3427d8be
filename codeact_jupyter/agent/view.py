"""Interface by which the agent shows a conversation: a view gets one `Update` after another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from ..dialects.reply import Reply, parse_reply
from ..dialects.thoughts import thought_of
from ..session.basis import Basis, basis_of
from ..session.machine import Session
from ..session.messages import Answer, Event, Finish, Observation, Pause, Proposal, Rejection, Shortened, Usage


@dataclass(frozen=True, slots=True)
class Thinking:
    """The model begins a reply."""

    step: int  #: number of the step that the reply may propose, from 1


@dataclass(frozen=True, slots=True)
class Reading:
    """The model has read a part of the prompt."""

    share: float  #: between 0 and 1


@dataclass(frozen=True)
class Writing:
    """The model has written some more of its reply."""

    text: str  #: the reply so far
    model: str  #: the engine's name
    window: int  #: its context size in tokens

    @cached_property
    def reply(self) -> Reply:
        """The text, parsed once for all views and only if one of them reads it."""
        return parse_reply(self.text)

    @property
    def thinking(self) -> str:
        """The thought of the model before its reply."""
        return thought_of(self.text)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A step is proposed."""

    proposal: Proposal  #: the step


@dataclass(frozen=True, slots=True)
class Running:
    """An approved step runs."""

    proposal: Proposal  #: the step
    source: str  #: as proposed, or as edited by the user


@dataclass(frozen=True, slots=True)
class Observed:
    """The step has run."""

    observation: Observation  #: its result


@dataclass(frozen=True, slots=True)
class Paused:
    """The session waits for `%codeact continue`."""

    after_rejection: bool  #: else after a failed step


@dataclass(frozen=True, slots=True)
class Note:
    """A message to the user: a download, a shortened history."""

    text: str  #: one or more sentences


@dataclass(frozen=True, slots=True)
class Finished:
    """The episode is over."""

    finish: Finish  #: its status, and the answer or the reason
    turns: int  #: replies in the episode
    usage: Usage  #: of the episode
    last_reply: Usage  #: of the answer; zeros without one
    basis: Basis | None = None  #: what the answer rests on; None without one
    bound: str = ""  #: what `--into` has bound, such as `total = 42.0`, or why it has not


Update: TypeAlias = Thinking | Reading | Writing | Proposed | Running | Observed | Paused | Note | Finished


def update_of(event: Event, session: Session) -> Update | None:
    """Return the update that shows an event; commands that follow from it have updates of their own.

    Args:
        event: The last event of the session.
        session: The conversation, with the event applied.

    Returns:
        An update, or `None` if the event is not shown.
    """
    match event:
        case Observation():
            return Observed(event)
        case Pause():
            return Paused(any(isinstance(each, Rejection) for each in session.transcript[-2:]))
        case Shortened():
            return Note(event.told)
    return None


def finished(session: Session, finish: Finish) -> Finished:
    """Sum up an episode that is over.

    Args:
        session: The conversation, with the episode's last event applied.
        finish: End of the episode.

    Returns:
        The last update of the episode.
    """
    last = session.transcript[-1]
    last_reply = last.usage if isinstance(last, Answer) else Usage()
    basis = basis_of(finish.text, session.transcript) if finish.status == "answered" else None
    return Finished(finish, session.turns, session.usage, last_reply, basis)


class View:
    """Base of all views; shows nothing."""

    def show(self, update: Update) -> None:
        """Show what has just happened.

        Args:
            update: The newest event of the conversation.
        """


class Several(View):
    """View that forwards to other views.

    Args:
        views: The views, in the order in which they get an update.
    """

    def __init__(self, *views: View) -> None:
        self._views = views

    def show(self, update: Update) -> None:
        """See `View.show`."""
        for view in self._views:
            view.show(update)
