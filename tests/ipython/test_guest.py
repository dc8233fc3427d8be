"""`solve` as a guest: a step behaves as in a notebook, and the caller's process is afterwards as it was."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from codeact_jupyter import SolveRun, solve
from codeact_jupyter.kernel import kept
from codeact_jupyter.session.techniques import NONE
from codeact_jupyter.testing import ScriptedEngine

from ..process_state import changes, modules, process_state
from .conftest import Terminal, step


def run(*codes: str, **options: Any) -> SolveRun:
    """A run of steps with this code, one after the other."""
    engine = ScriptedEngine([*map(step, codes), *["Done."] * 3])
    return solve("Do it.", engine=engine, **{"techniques": NONE, **options})


def seen(*codes: str, **options: Any) -> str:
    """What the model reads of the last of these steps."""
    solved = run(*codes, **options)
    assert (solved.status, len(solved.turns)) == ("answered", len(codes)), solved
    return solved.turns[-1].observation or ""


# --- the caller's names --------------------------------------------------------------------------------------------

NAMES = {"open": 10.5, "exit": "north", "quit": [1, 2], "In": 3, "Out": {"a": 4}, "display": 5, "get": 6, "list": 7}


@pytest.mark.parametrize("name", NAMES)
def test_a_callers_object_keeps_its_name_and_is_described(name: str) -> None:
    engine = ScriptedEngine([step(f"print(repr({name}))"), "Done."])
    solved = solve("What is it?", {name: NAMES[name]}, engine=engine, techniques=NONE)
    assert f"\n{NAMES[name]!r}\n" in (solved.turns[0].observation or "")
    assert f"\n{name}" in engine.prompts[0][-1].content


@pytest.mark.parametrize("code", ["with open('there.txt', 'w') as file: file.write('x')", "exit", "quit", "In", "Out"])
def test_names_that_the_caller_does_not_give_are_as_in_a_notebook(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "NameError" not in seen(code)


def test_all_names_of_a_module_can_be_given() -> None:
    names = {**globals(), "__name__": "app.views", "__file__": "/app/views.py", "depth": 4}
    assert "\n__main__ 4 False\n" in seen("print(__name__, depth, '__file__' in globals())", namespace=names)


def test_names_may_be_text_of_numpy_and_other_keys_are_left_out() -> None:
    names: dict[Any, Any] = {np.str_("depth"): 4, 7: 8, None: 9, b"x": 1}
    assert "\n4 True\n" in seen("print(depth, 7 not in globals())", namespace=names)


def test_all_names_of_a_notebook_can_be_given_and_its_shell_is_not_among_them(terminal: Terminal) -> None:
    terminal.shell.user_ns |= {"depth": 4, "open": 5}
    for cls in type(terminal.shell)._walk_mro():
        cls._instance = terminal.shell
    try:
        code = "%who_ls\nprint(depth, open, get_ipython() is shell, In)"
        text = seen(code, namespace={**terminal.shell.user_ns, "shell": terminal.shell})
    finally:
        type(terminal.shell).clear_instance()
    assert "4 5 False ['']" in text


# --- it is the main program ----------------------------------------------------------------------------------------

GUARDED = {
    "plain": "def work():\n    print('ran', 6 * 7)\nif __name__ == '__main__':\n    work()",
    "the other way round": 'if "__main__" == __name__:\n    print("ran", 42)',
    "with arguments": "import sys\ndef main(argv=()):\n    print('ran', len(argv))\n"
    "if __name__ == '__main__':\n    main([])",
    "negated": "if __name__ != '__main__':\n    raise SystemExit\nprint('ran')",
    "by its module": "import sys\nx = 6\n"
    "print('ran', sys.modules[__name__].x, sys.modules['__main__'] is sys.modules[__name__])",
    "imported": "y = 7\nimport __main__\nprint('ran', __main__.y)",
    "in a class": "class App:\n    def go(self): print('ran')\nif __name__ == '__main__':\n    App().go()",
    "with argparse": "import argparse\ndef main():\n    parser = argparse.ArgumentParser()\n"
    "    parser.add_argument('--times', default=2)\n    print('ran', parser.parse_args().times)\n"
    "if __name__ == '__main__':\n    main()",
    "with await": "async def main():\n    print('ran')\nif __name__ == '__main__':\n    await main()",
}


@pytest.mark.parametrize("code", GUARDED.values(), ids=GUARDED)
def test_what_a_main_program_does_is_done(code: str) -> None:
    assert "\nran" in seen(code)


WORKERS = {
    "joblib": "from joblib import Parallel, delayed\ndef half(x): return x / 2\n"
    "print(sum(Parallel(n_jobs=2)(delayed(half)(i) for i in (4, 6))))",
    "joblib, a function of the caller": "from joblib import Parallel, delayed\n"
    "print(sum(Parallel(n_jobs=2)(delayed(lambda x: given(x) - 1)(i) for i in (3, 4))))",
    "a pool": "import multiprocessing as mp\ndef half(x): return x / 2\n"
    "with mp.get_context('fork').Pool(2) as pool: print(sum(pool.map(half, [4, 6])))",
    "a pool of an earlier step": "print(sum(executor.map(halve, [4, 6])))",
    "futures": "import multiprocessing as mp\nfrom concurrent.futures import ProcessPoolExecutor\n"
    "def half(x): return x / 2\n"
    "with ProcessPoolExecutor(2, mp.get_context('fork')) as pool: print(sum(pool.map(half, [4, 6])))",
    "joblib's own pool": "from joblib import Parallel, delayed\ndef half(x): return x / 2\n"
    "print(sum(Parallel(n_jobs=2, backend='multiprocessing')(delayed(half)(i) for i in (4, 6))))",
    "a process": "import multiprocessing as mp\nmethods = mp.get_context('fork')\ndef put(queue): queue.put(5.0)\n"
    "queue = methods.Queue()\nprocess = methods.Process(target=put, args=[queue])\nprocess.start()\n"
    "print(queue.get(timeout=60))\nprocess.join()",
    "threads": "from concurrent.futures import ThreadPoolExecutor\ndef half(x): return x / 2\n"
    "with ThreadPoolExecutor(2) as pool: print(sum(pool.map(half, [4, 6])))",
    "pickle": "import pickle\nfrom dataclasses import dataclass\n@dataclass\nclass Pair:\n    a: float\n    b: float\n"
    "copy = pickle.loads(pickle.dumps(Pair(2.0, 3.0)))\nprint(copy.a + copy.b, type(copy) is Pair)",
    "cloudpickle": "import cloudpickle\ndef half(x): return x / 2\n"
    "print(cloudpickle.loads(cloudpickle.dumps(half))(10))",
    "the caller's class": "import pickle\nprint(pickle.loads(pickle.dumps(mine)).real + 5.0)",
}
FUTURES = "from concurrent.futures import ProcessPoolExecutor"
EARLIER = """import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor
def halve(x): return x / 2
executor = ProcessPoolExecutor(1, mp.get_context('fork'))
None"""


class Mine(complex):
    """A class of the caller's main program."""


