"""A staged cell, and attempts to run it.

The payload adds a byte to a file whenever it runs, so that the runs are counted outside of the kernel.
"""

from __future__ import annotations

import hashlib
from typing import Any

from .conftest import CONVERSATION, Cell, Lab

KEY = "codeactApproval"


class Staging:
    """A lab with a payload, and the number of attempts to run it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.evidence = lab.isolation.work / "evidence"
        self.payload = f"with open({str(self.evidence)!r}, 'a') as file:\n    file.write('x')"
        self.attempts = 0

    @property
    def runs(self) -> int:
        """Number of times that the payload ran."""
        return self.evidence.stat().st_size if self.evidence.exists() else 0

    def stage(self, source: str | None = None) -> tuple[Cell, dict[str, Any]]:
        """Return a staged cell with the payload or another source, and its approval."""
        cell = Cell(self.payload if source is None else source)
        self.lab.cells.append(cell)
        self.lab.hidden(f"_nonce = {CONVERSATION}.gate.stage({cell.id!r})")
        return cell, {"nonce": self.lab.value("_nonce"), "sha256": sha256(cell.source)}

    def attempt(self, cell: Cell, approval: Any = None, metadata: dict[str, Any] | None = None, **content: Any) -> Cell:
        """Try to run a cell, which must be refused."""
        before = self.runs
        approvals = {} if approval is None else {KEY: approval}
        self.attempts += 1
        self.lab.last = self.lab.finish(self.lab.send(cell, metadata={**approvals, **(metadata or {})}, **content))
        assert self.runs == before, (approval, metadata, content)
        assert cell.status == "error"
        return cell


def sha256(source: str) -> str:
    return hashlib.sha256(source.encode()).hexdigest()
