"""The widget in the asking cell's output: what the agent is doing, what it proposes, and the buttons to stop or reject.

`Panel` turns what happens into pages (`page.Page`), which an `outlet.Outlet` shows in one cell's output.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..agent.view import View
from ..dialects.reply import parse_reply
from ..engines import Engine
from ..errors import CodeActError
from ..kernel.gate import running_request_id
from ..session.machine import Session
from ..session.messages import Answer, Finish, Observation, Proposal, Rejection, Usage
from .panel_html import Page
from .panel_output import STOP, Outlet
from .text import summary

if TYPE_CHECKING:
    from ..notebook.conversation import Conversation

STREAM_CHARS = 3000  #: of what is being written: its tail
NOTES = 4
APPROVE = "Run the cell below to approve it; edit it first if you like."
ENDINGS = {
    "answered": "Answered",
    "stopped": "Stopped",
    "rejected": "Rejected",
    "blocked": "Not run",
    "limit": "Limit reached",
    "stuck": "Needs your help",
    "no_answer": "No answer",
    "no_model": "No model",
    "failed": "Failed",
}


def _tail(text: str) -> str:
    return text if len(text) <= STREAM_CHARS else f"… {text[-STREAM_CHARS:]}"


def has_widgets() -> bool:
    """Whether ipywidgets is installed."""
    return importlib.util.find_spec("ipywidgets") is not None


class Panel(View):
    """The view of what follows from one event. It takes over from the panel `before`: it goes on in the same place
    until the agent speaks in another cell. One that `stays` goes on there until another question begins in a cell."""

    def __init__(self, conversation: Conversation, before: Panel | None = None, *, stays: bool = False) -> None:
        self._conversation = conversation
        self._stays = stays
        self._arrivals = 0  # of pages, when it took its place
        self._page = Page("", "over")
        self._outlet: Outlet | None = None  # while there is something to press
        self._reply = ""  # so far
        self._engine: Engine | None = None  # that writes it
        if before:
            self._page, self._outlet = before._page, before._outlet
            if self._outlet:
                self._outlet.panel = self

    def begin(self) -> None:
        """Takes its place in the running cell."""
        self.leave()
        self._outlet = Outlet(self._conversation.shell, self)
        self._arrivals = self._conversation.pages_so_far
        self._show(replace(self._empty(), title="Thinking", phase="busy", left="Stopped thinking"))

    def thinking(self, session: Session) -> None:
        self._reply = ""
        page = replace(self._base(), thought="", code="", problem="", step=session.turns + 1)
        title = f"Thinking about step {page.step}" if page.step > 1 else "Thinking"
        self._show(replace(page, title=title, phase="busy", left="Stopped thinking", hint=self._stopping))

    def text(self, text: str) -> None:
        self._reply = text
        self._engine = self._conversation.agent.engine if self._conversation.agent else None
        if self._outlet and self._outlet.is_due():
            self._read()
            self._outlet.refresh(self._page)

    def proposal(self, session: Session, proposal: Proposal) -> None:
        self._reply = ""
        title, left = f"Step {proposal.step} waits for you", f"Step {proposal.step} was not run"
        page = replace(self._base(), title=title, phase="waits", left=left, step=proposal.step, problem="")
        if self._stays:  # the cell below has the code, and the buttons to review it
            page = replace(page, thought=proposal.thought, code="", hint="", rejectable=False)
        else:
            page = replace(page, thought=proposal.thought, code=proposal.code, hint=APPROVE, rejectable=True)
        self._show(self._measured(page, proposal.usage))

    def running(self, session: Session, source: str) -> None:
        step = session.pending
        edited = source.strip() != step.code.strip()
        title, left = f"Step {step.step} runs{', edited by you' * edited}", f"Step {step.step} was interrupted"
        page = replace(self._page, title=title, phase="busy", left=left, edited=edited, hint=self._stopping, problem="")
        self._show(page, move=False)

    def observed(self, session: Session, observation: Observation) -> None:
        page = self._page
        what = "ran" if observation.ok else "failed"
        title = f"Step {page.step} {what}{', edited by you' * page.edited} · {observation.seconds:.1f} s"
        self._show(replace(page, title=title, phase="busy" if self._stays else "over", hint=""), move=False)

    def paused(self, session: Session) -> None:
        page = replace(self._base(), phase="over", title="Paused")
        if any(isinstance(event, Rejection) for event in session.transcript[-2:]):
            title = f"Step {page.step} rejected" if page.step else page.title
            self._show(replace(page, title=title, hint="Run `%codeact continue` in a cell for another step."))
        else:
            self._show(replace(page, hint="That step failed. Run `%codeact continue` for the next one."))

    def note(self, text: str) -> None:
        page = replace(self._page if self._outlet else self._base(), notes=(*self._page.notes, text)[-NOTES:])
        if self._outlet is None:
            self._show(replace(page, title="CodeAct", phase="busy", left="CodeAct", hint=self._stopping))
            return
        self._page = page
        if self._outlet.is_due():
            self._outlet.refresh(page)

    def finished(self, session: Session, finish: Finish) -> None:
        self._read()
        waited = self._page.phase == "waits"
        page = replace(self._base(), title=ENDINGS.get(finish.status, finish.status), phase="over", problem="")
        if finish.status == "answered":
            last = session.transcript[-1]
            page = self._measured(page, last.usage if isinstance(last, Answer) else Usage())
            self._show(replace(page, thought=finish.text, code="", hint=summary(session).strip("[]")))
        else:
            undone = f"{self._page.left}. " if waited else ""
            self._show(replace(page, hint=undone + finish.text))

    # --- the buttons ---

    def press_stop(self) -> None:
        """The Stop button."""
        self._press(self._conversation.stop)

    def press_reject(self, reason: str) -> None:
        """The Reject button, with what is in its text field."""
        self._press(lambda: self._conversation.reject(reason.strip()))

    def _press(self, action: Callable[[], None]) -> None:
        try:
            action()
        except CodeActError as error:
            self._page = replace(self._page, problem=str(error))
            if self._outlet:
                self._outlet.refresh(self._page)

    # --- pages ---

    def _base(self) -> Page:
        """What the next page is made from: this one while it stays in its place, else an empty one."""
        return self._empty() if self._moves() else self._page

    def _empty(self) -> Page:
        page = self._page
        return Page("", "over", model=page.model, speed=page.speed, used=page.used, window=page.window)

    @property
    def _stopping(self) -> str:
        return "" if self._stays else STOP

    def _moves(self) -> bool:
        if self._stays:
            return False
        cell = running_request_id(self._conversation.shell)
        return self._outlet is None or (cell is not None and cell != self._outlet.cell)

    def _show(self, page: Page, *, move: bool = True) -> None:
        """Shows the page, in a new place where the running cell is another one and the page may `move` there."""
        if self._outlet is None and self._stays:
            return
        if self._outlet is None or (move and self._moves()):
            self.leave()
            self._outlet = Outlet(self._conversation.shell, self)
        self._page = page
        is_reloaded = self._stays and self._conversation.pages_so_far > self._arrivals
        self._outlet.publish(page, keep=is_reloaded)
        if page.phase == "over":
            self._outlet = None

    def leave(self) -> None:
        """Goes from its place, where what it says stays, with nothing to press."""
        if self._outlet:
            self._outlet.publish(replace(self._page, title=self._page.left, phase="over", hint=""))
            self._outlet = None

    def _read(self) -> None:
        """Takes what the model has written so far into the page."""
        if not self._reply:
            return
        reply = parse_reply(self._reply)
        self._page = replace(self._page, thought=_tail(reply.thought), code=_tail(reply.code or ""))

    def _measured(self, page: Page, usage: Usage) -> Page:
        """The page with the figures of the last reply."""
        engine = self._engine
        if engine is None:
            return page
        used = usage.prompt + usage.generated
        return replace(page, model=engine.name, speed=usage.tokens_per_second, used=used, window=engine.context_size)
