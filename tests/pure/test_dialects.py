"""A transcript becomes a chat that only ever grows at its end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codeact_jupyter.dialects.prompt import DIALECTS, build_messages
from codeact_jupyter.dialects.reply import canonical_reply, parse_reply
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    ChatMessage,
    Continue,
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
from codeact_jupyter.session.techniques import Techniques
from codeact_jupyter.text import shorten_middle

MARKDOWN = DIALECTS["markdown"]

CODE = Proposal(
    "p1", 1, "Look.", "df.head()", "Look.\n```python\ndf.head()\n```", tokens=(1, 2), facts=("It has 3 rows.",)
)
TRANSCRIPT: list[Event] = [
    Prompt("How many?", "df: DataFrame 3×2"),
    CODE,
    Approval("p1", "df.tail()"),
    Observation("p1", "3 rows", True),
    Answer("Three."),
    Refusal("In words."),
    Proposal("p2", 2, "", "x", "```python\nx\n```", facts=("It has 3 rows.", "There is no x.")),
    Rejection("p2", "Use len."),
    Proposal("p3", 3, "", "len(df)", "```python\nlen(df)\n```"),
    Stop(),
    Continue("The kernel was restarted."),
    Answer("3"),
    Undone("p1", "Step 1 is undone.", "Gone: x"),
    Prompt("And now?"),
]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
def test_messages_only_ever_grow_at_their_end(dialect: object) -> None:
    def flat(messages: list[ChatMessage]) -> str:
        return "".join(f"\n@{message.role} {message.content}" for message in messages).removesuffix("Go on.")

    use = Techniques().without("fresh")
    chats = [flat(build_messages(TRANSCRIPT[:end], dialect, use=use)) for end in range(1, len(TRANSCRIPT) + 1)]  # type: ignore[arg-type]
    for shorter, longer in itertools.pairwise(chats):
        assert longer.startswith(shorter.rstrip().removesuffix("@user"))


def test_roles_take_turns() -> None:
    roles = [message.role for message in build_messages(TRANSCRIPT, MARKDOWN)]
    assert roles[0] == "system"
    assert all(a != b for a, b in itertools.pairwise(roles))


def test_an_edit_is_told_as_a_diff_before_the_output() -> None:
    message = build_messages(TRANSCRIPT[:4], MARKDOWN)[-1].content
    assert "-df.head()\n+df.tail()" in message
    assert "\n\n3 rows\n\nFound out so far:\n- It has 3 rows.\n\n(The task: How many? If" in message


def test_what_was_not_run_is_told() -> None:
    assert "not run" in build_messages(TRANSCRIPT[:8], MARKDOWN)[-1].content
    assert "not run" in build_messages([*TRANSCRIPT[:2], Prompt("Other")], MARKDOWN)[-1].content


def contents(*events: Event) -> str:
    return "\n".join(message.content for message in build_messages(events, MARKDOWN)[len(MARKDOWN.preamble()) :])


def failed(number: int, error: str) -> list[Event]:
    name = f"p{number}"
    code = f"roads[{number}]"
    step = Proposal(name, number, f"Thought {number}.", code, f"Thought {number}.\n```python\n{code}\n```")
    return [step, Approval(name, code), Observation(name, f"Output {number}: {error}", False, 0.1, error)]


def test_what_was_refused_or_rejected_is_told_without_its_text() -> None:
    chat = contents(*TRANSCRIPT)
    for gone in ("Three.", "```python\nx\n```"):
        assert gone not in chat
    for told in ("not accepted: In words.", "it was not run. Use len.", "df.head()", "```python\nlen(df)\n```"):
        assert told in chat


@pytest.mark.parametrize("count", [2, 3, 4])
def test_of_steps_that_failed_alike_only_the_last_error_is_told(count: int) -> None:
    steps = [event for number in range(1, count + 1) for event in failed(number, "KeyError: 'road'")]
    chat = contents(Prompt("Q"), *steps)
    assert chat.count("KeyError") == 1
    assert f"Output {count}:" in chat
    assert "failed alike" in chat
    assert "Thought" not in chat
    later = contents(Prompt("Q"), *steps, CODE, Approval("p1", CODE.code), Observation("p1", "3 rows", True))
    assert later.startswith(chat), "it stays that way"


def test_steps_that_failed_differently_or_for_another_question_are_read() -> None:
    chat = contents(Prompt("Q"), *failed(1, "KeyError: 1"), *failed(2, "ValueError: 2"), *failed(3, "KeyError: 1"))
    assert chat.count("Thought") == 3
    chat = contents(Prompt("Q"), *failed(1, "KeyError: 1"), Stop(), Prompt("R"), *failed(2, "KeyError: 1"))
    assert chat.count("Thought") == 2


def test_what_was_wrong_in_a_round_is_told_until_something_else_has_happened() -> None:
    asked = [Prompt("Q"), Retry("It was empty."), Retry("No output shows 12.")]
    chat = contents(*asked)
    assert chat.endswith("(A reply of yours was not taken. No output shows 12.)")
    assert "empty" not in chat
    assert contents(*asked, Shortened(0, 0)) == chat
    assert "not taken" not in contents(*asked, CODE)


def test_generated_ids_stay_with_their_message() -> None:
    assert build_messages(TRANSCRIPT[:4], MARKDOWN)[-2].tokens == (1, 2)


def test_a_cut_shortens_old_outputs_and_forgets_old_questions() -> None:
    long = [Prompt("One"), CODE, Approval("p1", CODE.code), Observation("p1", "a" * 500 + "b" * 500, True), Answer("A")]
    chat = build_messages([*long, Prompt("Two"), Shortened(1, 100)], MARKDOWN)
    assert "900 characters left out" in chat[-3].content
    chat = build_messages([*long, Prompt("Two"), Shortened(1, 100, 5, "df: DataFrame")], MARKDOWN)
    assert "One" not in "".join(message.content for message in chat[-1:])
    assert "df: DataFrame" in chat[-1].content
    assert len(chat) == len(MARKDOWN.preamble()) + 1


@given(st.text(max_size=300), st.integers(10, 200))
def test_shortening_keeps_head_and_tail(text: str, chars: int) -> None:
    short = shorten_middle(text, chars)
    if len(text) > chars:
        assert short.startswith(text[: chars // 2])
        assert short.endswith(text[len(text) - chars // 2 :])
        assert len(short) <= chars + 60
    else:
        assert short == text


def test_each_dialect_shows_its_own_example() -> None:
    for name, opening in {"markdown": "```python\n", "codeact": "<execute>\n"}.items():
        preamble = DIALECTS[name].preamble()
        assert preamble[0].role == "system"
        example = next(message.content for message in preamble if message.role == "assistant")
        assert parse_reply(example).code is not None
        assert opening in example
        assert canonical_reply(example) == example
