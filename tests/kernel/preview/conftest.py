"""Trials in a real kernel, which runs as a user without privileges in a temporary folder.

Cells are tried from a thread beside the kernel's main thread, as the agent does.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..conftest import CONVERSATION, PATIENCE, Lab
from ..isolation import isolated

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

    def examine(number, source, question):
        def work():
            found = _preview.evidence(source, _preview.try_cell(source), question)
            _trials[number] = json.dumps(dataclasses.asdict(found))

        threading.Thread(target=work, name="experiment").start()

    globals().update(_start=start, _examine=examine)

"""
FRAME = "import pandas as pd\ndf = pd.DataFrame({'city': ['a', 'b', 'a'], 'Price': [1.5, 2.5, 3.0]})"


class Trying:
    """Tries cells in a lab's kernel."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.count = 0
        self.heard: list[dict[str, Any]] = []
        self.set_up(10)

    def set_up(self, seconds: float) -> None:
        """Make a new preview with this time limit."""
        self.lab.hidden(f"{SETUP}\n_set_up({seconds})\ndel _set_up")

    def start(self, source: str, *prior: str) -> int:
        """Start the trial of a cell, and return its number."""
        self.count += 1
        self.lab.value(f"_start({self.count}, {source!r}, {prior!r})")
        return self.count

    def examine(self, source: str, question: str = "", seconds: float = 60) -> dict[str, Any]:
        """Make an experiment with a cell, and return the fields of its evidence."""
        self.count += 1
        self.lab.value(f"setattr(_preview, 'evidence_seconds', {seconds})")
        self.lab.value(f"_examine({self.count}, {source!r}, {question!r})")
        return self.result(self.count)

    def result(self, number: int) -> dict[str, Any]:
        """Wait for a trial, and return its fields."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            told = self.lab.value(f"_trials.get({number})")
            if told:
                return dict(json.loads(told))
            time.sleep(0.02)
        raise AssertionError("the trial did not end")

    def __call__(self, source: str, *prior: str) -> dict[str, Any]:
        return self.result(self.start(source, *prior))


@pytest.fixture(scope="package")
def shared() -> Iterator[Trying]:
    """One kernel for cells that change nothing. Pandas, matplotlib and scikit-learn are loaded in it."""
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


def children(process: int) -> list[int]:
    """Return the child processes of a process, whichever of its threads made them."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def wait_for(look: Any) -> Any:
    """Wait until `look` returns a true value, and return that; None after two minutes."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.02)
    return None
