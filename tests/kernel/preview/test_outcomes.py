# ruff: noqa: E501 - cells as they would be written
"""The outcome of a trial: outputs, names, figures, errors and refused effects."""

from __future__ import annotations

import re

import pytest

from ..conftest import CONVERSATION
from .conftest import Trying

pytestmark = pytest.mark.kernel


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
        ("df['Price'].fillna(0, inplace=True)", "ChainedAssignmentError"),
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
    """The same workspace then runs the cell in the same state."""
    trial = shared(source)
    shared.lab.hidden(
        f"def _real(workspace):\n    workspace.silent = True\n    globals()['_observation'] = "
        f"workspace.run('1', {source!r})[0].text\n_real({CONVERSATION}.workspace)\ndel _real"
    )
    observed = [
        re.sub(r"Took [\d.]+ s\. ?", "", text) for text in (trial["observation"], shared.lab.value("_observation"))
    ]
    assert observed[0].rstrip() == observed[1].rstrip()
    shared.lab.hidden("globals().pop('x', None)")
    shared.lab.hidden(f"{CONVERSATION}.workspace.describe()")


def test_names_and_duration_are_reported(shared: Trying) -> None:
    trial = shared("import time\ntime.sleep(0.2)\nnovel = df\ndf = df.head(1)\ndel sqlite3")
    assert (trial["added"], trial["changed"], trial["removed"]) == (["time", "novel"], ["df"], ["sqlite3"])
    assert trial["changes"] == ["replaces `df`: 3 → 1 rows"]
    assert 0.2 <= trial["seconds"] < 5


def test_small_figures_come_as_png(shared: Trying) -> None:
    trial = shared("for i in range(6):\n    df.plot()\n    matplotlib.pyplot.show()")
    assert trial["outcome"] == "ran" and len(trial["figures"]) == 4
    assert all(figure.startswith("iVBORw0KGgo") for figure in trial["figures"])
    assert trial["outputs"].count("[figure ") == 6


def test_an_error_is_reported_with_its_line_and_the_existing_names(shared: Trying) -> None:
    trial = shared("x = 1\nprint(df['price'])")
    assert (trial["outcome"], trial["error"], trial["line"]) == ("raised", "KeyError: 'price'", 2)
    assert (trial["failing"]["receiver"], trial["failing"]["wanted"]) == ("df", "price")
    assert trial["failing"]["offers"][0] == "Price" and trial["failing"]["span"] == [2, 6, 2, 17]


def test_polars_reports_a_file_that_is_not_there_in_a_kernel_that_has_not_used_it(shared: Trying) -> None:
    trial = shared("import polars as pl\npl.read_csv('prices.csv')")
    assert trial["outcome"] == "raised"
    assert trial["error"].startswith("FileNotFoundError: ")


def test_objects_that_fail_on_inspection_do_not_change_the_outcome(shared: Trying) -> None:
    trial = shared(
        "class Odd:\n    def __getattr__(self, name):\n        raise SystemExit('odd') if name == 'columns' else AttributeError(name)\nOdd().x"
    )
    assert (trial["outcome"], trial["error"], trial["line"]) == ("raised", "AttributeError: x", 3)
    endless = "class Slow:\n    @property\n    def columns(self):\n        while True: pass\n    def __getitem__(self, key):\n        raise KeyError(key)\nSlow()['a']"
    trial = shared(endless)
    assert (trial["outcome"], trial["error"]) == ("raised", "KeyError: 'a'")
    assert shared.lab.value(f"_took[{shared.count}]") < 6


def test_asyncio_run_fails_as_in_a_notebook(shared: Trying) -> None:
    assert (
        "cannot be called from a running event loop" in shared("import asyncio\nasyncio.run(asyncio.sleep(0))")["error"]
    )


@pytest.mark.hostile("effects of a trial")
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
def test_refused_effects_are_reported(shared: Trying, source: str, wants: str) -> None:
    trial = shared(source)
    assert (trial["outcome"], wants in trial["wants"]) == ("wants_more", True), trial


