"""Measure `%load_ext codeact_jupyter` in a kernel that has IPython already: milliseconds, and imported modules.

    python benchmarks/load_time.py [--runs N]

Each run is a fresh process under `-X importtime`; the figure is the wall-clock time of the extension's loading.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile

HEAVY = ("llama_cpp", "ipywidgets", "pandas", "huggingface_hub", "nbclient", "matplotlib")
PROGRAM = """
import time
from traitlets.config import Config
from IPython.core.interactiveshell import InteractiveShell
import ipykernel.ipkernel
config = Config()
config.HistoryManager.enabled = False
shell = InteractiveShell(config=config)
started = time.perf_counter()
shell.run_line_magic("load_ext", "codeact_jupyter")
print((time.perf_counter() - started) * 1000)
"""


def main() -> int:
    """Measure and print the median.

    Returns:
        The exit code: 1 if a heavy module is imported.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    times, imported = [], set()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "IPYTHONDIR": home}
        for _ in range(runs):
            command = [sys.executable, "-X", "importtime", "-c", PROGRAM]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            times.append(float(done.stdout))
            imported |= {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    heavy = sorted(imported.intersection(HEAVY))
    print(f"median {statistics.median(times):.0f} ms, max {max(times):.0f} ms of {runs}", end=" · ")
    print(f"heavy imports: {', '.join(heavy) or 'none'}")
    print(f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}")
    return 1 if heavy else 0


if __name__ == "__main__":
    sys.exit(main())
