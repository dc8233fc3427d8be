"""Build the chat for the model and fit it to the model's window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..dialects.prompt import Dialect, build_messages
from ..engines import Engine
from ..errors import PromptTooLong
from ..session.messages import ChatMessage, Event, Shortened
from ..session.window import fit
from .turn import TurnSettings


def whole_messages(
    transcript: Sequence[Event], engine: Engine, dialect: Dialect, turn: TurnSettings, *, answer_only: bool
) -> list[ChatMessage] | None:
    """Build the chat from the whole transcript.

    Args:
        transcript: All events so far.
        engine: Counts the tokens, and has the window.
        dialect: The model's dialect.
        turn: Gives the tokens of the reply and the techniques in use.
        answer_only: Ask for an answer without code.

    Returns:
        The messages; `None` if they do not fit the window beside the reply.
    """
    messages = build_messages(transcript, dialect, answer_only=answer_only, use=turn.techniques)
    return messages if engine.count_tokens(messages) <= _room(engine, turn) else None


def fitted_messages(
    transcript: Sequence[Event],
    engine: Engine,
    dialect: Dialect,
    turn: TurnSettings,
    *,
    answer_only: bool,
    describe: Callable[[], str],
) -> tuple[list[ChatMessage], Shortened | None]:
    """Build the chat, with a shortened history if it and the reply do not fit the window.

    Args:
        transcript: All events so far.
        engine: Counts the tokens, and has the window.
        dialect: The model's dialect.
        turn: Gives the tokens of the reply and the techniques in use.
        answer_only: Ask for an answer without code.
        describe: Returns the live namespace as text.

    Returns:
        The messages, and the cut that was needed, as an event to apply.

    Raises:
        PromptTooLong: No cut makes the chat short enough.
    """

    def build(cut: Shortened) -> list[ChatMessage]:
        return build_messages([*transcript, cut], dialect, answer_only=answer_only, use=turn.techniques)

    messages = whole_messages(transcript, engine, dialect, turn, answer_only=answer_only)
    if messages is not None:
        return messages, None
    cut = fit(transcript, describe, lambda cut: engine.count_tokens(build(cut)), _room(engine, turn))
    if cut is None:
        raise PromptTooLong(
            f"Question and list of your variables do not fit the model's context of {engine.context_size} tokens. "
            "Shorten the question, put a long text into a variable and ask about that, or lower `context_tokens`."
        )
    return build(cut), cut


def _room(engine: Engine, turn: TurnSettings) -> int:
    return engine.context_size - turn.sampling.max_tokens