@pytest.mark.parametrize("name", WORKERS)
def test_functions_and_classes_of_a_step_can_be_given_to_other_processes(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "Mine", Mine, raising=False)
    monkeypatch.setattr(Mine, "__module__", "__main__")
    earlier = [EARLIER] if "executor" in WORKERS[name] and "ProcessPool" not in WORKERS[name] else []
    last = [WORKERS[name] + ("\nexecutor.shutdown()" if earlier else "")]
    text = seen(*earlier, *last, namespace={"given": lambda x: x, "mine": Mine(0)})
    assert "\n5.0" in text or "\n5" in text, text


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_that_are_no_forks_have_the_functions_of_libraries_and_it_is_said_that_they_have_no_others(
    method: str,
) -> None:
    start = f"import multiprocessing as mp\n{FUTURES}\ndef half(x): return x / 2\n"
    pool = f"with ProcessPoolExecutor(1, mp.get_context('{method}')) as pool: print(sum(pool.map(%s, [-4, 6])))"
    assert "\n10" in seen(start + pool % "abs")
    said = seen(start + pool % "half", techniques=replace(NONE, hints=True))
    assert "lacks a notebook's functions: use `multiprocessing.get_context('fork')`" in said


def test_the_program_can_pickle_its_own_objects_while_a_step_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["__main__"], "Mine", Mine, raising=False)
    monkeypatch.setattr(Mine, "__module__", "__main__")
    with meeting() as (meet, during):
        during(lambda: pickle.loads(pickle.dumps(Mine(3))))
        run("meet()", namespace={"meet": meet})
    assert during.result == Mine(3)


