"""Rendering of a GGUF's chat template: the text around the messages of a conversation.

The template in a model file is an untrusted program. It runs in a child process with limits on time, memory and output,
and sees no content: placeholders stand for the messages. So what it writes depends only on whether there is a system
message and on the number of replies. Many such conversations are rendered at once and kept, and a prompt costs no
process.
"""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..dialects import thoughts
from ..errors import GenerationFailed
from . import template_child

MAX_SOURCE = 200_000  #: characters; the longest templates in use have some 20,000
MAX_WAIT = 30  #: seconds; a busy machine may give the child little of its CPU
BLOCK = 16  #: numbers of replies that are rendered at once

#: How a template may be told not to think, or little, besides `template_child.SWITCHES`: words in the system message,
#: and a variable, which tells others to think. Each is tried if it is in the source.
NO_THINK, EFFORT = "/no_think", "reasoning_effort"

CHATML = """\
{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}\
{{ '<|im_start|>assistant\n' }}"""

_EDGE = "\u2003"  # white space that no template writes: it is gone if the template strips contents
_PLACE = re.compile(rf"({_EDGE}?)Message(\d+)Content({_EDGE}?)")


def learn_template(source: str, *, bos: str = "", eos: str = "", trusted: bool = False) -> ChatTemplate:
    """Find the settings of a chat template by which the model thinks least.

    Args:
        source: the template.
        bos: the model's begin token as text.
        eos: the model's end token as text.
        trusted: it needs no child process.

    Returns:
        The template with the first settings that end the thought before the reply; if none do, with the last ones.

    Raises:
        TemplateRefused: the template fails, takes too long, or does not show each message once.
    """
    make = functools.partial(ChatTemplate, source, bos=bos, eos=eos, trusted=trusted)
    learnt = make()
    for name, settings in ((NO_THINK, {"words": NO_THINK}), (EFFORT, {"variables": {EFFORT: "low"}})):
        if name in source and learnt.takes_system and not thoughts.ended_at_end(learnt.opening):
            try:
                other = make(**settings)
            except TemplateFailed:
                raise
            except TemplateRefused:
                continue
            learnt = other if other.takes_system else learnt
    return learnt


class TemplateRefused(ValueError):
    """Error of a template that fails, takes too long, or does not show each message once."""


class TemplateFailed(TemplateRefused):
    """Error that a template could not be rendered here. Nothing is known of it, so no other one takes its place."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Place of a message's content."""

    number: int  #: of the message, from 0
    left: bool  #: the template strips the beginning of the content
    right: bool  #: it strips the end

    def fit(self, content: str) -> str:
        """Strip a content as the template does.

        Args:
            content: plain text.

        Returns:
            The rest of it.
        """
        content = content.lstrip() if self.left else content
        return content.rstrip() if self.right else content


@dataclass(frozen=True, slots=True)
class Rendering:
    """A rendered conversation without its contents."""

    texts: tuple[str, ...]  #: before, between and after the contents; may be empty
    slots: tuple[Slot, ...]  #: the contents, in the order in which they are shown


class ChatTemplate:
    """A Jinja chat template with certain settings; `learn_template` finds those by which its model does not think.

    Args:
        source: the template.
        bos: the model's begin token as text.
        eos: the model's end token as text.
        trusted: it is part of this package, and needs no child process.
        variables: further variables of the template.
        words: end of a system message, which the template must leave out.

    Attributes:
        variables: those that it is rendered with, besides `template_child.SWITCHES`.
        words: see above.
        takes_system: it shows a system message.
        needs_system: it fails without one, or the words would be missing.
        opening: its text before the reply.

    Raises:
        TemplateRefused: the template fails, takes too long, or does not show each message once.
    """

    def __init__(
        self,
        source: str,
        *,
        bos: str = "",
        eos: str = "",
        trusted: bool = False,
        variables: Mapping[str, str] = MappingProxyType({}),
        words: str = "",
    ) -> None:
        if len(source) > MAX_SOURCE:
            raise TemplateRefused(f"it has {len(source):,} characters")
        self.variables = {"bos_token": bos, "eos_token": eos, **variables}
        self.words = words
        self._job = {"source": source, "variables": self.variables}
        self._render = template_child.renderings if trusted else _render_in_child
        self._known: dict[tuple[bool, int], Rendering | None] = {}
        self.takes_system, without = (
            all(self._lookup(system, replies) for replies in range(3)) for system in (True, False)
        )
        if not (self.takes_system or without):
            raise TemplateRefused("it fails on a plain conversation, or does not show each message once")
        self.needs_system = not without or bool(words)
        self.opening = self.around(system=self.takes_system, replies=0).texts[-1]

    def around(self, *, system: bool, replies: int) -> Rendering:
        """Return the text around a conversation: perhaps a system message, then a user's, a reply, a user's, and so on.

        Args:
            system: there is a system message; only if the template takes one.
            replies: number of the assistant's messages. The user's are one more, the last of them at the end.

        Raises:
            GenerationFailed: the template failed on a conversation of this length.
        """
        try:
            if rendering := self._lookup(system, replies):
                return rendering
            reason = "it does not show each message once"
        except TemplateRefused as error:
            reason = str(error)
        raise GenerationFailed(
            f"The model's chat template fails after {replies} replies, for {reason}: start a new conversation."
        )

    def _lookup(self, system: bool, replies: int) -> Rendering | None:
        if (system, replies) not in self._known:
            begin = replies - replies % BLOCK
            shapes = [(has, number) for has in (True, False) for number in range(begin, begin + BLOCK)]
            conversations = [self._conversation(*shape) for shape in shapes]
            texts = self._render(self._job | {"conversations": conversations})
            for shape, conversation, text in zip(shapes, conversations, texts, strict=True):
                self._known[shape] = self._parsed(text or "", len(conversation))
        return self._known[system, replies]

    def _conversation(self, system: bool, replies: int) -> list[dict[str, str]]:
        roles = ["system"] * system + ["user", "assistant"] * replies + ["user"]
        contents = (f"{_EDGE}Message{number}Content{_EDGE}" for number in range(len(roles)))
        return [
            {"role": role, "content": content + self.words * (role == "system")}
            for role, content in zip(roles, contents, strict=True)
        ]

    def _parsed(self, text: str, count: int) -> Rendering | None:
        """Return what was rendered around the placeholders; None if not each of them is there once."""
        first, *rest = _PLACE.split(text)
        slots = tuple(
            Slot(int(number), not left, not right)
            for left, number, right in zip(rest[::4], rest[1::4], rest[2::4], strict=True)
        )
        complete = sorted(slot.number for slot in slots) == list(range(count))
        is_shown = self.words and self.words in text
        return Rendering((first, *rest[3::4]), slots) if complete and not is_shown else None


def _render_in_child(job: dict[str, Any]) -> list[str | None]:
    # -P keeps the working directory off the child's path; its own session shields it from a Ctrl-C in the kernel.
    try:
        child = subprocess.run(
            [sys.executable, "-P", template_child.__file__],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=MAX_WAIT,
            start_new_session=True,
            check=True,
        )
        renderings: list[str | None] = json.loads(child.stdout)
    except subprocess.TimeoutExpired:
        raise TemplateFailed(f"it did not end in {MAX_WAIT} seconds") from None
    except (OSError, subprocess.CalledProcessError, ValueError):
        raise TemplateFailed("it could not be rendered") from None
    return renderings
