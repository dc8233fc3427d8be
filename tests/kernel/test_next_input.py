"""The whole loop with cells in a real kernel, as a user of JupyterLab without our extension has it."""

from __future__ import annotations

import json

import pytest

from .conftest import Lab, step
from .isolation import Isolation

LONG = "I think about this at great length: " + " ".join(map(str, range(2000)))

pytestmark = pytest.mark.kernel


def test_each_step_is_a_cell_below_the_last_one_and_the_answer_comes_in_the_last(lab: Lab) -> None:
    lab.script(step("total = sum(points)\ntotal"), step("total / len(points)"), "The mean is 4.")
    lab.run("points = [3, 4, 5]")
    asked = lab.ask("What is the mean?")
    assert "points" in lab.prompts[0]
    first = lab.below(asked)
    assert first.source.startswith("total = sum(points)\ntotal\n# codeact: ")
    assert lab.value("'total' in globals()") is False
    lab.run(first)
    second = lab.below(first)
    assert second.source.startswith("total / len(points)")
    last = lab.run(second)
    assert lab.cells == [lab.cells[0], asked, first, second]
    assert "The mean is 4." in last.text
    assert lab.answer == "The mean is 4."
    assert ["12" in lab.prompts[1], "4.0" in lab.prompts[2]] == [True, True]
    assert lab.value("__import__('os').getuid()") != 0


def test_nothing_runs_until_the_user_runs_it(lab: Lab) -> None:
    lab.script(step("evidence = 1"), "Done.")
    asked = lab.ask("Do it")
    lab.run("other = 1")
    assert lab.value("'evidence' in globals()") is False
    lab.run(lab.below(asked))
    assert lab.value("evidence") == 1


def test_after_a_failed_step_continue_brings_the_next_one(lab: Lab) -> None:
    lab.script(step("1 / 0"), step("1 / 1"), "It is 1.")
    asked = lab.ask("Divide")
    failed = lab.run(lab.below(asked))
    assert (failed.status, lab.status) == ("error", "paused")
    assert "%codeact continue" in failed.text
    assert lab.cells[-1] is failed
    went_on = lab.run("%codeact continue")
    assert "ZeroDivisionError" in lab.prompts[1]
    assert lab.below(went_on).source.startswith("1 / 1")
    lab.run(lab.below(went_on))
    assert lab.answer == "It is 1."


def test_an_edited_step_runs_as_edited_and_the_model_reads_the_change(lab: Lab) -> None:
    lab.script(step("x = 1\nx"), "Done.")
    cell = lab.below(lab.ask("Set x"))
    cell.source = cell.source.replace("x = 1", "x = 2")
    lab.run(cell)
    assert lab.value("x") == 2
    assert "-x = 1\n+x = 2" in lab.prompts[1]


def test_a_rejected_step_is_not_run_and_another_is_proposed(lab: Lab) -> None:
    lab.script(step("bad = 1"), step("good = 1"), "Done.")
    lab.ask("Do it")
    rejected = lab.run("%codeact reject Another name, please.")
    assert "Another name, please." in lab.prompts[1]
    lab.run(lab.below(rejected))
    assert lab.value("('bad' in globals(), good)") == (False, 1)
    assert lab.answer == "Done."


def test_a_new_question_supersedes_a_step_that_waits(lab: Lab) -> None:
    lab.script(step("old = 1"), step("new = 1"), "Done.")
    old = lab.below(lab.ask("Do it"))
    new = lab.below(lab.ask("Rather this"))
    assert "not run" in lab.prompts[1]
    lab.run(old)  # still a cell of the notebook: the user may run it, as one of their own
    assert lab.status == "waits for you"
    lab.run(new)
    assert lab.answer == "Done."
    assert [record["event"] for record in lab.journal].count("Approval") == 1