# --- where an event loop runs ----------------------------------------------------------------------------------------


async def fetch(number: int) -> int:
    """Half of a number."""
    await asyncio.sleep(0)
    return number // 2


AWAITING = {
    "await": ["print(await fetch(84))"],
    "gather": ["import asyncio\nprint(sum(await asyncio.gather(*[fetch(28) for _ in range(3)])))"],
    "asyncio.run": ["import asyncio\nasync def main(): return await fetch(84)\nprint(asyncio.run(main()))"],
    "async for": ["async def count():\n    for n in (20, 22): yield n\nprint(sum([n async for n in count()]))"],
    "async with": [
        "import contextlib\n@contextlib.asynccontextmanager\nasync def given():\n    yield 42\n"
        "async with given() as it:\n    print(it)"
    ],
    "a task of an earlier step": [
        "import asyncio\nawait fetch(2)\ntask = asyncio.create_task(fetch(84))",
        "print(await task)",
    ],
    "a thread": ["import asyncio\nprint(await asyncio.to_thread(lambda: 42))"],
    "a time-out": [
        "import asyncio\ntry:\n    await asyncio.wait_for(asyncio.sleep(100), 0.01)\nexcept TimeoutError:\n"
        "    print(42)"
    ],
}


@pytest.mark.parametrize("codes", AWAITING.values(), ids=AWAITING)
@pytest.mark.parametrize("place", ["no loop", "a loop", "a task of a thread's loop"])
def test_a_step_can_await_also_where_a_loop_runs(codes: list[str], place: str) -> None:
    async def in_a_loop() -> str:
        return seen(*codes, namespace={"fetch": fetch})

    found: list[str] = []
    if place == "no loop":
        found.append(seen(*codes, namespace={"fetch": fetch}))
    elif place == "a loop":
        found.append(asyncio.run(in_a_loop()))
    else:
        thread = threading.Thread(target=lambda: found.append(asyncio.run(in_a_loop())))
        thread.start()
        thread.join()
    assert "\n42\n" in found[0]


def test_the_loop_of_the_caller_goes_on_afterwards() -> None:
    async def main() -> list[Any]:
        later = asyncio.create_task(fetch(8))
        task = asyncio.current_task()
        await asyncio.sleep(0)
        text = seen("print(await fetch(84))", namespace={"fetch": fetch})
        async with asyncio.timeout(60):
            return [await later, asyncio.current_task() is task, "42" in text]

    assert asyncio.run(main()) == [4, True, True]


@pytest.mark.parametrize("place", ["no loop", "a loop", "a thread"])
@pytest.mark.parametrize(
    "code", ["await asyncio.sleep(1000)", "await asyncio.Event().wait()", "while True: await asyncio.sleep(0)"]
)
def test_a_step_that_awaits_for_ever_is_ended(code: str, place: str) -> None:
    async def in_a_loop() -> SolveRun:
        return run(f"import asyncio\n{code}", max_seconds=1)

    runs: list[SolveRun] = []
    if place == "a loop":
        runs.append(asyncio.run(in_a_loop()))
    else:
        work = threading.Thread(target=lambda: runs.append(run(f"import asyncio\n{code}", max_seconds=1)))
        if place == "a thread":
            work.start()
            work.join()
        else:
            work.run()
    assert runs[0].status == "limit"


# --- figures ---------------------------------------------------------------------------------------------------------

PLOTS = {
    "inline": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "a window": "%matplotlib qt\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "not shown": "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "axes": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.bar(['a'], [1]);",
    "its own backend": "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\n"
    "plt.plot([1])\nplt.show()",
    "options": "import matplotlib.pyplot as plt\n%config InlineBackend.figure_format = 'retina'\n"
    "plt.plot([1])\nplt.show()",
    "pandas": "import pandas as pd\npd.Series([1, 2]).plot();",
    "shown by itself": "import matplotlib.pyplot as plt\nfig = plt.figure()\nfig.add_subplot().plot([1])\nfig.show()",
    "a pause": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.pause(0.01)",
    "interactive": "import matplotlib.pyplot as plt\nplt.ion()\nplt.plot([1, 2])\nplt.show(block=True)",
    "raising": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n1 / 0",
    "a style": "import matplotlib.pyplot as plt\nplt.style.use('ggplot')\nplt.rcParams['font.size'] = 3\n"
    "plt.plot([1]);",
}


