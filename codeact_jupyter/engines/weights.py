"""Load the weights of a model, and tell what llama.cpp says of an error."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import ModelCorrupt

errors: deque[str] = deque(maxlen=3)  #: the last errors in llama.cpp's log; its other messages are dropped


class Aborted(Exception):
    """Error of a call that was stopped."""


def reason() -> str:
    """Return the last error in llama.cpp's log in parentheses; empty if there is none."""
    return f" ({errors[-1]})" if errors else ""


def load_weights(lib: Any, path: Path, stopped: Callable[[], bool], gpu_layers: int) -> Any:
    """Load a model file.

    Args:
        lib: The bindings, `llama_cpp`.
        path: The file.
        stopped: Called meanwhile; True aborts the loading.
        gpu_layers: Layers that a GPU keeps.

    Returns:
        The model, for llama.cpp's functions.

    Raises:
        Aborted: It was stopped.
        ModelCorrupt: It cannot be loaded.
    """
    params = lib.llama_model_default_params()
    params.n_gpu_layers = gpu_layers
    params.load_mode = lib.LLAMA_LOAD_MODE_MMAP
    # Repacked weights would be a private copy: 600 MB more and a slower start for the default model, no faster run.
    params.use_extra_bufts = False
    callback = lib.llama_progress_callback(lambda progress, data: not stopped())
    params.progress_callback = callback
    model = lib.llama_model_load_from_file(os.fsencode(path), params)
    if not model and stopped():
        raise Aborted
    if not model:
        raise ModelCorrupt(
            f"{path} cannot be loaded as a model{reason()}: check it with `jupyter codeact models verify`, fetch"
            " it again, or choose another."
        )
    return model
