"""The execute request that a kernel is serving, and which cell it runs."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell

METADATA_KEY = "codeact"  #: in the metadata of a step's cell, which JupyterLab sends with each request to run the cell


def execute_request(shell: InteractiveShell) -> dict[str, Any]:
    """Return the execute request that the kernel is serving.

    Args:
        shell: The kernel's shell.

    Returns:
        The message; empty between cells, and in a shell without a kernel.
    """
    get_parent = getattr(shell, "get_parent", None)
    parent = get_parent() if get_parent else None
    return parent if parent and parent.get("header", {}).get("msg_type") == "execute_request" else {}


def running_cell_id(shell: InteractiveShell) -> str | None:
    """Return the notebook's id of the cell that is running.

    Args:
        shell: The kernel's shell.

    Returns:
        The id; None between cells, and if the front end sends none.
    """
    cell_id: str | None = execute_request(shell).get("metadata", {}).get("cellId")
    return cell_id


def running_request_id(shell: InteractiveShell) -> str | None:
    """Return the message id of the execute request that the kernel is serving.

    Args:
        shell: The kernel's shell.

    Returns:
        The id; None between cells, and in a shell without a kernel.
    """
    message: str | None = execute_request(shell).get("header", {}).get("msg_id")
    return message


def copied_cell_id(request: dict[str, Any]) -> str | None:
    """Return the id that the cell of a request once had as the cell of a step.

    A notebook of a format before 4.5 is saved without the ids of cells: when it is loaded again, each cell has a new
    one. Anybody may have written this metadata: it approves nothing.

    Args:
        request: The execute request.

    Returns:
        The id; None if the metadata of the cell names none.
    """
    metadata = request.get("metadata", {}).get(METADATA_KEY)
    cell_id = metadata.get("cell") if isinstance(metadata, dict) else None
    return cell_id if isinstance(cell_id, str) else None
