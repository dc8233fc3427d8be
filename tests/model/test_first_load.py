"""Unknown model files are loaded in a child process first: damaged ones end in a sentence, good ones are remembered."""

from __future__ import annotations

import os
import random
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codeact_jupyter import solve
from codeact_jupyter.engines import first_load, loading
from codeact_jupyter.engines.first_load import is_known, load_in_child
from codeact_jupyter.engines.loading import open_model
from codeact_jupyter.errors import ModelCorrupt, ModelError
from codeact_jupyter.models.catalogue import Model
from codeact_jupyter.models.header import read_header
from codeact_jupyter.session.messages import ChatMessage
from tests.tiny_gguf import write_tiny_gguf

from .test_adapter import write_adapter

pytestmark = pytest.mark.model

TEMPLATE = "{% for message in messages %}{{ message.content }}{% endfor %}"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_opened", {})


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("tiny") / "tiny.gguf", vocab=600, chat_template=TEMPLATE)


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[list[Path]]:
    """The files of each child that was started."""
    started: list[list[Path]] = []

    def load(files: list[Path], stopped: Callable[[], bool]) -> None:
        started.append(list(files))
        load_in_child(files, stopped)

    monkeypatch.setattr(loading, "load_in_child", load)
    return started


def load(path: Path, **options: str) -> None:
    """Open a model and load it."""
    engine, _ = open_model(str(path), context_size=512, **options)  # type: ignore[arg-type]
    engine.count_tokens([ChatMessage("user", "Hello.")])


def stub(monkeypatch: pytest.MonkeyPatch, folder: Path, program: str) -> None:
    """Let children run this program in place of llama.cpp."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{program}\n")
    path.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(path))


def test_an_unknown_file_is_loaded_in_a_child_once(tiny: Path, records: Path, children: list[list[Path]]) -> None:
    said: list[str] = []
    for _ in range(2):
        engine, _ = open_model(str(tiny), context_size=512, report=said.append)
        assert engine.name == "tiny.gguf"
        engine.count_tokens([ChatMessage("user", "Hello.")])
        loading._opened.clear()
    assert children == [[tiny]]
    assert said == ["tiny.gguf: first load, in a process of its own"]
    files = [records / "loaded", *(records / "loaded").iterdir()]
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o700, 0o600]


def test_a_folder_and_a_file_that_were_there_are_closed_to_others(tiny: Path, records: Path) -> None:
    (records / "loaded").mkdir(parents=True, mode=0o755)
    record = first_load._record([tiny])
    load_in_child([tiny])
    record.chmod(0o644)
    load_in_child([tiny])
    assert [stat.S_IMODE(path.stat().st_mode) for path in (records / "loaded", record)] == [0o700, 0o600]


CHANGES: dict[str, Callable[[Path], object]] = {
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "written again": lambda path: os.utime(path, ns=(1, 1)),
    "another file": lambda path: (path.with_name("new").write_bytes(b"a model"), path.with_name("new").replace(path)),
    "elsewhere": lambda path: path.rename(path.with_name("moved.gguf")),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_has_changed_is_unknown_again(tmp_path: Path, change: str) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"a model")
    first_load._remember([path])
    assert is_known([path])
    CHANGES[change](path)
    assert not is_known([path if path.exists() else path.with_name("moved.gguf")])


def test_another_version_of_llama_cpp_knows_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.gguf"
    path.touch()
    first_load._remember([path])
    monkeypatch.setattr(first_load, "version", lambda name: "0")
    assert not is_known([path])


def test_a_cache_that_cannot_be_written_remembers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.gguf"
    path.touch()
    monkeypatch.setattr(first_load, "cache_directory", lambda: path)
    first_load._remember([path])
    assert not is_known([path])


def test_a_file_that_the_catalogue_pins_needs_no_child(
    tiny: Path, children: list[list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned = Model("mine", tiny.name, 0, "MIT", "llama", 512, "gguf", "markdown", sha256="0" * 64)
    monkeypatch.setattr(loading, "locate", lambda name, **options: (pinned, tiny))
    load(Path("mine"))
    assert children == []


def test_an_adapter_is_tried_with_its_model(tiny: Path, tmp_path: Path, children: list[list[Path]]) -> None:
    model = write_tiny_gguf(tmp_path / "model.gguf")
    good, bad = write_adapter(tmp_path / "good.gguf"), tmp_path / "bad.gguf"
    bad.write_bytes(b"GGUF but not really")
    load(model, adapter=str(good))
    assert children == [[model, good]]
    with pytest.raises(ModelCorrupt, match=r"bad\.gguf cannot be used with model\.gguf"):
        load(model, adapter=str(bad))


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("kill -SEGV $$", "crashed \\(Segmentation fault\\)"),
        ("kill -ABRT $$", "crashed \\(Aborted\\)"),
        ("kill -KILL $$", "crashed \\(Killed\\)"),
        ("echo 'out of room'; exit 3", "failed \\(out of room\\)"),
        ("exit 1", "failed \\(no reason given\\)"),
        ("yes | head -c 100000; exit 1", "failed \\(y\\)"),
        ("exec sleep 600", "did not end within 1 s"),
    ],
)
def test_what_happens_to_the_child_is_a_sentence(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, told: str
) -> None:
    stub(monkeypatch, tmp_path, program)
    if "sleep" in program:
        monkeypatch.setattr(first_load, "SECONDS", 1.0)
    with pytest.raises(ModelCorrupt, match=f"tiny.gguf cannot be used: a process that loaded it {told}"):
        load_in_child([tiny])
    assert not is_known([tiny])


def test_a_child_that_cannot_be_started_is_said(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ModelError, match="No process can be started"):
        load_in_child([tiny])


def test_an_error_of_the_engine_keeps_its_words(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "mute.gguf", vocab=300, chat_template="{{ raise_exception('no') }}")
    with pytest.raises(ModelError, match=r"mute\.gguf cannot be spoken to"):
        load_in_child([path])


def test_memory_is_limited_in_the_child(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_load, "free_bytes", lambda: 1 << 20)
    with pytest.raises(ModelError):
        load_in_child([tiny])


@pytest.mark.parametrize("token", [b"<0x0A>", b"<0x48>"])
def test_a_file_that_aborts_llama_cpp_ends_the_question_with_a_sentence(
    tiny: Path, tmp_path: Path, token: bytes
) -> None:
    path = tmp_path / "aborts.gguf"
    path.write_bytes(tiny.read_bytes().replace(token, b"<0xZZ>"))
    read_header(path)
    for _ in range(2):
        run = solve("How many?", model=str(path))
        assert run.status == "no_model"
        assert f"{path} cannot be used: a process that loaded it crashed (Aborted)" in run.reason


MUTANTS = 24


@pytest.mark.parametrize("seed", range(MUTANTS))
def test_a_mutant_ends_in_a_sentence_or_is_loaded_and_this_process_lives(tiny: Path, tmp_path: Path, seed: int) -> None:
    """Mutants that the check of the header lets through; the others never reach llama.cpp."""
    chance = random.Random(seed)
    good = tiny.read_bytes()
    path = tmp_path / "mutant.gguf"
    for _ in range(1000):
        mutant = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(4, 14_000 if chance.random() < 0.9 else len(mutant))
            mutant[place] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
        if mutant == good:
            continue
        path.write_bytes(mutant)
        try:
            read_header(path)
        except ModelCorrupt:
            continue
        break
    try:
        load_in_child([path])
    except ModelError as error:
        assert "mutant.gguf" in str(error)
        assert "\n" not in str(error)
        assert not is_known([path])
    else:
        assert is_known([path])
