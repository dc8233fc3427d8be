"""Train a LoRA adapter on exported conversations, and write it as the GGUF file that `--adapter` takes.

    pip install -e '.[finetune]'
    jupyter codeact export analysis.ipynb --format chat --only answered --out chat.jsonl
    python -m benchmarks.finetune chat.jsonl --model qwen2.5-coder-0.5b --out mine.gguf
    jupyter codeact ask "…" --model qwen2.5-coder-0.5b --adapter mine.gguf

The weights are read from the model's own GGUF file, and the examples have the tokens that the engine would give the
model: the adapter is trained on what it is used with, and nothing is downloaded. Each reply is an example, with all
that the model read before it. docs/finetuning.md says what to expect.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codeact_jupyter.engines.chat_format import ChatFormat
from codeact_jupyter.engines.native import Native
from codeact_jupyter.models.header import read_header
from codeact_jupyter.models.store import locate
from codeact_jupyter.session.messages import ChatMessage

IGNORED = -100  #: the label of a token that is not to be learnt
PERMUTED = ("llama",)  #: architectures of which llama.cpp has the rows of queries and keys in another order


@dataclass(frozen=True)
class Example:
    """A reply, and what the model read before it, as token ids."""

    prompt: list[int]
    reply: list[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.reply)

    def tensors(self) -> dict[str, Any]:
        """Return a batch of this example, of which only the reply is learnt."""
        import torch

        labels = [IGNORED] * len(self.prompt) + self.reply
        return {"input_ids": torch.tensor([self.prompt + self.reply]), "labels": torch.tensor([labels])}


def main(arguments: list[str]) -> int:
    """Train and write. Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path, help="a file of `jupyter codeact export --format chat`")
    parser.add_argument("--model", default="qwen2.5-coder-0.5b", help="catalogue name or path of a GGUF file")
    parser.add_argument("--out", type=Path, required=True, help="the adapter")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-4, help="learning rate")
    parser.add_argument("--tokens", type=int, default=4096, help="longer examples are left out")
    given = parser.parse_args(arguments)
    _, path = locate(given.model)
    conversations = [json.loads(line)["messages"] for line in given.data.read_text(encoding="utf-8").splitlines()]
    found = list(examples(conversations, path))
    kept = [each for each in found if len(each) <= given.tokens]
    print(f"{len(conversations)} conversations, {len(found)} replies, {len(found) - len(kept)} too long", flush=True)
    if not kept:
        print("There is nothing to learn: export more conversations, or raise --tokens.", file=sys.stderr)
        return 1
    write_adapter(train(path, kept, given), path, given.out, given.rank)
    print(f"written to {given.out}: {given.out.stat().st_size:,} bytes")
    return 0


def examples(conversations: list[list[dict[str, str]]], path: Path) -> Iterator[Example]:
    """Yield each reply of the conversations with what came before it, as the engine tokenizes it for a model."""
    import llama_cpp

    native = Native(llama_cpp, path, 64, 1, lambda: False)
    try:
        template, _ = native.vocabulary.own_template()
        chat = ChatFormat(native.vocabulary.tokenize, template, native.vocabulary.bos)
        end = [] if chat.end_id is None else [chat.end_id]
        for conversation in conversations:
            messages = [ChatMessage(each["role"], each["content"]) for each in conversation]  # type: ignore[arg-type]
            for place, message in enumerate(messages):
                if message.role == "assistant":
                    yield Example(chat.ids(messages[:place]), [*chat.begin(message.content)[1], *end])
    finally:
        native.close()


def train(path: Path, kept: list[Example], given: argparse.Namespace) -> Any:
    """Return the model with an adapter on all linear layers."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

    base = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32)
    base.is_quantized = False  # not any more
    model = get_peft_model(
        base,
        LoraConfig(r=given.rank, lora_alpha=2 * given.rank, target_modules="all-linear", task_type="CAUSAL_LM"),
    )
    model.print_trainable_parameters()
    with tempfile.TemporaryDirectory() as scratch:
        how = TrainingArguments(
            scratch,
            num_train_epochs=given.epochs,
            learning_rate=given.rate,
            per_device_train_batch_size=1,
            gradient_accumulation_steps=min(8, len(kept)),
            remove_unused_columns=False,
            dataloader_pin_memory=False,
            save_strategy="no",
            report_to="none",
        )
        Trainer(model, how, train_dataset=kept, data_collator=lambda batch: batch[0].tensors()).train()
    return model.cpu()


def write_adapter(model: Any, base: Path, out: Path, rank: int) -> None:
    """Write the adapter of a model that was loaded from the GGUF file `base`."""
    import gguf
    from peft import get_peft_model_state_dict

    header, config = read_header(base), model.config
    architecture = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == header.architecture)
    names = gguf.get_tensor_name_map(architecture, header.layers)
    writer = gguf.GGUFWriter(out, header.architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, 2.0 * rank)
    for name, values in get_peft_model_state_dict(model, save_embedding_layers=False).items():
        layer, _, part = name.removeprefix("base_model.model.").removesuffix(".weight").rpartition(".")
        tensor = values.float().numpy()
        heads = {"q_proj": config.num_attention_heads, "k_proj": config.num_key_value_heads}.get(layer.split(".")[-1])
        if part == "lora_B" and heads and header.architecture in PERMUTED:
            halves = tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, rank)
            tensor = halves.swapaxes(1, 2).reshape(tensor.shape)
        writer.add_tensor(f"{names.get_name(layer)}.weight.{part.lower()}", tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
