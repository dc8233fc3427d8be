"""Engines, which run a model: `llama.LlamaEngine` a GGUF file in this process, `testing.ScriptedEngine` a script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..session.messages import ChatMessage, Completion

IsComplete = Callable[[str], bool]
OnText = Callable[[str], None]
OnRead = Callable[[float], None]


class Engine(Protocol):
    """One model, for one conversation at a time: `generate` calls queue on a lock; `stop` works from any thread."""

    name: str  #: as shown to the user
    context_size: int  #: the window in tokens, for prompt and reply together
    notes: list[str]  #: what the user should know of this model, complete once it is loaded
    weights: dict[str, str]  #: SHA-256 of the model's files, by their names; empty if they are not known here
    on_read: OnRead  #: called, in the thread of the call, with the share of a prompt that the model has read, if known

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
        """Generate the reply to a conversation.

        Decoding ends at the model's end token, after `max_tokens`, when `is_complete` returns True, or on `stop`. A
        `KeyboardInterrupt` in the caller's thread stops decoding and is raised again; the engine stays usable.

        Args:
            messages: the conversation.
            start: beginning of the reply, which the model continues.
            is_complete: called with the reply so far, marks of thoughts included; True ends decoding, or the thought
                that the model is in.
            on_text: called with the reply so far, in the caller's thread.
            max_tokens: upper limit of the reply, in tokens; its thought may be as long, but has a limit of its own.
            temperature: 0 for the most likely text; higher values vary it.
            seed: seed of the sampling.

        Returns:
            The reply from its `start` on, the reason for its end, and its cost.

        Raises:
            PromptTooLong: the prompt leaves no room for a reply in the window.
            GenerationFailed: the runtime reported an error.
        """

    def log_probabilities(self, messages: Sequence[ChatMessage], openings: Sequence[str]) -> list[float]:
        """Compare how likely the model is to begin its reply in several ways.

        Args:
            messages: the conversation.
            openings: beginnings of the reply.

        Returns:
            The natural logarithm of the probability of each; zeros if it was stopped.

        Raises:
            PromptTooLong: the prompt leaves no room for a reply in the window.
            GenerationFailed: the runtime reported an error.
        """

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """Count the tokens of a prompt.

        Args:
            messages: the conversation.

        Returns:
            Tokens of the prompt, the opening of the reply included.
        """

    def stop(self) -> None:
        """End all `generate` calls under way, which return with `finish="stopped"`. Call it from any thread."""
