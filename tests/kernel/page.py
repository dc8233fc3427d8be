"""Test double of an open page with the extension.

It speaks by messages alone: it keeps a copy of the conversation, inserts the cells of proposals into the notebook, and
sends them with the user's approval.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .conftest import Cell, Lab

TARGET = "codeact-jupyter"
APPROVAL = "codeactApproval"
VERSION = version("codeact-jupyter")
TRIALS = Path(__file__).parents[1] / "browser" / "kernel" / "trials.py"
GIVE_TRIAL = """
import types
_trials = types.ModuleType("trials")
exec({source!r}, vars(_trials))
_trials.give_trial(**{fields!r})
del types, _trials
"""


def give_trial(**fields: Any) -> str:
    """Return code that gives each proposal from now on a trial with these fields, instead of its own if it has one."""
    return GIVE_TRIAL.format(source=TRIALS.read_text(encoding="utf-8"), fields=fields)


class Page:
    """One tab with the lab's notebook. A `silent` page inserts no cells, like one that was closed without a message."""

    def __init__(
        self, lab: Lab, *, silent: bool = False, options: dict[str, Any] | None = None, name: str | None = None
    ) -> None:
        self.lab = lab
        self.name = uuid.uuid4().hex if name is None else name
        self.silent = silent
        self.is_attached = False  #: true once a snapshot has come
        self.items: list[dict[str, Any]] = []
        self.status: dict[str, Any] = {}
        self.pending: dict[str, Any] | None = None
        self.streams: list[dict[str, Any]] = []
        self.proposals: list[dict[str, Any]] = []  #: each proposal that it received
        self._comm = uuid.uuid4().hex
        self._replies: dict[str, dict[str, Any]] = {}
        lab.listeners.append(self._receive)
        self._subshell = lab.open_subshell()
        self._send("comm_open", {"page": self.name}, target_name=TARGET)
        self.tell(type="attach", page=self.name, version=VERSION, options=options or {})
        lab.until(lambda: self.is_attached or not self.name)

    @property
    def phase(self) -> str:
        return str(self.status.get("phase"))

    @property
    def cell(self) -> Cell:
        """The waiting proposal's cell."""
        assert self.pending is not None
        return next(cell for cell in self.lab.cells if cell.id == self.pending["cell"])

    def close(self) -> None:
        """Close the tab without a message to the kernel."""
        self.lab.listeners.remove(self._receive)

    def leave(self) -> None:
        """Close the tab, as by a reload: its comm is closed."""
        self._send("comm_close", {})
        self.close()

    def tell(self, **message: Any) -> None:
        """Send a message."""
        self._send("comm_msg", message)

    def ask_for(self, **message: Any) -> Any:
        """Send a request and return the data of its reply. Raises RuntimeError with the reply's error."""
        number = uuid.uuid4().hex
        self.tell(**message, request=number)
        self.lab.until(lambda: number in self._replies)
        reply = self._replies.pop(number)
        if reply["error"]:
            raise RuntimeError(reply["error"])
        return reply["data"]

    def ask(self, text: str, **message: Any) -> None:
        """Ask a question in the chat."""
        self.ask_for(**{"type": "ask", "kind": "question", "text": text, "after": None, "cells": [], **message})

    def wait(self, phase: str) -> None:
        """Wait for a phase of the conversation; for `waits`, also for the proposal."""
        self.until(lambda: self.phase == phase and (phase != "waits" or self.pending is not None))

    def until(self, done: Callable[[], bool]) -> None:
        self.lab.until(done)

    def approval(self, source: str | None = None) -> dict[str, Any]:
        """Return the approval of the waiting step with the source, by default that of its cell."""
        assert self.pending is not None
        source = self.cell.source if source is None else source
        return {"nonce": self.pending["nonce"], "sha256": hashlib.sha256(source.encode()).hexdigest()}

    def approve(self) -> Cell:
        """Press Run and wait until the cell has run."""
        return self.lab.run(self.cell, metadata={APPROVAL: self.approval()})

    def send_approved(self) -> Cell:
        """Press Run."""
        return self.lab.send(self.cell, metadata={APPROVAL: self.approval()})

    def _send(self, kind: str, data: dict[str, Any], **content: Any) -> None:
        message = self.lab.client.session.msg(kind, {"comm_id": self._comm, "data": data, **content})
        if self._subshell:
            message["header"]["subshell_id"] = self._subshell
        self.lab.client.shell_channel.send(message)

    def _receive(self, message: dict[str, Any]) -> None:
        if message["msg_type"] != "comm_msg" or message["content"]["comm_id"] != self._comm:
            return
        data = message["content"]["data"]
        match data["type"]:
            case "snapshot":
                self.is_attached = True
                self.items, self.status, self.pending = data["items"], data["status"], data["pending"]
                self._place()
            case "item":
                self.items[data["index"] : data["index"] + 1] = [data["item"]]
            case "status":
                self.status = data["status"]
            case "stream":
                self.streams += [data["stream"]] if data["stream"] else []
            case "pending":
                self.pending = data["pending"]
                self._place()
            case "reply":
                self._replies[data["request"]] = data

    def _place(self) -> None:
        pending = self.pending
        if pending is None:
            return
        self.proposals.append(pending)
        if pending["page"] != self.name or self.silent:
            return
        if not any(cell.id == pending["cell"] for cell in self.lab.cells):
            below = [number for number, cell in enumerate(self.lab.cells) if cell.id == pending["after"]]
            place = below[0] + 1 if below else len(self.lab.cells)
            self.lab.cells.insert(place, Cell(pending["code"], pending["cell"]))
        self.tell(type="placed", proposal=pending["proposal"])