def test_interrupting_the_thinking_stops_it_and_the_kernel_is_usable(lab: Lab) -> None:
    lab.script(LONG, step("x = 1"), "Done.", delay=0.1)
    asked = lab.send("%%codeact\nThink")
    lab.wait_for(asked, "at great length")
    lab.interrupt()
    lab.finish(asked)
    assert lab.status == "stopped"
    assert lab.run("6 * 7").text == "42"
    went_on = lab.run("%codeact continue")
    lab.run(lab.below(went_on))
    assert lab.answer == "Done."


@pytest.mark.parametrize(
    "code",
    [
        "print('started')\nwhile True:\n    pass",
        "print('started')\nimport time\ntime.sleep(1000)",
        "print('started')\nimport asyncio\nawait asyncio.sleep(1000)",
        "print('started')\nimport time\ntry:\n    time.sleep(1000)\nfinally:\n    time.sleep(0.1)",
    ],
    ids=["loop", "sleep", "await", "slow-to-end"],
)
def test_interrupting_a_running_step_ends_the_question(lab: Lab, code: str) -> None:
    lab.script(step(code), "Not asked.", "Here.")
    cell = lab.send(lab.below(lab.ask("Do it")))
    lab.wait_for(cell, "started")
    lab.interrupt()
    lab.finish(cell)
    assert lab.status == "stopped"
    assert len(lab.prompts) == 1
    assert lab.run("6 * 7").text == "42"
    lab.ask("And now?")
    assert lab.answer == "Not asked."


def test_an_awaiting_step_is_finished_and_observed(lab: Lab) -> None:
    lab.script(step("import asyncio\nawait asyncio.sleep(0.01)\n'slept'"), "Done.")
    lab.run(lab.below(lab.ask("Sleep")))
    assert "slept" in lab.prompts[1]
    assert lab.answer == "Done."


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("raise SystemExit", "exit"),
        ("import sys\nsys.exit(3)", "exit"),
        ("x = (", "SyntaxError"),
        ("raise Exception('A' * 10**7)", "Exception"),
        ("class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd", "Odd"),
        ("def deep(): deep()\ndeep()", "RecursionError"),
        ("raise BaseException('odd')", "odd"),
        ("raise GeneratorExit", "GeneratorExit"),
    ],
    ids=["SystemExit", "exit-code", "syntax", "long", "mute", "deep", "base", "generator"],
)
def test_however_a_step_fails_the_model_is_told_and_the_kernel_lives(lab: Lab, code: str, told: str) -> None:
    lab.script(step("pass"), "I see.")
    cell = lab.below(lab.ask("Do it"))
    cell.source = cell.source.replace("pass", code)
    lab.run(cell)
    assert lab.status == "paused"
    lab.run("%codeact continue")
    assert told in lab.prompts[1]
    assert len(lab.prompts[1]) < 6000
    assert lab.answer == "I see."


@pytest.mark.hostile("floods")
def test_a_flood_is_bounded_for_the_model_and_the_journal(lab: Lab) -> None:
    lab.script(step("print('flood' * (20 * 2**20))"), "It is long.")
    cell = lab.run(lab.below(lab.ask("Print")))
    assert len(cell.text) >= 100 * 2**20
    assert lab.answer == "It is long."
    assert len(lab.prompts[1]) < 6000
    assert len(json.dumps(lab.journal)) < 20_000


@pytest.mark.hostile("floods")
def test_a_flood_in_many_pieces_is_bounded_too(lab: Lab) -> None:
    lab.script(step("for n in range(200_000):\n    print(n)\n    if n % 1000 == 0: display(n)"), "It is long.")
    lab.run(lab.below(lab.ask("Print")))
    assert lab.answer == "It is long."
    assert len(lab.prompts[1]) < 6000


def test_a_step_that_asks_for_input_gets_what_the_user_types(lab: Lab) -> None:
    lab.script(step("name = input('Who? ')"), "Done.")
    lab.typed = ["Ada"]
    lab.run(lab.below(lab.ask("Ask")))
    assert lab.value("name") == "Ada"
    assert lab.answer == "Done."


