"""A reply as it is decoded, token by token."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable
from typing import Literal

from . import IsComplete, OnText

Finish = Literal["complete", "end", "length", "stopped"]


class PartialReply:
    """A reply that grows token by token until it is complete.

    Args:
        limit: upper limit in tokens.
        until_end: cuts a text at the closing marker; returns None if it has none.
        is_complete: called with the text so far; True ends the reply.
        on_text: called with the text so far.

    Attributes:
        text: the text so far; half characters are held back.
        ids: ids of the tokens so far; empty if the text was cut at a closing marker, which the ids would repeat.
        finish: reason for the end.
        first_at: time of the first token, as `time.perf_counter` gives it; 0 before.
    """

    def __init__(
        self, limit: int, until_end: Callable[[str], str | None], is_complete: IsComplete, on_text: OnText
    ) -> None:
        self.text = ""
        self.ids: list[int] = []
        self.finish: Finish = "end"
        self.first_at = 0.0
        self._limit = limit
        self._until_end = until_end
        self._is_complete = is_complete
        self._on_text = on_text
        self._characters = codecs.getincrementaldecoder("utf-8")("replace")

    def append(self, token: int, spelling: bytes) -> bool:
        """Append a token.

        Args:
            token: its id.
            spelling: its bytes.

        Returns:
            True if it ended the reply.
        """
        self.first_at = self.first_at or time.perf_counter()
        self.ids.append(token)
        if more := self._characters.decode(spelling):
            self.text += more
            if (before := self._until_end(self.text)) is not None:
                self.text, self.ids = before, []
                return True
            self._on_text(self.text)
            if self._is_complete(self.text):
                self.finish = "complete"
                return True
        if len(self.ids) >= self._limit:
            self.finish = "length"
            return True
        return False
