"""The record of a step in the metadata of its cell, also as earlier versions wrote it."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode

from ..hosts.next_input import MARKER
from ..session.provenance import SCHEMA, UNDONE, StepRecord, parse_record, sha256
from .cells import failed, is_copy, ours


def record_of(cell: NotebookNode) -> StepRecord | None:
    """Return the record of a step's cell, as far as the cell tells it; None for another cell, or a copy of one.

    Args:
        cell: Any cell.
    """
    part = ours(cell)
    if cell.cell_type != "code" or is_copy(cell):
        return None
    if record := parse_record(part.get("record")):
        return record
    marker = MARKER.search(cell.source.rstrip())
    proposal = part.get("proposal") or (marker.group(1) if marker else "")
    if not isinstance(proposal, str) or not (proposal or isinstance(part.get("step"), int)):
        return None
    return _old_record(cell, part, proposal)


def _old_record(cell: NotebookNode, part: dict[str, Any], proposal: str) -> StepRecord:
    """Return the record of a step in a cell that an earlier version wrote, or that has only the marker."""
    state = part.get("state", "failed" if failed(cell) else "done" if cell.get("execution_count") else "waits")
    ran = {"done": "ran", "failed": "raised", "stopped": "stopped", "undone": UNDONE}.get(state, "not_run")
    how = "auto" if part.get("auto") is True else "edited" if part.get("edited") is True else "approved"
    code, step = part.get("code"), part.get("step")
    return {
        **{"schema": SCHEMA, "session": "", "question": "", "number": 0, "parent": "", "proposal": proposal},
        **{"step": step if isinstance(step, int) else 0, "proposed": None, "decided": None, "weights": {}},
        **{"model": str(part.get("model", "")), "sampling": None, "mended_from": "", "error": ""},
        "proposed_sha256": sha256(code) if isinstance(code, str) else "",
        "tried": {"outcome": "not_tried", "error": ""},
        "decision": "rejected" if state == "rejected" else "" if ran == "not_run" else how,
        "reason": str(part.get("reason", "")),
        "run_sha256": "" if ran == "not_run" else sha256(MARKER.sub("", cell.source)),
        "outcome": ran,
    }