def test_a_step_that_asks_for_input_where_nobody_types_fails_with_that_reason(lab: Lab) -> None:
    lab.script(step("input()"), "Nobody is there.")
    lab.run(lab.below(lab.ask("Ask")), allow_stdin=False)
    lab.run("%codeact continue")
    assert "nobody can type here" in lab.prompts[1]
    assert lab.answer == "Nobody is there."


CHILD_ENDS = """\
import os
pid = os.fork()
if pid == 0:
    os._exit(7)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])"""
CHILD_GOES_ON = """\
import os, time
pid = os.fork()
if pid:
    time.sleep(1)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    code = 7"""
FORKS_A_POOL = """\
import multiprocessing
with multiprocessing.get_context('fork').Pool(2) as pool:
    result = pool.map(abs, [-1, -2])
result"""


@pytest.mark.parametrize("code", [CHILD_ENDS, CHILD_GOES_ON], ids=["child-ends", "child-goes-on"])
def test_a_step_that_forks_is_one_step(lab: Lab, code: str) -> None:
    lab.script(step(code), "It forked.")
    cell = lab.run(lab.below(lab.ask("Fork")))
    assert cell.status == "ok"
    assert lab.value("code") == 7
    assert lab.answer == "It forked."
    assert [record["event"] for record in lab.journal] == ["Prompt", "Proposal", "Approval", "Observation", "Answer"]


def test_a_step_that_runs_cells_itself_is_observed_as_a_whole(lab: Lab) -> None:
    lab.script(step("shell = get_ipython()\nshell.run_cell('inner = 1')\nprint('after')"), "Done.")
    lab.run(lab.below(lab.ask("Nest")))
    assert "after" in lab.prompts[1]
    assert lab.answer == "Done."


def test_an_engine_that_breaks_ends_the_question_and_the_next_one_works(lab: Lab) -> None:
    lab.script("lambda messages: 1 / 0", "Here.")
    assert "ZeroDivisionError" in lab.ask("Think").text
    assert lab.status == "failed"
    lab.ask("Again")
    assert lab.answer == "Here."


def test_a_step_that_starts_processes_gets_their_results(lab: Lab) -> None:
    lab.script(step(FORKS_A_POOL), "Done.")
    lab.run(lab.below(lab.ask("Compute")))
    assert "[1, 2]" in lab.prompts[1]
    assert lab.answer == "Done."


@pytest.mark.parametrize(
    "code", ["import os\nos.kill(os.getpid(), 9)", "import os\nos._exit(0)", "import ctypes\nctypes.string_at(0)"]
)
def test_a_step_that_ends_its_kernel_is_told_to_the_model_in_the_next_one(lab: Lab, code: str) -> None:
    lab.script(step(code))
    dead = lab.run(lab.below(lab.ask("Do it")))
    assert dead.status == "dead"
    before = lab.journal
    assert [record["event"] for record in before] == ["Prompt", "Proposal", "Approval"]
    lab.restart()
    lab.script(step("x = 1"), "It ended the kernel.")
    went_on = lab.run("%codeact continue")
    assert lab.journal[: len(before)] == before
    assert "The kernel died while this ran." in lab.prompts[0]
    lab.run(lab.below(went_on))
    assert lab.answer == "It ended the kernel."


def test_a_step_that_exits_the_kernel_loses_nothing(lab: Lab) -> None:
    lab.script(step("exit()"), step("x = 1"))
    cell = lab.run(lab.below(lab.ask("Leave")))
    waiting = lab.below(cell)
    lab.restart()
    lab.script("Done.")
    went_on = lab.run("%codeact continue")
    assert lab.below(went_on).source == waiting.source
    lab.run(lab.below(went_on))
    assert lab.answer == "Done."


@pytest.mark.hostile("kills")
def test_killed_while_thinking_the_question_is_taken_up_again(lab: Lab) -> None:
    lab.script(LONG, delay=0.1)
    asked = lab.send("%%codeact\nWhat is it?")
    lab.wait_for(asked, "at great length")
    lab.kill()
    lab.finish(asked)
    before = lab.journal
    assert [record["event"] for record in before] == ["Prompt"]
    lab.restart()
    lab.script("It is this.")
    lab.run("%codeact continue")
    assert lab.journal[: len(before)] == before
    assert "Task: What is it?" in lab.prompts[0]
    assert "kernel was restarted" in lab.prompts[0]
    assert lab.answer == "It is this."


