"""The number of layers of a model that go to a GPU, by the memory that is free there.

The bindings of llama.cpp have no functions for its devices, so ggml's own are called.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import ModelCorrupt, NotEnoughMemory
from ..models.header import Header
from ..models.memory import needed_bytes

T = TypeVar("T")
RESERVE = 512 * 2**20  #: bytes of each GPU's memory that are left to llama.cpp's buffers there, and to others

_GPU, _INTEGRATED_GPU = 1, 2  # of `ggml_backend_dev_type`


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU that llama.cpp can use."""

    name: str  #: as its backend describes it
    free: int  #: bytes of memory that are free


def devices(lib: Any) -> list[Device]:
    """Find the GPUs that this build of llama.cpp uses: all that have memory of their own, or else an integrated one.

    Args:
        lib: the bindings, `llama_cpp`.

    Returns:
        The devices; none if llama.cpp was built for the CPU alone.
    """
    if not lib.llama_supports_gpu_offload():
        return []
    ggml = lib.llama_cpp._lib  # also finds the functions of the libraries that it needs
    for function in (ggml.ggml_backend_dev_count, ggml.ggml_backend_dev_get):
        function.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_description.restype = ctypes.c_char_p
    found: dict[int, list[Device]] = {_GPU: [], _INTEGRATED_GPU: []}
    for number in range(ggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(ggml.ggml_backend_dev_get(ctypes.c_size_t(number)))
        if (kind := ggml.ggml_backend_dev_type(device)) in found:
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            name = ggml.ggml_backend_dev_description(device) or b"GPU"
            found[kind].append(Device(name.decode("utf-8", "replace"), free.value))
    return found[_GPU] or found[_INTEGRATED_GPU][:1]


def gpu_layers(header: Header, context: int, gpus: Iterable[Device]) -> int:
    """Choose how many layers of a model to keep on GPUs.

    Args:
        header: header of the model's file.
        context: window in tokens.
        gpus: those that llama.cpp uses.

    Returns:
        The number of layers, with one more for the output; 0 for the CPU alone.
    """
    layers = header.layers + 1
    each = needed_bytes(header, context) / layers
    return min(layers, sum(int(max(0, gpu.free - RESERVE) / each) for gpu in gpus))


def opened(open_with: Callable[[int], T], layers: int) -> T:
    """Open a model with layers on GPUs, or without any if they do not hold what was estimated.

    Args:
        open_with: opens it with a number of layers there.
        layers: the number that should fit.

    Returns:
        What it returned.

    Raises:
        ModelCorrupt: the model cannot be loaded at all.
        NotEnoughMemory: there is no memory for it.
    """
    try:
        return open_with(layers)
    except (ModelCorrupt, NotEnoughMemory):
        if not layers:
            raise
        return open_with(0)
