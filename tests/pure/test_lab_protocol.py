"""Kernel and page agree on every message: both sides' tests read the same examples."""

from __future__ import annotations

import json
import types
import typing
from pathlib import Path
from typing import Any

import pytest

from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.lab import protocol
from codeact_jupyter.lab.protocol import Item, to_items
from codeact_jupyter.lab.requests import REQUESTS, CellText, parse
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    Event,
    Observation,
    Prompt,
    Proposal,
    Rejection,
    Shortened,
    Stop,
)

EXAMPLES = json.loads((Path(__file__).parent.parent / "fixtures/protocol.json").read_text(encoding="utf-8"))
PARTS = {"status": protocol.Status, "pending": protocol.Pending, "stream": protocol.Stream}
ITEMS = {
    "question": protocol.Question,
    "step": protocol.Step,
    "answer": protocol.Answered,
    "ending": protocol.Ending,
    "note": protocol.Note,
}


def check(value: Any, shape: Any) -> None:
    """Return True if the value has exactly the fields of the typed dictionary, of their types."""
    hints = typing.get_type_hints(shape)
    assert set(value) == set(hints), shape
    for name, hint in hints.items():
        assert fits(value[name], hint), (shape, name, value[name])


def fits(value: Any, hint: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return value in arguments
    if origin is list:
        return isinstance(value, list) and all(fits(part, arguments[0]) for part in value)
    if origin is types.UnionType:
        return any(fits(value, part) for part in arguments)
    if hint is float:
        return isinstance(value, int | float)
    return type(value) is hint


@pytest.mark.parametrize("message", EXAMPLES["fromKernel"], ids=lambda message: str(message["type"]))
def test_what_the_kernel_sends_is_what_the_page_reads(message: dict[str, Any]) -> None:
    for name, shape in PARTS.items():
        if message.get(name) is not None:
            check(message[name], shape)
    for item in [*message.get("items", ()), *([message["item"]] if "item" in message else [])]:
        check(item, ITEMS[item["kind"]])


@pytest.mark.parametrize("message", EXAMPLES["toKernel"], ids=lambda message: str(message["type"]))
def test_what_a_page_sends_is_understood(message: dict[str, Any]) -> None:
    request = parse(message)
    assert type(request) is REQUESTS[message["type"]]
    assert parse({**message, "request": "1"}) == request


def test_there_is_an_example_of_each_request() -> None:
    assert {message["type"] for message in EXAMPLES["toKernel"]} == set(REQUESTS)
    shown = [*(item for message in EXAMPLES["fromKernel"] for item in message.get("items", ()))]
    shown += [message["item"] for message in EXAMPLES["fromKernel"] if "item" in message]
    assert {item["kind"] for item in shown} == set(ITEMS)


@pytest.mark.parametrize("message", EXAMPLES["toKernel"], ids=lambda message: str(message["type"]))
def test_a_message_that_is_bent_is_refused(message: dict[str, Any]) -> None:
    for bent in (
        {**message, "type": "execute"},
        {**message, "more": 1},
        *({key: value for key, value in message.items() if key != name} for name in message),
        *({**message, name: bad} for name in message if name != "type" for bad in ({"a": object()}, [1], 1j, b"")),
    ):
        with pytest.raises(UsageProblem):
            parse(bent)


@pytest.mark.parametrize("message", [None, [], "stop", 1, {}, {"type": []}, {"type": None}])
def test_what_is_no_message_is_refused(message: Any) -> None:
    with pytest.raises(UsageProblem):
        parse(message)


def test_cells_of_a_question_are_values() -> None:
    cells = [{"source": "x", "output": ""}]
    assert parse({"type": "ask", "kind": "fix", "text": "", "after": None, "cells": cells}).cells == [CellText("x", "")]  # type: ignore[union-attr]


def proposal(number: int, code: str = "x = 1") -> Proposal:
    return Proposal(f"p{number}", number, "I look.", code, f"I look.\n```python\n{code}\n```", "tiny")


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "waits"),
        ([Approval("p1", "x = 1")], "running"),
        ([Approval("p1", "x = 1"), Observation("p1", "1", True, 0.5)], "done"),
        ([Approval("p1", "x = 1"), Observation("p1", "NameError", False, 0.5)], "failed"),
        ([Approval("p1", "x = 1"), Stop()], "stopped"),
        ([Rejection("p1", "No.")], "rejected"),
        ([Stop("rejected")], "left"),
        ([Prompt("Something else.")], "left"),
    ],
)
def test_what_became_of_a_step(events: list[Event], state: str) -> None:
    items = to_items([Prompt("?"), proposal(1), *events])
    assert items[1]["kind"] == "step"
    assert items[1]["state"] == state


def test_a_transcript_as_items() -> None:
    items = to_items(
        [
            Prompt("Sum?"),
            proposal(1),
            Approval("p1", "x = 2"),
            Observation("p1", "y" * 5000, True, 0.5),
            Shortened(1, 100),
            Answer("It is 2."),
            Prompt("And now?"),
            Stop("no_answer", "Nothing came."),
        ]
    )
    expected: list[Item] = [
        {"kind": "question", "text": "Sum?"},
        {"kind": "answer", "text": "It is 2.", "summary": ""},
        {"kind": "question", "text": "And now?"},
        {"kind": "ending", "status": "no_answer", "text": "Nothing came."},
    ]
    assert [item for item in items if item["kind"] not in ("step", "note")] == expected
    step = items[1]
    assert step["kind"] == "step"
    assert (step["code"], step["edited"], step["seconds"]) == ("x = 2", True, 0.5)
    assert len(step["observation"]) < 2100
    assert [item["kind"] for item in items][2] == "note"
