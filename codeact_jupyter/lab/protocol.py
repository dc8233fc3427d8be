"""What kernel and page say to each other over one comm per open page, typed once on this side and once in the
extension's `protocol.ts`; `tests/fixtures/protocol.json` holds an example of each, which both sides read in tests.

What goes to a page is here, as dictionaries; what comes from one is in `requests`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, TypedDict

from ..session.messages import Answer, Approval, Event, Observation, Prompt, Proposal, Rejection, Shortened, Stop
from ..text import shorten_middle

TARGET = "codeact-jupyter"  #: the comm target, on both sides
OBSERVATION_CHARS = 2000  #: of an observation, in a page

StepState = Literal["waits", "running", "done", "failed", "rejected", "stopped", "left"]

# --- to a page ---------------------------------------------------------------------------------------------------


class Status(TypedDict):
    """Where the conversation stands. See `protocol.ts` for the fields' meaning, here and below."""

    phase: Literal["idle", "thinking", "waits", "running", "paused"]
    step: int
    ended: str
    model: str
    mode: str
    speed: float
    used: int
    window: int
    progress: str
    resumable: bool


class Question(TypedDict):
    """The user asked."""

    kind: Literal["question"]
    text: str


class Step(TypedDict):
    """The model proposed a step; `state` tells what became of it."""

    kind: Literal["step"]
    proposal: str
    cell: str
    step: int
    thought: str
    code: str
    state: StepState
    edited: bool
    model: str
    seconds: float
    reason: str
    observation: str


class Answered(TypedDict):
    """The model answered."""

    kind: Literal["answer"]
    text: str
    summary: str


class Ending(TypedDict):
    """An episode ended without an answer."""

    kind: Literal["ending"]
    status: str
    text: str


class Note(TypedDict):
    """Something the user should know."""

    kind: Literal["note"]
    text: str


Item: TypeAlias = Question | Step | Answered | Ending | Note


class Stream(TypedDict):
    """The reply that is being written."""

    step: int
    thought: str
    code: str


class Pending(TypedDict):
    """The proposal that waits for the user."""

    proposal: str
    step: int
    code: str
    cell: str
    after: str | None
    page: str
    nonce: str
    adds: list[str]
    replaces: list[str]
    model: str
    run: bool


def cell_id(proposal: str) -> str:
    """The id of the proposal's cell. The kernel alone decides it, so that a cell is put in once, whoever does it."""
    return f"codeact-{proposal}"


def to_items(events: Iterable[Event]) -> list[Item]:
    """A transcript as a page shows it, oldest first. `Shortened` and refused answers become notes."""
    items: list[Item] = []
    step: Step | None = None
    for event in events:
        match event:
            case Prompt(text=text):
                items.append({"kind": "question", "text": text})
            case Proposal():
                step = _step(event)
                items.append(step)
            case Approval(source=source) if step:
                step["state"], step["edited"] = "running", source.strip() != step["code"].strip()
                step["code"] = source
            case Rejection(reason=reason) if step:
                step["state"], step["reason"] = "rejected", reason
            case Observation(ok=ok, seconds=seconds, text=text) if step:
                step["state"], step["seconds"] = ("done" if ok else "failed"), seconds
                step["observation"] = shorten_middle(text, OBSERVATION_CHARS)
            case Answer(text=text):
                items.append({"kind": "answer", "text": text, "summary": ""})
            case Stop(status=status, reason=reason):
                items.append({"kind": "ending", "status": status, "text": reason})
            case Shortened():
                items.append({"kind": "note", "text": "The model's window is full: it reads a shortened history."})
        if step and isinstance(event, Prompt | Stop):
            step["state"] = {"waits": "left", "running": "stopped"}.get(step["state"], step["state"])  # type: ignore[typeddict-item]
            step = None
    return items


def _step(proposal: Proposal) -> Step:
    return {
        "kind": "step",
        "proposal": proposal.id,
        "cell": cell_id(proposal.id),
        "step": proposal.step,
        "thought": proposal.thought,
        "code": proposal.code,
        "state": "waits",
        "edited": False,
        "model": proposal.model,
        "seconds": 0.0,
        "reason": "",
        "observation": "",
    }
