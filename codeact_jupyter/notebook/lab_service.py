"""Serve the requests of the open pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..agent.cell_question import question
from ..errors import UsageProblem
from ..kernel.reading import data_files
from ..lab.protocol import Download as DownloadStatus
from ..lab.protocol import ModelFile, Variable
from ..lab.requests import (
    Ask,
    Attach,
    CancelPull,
    ListEarlier,
    Missing,
    Models,
    Names,
    Option,
    PausePull,
    Placed,
    Reject,
    Reopen,
    Reset,
    Resume,
    SetOption,
    StopWork,
    ToKernel,
    UndoStep,
)
from ..models.background import Download, Progress
from ..models.catalogue import models
from ..models.memory import free_bytes
from ..models.recommend import Advice, advise, measured
from ..models.store import path_of
from ..namespace.literals import names_in, type_name
from ..session.reach import REACHES, exceeds
from .conversation import Conversation
from .front_end import Lab

NAMES = 50  #: maximum number of names in a completion
PAGE_OPTIONS = ("mode", "reach", "max_turns", "max_tokens", "temperature", "prepare_next")  #: that a page may set
OTHER_VERSION = (
    "This page has version {0} of the CodeAct extension, and the kernel version {1}: reload the page. If this comes "
    "again, install the same version of codeact-jupyter for JupyterLab and for the kernel."
)
BY_CELL = "A page cannot set {0}={1!r}: run `%codeact {0} {1}` in a cell."


class LabService:
    """Serves the requests of pages.

    Args:
        shell: The kernel's shell.
        lab: The extension's side of the kernel.
        conversation: What the requests are about.
        undo: Undoes the step of a proposal.
    """

    def __init__(
        self, shell: InteractiveShell, lab: Lab, conversation: Conversation, *, undo: Callable[[str], str]
    ) -> None:
        self._shell = shell
        self._host = lab.host
        self._view = lab.view
        self._conversation = conversation
        self._options = conversation.options
        self._configured: dict[str, Option] = {}  #: values before a page set them
        self._sent: dict[str, Option] = {}  #: values that a page has set
        self._was_attached = False
        self._download: Download | None = None
        self._pulling: object = None
        self._answers: Mapping[type, Callable[[str, Any], Any]] = {
            Attach: self._attach,
            Ask: self._begin_question,
            Reject: self._reject_step,
            UndoStep: lambda page, request: undo(request.proposal) and None,
            StopWork: lambda page, request: conversation.stop(),
            Reset: lambda page, request: conversation.reset(),
            Resume: lambda page, request: conversation.resume(page=self._host.asking(page)),
            SetOption: lambda page, request: self._set(request.option, request.value),
            Placed: lambda page, request: self._host.placed(page, request.proposal),
            Missing: lambda page, request: self._host.missing(page, request.proposal),
            Names: self._names,
            Models: self._models,
            PausePull: lambda page, request: self._pause(),
            CancelPull: lambda page, request: self._cancel(),
            ListEarlier: lambda page, request: conversation.earlier(),
            Reopen: lambda page, request: conversation.reopen(request.name),
        }

    def answer(self, page: str, request: ToKernel) -> Any:
        """Serve a request.

        Args:
            page: The page's id.
            request: Its request.

        Returns:
            Data of the reply; `None` for most requests.

        Raises:
            CodeActError: It cannot be done; the message is for the page's user.
        """
        return self._answers[type(request)](page, request)

    def _attach(self, page: str, request: Attach) -> bool:
        """Set the page's options and send it the conversation and what waits, even if an option cannot be set.

        An option that a page has already set to this value is left as the user has changed it since.

        Returns:
            Whether this is the first page of this kernel.

        Raises:
            UsageProblem: The page has the code of another version; it is attached nevertheless.
        """
        is_first, self._was_attached = not self._was_attached, True
        try:
            for option, value in request.options.items():
                if self._sent.get(option) != value:
                    self._set(option, value)
        except UsageProblem as problem:
            self._view.show_progress(str(problem))
        finally:
            self._view.send_all(page)
            self._host.attached(page)
        if request.version != version("codeact-jupyter"):
            raise UsageProblem(OTHER_VERSION.format(request.version, version("codeact-jupyter")))
        return is_first

    def _begin_question(self, page: str, request: Ask) -> None:
        text = question(request.kind, request.text, request.cells)
        self._conversation.ask(text, {}, below=request.after, page=page)

    def _reject_step(self, page: str, request: Reject) -> None:
        if self._host.pending is None or self._host.pending.proposal != request.proposal:
            raise UsageProblem("This step no longer waits for a decision.")
        self._conversation.reject(request.reason.strip())

    def _set(self, option: str, value: Option | None) -> None:
        """Set an option, but neither `auto`, a greater reach nor the model: any script in the page can ask for it."""
        current: Any = getattr(self._options.in_force, option, None)
        value = self._configured.get(option, current) if value is None else value
        if current != value or type(current) is not type(value):
            raises = value == "auto" if option == "mode" else value in REACHES and exceeds(value, current)
            if option not in PAGE_OPTIONS or raises:
                raise UsageProblem(BY_CELL.format(option, value))
            self._options.set(option, value)
            self._configured.setdefault(option, current)
        self._sent[option] = value

    def _names(self, page: str, request: Names) -> list[Variable]:
        """Return the user's names that begin with a prefix, and the types of their objects; then data files."""
        bound, hidden = names_in(self._shell.user_ns), self._shell.user_ns_hidden
        names = [name for name in bound if name.startswith(request.prefix) and not name.startswith("_")]
        shown = [name for name in sorted(names) if name not in hidden][:NAMES]
        variables = [Variable(name, type_name(type(bound.get(name)))) for name in shown]
        return [*variables, *(Variable(name, "file") for name in data_files(request.prefix)[:NAMES])]

    def _models(self, page: str, request: Models) -> list[ModelFile]:
        """Return the models to choose from; none if a server has the model."""
        if self._options.in_force.server:
            return []
        return [_entry(each) for each in advise(free_bytes(), measured())]

    def fetch(self, name: str) -> None:
        """Download a model's file, or continue its download, and then use the model. The pages see the progress.

        Args:
            name: The model's name in the catalogue.

        Raises:
            UsageProblem: It is not in the catalogue, or has no file there.
        """
        model = models().get(name)
        if model is None or not model.file:
            raise UsageProblem(f"There is no model {name!r} to download.")
        self._pause()
        self._pulling = this = object()

        def show(progress: Progress) -> None:
            if self._pulling is this:  # else another one was chosen
                self._show_download(progress)

        self._download = Download(model, show, offline=self._options.in_force.offline)

    def _pause(self) -> None:
        if self._download:
            self._download.pause()

    def _cancel(self) -> None:
        self._pulling = None
        if self._download:
            self._download.cancel()
        self._view.show_download(None)

    def _show_download(self, progress: Progress) -> None:
        """Show the progress of a download; use the model when its file is there."""
        if progress.state != "done":
            self._view.show_download(DownloadStatus(progress.model, progress.state, progress.text, progress.part))
            return
        self._view.show_download(None)
        try:
            self._options.set("model", progress.model)
        except UsageProblem as problem:
            self._view.show_progress(f"{progress.model} is there. {problem}")


def _entry(advice: Advice) -> ModelFile:
    model = advice.model
    return ModelFile(
        model.name,
        model.family,
        model.bytes,
        path_of(model).exists(),
        model.licence,
        advice.needs,
        advice.left,
        round(advice.seconds, 1),
        model.good_for,
    )
