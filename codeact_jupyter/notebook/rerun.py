"""A notebook's cells run again without the model, in a fresh kernel, and how their outputs differ from the recorded."""

from __future__ import annotations

import difflib
import hashlib
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ..agent.trial_match import without_times
from .cells import plain
from .plan import Planned

TEMPORARY = 60  #: longest path of the folder of temporary files: a socket's path has at most 107 bytes
DIFFERENCE_LINES = 12  #: shown of how one output differs
_OF_KERNEL = re.compile(r"/ipykernel_\d+/\d+\.py|(?<=\bline )\d+(?=, in )")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")


@dataclass(frozen=True, slots=True)
class Rerun:
    """A cell that was run again."""

    planned: Planned  #: the cell, with its recorded outputs
    failed: str  #: its error, if it failed; else empty
    lines: tuple[str, ...]  #: how its outputs differ from the recorded ones; empty if they do not

    @property
    def is_new_failure(self) -> bool:
        """True if it failed, and had not when it was recorded."""
        return bool(self.failed) and not self.planned.has_failed


def rerun(
    notebook: NotebookNode, planned: Sequence[Planned], folder: Path, *, seconds: float, kernel: str, goes_on: bool
) -> list[Rerun]:
    """Run a notebook in a fresh kernel, which ends with it.

    Args:
        notebook: The notebook, whose outputs are replaced.
        planned: Its code cells with their recorded outputs.
        folder: The kernel's working directory.
        seconds: Limit of each cell.
        kernel: Name of the kernel; empty for the one that the notebook names.
        goes_on: Go on after a cell that fails.

    Returns:
        What became of the cells that were run.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    for each in planned:
        each.cell.execution_count = None
    begun: list[NotebookNode] = []
    client = NotebookClient(
        notebook,
        timeout=seconds,
        kernel_name=kernel,
        allow_errors=goes_on,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=lambda cell, cell_index: begun.append(cell),
    )
    problem = ""
    is_long = len(tempfile.gettempdir()) > TEMPORARY
    with tempfile.TemporaryDirectory(prefix="codeact-", dir="/tmp" if is_long else None) as connections:
        manager = client.create_kernel_manager()
        manager.transport = "ipc"  # no port of the machine is opened
        manager.connection_file = str(Path(connections) / "kernel.json")
        try:
            client.execute()
        except CellExecutionError:
            pass  # it is among the outputs
        except CellTimeoutError:
            problem = f"it took more than {seconds:g} s"
        except DeadKernelError:
            problem = "the kernel died"
    return [
        _outcome(each, problem if each.cell is begun[-1] else "")
        for each in planned
        if any(each.cell is cell for cell in begun)
    ]


def _outcome(planned: Planned, problem: str) -> Rerun:
    outputs = planned.cell.outputs
    errors = [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
    lines = [] if planned.recorded is None else difference(planned.recorded, outputs)
    return Rerun(planned, problem or "".join(errors[:1]), tuple(lines))


def difference(recorded: Iterable[NotebookNode], new: Iterable[NotebookNode]) -> list[str]:
    """Compare outputs. Times, addresses of objects and names of the kernel's files do not count.

    Args:
        recorded: The outputs before.
        new: The outputs now.

    Returns:
        The lines that differ, those before with `-` and those now with `+`; empty if there are none.
    """
    before, now = (_comparable(list(outputs)) for outputs in (recorded, new))
    lines = [line for line in difflib.unified_diff(before, now, lineterm="", n=0) if not line.startswith("@@")][2:]
    left = len(lines) - DIFFERENCE_LINES
    return lines if left <= 0 else [*lines[:DIFFERENCE_LINES], f"… {left} more lines"]


def _comparable(outputs: list[NotebookNode]) -> list[str]:
    text = _ADDRESS.sub("0x", _OF_KERNEL.sub("", without_times(plain(_joined(outputs)))))
    pictures = [
        f"[{kind}: {hashlib.sha256(str(data).encode()).hexdigest()[:12]}]"
        for output in outputs
        for kind, data in output.get("data", {}).items()
        if kind.startswith("image/")
    ]
    return [*text.splitlines(), *pictures]


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs with each stream in one piece: how a text was divided depends on the time."""
    streams: dict[str, Any] = {}
    for output in outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
    rest = [output for output in outputs if output.output_type != "stream"]
    return [*(NotebookNode(output_type="stream", name=name, text=text) for name, text in streams.items()), *rest]
