"""Queries on a transcript: the current question, the steps that ran, the answers that were refused, what was shown."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from ..text import find_numbers, plain_number
from .messages import Answer, Approval, Event, Observation, Prompt, Refusal

REPAIRS = 2  #: Failed steps in a row that the model may repair before the user is asked.
SMALL = (0, 1, 2, 3)  #: Numbers that are not checked: they are common in prose.


def this_episode(transcript: Sequence[Event]) -> Sequence[Event]:
    """Return the events since the last question.

    Args:
        transcript: All events.
    """
    starts = [number for number, event in enumerate(transcript) if isinstance(event, Prompt)]
    return transcript[starts[-1] :] if starts else transcript


def last_prompt(transcript: Sequence[Event]) -> Prompt:
    """Return the last question with its options.

    Args:
        transcript: All events, a question among them.
    """
    return next(event for event in reversed(transcript) if isinstance(event, Prompt))


def task(transcript: Sequence[Event]) -> str:
    """Return the question that is being worked on.

    Args:
        transcript: All events.

    Returns:
        The text of the last question, empty before the first.
    """
    return next((event.text for event in reversed(transcript) if isinstance(event, Prompt)), "")


def runs(transcript: Sequence[Event]) -> list[tuple[str, Observation]]:
    """Return the source and the observation of each step that ran.

    Args:
        transcript: Events.
    """
    found, source = [], ""
    for event in transcript:
        if isinstance(event, Approval):
            source = event.source
        elif isinstance(event, Observation):
            found.append((source, Observation("", event.text, event.ok, 0.0, event.error)))
    return found


def is_stuck(transcript: Sequence[Event]) -> bool:
    """Return True if more than `REPAIRS` steps in a row have just failed.

    Args:
        transcript: All events, at least one.
    """
    ended = [event.ok for event in this_episode(transcript) if isinstance(event, Observation)]
    return isinstance(transcript[-1], Observation) and len(ended) > REPAIRS and not any(ended[-REPAIRS - 1 :])


def was_refused(answer: str, transcript: Sequence[Event]) -> bool:
    """Return True if the same answer to the current question was refused before.

    Args:
        answer: The answer; punctuation, spaces and capitals do not count.
        transcript: All events.
    """
    pairs = itertools.pairwise(this_episode(transcript))
    refused = {
        _words(said.text)
        for said, after in pairs
        if isinstance(said, Answer) and isinstance(after, Refusal) and not after.is_of_value
    }
    return _words(answer) in refused


def shown_texts(transcript: Sequence[Event], *, code: bool = True) -> list[str]:
    """Return all texts that show values: questions, listings, outputs and code.

    Args:
        transcript: All events.
        code: False to leave out the code that ran.
    """
    texts = []
    for event in transcript:
        match event:
            case Prompt():
                texts += [event.text, event.context]
            case Observation():
                texts.append(event.text)
            case Approval() if code:
                texts.append(event.source)
    return texts


def unfounded_numbers(answer: str, transcript: Sequence[Event]) -> list[str]:
    """Return the numbers of an answer that no question, listing or output shows.

    A number counts as shown if it equals one of theirs, rounded or as a percentage. Code does not count, because the
    model may have made up its numbers.

    Args:
        answer: The answer.
        transcript: All events.

    Returns:
        The numbers as they are written; those in `SMALL` are left out.
    """
    texts = shown_texts(transcript, code=False)
    shown = [float(plain_number(number)) for text in texts for number in find_numbers(text, whole=True)]
    numbers = dict.fromkeys(find_numbers(answer, whole=True))
    return [number for number in numbers if not _is_shown(plain_number(number), shown)]


def _words(text: str) -> str:
    return " ".join(re.findall(r"[\w.]+", text.casefold())).rstrip(".")


def _is_shown(number: str, shown: Sequence[float]) -> bool:
    value = float(number)
    if value in SMALL:
        return True
    decimals = len(number.partition(".")[2]) if "e" not in number.casefold() else 12
    step = 10.0**-decimals
    return any(
        abs(abs(value) - abs(factor * other)) <= 0.51 * step + 1e-9 * abs(value)
        for other in shown
        for factor in (1, 100)
    )
