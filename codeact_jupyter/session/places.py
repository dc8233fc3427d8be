"""The places of the numbers of an answer: the step that showed each, and the labels of its row and column there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .messages import Event, Observation, Proposal
from .numbers import NUMBER, Reading, Values, readings, stated, values_in
from .tables import Table, values_of
from .transcript import this_episode


@dataclass(frozen=True, slots=True)
class Place:
    """The place where a number of an answer stands."""

    number: str  #: as the answer writes it
    step: int  #: number of the step that showed it, as its proposal has it; 0 if none since the question did
    output: str = ""  #: as the output writes it
    start: int = 0  #: of its characters in the observation's text
    row: str = ""  #: label of its row
    column: str = ""  #: label of its column


def places(answer: str, transcript: Sequence[Event]) -> tuple[Place, ...]:
    """Find where the numbers of an answer stand in the outputs since the question.

    Args:
        answer: The answer.
        transcript: All events.

    Returns:
        A place for each number, in order; of several, one with labels that the answer names, in the latest step.
    """
    episode = this_episode(transcript)
    step_of = {event.id: event.step for event in episode if isinstance(event, Proposal)}
    seen = [event for event in reversed(episode) if isinstance(event, Observation) and event.proposal_id in step_of]
    shown = [number for event in seen for number in _shown(step_of[event.proposal_id], event)]
    found = []
    for number in stated(answer):
        meanings = readings(answer, number)
        candidates = [each.place(number.group()) for each in shown if any(map(each.values.have, meanings))]
        best = max(candidates, key=lambda place: _rank(place, answer, meanings), default=Place(number.group(), 0))
        found.append(best)
    return tuple(found)


def column_of(place: Place, transcript: Sequence[Event]) -> tuple[Place, ...]:
    """Return the places of all numbers in the column of a table in which a number stands, in order.

    Args:
        place: The number's place.
        transcript: All events.

    Returns:
        The places; empty if it stands in no table, or in one of which not all rows are shown.
    """
    episode = this_episode(transcript)
    proposals = [event.id for event in episode if isinstance(event, Proposal) and event.step == place.step]
    for seen in (event for event in episode if isinstance(event, Observation) and event.proposal_id in proposals):
        for table in seen.tables:
            if table.start <= place.start < table.end and not table.note:
                found = [each.place(each.found.group()) for each in _shown(place.step, seen)]
                found = [each for each in found if table.start <= each.start < table.end]
                return tuple(each for each in found if each.row and each.column == place.column)
    return ()


def _rank(place: Place, answer: str, meanings: Sequence[Reading]) -> tuple[int, bool]:
    """Order places: by the labels that the answer names, then those that are not rounded."""
    named = sum(bool(label) and label.casefold() in answer.casefold() for label in (place.row, place.column))
    exact = {reading.value for reading in meanings}
    return named, not exact.isdisjoint(values_in(place.output))


@dataclass(frozen=True, slots=True)
class _Shown:
    """A number in an output."""

    step: int
    seen: Observation
    found: re.Match[str]
    values: Values  #: what it can mean

    def place(self, number: str) -> Place:
        """Return the place of the number of an answer that it is."""
        start = self.found.start()
        table = next((each for each in self.seen.tables if each.start <= start < each.end), None)
        row, column = _labels(self.found, table, self.seen.text) if table else ("", "")
        return Place(number, self.step, self.found.group(), start, row, column)


def _shown(step: int, seen: Observation) -> Iterator[_Shown]:
    text = values_of(seen.text, seen.tables)
    for found in NUMBER.finditer(text):
        yield _Shown(step, seen, found, Values(reading.value for reading in readings(text, found)))


def _labels(cell: re.Match[str], table: Table, text: str) -> tuple[str, str]:
    """Return the label before a cell in its line, and the nearest one above it."""
    line = text.rfind("\n", 0, cell.start()) + 1
    labels = [(start, end) for start, end, kind in table.margins if kind in ("row", "position")]
    row = " ".join(text[start:end] for start, end in labels if line <= start < cell.start())
    heads = [(start, end) for start, end, kind in table.margins if kind == "column" and end < line]
    above = sorted({text.rfind("\n", 0, start) + 1 for start, _ in heads}, reverse=True)
    rows_of_heads = (
        [(s - each, e - each, text[s:e]) for s, e in heads if each <= s <= text.find("\n", each)] for each in above
    )
    is_left = "│" in text[line : cell.start()]
    found = (_heading(cell.start() - line, cell.end() - line, heads, is_left=is_left) for heads in rows_of_heads)
    return row, next(filter(None, found), "")


def _heading(start: int, end: int, heads: Sequence[tuple[int, int, str]], *, is_left: bool) -> str:
    """Return the heading of a cell among those of a line: polars aligns both to the left, pandas to the right."""
    if is_left:
        return next((label for first, _, label in reversed(heads) if first <= start), "")
    return next((label for _, last, label in heads if last >= end), "")
