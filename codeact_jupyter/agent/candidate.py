"""A sampled reply, parsed and checked, and the interface to a format of replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ..dialects.reply import is_rambling
from ..session.messages import Completion
from .screening import Fault

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[R]):
    """A sampled reply, parsed and checked."""

    reply: R  #: the parsed reply
    completion: Completion  #: the generated text, its tokens and its cost
    fault: Fault | None  #: reason to reject it, if there is one
    history: str  #: its text as the history keeps it
    action: str  #: key for the vote: equal for candidates that do or answer the same
    is_answer: bool  #: it answers instead of acting
    fact: str = ""  #: what its trial brought to light, such as the columns that there are
    missed: int = 0  #: columns and objects that the question names, with which its result did not change
    seed: int = 0  #: of its sampling
    temperature: float = 0.0  #: likewise

    @property
    def tokens(self) -> tuple[int, ...] | None:
        """Generated token ids; None if the history keeps another text."""
        return self.completion.tokens if self.history == self.completion.text else None

    @property
    def is_degenerate(self) -> bool:
        """True if the text is empty, cut off or repetitive: a model that sees it continues it."""
        text = self.completion.text
        return not text.strip() or self.completion.finish == "length" or is_rambling(text)


class ReplyFormat(Protocol[R]):
    """A format of replies: tells when one is complete, parses and checks it, and words the feedback on a fault."""

    @property
    def opening(self) -> str:
        """The beginning of a reply that acts; empty if none may."""

    def is_complete(self, text: str) -> bool:
        """Check if decoding can stop.

        Args:
            text: The reply so far.

        Returns:
            True if the reply is complete.
        """

    def read(self, completion: Completion) -> Candidate[R]:
        """Parse and check a reply.

        Args:
            completion: The reply.

        Returns:
            The candidate.
        """

    def feedback(self, candidate: Candidate[R], fault: Fault) -> str:
        """Tell the model the fault of its reply.

        Args:
            candidate: The reply.
            fault: Its fault.

        Returns:
            The message to the model.
        """
