"""Measure the time to the first token of a new kernel, with and without the on-disk cache of the prompt prefix.

    python benchmarks/first_reply.py [--processes 5]

starts processes in turn, one with an empty cache and one that finds the prefix there; prints the median seconds of both
and the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ASK = """
import sys
from pathlib import Path
from codeact_jupyter.engines.llama import LlamaEngine
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.models.catalogue import DEFAULT_MODEL
from codeact_jupyter.models.store import locate
from codeact_jupyter.dialects.prompt import DIALECTS
model, path = locate(DEFAULT_MODEL)
engine = LlamaEngine(path, name=model.name, prefix_cache=Path(sys.argv[1]))
messages = [*DIALECTS[model.protocol].preamble(), ChatMessage("user", "Task: What is 2 + 2?")]
print(engine.generate(messages, max_tokens=1).usage.first_token_seconds)
"""


def main(arguments: Sequence[str]) -> int:
    """Measure and print the seconds.

    Args:
        arguments: Arguments of the command line.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=5, help="of each sort")
    args = parser.parse_args(arguments)
    read, found = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(args.processes):
            directory = Path(folder, str(number))
            read.append(first_token(directory))
            found.append(first_token(directory))
    ratio = statistics.median(one / other for one, other in zip(read, found, strict=True))
    print(f"read: {statistics.median(read):.1f} s, found on disk: {statistics.median(found):.1f} s, ratio {ratio:.1f}")
    return 0


def first_token(directory: Path) -> float:
    """Measure a process of its own.

    Args:
        directory: Directory of the cache.

    Returns:
        Seconds until the first token, the loading of the model included.
    """
    return float(subprocess.check_output([sys.executable, "-c", ASK, str(directory)], text=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
