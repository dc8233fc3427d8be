"""The conversation as the open pages see it: a view that sends them what changed, and everything to one that comes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from ..agent.view import View
from ..dialects.reply import parse_reply
from ..engines import Engine
from ..errors import CodeActError
from ..session.journal import Journal, journal_key, latest_journal
from ..session.machine import Session, State
from ..session.messages import Answer, Event, Finish, Observation, Proposal, Stop, Usage
from ..views.text import summary
from .comms import Pages
from .host import LiveHost
from .items import to_items
from .protocol import (
    Answered,
    Item,
    ItemChanged,
    Mode,
    Phase,
    Snapshot,
    Status,
    StatusChanged,
    Stream,
    StreamChanged,
)

if TYPE_CHECKING:
    from ..notebook.conversation import Conversation

REFRESH_SECONDS = 0.1  #: between two updates while the model writes
ITEMS = 400  #: of what was said, the newest, in a page
RESTARTED = "The kernel was restarted before this came to an end."
PHASES: dict[State, Phase] = {
    State.IDLE: "idle",
    State.GENERATING: "thinking",
    State.AWAITING: "waits",
    State.EXECUTING: "running",
    State.PAUSED: "paused",
}


class Mirror(View):
    """See the module. `past` is what was said before the kernel was restarted, until it is taken up or forgotten."""

    def __init__(self, conversation: Conversation, pages: Pages, host: LiveHost) -> None:
        self._conversation = conversation
        self._pages = pages
        self._host = host
        self.past = earlier(conversation)
        self._sent: list[Item] = []
        self._summaries: dict[int, str] = {}  # by the answer's place among the answers of this session
        self._stream: Stream | None = None
        self._streamed = 0.0
        self._progress = ""
        self._engine: Engine | None = None
        self._used = Usage()

    # --- what happens ---

    def thinking(self, session: Session) -> None:
        self._host.withdraw()
        self._stream = Stream(session.turns + 1, thought="", code="")
        self.tell()

    def text(self, text: str) -> None:
        agent = self._conversation.agent
        self._engine = (agent.engine if agent else None) or self._engine
        if time.monotonic() - self._streamed < REFRESH_SECONDS:
            return
        reply = parse_reply(text)
        self._stream = Stream(self._session.turns + 1, reply.thought, reply.code or "")
        self._streamed = time.monotonic()
        if self._progress:
            self.progress("")
        self._pages.send(StreamChanged(self._stream))

    def proposal(self, session: Session, proposal: Proposal) -> None:
        self._used = proposal.usage
        self._end_stream()

    def running(self, session: Session, source: str) -> None:
        self._host.withdraw()
        self.tell()

    def observed(self, session: Session, observation: Observation) -> None:
        self.tell()

    def paused(self, session: Session) -> None:
        self._end_stream()

    def note(self, text: str) -> None:
        self.progress(text)

    def finished(self, session: Session, finish: Finish) -> None:
        self._host.withdraw()
        answers = [event for event in session.transcript if isinstance(event, Answer)]
        if finish.status == "answered" and answers:
            self._used = answers[-1].usage
            self._summaries[len(answers)] = summary(session).strip("[]")
        self._progress = ""
        self._end_stream()

    def progress(self, text: str) -> None:
        """Shows what is going on beside the conversation, such as a download; an empty text ends that."""
        self._progress = text
        self._pages.send(StatusChanged(self._status()))

    # --- what is told ---

    def tell(self) -> None:
        """Sends what changed to all pages."""
        items = self._items()
        if len(items) < len(self._sent) or items[:1] != self._sent[:1]:  # some are no longer there
            self.tell_all()
            return
        for index, item in enumerate(items):
            if index >= len(self._sent) or item != self._sent[index]:
                self._pages.send(ItemChanged(index, item))
        self._sent = items
        self._pages.send(StatusChanged(self._status()))

    def tell_all(self, page: str | None = None) -> None:
        """Sends everything, to the page or to all."""
        self._sent = self._items()
        self._pages.send(Snapshot(self._sent, self._status(), self._host.pending, self._stream), page)

    def forget(self) -> None:
        """The conversation begins anew."""
        self.past, self._summaries, self._stream, self._used = [], {}, None, Usage()
        self._host.withdraw()
        self.tell_all()

    @property
    def _session(self) -> Session:
        return self._conversation.session

    def _end_stream(self) -> None:
        self._stream = None
        self._pages.send(StreamChanged(None))
        self.tell()

    def _items(self) -> list[Item]:
        items = to_items([*self.past, *self._session.transcript])
        answers = [place for place, item in enumerate(items) if isinstance(item, Answered)]
        before = sum(isinstance(event, Answer) for event in self.past)
        for number, text in self._summaries.items():
            place = answers[before + number - 1]
            items[place] = replace(items[place], summary=text)
        return items[-ITEMS:]

    def _status(self) -> Status:
        session, settings = self._session, self._conversation.settings
        return Status(
            phase=PHASES[session.state],
            step=session.turns + (session.state is State.GENERATING),
            ended=session.finish.status if session.state is State.IDLE and session.finish else "",
            model=settings.model,
            mode=cast(Mode, settings.mode),
            speed=round(self._used.tokens_per_second, 1),
            used=self._used.prompt + self._used.generated,
            window=self._engine.context_size if self._engine else 0,
            progress=self._progress,
            resumable=bool(self.past or session.transcript) and session.status != "answered",
        )


def earlier(conversation: Conversation) -> list[Event]:
    """The events of this notebook's last conversation, which an earlier kernel had; empty where there is none."""
    try:
        path = latest_journal(conversation.settings.journals, journal_key())
        events = Journal.reopen(path)[1] if path else []
        unfinished = Session.replay(events).state is not State.IDLE
    except (CodeActError, ValueError, OSError):
        return []
    return [*events, Stop("stopped", RESTARTED)] if unfinished else events
