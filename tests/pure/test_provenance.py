"""The record of each step: what its cell's metadata say about where it comes from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

from codeact_jupyter.engines import loading
from codeact_jupyter.engines.first_load import sha256_of
from codeact_jupyter.lab.items import to_items
from codeact_jupyter.lab.protocol import Step
from codeact_jupyter.models import store
from codeact_jupyter.session.event_json import from_json, to_json
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    Event,
    FinishStatus,
    Made,
    Observation,
    Prompt,
    Proposal,
    Rejection,
    Stop,
    Tried,
    Undone,
)
from codeact_jupyter.session.provenance import SCHEMA, StepRecord, sha256, step_records

ROOT = Path(__file__).parents[2]
MADE = Made({"m.gguf": "ab" * 32}, seed=7, temperature=0.4, max_tokens=768, time=1_700_000_000.0, written="df.hed()")
SCHEMAS = json.loads((ROOT / "docs/step.schema.json").read_text(encoding="utf-8"))


def step(id_: str, number: int = 1, code: str = "df.head()", made: Made | None = MADE) -> Proposal:
    return Proposal(id_, number, "I look.", code, "", "qwen", tried=Tried("raised", error="KeyError: 'a'"), made=made)


def records(*events: Event) -> list[StepRecord]:
    timed = ((1_700_000_000.0 + 60 * place, event) for place, event in enumerate(events))
    found = list(step_records(timed, "20260131-1").values())
    for record in found:
        jsonschema.validate(record, SCHEMAS)
    return found


def test_a_record_has_the_question_the_model_the_sampling_the_mend_the_trial_and_the_decision() -> None:
    (record,) = records(Prompt("How many?"), step("a"), Approval("a", "df.tail()"), Observation("a", "3", True))
    assert record == {
        "schema": SCHEMA,
        "session": "20260131-1",
        "question": "How many?",
        "number": 1,
        "step": 1,
        "parent": "",
        "proposal": "a",
        "proposed": "2023-11-14T22:13:20+00:00",
        "model": "qwen",
        "weights": {"m.gguf": "ab" * 32},
        "sampling": {"seed": 7, "temperature": 0.4, "max_tokens": 768},
        "mended_from": "df.hed()",
        "proposed_sha256": hashlib.sha256(b"df.head()").hexdigest(),
        "tried": {"outcome": "raised", "error": "KeyError: 'a'"},
        "decision": "edited",
        "decided": "2023-11-14T22:15:20+00:00",
        "reason": "",
        "run_sha256": hashlib.sha256(b"df.tail()").hexdigest(),
        "outcome": "ran",
        "error": "",
    }


RAN: list[Event] = [Approval("a", "df.head()"), Observation("a", "3", True)]


def test_a_step_that_waited_when_another_was_undone_was_not_run() -> None:
    undone, left = records(Prompt("?"), step("a"), *RAN, step("b", 2), Undone("a", "Step 1 is undone."))
    assert (undone["outcome"], left["outcome"], left["decision"]) == ("undone", "not_run", "")


@pytest.mark.parametrize(
    ("after", "decision", "outcome"),
    [
        ([Approval("a", " df.head()\n"), Observation("a", "", False, error="E: x")], "approved", "raised"),
        ([Approval("a", "df.head()", auto=True), Observation("a", "", True)], "auto", "ran"),
        ([Approval("a", "df.head()"), Stop()], "approved", "stopped"),
        ([Rejection("a", "Not that.")], "rejected", "not_run"),
        ([Rejection("a", "It is beyond the reach.", auto=True)], "auto", "not_run"),
        ([Approval("a", "df.tail()", auto=True), Observation("a", "", False)], "auto", "raised"),
        ([Stop("rejected")], "rejected", "not_run"),
        ([Stop("stopped")], "", "not_run"),
        ([Prompt("Another?")], "", "not_run"),
        ([], "", ""),
        ([*RAN, Undone("a", "Step 1 is undone.")], "approved", "undone"),
        ([*RAN, Answer("3"), Undone("a", "Step 1 is undone.")], "approved", "undone"),
        ([*RAN, Answer("3"), Prompt("More?"), Stop(), Undone("a", "Step 1 is undone.")], "approved", "undone"),
        ([*RAN, Undone("other", "A step of another conversation.")], "approved", "ran"),
    ],
)
def test_what_became_of_a_step(after: list[Event], decision: str, outcome: str) -> None:
    (record,) = records(Prompt("?"), step("a"), *after)
    assert (record["decision"], record["outcome"]) == (decision, outcome)
    assert bool(record["decided"]) == bool(decision)


def test_the_parent_is_the_step_before_of_the_same_question() -> None:
    found = records(Prompt("1"), step("a"), Rejection("a", "no"), step("b", 2), Answer("x"), Prompt("2"), step("c"))
    assert [(each["number"], each["parent"], each["question"]) for each in found] == [
        (1, "", "1"),
        (1, "a", "1"),
        (2, "", "2"),
    ]


def test_steps_of_journals_from_before_say_what_they_know() -> None:
    (record,) = records(Prompt("?"), step("a", made=None))
    assert (record["weights"], record["sampling"], record["mended_from"]) == ({}, None, "")
    assert record["proposed"] == "2023-11-14T22:14:20+00:00"


@pytest.mark.parametrize("status", ["answered", "limit", "failed"])
def test_a_stop_after_a_result_changes_nothing(status: FinishStatus) -> None:
    before = [Prompt("?"), step("a"), Approval("a", "x"), Observation("a", "", True)]
    assert records(*before, Stop(status)) == records(*before)


def test_the_journal_keeps_how_a_step_was_made_and_whether_it_ran_unasked() -> None:
    events: list[Event] = [step("a"), Approval("a", "x", auto=True), Rejection("a", "no", auto=True)]
    again = [from_json(json.loads(json.dumps(to_json(event)))) for event in events]
    assert isinstance(again[0], Proposal) and again[0].made == MADE
    assert again[1:] == events[1:]
    assert "auto" not in {**to_json(Approval("a", "x")), **to_json(Rejection("a", "no"))}
    assert "made" not in to_json(step("a", made=None))


def test_pages_get_the_records_for_the_cells_metadata() -> None:
    events = [Prompt("?"), step("a"), Approval("a", "df.head()"), Observation("a", "3", True)]
    (item,) = (each for each in to_items(events, "s") if isinstance(each, Step))
    assert item.record == step_records(((None, event) for event in events), "s")["a"]


def test_hashes_are_of_the_code_without_white_space_around_it() -> None:
    assert sha256("\n x = 1\n") == sha256("x = 1") != sha256("x =  1")
    assert sha256("'\ud83d'")


def test_the_hash_of_a_file_is_computed_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEACT_CACHE", str(tmp_path / "cache"))
    model, adapter = tmp_path / "m.gguf", tmp_path / "lora.gguf"
    model.write_bytes(b"weights")
    adapter.write_bytes(b"more")
    expected = {"m.gguf": hashlib.sha256(b"weights").hexdigest(), "lora.gguf": hashlib.sha256(b"more").hexdigest()}
    assert loading._hashes([model, adapter]) == expected
    assert loading._hashes([model]) == {"m.gguf": expected["m.gguf"]}
    read: list[Path] = []
    monkeypatch.setattr("codeact_jupyter.engines.first_load.digest", lambda path: read.append(path) or "cd")
    assert sha256_of([model, adapter]) == expected
    assert read == []
    model.write_bytes(b"other weights")
    assert sha256_of([model, adapter]) == {"m.gguf": "cd", "lora.gguf": "cd"}
    assert read == [model, adapter]


def test_a_file_of_the_catalogue_has_the_hash_with_which_it_was_verified(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"weights")
    assert store.verified_sha256(path) == ""
    store._write_stamp(path, "ab" * 32)
    assert loading._hashes([path]) == {"m.gguf": "ab" * 32}
    path.write_bytes(b"weights, changed")
    assert store.verified_sha256(path) == ""
