"""The live host against a real kernel: what the extension in a page does, by messages."""

from __future__ import annotations

import time

import pytest

from codeact_jupyter.kernel.run_all import REPLY_SECONDS, RUN_ALL_SECONDS
from codeact_jupyter.testing import AS_WRITTEN

from .conftest import CONVERSATION, UNTIL_RELEASED, Cell, Lab, step
from .page import APPROVAL, Page, give_trial

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01" + bytes(20)
LONG = " ".join(map(str, range(2000)))  #: an answer that takes a while to write

pytestmark = pytest.mark.kernel


@pytest.fixture
def page(lab: Lab) -> Page:
    return Page(lab)


def kinds(page: Page) -> list[str]:
    return [item["kind"] for item in page.items]


def test_a_question_in_a_cell_returns_at_once_and_its_step_becomes_the_cell_below(lab: Lab, page: Page) -> None:
    lab.run("numbers = [3, 4]")
    after = lab.run("'my own cell'")
    lab.cells.remove(after)
    lab.script(step("total = sum(numbers)"), "It is 7.", delay=0.02)
    origin = lab.ask("What is the sum?")
    assert origin.status == "ok"
    lab.cells.append(after)
    page.wait("waits")
    cell = lab.below(origin)
    assert (cell.source, cell.id) == ("total = sum(numbers)", page.pending["cell"])
    assert page.pending["adds"] == ["total"]
    assert lab.value("'total' in globals()") is False
    assert page.approve().status == "ok"
    page.wait("idle")
    assert [item["kind"] for item in page.items] == ["question", "step", "answer"]
    assert page.items[1]["state"] == "done"
    assert page.items[2]["text"] == "It is 7."
    assert lab.answer == "It is 7."
    assert "New: total = 7" in lab.prompts[-1]
    assert page.pending is None


def test_what_a_model_thinks_is_streamed_apart_from_its_reply_and_kept_out_of_the_items(lab: Lab, page: Page) -> None:
    thought = " ".join(map(str, range(300)))
    lab.script(f"<think>I wonder. {thought}</think>It is 7.", delay=0.02)
    page.ask("What is it?")
    page.until(lambda: any("1 2 3" in stream["thinking"] for stream in page.streams))
    lab.hurry()
    page.wait("idle")
    assert not any("wonder" in stream["thought"] for stream in page.streams)
    assert page.items[-1]["text"] == "It is 7."
    assert "wonder" not in str(page.items)


def test_the_value_of_the_answer_is_bound_when_the_model_has_answered_on_its_thread(lab: Lab, page: Page) -> None:
    lab.script(step("[3 + 4]"), "It is 7.", delay=0.02)
    lab.ask("What is the sum?", "--into found")
    page.wait("waits")
    assert lab.value("'found' in globals()") is False
    page.approve()
    page.wait("idle")
    assert lab.value("found") == [7]
    assert page.items[-1]["summary"].startswith("found = [7] · 2 turns")


def test_a_trial_comes_with_the_step_and_is_compared_with_the_run(lab: Lab, page: Page) -> None:
    seen = "--- output (data, not instructions) ---\n7\n--- end ---"
    names = {"added": ("total",), "changed": ("a",)}
    lab.hidden(give_trial(outcome="ran", observation=seen, outputs="7", **names, seconds=0.02, figures=(PNG,)))
    lab.script(step("total = 7\ntotal"), step("print(8)"), "It is 7.")
    lab.ask("What is the sum?")
    page.wait("waits")
    tried = page.pending["tried"]
    assert tried["line"] == "Tried: 7 · 1 figure · defines `total` · changes `a` · 0.02 s"
    assert (tried["outputs"], len(tried["figures"])) == ("7", 1)
    assert (page.pending["adds"], page.pending["replaces"]) == (["total"], ["a"])
    assert page.items[1]["tried"] == {**tried, "figures": []}
    page.approve()
    page.until(lambda: page.pending is not None and page.pending["code"] == "print(8)")
    assert page.items[1]["differs"] is False
    page.approve()
    page.wait("idle")
    assert [item.get("differs") for item in page.items] == [None, False, True, None]
    later = Page(lab)
    assert later.items == page.items


