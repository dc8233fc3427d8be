"""The cells of a notebook: our metadata, questions, and outputs without what the agent said in them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ..errors import UsageProblem

KEY = "codeact"  #: of our metadata, in a notebook, in its cells and in outputs
REASON_CHARS = 200  #: of why a file is no notebook
PANEL = "CodeAct · "  #: the text of a panel begins with it
_ASKS = re.compile(r"\s*%%codeact\b[^\n]*(?:\n|\Z)")  # IPython passes over blank lines above it


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook of any version. The file stays as it is.

    Cells without an id get one, and what their metadata say about it is left out: they are no copies.

    Args:
        path: The notebook.

    Returns:
        The notebook, in the version of today.

    Raises:
        UsageProblem: There is none, or it is not valid.
    """
    import nbformat

    if not path.is_file():
        raise UsageProblem(f"There is no notebook {path}.")
    try:
        notebook: NotebookNode = nbformat.convert(nbformat.reader.reads(path.read_text(encoding="utf-8")), 4)
        notebook.nbformat_minor = max(notebook.nbformat_minor, nbformat.current_nbformat_minor)
        seen = set[str]()
        for cell in notebook.cells:
            if "id" not in cell:
                ours(cell).pop("cell", None)
            if cell.get("id", "") in {"", *seen}:
                cell.id = uuid.uuid4().hex[:8]
            seen.add(cell.id)
        nbformat.validate(notebook, relax_add_props=True)
    except Exception as error:  # nbformat may raise anything for a malformed file
        why = str(error).partition("\n")[0][:REASON_CHARS]
        raise UsageProblem(f"{path} cannot be read as a notebook ({type(error).__name__}: {why}).") from error
    return notebook


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


def is_copy(cell: NotebookNode) -> bool:
    """Return True if a cell is a copy of a step's cell, which is the user's. See `asked`."""
    of = ours(cell).get("cell")
    return of is not None and cell.get("id", of) != of


def failed(cell: NotebookNode) -> bool:
    """Return True if a cell has an error among its outputs. See `asked`."""
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def has_run(cell: NotebookNode) -> bool:
    """Return True if a code cell was run to its end. See `asked`."""
    return bool(cell.get("execution_count")) and not failed(cell)


def interrupted(cell: NotebookNode) -> bool:
    """Return True if a cell was interrupted while it ran. See `asked`."""
    return any(output.get("ename") == "KeyboardInterrupt" for output in cell.get("outputs", []))


def panel_answer(cell: NotebookNode) -> str:
    """Return the answer in the panel of a question's cell; empty if there is none.

    Args:
        cell: The cell.
    """
    answers = (part.get("answer") for part in map(ours, cell.get("outputs", [])))
    return next((answer for answer in answers if isinstance(answer, str)), "")


def printed(cell: NotebookNode) -> str:
    """Return what was printed below a cell: where there is no panel, steps and answers, too.

    Args:
        cell: The cell.
    """
    return "".join(str(each.text) for each in cell.get("outputs", []) if each.output_type == "stream").strip()


def own_outputs(cell: NotebookNode, said: str = "") -> list[NotebookNode]:
    """Return the outputs of a cell's code, without the panel, and without what the agent printed after them.

    In notebooks that `jupyter codeact run` wrote, an output marks their end.

    Args:
        cell: A code cell.
        said: The text with which the agent went on.
    """
    kept: list[NotebookNode] = []
    for output in joined(cell.get("outputs", [])):
        data = output.get("data", {})
        if ours(output).get("end"):
            break
        if ours(output) or str(data.get("text/plain", "")).startswith(PANEL):
            continue
        if output.output_type == "stream" and said.strip() and said.strip() in output.text:
            begins = [found.start() for found in re.finditer(f"^{re.escape(said.strip())}", output.text, re.M)]
            text = output.text[: begins[-1] if begins else output.text.rindex(said.strip())]
            output = NotebookNode({**output, "text": text})
            if not text.strip():
                continue
        kept.append(output)
    return kept


def joined(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Return outputs with what was printed in one piece, where a program has saved it in many.

    Args:
        outputs: The outputs of a cell.
    """
    found: list[NotebookNode] = []
    for output in outputs:
        if found and output.output_type == "stream" and found[-1].get("name") == output.name:
            found[-1] = NotebookNode({**found[-1], "text": found[-1].text + output.text})
        else:
            found.append(output)
    return found


def plain(outputs: Iterable[NotebookNode]) -> str:
    """Return outputs as plain text; pictures are left out.

    Args:
        outputs: The outputs of a cell.
    """
    texts = []
    for output in joined(outputs):
        match output.output_type:
            case "stream":
                texts.append(output.text)
            case "error":
                texts.append(f"{output.ename}: {output.evalue}")
            case _:
                texts.append(output.data.get("text/plain", ""))
    return "\n".join(filter(None, (text.rstrip("\n") for text in texts)))
