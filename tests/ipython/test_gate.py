"""The gate in a real shell: what stands beside it, what a request carries, and what was sent together."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.error import InputRejected
from jupyter_client.session import Session
from zmq import Frame

from codeact_jupyter.kernel import run_all
from codeact_jupyter.kernel.arrivals import Arrivals
from codeact_jupyter.kernel.gate import digest
from codeact_jupyter.kernel.run_all import RUN_ALL_SECONDS
from codeact_jupyter.kernel.workspace import Workspace
from tests.hostile import Tries

from .served import PAYLOAD, START, Emptying, Idle, Kernel, Raising, Replacing


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    kernel = Kernel()
    monkeypatch.setattr(run_all, "time", kernel.clock)
    yield kernel
    kernel.gate.remove()


def _hook(kernel: Kernel, event: str, code: str) -> None:
    kernel.shell.events.register(event, lambda *_: exec(code, {"shell": kernel.shell}))


SURROUNDINGS: dict[str, Callable[[Kernel], object]] = {
    "a transformer that raises": lambda k: k.shell.ast_transformers.insert(0, Raising(ValueError)),
    "two that raise": lambda k: k.shell.ast_transformers.extend([Raising(ValueError), Raising(KeyError), Idle()]),
    "one that raises among others": lambda k: k.shell.ast_transformers.extend([Idle(), Raising(OSError), Idle()]),
    "one that empties the list": lambda k: k.shell.ast_transformers.insert(0, Emptying(k.shell)),
    "one that replaces the code": lambda k: k.shell.ast_transformers.append(Replacing()),
    "an object that is no transformer": lambda k: k.shell.ast_transformers.insert(0, object()),
    "a list that a cell emptied": lambda k: k.serve(k.request("own", "get_ipython().ast_transformers = []")),
    "a list that a cell cleared": lambda k: k.serve(k.request("own", "get_ipython().ast_transformers.clear()")),
    "a cell that took the gate's place": lambda k: k.serve(
        k.request("own", "get_ipython().transform_ast = lambda node: node")
    ),
    "a hook that takes the gate's place": lambda k: _hook(
        k, "post_run_cell", "shell.transform_ast = lambda tree: tree"
    ),
    "a hook that empties the list": lambda k: _hook(k, "pre_run_cell", "shell.ast_transformers = []"),
    "a hook that raises": lambda k: _hook(k, "pre_run_cell", "1 / 0"),
    "no hooks at all": lambda k: [callbacks.clear() for callbacks in k.shell.events.callbacks.values()],
    "no pre_run_cell hooks": lambda k: k.shell.events.callbacks["pre_run_cell"].clear(),
}


#: Requests that approve nothing.
FORGED: tuple[dict[str, object], ...] = (
    {},
    {"silent": True},
    {"approval": {}},
    {"approval": {"nonce": "0", "sha256": digest(PAYLOAD)}},
)


@pytest.mark.hostile("transformers in every order")
@pytest.mark.filterwarnings("ignore:AST transformer")
@pytest.mark.parametrize("surrounding", SURROUNDINGS)
def test_a_staged_cell_does_not_run_without_its_approval(
    kernel: Kernel, surrounding: str, capsys: pytest.CaptureFixture[str], tries: Tries
) -> None:
    kernel.shell.user_ns["get_ipython"] = lambda: kernel.shell
    SURROUNDINGS[surrounding](kernel)
    kernel.runs.clear()
    approval = kernel.stage("staged")
    for rest in FORGED:
        assert kernel.serve(kernel.request("staged", **rest)) != "ran"
        assert kernel.serve(kernel.request("staged", f"%%time\n{PAYLOAD}", **rest)) != "ran"
    assert kernel.runs == []
    assert kernel.serve(kernel.request("staged", approval=approval)) == "ran"
    assert len(kernel.runs) == 1
    assert kernel.serve(kernel.request("staged", approval=approval)) != "ran"
    assert len(kernel.runs) == 1
    tries.add(2 * len(FORGED) + 1)
    tries.control()


@pytest.mark.hostile("transformers in every order")
@pytest.mark.filterwarnings("ignore:AST transformer")
def test_in_no_order_do_transformers_let_a_staged_cell_through(
    kernel: Kernel, capsys: pytest.CaptureFixture[str], tries: Tries
) -> None:
    kinds: list[Callable[[], object]] = [
        Idle,
        Replacing,
        lambda: Raising(ValueError),
        lambda: Raising(KeyboardInterrupt),
        lambda: Emptying(kernel.shell),
    ]
    orders = [order for count in range(len(kinds) + 1) for order in itertools.permutations(kinds, count)]
    for number, order in enumerate(orders):
        cell = f"staged {number}"
        approval = kernel.stage(cell)
        for rest in FORGED:
            kernel.shell.ast_transformers[:] = [kind() for kind in order]  # type: ignore[list-item]
            assert kernel.serve(kernel.request(cell, **rest)) != "ran"
            tries.add()
        assert kernel.runs == []
        kernel.shell.ast_transformers[:] = []
        assert kernel.serve(kernel.request(cell, approval=approval)) == "ran"
        assert kernel.runs.pop() == 1
        tries.control()


@pytest.mark.hostile("transformers in every order")
@pytest.mark.parametrize("error", [InputRejected, ValueError, KeyboardInterrupt])
def test_a_transformer_that_raises_runs_nothing_that_was_refused(kernel: Kernel, error: type[BaseException]) -> None:
    kernel.shell.ast_transformers.append(Raising(error))
    kernel.stage("staged")
    for _ in range(3):
        assert kernel.serve(kernel.request("staged")) != "ran"
    assert kernel.runs == []


@pytest.mark.hostile("forged requests")
def test_a_silent_request_neither_runs_a_staged_cell_nor_uses_its_approval(kernel: Kernel) -> None:
    approval = kernel.stage("staged")
    for silent in (True, 1, "yes"):
        assert "waits for your approval" in kernel.serve(kernel.request("staged", approval=approval, silent=silent))
    assert kernel.runs == []
    assert kernel.serve(kernel.request("staged", approval=approval)) == "ran"
    assert kernel.runs == [1]


@pytest.mark.hostile("transformers in every order", control=True)
def test_after_the_gate_is_removed_the_shell_is_as_before() -> None:
    kernel = Kernel()
    kernel.gate.remove()
    assert not {"transform_ast", "set_parent"} & set(vars(kernel.shell))
    assert kernel.serve(kernel.request("staged")) == "ran"


# --- cells that were never approved --------------------------------------------------------------------------------

TOGETHER = RUN_ALL_SECONDS / 50
#: Requests in order: the cell, and whether it is sent together with the one before; then which of them run.
CONSTELLATIONS: dict[str, tuple[list[tuple[str, bool]], list[bool]]] = {
    "by itself, twice": ([("w", False), ("w", False)], [False, True]),
    "by itself, three times": ([("w", False), ("w", False), ("w", False)], [False, True, True]),
    "twice at once": ([("w", False), ("w", True)], [False, False]),
    "first of all, again and again": ([("w", False), ("a", True)] * 2 + [("w", False)], [False] * 5),
    "last of all, again and again": ([("a", False), ("w", True), ("a", False), ("w", True)], [True, False] * 2),
    "amid all": ([("a", False), ("w", True), ("b", True)], [True, False, False]),
    "amid all, after it was run by itself": ([("w", False), ("a", False), ("w", True)], [False, True, False]),
    "after another cell by itself": ([("a", False), ("w", False), ("w", False)], [True, False, True]),
    "by itself once after all": ([("w", False), ("a", True), ("w", False), ("w", False)], [False, False, False, True]),
}


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("name", CONSTELLATIONS)
@pytest.mark.parametrize("aborts", [False, True])
def test_a_withdrawn_cell_runs_only_after_it_was_refused_by_itself(kernel: Kernel, name: str, aborts: bool) -> None:
    sent, expected = CONSTELLATIONS[name]
    kernel.gate.withdraw("w")
    ran: list[bool] = []
    for cell, together in sent:
        request = kernel.request(cell, later=TOGETHER if together else 60)
        if aborts and together and ran and not ran[-1]:  # still in the kernel's queue when the one before is refused
            kernel.abort(request)
            ran.append(False)
        else:
            ran.append(kernel.serve(request) == "ran")
    assert ran == expected


def _together(kernel: Kernel, *cells: str | None, **request: Any) -> list[dict[str, Any]]:
    """Return requests that are sent at once, a minute after the one before."""
    return [kernel.request(cell, later=60 if number == 0 else TOGETHER, **request) for number, cell in enumerate(cells)]


#: What happens between the refusals of a cell by itself and the Run All of which it is the first cell.
BETWEEN: dict[str, Callable[[Kernel], object]] = {
    "nothing": lambda k: None,
    "another cell": lambda k: k.serve(k.request("a")),
    "another cell of another front end": lambda k: k.serve(k.request("a", front_end="another tab")),
    "a request without a cell": lambda k: k.serve(k.request(None, "1")),
    "a silent request": lambda k: k.serve(k.request("a", silent=True)),
    "a message that is no request": lambda k: k.shell.set_parent({"header": {"msg_type": "comm_msg"}}),
    "a cell that failed": lambda k: k.serve(k.request("a", "1 / 0")),
    "a cell that does not parse": lambda k: k.serve(k.request("a", "def broken(:")),
    "the same cell without a sound": lambda k: k.serve(k.request("w", silent=True)),
    "an earlier Run All": lambda k: (k.serve_all(_together(k, "a", "w", "b")), k.serve(k.request("w"))),
    "a hook that takes its time": lambda k: k.shell.events.register("post_run_cell", lambda result: k.clock.sleep(7)),
    "a hook that raises": lambda k: _hook(k, "post_run_cell", "1 / 0"),
}


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("others", [("a",), ("a", "b", "c"), ("w",), ("a", "w")])
def test_a_withdrawn_cell_never_runs_as_the_first_of_many(
    kernel: Kernel, between: str, others: tuple[str, ...]
) -> None:
    kernel.gate.withdraw("w")
    assert "you have not approved it" in kernel.serve(kernel.request("w"))
    BETWEEN[between](kernel)
    kernel.runs.clear()
    first, *_ = kernel.serve_all(_together(kernel, "w", *others))
    assert not first
    assert kernel.runs == []
    assert (
        kernel.serve(kernel.request("w")) != "ran"
    )  # it was refused as one of many: by itself it is refused once more
    assert kernel.serve(kernel.request("w")) == "ran"


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("withdrawn", [("w", "v"), ("w", "v", "u")])
def test_many_withdrawn_cells_that_are_sent_together_never_run(kernel: Kernel, withdrawn: tuple[str, ...]) -> None:
    for cell in withdrawn:
        kernel.gate.withdraw(cell)
        kernel.serve(kernel.request(cell))
    for _ in range(3):
        assert not any(kernel.serve_all(_together(kernel, *withdrawn)))
    assert kernel.runs == []


@pytest.mark.hostile("Run All constellations")
def test_what_arrives_while_a_withdrawn_cell_waits_counts(kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_all, "ARRIVAL_SECONDS", 60.0)
    kernel.gate.withdraw("w")
    kernel.serve(kernel.request("w"))
    first, second = _together(kernel, "w", "a")
    kernel.gate._arrivals.read_waiting = lambda: kernel.gate._sent.note(second)  # type: ignore[method-assign]
    assert "you have not approved it" in kernel.serve(first)


# --- front ends that send each cell when the one before has ended ---


def _one_by_one(
    kernel: Kernel, *cells: str, seconds: float = 30, gap: float = 0.3, goes_on: bool = False, **request: Any
) -> list[bool]:
    """Run cells as such a front end does, a minute after the one before. Return which of them ran.

    Each cell of the user takes some seconds, the next one is sent after a gap, and none after an error unless it goes
    on.
    """
    ran: list[bool] = []
    kernel.shell.user_ns["sleep"] = kernel.clock.sleep
    later = 60.0
    for cell in cells:
        before = kernel.clock.seconds + later
        source = PAYLOAD if cell in "wv" else f"sleep({seconds})"
        ran.append(kernel.serve(kernel.request(cell, source, later=later, **request)) == "ran")
        kernel.now += timedelta(seconds=kernel.clock.seconds - before)
        later = gap
        if not ran[-1] and not goes_on:
            break
    return ran


#: The cells of a notebook with a withdrawn cell, and whether the front end goes on after an error.
NOTEBOOKS = [("aw", False), ("abw", False), ("aw", True), ("wa", True), ("awb", True), ("vw", True), ("wvab", True)]


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize(("cells", "goes_on"), NOTEBOOKS)
@pytest.mark.parametrize("seconds", [0.0, 0.6, 2.0, 3600.0])
@pytest.mark.parametrize("gap", [0.0, 0.01, 0.9])
def test_a_front_end_that_waits_for_each_cell_runs_no_withdrawn_one(
    kernel: Kernel, cells: str, goes_on: bool, seconds: float, gap: float
) -> None:
    for cell in set(cells) & {"w", "v"}:
        kernel.gate.withdraw(cell)
    for _ in range(4):
        ran = _one_by_one(kernel, *cells, seconds=seconds, gap=gap, goes_on=goes_on)
        assert [cell for cell, has in zip(cells, ran, strict=False) if has and cell in "wv"] == []
    assert kernel.runs == []
    if "v" not in cells:
        assert kernel.serve(kernel.request("w")) != "ran"
        assert kernel.serve(kernel.request("w")) == "ran"


#: What the user's hooks and cells do to the gate's notion of when a cell has ended.
ENDS: dict[str, Callable[[Kernel], object]] = {
    "a slow hook": lambda k: k.shell.events.register("post_run_cell", lambda result: k.clock.sleep(5)),
    "a slow hook that comes with the cell": lambda k: _hook(
        k, "pre_run_cell", "shell.events.register('post_run_cell', lambda result: None)"
    ),
    "a hook that raises": lambda k: _hook(k, "post_run_cell", "1 / 0"),
    "no hooks at all": lambda k: [callbacks.clear() for callbacks in k.shell.events.callbacks.values()],
}


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("end", ENDS)
def test_what_hooks_do_does_not_hide_when_the_cell_before_has_ended(kernel: Kernel, end: str) -> None:
    ENDS[end](kernel)
    kernel.gate.withdraw("w")
    for _ in range(3):
        assert _one_by_one(kernel, "a", "w") == [True, False]
    assert kernel.runs == []


@pytest.mark.hostile("Run All constellations", control=True)
@pytest.mark.parametrize("gap", [1.5, 60.0])
def test_a_user_who_runs_the_cell_a_while_after_another_is_told_from_such_a_front_end(
    kernel: Kernel, gap: float
) -> None:
    kernel.gate.withdraw("w")
    assert _one_by_one(kernel, "a", "w", gap=gap) == [True, False]
    assert _one_by_one(kernel, "a", "w", gap=gap) == [True, True]


def test_what_cannot_be_told_is_a_run_all_that_begins_with_the_cell_and_ends_with_its_refusal(kernel: Kernel) -> None:
    """As `docs/safety.md` says: such a front end sends one request, as it does for the cell by itself."""
    kernel.gate.withdraw("w")
    assert _one_by_one(kernel, "w", "a") == [False]
    assert _one_by_one(kernel, "w", "a") == [True, True]


# --- cells of earlier kernels, and cells that have lost their id ---


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("cells", ["aw", "wa", "awb", "ww"])
def test_a_cell_of_an_earlier_kernel_is_refused_the_first_time(monkeypatch: pytest.MonkeyPatch, cells: str) -> None:
    for _ in range(2):  # kernels
        kernel = Kernel(left={"w"})
        monkeypatch.setattr(run_all, "time", kernel.clock)
        ran = kernel.serve_all(_together(kernel, *cells))
        assert not any(has for cell, has in zip(cells, ran, strict=True) if cell == "w")
        assert kernel.serve(kernel.request("w")) != "ran"
        assert kernel.serve(kernel.request("w")) == "ran"
        assert kernel.serve(kernel.request("w")) == "ran"
        kernel.gate.remove()


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("state", ["staged", "withdrawn", "of an earlier kernel"])
def test_a_step_whose_cell_was_loaded_without_its_id_is_known_by_its_metadata(
    monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    kernel = Kernel(left={"w"} if state == "of an earlier kernel" else ())
    monkeypatch.setattr(run_all, "time", kernel.clock)
    approval = kernel.stage("w") if state == "staged" else {}
    if state == "withdrawn":
        kernel.gate.withdraw("w")
    metadata = {"codeact": {"cell": "w", "state": "done"}}
    for approved in ({}, {"approval": approval}):
        assert kernel.serve(kernel.request("another", metadata=metadata, later=0.1, **approved)) != "ran"
        assert not kernel.serve_all(_together(kernel, "another", "a", metadata=metadata))[0]
    assert kernel.runs == []
    if state != "staged":
        assert kernel.serve(kernel.request("another", metadata=metadata)) != "ran"
        assert kernel.serve(kernel.request("another", metadata=metadata)) == "ran"
        assert kernel.serve(kernel.request("a third", metadata=metadata)) != "ran"
        assert kernel.serve(kernel.request("w")) != "ran"  # what was done to one cell says nothing of another
        assert kernel.runs == [1]
    kernel.gate.remove()


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("value", [{"cell": "other"}, {"cell": None}, {"cell": ["w"]}, {}, [], "w", None, {"cell": ""}])
def test_metadata_does_not_make_another_cell_of_a_withdrawn_one(kernel: Kernel, value: object) -> None:
    kernel.gate.withdraw("w")
    kernel.stage("staged")
    for cell in ("w", "staged"):
        for _ in range(3):
            assert kernel.serve(kernel.request(cell, metadata={"codeact": value}, later=0.1)) != "ran"
    assert kernel.runs == []
    assert kernel.serve(kernel.request("mine", metadata={"codeact": value})) == "ran"


@pytest.mark.hostile("Run All constellations", control=True)
def test_a_withdrawn_cell_that_waited_behind_a_long_one_is_told_from_a_run_all(kernel: Kernel) -> None:
    kernel.gate.withdraw("w")
    kernel.serve(kernel.request("w"))
    queued = [kernel.request("a"), kernel.request("w", later=RUN_ALL_SECONDS * 2)]
    assert kernel.serve_all(queued) == [True, True]


@pytest.mark.hostile("Run All constellations")
def test_a_front_end_that_dates_nothing_is_judged_by_arrival(kernel: Kernel) -> None:
    kernel.gate.withdraw("w")
    kernel.serve(kernel.request("w"))
    requests = _together(kernel, "w", "a")
    for request in requests:
        del request["header"]["date"]
    assert not any(kernel.serve_all(requests)[:1])


@pytest.mark.hostile("Run All constellations")
def test_in_a_kernel_whose_messages_are_not_seen_a_withdrawn_cell_never_runs(kernel: Kernel) -> None:
    kernel.gate._arrivals._kernel = object()
    kernel.gate.withdraw("w")
    for _ in range(3):
        assert "you have not approved it" in kernel.serve(kernel.request("w"))


class Stream:
    """A stream with messages that wait to be read."""

    def __init__(self) -> None:
        self.waiting: list[Any] = []
        self.read: list[Any] = []
        self._recv_callback: Callable[..., Any] | None = self.read.append

    def flush(self, flag: int) -> None:
        while self.waiting and self._recv_callback:
            self._recv_callback(self.waiting.pop(0))


@pytest.mark.parametrize("has_thread", [False, True])
def test_messages_are_seen_when_they_arrive_and_still_served(has_thread: bool) -> None:
    session, stream, seen = Session(key=b"k"), Stream(), []
    kernel = SimpleNamespace(session=session, shell_stream=stream, shell_channel_thread=has_thread or None)
    arrivals = Arrivals(kernel, seen.append)
    assert not arrivals.are_seen
    for _ in range(3):
        arrivals.watch()
    assert arrivals.are_seen
    content = {"code": "1", "silent": False}
    sent = [
        session.serialize({**session.msg(kind, content), "metadata": {"cellId": "c"}}, ident=b"tab")
        for kind in ("execute_request", "comm_msg", "execute_request")
    ]
    stream.waiting = [*([Frame(part) for part in each] for each in sent), [Frame(b"nonsense")]]
    arrivals.read_waiting()
    assert len(stream.waiting) == (4 if has_thread else 0)  # the thread reads them itself
    stream.flush(1)
    assert len(stream.read) == 4
    assert [each["metadata"]["cellId"] for each in seen] == ["c", "c"]
    assert all(isinstance(each["header"]["date"], datetime) for each in seen)
    arrivals.unwatch()
    assert stream._recv_callback == stream.read.append


@pytest.mark.hostile("Run All constellations")
def test_what_comes_between_two_cells_that_were_sent_together_changes_nothing(kernel: Kernel) -> None:
    comm = {"header": {"msg_type": "comm_msg", "msg_id": "c", "session": "tab", "date": START}, "content": {}}
    kernel.gate.withdraw("w")
    for attempt in range(4):
        first, second = kernel.request("a"), kernel.request("w", later=TOGETHER)
        assert kernel.serve(first) == "ran"
        kernel.serve(kernel.request(None, "1", later=0))  # of another extension
        kernel.serve(kernel.request(None, "1", later=0, silent=True))
        kernel.serve(kernel.request("a", later=0, front_end="another tab"))
        kernel.shell.set_parent(comm)
        kernel.shell.events.trigger("pre_execute")
        assert "you have not approved it" in kernel.serve(second), attempt


@pytest.mark.hostile("Run All constellations")
def test_a_cell_that_does_not_parse_counts_as_sent(kernel: Kernel) -> None:
    kernel.gate.withdraw("w")
    assert kernel.serve(kernel.request("w")) != "ran"
    kernel.serve(kernel.request("a", "def broken(:"))
    assert kernel.serve(kernel.request("w", later=TOGETHER)) != "ran"


@pytest.mark.hostile("Run All constellations")
def test_a_silent_request_is_no_refusal_that_the_user_saw(kernel: Kernel) -> None:
    kernel.gate.withdraw("w")
    for _ in range(3):
        assert kernel.serve(kernel.request("w", silent=True)) != "ran"
    assert kernel.serve(kernel.request("w")) != "ran"
    assert kernel.serve(kernel.request("w")) == "ran"


@pytest.mark.hostile("Run All constellations", control=True)
def test_the_clocks_of_two_front_ends_are_not_compared(kernel: Kernel) -> None:
    kernel.gate.withdraw("w")
    assert kernel.serve(kernel.request("w", front_end="here")) != "ran"
    assert kernel.serve(kernel.request("a", front_end="there")) == "ran"
    assert kernel.serve(kernel.request("w", later=TOGETHER, front_end="here")) == "ran"


@pytest.mark.hostile("Run All constellations")
def test_a_cell_below_a_refused_one_is_refused_whatever_runs_between(kernel: Kernel) -> None:
    kernel.stage("staged")
    refused, below = kernel.request("staged"), kernel.request("below", later=TOGETHER)
    kernel.serve(refused)
    kernel.serve(kernel.request(None, "1", later=0, silent=True))
    assert "a cell above it waits" in kernel.serve(below)
    assert kernel.serve(kernel.request("below")) == "ran"


# --- what runs is what was approved --------------------------------------------------------------------------------


class OneMore(ast.NodeTransformer):
    """Adds 1 to each number."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.copy_location(ast.Constant(node.value + 1), node) if type(node.value) is int else node


