"""The command line in unusual places: it works, or a sentence says what to do."""

from __future__ import annotations

import os
import resource
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from .conftest import step
from .isolation import Isolation
from .test_headless import CommandLine, line, scripted, texts

__all__ = ["line"]

pytestmark = pytest.mark.kernel
ASKED = "%%codeact\nThe sum?"
REPLIES = (step("sum([3, 4, 5])"), "It is 12.")


def folder(line: CommandLine, *parts: str) -> Path:
    """Make a folder of the user's in the root of the isolation."""
    path = line.isolation.root
    for part in parts:
        path /= part
        if not path.exists():
            path.mkdir()
            line.isolation.own(path)
    return path


def answered(done: subprocess.CompletedProcess[str]) -> bool:
    return done.returncode == 0 and "It is 12." in done.stdout


@pytest.mark.parametrize(
    "parts",
    [["t" * 30] * 3, ["with spaces " * 8], ["数据" * 20, "x"], ["t" * 200], ["long-" * 40] * 5],
    ids=["deep", "spaces", "script", "one", "very-deep"],
)
def test_a_long_folder_for_temporary_files_is_no_obstacle(line: CommandLine, parts: list[str]) -> None:
    path = line.notebook(scripted(*REPLIES), ASKED)
    assert answered(line.run("run", path, "--approve", "auto:all", TMPDIR=str(folder(line, *parts))))


@pytest.mark.parametrize("where", ["/no/such/folder", "", "relative/none", "/dev/null", "/proc"])
def test_a_missing_folder_for_temporary_files_is_no_obstacle(line: CommandLine, where: str) -> None:
    path = line.notebook(scripted(*REPLIES), ASKED)
    assert answered(line.run("run", path, "--approve", "auto:all", TMPDIR=where))


@pytest.mark.parametrize("home", [None, "/no/such/home", "/proc", "/dev/null", "/usr"])
def test_without_a_home_to_write_to_it_answers_and_says_what_is_not_saved(line: CommandLine, home: str | None) -> None:
    path = line.notebook(scripted(*REPLIES), ASKED)
    for name in ("IPYTHONDIR", "HOME"):
        del line.environment[name]
    more = {} if home is None else {"HOME": home}
    done = line.run("run", path, "--approve", "auto:all", **more)
    assert answered(done), done
    if "[note] The journal" in done.stdout or "[note] There is no home" in done.stdout:
        assert "CodeAct.journal_dir` to a writable folder. The conversation continues, but is not saved." in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert not (line.isolation.work / "~").exists()


