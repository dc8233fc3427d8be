"""The record of where a step comes from, as a notebook's cell keeps it in its metadata, and as the journal has it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from .messages import Approval, Event, Observation, Prompt, Proposal, Rejection, Stop, Undone

SCHEMA = "codeact-jupyter/step/1"  #: name and version of a step's record

UNDONE = "undone"  #: outcome of a step that ran, of which nothing is left in the kernel
AUTO = "auto"  #: decision that nobody made: the step was run, or rejected with a reason, by its reach
REJECTED = {"decision": "rejected", "outcome": "not_run"}

StepRecord = dict[str, Any]


def step_records(events: Iterable[tuple[float | None, Event]], session: str) -> dict[str, StepRecord]:
    """Return the record of each step of a conversation; `docs/record.md` describes its fields.

    Args:
        events: The events, oldest first, each with the time at which it was written, in seconds since 1970, if known.
        session: Name of its journal; empty without one.

    Returns:
        The records by the ids of the proposals, in order.
    """
    records: dict[str, StepRecord] = {}
    question, number, last = "", 0, ""
    for written, event in events:
        match event:
            case Prompt():
                _left(records.get(last))
                question, number, last = event.text, number + 1, ""
            case Proposal():
                of = {"session": session, "question": question, "number": number, "step": event.step, "parent": last}
                records[event.id] = {"schema": SCHEMA, **of, **_proposed(event, written)}
                last = event.id
            case Approval(proposal_id=id_) if id_ in records:
                records[id_] |= {**_approved(records[id_], event), "decided": _iso(written)}
            case Rejection(proposal_id=id_) if id_ in records:
                how = {"decision": AUTO} if event.auto else {}
                records[id_] |= {**REJECTED, **how, "reason": event.reason, "decided": _iso(written)}
            case Observation(proposal_id=id_) if id_ in records:
                records[id_] |= {"outcome": "ran" if event.ok else "raised", "error": event.error}
            case Undone(proposal_id=id_) if id_ in records:
                records[id_]["outcome"] = UNDONE
                _left(records.get(last))
            case Stop(status="rejected") if last and not records[last]["decision"]:
                records[last] |= {**REJECTED, "decided": _iso(written)}
            case Stop():
                _left(records.get(last))
    return records


def sha256(text: str) -> str:
    """Return the SHA-256 of code as records have it: without white space around it.

    Args:
        text: The code.
    """
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()


def _left(record: StepRecord | None) -> None:
    """Note that the question went on, or ended, without the result of its last step."""
    if record and not record["outcome"]:
        record["outcome"] = "stopped" if record["run_sha256"] else "not_run"


def _proposed(event: Proposal, written: float | None) -> StepRecord:
    made, tried = event.made, event.tried
    sampling = {"seed": made.seed, "temperature": made.temperature, "max_tokens": made.max_tokens} if made else None
    return {
        "proposal": event.id,
        "proposed": _iso(made.time if made else written),
        "model": event.model,
        "weights": made.weights if made else {},
        "sampling": sampling,
        "mended_from": made.written if made else "",
        "proposed_sha256": sha256(event.code),
        "tried": {"outcome": tried.outcome if tried else "not_tried", "error": tried.error if tried else ""},
        "decision": "",
        "decided": None,
        "reason": "",
        "run_sha256": "",
        "outcome": "",
        "error": "",
    }


def _approved(record: StepRecord, event: Approval) -> StepRecord:
    hashed = sha256(event.source)
    is_edited = hashed != record["proposed_sha256"]
    return {"decision": AUTO if event.auto else "edited" if is_edited else "approved", "run_sha256": hashed}


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("session", "question", "parent", "proposal", "model", "mended_from", "proposed_sha256"), str),
    **dict.fromkeys(("decision", "reason", "run_sha256", "outcome", "error"), str),
    **dict.fromkeys(("number", "step"), int),
    **dict.fromkeys(("weights", "tried"), dict),
    **dict.fromkeys(("proposed", "decided"), (str, type(None))),
    "sampling": (dict, type(None)),
}


def parse_record(data: Any) -> StepRecord | None:
    """Read the record in the metadata of a cell, which anybody may have written.

    Args:
        data: The value there.

    Returns:
        The record; None if it is none, or of another version.
    """
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        return None
    is_record = all(isinstance(data.get(name), types) for name, types in _TYPES.items())
    return data if is_record and isinstance(data["tried"].get("outcome"), str) else None
