"""The whole loop on real models, and on a small file built as the seed's are."""

from __future__ import annotations

from pathlib import Path

import pytest

from codeact_jupyter import solve
from codeact_jupyter.dialects.prompt import DIALECTS, build_messages
from codeact_jupyter.dialects.reply import is_complete, parse_reply
from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.errors import ModelError
from codeact_jupyter.session.messages import ChatMessage, Observation, Prompt, Proposal
from codeact_jupyter.session.window import fit
from tests.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.model


def test_the_default_model_answers_from_what_it_computed() -> None:
    points = {"ann": [3, 5, 10], "bob": [4, 4, 4], "cid": [9, 1, 1]}

    def total(name: str) -> int:
        """The sum of the points of the person with this name."""
        return sum(points[name])

    run = solve("What is the total of ann? Use the function.", {"total": total})
    assert run.status == "answered"
    assert run.answer is not None
    assert "18" in run.answer
    assert any("total(" in turn.code for turn in run.turns)
    assert run.usage.evaluated < run.usage.prompt  # later turns evaluate only what is new


def test_a_refused_answer_goes_back_to_the_model() -> None:
    verdicts = iter(["Answer in grams, not in kilograms.", True])
    run = solve("A bird weighs mass kilograms. What is its mass?", {"mass": 5.25}, check=lambda answer: next(verdicts))
    assert run.status == "answered"
    assert any("in grams" in message.content for message in run.messages if message.role == "user")


@pytest.mark.parametrize(("family", "window"), [("mistral", 32768), ("llama2", 4096)])
def test_the_seeds_files_get_their_own_format_dialect_and_window(tmp_path: Path, family: str, window: int) -> None:
    path = write_tiny_gguf(tmp_path / f"{family}.gguf", context=window, family=family)  # type: ignore[arg-type]
    engine, dialect = open_model(str(path), context_size=window)
    assert dialect is DIALECTS["codeact"]
    assert engine.context_size == window
    prompt = build_messages([Prompt("How many?")], dialect)
    assert "<execute>" in prompt[0].content
    reply = engine.generate(prompt, max_tokens=24, is_complete=is_complete)
    assert 0 < reply.usage.generated <= 24
    run = solve("How many?", model=str(path), max_turns=2, max_tokens=16)
    assert run.status in ("answered", "limit", "no_answer")


def test_the_seeds_stop_tag_is_put_back_before_the_reply_enters_the_history(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "seed.gguf", context=4096)
    engine, dialect = open_model(str(path), context_size=4096)
    reply = "I count.\n<execute>\nlen(df)\n</execute>"
    proposal = Proposal("p", 1, "I count.", "len(df)", reply)
    history = build_messages([Prompt("How many?"), proposal, Observation("p", "3", True)], dialect)
    assert history[-2] == ChatMessage("assistant", reply)
    assert history[-1].content == "Execution Output:\n3"
    assert parse_reply(reply).code == "len(df)"
    assert engine.count_tokens(history) > engine.count_tokens(history[:-2])


def test_a_4k_window_is_kept_however_long_the_history(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "seed.gguf", context=4096)
    engine, dialect = open_model(str(path), context_size=4096)
    transcript: list[Prompt | Proposal | Observation] = [Prompt("How many?")]
    for number in range(12):
        transcript.append(Proposal(str(number), number, "", "x", "<execute>\nx\n</execute>"))
        transcript.append(Observation(str(number), "value " * 400, True))
    room = 4096 - 512
    assert engine.count_tokens(build_messages(transcript, dialect)) > 4096

    def count(cut: object) -> int:
        return engine.count_tokens(build_messages([*transcript, cut], dialect))  # type: ignore[list-item]

    cut = fit(transcript, lambda: "", count, room)
    assert cut is not None
    assert count(cut) <= room


@pytest.mark.parametrize("content", [b"", b"GGUF", b"PK\x03\x04 not a model", b"GGUF" + b"\xff" * 64])
def test_a_file_that_is_no_model_ends_the_question_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(content)
    run = solve("How many?", model=str(path))
    assert run.status == "no_model"
    assert "broken.gguf" in run.reason
    with pytest.raises(ModelError):
        open_model(str(path))
