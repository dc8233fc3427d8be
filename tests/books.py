"""Notebooks with journals, as a session with the extension leaves them, for the tests of the record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from codeact_jupyter.session.journal import Journal
from codeact_jupyter.session.messages import Event, Made, Proposal, Reach, Tried

WEIGHTS = {"qwen.gguf": "ab" * 32}


def proposal(
    id_: str, number: int, code: str, *, changed: Sequence[str] = (), reach: Reach = "read-only", **fields: Any
) -> Proposal:
    """Return a step whose trial ran and changed these names."""
    tried = Tried("ran", changed=tuple(changed), reach=reach)
    made = Made(WEIGHTS, 0, 0.0, 768, 1_760_000_000.0)
    return Proposal(id_, number, fields.pop("thought", "I look."), code, "", "qwen", tried=tried, made=made, **fields)


def shown(text: str) -> NotebookNode:
    """Return the output of a cell that ends with an expression."""
    return new_output("execute_result", {"text/plain": text}, execution_count=1)


def printed(text: str) -> NotebookNode:
    """Return what a cell has printed."""
    return new_output("stream", name="stdout", text=text)


def raised(name: str, text: str) -> NotebookNode:
    """Return the error of a cell."""
    return new_output("error", ename=name, evalue=text, traceback=[])


def own(source: str, *outputs: NotebookNode) -> NotebookNode:
    """Return a cell of the user that has run."""
    return new_code_cell(source, outputs=list(outputs), execution_count=1)


def cell_of(id_: str, source: str, *outputs: NotebookNode, **metadata: Any) -> NotebookNode:
    """Return the cell of a step, as the extension leaves it."""
    part = {"proposal": id_, "cell": f"codeact-{id_}", "step": 1, "model": "qwen", "state": "done", **metadata}
    return new_code_cell(
        source, id=f"codeact-{id_}", metadata={"codeact": part}, outputs=list(outputs), execution_count=1
    )


def book(path: Path, cells: Sequence[NotebookNode], events: Sequence[Event] = (), journals: Path | None = None) -> Path:
    """Write a notebook, and its journal if there are events."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=list(cells), metadata={"kernelspec": kernel}), path)
    if events and journals:
        journal = Journal.create(journals, str(path))
        for event in events:
            journal.append(event)
    return path
