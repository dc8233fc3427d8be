"""A download in a process of its own, from a hub on this machine: progress, pause, continuation and errors."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codeact_jupyter.models import background
from codeact_jupyter.models.background import Download, Progress
from codeact_jupyter.models.catalogue import Model, models
from codeact_jupyter.models.store import path_of
from tests.local_sources import LocalSources, serving
from tests.tiny_gguf import write_tiny_gguf

MIB = 2**20
NAME = "granite-4.1-3b"  # has no pinned hash


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSources]:
    for name in ("HTTP_PROXY", "http_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(background, "POLL_SECONDS", 0.05)
    with serving() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        yield server


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    return write_tiny_gguf(tmp_path / "tiny.gguf", vocab=300).read_bytes()


def hosted(sources: LocalSources, content: bytes) -> Model:
    model = models()[NAME]
    assert model.hub
    sources.hub_files[f"{model.hub.repo}/{model.hub.file}"] = content
    return replace(model, bytes=len(content))


def last(shown: queue.Queue[Progress]) -> Progress:
    """Wait for the end of a download."""
    while (progress := shown.get(timeout=120)).state == "running":
        pass
    return progress


def test_the_file_is_there_when_it_is_done(sources: LocalSources, content: bytes) -> None:
    model, shown = hosted(sources, content), queue.Queue[Progress]()
    Download(model, shown.put)
    assert last(shown) == Progress(NAME, "done", "")
    assert path_of(model).read_bytes() == content


def test_a_paused_download_goes_on_where_it_was(sources: LocalSources, content: bytes) -> None:
    large = content + bytes(24 * MIB)  # the client writes pieces of 10 MB
    model, shown = hosted(sources, large), queue.Queue[Progress]()
    sources.stall_at, sources.stall_after = model.file, 15 * MIB
    first = Download(model, shown.put)
    partial = path_of(model).with_name(f"{model.file}.part")
    while not (partial.exists() and partial.stat().st_size >= 10 * MIB):
        assert shown.get(timeout=120).state == "running"
    while "10 MB of 25 MB (" not in shown.get(timeout=120).text:
        pass
    first.pause()
    paused = last(shown)
    assert paused.state == "paused"
    assert paused.text.startswith("paused at 10 MB of 25 MB (")
    assert 0.3 < paused.part < 0.6
    gathered = partial.stat().st_size
    sources.stall_at = ""
    Download(model, shown.put)
    assert last(shown).state == "done"
    assert path_of(model).read_bytes() == large
    assert sources.gets(model.file) == ["", f"bytes={gathered}-"]


@pytest.mark.parametrize("is_paused", [True, False])
def test_a_cancelled_download_leaves_nothing(sources: LocalSources, content: bytes, is_paused: bool) -> None:
    model, shown = hosted(sources, content + bytes(24 * MIB)), queue.Queue[Progress]()
    sources.stall_at, sources.stall_after = model.file, 15 * MIB
    download = Download(model, shown.put)
    partial = path_of(model).with_name(f"{model.file}.part")
    while not (partial.exists() and partial.stat().st_size >= 10 * MIB):
        assert shown.get(timeout=120).state == "running"
    if is_paused:
        download.pause()
        assert last(shown).state == "paused"
    download.cancel()
    assert not partial.exists()
    assert not path_of(model).exists()


@pytest.mark.parametrize("offline", [True, False])
def test_a_download_that_fails_says_why(sources: LocalSources, offline: bool) -> None:
    shown = queue.Queue[Progress]()
    Download(models()[NAME], shown.put, offline=offline)
    failed = last(shown)
    assert failed.state == "failed"
    assert (
        "this is an offline run" if offline else f"{NAME} could not be downloaded. the hub (ibm-granite"
    ) in failed.text
