"""Approvals as a state machine: in no order of events does a step run that was not approved just then.

Gate, host, step runs and session are the real ones, in a shell that serves the requests of a front end. The walk plays
the model, two pages, one of which asks, and whoever sends requests.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.hosts.next_input import NextInputHost
from codeact_jupyter.kernel import run_all
from codeact_jupyter.kernel.gate import APPROVAL_KEY, Gate, digest
from codeact_jupyter.kernel.workspace import Workspace
from codeact_jupyter.lab import host as lab_host
from codeact_jupyter.lab.host import LabHost
from codeact_jupyter.lab.items import cell_id
from codeact_jupyter.lab.protocol import FromKernel, Pending, PendingChanged
from codeact_jupyter.notebook.step_runs import StepRuns
from codeact_jupyter.session.machine import Session, State
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    Continue,
    Deliver,
    Event,
    Observation,
    Prompt,
    Proposal,
    Rejection,
    Stop,
)
from tests.hostile import Tries

from . import served
from .served import PAYLOAD, Clock, Emptying, Idle, Kernel, KernelShell, Raising, new_shell

WALKS, STEPS = 2000, 12
ASKING, OTHER = "page that asks", "other page"
VALUES = st.text() | st.none() | st.integers()
EDITED = f"{PAYLOAD}  # edited"


class TwoPages:
    """Two open pages, and what each of them has received."""

    def __init__(self) -> None:
        self.names = [OTHER, ASKING]
        self.received: dict[str, list[Pending]] = {ASKING: [], OTHER: []}

    def send(self, message: FromKernel, page: str | None = None) -> None:
        if isinstance(message, PendingChanged) and message.pending:
            for name in [page] if page else self.names:
                self.received[name].append(message.pending)

    def demote(self, page: str) -> None:
        raise AssertionError("no page is slow")


class Approvals(RuleBasedStateMachine):
    """One notebook. Each walk has a gate of its own in the same shell."""

    shell: KernelShell
    clock = Clock()
    tries: Tries

    def __init__(self) -> None:
        super().__init__()
        self.shell.ast_transformers[:] = []
        self.old: list[dict[str, Any]] = []  #: approvals that a page has seen, and that hold no longer
        self.cells: list[str] = []  #: of all proposals
        self.proposals = 0
        self.runs: list[int] = []  #: of the payload
        self.expected = 0  #: number of them
        self.unseen: set[str] = set()  #: cells of steps that were never approved, and not yet refused by themselves
        self.events: list[Event] = []
        self.start()
        self.propose()

    def start(self) -> None:
        """Start a kernel for the notebook, which replays its journal."""
        self.kernel = Kernel(self.shell, self.clock)
        self.shell.user_ns["runs"] = self.runs
        self.pages = TwoPages()
        self.host = LabHost(self.kernel.gate, self.pages, lambda: self.shell.user_ns)  # type: ignore[arg-type]
        self.host.page = ASKING
        self.session = Session.replay(self.events, max_turns=10**6)
        for cell in self.unseen:
            self.kernel.gate.withdraw(cell)
        self.steps = StepRuns(
            Workspace(self.shell, self.kernel.gate),
            NextInputHost(self.shell),
            self.host,
            session=lambda: self.session,
            submit=self.submit,
        )

    def teardown(self) -> None:
        self.host.withdraw()
        self.steps.close()
        self.kernel.gate.remove()

    def submit(self, event: Event) -> None:
        """Do what the agent does with an event, without a model."""
        commands = self.session.apply(event)
        self.events.append(event)
        if isinstance(event, Approval | Rejection | Stop | Prompt | Continue) and self.host.pending:
            self.withdraw(is_approved=isinstance(event, Approval))
        for command in commands:
            if isinstance(command, Deliver):
                self.unseen.discard(cell_id(command.proposal.id))
                self.host.deliver(command.proposal)

    def withdraw(self, *, is_approved: bool) -> None:
        """Note that the approval that waits is worth nothing from now on."""
        pending = self.host.pending
        assert pending is not None
        self.old.append({"cell": pending.cell, "nonce": pending.nonce})
        if not is_approved:
            self.unseen.add(pending.cell)
        self.host.withdraw()

    def send(self, cell: str | None, source: str = PAYLOAD, **rest: Any) -> str:
        return self.kernel.serve(self.kernel.request(cell, source, **rest))

    def must_be_refused(self, cell: str | None, source: str = PAYLOAD, **rest: Any) -> None:
        self.tries.add()
        assert self.send(cell, source, **rest) != "ran"

    def approval(self, source: str = PAYLOAD) -> dict[str, str]:
        assert self.host.pending is not None
        return {"nonce": self.host.pending.nonce, "sha256": digest(source)}

    @property
    def waiting(self) -> str:
        assert self.host.pending is not None
        return self.host.pending.cell

    def is_waiting(self) -> bool:
        return self.host.pending is not None

    # --- the model and the user ---

    @precondition(lambda self: not self.is_waiting())
    @rule()
    def propose(self) -> None:
        if self.session.state is State.IDLE:
            self.submit(Prompt("?"))
        self.proposals += 1
        proposal = Proposal(f"p{self.proposals}", self.proposals, "", PAYLOAD, "")
        self.cells.append(cell_id(proposal.id))
        self.submit(proposal)

    @precondition(lambda self: self.session.state is State.GENERATING)
    @rule()
    def answer(self) -> None:
        self.submit(Answer("It is."))

    @precondition(is_waiting)
    @rule(source=st.sampled_from([PAYLOAD, EDITED]))
    def approve(self, source: str) -> None:
        approval, cell = self.approval(source), self.waiting
        assert self.send(cell, source, approval=approval) == "ran"
        self.expected += 1
        self.tries.control()
        assert self.session.state is State.GENERATING
        assert isinstance(self.events[-1], Observation)
        self.must_be_refused(cell, source, approval=approval)

    @precondition(is_waiting)
    @rule(end=st.sampled_from(["reject", "reason", "stop", "ask", "continue"]))
    def decide_otherwise(self, end: str) -> None:
        proposal = self.session.pending.id
        event: dict[str, Event] = {
            "reject": Stop("rejected"),
            "reason": Rejection(proposal, "No."),
            "stop": Stop(),
            "ask": Prompt("Else?"),
            "continue": Continue(),
        }
        self.submit(event[end])

    @precondition(lambda self: bool(self.events))
    @rule()
    def restart(self) -> None:
        if self.is_waiting():
            self.withdraw(is_approved=False)
        if self.session.state is not State.IDLE:
            self.submit(Stop())
        self.teardown()
        self.start()

    # --- requests that approve nothing ---

    @precondition(is_waiting)
    @rule(changes=st.dictionaries(st.sampled_from(["nonce", "sha256"]), VALUES, min_size=1))
    def forge(self, changes: dict[str, Any]) -> None:
        self.must_be_refused(self.waiting, approval={**self.approval(), **changes})

    @precondition(is_waiting)
    @rule(source=st.sampled_from([EDITED, f"%%time\n{PAYLOAD}", f"{PAYLOAD}\n", f"exec({PAYLOAD!r})"]))
    def change_the_source(self, source: str) -> None:
        self.must_be_refused(self.waiting, source, approval=self.approval())

    @precondition(is_waiting)
    @rule(silent=st.sampled_from([True, 1, "yes"]))
    def send_silently(self, silent: object) -> None:
        self.must_be_refused(self.waiting, approval=self.approval(), silent=silent)

    @precondition(is_waiting)
    @rule()
    def send_without_an_approval(self) -> None:
        self.must_be_refused(self.waiting)

    @precondition(is_waiting)
    @rule(cell=st.sampled_from(["mine", None, ""]))
    def use_the_approval_for_another_cell(self, cell: str | None) -> None:
        self.must_be_refused(cell, approval=self.approval())

    @precondition(lambda self: bool(self.old))
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        used = data.draw(st.sampled_from(self.old))
        cell = data.draw(st.sampled_from([used["cell"], *self.cells]))
        self.must_be_refused_alone(cell, approval={"nonce": used["nonce"], "sha256": digest(PAYLOAD)})

    @precondition(lambda self: bool(self.unseen))
    @rule(data=st.data())
    def run_a_step_that_was_never_approved(self, data: st.DataObject) -> None:
        self.must_be_refused_alone(data.draw(st.sampled_from(sorted(self.unseen))))

    def must_be_refused_alone(self, cell: str, **rest: Any) -> None:
        """Send a cell by itself. From then on the user may run it as a cell of their own."""
        self.must_be_refused(cell, **rest)
        self.unseen.discard(cell)

    @precondition(lambda self: bool(self.cells))
    @rule(data=st.data())
    def run_all(self, data: st.DataObject) -> None:
        refused = [*self.unseen, *([self.waiting] if self.is_waiting() else [])]
        cells: Sequence[str] = data.draw(st.permutations([*sorted(refused), "mine", "mine too"]))
        requests = [self.kernel.request(cell, later=0.01 if number else 60) for number, cell in enumerate(cells)]
        failed = False
        for cell, request in zip(cells, requests, strict=True):
            self.tries.add()
            ran = self.kernel.serve(request) == "ran"
            assert ran == (not failed and cell not in refused)
            self.expected += ran
            failed = failed or not ran

    @precondition(is_waiting)
    @rule(admitted=st.sampled_from(["pass", EDITED.replace("1", "2"), "def broken(:"]))
    def admit_other_code(self, admitted: str) -> None:
        self.tries.add()
        self.shell.set_parent(self.kernel.request("mine"))
        with self.kernel.gate.admit(admitted):
            assert not self.shell.run_cell(PAYLOAD).success

    @precondition(is_waiting)
    @rule(data=st.data())
    def ask_as_another_page(self, data: st.DataObject) -> None:
        proposal = self.session.pending.id
        act = data.draw(st.sampled_from([self.host.missing, self.host.placed]))
        act(OTHER, proposal)
        self.host.attached(OTHER)

    # --- what else is in the shell ---

    @rule(kinds=st.lists(st.sampled_from(["idle", "raises", "empties"]), max_size=3))
    def change_the_transformers(self, kinds: list[str]) -> None:
        made = {"idle": Idle, "raises": lambda: Raising(ValueError), "empties": lambda: Emptying(self.shell)}
        self.shell.ast_transformers[:] = [made[kind]() for kind in kinds]  # type: ignore[list-item, no-untyped-call]

    @rule(source=st.sampled_from(["get_ipython().transform_ast = lambda node: node", "1 + 1", "raise SystemExit"]))
    def run_a_cell_of_the_users(self, source: str) -> None:
        self.send("mine", source)

    @rule()
    def lose_an_approval_that_is_not_for_the_session(self) -> None:
        with pytest.raises(UsageProblem):
            self.submit(Approval("another", PAYLOAD))

    # --- always ---

    @invariant()
    def the_payload_ran_as_often_as_it_was_approved(self) -> None:
        assert len(self.runs) == self.expected

    @invariant()
    def only_the_page_that_asks_has_a_nonce(self) -> None:
        assert {pending.nonce for pending in self.pages.received[OTHER]} <= {""}
        assert not any(pending.run for pending in self.pages.received[OTHER])


def walk(shell: KernelShell, walks: int) -> tuple[int, Tries]:
    """Walk; return how often, and what was tried."""
    begun: list[int] = []
    shell.user_ns["get_ipython"] = lambda: shell

    class Walk(Approvals):
        def __init__(self) -> None:
            begun.append(1)
            super().__init__()

    Walk.shell, Walk.tries = shell, Tries()
    phases = (Phase.generate,)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Walk, settings=settings(max_examples=walks, stateful_step_count=STEPS, phases=phases)
    )
    return len(begun), Walk.tries


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(lab_host, "PAGE_ACKNOWLEDGE_SECONDS", 10_000)
    monkeypatch.setattr(run_all, "time", Approvals.clock)


@pytest.mark.hostile("approvals: walks of a state machine")
@pytest.mark.filterwarnings("ignore:AST transformer")
def test_in_no_order_of_events_does_a_step_run_that_was_not_approved_just_then(tries: Tries) -> None:
    walks, tried = walk(new_shell(), WALKS)
    assert walks >= WALKS
    tries.add(walks)
    tries.control(tried.controls)
    print(f"{walks} walks: {tried.count} requests refused, {tried.controls} approved steps ran")


class EveryNonce(Gate):
    """Does not look at the nonce."""

    def stage(self, cell_id: str) -> str:
        super().stage(cell_id)
        self._staged[cell_id] = "always"
        return "always"


class Forgetting(Gate):
    """Forgets the steps that were never approved."""

    def withdraw(self, cell_id: str) -> None:
        pass


class Generous(Gate):
    """Admits whatever comes while other code is admitted."""

    def _refuse(self, node: ast.AST, request: dict[str, Any]) -> str | None:
        return None if self._admitted is not None else super()._refuse(node, request)


class Lasting(Gate):
    """Takes the approval of a step that was rejected or stopped."""

    def unstage(self, cell_id: str) -> None:
        pass


class Careless(Gate):
    """Does not look at the source."""

    def _refuse_request(self, request: dict[str, Any]) -> str | None:
        content = request.get("content", {})
        approval = request.get("metadata", {}).get(APPROVAL_KEY)
        if isinstance(approval, dict):
            approval["sha256"] = digest(content["code"])
        return super()._refuse_request(request)


@pytest.mark.hostile("approvals: walks of a state machine", control=True)
@pytest.mark.filterwarnings("ignore:AST transformer")
@pytest.mark.parametrize("hole", [EveryNonce, Forgetting, Generous, Lasting, Careless])
def test_the_walks_find_a_gate_with_a_hole(hole: type[Gate], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "Gate", hole)
    with pytest.raises(AssertionError):
        walk(new_shell(), WALKS)
