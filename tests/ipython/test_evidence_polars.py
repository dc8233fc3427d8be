"""Experiments beside polars tables whose threads have started, in a process of its own: a copy has no threads."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no copies of the kernel here")

EXAMINED = """
import io, json, sys
import polars as pl
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace

config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell(config=config)
lines = ["boat,crew,port", *(f"{'ABC'[row % 3]}hoi,{row},{'xyz'[row % 3]}" for row in range(900))]
boats = pl.read_csv(io.StringIO("\\n".join(lines)))
assert boats.filter(pl.col("crew") > 3).sort("boat").height == 896
shell.user_ns.update(boats=boats, pl=pl)
preview = Preview(Workspace(shell, Gate(shell)))
preview.evidence_seconds = 60
found = []
for code in json.loads(sys.argv[1]):
    trial = preview.try_cell(code)
    evidence = preview.evidence(code, trial, "How large are the crews of the boats?")
    found.append([trial.outcome, evidence.tried, evidence.independent, sorted(evidence.rests_on)])
print(json.dumps(found))
"""


def test_a_step_that_needs_no_threads_of_polars_is_examined() -> None:
    steps = {
        "print(boats['crew'].sum())": [True, False, ["boats.crew"]],
        "print(boats.select(pl.col('crew').max()).item())": [True, False, ["boats.crew"]],
        "print(boats.head(2))": [True, False, ["boats.boat", "boats.crew", "boats.port"]],
        "print(boats.height)": [True, False, ["boats"]],
        "made = pl.DataFrame({'crew': [310, 425]})\nprint(made['crew'].sum())": [True, True, []],
        "boats = pl.DataFrame({'crew': [512.5]})\nprint(boats['crew'].sum())": [True, True, []],
        "print(511 + 307)": [True, True, []],
    }
    run = [sys.executable, "-W", "ignore", "-c", EXAMINED, json.dumps(list(steps))]
    ended = subprocess.run(run, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assert dict(zip(steps, found, strict=True)) == {code: ["ran", *expected] for code, expected in steps.items()}
