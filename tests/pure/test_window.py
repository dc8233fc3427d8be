"""The history is fitted to the window: mildly, rarely, and never to nothing."""

from __future__ import annotations

from codeact_jupyter.dialects.prompt import DIALECTS, build_messages
from codeact_jupyter.session.messages import Answer, Approval, Event, Observation, Prompt, Proposal, Shortened
from codeact_jupyter.session.window import TARGET, fit


def episode(number: int, outputs: int, size: int) -> list[Event]:
    events: list[Event] = [Prompt(f"question {number}", "df")]
    for step in range(outputs):
        id_ = f"{number}-{step}"
        events += [
            Proposal(id_, step, "", "x", "```python\nx\n```"),
            Approval(id_, "x"),
            Observation(id_, f"<{id_}>" + "o" * size, True),
        ]
    return events


def count(transcript: list[Event], cut: Shortened | None = None) -> int:
    messages = build_messages([*transcript, cut] if cut else transcript, DIALECTS["markdown"])
    return sum(len(message.content) for message in messages)


def cut(transcript: list[Event], room: int) -> Shortened | None:
    return fit(transcript, lambda: "LISTING", lambda cut: count(transcript, cut), room)


BASE = count([Prompt("", "")])


def test_old_outputs_are_shortened_before_the_newest() -> None:
    transcript = episode(1, 3, 4000)
    result = cut(transcript, BASE + 11000)
    assert result == Shortened(2, 800)
    assert count(transcript, result) <= (BASE + 11000) * TARGET


def test_a_cut_leaves_room_for_many_turns() -> None:
    transcript = episode(1, 8, 3000)
    room = BASE + 15000
    result = cut(transcript, room)
    assert result is not None
    assert count(transcript, result) <= room * TARGET


def test_old_questions_are_left_out_when_shorter_outputs_do_not_suffice() -> None:
    transcript = [*episode(1, 8, 3000), Answer("A" * 5000), *episode(2, 2, 3000)]
    result = cut(transcript, BASE + 6000)
    assert result is not None
    assert transcript[result.forget] == Prompt("question 2", "df")
    assert result.context == "LISTING"


def test_what_was_left_out_stays_out() -> None:
    first = [*episode(1, 2, 3000), Answer("A")]
    transcript: list[Event] = [*first, *episode(2, 1, 100), Shortened(1, 240, len(first), "LISTING")]
    transcript += [Answer("B"), *episode(3, 6, 3000)]
    result = cut(transcript, BASE + 8000)
    assert result is not None
    assert result.forget >= len(first)
    assert result.context == "LISTING"


def test_a_question_too_long_for_the_window_cannot_be_fitted() -> None:
    assert cut([Prompt("q" * 5000)], BASE + 100) is None
    assert cut([*episode(1, 1, 100), Answer("A"), Prompt("q" * 50_000)], BASE + 1000) is None
