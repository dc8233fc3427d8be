"""LoRA adapters, written by the test for a tiny model."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from codeact_jupyter.engines import loading
from codeact_jupyter.engines.llama import LlamaEngine
from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.errors import ModelCorrupt, ModelNotFound
from codeact_jupyter.models import catalogue
from codeact_jupyter.session.messages import ChatMessage
from tests.tiny_gguf import WIDTH, write_tiny_gguf

pytestmark = pytest.mark.model

ASK = [ChatMessage("user", "Say something.")]
RANK = 4


def write_adapter(path: Path, *, architecture: str = "llama", strength: float = 1.0, width: int = WIDTH) -> Path:
    """Write an adapter that changes the output of the tiny model's first attention layer."""
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(RANK))
    random = np.random.default_rng(7)
    name = "blk.0.attn_output.weight"
    writer.add_tensor(f"{name}.lora_a", random.normal(0, strength, (RANK, width)).astype(np.float32))
    writer.add_tensor(f"{name}.lora_b", random.normal(0, strength, (width, RANK)).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf")


def reply(model: Path, adapter: Path | None, prefix_cache: Path | None = None) -> str:
    engine = LlamaEngine(model, name="tiny", context_size=512, adapter=adapter, prefix_cache=prefix_cache)
    try:
        return engine.generate(ASK, max_tokens=16).text
    finally:
        engine.close()


def test_an_adapter_changes_what_the_model_says_and_one_of_zeros_does_not(model: Path, tmp_path: Path) -> None:
    plain = reply(model, None)
    assert reply(model, write_adapter(tmp_path / "nothing.gguf", strength=0.0)) == plain
    changed = reply(model, write_adapter(tmp_path / "strong.gguf"))
    assert changed != plain
    assert reply(model, write_adapter(tmp_path / "again.gguf")) == changed


def test_the_state_of_a_prefix_is_kept_for_each_adapter(model: Path, tmp_path: Path) -> None:
    fixed = [ChatMessage("system", "rule " * 400, fixed=True), *ASK]
    files = tmp_path / "prefixes"
    for adapter in (None, write_adapter(tmp_path / "one.gguf"), write_adapter(tmp_path / "two.gguf", strength=2.0)):
        engine = LlamaEngine(model, name="tiny", context_size=1024, adapter=adapter, prefix_cache=files)
        engine.generate(fixed, max_tokens=1)
        engine.close()
    assert len(list(files.glob("*.kv"))) == 3


@pytest.mark.parametrize("wrong", ["architecture", "shape", "no adapter", "no model at all"])
def test_a_file_that_does_not_fit_is_refused_with_a_way_out(model: Path, tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "adapter.gguf"
    if wrong == "architecture":
        write_adapter(path, architecture="qwen2")
    elif wrong == "shape":
        write_adapter(path, width=2 * WIDTH)
    elif wrong == "no adapter":
        write_tiny_gguf(path)
    else:
        path.write_bytes(b"GGUF but not really")
    with pytest.raises(ModelCorrupt, match=r"adapter\.gguf cannot be used with tiny\.gguf .*give a LoRA adapter"):
        reply(model, path)


def test_it_is_named_by_its_path_and_must_be_there(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path))
    adapter = write_adapter(tmp_path / "mine.gguf")
    engine, _ = open_model(str(model), context_size=512, adapter=str(adapter))
    changed = engine.generate(ASK, max_tokens=16).text
    engine, _ = open_model(str(model), context_size=512)
    assert engine.generate(ASK, max_tokens=16).text != changed
    monkeypatch.chdir(tmp_path)
    engine, _ = open_model(str(model), context_size=512, adapter=adapter.name)
    assert engine.generate(ASK, max_tokens=16).text == changed
    engine, _ = open_model(str(model), context_size=512, adapter="none.gguf")
    with pytest.raises(ModelNotFound, match=r"There is no adapter .*none\.gguf: give a LoRA adapter"):
        engine.generate(ASK)


def test_an_entry_of_the_catalogue_names_the_adapter_beside_its_file(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = catalogue.Model("mine", model.name, 0, "MIT", "llama", 512, "chatml", "codeact", adapter="beside.gguf")
    monkeypatch.setattr(loading, "locate", lambda name, **options: (described, model))
    plain = reply(model, None)
    write_adapter(model.with_name("beside.gguf"))
    engine, _ = open_model("mine", context_size=512)
    assert engine.generate(ASK, max_tokens=16).text != plain
