"""nbclient's client as a front end: it echoes what a kernel sends, and notes whether a reply prefills one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbclient import NotebookClient
from nbclient.util import ensure_async
from nbformat import NotebookNode

MAX_OUTPUT = 1_000_000  #: characters of one cell's printed text that the saved notebook keeps

Echo = Callable[[str], object]


class Client(NotebookClient):
    """Client that echoes outputs as they come, bounds them, and notes whether the last reply prefilled a cell."""

    echo: Echo
    has_prefilled = False  #: the last reply prefilled a cell
    printed = 0

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any) -> NotebookNode:
        """Run a cell, and note whether the reply prefills another one.

        Args:
            cell: The cell.
            cell_index: Its place in the notebook.
            *args: See nbclient.
            **kwargs: See nbclient.

        Returns:
            The cell with its outputs.
        """
        self.printed = 0
        self.on_cell_executed = self._note_prefilled
        executed: NotebookNode = await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        return executed

    async def run_apart(self, cell: NotebookNode) -> None:
        """Run a cell that is not of the notebook. nbclient puts each cell that it has run into the notebook.

        Args:
            cell: The cell.
        """
        first = self.nb.cells[0]
        try:
            await self.async_execute_cell(cell, 0, store_history=False)
        finally:
            self.nb.cells[0] = first

    async def note_language(self) -> None:
        """Write into the notebook which language it is in, without which `nbconvert --to script` takes it for text."""
        assert self.kc
        reply = await self.async_wait_for_reply(await ensure_async(self.kc.kernel_info()))
        if reply and (language := reply["content"].get("language_info")):
            self.nb.metadata["language_info"] = language

    def _note_prefilled(self, cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any] | None) -> None:
        payloads = (execute_reply or {}).get("content", {}).get("payload", [])
        self.has_prefilled = any(item.get("source") == "set_next_input" for item in payloads)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Echo a message of the kernel, and add it to the cell.

        Args:
            msg: The message.
            cell: The cell that runs.
            cell_index: Its place in the notebook.

        Returns:
            The output that was added, if there is one.
        """
        content = msg["content"]
        if msg["msg_type"] == "stream":
            room = max(0, MAX_OUTPUT - self.printed)
            self.printed += len(content["text"])
            if len(content["text"]) > room:
                content["text"] = content["text"][:room] + ("\n[… the rest is left out …]\n" if room else "")
            self.echo(content["text"])
        elif msg["msg_type"] == "error":
            self.echo(f"{content['ename']}: {content['evalue']}\n")
        elif msg["msg_type"] in ("execute_result", "display_data") and "codeact" not in content["metadata"]:
            self.echo(f"{content['data'].get('text/plain', '')}\n")
        result: NotebookNode | None = super().process_message(msg, cell, cell_index)
        return result


def failed(cell: NotebookNode) -> bool:
    """Return True if a cell has an error among its outputs.

    Args:
        cell: The cell, after its run.
    """
    return any(output.output_type == "error" for output in cell.get("outputs", []))
