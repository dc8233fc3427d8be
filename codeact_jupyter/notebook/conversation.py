"""One kernel's conversation: what `%%codeact` and `%codeact` work on, put together from the configuration.

It owns the agent and the gate, and keeps the conversation's journal; `cells` listens to the kernel's cell events.
"""

from __future__ import annotations

import atexit
import os
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from ..agent.host import Host
from ..agent.loop import Agent
from ..agent.sampling import Sampling
from ..agent.view import Several, View
from ..config import CodeAct
from ..dialects.prompt import Dialect
from ..engines import Engine
from ..errors import JournalError, UsageProblem
from ..hosts.inline import InlineHost, approve_all, refuse_all
from ..hosts.next_input import NextInputHost, can_prefill
from ..kernel.gate import Gate, execute_request, running_cell_id
from ..kernel.workspace import Workspace, WorkspaceSettings
from ..lab.host import LiveHost
from ..lab.items import cell_id
from ..session.journal import Journal, journal_key, latest_journal
from ..session.machine import Session, State
from ..session.messages import Continue, Event, Observation, Prompt, Proposal, Rejection, Stop
from ..views.panel import Panel, has_widgets
from ..views.text import PlainView, how_to_approve, its_code, nothing, to_stdout
from .lab_service import Live
from .step_runs import Cells

POLICY = ("mode", "host")
PATIENCE = 10  #: seconds for a stopped reply to end
RESTARTED = "The kernel was restarted: the names from before are gone unless they are listed here."


