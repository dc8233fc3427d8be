"""A client of a real kernel that does what JupyterLab does, with a scripted model in that kernel."""

from __future__ import annotations

import ast
import json
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ipykernel
import pytest
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from codeact_jupyter.kernel.run_all import REPLY_SECONDS, RUN_ALL_SECONDS

from .isolation import Isolation, isolated

PATIENCE = 120  #: seconds until a test gives up on the kernel
CONVERSATION = "get_ipython().magics_manager.registry['CodeActMagics'].conversation"
INSTALL = f"""
def _install(replies, options):
    from codeact_jupyter.dialects.prompt import DIALECTS
    from codeact_jupyter.testing import AS_WRITTEN, ScriptedEngine

    conversation = {CONVERSATION}
    get_ipython().run_line_magic("config", f"CodeAct.without = {{AS_WRITTEN!r}}")
    conversation.scripted = ScriptedEngine(replies, **options)
    conversation.open_model = lambda: (conversation.scripted, DIALECTS["markdown"])

"""
#: A cell that runs until the test calls `release`.
UNTIL_RELEASED = """
import pathlib, time
while not pathlib.Path("released").exists():
    time.sleep(0.02)
"""


def step(code: str, thought: str = "I look.") -> str:
    """Return a model's reply that proposes `code`."""
    return f"{thought}\n```python\n{code}\n```"


@dataclass
class Cell:
    """A code cell of the notebook. `status` is `ok`, `error`, `aborted`, or `dead` if the kernel died meanwhile."""

    source: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    outputs: list[dict[str, Any]] = field(default_factory=list)
    status: str = ""
    idle: bool = False

    @property
    def text(self) -> str:
        """Text of all outputs."""
        return "".join(_output_text(output) for output in self.outputs)


