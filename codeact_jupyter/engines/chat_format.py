"""Conversion of messages to token ids.

A prompt alternates between pieces of the chat template and contents of messages. Only the former may become special
tokens: an observation that contains `<|im_end|>` stays text and cannot forge a turn. A reply that the model generated
enters the next prompt as the very ids that were generated. So the ids of a conversation are a prefix of those of its
continuation, and the KV cache stays valid.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from ..session.messages import ChatMessage
from .template import CHATML, ChatTemplate

Tokenize = Callable[[str, bool], Sequence[int]]  #: (text, True to recognise special tokens in it) -> ids

SMALLEST_REPLY = 64  #: tokens of the window that a prompt must leave for the reply

_MARKER = re.compile(r"<[^<>\s]{1,40}>|\[[^\[\]\s]{1,40}\]")  # how special tokens are spelled: <|im_end|>, </s>, [INST]
_CACHED_PIECES = 1024


class ChatFormat:
    """A chat template with a tokenizer, which together make prompts.

    Args:
        tokenize: the model's tokenizer.
        template: the chat template.
        bos: token that opens a prompt, if the model wants one.

    Attributes:
        end_id: token that closes a reply; None if the vocabulary has none.
    """

    def __init__(self, tokenize: Tokenize, template: ChatTemplate = CHATML, bos: int | None = None) -> None:
        self._tokenize = tokenize
        self._template = template
        self._bos = bos
        self._forgeable = self._forgeable_markers()
        self._piece = functools.lru_cache(_CACHED_PIECES)(self._piece_ids)
        self._content = functools.lru_cache(_CACHED_PIECES)(self._content_ids)
        closing = _MARKER.match(template.reply_user)
        self._end_text = closing.group() if closing else ""
        closing_ids = tokenize(self._end_text, True) if closing else ()
        self.end_id = closing_ids[0] if len(closing_ids) == 1 else None

    def ids(self, messages: Sequence[ChatMessage]) -> list[int]:
        """Return the prompt that asks for the reply to a conversation.

        Adjacent messages of one role are merged. If the last message is not the user's, an empty one is added, as
        templates require.

        Args:
            messages: the conversation.
        """
        ids: list[int] = []
        for part in self._parts(messages):
            ids.extend(part)
        if self._bos is not None and ids[:1] != [self._bos]:
            ids.insert(0, self._bos)
        return ids

    def opened(self, start: str) -> tuple[int, ...]:
        """Return the beginning of a reply, which follows `ids`.

        Args:
            start: plain text.

        Returns:
            Its ids.
        """
        return self._content(start)

    def prefix_length(self, messages: Sequence[ChatMessage]) -> int:
        """Return the length of the cacheable prefix of `ids(messages)`: the fixed messages at the beginning.

        Args:
            messages: the conversation.
        """
        head = list(itertools.takewhile(lambda message: message.fixed, messages))
        pairs = zip(self.ids(head), self.ids(messages), strict=False) if head else ()
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))

    def until_end(self, text: str) -> str | None:
        """Cut a reply at its closing marker, for a vocabulary that has no single token for the marker.

        Args:
            text: the reply so far.

        Returns:
            The text before the marker; None if there is no marker, or `end_id` marks the end.
        """
        spelled_out = self._end_text and self.end_id is None
        return text[: text.index(self._end_text)] if spelled_out and self._end_text in text else None

    def _parts(self, messages: Sequence[ChatMessage]) -> Iterator[Sequence[int]]:
        template = self._template
        before = {
            (None, "system"): template.system or "",
            (None, "user"): template.user,
            ("system", "user"): template.system_user,
            ("user", "assistant"): template.reply,
            ("assistant", "user"): template.reply_user,
        }
        previous: str | None = None
        for role, turn in _turns(messages, system=template.system is not None):
            yield self._piece(before[previous, role])
            for number, message in enumerate(turn):
                if number:
                    yield self._content("\n\n")
                yield message.tokens or self._content(message.content)
            previous = role
        yield self._piece(template.reply)

    def _piece_ids(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenize(text, True)) if text else ()

    def _content_ids(self, text: str) -> tuple[int, ...]:
        # Some files list their turn markers as "user defined" tokens, which a tokenizer finds in any text: such a
        # marker is tokenised in two halves.
        parts = self._forgeable.split(text) if self._forgeable else [text]
        return tuple(token for part in parts if part for token in self._tokenize(part, False))

    def _forgeable_markers(self) -> re.Pattern[str] | None:
        """Return a pattern that matches inside each marker that becomes a special token even in plain text."""
        template = self._template
        pieces = (template.system or "", template.system_user, template.user, template.reply, template.reply_user)
        markers = {marker for piece in pieces for marker in _MARKER.findall(piece)}
        forgeable = sorted(
            marker
            for marker in markers
            if len(plain := list(self._tokenize(marker, False))) == 1 and plain == list(self._tokenize(marker, True))
        )
        inside = (f"(?<={re.escape(marker[0])})(?={re.escape(marker[1:])})" for marker in forgeable)
        return re.compile("|".join(inside)) if forgeable else None


def _turns(messages: Sequence[ChatMessage], *, system: bool) -> list[tuple[str, list[ChatMessage]]]:
    """Group the messages: at most one system turn, then user and assistant in turns, a user turn first and last."""
    turns: list[tuple[str, list[ChatMessage]]] = []
    for message in messages:
        role: str = message.role
        if role == "system" and (turns or not system):
            role = "user"
        last = turns[-1][0] if turns else None
        if role == last:
            turns[-1][1].append(message)
            continue
        if role == "assistant" and last != "user":
            turns.append(("user", []))
        turns.append((role, [message]))
    if not turns or turns[-1][0] != "user":
        turns.append(("user", []))
    return turns
