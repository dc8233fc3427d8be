"""`jupyter codeact ask` and `run`, as processes of their own; the first cell of a notebook loads a scripted model."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from codeact_jupyter.headless import Decision, Driver, approve
from codeact_jupyter.session.journal import all_journals, read_journal
from codeact_jupyter.session.messages import Approval, Rejection
from codeact_jupyter.session.provenance import sha256

from .conftest import INSTALL, PATIENCE, UNTIL_RELEASED, step
from .isolation import Isolation

pytestmark = pytest.mark.kernel

PROGRAM = [sys.executable, "-c", "import sys; from codeact_jupyter.cli import main; sys.exit(main())"]
STARTUP = """
import codeact_jupyter.engines.loading as loading
from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.testing import AS_WRITTEN, ScriptedEngine
get_ipython().config.CodeAct.without = AS_WRITTEN
_engine = ScriptedEngine({replies!r})
loading.open_model = lambda name, **options: (_engine, DIALECTS["markdown"])
"""


def scripted(*replies: str, **options: Any) -> str:
    """Return the source of a cell that loads the extension and a model with these replies."""
    return f"%load_ext codeact_jupyter\n{INSTALL}\n_install({list(replies)!r}, {options!r})"


class CommandLine:
    """The program, run as a user without rights in folders of their own."""

    def __init__(self, isolation: Isolation) -> None:
        self.isolation = isolation
        self.prefix = isolation.prefix  #: what each program is started by
        self.environment = {**isolation.environment, "IPYTHONDIR": str(isolation.home / "ipython")}

    def notebook(self, *cells: str, name: str = "it.ipynb") -> Path:
        """Write a notebook file of these code cells, below a heading."""
        notebook = new_notebook(cells=[new_markdown_cell("# Mine"), *map(new_code_cell, cells)])
        return self.isolation.write(name, nbformat.writes(notebook))

    def script_every_kernel(self, *replies: str) -> None:
        """Set the model's replies in every kernel, before its first cell."""
        folder = self.isolation.home / "ipython"
        for part in ("", "profile_default", "profile_default/startup"):
            (folder / part).mkdir()
            self.isolation.own(folder / part)
        (folder / "profile_default" / "startup" / "00.py").write_text(STARTUP.format(replies=list(replies)))

    def command(self, *arguments: str | Path) -> list[str]:
        return [*self.prefix, *PROGRAM, *map(str, arguments)]

    def run(self, *arguments: str | Path, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end; its input ends after `typed`."""
        return self.execute([*PROGRAM, *map(str, arguments)], typed, **environment)

    def execute(self, program: Sequence[str], typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run any program as this user, to its end."""
        return subprocess.run(
            [*self.prefix, *program],
            input=typed,
            capture_output=True,
            text=True,
            cwd=self.isolation.work,
            env={**self.environment, **environment},
            timeout=300,
            check=False,
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start the program."""
        return subprocess.Popen(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.isolation.work,
            env=self.environment,
        )

    @contextmanager
    def at_a_terminal(self, *arguments: str | Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        """Start the program at a terminal of its own; yield it and the terminal's other side."""
        leader, follower = pty.openpty()
        process = subprocess.Popen(
            self.command(*arguments),
            stdin=follower,
            stdout=follower,
            stderr=follower,
            cwd=self.isolation.work,
            env=self.environment,
            start_new_session=True,
        )
        os.close(follower)
        try:
            yield process, leader
        finally:
            process.kill()
            process.wait()
            os.close(leader)

    def saved(self, name: str = "it-run.ipynb") -> Any:
        """Return the notebook that was written, which must be valid and begin as it did before."""
        notebook = nbformat.read(self.isolation.work / name, as_version=4)
        nbformat.validate(notebook)
        before = self.isolation.work / name.replace("-run", "")
        firsts = [nbformat.read(before, as_version=4).cells[0].source] if before.exists() else FIRSTS
        assert notebook.cells[0].source in firsts
        return notebook

    def decisions(self) -> list[Approval | Rejection]:
        """Return the decisions in the journals of this user."""
        journals = all_journals(self.isolation.home / ".local/state/codeact-jupyter/sessions")
        events = [event for path in journals for _, event in read_journal(path)]
        return [event for event in events if isinstance(event, Approval | Rejection)]

    def orphans(self) -> list[int]:
        """Return the processes that still work in our folders."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    found += [int(entry.name)] if str(self.isolation.root) in (entry / "cmdline").read_text() else []
                except OSError:
                    continue
        return found


@pytest.fixture
def line(isolation: Isolation) -> Iterator[CommandLine]:
    line = CommandLine(isolation)
    yield line
    deadline = time.monotonic() + PATIENCE
    while line.orphans() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert line.orphans() == []


def texts(cell: Any) -> str:
    """Return the text of a cell's outputs."""
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def test_run_inserts_the_steps_and_shows_who_wrote_what(line: CommandLine) -> None:
    question = "%%codeact\nThe sum?"
    steps = ["total = sum(points)\ntotal", "total * 2"]
    path = line.notebook(scripted(*map(step, steps), "It is 24."), "points = [3, 4, 5]", question)
    original = path.read_bytes()
    done = line.run("run", path, "--approve", "auto:all", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    notebook = line.saved()
    assert [cell.source for cell in notebook.cells[2:]] == ["points = [3, 4, 5]", question, *steps]
    assert notebook.metadata.language_info.file_extension == ".py"
    before = nbformat.read(path, as_version=4).cells
    assert [(cell.id, cell.source) for cell in notebook.cells[:4]] == [(cell.id, cell.source) for cell in before]
    records = [cell.metadata.codeact.pop("record") for cell in notebook.cells[4:]]
    made = [(each["decision"], each["question"], each["parent"], each["outcome"]) for each in records]
    assert made == [("auto", "The sum?", "", "ran"), ("auto", "The sum?", records[0]["proposal"], "ran")]
    assert [event.auto for event in line.decisions()] == [True, True]
    assert [each["run_sha256"] for each in records] == [sha256(cell.source) for cell in notebook.cells[4:]]
    assert [cell.metadata.get("codeact") for cell in notebook.cells] == [
        *[None] * 4,
        {"step": 1, "decision": "auto", "edited": False},
        {"step": 2, "decision": "auto", "edited": False},
    ]
    assert "12" in texts(notebook.cells[4])
    assert "It is 24." in texts(notebook.cells[5])
    assert path.read_bytes() == original
    report = json.loads(done.stdout.splitlines()[-1])
    keys = ["question", "answer", "value", "evidence", "status", "turns", "cells", "model", "usage", "notebook"]
    assert list(report) == keys
    assert (report["question"], report["value"]) == ("The sum?", 24)
    assert list(report["usage"]) == ["prompt", "evaluated", "generated", "seconds"]
    assert (report["answer"], report["status"], report["turns"], report["cells"]) == ("It is 24.", "answered", 3, 2)
    assert report["notebook"] == str(line.isolation.work / "it-run.ipynb")
    assert report["usage"]["generated"] > 0
    evidence = report["evidence"]
    assert [(place["number"], place["step"]) for place in evidence["numbers"]] == [("24", 2)]
    assert (evidence["tried"], evidence["columns"], evidence["rows"]) == (False, [], None)


#: Steps, and the least reach that they need.
FIRSTS = ["# Mine", "%load_ext codeact_jupyter"]  #: cells with which notebooks here begin, of `notebook()` and of `ask`
REACHES = {
    "len(points)": "read-only",
    "points.append(6)": "read-only",
    "open('note.txt', 'w').write('seen')": "workspace",
    "import os\nos.makedirs('out/deep')\nopen('out/deep/note.txt', 'w').write('seen')": "workspace",
    "open('../note.txt', 'w').write('seen')": "all",
    "import os\nos.system('touch note.txt')": "all",
    "import pathlib\npathlib.Path('it.ipynb').unlink()": "all",
}


@pytest.mark.parametrize("approve", ["auto", "auto:read-only", "auto:workspace", "auto:all"])
def test_without_approval_only_steps_within_the_reach_run(line: CommandLine, approve: str) -> None:
    reach = approve.partition(":")[2] or "workspace"
    order = ["read-only", "workspace", "all"]
    runs = [code for code, needed in REACHES.items() if order.index(needed) <= order.index(reach)]
    tried = "%config CodeAct.without = 'remind,validate,vote,repair,hints,breaker,evidence,rests,fresh,form,spare'"
    setup = f"{scripted(*map(step, REACHES), 'Done.')}\n{tried}"
    path = line.notebook(setup, "points = [3, 4, 5]", "%%codeact --max-turns 20\nGo on.")
    done = line.run("run", path, "--approve", approve, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    cells = line.saved().cells
    assert [cell.source for cell in cells if "codeact" in cell.metadata] == runs
    told = done.stdout.count("This step was not run")
    assert all(event.auto for event in line.decisions())
    assert len([event for event in line.decisions() if isinstance(event, Rejection)]) == told
    assert told == len(REACHES) - len(runs)
    assert (line.isolation.work / "note.txt").exists() == ("workspace" in (reach, approve) or reach == "all")
    assert (line.isolation.root / "note.txt").exists() == (reach == "all")
    assert path.exists() == (reach != "all")
    if told:
        assert f"reach `{reach}`" in done.stdout


def test_the_report_is_of_the_last_question(line: CommandLine) -> None:
    replies = [step("x = 1"), step("y = 2"), "First. " + " ".join(map(str, range(200))), "Second."]
    path = line.notebook(scripted(*replies), "%%codeact\nOne?", "%%codeact\nTwo?")
    report = json.loads(line.run("run", path, "--approve", "auto:all", "--json").stdout.splitlines()[-1])
    assert (report["answer"], report["turns"]) == ("Second.", 1)
    assert report["usage"]["generated"] < 10


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (
            "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['x', None]})",
            [{"a": 1, "b": "x"}, {"a": 2, "b": None}],
        ),
        ("import pandas as pd\nprint(pd.Series({'x': 1.5, 'y': 2}).max())", 1.5 + 0.5),
        ("{'north': (1, 2), 3: 'é'}", {"north": [1, 2], "3": "é"}),
        ("object()", None),
    ],
    ids=["frame", "printed", "dict", "object"],
)
def test_ask_prints_one_json_object_with_the_value(line: CommandLine, code: str, value: object) -> None:
    line.script_every_kernel(step(code), "There it is.")
    done = line.run("ask", "Which\nare they?", "--approve", "auto:all", "--json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert (report["question"], report["status"], report["answer"]) == ("Which\nare they?", "answered", "There it is.")
    assert (report["value"], report["cells"], report["usage"]["generated"] > 0) == (value, 1, True)
    assert "There it is." in done.stderr


def test_ask_without_an_answer_has_no_value(line: CommandLine) -> None:
    line.script_every_kernel(step("41 + 1"), step("41 + 2"))
    done = line.run("ask", "Which?", "--json", typed="y\nn\n")
    report = json.loads(done.stdout)
    assert (done.returncode, report["status"], report["answer"], report["value"]) == (1, "rejected", None, None)
    assert report["evidence"] is None


def test_run_writes_where_it_is_told(line: CommandLine) -> None:
    path = line.notebook(scripted("Yes."), "%%codeact\nIs it?")
    done = line.run("run", path, "--approve", "auto:all", "--output", line.isolation.work / "there.ipynb")
    assert done.returncode == 0
    assert "Yes." in texts(line.saved("there.ipynb").cells[-1])
    assert line.run("run", path, "--output", line.isolation.work / "no" / "there.ipynb").returncode == 2


@pytest.mark.parametrize(
    ("typed", "code", "status", "ran"),
    [
        ("y\n", 0, "answered", True),
        ("YES\n", 0, "answered", True),
        ("n\n", 1, "rejected", False),
        ("", 1, "rejected", False),
        ("yep\n\nmaybe\n1\ntrue\nok\n", 1, "rejected", False),
        ("what?\n\ny\n", 0, "answered", True),
        ("r\n\nr\nnot so\n", 1, "rejected", False),
        ("r\n", 1, "rejected", False),
        ("e\nn\n", 1, "rejected", False),
    ],
    ids=["yes", "YES", "no", "end", "junk", "junk-yes", "reject-then-end", "end-of-reason", "no-editor"],
)
def test_ask_runs_a_step_only_after_a_clear_yes(
    line: CommandLine, typed: str, code: int, status: str, ran: bool
) -> None:
    evidence = line.isolation.work / "evidence"
    line.script_every_kernel(step(f"open({str(evidence)!r}, 'w').close()"), "Done." if ran else step("1 + 1"), "Done.")
    output = line.isolation.work / "out.ipynb"
    done = line.run("ask", "Do it", "--notebook", output, "--json", typed=typed, EDITOR="/no/such/editor")
    assert (done.returncode, evidence.exists()) == (code, ran)
    assert json.loads(done.stdout.splitlines()[-1])["status"] == status
    assert len(line.saved("out.ipynb").cells) == (3 if ran else 2)


def test_a_rejection_on_the_terminal_brings_another_step(line: CommandLine) -> None:
    path = line.notebook(scripted(step("bad = 1"), step("good = 1\n'good'"), "Done."), "%%codeact\nDo it")
    done = line.run("run", path, typed="r use the other name\ny\n")
    assert done.returncode == 0
    notebook = line.saved()
    assert [cell.source for cell in notebook.cells[3:]] == ["good = 1\n'good'"]
    assert notebook.cells[3].metadata.codeact.decision == "approved"
    assert [(type(event), event.auto) for event in line.decisions()] == [(Rejection, False), (Approval, False)]
    assert "good = 1" in done.stdout


def test_an_edit_in_the_editor_is_what_runs_after_another_yes(line: CommandLine) -> None:
    editor = line.isolation.write("editor.py", "import sys\nopen(sys.argv[1], 'w').write('x = 2\\nx\\n')")
    path = line.notebook(scripted(step("x = 1\nx"), "Done."), "%%codeact\nSet x")
    done = line.run("run", path, typed="e\ny\n", EDITOR=f"{sys.executable} {editor}")
    assert done.returncode == 0
    cell = line.saved().cells[-1]
    assert (cell.source, cell.metadata["codeact"]["edited"]) == ("x = 2\nx", True)
    assert "2" in texts(cell)


@pytest.mark.parametrize(("keys", "code"), [(b"y\n", 0), (b"\x04", 1), (b"n\n", 1)], ids=["yes", "ctrl-d", "no"])
def test_a_step_is_decided_at_a_real_terminal(line: CommandLine, keys: bytes, code: int) -> None:
    path = line.notebook(scripted(step("6 * 7"), "It is 42."), "%%codeact\nMultiply")
    with line.at_a_terminal("run", path) as (process, terminal):
        shown = until_the_question(terminal)
        os.write(terminal, keys)
        shown += rest_of(terminal)
        assert process.wait(PATIENCE) == code
    assert b"6 * 7" in shown
    assert (b"It is 42." in shown) == (code == 0)


def test_ctrl_c_at_the_question_runs_nothing_and_keeps_the_notebook(line: CommandLine) -> None:
    path = line.notebook(scripted(step("6 * 7"), "It is 42."), "%%codeact\nMultiply")
    with line.at_a_terminal("run", path) as (process, terminal):
        until_the_question(terminal)
        time.sleep(0.5)  # Python reads the terminal a moment after it has written the question
        assert interrupted(process) == 1
    assert len(line.saved().cells) == 3


def interrupted(process: subprocess.Popen[bytes]) -> int:
    """Press Ctrl-C until the program ends: Python misses one that comes just before it reads the terminal."""
    while True:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(60)


def until_the_question(terminal: int) -> bytes:
    shown = b""
    while b"reason: " not in shown:
        shown += os.read(terminal, 4096)
    return shown


def rest_of(terminal: int) -> bytes:
    """Return what is shown until the program ends."""
    shown = b""
    with suppress(OSError):  # so Linux tells that nobody has the other side open
        while piece := os.read(terminal, 4096):
            shown += piece
    return shown


def test_after_a_failed_step_the_conversation_goes_on(line: CommandLine) -> None:
    path = line.notebook(scripted(step("1 / 0"), step("1 / 1"), "It is 1."), "%%codeact\nDivide", "later = 1")
    done = line.run("run", path, "--approve", "auto:all", "--json")
    assert done.returncode == 0
    notebook = line.saved()
    assert [cell.source for cell in notebook.cells[3:]] == ["1 / 0", "1 / 1", "later = 1"]
    assert json.loads(done.stdout.splitlines()[-1])["cells"] == 2


def test_a_model_whose_steps_all_fail_ends_at_its_turns(line: CommandLine) -> None:
    path = line.notebook(scripted(*[step("1 / 0")] * 30), "%%codeact --max-turns 3\nDivide")
    done = line.run("run", path, "--approve", "auto:all", "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["status"], report["cells"]) == ("limit", 3)


def test_a_failed_cell_of_the_users_ends_the_run(line: CommandLine) -> None:
    path = line.notebook(scripted("Yes."), "1 / 0", "%%codeact\nIs it?")
    done = line.run("run", path, "--approve", "auto:all", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "failed"
    notebook = line.saved()
    assert notebook.cells[2].outputs[0].ename == "ZeroDivisionError"
    assert notebook.cells[3].outputs == []


def tagged(source: str, tags: list[str]) -> Any:
    """Return a code cell with these tags."""
    cell = new_code_cell(source)
    cell.metadata["tags"] = tags
    return cell


@pytest.mark.parametrize(
    ("source", "tags"),
    [
        ("1 / 0", ["raises-exception"]),
        ("raise ValueError('meant')", ["slide", "raises-exception"]),
        ("def f(:", ["raises-exception", "hide-output"]),
        ("raise BaseException('odd')", ["raises-exception"]),
        ("import asyncio\nawait asyncio.wait_for(asyncio.sleep(9), 0)", ["raises-exception"]),
    ],
)
def test_a_cell_that_is_meant_to_fail_does_not_end_the_run(line: CommandLine, source: str, tags: list[str]) -> None:
    cells = [new_code_cell(scripted("Yes.")), tagged(source, tags), new_code_cell("%%codeact\nIs it?")]
    path = line.isolation.write("it.ipynb", nbformat.writes(new_notebook(cells=cells)))
    done = line.run("run", path, "--approve", "auto:all", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "answered"
    assert [output.output_type for output in line.saved().cells[1].outputs] == ["error"]


@pytest.mark.parametrize("tags", [[], ["slide", "raises"]], ids=repr)
def test_a_cell_with_other_tags_ends_the_run_when_it_fails(line: CommandLine, tags: list[str]) -> None:
    cells = [new_code_cell(scripted("Yes.")), tagged("1 / 0", tags), new_code_cell("%%codeact\nIs it?")]
    path = line.isolation.write("it.ipynb", nbformat.writes(new_notebook(cells=cells)))
    done = line.run("run", path, "--approve", "auto:all", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "failed"


EVIDENCE = "open('evidence', 'w').close()"
PREFILLS = {
    "load": "%load loaded.py",
    "loadpy": "%loadpy loaded.py",
    "part of a file": "%load -r 1-1 loaded.py",
    "a new cell": f"get_ipython().set_next_input({EVIDENCE!r})",
    "its own cell": f"get_ipython().set_next_input({EVIDENCE!r}, replace=True)",
    "one that looks like a step": f"get_ipython().set_next_input({EVIDENCE + chr(10) + '# codeact: 0123abcd'!r})",
    "history": f"get_ipython().history_manager.store_inputs(99, {EVIDENCE!r})\n%recall 99",
}


@pytest.mark.parametrize(("prefill", "asked"), [*((each, "before") for each in PREFILLS), ("load", "never")])
def test_what_a_users_cell_prefills_is_no_step(line: CommandLine, prefill: str, asked: str) -> None:
    line.isolation.write("loaded.py", f"{EVIDENCE}\n")
    first = ["%%codeact\nIs it?"] if asked == "before" else []
    cell = PREFILLS[prefill]
    path = line.notebook(scripted(step("6 * 7"), "Yes.", "Yes."), *first, cell, "later = 1")
    done = line.run("run", path, "--approve", "auto:all", "--json")
    cells = line.saved().cells
    assert [cell.source for cell in cells[2:]] == [*first, *(["6 * 7"] if first else []), cell, "later = 1"]
    assert [cell.source for cell in cells if "codeact" in cell.metadata] == (["6 * 7"] if first else [])
    assert not (line.isolation.work / "evidence").exists()
    assert json.loads(done.stdout.splitlines()[-1])["cells"] == len(first)


def test_a_step_waits_although_the_cell_that_asked_prefills_another_one(line: CommandLine) -> None:
    asking = f"get_ipython().run_cell_magic('codeact', '', 'Multiply')\nget_ipython().set_next_input({EVIDENCE!r})"
    path = line.notebook(scripted(step("6 * 7"), "It is 42."), asking)
    done = line.run("run", path, "--approve", "auto:all", "--json")
    assert json.loads(done.stdout.splitlines()[-1])["answer"] == "It is 42."
    assert [cell.source for cell in line.saved().cells[3:]] == ["6 * 7"]
    assert not (line.isolation.work / "evidence").exists()


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp437", "koi8-r", "utf-8"])
def test_what_the_output_cannot_show_is_written_as_an_escape(line: CommandLine, encoding: str) -> None:
    replies = [
        step("x = '→ \u0436 \u6f22 \U0001f600 \u00e9'\nprint(x)\nx", "I think: \u6f22."),
        "It is \u6f22 → \U0001f600.",
    ]
    path = line.notebook(scripted(*replies), "%%codeact\nWhich? \u6f22", "1 / 0 # \u6f22")
    command = line.command("run", path, "--approve", "auto:all", "--json")
    environment = {**line.environment, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, cwd=line.isolation.work, env=environment, timeout=300
    )
    shown = done.stdout.decode(encoding)
    assert done.stderr == b""
    assert json.loads(shown.splitlines()[-1])["answer"] == replies[-1]
    answer = next(text for text in shown.splitlines() if text.startswith("It is "))
    assert answer == (
        replies[-1] if encoding == "utf-8" else replies[-1].encode(encoding, "backslashreplace").decode(encoding)
    )


@pytest.mark.hostile("kills")
@pytest.mark.parametrize("killer", ["cell", "step"])
def test_a_kernel_that_dies_ends_the_run_and_the_notebook_is_kept(line: CommandLine, killer: str) -> None:
    deadly = f"print('reached', flush=True)\n{UNTIL_RELEASED}\nimport os\nos.kill(os.getpid(), 9)"
    cells = [deadly] if killer == "cell" else ["%%codeact\nDo it"]
    path = line.notebook(scripted(step(deadly)), *cells, "later = 1")
    with line.start("run", path, "--approve", "auto:all", "--json") as process:
        until_it_shows(process, "reached\n")
        (line.isolation.work / "released").touch()
        shown, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    report = json.loads(shown.splitlines()[-1])
    assert (report["status"], report["cells"]) == ("failed", int(killer == "step"))
    assert "kernel died" in shown
    assert "Traceback" not in errors
    notebook = line.saved()
    assert "reached" in texts(notebook.cells[-2])
    assert "later" in notebook.cells[-1].source


@pytest.mark.parametrize(
    "codes",
    [
        ["import asyncio\nawait asyncio.sleep(0)\n'wai' 'ted'"],
        ["import asyncio\nsum(await asyncio.gather(*[asyncio.sleep(0, 1) for _ in range(3)]))\n'wai' 'ted'"],
        ["async def numbers():\n    yield 1\n[n async for n in numbers()]\n'wai' 'ted'"],
        ["import asyncio\nawait asyncio.to_thread(lambda: 'wai' 'ted')"],
        [
            "import asyncio\nawait asyncio.sleep(0)\nlater = asyncio.create_task(asyncio.sleep(0, 'wai' 'ted'))",
            "await later",
        ],
        [
            "import asyncio\ntry:\n    await asyncio.wait_for(asyncio.sleep(99), 0.01)\n"
            "except TimeoutError:\n    print('wai' 'ted')"
        ],
    ],
)
def test_in_auto_mode_under_nbclient_a_step_can_await(line: CommandLine, codes: list[str]) -> None:
    auto = "%config CodeAct.mode = 'auto'\n%config CodeAct.reach = 'all'"
    asking = f"import asyncio\n{auto}\nget_ipython().run_cell_magic('codeact', '', 'Wait')"
    path = line.notebook(scripted(*map(step, codes), "Done."), asking, "await asyncio.sleep(0, 'the user')")
    program = [sys.executable, "-c", "from nbclient.cli import main; main()", "--inplace", str(path)]
    done = line.execute(program)
    assert done.returncode == 0, done.stderr
    asked, after = line.saved("it.ipynb").cells[-2:]
    assert "waited" in texts(asked) and "Done." in texts(asked)
    assert "already running" not in texts(asked) and "was not run" not in texts(asked)
    assert "the user" in texts(after)


@pytest.mark.parametrize("mode", ["auto", "ask"])
def test_nbconvert_runs_a_question_in_auto_mode_and_else_says_that_nobody_can_approve(
    line: CommandLine, mode: str
) -> None:
    path = line.notebook(
        scripted(step("total = 17 + 4\ntotal"), "It is 21."),
        f"%config CodeAct.mode = {mode!r}\n%config CodeAct.reach = 'all'",
        "%%codeact\nHow much is 17 + 4?",
        "'total' in globals()",
    )
    program = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(path)]
    done = line.execute(program)
    assert done.returncode == 0, done.stderr
    asked, after = line.saved("it.ipynb").cells[-2:]
    assert ("It is 21." in texts(asked)) is (mode == "auto")
    assert ("approve" in texts(asked)) is (mode == "ask")
    assert texts(after).strip() == str(mode == "auto"), texts(asked)


@pytest.mark.parametrize("mode", ["auto", "ask"])
def test_papermill_runs_a_question_in_auto_mode_with_its_parameters(line: CommandLine, mode: str) -> None:
    path = line.notebook(
        scripted(step("total = 17 + more\ntotal"), "It is 21."),
        "more = 3",
        f"%config CodeAct.mode = {mode!r}\n%config CodeAct.reach = 'all'",
        "%%codeact\nHow much is 17 and that?",
        "globals().get('total')",
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].metadata["tags"] = ["parameters"]
    line.isolation.write("it.ipynb", nbformat.writes(notebook))
    program = [
        sys.executable,
        "-m",
        "papermill",
        "it.ipynb",
        "out.ipynb",
        "--kernel",
        "python3",
        "--language",
        "python",
    ]
    done = line.execute([*program, "-p", "more", "4"])
    assert done.returncode == 0, done.stderr
    asked, after = line.saved("out.ipynb").cells[-2:]
    assert ("It is 21." in texts(asked)) is (mode == "auto")
    assert ("approve" in texts(asked)) is (mode == "ask")
    assert texts(after).strip() == ("21" if mode == "auto" else ""), texts(asked)


@pytest.mark.hostile("Stop and limits")
@pytest.mark.parametrize("moment", ["thinking", "cell", "step"])
def test_ctrl_c_ends_the_run_and_the_notebook_is_kept(line: CommandLine, moment: str) -> None:
    endless = "print('started', flush=True)\nimport time\ntime.sleep(1000)"
    cells = {
        "thinking": (
            scripted("started " + " ".join(f"and {number}" for number in range(5000)), delay=0.01),
            "%%codeact\nThink",
        ),
        "cell": (scripted("Yes."), endless),
        "step": (scripted(step(endless)), "%%codeact\nDo it"),
    }[moment]
    path = line.notebook(*cells)
    with line.start("run", path, "--approve", "auto:all", "--json") as process:
        until_it_shows(process, "started and" if moment == "thinking" else "started\n")
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "Traceback" not in errors
    assert json.loads(rest.splitlines()[-1])["status"] == "stopped"
    assert "started" in texts(line.saved().cells[-1])


def until_it_shows(process: subprocess.Popen[str], words: str) -> None:
    """Read what the program shows, up to these words; the code of a step, which it shows too, must not hold them."""
    assert process.stdout
    shown = ""
    while not shown.endswith(words):
        piece = process.stdout.read(1)
        assert piece, shown
        shown += piece


@pytest.mark.hostile("Stop and limits")
def test_a_cell_that_never_ends_is_ended_at_the_limit(line: CommandLine) -> None:
    line.script_every_kernel(step("while True:\n    pass"), "Done.")  # before the first cell, whose time is limited too
    path = line.notebook("%load_ext codeact_jupyter", "%%codeact\nLoop")
    done = line.run("run", path, "--approve", "auto:all", "--max-seconds", "10", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "stopped"
    assert "Traceback" not in done.stderr
    assert line.saved().cells[-1].source == "while True:\n    pass"


@pytest.mark.hostile("floods")
def test_a_flood_is_bounded_in_the_saved_notebook(line: CommandLine) -> None:
    flood = "print('flood' * (20 * 2**20))"
    pieces = "for n in range(3000): print('flood' * 200)"
    path = line.notebook(scripted(step(flood), "Long."), "%%codeact\nPrint", pieces)
    done = line.run("run", path, "--approve", "auto:all")
    assert done.returncode == 0
    assert (line.isolation.work / "it-run.ipynb").stat().st_size < 3_000_000
    assert all("left out" in texts(cell) for cell in line.saved().cells[-2:])


def test_a_model_that_cannot_be_had_is_one_clear_sentence_and_exit_code_3(line: CommandLine) -> None:
    output = line.isolation.work / "out.ipynb"
    done = line.run("ask", "Do it", "--model", "nosuch", "--notebook", output, "--json")
    assert done.returncode == 3
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["status"], report["answer"]) == ("no_model", None)
    assert [text.count("nosuch") for text in done.stderr.splitlines()] == [0, 1, 0, 0]
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stdout + done.stderr
    path = line.notebook("%load_ext codeact_jupyter", "%%codeact --model ./none.gguf --offline True\nDo it")
    assert line.run("run", path).returncode == 3


def test_ask_names_the_data_and_its_options_reach_the_model(line: CommandLine) -> None:
    line.isolation.write("birds and bees.csv", "a,b\n1,2\n")
    line.script_every_kernel(*[step("x = 1")] * 2, "Two.")
    output = line.isolation.work / "out.ipynb"
    arguments = ["--data", "birds and bees.csv", "--max-turns", "2", "--seed", "3", "--temperature", "0.5"]
    done = line.run("ask", "How many?", *arguments, "--approve", "auto:all", "--notebook", output, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["cells"] == 2
    asking = line.saved("out.ipynb").cells[1].source
    assert asking == (
        "%%codeact --max-turns 2 --seed 3 --temperature 0.5\nHow many?\nThe data is in: 'birds and bees.csv'"
    )


def test_what_cannot_be_asked_is_explained_with_exit_code_2(line: CommandLine) -> None:
    line.isolation.write("broken.ipynb", "{")
    line.isolation.write("list.ipynb", "[]")
    line.isolation.write("binary.ipynb", "\x00\x01")
    (line.isolation.work / "folder.ipynb").mkdir()
    for arguments, told in (
        (["ask", " "], "empty"),
        (["ask", "Q", "--data", "missing.csv"], "missing.csv"),
        (["ask", "Q", "--notebook", "no/such/folder.ipynb"], "no/such"),
        (["run", "missing.ipynb"], "missing.ipynb"),
        (["run", "broken.ipynb"], "broken.ipynb"),
        (["run", "list.ipynb"], "list.ipynb"),
        (["run", "binary.ipynb"], "binary.ipynb"),
        (["run", "folder.ipynb"], "folder.ipynb"),
        (["ask"], "question"),
        (["ask", "Q", "--approve", "maybe"], "maybe"),
        (["ask", "Q", "--max-turns", "many"], "many"),
        (["dance"], "dance"),
    ):
        done = line.run(*arguments)
        assert done.returncode == 2, (arguments, done.stderr)
        assert told in done.stderr
        assert "Traceback" not in done.stderr, done.stderr
    assert list(line.isolation.work.glob("*-run.ipynb")) == []


def test_a_notebook_without_a_question_is_executed_and_answers_nothing(line: CommandLine) -> None:
    path = line.notebook("6 * 7")
    done = line.run("run", path, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["status"], report["answer"], report["cells"]) == ("not asked", None, 0)
    assert "42" in texts(line.saved().cells[-1])


def test_a_driver_asks_before_each_step_and_changes_the_notebook_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HOME", "XDG_STATE_HOME", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.delenv("JUPYTER_RUNTIME_DIR", raising=False)
    replies = [step("x = 1"), step("x = 2"), step("x = 3\nx"), "It is 3."]
    notebook = new_notebook(cells=[new_code_cell(scripted(*replies)), new_code_cell("%%codeact\nCount")])
    asked: list[str] = []
    shown: list[str] = []

    def decide(code: str) -> Decision:
        asked.append(code)
        return Decision(reason="More.") if code == "x = 2" else approve(code)

    outcome = Driver(notebook, decide=decide, echo=shown.append, directory=tmp_path, max_seconds=60).run()
    assert asked == ["x = 1", "x = 2", "x = 3\nx"]
    assert [cell.source for cell in notebook.cells[2:]] == ["x = 1", "x = 3\nx"]
    assert (outcome.answer, outcome.cells, outcome.turns) == ("It is 3.", 2, 4)
    assert "It is 3." in "".join(shown)


def test_a_decision_that_fails_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_STATE_HOME", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    evidence = tmp_path / "evidence"
    payload = f"open({str(evidence)!r}, 'w').close()"
    notebook = new_notebook(cells=[new_code_cell(scripted(step(payload))), new_code_cell("%%codeact\nDo it")])

    def decide(code: str) -> Decision:
        raise OSError("no terminal")

    with pytest.raises(OSError, match="no terminal"):
        Driver(notebook, decide=decide, directory=tmp_path, max_seconds=60).run()
    assert not evidence.exists()
    assert len(notebook.cells) == 2
