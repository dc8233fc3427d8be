"""Tiny GGUF files of today's model families, with random weights, and the vocabulary of a real model if wanted.

Each family's shapes and metadata keys are those that llama.cpp asks for. Two layers (or as many as a family needs to
have one of each kind), width 64.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import gguf
import numpy as np

from tests.gguf_fields import tokenizer_fields

Shape: TypeAlias = tuple[int, ...]
Metadata: TypeAlias = dict[str, "int | float | list[int] | list[bool]"]

WIDTH, HEADS, KV_HEADS, HEAD, HIDDEN = 64, 4, 2, 16, 128
CONV, STATE, INNER, RANK = 4, 16, 128, 4  # of the recurrent layers
WINDOW = 8  # of the layers with a sliding window, in tokens
EXPERTS = 4
PER_LAYER = 4  # values that each layer reads for a token, in a model with embeddings for each layer
TOKENS = -1  # in a shape: the number of tokens

ATTENTION: dict[str, Shape] = {
    "attn_norm.weight": (WIDTH,),
    "attn_q.weight": (HEADS * HEAD, WIDTH),
    "attn_k.weight": (KV_HEADS * HEAD, WIDTH),
    "attn_v.weight": (KV_HEADS * HEAD, WIDTH),
    "attn_output.weight": (WIDTH, HEADS * HEAD),
}
HEAD_NORMS: dict[str, Shape] = {"attn_q_norm.weight": (HEAD,), "attn_k_norm.weight": (HEAD,)}
AFTER_ATTENTION: dict[str, Shape] = {"post_attention_norm.weight": (WIDTH,)}
AFTER_BOTH: dict[str, Shape] = AFTER_ATTENTION | {"post_ffw_norm.weight": (WIDTH,)}
QKV_BIASES: dict[str, Shape] = {
    "attn_q.bias": (HEADS * HEAD,),
    "attn_k.bias": (KV_HEADS * HEAD,),
    "attn_v.bias": (KV_HEADS * HEAD,),
}
GATED: dict[str, Shape] = {
    "ffn_gate.weight": (HIDDEN, WIDTH),
    "ffn_up.weight": (HIDDEN, WIDTH),
    "ffn_down.weight": (WIDTH, HIDDEN),
}
FEED_FORWARD: dict[str, Shape] = {"ffn_norm.weight": (WIDTH,)} | GATED
MIXTURE: dict[str, Shape] = {
    "ffn_gate_inp.weight": (EXPERTS, WIDTH),
    "ffn_gate_exps.weight": (EXPERTS, HIDDEN, WIDTH),
    "ffn_up_exps.weight": (EXPERTS, HIDDEN, WIDTH),
    "ffn_down_exps.weight": (EXPERTS, WIDTH, HIDDEN),
}
WITH_EXPERTS: dict[str, Shape] = {  # beside a feed-forward network that each token takes
    "ffn_gate_inp.weight": (EXPERTS, WIDTH),
    "ffn_gate_inp.scale": (WIDTH,),
    "ffn_gate_up_exps.weight": (EXPERTS, 2 * HIDDEN, WIDTH),
    "ffn_down_exps.weight": (EXPERTS, WIDTH, HIDDEN),
    "pre_ffw_norm_2.weight": (WIDTH,),
    "post_ffw_norm_1.weight": (WIDTH,),
    "post_ffw_norm_2.weight": (WIDTH,),
}
PER_LAYER_INPUT: dict[str, Shape] = {
    "inp_gate.weight": (PER_LAYER, WIDTH),
    "proj.weight": (WIDTH, PER_LAYER),
    "post_norm.weight": (WIDTH,),
}
MAMBA: dict[str, Shape] = {
    "attn_norm.weight": (WIDTH,),
    "ssm_in.weight": (2 * INNER, WIDTH),
    "ssm_conv1d.weight": (INNER, CONV),
    "ssm_conv1d.bias": (INNER,),
    "ssm_x.weight": (RANK + 2 * STATE, INNER),
    "ssm_dt.weight": (INNER, RANK),
    "ssm_dt.bias": (INNER,),
    "ssm_a": (INNER, STATE),
    "ssm_d": (INNER,),
    "ssm_out.weight": (WIDTH, INNER),
}
MAMBA_NORMS: dict[str, Shape] = {
    "ssm_dt_norm.weight": (RANK,),
    "ssm_b_norm.weight": (STATE,),
    "ssm_c_norm.weight": (STATE,),
}
MAMBA_2: dict[str, Shape] = {
    "attn_norm.weight": (WIDTH,),
    "ssm_in.weight": (2 * INNER + 2 * STATE + RANK, WIDTH),
    "ssm_conv1d.weight": (INNER + 2 * STATE, CONV),
    "ssm_conv1d.bias": (INNER + 2 * STATE,),
    "ssm_dt.bias": (RANK,),
    "ssm_a": (RANK, 1),
    "ssm_d": (RANK, 1),
    "ssm_norm.weight": (1, INNER),
    "ssm_out.weight": (WIDTH, INNER),
}
DELTA_NET: dict[str, Shape] = {
    "attn_norm.weight": (WIDTH,),
    "attn_qkv.weight": (2 * 2 * STATE + RANK * STATE, WIDTH),
    "attn_gate.weight": (RANK * STATE, WIDTH),
    "ssm_conv1d.weight": (2 * 2 * STATE + RANK * STATE, CONV),
    "ssm_dt.bias": (RANK,),
    "ssm_a": (RANK,),
    "ssm_beta.weight": (RANK, WIDTH),
    "ssm_alpha.weight": (RANK, WIDTH),
    "ssm_norm.weight": (STATE,),
    "ssm_out.weight": (WIDTH, RANK * STATE),
}
SHORT_CONVOLUTION: dict[str, Shape] = {
    "attn_norm.weight": (WIDTH,),
    "shortconv.conv.weight": (WIDTH, 3),
    "shortconv.in_proj.weight": (3 * WIDTH, WIDTH),
    "shortconv.out_proj.weight": (WIDTH, WIDTH),
}
RECURRENT: Metadata = {
    "ssm.conv_kernel": CONV,
    "ssm.inner_size": INNER,
    "ssm.state_size": STATE,
    "ssm.time_step_rank": RANK,
}
SLIDING: Metadata = {"attention.sliding_window": WINDOW}
GATED_QUERY: dict[str, Shape] = {"attn_q.weight": (2 * HEADS * HEAD, WIDTH)}


@dataclass(frozen=True)
class Family:
    """What the files of an architecture hold, beyond what all have."""

    layers: list[dict[str, Shape]]
    metadata: Metadata = field(default_factory=dict)
    head: dict[str, Shape] = field(default_factory=lambda: {"output_norm.weight": (WIDTH,)})
    tied: bool = False  #: the embeddings are the output's weights too
    architecture: str = ""  #: as llama.cpp calls it, if it is not the family's name


DENSE = ATTENTION | FEED_FORWARD
ONE_ATTENDS: Metadata = {"attention.head_count_kv": [0, KV_HEADS]}
# All experts are used: which of them is the third may depend on the last bit, and the logits on that.
MIXED: Metadata = {"expert_count": EXPERTS, "expert_used_count": EXPERTS, "expert_feed_forward_length": HIDDEN}
GEMMA_4 = DENSE | AFTER_BOTH | HEAD_NORMS
WITHOUT_KEYS = {name: shape for name, shape in GEMMA_4.items() if not name.startswith(("attn_k", "attn_v"))}
GEMMA_4_METADATA: Metadata = SLIDING | {
    "attention.sliding_window_pattern": [True, False],
    "attention.key_length_swa": HEAD,
    "attention.value_length_swa": HEAD,
    "attention.shared_kv_layers": 0,
    "embedding_length_per_layer_input": 0,
    "rope.dimension_count_swa": HEAD,
    "final_logit_softcapping": 30.0,
}
GEMMA_4_HEAD: dict[str, Shape] = {"output_norm.weight": (WIDTH,), "rope_freqs.weight": (HEAD // 2,)}
FAMILIES: dict[str, Family] = {
    "llama": Family([DENSE] * 2),
    "qwen2": Family([DENSE | QKV_BIASES] * 2),
    "qwen3": Family([DENSE | HEAD_NORMS] * 2),
    "qwen3moe": Family([ATTENTION | HEAD_NORMS | {"ffn_norm.weight": (WIDTH,)} | MIXTURE] * 2, MIXED),
    "phi3": Family(
        [
            {
                "attn_norm.weight": (WIDTH,),
                "attn_qkv.weight": ((HEADS + 2 * KV_HEADS) * HEAD, WIDTH),
                "attn_output.weight": (WIDTH, HEADS * HEAD),
                "ffn_norm.weight": (WIDTH,),
                "ffn_up.weight": (2 * HIDDEN, WIDTH),
                "ffn_down.weight": (WIDTH, HIDDEN),
            }
        ]
        * 2
    ),
    "granite": Family(
        [DENSE] * 2,
        {"logit_scale": 1.0, "residual_scale": 1.0, "embedding_scale": 1.0, "attention.scale": HEAD**-0.5},
    ),
    "gemma2": Family(
        [DENSE | AFTER_BOTH] * 2,
        SLIDING | {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0},
        tied=True,
    ),
    "gemma3": Family([DENSE | AFTER_BOTH | HEAD_NORMS] * 6, SLIDING),
    "gemma4": Family([GEMMA_4] * 2, GEMMA_4_METADATA, GEMMA_4_HEAD),
    "gemma4-e4b": Family(  # the last two layers read the keys and values of the first two
        [GEMMA_4 | PER_LAYER_INPUT] * 2 + [{**WITHOUT_KEYS, **PER_LAYER_INPUT}] * 2,
        GEMMA_4_METADATA
        | {
            "attention.sliding_window_pattern": [True, False] * 2,
            "attention.shared_kv_layers": 2,
            "embedding_length_per_layer_input": PER_LAYER,
        },
        GEMMA_4_HEAD
        | {
            "per_layer_token_embd.weight": (TOKENS, 4 * PER_LAYER),
            "per_layer_model_proj.weight": (4 * PER_LAYER, WIDTH),
            "per_layer_proj_norm.weight": (PER_LAYER,),
        },
        architecture="gemma4",
    ),
    "gemma4-26b": Family([GEMMA_4 | WITH_EXPERTS] * 2, GEMMA_4_METADATA | MIXED, GEMMA_4_HEAD, architecture="gemma4"),
    "gpt-oss": Family(
        [
            ATTENTION
            | AFTER_ATTENTION
            | QKV_BIASES
            | MIXTURE
            | {
                "attn_output.bias": (WIDTH,),
                "attn_sinks.weight": (HEADS,),
                "ffn_gate_inp.bias": (EXPERTS,),
                "ffn_gate_exps.bias": (EXPERTS, HIDDEN),
                "ffn_up_exps.bias": (EXPERTS, HIDDEN),
                "ffn_down_exps.bias": (EXPERTS, WIDTH),
            }
        ]
        * 2,
        SLIDING | MIXED,
    ),
    "mamba": Family([MAMBA] * 2, RECURRENT),
    "jamba": Family([MAMBA | MAMBA_NORMS | FEED_FORWARD, DENSE], RECURRENT | ONE_ATTENDS),
    "granitehybrid": Family(
        [MAMBA_2 | FEED_FORWARD, DENSE],
        RECURRENT
        | ONE_ATTENDS
        | {
            "ssm.group_count": 1,
            "logit_scale": 1.0,
            "residual_scale": 1.0,
            "embedding_scale": 1.0,
            "attention.scale": HEAD**-0.5,
        },
    ),
    "lfm2": Family(
        [SHORT_CONVOLUTION | FEED_FORWARD, DENSE | HEAD_NORMS],
        ONE_ATTENDS | {"shortconv.l_cache": 3},
        {"token_embd_norm.weight": (WIDTH,)},
    ),
    "qwen35": Family(
        [
            DELTA_NET | AFTER_ATTENTION | GATED,
            ATTENTION | HEAD_NORMS | AFTER_ATTENTION | GATED_QUERY | GATED,
        ],
        RECURRENT
        | {
            "ssm.inner_size": RANK * STATE,
            "ssm.group_count": 2,
            "full_attention_interval": 2,
            "rope.dimension_sections": [3, 3, 2, 0],
        },
    ),
}


def write_family(
    path: Path,
    name: str,
    *,
    vocabulary: Path | None = None,
    context: int = 4096,
    template: str | None = None,
    end: str = "",
    marks: Sequence[str] = (),
) -> Path:
    """Write a model to `path`, and return `path`.

    Args:
        path: of the file.
        name: of the family, in `FAMILIES`.
        vocabulary: a GGUF file whose tokenizer is taken; None for 64 tokens without any text.
        context: the window that it claims to be trained on.
        template: chat template; None for that of the vocabulary's file, if it has one.
        end: a token of the vocabulary that the model writes again and again.
        marks: control tokens that the vocabulary has in addition.
    """
    family = FAMILIES[name]
    architecture = family.architecture or name
    writer = gguf.GGUFWriter(path, architecture)
    tokenizer = tokenizer_fields(vocabulary) if vocabulary else {}
    if marks:
        tokenizer["tokenizer.ggml.tokens"].value.extend(mark.encode() for mark in marks)
        tokenizer["tokenizer.ggml.token_type"].value.extend([gguf.TokenType.CONTROL] * len(marks))
    tokens = len(tokenizer["tokenizer.ggml.tokens"].value) if vocabulary else 64
    values: Metadata = {
        "context_length": context,
        "embedding_length": WIDTH,
        "block_count": len(family.layers),
        "feed_forward_length": HIDDEN,
        "vocab_size": tokens,
        "attention.head_count": HEADS,
        "attention.head_count_kv": KV_HEADS,
        "attention.key_length": HEAD,
        "attention.value_length": HEAD,
        "attention.layer_norm_rms_epsilon": 1e-5,
        "rope.dimension_count": HEAD,
        "rope.freq_base": 10000.0,
    }
    for key, value in (values | family.metadata).items():
        add = {int: writer.add_uint32, float: writer.add_float32, list: writer.add_array}[type(value)]
        add(f"{architecture}.{key}", value)
    if template is not None:
        tokenizer.pop("tokenizer.chat_template", None)
        writer.add_chat_template(template)
    for key, (value, kind, inner) in tokenizer.items():
        writer.add_key_value(key, value, kind, sub_type=inner)
    if not vocabulary:
        writer.add_tokenizer_model("none")
    often = tokenizer["tokenizer.ggml.tokens"].value.index(end.encode()) if end else None
    for tensor_name, tensor in _tensors(family, tokens, often):
        writer.add_tensor(tensor_name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(family: Family, tokens: int, often: int | None) -> Iterator[tuple[str, np.ndarray]]:
    random = np.random.default_rng(0)
    yield "token_embd.weight", random.normal(0, 1, (tokens, WIDTH)).astype(np.float16)
    for name, shape in family.head.items():
        yield name, _values(random, name, tuple(tokens if each == TOKENS else each for each in shape))
    if not family.tied:
        output = random.normal(0, WIDTH**-0.5, (tokens, WIDTH)).astype(np.float16)
        if often is not None:
            output[often] *= 4  # wins now and then
        yield "output.weight", output
    for number, layer in enumerate(family.layers):
        for name, shape in layer.items():
            yield f"blk.{number}.{name}", _values(random, name, shape)


def _values(random: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    if "norm" in name or name == "rope_freqs.weight":
        return np.ones(shape, np.float32)
    if name == "ssm_a":  # decay rates: slow enough that the first tokens are still felt at the end
        return -np.exp(random.uniform(-5, -2, shape)).astype(np.float32)
    if name == "ssm_dt.bias":
        return random.uniform(-2, 0, shape).astype(np.float32)
    return random.normal(0, 1.4 / math.sqrt(shape[-1]) if len(shape) > 1 else 0.2, shape).astype(np.float32)
