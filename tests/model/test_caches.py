"""No prompt is wrong, on each kind of cache. `python -m benchmarks.cache_edits` does it at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cache_edits import KINDS
from codeact_jupyter.engines import native
from tests.cache_edits import Edits, Reference
from tests.family_gguf import write_family

pytestmark = pytest.mark.model


@pytest.mark.parametrize("family", KINDS)
def test_edited_prompts_give_the_logits_of_a_fresh_evaluation(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_family(tmp_path / f"{family}.gguf", family)
    reference = Reference(path)
    monkeypatch.setattr(native, "CHUNK", 16)
    edits = Edits(path, tmp_path, reference)
    for seed in range(8):
        edits.run(seed, 8)
    assert edits.wrong == []
    assert edits.compared > 64
    assert edits.native.evaluated < edits.prompt_tokens / 3
    edits.native.close()
    reference.close()
