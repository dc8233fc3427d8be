"""Queries on a transcript: the question, the steps that ran, what was refused, what was shown, what is given up."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from .messages import (
    Answer,
    Approval,
    Event,
    Observation,
    Prompt,
    Proposal,
    Refusal,
    Rejection,
    Retry,
    Shortened,
    Stop,
    Undone,
)
from .tables import values_of

_NEW_LENGTH = re.compile(r"(?<=\()((?:[\w.]+ ){1,3})[\d,]+(?:×[\d,]+)*(?=[ ):])")  # in the changes of a step
_LENGTH = re.compile(  # in a listing, of an object or a file
    r"^([^\s:=]+: (?:(?:[\w.]+ ){1,3}?|(?=[\d,]+ rows)))([\d,]+)((?: rows)?(?: ?× ?[\d,]+)*)(?=[ :]|$)", re.MULTILINE
)
REPAIRS = 2  #: Failed steps in a row that the model may repair before the user is asked.


def in_force(transcript: Sequence[Event]) -> Sequence[Event]:
    """Return the events without the steps that were undone, on which no answer can rest.

    Args:
        transcript: Events.
    """
    undone = {event.proposal_id for event in transcript if isinstance(event, Undone)}
    return [event for event in transcript if _step_of(event) not in undone] if undone else transcript


def _step_of(event: Event) -> str:
    match event:
        case Proposal(id=step) | Approval(proposal_id=step) | Observation(proposal_id=step):
            return step
    return ""


def this_episode(transcript: Sequence[Event]) -> Sequence[Event]:
    """Return the events since the last question, without undone steps.

    Args:
        transcript: All events.
    """
    transcript = in_force(transcript)
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
    """Return the steps that ran, without undone ones. See `in_force`."""
    found, source = [], ""
    for event in in_force(transcript):
        if isinstance(event, Approval):
            source = event.source
        elif isinstance(event, Observation):
            found.append((source, Observation("", event.text, event.ok, 0.0, event.error, event.tables)))
    return found


def is_stuck(transcript: Sequence[Event]) -> bool:
    """Return True if more than `REPAIRS` steps in a row have just failed.

    Args:
        transcript: All events, at least one.
    """
    ended = [event.ok for event in this_episode(transcript) if isinstance(event, Observation)]
    return isinstance(transcript[-1], Observation) and len(ended) > REPAIRS and not any(ended[-REPAIRS - 1 :])


def was_refused(answer: str, transcript: Sequence[Event]) -> bool:
    """Return True if an answer was refused before, to the same question.

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


def rejected(transcript: Sequence[Event]) -> list[str]:
    """Return the code of the steps that the user has rejected. See `in_force`."""
    ids = {event.proposal_id for event in transcript if isinstance(event, Rejection)}
    return [event.code for event in transcript if isinstance(event, Proposal) and event.id in ids]


def shown_texts(
    transcript: Sequence[Event], *, lengths: bool = True, parts: bool = True
) -> tuple[list[str], list[str]]:
    """Return all texts that show values. Code is none of them: the model may have made up its numbers.

    Args:
        transcript: All events.
        lengths: Lengths and shapes of tables are values.
        parts: Tables of which some rows are hidden show values.

    Returns:
        The questions and listings, and the outputs.
    """
    prompts = [event for event in transcript if isinstance(event, Prompt)]
    listed = [event.context if lengths else _LENGTH.sub(r"\1", event.context) for event in prompts]
    outputs = []
    for source, result in runs(transcript):
        text = values_of(result.text, result.tables, lengths=lengths, parts=parts)
        text = text if lengths else _NEW_LENGTH.sub(r"\1", text)
        outputs.append(text if result.ok else _without_code(text, source))
    return [*(event.text for event in prompts), *listed], outputs


def listed_lengths(transcript: Sequence[Event]) -> set[float]:
    """Return the numbers of rows that the listings tell.

    Args:
        transcript: All events.
    """
    listed = "\n".join(event.context for event in transcript if isinstance(event, Prompt))
    return {float(rows.replace(",", "")) for _, rows, _ in _LENGTH.findall(listed)}


def _without_code(text: str, source: str) -> str:
    """Remove the lines of a failed step that its error quotes."""
    code = [line.strip() for line in source.splitlines() if line.strip()]
    return "\n".join(line for line in text.splitlines() if not any(part in line for part in code))


def restarts(transcript: Sequence[Event]) -> int:
    """Count how often the model has begun afresh since the question, the last step that succeeded, or the last stop.

    Args:
        transcript: All events.

    Returns:
        The number of refused answers, rejected steps, rounds without a usable reply, and failures like the one before.
    """
    count, error = 0, ""
    for event in this_episode(transcript):
        match event:
            case Observation(ok=True) | Stop():
                count, error = 0, ""
            case Observation():
                count, error = count + (event.error == error), event.error
            case Retry() | Refusal() | Rejection():
                count += 1
    return count


def abandoned(transcript: Sequence[Event]) -> set[int]:
    """Return what the model does not read again, because it would repeat it.

    Args:
        transcript: All events.

    Returns:
        Positions of refused answers, rejected steps, and steps that failed alike, but for the last error of these; and
        of what was wrong in a round without a usable reply, once there is another event.
    """
    found: set[int] = set()
    step: list[int] = []
    failed: list[int] = []
    error: str | None = None
    for number, event in enumerate(transcript):
        match event:
            case Prompt():
                step, failed, error = [], [], None
            case Proposal():
                step = [number]
            case Approval():
                step.append(number)
            case Rejection():
                found.update(step)
            case Observation(ok=False) if event.error == error:
                found.update(failed, step)
                failed = [*step, number]
            case Observation():
                failed, error = ([], None) if event.ok else ([*step, number], event.error)
            case Refusal() if isinstance(transcript[number - 1], Answer):
                found.add(number - 1)
            case Retry() if any(not isinstance(later, Shortened) for later in transcript[number + 1 :]):
                found.add(number)
    return found


def last_output(transcript: Sequence[Event]) -> str:
    """Return the output of the last step that succeeded since the question.

    Args:
        transcript: All events.

    Returns:
        The observation's text, empty if there is none.
    """
    return next((result.text for _, result in reversed(runs(this_episode(transcript))) if result.ok), "")


def _words(text: str) -> str:
    return " ".join(re.findall(r"[\w.]+", text.casefold())).rstrip(".")
