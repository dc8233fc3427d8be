# ruff: noqa: E501 - cells as they would be written
"""Trials in a real kernel: what comes of a cell in the copy, and that the kernel and its front end notice nothing.

The kernel runs as a user without rights in a folder of its own; cells are tried from a thread beside its main one, as
the agent does.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.copy_effects import CASES, outcomes

from .conftest import CONVERSATION, PATIENCE, Lab
from .isolation import Isolation

pytestmark = pytest.mark.kernel

SETUP = f"""
def _set_up(seconds):
    import base64, dataclasses, json, threading, time
    from codeact_jupyter.kernel.preview import Preview

    workspace = {CONVERSATION}.workspace
    globals().update(_preview=Preview(workspace, seconds=seconds, memory=0.05, patience=0.3), _trials={{}}, _took={{}})

    def start(number, source, prior):
        def work():
            started = time.monotonic()
            trial = _preview.try_cell(source, prior=prior)
            fields = dataclasses.asdict(trial)
            fields["wants"] = [effect.text for effect in trial.wants]
            fields["figures"] = [base64.b64encode(figure).decode() for figure in trial.figures]
            _took[number] = time.monotonic() - started
            _trials[number] = json.dumps(fields)

        threading.Thread(target=work, name="trial").start()

    globals()["_start"] = start

