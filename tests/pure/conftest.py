"""A scripted model server for the tests of the engine that speaks to one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from codeact_jupyter.engines.openai_server import KEY
from tests.chat_server import Start, serving


@pytest.fixture
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, and no proxy for this machine, in the environment."""
    monkeypatch.delenv(KEY, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def start() -> Iterator[Start]:
    """A function that starts a server, which answers with these pieces, and returns it."""
    with ExitStack() as servers:
        yield lambda *pieces: servers.enter_context(serving(lambda request: list(pieces)))
