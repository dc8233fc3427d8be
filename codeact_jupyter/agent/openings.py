"""Whether a question can only be answered by running something, by the model's own odds."""

from __future__ import annotations

from collections.abc import Sequence

from ..engines import Engine
from ..session.messages import ChatMessage

ASKED = (
    "Before you reply: can this be replied to rightly without running any code in the notebook? Reply only Yes or No."
)
LEAST = 0.3  #: logarithm of the odds of Yes from which on a question needs no output


class Inclination:
    """The model's view of a question, which is asked for when it matters, and once.

    Args:
        engine: Engine of the model.
        messages: The prompt.
    """

    def __init__(self, engine: Engine, messages: Sequence[ChatMessage]) -> None:
        self._engine = engine
        self._messages = messages
        self._odds: float | None = None

    def __call__(self) -> bool | None:
        """Return True if the question needs an output, and None if the model is undecided."""
        if self._odds is None:
            yes, no = self._engine.log_probabilities([*self._messages, ChatMessage("user", ASKED)], ("Yes", "No"))
            self._odds = yes - no
        return None if self._odds == 0 else self._odds < LEAST
