"""Messages from a page to the kernel. Those to a page are in `protocol`.

A page that wants a reply adds the field `request`, an id which the reply repeats.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, cast

import msgspec

from ..agent.cell_question import CellText
from ..errors import UsageProblem
from .protocol import Message

Option: TypeAlias = str | int | float | bool


class Attach(Message, tag="attach"):
    """A page was opened or connected again, and needs a snapshot."""

    page: str  #: id of the page
    version: str  #: of the extension in the page
    options: dict[str, Option]  #: options that the user set on the settings page


class Ask(Message, tag="ask"):
    """The user asks in the chat, or requests a fix or an explanation."""

    kind: Literal["question", "fix", "explain"]  #: a question as typed, or a fix or explanation of one cell
    text: str  #: the question; may be empty for a fix or an explanation
    after: str | None  #: id of the cell above the first step; null: append to the notebook
    cells: list[CellText]  #: cells that the question mentions, or the one to fix or explain


class Reject(Message, tag="reject"):
    """The user rejects the step. With an empty reason the episode ends."""

    proposal: str  #: id of the proposal
    reason: str  #: reason that the model reads; may be empty


class UndoStep(Message, tag="undo"):
    """The user undoes a step that ran. A later change by another cell is kept: only an execute request may undo it."""

    proposal: str  #: id of the proposal


class StopWork(Message, tag="stop"):
    """Stop the current episode."""


class Reset(Message, tag="reset"):
    """Start a new conversation."""


class Resume(Message, tag="continue"):
    """Resume the conversation."""


class SetOption(Message, tag="set"):
    """Set an option of `CodeAct`, but neither `auto`, a greater reach nor the model: an execute request sets these."""

    option: str  #: name of the option
    value: Option | None  #: new value; null: as it was before a page set it


class Placed(Message, tag="placed"):
    """The page's notebook has the proposal's cell."""

    proposal: str  #: id of the proposal


class Missing(Message, tag="missing"):
    """The page has no cell or no nonce for the proposal; it gets them if the page that asked is gone."""

    proposal: str  #: id of the proposal


class Names(Message, tag="names"):
    """List the names in the kernel, and the data files of its folder, that begin with `prefix`."""

    prefix: str  #: beginning of the names; empty for all


class Models(Message, tag="models"):
    """List the models of the catalogue."""


class PausePull(Message, tag="pause"):
    """Pause the download."""


class CancelPull(Message, tag="cancel"):
    """End the download and remove what it has brought."""


class ListEarlier(Message, tag="earlier"):
    """List the earlier conversations in this notebook, the newest first."""


class Reopen(Message, tag="reopen"):
    """Leave the present conversation for an earlier one."""

    name: str  #: as in the reply to `earlier`


ToKernel: TypeAlias = (
    Attach
    | Ask
    | Reject
    | UndoStep
    | StopWork
    | Reset
    | Resume
    | SetOption
    | Placed
    | Missing
    | Names
    | Models
    | PausePull
    | CancelPull
    | ListEarlier
    | Reopen
)


def parse(message: Any) -> ToKernel:
    """Decode a message of a page.

    Args:
        message: JSON data of the comm message, with or without the field `request`.

    Returns:
        The message, without `request`.

    Raises:
        UsageProblem: The data is not exactly one of the messages: no type is converted, no field added or left out.
    """
    if isinstance(message, dict):
        message = {name: value for name, value in message.items() if name != "request"}
    try:
        return cast(ToKernel, msgspec.convert(message, ToKernel, strict=True))
    except msgspec.ValidationError as error:
        raise UsageProblem(
            f"A page sent a message that this kernel does not know ({error}). Reload the page."
        ) from None
