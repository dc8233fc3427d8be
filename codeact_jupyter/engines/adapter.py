"""LoRA adapters: small changes to a model's weights, in a GGUF file of their own."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

ADVICE = "give a LoRA adapter in GGUF format that was trained on this very model, or none"


def attach(lib: Any, model: Any, context: Any, adapter: Path) -> bool:
    """Apply an adapter to all that a context evaluates. It is freed with the model.

    Args:
        lib: the bindings, `llama_cpp`.
        model: the loaded model.
        context: its context.
        adapter: the adapter's file.

    Returns:
        True if that succeeded; False if the file is no adapter, or one for another model.
    """
    loaded = lib.llama_adapter_lora_init(model, os.fsencode(adapter))
    if not loaded:
        return False
    adapters = (lib.llama_adapter_lora_p_ctypes * 1)(loaded)
    return bool(lib.llama_set_adapters_lora(context, adapters, 1, (ctypes.c_float * 1)(1.0)) == 0)


def identity(adapter: Path) -> str:
    """Return a text that differs if another file is used, or the file has changed.

    Args:
        adapter: the adapter's file.
    """
    about = adapter.stat()
    return f"{adapter.name} {about.st_size} {about.st_mtime_ns}"