"""
FRAME = "import pandas as pd\ndf = pd.DataFrame({'city': ['a', 'b', 'a'], 'Price': [1.5, 2.5, 3.0]})"


class Trying:
    """A lab in which cells are tried."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.count = 0
        self.heard: list[dict[str, Any]] = []
        self.set_up(10)

    def set_up(self, seconds: float) -> None:
        """A fresh preview, with so many seconds for a trial."""
        self.lab.hidden(f"{SETUP}\n_set_up({seconds})\ndel _set_up")

    def start(self, source: str, *prior: str) -> int:
        """Tries a cell, and does not wait. The number of the trial."""
        self.count += 1
        self.lab.value(f"_start({self.count}, {source!r}, {prior!r})")
        return self.count

    def result(self, number: int) -> dict[str, Any]:
        """What came of a trial."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            told = self.lab.value(f"_trials.get({number})")
            if told:
                return dict(json.loads(told))
            time.sleep(0.02)
        raise AssertionError("the trial came to no end")

    def __call__(self, source: str, *prior: str) -> dict[str, Any]:
        return self.result(self.start(source, *prior))


@pytest.fixture(scope="module")
def shared() -> Iterator[Trying]:
    """One kernel for the cells that leave no trace. Frames, matplotlib and scikit-learn are loaded in it."""
    from .isolation import isolated

    with isolated() as isolation:
        lab = Lab(isolation)
        trying = Trying(lab)
        lab.hidden(FRAME)
        lab.hidden("import matplotlib.pyplot, sklearn.linear_model, sqlite3")
        yield trying
        lab.close()


@pytest.fixture
def trying(lab: Lab) -> Trying:
    return Trying(lab)


# --- what comes of it ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "outputs"),
    [
        ("print('a')\n1 + 1", "a\n2"),
        ("df.groupby('city').Price.sum()", "city\na    4.5\nb    2.5\nName: Price, dtype: float64"),
        ("%%time\nprint('timed')", "timed"),
        ("import asyncio\nawait asyncio.sleep(0.01)\nprint('awaited')", "awaited"),
        ("async def f():\n    return 7\nawait f()", "7"),
        ("import sys\nprint('to stderr', file=sys.stderr)", "to stderr"),
        ("import logging\nlogging.warning('careful')", "WARNING:root:careful"),
        ("import ctypes\nctypes.CDLL(None).puts(b'from C');", "from C"),
        ("import threading\nt = threading.Thread(target=lambda: print('in a thread'))\nt.start(); t.join()", "in a thread"),
        ("from tqdm.auto import tqdm\ntqdm.pandas()\ndf.Price.progress_apply(lambda v: v * 2).sum()", "14.0"),
        (
            "@pd.api.extensions.register_dataframe_accessor('trial')\nclass Trial:\n    def __init__(self, frame):\n"
            "        self.frame = frame\n    def width(self):\n        return self.frame.shape[1]\nprint(df.trial.width())",
            "2",
        ),
        ("from sklearn.linear_model import LinearRegression\nLinearRegression().fit([[1], [2]], [1, 2]).coef_", "array([1.])"),
        ("from sklearn.ensemble import RandomForestClassifier as R\n"
         "int(R(4, n_jobs=-1, bootstrap=False).fit([[1], [2]], [1, 2]).predict([[2]])[0])", "2"),
        ("import ipywidgets\nipywidgets.IntSlider()", "IntSlider(value=0) [widget]"),
        ("import tempfile\nwith tempfile.TemporaryFile('w+') as f:\n    f.write('x')\n    f.seek(0)\n    print(f.read())", "x"),
        ("import tempfile, pathlib, shutil\nd = pathlib.Path(tempfile.mkdtemp())\n(d / 'a').write_text('b')\n"
         "shutil.copy2(d / 'a', d / 'c')\nprint((d / 'c').read_text())", "b"),
        ("import contextlib, os\nwith open(os.devnull, 'w') as n, contextlib.redirect_stdout(n):\n    print('no')\nprint('yes')", "yes"),
        ("from multiprocessing.pool import ThreadPool\nprint(ThreadPool(2).map(abs, [-1]))", "[1]"),
        ("from joblib import Parallel, delayed\nParallel(n_jobs=2, prefer='threads')(delayed(abs)(i) for i in [-1])", "[1]"),
        ("sqlite3.connect(':memory:').execute('select 1').fetchone()", "(1,)"),
        ("import requests; print('imported')", "imported"),
        ("days = pd.DataFrame({'day': pd.to_datetime(['2024-02-29', '2024-03-01', '2024-03-02'])})\n"
         "print(len(days[days['day'] >= '2024-03-01']))", "2"),
        ("wide = pd.DataFrame([[1, 2]], columns=pd.period_range('2024-01', periods=2, freq='M'))\nprint(wide['2024-02'].sum())", "2"),
        ("class Geo(pd.DataFrame):\n    _constructor = property(lambda self: Geo)\nprint(Geo({'town': ['A'], 'people': [3]})['people'].sum())", "3"),
        ("import matplotlib.pyplot as plt\n" + "".join(f"plt.figure()\nplt.hist(df['Price'])\nplt.title('{name}')\n" for name in "abcdef")
         + "print(len(plt.get_fignums()))\nplt.close('all')", "6"),
        ("import tempfile\nwith tempfile.NamedTemporaryFile(suffix='.csv') as f:\n"
         "    f.write('Stadt;Preis\\nZürich;10,5\\n'.encode('cp1252')); f.flush()\n"
         "    print(pd.read_csv(f.name, sep=';', decimal=',', encoding='cp1252'))", "10.5"),
        ("open = df.Price + 1\nprint((open - df.Price).mean())", "1.0"),
        ("def main():\n    print(6 * 7)\n\nif __name__ == '__main__':\n    main()", "42"),
        ("import unicodedata\n'\u200c' in 'می\u200cخواهم'", "True"),
        ("if __name__ == '__main__':\n    print('main')", "main"),
        ("import json\nprint(json.dumps({'CodeAct': 1}))", '{"CodeAct": 1}'),
    ],
)  # fmt: skip
def test_right_code_runs_in_the_copy(shared: Trying, source: str, outputs: str) -> None:
    trial = shared(source)
    assert trial["outcome"] == "ran", trial
    assert outputs in trial["outputs"]


@pytest.mark.parametrize(
    "source",
    ["df.describe()", "x = 3\nprint(x)", "df['none']", "def broken(:", "df.Price.plot();", "for i in range(3): print(i)\ndf"],
)  # fmt: skip
def test_the_observation_is_what_the_model_would_read(shared: Trying, source: str) -> None:
    """The same workspace runs the cell for real, in the same state."""
    trial = shared(source)
    shared.lab.hidden(
        f"def _real(workspace):\n    workspace.silent = True\n    globals()['_observation'] = "
        f"workspace.run('1', {source!r})[0].text\n_real({CONVERSATION}.workspace)\ndel _real"
    )
    assert trial["observation"] == shared.lab.value("_observation")
    shared.lab.hidden("globals().pop('x', None)")
    shared.lab.hidden(f"{CONVERSATION}.workspace.describe()")


def test_names_and_seconds_are_told(shared: Trying) -> None:
    trial = shared("import time\ntime.sleep(0.2)\nnovel = df\ndf = df.head(1)\ndel sqlite3")
    assert (trial["added"], trial["changed"], trial["removed"]) == (["time", "novel"], ["df"], ["sqlite3"])
    assert 0.2 <= trial["seconds"] < 5


def test_small_figures_come_as_png(shared: Trying) -> None:
    trial = shared("for i in range(6):\n    df.plot()\n    matplotlib.pyplot.show()")
    assert trial["outcome"] == "ran" and len(trial["figures"]) == 4
    assert all(figure.startswith("iVBORw0KGgo") for figure in trial["figures"])
    assert trial["outputs"].count("[figure ") == 6


def test_an_error_is_told_with_its_line_and_what_there_is(shared: Trying) -> None:
    trial = shared("x = 1\nprint(df['price'])")
    assert (trial["outcome"], trial["error"], trial["line"]) == ("raised", "KeyError: 'price'", 2)
    assert (trial["failing"]["receiver"], trial["failing"]["wanted"]) == ("df", "price")
    assert trial["failing"]["offers"][0] == "Price" and trial["failing"]["span"] == [2, 6, 2, 17]


def test_objects_that_misbehave_when_asked_do_not_spoil_the_outcome(shared: Trying) -> None:
    trial = shared(
        "class Odd:\n    def __getattr__(self, name):\n        raise SystemExit('odd') if name == 'columns' else AttributeError(name)\nOdd().x"
    )
    assert (trial["outcome"], trial["error"], trial["line"]) == ("raised", "AttributeError: x", 3)
    endless = "class Slow:\n    @property\n    def columns(self):\n        while True: pass\n    def __getitem__(self, key):\n        raise KeyError(key)\nSlow()['a']"
    trial = shared(endless)
    assert (trial["outcome"], trial["error"]) == ("raised", "KeyError: 'a'")
    assert shared.lab.value(f"_took[{shared.count}]") < 6


def test_a_loop_that_runs_already_is_told_as_in_the_notebook(shared: Trying) -> None:
    assert (
        "cannot be called from a running event loop" in shared("import asyncio\nasyncio.run(asyncio.sleep(0))")["error"]
    )


@pytest.mark.parametrize(
    ("source", "wants"),
    [
        ("df.to_csv('out.csv')", "writes `out.csv`"),
        ("print('before')\ntry:\n    df.to_json('out.json')\nexcept OSError:\n    print('caught')", "writes `out.json`"),
        ("matplotlib.pyplot.figure().savefig('plot.png')", "writes `plot.png`"),
        ("import polars\npolars.DataFrame({'a': [1]}).write_parquet('p.parquet')", "writes `p.parquet`"),
        ("df.to_sql('t', sqlite3.connect('new.db'))", "writes `new.db`"),
        ("pd.read_csv('https://example.org/data.csv')", "opens the network (`example.org`)"),
        ("import urllib.request\ntry:\n    urllib.request.urlopen('http://example.org')\nexcept OSError:\n    pass",
         "opens the network (`example.org`)"),
        ("!ls", "starts a program"),
        ("import subprocess\nsubprocess.run(['git', 'status'])", "starts `git`"),
        ("import subprocess\nsubprocess.check_output('wc -l x', shell=True)", "starts `wc`"),
        ("from joblib import Parallel, delayed\nParallel(n_jobs=2)(delayed(abs)(i) for i in range(3))", "starts a program"),
        ("input('Which? ')", "asks for input"),
        ("import getpass\ngetpass.getpass()", "asks for input"),
        ("import sys\nsys.stdin.readline()", "asks for input"),
        ("exit()", "ends the kernel"),
        ("import os\nos._exit(0)", "ends the kernel"),
        ("%%codeact\nWhat is it?", "asks CodeAct itself"),
        ("%codeact continue", "asks CodeAct itself"),
    ],
)  # fmt: skip
def test_what_a_copy_may_not_do_is_what_the_cell_wants(shared: Trying, source: str, wants: str) -> None:
    trial = shared(source)
    assert (trial["outcome"], wants in trial["wants"]) == ("wants_more", True), trial


def test_what_came_before_a_refusal_is_told(shared: Trying) -> None:
    trial = shared("print('before')\ndf.to_csv('out.csv')")
    assert trial["outputs"] == "before" and not (shared.lab.isolation.work / "out.csv").exists()


def test_a_forged_report_hides_no_effect(shared: Trying) -> None:
    """The cell finds the pipe to the kernel, tells that all went well, and writes."""
    report = {"raised": False, "refused": "", "foreign": False, "observation": "fine", "outputs": "", "seconds": 0.0,
              "error": "", "figures": [], "added": [], "changed": [], "removed": [], "effects": [], "names": {}}  # fmt: skip
    trial = shared(
        f"import json, os\nline = json.dumps({report!r}).encode() + b'\\n'\nfor number in range(3, 200):\n    try:\n"
        "        os.write(number, line)\n    except OSError:\n        pass\nopen('hidden', 'w')"
    )
    assert trial["outcome"] == "wants_more" and "writes `hidden`" in trial["wants"]


def test_errors_that_are_the_codes_own_are_told_as_such(shared: Trying) -> None:
    """No such folder, no permission: it would fail outside too."""
    assert shared("df.to_csv('no/such/folder.csv')")["outcome"] == "raised"
    trial = shared("open('/etc/passwd', 'a')")
    assert (trial["outcome"], trial["wants"]) == ("raised", [])
    assert shared("import os\nos.rename('none', 'other')")["error"].startswith("FileNotFoundError")


def test_a_crash_is_not_an_outcome_of_the_code(shared: Trying) -> None:
    trial = shared("import ctypes\nctypes.string_at(0)")
    assert (trial["outcome"], trial["reason"]) == ("not_tried", "the copy crashed (segmentation fault)")


def test_memory_that_is_not_there_is_an_error_in_the_copy_only(shared: Trying) -> None:
    trial = shared("n = pd.DataFrame({'k': [1] * 200_000})\nlen(n.merge(n, on='k'))")
    assert trial["outcome"] == "raised" and "MemoryError" in trial["error"]
    assert shared("bytearray(1 << 50)")["error"].startswith("MemoryError")


def test_floods_are_bounded(shared: Trying) -> None:
    trial = shared("for i in range(20_000):\n    print('x' * 500)")
    assert trial["outcome"] == "ran"
    assert len(trial["observation"]) <= 4000 and len(trial["outputs"]) < 4200


# --- files and connections that the kernel has open ----------------------------------------------------------------


def test_an_open_database_can_be_read_and_not_written(shared: Trying) -> None:
    shared.lab.hidden(
        "con = sqlite3.connect('kept.db')\ncon.execute('create table t(a)')\ncon.execute('insert into t values (1)')\ncon.commit()"
    )
    assert "1" in shared("pd.read_sql('select a from t', con)")["outputs"]
    assert "1" in shared("pd.read_sql('select a from t', sqlite3.connect('kept.db'))")["outputs"]
    for source in ("con.execute('insert into t values (2)')\ncon.commit()",
                   "c = sqlite3.connect('kept.db')\nc.execute('insert into t values (2)')\nc.commit()"):  # fmt: skip
        trial = shared(source)
        assert (trial["outcome"], trial["wants"][0]) == ("wants_more", "writes `kept.db`"), trial
    assert shared.lab.value("con.execute('select count(*) from t').fetchone()[0]") == 1


def test_an_open_file_is_read_on_from_its_place(shared: Trying) -> None:
    (shared.lab.isolation.work / "lines.txt").write_text("one\ntwo\nthree\n")
    shared.lab.hidden("lines = open('lines.txt')\n_ = lines.buffer.raw.read(4)")
    assert shared("lines.read()")["outputs"] == "'two\\nthree\\n'"
    assert shared.lab.value("lines.buffer.raw.read()") == b"two\nthree\n"


def test_a_log_into_a_file_is_told_and_not_written(shared: Trying) -> None:
    shared.lab.hidden("import logging\nlogging.getLogger('own').addHandler(logging.FileHandler('own.log'))")
    trial = shared("logging.getLogger('own').warning('x')")
    assert trial["wants"] == ["writes `own.log`"]
    assert (shared.lab.isolation.work / "own.log").read_text() == ""


def test_an_open_connection_is_told(shared: Trying) -> None:
    shared.lab.hidden("import socket\none, other = socket.socketpair()")
    assert shared("one.send(b'x')")["wants"] == ["uses a connection that is open in the kernel"]
    assert shared("one.recv(1)")["wants"] == ["uses a connection that is open in the kernel"]


def test_a_number_that_is_used_again_is_the_cells_own(shared: Trying) -> None:
    """The cell closes an inherited connection and opens a file that gets its number."""
    shared.lab.hidden("import os, socket\npair = socket.socketpair()")
    source = (
        "n = pair[0].fileno()\npair[0].close()\nwith open(os.devnull) as f:\n    print(f.fileno() == n, f.read() == '')"
    )
    trial = shared(source)
    assert (trial["outcome"], trial["outputs"]) == ("ran", "True True"), trial


# --- as the next cell would run ------------------------------------------------------------------------------------


def test_it_runs_as_the_main_thread_with_what_cells_have_set_there(trying: Trying) -> None:
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


def test_cells_before_it_run_in_the_same_copy(trying: Trying) -> None:
    trial = trying("print(a + b)", "a = 1\nprint('not told')", "b = a + 1")
    assert (trial["outcome"], trial["outputs"], trial["added"]) == ("ran", "3", [])
    assert trying.lab.value("'a' in globals()") is False
    assert "step before" in trying("1", "1 / 0")["reason"]
    assert "step before" in trying("1", "open('f', 'w')")["reason"]


# --- when it cannot be tried ---------------------------------------------------------------------------------------


def test_nothing_is_tried_while_a_cell_runs(trying: Trying) -> None:
    lab = trying.lab
    lab.hidden("import threading\ndef _later(source):\n    threading.Timer(0.3, _start, (99, source, ())).start()")
    for cell in ("_later('1')\n__import__('time').sleep(1.5)", "_later('1')\nawait __import__('asyncio').sleep(1.5)"):
        lab.run(cell)
        assert trying.result(99)["reason"] == "a cell is running"
        lab.hidden("_trials.clear()")


def test_a_cell_that_ends_in_time_is_waited_for(trying: Trying) -> None:
    trying.lab.hidden(
        "_preview._patience = 5\n_start(1, 'print(value)', ())\n__import__('time').sleep(1)\nvalue = 'settled'"
    )
    assert trying.result(1)["outputs"] == "settled"


def test_the_deadline_ends_it_and_twice_is_enough(trying: Trying) -> None:
    trying.set_up(0.6)
    for _ in range(2):
        assert trying("while True:\n    pass")["reason"] == "it did not end within 0.6 s"
    trial = trying("while True:\n  pass")
    assert trial["reason"] == "2 earlier trials of this cell exceeded their limits"
    assert trying.lab.value(f"_took[{trying.count}]") < 0.3
    assert trying("1")["outcome"] == "ran"


def test_pools_that_did_not_come_along_are_noticed_early(trying: Trying) -> None:
    """Polars' threads are alive in the kernel, and not in the copy."""
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


