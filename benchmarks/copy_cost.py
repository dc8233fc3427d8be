"""The overhead of a trial: the time from its start to its outcome, minus the cell's own time in the copy.

    python -m benchmarks.copy_cost [--trials 40] [--model qwen2.5-coder-0.5b]

Measured with little and with much memory in use, while the model is idle and while it generates. If the model is not
downloaded, a thread that sorts numbers takes its place. Exits 1 if a median is 60 ms or more.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import itertools
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter.errors import CodeActError
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace

LIMIT_MS = 60
SIZES = {"10 MB": 10_000_000, "4 GB": 4_000_000_000}
SETUP = """
import pandas as pd, numpy as np, matplotlib.pyplot as plt
df = pd.DataFrame({'city': list('abc') * 1000, 'price': np.arange(3000.0)})
"""
CELLS = (
    "print('a')",
    "df.groupby('city').price.mean()",
    "df['prise'].sum()",
    "means = df.price.rolling(7).mean()\nmeans.tail()",
    "df.to_csv('out.csv')",
)

Load = Callable[[threading.Event], None]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=40, help="trials of each of the five cells, in each situation")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    options = parser.parse_args()
    os.environ.setdefault("MPLBACKEND", "agg")
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell.instance(config=config)
    preview = Preview(Workspace(shell, Gate(shell)), seconds=30)
    shell.run_cell(SETUP, silent=True)
    name, load = engine_load(options.model)
    print(f"{'in use':<7} {'engine':<24} {'median':>8} {'p90':>8} {'own time':>9}   (ms)")
    medians = []
    for (size, count), busy in itertools.product(SIZES.items(), (False, True)):
        shell.user_ns["big"] = np.ones(count, dtype="u1")
        with running(load) if busy else contextlib.nullcontext():
            costs, own = measure(preview, options.trials)
        shell.user_ns.pop("big")
        gc.collect()
        medians.append(statistics.median(costs))
        p90 = statistics.quantiles(costs, n=10)[-1]
        engine = name if busy else "idle"
        print(f"{size:<7} {engine:<24} {medians[-1]:8.1f} {p90:8.1f} {statistics.median(own):9.1f}", flush=True)
    cores = os.cpu_count()
    print(json.dumps({"medians_ms": [round(each, 1) for each in medians], "cores": cores, "load": os.getloadavg()[0]}))
    return 1 if max(medians) >= LIMIT_MS else 0


def measure(preview: Preview, trials: int) -> tuple[list[float], list[float]]:
    """Return the overhead of each trial and the cell's own time, in milliseconds."""
    costs, own = [], []
    for source in CELLS * trials:
        started = time.perf_counter()
        trial = preview.try_cell(source)
        took = time.perf_counter() - started
        if trial.outcome == "not_tried":
            raise SystemExit(f"not tried: {trial.reason}")
        costs.append(1000 * (took - trial.seconds))
        own.append(1000 * trial.seconds)
    return costs, own


def engine_load(model: str) -> tuple[str, Load]:
    """Return the name of the load, and a function that generates or sorts until its event is set."""
    try:
        from codeact_jupyter.engines.llama import LlamaEngine
        from codeact_jupyter.models.store import locate
        from codeact_jupyter.session.messages import ChatMessage

        found, path = locate(model)
        engine: Any = LlamaEngine(path, name=found.name, context_size=4096)
    except (CodeActError, ImportError, OSError):
        return "sorting", sort
    prompt = [ChatMessage("user", "Count from 1 to 1000, one number per line.")]

    def generate(end: threading.Event) -> None:
        while not end.is_set():
            engine.generate(prompt, max_tokens=64)

    return found.name, generate


def sort(end: threading.Event) -> None:
    """Sort numbers in native code until the event is set."""
    numbers = np.random.default_rng(0).random(1_000_000)
    while not end.is_set():
        np.sort(numbers)  # not a matrix product: OpenBLAS deadlocks if a process forks while it calculates


@contextlib.contextmanager
def running(load: Load) -> Iterator[None]:
    """Run the load on a thread during the block."""
    end = threading.Event()
    thread = threading.Thread(target=load, args=(end,))
    thread.start()
    time.sleep(1)
    try:
        yield
    finally:
        end.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())
