"""Measure the latency of Stop: from `stop()` to the return of `generate`, aborted at random points.

    python benchmarks/stop_latency.py [--aborts 50] [--model qwen2.5-coder-1.5b] [--seed 0]

Half of the aborts fall into the evaluation of a prompt of at least 4,000 tokens, half into decoding. Afterwards a
prompt that was answered before the aborts must get the same greedy reply. Exits 1 when it does not, or when p95 is 250
ms or more.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import random
import statistics
import sys
import threading
import time
from pathlib import Path

from codeact_jupyter.engines.llama import LlamaEngine, physical_cores
from codeact_jupyter.models.catalogue import DEFAULT_MODEL
from codeact_jupyter.models.store import locate
from codeact_jupyter.session.messages import ChatMessage

LIMIT_MS = 250
SECONDS_INTO_PROMPT = (0.05, 8.0)
SECONDS_INTO_REPLY = (0.05, 2.0)

CONTROL = [ChatMessage("user", "Write a Python function that returns the first n primes.")]
COUNT = [ChatMessage("user", "Count from 1 to 1000, one number per line.")]


def main() -> int:
    """Measure and print the figures.

    Returns:
        The exit code: 1 if Stop is too slow, or changes later replies.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--aborts", type=int, default=50)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance = random.Random(options.seed)

    model, path = locate(options.model)
    engine = LlamaEngine(path, name=model.name, context_size=8192)
    load = time.perf_counter()
    expected = engine.generate(CONTROL, max_tokens=48).text
    print(f"{model.name}, loaded and warm after {time.perf_counter() - load:.1f} s", flush=True)

    half = options.aborts // 2
    in_prompt = [abort_prompt(engine, chance, number) for number in range(options.aborts - half)]
    in_reply = [abort_reply(engine, chance) for _ in range(half)]
    same = engine.generate(CONTROL, max_tokens=48).text == expected
    figures = {
        "model": model.name,
        "cpu": cpu_name(),
        "cores": physical_cores(),
        "load_average": round(os.getloadavg()[0], 2),
        "prefill_ms": summary(in_prompt),
        "decode_ms": summary(in_reply),
        "all_ms": summary(in_prompt + in_reply),
        "same_greedy_reply_afterwards": same,
    }
    print(json.dumps(figures, indent=2))
    return 0 if same and summary(in_prompt + in_reply)["p95"] < LIMIT_MS else 1


def abort_prompt(engine: LlamaEngine, chance: random.Random, number: int) -> float:
    """Return the milliseconds to stop the evaluation of a prompt that is not in the cache."""
    rows = "\n".join(f"{number},{row},{chance.randrange(10**6)}" for row in range(400))
    prompt = [ChatMessage("user", f"Table {number}:\n{rows}\nWhat is its largest value?")]
    tokens = engine.count_tokens(prompt)
    if tokens < 4000:
        raise SystemExit(f"the prompt has {tokens} tokens only")
    return stopped_after(engine, prompt, chance.uniform(*SECONDS_INTO_PROMPT))


def abort_reply(engine: LlamaEngine, chance: random.Random) -> float:
    """Return the milliseconds to stop a reply."""
    return stopped_after(engine, COUNT, chance.uniform(*SECONDS_INTO_REPLY))


def stopped_after(engine: LlamaEngine, prompt: list[ChatMessage], seconds: float) -> float:
    """Call `stop` after so many seconds; return the milliseconds until `generate` returned."""
    pressed = 0.0

    def press() -> None:
        nonlocal pressed
        pressed = time.perf_counter()
        engine.stop()

    timer = threading.Timer(seconds, press)
    timer.start()
    completion = engine.generate(prompt, max_tokens=4000)
    returned = time.perf_counter()
    timer.join()
    if completion.finish != "stopped":
        raise SystemExit(f"the reply ended by itself ({completion.finish}) before the stop")
    return (returned - pressed) * 1000


def summary(latencies: list[float]) -> dict[str, float]:
    """Return count, median, p95 and maximum."""
    ordered = sorted(latencies)
    p95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
    return {
        "n": len(ordered),
        "median": round(statistics.median(ordered), 1),
        "p95": round(p95, 1),
        "max": round(ordered[-1], 1),
    }


def cpu_name() -> str:
    """Return the system's name of the processor."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
