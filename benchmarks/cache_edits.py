"""Count wrong prompts: random edits of a prompt on each kind of cache, compared with a fresh evaluation.

    python -m benchmarks.cache_edits [--sequences 2000] [--edits 8] [--families mamba,jamba,...] [--seed 0]

Each family is a tiny file with random weights. The model reads in chunks of 16 tokens instead of 256, so that short
prompts have many borders. Prints, for each family, the sequences, the comparisons, the wrong prompts, and the share of
all prompt tokens that was evaluated. Exits 1 if any prompt was wrong.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

from codeact_jupyter.engines import native
from codeact_jupyter.engines.llama import _llama_cpp
from tests.cache_edits import Edits, Reference
from tests.family_gguf import write_family

KINDS = {
    "llama": "full attention",
    "mamba": "recurrent",
    "jamba": "hybrid",
    "granitehybrid": "hybrid",
    "lfm2": "hybrid",
    "qwen35": "hybrid",
    "gemma2": "sliding window",
    "gemma3": "sliding window",
    "gemma4": "sliding window",
    "gemma4-e4b": "sliding window",
    "gemma4-26b": "sliding window",
    "gpt-oss": "sliding window",
}


def main() -> int:
    """Run the edits and print a table.

    Returns:
        The exit code: 1 if any prompt was wrong.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sequences", type=int, default=2000)
    parser.add_argument("--edits", type=int, default=8)
    parser.add_argument("--families", default=",".join(KINDS))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    _llama_cpp()  # logs errors only
    wrong = [line for name in options.families.split(",") for line in measure(name, options)]
    print(*wrong[:20], sep="\n")
    return 1 if wrong else 0


def measure(name: str, options: argparse.Namespace) -> list[str]:
    """Print the line of one family; return what was wrong."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        path = write_family(Path(folder) / f"{name}.gguf", name)
        reference = Reference(path)
        with mock.patch.object(native, "CHUNK", 16):
            edits = Edits(path, Path(folder), reference)
            for number in range(options.sequences):
                edits.run(options.seed + number, options.edits)
    share = edits.native.evaluated / edits.prompt_tokens
    print(
        f"{name:<14} {KINDS.get(name, ''):<15} {options.sequences:>6,} sequences {edits.compared:>7,} compared"
        f" {len(edits.wrong):>4} wrong {share:>6.1%} evaluated {time.perf_counter() - started:>6.0f} s",
        flush=True,
    )
    return [f"{name}: {line}" for line in edits.wrong]


if __name__ == "__main__":
    sys.exit(main())
