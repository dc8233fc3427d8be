"""How many layers go to a GPU, over stand-ins for ggml: no GPU was at hand."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import pytest

from codeact_jupyter.engines.gpu import RESERVE, Device, devices, gpu_layers, opened
from codeact_jupyter.errors import ModelCorrupt, ModelError, NotEnoughMemory
from codeact_jupyter.models.header import Header, read_header
from codeact_jupyter.models.memory import needed_bytes
from tests.tiny_gguf import LAYERS, write_tiny_gguf

CPU, GPU, INTEGRATED, ACCELERATOR = range(4)


class Function:
    """A function of a library, with the attribute that ctypes has."""

    restype: Any = None

    def __init__(self, call: Any) -> None:
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        return self._call(*arguments)


class Bindings:
    """What `devices` uses of `llama_cpp`, for machines with these devices: (type, name, free bytes)."""

    def __init__(self, found: list[tuple[int, bytes, int]], *, built_for_gpus: bool = True) -> None:
        self._built_for_gpus = built_for_gpus
        self.llama_cpp = self
        self._lib = self
        self.ggml_backend_dev_count = Function(lambda: len(found))
        self.ggml_backend_dev_get = Function(lambda number: 1 + int(number.value))
        self.ggml_backend_dev_type = Function(lambda device: found[device.value - 1][0])
        self.ggml_backend_dev_description = Function(lambda device: found[device.value - 1][1])
        self.ggml_backend_dev_memory = Function(lambda device, free, total: _write(free, found[device.value - 1][2]))

    def llama_supports_gpu_offload(self) -> bool:
        return self._built_for_gpus


def _write(pointer: Any, value: int) -> None:
    ctypes.cast(pointer, ctypes.POINTER(ctypes.c_size_t))[0] = value


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> Header:
    path: Path = write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", vocab=300)
    return read_header(path)


CARD, OTHER, CHIP = (GPU, b"Card", 7), (GPU, b"Other", 6), (INTEGRATED, b"Chip", 5)


@pytest.mark.parametrize(
    ("there", "used"),
    [
        ([(CPU, b"EPYC", 9), CARD, (ACCELERATOR, b"BLAS", 3)], ["Card"]),
        ([CHIP, CARD, OTHER], ["Card", "Other"]),  # llama.cpp leaves an integrated one alone beside a card
        ([(CPU, b"EPYC", 9), CHIP, (INTEGRATED, b"Second", 4)], ["Chip"]),
        ([(CPU, b"EPYC", 9)], []),
    ],
)
def test_the_gpus_are_those_that_llama_cpp_takes(there: list[tuple[int, bytes, int]], used: list[str]) -> None:
    free = {"Card": 7, "Other": 6, "Chip": 5}
    assert devices(Bindings(there)) == [Device(name, free[name]) for name in used]


def test_a_build_for_the_cpu_alone_has_none() -> None:
    assert devices(Bindings([(GPU, b"Card", 7)], built_for_gpus=False)) == []


@pytest.mark.parametrize(
    ("share", "layers"), [(0.0, 0), (-1.0, 0), (0.4, 1), (0.7, 2), (1.0, LAYERS + 1), (50.0, LAYERS + 1)]
)
def test_as_many_layers_as_the_free_memory_holds(header: Header, share: float, layers: int) -> None:
    free = RESERVE + int(share * needed_bytes(header, 2048)) + 2
    assert gpu_layers(header, 2048, [Device("Card", free)]) == layers


def test_each_gpu_keeps_its_own_reserve(header: Header) -> None:
    each = needed_bytes(header, 2048) // (LAYERS + 1) + 1
    both = [Device("Card", RESERVE + each), Device("Other", RESERVE + each)]
    assert gpu_layers(header, 2048, both) == 2
    assert gpu_layers(header, 2048, [both[0], Device("Full", 0)]) == 1


def test_without_a_gpu_all_stays_on_the_cpu(header: Header) -> None:
    assert gpu_layers(header, 2048, []) == 0


@pytest.mark.parametrize("error", [ModelCorrupt("no buffer"), NotEnoughMemory("no cache")])
def test_what_a_gpu_does_not_hold_goes_to_the_cpu(error: ModelError) -> None:
    tried = []

    def open_with(layers: int) -> str:
        tried.append(layers)
        if layers:
            raise error
        return "on the CPU"

    assert (opened(open_with, 3), tried) == ("on the CPU", [3, 0])


@pytest.mark.parametrize("layers", [0, 3])
def test_a_model_that_cannot_be_loaded_at_all_is_an_error(layers: int) -> None:
    def open_with(layers: int) -> str:
        raise ModelCorrupt(f"broken with {layers}")

    with pytest.raises(ModelCorrupt, match="broken with 0"):
        opened(open_with, layers)
