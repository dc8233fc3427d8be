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
from tests.gguf_fields import tokenizer_fields

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Speech:
    """A vocabulary and how turns are written in it."""

    vocabulary: str
    opening: str  #: of a turn, with {} for the role
    closing: str  #: of a turn
    end: str  #: the token that ends a reply
    architecture: str = ""  #: if it is not the family's name


CHATML = ("<|im_start|>{}\n", "<|im_end|>\n", "<|im_end|>")
CHANNELS = ("<|start|>", "<|end|>", "<|message|>", "<|channel|>", "<|constrain|>", "<|return|>", "<|call|>")
GEMMA = ("<|turn>{}\n", "<turn|>\n", "<turn|>")
FAMILIES = {
    "llama": Speech("llama-bpe", "<|start_header_id|>{}<|end_header_id|>\n\n", "<|eot_id|>", "<|eot_id|>"),
    "deepseek-llm": Speech("deepseek-llm", "{}: ", "<｜end▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "llama"),
    "qwen2": Speech("qwen2", *CHATML),
    "qwen3": Speech("qwen2", *CHATML),
    "qwen3moe": Speech("qwen2", *CHATML),
    "qwen35": Speech("qwen35", *CHATML),
    "phi3": Speech("phi-3", "<|{}|>\n", "<|end|>\n", "<|end|>"),
    "gemma3": Speech("gemma-4", *GEMMA),
    "gemma4": Speech("gemma-4", *GEMMA),
    "gemma4-e4b": Speech("gemma-4", *GEMMA),
    "gemma4-26b": Speech("gemma-4", *GEMMA),
    "granite": Speech("starcoder", "{}:\n", "<|endoftext|>\n", "<|endoftext|>"),
    "granitehybrid": Speech("starcoder", "{}:\n", "<|endoftext|>\n", "<|endoftext|>"),
    "gpt-oss": Speech("gpt-2", "{}:\n", "<|endoftext|>\n", "<|endoftext|>"),
    "lfm2": Speech("llama-spm", "{}:\n", "</s>", "</s>"),
    "mamba": Speech("gpt-neox", "{}:\n", "<|endoftext|>\n", "<|endoftext|>"),
}


def template(speech: Speech) -> str:
    """Return the chat template as Jinja."""
    opening = speech.opening.replace("{}", "{{ message.role }}")
    reply = speech.opening.replace("{}", "assistant")
    return "{% for message in messages %}" + opening + "{{ message.content }}" + speech.closing + "{% endfor %}" + reply


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
    architecture = speech.architecture or request.param
    write_family(path, architecture, vocabulary=vocabulary, template=template(speech), end=speech.end)
    made = LlamaEngine(path, name=request.param, context_size=2048)
    yield made
    made.close()
    path.unlink()  # 20 to 70 MB


def question(number: int) -> list[ChatMessage]:
    return [ChatMessage("system", "Be brief."), ChatMessage("user", f"How many rows has `sales_{number}`?\n" * 20)]


def ask(engine: LlamaEngine, number: int, *, stop_at: int = 0) -> Completion:
    """Ask a question; with `stop_at`, stop the reply when it has so many tokens."""
    written = 0

    def count(text: str) -> bool:
        nonlocal written
        written += 1
        if written == stop_at:
            engine.stop()
        return False

    start = f"{number}:"  # the state after the template's last words alone hardly depends on the question
    return engine.generate(question(number), start=start, temperature=1, seed=1, max_tokens=400, is_complete=count)


def test_a_family_is_loaded_prompted_ended_stopped_and_continued(engine: LlamaEngine) -> None:
    replies = ((number, ask(engine, number)) for number in range(100))
    number, first = next((number, reply) for number, reply in replies if reply.usage.generated >= 4)
    assert first.finish == "end"  # by its own stop token
    assert engine.notes == []  # it is spoken to in the file's template
    assert first.usage.prompt == engine.count_tokens(question(number)) + len(first.tokens) - first.usage.generated
    again = ask(engine, number)
    assert (again.tokens, again.usage.evaluated) == (first.tokens, 1)
    stopped = ask(engine, number, stop_at=3)
    assert (stopped.finish, stopped.usage.generated) == ("stopped", 3)
    assert first.tokens[: len(stopped.tokens)] == stopped.tokens
    resumed = ask(engine, number)
    assert (resumed.tokens, resumed.usage.evaluated) == (first.tokens, 1)
    turn = [*question(number), ChatMessage("assistant", first.text, first.tokens)]
    for text in ("And how many columns?", "In which year?"):  # the second one takes the place of the first
        after = engine.generate([*turn, ChatMessage("user", text)], max_tokens=1).usage
        assert after.evaluated <= after.prompt - first.usage.prompt - first.usage.generated


def test_a_turn_of_a_hybrid_model_whose_template_drops_an_empty_thought_is_not_read_again(
    vocabularies: Path, tmp_path: Path
) -> None:
    source = (vocabularies / "Qwen3.5-4B.jinja").read_text(encoding="utf-8")
    path = tmp_path / "hybrid.gguf"
    write_family(path, "qwen35", vocabulary=vocabularies / "ggml-vocab-qwen35.gguf", template=source)
    engine = LlamaEngine(path, name="hybrid", context_size=2048)
    first = engine.generate(question(1), max_tokens=8)
    turn = [*question(1), ChatMessage("assistant", first.text, first.tokens), ChatMessage("user", "And columns?")]
    usage = engine.generate(turn, max_tokens=1).usage
    assert first.usage.prompt > 200
    assert usage.evaluated < 60
    engine.close()


def test_gpt_oss_is_spoken_to_in_its_channels(vocabularies: Path, tmp_path: Path) -> None:
    source = (vocabularies / "openai-gpt-oss-120b.jinja").read_text(encoding="utf-8")
    path = tmp_path / "gpt-oss.gguf"
    vocabulary = vocabularies / "ggml-vocab-gpt-2.gguf"
    write_family(path, "gpt-oss", vocabulary=vocabulary, template=source, end="<|end|>", marks=CHANNELS)
    engine = LlamaEngine(path, name="gpt-oss", context_size=2048)
    engine.generate(question(1), max_tokens=1)
    assert engine.notes == []
    turn = [*question(1), ChatMessage("assistant", "There are 3."), ChatMessage("user", "And columns?")]
    asked, again = engine._chat.ids(question(1)), engine._chat.ids(turn)
    first = len(tokenizer_fields(vocabulary)["tokenizer.ggml.tokens"].value)
    start, end, message, channel = range(first, first + 4)
    counts = [asked.count(mark) for mark in (start, end, message, channel)]
    assert counts == [4, 3, 3, 0]  # its own message, the developer's and the user's; the reply is begun
    assert again[: len(asked)] == asked
    assert again[len(asked) : again.index(message, len(asked))][0] == channel  # the reply before is in the final one
    begun, _ = engine._chat.begin("There")
    assert begun == "<|channel|>final<|message|>There"
    assert engine.generate(turn, max_tokens=1).usage.evaluated < 60
    engine.close()


def test_a_real_model_with_a_sliding_window_reads_the_same_prompt_from_any_cache() -> None:
    path = printed_by(".ci/gemma.py")
    story = "\n".join(f"In {1800 + year} the village had {year * 7} inhabitants." for year in range(40))
    asks = [[ChatMessage("user", f"{story}\n{text}")] for text in ("How many in 1830?", "Where is Paris?")]
    replies = []
    for order in ([0, 1, 0], [1]):
        engine = LlamaEngine(path, name="gemma-3-270m", context_size=2048, chat_format="chatml")
        replies += [engine.generate(asks[number], max_tokens=12) for number in order]
        engine.close()
    first, other, again, fresh = replies
    assert (first.text, other.text) == (again.text, fresh.text)
    assert fresh.usage.evaluated == fresh.usage.prompt > 512  # its window
    assert max(other.usage.evaluated, again.usage.evaluated) < 40
    capital = engine.generate([ChatMessage("user", "?")], start="The capital of France is", max_tokens=4)
    assert "Paris" in capital.text
    engine.close()
