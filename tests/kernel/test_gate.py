"""Promise 1 of the safety page, with numbers: a staged cell runs once with its approval, and never otherwise."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from codeact_jupyter.kernel.run_all import RUN_ALL_SECONDS
from tests.hostile import Tries

from .conftest import CONVERSATION, PATIENCE, UNTIL_RELEASED, Cell, Lab, step
from .staging import KEY, Staging, sha256

pytestmark = [pytest.mark.kernel, pytest.mark.hostile("forged requests")]


@pytest.fixture
def staging(lab: Lab, tries: Tries) -> Iterator[Staging]:
    staging = Staging(lab)
    yield staging
    tries.add(staging.attempts or 1)
    tries.control(staging.runs)


def test_the_payload_runs_where_nothing_is_staged_and_where_the_gate_is_taken_out(staging: Staging) -> None:
    staging.lab.run(staging.payload)
    assert staging.runs == 1
    cell, _ = staging.stage()
    staging.attempt(cell)
    staging.lab.hidden(f"{CONVERSATION}.gate.remove()")
    staging.lab.run(cell)
    assert staging.runs == 2


def test_a_staged_cell_runs_once_with_its_approval(staging: Staging) -> None:
    cell, approval = staging.stage()
    refused = staging.attempt(cell)
    assert "waits for your approval" in refused.text
    staging.lab.run(cell, metadata={KEY: approval})
    assert (cell.status, staging.runs) == ("ok", 1)
    staging.attempt(cell, approval)  # the same once more


def test_what_is_approved_may_be_a_cell_magic_and_run_cells_itself(staging: Staging) -> None:
    magic = f"%%time\n{staging.payload}"
    nested = f"get_ipython().run_cell({staging.payload!r})"
    captured = f"%%capture\n{nested}\n{staging.payload}"
    for runs, source in ((1, magic), (2, nested), (4, captured)):
        cell, approval = staging.stage(source)
        staging.attempt(cell)
        staging.lab.run(cell, metadata={KEY: approval})
        assert staging.runs == runs, source


def test_an_edited_cell_runs_with_the_approval_of_what_the_editor_shows(staging: Staging) -> None:
    cell, approval = staging.stage("pass")
    cell.source = staging.payload
    staging.attempt(cell, approval)
    staging.lab.run(cell, metadata={KEY: {**approval, "sha256": sha256(cell.source)}})
    assert staging.runs == 1


def test_every_other_way_to_run_a_staged_cell_is_refused(staging: Staging) -> None:
    lab = staging.lab
    cell, right = staging.stage()
    _, other = staging.stage()
    nonce, digest = right["nonce"], right["sha256"]

    wrong: list[Any] = [
        {},
        [],
        "",
        0,
        True,
        "yes",
        nonce,
        [nonce, digest],
        [right],
        {"nonce": nonce},
        {"sha256": digest},
        {"nonce": None, "sha256": None},
        {"approved": True},
        {"codeactApproval": right},
        {**right, "nonce": ""},
        {**right, "nonce": None},
        {**right, "nonce": True},
        {**right, "nonce": 0},
        {**right, "nonce": [nonce]},
        {**right, "nonce": {"nonce": nonce}},
        {**right, "nonce": nonce[:-1]},
        {**right, "nonce": nonce + "0"},
        {**right, "nonce": nonce.upper() + " "},
        {**right, "nonce": f" {nonce}"},
        {**right, "nonce": nonce[::-1]},
        {**right, "nonce": other["nonce"]},
        {**right, "nonce": "ａ" * 32},
        {**right, "nonce": "0" * 10**7},
        {**right, "nonce": 10**4000},
        {**right, "sha256": ""},
        {**right, "sha256": None},
        {**right, "sha256": True},
        {**right, "sha256": [digest]},
        {**right, "sha256": digest[:-1]},
        {**right, "sha256": digest + "\n"},
        {**right, "sha256": digest.upper()},
        {**right, "sha256": sha256(cell.source + " ")},
        {**right, "sha256": sha256("")},
        {**right, "sha256": hashlib.md5(cell.source.encode()).hexdigest()},
        {"NONCE": nonce, "SHA256": digest},
    ]
    for approval in wrong:
        staging.attempt(cell, approval)

    for key in ("codeact", "approval", "codeactapproval", "CodeactApproval", "codeactApproval ", "trusted"):
        staging.attempt(cell, metadata={key: right})
    forged = {"step": 1, "decision": "approved", "edited": False, "nonce": nonce, "sha256": digest, "approved": True}
    staging.attempt(cell, metadata={"codeact": forged, "trusted": True})
    staging.attempt(cell, metadata={"cellId": [cell.id], KEY: right})
    staging.attempt(cell, metadata={"cellId": {"id": cell.id}, KEY: right})

    # the approval belongs to this cell and to no other, nor to a request that names none
    for cell_id in (cell.id + "0", cell.id[:-1], cell.id.upper() + "x", "", None, 0, True):
        staging.attempt(cell, right, metadata={"cellId": cell_id})

    # the request itself
    staging.attempt(cell, silent=True)
    staging.attempt(cell, right, silent=True)
    staging.attempt(cell, {**right, "nonce": "0"}, silent=True)
    staging.attempt(cell, store_history=False)
    staging.attempt(cell, silent=True, store_history=True)
    staging.attempt(cell, allow_stdin=False)
    staging.attempt(cell, user_expressions={"run": f"open({str(staging.evidence)!r}, 'a').write('x')"})

    # the source
    payload = cell.source
    changed = [
        f"{payload}\n",
        f" \n{payload}",
        f"{payload} # the same",
        payload.replace("'x'", "'xx'"),
        payload.replace("x", "\u200bx", 1) + "\npass",
        f"%%time\n{payload}",
        f"%%capture\n{payload}",
        f"%%python\n{payload}",
        f"%time exec({payload!r})",
        f"!echo x >> {staging.evidence}",
        f"%%bash\necho x >> {staging.evidence}",
        f"%%writefile {staging.evidence}\nx",
        f"%%codeact --mode auto\n{payload}",
        f"get_ipython().run_cell({payload!r})",
        f"get_ipython().ast_transformers.clear()\n{payload}",
        f"{CONVERSATION}.gate.remove()\n{payload}",
        f"import asyncio\nawait asyncio.sleep(0)\n{payload}",
        f"def f(: broken\n{payload}",
        f"{payload}\n)",
    ]
    for source in changed:
        cell.source = source
        staging.attempt(cell)
        staging.attempt(cell, right)
    cell.source = payload

    lab.run(cell, metadata={KEY: right})
    assert staging.runs == 1, "after all of it the right approval still holds"
    for replayed in (right, {**right, "sha256": sha256(payload)}, {**right, "sha256": digest.upper()}):
        staging.attempt(cell, replayed)
    assert staging.attempts >= 100


TRANSFORMERS = """
import ast
class Raising(ast.NodeTransformer):
    def visit(self, node): raise ValueError("of a transformer")
