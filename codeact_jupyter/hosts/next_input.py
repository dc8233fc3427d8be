"""The host for every front end without our extension: a proposal is the prefilled next cell, running it approves it.

The cell carries a marker in its last line, by which its run is recognised whatever id the front end gives it, edited or
not. A cell magic of another language would take that line as part of its body: such a cell is recognised by its whole
text, and one whose marker was deleted likewise; edited, these are the user's own.

A kernel's reply carries the prefilled cell only when the cell that ran was successful: after a failed one the session
pauses until `%codeact continue`.
"""

from __future__ import annotations

import re

from IPython.core.interactiveshell import InteractiveShell

from ..kernel.gate import execute_request
from ..session.messages import Proposal

PYTHON_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")  #: their body is Python, so it may hold the marker
MARKER = re.compile(r"\n# codeact: ([0-9a-f]+)[ \t]*\Z")


class NextInputHost:
    """See the module. `in_cell` tells whether a cell is running whose reply can carry the next one."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.in_cell = False
        self._is_kernel = hasattr(shell, "kernel")

    def can_deliver(self) -> bool:
        """In a kernel only while a cell runs that did not fail; in a terminal always."""
        return self.in_cell or not self._is_kernel

    def deliver(self, proposal: Proposal) -> None:
        """Prefills the next cell."""
        self.shell.set_next_input(mark(proposal), replace=False)

    def run(self, proposal: Proposal, source: str) -> None:
        """Nothing to do: the user's front end is running it already."""


def mark(proposal: Proposal) -> str:
    """The proposal's code as it goes into the cell."""
    magic = proposal.code.split(maxsplit=1)[0]
    if magic.startswith("%%") and magic not in PYTHON_MAGICS:
        return proposal.code
    return f"{proposal.code}\n# codeact: {proposal.id}"


def recognise(cell: str, proposal: Proposal) -> str | None:
    """The source that this cell runs for the proposal, or `None` when it is another cell."""
    marker = MARKER.search(cell.rstrip())
    if marker:
        return cell.rstrip()[: marker.start()] if marker.group(1) == proposal.id else None
    return cell if cell.strip() == proposal.code.strip() else None


def can_prefill(shell: InteractiveShell) -> bool:
    """Whether a prefilled cell will come before somebody: in a terminal, or a client that has cells or stdin."""
    request = execute_request(shell)
    if not request:  # a terminal, or a button of the panel
        return True
    return bool(request.get("metadata", {}).get("cellId") or request.get("content", {}).get("allow_stdin"))
