"""Find the numbers of an answer that nothing shows. This measures; it shares no code with the agent's own check.

A number is shown if the question, the listing of the live objects or an output has it, also unrounded, as a share, with
the other sign, in thousands or millions; or if it is the sum or difference of shown numbers that the answer names.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from ..numerals import Reading, readings, tokens
from ..records import Record

_SCALES = ((r"k\b|thousand", 1e3), (r"m\b|mio|mill", 1e6), (r"bn\b|mrd|bill", 1e9))
_DIGITS = re.compile(r"[-+]?\d+(?:[.,'\u2019]\d+)*(?:[eE][-+]?\d+)?")


def ungrounded(record: Record) -> list[str]:
    """Find the numbers of the delivered answer that nothing shows.

    Args:
        record: Record of an attempt.

    Returns:
        The numbers as they are written; none without an answer.
    """
    if record.answer is None:
        return []
    shown = [reading.value for text in _texts(record) for token in _DIGITS.findall(text) for reading in readings(token)]
    said = tokens(record.answer)
    bare = [token for token in said if not any(_is_shown(each, shown) for each in _scaled(token, record.answer))]
    known = [readings(token)[0].value for token in said if token not in bare]
    totals = [one + sign * other for one, other in itertools.permutations(known, 2) for sign in (1, -1)]
    return [token for token in bare if not any(_is_shown(each, [*totals, sum(known)]) for each in readings(token))]


def _texts(record: Record) -> Iterator[str]:
    """Yield the question with its listing, and what the actions showed; no words of the model, nor any about them."""
    yield record.prompt
    asked = (each["content"] for each in record.messages if each["role"] == "user" and record.prompt in each["content"])
    yield next(asked, "")
    yield from (step.observation or "" for step in record.steps)


def _scaled(token: str, answer: str) -> Iterator[Reading]:
    """Yield the readings of a number, and what it means if `thousand` or the like follows."""
    yield from readings(token)
    for words, factor in _SCALES:
        if re.search(rf"{re.escape(token)}\s?(?:{words})", answer, re.IGNORECASE):
            for reading in readings(token):
                yield Reading(reading.value * factor, reading.decimals - round(len(str(int(factor)))) + 1)


def _is_shown(found: Reading, shown: Sequence[float]) -> bool:
    near = 0.5000001 * 10.0**-found.decimals + 1e-9 * abs(found.value)
    return any(abs(abs(found.value) - abs(value * factor)) <= near for value in shown for factor in (1, 100))
