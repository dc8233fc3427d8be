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
    "granite": Speech("starcoder", "{}:\n", "<|endoftext|>\n", "<|endoftext|>"),
    "granitehybrid": Speech("starcoder", "{}:\n", "<|endoftext|>\n", "<|endoftext|>"),
    "gpt-oss": Speech("gpt-2", "{}:\n", "<|endoftext|>\n", "<|endoftext|>"),
    "lfm2": Speech("llama-spm", "{}:\n", "</s>", "</s>"),
    "mamba": Speech("gpt-neox", "{}:\n", "<|endoftext|>\n", "<|endoftext|>"),
}
ASK = [ChatMessage("system", "Be brief."), ChatMessage("user", "How many rows does `sales` have?\n" * 20)]


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
    return printed_by(".ci/vocabularies.py")


def printed_by(script: str) -> Path:
    command = [sys.executable, str(ROOT / script)]
    return Path(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip())


@pytest.fixture(params=FAMILIES)
def engine(request: pytest.FixtureRequest, vocabularies: Path, tmp_path: Path) -> Iterator[LlamaEngine]:
    speech = FAMILIES[request.param]
    vocabulary = vocabularies / f"ggml-vocab-{speech.vocabulary}.gguf"
    path = tmp_path / f"{request.param}.gguf"
    write_family(path, request.param, vocabulary=vocabulary, template=template(speech), end=speech.end)
    made = LlamaEngine(path, name=request.param, context_size=2048)
    yield made
    made.close()
    path.unlink()  # 20 to 70 MB


def ask(engine: LlamaEngine, seed: int, *, tokens: int = 400, stop_at: int = 0) -> Completion:
    """Sample a reply; with `stop_at`, stop it when it has so many tokens."""
    written = 0

    def count(text: str) -> bool:
        nonlocal written
        written += 1
        if written == stop_at:
            engine.stop()
        return False

    return engine.generate(ASK, temperature=1.0, seed=seed, max_tokens=tokens, is_complete=count)


def test_a_family_is_loaded_prompted_ended_stopped_and_continued(engine: LlamaEngine) -> None:
    replies = (ask(engine, seed) for seed in range(100))
    seed, first = next((seed, reply) for seed, reply in enumerate(replies) if len(reply.tokens) >= 6)
    assert first.finish == "end"  # by its own stop token
    assert engine.notes == []  # it is spoken to in the file's template
    assert first.usage.prompt == engine.count_tokens(ASK)
    again = ask(engine, seed)
    assert (again.tokens, again.usage.evaluated) == (first.tokens, 1)
    stopped = ask(engine, seed, stop_at=3)
    assert (stopped.finish, stopped.tokens) == ("stopped", first.tokens[:3])
    resumed = ask(engine, seed)
    assert (resumed.tokens, resumed.usage.evaluated) == (first.tokens, 1)
    reply = ChatMessage("assistant", first.text, first.tokens)
    for question in ("And how many columns?", "And in which year?"):  # the second one takes the place of the first
        after = engine.generate([*ASK, reply, ChatMessage("user", question)], max_tokens=1)
        assert after.usage.evaluated < after.usage.prompt - first.usage.prompt - len(first.tokens) + 8


def test_a_real_model_with_a_sliding_window_reads_the_same_prompt_from_any_cache() -> None:
    path = printed_by(".ci/gemma.py")
    engine = LlamaEngine(path, name="gemma-3-270m", context_size=4096)
    story = "\n".join(f"In {1800 + year} the village had {year * 7} inhabitants." for year in range(100))
    asks = [[ChatMessage("user", f"{story}\n{question}")] for question in ("How many in 1850?", "Where is Paris?")]
    fresh = []
    for messages in asks:
        fresh.append(engine.generate(messages, max_tokens=12).text)
        engine.close()
    engine.generate(asks[0], max_tokens=300)  # longer than what its window keeps
    replies = [engine.generate(messages, max_tokens=12) for messages in (asks[0], asks[1], asks[0])]
    assert [reply.text for reply in replies] == [fresh[0], fresh[1], fresh[0]]
    assert replies[0].usage.evaluated == 1
    assert replies[2].usage.evaluated < 300 < replies[2].usage.prompt
    capital = engine.generate([ChatMessage("user", "?")], start="The capital of France is", max_tokens=4)
    assert "Paris" in capital.text
    engine.close()
