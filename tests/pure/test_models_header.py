"""The GGUF header check: whole files pass, everything else is refused in one sentence."""

from __future__ import annotations

import ctypes
import struct
import tracemalloc
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.seed_shape import Shape, write
from codeact_jupyter.engines.native import Native
from codeact_jupyter.errors import ModelCorrupt, ModelNotFound
from codeact_jupyter.models.catalogue import models
from codeact_jupyter.models.header import BLOCKS, Header, read_header
from tests.family_gguf import write_family
from tests.hostile import Tries
from tests.tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf", vocab=300, chat_template="{{ messages }}")


def written(folder: Path, data: bytes) -> Path:
    path = folder / "model.gguf"
    path.write_bytes(data)
    return path


def test_the_seeds_architecture_is_read(tmp_path: Path) -> None:
    header = read_header(write_tiny_gguf(tmp_path / "seed.gguf"))
    assert (header.architecture, header.name) == ("llama", "CodeActAgent-Mistral-7b-v0.1")
    assert (header.context, header.vocabulary, header.embedding) == (32768, 32002, 64)
    assert (header.layers, header.heads, header.kv_values, header.state_values) == (2, 4, 2 * 2 * (16 + 16), 0)
    assert header.has_chatml_tokens


@pytest.mark.parametrize("family", ["llama", "gemma3", "mamba", "jamba", "granitehybrid", "lfm2", "qwen35"])
def test_the_state_of_recurrent_layers_is_as_large_as_llama_cpp_makes_it(family: str, tmp_path: Path) -> None:
    import llama_cpp

    path = write_family(tmp_path / f"{family}.gguf", family)
    native = Native(llama_cpp, path, 256, 1, lambda: False)
    try:
        native.abort_on(ctypes.create_string_buffer(1))
        native.prefill([1, 2, 3, 4])
        partly = llama_cpp.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY
        size = llama_cpp.llama_state_seq_get_size_ext(native._context, 0, partly)
    finally:
        native.close()
    values = read_header(path).state_values
    assert not values or 4 * values <= size < 4 * values + 100
    assert bool(values) == (family not in ("llama", "gemma3"))


@pytest.mark.hostile("GGUF mutants", control=True)
def test_the_tiny_seed_model_loads_and_generates(tmp_path: Path) -> None:
    import llama_cpp

    path = write_tiny_gguf(tmp_path / "seed.gguf")
    model = llama_cpp.Llama(str(path), n_ctx=256, n_threads=1, verbose=False)
    try:
        tokens = model.tokenize(b"<|im_start|>user\nhello<|im_end|>", special=True)
        assert (tokens[1], tokens[-1]) == (32000, 32001)
        reply = model.create_completion(tokens, max_tokens=4, temperature=0)
        assert reply["usage"]["completion_tokens"] == 4  # type: ignore[index]
    finally:
        model.close()


def test_tensor_types_are_those_of_ggml() -> None:
    known = {int(kind): tuple(sizes) for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert {kind: BLOCKS[kind] for kind in known if kind in BLOCKS} == {k: v for k, v in known.items() if k in BLOCKS}
    assert {int(gguf.GGMLQuantizationType[name]) for name in ("F32", "F16", "BF16", "Q4_K", "Q6_K", "Q8_0")} <= set(
        BLOCKS
    )


def test_an_empty_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match=r"model\.gguf is empty: fetch the file again"):
        read_header(written(tmp_path, b""))


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="is a directory, not a GGUF file"):
        read_header(tmp_path)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="does not exist"):
        read_header(tmp_path / "none.gguf")


def test_a_device_is_refused_without_reading_it() -> None:
    with pytest.raises(ModelCorrupt, match="no regular file"):
        read_header(Path("/dev/zero"))


@pytest.mark.parametrize("data", [b"GGU", b"PK\3\4" + bytes(100), b"<html>not found</html>" * 10])
def test_another_kind_of_file_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ModelCorrupt, match=r"model\.gguf is not a GGUF file"):
        read_header(written(tmp_path, data))


@pytest.mark.parametrize("version", [0, 1, 4, 0x03000000])
def test_an_unknown_version_is_refused(tmp_path: Path, tiny: Path, version: int) -> None:
    data = tiny.read_bytes()
    with pytest.raises(ModelCorrupt, match=f"version {version}"):
        read_header(written(tmp_path, data[:4] + struct.pack("<I", version) + data[8:]))


