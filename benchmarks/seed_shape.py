"""Load, read, write and stop a model of the exact shape of the seed's CodeActAgent-Mistral-7b, with random weights.

    python -m benchmarks.seed_shape [--file PATH] [--prompt 256] [--reply 12] [--window 32768] [--keep]

Writes 7.24 billion weights in q8_0 blocks (7.7 GB) with the vocabulary, the ChatML tags and the metadata of the real
file, measures the engine, and then llama.cpp by itself with the same tokens in one batch. What the model says is noise;
what it costs is what the real one costs. The file is deleted unless `--keep` is given.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

from codeact_jupyter.engines.llama import LlamaEngine, physical_cores
from codeact_jupyter.session.messages import ChatMessage
from tests.tiny_gguf import add_tokenizer

BLOCK, BLOCK_BYTES = 32, 34  # of q8_0: a scale in half precision, and 32 whole numbers
POOL_BLOCKS = 1 << 20  # random blocks that the tensors are cut from


@dataclass(frozen=True)
class Shape:
    """Sizes of a model of Mistral's architecture."""

    width: int = 4096
    layers: int = 32
    heads: int = 32
    kv_heads: int = 8
    hidden: int = 14336
    vocabulary: int = 32002
    context: int = 32768

    @property
    def matrices(self) -> dict[str, tuple[int, int]]:
        """Rows and columns of each matrix, by the tensor's name."""
        kv_width = self.width // self.heads * self.kv_heads
        layer = {
            "attn_q": (self.width, self.width),
            "attn_k": (kv_width, self.width),
            "attn_v": (kv_width, self.width),
            "attn_output": (self.width, self.width),
            "ffn_gate": (self.hidden, self.width),
            "ffn_up": (self.hidden, self.width),
            "ffn_down": (self.width, self.hidden),
        }
        found = {"token_embd.weight": (self.vocabulary, self.width), "output.weight": (self.vocabulary, self.width)}
        for number in range(self.layers):
            found |= {f"blk.{number}.{name}.weight": size for name, size in layer.items()}
        return found

    @property
    def vectors(self) -> list[str]:
        """Names of the norms."""
        norms = [f"blk.{number}.{norm}.weight" for number in range(self.layers) for norm in ("attn_norm", "ffn_norm")]
        return [*norms, "output_norm.weight"]


def write(path: Path, shape: Shape) -> None:
    """Write the model, one tensor at a time."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("CodeActAgent-Mistral-7b-v0.1")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    add_tokenizer(writer, shape.vocabulary, None)
    for name, (rows, columns) in shape.matrices.items():
        size = (rows, columns // BLOCK * BLOCK_BYTES)
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor_info(name, size, np.dtype(np.uint8), size[0] * size[1], kind)
    for name in shape.vectors:
        writer.add_tensor_info(name, (shape.width,), np.dtype(np.float32), 4 * shape.width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor in _tensors(shape):
        writer.write_tensor_data(tensor)
    writer.close()


def _tensors(shape: Shape) -> Iterator[np.ndarray]:
    """Yield the weights of each tensor, cut from a pool of random blocks."""
    chance = np.random.default_rng(0)
    pool = np.empty((POOL_BLOCKS, BLOCK_BYTES), np.uint8)
    pool[:, 2:] = chance.integers(0, 256, (POOL_BLOCKS, BLOCK), np.uint8)
    scale = shape.width**-0.5 / 74  # of whole numbers with a spread of 74: activations keep their size
    pool[:, :2] = np.full((POOL_BLOCKS, 1), scale, "<f2").view(np.uint8)
    for rows, columns in shape.matrices.values():
        start = int(chance.integers(POOL_BLOCKS))
        blocks = np.arange(start, start + rows * columns // BLOCK) % POOL_BLOCKS
        yield pool[blocks].reshape(rows, columns // BLOCK * BLOCK_BYTES)
    for _ in shape.vectors:
        yield np.ones(shape.width, np.float32)


def measure(path: Path, prompt: int, reply: int, window: int) -> None:
    """Print what the engine takes, and what llama.cpp takes for the same tokens."""
    asked = [ChatMessage("user", " ".join(str(number * number) for number in range(prompt // 6)))]
    engine = LlamaEngine(path, name="seed", context_size=window, chat_format="chatml")
    begun = time.perf_counter()
    engine.generate([ChatMessage("user", "Hello.")], max_tokens=1)
    print(f"loaded, with a window of {window:,}, in {time.perf_counter() - begun:.1f} s", flush=True)
    begun = time.perf_counter()
    read = engine.generate(asked, max_tokens=1).usage.evaluated
    print(f"engine: read {read} tokens at {read / (time.perf_counter() - begun):.1f} a second", flush=True)
    found = engine.generate(asked, max_tokens=reply)
    print(f"engine: wrote {found.usage.generated} tokens at {found.usage.tokens_per_second:.2f} a second", flush=True)
    print(f"engine: Stop while reading took {_stop(engine, 'x ' * prompt):.0f} ms", flush=True)
    print(f"engine: Stop while writing took {_stop(engine, 'x', after=5.0):.0f} ms", flush=True)
    engine.close()
    _measure_llama_cpp(path, read, reply, window)


def _stop(engine: LlamaEngine, text: str, after: float = 1.0) -> float:
    """Return the milliseconds from `stop()` to the end of the call, for a stop some seconds after its beginning."""
    work = threading.Thread(target=engine.generate, args=([ChatMessage("user", text)],))
    work.start()
    time.sleep(after)
    begun = time.perf_counter()
    engine.stop()
    work.join()
    return (time.perf_counter() - begun) * 1000


def _measure_llama_cpp(path: Path, prompt: int, reply: int, window: int) -> None:
    import llama_cpp

    threads = physical_cores()
    model = llama_cpp.Llama(str(path), n_ctx=window, n_threads=threads, n_threads_batch=threads, verbose=False)
    model.eval([1])
    model.reset()
    begun = time.perf_counter()
    model.eval([100 + number % 900 for number in range(prompt)])
    print(f"llama.cpp: read {prompt} tokens at {prompt / (time.perf_counter() - begun):.1f} a second", flush=True)
    begun = time.perf_counter()
    for number in range(reply):
        model.eval([200 + number])
    print(f"llama.cpp: wrote {reply} tokens at {reply / (time.perf_counter() - begun):.2f} a second", flush=True)
    model.close()


def main() -> int:
    """Write the file unless it is there, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, default=Path(tempfile.gettempdir()) / "codeactagent-shape.q8_0.gguf")
    parser.add_argument("--prompt", type=int, default=256)
    parser.add_argument("--reply", type=int, default=12)
    parser.add_argument("--window", type=int, default=32768)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if not options.file.exists():
        begun = time.perf_counter()
        write(options.file, Shape())
        print(f"{options.file.stat().st_size:,} bytes written in {time.perf_counter() - begun:.0f} s", flush=True)
    try:
        measure(options.file, options.prompt, options.reply, options.window)
    finally:
        if not options.keep:
            options.file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