def test_stop_ends_it_at_once(trying: Trying) -> None:
    number = trying.start("import time\ntime.sleep(30)")
    time.sleep(0.5)
    trying.lab.value("_preview.stop()")
    trial = trying.result(number)
    assert (trial["outcome"], trial["reason"]) == ("not_tried", "it was stopped")
    assert trying.lab.value("_took[1]") < 5
    assert trying("1")["reason"] == "it was stopped"  # a stop that comes just before a trial holds, too
    trying.lab.value("_preview.resume()")
    assert trying("1")["outcome"] == "ran"


def test_it_can_be_switched_off(trying: Trying) -> None:
    trying.lab.hidden("_preview.enabled = False")
    assert trying("1")["reason"] == "trials are switched off"


def test_the_first_plot_of_a_user_wants_no_folders_and_no_programs(isolation: Isolation) -> None:
    lab = Lab(isolation)
    try:
        trial = Trying(lab)("import matplotlib.pyplot as plt\nplt.bar(['a', 'b'], [1, 2])\nplt.show()")
        assert (trial["outcome"], trial["wants"]) == ("ran", [])
        assert len(trial["figures"]) == 1
        assert "atplotlib" not in trial["outputs"]
    finally:
        lab.close()


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


# --- nobody notices ------------------------------------------------------------------------------------------------


def test_the_front_end_hears_nothing(trying: Trying) -> None:
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


def test_an_interrupt_of_the_kernel_leaves_the_trial_alone(trying: Trying) -> None:
    number = trying.start("import time\ntime.sleep(1)\nprint('whole')")
    time.sleep(0.4)
    trying.lab.interrupt()
    assert trying.result(number)["outputs"] == "whole"


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


# --- effects -------------------------------------------------------------------------------------------------------


def test_no_effect_is_kept() -> None:
    """Every class of effects shows outside the copy, and not after the trial; the kernel is unharmed."""
    done = list(outcomes())
    assert [each.name for each in done] == [case.name for case in CASES] and len(done) >= 40
    assert [each for each in done if not each.ok] == []


def children(process: int) -> list[int]:
    """Return the child processes of a process, whichever of its threads made them."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def wait_for(look: Any) -> Any:
    """What `look` returns, once that is true."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.02)
    return None
