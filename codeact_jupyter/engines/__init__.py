"""What runs a model. `llama.LlamaEngine` runs a GGUF in this process; `testing.ScriptedEngine` plays given replies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..session.messages import ChatMessage, Completion

IsComplete = Callable[[str], bool]
OnText = Callable[[str], None]


class Engine(Protocol):
    """One model, one conversation at a time. Safe to `stop` from any thread; `generate` calls queue on a lock."""

    name: str  #: as shown to the user
    context_size: int  #: the window, in tokens, prompt and reply together
    notes: list[str]  #: what the user should know of this model, once it is loaded

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
        """The model's reply to `messages`.

        Decoding ends at the model's end token, after `max_tokens`, when `is_complete(text_so_far)` is true, or on
        `stop()`. `on_text` receives the text so far, in the caller's thread. A `KeyboardInterrupt` in the caller's
        thread stops decoding and is raised again; the engine stays usable.

        Raises:
            PromptTooLong: the prompt leaves no room for a reply in the window.
            GenerationFailed: the runtime reported an error.
        """

    def count_tokens(self, messages: Sequence[ChatMessage]) -> int:
        """Tokens that `messages` take as a prompt, the opening of the reply included."""

    def stop(self) -> None:
        """Ends a `generate` that is under way, from any thread; it returns with `finish="stopped"`."""
