"""The transcript as the items that a page shows."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..agent.trial_match import same_output
from ..session.basis import basis_of
from ..session.messages import (
    Answer,
    Approval,
    Event,
    Observation,
    Prompt,
    Proposal,
    Rejection,
    Shortened,
    Stop,
    Tried,
    Undone,
)
from ..session.provenance import step_records
from ..session.transcript import this_episode
from ..text import invisible_note, shorten_middle
from ..views.basis import basis_line, place_text
from .protocol import Answered, Ending, Item, Note, Number, Question, Step
from .trials import to_trial

OBSERVATION_CHARS = 2000  #: maximum length of an observation in a page


def cell_id(proposal: str) -> str:
    """Return the id of a proposal's cell. It is fixed, so that no page inserts a second one.

    Args:
        proposal: Id of the proposal.
    """
    return f"codeact-{proposal}"


def last_cell(transcript: Sequence[Event]) -> str | None:
    """Return the id of the last step's cell, which exists if the extension inserted it; None if there is no step.

    Args:
        transcript: The events, oldest first.
    """
    steps = [event for event in transcript if isinstance(event, Proposal)]
    return cell_id(steps[-1].id) if steps else None


def to_items(events: Sequence[Event], session: str = "") -> list[Item]:
    """Convert a transcript to the items that a page shows.

    Args:
        events: The transcript, oldest first.
        session: Name of its journal, for the records of its steps.

    Returns:
        The items, oldest first. A step is one item, updated by the events that follow it; an answer has no summary and
        no basis yet.
    """
    items: list[Item] = []
    place, step, tried = 0, None, None
    for event in events:
        if step:
            items[place] = step = _updated(step, event, tried)
        if isinstance(event, Undone):
            items = [_undone(item, event) for item in items]
            step = None
        if isinstance(event, Proposal):
            tried = event.tried
        item = _to_item(event)
        if isinstance(item, Step):
            place, step = len(items), item
        elif isinstance(event, Prompt | Stop):
            step = None
        if item:
            items.append(item)
    records = step_records(((None, event) for event in events), session)
    return [replace(item, record=records[item.proposal]) if isinstance(item, Step) else item for item in items]


def answered(answer: Answer, before: Sequence[Event]) -> Answered:
    """Convert an answer to an item with its basis.

    Args:
        answer: The answer.
        before: All events before it.

    Returns:
        The item, without a summary.
    """
    basis = basis_of(answer.text, before)
    cells = {event.step: cell_id(event.id) for event in this_episode(before) if isinstance(event, Proposal)}
    numbers = [
        Number(place.number, place_text(place), cells.get(place.step, ""), place.output, place.row, place.column)
        for place in basis.numbers
    ]
    return Answered(answer.text, summary="", basis=basis_line(basis), numbers=numbers)


def _to_item(event: Event) -> Item | None:
    match event:
        case Prompt(text=text):
            return Question(text)
        case Proposal():
            return _proposed(event)
        case Answer(text=text):
            return Answered(text, summary="", basis="", numbers=[])
        case Stop(status=status, reason=reason):
            return Ending(status, reason)
        case Shortened(told=text) | Undone(text=text):
            return Note(text)
    return None


def _proposed(proposal: Proposal) -> Step:
    return Step(
        proposal=proposal.id,
        cell=cell_id(proposal.id),
        step=proposal.step,
        thought=proposal.thought,
        code=proposal.code,
        state="waits",
        edited=False,
        model=proposal.model,
        seconds=0.0,
        reason="",
        observation="",
        tried=to_trial(proposal.tried, figures=False),
        differs=False,
        invisible=invisible_note(proposal.code),
        record=None,
    )


def _undone(item: Item, event: Undone) -> Item:
    is_it = isinstance(item, Step) and item.proposal == event.proposal_id
    return replace(item, state="undone", reason=event.text) if is_it else item


def _updated(step: Step, event: Event, tried: Tried | None) -> Step:
    """Return the step, which was tried with this result, as it is after the event."""
    match event:
        case Approval(source=source):
            return replace(step, state="running", edited=source.strip() != step.code.strip(), code=source)
        case Rejection(reason=reason):
            return replace(step, state="rejected", reason=reason)
        case Observation(ok=ok, seconds=seconds, text=text):
            observation = shorten_middle(text, OBSERVATION_CHARS)
            differs = tried is not None and not step.edited and not same_output(tried, event)
            state = "done" if ok else "failed"
            return replace(step, state=state, seconds=seconds, observation=observation, differs=differs)
        case Prompt() | Stop() | Undone():
            return replace(step, state={"waits": "left", "running": "stopped"}.get(step.state, step.state))
    return step
