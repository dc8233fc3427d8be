"""The recipe of docs/finetuning.md: from exported conversations to an adapter that changes what the model says."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import gguf
import pytest

from benchmarks import finetune
from codeact_jupyter.cli import main
from codeact_jupyter.dialects.trajectories import FORMATS
from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.journal import Journal
from codeact_jupyter.session.messages import Answer, Approval, ChatMessage, Observation, Prompt, Proposal, Tried
from tests.family_gguf import write_family
from tests.tiny_gguf import write_tiny_gguf

# What the libraries for training say about each other.
pytestmark = [pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("FutureWarning", "DeprecationWarning")]

PAGE = Path(__file__).parents[2] / "docs" / "finetuning.md"
CODE = "len(trips)"
STEP = f"I count them.\n```python\n{CODE}\n```"
ANSWER = "There are 7 trips."
EVENTS = (
    Prompt("How many trips are there?"),
    Proposal("a1", 1, "I count them.", CODE, STEP, "tiny"),
    Approval("a1", CODE),
    Observation("a1", "7", True),
    Answer(ANSWER),
)
FASTER = ["--epochs", "120", "--rate", "0.01"]  # a model of random weights has more to learn


def documented(command: str) -> list[str]:
    """Return the words of the page's command that begins so, after it."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (line,) = (line for block in blocks for line in block.splitlines() if line.startswith(command))
    return shlex.split(line.removeprefix(command), comments=True)


@pytest.fixture(params=["llama", "qwen2"])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Write a tiny model: of the architecture whose queries and keys llama.cpp has in another order, and of another."""
    tiny = write_tiny_gguf(tmp_path / "tiny.gguf")
    if request.param == "llama":
        return tiny
    return write_family(tmp_path / "family.gguf", request.param, vocabulary=tiny)


def replies(model: Path, record: dict[str, list[dict[str, str]]], adapter: str) -> list[str]:
    """Return what a model says at each place of a conversation where the record has a reply."""
    engine, _ = open_model(str(model), context_size=2048, adapter=adapter)
    messages = [ChatMessage(each["role"], each["content"]) for each in record["messages"]]  # type: ignore[arg-type]
    places = [place for place, message in enumerate(messages) if message.role == "assistant"]
    return [engine.generate(messages[:place], max_tokens=32).text.strip() for place in places]


def test_exported_conversations_become_an_adapter_with_which_the_model_says_what_it_learnt(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    journal = Journal.create(tmp_path / "journals", "analysis.ipynb")
    for event in EVENTS:
        journal.append(event)
    export = [str(journal.path) if word == "analysis.ipynb" else word for word in documented("jupyter codeact export")]
    assert main(["export", *export, "--no-scan"]) == 0
    (record,) = map(json.loads, Path("chat.jsonl").read_text(encoding="utf-8").splitlines())

    train = [
        str(model) if word == "qwen2.5-coder-0.5b" else word for word in documented("python -m benchmarks.finetune")
    ]
    assert finetune.main([*train, *FASTER]) == 0
    assert {each.name.partition(".lora_")[0] for each in gguf.GGUFReader("mine.gguf").tensors} >= {
        f"blk.{layer}.{part}.weight" for layer in (0, 1) for part in ("attn_q", "attn_k", "attn_output", "ffn_down")
    }
    assert replies(model, record, adapter="mine.gguf") == [STEP, ANSWER]
    assert not {STEP, ANSWER} & set(replies(model, record, adapter=""))


@pytest.mark.parametrize("form", FORMATS)
def test_datasets_loads_a_file_without_a_script_whatever_its_records_have(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    edited = [EVENTS[0], EVENTS[1], Approval("a1", "trips.shape"), Observation("a1", "7", True)]
    tried = Tried("raised", error="NameError: trips", evidence=Evidence(("trips.km",), rows=7, tried=True))
    others = [[EVENTS[0], replace(EVENTS[1], tried=tried), *edited[2:], Answer("7 \ud83d")], edited]  # type: ignore[type-var]
    for events in (EVENTS, *others):
        journal = Journal.create(tmp_path / "journals", "analysis.ipynb")
        for event in events:
            journal.append(event)
    out = tmp_path / "out.jsonl"
    assert main(["export", str(tmp_path / "journals"), "--format", form, "--out", str(out), "--no-scan"]) == 0
    loaded = datasets.load_dataset("json", data_files=str(out), split="train", cache_dir=str(tmp_path / "cache"))
    expected = list(map(json.loads, out.read_text(encoding="utf-8").splitlines()))
    assert loaded.to_list() == expected
    assert len(expected) == (2 if form == "preference" else 3)


def test_what_is_too_long_is_left_out_and_an_empty_set_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, data, out = write_tiny_gguf(tmp_path / "tiny.gguf"), tmp_path / "chat.jsonl", tmp_path / "mine.gguf"
    messages = [{"role": "user", "content": "many words " * 99}, {"role": "assistant", "content": "42"}]
    data.write_text(json.dumps({"messages": messages}) + "\n", encoding="utf-8")
    assert finetune.main([str(data), "--model", str(model), "--out", str(out), "--tokens", "64"]) == 1
    printed = capsys.readouterr()
    assert "1 conversations, 1 replies, 1 too long" in printed.out
    assert "export more conversations, or raise --tokens" in printed.err
    assert not out.exists()
