"""Tiny GGUF files of the seed models' architecture, vocabulary and metadata, with random weights.

They load and generate in llama.cpp within milliseconds. The vocabulary is Mistral's first SentencePiece model, from the
package `mistral-common`; the two ChatML tags follow as user-defined tokens 32000 and 32001, and the end token stays
that of the base model, as llama.cpp's converter of the time wrote them.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import gguf
import numpy as np

CHATML_TAGS = ("<|im_start|>", "<|im_end|>")
BASE_VOCABULARY = 32000
WIDTH, LAYERS, HEADS, KV_HEADS, HIDDEN = 64, 2, 4, 2, 128


def write_tiny_gguf(
    path: Path,
    *,
    architecture: str = "llama",
    vocab: int = 32002,
    context: int = 32768,
    chat_template: str | None = None,
    family: Literal["mistral", "llama2"] = "mistral",
) -> Path:
    """Write a model of two layers and width 64 to `path`, and return `path`.

    Fewer than 32,000 tokens keep the vocabulary's head (control and byte tokens come first); beyond come the tags.
    """
    name = {"mistral": "CodeActAgent-Mistral-7b-v0.1", "llama2": "CodeActAgent-Llama-7b"}[family]
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_name(name)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    add_tokenizer(writer, vocab, chat_template)
    _add_weights(writer, vocab)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add_tokenizer(writer: gguf.GGUFWriter, vocab: int, chat_template: str | None) -> None:
    """Add the first `vocab` tokens of Mistral's vocabulary and the ChatML tags."""
    pieces = [*_mistral_pieces()[:vocab], *((tag.encode(), -1000.0, 4) for tag in CHATML_TAGS)][:vocab]
    assert len(pieces) == vocab
    writer.add_tokenizer_model("llama")
    writer.add_token_list([text for text, _, _ in pieces])
    writer.add_token_scores([score for _, score, _ in pieces])
    writer.add_token_types([kind for _, _, kind in pieces])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    if chat_template is not None:
        writer.add_chat_template(chat_template)


def _add_weights(writer: gguf.GGUFWriter, vocab: int) -> None:
    random = np.random.default_rng(0)
    kv_width = WIDTH // HEADS * KV_HEADS
    shapes = {
        "attn_q": (WIDTH, WIDTH),
        "attn_k": (kv_width, WIDTH),
        "attn_v": (kv_width, WIDTH),
        "attn_output": (WIDTH, WIDTH),
        "ffn_gate": (HIDDEN, WIDTH),
        "ffn_up": (HIDDEN, WIDTH),
        "ffn_down": (WIDTH, HIDDEN),
    }
    writer.add_tensor("token_embd.weight", random.normal(0, 1, (vocab, WIDTH)).astype(np.float16))
    for layer in range(LAYERS):
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{norm}.weight", np.ones(WIDTH, np.float32))
        for part, shape in shapes.items():
            weights = random.normal(0, shape[1] ** -0.5, shape).astype(np.float16)
            writer.add_tensor(f"blk.{layer}.{part}.weight", weights)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", random.normal(0, 0.1, (vocab, WIDTH)).astype(np.float16))


@functools.cache
def _mistral_pieces() -> list[tuple[bytes, float, int]]:
    """Return text, score and type of the 32,000 tokens, read from the SentencePiece model's protobuf.

    A model's field 1 is a piece; its fields are 1: text, 2: score (a 32-bit float), 3: type (1, normal, if absent).
    SentencePiece numbers its types as GGUF does.
    """
    package = importlib.util.find_spec("mistral_common")
    assert package and package.submodule_search_locations, "pip install mistral-common"
    model = (Path(package.submodule_search_locations[0]) / "data/tokenizer.model.v1").read_bytes()
    pieces = []
    for number, message in _fields(model):
        if number == 1:
            piece = dict(_fields(message))
            score = float(np.frombuffer(piece.get(2, bytes(4)), "<f4")[0])
            pieces.append((piece[1], score, int.from_bytes(piece.get(3, b"\1"), "little")))
    assert len(pieces) == BASE_VOCABULARY
    return pieces


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and raw value of each field of a protobuf message, numbers as little-endian bytes."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, place = _varint(message, place)
            yield number, value.to_bytes(8, "little")
            continue
        length, place = _varint(message, place) if wire == 2 else ({1: 8, 5: 4}[wire], place)
        yield number, message[place : place + length]
        place += length


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, place
