"""Messages from the kernel to an open page, over one comm per page. Those from a page are in `requests`.

The types here and in `requests` are the only definition of the wire format: `.ci/protocol_types.py` generates the
extension's `kernel/protocol.ts` from them, field comments included. `tests/fixtures/protocol.json` holds an example of
each message, which the tests of both sides read.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, dataclass_transform

import msgspec

from ..session.messages import TrialOutcome

TARGET = "codeact-jupyter"  #: the comm target, on both sides

Phase: TypeAlias = Literal["idle", "thinking", "waits", "running", "paused"]
Mode: TypeAlias = Literal["ask", "auto"]
DownloadState: TypeAlias = Literal["running", "paused", "failed"]
StepState: TypeAlias = Literal["waits", "running", "done", "failed", "rejected", "stopped", "left", "undone"]


@dataclass_transform(frozen_default=True)
class WireType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all wire types: immutable, and decoded only when its fields are exactly these."""


class Message(WireType, tag_field="type"):
    """Base of all messages, told apart by their `type`."""


# --- what messages hold ------------------------------------------------------------------------------------------


class Download(WireType):
    """Download of a model's file."""

    model: str  #: the model's name
    state: DownloadState  #: a paused or failed one continues where it was when it is requested again
    text: str  #: how far it is, or why it failed
    part: float  #: share of the file that is there, from 0 to 1; 0 if its size is unknown


class Earlier(WireType):
    """Entry of the reply to `earlier`: a conversation in this notebook that can be opened again."""

    name: str  #: names it in `reopen`
    title: str  #: its first question, shortened
    begun: float  #: when that was asked, in seconds since 1970; 0 when unknown
    questions: int  #: number of its questions


class Status(WireType):
    """State of the conversation."""

    phase: Phase  #: current activity
    step: int  #: number of the step within the episode; 0 before the first
    ended: str  #: how the last episode ended (`answered`, `stopped`, ...), or empty
    model: str  #: the model's name, path or hub id
    host: str  #: host of the server to which all text is sent; empty if the model runs in the kernel
    mode: Mode  #: `ask`: steps wait for an approval; `auto`: they run at once
    speed: float  #: tokens per second of the last reply; 0 when unknown
    used: int  #: tokens of the window that the last prompt and reply took
    window: int  #: size of the model's context window in tokens; 0 when unknown
    progress: str  #: progress of other work, or empty
    download: Download | None  #: the download of a model that was chosen; null if there is none
    resumable: bool  #: true if `continue` can resume the conversation
    undo: str  #: id of the proposal of the step that can be undone next, or empty


class Trial(WireType):
    """Result of running a proposal in a copy of the kernel, which changed nothing."""

    outcome: TrialOutcome  #: `wants_more`: the copy refused an effect; `not_tried`: it was not run, or not to its end
    line: str  #: the trial in one line; names are between backticks
    outputs: str  #: outputs as plain text, shortened
    effects: list[str]  #: what it would do outside the kernel, such as "write `out.csv`"
    added: list[str]  #: new names
    changed: list[str]  #: names with another value
    removed: list[str]  #: deleted names
    error: str  #: the exception and its message, or empty
    reason: str  #: why it was not tried, or not to its end, and what speaks against it, or empty
    seconds: float  #: duration of the cell in the copy
    figures: list[str]  #: PNG files in base64; only of the proposal that waits


class Question(WireType, tag_field="kind", tag="question"):
    """Question of the user."""

    text: str  #: the question as plain text


class Step(WireType, tag_field="kind", tag="step"):
    """Code action proposed by the model, with its outcome so far."""

    proposal: str  #: id of the proposal
    cell: str  #: id of the proposal's cell
    step: int  #: number within the episode, from 1
    thought: str  #: text of the reply before the code
    code: str  #: as proposed, or as it ran
    state: StepState  #: outcome so far; `left`: the episode ended before the step ran
    edited: bool  #: true if the user changed the code before running it
    model: str  #: the model that proposed it
    seconds: float  #: duration of the run; 0 before it
    reason: str  #: reason of a rejection, or what an undo put back and what it did not; else empty
    observation: str  #: result of the run as the model reads it, shortened
    tried: Trial | None  #: its trial without figures; null if there was none
    differs: bool  #: true if its output differs from that of the trial
    invisible: str  #: a line on invisible characters in the code, and each such line with escapes; or empty
    record: dict[str, Any] | None  #: where it comes from, for its cell's metadata


