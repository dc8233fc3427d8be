"""Trials that cannot start, or that are ended: by a running cell, a limit, Stop, or the end of the kernel."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ..conftest import Lab
from ..isolation import Isolation
from .conftest import Trying, children, wait_for

pytestmark = pytest.mark.kernel


def test_nothing_is_tried_while_a_cell_runs(trying: Trying) -> None:
    lab = trying.lab
    lab.hidden("import threading\ndef _later(source):\n    threading.Timer(0.3, _start, (99, source, ())).start()")
    for cell in ("_later('1')\n__import__('time').sleep(1.5)", "_later('1')\nawait __import__('asyncio').sleep(1.5)"):
        lab.run(cell)
        assert trying.result(99)["reason"] == "a cell is running"
        lab.hidden("_trials.clear()")


def test_a_trial_waits_for_a_cell_that_ends_within_the_patience(trying: Trying) -> None:
    trying.lab.hidden(
        "_preview._patience = 5\n_start(1, 'print(value)', ())\n__import__('time').sleep(1)\nvalue = 'settled'"
    )
    assert trying.result(1)["outputs"] == "settled"


def test_a_cell_that_exceeds_the_time_limit_twice_is_not_tried_again(trying: Trying) -> None:
    trying.set_up(0.6)
    for _ in range(2):
        assert trying("while True:\n    pass")["reason"] == "it did not end within 0.6 s"
    trial = trying("while True:\n  pass")
    assert trial["reason"] == "2 earlier trials of this cell exceeded their limits"
    assert trying.lab.value(f"_took[{trying.count}]") < 0.3
    assert trying("1")["outcome"] == "ran"


def test_a_wait_for_a_thread_pool_of_the_kernel_is_ended_early(trying: Trying) -> None:
    """Polars' threads run in the kernel and do not exist in the copy."""
    trying.lab.hidden(
        "import polars\nframe = polars.DataFrame({'a': range(100_000)})\nframe.lazy().group_by('a').len().collect()"
    )
    trial = trying("frame.lazy().group_by('a').len().collect()")
    assert trial["outcome"] == "not_tried" and "waits for a thread" in trial["reason"], trial
    assert trying.lab.value("_took[1]") < 5


def test_openmp_works_in_the_copy_after_it_was_used_in_the_kernel(trying: Trying) -> None:
    fit = "KMeans(2, n_init=1, random_state=0).fit_predict(points)[:3]"
    trying.lab.hidden(
        f"import numpy as np\nfrom sklearn.cluster import KMeans\npoints = np.random.rand(5000, 8)\n{fit}"
    )
    trial = trying(fit)
    assert trial["outcome"] == "ran" and trial["outputs"].startswith("array("), trial
    large = "np.random.rand(600, 600) @ np.random.rand(600, 600)"
    trying.lab.hidden(large)
    assert trying(f"({large}).shape")["outputs"] == "(600, 600)"


def test_a_task_of_the_kernels_own_loop_is_not_awaited(trying: Trying) -> None:
    trying.lab.hidden("import asyncio\ntask = asyncio.ensure_future(asyncio.sleep(1000))")
    assert "own event loop" in trying("await task")["reason"]


def test_stop_ends_a_trial_at_once(trying: Trying) -> None:
    number = trying.start("import time\ntime.sleep(30)")
    time.sleep(0.5)
    trying.lab.value("_preview.stop()")
    trial = trying.result(number)
    assert (trial["outcome"], trial["reason"]) == ("not_tried", "it was stopped")
    assert trying.lab.value("_took[1]") < 5
    assert trying("1")["reason"] == "it was stopped"  # a stop that comes just before a trial holds, too
    trying.lab.value("_preview.resume()")
    assert trying("1")["outcome"] == "ran"


def test_trials_can_be_switched_off(trying: Trying) -> None:
    trying.lab.hidden("_preview.enabled = False")
    assert trying("1")["reason"] == "trials are switched off"


@pytest.mark.hostile("kills")
def test_a_copy_does_not_outlive_its_kernel(isolation: Isolation) -> None:
    lab = Lab(isolation)
    try:
        trying = Trying(lab)
        trying.start("import os, time, sys\nprint(os.getpid())\nwhile True:\n    time.sleep(0.1)")
        kernel = int(lab.value("__import__('os').getpid()"))
        copies = wait_for(lambda: children(kernel))
        lab.kill()
        assert wait_for(lambda: not any(Path(f"/proc/{copy}/cmdline").exists() for copy in copies))
    finally:
        lab.close()


def test_nothing_is_tried_while_a_thread_computes_with_a_thread_pool(trying: Trying) -> None:
    """OpenBLAS would wait for ever for its pool within the fork."""
    trying.lab.hidden(
        "import threading, numpy\n_go, _end = numpy.ones((3000, 3000)), threading.Event()\n"
        "def _multiply():\n    while not _end.is_set():\n        _go @ _go\n"
        "_thread = threading.Thread(target=_multiply)\n_thread.start()\n__import__('time').sleep(0.5)"
    )
    reasons = {trying("1")["reason"] for _ in range(5)}
    assert reasons <= {"a thread of the notebook is computing", ""}
    assert "a thread of the notebook is computing" in reasons
    trying.lab.hidden("_end.set()\n_thread.join()")
    assert trying("1")["outcome"] == "ran"
