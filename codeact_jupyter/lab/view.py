"""View of a conversation in the open pages: sends them what has changed, and everything to a page that connects."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import cast

from msgspec.structs import replace

from ..agent.view import (
    Finished,
    Note,
    Observed,
    Paused,
    Proposed,
    Reading,
    Running,
    Thinking,
    Update,
    View,
    Writing,
)
from ..config import CodeAct
from ..session.journal import Journal
from ..session.machine import Session, State
from ..session.messages import Answer, Event, Usage
from ..views.text import summary
from .comms import Pages
from .host import LabHost
from .items import answered, to_items
from .protocol import (
    Answered,
    Download,
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
from .protocol import Note as NoteItem

REFRESH_SECONDS = 0.1  #: between two updates while the model writes
THINKING_CHARS = 2000  #: of a thought that a page shows, its end
NEW_KERNEL = "This is a new kernel: the model does not know what is above. “Earlier conversations” opens that."
ITEMS = 400  #: number of items that a page shows, the newest ones
PHASES: dict[State, Phase] = {
    State.IDLE: "idle",
    State.GENERATING: "thinking",
    State.AWAITING: "waits",
    State.EXECUTING: "running",
    State.PAUSED: "paused",
}


class LabView(View):
    """View of one kernel's conversation in all open pages.

    Args:
        pages: The open pages.
        host: Holds the proposal that waits.
        session: Returns the present session.
        settings: Returns the options in force.
        journal: Returns the present session's journal; `None` without one.
        past: Events of an earlier kernel's conversation, shown until it is resumed or reset.
        undoable: Returns the id of the proposal that can be undone next, or an empty string.
    """

    def __init__(
        self,
        pages: Pages,
        host: LabHost,
        *,
        session: Callable[[], Session],
        settings: Callable[[], CodeAct],
        journal: Callable[[], Journal | None],
        past: Sequence[Event],
        undoable: Callable[[], str] = str,
    ) -> None:
        self._pages = pages
        self._host = host
        self._session = session
        self._settings = settings
        self._journal = journal
        self._past = past
        self._undoable = undoable
        self._sent: list[Item] = []
        self._summaries: dict[int, str] = {}  # by the answer's number among the answers of this session
        self._known: dict[int, tuple[Answer, Answered]] = {}  # with their bases, by the place in the transcript
        self._step = 0
        self._stream: Stream | None = None
        self._streamed = 0.0
        self._progress = ""
        self._download: Download | None = None
        self._window = 0
        self._used = Usage()

    def show(self, update: Update) -> None:
        """See `View.show`."""
        match update:
            case Thinking(step=step):
                self._host.withdraw()
                self._step = step
                self._stream = Stream(step, thinking="", thought="", code="")
                self.send_changes()
            case Reading(share=share):
                if self._stream:
                    self._stream = replace(self._stream, read=int(100 * share))
                    self._pages.send(StreamChanged(self._stream))
            case Writing():
                self._show_writing(update)
            case Proposed(proposal=proposal):
                self._used = proposal.usage
                if self._host.asks:
                    self._progress = f"Step {proposal.step} waits for your approval: {self._host.asks}."
                self._end_stream()
            case Running():
                self._progress = ""
                self._host.withdraw()
                self.send_changes()
            case Observed():
                self.send_changes()
            case Paused():
                self._end_stream()
            case Note(text=text):
                self.show_progress(text)
            case Finished():
                self._show_finished(update)

    def show_progress(self, text: str) -> None:
        """Show the progress of other work, such as a download.

        Args:
            text: One line; an empty text removes the last one.
        """
        self._progress = text
        self._pages.send(StatusChanged(self._status()))

    def show_download(self, download: Download | None) -> None:
        """Show the download of a model.

        Args:
            download: Its state; `None` when it has ended.
        """
        self._download = download
        self._pages.send(StatusChanged(self._status()))

    def send_changes(self) -> None:
        """Send what has changed to all pages."""
        items = self._items()
        if len(items) < len(self._sent) or items[:1] != self._sent[:1]:  # items were removed
            self.send_all()
            return
        for index, item in enumerate(items):
            if index >= len(self._sent) or item != self._sent[index]:
                self._pages.send(ItemChanged(index, item))
        self._sent = items
        self._pages.send(StatusChanged(self._status()))

    def send_all(self, page: str | None = None) -> None:
        """Send everything.

        Args:
            page: The page that gets it; `None` for all pages.
        """
        self._sent = self._items()
        for name in self._pages.names if page is None else [page]:
            snapshot = Snapshot(self._sent, self._status(), self._host.pending_for(name), self._stream)
            self._pages.send(snapshot, name)

    def forget(self) -> None:
        """Show an empty conversation."""
        self._summaries, self._known, self._stream, self._used = {}, {}, None, Usage()
        self.forget_past()
        self._host.withdraw()
        self.send_all()

    def forget_past(self) -> None:
        """Stop showing the earlier kernel's conversation, which was resumed or reset."""
        self._past = []

    def _show_writing(self, update: Writing) -> None:
        self._window = update.window
        if time.monotonic() - self._streamed < REFRESH_SECONDS:
            return
        reply = update.reply
        thinking = update.thinking[-THINKING_CHARS:]
        self._stream = Stream(self._step, thinking, reply.thought, reply.code or "")
        self._streamed = time.monotonic()
        if self._progress:
            self.show_progress("")
        self._pages.send(StreamChanged(self._stream))

    def _show_finished(self, update: Finished) -> None:
        self._host.withdraw()
        if update.finish.status == "answered":
            self._used = update.last_reply
            answers = sum(isinstance(event, Answer) for event in self._session().transcript)
            self._summaries[answers] = summary(update)
        self._progress = ""
        self._end_stream()

    def _end_stream(self) -> None:
        self._stream = None
        self._pages.send(StreamChanged(None))
        self.send_changes()

    def _items(self) -> list[Item]:
        events = [*self._past, *self._session().transcript]
        journal = self._journal()
        items = to_items(events, journal.path.stem if journal else "")
        places = [place for place, item in enumerate(items) if isinstance(item, Answered)]
        answers = [place for place, event in enumerate(events) if isinstance(event, Answer)]
        before = sum(isinstance(event, Answer) for event in self._past)
        for number, (place, at) in enumerate(zip(places, answers, strict=True), 1):
            items[place] = replace(self._answered(events, at), summary=self._summaries.get(number - before, ""))
        if self._past and len(events) > len(self._past):
            items.insert(len(to_items(self._past)), NoteItem(NEW_KERNEL))
        return items[-ITEMS:]

    def _answered(self, events: Sequence[Event], at: int) -> Answered:
        """Return an answer with its basis, which is found out once."""
        answer = cast(Answer, events[at])
        known = self._known.get(at)
        if known is None or known[0] is not answer:
            known = self._known[at] = answer, answered(answer, events[:at])
        return known[1]

    def _status(self) -> Status:
        session, settings = self._session(), self._settings()
        return Status(
            phase=PHASES[session.state],
            step=session.turns + (session.state is State.GENERATING),
            ended=session.finish.status if session.state is State.IDLE and session.finish else "",
            model=settings.model,
            host=settings.server_host,
            mode=cast(Mode, settings.mode),
            speed=round(self._used.tokens_per_second, 1),
            used=self._used.in_window,
            window=self._window,
            progress=self._progress,
            download=self._download,
            resumable=bool(self._past or session.transcript) and session.status != "answered",
            undo=self._undoable(),
        )
