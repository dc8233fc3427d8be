"""A conversation of another protocol than the agent's with the same engine, within a task's limits."""

from __future__ import annotations

import contextlib
import re
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from types import FrameType
from typing import Literal, cast

from ..agent.sampling import RESAMPLE_TEMPERATURE, Sampling
from ..engines import Engine, IsComplete
from ..session.messages import ChatMessage, Completion, Usage
from ..text import shorten_middle
from .records import Step
from .settings import Settings

OLD_CHARS = 240  #: what is left of an old observation when the window is full
TRIES = Sampling().tries
MARGIN = 0.2  #: seconds before the clock rings at which a reply is ended, so that its tokens are counted
AGAIN = 5.0  #: seconds between two rings of the clock, for code that swallows the first


class Dialogue:
    """Messages so far, what they cost, and the steps taken. `status` and `reason` are those of a record."""

    def __init__(self, engine: Engine, settings: Settings, seed: int, preamble: Sequence[ChatMessage]) -> None:
        self.settings = settings
        self.messages = list(preamble)
        self.steps: list[Step] = []
        self.turns = 0
        self.usage = Usage()
        self.status = ""
        self.reason = ""
        self._engine = engine
        self._deadline = time.monotonic() + settings.max_seconds - MARGIN
        self._seed = seed
        self._fixed = len(self.messages) + 1  # the preamble and the question

    def tell(self, text: str) -> None:
        """The user's next message."""
        self.messages.append(ChatMessage("user", text))

    def keep(self, text: str, completion: Completion) -> None:
        """The reply as it stays in the history: the generated ids when nothing was cut from it."""
        self.turns += 1
        self.messages.append(ChatMessage("assistant", text, completion.tokens if text == completion.text else None))

    def finish(self, status: str, reason: str = "") -> None:
        """The end of it."""
        self.status, self.reason = status, reason

    def sample(
        self, is_complete: IsComplete, *, attempt: int = 0, warm: bool = False, more: Sequence[ChatMessage] = ()
    ) -> Completion:
        """A reply to the messages, and to some `more` that are not kept. `KeyboardInterrupt` when the time is over."""
        settings = self.settings
        self._fit()
        completion = self._engine.generate(
            [*self.messages, *more],
            is_complete=lambda text: is_complete(text) or self._is_late(),
            max_tokens=settings.max_tokens,
            temperature=max(settings.temperature, RESAMPLE_TEMPERATURE) if warm else settings.temperature,
            seed=self._seed * (TRIES + 2) + attempt,
        )
        self.usage += completion.usage
        if self._is_late():
            raise KeyboardInterrupt
        return completion

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline

    def _fit(self) -> None:
        """Shortens the oldest observations when the window is full, but for the last."""
        room = self._engine.context_size - self.settings.max_tokens
        places = [n for n, message in enumerate(self.messages) if message.role == "user" and n >= self._fixed]
        for place in places[:-1]:
            if self._engine.count_tokens(self.messages) <= room:
                return
            message = self.messages[place]
            self.messages[place] = replace(message, content=shorten_middle(message.content, OLD_CHARS))


def preamble(name: str, *, example: bool) -> list[ChatMessage]:
    """The system prompt and the worked example of `prompts/<name>.md`."""
    text = resources.files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (system|user|assistant)\n", text, flags=re.MULTILINE)[1:]
    roles = cast(list[Literal["system", "user", "assistant"]], parts[::2])
    messages = [ChatMessage(role, content.strip()) for role, content in zip(roles, parts[1::2], strict=True)]
    return messages if example else messages[:1]


@contextlib.contextmanager
def clock(seconds: float) -> Iterator[None]:
    """Raises `KeyboardInterrupt` in the main thread, on which this must run, once the seconds are over."""
    running = True

    def ring(number: int, frame: FrameType | None) -> None:
        if running:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    alarm = signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *alarm)
