"""The folder of the prefix cache is private."""

from __future__ import annotations

from pathlib import Path

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
