"""Which models of the catalogue suit this machine: what each needs, and how long it takes for a step.

The seconds follow from a measurement with one model. Reading a prompt is arithmetic, whose time grows with the weights
that a token uses; writing moves these weights as well, which takes time in proportion to their bytes.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import ModelError
from .catalogue import DEFAULT_MODEL, Model, models
from .folders import cache_directory
from .header import read_header
from .memory import BATCH, DEFAULT_WINDOW, FIXED_BYTES, free_bytes, needed_bytes
from .store import path_of

STEP_READS = 300  #: new tokens of a typical question or observation
STEP_WRITES = 110  #: tokens of a reply with one sentence and six lines of code
PROBE = "codeact_jupyter.engines.probe"  #: run in a process of its own, which gives the memory back
PROBE_SECONDS = 120.0  #: longest wait for it, loading included
PATIENCE = 60.0  #: seconds; a model that needs more for a step is not recommended

_VOCABULARY = 200_000  # of a model whose header is not on disk: between those of Qwen and of Gemma


@dataclass(frozen=True, slots=True)
class Speed:
    """Measured speed of one model on this machine."""

    model: str  #: its name in the catalogue
    prefill: float  #: tokens of a prompt per second
    decode: float  #: tokens of a reply per second
    threads: int  #: threads that computed
    gpus: tuple[str, ...] = ()  #: devices that llama.cpp was built for and found

    @property
    def bandwidth(self) -> float:
        """Bytes of weights that are read per second while a reply is written."""
        return self.decode * models()[self.model].bytes_per_token


@dataclass(frozen=True, slots=True)
class Advice:
    """Consequences of one model for this machine."""

    model: Model  #: the model
    needs: int  #: bytes of memory with the default window
    left: int  #: bytes of memory that stay free; negative if it does not fit
    seconds: float  #: expected for a step; 0 if nothing was measured

    @property
    def fits(self) -> bool:
        """True if the memory that is free now is enough."""
        return self.left >= 0


def advise(free: int, speed: Speed | None) -> list[Advice]:
    """Say for each model of the catalogue that has a file what it would mean for this machine.

    Args:
        free: free memory in bytes.
        speed: a measurement; None without one.

    Returns:
        The advice, in the catalogue's order.
    """
    named = [model for model in models().values() if model.file]
    needs = [needed(model) for model in named]
    return [
        Advice(model, need, free - need, step_seconds(model, speed) if speed else 0.0)
        for model, need in zip(named, needs, strict=True)
    ]


def best(advice: Iterable[Advice]) -> Advice | None:
    """Choose the largest model that fits and is fast enough.

    Args:
        advice: the advice on each model.

    Returns:
        The choice; None if no model fits, or nothing was measured.
    """
    usable = [each for each in advice if each.fits and 0 < each.seconds <= PATIENCE]
    return max(usable, key=lambda each: each.model.bytes, default=None)


def needed(model: Model) -> int:
    """Estimate the memory of a model with the default window.

    Args:
        model: the model.

    Returns:
        Bytes: by its header if the file is on disk, else by the catalogue.
    """
    context = min(DEFAULT_WINDOW, model.context)
    path = path_of(model)
    if path.is_file():
        with contextlib.suppress(ModelError):  # a broken file, which is fetched again
            return needed_bytes(read_header(path), context)
    cache = 2 * context * model.kv_values if model.kv_values else model.bytes // 8
    return model.bytes + cache + BATCH * _VOCABULARY * 4 + FIXED_BYTES


def step_seconds(model: Model, speed: Speed) -> float:
    """Predict how long a model takes for a typical step.

    Args:
        model: the model.
        speed: a measurement with some model.

    Returns:
        Seconds.
    """
    prefill, decode = predict(model, speed)
    return STEP_READS / prefill + STEP_WRITES / decode


def predict(model: Model, speed: Speed) -> tuple[float, float]:
    """Predict the speed of a model.

    Args:
        model: the model.
        speed: a measurement with some model.

    Returns:
        Tokens of a prompt and of a reply per second.
    """
    measured = models()[speed.model]
    arithmetic = 1 / speed.prefill * model.arithmetic / measured.arithmetic
    moving = max(0.0, 1 / speed.decode - 1 / speed.prefill) * model.bytes_per_token / measured.bytes_per_token
    return 1 / arithmetic, 1 / (arithmetic + moving)


def at_hand() -> Model | None:
    """Choose a model on disk to measure with.

    Returns:
        The default model, or else the largest one; None if none is on disk.
    """
    there = [model for model in models().values() if model.file and path_of(model).is_file()]
    return max(there, key=lambda model: (model.name == DEFAULT_MODEL, model.bytes), default=None)


def measure(model: Model) -> Speed:
    """Measure the speed of a model for about ten seconds, and remember it.

    Args:
        model: a model on disk.

    Returns:
        The speed.

    Raises:
        ModelError: the model cannot be loaded, or the measurement takes too long.
    """
    command = [sys.executable, "-m", PROBE, str(path_of(model))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        raise ModelError(f"{model.name} was not measured within {PROBE_SECONDS:.0f} s: close other programs.") from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ModelError(f"{model.name} cannot be measured ({reason}): choose another one with --model.")
    found = json.loads(done.stdout)
    speed = Speed(model.name, found["prefill"], found["decode"], found["threads"], tuple(found["gpus"]))
    with contextlib.suppress(OSError):  # a read-only cache remembers nothing
        _speed_file().parent.mkdir(parents=True, exist_ok=True)
        _speed_file().write_text(json.dumps(asdict(speed)), "utf-8")
    return speed


def measured() -> Speed | None:
    """Return the last measurement on this machine; None without one."""
    try:
        speed = Speed(**json.loads(_speed_file().read_text("utf-8")))
        return speed if speed.model in models() and speed.prefill > 0 and speed.decode > 0 else None
    except (OSError, ValueError, TypeError):
        return None


def machine() -> tuple[int, int]:
    """Return the memory of this machine and the part that is free, in bytes."""
    import psutil

    return int(psutil.virtual_memory().total), free_bytes()


def _speed_file() -> Path:
    return cache_directory() / "speed.json"
