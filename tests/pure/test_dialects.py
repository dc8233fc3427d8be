"""Replies of every form are understood, and a transcript only ever grows at its end."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codeact_jupyter.dialects.prompt import DIALECTS, build_messages
from codeact_jupyter.dialects.reply import TAGS, canonical_reply, is_complete, parse_reply
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
)
from codeact_jupyter.session.techniques import Techniques
from codeact_jupyter.text import shorten_middle

MARKDOWN = DIALECTS["markdown"]

PIECES = st.sampled_from(
    [*TAGS, "<exec", "</exe", "</", "<so", "```", "```python", "```python\n", "```py\n", "\n```\n", "```json\n", "\n",
     "x = 1", "print(x)", "df.head()", " ", "'''", "Answer: ", "42", "%%time\n", "# c\n", "é", "\u202e", "\x00", "`",
     "<e", "\u2003", "\x0b", "```c+", "\r\n", "\\\n", "if x:\n", "  "]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=14).map("".join))


@pytest.mark.parametrize(
    ("text", "thought", "code"),
    [
        ("I look.\n```python\ndf.head()\n```", "I look.", "df.head()"),
        ("I look.\n```python\ndf.head()\n```\nand\n```python\ndf.tail()\n```", "I look.", "df.head()"),
        ("<thought>Count.</thought>\n<execute> len(df) </execute>", "Count.", "len(df)"),
        ("<execute>\n```python\nlen(df)\n```\n</execute>", "", "len(df)"),
        ("Count.\n<execute>\nif x:\n    y = 1\n</execute>", "Count.", "if x:\n    y = 1"),
        ("```json\n{}\n```\nThen\n```py\na = 1\n```", "```json\n{}\n```\nThen", "a = 1"),
        ("```\nimport os\n```", "", "import os"),
        ("I do.\n```Python\r\na = 1\r\n```", "I do.", "a = 1"),
    ],
)
def test_first_action_is_found_in_every_form(text: str, thought: str, code: str) -> None:
    reply = parse_reply(text)
    assert (reply.thought, reply.code, reply.closed) == (thought, code, True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("It is 42.", "It is 42."),
        ("Answer: 42", "42"),
        ("<thought>So.</thought><solution> 42 </solution> <execute>x</execute>", "42"),
        ("The table:\n```\n a  3\n b  4\n```\nSo 3.", "The table:\n```\n a  3\n b  4\n```\nSo 3."),
        ("Nothing in it.\n```python\n\n```", "Nothing in it."),
        ("", ""),
    ],
)
def test_a_reply_without_action_is_an_answer(text: str, answer: str) -> None:
    reply = parse_reply(text)
    assert (reply.thought, reply.code) == (answer, None)


def test_closed_code_is_left_as_it_is() -> None:
    assert parse_reply("```python\nsmall = x<t\n```").code == "small = x<t"


@pytest.mark.parametrize("half", ["</exec", "</", "<so", "\n``", "\n```"])
def test_half_a_tag_never_reaches_the_code(half: str) -> None:
    opening = "```python\n" if "`" in half else "<execute>"
    assert parse_reply(f"{opening}x = 1{half}").code == "x = 1"


@given(TEXTS)
def test_any_text_is_understood_without_an_exception_or_a_tag(text: str) -> None:
    reply = parse_reply(text)
    for part in (reply.thought, reply.code or ""):
        assert not any(tag in part for tag in TAGS)
    if reply.code is not None:
        assert reply.code.strip() == reply.code != ""
        assert not reply.code.endswith(("</", "<execute", "</execute"))


@given(TEXTS)
@example("<execute>```\n<e\n```\n0")  # half a tag inside a fence
@example("```python\nx\n```c+</")  # a fence once half a tag is gone
@example("<execute>```\nx\n```\u2003</execute>")  # a fence once the space is gone
@example("```\nx = 1\\\n\n```")  # Python only with the space after it
@example("<execute>'</exe<thought>cute>'</execute>")  # a tag once another is gone
def test_the_canonical_reply_holds_the_same_action_and_nothing_after_it(text: str) -> None:
    reply, again = parse_reply(text), parse_reply(canonical_reply(text))
    assert again == replace(reply, closed=True)
    if reply.code is not None:
        assert is_complete(canonical_reply(text))


@given(TEXTS, TEXTS)
def test_decoding_goes_on_until_the_first_action_is_closed(start: str, rest: str) -> None:
    if is_complete(start):
        assert parse_reply(f"{start}\n{rest}").code == parse_reply(start).code


def test_the_stop_tag_is_put_back() -> None:
    assert canonical_reply("Look.\n<execute>\nx = 1") == "Look.\n<execute>\nx = 1\n</execute>"
    assert canonical_reply("Look.\n```python\nx = 1\n``") == "Look.\n```python\nx = 1\n```"


CODE = Proposal("p1", 1, "Look.", "df.head()", "Look.\n```python\ndf.head()\n```", tokens=(1, 2))
TRANSCRIPT: list[Event] = [
    Prompt("How many?", "df: DataFrame 3×2"),
    CODE,
    Approval("p1", "df.tail()"),
    Observation("p1", "3 rows", True),
    Answer("Three."),
    Refusal("In words."),
    Proposal("p2", 2, "", "x", "```python\nx\n```"),
    Rejection("p2", "Use len."),
    Proposal("p3", 3, "", "len(df)", "```python\nlen(df)\n```"),
    Stop(),
    Continue("The kernel was restarted."),
    Answer("3"),
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
    assert "\n\n3 rows\n\n(The task: How many? If" in message


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