class Conversation:
    """See the module. One per kernel; made by `%load_ext codeact_jupyter`."""

    def __init__(self, shell: InteractiveShell, config: CodeAct) -> None:
        self.shell = shell
        self._config = config
        self._overrides: dict[str, Any] = {}  # the options of the last `%%codeact` line
        self._policy: dict[str, Any] = {}  # `mode` and `host` as they were when the user last chose
        config.observe(self._keep_policy, list(POLICY))
        self.gate = Gate(shell)
        self.workspace = Workspace(shell, self.gate)
        self.next_input = NextInputHost(shell)
        self.session = Session(config.max_turns)
        self.journal: Journal | None = None
        self.agent: Agent | None = None
        self.panel: Panel | None = None  #: the last one
        self.live = Live(self) if hasattr(shell, "kernel") else None
        self._pid = os.getpid()
        self._cells = Cells(self)
        atexit.register(self._quit)

    def close(self) -> None:
        """Takes everything out of the shell again."""
        self._cells.close()
        self.gate.remove()
        atexit.unregister(self._quit)
        if self.live:
            self.live.close()

    @property
    def settings(self) -> CodeAct:
        """The options in force: the configured ones, under those of the last `%%codeact` line.

        How steps are approved is frozen from a question on: only `%codeact mode` changes it meanwhile.
        """
        values = {name: getattr(self._config, name) for name in self._config.trait_names(config=True)}
        return CodeAct(**{**values, **self._overrides, **self._policy})

    @property
    def running(self) -> bool:
        """Whether an approved step is running now."""
        return self.session.state is State.EXECUTING

    @property
    def pages_so_far(self) -> int:
        """How many pages have come; more of them than before means that one was reloaded, or another opened."""
        return self.live.pages.arrivals if self.live else 0

    def set(self, option: str, value: Any) -> None:
        """Sets an option from now on. Raises `TraitError` for a wrong value."""
        setattr(self._config, option, value)
        self._overrides.pop(option, None)
        self._freeze_policy()

    # --- what the user asks for ---

    def ask(self, text: str, overrides: dict[str, Any], *, below: str | None = None, page: str = "") -> None:
        """A new question, with options for it alone; from a page, its steps go below the cell with the id `below`.

        Raises `UsageProblem` when it is empty or CodeAct is at work.
        """
        if not text.strip():
            raise UsageProblem("The question is empty. Write it below `%%codeact`.")
        if self.session.state in (State.GENERATING, State.EXECUTING):
            raise UsageProblem("CodeAct is at work; `%codeact stop` ends that.")
        self._overrides = overrides
        self._freeze_policy()
        self._place(below, page)
        if self.journal is None:
            self.journal = self._new_journal()
        self.handle(Prompt(text.strip(), self.workspace.describe(), overrides))

    def reject(self, reason: str) -> None:
        """Sends the waiting step back with a reason, or ends the episode without one."""
        proposal = self.session.pending
        if self.live and self.live.host.pending:
            self.live.host.below = self.live.host.pending.cell
        self.handle(Rejection(proposal.id, reason) if reason else Stop("rejected", "You rejected the step."))

    def stop(self) -> None:
        """Ends what is going on."""
        if self.agent is None or self.session.state is State.IDLE:
            raise UsageProblem("Nothing is going on.")
        self.agent.stop()

    def resume(self, *, page: str = "") -> None:
        """Goes on: after a failed step, a stop or a limit, and after a kernel restart from the journal."""
        note = ""
        if not self.session.transcript:
            self._reopen()
            note = f"{RESTARTED}\nIn the notebook now:\n{self.workspace.describe()}"
        if self.session.status == "answered":
            raise UsageProblem("The last question is answered. Ask the next one with `%%codeact`.")
        self._place(self._last_step(), page)
        if self.session.state is State.EXECUTING:
            self.handle(Observation(self.session.pending.id, f"The kernel died while this ran. {note}", False))
        else:
            self.handle(Continue(note))

    def _last_step(self) -> str | None:
        """The id that the cell of the last step has, where the extension put it in."""
        steps = (event for event in reversed(self.session.transcript) if isinstance(event, Proposal))
        last = next(steps, None)
        return cell_id(last.id) if last else None

    def reset(self) -> None:
        """Forgets the conversation; its journal stays on the disk. The next question starts a new one."""
        if self.session.state is State.EXECUTING:
            raise UsageProblem("A step is running; stop it first.")
        if self.agent and self.session.state is State.GENERATING:
            self.agent.stop()
            self.agent.wait(PATIENCE)
        self.session = Session(self.settings.max_turns)
        self.journal = None
        self.agent = None
        self.workspace.forget()
        if self.panel:
            self.panel.leave()
            self.panel = None
        if self.live:
            self.live.view.forget()

    # --- putting it together ---

    def handle(self, event: Event) -> None:
        """Takes an event, and sees to what follows from it as the settings say. Raises `UsageProblem`."""
        settings, agent = self.settings, self._agent()
        host = self._host(settings)
        self.workspace.settings = WorkspaceSettings(
            settings.context_tokens,
            settings.observation_chars,
            hints=settings.techniques.hints,
            inference=settings.techniques.inference,
        )
        self.session.max_turns = settings.max_turns
        agent.host, agent.background = host, isinstance(host, LiveHost)
        agent.view = self._view(settings, host, begins=isinstance(event, Prompt | Continue))
        agent.journal = self.journal
        agent.sampling = Sampling(settings.max_tokens, settings.temperature, settings.seed)
        agent.techniques = settings.techniques
        agent.max_seconds = settings.max_seconds if settings.mode == "auto" else None
        if self.live:
            self.live.host.run_at_once = settings.mode == "auto"
            if not agent.background:
                self.live.host.withdraw()
        if settings.mode == "auto" and isinstance(event, Prompt):
            agent.view.note(f"auto mode: steps run unread, for {settings.max_seconds:.0f} s at most.")
        try:
            agent.handle(event)
        finally:
            self.journal = agent.journal  # it is given up when it cannot be written

    def _agent(self) -> Agent:
        self.agent = self.agent or Agent(
            self.session,
            open_model=lambda: self.open_model(),
            host=self.next_input,
            view=View(),
            sampling=Sampling(),
            describe=lambda: self.workspace.describe(afresh=True),
            namespace=lambda: dict(self.shell.user_ns),
        )
        return self.agent

    def _quit(self) -> None:
        """The process ends: nothing may be computing then."""
        if self.agent and self.session.state is State.GENERATING and os.getpid() == self._pid:
            self.agent.stop()
            self.agent.wait(PATIENCE)

    def _place(self, below: str | None, page: str) -> None:
        """Where the next steps go: below the cell that asks, or as the page says."""
        if self.live is None:
            return
        if not page and running_cell_id(self.shell) is not None:
            self.live.wait()
        session = execute_request(self.shell).get("header", {}).get("session", "")
        self.live.host.page = page or self.live.pages.page_of(session)
        self.live.host.below = below if page else running_cell_id(self.shell)

    def _host(self, settings: CodeAct) -> Host:
        """The one that fits where the event comes from; one that cannot know, such as a button, goes on as it was."""
        here = running_cell_id(self.shell) or not execute_request(self.shell)
        if self.live and self.live.pages.names and here and settings.host == "detect":
            return self.live.host
        if _runs_inline(self.shell, settings):
            return InlineHost(self.workspace, approve_all if settings.mode == "auto" else refuse_all)
        return self.next_input

    def open_model(self) -> tuple[Engine, Dialect]:
        """The engine and dialect of the configured model; loads it when it is not. Raises `ModelError`."""
        from ..engines.loading import open_model

        settings = self.settings
        return open_model(
            settings.model,
            context_size=settings.context_size,
            threads=settings.threads,
            offline=settings.offline,
            report=self.agent.view.note if self.agent else lambda text: None,
        )

    def _view(self, settings: CodeAct, host: Host, *, begins: bool) -> View:
        if isinstance(host, LiveHost) and self.live:
            return Several(self.live.view, *self._panels(settings, begins=begins))
        inline = isinstance(host, InlineHost)
        detect = settings.view == "detect" and hasattr(self.shell, "kernel") and not inline
        if (settings.view == "panel" or detect) and has_widgets():
            self.panel = Panel(self, self.panel)
            view: View = self.panel
        elif settings.view == "stream":
            view = PlainView(to_stdout, nothing)
        else:
            view = PlainView(to_stdout, its_code if inline else how_to_approve)
        return Several(self.live.view, view) if self.live else view

    def _panels(self, settings: CodeAct, *, begins: bool) -> list[View]:
        """The panel in the cell that asked, where the steps are cells of their own: none for a question of the chat."""
        if settings.view not in ("detect", "panel") or not has_widgets():
            return []
        if begins or self.panel is None:
            self.panel = Panel(self, self.panel, stays=True)
            if running_cell_id(self.shell):
                self.panel.begin()
            else:
                self.panel.leave()
        return [self.panel]

    def _new_journal(self) -> Journal | None:
        try:
            return Journal.create(self.settings.journals, journal_key())
        except JournalError as error:
            to_stdout(f"[note] {error} The conversation goes on, but is not kept.\n")
            return None

    def _reopen(self) -> None:
        path = latest_journal(self.settings.journals, journal_key())
        if path is None:
            raise UsageProblem("There is no earlier conversation here. Ask with `%%codeact`.")
        journal, events = Journal.reopen(path)
        try:
            self.session = Session.replay(events, self.settings.max_turns)
        except UsageProblem as error:
            raise JournalError(f"The journal {path} does not fit together ({error}). `%codeact reset`.") from error
        self.journal = journal
        if self.live:
            self.live.view.past = []
        asked = next(event for event in reversed(events) if isinstance(event, Prompt))
        self._overrides = {name: value for name, value in asked.options.items() if name not in POLICY}

    def _freeze_policy(self) -> None:
        self._policy = {name: self._overrides.get(name, getattr(self._config, name)) for name in POLICY}

    def _keep_policy(self, change: dict[str, Any]) -> None:
        """A step that runs cannot change how steps are approved."""
        kept = self._policy.get(change["name"], change["new"])
        if self.running and change["new"] != kept:
            setattr(self._config, change["name"], kept)


def _runs_inline(shell: InteractiveShell, settings: CodeAct) -> bool:
    if settings.host != "detect":
        return settings.host == "inline"
    return settings.mode == "auto" or not can_prefill(shell)
