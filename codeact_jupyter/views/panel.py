"""Widget view in the asking cell's output: state, proposed step, and the buttons to stop or reject.

`Panel` turns updates into `PanelContent`, which a `PanelOutput` shows in one cell's output.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace

from IPython.core.interactiveshell import InteractiveShell

from ..agent.view import (
    Finished,
    Note,
    Observed,
    Paused,
    Proposed,
    Running,
    Thinking,
    Update,
    View,
    Writing,
)
from ..errors import CodeActError
from ..kernel.requests import running_request_id
from ..session.messages import FinishStatus, Usage
from ..text import invisible_note
from .basis import basis_line
from .panel_html import PanelContent
from .panel_output import STOP, PanelOutput
from .text import summary
from .trial import trial_line

STREAM_CHARS = 3000  #: characters shown of the end of a reply in progress
NOTES = 4
APPROVE = "Run the cell below to approve it; edit it first if you like."
ENDINGS: dict[FinishStatus, str] = {
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


def has_widgets() -> bool:
    """Check if a panel can be shown.

    Returns:
        True if ipywidgets is installed.
    """
    return importlib.util.find_spec("ipywidgets") is not None


class Panel(View):
    """View of a conversation in one cell's output at a time.

    A panel moves to the running cell when it has something new to show there. One with `stays` set remains in
    the cell of the question, until `begin` or `leave`.

    Args:
        shell: The kernel's shell.
        stop: Ends the reply, the running step or the wait for a decision.
        reject: Rejects the waiting step for a reason; an empty reason ends the question.
        arrivals: Returns the number of pages that have connected so far.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        *,
        stop: Callable[[], None],
        reject: Callable[[str], None],
        arrivals: Callable[[], int],
    ) -> None:
        self.stays = False  #: True if steps are separate cells with buttons for review
        self._shell = shell
        self._stop = stop
        self._reject = reject
        self._arrivals = arrivals
        self._arrivals_before = 0  # as of `begin`
        self._content = PanelContent("", "over")
        self._output: PanelOutput | None = None  # while it has buttons
        self._written: Writing | None = None  # text of the reply that is not shown yet
        self._steps: dict[int, str] = {}  # ids of the proposals since the question, by their numbers
        self._model, self._window = "", 0  # of the engine, once it has written something

    def begin(self) -> None:
        """Show the panel in the running cell's output."""
        self.leave()
        self._output = self._new_output()
        self._arrivals_before = self._arrivals()
        self._publish(replace(self._empty(), title="Thinking", phase="busy", left="Stopped thinking"))

    def leave(self) -> None:
        """Leave static text, without buttons, where the panel is shown."""
        if self._output:
            self._output.publish(replace(self._content, title=self._content.left, phase="over", hint=""))
            self._output = None

    def show(self, update: Update) -> None:
        """See `View.show`."""
        match update:
            case Thinking(step=step):
                self._show_thinking(step)
            case Writing():
                self._show_writing(update)
            case Proposed():
                self._show_proposed(update)
            case Running():
                self._show_running(update)
            case Observed():
                self._show_observed(update)
            case Paused():
                self._show_paused(update)
            case Note(text=text):
                self._show_note(text)
            case Finished():
                self._show_finished(update)

    # --- updates ---

    def _show_thinking(self, step: int) -> None:
        self._written = None
        title = f"Thinking about step {step}" if step > 1 else "Thinking"
        content = replace(self._base(), title=title, thinking="", thought="", code="", problem="", step=step)
        self._publish(replace(content, phase="busy", left="Stopped thinking", hint=self._stop_hint))

    def _show_writing(self, update: Writing) -> None:
        self._model, self._window = update.model, update.window
        self._written = update
        if self._output and self._output.is_due():
            self._take_written()
            self._output.refresh(self._content)

    def _show_proposed(self, update: Proposed) -> None:
        self._take_written()
        proposal = update.proposal
        self._steps[proposal.step] = proposal.id
        title, left = f"Step {proposal.step} waits for you", f"Step {proposal.step} was not run"
        content = replace(self._base(), title=title, phase="waits", left=left, step=proposal.step, problem="")
        if self.stays:  # the cell below has the code, and the buttons to review it
            content = replace(content, thought=proposal.thought, code="", hint="", rejectable=False)
        else:
            hint = "\n".join(filter(None, (trial_line(proposal.tried), invisible_note(proposal.code), APPROVE)))
            content = replace(content, thought=proposal.thought, code=proposal.code, hint=hint, rejectable=True)
        self._publish(self._measured(content, proposal.usage))

    def _show_running(self, update: Running) -> None:
        step = update.proposal.step
        edited = update.source.strip() != update.proposal.code.strip()
        title, left = f"Step {step} runs{', edited by you' * edited}", f"Step {step} was interrupted"
        content = replace(self._content, title=title, phase="busy", left=left, edited=edited, problem="")
        self._publish(replace(content, hint=self._stop_hint), move=False)

    def _show_observed(self, update: Observed) -> None:
        content, observation = self._content, update.observation
        what = "ran" if observation.ok else "failed"
        title = f"Step {content.step} {what}{', edited by you' * content.edited} · {observation.seconds:.1f} s"
        self._publish(replace(content, title=title, phase="busy" if self.stays else "over", hint=""), move=False)

    def _show_paused(self, update: Paused) -> None:
        content = replace(self._base(), phase="over", title="Paused")
        if update.after_rejection:
            title = f"Step {content.step} rejected" if content.step else content.title
            hint = "Run `%codeact continue` in a cell for another step."
            self._publish(replace(content, title=title, hint=hint))
        else:
            self._publish(replace(content, hint="That step failed. Run `%codeact continue` for the next one."))

    def _show_note(self, text: str) -> None:
        notes = (*self._content.notes, text)[-NOTES:]
        content = replace(self._content if self._output else self._base(), notes=notes)
        if self._output is None:
            self._publish(replace(content, title="CodeAct", phase="busy", left="CodeAct", hint=self._stop_hint))
            return
        self._content = content
        if self._output.is_due():
            self._output.refresh(content)

    def _show_finished(self, update: Finished) -> None:
        self._take_written()
        finish, waited, left = update.finish, self._content.phase == "waits", self._content.left
        content = replace(self._base(), title=ENDINGS[finish.status], phase="over", problem="")
        if finish.status == "answered":
            content = self._measured(content, update.last_reply)
            hint = "\n".join(filter(None, (basis_line(update.basis), summary(update))))
            shown = update.basis.numbers if update.basis else ()
            numbers = tuple((place, self._steps.get(place.step, "")) for place in shown)
            self._publish(replace(content, thought=finish.text, code="", hint=hint, numbers=numbers, is_answer=True))
        else:
            self._publish(replace(content, hint=f"{left}. {finish.text}" if waited else finish.text))

    # --- buttons ---

    def _press(self, action: Callable[[], None]) -> None:
        try:
            action()
        except CodeActError as error:
            self._content = replace(self._content, problem=str(error))
            if self._output:
                self._output.refresh(self._content)

    # --- content and place ---

    @property
    def _stop_hint(self) -> str:
        return "" if self.stays else STOP

    def _base(self) -> PanelContent:
        """Return the content to change: the current one, or an empty one if the panel moves to another cell."""
        return self._empty() if self._moves() else self._content

    def _empty(self) -> PanelContent:
        old = self._content
        return PanelContent("", "over", model=old.model, speed=old.speed, used=old.used, window=old.window)

    def _take_written(self) -> None:
        """Put what the model has written so far into the content."""
        if self._written:
            reply, thinking = self._written.reply, _tail(self._written.thinking)
            content = replace(self._content, thinking=thinking, thought=_tail(reply.thought))
            self._content = replace(content, code=_tail(reply.code or ""))
            self._written = None

    def _measured(self, content: PanelContent, usage: Usage) -> PanelContent:
        """Return the content with the figures of the last reply."""
        if not self._model:
            return content
        used, speed = usage.in_window, usage.tokens_per_second
        return replace(content, model=self._model, speed=speed, used=used, window=self._window)

    def _moves(self) -> bool:
        if self.stays:
            return False
        cell = running_request_id(self._shell)
        return self._output is None or (cell is not None and cell != self._output.cell)

    def _publish(self, content: PanelContent, *, move: bool = True) -> None:
        """Show the content; with `move`, in the running cell."""
        if self._output is None and self.stays:
            return
        if self._output is None or (move and self._moves()):
            self.leave()
            self._output = self._new_output()
        self._content = content
        is_reloaded = self.stays and self._arrivals() > self._arrivals_before
        self._output.publish(content, keep=is_reloaded)
        if content.phase == "over":
            self._output = None

    def _new_output(self) -> PanelOutput:
        return PanelOutput(
            self._shell,
            on_stop=lambda: self._press(self._stop),
            on_reject=lambda reason: self._press(lambda: self._reject(reason.strip())),
        )


def _tail(text: str) -> str:
    return text if len(text) <= STREAM_CHARS else f"… {text[-STREAM_CHARS:]}"
