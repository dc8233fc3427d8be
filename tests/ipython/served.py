"""A shell with a gate that serves the requests of a front end, and AST transformers that stand beside the gate."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Container
from datetime import datetime, timedelta
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter.kernel.gate import APPROVAL_KEY, Gate, digest

START = datetime(2026, 1, 1)
PAYLOAD = "runs.append(1)"


class Clock:
    """The kernel's clock, which stands still while nothing waits. It takes the place of the module `time`."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class KernelShell(InteractiveShell):
    """A shell that serves the requests of a front end."""

    request: dict[str, Any] = {}  # noqa: RUF012

    def set_parent(self, parent: dict[str, Any]) -> None:
        self.request = parent

    def get_parent(self) -> dict[str, Any]:
        return self.request


def new_shell() -> KernelShell:
    config = Config()
    config.HistoryManager.enabled = False
    return KernelShell(config=config)


class Kernel:
    """A shell, by default a new one, with a gate, and a front end that sends cells at times of its own.

    `run_all.time` must be its clock.
    """

    def __init__(self, shell: KernelShell | None = None, clock: Clock | None = None, left: Container[str] = ()) -> None:
        self.shell = shell or new_shell()
        self.clock = clock or Clock()
        self.gate = Gate(self.shell, left.__contains__)
        self.runs: list[int] = []
        self.shell.user_ns["runs"] = self.runs
        self._number = itertools.count()
        self.now = START

    def request(
        self, cell: str | None, source: str = PAYLOAD, *, later: float = 60, front_end: str = "tab", **rest: Any
    ) -> dict[str, Any]:
        """Return a request that the front end sends this many seconds after the one before."""
        self.now += timedelta(seconds=later)
        self.clock.sleep(later)
        header = {"msg_type": "execute_request", "msg_id": str(next(self._number)), "session": front_end}
        metadata = {APPROVAL_KEY: rest.pop("approval")} if "approval" in rest else {}
        metadata |= rest.pop("metadata", {})
        content = {"code": source, "silent": False, **rest}
        return {
            "header": {**header, "date": self.now},
            "metadata": {**metadata, **({"cellId": cell} if cell else {})},
            "content": content,
        }

    def serve(self, request: dict[str, Any]) -> str:
        """Run a request as the kernel does. Return `ran`, or the reason why it did not."""
        self.shell.set_parent(request)
        silent = request["content"]["silent"]
        result = self.shell.run_cell(request["content"]["code"], store_history=not silent, silent=silent)
        error = result.error_before_exec or result.error_in_exec
        return "ran" if error is None else str(error)

    def serve_all(self, requests: list[dict[str, Any]]) -> list[bool]:
        """Serve requests that have all arrived before the first one is served. Return which of them ran."""
        for request in requests:
            self.gate._sent.note(request)
        return [self.serve(request) == "ran" for request in requests]

    def abort(self, request: dict[str, Any]) -> None:
        """Reply that the request is aborted, as the kernel does to those behind a cell that failed."""
        self.shell.set_parent(request)

    def stage(self, cell: str, source: str = PAYLOAD) -> dict[str, str]:
        """Return the right approval of a staged cell."""
        return {"nonce": self.gate.stage(cell), "sha256": digest(source)}


# --- transformers ---------------------------------------------------------------------------------------------------


class Raising(ast.NodeTransformer):
    def __init__(self, error: type[BaseException]) -> None:
        self.error = error

    def visit(self, node: ast.AST) -> ast.AST:
        raise self.error("of a transformer")


class Emptying(ast.NodeTransformer):
    """Takes all transformers out of the list that IPython walks."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def visit(self, node: ast.AST) -> ast.AST:
        self.shell.ast_transformers.clear()
        return node


class Replacing(ast.NodeTransformer):
    """Runs other code in the cell's place."""

    def visit(self, node: ast.AST) -> ast.AST:
        return ast.parse("runs.append('instead')")


class Idle(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST:
        return node
