"""The vocabulary of a conversation: values that every other module speaks in.

*Events* are what happened; `Session.handle` takes them. *Commands* are what to do next; it returns them.
`ChatMessage` and `Completion` are what an engine takes and gives. All are frozen; events are what the journal keeps.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

# --- what an engine takes and gives ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message for the model.

    `tokens` are the ids that the model itself generated for `content` (assistant messages only): an engine that keeps
    a KV cache puts these in the prompt in place of re-tokenised text, so that the cached prefix stays valid. What all
    conversations begin with is `fixed`: an engine may keep what it has read of that.
    """

    role: Literal["system", "user", "assistant"]
    content: str
    tokens: tuple[int, ...] | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost: token counts and wall-clock seconds. Sums with `+`."""

    prompt: int = 0  #: tokens of the whole prompt
    evaluated: int = 0  #: prompt tokens that were not in the KV cache and had to be computed
    generated: int = 0  #: tokens sampled
    first_token_seconds: float = 0.0  #: from the call to the first token
    seconds: float = 0.0  #: the whole call
    discarded: int = 0  #: replies that were unusable and that nobody saw

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) + getattr(other, f.name) for f in dataclasses.fields(self)))

    @property
    def tokens_per_second(self) -> float:
        """Decoding speed, without the time to the first token; 0 when nothing was generated."""
        decoding = self.seconds - self.first_token_seconds
        return (self.generated - 1) / decoding if self.generated > 1 and decoding > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's reply. `tokens` are the generated ids, of which `text` is the decoding."""

    text: str
    finish: Literal["complete", "end", "length", "stopped"]  #: is_complete said so; end token; token limit; stop()
    tokens: tuple[int, ...] = ()
    usage: Usage = Usage()


# --- events ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prompt:
    """The user asks, with `options` for this question. `context` is the live namespace as text, at this moment."""

    text: str
    context: str = ""
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The model proposes one code action. `reply` is its whole reply in canonical form (with the stop tag)."""

    id: str
    step: int
    thought: str
    code: str
    reply: str
    model: str = ""
    usage: Usage = Usage()
    tokens: tuple[int, ...] | None = field(default=None, compare=False)  #: not journalled


@dataclass(frozen=True, slots=True)
class Answer:
    """The model answers, without code."""

    text: str
    usage: Usage = Usage()
    tokens: tuple[int, ...] | None = field(default=None, compare=False)  #: not journalled


@dataclass(frozen=True, slots=True)
class Refusal:
    """The caller's checker refuses the last answer, for a reason that goes back to the model."""

    reason: str


@dataclass(frozen=True, slots=True)
class Approval:
    """The user lets `source` run for this proposal: its code as proposed, or as the user edited it."""

    proposal_id: str
    source: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """The user rejects the proposal, for a reason that goes back to the model."""

    proposal_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Observation:
    """What running the approved source brought, as the text the model reads."""

    proposal_id: str
    text: str
    ok: bool
    seconds: float = 0.0
    error: str = ""  #: the exception and its message in a line, such as `NameError: name 'x' is not defined`


@dataclass(frozen=True, slots=True)
class Shortened:
    """The history outgrew the window. The model no longer reads the first `forget` events of the transcript, and of the
    first `observations` outputs only `chars` characters each; `context` is the live namespace as it is now."""

    observations: int
    chars: int
    forget: int = 0
    context: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """The next step cannot be delivered from here; it is made on `Continue`."""


@dataclass(frozen=True, slots=True)
class Continue:
    """The user takes the conversation up again. `note` tells the model what changed meanwhile, e.g. a restart."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """The episode ends without an answer. `status` is one of those of `Finish`; `reason` is for the user."""

    status: str = "stopped"
    reason: str = ""
    usage: Usage = Usage()


Event: TypeAlias = (
    Prompt | Proposal | Answer | Refusal | Approval | Rejection | Observation | Shortened | Pause | Continue | Stop
)
EVENTS: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (Prompt, Proposal, Answer, Refusal, Approval, Rejection, Observation, Shortened, Pause, Continue, Stop)
}

# --- commands ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Generate:
    """Ask the model for its next reply; with `answer_only` it may propose no further action."""

    answer_only: bool = False


@dataclass(frozen=True, slots=True)
class Deliver:
    """Put the proposal before the user."""

    proposal: Proposal


@dataclass(frozen=True, slots=True)
class Run:
    """The proposal is approved: see that `source` runs."""

    proposal: Proposal
    source: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The episode is over: `answered`, `stopped`, `rejected`, `blocked`, `limit`, `stuck`, `no_answer`, `no_model`,
    `failed`."""

    status: str
    text: str


Command: TypeAlias = Generate | Deliver | Run | Finish

# --- the journal's form ------------------------------------------------------------------------------------------


def to_json(event: Event) -> dict[str, Any]:
    """The event as plain JSON data, with its class name under `event`."""
    data = {"event": type(event).__name__, **dataclasses.asdict(event)}
    data.pop("tokens", None)
    return data


def from_json(data: dict[str, Any]) -> Event:
    """The event that `to_json` wrote. Raises `ValueError` when it is none."""
    fields = dict(data)
    cls = EVENTS.get(fields.pop("event", ""))
    if cls is None:
        raise ValueError(f"no such event: {data.get('event')!r}")
    if "usage" in fields:
        fields["usage"] = Usage(**fields["usage"])
    try:
        event: Event = cls(**fields)
    except TypeError as error:
        raise ValueError(str(error)) from error
    return event
