"""Public test double: an engine that plays a script in place of a model."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from .engines import IsComplete, OnRead, OnText
from .engines.chat_format import SMALLEST_REPLY
from .errors import GenerationFailed, PromptTooLong
from .session.messages import ChatMessage, Completion, Usage

Reply = str | Callable[[Sequence[ChatMessage]], str]

#: value of the option `CodeAct.without` with which each scripted reply is used unchanged
AS_WRITTEN = "remind,validate,trial,vote,repair,hints,breaker,evidence,rests,fresh,form,spare"

_CHARS_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
_PIECE = re.compile(r"\s+|\w{1,4}|[^\w\s]")  # streamed in one call, and counted as one token


class ScriptedEngine:
    """An `Engine` that plays replies in order, piece by piece as a model would.

    Args:
        replies: Texts, or functions that return the text for the messages. After the last one, `generate` raises
            `GenerationFailed`.
        delay: Time per piece, in seconds.
        context_size: The window, in tokens of four characters.
        odds: Returns the log-probabilities of openings of the next reply; by default all are alike.
    """

    def __init__(
        self,
        replies: Iterable[Reply],
        *,
        delay: float = 0.0,
        context_size: int = 8192,
        odds: Callable[[Sequence[ChatMessage], Sequence[str]], Sequence[float]] = lambda _, openings: (
            [0.0] * len(openings)
        ),
    ) -> None:
        self.name = "scripted"  #: as shown to the user
        self.context_size = context_size  #: the window in tokens
        self.notes: list[str] = []  #: for the user, once the model is loaded
        self.weights: dict[str, str] = {}  #: there are no files
        self.on_read: OnRead = lambda share: None  #: never called: nothing is read
        self.prompts: list[list[ChatMessage]] = []  #: the messages of each call of `generate`
        self._replies = iter(replies)
        self._delay = delay
        self._odds = odds
        self._lock = threading.Lock()
        self._live: set[threading.Event] = set()

    def generate(
        self,
        messages: Sequence[ChatMessage],
        *,
        start: str = "",
        is_complete: IsComplete = lambda text: False,
        on_text: OnText = lambda text: None,
        max_tokens: int = 1024,
        temperature: float = 0.0,
        seed: int = 0,
    ) -> Completion:
        """Play the next reply, after `start` unless it has that itself. See `Engine.generate`."""
        stopped = threading.Event()
        self._live.add(stopped)
        try:
            with self._lock:
                return self._play(messages, stopped, start, is_complete, on_text, max_tokens)
        finally:
            self._live.discard(stopped)

    def log_probabilities(self, messages: Sequence[ChatMessage], openings: Sequence[str]) -> list[float]:
        """Return what `odds` says. See `Engine.log_probabilities`."""
        return list(self._odds(messages, openings))

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """Count a token per four characters, and four per message and reply. See `Engine.count_tokens`."""
        characters = sum(len(message.content) for message in messages)
        return -(-characters // _CHARS_PER_TOKEN) + _TOKENS_PER_MESSAGE * (len(messages) + 1)

    def stop(self) -> None:
        """End every `generate` under way. See `Engine.stop`."""
        for stopped in tuple(self._live):
            stopped.set()

    def _play(
        self,
        messages: Sequence[ChatMessage],
        stopped: threading.Event,
        start: str,
        is_complete: IsComplete,
        on_text: OnText,
        max_tokens: int,
    ) -> Completion:
        started = time.perf_counter()
        prompt = self.count_tokens(messages)
        room = self.context_size - prompt
        if room < SMALLEST_REPLY:
            raise PromptTooLong(f"The prompt takes {prompt:,} tokens of a window of {self.context_size:,}: shorten it.")
        reply = self._next_reply(messages)
        pieces = _PIECE.findall(reply.removeprefix(start))
        text, generated, first = start if reply.startswith(start) or start not in reply else "", 0, 0.0
        finish: Literal["complete", "end", "length", "stopped"] = "end"
        for piece in pieces:
            if stopped.wait(self._delay):
                finish = "stopped"
                break
            if generated == min(max_tokens, room):
                finish = "length"
                break
            text, generated = text + piece, generated + 1
            first = first or time.perf_counter() - started
            on_text(text)
            if is_complete(text):
                finish = "complete"
                break
        usage = Usage(prompt, prompt, generated, first, time.perf_counter() - started)
        return Completion(text, finish, usage=usage)

    def _next_reply(self, messages: Sequence[ChatMessage]) -> str:
        self.prompts.append(list(messages))
        reply = next(self._replies, None)
        if reply is None:
            raise GenerationFailed(
                f"The script has no reply left for call {len(self.prompts)} of generate: give ScriptedEngine one more."
            )
        return reply if isinstance(reply, str) else reply(messages)