def _shout(lines: list[str]) -> list[str]:
    return [line.replace("'hello'", "'HELLO'") for line in lines]


def run_step(kernel: Kernel, source: str) -> str:
    """Run an approved step as the notebook does. Return its observation."""
    workspace = Workspace(kernel.shell, kernel.gate)
    approval = kernel.stage("step", source)
    kernel.shell.set_parent(kernel.request("step", source, approval=approval))
    assert kernel.gate.claim() == "step"
    workspace.begin(source)
    result = kernel.shell.run_cell(source)
    return workspace.end("p", result).text


@pytest.mark.hostile("a step that transformers rewrite")
@pytest.mark.parametrize(
    ("source", "instead"),
    [
        ("print(41)", "print(42)"),
        ("for number in range(3):\n    print(number)", "range(4)"),
        ("%time print(41)", "print(42)"),
        ("def f():\n    return 1\nprint(f())", "return 2"),
        ("print('hello')", "print('HELLO')"),
        ("x = 'hello'\nprint(x)", "x = 'HELLO'"),
    ],
)
def test_the_user_is_told_what_ran_if_transformers_rewrote_the_step(
    kernel: Kernel, capsys: pytest.CaptureFixture[str], source: str, instead: str
) -> None:
    kernel.shell.ast_transformers.append(OneMore())
    kernel.shell.input_transformers_post.append(_shout)
    observation = run_step(kernel, source)
    told = capsys.readouterr().out.partition(
        "[note] An extension of this kernel changed the code of the step before it ran."
    )[2]
    assert instead in told
    assert "[note]" not in observation


@pytest.mark.hostile("a step that transformers rewrite", control=True)
@pytest.mark.parametrize(
    "source",
    [
        "print('as it is')",
        "%time print(1)",
        "%%capture\nprint(1)",
        "x = 1;",
        "!true",
        "who",
        "import asyncio\nawait asyncio.sleep(0)",
        "from __future__ import annotations\nx: int = 1",
        "'''a\ntext'''",
        "def broken(:",
        "?print",
    ],
)
def test_nothing_is_told_of_what_ipython_itself_makes_of_a_step(
    kernel: Kernel, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    kernel.shell.ast_transformers.append(Idle())
    run_step(kernel, source)
    kernel.serve(kernel.request("own", "print(1)"))
    assert "[note]" not in capsys.readouterr().out


def test_inline_the_user_is_told_too(kernel: Kernel, capsys: pytest.CaptureFixture[str]) -> None:
    kernel.shell.ast_transformers.append(OneMore())
    observation, _ = Workspace(kernel.shell, kernel.gate).run("p", "print(41)")
    assert "42" in observation.text
    assert "print(42)" in capsys.readouterr().out
