"""A reply as it is decoded, token by token."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..dialects import thoughts
from . import IsComplete, OnText

THINKING = 512  #: tokens that a model may think before a reply
Finish = Literal["complete", "end", "length", "stopped"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper limits of a reply, in tokens."""

    reply: int  #: without its thought
    thought: int  #: of its thought
    room: int  #: together, with what ends a thought

    @classmethod
    def within(cls, room: int, reply: int, thought: int) -> Limits:
        """Fit limits into a window.

        Args:
            room: tokens that are left in the window.
            reply: the wanted limit of the reply.
            thought: the wanted limit of its thought. A short reply gets a thought that is no longer, and a reply of
                full length must still fit into the window.

        Returns:
            The limits.
        """
        return cls(reply, min(thought, reply, max(0, room - reply)), room)


class PartialReply:
    """A reply that grows token by token until it is complete.

    Args:
        limits: upper limits in tokens.
        until_end: cuts a text at the closing marker; returns None if it has none.
        is_complete: called with the text so far; True ends the reply, or the thought that it is in.
        on_text: called with the text so far.
        start: its beginning, which is not decoded.
        start_ids: the ids of that.

    Attributes:
        text: the text so far; half characters are held back.
        ids: ids of the tokens so far; empty if the text was cut at a closing marker, which the ids would repeat.
        finish: reason for the end.
        count: number of tokens that were decoded.
        first_at: time of the first token, as `time.perf_counter` gives it; 0 before.
    """

    def __init__(
        self,
        limits: Limits,
        until_end: Callable[[str], str | None],
        is_complete: IsComplete,
        on_text: OnText,
        start: str = "",
        start_ids: Sequence[int] = (),
    ) -> None:
        self.text = start
        self.ids: list[int] = list(start_ids)
        self.count = 0
        self.finish: Finish = "end"
        self.first_at = 0.0
        self._limits = limits
        self._until_end = until_end
        self._is_complete = is_complete
        self._on_text = on_text
        self._characters = codecs.getincrementaldecoder("utf-8")("replace")
        self._ending = thoughts.ending(start)  # of the thought that the text is in
        self._given = len(start_ids)
        self._thought = 0  # tokens of the thought
        self._cut = False  # a thought was cut

    def append(self, token: int, spelling: bytes) -> bool:
        """Append a token.

        Args:
            token: its id.
            spelling: its bytes.

        Returns:
            True if it ended the reply, or a thought that `end_thought` is to end.
        """
        self.first_at = self.first_at or time.perf_counter()
        self.ids.append(token)
        self.count += 1
        self._thought += bool(self._ending) and not self._cut
        if more := self._characters.decode(spelling):
            self.text += more
            if (before := self._until_end(self.text)) is not None:
                self.text, self.ids = before, []
                return True
            self._ending = thoughts.ending(self.text)
            self._on_text(self.text)
            if self._is_complete(self.text):
                self.finish = "complete"
                return True
        if self._is_full():
            self.finish = "length"
            return True
        return False

    def end_thought(self, ids_of: Callable[[str], Sequence[int]]) -> bool:
        """End the thought that the reply is in, once it has ended there, so that the reply proper can follow.

        Args:
            ids_of: converts text to ids.

        Returns:
            True if it did so and decoding is to go on.
        """
        if not self._ending or self._cut or self.finish == "stopped":
            return False
        self.text += self._ending
        self.ids.extend(ids_of(self._ending))
        self._ending, self._cut = "", True
        self.finish = "length" if self._is_full() else "end"
        return self.finish == "end"

    def _is_full(self) -> bool:
        limits = self._limits
        if len(self.ids) - self._given >= limits.room:
            return True
        if self._ending and not self._cut:
            return self._thought >= limits.thought
        return self.count - self._thought >= limits.reply
