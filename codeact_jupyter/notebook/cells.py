"""The cells of a notebook: our metadata, questions, and outputs without what the agent said in them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from nbformat import NotebookNode

KEY = "codeact"  #: of our metadata, in a notebook, in its cells and in outputs
PANEL = "CodeAct · "  #: the text of a panel begins with it
_ASKS = re.compile(r"%%codeact\b[^\n]*(?:\n|\Z)")


def ours(holder: NotebookNode) -> dict[str, Any]:
    """Return our metadata of a notebook, a cell or an output; anybody may have written it.

    Args:
        holder: The notebook, the cell or the output.
    """
    found = holder.get("metadata", {}).get(KEY)
    return found if isinstance(found, dict) else {}


def asked(cell: NotebookNode) -> str | None:
    """Return the question that a cell asks; None if it is no `%%codeact` cell.

    Args:
        cell: Any cell.
    """
    found = _ASKS.match(cell.source) if cell.cell_type == "code" else None
    return cell.source[found.end() :].strip() if found else None


def failed(cell: NotebookNode) -> bool:
    """Return True if a cell has an error among its outputs.

    Args:
        cell: Any cell.
    """
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def panel_answer(cell: NotebookNode) -> str:
    """Return what the agent answered in the outputs of a question's cell: from its panel, else what was printed.

    Args:
        cell: The cell.
    """
    outputs = cell.get("outputs", [])
    found = next((part["answer"] for part in map(ours, outputs) if isinstance(part.get("answer"), str)), "")
    return found or "".join(str(each.text) for each in outputs if each.output_type == "stream").strip()


def own_outputs(cell: NotebookNode, said: str = "") -> list[NotebookNode]:
    """Return the outputs of a cell's code, without the panel, and without what the agent printed after them.

    Args:
        cell: A code cell.
        said: The text with which the agent went on.
    """
    kept: list[NotebookNode] = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if ours(output) or str(data.get("text/plain", "")).startswith(PANEL):
            continue
        if output.output_type == "stream" and said.strip() and said.strip() in output.text:
            text = output.text[: output.text.rindex(said.strip())]
            output = NotebookNode({**output, "text": text})
            if not text.strip():
                continue
        kept.append(output)
    return kept


def plain(outputs: Iterable[NotebookNode]) -> str:
    """Return outputs as plain text; pictures are left out.

    Args:
        outputs: The outputs of a cell.
    """
    texts = []
    for output in outputs:
        match output.output_type:
            case "stream":
                texts.append(output.text)
            case "error":
                texts.append(f"{output.ename}: {output.evalue}")
            case _:
                texts.append(output.data.get("text/plain", ""))
    return "\n".join(filter(None, (text.rstrip("\n") for text in texts)))
