"""Kernel and page agree on every message: both sides' tests read the same examples."""

from __future__ import annotations

import json
import runpy
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.lab.items import to_items
from codeact_jupyter.lab.protocol import Answered, Ending, FromKernel, Item, Note, Question, Step
from codeact_jupyter.lab.requests import CellText, ToKernel, parse
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
    Undone,
)

ROOT = Path(__file__).parents[2]
EXAMPLES = json.loads((ROOT / "tests/fixtures/protocol.json").read_text(encoding="utf-8"))
REQUESTS = {cls.__struct_config__.tag: cls for cls in typing.get_args(ToKernel)}
ITEMS = {cls.__struct_config__.tag for cls in typing.get_args(Item)}


@pytest.mark.parametrize("message", EXAMPLES["fromKernel"], ids=lambda message: str(message["type"]))
def test_what_the_kernel_sends_is_what_the_page_reads(message: dict[str, Any]) -> None:
    sent = msgspec.convert(message, FromKernel, strict=True)
    assert msgspec.to_builtins(sent) == message


def test_the_types_of_the_extension_are_generated_from_these() -> None:
    types = runpy.run_path(str(ROOT / ".ci/protocol_types.py"))
    assert types["PLACE"].read_text(encoding="utf-8") == types["typescript"](), "Run python .ci/protocol_types.py"


@pytest.mark.parametrize("message", EXAMPLES["toKernel"], ids=lambda message: str(message["type"]))
def test_what_a_page_sends_is_understood(message: dict[str, Any]) -> None:
    request = parse(message)
    assert type(request) is REQUESTS[message["type"]]
    assert parse({**message, "request": "1"}) == request


def test_there_is_an_example_of_each_request() -> None:
    assert {message["type"] for message in EXAMPLES["toKernel"]} == set(REQUESTS)
    shown = [*(item for message in EXAMPLES["fromKernel"] for item in message.get("items", ()))]
    shown += [message["item"] for message in EXAMPLES["fromKernel"] if "item" in message]
    assert {item["kind"] for item in shown} == ITEMS


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
        ([Approval("p1", "x = 1"), Observation("p1", "1", True, 0.5), Undone("p1", "`x` is removed.")], "undone"),
        ([Approval("p1", "x = 1"), Observation("p1", "1", True), Answer("1."), Undone("p1", "Gone.")], "undone"),
        ([Approval("p1", "x = 1"), Observation("p1", "1", True), Undone("p0", "Another one.")], "done"),
    ],
)
def test_what_became_of_a_step(events: list[Event], state: str) -> None:
    items = to_items([Prompt("?"), proposal(1), *events])
    assert isinstance(items[1], Step)
    assert items[1].state == state


def test_an_undone_step_tells_what_was_put_back_and_the_waiting_step_is_left() -> None:
    ran = (Approval("p1", "x = 1"), Observation("p1", "1", True, 0.5))
    items = to_items([Prompt("?"), proposal(1), *ran, proposal(2), Undone("p1", "`x` is removed."), proposal(3)])
    steps = [item for item in items if isinstance(item, Step)]
    assert [(step.state, step.reason) for step in steps] == [
        ("undone", "`x` is removed."),
        ("left", ""),
        ("waits", ""),
    ]
    assert Note("`x` is removed.") in items


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
        Question("Sum?"),
        Answered("It is 2.", summary="", basis="", numbers=[]),
        Question("And now?"),
        Ending("no_answer", "Nothing came."),
    ]
    assert [item for item in items if not isinstance(item, Step | Note)] == expected
    step = items[1]
    assert isinstance(step, Step)
    assert (step.code, step.edited, step.seconds) == ("x = 2", True, 0.5)
    assert len(step.observation) < 2100
    assert isinstance(items[2], Note)