@pytest.mark.hostile("kills")
def test_killed_while_a_step_waits_it_is_offered_again(lab: Lab) -> None:
    lab.script(step("x = 1"))
    waiting = lab.below(lab.ask("Set x"))
    before = lab.journal
    lab.kill()
    lab.restart()
    lab.script("Done.")
    went_on = lab.run("%codeact continue")
    assert lab.below(went_on).source == waiting.source
    lab.run(lab.below(went_on))
    assert lab.value("x") == 1
    assert lab.journal[: len(before)] == before
    assert lab.answer == "Done."


@pytest.mark.hostile("kills")
def test_killed_while_a_step_runs_the_model_is_told(lab: Lab) -> None:
    lab.script(step("print('started')\nimport time\ntime.sleep(1000)"))
    cell = lab.send(lab.below(lab.ask("Sleep")))
    lab.wait_for(cell, "started")
    lab.kill()
    lab.finish(cell)
    before = lab.journal
    assert before[-1]["event"] == "Approval"
    lab.restart()
    lab.script("It died.")
    lab.run("%codeact continue")
    assert lab.journal[: len(before)] == before
    assert "The kernel died while this ran." in lab.prompts[0]
    assert lab.answer == "It died."


@pytest.mark.hostile("kills")
def test_killed_while_paused_the_next_step_comes_after_the_restart(lab: Lab) -> None:
    lab.script(step("1 / 0"))
    lab.run(lab.below(lab.ask("Divide")))
    before = lab.journal
    lab.kill()
    lab.restart()
    lab.script("No.")
    lab.run("%codeact continue")
    assert lab.journal[: len(before)] == before
    assert "ZeroDivisionError" in lab.prompts[0]
    assert lab.answer == "No."


@pytest.mark.hostile("torn records")
def test_a_torn_last_record_is_dropped_and_the_rest_goes_on(lab: Lab) -> None:
    lab.script(step("x = 1"))
    lab.ask("Set x")
    before = lab.journal
    lab.kill()
    (path,) = (lab.isolation.root / "journals").glob("*/*.jsonl")
    with path.open("a") as journal:
        journal.write('{"time":1,"event":"Appro')
    lab.restart()
    lab.script("Done.")
    went_on = lab.run("%codeact continue")
    lab.run(lab.below(went_on))
    assert lab.journal[: len(before)] == before
    assert lab.answer == "Done."


def test_after_a_restart_the_model_reads_which_names_there_are(lab: Lab) -> None:
    lab.script(step("x = 1"))
    lab.run("lost = 1")
    lab.ask("Set x")
    lab.restart()
    lab.script(step("y = 1"), "Done.")
    lab.run("found = 2")
    lab.run("%codeact continue")
    lab.run("%codeact reject Use y.")
    assert "names from before are gone" in lab.prompts[0]
    assert "found" in lab.prompts[0]


def test_the_panel_changes_nothing_of_the_loop(isolation: Isolation) -> None:
    lab = Lab(isolation, view="detect")
    try:
        lab.script(step("print('started')\nwhile True: pass"), step("1 / 0"), step("input()"), "So it is.", delay=0.001)
        cell = lab.send(lab.below(lab.ask("Go")))
        lab.wait_for(cell, "started")
        lab.interrupt()
        lab.finish(cell)
        assert lab.status == "stopped"
        cell = lab.run("%codeact continue")
        cell = lab.run(lab.below(cell))
        assert lab.status == "paused"
        cell = lab.run("%codeact continue")
        lab.run(lab.below(cell), allow_stdin=False)
        lab.run("%codeact continue")
        assert lab.answer == "So it is."
    finally:
        lab.close()