@pytest.mark.parametrize("code", PLOTS.values(), ids=PLOTS)
def test_a_figure_is_told_and_handed_over_and_none_is_left_open(code: str) -> None:
    import matplotlib.pyplot as plt

    plt.figure(num=17).add_subplot().set_title("the caller's")
    plt.gcf().canvas.draw()  # matplotlib keeps the fonts open
    before, loaded = process_state(), modules()
    solved = run(code, "import matplotlib.pyplot as plt\nprint('open:', plt.get_fignums())")
    assert changes(before, loaded) == {}
    assert "[figure " in (solved.turns[0].observation or "")
    assert "NonGui" not in (solved.turns[0].observation or "") and "non-interactive" not in solved.turns[0].error
    assert "open: []" in (solved.turns[1].observation or "")
    assert [len(figure.axes) for figure in solved.figures] == [1]
    assert plt.gcf().axes[0].get_title() == "the caller's"
    plt.close(17)


LATER = """
import json, os, sys
sys.path.insert(0, {root!r})
from codeact_jupyter import solve
from codeact_jupyter.session.techniques import NONE
from codeact_jupyter.testing import ScriptedEngine
code = {code!r}
run = solve("Do it.", engine=ScriptedEngine(["I look.\\n```python\\n" + code + "\\n```", "Done."]), techniques=NONE)
import matplotlib
import matplotlib.pyplot as plt
found = [run.turns[0].error, plt.get_fignums(), os.environ.get("MPLBACKEND"), plt.rcParams["font.size"]]
print(json.dumps([*found, matplotlib.get_backend().lower()]))
"""


@pytest.mark.parametrize("backend", ["svg", "Agg", ""])
def test_a_program_that_loads_matplotlib_after_a_step_has_its_own_backend(backend: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("MPLBACKEND", "DISPLAY")}
    environment |= {"MPLBACKEND": backend} if backend else {}
    code = LATER.format(root=str(Path(__file__).parents[2]), code=PLOTS["a style"])
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300)
    assert json.loads(done.stdout) == ["", [], backend or None, 10.0, (backend or "agg").lower()], done.stderr


# --- nobody can type -------------------------------------------------------------------------------------------------

ASKING = {
    "input": "name = input('Which? ')",
    "a line": "import sys\nsys.stdin.readline()",
    "all lines": "import sys\nfor line in sys.stdin: print(line)",
    "the next line": "import sys\nnext(sys.stdin)",
    "all text": "import sys\nsys.stdin.read()",
    "bytes": "import sys\nsys.stdin.buffer.read()",
    "python's own": "import sys\nsys.__stdin__.readline()",
    "a password": "import getpass\ngetpass.getpass()",
    "in a thread": "import threading\nfound = []\ndef ask():\n    try: found.append(input())\n"
    "    except NotImplementedError as error: found.append(error)\n"
    "thread = threading.Thread(target=ask)\nthread.start()\nthread.join()\nraise found[0]",
    "a table": "import sys\nimport pandas as pd\npd.read_csv(sys.stdin)",
    "the debugger": "breakpoint()",
}
ASKER = """
import sys
sys.path.insert(0, {root!r})
from codeact_jupyter import solve
from codeact_jupyter.session.techniques import NONE
from codeact_jupyter.testing import ScriptedEngine
code = {code!r}
run = solve("Ask.", engine=ScriptedEngine(["I look.\\n```python\\n" + code + "\\n```", "Done."]), techniques=NONE)
print("STEP", run.turns[0].error or repr(run.turns[0].observation))
print("CALLER", sys.stdin.readline())
"""


def caller_of(code: str) -> str:
    """Return what a program prints whose step runs this code, and that then reads a line itself."""
    program = ASKER.format(root=str(Path(__file__).parents[2]), code=code)
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, input="for the caller\n", capture_output=True, text=True, timeout=300, start_new_session=True
    )
    assert "CALLER for the caller" in done.stdout, (done.stdout, done.stderr)
    return done.stdout


@pytest.mark.parametrize("code", ASKING.values(), ids=ASKING)
def test_a_step_that_reads_input_is_told_that_nobody_types_and_the_caller_keeps_its_line(code: str) -> None:
    assert "nobody can type here" in caller_of(code)