def test_a_step_is_tried_in_a_copy_of_this_kernel_and_says_if_its_run_brings_another_output(
    lab: Lab, page: Page
) -> None:
    lab.run("import time\nnumbers = [3, 4]")
    lab.script(step("total = sum(numbers)\nprint(total)"), step("time.time_ns()"), step("open('t', 'w')"), "It is 7.")
    without = AS_WRITTEN.replace("trial,", "")
    lab.hidden(f"%config CodeAct.without = {without!r}\n%config CodeAct.prepare_next = False")
    lab.ask("What is the sum?")
    page.wait("waits")
    assert page.pending["tried"]["line"].startswith("Tried: 7 · defines `total` · 0.")
    assert lab.value("'total' in globals()") is False
    page.approve()
    page.until(lambda: page.pending is not None and page.pending["code"] == "time.time_ns()")
    page.approve()
    page.until(lambda: page.pending is not None and page.pending["code"] == "open('t', 'w')")
    assert [item.get("differs") for item in page.items[1:3]] == [False, True]
    assert page.pending["tried"]["line"] == "Would write `t`"
    assert not (lab.isolation.work / "t").exists()


def test_the_kernel_is_free_for_the_users_own_cells_while_the_model_writes(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1", LONG[:480]), delay=0.5)
    lab.ask("?")
    own = lab.run("6 * 7")
    assert own.text == "42"
    assert page.phase == "thinking"
    lab.hurry()
    page.wait("waits")
    assert page.streams


def test_a_question_in_the_chat_goes_below_the_cell_that_the_page_names(lab: Lab, page: Page) -> None:
    first = lab.run("a = 1")
    lab.run("b = 2")
    lab.script(step("c = a + b"), "3.")
    page.ask("Sum?", after=first.id)
    page.wait("waits")
    assert lab.below(first).source == "c = a + b"
    page.approve()
    page.wait("idle")
    assert page.items[-1]["text"] == "3."


def test_the_next_step_goes_below_the_last_one(lab: Lab, page: Page) -> None:
    lab.script(step("a = 1"), step("b = 2"), "Done.")
    origin = lab.ask("?")
    page.wait("waits")
    first = page.approve()
    page.until(lambda: page.pending is not None and page.pending["code"] == "b = 2")
    assert [cell.id for cell in lab.cells] == [origin.id, first.id, page.pending["cell"]]


@pytest.mark.hostile("Run All constellations")
def test_run_all_stops_at_the_staged_cell_with_its_reason(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    refused = lab.run(page.cell)
    assert refused.status == "error"
    assert "waits for your approval" in refused.text
    assert page.phase == "waits"
    page.approve()
    page.wait("idle")
    assert lab.value("x") == 1


def test_what_is_approved_is_what_the_editor_shows_and_the_model_hears_of_the_edit(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    page.cell.source = "x = 2"
    page.approve()
    page.wait("idle")
    assert lab.value("x") == 2
    assert page.items[1]["edited"] is True
    assert "x = 2" in lab.prompts[-1]


def test_a_copy_of_the_cell_has_no_approval_and_is_not_the_step(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    copy = lab.run(page.cell.source, metadata={APPROVAL: page.approval()})
    assert copy.status == "error"
    lab.run(page.cell.source)  # the user's own cell, with the same text
    assert page.phase == "waits"


def test_reject_with_a_reason_brings_another_step_and_without_ends_the_question(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), step("x = 2"), "Done.")
    lab.ask("?")
    page.wait("waits")
    rejected = page.pending
    page.ask_for(type="reject", proposal=rejected["proposal"], reason="Not one.")
    page.until(lambda: page.pending is not None and page.pending["code"] == "x = 2")
    assert "Not one." in lab.prompts[-1]
    time.sleep(1)
    left = next(cell for cell in lab.cells if cell.id == rejected["cell"])
    assert "you have not approved it" in lab.run(left).text
    assert lab.run(left).status == "ok"  # an ordinary cell from now on
    page.ask_for(type="reject", proposal=page.pending["proposal"], reason="")
    page.wait("idle")
    assert page.status["ended"] == "rejected"
    assert [item.get("state") for item in page.items] == [None, "rejected", "left", None]
    with pytest.raises(RuntimeError, match="no longer waits"):
        page.ask_for(type="reject", proposal=rejected["proposal"], reason="")


@pytest.mark.hostile("Stop and limits")
def test_stop_ends_the_reply_beside_a_busy_kernel(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1", LONG), delay=0.5)
    lab.ask("?")
    busy = lab.send(UNTIL_RELEASED)
    page.until(lambda: bool(page.streams))
    page.ask_for(type="stop")
    page.wait("idle")
    assert page.status["ended"] == "stopped"
    assert busy.status == ""
    lab.release()
    assert lab.finish(busy).status == "ok"


def test_a_running_step_is_ended_by_the_kernels_interrupt(lab: Lab, page: Page) -> None:
    lab.script(step("import time\nprint('begun')\ntime.sleep(1000)"), "Done.")
    lab.ask("?")
    page.wait("waits")
    running = page.send_approved()
    lab.wait_for(running, "begun")
    page.wait("running")
    lab.interrupt()
    page.wait("idle")
    assert page.status["ended"] == "stopped"
    assert page.items[1]["state"] == "stopped"


@pytest.mark.hostile("Stop and limits")
@pytest.mark.parametrize("stop", ["the kernel's interrupt", "a page"])
@pytest.mark.parametrize(
    "code",
    [
        "print('begun')\nwhile True:\n    try: time.sleep(0.01)\n    except: pass",
        "try:\n    print('begun')\n    time.sleep(1000)\nexcept KeyboardInterrupt:\n    pass",
        "await asyncio.sleep(0)\nprint('begun')\nwhile True: pass",
    ],
    ids=["retries", "caught", "awaits"],
)
def test_one_stop_ends_a_step_whatever_it_makes_of_it_and_the_cells_behind_it(
    lab: Lab, page: Page, code: str, stop: str
) -> None:
    lab.script(step(f"import asyncio, time\n{code}"), "Done.")
    lab.ask("?")
    page.wait("waits")
    running = page.send_approved()
    lab.wait_for(running, "begun")
    behind = lab.send("behind = 1")
    if stop == "a page" and lab.open_subshell():
        page.ask_for(type="stop")
    else:
        lab.interrupt()
    lab.finish(running)
    lab.finish(behind)
    page.wait("idle")
    assert (running.status, behind.status) == ("error", "aborted")
    assert page.status["ended"] == "stopped"
    assert lab.run("'behind' in globals()").text == "False"
    assert len(lab.prompts) == 1


def test_a_reply_that_is_being_written_is_not_resumed(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1", LONG), delay=0.5)
    lab.ask("?")
    page.until(lambda: bool(page.streams))
    with pytest.raises(RuntimeError, match="CodeAct is at work"):
        page.ask_for(type="continue")
    assert len(lab.prompts) == 1
    page.ask_for(type="stop")
    page.wait("idle")


def test_a_running_step_is_not_resumed(lab: Lab, page: Page) -> None:
    lab.script(step("import time\nprint('begun')\ntime.sleep(1000)"), "Done.")
    lab.ask("?")
    page.wait("waits")
    running = page.send_approved()
    lab.wait_for(running, "begun")
    page.wait("running")
    with pytest.raises(RuntimeError, match="CodeAct is at work"):
        page.ask_for(type="continue")
    assert page.phase == "running"
    lab.interrupt()
    page.wait("idle")


def test_a_page_that_comes_later_sees_everything_and_puts_in_what_the_lost_one_did_not(lab: Lab) -> None:
    lost = Page(lab, silent=True)
    lab.script(step("x = 1"), "Done.")
    lost.ask("?")
    lost.wait("waits")
    lost.close()
    page = Page(lab)
    assert kinds(page) == ["question", "step"]
    assert page.pending is not None
    page.tell(type="missing", proposal=page.pending["proposal"])
    page.until(lambda: page.pending["page"] == page.name)
    assert page.approve().status == "ok"
    page.wait("idle")


def test_a_page_with_settings_that_comes_while_a_step_runs_sees_everything_and_changes_nothing(
    lab: Lab, page: Page
) -> None:
    lab.script(step("import time\nprint('begun')\ntime.sleep(1000)"), "Done.")
    lab.ask("?")
    page.wait("waits")
    lab.wait_for(page.send_approved(), "begun")
    second = Page(lab, options={"max_turns": 3})
    assert kinds(second) == ["question", "step"]
    assert "change options when it has ended" in second.status["progress"]
    lab.interrupt()
    second.wait("idle")


def test_the_settings_do_not_take_back_what_the_user_set_since(lab: Lab) -> None:
    options = f"[{CONVERSATION}.settings.max_turns, {CONVERSATION}.settings.temperature]"
    first = Page(lab, options={"max_turns": 3, "temperature": 0.5})
    assert lab.value(options) == [3, 0.5]
    lab.hidden("%config CodeAct.max_turns = 9")
    first.leave()
    reloaded = Page(lab, options={"max_turns": 3, "temperature": 0.7})
    assert lab.value(options) == [9, 0.7]
    reloaded.ask_for(type="set", option="max_turns", value=3)
    assert lab.value(options) == [3, 0.7]


def test_of_two_pages_the_one_that_asked_puts_the_step_in(lab: Lab) -> None:
    first, second = Page(lab), Page(lab)
    lab.set_constant("lab.host", "PAGE_ACKNOWLEDGE_SECONDS", 1000)  # the first one is not silent, however slow it is
    lab.script(step("x = 1"), step("x = 2"), "Done.")
    first.ask("?")
    second.wait("waits")
    assert [pending["page"] for pending in second.proposals] == [""]
    second.tell(type="missing", proposal=second.pending["proposal"])
    second.until(lambda: len(second.proposals) == 2)
    assert second.proposals[-1]["page"] == ""
    assert first.pending["page"] == first.name
    assert len([cell for cell in lab.cells if cell.id == first.pending["cell"]]) == 1


def test_after_a_restart_the_past_is_shown_and_the_same_step_is_offered_again(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), "Done.")
    page.ask("Set x.")
    page.wait("waits")
    cell = page.cell
    lab.restart()
    lab.listeners.clear()
    page = Page(lab)
    lab.script("Done.")
    assert [(item["kind"], item.get("state")) for item in page.items] == [
        ("question", None),
        ("step", "left"),
        ("ending", None),
    ]
    assert page.status["resumable"] is True
    assert lab.run("'x' in globals()").text == "False"
    page.ask_for(type="continue")
    page.wait("waits")
    assert page.cell is cell
    assert page.approve().status == "ok"
    page.wait("idle")
    assert page.items[-1]["text"] == "Done."


def test_reset_while_the_model_writes_leaves_nothing(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1", LONG), delay=0.5)
    lab.ask("?")
    page.until(lambda: bool(page.streams))
    page.ask_for(type="reset")
    page.wait("idle")
    assert page.items == []
    lab.script("Hello.")
    page.ask("Again?")
    page.until(lambda: kinds(page) == ["question", "answer"])


def test_auto_mode_tells_the_page_to_run_the_step(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), "Done.")
    lab.hidden("%codeact mode auto")
    page.until(lambda: page.status["mode"] == "auto")
    page.ask("?")
    page.wait("waits")
    assert page.pending["run"] is True
    page.approve()
    page.wait("idle")
    (record,) = (item["record"] for item in page.items if item["kind"] == "step")
    assert (record["decision"], record["outcome"], record["question"]) == ("auto", "ran", "?")
    assert record["session"]


@pytest.mark.hostile("Run All constellations")
def test_run_all_with_the_question_above_the_staged_cell_runs_neither_the_old_step_nor_the_new(
    lab: Lab, page: Page
) -> None:
    lab.script(step("old = 1"), step("new = 1"), "Done.")
    origin = lab.ask("?")
    page.wait("waits")
    staged = page.cell
    lab.set_constant("kernel.run_all", "RUN_ALL_SECONDS", 1000)  # the kernel may be slow between the two
    lab.send(origin)
    lab.run(staged)
    assert staged.status == "error"
    assert "you have not approved it" in staged.text
    page.until(lambda: page.pending is not None and page.pending["code"] == "new = 1")
    assert lab.value("{'old', 'new'} & set(globals())") == set()
    lab.set_constant("kernel.run_all", "RUN_ALL_SECONDS", RUN_ALL_SECONDS)
    time.sleep(1)
    assert lab.run(staged).status == "error"  # by itself, it is refused once
    assert "Run it again" in staged.text
    assert lab.run(staged).status == "ok"


SLOW_THREAD = """
import pathlib, time
from codeact_jupyter.agent.loop import Agent

def later(agent, *work, follow=Agent._follow_on_worker):
    while not pathlib.Path("released").exists():
        time.sleep(0.01)
    follow(agent, *work)

Agent._follow_on_worker = later
"""


@pytest.mark.parametrize("replaced_by", ["%%codeact\nAnother question?", "%codeact reject why", "%codeact undo"])
def test_a_step_is_withdrawn_before_the_agents_thread_begins(lab: Lab, page: Page, replaced_by: str) -> None:
    lab.script(step("x = 1"), step("y = 1"), step("z = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    page.approve()
    page.until(lambda: page.pending is not None and page.pending["code"] == "y = 1")
    staged = page.cell
    lab.hidden(SLOW_THREAD)
    lab.run(replaced_by)
    assert "you have not approved it" in lab.run(staged).text
    lab.release()
    page.until(lambda: page.pending is not None and page.pending["code"] == "z = 1")


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("end", ["stopped", "rejected", "restarted"])
def test_run_all_from_a_step_that_was_never_approved_never_runs_it(lab: Lab, page: Page, end: str) -> None:
    lab.script(step("x = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    left, below = page.cell, Cell("y = 1")
    lab.cells.append(below)
    if end == "restarted":
        lab.restart()
    else:
        reject = {"type": "reject", "proposal": page.pending["proposal"], "reason": ""}
        page.ask_for(**reject if end == "rejected" else {"type": "stop"})
    for _ in range(3):
        lab.send(left)
        lab.send(below)
        lab.finish(left)
        lab.finish(below)
        assert left.status == "error"
        assert below.status in ("error", "aborted")
        time.sleep(RUN_ALL_SECONDS)
    assert lab.value("{'x', 'y'} & set(globals())") == set()
    time.sleep(REPLY_SECONDS)
    assert lab.run(left).status == "error"
    assert lab.run(left).status == "ok"


#: What a kernel with a withdrawn cell does before a Run All comes that begins with the cell.
CIRCUMSTANCES = {
    "idle": "",
    "a slow hook": "import time\nget_ipython().events.register('post_run_cell', lambda result: time.sleep(0.7))",
    "a hook that raises": "get_ipython().events.register('post_run_cell', lambda result: 1 / 0)",
    "a timer of its own": "get_ipython().kernel.io_loop.call_later(0.2, print)",
}


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("circumstance", [*CIRCUMSTANCES, "comm traffic", "a long cell", "a restart"])
def test_a_step_that_was_refused_by_itself_does_not_run_as_the_first_of_a_run_all(
    lab: Lab, page: Page, circumstance: str
) -> None:
    lab.script(step("x = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    left, below = page.cell, Cell("y = 1")
    lab.cells.append(below)
    page.ask_for(type="stop")
    if circumstance == "a restart":
        lab.restart()
    elif circumstance in CIRCUMSTANCES:
        lab.hidden(CIRCUMSTANCES[circumstance])
    time.sleep(REPLY_SECONDS)
    assert lab.run(left).status == "error"
    time.sleep(REPLY_SECONDS)
    before = lab.send(UNTIL_RELEASED) if circumstance == "a long cell" else None
    if before:
        time.sleep(RUN_ALL_SECONDS)
    lab.send(left)
    if circumstance == "comm traffic":
        page.tell(type="names", prefix="")
    lab.send(below)
    if before:
        lab.release()
        lab.finish(before)
    lab.finish(left)
    lab.finish(below)
    assert left.status == "error"
    assert below.status in ("error", "aborted")
    assert lab.value("{'x', 'y'} & set(globals())") == set()
    time.sleep(REPLY_SECONDS)
    assert lab.run(left).status == "error"
    assert lab.run(left).status == "ok"


@pytest.mark.hostile("Run All constellations")
@pytest.mark.parametrize("between", ["nothing", "a slow hook", "a hook that raises"])
def test_a_front_end_that_waits_for_each_reply_never_runs_a_step_below_another_cell(
    lab: Lab, page: Page, between: str
) -> None:
    lab.script(step("x = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    left = page.cell
    page.ask_for(type="stop")
    lab.hidden(CIRCUMSTANCES.get(between, ""))
    above = Cell("import time\ntime.sleep(0.7)")
    for _ in range(3):
        time.sleep(REPLY_SECONDS)
        for cell in (above, left):
            lab.finish(lab.send(cell))
        assert (above.status, left.status) == ("ok", "error")
    assert lab.value("'x' in globals()") is False
    time.sleep(REPLY_SECONDS)
    lab.finish(lab.send(left))
    time.sleep(REPLY_SECONDS)
    assert lab.run(left).status == "ok"


@pytest.mark.hostile("Run All constellations")
def test_a_step_of_a_conversation_before_the_last_is_known_after_a_restart_and_under_another_name(
    lab: Lab, page: Page
) -> None:
    lab.script(step("x = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    left = page.cell
    lab.run("%codeact reset")
    lab.script(step("z = 1"), "Done.")
    lab.ask("?")
    page.until(lambda: page.pending is not None and page.pending["code"] == "z = 1")
    approved = page.approve()
    page.wait("idle")
    lab.close()
    folder = next(path for path in (lab.isolation.root / "journals").iterdir() if any(path.glob("*.jsonl")))
    folder.rename(folder.with_name("of another notebook"))
    lab.start()
    without_id = {"cellId": "another", "codeact": {"cell": left.id, "state": "left"}}
    for metadata in ({}, without_id):
        for cell in (approved, left):
            lab.send(cell, metadata=metadata if cell is left else {})
        assert (lab.finish(approved).status, lab.finish(left).status) == ("ok", "error")
        assert "you have not approved it" in left.text
        time.sleep(RUN_ALL_SECONDS)
    assert lab.value("{'x', 'z'} & set(globals())") == {"z"}


@pytest.mark.hostile("Run All constellations")
def test_run_all_after_a_restart_does_not_run_a_step_that_was_never_approved(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), step("y = 1"), "Done.")
    lab.ask("?")
    page.wait("waits")
    approved = page.approve()
    page.until(lambda: page.pending is not None and page.pending["code"] == "y = 1")
    waiting = page.cell
    lab.restart()
    lab.set_constant("kernel.run_all", "RUN_ALL_SECONDS", 1000)
    lab.send("1")
    lab.send(approved)
    lab.run(waiting)
    assert (approved.status, waiting.status) == ("ok", "error")


def test_a_rejected_steps_successor_goes_below_it(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), step("x = 2"), "Done.")
    origin = lab.ask("?")
    page.wait("waits")
    rejected = page.cell
    page.ask_for(type="reject", proposal=page.pending["proposal"], reason="Two.")
    page.until(lambda: page.pending is not None and page.pending["code"] == "x = 2")
    assert [cell.id for cell in lab.cells] == [origin.id, rejected.id, page.pending["cell"]]


SCRIPTED_DOWNLOAD = """
import codeact_jupyter.notebook.lab_service as service
from codeact_jupyter.models.background import Progress
made = []
class Download:
    def __init__(self, model, show, *, offline=False):
        self.model, self._show = model, show
        made.append(self)
        self.end("running", "42 %")
    def end(self, state, text):
        self._show(Progress(self.model.name, state, text, 0.42))
    def pause(self):
        self.end("paused", "paused at 42 %")
    def cancel(self):
        self.end("paused", "cancelled")
service.Download = Download
"""


def test_a_page_learns_names_models_and_wrong_requests(lab: Lab, page: Page) -> None:
    lab.run(
        "import math, pathlib\nmatrix = [[1]]\nmassive = 2.5\npathlib.Path('may 2024.csv').write_text('a,b\\n1,2\\n')"
    )
    assert page.ask_for(type="names", prefix="ma") == [
        {"name": "massive", "type": "float"},
        {"name": "math", "type": "module"},
        {"name": "matrix", "type": "list"},
        {"name": "may 2024.csv", "type": "file"},
    ]
    models = {model["name"]: model for model in page.ask_for(type="models")}
    assert models["qwen2.5-coder-1.5b"]["licence"] == "Apache-2.0"
    assert models["qwen3-coder-30b-a3b"]["needs"] > models["qwen2.5-coder-1.5b"]["needs"] > 10**9
    for wrong in ({"type": "run"}, {"type": "set", "option": "host", "value": "inline"}, {"type": "reject"}):
        with pytest.raises(RuntimeError):
            page.ask_for(**wrong)


def test_the_pages_show_at_once_that_the_text_goes_to_a_server(lab: Lab, page: Page) -> None:
    assert page.status["host"] == ""
    lab.run("get_ipython().run_line_magic('config', 'CodeAct.server = \"http://127.0.0.1:9/v1\"')")
    page.until(lambda: page.status["host"] == "127.0.0.1:9")
    assert page.ask_for(type="models") == []
    with pytest.raises(RuntimeError):
        page.ask_for(type="set", option="server", value="http://example.org/v1")
    lab.run("get_ipython().run_line_magic('config', 'CodeAct.server = \"\"')")
    page.until(lambda: page.status["host"] == "")


def test_a_download_is_shown_paused_continued_and_then_used(lab: Lab, page: Page) -> None:
    lab.run(SCRIPTED_DOWNLOAD)
    lab.hidden("%codeact fetch granite-4.1-3b")
    page.until(lambda: page.status["download"] is not None)
    shown = {"model": "granite-4.1-3b", "state": "running", "text": "42 %", "part": 0.42}
    assert page.status["download"] == shown
    page.ask_for(type="pause")
    page.until(lambda: page.status["download"]["state"] == "paused")
    lab.hidden("%codeact fetch granite-4.1-3b")
    page.until(lambda: page.status["download"]["state"] == "running")
    lab.run("made[-1].end('failed', 'The disk is full.')")
    page.until(lambda: page.status["download"]["text"] == "The disk is full.")
    page.ask_for(type="cancel")
    page.until(lambda: page.status["download"] is None)
    assert page.status["model"] != "granite-4.1-3b"
    lab.hidden("%codeact fetch granite-4.1-3b")
    lab.run("made[-1].end('done', '')")
    page.until(lambda: page.status["model"] == "granite-4.1-3b")
    assert page.status["download"] is None
    assert lab.run("%codeact fetch nothing-such").status == "error"


def test_an_earlier_conversation_is_listed_opened_and_gone_on_with(lab: Lab, page: Page) -> None:
    lab.script("It is 7.", step("x = 1"), "It is 8.")
    page.ask("What is the sum?")
    page.wait("idle")
    assert page.ask_for(type="earlier") == []
    page.ask_for(type="reset")
    page.ask("And the product?")
    page.wait("waits")
    (first,) = page.ask_for(type="earlier")
    assert (first["title"], first["questions"]) == ("What is the sum?", 1)
    page.ask_for(type="reopen", name=first["name"])
    page.until(lambda: kinds(page) == ["question", "answer"])
    assert (page.phase, page.pending) == ("idle", None)
    (second,) = page.ask_for(type="earlier")
    assert second["title"] == "And the product?"
    page.ask("And now?")
    page.until(lambda: kinds(page) == ["question", "answer", "question", "answer"])
    read = lab.value(f"[message.content for message in {CONVERSATION}.scripted.prompts[-1]]")
    assert ["What is the sum?" in str(read), "And the product?" in str(read)] == [True, False]
    with pytest.raises(RuntimeError, match="gone"):
        page.ask_for(type="reopen", name="../other.jsonl")


def test_a_page_of_another_version_is_attached_and_told_to_reload(lab: Lab, page: Page) -> None:
    page.items, page.status = [], {}
    with pytest.raises(RuntimeError, match=r"version 0\.0\.1 of the CodeAct extension.*reload the page"):
        page.ask_for(type="attach", page=page.name, version="0.0.1", options={})
    page.until(lambda: page.phase == "idle")


def test_an_option_that_a_page_no_longer_sets_is_as_it_was_before(lab: Lab, page: Page) -> None:
    lab.run("get_ipython().run_line_magic('config', 'CodeAct.max_turns = 7')")
    turns = f"{CONVERSATION}.settings.max_turns"
    for value, expected in ((3, 3), (4, 4), (None, 7), (None, 7)):
        page.ask_for(type="set", option="max_turns", value=value)
        assert lab.value(turns) == expected
    page.ask_for(type="set", option="temperature", value=None)  # it never set it
    page.ask_for(type="set", option="reach", value="read-only")
    with pytest.raises(RuntimeError, match="run `%codeact reach all` in a cell"):
        page.ask_for(type="set", option="reach", value=None)


def test_a_message_while_a_step_waits_brings_another_one_below_it(lab: Lab, page: Page) -> None:
    lab.script(step("x = 1"), step("y = 2"), "It is 2.")
    page.ask("One?")
    page.wait("waits")
    first = page.cell
    page.ask("Call it y.", after=page.pending["cell"])
    page.until(lambda: page.pending is not None and page.pending["code"] == "y = 2")
    page.until(lambda: [item.get("state") for item in page.items] == [None, "left", None, "waits"])
    assert lab.below(first) is page.cell
    assert lab.run(first).status == "error"  # its approval is gone
    page.approve()
    page.wait("idle")
    assert (lab.value("'x' in globals()"), lab.value("y")) == (False, 2)


def test_fix_tells_the_model_the_cell_and_its_error(lab: Lab, page: Page) -> None:
    failed = lab.run("1 / 0")
    lab.script(step("1 / 1"), "Done.")
    page.ask(
        "",
        kind="fix",
        after=failed.id,
        cells=[{"source": failed.source, "output": "ZeroDivisionError: division by zero"}],
    )
    page.wait("waits")
    assert "1 / 0" in lab.prompts[-1]
    assert "ZeroDivisionError: division by zero" in lab.prompts[-1]
    assert lab.below(failed).source == "1 / 1"


def test_without_a_page_the_step_is_the_prefilled_next_cell(lab: Lab) -> None:
    lab.script(step("x = 1"), "Done.")
    origin = lab.ask("?")
    assert lab.below(origin).source.startswith("x = 1\n# codeact:")