class Lab:
    """A notebook and its kernel.

    Every execute request carries a `cellId`, as JupyterLab's do. The prefilled cell of an `ok` reply is inserted below
    the cell that ran, and not run.
    """

    def __init__(self, isolation: Isolation, view: str = "plain") -> None:
        self.isolation = isolation
        self.view = view
        self.cells: list[Cell] = []
        self.typed: list[str] = []  #: what the user types when a cell asks for input
        self.listeners: list[Callable[[dict[str, Any]], None]] = []  #: of all that comes from the kernel
        self._sent: dict[str, Cell] = {}
        self.last: Cell | None = None  #: that was run
        self._kernels = 0
        self.start()

    # --- the kernel ---

    def start(self) -> None:
        """Start a kernel for this notebook, with the extension."""
        self._kernels += 1
        connection = self.isolation.run / f"k{self._kernels}.json"
        self.km = KernelManager(connection_file=str(connection), transport="ipc")
        argv = [*self.isolation.prefix, sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.km._kernel_spec = KernelSpec(argv=argv, display_name="Python", language="python")
        self.km.start_kernel(
            cwd=str(self.isolation.work),
            env={**self.isolation.environment, "JPY_SESSION_NAME": str(self.isolation.work / "notebook.ipynb")},
            extra_arguments=[
                f"--CodeAct.journal_dir={self.isolation.root / 'journals'}",
                f"--CodeAct.view={self.view}",
                "--CodeAct.reach=all",  # steps are not tried
            ],
        )
        self.client: BlockingKernelClient = self.km.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.hidden("%load_ext codeact_jupyter")

    def kill(self) -> None:
        """Kill the kernel with SIGKILL and wait until it is dead."""
        self.km.signal_kernel(signal.SIGKILL)
        self.until(lambda: not self.km.is_alive())

    def restart(self) -> None:
        """Start a new kernel for the same notebook."""
        self.close()
        self.start()

    def interrupt(self) -> None:
        """Interrupt the kernel. ipykernel notices an interrupt of an `await` only when a message wakes its loop."""
        self.km.interrupt_kernel()
        self.client.kernel_info()

    def close(self) -> None:
        """End the kernel."""
        self.client.stop_channels()
        self.km.shutdown_kernel(now=True)

    # --- what the user does ---

    def script(self, *replies: str, **options: Any) -> None:
        """Set the model's next replies. One that begins with `lambda` is a callable, see `ScriptedEngine`."""
        listing = ", ".join(reply if reply.startswith("lambda") else repr(reply) for reply in replies)
        self.hidden(f"{INSTALL}\n_install([{listing}], {options!r})\ndel _install")

    def hurry(self) -> None:
        """Let the model write what is left without delay."""
        self.value(f"setattr({CONVERSATION}.scripted, '_delay', 0)")

    def release(self) -> None:
        """Let `UNTIL_RELEASED` end."""
        (self.isolation.work / "released").touch()

    def set_constant(self, module: str, name: str, value: float) -> None:
        """Change a constant of one of the package's modules in the kernel, without running a cell."""
        self.value(f"setattr(__import__('sys').modules['codeact_jupyter.{module}'], {name!r}, {value!r})")

    def ask(self, question: str, options: str = "", **request: Any) -> Cell:
        """Ask in a new cell and run it."""
        return self.run(f"%%codeact {options}\n{question}", **request)

    def run(self, cell: Cell | str, **request: Any) -> Cell:
        """Run a cell, or a new one with this source, to its end; a moment later than one that was refused."""
        if self.last is not None and self.last.status == "error" and "approv" in self.last.text:
            time.sleep(REPLY_SECONDS if "you have not approved it" in self.last.text else RUN_ALL_SECONDS)
        self.last = self.finish(self.send(cell, **request))
        return self.last

    def send(
        self, cell: Cell | str, *, metadata: dict[str, Any] | None = None, subshell: str = "", **content: Any
    ) -> Cell:
        """Send a cell to the kernel, or to a subshell of it, and do not wait for it."""
        if isinstance(cell, str):
            cell = Cell(cell)
            self.cells.append(cell)
        cell.outputs, cell.status, cell.idle = [], "", False
        request = {
            "code": cell.source,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": True,
            "stop_on_error": True,
            **content,
        }
        message = self.client.session.msg("execute_request", request)
        message["metadata"] = {"cellId": cell.id, "deletedCells": [], "recordTiming": False, **(metadata or {})}
        if subshell:
            message["header"]["subshell_id"] = subshell
        self._sent[message["header"]["msg_id"]] = cell
        self.client.shell_channel.send(message)
        return cell

    def finish(self, cell: Cell) -> Cell:
        """Wait until the cell has run."""
        self.until(lambda: bool(cell.status) and (cell.idle or cell.status == "dead"))
        return cell

    def wait_for(self, cell: Cell, text: str) -> None:
        """Wait until the cell's outputs hold this text."""
        self.until(lambda: text in cell.text or bool(cell.status))
        assert text in cell.text

    def below(self, cell: Cell) -> Cell:
        """Return the cell that was inserted below this one."""
        return self.cells[self.cells.index(cell) + 1]

    def open_subshell(self) -> str | None:
        """Open a subshell, which serves JupyterLab's comm messages beside a running cell; `None` in ipykernel 6."""
        if ipykernel.version_info[0] < 7:
            return None
        self.client.control_channel.send(self.client.session.msg("create_subshell_request", {}))
        return str(self.client.get_control_msg(timeout=PATIENCE)["content"]["subshell_id"])

    # --- what a test looks at ---

    def hidden(self, code: str) -> Cell:
        """Run code that is no cell of the notebook."""
        cell = self.run(Cell(code), store_history=False)
        assert cell.status == "ok", cell.text
        return cell

    def value(self, expression: str) -> Any:
        """Return a plain value from the kernel, without running a cell."""
        request = self.client.session.msg(
            "execute_request", {"code": "", "silent": True, "user_expressions": {"value": f"repr({expression})"}}
        )
        cell = Cell("")
        self._sent[request["header"]["msg_id"]] = cell
        self.client.shell_channel.send(request)
        self.finish(cell)
        (result,) = cell.outputs
        assert result["status"] == "ok", result
        return ast.literal_eval(ast.literal_eval(result["data"]["text/plain"]))

    @property
    def status(self) -> str:
        return str(self.value(f"{CONVERSATION}.session.status"))

    @property
    def answer(self) -> str | None:
        answer: str | None = self.value(f"{CONVERSATION}.session.answer")
        return answer

    @property
    def prompts(self) -> list[str]:
        """Last message of each prompt that the model read."""
        prompts: list[str] = self.value(f"[prompt[-1].content for prompt in {CONVERSATION}.scripted.prompts]")
        return prompts

    @property
    def journal(self) -> list[dict[str, Any]]:
        """Records of the newest journal."""
        (*_, path) = sorted((self.isolation.root / "journals").glob("*/*.jsonl"))
        return [json.loads(line) for line in path.read_text().splitlines()[1:]]

    # --- messages ---

    def until(self, done: Callable[[], bool]) -> None:
        """Receive messages from the kernel until `done()` is true."""
        deadline = time.monotonic() + PATIENCE
        channels = (self.client.iopub_channel, self.client.shell_channel, self.client.stdin_channel)
        poller = zmq.Poller()
        for channel in channels:
            poller.register(channel.socket, zmq.POLLIN)
        while not done():
            assert time.monotonic() < deadline, "The kernel did not get there."
            ready = dict(poller.poll(200))
            for channel in channels:
                if channel.socket in ready:
                    self._receive(channel.get_msg(timeout=1))
            if not ready and not self.km.is_alive():
                for cell in self._sent.values():
                    cell.status = cell.status or "dead"

    def _receive(self, message: dict[str, Any]) -> None:
        for listener in tuple(self.listeners):
            listener(message)
        cell = self._sent.get(message["parent_header"].get("msg_id", ""))
        if cell is None:
            return
        content = message["content"]
        match message["msg_type"]:
            case "execute_reply":
                cell.status = content["status"]
                self._apply(cell, content)
            case "status":
                cell.idle = cell.idle or content["execution_state"] == "idle"
            case "input_request":
                self.client.input(self.typed.pop(0))
            case "stream" | "error" | "execute_result" | "display_data":
                cell.outputs.append(content)

    def _apply(self, cell: Cell, content: dict[str, Any]) -> None:
        cell.outputs += content.get("user_expressions", {}).values()
        if content["status"] != "ok":
            return
        for payload in content.get("payload", []):
            if payload["source"] == "set_next_input" and payload["replace"]:
                cell.source = payload["text"]
            elif payload["source"] == "set_next_input":
                self.cells.insert(self.cells.index(cell) + 1, Cell(payload["text"]))


def _output_text(output: dict[str, Any]) -> str:
    if "ename" in output:
        return f"{output['ename']}: {output['evalue']}\n"
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


@pytest.fixture
def isolation() -> Iterator[Isolation]:
    with isolated() as place:
        yield place


@pytest.fixture
def lab(isolation: Isolation) -> Iterator[Lab]:
    lab = Lab(isolation)
    yield lab
    lab.close()
