"""Measure the memory of 1, 2 and 4 kernels that use one model file, whose mapped weights they share.

    python -m benchmarks.kernel_memory [--model qwen2.5-coder-0.5b] [--kernels 1 2 4]

Each kernel loads the model with the default window and generates a few tokens. Linux only: the figures are sums over
`/proc/PID/smaps_rollup` of the kernels, in MB.
"""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import ExitStack
from pathlib import Path

from jupyter_client.manager import KernelManager, start_new_kernel

CODE = """
import os
from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.session.messages import ChatMessage
engine, _ = open_model({model!r}, offline=True, threads=1)
engine.generate([ChatMessage("user", "Say hello.")], max_tokens=4)
print("process", os.getpid())
"""
FIELDS = ("Rss", "Anonymous")


def main() -> int:
    """Print a table with a row for each number of kernels."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--kernels", type=int, nargs="+", default=[1, 2, 4])
    arguments = parser.parse_args()
    print("| kernels | own memory, each | mapped files, each | all together, files once |\n|---|---|---|---|")
    for count in arguments.kernels:
        with ExitStack() as running:
            kernels = [_start(running, arguments.model) for _ in range(count)]
            pages = [_memory(pid) for pid in kernels]
            own = [each["Anonymous"] for each in pages]
            mapped = [each["Rss"] - each["Anonymous"] for each in pages]
            together = sum(own) + max(mapped)
            print(
                f"| {count} | {sum(own) / count:,.0f} | {sum(mapped) / count:,.0f} | {together:,.0f} |",
                flush=True,
            )
    return 0


def _start(running: ExitStack, model: str) -> int:
    """Start a kernel that has loaded the model; return its process id."""
    manager: KernelManager
    manager, client = start_new_kernel()
    running.callback(manager.shutdown_kernel, now=True)
    running.callback(client.stop_channels)
    printed: list[str] = []

    def keep(message: dict[str, object]) -> None:
        content = message["content"]
        assert isinstance(content, dict)
        printed.append(str(content.get("text") or content.get("evalue") or ""))

    reply = client.execute_interactive(CODE.format(model=model), output_hook=keep, timeout=300)
    if reply["content"]["status"] != "ok":
        raise SystemExit(f"The kernel cannot load the model: {''.join(printed)}")
    return int(re.findall(r"process (\d+)", "".join(printed))[0])


def _memory(pid: int) -> dict[str, float]:
    """Return the fields of a process's memory in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    found = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines[1:])}
    return {name: int(found[name]) * 1024 / 10**6 for name in FIELDS}


if __name__ == "__main__":
    sys.exit(main())
