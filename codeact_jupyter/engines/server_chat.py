"""Messages, replies and refusals in OpenAI's chat protocol."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..dialects import thoughts
from ..errors import GenerationFailed
from ..session.messages import ChatMessage
from . import IsComplete, OnText
from .decoding import Finish

CUT = ("length", "content_filter")  #: reasons that the protocol has for a reply without its end


def as_chat(messages: Sequence[ChatMessage], start: str = "") -> list[dict[str, str]]:
    """Convert messages to those of the protocol: one system message at most, then user and assistant in turns.

    Args:
        messages: the conversation.
        start: what the reply is to begin with.

    Returns:
        The messages; the last one is the user's.
    """
    chat: list[dict[str, str]] = []
    for message in (*messages, *([ChatMessage("user", f"Begin your reply with:\n{start}")] if start else [])):
        role = "user" if message.role == "system" and chat else message.role
        if chat and chat[-1]["role"] == role:
            chat[-1]["content"] += f"\n\n{message.content}"
        else:
            chat.append({"role": role, "content": message.content})
    if not chat or chat[-1]["role"] != "user":
        chat.append({"role": "user", "content": ""})
    return chat


@dataclass
class StreamedReply:
    """A reply as it arrives, piece by piece."""

    is_complete: IsComplete  #: called with the text so far; True ends the reply
    show: OnText  #: called with the text so far
    text: str = ""  #: the text so far
    finish: Finish = "end"  #: reason for the end
    pieces: int = 0  #: number of pieces, about one per token
    first_at: float = 0.0  #: time of the first piece, as `time.perf_counter` gives it; 0 before
    usage: Any = None  #: tokens as the server counts them; None if it does not
    _thinks: bool = False  # the text is within a thought that the server sends apart

    async def read(self, stream: Any) -> None:
        """Read the reply to its end, or until it is complete.

        Args:
            stream: the client's stream of chunks.

        Raises:
            GenerationFailed: the stream ended before the reply did.
        """
        has_ended = False
        async with stream:
            async for chunk in stream:
                self.usage = getattr(chunk, "usage", None) or self.usage
                for choice in getattr(chunk, "choices", None) or ():
                    has_ended |= bool(choice.finish_reason)
                    if choice.finish_reason in CUT:
                        self.finish = "length"
                    if self._is_complete_with(choice.delta):
                        self.finish = "complete"
                        return
        if not has_ended:
            after = f"after {len(self.text):,} characters" if self.text else "with nothing"
            raise GenerationFailed(f"The server ended its reply {after}: try again, or look at its log.")

    def _is_complete_with(self, delta: Any) -> bool:
        """Add a piece. A thought that the server sends apart is put between marks, as other models write it."""
        thought, content = _text(delta, "reasoning_content", "reasoning"), _text(delta, "content")
        if not (thought or content):
            return False
        self.first_at = self.first_at or time.perf_counter()
        self.pieces += 1
        if thought and not self.text:
            self.text, self._thinks = f"{thoughts.OPENINGS[0]}\n", True
        if self._thinks:
            self.text += thought
        if self._thinks and content:
            self.text, self._thinks = self.text + thoughts.ending(self.text), False
        self.text += content
        self.show(self.text)
        return self.is_complete(self.text)


def _text(delta: Any, *fields: str) -> str:
    """Return the first of these fields that holds text, or nothing. The client hands on whatever a server sent."""
    values = (getattr(delta, field, None) for field in fields)
    return next((value for value in values if value and isinstance(value, str)), "")


def is_too_long(error: Exception) -> bool:
    """Return True if a server refused a request because of the window.

    Args:
        error: an error of the client.
    """
    text = f"{getattr(error, 'code', '')} {error}".lower()
    return "context_length" in text or "context length" in text or "context size" in text
