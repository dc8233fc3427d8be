"""Public test doubles: the agent's real parts, driven by a script in place of a model."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from .engines import IsComplete, OnText
from .engines.chat_format import SMALLEST_REPLY
from .errors import GenerationFailed, PromptTooLong
from .session.messages import ChatMessage, Completion, Usage

Reply = str | Callable[[Sequence[ChatMessage]], str]

#: a value of the option `CodeAct.without` under which a script is played as it is written, whatever is wrong with it
AS_WRITTEN = "remind,validate,vote,repair,hints,breaker,evidence"

_CHARS_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
_PIECE = re.compile(r"\s+|\w{1,4}|[^\w\s]")  # what it streams and counts as one generated token


class ScriptedEngine:
    """An `Engine` that plays the given replies in order, piece by piece as a model would.

    A reply that is callable is called with the messages and returns the text. `prompts` records the messages of each
    call. `delay` is the time per piece in seconds. A prompt counts four characters to the token. When the replies have
    run out, `generate` raises `GenerationFailed`.
    """

    def __init__(self, replies: Iterable[Reply], *, delay: float = 0.0, context_size: int = 8192) -> None:
        self.name = "scripted"
        self.context_size = context_size
        self.notes: list[str] = []
        self.prompts: list[list[ChatMessage]] = []
        self._replies = iter(replies)
        self._delay = delay
        self._lock = threading.Lock()
        self._live: set[threading.Event] = set()

    def generate(
        self,
        messages: Sequence[ChatMessage],
        *,
        is_complete: IsComplete = lambda text: False,
        on_text: OnText = lambda text: None,
        max_tokens: int = 1024,
        temperature: float = 0.0,
        seed: int = 0,
    ) -> Completion:
        """The next reply of the script, ended like a model's: see `Engine.generate`."""
        stopped = threading.Event()
        self._live.add(stopped)
        try:
            with self._lock:
                return self._play(messages, stopped, is_complete, on_text, max_tokens)
        finally:
            self._live.discard(stopped)

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """A quarter of the characters, and four tokens for each message and for the opening of the reply."""
        characters = sum(len(message.content) for message in messages)
        return -(-characters // _CHARS_PER_TOKEN) + _TOKENS_PER_MESSAGE * (len(messages) + 1)

    def stop(self) -> None:
        """Ends every `generate` under way. From any thread."""
        for stopped in tuple(self._live):
            stopped.set()

    def _play(
        self,
        messages: Sequence[ChatMessage],
        stopped: threading.Event,
        is_complete: IsComplete,
        on_text: OnText,
        max_tokens: int,
    ) -> Completion:
        started = time.perf_counter()
        prompt = self.count_tokens(messages)
        room = self.context_size - prompt
        if room < SMALLEST_REPLY:
            raise PromptTooLong(f"The prompt takes {prompt:,} tokens of a window of {self.context_size:,}: shorten it.")
        pieces = _PIECE.findall(self._next_reply(messages))
        text, generated, first = "", 0, 0.0
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
