"""Ask the model, out of the user's sight, whether the task wants an object of the user to change.

The question is only asked if code would change the object and could work on a copy instead. The model sorts the task,
beside examples of both kinds, and the odds of its two replies are read. In doubt the code stays as it is, and the user
sees what it changes. `python -m benchmarks.changes_asked` counts how often that is right.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..dialects.prompt import CHANGE, LOOK, sorting_messages
from ..dialects.reply import parse_reply
from ..engines import Engine
from ..session.messages import Event, Usage
from ..session.transcript import last_prompt

LEAST = 0.5  #: logarithm of the odds of `CHANGE` from which on the object is to be changed
TOKENS = 3  #: maximum length of the reply of a model whose odds are not known


class RequestedChanges:
    """Which objects the task asks to change, as the model judges it.

    Args:
        engine: Engine of the model.
        transcript: All events.

    Attributes:
        usage: Cost of the replies so far.
    """

    def __init__(self, engine: Engine, transcript: Sequence[Event]) -> None:
        self.usage = Usage()
        self._engine = engine
        self._transcript = transcript
        self._known: dict[str, bool] = {}

    def include(self, name: str) -> bool:
        """Sort the task, once for each name.

        Args:
            name: Name of an object of the user.

        Returns:
            True if that object is to be changed, or if the model cannot tell.
        """
        if name not in self._known:
            self._known[name] = self.odds(name) >= LEAST
        return self._known[name]

    def odds(self, name: str) -> float:
        """Return the logarithm of the odds with which the model says that the task wants the object changed.

        Args:
            name: Name of an object of the user.

        Returns:
            The odds; infinite ones if the model's are not known, and its reply is all that there is.
        """
        messages = sorting_messages(last_prompt(self._transcript), "changing", name)
        change, look = self._engine.log_probabilities(messages, (CHANGE, LOOK))
        if change != look:
            return change - look
        completion = self._engine.generate(messages, max_tokens=TOKENS)
        self.usage += completion.usage
        is_looked_at = parse_reply(completion.text).thought.casefold().startswith(LOOK)
        return float("-inf" if is_looked_at else "inf")
