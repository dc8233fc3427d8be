"""Ask the model, out of the user's sight, whether the task wants an object of the user to change.

The question is only asked if code would change the object and could work on a copy instead. It continues the prompt, so
that the engine evaluates little more than the question itself. Of 15 tasks that want a frame changed the default model
said yes to all, of 15 others to 4: in doubt the code stays as it is, and the user sees what it changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..dialects.reply import parse_reply
from ..engines import Engine
from ..session.messages import ChatMessage, Usage

QUESTION = (
    "(Before the next step: does the task ask to change `{name}` itself, so that it stays changed afterwards? "
    "Answer only yes or no.)"
)
TOKENS = 3  #: maximum length of the answer


class Wishes:
    """The model's view of what the task wants changed.

    Args:
        engine: Engine of the model.
        messages: The prompt of the next step.

    Attributes:
        usage: Cost of the questions so far.
    """

    def __init__(self, engine: Engine, messages: Sequence[ChatMessage]) -> None:
        self.usage = Usage()
        self._engine = engine
        self._messages = messages
        self._known: dict[str, bool] = {}

    def include(self, name: str) -> bool:
        """Ask whether an object shall change, once for each name.

        Args:
            name: Name of an object of the user.

        Returns:
            False if the model says no, True for any other answer.
        """
        if name not in self._known:
            *before, last = self._messages
            asked = ChatMessage("user", f"{last.content}\n\n{QUESTION.format(name=name)}")
            completion = self._engine.generate([*before, asked], max_tokens=TOKENS)
            self.usage += completion.usage
            self._known[name] = not parse_reply(completion.text).thought.casefold().startswith("no")
        return self._known[name]
