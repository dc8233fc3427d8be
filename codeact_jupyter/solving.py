"""`solve`: the agent for programs and evaluations, in the caller's process and without a notebook.

The code actions run in a private IPython shell with its own namespace, each after a trial in a copy of the process.
Between them and afterwards, the process is the caller's as it was (`kernel/guest.py`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from .agent.loop import Agent
from .agent.sampling import Sampling
from .agent.turn import TurnSettings
from .agent.view import View
from .dialects.prompt import DIALECTS, Dialect, build_messages
from .engines import Engine
from .errors import UsageProblem
from .hosts.inline import InlineHost
from .kernel.gate import Gate
from .kernel.guest import Guest
from .kernel.preview import Preview
from .kernel.private_shell import private_shell
from .kernel.running import Busy
from .kernel.workspace import Workspace, WorkspaceSettings
from .models.catalogue import DEFAULT_MODEL
from .outputs.conversion import Unfit, convert, is_type, type_name
from .outputs.shown_value import named_value
from .session.basis import Basis, basis_of
from .session.machine import Session
from .session.messages import (
    Approval,
    ChatMessage,
    Event,
    FinishStatus,
    Observation,
    Prompt,
    Proposal,
    Refusal,
    Rejection,
    Stop,
    Usage,
)
from .session.techniques import ALL, Techniques


@dataclass(frozen=True, slots=True)
class SolveTurn:
    """One code action."""

    thought: str  #: text before the code
    code: str  #: the proposed code
    observation: str | None  #: its result as the model read it; `None` if it did not run
    error: str = ""  #: the exception that it raised, in a line


@dataclass(frozen=True, slots=True)
class SolveRun:
    """Result of `solve`."""

    answer: str | None  #: `None` without one
    status: FinishStatus  #: kind of the end
    reason: str  #: why there is no answer; empty if there is one
    turns: tuple[SolveTurn, ...]  #: all code actions
    messages: tuple[ChatMessage, ...]  #: what the model read and wrote, its preamble included
    usage: Usage  #: cost of all replies
    value: Any = None  #: the object that the answer rests on, as `returns` if that is given; `None` without one
    evidence: Basis | None = None  #: what the answer rests on; `None` without one
    figures: tuple[Any, ...] = ()  #: matplotlib figures that the actions have drawn, in this order; they are closed
    events: tuple[Event, ...] = ()  #: the conversation, as a notebook's journal has it


CONTEXT_TOKENS = 1800  #: for the listing of the namespace: tools often have long descriptions

T = TypeVar("T")
_guest: ContextVar[Guest] = ContextVar("codeact_solve")

Approve = Callable[[str], bool | str]
Check = Callable[[str], bool | str]


def solve(
    prompt: str,
    namespace: Mapping[str, Any] | None = None,
    *,
    approve: Approve = lambda code: True,
    engine: Engine | None = None,
    model: str = DEFAULT_MODEL,
    dialect: Literal["markdown", "codeact"] = "markdown",
    max_turns: int = 10,
    max_seconds: float | None = None,
    max_tokens: int = 768,
    temperature: float = 0.0,
    seed: int = 0,
    check: Check | None = None,
    returns: Any = None,
    techniques: Techniques = ALL,
) -> SolveRun:
    """Run the agent on a task until it answers.

    Args:
        prompt: The task.
        namespace: Objects and functions that the actions can use by these names. They are described to the model
            (functions by signature and docstring) and are not copied.
        approve: Called with each action's code. Only the value `True` lets it run. A string rejects it with that
            reason, which the model reads; anything else ends the run. The default approves everything: run this in a
            process that may be lost.
        engine: Generates the replies; `None` loads `model` (downloading it if it is not on disk), once per process.
        model: Catalogue name, path of a GGUF file, or hub id; unused if an engine is given.
        dialect: How the given engine's model writes actions; unused without `engine`.
        max_turns: Limit of actions and refused answers together; after the last action the model must answer.
        max_seconds: Wall-clock limit, running actions included, and also of the wait for the first turn if the steps
            of runs in other threads, with which those of this one take turns, are running.
        max_tokens: Limit of one reply in tokens.
        temperature: 0 for the most likely text; higher values vary it.
        seed: Seed of the sampling.
        check: Called with an answer; returns `True`, or the reason to refuse it, which the model reads.
        returns: Type of `SolveRun.value`: `float`, `int`, `str`, `bool`, `list`, `dict` (also as `list[int]`), a
            dataclass, a pydantic model, or a class such as `pandas.DataFrame`. A value is converted where nothing is
            lost by it: a table of one cell to a number, a series to a dict or a list. For any other value the answer
            is refused with the reason, which the model reads. `None` takes any value, or none.
        techniques: Techniques that help a small model; all by default.

    Returns:
        The run, however it ended. A model that cannot be used gives `status="no_model"` and no exception.

    Raises:
        UsageProblem: The prompt is empty, or `returns` is not a type.
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
        raise UsageProblem("The prompt is empty: describe the task.")
    if returns is not None and not is_type(returns):
        raise UsageProblem(f"`returns={returns!r}` is not a type: give one such as `float`, or none.")
    session = Session()
    settings = WorkspaceSettings(
        CONTEXT_TOKENS, files=False, named_files=techniques.files, silent=True, hints=techniques.hints
    )
    guest = Guest()
    with contextlib.ExitStack() as closing:
        closing.callback(_guest.reset, _guest.set(guest))
        try:
            shell = closing.enter_context(private_shell(guest, namespace or {}, max_seconds))
        except Busy:
            return SolveRun(None, "limit", f"The step of another run took {max_seconds:g} s.", (), (), Usage())
        workspace = closing.enter_context(contextlib.closing(Workspace(shell, Gate(shell), settings, guest)))
        preview = closing.enter_context(contextlib.closing(Preview(workspace)))
        outcome = _Value(workspace, returns, check)
        agent = Agent(
            session,
            open_model=open_model,
            describe=lambda: workspace.describe(afresh=True),
            namespace=lambda: workspace.names,
            trials=preview,
            check=outcome.refusal,
        )
        turn = TurnSettings(
            InlineHost(workspace, policy),
            View(),
            Sampling(max_tokens, temperature, seed),
            techniques,
            max_turns=max_turns,
            max_seconds=max_seconds,
        )
        agent.advance(Prompt(prompt, workspace.describe(prompt)), turn)
        value = outcome.found if session.answer is not None else None
    report = _report(session, agent.dialect or DIALECTS[dialect], techniques)
    return replace(report, value=value, figures=tuple(shell.figures), events=tuple(session.transcript))


