"""How a family of models speaks CodeAct: its *dialect*. Two exist, each a prompt file and a handful of words.

`build_messages` turns a transcript into chat messages. It only ever appends (a longer transcript's messages begin with
a shorter one's), so that an engine's cached prefix stays valid. `parse_reply` turns a model's text into an action or an
answer, and accepts every form that either dialect, or a model that mixes them, writes: `<execute>`, a Markdown fence,
`<thought>`, `<solution>`, bare text.
"""

from __future__ import annotations

import ast
import difflib
import functools
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal, cast

from .messages import (
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
from .techniques import ALL, Techniques

TAGS = ("<execute>", "</execute>", "<thought>", "</thought>", "<solution>", "</solution>")
PYTHON = ("python", "python3", "py", "ipython", "ipython3")
REMINDER_CHARS = 500
LONG_LINE, REPEATED = 16, 5  #: characters of a line that tells something, and how often it may stand in one reply
REFUSED = "Find out what is wrong with it in another step, or give another answer."
LONG_UNIT, LONGEST_UNIT = 12, 160  #: characters of what may be said again and again within a line
_LETTERS = re.compile(r"[^\W\d_]{3}")
_FENCE = re.compile(r"^[ \t]*```[ \t]*([\w+-]*)[ \t]*\r?$", re.MULTILINE)
_OPENING = re.compile(rf"<execute>|{_FENCE.pattern}", re.MULTILINE)
_TAG = re.compile("|".join(map(re.escape, TAGS)))
_HALF_TAG = re.compile(
    r"\s*(?:"
    + "|".join(re.escape(tag[:length]) for tag in TAGS for length in range(len(tag) - 1, 1, -1))
    + r"|^[ \t]*`{1,3}\w*)\s*\Z",
    re.MULTILINE,
)


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


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's text, understood. `code` is `None` for an answer; `closed` tells whether its block was ended."""

    thought: str
    code: str | None
    closed: bool = True


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
                    reminder = f"\n\n{dialect.reminder.format(task=shorten(event.text, REMINDER_CHARS))}"
            case Proposal():
                messages.append(ChatMessage("assistant", event.reply, event.tokens))
                proposal = event
            case Approval() if proposal:
                edit = _describe_edit(proposal.code, event.source)
            case Observation():
                text = shorten(event.text, cut.chars) if observed <= cut.observations else event.text
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


def shorten(text: str, chars: int) -> str:
    """At most about `chars` characters of `text`: its head and its tail, and how much is missing between."""
    if len(text) <= chars:
        return text
    head, tail = text[: chars // 2], text[len(text) - chars // 2 :]
    return f"{head}\n[… {len(text) - len(head) - len(tail):,} characters left out …]\n{tail}"


def _say(messages: list[ChatMessage], text: str) -> None:
    if messages[-1].role == "user":
        text = f"{messages.pop().content}\n\n{text}"
    messages.append(ChatMessage("user", text))


def _describe_edit(proposed: str, source: str) -> str:
    lines = difflib.unified_diff(proposed.strip().splitlines(), source.strip().splitlines(), lineterm="", n=1)
    changes = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return "I edited your code before I ran it:\n" + "\n".join(changes) + "\n\n" if changes else ""


# --- text to reply -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Action:
    """Where a text's first code action stands: `text[start:begin]` opens it, `text[begin:end]` is the code."""

    start: int
    begin: int
    end: int
    closing: str  #: the closing tag that belongs there
    closed: bool


def is_complete(text: str) -> bool:
    """Whether decoding can stop: the first code action, or the solution, is closed."""
    action = _find_action(text)
    return action.closed if action else 0 <= text.find("<solution>") < text.find("</solution>")


def is_rambling(text: str) -> bool:
    """Whether the text says a long line, or some words, over and over, as small models do that have lost the thread."""
    *lines, _ = text.splitlines() or [""]
    line = lines[-1].strip() if lines else ""
    if len(line) >= LONG_LINE and sum(other.strip() == line for other in lines) >= REPEATED:
        return True
    units = (text[-length:] for length in range(LONG_UNIT, min(LONGEST_UNIT, len(text) // REPEATED) + 1))
    return any(text.endswith(unit * REPEATED) and _LETTERS.search(unit) for unit in units)


def parse_reply(text: str) -> Reply:
    """The first action of the text, or else its answer. Never raises; no tag or half of one is left in either."""
    action = _find_action(text)
    if action:
        code = _code(text, action)
        if code:
            return Reply(_without_tags(text[: action.start]).strip(), code, action.closed)
        text = text[: action.start]
    solution = re.search(r"<solution>(.*?)(?:</solution>|\Z)", text, re.DOTALL)
    answer = _without_tags(solution.group(1) if solution else text).strip()
    return Reply(re.sub(r"\A(?:final )?answer:\s*", "", answer, flags=re.IGNORECASE), None)


def canonical_reply(text: str) -> str:
    """The reply as it enters the history: cut after its first action, the closing tag put back when it is missing."""
    action = _find_action(text)
    if action is None:
        return text.rstrip()
    if action.closed:
        return f"{text[: action.end].rstrip()}\n{action.closing}"
    return f"{text[: action.begin].rstrip()}\n{_code(text, action)}\n{action.closing}"


def _code(text: str, action: _Action) -> str:
    """The action's code. `x<t` at its end is half a tag only where it is no Python."""
    whole = _dedented(_unfenced(_TAG.sub("", text[action.begin : action.end])))
    if action.closed and _parse(whole):
        return whole
    return _dedented(_unfenced(_without_tags(text[action.begin : action.end])))


def _dedented(code: str) -> str:
    return textwrap.dedent(code.strip("\r\n")).strip()


def _parse(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _find_action(text: str) -> _Action | None:
    """The first code action: `<execute>`, or a Markdown block of Python. Blocks in other languages are text."""
    position = 0
    solution = text.find("<solution>")
    while (opening := _OPENING.search(text, position)) and not 0 <= solution < opening.start():
        if opening.group() == "<execute>":
            end = text.find("</execute>", opening.end())
            return _Action(opening.start(), opening.end(), end if end >= 0 else len(text), "</execute>", end >= 0)
        language, begin = opening.group(1).lower(), min(opening.end() + 1, len(text))
        ends = [match.start() for match in (_FENCE.search(text, begin), _TAG.search(text, begin)) if match]
        end = min(ends, default=len(text))
        if language in PYTHON or (not language and ends and _acts(text[begin:end])):
            return _Action(opening.start(), begin, end, "```", bool(ends))
        if not ends:
            return None
        fence = _FENCE.match(text, end)
        position = fence.end() if fence else end
    return None


def _acts(block: str) -> bool:
    """Whether a Markdown block without a language is Python that does something, not a table or an output."""
    tree = _parse(block)
    acts = (ast.Call, ast.Assign, ast.Import, ast.ImportFrom)
    return tree is not None and any(isinstance(node, acts) for node in ast.walk(tree))


def _unfenced(code: str) -> str:
    """Code without the Markdown fence that some models put inside the tags."""
    fence = _FENCE.search(code)
    if fence is None or code[: fence.start()].strip():
        return code
    end = _FENCE.search(code, fence.end())
    return code[fence.end() : end.start() if end else None]


def _without_tags(text: str) -> str:
    """The text without our tags, and without the beginning of one at its end (a reply cut short)."""
    previous = None
    while previous != text:
        previous = text
        text = _HALF_TAG.sub("", _TAG.sub("", text))
    return text
