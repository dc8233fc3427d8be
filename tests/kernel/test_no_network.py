"""No network by any path once the model is there: the quickstart, where no process gets a network socket.

Beside that, each Python process notes what it would ask of the network, so that no attempt goes unseen.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from codeact_jupyter.models import catalogue
from codeact_jupyter.models.store import cache_directory, path_of
from codeact_jupyter.testing import AS_WRITTEN

from .conftest import step
from .isolation import Isolation
from .test_headless import CommandLine

pytestmark = [pytest.mark.kernel, pytest.mark.hostile("network")]

OFFLINE = [sys.executable, str(Path(__file__).with_name("offline.py"))]
QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
SMALLEST = "smollm2-135m"
FEWER = ",".join(name for name in AS_WRITTEN.split(",") if name != "trial")  #: techniques that cost time
STEPS = [
    step("means = penguins.groupby('species')['body_mass_g'].mean()\nprint(means)"),
    step("print(means.idxmax(), round(means.max()))"),
    "The heaviest species is Gentoo, with a mean body mass of 5076 g.",
]
#: Run by each Python process when it starts.
NOTES = """
import sys

def note(event, arguments):
    is_local = event == "socket.connect" and isinstance(arguments[1], (str, bytes))  # a path
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto") and not is_local:
        with open({file!r}, "a") as notes:
            notes.write(f"{{event}} {{[each for each in arguments if isinstance(each, (str, bytes, int, tuple))]}}\\n")

sys.addaudithook(note)
"""
CONNECTS = "import socket\nsocket.create_connection(({host!r}, {port}), timeout=60).close()\nprint('connected')"


class Offline(CommandLine):
    """The program without a network."""

    def __init__(self, isolation: Isolation) -> None:
        super().__init__(isolation)
        self.prefix = [*isolation.prefix, *OFFLINE]
        self.environment = noting(isolation, self.environment)

    def quickstart(self, *more: str) -> Any:
        """Return the quickstart notebook, with cells of this source at its end."""
        notebook = copy.deepcopy(nbformat.read(QUICKSTART, as_version=4))
        notebook.cells += [nbformat.v4.new_code_cell(source) for source in more]
        return notebook

    def report_of(self, notebook: Any, **environment: str) -> tuple[dict[str, Any], str]:
        """Run the notebook with every step approved; return the report and all that was printed."""
        path = self.isolation.write("quickstart.ipynb", nbformat.writes(notebook))
        done = self.run("run", path, "--approve", "auto:all", "--max-seconds", "300", "--json", **environment)
        assert done.stdout, done.stderr
        return json.loads(done.stdout.splitlines()[-1]), done.stdout + done.stderr


def noting(isolation: Isolation, environment: dict[str, str]) -> dict[str, str]:
    """Return the environment in which Python processes note attempts to use the network in the file `attempts`."""
    isolation.write("sitecustomize.py", NOTES.format(file=str(isolation.work / "attempts")))
    paths = [str(isolation.work), *filter(None, [environment.get("PYTHONPATH")])]
    return {**environment, "PYTHONPATH": os.pathsep.join(paths)}


def attempts(isolation: Isolation) -> str:
    """Return what was asked of the network."""
    notes = isolation.work / "attempts"
    return notes.read_text() if notes.exists() else ""


@pytest.fixture
def line(isolation: Isolation) -> Offline:
    return Offline(isolation)


def test_the_whole_quickstart_runs_without_a_network(line: Offline) -> None:
    line.script_every_kernel(*STEPS)
    report, said = line.report_of(line.quickstart())
    assert (report["status"], report["answer"]) == ("answered", STEPS[-1]), said
    saved = line.saved("quickstart-run.ipynb")
    assert [cell.source for cell in saved.cells if "codeact" in cell.metadata] == [
        each.split("```python\n")[1].removesuffix("\n```") for each in STEPS[:2]
    ]
    assert not any(output.output_type == "error" for cell in saved.cells for output in cell.get("outputs", []))
    assert attempts(line.isolation) == ""


def test_a_real_model_is_found_loaded_and_asked_without_a_network(line: Offline) -> None:
    cache, model = line.isolation.home / "cache" / "models", path_of(catalogue.models()[SMALLEST])
    assert model.exists(), f"Run `jupyter codeact models pull {SMALLEST}`: {cache_directory()} has no {model.name}."
    cache.mkdir(parents=True)
    (cache / model.name).symlink_to(model)
    shutil.copy(f"{model}.stamp.json", cache)
    for path in (cache.parent, cache, cache / f"{model.name}.stamp.json"):
        line.isolation.own(path)
    notebook = line.quickstart()
    (asking,) = (number for number, cell in enumerate(notebook.cells) if cell.source.startswith("%%codeact"))
    del notebook.cells[asking + 1 :]  # a check of the answer, for which this model is too small
    notebook.cells[asking].source = notebook.cells[asking].source.replace(
        "%%codeact", f"%%codeact --model {SMALLEST} --max-turns 1 --max-tokens 80 --without {FEWER}"
    )
    report, said = line.report_of(notebook, CODEACT_CACHE=str(cache.parent))
    assert SMALLEST in report["model"], said
    assert report["usage"]["generated"] > 0, said
    assert report["status"] not in ("failed", "no_model", "stopped"), said
    assert attempts(line.isolation) == ""


@pytest.mark.hostile("network", control=True)
def test_in_the_notebook_a_socket_fails(line: Offline) -> None:
    line.script_every_kernel(*STEPS)
    connects = CONNECTS.format(host="127.0.0.1", port=9)
    report, said = line.report_of(line.quickstart(connects))
    assert report["status"] == "failed"
    assert "Address family not supported" in said
    assert "127.0.0.1" in attempts(line.isolation)


@pytest.mark.hostile("network", control=True)
@pytest.mark.parametrize("is_offline", [False, True])
def test_only_without_a_network_does_a_connection_fail(isolation: Isolation, is_offline: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        done = subprocess.run(
            [
                *isolation.prefix,
                *(OFFLINE if is_offline else []),
                sys.executable,
                "-c",
                CONNECTS.format(host=host, port=port),
            ],
            env=noting(isolation, isolation.environment),
            cwd=isolation.work,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout == ("" if is_offline else "connected\n")
    assert ("Address family not supported" in done.stderr) == is_offline
    assert host in attempts(isolation)
