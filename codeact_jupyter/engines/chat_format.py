"""Conversion of messages to token ids.

A prompt alternates between the chat template's own text and contents of messages. Only the former may become special
tokens: an observation that contains `<|im_end|>` stays text and cannot forge a turn. Text and contents are tokenised
together where no content has such a marker, so that a prompt has the ids of the whole text as the template renders it.

A reply that the model generated enters the next prompt as the very ids that were generated. So the ids of a
conversation are a prefix of those of its continuation, and the KV cache stays valid, unless the template wants the text
before it changed: it moves the system message, or drops the mark of a skipped thought from earlier turns.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Sequence

from ..dialects import thoughts
from ..session.messages import ChatMessage
from .template import CHATML, ChatTemplate, TemplateRefused

Tokenize = Callable[[str, bool], Sequence[int]]  #: (text, True to recognise special tokens in it) -> ids

SMALLEST_REPLY = 64  #: tokens of the window that a prompt must leave for the reply

_MARKER = re.compile(r"<[^<>\s]{1,40}>|\[[^\[\]\s]{1,40}\]")  # how special tokens are spelled: <|im_end|>, </s>, [INST]
_CACHED_PIECES = 1024


@functools.cache
def chatml() -> ChatTemplate:
    """Return the template of models that speak ChatML."""
    return ChatTemplate(CHATML, trusted=True)


class ChatFormat:
    """A chat template with a tokenizer, which together make prompts.

    Args:
        tokenize: the model's tokenizer. It puts no space before a text.
        template: the chat template; None for ChatML.
        bos: token that opens a prompt, as text; empty if the model wants none.

    Attributes:
        end_id: token that closes a reply; None if the vocabulary has none, or if it also closes thoughts.
        opened: the beginning of a thought with which the template ends a prompt; empty if it does not.
        header: what follows the template's text, because the model might address its reply to others than the user.

    Raises:
        TemplateRefused: the vocabulary lacks tokens that the model marks its thoughts with.
    """

    def __init__(self, tokenize: Tokenize, template: ChatTemplate | None = None, bos: str = "") -> None:
        self._tokenize = tokenize
        self._template = template or chatml()
        self._bos = bos
        rendering = self._template.around(system=self._template.needs_system, replies=1)
        place = [slot.number for slot in rendering.slots].index(1 + self._template.needs_system)
        before, after, opening = rendering.texts[place], rendering.texts[place + 1], rendering.texts[-1]
        self.opened = thoughts.opened_at_end(opening)
        with_system = self._template.around(system=self._template.takes_system, replies=0)
        self._forgeable = self._forgeable_markers(rendering.texts + with_system.texts)
        self._run = functools.lru_cache(_CACHED_PIECES)(self._run_ids)
        lead = before[len(_common_text(before, opening)) :]
        if thoughts.ended_at_end(opening) and thoughts.ended_at_end(lead):
            lead = ""
        is_header = before.startswith(opening) and lead.strip() and not thoughts.is_choice(lead)
        self.header = lead if is_header else ""
        # Between the prompt and a reply without a thought.
        self._lead = "" if is_header else thoughts.ending(self.opened) or lead
        closing = _MARKER.match(after.lstrip())
        self._end_text = closing.group() if closing else after.rstrip()
        self._channel = self._lead if self._end_text in thoughts.ENDS and thoughts.is_choice(self._lead) else ""
        if any(len(tokenize(mark, True)) != 1 for mark in thoughts.MARK.findall(self._channel)):
            raise TemplateRefused("its vocabulary has no tokens for the channels of the template")
        ends = tokenize(self._end_text, True) if closing and not self._channel else ()
        self.end_id = ends[0] if len(ends) == 1 else None

    def ids(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the prompt that asks for the reply to a conversation.

        Adjacent messages of one role are merged. If the last message is not the user's, an empty one is added, as
        templates require.

        Args:
            messages: the conversation.
        """
        turns = _turns(messages, self._template)
        replies = sum(role == "assistant" for role, _ in turns)
        rendering = self._template.around(system=turns[0][0] == "system", replies=replies)
        first, *others = rendering.texts
        opening = others[-1] = others[-1] + self.header
        ids: list[int] = []
        run = [(self._bos, True)] if not first.startswith(self._bos) else []
        run.append((first, True))
        for slot, after in zip(rendering.slots, others, strict=True):
            _, turn = turns[slot.number]
            content = slot.fit("\n\n".join(message.content for message in turn))
            if tokens := turn[0].tokens if len(turn) == 1 else None:
                before, _ = run.pop()
                run.append((self._read_before(before, opening, tokens), True))
                ids.extend((*self._run(tuple(run)), *tokens))
                run = []
            else:
                run.append((content, False))
            run.append((after, True))
        return [*ids, *self._run(tuple(run))]

    def _read_before(self, before: str, opening: str, tokens: tuple[int, ...]) -> str:
        """Return the template's text before a reply that was generated, without what is among its tokens."""
        if before.startswith(opening):
            return opening
        lead = self._run(((self._lead, True),))
        return before.removesuffix(self._lead) if tokens[: len(lead)] == lead else before

    def begin(self, start: str) -> tuple[str, tuple[int, ...]]:
        """Begin a reply, which follows `ids`.

        Args:
            start: how it begins, as plain text: either without a thought, or with all that the model wrote so far.

        Returns:
            The beginning with its marks of thoughts, and the ids of what follows the prompt.
        """
        if not start:
            return self.opened, ()
        if thoughts.begins(start) or start.startswith(tuple(filter(None, (self.opened, self._lead)))):
            return start, self.marked(start.removeprefix(self.opened))
        shown = _MARKER.sub(lambda mark: mark.group() if mark.group() in thoughts.MARKS else "", self._lead)
        return f"{self.opened}{shown}{start}", self._run(((self._lead, True), (start, False)))

    def marked(self, text: str) -> tuple[int, ...]:
        """Return the ids of a text in which marks of thoughts are special tokens.

        Args:
            text: plain text between such marks.
        """
        return self._run(tuple((part, part in thoughts.MARKS) for part in thoughts.MARK.split(text) if part))

    def prefix_length(self, messages: Sequence[ChatMessage]) -> int:
        """Return the length of the cacheable prefix of `ids(messages)`: the fixed messages at the beginning.

        Args:
            messages: the conversation.
        """
        head = list(itertools.takewhile(lambda message: message.fixed, messages))
        return _common(self.ids(head), self.ids(messages)) if head else 0

    def until_end(self, text: str) -> str | None:
        """Cut a reply at its closing marker, for a vocabulary that has no single token for the marker.

        Args:
            text: the reply so far.

        Returns:
            The text before the marker; None if there is no marker, or `end_id` marks the end.
        """
        begin = text.find(self._channel)
        if self.end_id is not None or not self._end_text or begin < 0:
            return None
        end = text.find(self._end_text, begin + len(self._channel))
        return text[:end] if end >= 0 else None

    def _run_ids(self, run: tuple[tuple[str, bool], ...]) -> tuple[int, ...]:
        """Return the ids of texts of the template (True) and contents (False)."""
        ids: list[int] = []
        for joined, parts in itertools.groupby(run, lambda part: part[1] or self._is_harmless(part[0])):
            text = "".join(text for text, _ in parts)
            ids.extend(self._tokenize(text, True) if joined else self._content_ids(text))
        return tuple(ids)

    def _is_harmless(self, content: str) -> bool:
        """Return True if no part of a content would become a special token."""
        found = self._forgeable.search(content) if self._forgeable else None
        return not found and list(self._tokenize(content, True)) == list(self._tokenize(content, False))

    def _content_ids(self, text: str) -> list[int]:
        # Some files list their turn markers as "user defined" tokens, which a tokenizer finds in any text: such a
        # marker is tokenised in two halves.
        parts = self._forgeable.split(text) if self._forgeable else [text]
        return [token for part in parts if part for token in self._tokenize(part, False)]

    def _forgeable_markers(self, texts: Sequence[str]) -> re.Pattern[str] | None:
        """Return a pattern that matches inside each marker that becomes a special token even in plain text."""
        markers = {marker for text in texts for marker in _MARKER.findall(text)}
        forgeable = sorted(
            marker
            for marker in markers
            if len(plain := list(self._tokenize(marker, False))) == 1 and plain == list(self._tokenize(marker, True))
        )
        inside = (f"(?<={re.escape(marker[0])})(?={re.escape(marker[1:])})" for marker in forgeable)
        return re.compile("|".join(inside)) if forgeable else None


def _common_text(text: str, other: str) -> str:
    """Return the common beginning of two texts, without a part of a marker at its end."""
    common = text[: _common(text, other)]
    return common if common in (text, other) else re.sub(r"[<\[][^<>\[\]\s]*\Z", "", common)


def _common(ids: Sequence[object], others: Sequence[object]) -> int:
    """Return how many ids, or characters, at the beginning are the same."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(ids, others, strict=False)))


def _turns(messages: Sequence[ChatMessage], template: ChatTemplate) -> list[tuple[str, list[ChatMessage]]]:
    """Group the messages: at most one system turn, then user and assistant in turns, a user turn first and last."""
    turns: list[tuple[str, list[ChatMessage]]] = [("system", [])] if template.needs_system else []
    for message in messages:
        role: str = message.role
        last = turns[-1][0] if turns else None
        if role == "system" and not (template.takes_system and last in (None, "system")):
            role = "user"
        if role == last:
            turns[-1][1].append(message)
            continue
        if role == "assistant" and last != "user":
            turns.append(("user", []))
        turns.append((role, [message]))
    if not turns or turns[-1][0] != "user":
        turns.append(("user", []))
    return turns
