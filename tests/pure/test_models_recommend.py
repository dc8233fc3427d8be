"""Which models suit a machine: what is needed, predicted and said."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codeact_jupyter.errors import ModelError
from codeact_jupyter.models import recommend
from codeact_jupyter.models.catalogue import models
from codeact_jupyter.models.recommend import Speed, advise, best, needed, predict, step_seconds
from tests.tiny_gguf import write_tiny_gguf

GB = 10**9
SLOW = Speed("qwen2.5-coder-1.5b", prefill=50.0, decode=8.0, threads=2)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path))
    return tmp_path / "models"


def test_a_model_is_predicted_to_be_as_fast_as_it_was_measured() -> None:
    assert predict(models()[SLOW.model], SLOW) == pytest.approx((50.0, 8.0))
    assert step_seconds(models()[SLOW.model], SLOW) == pytest.approx(300 / 50 + 110 / 8)


def test_reading_follows_the_arithmetic_and_writing_the_bytes_too() -> None:
    small, large = models()["qwen2.5-coder-1.5b"], models()["qwen2.5-coder-7b"]
    prefill, decode = predict(large, Speed(small.name, prefill=100.0, decode=10.0, threads=2))
    assert prefill == pytest.approx(100.0 * small.parameters / large.parameters)
    assert 1 / decode == pytest.approx(1 / prefill + 0.09 * large.bytes / small.bytes)
    only_arithmetic = predict(large, Speed(small.name, prefill=10.0, decode=10.0, threads=2))
    assert only_arithmetic[0] == pytest.approx(only_arithmetic[1])


def test_time_grows_with_the_weights_that_a_token_uses() -> None:
    seconds = {name: step_seconds(models()[name], SLOW) for name in models() if models()[name].parameters}
    assert seconds["qwen2.5-coder-0.5b"] < seconds["qwen2.5-coder-1.5b"] < seconds["qwen2.5-coder-7b"]
    assert seconds["qwen2.5-coder-7b"] < seconds["qwen2.5-coder-14b"]
    assert seconds["qwen3-coder-30b-a3b"] < seconds["qwen2.5-coder-7b"]  # a tenth of its weights for each token


@pytest.mark.parametrize(("free", "fits"), [(GB // 4, 0), (1 * GB, 1), (6 * GB, 7), (64 * GB, 15)])
def test_what_fits_is_told_from_what_does_not(free: int, fits: int) -> None:
    advice = advise(free, None)
    assert sum(each.fits for each in advice) == fits
    assert all(each.needs > each.model.bytes for each in advice)
    assert all(each.left == free - each.needs and each.seconds == 0 for each in advice)
    assert best(advice) is None


def test_the_largest_that_fits_and_is_fast_enough_is_named() -> None:
    choice = best(advise(16 * GB, SLOW))
    assert choice is not None
    assert choice.fits
    assert choice.seconds <= recommend.PATIENCE
    assert all(
        each.model.bytes <= choice.model.bytes for each in advise(16 * GB, SLOW) if 0 < each.seconds <= 60 and each.fits
    )
    assert best(advise(GB // 4, SLOW)) is None


def test_a_file_on_disk_is_judged_by_its_header(cache: Path) -> None:
    model = models()["smollm2-135m"]
    cache.mkdir()
    by_catalogue = needed(model)
    write_tiny_gguf(cache / model.file, vocab=300)
    assert 0 < needed(model) < by_catalogue
    (cache / model.file).write_bytes(b"no model")
    assert needed(model) == by_catalogue


def test_a_measurement_is_remembered_and_a_damaged_one_forgotten(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert recommend.measured() is None
    probe = tmp_path / "codeact_probe.py"
    probe.write_text(
        "import json; print(json.dumps({'prefill': 80.0, 'decode': 9.5, 'threads': 4, 'gpus': ['A', 'B']}))"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(recommend, "PROBE", "codeact_probe")
    speed = recommend.measure(models()["qwen2.5-coder-0.5b"])
    assert speed == Speed("qwen2.5-coder-0.5b", 80.0, 9.5, 4, ("A", "B"))
    found = recommend.measured()
    assert found is not None
    assert replace(found, gpus=tuple(found.gpus)) == speed
    (tmp_path / "speed.json").write_text('{"model": "gone", "prefill": 1, "decode": 1, "threads": 1}')
    assert recommend.measured() is None
    (tmp_path / "speed.json").write_text("{")
    assert recommend.measured() is None


def test_a_probe_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommend, "PROBE", "no_such_probe_of_codeact")
    with pytest.raises(ModelError, match=r"cannot be measured \(.*No module named no_such_probe_of_codeact"):
        recommend.measure(models()["qwen2.5-coder-0.5b"])


def test_the_model_to_measure_with_is_the_default_or_the_largest_at_hand(cache: Path) -> None:
    assert recommend.at_hand() is None
    cache.mkdir()
    for name in ("smollm2-135m", "qwen2.5-coder-0.5b", "qwen2.5-coder-14b", "qwen2.5-coder-1.5b"):
        (cache / models()[name].file).write_bytes(b"")
        there = recommend.at_hand()
        assert there is not None
        assert there.name == name


def test_the_probe_is_a_module_of_this_package() -> None:
    assert recommend.PROBE == "codeact_jupyter.engines.probe"
    assert sys.executable