NAMES = [
    "my notes.ipynb",
    "数据 分析.ipynb",
    "التحليل.ipynb",
    "ünï 'q' \"d\" $HOME.ipynb",
    "a;b & c#d%e.ipynb",
    "-dash.ipynb",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_may_have_any_name_and_folder(line: CommandLine, name: str) -> None:
    work = folder(line, f"in {name[:-6]}")
    path = work / name
    nbformat.write(new_notebook(cells=[new_code_cell(scripted(*REPLIES)), new_code_cell(ASKED)]), path)
    line.isolation.own(path)
    done = line.run("run", "--approve", "auto:all", "--", path)
    assert answered(done), done
    saved = nbformat.read(work / f"{name[:-6]}-run.ipynb", as_version=4)
    assert "12" in texts(saved.cells[2])
    assert f"notebook: {work / name[:-6]}-run.ipynb" in done.stdout


@pytest.mark.parametrize("name", ["my data.csv", "数据.csv", "it's.csv", 'a "b".csv', "~tilde.csv"])
def test_a_question_may_be_about_a_file_of_any_name(line: CommandLine, name: str) -> None:
    line.isolation.write(name, "n\n5\n7\n")
    line.script_every_kernel(step(f"import csv\nlen(list(csv.reader(open({name!r}))))"), "It is 12.")
    assert answered(line.run("ask", "How many lines?", "--data", name, "--approve", "auto:all"))


ODD = ("[]\n", '{"journal":1,"key":"a"}\n{"event":[]}\n', "[" * 50_000 + "\n", '{"journal": 99}\n', "\x00\x00\n")


def test_what_lies_among_the_journals_keeps_nothing_from_working(line: CommandLine) -> None:
    journals = folder(line, "journals")
    setting = f"get_ipython().config.CodeAct.journal_dir = {str(journals)!r}"
    path = line.notebook(setting, scripted(*REPLIES), ASKED)
    assert answered(line.run("run", path, "--approve", "auto:all"))
    (journal,) = journals.glob("*/*.jsonl")
    newest = [journal.with_name(f"99990101-000000-{number}.jsonl") for number in range(len(ODD) + 2)]
    os.mkfifo(newest[-2])
    newest[-1].mkdir()
    for odd, text in zip(newest, ODD, strict=False):
        odd.write_text(text)
    before = journal.read_bytes()
    assert answered(line.run("run", path, "--approve", "auto:all"))
    assert journal.read_bytes() == before
    again = line.notebook(setting, scripted(), "%codeact continue", name="again.ipynb")
    while newest:  # each of them is the newest once
        done = line.run("run", again, "--output", line.isolation.work / "it-run.ipynb")
        assert "Traceback" not in done.stderr and "codeact" in done.stdout
        odd = newest.pop()
        odd.rmdir() if odd.is_dir() else odd.unlink()


@pytest.mark.parametrize("kernel", ["ir", "julia-1.10", "conda-env-sales-py", "no such", "python-of-others"])
def test_a_notebook_of_another_kernel_runs_in_this_one_on_request(line: CommandLine, kernel: str) -> None:
    notebook = new_notebook(
        cells=[new_code_cell(scripted(*REPLIES)), new_code_cell(ASKED)],
        metadata={"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}},
    )
    path = line.isolation.write("it.ipynb", nbformat.writes(notebook))
    refused = line.run("run", path, "--approve", "auto:all")
    assert refused.returncode == 2
    assert f"The kernel {kernel!r} is not installed here. Installed here: " in refused.stderr
    assert "`--kernel python3` runs it in that one." in refused.stderr
    assert answered(line.run("run", path, "--approve", "auto:all", "--kernel", "python3"))
    assert line.saved().metadata.kernelspec.name == kernel
    missing = line.run("run", path, "--kernel", "nowhere")
    assert missing.returncode == 2 and "The kernel 'nowhere' is not installed here." in missing.stderr
    assert "--kernel python3" not in missing.stderr


def test_on_a_full_disk_the_earlier_notebook_stays_and_it_is_said(line: CommandLine, isolation: Isolation) -> None:
    path = line.notebook(scripted(*REPLIES), ASKED)
    output = isolation.write("it-run.ipynb", "earlier")
    command = ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", *line.command("run", path, "--approve", "auto:all")]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=isolation.work, env=line.environment, timeout=300
    )
    assert done.returncode == 2 and output.read_text() == "earlier"
    assert done.stderr.startswith("jupyter codeact: ") and "Traceback" not in done.stderr


@pytest.mark.parametrize("limit", [40, 60, 80])
def test_used_up_descriptors_are_said_and_nothing_is_lost(line: CommandLine, limit: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    used = f"import os, resource\nresource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {hard}))\nheld = []"
    fill = "try:\n    while True:\n        held.append(os.open('/dev/null', 0))\nexcept OSError:\n    pass"
    free = "[os.close(d) for d in held[:]] and None"
    path = line.notebook(scripted(*REPLIES), "import os, resource", used, fill, ASKED, free, "print('alive')")
    done = line.run("run", path, "--approve", "auto:all", "--json")
    assert "Traceback" not in done.stdout + done.stderr
    asked, _, last = line.saved().cells[-3:]
    assert "Too many open files" in texts(asked) and texts(last) == "alive\n"
