# ruff: noqa: E501 - cells as they would be written
"""The kernel's state: a trial starts from it, and leaves it, the front end and the disk unchanged."""

from __future__ import annotations

import time

import pytest

from benchmarks.copy_effects import CASES, outcomes
from tests.hostile import Tries

from ..conftest import Lab
from ..isolation import Isolation
from .conftest import FRAME, Trying, children

pytestmark = pytest.mark.kernel


def test_a_cell_runs_in_the_main_thread_with_the_context_that_cells_have_set(trying: Trying) -> None:
    trying.lab.hidden(
        "import decimal, random, threading\ndecimal.getcontext().prec = 3\nlocal = threading.local()\nlocal.x = 5"
    )
    assert (
        trying("print(decimal.Decimal(1) / 3, local.x, threading.current_thread() is threading.main_thread())")[
            "outputs"
        ]
        == "0.333 5 True"
    )
    expected = trying("random.random()")["outputs"]
    assert trying.lab.run("random.random()").text == expected


def test_prior_cells_run_in_the_same_copy(trying: Trying) -> None:
    trial = trying("print(a + b)", "a = 1\nprint('not told')", "b = a + 1")
    assert (trial["outcome"], trial["outputs"], trial["added"]) == ("ran", "3", [])
    assert trying.lab.value("'a' in globals()") is False
    assert "step before" in trying("1", "1 / 0")["reason"]
    assert "step before" in trying("1", "open('f', 'w')")["reason"]


def test_the_first_plot_of_a_user_needs_no_folder_and_no_program(isolation: Isolation) -> None:
    lab = Lab(isolation)
    try:
        trial = Trying(lab)("import matplotlib.pyplot as plt\nplt.bar(['a', 'b'], [1, 2])\nplt.show()")
        assert (trial["outcome"], trial["wants"]) == ("ran", [])
        assert len(trial["figures"]) == 1
        assert "atplotlib" not in trial["outputs"]
    finally:
        lab.close()


def test_the_front_end_receives_no_messages(trying: Trying) -> None:
    lab, heard = trying.lab, list[str]()
    lab.listeners.append(lambda message: heard.append(message["msg_type"]))
    lab.hidden(FRAME)
    heard.clear()
    for source in ("print('x')\ndf", "1 / 0", "display(df)", "import ipywidgets\ndisplay(ipywidgets.IntSlider())",
                   "from IPython.display import clear_output\nclear_output()", "!ls", "exit()",
                   "get_ipython().set_next_input('x')", "import sys\nsys.__stdout__.write('x')\nsys.__stdout__.flush()"):  # fmt: skip
        trying(source)
    lab.hidden("pass")
    assert set(heard) <= {"status", "execute_input", "execute_reply"}


@pytest.mark.hostile("effects of a trial")
def test_twenty_trials_leave_the_kernel_as_it_was(trying: Trying) -> None:
    lab = trying.lab
    lab.hidden(FRAME + "\nimport matplotlib.pyplot as plt, threading, os, signal, gc")
    trying("1")
    state = (
        "(sorted(os.listdir('/proc/self/fd')), threading.active_count(), os.getcwd(), dict(os.environ), gc.isenabled(),"
        " {n: str(signal.getsignal(n)) for n in signal.Signals if n not in (9, 19)}, get_ipython().execution_count,"
        " len(In), {e: len(c) for e, c in get_ipython().events.callbacks.items()}, len(get_ipython().ast_transformers),"
        " plt.get_fignums(), sorted(n for n in globals() if not n.startswith('_')), str(__import__('sys').stdout))"
    )
    before = lab.value(f"repr({state})")
    sources = ["1 / 0", "open('f', 'w')", "!ls", "df = 1", "plt.plot([1])", "import os\nos._exit(1)", "import os\nos.chdir('/')",
               "await __import__('asyncio').sleep(0)", "import threading, time\nthreading.Thread(target=time.sleep, args=(9,)).start()",
               "input()"]  # fmt: skip
    for source in sources * 2:
        trying(source)
    assert lab.value(f"repr({state})") == before
    kernel = int(lab.value("os.getpid()"))
    assert children(kernel) == []
    assert not list(lab.isolation.run.glob("codeact-*"))
    assert lab.run("df.shape").text == "(3, 2)"


def test_an_interrupt_of_the_kernel_does_not_reach_the_trial(trying: Trying) -> None:
    number = trying.start("import time\ntime.sleep(1)\nprint('whole')")
    time.sleep(0.4)
    trying.lab.interrupt()
    assert trying.result(number)["outputs"] == "whole"


@pytest.mark.hostile("effects of a trial")
def test_the_journal_and_the_history_are_not_written(trying: Trying) -> None:
    lab = trying.lab
    lab.run("'a cell'")
    files = {path: path.stat().st_mtime_ns for path in lab.isolation.root.rglob("*") if path.is_file()}
    trying("print('secret')")
    time.sleep(0.5)
    after = {path: path.stat().st_mtime_ns for path in lab.isolation.root.rglob("*") if path.is_file()}
    changed = {path.name for path in after if after[path] != files.get(path)}
    assert not changed - {"history.sqlite", "history.sqlite-journal"}
    assert "secret" not in str(lab.value("list(get_ipython().history_manager.get_tail(9))"))


@pytest.mark.hostile("effects of a trial")
def test_no_effect_is_kept(tries: Tries) -> None:
    """Each class of effects happens outside the copy, and not in a trial; the trial changes nothing in the kernel."""
    done = list(outcomes())
    assert [each.name for each in done] == [case.name for case in CASES] and len(done) >= 40
    assert [each for each in done if not each.ok] == []
    tries.add(len(done))
    tries.control(sum(each.control for each in done))
