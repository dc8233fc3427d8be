"""A conversation of a baseline with the engine, within the limits of a run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any, Literal, cast

from codeact_jupyter.agent.sampling import Sampling
from codeact_jupyter.engines import Engine, IsComplete
from codeact_jupyter.errors import CodeActError
from codeact_jupyter.evaluation.other_agent import Outcome, Question
from codeact_jupyter.evaluation.plan import Settings
from codeact_jupyter.evaluation.records import Step
from codeact_jupyter.session.messages import ChatMessage, Completion, Usage
from codeact_jupyter.text import shorten_middle

OLD_CHARS = 240  #: characters left of an old observation when the window is full
MARGIN = 0.2  #: seconds before the limit at which a reply is ended, so that its tokens are counted


class Dialogue:
    """Messages, steps and cost of one attempt.

    Args:
        engine: The model.
        settings: Limits of the run.
        seed: Seed of the attempt.
        preamble: First messages: system prompt and example.

    Attributes:
        sampling: Limits of one reply.
        messages: The conversation so far.
        steps: Actions so far.
        turns: Replies of the model so far.
        usage: Tokens and seconds so far.
        status: As in a record; empty until `finish`.
        reason: Cause of a missing answer.
    """

    def __init__(self, engine: Engine, settings: Settings, seed: int, preamble: Sequence[ChatMessage]) -> None:
        self.settings = settings
        self.sampling = Sampling(settings.max_tokens, settings.temperature, seed)
        self.messages = list(preamble)
        self.steps: list[Step] = []
        self.turns = 0
        self.usage = Usage()
        self.status = ""
        self.reason = ""
        self._engine = engine
        self._deadline = time.monotonic() + settings.max_seconds - MARGIN
        self._fixed = len(self.messages) + 1  # the preamble and the question

    def tell(self, text: str) -> None:
        """Append a message of the user.

        Args:
            text: Its content.
        """
        self.messages.append(ChatMessage("user", text))

    def keep(self, text: str, completion: Completion) -> None:
        """Append a reply of the model.

        Args:
            text: The reply as the history keeps it.
            completion: The reply; its token ids are kept if the text is unchanged.
        """
        self.turns += 1
        self.messages.append(ChatMessage("assistant", text, completion.tokens if text == completion.text else None))

    def finish(self, status: str, reason: str = "") -> None:
        """End the conversation.

        Args:
            status: As in a record.
            reason: Cause of a missing answer.
        """
        self.status, self.reason = status, reason

    def sample(self, is_complete: IsComplete) -> Completion:
        """Sample one reply at the configured temperature.

        Args:
            is_complete: True for a text after which decoding can stop.

        Returns:
            The reply.

        Raises:
            KeyboardInterrupt: The time is over.
        """
        sampling = self.sampling
        return self.generate(
            self.prompt(),
            is_complete=is_complete,
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            seed=sampling.seed_of(0),
        )

    def generate(self, messages: Sequence[ChatMessage], *, is_complete: IsComplete, **options: Any) -> Completion:
        """Generate as the engine does, but end at the deadline, and add up the cost.

        Args:
            messages: The prompt.
            is_complete: True for a text after which decoding can stop.
            options: Options of `Engine.generate`.

        Returns:
            The reply.

        Raises:
            KeyboardInterrupt: The time is over.
        """
        completion = self._engine.generate(
            messages, is_complete=lambda text: is_complete(text) or self._is_late(), **options
        )
        self.usage += completion.usage
        if self._is_late():
            raise KeyboardInterrupt
        return completion

    def prompt(self) -> list[ChatMessage]:
        """Fit the messages to the window: shorten the oldest observations, but for the last, if it is full.

        Returns:
            The messages.
        """
        room = self._engine.context_size - self.settings.max_tokens
        places = [n for n, message in enumerate(self.messages) if message.role == "user" and n >= self._fixed]
        for place in places[:-1]:
            if self._engine.count_tokens(self.messages) <= room:
                break
            message = self.messages[place]
            self.messages[place] = replace(message, content=shorten_middle(message.content, OLD_CHARS))
        return list(self.messages)

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline


def converse(question: Question, name: str, take_turns: Callable[[Dialogue], None]) -> Outcome:
    """Let a baseline work on a task.

    Args:
        question: The task.
        name: Name of the baseline's file in `prompts/`.
        take_turns: Takes turns in the dialogue until it is finished.

    Returns:
        The result, with the answers judged already.
    """
    dialogue = Dialogue(question.engine, question.settings, question.seed, preamble(name, example=question.use.example))
    try:
        take_turns(dialogue)
    except KeyboardInterrupt:
        dialogue.finish("limit", f"The limit of {question.settings.max_seconds:.0f} s is reached.")
    except CodeActError as error:
        dialogue.finish("failed", str(error))
    return Outcome(
        None,
        question.namespace,
        dialogue.steps,
        dialogue.messages,
        dialogue.usage,
        dialogue.turns,
        dialogue.status,
        dialogue.reason,
    )


def preamble(name: str, *, example: bool) -> list[ChatMessage]:
    """Read the first messages of a baseline.

    Args:
        name: Name of its file in `prompts/`.
        example: With the worked example after the system prompt.

    Returns:
        The messages.
    """
    text = resources.files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (system|user|assistant)\n", text, flags=re.MULTILINE)[1:]
    roles = cast(list[Literal["system", "user", "assistant"]], parts[::2])
    messages = [ChatMessage(role, content.strip()) for role, content in zip(roles, parts[1::2], strict=True)]
    return messages if example else messages[:1]