class Number(WireType):
    """Number of an answer."""

    number: str  #: as the answer writes it
    place: str  #: where it stands, such as "step 3, row Gentoo, column mean"; empty if no step showed it
    cell: str  #: id of the cell of that step, or empty
    output: str  #: as the output writes it
    row: str  #: label of its row there; empty if it is not in a table
    column: str  #: label of its column


class Answered(WireType, tag_field="kind", tag="answer"):
    """Answer of the model."""

    text: str  #: Markdown of the model
    summary: str  #: turns, seconds and speed as text
    basis: str  #: what it rests on, in one line; names are between backticks; empty if that was not found out
    numbers: list[Number]  #: its numbers, in the order of the text


class Ending(WireType, tag_field="kind", tag="ending"):
    """End of an episode without an answer."""

    status: str  #: as `Status.ended`
    text: str  #: explanation for the user; may be empty


class Note(WireType, tag_field="kind", tag="note"):
    """Information for the user."""

    text: str  #: plain text


Item: TypeAlias = Question | Step | Answered | Ending | Note


class Stream(WireType):
    """Reply under generation."""

    step: int  #: number of the step that it may become
    thinking: str  #: end of what a thinking model thinks before its reply; in no item
    thought: str  #: text so far
    code: str  #: code so far
    read: int = 0  #: per cent of the prompt that the model has read, before it writes; 0 if that is not known


class Pending(WireType):
    """Proposal that waits for the user's decision."""

    proposal: str  #: id of the proposal
    step: int  #: number within the episode, from 1
    code: str  #: code as proposed
    cell: str  #: id that its cell has or gets
    after: str | None  #: id of the cell above; null or unknown: append to the notebook
    page: str  #: the page that inserts the cell; empty for the others, which only show it
    nonce: str  #: to be sent with an approval; empty for the others
    adds: list[str]  #: new names: from the trial if it ran, else from the code
    replaces: list[str]  #: existing names that get another value, likewise
    model: str  #: the model that proposed it
    run: bool  #: true in `auto` mode, within the reach, for the page that asked: run it without asking
    tried: Trial | None  #: its trial; null if there was none


class Variable(WireType):
    """Entry of the reply to `names`."""

    name: str  #: name in the namespace, or of a file in the working directory
    type: str  #: name of the value's type; `file` of a file


class ModelFile(WireType):
    """Entry of the reply to `models`."""

    name: str  #: name in the catalogue
    title: str  #: family of the model, for the user
    bytes: int  #: size of the file
    installed: bool  #: true if the file is on disk
    licence: str  #: licence of the weights
    needs: int  #: bytes of memory that it needs with the default window
    left: int  #: bytes of memory that stay free then; negative if it does not fit
    seconds: float  #: expected for a step, as measured on this machine; 0 if nothing was measured
    purpose: str  #: what it is good for; may be empty


# --- messages to a page ------------------------------------------------------------------------------------------


class Snapshot(Message, tag="snapshot"):
    """Everything a page shows."""

    items: list[Item]  #: oldest first
    status: Status  #: state of the conversation
    pending: Pending | None  #: the proposal that waits, or null
    stream: Stream | None  #: the reply under generation, or null


class ItemChanged(Message, tag="item"):
    """An item was added or replaced."""

    index: int  #: its place among the items
    item: Item  #: the new item


class StatusChanged(Message, tag="status"):
    """The status has changed."""

    status: Status  #: the new status


class StreamChanged(Message, tag="stream"):
    """The reply under generation has grown, or is complete."""

    stream: Stream | None  #: the reply so far; null when complete


class PendingChanged(Message, tag="pending"):
    """The waiting proposal has changed."""

    pending: Pending | None  #: the proposal, or null


class Reply(Message, tag="reply"):
    """Reply to a page's message that had the field `request`."""

    request: str  #: value of that field
    error: str  #: message for the user, or empty
    data: Any  #: a list of `Variable` for `names`, of `ModelFile` for `models`, of `Earlier` for `earlier`, else null


FromKernel: TypeAlias = Snapshot | ItemChanged | StatusChanged | StreamChanged | PendingChanged | Reply
