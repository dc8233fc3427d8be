"""One model in this process and behind llama-cpp-python's own server on loopback: the same greedy replies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.same_answers import TASKS, asked, in_one_piece, served
from codeact_jupyter.engines.llama import LlamaEngine
from codeact_jupyter.engines.openai_server import ServerEngine
from codeact_jupyter.models.store import locate

pytestmark = pytest.mark.model

SMALL = "qwen2.5-coder-0.5b"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(locate(SMALL)[1]) as found:
        yield found


@pytest.mark.parametrize("task", TASKS[:3])
def test_the_greedy_reply_is_the_same(address: str, task: str) -> None:
    here = LlamaEngine(locate(SMALL)[1], name=SMALL, context_size=2048)
    there = ServerEngine(address)
    with in_one_piece():
        expected = here.generate(asked(task), max_tokens=24)
    done = there.generate(asked(task), max_tokens=24)
    here.close()
    assert done.text.strip() == expected.text.strip()
    assert done.finish == expected.finish


def test_stop_ends_it_and_the_server_goes_on(address: str) -> None:
    engine = ServerEngine(address)
    done = engine.generate(asked("Count from 1 to 500."), on_text=lambda text: engine.stop(), max_tokens=400)
    assert done.finish == "stopped"
    assert engine.generate(asked(TASKS[0]), max_tokens=8).usage.generated > 0