@pytest.mark.parametrize(
    "call",
    [
        "subprocess.run(['cat'])",
        "subprocess.Popen('cat', shell=True).wait()",
        "os.system('cat')",
        "os.popen('cat').read()",
    ],
)
def test_a_program_that_a_step_starts_reads_nothing_of_the_caller(call: str) -> None:
    assert "for the caller" not in caller_of(f"import os, subprocess\n{call}").partition("CALLER")[0]


def test_another_thread_can_read_what_is_typed_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("first\nsecond\nthird\nfourth"))
    with meeting() as (meet, during):
        during(lambda: [sys.stdin.readline(), input(), next(sys.stdin), *sys.stdin])
        run("meet()", namespace={"meet": meet})
    assert during.result == ["first\n", "second", "third\n", "fourth"]


# --- threads ---------------------------------------------------------------------------------------------------------


class During:
    """Work of a thread of the caller's while a step runs, and its result."""

    def __init__(self) -> None:
        self.work: Callable[[], Any] = lambda: None
        self.result: Any = None

    def __call__(self, work: Callable[[], Any]) -> None:
        self.work = work


@contextlib.contextmanager
def meeting() -> Iterator[tuple[Callable[[], None], During]]:
    """Yield a function that a step calls to let a thread of the caller's do its work, and the setting of that work."""
    reached, done, during = threading.Event(), threading.Event(), During()

    def meet() -> None:
        reached.set()
        assert done.wait(60)

    def follow() -> None:
        assert reached.wait(60)
        try:
            during.result = during.work()
        finally:
            done.set()

    thread = threading.Thread(target=follow)
    thread.start()
    yield meet, during
    thread.join()


def test_other_threads_print_as_ever_while_a_step_runs(capsys: pytest.CaptureFixture[str]) -> None:
    def report() -> None:
        print("from the caller")
        print("and its log", file=sys.stderr)
        threading.Thread(target=lambda: print("and a thread of it")).start()

    with meeting() as (meet, during):
        during(report)
        text = seen("print('mine')\nmeet()\nprint('again mine')", namespace={"meet": meet})
    assert "mine\nagain mine" in text
    assert "caller" not in text
    shown = capsys.readouterr()
    assert set(shown.out.split("\n")) >= {"from the caller", "and a thread of it"}
    assert (shown.err, "mine" in shown.out) == ("and its log\n", False)


SPEAKING = {
    "a thread": "import threading\nthread = threading.Thread(target=lambda: print('spoken'))\n"
    "thread.start()\nthread.join()",
    "a pool": "from concurrent.futures import ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(2) as pool: list(pool.map(print, ['spoken']))",
    "a thread of a thread": "import threading\ndef outer():\n"
    "    inner = threading.Thread(target=print, args=['spoken'])\n"
    "    inner.start()\n    inner.join()\nthread = threading.Thread(target=outer)\nthread.start()\nthread.join()",
    "a timer": "import threading\ntimer = threading.Timer(0.01, print, ['spoken'])\ntimer.start()\ntimer.join()",
    "a loop": "import asyncio\nawait asyncio.to_thread(print, 'spoken')",
}