@pytest.mark.hostile("GGUF mutants")
def test_a_file_cut_off_anywhere_is_refused_with_its_name(tmp_path: Path, tiny: Path, tries: Tries) -> None:
    data = tiny.read_bytes()
    for end in [*range(24, 6000, 97), len(data) // 2, len(data) - 64 * 1024]:
        with pytest.raises(ModelCorrupt, match=r"model\.gguf .*truncated"):
            read_header(written(tmp_path, data[:end]))
        tries.add()


@pytest.mark.parametrize("kind", ["adapter", "mmproj", "imatrix"])
def test_a_file_that_goes_with_a_model_is_told_from_one(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "beside.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(kind)
    writer.add_tensor("blk.0.attn_q.weight.lora_a", np.ones((4, 8), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelCorrupt, match=rf"beside\.gguf .*type '{kind}', not of a model: give the model's own file"):
        read_header(path)


def test_the_remedy_is_the_callers(tmp_path: Path) -> None:
    with pytest.raises(ModelCorrupt, match="run `this`"):
        read_header(written(tmp_path, b""), remedy="run `this`")


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


HUGE = 2**62
ARRAYS = [struct.pack("<IIQ", 9, kind, HUGE) for kind in (0, 4, 7, 8, 9, 12)]


@pytest.mark.hostile("GGUF mutants")
@pytest.mark.parametrize(
    "rest",
    [
        struct.pack("<QQ", HUGE, 1),  # tensors
        struct.pack("<QQ", 1, HUGE),  # keys
        struct.pack("<QQ", 1, 1) + struct.pack("<Q", HUGE),  # length of a key
        struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<IQ", 8, HUGE),  # length of a string
        struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<I", 77),  # value type
        *(struct.pack("<QQ", 1, 1) + text("k") + array for array in ARRAYS),
        struct.pack("<QQ", 1, 1) + text("k") + struct.pack("<IIQ", 9, 8, 2**22) + bytes(2**20),  # empty strings
        struct.pack("<QQ", 2**16, 2**16) + bytes(2**16),
    ],
)
def test_hostile_counts_cost_no_memory(tmp_path: Path, rest: bytes) -> None:
    path = written(tmp_path, b"GGUF" + struct.pack("<I", 3) + rest + bytes(64))
    tracemalloc.start()
    try:
        with pytest.raises(ModelCorrupt, match=r"model\.gguf"):
            read_header(path)
        assert tracemalloc.get_traced_memory()[1] < 40 * 2**20
    finally:
        tracemalloc.stop()


def test_a_tensor_beyond_the_end_is_refused(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "model.gguf", "llama")
    writer.add_context_length(512)
    writer.add_embedding_length(32)
    writer.add_block_count(1)
    writer.add_head_count(2)
    writer.add_tensor_info("token_embd.weight", (10**9, 32), np.dtype("float32"), 10**9 * 128)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    with pytest.raises(ModelCorrupt, match=r"is truncated: it has [0-9,]+ of at least 128,000,"):
        read_header(tmp_path / "model.gguf")


def test_a_piece_of_a_split_model_is_refused(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "model.gguf", "llama")
    writer.add_uint16("split.count", 3)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(ModelCorrupt, match="one of 3 pieces"):
        read_header(tmp_path / "model.gguf")


@pytest.mark.hostile("GGUF mutants")
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutant_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, tiny: Path, tries: Tries, data: st.DataObject
) -> None:
    tries.add()
    mutant = bytearray(tiny.read_bytes())
    header_end = 12_000
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(4, header_end))
        piece = data.draw(st.binary(max_size=12) | st.sampled_from([bytes(8), b"\xff" * 8, b"\xff" * 4, b"\x09\0\0\0"]))
        if data.draw(st.booleans()):
            mutant[place : place + len(piece)] = piece
        else:
            mutant[place:place] = piece
    if data.draw(st.booleans()):
        del mutant[data.draw(st.integers(0, len(mutant))) :]
    path = written(tmp_path_factory.getbasetemp(), bytes(mutant))
    try:
        header = read_header(path)
    except ModelCorrupt as refusal:
        assert "model.gguf" in str(refusal)
        assert "\n" not in str(refusal)
    else:
        assert isinstance(header, Header)
        assert header.layers >= 1
        assert header.context >= 1


def test_the_file_of_the_seeds_shape_is_written_tensor_by_tensor(tmp_path: Path) -> None:
    shape = Shape(width=64, layers=2, heads=4, kv_heads=2, hidden=128, vocabulary=300)
    write(tmp_path / "seed.gguf", shape)
    header = read_header(tmp_path / "seed.gguf")
    assert (header.layers, header.embedding, header.vocabulary, header.context) == (2, 64, 300, 32768)
    real = Shape()
    weights = sum(rows * columns for rows, columns in real.matrices.values()) + real.width * len(real.vectors)
    assert weights == pytest.approx(models()["codeactagent-mistral-7b"].parameters * 1e9, rel=0.001)
    quantised = sum(rows * columns // 32 * 34 for rows, columns in real.matrices.values())
    assert quantised == pytest.approx(models()["codeactagent-mistral-7b"].bytes, rel=0.001)
