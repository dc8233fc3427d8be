"""Runs notebooks with `%%codeact` cells without a front end: what JupyterLab does with a prefilled cell, by nbclient.

A step that the kernel prefills becomes a cell below the one that ran; once approved it is run in place. Each such cell
says in its metadata who wrote it and what was decided: `{"codeact": {"step": 1, "decision": "approved", …}}`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbclient.util import ensure_async
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from .hosts.next_input import MARKER
from .session.messages import Usage

MAX_OUTPUT = 1_000_000  #: characters of one cell's printed text that the saved notebook keeps
PATIENCE = 10  #: seconds that an interrupted kernel has to say where it stands


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a step: run `source`, send it back for `reason`, or (neither) end the question."""

    source: str | None = None
    reason: str = ""


Decide = Callable[[str], Decision]
Echo = Callable[[str], object]


def approve(code: str) -> Decision:
    """The decision of `--approve auto`."""
    return Decision(source=code)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the last question of a notebook ended. `cells` counts the agent's cells that ran."""

    answer: str | None = None
    status: str = "not asked"
    turns: int = 0
    cells: int = 0
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    notebook: str = ""

    def to_json(self) -> str:
        """One line of JSON, as `--json` prints it."""
        data = asdict(self)
        data["usage"] = {name: data["usage"][name] for name in ("prompt", "evaluated", "generated", "seconds")}
        return json.dumps(data)


class Driver:
    """Executes one notebook in a fresh kernel, from its first cell to its last.

    `decide(code)` is asked before each step runs; `echo(text)` receives the outputs of all cells as they come. The
    notebook is changed in place, and holds all that was reached whatever happens. `max_seconds` bounds each cell, the
    model's work for the next step included; Ctrl-C interrupts the kernel and ends the run.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        *,
        decide: Decide,
        echo: Echo = lambda text: None,
        directory: Path | None = None,
        name: str = "",
        max_seconds: float | None = None,
    ) -> None:
        notebook.nbformat_minor = max(notebook.nbformat_minor, 5)  # the agent's cells carry ids
        for cell in notebook.cells:
            cell.setdefault("id", uuid.uuid4().hex[:8])
        self.notebook = notebook
        self.decide = decide
        self.echo = echo
        self.name = name
        self.cells = 0
        self.client = _Client(
            notebook,
            timeout=max_seconds,
            interrupt_on_timeout=True,
            allow_errors=True,
            extra_arguments=["--CodeAct.host=next_input", "--CodeAct.view=stream"],
            resources={"metadata": {"path": str(directory or Path.cwd())}},
        )
        self.client.echo = echo

    def run(self) -> Outcome:
        """The outcome of the last question. A cell of the user's that fails ends the run with the status `failed`."""
        return asyncio.run(self._run())

    async def _run(self) -> Outcome:
        client = self.client
        manager = client.create_kernel_manager()
        env = {**os.environ, **({"JPY_SESSION_NAME": self.name} if self.name else {})}
        with tempfile.TemporaryDirectory(prefix="codeact-") as folder:
            manager.transport = "ipc"  # no port of the machine is opened
            manager.connection_file = str(Path(folder) / "kernel.json")  # sockets need a short path
            try:
                await client.async_start_new_kernel(env=env)
                await client.async_start_new_kernel_client()
                failure = await self._run_cells()
                outcome = await self._status()
                return replace(outcome, status=failure) if failure else outcome
            except (DeadKernelError, KeyboardInterrupt):  # nbclient makes the former of Ctrl-C, too
                return await self._ended(manager)
            finally:
                await client._async_cleanup_kernel()

    async def _ended(self, manager: KernelManager) -> Outcome:
        """What is left to say when the kernel died, or was interrupted."""
        alive = await ensure_async(manager.is_alive())
        outcome = Outcome(status="stopped" if alive else "failed", cells=self.cells, notebook=self.name)
        if not alive:
            self.echo("\n[failed] The kernel died. The conversation is kept: `%codeact continue` in this notebook.\n")
            return outcome
        task = asyncio.current_task()
        if task:
            task.uncancel()
        self.echo("\n[stopped]\n")
        await ensure_async(manager.interrupt_kernel())
        try:
            return replace(await asyncio.wait_for(self._status(), PATIENCE), status="stopped")
        except (DeadKernelError, TimeoutError):
            return outcome

    async def _run_cells(self) -> str:
        """Runs all cells; returns the status that ended the run early, if one did."""
        index = 0
        while index < len(self.notebook.cells):
            cell = self.notebook.cells[index]
            if cell.cell_type == "code" and cell.source.strip():
                await self.client.async_execute_cell(cell, index)
                index, ended = await self._follow(index)
                if ended:
                    return "rejected"
                if _failed(self.notebook.cells[index]) and "codeact" not in self.notebook.cells[index].metadata:
                    self.echo("\n[failed] This cell failed; the run ends here.\n")
                    return "failed"
            index += 1
        return ""

    async def _follow(self, index: int) -> tuple[int, bool]:
        """Runs the agent's steps below the cell at `index`; returns the last's index, and whether you ended them."""
        while True:
            code = self.client.take_prefilled()
            step_failed = "codeact" in self.notebook.cells[index].metadata and _failed(self.notebook.cells[index])
            if code is None and step_failed and (await self._status()).status == "paused":
                await self._command("%codeact continue", self.notebook.cells[index])
                code = self.client.take_prefilled()
            if code is None:
                return index, False
            proposed = MARKER.sub("", code)
            self.echo(f"\n{_quote(proposed)}\n")
            with _interruptible():
                decision = self.decide(proposed)
            if decision.source is None:
                reason = decision.reason.strip()
                command = f"get_ipython().run_line_magic('codeact', {f'reject {reason}'!r})"
                await self._command(command, self.notebook.cells[index])
                if not reason:
                    return index, True
                continue
            marker = MARKER.search(code)
            edited = decision.source.strip() != proposed.strip()
            cell = new_code_cell(decision.source + (marker.group() if marker else ""))
            self.cells += 1
            cell.metadata["codeact"] = {"step": self.cells, "decision": "approved", "edited": edited}
            index += 1
            self.notebook.cells.insert(index, cell)
            await self.client.async_execute_cell(cell, index)
            cell.source = decision.source

    async def _command(self, source: str, below: NotebookNode) -> None:
        """Runs a line that is no cell of the notebook; its outputs are added below that cell."""
        cell = new_code_cell(source)
        await self.client.async_execute_cell(cell, 0, store_history=False)
        below.outputs.extend(cell.outputs)

    async def _status(self) -> Outcome:
        cell = new_code_cell("%codeact status --json")
        self.client.echo = lambda text: None
        await self.client.async_execute_cell(cell, 0, store_history=False)
        self.client.echo = self.echo
        outcome = Outcome(cells=self.cells, notebook=self.name)
        if _failed(cell) or not cell.outputs or cell.outputs[0].get("name") != "stdout":
            return outcome  # the notebook never loaded the extension
        data = json.loads(cell.outputs[0].text)
        return replace(
            outcome,
            answer=data["answer"],
            status=data["status"],
            turns=data["turns"],
            model=data["model"],
            usage=Usage(**data["usage"]),
        )


