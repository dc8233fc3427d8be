"""The gate in a real shell: what stands beside it, what a request carries, and what was sent together."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator

import pytest
from IPython.core.error import InputRejected

from codeact_jupyter.kernel.gate import digest
from codeact_jupyter.kernel.run_all import RUN_ALL_SECONDS
from codeact_jupyter.kernel.workspace import Workspace
from tests.hostile import Tries

from .served import PAYLOAD, START, Emptying, Idle, Kernel, Raising, Replacing


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    kernel = Kernel()
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
    told = capsys.readouterr().out.partition("[note] Transformers of this kernel have rewritten the step.")[2]
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
