"""Checks of an answer: the work is done, and what the answer says rests on outputs.

A gap that is *open* is certain: the answer has a number or a name that nothing shows, or nothing was run where an
output is needed. Such an answer is not delivered. Any other gap is a doubt, about which the model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..session.messages import Event, Observation, Prompt
from ..session.quantities import ungrounded
from ..session.transcript import last_output, runs, shown_texts, task, this_episode
from ..text import NOTHING, one_line, shorten, shorten_middle
from .rests import computed_from_nothing

NUMBERS = 4  #: Numbers and names at most in a reason.
QUESTION_CHARS, OUTPUT_CHARS = 200, 600  #: told to the user
NOTHING_RUN = "Nothing was run yet. Do not guess: write a step in a code block."

_ANNOUNCES = re.compile(
    r":\s*\Z|\A(?:next|now|first)\b"
    r"|\b(?:let me|let's|let us|(?:i|we)(?:'ll| will| need to| should| have to| must| can))\b",
    re.IGNORECASE,
)
_DRAWS = re.compile(r"\bplt\.|\bsns\.|\bpx\.|\bax\w*\.|\.(?:plot|hist|boxplot|bar|barh|scatter|pie|imshow)\b")


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap of an answer."""

    text: str  #: request for the model
    is_open: bool = False  #: the answer must not be delivered


def find_gap(answer: str, transcript: Sequence[Event], needs_output: Callable[[], bool | None]) -> Gap | None:
    """Return what an answer lacks.

    Args:
        answer: The answer.
        transcript: All events.
        needs_output: Returns whether the question can only be answered by running something; None if that is unknown.

    Returns:
        The gap, if there is one.
    """
    missing = tuple(ungrounded(answer, *shown_texts(transcript)))
    observations = [event for event in this_episode(transcript) if isinstance(event, Observation)]
    if not observations:
        return _nothing_run(transcript, missing, needs_output)
    undone = next(filter(None, (_failed(observations), _announced(answer), _unprinted(transcript))), "")
    if not missing:
        return Gap(undone) if undone else None
    shown = (
        f"No output shows {', '.join(missing[:NUMBERS])}. Compute it in a step, or answer with what the outputs show."
    )
    return Gap(undone or shown, is_open=True)


def unanswered(transcript: Sequence[Event]) -> str:
    """Tell the user what was found where no answer rests on it. What the model made up is not repeated.

    Args:
        transcript: All events.

    Returns:
        The text.
    """
    question = shorten(one_line(task(transcript)), QUESTION_CHARS)
    if names := computed_from_nothing(transcript):
        return (
            f"I could not compute an answer to “{question}”: what the model computed stays the same whatever {names} "
            "holds. Rephrase it, or ask a part of it."
        )
    if not (output := last_output(transcript)):
        return (
            f"I could not compute an answer to “{question}”: nothing was run for it. Rephrase it, or ask a part of it."
        )
    return (
        f"I could not compute an answer to “{question}”: the model gave figures or names that no output shows. "
        f"Ask for what is missing by itself. The last output shows:\n{shorten_middle(output, OUTPUT_CHARS)}"
    )


# --- one gap each ------------------------------------------------------------------------------------------------


def _nothing_run(
    transcript: Sequence[Event], missing: tuple[str, ...], needs_output: Callable[[], bool | None]
) -> Gap | None:
    """Return the gap of an answer before anything has run, unless earlier outputs show it or none is needed."""
    if not missing and runs(transcript):
        return None
    needed = needs_output()
    if needed is None:
        needed = bool(missing) and any(event.context for event in transcript if isinstance(event, Prompt))
    return Gap(NOTHING_RUN, is_open=True) if needed else None


def _failed(observations: Sequence[Observation]) -> str:
    if observations[-1].ok:
        return ""
    return "The last step failed, so the task is not done. Write a corrected step in a code block."


def _announced(answer: str) -> str:
    if not _ANNOUNCES.search(answer):
        return ""
    return "You announced a step. Write it as a code block, or answer the task if it is done."


def _unprinted(transcript: Sequence[Event]) -> str:
    """Return a request if a question is answered right after a step without output, plot or value of a name."""
    done = runs(this_episode(transcript))
    if not done or "?" not in task(transcript):
        return ""
    source, result = done[-1]
    if NOTHING not in result.text or " = " in result.text or _DRAWS.search(source):
        return ""
    return "The last step printed nothing, so this is not shown. Print what the task asks for, in a code block."
