"""Numbers of rows: told of another row than the output's, or of one that no number of its column singles out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..kernel.copy.relevance import Question
from ..session.messages import Event, Observation, Proposal
from ..session.numbers import stated
from ..session.places import Place, column_of, places
from ..session.transcript import task, this_episode
from ..text import has_word

DIGITS = 3  #: of a number at least: shorter ones stand in many rows by chance

ROWS = 3  #: of a table at least, of which one may be neither the largest nor the smallest

_SUMMARY = {"mean", "std"}  #: rows of what `describe()` returns
_PLAIN = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_Mention = tuple[int, int, str]  #: start and end in the answer, and the label that is named there


def other_row(answer: str, transcript: Sequence[Event]) -> str:
    """Return the row of a number that an answer tells of another one, as a sentence; empty if there is none.

    Numbers and labels of rows belong together if they are told in one order, or if each number stands nearest to its
    label. A number whose own row is not named ("maximum" for `max`) does not belong to a label that has one of its
    column already.

    Args:
        answer: The answer.
        transcript: All events.
    """
    spans = [number.span() for number in stated(answer)]
    found = zip(spans, places(answer, transcript), strict=True)
    told = [(span, place) for span, place in found if place.row and len(re.sub(r"\D", "", place.number)) >= DIGITS]
    labels = {label for _, place in told for label in _rows(place, transcript)}
    told = [(span, place) for span, place in told if place.row in labels]
    mentions = sorted(_mentions(answer, labels))
    in_order = iter([label for _, _, label in mentions])
    if not mentions or all(place.row in in_order for _, place in told):  # `in` goes on where it stopped
        return ""
    near = [(place, _nearest(span, mentions)) for span, place in told]
    told_of_own = {(place.row, place.column) for place, names in near if place.row in names}
    named = {label for _, _, label in mentions}
    for place, names in near:
        is_free = any((name, place.column) not in told_of_own for name in names)
        if place.row not in names and (place.row in named or is_free):
            return f"In the output, {place.output} is in the row of {place.row}."
    return ""


def no_extreme(answer: str, transcript: Sequence[Event]) -> str:
    """Return the extremes of a column, as a sentence, if an answer tells one row of a table which is neither of them.

    A small model that looks for the largest of some numbers may miss it. Nothing is returned if the question has a word
    of the row's label, if the row is the first or the last one (but in alphabetical order) or has an extreme of another
    column, or for a summary. See `other_row`.
    """
    told = [place for place in places(answer, transcript) if place.row]
    rows = {place.row for place in told}
    if len(rows) != 1 or Question(task(transcript)).touches(rows) or not has_word(answer, told[0].row):
        return ""
    fact = ""
    for place in told:
        column = column_of(place, transcript)
        numbers = {each.row: float(each.output.replace(",", "")) for each in column if _PLAIN.fullmatch(each.output)}
        order = sorted(numbers, key=lambda row: numbers[row])
        if len(order) < ROWS or len(order) < len(column) or {*order} >= _SUMMARY:
            return ""
        rows_shown = [each.row for each in column]
        is_by_label = rows_shown == sorted(rows_shown) and re.search(
            r"[^\W\d]", place.row
        )  # no first or last one counts
        ends = (order[0], order[-1], *(() if is_by_label else (rows_shown[0], rows_shown[-1])))
        if place.row in ends:
            return ""
        largest, smallest = (f"{numbers[row]:,g} ({row})" for row in (order[-1], order[0]))
        fact = fact or f"In the output, the largest {place.column or 'number'} is {largest}, the smallest {smallest}."
    return fact


def _rows(place: Place, transcript: Sequence[Event]) -> list[str]:
    """Return the labels of the rows of the table that has a number, where they are words."""
    steps = {event.id: event.step for event in this_episode(transcript) if isinstance(event, Proposal)}
    for event in this_episode(transcript):
        if isinstance(event, Observation) and steps.get(event.proposal_id) == place.step:
            for table in event.tables:
                if table.start <= place.start < table.end:
                    texts = [event.text[start:end] for start, end, kind in table.margins if kind == "row"]
                    return [text for text in texts if re.search(r"[^\W\d]", text)]
    return []


def _mentions(answer: str, labels: set[str]) -> Iterator[_Mention]:
    """Yield where an answer names the labels, in the plural too."""
    for label in labels:
        for found in re.finditer(rf"(?<!\w){re.escape(label)}(?:e?s)?(?!\w)", answer, re.IGNORECASE):
            yield *found.span(), label


def _nearest(span: tuple[int, int], mentions: Sequence[_Mention]) -> set[str]:
    """Return the labels that are named nearest to a number, before or after it."""
    away = [(max(start - span[1], span[0] - end), label) for start, end, label in mentions]
    return {label for distance, label in away if distance == min(away)[0]}