class _Client(NotebookClient):
    """nbclient that shows outputs as they come, keeps them bounded, and keeps the prefilled cell of the last reply."""

    echo: Echo
    prefilled: str | None = None
    printed = 0

    def take_prefilled(self) -> str | None:
        code, self.prefilled = self.prefilled, None
        return code

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any) -> NotebookNode:
        self.printed = 0
        self.on_cell_executed = self._keep_prefilled
        executed: NotebookNode = await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        return executed

    def _keep_prefilled(self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any] | None) -> None:
        payloads = (execute_reply or {}).get("content", {}).get("payload", [])
        self.prefilled = next((item["text"] for item in payloads if item.get("source") == "set_next_input"), None)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        content = msg["content"]
        if msg["msg_type"] == "stream":
            room = max(0, MAX_OUTPUT - self.printed)
            self.printed += len(content["text"])
            if len(content["text"]) > room:
                content["text"] = content["text"][:room] + ("\n[… the rest is left out …]\n" if room else "")
            self.echo(content["text"])
        elif msg["msg_type"] == "error":
            self.echo(f"{content['ename']}: {content['evalue']}\n")
        elif msg["msg_type"] in ("execute_result", "display_data"):
            self.echo(f"{content['data'].get('text/plain', '')}\n")
        result: NotebookNode | None = super().process_message(msg, cell, cell_index)
        return result


def _failed(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Within the block Ctrl-C interrupts at once; asyncio would wait until the block is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _quote(code: str) -> str:
    return "\n".join(f"  │ {line}" for line in code.splitlines())