def test_outputs_before_a_refused_effect_are_reported(shared: Trying) -> None:
    trial = shared("print('before')\ndf.to_csv('out.csv')")
    assert trial["outputs"] == "before" and not (shared.lab.isolation.work / "out.csv").exists()


@pytest.mark.hostile("effects of a trial")
def test_a_forged_report_hides_no_effect(shared: Trying) -> None:
    """The cell finds the pipe to the kernel, reports success, and writes a file."""
    report = {"raised": False, "refused": "", "foreign": False, "observation": "fine", "outputs": "", "seconds": 0.0,
              "error": "", "figures": [], "added": [], "changed": [], "changes": [], "removed": [], "effects": [], "names": {}}  # fmt: skip
    trial = shared(
        f"import json, os\nline = json.dumps({report!r}).encode() + b'\\n'\nfor number in range(3, 200):\n    try:\n"
        "        os.write(number, line)\n    except OSError:\n        pass\nopen('hidden', 'w')"
    )
    assert trial["outcome"] == "wants_more" and "writes `hidden`" in trial["wants"]


def test_calls_that_fail_outside_too_are_errors_of_the_code(shared: Trying) -> None:
    """Such as a folder that does not exist, or a lack of permission."""
    assert shared("df.to_csv('no/such/folder.csv')")["outcome"] == "raised"
    trial = shared("open('/etc/passwd', 'a')")
    assert (trial["outcome"], trial["wants"]) == ("raised", [])
    assert shared("import os\nos.rename('none', 'other')")["error"].startswith("FileNotFoundError")


def test_a_crash_is_not_an_outcome_of_the_code(shared: Trying) -> None:
    trial = shared("import ctypes\nctypes.string_at(0)")
    assert (trial["outcome"], trial["reason"]) == ("not_tried", "the copy crashed (segmentation fault)")


@pytest.mark.hostile("low memory")
def test_a_lack_of_memory_is_an_error_in_the_copy_only(shared: Trying) -> None:
    trial = shared("n = pd.DataFrame({'k': [1] * 200_000})\nlen(n.merge(n, on='k'))")
    assert trial["outcome"] == "raised" and "MemoryError" in trial["error"]
    assert shared("bytearray(1 << 50)")["error"].startswith("MemoryError")


def test_long_output_is_shortened(shared: Trying) -> None:
    trial = shared("for i in range(20_000):\n    print('x' * 500)")
    assert trial["outcome"] == "ran"
    assert len(trial["observation"]) <= 4000 and len(trial["outputs"]) < 4200


KERNEL = "import os\npid = os.getppid()\n"
#: How a copy could read the kernel's memory, and with it what the kernel has learnt since: nonces, and the question that runs.
READS = {
    "memory": "open(f'/proc/{pid}/mem', 'rb', 0).read(1)",
    "memory map": "open(f'/proc/{pid}/maps').read()",
    "environment": "open(f'/proc/{pid}/environ').read()",
    "open file": "os.readlink(f'/proc/{pid}/fd/0')",
    "working directory": "os.listdir(f'/proc/{pid}/cwd')",
    "process_vm_readv": (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nv = (ctypes.c_size_t * 2)(ctypes.addressof(ctypes.c_int()), 1)\n"
        "if libc.process_vm_readv(pid, v, 1, v, 1, 0) < 0:\n    raise PermissionError(ctypes.get_errno())"
    ),
    "ptrace": (
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "if libc.ptrace(16, pid, 0, 0) < 0:\n    raise PermissionError(ctypes.get_errno())"
    ),
    "descriptor": "n = os.pidfd_open(pid)\nimport ctypes\nif ctypes.CDLL(None).syscall(438, n, 0, 0) < 0:\n    raise PermissionError(0)",
}


@pytest.mark.hostile("effects of a trial")
@pytest.mark.parametrize("way", READS)
def test_a_copy_does_not_read_the_memory_of_the_kernel(shared: Trying, way: str) -> None:
    trial = shared(f"{KERNEL}{READS[way]}\nprint('it was read')")
    assert "it was read" not in trial["outputs"], trial
    assert trial["outcome"] == "wants_more" or "PermissionError" in trial["error"], trial
