"""Trajectories: each question of a conversation as a record to train a model on.

A conversation is written as the model read it (`build_messages`), with two differences: a step that the user edited has
the code that ran, and what the user did not let run is left out. Preference records have what is left out: the step as
it was proposed, beside the one that the user let run instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..session.basis import Basis, basis_of
from ..session.messages import (
    Answer,
    Approval,
    ChatMessage,
    Continue,
    Event,
    Observation,
    Pause,
    Prompt,
    Proposal,
    Rejection,
    Shortened,
    Stop,
    Undone,
)
from ..session.techniques import ALL
from .prompt import DIALECTS, build_messages
from .reply import parse_reply

FORMATS = ("codeactinstruct", "chat", "preference")
PREFIX = "codeact-jupyter/"
VERSION = 2  #: of the records; part of `schema` in each of them
OLDER = (1,)  #: versions that are read, too: without `evidence`
SPEAKERS = {"codeactinstruct": "conversations", "chat": "messages"}  #: where a record has its messages
SOLUTION = "Write the answer between <solution> and </solution>."
USE = ALL.without("example")  # the worked example is not the user's

Record = dict[str, Any]
Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A question, with all that followed it up to the next one."""

    source: str  #: name of its conversation
    number: int  #: of the question in the conversation, from 1
    events: tuple[Event, ...]  #: the question first
    time: float | None = None  #: of the question, in seconds since 1970; None if it is not known
    kind: str = "notebook"  #: where it comes from, for its id
    setting: str = ""  #: how it was asked and went, for its id; empty: how it ended

    @property
    def id(self) -> str:
        """Six parts, as in CodeActInstruct: file, task type, name and id of the task, model, setting."""
        model = next((event.model for event in self.events if isinstance(event, Proposal)), "")
        name = re.split(r"[/\\]", model.partition(" @ ")[0])[-1] or "unknown"  # neither a folder nor a server
        return f"{PREFIX}{self.kind}/{self.source}/{self.number}/{name}/{self.setting or self._status}"

    @property
    def answered(self) -> bool:
        """True if it ends with an answer that was not refused."""
        return isinstance(self.events[-1], Answer)

    @property
    def edited(self) -> bool:
        """True if the user changed the code of a step and ran that."""
        codes = {event.id: event.code for event in self.events if isinstance(event, Proposal)}
        return any(_differs(codes.get(id_, source), source) for id_, source in _chosen(self.events).items())

    @property
    def _status(self) -> str:
        last = self.events[-1]
        return last.status if isinstance(last, Stop) else "answered" if self.answered else "unfinished"

    def records(self, form: str) -> list[Record]:
        """Return the records of this question, none if nothing that it has can be learnt from.

        Args:
            form: One of `FORMATS`.
        """
        if form == "preference":
            return list(self._preferences())
        messages = _messages(self.events, form)
        if not any(message["role"] == "assistant" for message in messages):
            return []
        return [to_record(self.id, messages, form, self._evidence())]

    def _evidence(self) -> Record | None:
        """Return what the answer rests on, as JSON data; None without an answer."""
        last = self.events[-1]
        return to_evidence(basis_of(last.text, self.events[:-1])) if isinstance(last, Answer) else None

    def _preferences(self) -> Iterable[Record]:
        """Yield a record for each step that the user edited, or rejected and let another one run.

        What nobody was asked about is no preference.
        """
        sources = _chosen(self.events)
        for place, event in enumerate(self.events):
            if not isinstance(event, Proposal):
                continue
            chosen, reason = event, ""
            if event.id not in sources:
                refusals = (e for e in self.events if isinstance(e, Rejection) and not e.auto)
                refusal = next((e for e in refusals if e.proposal_id == event.id), None)
                later = (e for e in self.events[place:] if isinstance(e, Proposal) and e.id in sources)
                if refusal is None or (found := next(later, None)) is None:
                    continue
                chosen, reason = found, refusal.reason
            if not _differs(event.code, sources[chosen.id]):
                continue
            yield {
                "id": f"{self.id}/{event.id}",
                "schema": schema_of("preference"),
                "prompt": _messages(self.events[:place], "preference"),
                "chosen": [_assistant(chosen.thought, sources[chosen.id])],
                "rejected": [_assistant(event.thought, event.code)],
                "decision": "edited" if chosen is event else "rejected",
                "reason": reason,
                "tried": {
                    "outcome": event.tried.outcome if event.tried else "not_tried",
                    "error": event.tried.error if event.tried else "",
                },
                "run": self._run(chosen.id),
            }

    def _run(self, proposal: str) -> dict[str, str]:
        """Return what came of a step that the user let run."""
        seen = next((e for e in self.events if isinstance(e, Observation) and e.proposal_id == proposal), None)
        if seen is None:
            return {"outcome": "stopped", "error": ""}
        return {"outcome": "ran" if seen.ok else "raised", "error": seen.error}


