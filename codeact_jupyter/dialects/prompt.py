"""How a family of models speaks CodeAct: its *dialect*. Two exist, each a prompt file and a handful of words.

`build_messages` turns a transcript into chat messages. It only ever appends (a longer transcript's messages begin with
a shorter one's), so that an engine's cached prefix stays valid. `parse_reply` turns a model's text into an action or an
answer, and accepts every form that either dialect, or a model that mixes them, writes: `<execute>`, a Markdown fence,
`<thought>`, `<solution>`, bare text.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal, cast

from ..session.messages import (
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
    Shortened,
    Stop,
)
from ..session.techniques import ALL, Techniques
from ..text import shorten_middle

REMINDER_CHARS = 500
REFUSED = "Find out what is wrong with it in another step, or give another answer."


@dataclass(frozen=True, slots=True)
class Dialect:
    """A family's words: its prompts by `name`, and what begins an output's message."""

    name: str
    observation: str
    reminder: str = ""  #: what follows an output; `{task}` stands for the task

    @functools.cache  # noqa: B019 - the instances below live as long as the module
    def preamble(self, *, example: bool = True) -> tuple[ChatMessage, ...]:
        """The system prompt and, unless it is left out, the worked example, from `prompts/<name>.md`."""
        text = resources.files(__package__).joinpath("prompts", f"{self.name}.md").read_text(encoding="utf-8")
        parts = re.split(r"^## (system|user|assistant)\n", text, flags=re.MULTILINE)[1:]
        messages = tuple(
            ChatMessage(cast(Literal["system", "user", "assistant"], role), content.strip(), fixed=True)
            for role, content in zip(parts[::2], parts[1::2], strict=True)
        )
        return messages if example else messages[:1]


DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "markdown",
            "",
            "(The task: {task} If the outputs show all of it, answer in a sentence; if not, write the next step.)",
        ),
        Dialect("codeact", "Execution Output:\n"),
    )
}


# --- transcript to messages --------------------------------------------------------------------------------------


def build_messages(
    transcript: Sequence[Event], dialect: Dialect, *, answer_only: bool = False, use: Techniques = ALL
) -> list[ChatMessage]:
    """The chat that the model continues: the dialect's preamble, then the transcript.

    Messages of the same role that follow each other are joined, since some chat templates insist on turns.
    """
    cut = next((event for event in reversed(transcript) if isinstance(event, Shortened)), Shortened(0, 0))
    messages = list(dialect.preamble(example=use.example))
    if cut.context:
        _say(messages, f"(The beginning of our work is left out here.)\n\nIn the notebook now:\n{cut.context}")
    proposal: Proposal | None = None
    edit, reminder = "", ""
    observed = 0
    for number, event in enumerate(transcript):
        observed += isinstance(event, Observation)
        if number < cut.forget:
            continue
        match event:
            case Prompt():
                unrun = "(The code above was not run.)\n\n" if proposal else ""
                context = f"In the notebook now:\n{event.context}\n\n" if event.context else ""
                _say(messages, f"{unrun}{context}Task: {event.text}")
                proposal = None
                if use.remind and dialect.reminder:
                    reminder = f"\n\n{dialect.reminder.format(task=shorten_middle(event.text, REMINDER_CHARS))}"
            case Proposal():
                messages.append(ChatMessage("assistant", event.reply, event.tokens))
                proposal = event
            case Approval() if proposal:
                edit = _describe_edit(proposal.code, event.source)
            case Observation():
                text = shorten_middle(event.text, cut.chars) if observed <= cut.observations else event.text
                _say(messages, f"{edit}{dialect.observation}{text}{reminder}")
                proposal, edit = None, ""
            case Rejection():
                _say(messages, f"I do not want that code; it was not run. {event.reason}\nPropose another step.")
                proposal = None
            case Refusal():
                _say(messages, f"That answer is not accepted: {event.reason}\n{REFUSED}")
            case Answer():
                messages.append(ChatMessage("assistant", event.text, event.tokens))
            case Stop() if proposal:
                _say(messages, "(I stopped here; the code above was not run to its end.)")
                proposal = None
            case Continue(note=note) if note:
                _say(messages, note)
    if messages[-1].role == "assistant":
        _say(messages, "Go on.")
    if answer_only:
        _say(messages, "No further step is possible. Answer the task now, in plain sentences without code.")
    return messages


def _say(messages: list[ChatMessage], text: str) -> None:
    if messages[-1].role == "user":
        text = f"{messages.pop().content}\n\n{text}"
    messages.append(ChatMessage("user", text))


def _describe_edit(proposed: str, source: str) -> str:
    lines = difflib.unified_diff(proposed.strip().splitlines(), source.strip().splitlines(), lineterm="", n=1)
    changes = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return "I edited your code before I ran it:\n" + "\n".join(changes) + "\n\n" if changes else ""
