"""A question about cells: the user's words and the cells, as text for the model."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Literal

import msgspec

from ..checks import remedy


class CellText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cell that a question is about."""

    source: str  #: its source code
    output: str  #: its error or its output as plain text; may be empty


def question(kind: Literal["question", "fix", "explain"], text: str, cells: Sequence[CellText]) -> str:
    """Compose a question about cells.

    Args:
        kind: The user's words alone, or a standard request to fix or explain the cells.
        text: The user's words; may be empty.
        cells: The cells that the question is about.

    Returns:
        The question for the model.
    """
    name = "mention" if kind == "question" else kind
    template = resources.files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
    parts = [
        template.format(source=cell.source, output=cell.output, remedy=remedy(cell.output)).strip() for cell in cells
    ]
    return "\n\n".join([*([text] if text.strip() else []), *parts])
