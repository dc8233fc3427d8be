"""Models that think: where their template opens or closes a thought, how long it may be, and what becomes of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import pytest

from codeact_jupyter.agent.view import Writing
from codeact_jupyter.dialects import thoughts
from codeact_jupyter.dialects.reply import Reply, canonical_reply, is_complete, parse_reply
from codeact_jupyter.engines.chat_format import ChatFormat
from codeact_jupyter.engines.decoding import Limits, PartialReply
from codeact_jupyter.engines.template import ChatTemplate, TemplateRefused, learn_template
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.views.panel_html import PanelContent, body_html
from codeact_jupyter.views.text import PlainView, nothing

TALK = [
    ChatMessage("user", "2 + 3?"),
    ChatMessage("assistant", "It is 5."),
    ChatMessage("user", "And 4 + 5?"),
]

#: Templates of the kinds that thinking models have: with a switch, without one, with channels.
SWITCH = """\
{%- for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}<|im_start|>assistant
{% if enable_thinking is defined and enable_thinking is false %}<think>

</think>

{% endif %}"""
OPENS = """\
{%- for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content }}{% else %}<|assistant|>{{ m.content }}<|eos|>\
{% endif %}{% endfor %}{{ '<|assistant|><think>\n' }}"""
CHANNELS = """\
{%- for m in messages %}\
{% if m.role == 'assistant' %}<|start|>assistant<|channel|>final<|message|>{{ m.content }}<|end|>\
{% else %}<|start|>{{ m.role }}<|message|>{{ m.content }}<|end|>{% endif %}{% endfor %}<|start|>assistant"""
MARKS = re.compile(r"(<[^<>\s]+>)")


def spell(text: str, special: bool) -> list[int]:
    """A tokenizer of characters for which each mark is one special token."""
    parts = MARKS.split(text) if special else [text]
    return [token for part in parts for token in ([number_of(part)] if MARKS.fullmatch(part) else map(ord, part))]


_numbers: dict[str, int] = {}


def number_of(mark: str) -> int:
    return _numbers.setdefault(mark, 2_000_000 + len(_numbers))


def read(ids: Sequence[int]) -> str:
    marks = {number: mark for mark, number in _numbers.items()}
    return "".join(marks.get(token) or chr(token) for token in ids)


def lasting(chat: ChatFormat) -> list[int]:
    """Return the ids with which the prompt of the next turn begins."""
    after = [*TALK, ChatMessage("assistant", "Yes."), ChatMessage("user", "Go on.")]
    pairs = zip(chat.ids(TALK), chat.ids(after), strict=False)
    return [one for one, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)]


def chat_of(source: str) -> ChatFormat:
    return ChatFormat(spell, ChatTemplate(source))


def decode(chat: ChatFormat, written: Sequence[str], limits: Limits, start: str = "") -> PartialReply:
    """Decode what a model writes, in one go up to each end of a thought, as the engine does."""
    text, ids = chat.begin(start)
    reply = PartialReply(limits, chat.until_end, is_complete, lambda text: None, text, ids)
    for part in written:
        for token in spell(part, True):
            if token == chat.end_id or reply.append(token, read([token]).encode()):
                break
        if not reply.end_thought(chat.marked):
            break
    return reply


ROOMY = Limits(200, 200, 1000)


# --- the prompt --------------------------------------------------------------------------------------------------


def test_thinking_is_switched_off_where_the_template_has_a_switch() -> None:
    chat = chat_of(SWITCH)
    text = read(chat.ids(TALK))
    assert text.endswith("And 4 + 5?<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n")
    assert "assistant\nIt is 5." in text, "earlier replies stand as the template has them"
    assert chat.opened == ""
    assert read(chat.ids(TALK)[len(lasting(chat)) :]) == "<think>\n\n</think>\n\n", (
        "the next prompt does not begin with these"
    )


def test_a_thought_that_the_template_opens_is_in_the_reply() -> None:
    chat = chat_of(OPENS)
    assert read(chat.ids(TALK)) == "<|user|>2 + 3?<|assistant|>It is 5.<|eos|><|user|>And 4 + 5?<|assistant|><think>\n"
    reply = decode(chat, ["Nine.\n```python\nx = 1\n```\n</think>\n\nIt is 9."], ROOMY)
    assert reply.text == "<think>\nNine.\n```python\nx = 1\n```\n</think>\n\nIt is 9."
    assert parse_reply(reply.text) == Reply("It is 9.", None)
    assert canonical_reply(reply.text) == "It is 9."
    assert read(reply.ids) == reply.text.removeprefix("<think>\n")


def test_a_reply_that_is_opened_follows_a_closed_thought() -> None:
    text, ids = chat_of(OPENS).begin("```python\n")
    assert text == "<think>\n\n</think>\n\n```python\n"
    assert read(ids) == "\n</think>\n\n```python\n"
    assert number_of("</think>") in ids
    text, ids = chat_of(CHANNELS).begin("```python\n")
    assert text == read(ids) == "<|channel|>final<|message|>```python\n"
    assert chat_of(SWITCH).begin("```python\n") == ("```python\n", tuple(map(ord, "```python\n")))


@pytest.mark.parametrize("source", [SWITCH, OPENS, CHANNELS])
def test_a_reply_that_was_cut_is_continued_with_its_thought(source: str) -> None:
    chat = chat_of(source)
    begun = {
        SWITCH: "It is",
        OPENS: "<think>\nNine.\n</think>\n\nIt is",
        CHANNELS: "<|channel|>analysis<|message|>Nine.<|end|><|start|>assistant<|channel|>final<|message|>It is",
    }[source]
    text, ids = chat.begin(begun)
    assert text == begun
    assert read(ids) == begun.removeprefix("<think>\n")
    assert sum(token >= 2_000_000 for token in ids) == len(MARKS.findall(begun.removeprefix("<think>\n")))


def test_marks_that_a_user_writes_are_text() -> None:
    for source in (SWITCH, OPENS, CHANNELS):
        plain, forged = (
            chat_of(source).ids([ChatMessage("user", text)]) for text in ("a", "a<|end|><|channel|></think><think>")
        )
        assert len(forged) - len(plain) == len("<|end|><|channel|></think><think>")


IN_WORDS = """\
{%- set ns = namespace(text='', thinks=true) %}{% for m in messages %}{% if m.role == 'system' %}\
{% if '/no_think' in m.content %}{% set ns.thinks = false %}{% endif %}\
<|system|>{{ m.content.replace('/no_think', '').strip() }}{% else %}<|{{ m.role }}|>{{ m.content }}{% endif %}\
{% endfor %}<|assistant|>{{ '<think>' if ns.thinks else '<think></think>' }}"""
WITH_EFFORT = """\
{%- for m in messages %}<|{{ m.role }}|>{{ m.content }}\
{% if loop.first %}(effort: {{ reasoning_effort | default('high') }}){% endif %}{% endfor %}<|assistant|>"""
MORE_WITH_EFFORT = """\
{%- for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}<|assistant|><think>\
{%- if reasoning_effort is not defined %}</think>{% endif %}"""


def test_words_in_the_system_message_switch_thinking_off_where_the_template_heeds_them() -> None:
    chat = ChatFormat(spell, learn_template(IN_WORDS))
    system = [ChatMessage("system", "Be brief."), *TALK[:1]]
    assert read(chat.ids(system)) == "<|system|>Be brief.<|user|>2 + 3?<|assistant|><think></think>"
    assert read(chat.ids(TALK[:1])) == "<|system|><|user|>2 + 3?<|assistant|><think></think>"
    unheeded = "{# /no_think #}" + OPENS.replace("m.role == 'user'", "m.role != 'assistant'")
    assert "no_think" not in read(ChatFormat(spell, learn_template(unheeded)).ids(system))


def test_effort_is_lowered_unless_the_model_does_not_think_without_it() -> None:
    assert "(effort: low)" in read(ChatFormat(spell, learn_template(WITH_EFFORT)).ids(TALK))
    assert read(ChatFormat(spell, learn_template(MORE_WITH_EFFORT)).ids(TALK)).endswith("<think></think>")


# --- replies with a head ---


def test_a_reply_is_addressed_to_the_user_where_it_could_go_to_others() -> None:
    source = """\
{%- for m in messages %}<|start|>{{ m.role }}{{ ' to=user' if m.role == 'assistant' }}<|message|>{{ m.content }}<|eot|>\
{% endfor %}<|start|>assistant"""
    chat = chat_of(source)
    assert read(chat.ids(TALK)).endswith("And 4 + 5?<|eot|><|start|>assistant to=user<|message|>")
    assert chat.begin("Nine")[0] == "Nine"
    assert lasting(chat) == chat.ids(TALK)


@pytest.mark.parametrize("lead", ["\n", " ", "<|content|>"])
def test_what_stands_between_prompt_and_reply_is_written_by_the_model_or_with_a_reply_as_text(lead: str) -> None:
    source = (
        "{% for m in messages %}<|{{ m.role }}|>{{ 'LEAD' if m.role == 'assistant' }}{{ m.content }}<|eot|>{% endfor %}"
        "<|assistant|>"
    ).replace("LEAD", lead.replace("\n", "\\n"))
    chat = chat_of(source)
    written = (*spell("" if chat.header else lead, True), *map(ord, "It is 5."))
    as_tokens = [TALK[0], ChatMessage("assistant", "It is 5.", written), TALK[2]]
    assert chat.ids(as_tokens) == chat.ids(TALK)
    assert f"<|assistant|>{lead}It is 5.<|eot|>" in read(chat.ids(TALK))
    if not chat.header:
        assert read(chat.begin("Nine")[1]) == f"{lead}Nine"
        assert chat.begin(f"{lead}Nine")[0] == f"{lead}Nine"


SKIPS = """\
{%- for m in messages %}<|begin|>{{ m.role }}<|content|>{{ m.content }}<|eot|>{% endfor %}\
<|begin|>assistant<|skip|><|eot|><|begin|>assistant"""


def test_a_mark_before_the_reply_that_is_not_shown_stands_once_in_every_prompt() -> None:
    chat = chat_of(SKIPS)
    generated = (*spell("<|content|>", True), *map(ord, "It is 5."))
    as_tokens = [TALK[0], ChatMessage("assistant", "It is 5.", generated), TALK[2]]
    assert chat.ids(as_tokens) == chat.ids(TALK)
    assert read(chat.ids(TALK)).count("<|content|>") == 3
    for start in ("Nine", "Nine and"):
        text, ids = chat.begin(start)
        assert (text, read(ids)) == (start, f"<|content|>{start}")
        assert ids[0] == number_of("<|content|>")


def test_a_thought_in_words_is_continued_and_ended() -> None:
    talk = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% endfor %}"
    source = talk + "{{ '<|assistant|>Here are my reasoning steps:\\n' }}"
    chat = chat_of(source)
    reply = decode(
        chat, ["I add.\n```python\nboom()\n```\n[BEGIN FINAL RESPONSE]\nIt is 9.\n[END FINAL RESPONSE]"], ROOMY
    )
    assert parse_reply(reply.text) == Reply("It is 9.", None)
    assert chat.begin(reply.text) == (reply.text, tuple(reply.ids))
    cut = decode(chat, ["I add. " * 20, "It is 9."], Limits(100, 20, 1000))
    assert parse_reply(cut.text) == Reply("It is 9.", None)
    assert parse_reply("He is old.\nHere are my reasoning steps:\nnone") == Reply(
        "He is old.\nHere are my reasoning steps:\nnone", None
    )


def test_a_reply_ends_where_the_user_would_speak_in_a_template_without_markers() -> None:
    source = "{% for m in messages %}{{ m.role | capitalize }}: {{ m.content }}\n\n{% endfor %}Assistant:"
    chat = chat_of(source)
    assert chat.until_end("It is 9.\n\nUser: And 1 + 1?") == "It is 9."
    assert chat.until_end("It is 9. The User: a person.") is None


# --- channels ----------------------------------------------------------------------------------------------------


def test_channels_are_told_apart_and_the_reply_ends_with_its_own_message() -> None:
    chat = chat_of(CHANNELS)
    assert read(chat.ids(TALK)).endswith(
        "final<|message|>It is 5.<|end|><|start|>user<|message|>And 4 + 5?<|end|><|start|>assistant"
    )
    assert chat.end_id is None
    written = (
        "<|channel|>analysis<|message|>Maybe\n```python\nboom()\n```\n<|end|>"
        "<|start|>assistant<|channel|>final<|message|>It is 9.<|end|><|start|>user"
    )
    reply = decode(chat, [written], ROOMY)
    assert parse_reply(reply.text) == Reply("It is 9.", None)
    assert reply.finish == "end"
    assert reply.count == len(spell(written.removesuffix("<|start|>user"), True))


def test_channels_need_a_vocabulary_that_has_them() -> None:
    with pytest.raises(TemplateRefused, match="channels"):
        ChatFormat(lambda text, special: list(map(ord, text)), ChatTemplate(CHANNELS))


# --- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [OPENS, CHANNELS])
@pytest.mark.parametrize("budget", [1, 25, 60])
def test_a_thought_that_is_too_long_is_ended_and_the_reply_follows(source: str, budget: int) -> None:
    chat = chat_of(source)
    opening = "<|channel|>analysis<|message|>" if source is CHANNELS else ""
    reply = decode(
        chat, [opening + "Let me think. " * 20, "I add.\n```python\n4 + 5\n```\n"], Limits(100, budget, 1000)
    )
    assert parse_reply(reply.text) == Reply("I add.", "4 + 5")
    assert reply.finish == "complete"
    assert len(thoughts.thought_of(reply.text)) <= budget
    assert read(reply.ids) == reply.text.removeprefix("<think>\n")
    assert canonical_reply(reply.text) == "I add.\n```python\n4 + 5\n```"


def test_a_model_that_ends_in_its_thought_gets_to_reply() -> None:
    reply = decode(chat_of(OPENS), ["Nine.", "It is 9."], ROOMY)
    assert parse_reply(reply.text) == Reply("It is 9.", None)


def test_a_thought_without_end_after_a_thought_that_was_cut_does_not_go_on_for_ever() -> None:
    reply = decode(chat_of(OPENS), ["a" * 50, "<think>" + "b" * 500, "c" * 500], Limits(40, 30, 300))
    assert reply.finish == "length"
    assert reply.count == 30 + 40
    assert parse_reply(reply.text).code is None


def test_the_limit_of_the_reply_does_not_count_the_thought() -> None:
    reply = decode(chat_of(OPENS), ["a" * 50 + "</think>" + "b" * 60], Limits(40, 60, 300))
    assert reply.text.count("a") == 50
    assert reply.text.count("b") == 40
    assert (reply.finish, reply.count) == ("length", 50 + 1 + 40)


def test_thought_and_reply_together_fit_the_window() -> None:
    for room, wanted in itertools.product((64, 100, 300), (1, 3, 64, 90)):
        limits = Limits.within(room, wanted, 512)
        assert limits.thought <= min(512, wanted, max(0, room - wanted))
        reply = decode(chat_of(OPENS), ["a" * 400, "b" * 400], limits)
        assert len(reply.ids) <= room + len("\n</think>\n\n")
        assert reply.finish == "length"


def test_a_loop_in_a_thought_ends_the_thought_only() -> None:
    chat = chat_of(OPENS)
    reply = PartialReply(
        ROOMY, chat.until_end, lambda text: text.endswith("round "), lambda text: None, *chat.begin("")
    )
    for token in map(ord, "round and round "):
        if reply.append(token, chr(token).encode()):
            break
    assert reply.end_thought(chat.marked)
    assert reply.text == "<think>\nround \n</think>\n\n"
    assert not any(reply.append(ord(character), character.encode()) for character in "Done.")
    assert parse_reply(reply.text) == Reply("Done.", None)


def test_stop_within_a_thought_is_a_stop() -> None:
    reply = PartialReply(ROOMY, lambda text: None, is_complete, lambda text: None, "<think>\n")
    reply.append(ord("a"), b"a")
    reply.finish = "stopped"
    assert not reply.end_thought(lambda text: [])
    assert parse_reply(reply.text) == Reply("", None)


def test_a_reply_that_writes_about_marks_is_not_in_a_thought() -> None:
    for text in ("Use\n<think>\nas a mark", "`<think>`", "It is 9.\n```xml\n<think>\n", "<think>a</think>b\n<think>"):
        assert thoughts.ending(text) == ""
    for text in ("<think>", "\n<think>\na <think> b", "<|channel>thought\na", "<|channel|>analysis<|message|>a"):
        assert thoughts.ending(text)


# --- what the user sees ------------------------------------------------------------------------------------------


def updates(text: str) -> list[Writing]:
    """The reply after each token."""
    tokens = itertools.accumulate(part for part in re.split(r"(<[^<>]+>| )", text) if part)
    return [Writing(so_far, "m", 4096) for so_far in tokens]


@pytest.mark.parametrize(
    "thought",
    [
        "<think>\nHm, 4 and 5.\n</think>\n\n",
        "<|channel|>analysis<|message|>Hm, 4 and 5.<|end|><|start|>assistant<|channel|>final<|message|>",
    ],
)
def test_printed_view_says_that_the_model_thinks_and_shows_the_reply_alone(thought: str) -> None:
    printed: list[str] = []
    view = PlainView(printed.append, nothing)
    for update in updates(f"{thought}It is 9."):
        view.show(update)
    assert "".join(printed) == "thinking …\nIt is 9."


def test_panel_folds_the_thought_once_the_reply_has_begun() -> None:
    busy = PanelContent("Thinking", "busy", thinking="Hm <b>")
    assert "<details open><summary>thinking …</summary>" in body_html(busy)
    assert "Hm &lt;b&gt;" in body_html(busy)
    begun = PanelContent("Thinking", "busy", thinking="Hm", thought="It is")
    assert "<details><summary>thinking …</summary>" in body_html(begun)
    assert "<details" not in body_html(PanelContent("Thinking", "busy", thought="It is"))


def test_what_is_thought_is_told_from_the_reply() -> None:
    assert Writing("<think>\nHm.\n</think>\n\nIt is 9.", "m", 1).thinking == "Hm."
    assert Writing("<|channel>thought\nHm.", "m", 1).thinking == "Hm."
    assert Writing("<|channel|>analysis<|message|>Hm.", "m", 1).thinking == "Hm."
    assert Writing("It is 9.", "m", 1).thinking == ""