@dataclass(frozen=True, slots=True)
class Imported:
    """A record that was imported: its messages, as they are."""

    id: str  #: of the record
    messages: tuple[Message, ...]  #: each with `role` and `content`
    evidence: Record | None = None  #: what the answer rests on, as JSON data
    time: None = None  #: it is not known
    edited: bool = False  #: what a user changed is not known

    @property
    def answered(self) -> bool:
        """True if it ends with a reply without code."""
        last = self.messages[-1]
        return last["role"] == "assistant" and parse_reply(last["content"]).code is None

    def records(self, form: str) -> list[Record]:
        """Return the record; none as a preference. See `Trajectory.records`."""
        return [] if form == "preference" else [to_record(self.id, self.messages, form, self.evidence)]


def trajectories(source: str, events: Iterable[tuple[float | None, Event]]) -> list[Trajectory]:
    """Divide a conversation into its questions.

    Args:
        source: Name of the conversation, for the ids.
        events: All events with their times, oldest first.

    Returns:
        A trajectory for each question.
    """
    found: list[tuple[float | None, list[Event]]] = []
    for time, event in events:
        if isinstance(event, Prompt):
            found.append((time, []))
        if found and not (isinstance(event, Undone) and isinstance(found[-1][1][-1], Answer | Stop)):  # after its end
            found[-1][1].append(event)
    return [Trajectory(source, number, tuple(part), time) for number, (time, part) in enumerate(found, 1)]


def schema_of(form: str, version: int = VERSION) -> str:
    """Return the name and version of a format, as each record has it.

    Args:
        form: One of `FORMATS`.
        version: The version.
    """
    return f"{PREFIX}{form}/{version}"


def to_record(id_: str, messages: Sequence[Message], form: str, evidence: Record | None = None) -> Record:
    """Return the record of a conversation.

    Args:
        id_: Its id.
        messages: Its messages.
        form: One of `SPEAKERS`.
        evidence: What its answer rests on, as JSON data; None if that is not known.
    """
    return {"id": id_, "schema": schema_of(form), SPEAKERS[form]: list(messages), "evidence": evidence}


def to_evidence(basis: Basis) -> Record:
    """Return the basis of an answer as JSON data: sorted, as notebooks are, and with values of one kind in each list.

    Args:
        basis: The basis.
    """
    few = [{"column": column, "rows": rows} for column, rows in basis.few]
    data: Record = json.loads(json.dumps({**asdict(basis), "few": few}, sort_keys=True))
    return data


def fence_for(text: str) -> str:
    """Return a fence of backticks that is longer than any in the text.

    Args:
        text: What it is to stand around.
    """
    return "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))


def _messages(events: Sequence[Event], form: str) -> list[Message]:
    """Return the chat: in `codeactinstruct` with tags, else with fences, which the models of today write."""
    has_tags = form == "codeactinstruct"
    kept = list(_as_run(events, has_tags=has_tags))
    chat = build_messages(kept, DIALECTS["codeact" if has_tags else "markdown"], use=USE)
    if isinstance(kept[-1], Answer | Approval):
        chat.pop()  # "Go on."
    if has_tags:
        chat[0] = ChatMessage("system", f"{chat[0].content} {SOLUTION}")
    return [{"role": message.role, "content": message.content} for message in chat]


def _as_run(events: Iterable[Event], *, has_tags: bool) -> Iterable[Event]:
    """Yield what is to be learnt from: steps with the code that ran, and without those that wait or were left."""
    events = list(events)
    sources = _sources(events)
    rejected = {event.proposal_id for event in events if isinstance(event, Rejection)}
    for event in events:
        match event:
            case Shortened() | Pause() | Continue(note=""):
                continue
            case Proposal() if event.id in sources:
                source = sources[event.id]
                yield replace(event, code=source, reply=_reply(event.thought, source, has_tags=has_tags), tokens=None)
            case Proposal() if event.id not in rejected:
                continue
            case Answer(text=text) if has_tags:
                yield replace(event, text=f"<solution>{text}</solution>", tokens=None)
            case _:
                yield event


def _assistant(thought: str, code: str) -> Message:
    return {"role": "assistant", "content": _reply(thought, code, has_tags=False)}


def _reply(thought: str, code: str, *, has_tags: bool) -> str:
    fence = fence_for(code)
    opening, closing = ("<execute>", "</execute>") if has_tags else (f"{fence}python", fence)
    return "\n".join([*filter(None, [thought.strip()]), opening, code.strip("\n"), closing])


def _sources(events: Iterable[Event]) -> dict[str, str]:
    """Return the code that ran, by the ids of the proposals."""
    return {event.proposal_id: event.source for event in events if isinstance(event, Approval)}


def _chosen(events: Iterable[Event]) -> dict[str, str]:
    """Return the code that the user let run, by the ids of the proposals: not what ran without asking."""
    return _sources(event for event in events if not (isinstance(event, Approval) and event.auto))


def _differs(proposed: str, source: str) -> bool:
    return proposed.strip() != source.strip()