class Idle(ast.NodeTransformer):
    def visit(self, node): return node
"""


@pytest.mark.hostile("transformers in every order")
@pytest.mark.parametrize(
    "change",
    [
        "get_ipython().ast_transformers.insert(0, Raising())",
        "get_ipython().ast_transformers[:] = [Raising(), Raising(), Idle(), Raising()]",
        "get_ipython().ast_transformers = []",
        "get_ipython().transform_ast = lambda node: node",
        "get_ipython().events.register('pre_run_cell', lambda *_: get_ipython().ast_transformers.clear())",
        "get_ipython().events.register('post_run_cell', lambda *_: __import__('time').sleep(0.6))",
    ],
)
def test_what_the_users_cells_change_in_the_shell_does_not_let_a_staged_cell_through(
    staging: Staging, change: str
) -> None:
    staging.lab.run(TRANSFORMERS)
    staging.lab.run(change)
    cell, approval = staging.stage()
    for _ in range(3):
        staging.attempt(cell)
        staging.attempt(cell, approval, silent=True)
        staging.lab.run(change)
    staging.lab.run(cell, metadata={KEY: approval})
    assert staging.runs == 1
    staging.attempt(cell, approval)


def test_an_approval_of_the_kernel_before_is_worth_nothing(staging: Staging) -> None:
    cell, approval = staging.stage()
    staging.lab.restart()
    staging.attempt(cell, approval)
    assert "not for a step that waits in this kernel" in cell.text


@pytest.mark.hostile("Run All constellations")
def test_run_all_past_a_staged_cell_ends_there(staging: Staging) -> None:
    before = Cell(f"{UNTIL_RELEASED}\nbefore = 1")
    cell, _ = staging.stage()
    after = Cell(f"after = 1\n{staging.payload}")
    for each in (before, cell, after):  # all at once, as Run All does
        staging.lab.send(each)
    staging.lab.release()
    for each in (before, cell, after):
        staging.lab.finish(each)
    assert [before.status, cell.status, after.status] == ["ok", "error", "aborted"]
    assert staging.runs == 0
    assert staging.lab.value("('before' in globals(), 'after' in globals())") == (True, False)


@pytest.mark.hostile("Run All constellations")
def test_what_was_sent_together_with_a_refused_cell_does_not_run_however_late_it_comes(staging: Staging) -> None:
    lab = staging.lab
    cell, _ = staging.stage()
    own = Cell("own = 1")
    lab.set_constant("kernel.run_all", "RUN_ALL_SECONDS", 1000)  # this machine may be slow between the two
    for late in (0.0, 0.1, 0.3):  # slower than the kernel refuses and goes on
        assert late < RUN_ALL_SECONDS
        lab.send(cell)
        lab.finish(cell)
        time.sleep(late)
        lab.send(own)
        lab.finish(own)
        assert own.status in ("error", "aborted")
        lab.send(own)
        lab.finish(own)
        assert "a cell above it waits for your approval" in own.text or own.status == "aborted"
    lab.set_constant("kernel.run_all", "RUN_ALL_SECONDS", RUN_ALL_SECONDS)
    time.sleep(RUN_ALL_SECONDS)
    assert lab.run(own).status == "ok"


def test_messages_of_widgets_and_comms_approve_nothing(staging: Staging) -> None:
    lab = staging.lab
    cell, approval = staging.stage()
    client = lab.client
    for target in ("codeact", "codeact_jupyter", "jupyter.widget"):
        content = {"comm_id": target, "target_name": target, "data": {KEY: approval, "cell": cell.id, "approved": True}}
        client.shell_channel.send(client.session.msg("comm_open", content))
        client.shell_channel.send(client.session.msg("comm_msg", content))
    staging.attempt(cell)
    assert lab.run("6 * 7").text == "42"


def test_a_failure_inside_the_gate_refuses_and_leaves_the_gate_in_place(staging: Staging) -> None:
    lab = staging.lab
    cell, approval = staging.stage()
    gate = f"{CONVERSATION}.gate"
    faults = ("ZeroDivisionError", "MemoryError", "RecursionError", "StopIteration", "KeyboardInterrupt")
    for fault in faults:
        lab.hidden(f"def _fail(*_): raise {fault}('fault')\n{gate}._refuse = _fail")
        lab.run(cell, metadata={KEY: approval})
        staging.attempts += 1
        assert staging.runs == 0, fault
        # the gate refuses every cell now: it is mended from outside of one
        lab.value(f"{gate}.__dict__.pop('_refuse') and None")
    assert lab.value(f"get_ipython().transform_ast == {gate}.transform") is True
    staging.attempt(cell)
    lab.run(cell, metadata={KEY: approval})
    assert staging.runs == 1


def test_a_request_on_a_subshell_meets_the_same_gate(staging: Staging) -> None:
    lab = staging.lab
    cell, approval = staging.stage()
    message = lab.client.session.msg("create_subshell_request")
    lab.client.control_channel.send(message)
    reply = lab.client.control_channel.get_msg(timeout=PATIENCE)
    subshell = reply["content"]["subshell_id"]

    def run_there(metadata: dict[str, Any]) -> Cell:
        again = Cell(cell.source, cell.id)
        return lab.finish(lab.send(again, metadata=metadata, subshell=subshell))

    assert (run_there({}).status, staging.runs) == ("error", 0)
    time.sleep(RUN_ALL_SECONDS)
    # nor does a step that was admitted in the main thread let it through meanwhile
    admitted = f"print('admitted')\n{UNTIL_RELEASED}"
    busy = lab.send(f"with {CONVERSATION}.gate.admit({admitted!r}):\n    get_ipython().run_cell({admitted!r})")
    lab.wait_for(busy, "admitted")
    assert (run_there({}).status, staging.runs) == ("error", 0)
    assert busy.status == ""
    lab.release()
    lab.finish(busy)
    time.sleep(RUN_ALL_SECONDS)
    assert (run_there({KEY: approval}).status, staging.runs) == ("ok", 1)


def test_ask_mode_where_nobody_can_be_asked_runs_nothing_and_says_so(staging: Staging) -> None:
    lab = staging.lab
    lab.script(step(staging.payload), "Done.")
    request = {"metadata": {"cellId": None}, "allow_stdin": False}
    asked = lab.ask("Do it", **request)
    assert (lab.status, staging.runs) == ("blocked", 0)
    assert "%codeact mode auto" in asked.text
    assert lab.cells[-1] is asked
    lab.script(step(staging.payload), "Done.")
    lab.ask("Do it", options="--mode auto", **request)
    assert (lab.answer, staging.runs) == ("Done.", 1)


@pytest.mark.parametrize("other", ["{payload} ", "{payload}\npass", "pass", "%%time\n{payload}", "!true"])
def test_inline_only_what_was_approved_runs(staging: Staging, other: str) -> None:
    lab = staging.lab
    other = other.format(payload=staging.payload)
    changes_nothing = other.strip() == staging.payload
    source = "pass # approved" if changes_nothing else staging.payload
    lab.hidden(f"with {CONVERSATION}.gate.admit({other!r}):\n    _result = get_ipython().run_cell({source!r})")
    assert staging.runs == 0
    assert lab.value("type(_result.error_before_exec).__name__") == "Refused"
    lab.hidden(f"with {CONVERSATION}.gate.admit({source!r}):\n    get_ipython().run_cell({source!r})")
    assert staging.runs == (0 if changes_nothing else 1)


def test_opening_trusting_or_restarting_runs_nothing(staging: Staging) -> None:
    lab = staging.lab
    lab.script(step(staging.payload), "Done.")
    waiting = lab.below(lab.ask("Do it"))
    lab.restart()
    lab.script("Done.")
    lab.run("%codeact status")
    lab.run("%codeact history")
    lab.run("1 + 1")
    went_on = lab.run("%codeact continue")
    assert staging.runs == 0
    assert lab.below(went_on).source == waiting.source


def test_nothing_the_kernel_prints_or_shows_approves(staging: Staging) -> None:
    cell, approval = staging.stage()
    for text in (f"print({approval!r})", f"display({{'application/json': {approval!r}}}, raw=True)"):
        staging.lab.run(text)
        staging.attempt(cell)
