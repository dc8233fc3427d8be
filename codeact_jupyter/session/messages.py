"""Values of a conversation: chat messages, events, commands, and the JSON form of events.

*Events* are what happened: `Session.apply` takes them, and the journal keeps them. It returns *commands*: what to do.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from .evidence import Evidence
from .tables import Table

FinishStatus: TypeAlias = Literal[
    "answered",  # with an answer
    "stopped",  # by the user, or by an interrupt
    "rejected",  # by the user, without a reason for the model
    "blocked",  # a step needs approval, and no user can be asked
    "limit",  # of turns or of time
    "stuck",  # several steps in a row failed
    "no_answer",  # the model gave no usable reply, or none that rests on what was shown
    "no_model",  # the model cannot be loaded
    "failed",  # an error of another kind
]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message for the model."""

    role: Literal["system", "user", "assistant"]  #: the speaker, as chat templates name it
    content: str  #: plain text
    #: ids that the model generated for `content` (assistant only); reused, so that the prefix in the KV cache is valid
    tokens: tuple[int, ...] | None = None
    fixed: bool = False  #: the same at the beginning of all conversations, so that its KV state can be kept on disk


@dataclass(frozen=True, slots=True)
class Usage:
    """Cost of a reply in tokens and wall-clock seconds. Sums with `+`; `longest` is that of the longest call."""

    prompt: int = 0  #: tokens of the whole prompt
    evaluated: int = 0  #: prompt tokens that were not in the KV cache and had to be computed
    generated: int = 0  #: tokens sampled
    first_token_seconds: float = 0.0  #: from the call to the first token
    seconds: float = 0.0  #: the whole call
    discarded: int = 0  #: unusable replies, which the user does not see
    longest: int = dataclasses.field(default=0, compare=False)  #: tokens of its longest call, of a sum; see `in_window`

    def __add__(self, other: Usage) -> Usage:
        sums = (getattr(self, f.name) + getattr(other, f.name) for f in dataclasses.fields(self))
        return dataclasses.replace(Usage(*sums), longest=max(self.in_window, other.in_window))

    @property
    def in_window(self) -> int:
        """Tokens of the model's window that the longest call took: its prompt and its reply."""
        return self.longest or self.prompt + self.generated

    @property
    def tokens_per_second(self) -> float:
        """Decoding speed without the time to the first token; 0 when nothing was generated."""
        decoding = self.seconds - self.first_token_seconds
        return (self.generated - 1) / decoding if self.generated > 1 and decoding > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Completion:
    """Reply of an engine."""

    text: str  #: the reply
    finish: Literal["complete", "end", "length", "stopped"]  #: `is_complete` held; end token; token limit; `stop()`
    tokens: tuple[int, ...] = ()  #: the generated ids, of which `text` is the decoding
    usage: Usage = Usage()  #: its cost


# --- events ------------------------------------------------------------------------------------------------------
TrialOutcome: TypeAlias = Literal["ran", "raised", "wants_more", "not_tried"]
Reach: TypeAlias = Literal["read-only", "workspace", "all"]  #: each includes the ones before


@dataclass(frozen=True, slots=True)
class Prompt:
    """The user asks a question."""

    text: str  #: the question
    context: str = ""  #: the live namespace as text, at the time of the question
    options: dict[str, Any] = field(default_factory=dict)  #: option values for this question


@dataclass(frozen=True, slots=True)
class Tried:
    """Result of running a proposed cell in a copy of the kernel, which changed nothing."""

    outcome: TrialOutcome  #: `wants_more`: the copy refused an effect; `not_tried`: it was not run, or not to its end
    observation: str = ""  #: as the model reads it after a real run; empty if the cell did not end
    outputs: str = ""  #: plain text for the user, of limited length
    effects: tuple[str, ...] = ()  #: what it would do outside the kernel, such as "write `out.csv`"
    added: tuple[str, ...] = ()  #: new names
    changed: tuple[str, ...] = ()  #: names with another value
    removed: tuple[str, ...] = ()  #: deleted names
    error: str = ""  #: the exception and its message in a line
    reason: str = ""  #: why it was not tried, or not to its end, and what speaks against it; without a full stop
    seconds: float = 0.0  #: duration of the cell in the copy
    memory: int = 0  #: bytes that were free in the copy, if they were not enough
    changes: tuple[str, ...] = ()  #: how the changed names change, such as "replaces `df`: 344 → 333 rows"
    figures: tuple[bytes, ...] = field(default=(), compare=False)  #: small figures as PNG; not journalled
    evidence: Evidence | None = None  #: what its result rests on, if that was tried
    tables: tuple[Table, ...] = field(default=(), compare=False)  #: in `observation`; not journalled
    reach: Reach = "all"  #: the least one that it needs; `all` also if that was not found out


@dataclass(frozen=True, slots=True)
class Made:
    """The making of a proposal."""

    weights: dict[str, str]  #: SHA-256 of the model's files, by their names; empty if it is on a server
    seed: int  #: of the reply that was taken
    temperature: float  #: likewise
    max_tokens: int  #: limit of a reply
    time: float  #: in seconds since 1970
    written: str = ""  #: the code as the model wrote it, if it was mended; else empty