def in_turn(work: Callable[[], T]) -> T:
    """Call `work` with the process as the steps see it: `get_ipython()` is the shell that runs them.

    Args:
        work: What to call, by `approve` or `check` of the run.

    Returns:
        Its result.
    """
    return _guest.get().run(work)


class _Value:
    """Value of an answer: what it names, or else what the last step has shown."""

    def __init__(self, workspace: Workspace, returns: Any, check: Check | None) -> None:
        self.found: Any = None  #: of the last answer that was checked
        self._workspace = workspace
        self._returns = returns
        self._check = check

    def refusal(self, answer: str) -> Refusal | None:
        """Return the reason to refuse an answer or its value; `None` if both are accepted."""
        named = named_value(answer, self._workspace.names)
        self.found = self._workspace.value if named is None else named
        if self._returns is not None:
            try:
                self.found = convert(self.found, self._returns)
            except Unfit as unfit:
                reason = f"{unfit}. End a step with an expression of the type {type_name(self._returns)}."
                return Refusal(reason, is_of_value=True)
        verdict = self._check(answer) if self._check is not None else True
        if verdict is True:
            return None
        return Refusal(verdict if isinstance(verdict, str) and verdict else "It is not right.")


def _report(session: Session, dialect: Dialect, techniques: Techniques) -> SolveRun:
    turns: list[SolveTurn] = []
    for event in session.transcript:
        match event:
            case Proposal():
                turns.append(SolveTurn(event.thought, event.code, None))
            case Observation():
                turns[-1] = replace(turns[-1], observation=event.text, error=event.error)
    messages = tuple(build_messages(session.transcript, dialect, use=techniques))
    finish = session.finish
    assert finish is not None  # the policy decides at once, so that nothing is left to wait for
    if finish.status == "answered":
        basis = basis_of(finish.text, session.transcript)
        read = messages[:-1]  # without "Go on."
        return SolveRun(finish.text, finish.status, "", tuple(turns), read, session.usage, evidence=basis)
    return SolveRun(None, finish.status, finish.text, tuple(turns), messages, session.usage)
