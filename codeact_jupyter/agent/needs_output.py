"""Decide if a question can only be answered by running something, by the model's own odds.

The model sorts the question, beside examples of both kinds, and only the odds of its two replies are read: on the
default model this tells questions about data from others better than the odds of how it would begin its reply.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..dialects.prompt import DATA, TALK, sorting_messages
from ..engines import Engine
from ..session.messages import Event, Prompt

LEAST = 0.75  #: logarithm of the odds of `TALK` from which on a question needs no output


class NeedsOutput:
    """Sorts the last question when it matters, and once.

    Args:
        engine: Engine of the model.
        transcript: All events.
    """

    def __init__(self, engine: Engine, transcript: Sequence[Event]) -> None:
        self._engine = engine
        self._transcript = transcript
        self._odds: float | None = None

    def __call__(self) -> bool | None:
        """Sort the question.

        Returns:
            True if it needs an output, None if the model cannot tell.
        """
        if self._odds is None:
            prompt = next(event for event in reversed(self._transcript) if isinstance(event, Prompt))
            talk, data = self._engine.log_probabilities(sorting_messages(prompt), (TALK, DATA))
            self._odds = talk - data
        return None if self._odds == 0 else self._odds < LEAST
