"""The memory check: a window that fits, or a refusal that says what would."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from codeact_jupyter.errors import NotEnoughMemory
from codeact_jupyter.models.header import Header
from codeact_jupyter.models.memory import cgroup_free_bytes, fit_context, free_bytes, needed_bytes

MIB = 2**20

QWEN = Header(
    path=Path("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
    file_bytes=1_117_320_768,
    version=3,
    architecture="qwen2",
    name="Qwen2.5 Coder 1.5B Instruct GGUF",
    context=32768,
    embedding=1536,
    layers=28,
    heads=12,
    kv_values=28 * 2 * 256,
    state_values=0,
    vocabulary=151936,
    has_chatml_tokens=True,
)


@pytest.mark.parametrize(("context", "cache", "buffers"), [(8192, 224, 305.75), (32768, 896, 848.01)])
def test_the_estimate_covers_what_llama_cpp_reserves(context: int, cache: float, buffers: float) -> None:
    """The figures are those that llama.cpp prints for this model."""
    reserved = (cache + buffers) * MIB
    estimate = needed_bytes(QWEN, context) - QWEN.file_bytes
    assert reserved <= estimate <= reserved + 128 * MIB


@pytest.mark.parametrize(("values", "megabytes"), [(0, 0), (1, 256), (10 * MIB, 256 + 40), (100 * MIB, 800)])
def test_a_recurrent_state_counts_with_its_copies(values: int, megabytes: int) -> None:
    """The copies take 256 MB at most, or one state if that is larger."""
    recurrent = dataclasses.replace(QWEN, state_values=values)
    more = needed_bytes(recurrent, 8192) - needed_bytes(QWEN, 8192)
    assert more == pytest.approx(megabytes * MIB, abs=8)


def test_with_plenty_of_memory_the_window_is_what_is_wanted_up_to_the_trained_one() -> None:
    plenty = 64 * 10**9
    assert fit_context(QWEN, None, plenty) == 8192
    assert fit_context(QWEN, 16384, plenty) == 16384
    assert fit_context(QWEN, 10**6, plenty) == 32768
    assert fit_context(dataclasses.replace(QWEN, context=4096), None, plenty) == 4096
    assert fit_context(QWEN, 600, plenty) == 600


def test_short_memory_shrinks_the_window_no_further_than_needed() -> None:
    free = needed_bytes(QWEN, 16384) + 1000
    assert fit_context(QWEN, 32768, free) == 16384
    assert fit_context(QWEN, 32768, free - 2000) == 15360


def test_the_smallest_window_is_tried_before_refusing() -> None:
    assert fit_context(QWEN, None, needed_bytes(QWEN, 2048)) == 2048


def test_a_refusal_names_the_file_the_need_and_a_model_that_fits() -> None:
    with pytest.raises(NotEnoughMemory) as refusal:
        fit_context(QWEN, None, 900 * 10**6)
    message = str(refusal.value)
    assert message.startswith("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf needs 1.6 GB of memory")
    assert "900 MB are free" in message
    assert "qwen2.5-coder-0.5b" in message
    assert message.count(".\n") == 0


def test_a_refusal_says_when_a_smaller_window_would_do() -> None:
    wide = dataclasses.replace(QWEN, kv_values=28 * 2 * 256 * 16)
    with pytest.raises(NotEnoughMemory, match="ask for a smaller window"):
        fit_context(wide, None, needed_bytes(wide, 600))


def test_a_wider_cache_value_needs_more() -> None:
    assert needed_bytes(QWEN, 8192, 4) - needed_bytes(QWEN, 8192, 2) == 224 * MIB


def test_free_memory_is_within_the_machines() -> None:
    assert 0 < free_bytes() <= psutil.virtual_memory().total


def test_an_address_space_limit_is_respected() -> None:
    code = (
        "import resource; from codeact_jupyter.models.memory import free_bytes;"
        "resource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9)); print(free_bytes())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(run.stdout) < 10**9


def test_a_control_groups_limit_is_respected_at_every_level(tmp_path: Path) -> None:
    root, membership = tmp_path / "cgroup", tmp_path / "membership"
    group = root / "user.slice" / "job"
    group.mkdir(parents=True)
    membership.write_text("0::/user.slice/job\n")
    (group / "memory.max").write_text("max\n")
    (group / "memory.current").write_text("100\n")
    (group.parent / "memory.max").write_text("5000\n")
    (group.parent / "memory.current").write_text("3000\n")
    (group.parent / "memory.stat").write_text("anon 2000\ninactive_file 700\n")
    assert cgroup_free_bytes(root, membership) == [2700]


def test_version_one_control_groups_are_read_too(tmp_path: Path) -> None:
    root, membership = tmp_path / "cgroup", tmp_path / "membership"
    (root / "memory" / "docker").mkdir(parents=True)
    membership.write_text("3:cpu,cpuacct:/docker\n5:memory:/docker\n")
    (root / "memory" / "docker" / "memory.limit_in_bytes").write_text("8000\n")
    (root / "memory" / "docker" / "memory.usage_in_bytes").write_text("1000\n")
    (root / "memory" / "memory.limit_in_bytes").write_text(f"{2**63 - 4096}\n")
    (root / "memory" / "memory.usage_in_bytes").write_text("9000\n")
    assert cgroup_free_bytes(root, membership) == [7000]


def test_a_machine_without_control_groups_has_no_such_limit(tmp_path: Path) -> None:
    assert cgroup_free_bytes(tmp_path / "none", tmp_path / "none") == []
