"""What all tests with a model share."""

from __future__ import annotations

from pathlib import Path

import pytest

from codeact_jupyter.engines import first_load


@pytest.fixture(autouse=True)
def records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the records of the models that were loaded out of the user's cache directory."""
    folder = tmp_path / "records"
    monkeypatch.setattr(first_load, "cache_directory", lambda: folder)
    return folder
