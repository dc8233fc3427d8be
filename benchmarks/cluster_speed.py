"""Compare runs of an evaluation on a Dask cluster with a run in one process: time, and whether a record is lost.

    python -m benchmarks.cluster_speed [SUITE] [--model NAME] [--limit 8] [--max-turns 10] [--workers 2] [--out DIR]

The tasks of the suite's dev split are attempted by one process, by a cluster of one worker, by one of several, and by
one of several of which a worker is killed as soon as the first record is there. The process uses all cores, each worker
one. Exits 1 if a record is missing or there twice, or if its answer, verdict or a step is not that of the first run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
from distributed import LocalCluster

from codeact_jupyter.evaluation.plan import Settings
from codeact_jupyter.evaluation.records import Folder, Record
from codeact_jupyter.evaluation.run import evaluate


def main() -> int:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("suite", nargs="?", default="tools")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--limit", type=int, default=8)
    parser.add_argument("--max-turns", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where the folders of the runs are kept; default: nowhere")
    given = parser.parse_args()
    # No attempt reaches its limit of seconds, on a busy machine neither.
    settings = Settings(given.suite, given.model, limit=given.limit, max_turns=given.max_turns, max_seconds=600.0)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.out or Path(scratch)
        start = time.monotonic()
        alone = evaluate(replace(settings, workers=1), folder / "alone")
        print(f"{'one process':<28} {time.monotonic() - start:6.1f} s, {len(alone)} attempts", flush=True)
        runs = {
            "cluster, 1 worker": (1, False),
            f"cluster, {given.workers} workers": (given.workers, False),
            f"cluster, {given.workers} workers, one killed": (given.workers, True),
        }
        return max(
            [measure(name, settings, alone, folder / str(n), *how) for n, (name, how) in enumerate(runs.items())]
        )


def measure(name: str, settings: Settings, alone: list[Record], out: Path, workers: int, kill: bool) -> int:
    with LocalCluster(n_workers=workers, threads_per_worker=1, scheduler_port=0, dashboard_address=":0") as cluster:
        start = time.monotonic()
        progress = killer() if kill else lambda done, total, record: None
        found = evaluate(replace(settings, cluster=cluster.scheduler_address), out, progress=progress)
        seconds = time.monotonic() - start
    lines = len((out / "records.jsonl").read_text(encoding="utf-8").splitlines())
    same = sum(outcome(one) == outcome(other) for one, other in zip(alone, found, strict=True))
    print(f"{name:<28} {seconds:6.1f} s, {lines} records of {len(alone)}, {same} the same", flush=True)
    return int(not lines == len(Folder(out).records()) == same == len(alone))


def killer() -> Callable[[int, int, Record | None], None]:
    """Return a progress callback that kills a worker of this process's cluster after the first record."""
    victims = [each for each in psutil.Process().children() if "spawn_main" in str(each.cmdline())]

    def kill(done: int, total: int, record: Record | None) -> None:
        if record and victims:
            victims.pop().kill()
            victims.clear()

    return kill


def outcome(record: Record) -> tuple[object, ...]:
    return record.key, record.right, record.answer, record.status, [(step.action, step.error) for step in record.steps]


if __name__ == "__main__":
    sys.exit(main())