@dataclass(frozen=True, slots=True)
class Proposal:
    """The model proposes one code action."""

    id: str  #: unique in the journal
    step: int  #: number in the episode, from 1
    thought: str  #: text before the code
    code: str  #: the proposed cell
    reply: str  #: the whole reply in canonical form, with its closing tag
    model: str = ""  #: name of the model
    usage: Usage = Usage()  #: cost of the reply, discarded ones included
    tokens: tuple[int, ...] | None = field(default=None, compare=False)  #: not journalled
    tried: Tried | None = None  #: its trial, if there was one
    facts: tuple[str, ...] = ()  #: what the tries before it brought to light, a sentence or two each
    made: Made | None = field(default=None, compare=False)  #: None in journals of earlier versions


@dataclass(frozen=True, slots=True)
class Answer:
    """The model answers, without code."""

    text: str  #: the answer
    usage: Usage = Usage()  #: cost of the reply, discarded ones included
    tokens: tuple[int, ...] | None = field(default=None, compare=False)  #: not journalled


@dataclass(frozen=True, slots=True)
class Retry:
    """No reply of a round was usable; the model begins afresh."""

    reason: str  #: what was wrong with the last one, for the model
    usage: Usage = Usage()  #: cost of the replies, which nobody sees
    facts: tuple[str, ...] = ()  #: what the tries brought to light


@dataclass(frozen=True, slots=True)
class Refusal:
    """The caller's check refuses the last answer."""

    reason: str  #: for the model
    is_of_value: bool = False  #: what the answer says may be right, but its value is not of the type asked for


@dataclass(frozen=True, slots=True)
class Approval:
    """The user approves the proposal."""

    proposal_id: str  #: id of the proposal
    source: str  #: the code to run: as proposed, or as edited by the user
    auto: bool = False  #: it ran within the reach of `auto` mode or `--approve auto`, and nobody was asked


@dataclass(frozen=True, slots=True)
class Rejection:
    """The user rejects the proposal."""

    proposal_id: str  #: id of the proposal
    reason: str  #: for the model
    auto: bool = False  #: it is beyond that reach, and nobody was asked


@dataclass(frozen=True, slots=True)
class Observation:
    """Result of running the approved source."""

    proposal_id: str  #: id of the proposal
    text: str  #: for the model
    ok: bool  #: the code ran without an error
    seconds: float = 0.0  #: duration of the run
    error: str = ""  #: the exception and its message in a line, such as `NameError: name 'x' is not defined`
    tables: tuple[Table, ...] = ()  #: in the text


@dataclass(frozen=True, slots=True)
class Undone:
    """The user has undone a step that ran; a step that waits is dropped."""

    proposal_id: str  #: id of its proposal
    text: str  #: what was put back and what was not, in sentences
    context: str = ""  #: what has changed in the live namespace by that, as text


@dataclass(frozen=True, slots=True)
class Shortened:
    """The history no longer fits the model's window: later prompts contain less of it."""

    observations: int  #: number of outputs, from the first on, that are shortened
    chars: int  #: characters kept of each of these
    forget: int = 0  #: number of events at the beginning of the transcript that are left out
    context: str = ""  #: the live namespace as text, now

    @property
    def told(self) -> str:
        """The sentence that the user reads."""
        what = "the beginning of the conversation is left out" if self.forget else "older outputs are shortened"
        return f"The model's context is full: {what} in what it reads. Your notebook is unchanged."


@dataclass(frozen=True, slots=True)
class Pause:
    """The host cannot deliver a step now; the next one is generated on `Continue`."""


@dataclass(frozen=True, slots=True)
class Continue:
    """The user resumes the conversation."""

    note: str = ""  #: for the model: what has changed since, such as a restart


@dataclass(frozen=True, slots=True)
class Stop:
    """The episode ends without an answer."""

    status: FinishStatus = "stopped"  #: kind of the end
    reason: str = ""  #: for the user
    usage: Usage = Usage()  #: cost of the replies that were discarded


Event: TypeAlias = (
    Prompt
    | Proposal
    | Answer
    | Retry
    | Refusal
    | Approval
    | Rejection
    | Observation
    | Undone
    | Shortened
    | Pause
    | Continue
    | Stop
)
EVENTS: dict[str, type[Any]] = {cls.__name__: cls for cls in get_args(Event)}

# --- commands ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Generate:
    """Ask the model for its next reply."""

    answer_only: bool = False  #: the reply must be an answer


@dataclass(frozen=True, slots=True)
class Deliver:
    """Show the proposal to the user for a decision."""

    proposal: Proposal  #: the code action


@dataclass(frozen=True, slots=True)
class Run:
    """Run the approved source of the proposal."""

    proposal: Proposal  #: the code action
    source: str  #: its code: as proposed, or as edited by the user


@dataclass(frozen=True, slots=True)
class Finish:
    """End the episode."""

    status: FinishStatus  #: kind of the end
    text: str  #: the answer, or the reason why there is none


Command: TypeAlias = Generate | Deliver | Run | Finish
