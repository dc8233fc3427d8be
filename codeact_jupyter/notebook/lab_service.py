"""The open pages' part in a conversation: what their users ask for is done, and what happens is shown to them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from traitlets import TraitError

from ..agent.cell_question import question
from ..errors import CodeActError, UsageProblem
from ..lab.comms import Pages
from ..lab.host import LiveHost
from ..lab.items import cell_id
from ..lab.protocol import ModelFile, Variable
from ..lab.requests import (
    Ask,
    Attach,
    Missing,
    Models,
    Names,
    Option,
    Placed,
    Pull,
    Reject,
    Reset,
    Resume,
    SetOption,
    StopWork,
    ToKernel,
)
from ..lab.view import Mirror
from ..models.catalogue import Model, models
from ..models.store import path_of, pull
from ..namespace.literals import type_name
from ..session.messages import Approval, Proposal

if TYPE_CHECKING:
    from .conversation import Conversation

GRACE = 1.5  #: seconds that a first question waits for its page, since CodeAct was loaded
NAMES = 50


class Live:
    """See the module. `host` puts steps into the notebook, `view` shows them."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._loaded = time.monotonic()
        kernel: Any = getattr(conversation.shell, "kernel", None)
        self._has_subshells = bool(getattr(kernel, "_supports_kernel_subshells", False))
        self.pages = Pages(self.answer)
        self.host = LiveHost(conversation.gate, self.pages, lambda: tuple(conversation.shell.user_ns))
        self.view = Mirror(conversation, self.pages, self.host)
        approved = {event.proposal_id for event in self.view.past if isinstance(event, Approval)}
        for event in self.view.past:
            if isinstance(event, Proposal) and event.id not in approved:
                conversation.gate.withdraw(cell_id(event.id))

    def close(self) -> None:
        """Leaves the pages."""
        self.host.withdraw()
        self.pages.close()

    def wait(self) -> None:
        """Gives a page the time to come, when CodeAct was loaded only just now."""
        if self._has_subshells:
            self.pages.wait(max(0.0, GRACE - (time.monotonic() - self._loaded)))

    def answer(self, page: str, request: ToKernel) -> Any:
        """Does what a page asks for. Raises `CodeActError`."""
        conversation = self._conversation
        match request:
            case Attach(options=options):
                self._attach(page, options)
            case Ask(after=after):
                conversation.ask(question(request.kind, request.text, request.cells), {}, below=after, page=page)
            case Reject(proposal=proposal, reason=reason):
                if self.host.pending is None or self.host.pending.proposal != proposal:
                    raise UsageProblem("This step does not wait any longer.")
                conversation.reject(reason.strip())
            case StopWork():
                conversation.stop()
            case Reset():
                conversation.reset()
            case Resume():
                conversation.resume(page=page)
            case SetOption(option=option, value=value):
                self._set(option, value)
            case Placed(proposal=proposal):
                self.host.placed(page, proposal)
            case Missing(proposal=proposal):
                self.host.missing(page, proposal)
            case Names(prefix=prefix):
                return self._names(prefix)
            case Models():
                return [_entry(model) for model in models().values() if model.file]
            case Pull(model=model):
                threading.Thread(target=self._pull, args=(model,), daemon=True).start()
        return None

    def _attach(self, page: str, options: dict[str, Option]) -> None:
        """What the user set holds from now on; whatever becomes of it, the page gets to see the conversation."""
        try:
            for option, value in options.items():
                self._set(option, value)
        except UsageProblem as problem:
            self.view.progress(str(problem))
        finally:
            self.view.tell_all(page)

    def _set(self, option: str, value: Option) -> None:
        if option not in ("model", "mode", "max_turns", "max_tokens", "temperature"):
            raise UsageProblem(f"A page cannot set {option!r}.")
        if getattr(self._conversation.settings, option) == value:
            return
        if self._conversation.running:
            raise UsageProblem("A step is running; nothing is changed meanwhile.")
        try:
            self._conversation.set(option, value)
        except TraitError as error:
            raise UsageProblem(str(error)) from error
        self.view.tell()

    def _names(self, prefix: str) -> list[Variable]:
        shell = self._conversation.shell
        hidden = shell.user_ns_hidden
        names = [name for name in tuple(shell.user_ns) if name.startswith(prefix) and not name.startswith("_")]
        return [
            Variable(name, type_name(type(shell.user_ns.get(name)))) for name in sorted(names) if name not in hidden
        ][:NAMES]

    def _pull(self, model: str) -> None:
        try:
            pull(model, offline=self._conversation.settings.offline, report=self.view.progress)
            self.view.progress("")
        except CodeActError as error:
            self.view.progress(str(error))


def _entry(model: Model) -> ModelFile:
    return ModelFile(model.name, model.family, model.bytes, path_of(model).exists())
