"""Measure the speed of a model on this machine in about ten seconds.

`python -m codeact_jupyter.engines.probe FILE` prints it as one JSON object. `models.recommend` runs it in a process of
its own: the memory is free again afterwards, and what crashes there harms nobody.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ..session.messages import ChatMessage
from .llama import LlamaEngine, gpus, physical_cores

READ = 256  #: tokens of the prompt that is timed, about
WRITE_SECONDS = 4.0  #: for the reply that is timed
_WINDOW = 1024


def measure(path: Path, clock: Callable[[], float] = time.perf_counter) -> dict[str, object]:
    """Load a model, time a prompt and a reply, and free it.

    Args:
        path: the model's file.
        clock: returns the time in seconds; `time.process_time` leaves out other work on the machine.

    Returns:
        `prefill` and `decode` in tokens per second, `threads`, and the names of `gpus`.

    Raises:
        ModelError: the model cannot be loaded.
    """
    engine = LlamaEngine(path, name=path.name, context_size=_WINDOW)
    engine.generate([ChatMessage("user", "Hello.")], max_tokens=2)  # the weights are read from the disk
    numbers = " ".join(str(number * number) for number in range(READ // 5))
    asked = [ChatMessage("user", f"{numbers}\nCount from 1 to 500, one number per line.")]
    begun = clock()
    read = engine.generate(asked, max_tokens=1).usage.evaluated / (clock() - begun)
    begun = clock()
    until = begun + WRITE_SECONDS
    reply = engine.generate(asked, max_tokens=200, on_text=lambda text: engine.stop() if clock() > until else None)
    written = reply.usage.generated / (clock() - begun)
    engine.close()
    return {
        "prefill": read,
        "decode": written,
        "threads": physical_cores(),
        "gpus": [device.name for device in gpus()],
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
