"""Forged requests by several clients at once, each in the main shell and in a subshell of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.session import Session

from codeact_jupyter.kernel.run_all import RUN_ALL_SECONDS
from tests.hostile import Tries

from .conftest import PATIENCE, Lab
from .staging import KEY, Staging, sha256

pytestmark = [pytest.mark.kernel, pytest.mark.hostile("forged requests")]

CLIENTS = 4


class Client:
    """A front end of its own, connected to the lab's kernel."""

    def __init__(self, lab: Lab) -> None:
        session = Session(key=lab.km.session.key, signature_scheme=lab.km.session.signature_scheme)
        self.client: BlockingKernelClient = lab.km.client(session=session)
        self.client.start_channels(stdin=False, hb=False)
        self.client.control_channel.send(session.msg("create_subshell_request", {}))
        self.subshell = self.client.get_control_msg(timeout=PATIENCE)["content"]["subshell_id"]

    def send(self, source: str, metadata: dict[str, Any], subshell: str = "", **content: Any) -> None:
        """Send a cell, and do not wait for its end."""
        request = {"code": source, "silent": False, "store_history": True, "stop_on_error": False, **content}
        message = self.client.session.msg("execute_request", request)
        message["metadata"] = metadata
        if subshell:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def replies(self, count: int) -> list[str]:
        """Return the states of this many replies."""
        return [self.client.get_shell_msg(timeout=PATIENCE)["content"]["status"] for _ in range(count)]


@contextmanager
def clients(lab: Lab) -> Iterator[list[Client]]:
    made = [Client(lab) for _ in range(CLIENTS)]
    try:
        yield made
    finally:
        for each in made:
            each.client.stop_channels()


@pytest.fixture
def staging(lab: Lab) -> Staging:
    return Staging(lab)


def forgeries(cell: str, source: str, right: dict[str, Any], other: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield sources, metadata and contents of requests that would run the staged cell without its approval."""
    nonce = right["nonce"]
    yield source, {"cellId": cell}
    for approval in (
        {},
        True,
        nonce,
        [right],
        other,
        {**right, "nonce": other["nonce"]},
        {**right, "nonce": nonce[::-1]},
        {**right, "nonce": nonce.upper()},
        {**right, "nonce": f"{nonce}é"},
        {**right, "nonce": None},
        {**right, "sha256": other["sha256"]},
        {**right, "sha256": right["sha256"].upper()},
        {**right, "sha256": ["a"]},
        {"nonce": nonce},
        {"sha256": right["sha256"]},
    ):
        yield source, {"cellId": cell, KEY: approval}
    for wrong in (f"{cell}0", "", None, cell.upper(), [cell], {"id": cell}):
        yield source, {"cellId": wrong, KEY: right}
    for changed in (f"{source}\n", f"%%time\n{source}", f"exec({source!r})", f"{source}\npass"):
        yield changed, {"cellId": cell, KEY: right}
    yield source, {"cellId": cell, KEY: right}, {"silent": True}
    yield source, {"cellId": cell, "codeact": right, "trusted": True}


def test_four_clients_and_their_subshells_cannot_run_a_staged_cell(staging: Staging, tries: Tries) -> None:
    cell, right = staging.stage()
    _, other = staging.stage("pass")
    forged = list(forgeries(cell.id, cell.source, right, other))
    with clients(staging.lab) as front_ends:
        for client in front_ends:
            for source, metadata, *content in forged:
                for subshell in ("", client.subshell):
                    client.send(source, metadata, subshell, **(content[0] if content else {}))
        for client in front_ends:
            assert set(client.replies(2 * len(forged))) <= {"error", "aborted"}
            tries.add(2 * len(forged))
        assert staging.runs == 0
        time.sleep(RUN_ALL_SECONDS)
        for client in front_ends:
            for subshell in ("", client.subshell):
                client.send(f"own = {sha256(client.subshell)!r}", {"cellId": f"of {subshell}"}, subshell)
            assert client.replies(2) == ["ok", "ok"]
            tries.control(2)
    assert tries.count >= 200
    time.sleep(RUN_ALL_SECONDS)
    staging.lab.run(cell, metadata={KEY: right})
    assert (cell.status, staging.runs) == ("ok", 1)
    tries.control()


def test_of_many_requests_with_the_right_approval_one_runs(staging: Staging, tries: Tries) -> None:
    with clients(staging.lab) as front_ends:
        for _ in range(5):
            cell, right = staging.stage()
            before = staging.runs
            for client in front_ends:
                for subshell in ("", client.subshell):
                    client.send(cell.source, {"cellId": cell.id, KEY: right}, subshell)
            answers = [status for client in front_ends for status in client.replies(2)]
            assert answers.count("ok") == 1
            assert staging.runs == before + 1
            tries.add(2 * CLIENTS - 1)
            tries.control()
            time.sleep(RUN_ALL_SECONDS)
