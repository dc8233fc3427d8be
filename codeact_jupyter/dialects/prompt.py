"""Build the chat for a model from a transcript, in the model family's dialect.

There are two dialects, each a prompt file and a few set phrases. `build_messages` appends, so that an engine's cached
prefix stays valid. What the model would only repeat is left out: refused answers, rejected steps, steps that failed
alike.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Sequence
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
    Retry,
    Shortened,
    Stop,
    Undone,
)
from ..session.techniques import ALL, Techniques
from ..session.transcript import abandoned
from ..text import NOTHING, shorten_middle

REMINDER_CHARS = 500
SORTING_NAMES = 8  #: names of objects at most beside a question that is sorted
FAILED_ALIKE = "(You tried that twice, and both steps failed alike. Do it in another way.)\n"
FACTS = "Found out so far:"
MOST_FACTS = 4  #: in one message
FORM_CHARS = 200  #: kept of a template for the answer
NO_VALUE = "That answer has no value that a program can use: {}"
REFUSED = "Your answer is not accepted: {}\nFind out what is wrong with it in another step, or give another answer."

_TEMPLATE = re.compile(r"[@{}<>\[\]\"`“]")  # what a template for the answer has, and other instructions seldom
_LISTED = re.compile(r"^([^\W\d]\w*)(?:: | = |\()", re.MULTILINE)  # at the beginning of its line in a listing


@dataclass(frozen=True, slots=True)
class Dialect:
    """Prompts and set phrases of a model family."""

    name: str  #: name of the dialect and of its prompt file
    opening: str  #: beginning of a code action
    observation: str  #: first words of a message with an output
    reminder: str = ""  #: text after an observation; `{task}` stands for the task, `{way}` for how to answer it
    silent: str = ""  #: the same after a step without an output

    @functools.cache  # noqa: B019 - the instances below live as long as the module
    def preamble(self, *, example: bool = True) -> tuple[ChatMessage, ...]:
        """Read the system prompt and the worked example from `prompts/<name>.md`.

        Args:
            example: Include the worked example.

        Returns:
            The fixed messages at the beginning of every chat.
        """
        messages = _fixed_messages(self.name)
        return messages if example else messages[:1]


def _fixed_messages(name: str) -> tuple[ChatMessage, ...]:
    text = resources.files(__package__).joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (system|user|assistant)\n", text, flags=re.MULTILINE)[1:]
    return tuple(
        ChatMessage(cast(Literal["system", "user", "assistant"], role), content.strip(), fixed=True)
        for role, content in zip(parts[::2], parts[1::2], strict=True)
    )


DIALECTS = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "markdown",
            "```python\n",
            "",
            "(The task: {task} If the outputs show all of it, answer {way}; if not, write the next step.)",
            "(The task: {task} This step has shown no value. {way} the next step; end it with the expression to see.)",
        ),
        Dialect("codeact", "<execute>\n", "Execution Output:\n"),
    )
}


def build_messages(
    transcript: Sequence[Event], dialect: Dialect, *, answer_only: bool = False, use: Techniques = ALL
) -> list[ChatMessage]:
    """Build the chat that the model continues: the dialect's preamble, then the transcript.

    Args:
        transcript: All events so far, oldest first.
        dialect: The model's dialect.
        answer_only: Ask for an answer without code.
        use: Techniques in use: the worked example, the reminder of the task.

    Returns:
        Messages of alternating roles, the last of them the user's.
    """
    cut = next((event for event in reversed(transcript) if isinstance(event, Shortened)), Shortened(0, 0))
    chat = _Chat(dialect, use, cut)
    left_out = {*range(cut.forget), *(abandoned(transcript) if use.fresh else ())}
    for number, event in enumerate(transcript):
        if number not in left_out:
            chat.add(event)
        else:
            chat.pass_over(event)
    if chat.messages[-1].role == "assistant":
        chat.append_user("Go on.")
    if answer_only:
        chat.append_user(
            "No further step is possible. Answer the task now, in the form that it asks for, without code."
        )
    return chat.messages


DATA, TALK = "data", "talk"  #: kinds of questions
OWN, NEW = "own", "new"  #: kinds of data that a question is about: the user's, or made up for it


CHANGE, LOOK = "change", "look"  #: what a task wants of an object of the user


def sorting_messages(prompt: Prompt, name: str = "sorting", about: str = "") -> list[ChatMessage]:
    """Build the chat in which the model sorts a question into `DATA`, about live objects, or `TALK`.

    Args:
        prompt: The question.
        name: The prompt file: `sorting`; `making` for `OWN` and `NEW`; `changing` for `CHANGE` and `LOOK`.
        about: The one object that stands beside the question; if empty, the first ones of the listing.

    Returns:
        Messages, of which the reply is the kind.
    """
    names = about or ", ".join(_LISTED.findall(prompt.context)[:SORTING_NAMES]) or "nothing"
    text = f"(In the notebook: {names})\n{shorten_middle(prompt.text, REMINDER_CHARS)}"
    return [*_fixed_messages(name), ChatMessage("user", text)]


def observed(text: str, transcript: Sequence[Event], dialect: Dialect, *, use: Techniques = ALL) -> str:
    """Return the message with the observation of a step that follows the transcript.

    Args:
        text: The observation.
        transcript: All events so far.
        dialect: The model's dialect.
        use: Techniques in use: the reminder of the task.
    """
    step = (Proposal("", 0, "", "", ""), Observation("", text, False))
    return build_messages([*transcript, *step], dialect, use=use)[-1].content


def discarded(reason: str) -> str:
    """Tell the model what was wrong with a reply that it does not see.

    Args:
        reason: A sentence or two.

    Returns:
        Text of a user's message.
    """
    return f"(A reply of yours was not taken. {reason})"


def found_out(facts: Iterable[str], messages: Sequence[ChatMessage]) -> str:
    """Render facts, each of them only once in a chat.

    Args:
        facts: A sentence or two each.
        messages: The chat so far.

    Returns:
        Text to end a user's message with; empty if the messages have all of the facts.
    """
    new = [fact for fact in dict.fromkeys(facts) if not any(fact in message.content for message in messages)]
    return f"\n\n{FACTS}" + "".join(f"\n- {fact}" for fact in new[-MOST_FACTS:]) if new else ""


class _Chat:
    """The messages so far, and what is pending while events are added."""

    def __init__(self, dialect: Dialect, use: Techniques, cut: Shortened) -> None:
        self.messages = list(dialect.preamble(example=use.example))
        self.observations = 0  # number so far, including those left out
        self._dialect = dialect
        self._remind = use.remind and bool(dialect.reminder)
        self._cut = cut
        self._proposal: Proposal | None = None  # without an observation so far
        self._edit = ""  # the user's changes to it
        self._task = self._way = self._next = ""  # for the reminder
        self._facts: list[str] = []  # of this question, that no message has yet
        if cut.context:
            text = f"(The beginning of our work is left out here.)\n\nIn the notebook now:\n{cut.context}"
            self.append_user(text)

    def add(self, event: Event) -> None:
        self._keep_facts(event)
        match event:
            case Prompt():
                self._add_prompt(event)
            case Proposal():
                self.messages.append(ChatMessage("assistant", event.reply, event.tokens))
                self._proposal = event
            case Approval() if self._proposal:
                self._edit = _describe_edit(self._proposal.code, event.source)
            case Observation():
                self._add_observation(event)
            case Rejection():
                text = f"I did not want the step that you proposed; it was not run. {event.reason}\nPropose another."
                self.append_user(text + self._found_out())
                self._proposal = None
            case Undone():
                self._add_undone(event)
            case Refusal(reason=reason, is_of_value=is_of_value):
                self.append_user((NO_VALUE if is_of_value else REFUSED).format(reason))
            case Retry():
                self.append_user(discarded(event.reason) + self._found_out())
            case Answer():
                self.messages.append(ChatMessage("assistant", event.text, event.tokens))
            case Stop() if self._proposal:
                self.append_user("(I stopped here; the code above was not run to its end.)")
                self._proposal = None
            case Continue(note=note) if note:
                self.append_user(note)

    def pass_over(self, event: Event) -> None:
        """Keep what counts of an event that the model does not read."""
        self._keep_facts(event)
        self.observations += isinstance(event, Observation)

    def _keep_facts(self, event: Event) -> None:
        """Keep the facts of a reply, which stand in the user's message after it."""
        if isinstance(event, Proposal | Retry):
            self._facts += event.facts

    def append_user(self, text: str) -> None:
        """Append to the user's last message, since some chat templates insist on alternating roles."""
        if self.messages[-1].role == "user":
            text = f"{self.messages.pop().content}\n\n{text}"
        self.messages.append(ChatMessage("user", text))

    def _add_prompt(self, prompt: Prompt) -> None:
        not_run = "(The code above was not run.)\n\n" if self._proposal else ""
        context = f"In the notebook now:\n{prompt.context}\n\n" if prompt.context else ""
        self.append_user(f"{not_run}{context}Task: {prompt.text}")
        self._proposal, self._facts = None, []
        if self._remind:
            self._task, self._way = shorten_middle(prompt.text, REMINDER_CHARS), _way_to_answer(prompt.text)
            self._next = "Write" if "?" in prompt.text else "If the task is done, say so; if it asks for a value, write"

    def _add_observation(self, observation: Observation) -> None:
        self.observations += 1
        is_old = self.observations <= self._cut.observations
        text = shorten_middle(observation.text, self._cut.chars) if is_old else observation.text
        edit = self._edit if self._proposal else FAILED_ALIKE
        is_silent = observation.text.startswith(NOTHING)
        reminder, way = (self._dialect.silent, self._next) if is_silent else (self._dialect.reminder, self._way)
        reminder = f"\n\n{reminder.format(task=self._task, way=way)}" if self._task and reminder else ""
        shown = f"{edit}{self._dialect.observation}{text}"
        self.append_user(f"{shown}{self._found_out(shown)}{reminder}")
        self._proposal, self._edit = None, ""

    def _add_undone(self, undone: Undone) -> None:
        not_run = "(The step that you proposed last was not run.) " if self._proposal else ""
        context = f"\n\nIn the notebook now:\n{undone.context}" if undone.context else ""
        self.append_user(f"{not_run}I have undone a step. {undone.text}{context}{self._found_out()}")
        self._proposal = None

    def _found_out(self, shown: str = "") -> str:
        """Return the facts that neither the messages nor the text to show have yet, as text after it."""
        facts, self._facts = self._facts, []
        return found_out(facts, [*self.messages, ChatMessage("user", shown)])


def _way_to_answer(task: str) -> str:
    """Return how to answer: in a sentence, or in the form that may follow the question; a template is repeated."""
    before, _, words = task.rpartition("?")
    if before and not re.search(r"\w", words):
        return "in a sentence"
    template = f" ({shorten_middle(words.strip(), FORM_CHARS)})" if before and _TEMPLATE.search(words) else ""
    return f"in the form that it asks for{template}"


def _describe_edit(proposed: str, source: str) -> str:
    lines = difflib.unified_diff(proposed.strip().splitlines(), source.strip().splitlines(), lineterm="", n=1)
    changes = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return "I edited your code before I ran it:\n" + "\n".join(changes) + "\n\n" if changes else ""
