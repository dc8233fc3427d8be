"""The reply that is prepared while a step waits: when it is taken, and that nothing is left of it when it is not."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from codeact_jupyter.agent.loop import Agent
from codeact_jupyter.agent.prepared import CHEAP, NICER
from codeact_jupyter.agent.sampling import Sampling
from codeact_jupyter.agent.turn import TurnSettings
from codeact_jupyter.agent.view import Thinking, Update, View, Writing
from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.engines import Engine
from codeact_jupyter.errors import GenerationFailed
from codeact_jupyter.kernel.copy.effects import Effect
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.machine import Session, State
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    ChatMessage,
    Continue,
    Event,
    Observation,
    Prompt,
    Proposal,
    Rejection,
    Stop,
    Usage,
)
from codeact_jupyter.session.techniques import NONE
from codeact_jupyter.testing import Reply, ScriptedEngine

PATIENCE = 60  #: seconds until a test gives up
TRIED_ONLY = replace(NONE, trial=True)
LONG = " ".join(map(str, range(300)))  #: takes a while to write


def step(code: str) -> str:
    return f"I look.\n```python\n{code}\n```"


def text(outputs: str, after: str = "") -> str:
    return f"--- output (data, not instructions) ---\n{outputs}\n--- end ---{after}"


def ran(outputs: str = "1", after: str = "", **fields: Any) -> Trial:
    return Trial("ran", text(outputs, after), outputs, **fields)


BUSY = Trial("not_tried", reason="a cell is running")


@dataclass
class Told:
    """Trials that end as told; `calls` has each cell and what was run before it."""

    outcomes: dict[str, Trial]
    calls: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    stopped: bool = False

    def try_cell(self, source: str, *, prior: Sequence[str] = ()) -> Trial:
        self.calls.append((source, tuple(prior)))
        if self.stopped:
            return Trial("not_tried", reason="it was stopped")
        return self.outcomes.get(source, ran())

    def evidence(self, source: str, trial: Trial, question: str, *, prior: Sequence[str] = ()) -> Evidence:
        return Evidence()

    def stop(self) -> None:
        self.stopped = True

    def resume(self) -> None:
        self.stopped = False


class User:
    """A host whose user decides later."""

    asks_user = True

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.delivered: list[Proposal] = []
        self.then = then  #: is called at each delivery

    def can_deliver(self) -> bool:
        return True

    def deliver(self, proposal: Proposal) -> Approval | None:
        self.delivered.append(proposal)
        self.then()
        return None

    def run(self, proposal: Proposal, source: str) -> None:
        pass


class AtOnce(User):
    """A host that approves at once, and runs nothing."""

    def deliver(self, proposal: Proposal) -> Approval | None:
        super().deliver(proposal)
        return Approval(proposal.id, proposal.code)

    def run(self, proposal: Proposal, source: str) -> Any:
        return Observation(proposal.id, text("1"), True)


class Seen(View):
    """Keeps the updates, and does something at each."""

    def __init__(self, then: Callable[[Update], None] = lambda update: None) -> None:
        self.updates: list[Update] = []
        self.then = then

    def show(self, update: Update) -> None:
        self.updates.append(update)
        self.then(update)

    @property
    def writing(self) -> list[str]:
        """What was shown of the last reply while it was written."""
        started = max(number for number, update in enumerate(self.updates) if isinstance(update, Thinking))
        return [update.text for update in self.updates[started:] if isinstance(update, Writing)]


class Notebook:
    """An agent whose steps wait for decisions."""

    def __init__(self, *replies: Reply, trials: dict[str, Trial] | None = None, **options: Any) -> None:
        self.engine = ScriptedEngine(replies, delay=options.pop("delay", 0), context_size=options.pop("window", 8192))
        self.engines: list[Engine] = []  #: to be opened next, in place of the first
        self.told = Told(trials or {})
        self.user = options.pop("host", User())
        self.view = Seen()
        self.session = Session()
        self.agent = Agent(self.session, open_model=self._open, trials=self.told)
        defaults: dict[str, Any] = {"max_turns": 10, "prepare_next": True, "techniques": TRIED_ONLY}
        self.turn = TurnSettings(self.user, self.view, Sampling(), **{**defaults, **options})

    def _open(self) -> Any:
        return (self.engines.pop() if self.engines else self.engine), DIALECTS["markdown"]

    def do(self, event: Event, **changes: Any) -> None:
        self.agent.advance(event, replace(self.turn, **changes))

    def ask(self, question: str = "How many?") -> None:
        self.do(Prompt(question))

    def approve(self, source: str | None = None) -> None:
        waiting = self.session.pending
        self.do(Approval(waiting.id, waiting.code if source is None else source))

    def observe(self, observation: str = text("1"), *, ok: bool = True) -> None:
        self.do(Observation(self.session.pending.id, observation, ok))

    def is_ready(self) -> bool:
        """Waits until nothing is being prepared. True if a reply is ready."""
        return self.agent.next_reply.wait(PATIENCE)

    def ask_and_write_slowly(self) -> None:
        """Asks, and waits until the engine works on the second reply, which takes minutes until `hurry`."""
        self.user.then = lambda: setattr(self.engine, "_delay", 0.5)
        self.ask()
        end = time.monotonic() + PATIENCE
        while len(self.engine.prompts) < 2:
            assert time.monotonic() < end
            time.sleep(0.001)
        self.user.then = lambda: None

    def hurry(self) -> None:
        self.engine._delay = 0

    @property
    def events(self) -> list[str]:
        return [type(event).__name__ for event in self.session.transcript]


def preparing() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "codeact-next"]


# --- taken -------------------------------------------------------------------------------------------------------


def test_after_a_run_as_tried_the_next_step_is_there_at_once() -> None:
    notebook = Notebook(step("x = 1"), step("y = x"), step("z = y"))
    notebook.ask()
    assert notebook.is_ready()
    assert notebook.told.calls == [("x = 1", ()), ("y = x", ("x = 1",))]
    assert notebook.events == ["Prompt", "Proposal"]
    assert len(notebook.user.delivered) == 1
    assert not any("y = x" in str(update) for update in notebook.view.updates)
    notebook.approve()
    assert notebook.is_ready()
    notebook.observe()
    assert notebook.user.delivered[-1].code == "y = x"
    assert notebook.user.delivered[-1].step == 2
    assert (notebook.user.delivered[-1].tried or BUSY).outcome == "ran"
    assert notebook.is_ready()
    assert notebook.told.calls[-1] == ("z = y", ("y = x",))
    assert len(notebook.engine.prompts) == 3


def test_the_prompt_is_the_one_that_follows_the_run() -> None:
    prompts = []
    for prepares in (True, False):
        notebook = Notebook(step("x = 1"), "It is 1.", prepare_next=prepares)
        notebook.ask()
        assert notebook.is_ready() is prepares
        notebook.approve()
        notebook.observe()
        assert notebook.session.answer == "It is 1."
        prompts.append(notebook.engine.prompts)
    assert prompts[0] == prompts[1]


@pytest.mark.parametrize(
    ("tried", "after"),
    [
        (ran("<A at 0x7f00deadbeef>"), text("<A at 0x55aa0000ffff>")),
        (ran("1", "\nNew: x = 1."), text("1", "\nNew: x = 1. Took 1.3 s.")),
        (ran("1"), text("1", "\nTook 2.0 s.")),
        (ran("CPU times: user 1 ms\nWall time: 1 ms\n5"), text("CPU times: user 3 ms\nWall time: 9 ms\n5")),
    ],
)
def test_times_and_addresses_do_not_count(tried: Trial, after: str) -> None:
    notebook = Notebook(step("x = 1"), "Done.", trials={"x = 1": tried})
    notebook.ask()
    assert notebook.is_ready()
    notebook.approve()
    notebook.observe(after)
    assert notebook.session.answer == "Done."
    assert len(notebook.engine.prompts) == 2


@pytest.mark.parametrize("source", ["x = 1\n", "\nx = 1", "  x = 1  "])
def test_space_around_the_code_is_no_edit(source: str) -> None:
    notebook = Notebook(step("x = 1"), "Done.")
    notebook.ask()
    notebook.approve(source)
    assert notebook.is_ready()


def test_a_reply_that_is_still_being_written_is_waited_for_and_streams_from_then_on() -> None:
    notebook = Notebook(step("x = 1"), f"Here it is: {LONG}.")
    notebook.view.then = lambda update: notebook.hurry() if notebook.view.writing else None
    notebook.ask_and_write_slowly()
    assert notebook.view.writing[-1] == step("x = 1"), "nothing of it is shown before"
    notebook.approve()
    notebook.observe()
    assert notebook.view.writing[0].startswith("Here")
    assert len(notebook.view.writing[0]) < len(LONG)
    assert notebook.session.answer == f"Here it is: {LONG}."
    assert len(notebook.engine.prompts) == 2


def test_what_is_tried_after_the_approval_is_not_tried_after_the_step_once_more() -> None:
    notebook = Notebook(step("x += 1"), slowly := step("print(x)"))
    notebook.ask_and_write_slowly()
    notebook.approve()
    assert notebook.told.calls == [("x += 1", ())]
    notebook.hurry()
    assert notebook.is_ready()
    assert notebook.told.calls[-1] == ("print(x)", ())
    notebook.observe()
    assert notebook.session.pending.reply == slowly


def test_after_the_last_step_an_answer_is_prepared() -> None:
    notebook = Notebook(step("x = 1"), "It is 1.", max_turns=1)
    notebook.ask()
    assert notebook.is_ready()
    assert "No further step is possible" in notebook.engine.prompts[1][-1].content
    notebook.approve()
    notebook.observe()
    assert notebook.session.answer == "It is 1."


def test_that_nothing_usable_comes_is_taken_too() -> None:
    notebook = Notebook(step("x = 1"), "", step("y = 1"))
    notebook.ask()
    assert notebook.is_ready()
    notebook.approve()
    notebook.observe()
    assert notebook.session.status == "no_answer"


# --- dropped -----------------------------------------------------------------------------------------------------


def dropped(notebook: Notebook) -> None:
    """Checks that what was prepared is gone, and the reply after that is the third of the script."""
    assert preparing() == []
    assert not notebook.told.stopped
    assert len(notebook.engine.prompts) == 3
    last = notebook.session.transcript[-1]
    assert isinstance(last, Proposal)
    assert last.code == "z = 3"
    assert notebook.told.calls[-1] == ("z = 3", ())
    assert "y = 2" not in str(notebook.session.transcript)
    assert "y = 2" not in str(notebook.view.updates)


@pytest.mark.parametrize(
    "observation",
    [text("2"), text("1", "\nNew: other."), "(It ran; nothing was printed.)", "", text("1 "), text("ValueError: 1")],
)
def test_another_observation_has_another_reply(observation: str) -> None:
    notebook = Notebook(step("x = 1"), step("y = 2"), step("z = 3"), prepare_next=True)
    notebook.ask()
    assert notebook.is_ready()
    notebook.approve()
    notebook.do(Observation(notebook.session.pending.id, observation, True), prepare_next=False)
    dropped(notebook)
    assert observation in notebook.engine.prompts[-1][-1].content


@pytest.mark.parametrize("source", ["x = 2", "x = 1  # mine", "x = 1\nx", ""])
def test_an_edit_drops_it_at_once(source: str) -> None:
    notebook = Notebook(step("x = 1"), step("y = 2"), step("z = 3"))
    notebook.ask()
    assert notebook.is_ready()
    notebook.approve(source)
    assert not notebook.is_ready()
    notebook.do(Observation(notebook.session.pending.id, text("1"), True), prepare_next=False)
    dropped(notebook)


@pytest.mark.parametrize("is_ready", [True, False])
@pytest.mark.parametrize(
    "event", [lambda waiting: Rejection(waiting.id, "No."), lambda waiting: Prompt("And then?")], ids=["no", "prompt"]
)
def test_a_rejection_or_a_question_drops_it_and_is_answered_itself(
    event: Callable[[Proposal], Event], is_ready: bool
) -> None:
    notebook = Notebook(step("x = 1"), f"{LONG}{step('y = 2')}", step("z = 3"))
    notebook.view.then = lambda update: notebook.hurry() if isinstance(update, Thinking) else None
    notebook.ask_and_write_slowly()
    if is_ready:
        notebook.hurry()
        assert notebook.is_ready()
    notebook.do(event(notebook.session.pending), prepare_next=False)
    dropped(notebook)


def test_stop_ends_it_and_the_next_question_is_whole() -> None:
    notebook = Notebook(step("x = 1"), LONG, step("z = 3"))
    notebook.ask_and_write_slowly()
    notebook.agent.stop()
    assert preparing() == []
    assert (notebook.session.status, notebook.session.state) == ("stopped", State.IDLE)
    notebook.hurry()
    notebook.do(Prompt("Again?"), prepare_next=False)
    assert notebook.session.pending.code == "z = 3"


def test_stop_while_it_is_waited_for() -> None:
    notebook = Notebook(step("x = 1"), LONG, step("z = 3"))
    notebook.ask_and_write_slowly()
    notebook.approve()
    notebook.view.then = lambda update: notebook.agent.stop() if isinstance(update, Writing) else None
    notebook.observe()
    assert preparing() == []
    assert notebook.session.status == "stopped"
    assert notebook.session.usage.generated > len(step("x = 1")) // 4, "the stopped reply is counted"
    assert len(notebook.engine.prompts) == 2
    notebook.view.then = lambda update: None
    notebook.hurry()
    notebook.do(Continue(), prepare_next=False)
    assert notebook.session.pending.code == "z = 3"


def test_an_interrupt_while_it_is_waited_for() -> None:
    def interrupt(update: Update) -> None:
        if isinstance(update, Writing):
            raise KeyboardInterrupt

    notebook = Notebook(step("x = 1"), LONG, step("z = 3"))
    notebook.ask_and_write_slowly()
    notebook.approve()
    notebook.view.then = interrupt
    notebook.observe()
    assert preparing() == []
    assert (notebook.session.status, notebook.session.answer) == ("stopped", None)


@pytest.mark.parametrize("state", ["waits", "runs"])
def test_it_can_be_dropped_from_any_thread(state: str) -> None:
    notebook = Notebook(step("x = 1"), LONG, step("z = 3"))
    notebook.ask_and_write_slowly()
    if state == "runs":
        notebook.approve()
    threads = [threading.Thread(target=notebook.agent.next_reply.drop) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert preparing() == []
    notebook.hurry()
    if state == "waits":
        notebook.approve()
    notebook.do(Observation(notebook.session.pending.id, text("1"), True), prepare_next=False)
    assert notebook.session.pending.code == "z = 3"


def test_code_that_could_not_be_tried_ahead_is_tried_when_it_is_needed() -> None:
    notebook = Notebook(step("x = 1"), step("y = 2"), step("z = 3"), trials={"y = 2": BUSY})
    notebook.ask()
    assert not notebook.is_ready()
    notebook.approve()
    notebook.do(Observation(notebook.session.pending.id, text("1"), True), prepare_next=False)
    dropped(notebook)


def test_an_error_of_the_model_is_left_to_the_reply_that_is_needed() -> None:
    def fail(messages: Sequence[ChatMessage]) -> str:
        raise GenerationFailed("Out of memory.")

    notebook = Notebook(step("x = 1"), fail, step("z = 3"))
    notebook.ask()
    assert not notebook.is_ready()
    notebook.approve()
    notebook.do(Observation(notebook.session.pending.id, text("1"), True), prepare_next=False)
    dropped(notebook)


def test_another_model_has_another_reply() -> None:
    notebook = Notebook(step("x = 1"), step("y = 2"))
    notebook.ask()
    assert notebook.is_ready()
    other = ScriptedEngine(["Answer of the other."])
    notebook.engines.append(other)
    notebook.approve()
    notebook.observe()
    assert notebook.session.answer == "Answer of the other."


@pytest.mark.parametrize(
    "changes",
    [{"max_turns": 1}, {"sampling": Sampling(seed=7)}, {"techniques": NONE}, {"sampling": Sampling(temperature=0.5)}],
    ids=["turns", "seed", "techniques", "temperature"],
)
def test_other_options_have_another_reply(changes: dict[str, Any]) -> None:
    notebook = Notebook(step("x = 1"), "First.", "Second.")
    notebook.ask()
    assert notebook.is_ready()
    notebook.approve()
    notebook.do(Observation(notebook.session.pending.id, text("1"), True), **changes)
    assert notebook.session.answer == "Second."
    assert preparing() == []


# --- beside the user's cell --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "goes_on"), [(0.01, True), (CHEAP, True), (CHEAP + 0.1, False), (30.0, False)])
def test_beside_a_step_that_takes_a_while_the_model_does_not_compute(seconds: float, goes_on: bool) -> None:
    notebook = Notebook(step("x = 1"), LONG, "Done.", trials={"x = 1": ran(seconds=seconds)})
    notebook.ask_and_write_slowly()
    notebook.approve()
    assert bool(preparing()) is goes_on
    notebook.hurry()
    notebook.observe()
    assert notebook.session.answer == (LONG if goes_on else "Done.")


def test_what_is_ready_stays_however_long_the_step_takes() -> None:
    notebook = Notebook(step("x = 1"), "Done.", trials={"x = 1": ran(seconds=100)})
    notebook.ask()
    assert notebook.is_ready()
    notebook.approve()
    notebook.observe()
    assert notebook.session.answer == "Done."
    assert len(notebook.engine.prompts) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_it_is_prepared_at_a_lower_priority() -> None:
    nice: list[int] = []

    def note(reply: str) -> Callable[[Sequence[ChatMessage]], str]:
        def write(messages: Sequence[ChatMessage]) -> str:
            nice.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return reply

        return write

    notebook = Notebook(note(step("x = 1")), note("Done."), note("Later."))
    notebook.ask()
    assert notebook.is_ready()
    notebook.do(Prompt("Again?"))
    assert nice == [nice[0], min(19, nice[0] + NICER), nice[0]]


# --- whether at all ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"prepare_next": False},
        {"techniques": NONE},
        {"trials": {"x = 1": BUSY}},
        {"trials": {"x = 1": Trial("wants_more", text("1"), wants=(Effect("file", "write", "`a`"),))}},
        {"trials": {"x = 1": Trial("raised", text("KeyError: 1"), error="KeyError: 1")}},
        {"window": 1000, "sampling": Sampling(max_tokens=100), "trials": {"x = 1": ran("1" * 4000)}},
    ],
    ids=["off", "no trials", "not tried", "wants more", "raised", "no room"],
)
def test_where_nothing_can_be_foreseen_nothing_is_prepared(options: dict[str, Any]) -> None:
    sampling = options.pop("sampling", Sampling())
    notebook = Notebook(step("x = 1"), step("y = 2"), **options)
    notebook.do(Prompt("How many?"), sampling=sampling)
    assert notebook.session.state is State.AWAITING
    assert preparing() == []
    assert not notebook.is_ready()
    assert len(notebook.engine.prompts) == 1
    assert notebook.events == ["Prompt", "Proposal"]


def test_a_host_that_decides_at_once_has_nothing_prepared() -> None:
    notebook = Notebook(step("x = 1"), step("y = 2"), "Done.", host=AtOnce())
    notebook.ask()
    assert notebook.session.answer == "Done."
    assert [prior for _, prior in notebook.told.calls] == [(), ()]


def test_a_step_of_an_earlier_kernel_was_tried_in_that_one() -> None:
    notebook = Notebook(step("x = 1"), "Done.")
    notebook.ask()
    assert notebook.is_ready()
    later = Notebook(step("y = 2"), "Done.")
    for event in notebook.session.transcript:
        later.session.apply(event)
    later.do(Continue("The kernel was restarted."))
    assert later.user.delivered
    assert later.engine.prompts == []


# --- cost --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["answer", "step", "stop"])
def test_what_was_dropped_is_counted_in_the_next_usage(ending: str) -> None:
    replies = {"answer": "Done.", "step": step("z = 3"), "stop": ""}
    notebook = Notebook(step("x = 1"), "one two six", replies[ending])
    notebook.ask()
    assert notebook.is_ready()
    before = notebook.session.usage
    if ending == "stop":
        notebook.agent.stop()
    else:
        notebook.approve("x = 2")
        notebook.do(Observation(notebook.session.pending.id, text("1"), True), prepare_next=False)
    last = notebook.session.transcript[-1]
    assert isinstance(last, Answer | Proposal | Stop)
    alone = ScriptedEngine([replies[ending]]).generate([]).usage.generated
    assert last.usage.generated == alone + 5, "three words and two spaces"
    assert notebook.session.usage.generated == before.generated + last.usage.generated
    assert notebook.agent.next_reply.follow(Stop()).usage == Usage(), "it is counted once"


def test_a_reply_that_is_taken_costs_what_it_cost() -> None:
    usages = []
    for prepares in (True, False):
        notebook = Notebook(step("x = 1"), "It is 1.", prepare_next=prepares)
        notebook.ask()
        notebook.is_ready()
        notebook.approve()
        notebook.observe()
        usage = notebook.session.usage
        usages.append((usage.prompt, usage.generated, usage.discarded))
    assert usages[0] == usages[1]


# --- races -------------------------------------------------------------------------------------------------------


def test_however_a_stop_falls_the_next_question_gets_its_whole_reply() -> None:
    chance = random.Random(12)
    for _ in range(30):
        notebook = Notebook(step("x = 1"), step("y = 2"), step("y = 3"), step("y = 4"), delay=0.0005)
        notebook.ask()
        time.sleep(chance.random() * 0.02)
        match chance.randrange(3):
            case 0:
                notebook.agent.stop()
            case 1:
                notebook.approve()
                stopping = threading.Timer(chance.random() * 0.01, notebook.agent.stop)
                stopping.start()
                notebook.observe()
                stopping.join()
            case 2:
                notebook.agent.next_reply.drop()
        notebook.engine._replies = iter(["Whole."])
        notebook.do(Prompt("Again?"), prepare_next=False)
        assert notebook.session.answer == "Whole."
        assert preparing() == []
        assert not notebook.told.stopped


def test_an_approval_that_comes_before_the_preparation_leaves_the_reply_to_be_generated() -> None:
    notebook = Notebook(step("x = 1"), "Done.")

    notebook.user.then = notebook.approve
    notebook.ask()
    assert notebook.session.state is State.EXECUTING
    assert preparing() == []
    notebook.observe()
    assert notebook.session.answer == "Done."
