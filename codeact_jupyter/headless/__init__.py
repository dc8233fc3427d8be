"""Run notebooks with `%%codeact` cells without a front end: nbclient takes the place of JupyterLab.

A step that the kernel prefills becomes a cell below the one that ran, and runs there once it is approved. The metadata
of such a cell records the decision, and where it comes from:
`{"codeact": {"step": 1, "decision": "approved", "edited": false, "record": {…}}}`. Of a step about which nobody was
asked, the decision is `auto`, there and in the journal.
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager
from nbclient.exceptions import DeadKernelError
from nbclient.util import ensure_async
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from ..hosts.next_input import MARKER
from ..session.messages import Reach, Tried, Usage
from ..session.reach import DEFAULT_REACH, REACHES, excess, needed, told_to_model, told_to_user
from .client import Client, Echo, failed
from .outcome import Outcome

TEMPORARY = 70  #: longest path of the folder of temporary files, in bytes: a socket's path has at most 107
STATUS_SECONDS = 10  #: maximum time for an interrupted kernel to report its state


@dataclass(frozen=True, slots=True)
class Decision:
    """Decision about a step; without `source` and `reason` it ends the question."""

    source: str | None = None  #: the code to run
    reason: str = ""  #: why it is rejected, for the model


Decide = Callable[[str], Decision]


def approve(code: str) -> Decision:
    """Approve the step: the decision of `--approve auto` within its reach.

    Args:
        code: The proposed code.

    Returns:
        The decision to run it as it is.
    """
    return Decision(source=code)


def reach_of(approval: str) -> Reach | None:
    """Return the reach that a value of `--approve` names; None for `ask`.

    Args:
        approval: The value, such as `auto:read-only`.
    """
    named = approval.partition(":")[2] or DEFAULT_REACH
    return None if approval == "ask" else next(reach for reach in REACHES if reach == named)


class Driver:
    """Executes one notebook in a fresh kernel, from its first cell to its last.

    Ctrl-C interrupts the kernel and ends the run.

    Args:
        notebook: The notebook; it is changed in place, so that it holds all results so far.
        decide: Called with the code of each step before it runs.
        reach: The greatest reach of a step; others are rejected, and `decide` asks nobody. None if a user decides.
        echo: Called with the outputs of all cells as they come.
        directory: The kernel's working directory; by default the current one.
        name: The notebook's path, which is the key of the conversation's journal.
        max_seconds: Limit of each cell, including the model's work for the next step.
        kernel: Name of the kernel to run it in; by default the one that the notebook names.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        *,
        decide: Decide,
        reach: Reach | None = None,
        echo: Echo = lambda text: None,
        directory: Path | None = None,
        name: str = "",
        max_seconds: float | None = None,
        kernel: str = "",
    ) -> None:
        notebook.nbformat_minor = max(notebook.nbformat_minor, 5)  # the agent's cells carry ids
        for cell in notebook.cells:
            cell.setdefault("id", uuid.uuid4().hex[:8])
        self._notebook = notebook
        self._decide = decide
        self._reach = reach
        self._echo = echo
        self._name = name
        self._cells = 0
        self._steps: dict[str, NotebookNode] = {}  # their cells by the ids of the proposals
        self._told: dict[str, Any] = {}  # the state of the conversation, when the kernel was last asked
        self._client = Client(
            notebook,
            timeout=max_seconds,
            kernel_name=kernel,
            interrupt_on_timeout=True,
            allow_errors=True,
            extra_arguments=[f"--CodeAct.host={'driven' if reach else 'next_input'}", "--CodeAct.view=stream"],
            resources={"metadata": {"path": str(directory or Path.cwd())}},
        )
        self._client.echo = echo

    def run(self) -> Outcome:
        """Execute the notebook. If a cell of the user fails that is not meant to, the run ends with status `failed`.

        Returns:
            The outcome of the last question.
        """
        return asyncio.run(self._run())

    async def _run(self) -> Outcome:
        client = self._client
        manager = client.create_kernel_manager()
        env = {**os.environ, **({"JPY_SESSION_NAME": self._name} if self._name else {})}
        is_long = len(os.fsencode(tempfile.gettempdir())) > TEMPORARY
        with tempfile.TemporaryDirectory(prefix="codeact-", dir="/tmp" if is_long else None) as folder:
            manager.transport = "ipc"  # no port of the machine is opened
            manager.connection_file = str(Path(folder) / "kernel.json")
            try:
                await client.async_start_new_kernel(env=env)
                await client.async_start_new_kernel_client()
                await client.note_language()
                failure = await self._run_cells()
                outcome = await self._status()
                return replace(outcome, status=failure) if failure else outcome
            except (DeadKernelError, KeyboardInterrupt):  # nbclient turns Ctrl-C into the former, too
                return await self._ended(manager)
            finally:
                await client._async_cleanup_kernel()

    async def _ended(self, manager: KernelManager) -> Outcome:
        """Return the outcome after the kernel has died, or the user has interrupted the run."""
        alive = await ensure_async(manager.is_alive())
        outcome = Outcome(status="stopped" if alive else "failed", cells=self._cells, notebook=self._name)
        if not alive:
            self._echo("\n[failed] The kernel died. The conversation is saved: `%codeact continue` resumes it.\n")
            return outcome
        if task := asyncio.current_task():
            task.uncancel()
        self._echo("\n[stopped]\n")
        await ensure_async(manager.interrupt_kernel())
        try:
            return replace(await asyncio.wait_for(self._status(), STATUS_SECONDS), status="stopped")
        except (DeadKernelError, TimeoutError):
            return outcome

    async def _run_cells(self) -> str:
        """Run all cells. Return the status if the run ended early."""
        index = 0
        while index < len(self._notebook.cells):
            cell = self._notebook.cells[index]
            if cell.cell_type == "code" and cell.source.strip():
                await self._client.async_execute_cell(cell, index)
                index, ended = await self._follow(index)
                if ended:
                    return "rejected"
                metadata = self._notebook.cells[index].metadata
                may_fail = "codeact" in metadata or "raises-exception" in (metadata.get("tags") or ())
                if failed(self._notebook.cells[index]) and not may_fail:
                    self._echo("\n[failed] This cell failed; the run ends here.\n")
                    return "failed"
            index += 1
        return ""

    async def _follow(self, index: int) -> tuple[int, bool]:
        """Run the agent's steps below the cell at `index`. Return the last index, and True if the user ended it."""
        while True:
            cell = self._notebook.cells[index]
            code = await self._next_step(cell)
            if code is None:
                return index, False
            proposed = MARKER.sub("", code)
            self._echo("\n" + "".join(f"  │ {line}\n" for line in proposed.splitlines()))
            decision = self._rejection() or self._ask(proposed)
            if decision.source is not None:
                index += 1
                await self._run_step(index, code, decision.source)
                continue
            reason = decision.reason.strip()
            await self._command(f"get_ipython().run_line_magic('codeact', {f'reject {reason}'!r})", cell)
            if not reason:
                return index, True

    def _ask(self, code: str) -> Decision:
        with _interruptible():
            return self._decide(code)

    def _rejection(self) -> Decision | None:
        """Return the rejection of the waiting step if it is beyond the reach, and tell the user."""
        if self._reach is None:
            return None
        told = self._told.get("tried")
        tried = Tried(**told) if told else None
        why = excess(tried, self._reach)
        if not why:
            return None
        self._echo(
            f"\n[note] This step was not run: {told_to_user(why, self._reach)}. "
            f"`--approve auto:{needed(tried)}` would allow it.\n"
        )
        return Decision(reason=told_to_model(why, self._reach))

    async def _next_step(self, cell: NotebookNode) -> str | None:
        """Return the step that waits after this cell, if one does: not what `%load` prefills for the user."""
        step_failed = "codeact" in cell.metadata and failed(cell)
        if not self._client.has_prefilled and not step_failed:
            return None
        if (await self._status()).status == "paused" and step_failed:
            await self._command("%codeact continue", cell)
            await self._status()
        waiting: str | None = self._told.get("waiting")
        return waiting

    async def _run_step(self, index: int, code: str, source: str) -> None:
        """Insert the prefilled cell `code` at `index`, and run `source` in it."""
        marker = MARKER.search(code)
        edited = source.strip() != MARKER.sub("", code).strip()
        cell = new_code_cell(source + (marker.group() if marker else ""))
        self._cells += 1
        decision = "auto" if self._reach else "approved"
        cell.metadata["codeact"] = {"step": self._cells, "decision": decision, "edited": edited}
        self._steps[next(reversed(self._told["records"]))] = cell
        self._notebook.cells.insert(index, cell)
        await self._client.async_execute_cell(cell, index)
        cell.source = source

    async def _command(self, source: str, below: NotebookNode) -> None:
        """Run a line outside the notebook's cells, and append its outputs to that cell."""
        cell = new_code_cell(source)
        await self._client.run_apart(cell)
        below.outputs.extend(cell.outputs)

    async def _status(self) -> Outcome:
        outcome = Outcome(cells=self._cells, notebook=self._name)
        self._told = data = await self._report()
        if not data:
            return outcome
        for id_, cell in self._steps.items():
            if record := data["records"].get(id_):
                cell.metadata["codeact"]["record"] = record
        known = ("question", "answer", "value", "evidence", "status", "turns", "model")
        return replace(outcome, **{name: data[name] for name in known}, usage=Usage(**data["usage"]))

    async def _report(self) -> dict[str, Any]:
        """Return the state of the conversation; empty if the notebook has not loaded the extension."""
        cell = new_code_cell("%codeact status --json")
        self._client.echo = lambda text: None
        await self._client.run_apart(cell)
        self._client.echo = self._echo
        is_told = not failed(cell) and cell.outputs and cell.outputs[0].get("name") == "stdout"
        data: dict[str, Any] = json.loads(cell.outputs[0].text) if is_told else {}
        return data


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C interrupt the block at once; asyncio would wait for its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
