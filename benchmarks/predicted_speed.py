"""Compare the speed that `jupyter codeact models recommend` predicts with the measured one.

    python -m benchmarks.predicted_speed [--models A B] [--rounds 2]

The models are measured in turns. Each is then predicted from the measurement of the other. Seconds are those of the
processor, divided by the threads: what a step takes on the machine when it does nothing else. Exits 1 if a prediction
is off by more than 30 %.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import time
from dataclasses import replace
from typing import Any

from codeact_jupyter.engines.probe import measure
from codeact_jupyter.models.catalogue import models
from codeact_jupyter.models.recommend import Speed, step_seconds
from codeact_jupyter.models.store import path_of

LIMIT = 0.30


def main() -> int:
    """Print what was measured and what was predicted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--models", nargs="+", default=["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"])
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    measured: dict[str, list[Speed]] = {name: [] for name in arguments.models}
    for number in range(arguments.rounds):
        for name in arguments.models:
            found: dict[str, Any] = measure(path_of(models()[name]), time.process_time)
            threads = found["threads"]
            speed = Speed(name, found["prefill"] * threads, found["decode"] * threads, threads)
            measured[name].append(speed)
            load = os.getloadavg()[0]
            print(
                f"round {number + 1}, load {load:.1f}: {name} {speed.prefill:.1f} / {speed.decode:.2f} tokens/s",
                flush=True,
            )
    typical = {name: _median(speeds) for name, speeds in measured.items()}
    worst = 0.0
    for probe, name in itertools.permutations(typical, 2):
        seconds = step_seconds(models()[name], typical[name])
        predicted = step_seconds(models()[name], typical[probe])
        off = predicted / seconds - 1
        worst = max(worst, abs(off))
        print(f"{name} from {probe}: a step takes {seconds:.1f} s, predicted {predicted:.1f} s ({off:+.0%})")
    return 0 if worst <= LIMIT else 1


def _median(speeds: list[Speed]) -> Speed:
    return replace(
        speeds[0],
        prefill=statistics.median(each.prefill for each in speeds),
        decode=statistics.median(each.decode for each in speeds),
    )


if __name__ == "__main__":
    sys.exit(main())
