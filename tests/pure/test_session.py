"""The state machine: what may follow what, and that a replay rebuilds it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.session.event_json import from_json, to_json
from codeact_jupyter.session.machine import TRANSITIONS, Session, State
from codeact_jupyter.session.messages import (
    EVENTS,
    Answer,
    Approval,
    Continue,
    Deliver,
    Event,
    Finish,
    Generate,
    Observation,
    Pause,
    Prompt,
    Proposal,
    Refusal,
    Rejection,
    Retry,
    Run,
    Shortened,
    Stop,
    Undone,
    Usage,
)
from codeact_jupyter.session.transcript import last_output, runs, shown_texts, this_episode

STEP = Proposal("p1", 1, "Look.", "df.head()", "```python\ndf.head()\n```")


def test_a_question_goes_through_step_and_observation_to_its_answer() -> None:
    session = Session()
    assert session.apply(Prompt("Q")) == [Generate()]
    assert session.apply(STEP) == [Deliver(STEP)]
    assert session.state is State.AWAITING
    assert session.apply(Approval("p1", "df.tail()")) == [Run(STEP, "df.tail()")]
    assert session.apply(Observation("p1", "3", True)) == [Generate()]
    assert session.apply(Answer("Three.")) == [Finish("answered", "Three.")]
    assert (session.status, session.answer, session.turns) == ("answered", "Three.", 2)


def test_rejection_with_a_reason_starts_a_new_turn() -> None:
    session = Session.replay([Prompt("Q"), STEP])
    assert session.apply(Rejection("p1", "Use tail.")) == [Generate()]
    assert session.state is State.GENERATING


def test_an_approval_of_another_proposal_is_refused() -> None:
    session = Session.replay([Prompt("Q"), STEP])
    with pytest.raises(UsageProblem, match="no longer waits: decide about step 1"):
        session.apply(Approval("p2", "df.head()"))
    assert session.state is State.AWAITING
    assert len(session.transcript) == 2


def test_the_last_turn_must_be_an_answer() -> None:
    session = Session.replay([Prompt("Q"), STEP, Approval("p1", "x")], max_turns=1)
    assert session.apply(Observation("p1", "3", True)) == [Generate(answer_only=True)]


def test_refused_answers_are_limited() -> None:
    session = Session.replay([Prompt("Q"), Answer("1")], max_turns=2)
    assert session.apply(Refusal("No.")) == [Generate(answer_only=False)]
    session.apply(Answer("2"))
    assert session.apply(Refusal("No."))[0] == Finish("limit", "No accepted answer in 2 turns: raise `max_turns`.")
    assert (session.status, session.answer) == ("limit", None)


def test_continue_offers_a_waiting_step_again_and_resumes_a_paused_session() -> None:
    waiting = Session.replay([Prompt("Q"), STEP])
    assert waiting.apply(Continue()) == [Deliver(STEP)]
    paused = Session.replay([Prompt("Q"), Pause()])
    assert paused.apply(Continue()) == [Generate()]


def test_continue_after_the_limit_grants_new_turns() -> None:
    session = Session.replay([Prompt("Q"), STEP, Approval("p1", "x"), Observation("p1", "", True), Stop("limit")], 1)
    assert session.apply(Continue()) == [Generate()]
    assert session.turns == 0


def test_a_round_without_a_usable_reply_is_a_turn_and_not_the_end() -> None:
    session = Session.replay([Prompt("Q")], max_turns=2)
    assert session.apply(Retry("It was empty.", Usage(generated=5))) == [Generate()]
    assert session.apply(Retry("It was empty.")) == [Generate(answer_only=True)]
    assert (session.state, session.turns, session.usage.generated) == (State.GENERATING, 2, 5)


def test_a_new_question_supersedes_a_waiting_step() -> None:
    session = Session.replay([Prompt("Q"), STEP])
    assert session.apply(Prompt("Other")) == [Generate()]
    assert session.proposal is None


RAN: list[Event] = [Prompt("Q"), STEP, Approval("p1", "x"), Observation("p1", "3", True)]
UNDONE = Undone("p1", "Step 1 is undone.")


def test_an_undone_step_drops_the_one_that_waits_and_the_model_goes_on() -> None:
    session = Session.replay([*RAN, replace(STEP, id="p2")])
    assert session.apply(UNDONE) == [Generate()]
    assert (session.state, session.proposal) == (State.GENERATING, None)
    last = Session.replay([*RAN, replace(STEP, id="p2")], max_turns=2)
    assert last.apply(UNDONE) == [Generate(answer_only=True)]


@pytest.mark.parametrize("events", [[*RAN, Answer("3")], [*RAN, Pause()], [*RAN, Stop("failed")]])
def test_an_undone_step_between_questions_asks_the_model_nothing(events: list[Event]) -> None:
    session = Session.replay(events)
    before = session.state, session.status
    assert session.apply(UNDONE) == []
    assert (session.state, session.status) == before


def test_no_answer_rests_on_an_undone_step() -> None:
    second: list[Event] = [replace(STEP, id="p2"), Approval("p2", "y"), Observation("p2", "8", True)]
    transcript: list[Event] = [*RAN, *second, Undone("p2", "Step 2 is undone."), replace(STEP, id="p3")]
    assert [result.text for _, result in runs(transcript)] == ["3"]
    assert shown_texts(transcript)[1] == ["3"]
    assert last_output(transcript) == "3"
    assert this_episode(transcript) == [*RAN, *transcript[-2:]]
    before: list[Event] = [*RAN, Answer("3"), UNDONE]
    assert runs([*before, Prompt("And?")]) == []
    assert this_episode(before[:-1]) == before[:-1]


@pytest.mark.parametrize("state", State)
def test_what_cannot_happen_changes_nothing(state: State) -> None:
    session = Session()
    session.state = state
    for name, event in EXAMPLES.items():
        if (state, EVENTS[name]) not in TRANSITIONS:
            with pytest.raises(UsageProblem, match=state.value):
                session.apply(event)
    assert session.state is state
    assert session.transcript == []


EXAMPLES: dict[str, Event] = {
    "Prompt": Prompt("Q", "df"),
    "Proposal": STEP,
    "Answer": Answer("A"),
    "Retry": Retry("It was empty."),
    "Refusal": Refusal("R"),
    "Approval": Approval("p1", "x"),
    "Rejection": Rejection("p1", "R"),
    "Observation": Observation("p1", "O", False, 0.5),
    "Undone": Undone("p1", "`df` is as before.", "df"),
    "Shortened": Shortened(1, 100, 2, "df"),
    "Pause": Pause(),
    "Continue": Continue("note"),
    "Stop": Stop("limit", "L"),
}


def test_every_event_has_a_transition_and_survives_json() -> None:
    assert set(EXAMPLES) == set(EVENTS)
    assert {event.__name__ for _, event in TRANSITIONS} == set(EVENTS)
    for event in EXAMPLES.values():
        assert from_json(to_json(event)) == event


@given(st.lists(st.sampled_from(sorted(EXAMPLES)), max_size=30), st.integers(1, 4))
@settings(max_examples=300)
def test_any_sequence_of_events_keeps_the_session_sound(names: list[str], max_turns: int) -> None:
    session = Session(max_turns)
    for name in names:
        try:
            commands = session.apply(EXAMPLES[name])
        except UsageProblem:
            continue
        assert len(commands) <= 1
        assert (session.proposal is not None) == (session.state in (State.AWAITING, State.EXECUTING))
        asked = [command.answer_only for command in commands if isinstance(command, Generate)]
        assert all(answer_only == (session.turns >= max_turns) for answer_only in asked)
    again = Session.replay([from_json(to_json(event)) for event in session.transcript], max_turns)
    assert vars(again) == vars(session)


@pytest.mark.parametrize(
    ("calls", "in_window"),
    [
        ([], 0),
        ([Usage(900, generated=100)], 1000),
        ([Usage(900, generated=100), Usage(900, generated=50)], 1000),  # two replies to one prompt
        ([Usage(900, generated=100), Usage(1000, generated=20), Usage(50, generated=1)], 1020),  # a repair; a question
        ([Usage(700, generated=300), Usage(700), Usage(700), Usage(700)], 1000),
    ],
)
def test_a_sum_of_replies_takes_no_more_of_the_window_than_the_longest_of_them(
    calls: list[Usage], in_window: int
) -> None:
    total = sum(calls, Usage())
    assert total.in_window == in_window
    assert (total + Usage()).in_window == (Usage() + total).in_window == in_window
    assert total.prompt == sum(call.prompt for call in calls)
