"""Today's architectures with the vocabularies of real models: load, prompt, stop token, Stop, and the next turn.

The weights are random, so a reply is noise; but what is evaluated, where it ends and what a stop leaves are real.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from codeact_jupyter.engines.llama import LlamaEngine
from codeact_jupyter.session.messages import ChatMessage, Completion
from tests.family_gguf import write_family

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Speech:
    """A vocabulary and how turns are written in it."""

    vocabulary: str
    opening: str  #: of a turn, with {} for the role
    closing: str  #: of a turn
    end: str  #: the token that ends a reply


CHATML = ("<|im_start|>{}\n", "<|im_end|>\n", "<|im_end|>")
FAMILIES = {
    "llama": Speech("llama-bpe", "<|start_header_id|>{}<|end_header_id|>\n\n", "<|eot_id|>", "<|eot_id|>"),
    "qwen2": Speech("qwen2", *CHATML),
    "qwen3": Speech("qwen2", *CHATML),
    "qwen3moe": Speech("qwen2", *CHATML),
    "qwen35": Speech("qwen35", *CHATML),
    "phi3": Speech("phi-3", "<|{}|>\n", "<|end|>\n", "<|end|>"),
    "gemma3": Speech("gemma-4", "<|turn>{}\n", "<turn|>\n", "<turn|>"),
    "gemma4": Speech("gemma-4", "<|turn>{}\n", "<turn|>\n", "<turn|>"),
    "granite": Speech("starcoder", "<|endoftext|>{}:\n", "\n", "<|endoftext|>"),
    "granitehybrid": Speech("starcoder", "<|endoftext|>{}:\n", "\n", "<|endoftext|>"),
}


def template(speech: Speech) -> str:
    """Return the chat template as Jinja."""
    opening = speech.opening.replace("{}", "{{ message.role }}")
    reply = speech.opening.replace("{}", "assistant")
    return (
        "{% for message in messages %}" + opening + "{{ message.content }}" + speech.closing + "{% endfor %}" + reply
    )


@pytest.fixture(scope="session")
def vocabularies() -> Path:
    """Return the folder of the vocabularies, which are fetched once."""
    script = [sys.executable, str(ROOT / ".ci/vocabularies.py")]
    return Path(subprocess.run(script, stdout=subprocess.PIPE, text=True, check=True).stdout.strip())
