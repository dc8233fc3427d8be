"""Right code is never refused: solutions, kinds of cells that people reported, and generated cells that run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.copy_effects import ROOT

from .isolation import isolated

pytestmark = pytest.mark.kernel


@pytest.mark.timeout(3600)
def test_no_cell_that_runs_is_refused() -> None:
    with isolated() as place:
        done = subprocess.run(
            [*place.prefix, sys.executable, "-m", "benchmarks.right_code", "--cells", "300", "--copies", "10"],
            cwd=place.work,
            env={**place.environment, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    for kind in ("solutions of data", "solutions of tools", "solutions of recovery", "URLs", "generated"):
        assert f"\n{kind} " in done.stdout
