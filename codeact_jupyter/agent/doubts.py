"""Facts in an observation that make a step doubtful: the model is asked once; the user is told with the answer.

That a table has no rows is told to the user alone: none may well be the right answer to a question for how many.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..kernel.copy.joins import MULTIPLIED
from ..kernel.extremes import ALPHABETICAL
from ..kernel.gaps import NO_NUMBER, NO_VALUE, NONE_LEFT
from ..kernel.reading import MISREAD
from ..kernel.results import INSIDE, UNMATCHED
from ..session.messages import Event, Observation
from ..session.transcript import this_episode

DOUBTS = (UNMATCHED, INSIDE, MISREAD, MULTIPLIED, NO_NUMBER, NO_VALUE, ALPHABETICAL)  #: words of these facts
NOTED = (*DOUBTS, NONE_LEFT)  #: words of the facts that the user is told


def doubt_in(observation: str, facts: Sequence[str] = DOUBTS) -> str:
    """Return the sentence of an observation with such a fact; empty without one.

    Args:
        observation: Its text.
        facts: Words of the facts to look for.
    """
    found = next((doubt for doubt in facts if doubt in observation), "")
    if not found:
        return ""
    before, _, after = observation.partition(found)
    sentence = before.rpartition("\n")[2].rpartition(". ")[2]
    return f"{sentence}{found}{after}".partition("\n")[0]


def was_shown(doubt: str, transcript: Sequence[Event]) -> bool:
    """Return True if an output since the question has the fact already.

    Args:
        doubt: The fact.
        transcript: All events.
    """
    return any(isinstance(event, Observation) and doubt in event.text for event in this_episode(transcript))


def last_doubt(transcript: Sequence[Event]) -> str:
    """Return the fact that makes the last step since the question doubtful; empty without one.

    Args:
        transcript: All events.
    """
    seen = [event.text for event in this_episode(transcript) if isinstance(event, Observation)]
    return doubt_in(seen[-1], NOTED) if seen else ""
