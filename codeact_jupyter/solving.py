"""`solve`: the agent for programs and evaluations, in the caller's process and without a notebook.

The actions run in a private IPython shell of their own namespace. The caller's shell, hooks, display and namespace are
as they were afterwards.
"""

from __future__ import annotations

import atexit
import contextlib
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from .agent.loop import Agent
from .agent.sampling import Sampling
from .agent.view import View
from .dialects.prompt import DIALECTS, Dialect, build_messages
from .engines import Engine
from .errors import UsageProblem
from .hosts.inline import InlineHost
from .kernel.gate import Gate
from .kernel.workspace import Workspace, WorkspaceSettings
from .session.machine import Session
from .session.messages import Approval, ChatMessage, Observation, Prompt, Proposal, Rejection, Stop, Usage
from .session.techniques import ALL, Techniques


@dataclass(frozen=True, slots=True)
class SolveTurn:
    """One action: why, what, and what it brought. `observation` is `None` when it did not run."""

    thought: str
    code: str
    observation: str | None
    error: str = ""  #: the exception that it raised, in a line


@dataclass(frozen=True, slots=True)
class SolveRun:
    """What came of `solve`. `status` is one of those of `messages.Finish`."""

    answer: str | None
    status: str
    reason: str  #: why there is no answer; empty when there is one
    turns: tuple[SolveTurn, ...]
    messages: tuple[ChatMessage, ...]  #: what the model read and wrote, its preamble included
    usage: Usage


CONTEXT_TOKENS = 1800  #: for the listing of the namespace: tools often come with long descriptions

Approve = Callable[[str], bool | str]
Check = Callable[[str], bool | str]


def solve(
    prompt: str,
    namespace: Mapping[str, Any] | None = None,
    *,
    approve: Approve = lambda code: True,
    engine: Engine | None = None,
    model: str = "qwen2.5-coder-1.5b",
    dialect: Literal["markdown", "codeact"] = "markdown",
    max_turns: int = 10,
    max_seconds: float | None = None,
    max_tokens: int = 768,
    temperature: float = 0.0,
    seed: int = 0,
    check: Check | None = None,
    techniques: Techniques = ALL,
) -> SolveRun:
    """Lets the agent work on `prompt` until it answers.

    Args:
        prompt: the task.
        namespace: objects and functions that the actions can use by these names. They are described to the model
            (functions by signature and docstring) and are the very objects, not copies.
        approve: called with each action's code. Only the value `True` lets it run; a string rejects it with that
            reason, which the model reads; anything else ends the run. The default accepts everything: run
            this in a process that you can spare.
        engine: what generates; `None` loads `model` (fetching it when it is not on disk), once per process.
        model: catalogue name, path of a GGUF file, or hub id; unused when an engine is given.
        dialect: how the given engine's model writes actions; unused without `engine`.
        max_turns: replies of the model, refused answers included.
        max_seconds: wall-clock limit, the running actions included.
        max_tokens: tokens of one reply.
        temperature: 0 for the most likely text.
        seed: of the sampling.
        check: called with an answer; returns `True`, or why it is refused, which the model reads before it goes on.
        techniques: what is done to make a small model right; all of it by default.

    Returns:
        The run, whatever came of it. A model that cannot be had is `status="no_model"`, not an exception.

    Raises:
        UsageProblem: the prompt is empty.
    """

    def open_model() -> tuple[Engine, Dialect]:
        if engine is not None:
            return engine, DIALECTS[dialect]
        from .engines.loading import open_model

        return open_model(model)

    def policy(proposal: Proposal) -> Approval | Rejection | Stop:
        verdict = approve(proposal.code)
        if verdict is True:
            return Approval(proposal.id, proposal.code)
        return (
            Rejection(proposal.id, verdict) if isinstance(verdict, str) and verdict else Stop("rejected", "Rejected.")
        )

    if not prompt.strip():
        raise UsageProblem("The prompt is empty: say what is to be done.")
    session = Session(max_turns)
    with _private_shell(dict(namespace or {})) as shell:
        settings = WorkspaceSettings(
            CONTEXT_TOKENS, files=False, silent=True, hints=techniques.hints, inference=techniques.inference
        )
        workspace = Workspace(shell, Gate(shell), settings)
        agent = Agent(
            session,
            open_model=open_model,
            host=InlineHost(workspace, policy),
            view=View(),
            sampling=Sampling(max_tokens, temperature, seed),
            techniques=techniques,
            describe=lambda: workspace.describe(afresh=True),
            namespace=lambda: dict(shell.user_ns),
            check=check,
            max_seconds=max_seconds,
        )
        agent.handle(Prompt(prompt, workspace.describe()))
    return _report(session, agent.dialect or DIALECTS[dialect], techniques)


def _report(session: Session, dialect: Dialect, techniques: Techniques) -> SolveRun:
    turns: list[SolveTurn] = []
    for event in session.transcript:
        match event:
            case Proposal():
                turns.append(SolveTurn(event.thought, event.code, None))
            case Observation():
                turns[-1] = replace(turns[-1], observation=event.text, error=event.error)
    messages = tuple(build_messages(session.transcript, dialect, use=techniques))
    if session.answer is not None:
        messages = messages[:-1]  # nobody asked for more
    reason = session.finish.text if session.finish and session.answer is None else ""
    return SolveRun(session.answer, session.status, reason, tuple(turns), messages, session.usage)


@contextlib.contextmanager
def _private_shell(namespace: dict[str, Any]) -> Iterator[InteractiveShell]:
    """A shell of its own, in which `display` and `get_ipython` mean this shell; everything global is put back."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    module = types.ModuleType("__codeact__")
    before = [(cls, cls.__dict__.get("_instance")) for cls in InteractiveShell._walk_mro()]
    saved = {
        name: getattr(sys, name) for name in ("ps1", "ps2", "ps3", "displayhook", "excepthook") if hasattr(sys, name)
    }
    path = list(sys.path)
    module.__dict__.update(namespace)
    shell = InteractiveShell(config=config, user_module=module, user_ns=module.__dict__)  # one scope, as in a kernel
    try:
        for cls, _ in before:
            cls._instance = shell  # type: ignore[assignment]
        with warnings.catch_warnings():
            yield shell
    finally:
        atexit.unregister(shell.atexit_operations)  # which would keep the shell and all its objects
        shell.atexit_operations()
        for cls, instance in before:
            cls._instance = instance
        for name in ("ps1", "ps2", "ps3", "displayhook", "excepthook"):
            if name in saved:
                setattr(sys, name, saved[name])
            elif hasattr(sys, name):
                delattr(sys, name)
        sys.path[:] = path
        sys.modules.pop(module.__name__, None)
