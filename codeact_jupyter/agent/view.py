"""The interface by which the agent shows a conversation: `View` shows nothing, `Several` forwards to other views."""

from __future__ import annotations

from ..session.machine import Session
from ..session.messages import Finish, Observation, Proposal


class View:
    """Shows nothing: the view of a program that calls `solve`, and the base of the others."""

    def thinking(self, session: Session) -> None:
        """The model begins a reply."""

    def text(self, text: str) -> None:
        """The reply so far, whole."""

    def proposal(self, session: Session, proposal: Proposal) -> None:
        """A step is proposed."""

    def running(self, session: Session, source: str) -> None:
        """An approved step runs."""

    def observed(self, session: Session, observation: Observation) -> None:
        """The step has run."""

    def paused(self, session: Session) -> None:
        """The session waits for `%codeact continue`."""

    def note(self, text: str) -> None:
        """Something the user should know: a download, a shortened history."""

    def finished(self, session: Session, finish: Finish) -> None:
        """The episode is over."""


class Several(View):
    """Shows the same in each of the views."""

    def __init__(self, *views: View) -> None:
        self._views = views

    def thinking(self, session: Session) -> None:
        for view in self._views:
            view.thinking(session)

    def text(self, text: str) -> None:
        for view in self._views:
            view.text(text)

    def proposal(self, session: Session, proposal: Proposal) -> None:
        for view in self._views:
            view.proposal(session, proposal)

    def running(self, session: Session, source: str) -> None:
        for view in self._views:
            view.running(session, source)

    def observed(self, session: Session, observation: Observation) -> None:
        for view in self._views:
            view.observed(session, observation)

    def paused(self, session: Session) -> None:
        for view in self._views:
            view.paused(session)

    def note(self, text: str) -> None:
        for view in self._views:
            view.note(text)

    def finished(self, session: Session, finish: Finish) -> None:
        for view in self._views:
            view.finished(session, finish)
