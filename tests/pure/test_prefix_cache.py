"""The prefix cache: its folder is private, and a full disk leaves nothing behind."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from codeact_jupyter.engines.prefix_cache import PrefixCache


def test_folder_and_files_are_private_also_where_the_folder_was_there_before(tmp_path: Path) -> None:
    folder, model = tmp_path / "prefixes", tmp_path / "model.gguf"
    folder.mkdir(mode=0o755)
    model.touch()
    cache = PrefixCache(folder, model, "1")
    path = cache.path_for([1, 2, 3])
    cache.store(path, lambda place: bool(place.write_bytes(b"state")))
    assert path.read_bytes() == b"state"
    assert (folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)


def full(place: Path) -> bool:
    place.write_bytes(b"half of it")
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.hostile("disk full")
@pytest.mark.parametrize("write", [full, lambda place: False, lambda place: place.unlink() or True])
def test_a_state_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, write: Callable[[Path], bool]) -> None:
    (tmp_path / "model.gguf").touch()
    cache = PrefixCache(tmp_path / "prefixes", tmp_path / "model.gguf", "1")
    cache.store(cache.path_for([1, 2, 3]), write)
    assert list((tmp_path / "prefixes").iterdir()) == []
