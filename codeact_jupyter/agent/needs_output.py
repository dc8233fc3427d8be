"""Decide what a question is about, by the model's own odds: if it needs an output, and if of the user's own data.

The model sorts the question, beside examples of both kinds, and only the odds of its two replies are read: on the
default model this tells questions about data from others better than the odds of how it would begin its reply.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..dialects.prompt import DATA, NEW, OWN, TALK, sorting_messages
from ..engines import Engine
from ..session.messages import Event, Prompt

LEAST = 0.75  #: logarithm of the odds of `TALK` from which on a question needs no output
LEAST_NEW = (
    3.0  #: that of `NEW` from which on its data are to be made up: of the default model, on 32 questions of ours
)


class NeedsOutput:
    """Sorts the last question when it matters, and once: if it can only be answered by running something.

    Args:
        engine: Engine of the model.
        transcript: All events.
    """

    _prompt, _kinds, _least = "sorting", (TALK, DATA), LEAST

    def __init__(self, engine: Engine, transcript: Sequence[Event]) -> None:
        self._engine = engine
        self._transcript = transcript
        self._odds: float | None = None

    def __call__(self) -> bool | None:
        """Sort the question.

        Returns:
            False if it is of the other kind, None if the model cannot tell.
        """
        if self._odds is None:
            prompt = next(event for event in reversed(self._transcript) if isinstance(event, Prompt))
            other, own = self._engine.log_probabilities(sorting_messages(prompt, self._prompt), self._kinds)
            self._odds = other - own
        return None if self._odds == 0 else self._odds < self._least


class IsOwnData(NeedsOutput):
    """Sorts it as well: if it is about the user's own data, and not about data that are to be made up."""

    _prompt, _kinds, _least = "making", (NEW, OWN), LEAST_NEW