@pytest.mark.parametrize("code", SPEAKING.values(), ids=SPEAKING)
def test_what_threads_of_a_step_print_is_its_own(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "\nspoken\n" in seen(code)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("place", ["threads", "threads that a step starts"])
def test_runs_in_several_threads_do_not_mix(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts: dict[int, list[str]] = {}

    def work(number: int) -> None:
        folder = tmp_path / str(number)
        folder.mkdir()
        codes = [
            f"import os\nos.chdir({str(folder)!r})\nos.environ['ITS_NUMBER'] = '{number}'\nx = {number}\nx",
            f"for _ in range(200): print('line of {number}')",
            "import pathlib\nprint(pathlib.Path.cwd().name, os.environ['ITS_NUMBER'], x)\n"
            "if __name__ == '__main__':\n    display(x)",
        ]
        texts[number] = [turn.observation or "" for turn in run(*codes).turns]

    def all_at_once() -> None:
        threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    before, loaded = process_state(), modules()
    if place == "threads":
        all_at_once()
    else:
        run("all_at_once()", namespace={"all_at_once": all_at_once})
    assert changes(before, loaded) == {}
    for number, (first, second, third) in texts.items():
        assert f"\n{number}\n" in first
        assert second.count(f"line of {number}") == second.count("line of") > 10
        assert f"\n{number} {number} {number}\n{number}\n" in third
    assert capsys.readouterr() == ("", "")


def test_a_run_that_waits_for_the_step_of_another_ends_at_its_limit() -> None:
    with meeting() as (meet, during):
        during(lambda: run("6 * 7", max_seconds=1))
        assert "[42]" in seen("meet()\nprint([42])", namespace={"meet": meet})
    assert during.result.status == "limit"


# --- no console ------------------------------------------------------------------------------------------------------


class OnlyWrites:
    """A stream with the least that `print` needs."""

    def write(self, text: str) -> int:
        raise AssertionError(text)


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


def detached() -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BytesIO())
    stream.detach()
    return stream


STREAMS: dict[str, Callable[[], Any]] = {
    "none": lambda: None,
    "closed": closed,
    "detached": detached,
    "one that only writes": OnlyWrites,
    "latin-1": lambda: io.TextIOWrapper(io.BytesIO(), encoding="latin-1"),
}


@pytest.mark.parametrize("errors", ["the same", "kept"])
@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize(
    "code", ["6 * 7", "print('→ 42', flush=True)", "display(42)", "import sys\nsys.stderr.write('42')", "1 / 0 # 42"]
)
def test_a_step_needs_no_console(code: str, stream: str, errors: str, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = [STREAMS[stream](), STREAMS[stream]() if errors == "the same" else sys.stderr]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    text = seen(code)
    assert [sys.stdout, sys.stderr] == streams
    monkeypatch.undo()
    assert "42" in text, text


# --- the process -----------------------------------------------------------------------------------------------------

MEDDLING = {
    "the directory": "import os\nos.chdir('/')",
    "a directory that is deleted": "import os, tempfile\nos.chdir(tempfile.mkdtemp())\nos.rmdir(os.getcwd())",
    "the environment": "import os\nos.environ['LATELY'] = 'x'\ndel os.environ['PATH']\nos.environ.update(HOME='/none')",
    "warnings": "import warnings\nwarnings.filterwarnings('ignore')\nwarnings.showwarning = print",
    "the path": "import sys\nsys.path.insert(0, '/here')\nsys.path = sys.path[:3]\nsys.argv = ['x', 'y']",
    "modules": "import sys\ndel sys.modules['json']\nsys.modules['math'] = sys\nimport json",
    "hooks": "import sys\nsys.excepthook = sys.displayhook = sys.unraisablehook = sys.breakpointhook = print",
    "streams": "import sys, io\nsys.stdout = sys.stderr = io.StringIO()\nsys.stdin = None",
    "threads' hook": "import threading\nthreading.excepthook = print",
    "builtins": "import builtins\nbuiltins.print = None\nbuiltins.mine = 3\ndel builtins.copyright",
    "signals": "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "an alarm": "import signal\nsignal.signal(signal.SIGALRM, lambda *_: None)\nsignal.alarm(100)",
    "limits": "import sys, socket\nsys.setrecursionlimit(5000)\nsocket.setdefaulttimeout(3)",
    "the locale": "import locale\nlocale.setlocale(locale.LC_ALL, 'C')",
    "logs": "import logging\nlogging.basicConfig(level=5)\n"
    "logging.root.addHandler(logging.StreamHandler())\nlogging.root.setLevel(5)\nlogging.disable(30)",
    "chance": "import random\nimport numpy as np\nrandom.seed(1)\nnp.random.seed(1)",
    "options of pandas": "import pandas as pd\npd.set_option('display.max_rows', 3, 'display.precision', 1)",
    "options of numpy": "import numpy as np\nnp.set_printoptions(precision=1)",
    "precision": "import decimal\ndecimal.getcontext().prec = 3",
    "figures": "import matplotlib.pyplot as plt\nplt.close('all')\nplt.rcParams['font.size'] = 3\n"
    "plt.figure(), plt.figure()",
    "the shell": "get_ipython().set_custom_exc((ValueError,), print)\n%colors Linux\n%autoawait off",
    "a loop": "import asyncio\ntask = asyncio.ensure_future(asyncio.sleep(1000))\nawait asyncio.sleep(0)",
    "an error": "1 / 0",
    "an end": "raise SystemExit(3)",
    "an interrupt": "raise KeyboardInterrupt",
    "a threads' end": "import threading\nthread = threading.Thread(target=print)\nthread.start()\nthread.join()",
    "tracing": "import sys\nsys.settrace(lambda *_: None)\nsys.setprofile(lambda *_: None)",
    "a debugger": "import pdb\npdb.Pdb().set_trace()",
    "the time zone": "import os, time\nos.environ['TZ'] = 'Asia/Tokyo'\ntime.tzset()",
    "threads of a loop": "import asyncio\nprint(await asyncio.to_thread(lambda: 42))",
}


@pytest.mark.parametrize("code", MEDDLING.values(), ids=MEDDLING)
def test_the_process_of_the_caller_is_as_it_was(code: str) -> None:
    import matplotlib.pyplot as plt

    plt.figure(num=17)
    np.random.seed(5), pd.set_option("display.max_rows", 33)
    run("1")  # whatever is loaded once
    before, loaded = process_state(), modules()
    run(code)
    after = changes(before, loaded)
    plt.close("all")
    pd.reset_option("display.max_rows")
    assert after == {}


RESUMED = {
    "the directory": ("import os\nos.chdir('/usr')", "print(os.getcwd() == '/usr')"),
    "the environment": ("import os\nos.environ['LATELY'] = 'x'", "print(os.environ['LATELY'] == 'x')"),
    "warnings": (
        "import warnings\nwarnings.simplefilter('error')",
        "try: warnings.warn('x')\nexcept UserWarning: print(True)",
    ),
    "the path": ("import sys\nsys.path.append('/here')", "print('/here' in sys.path)"),
    "chance": ("import random\nrandom.seed(1)\nx = random.random()", "random.seed(1)\nprint(random.random() == x)"),
    "options of pandas": (
        "import pandas as pd\npd.set_option('display.max_rows', 3)",
        "print(pd.get_option('display.max_rows') == 3)",
    ),
    "precision": ("import decimal\ndecimal.getcontext().prec = 3", "print(decimal.getcontext().prec == 3)"),
    "options of figures": (
        "import matplotlib.pyplot as plt\nplt.rcParams['font.size'] = 3",
        "print(plt.rcParams['font.size'] == 3)",
    ),
    "builtins": ("import builtins\nbuiltins.mine = 3", "print(mine == 3)"),
    "the shell": (
        "%precision 2",
        "print(get_ipython().display_formatter.formatters['text/plain'].float_precision == '2')",
    ),
}


@pytest.mark.parametrize(("first", "second"), RESUMED.values(), ids=RESUMED)
def test_what_a_step_sets_holds_in_the_next_one_and_not_between_them(first: str, second: str) -> None:
    before, loaded = process_state(), modules()
    between: list[dict[str, Any]] = []

    def approve(code: str) -> bool:
        between.append(changes(before, loaded))
        return True

    run("import pandas, matplotlib.pyplot, decimal, random", approve=lambda code: True)
    before, loaded = process_state(), modules()
    assert "True" in seen(first, second, approve=approve)
    ours = ("descriptors", "threads")  # of the run, which has not ended
    assert [{name: change for name, change in each.items() if name not in ours} for each in between] == [{}, {}]
    assert changes(before, loaded) == {}


@pytest.mark.parametrize("part", range(0, len(kept.RESUMED), 3))
def test_an_interrupt_while_the_process_is_put_back_comes_afterwards(
    part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = [*kept.RESUMED]
    read, write = table[part]
    interrupts = iter([KeyboardInterrupt, KeyboardInterrupt])

    def interrupted(state: Any) -> None:
        write(state)
        if inside and (interrupt := next(interrupts, None)):
            raise interrupt

    inside: list[int] = []
    table[part] = (read, interrupted)
    monkeypatch.setattr(kept, "RESUMED", table)
    before, loaded = process_state(), modules()
    solved = run("import os\nos.chdir('/')\nos.environ['LATELY'] = 'x'\ninside.append(1)", namespace={"inside": inside})
    assert (solved.status, next(interrupts, None)) == ("stopped", None)
    assert changes(before, loaded) == {}
    assert "42" in seen("6 * 7")
