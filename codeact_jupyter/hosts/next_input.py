"""Host for front ends without the extension: a proposal is the prefilled next cell, and running it approves it.

The last line of the cell is a marker that identifies it, edited or not, whatever cell id the front end assigns.
For a cell magic of another language, that line would be part of the body. Such a cell is recognised by its whole text,
as is a cell whose marker was deleted; once edited, these count as the user's own cells.

A kernel's reply carries the prefilled cell only if the cell that ran was successful. After a failed one the session
pauses until `%codeact continue`.
"""

from __future__ import annotations

import re

from IPython.core.interactiveshell import InteractiveShell

from ..kernel.requests import execute_request
from ..session.messages import Proposal

PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")  #: their body is Python, so it may hold the marker
MARKER = re.compile(r"\n# codeact: ([0-9a-f]+)[ \t]*\Z")


class NextInputHost:
    """Prefills the next cell.

    Args:
        shell: The kernel's or terminal's shell.
    """

    asks_user = True

    def __init__(self, shell: InteractiveShell) -> None:
        self.in_cell = False  #: True while a cell runs whose reply can carry the next cell
        self._shell = shell
        self._is_kernel = hasattr(shell, "kernel")

    def can_deliver(self) -> bool:
        """Return True in a terminal, and in a kernel while a cell runs that has not failed. See `Host.can_deliver`."""
        return self.in_cell or not self._is_kernel

    def deliver(self, proposal: Proposal) -> None:
        """Prefill the next cell. See `Host.deliver`."""
        self._shell.set_next_input(mark(proposal), replace=False)

    def run(self, proposal: Proposal, source: str) -> None:
        """Do nothing: the user's front end runs the cell already. See `Host.run`."""


def mark(proposal: Proposal) -> str:
    """Return the text of a proposal's cell.

    Args:
        proposal: The code action.
    """
    magic = proposal.code.split(maxsplit=1)[0]
    if magic.startswith("%%") and magic not in PYTHON_MAGICS:
        return proposal.code
    return f"{proposal.code}\n# codeact: {proposal.id}"


def recognise(cell: str, proposal: Proposal) -> str | None:
    """Match a cell to a proposal.

    Args:
        cell: Text of a cell that is about to run.
        proposal: The code action that waits.

    Returns:
        The source that runs for the proposal, or `None` if it is another cell.
    """
    marker = MARKER.search(cell.rstrip())
    if marker:
        return cell.rstrip()[: marker.start()] if marker.group(1) == proposal.id else None
    return cell if cell.strip() == proposal.code.strip() else None


def can_prefill(shell: InteractiveShell) -> bool:
    """Check if a user will see a prefilled cell.

    Args:
        shell: The kernel's or terminal's shell.

    Returns:
        True in a terminal, and with a client that has cells or stdin.
    """
    request = execute_request(shell)
    if not request:  # a terminal, or a button of the panel
        return True
    return bool(request.get("metadata", {}).get("cellId") or request.get("content", {}).get("allow_stdin"))
