"""Records become notebooks, and notebooks records: nothing is lost, and what a user changed counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from codeact_jupyter.dialects.trajectories import Imported, to_record, trajectories
from codeact_jupyter.notebook.records import BadRecord, parse_record, record_of, steps_of, to_notebook
from codeact_jupyter.session.machine import Session
from codeact_jupyter.session.messages import Answer, Approval, Event, Observation, Prompt, Proposal, Rejection, Stop

SCHEMA = Path(__file__).parents[2] / "docs/record.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
CODE = ["<execute>", "</execute>", "```", "```python\n", "```py\nx\n```", "````python\n", "~~~", "\nprint(1)\n"]
OTHER = [
    "```text\n",
    "````text\n",
    "<solution>\n",
    "\n</solution>",
    "\n",
    " ",
    "\r\n",
    "\u2028",
    "\x0c",
    "<solution>3</solution>",
    "**Assistant**\n\n",
    "**User**\n\n",
    "Observation:\n",
]
PIECES = st.sampled_from([*CODE, *OTHER])
CONTENT = st.lists(st.one_of(TEXT, PIECES), max_size=8).map("".join)
MESSAGE = st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": CONTENT})
EVIDENCE = st.none() | st.dictionaries(TEXT, st.lists(TEXT))
RECORD = st.builds(Imported, TEXT, st.lists(MESSAGE, min_size=1, max_size=8).map(tuple), EVIDENCE)


def saved(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook as it is read back from a file."""
    nbformat.validate(notebook)
    again: NotebookNode = nbformat.reads(nbformat.writes(notebook), as_version=4)
    return again


def record(*contents: str, id_: str = "a/b") -> Imported:
    """Return a record in which user and assistant take turns."""
    roles = ("user", "assistant")
    return Imported(id_, tuple({"role": roles[n % 2], "content": text} for n, text in enumerate(contents)))


@given(RECORD)
@settings(max_examples=500)
@example(record("?", "I look.\n\n<execute>\n\nx = 1\n\n</execute>\n\nDone.\n", "Observation:\n1\n"))
@example(record("?", "<execute></execute>", "", "<execute>a</execute>\n<execute>b</execute>  ", "1", "```python\n```"))
def test_any_record_comes_back_as_it_was(one: Imported) -> None:
    assert record_of(saved(to_notebook(one, "x.jsonl, line 1"))) == one


@given(RECORD, st.sampled_from(["codeactinstruct", "chat"]))
@settings(max_examples=200)
def test_a_line_of_a_file_is_the_record_that_was_written_to_it(one: Imported, form: str) -> None:
    line = json.dumps(to_record(one.id, one.messages, form, one.evidence)).encode()
    assert parse_record(line, "x/1") == one


@st.composite
def conversation(draw: st.DrawFn) -> list[Event]:
    """Return questions with steps that the user approved, edited or rejected, as a session takes them."""
    events: list[Event] = []
    code = CONTENT.filter(str.strip)
    for number in range(draw(st.integers(1, 3))):
        events.append(Prompt(draw(CONTENT), draw(TEXT)))
        for step in range(draw(st.integers(0, 4))):
            id_, proposed = f"{number}{step}", draw(code)
            events.append(Proposal(id_, step + 1, draw(CONTENT), proposed, "", draw(TEXT)))
            if draw(st.booleans()):
                events += [
                    Approval(id_, draw(st.just(proposed) | code)),
                    Observation(id_, draw(CONTENT), draw(st.booleans())),
                ]
            else:
                events.append(Rejection(id_, draw(TEXT)))
        events.append(draw(st.builds(Answer, CONTENT) | st.just(Stop())))
    Session.replay(events)
    return events


@given(conversation(), st.sampled_from(["codeactinstruct", "chat"]))
@settings(max_examples=300)
def test_an_exported_conversation_is_the_same_after_import_and_export(events: list[Event], form: str) -> None:
    for question in trajectories("talk", [(None, event) for event in events]):
        for exported in question.records(form):
            VALIDATOR.validate(exported)
            imported = parse_record(json.dumps(exported).encode(), "x/1")
            again = record_of(saved(to_notebook(imported, "x")))
            assert again
            assert again.records(form) == [exported]


@given(conversation())
@settings(max_examples=100)
def test_each_decision_of_a_conversation_is_at_most_one_preference(events: list[Event]) -> None:
    for question in trajectories("talk", [(None, event) for event in events]):
        pairs = question.records("preference")
        assert len({pair["id"] for pair in pairs}) == len(pairs)
        for pair in pairs:
            VALIDATOR.validate(pair)
            assert pair["prompt"][-1]["role"] == "user"
        decided = sum(isinstance(event, Approval | Rejection) for event in question.events)
        assert sum(pair["decision"] == "edited" for pair in pairs) <= len(pairs) <= decided
        assert question.edited == any(pair["decision"] == "edited" for pair in pairs)


def test_a_record_reads_as_a_notebook() -> None:
    one = record("How many?", "I count.\n<execute>\nlen(df)\n</execute>", "Observation:\n3", "<solution>3</solution>")
    title, asked, thought, code, answer = saved(to_notebook(one, "data.jsonl, line 7")).cells
    assert "a/b" in title.source
    assert "data.jsonl, line 7" in title.source
    assert asked.source == "**User**\n\n```text\nHow many?\n```"
    assert thought.source == "**Assistant**\n\nI count."
    assert (code.cell_type, code.source, code.execution_count) == ("code", "len(df)", None)
    assert [output.data for output in code.outputs] == [{"text/plain": "Observation:\n3"}]
    assert answer.source == "**Assistant**\n\n3"


def test_provenance_is_in_the_metadata_and_nothing_claims_to_have_run() -> None:
    notebook = saved(to_notebook(record("?", "```python\n1\n```"), "data.jsonl, line 7"))
    assert notebook.metadata.codeact == {"record": {"id": "a/b", "origin": "data.jsonl, line 7"}}
    assert notebook.metadata.kernelspec.name == "python3"
    assert steps_of(notebook) == []


def test_what_the_user_changes_in_a_cell_is_changed_in_the_record() -> None:
    notebook = to_notebook(record("?", "Look:\n```python\nx\n```\nSo.", "1", "It is 1."), "x")
    _, asked, thought, code, rest, seen, answer = notebook.cells
    asked.source, thought.source, code.source = "**User**\n\nWhy?", "Look here:", "y"
    rest.source, seen.source, answer.source = "Well.", "2", "**Assistant**\n\nIt is 2."
    found = record_of(saved(notebook))
    assert found
    expected = ["Why?", "Look here:\n```python\ny\n```\nWell.", "2", "It is 2."]
    assert [message["content"] for message in found.messages] == expected


def test_what_an_answer_rests_on_is_kept_until_the_conversation_is_changed() -> None:
    events = [Prompt("?"), Proposal("p", 1, "", "n", ""), Approval("p", "n"), Observation("p", "7", True), Answer("7.")]
    (exported,) = trajectories("talk", [(None, event) for event in events])[0].records("chat")
    assert exported["evidence"]["schema"] == "codeact-jupyter/evidence/1"
    assert [(each["number"], each["step"]) for each in exported["evidence"]["numbers"]] == [("7", 1)]
    notebook = to_notebook(parse_record(json.dumps(exported).encode(), "x"), "x")
    again = record_of(saved(notebook))
    assert again and again.records("chat") == [exported]
    notebook.cells[-1].source = "8."
    changed = record_of(saved(notebook))
    assert changed and changed.records("chat")[0]["evidence"] is None


def test_a_record_of_the_first_version_is_read() -> None:
    line = {"id": "a", "schema": "codeact-jupyter/chat/1", "messages": [{"role": "user", "content": "?"}]}
    assert parse_record(json.dumps(line).encode(), "x").evidence is None


def test_cells_that_the_user_adds_or_deletes_are_no_part_or_no_longer_part_of_the_record() -> None:
    notebook = to_notebook(record("?", "<execute>\n1\n</execute>", "1", "One."), "x")
    notebook.cells.insert(2, new_code_cell("mine", outputs=[new_output("stream", text="my output")]))
    del notebook.cells[-1]
    found = record_of(saved(notebook))
    assert found
    assert [message["content"] for message in found.messages] == ["?", "<execute>\n1\n</execute>", "1"]


def test_a_cell_that_was_run_again_has_its_new_output_as_the_observation() -> None:
    notebook = to_notebook(record("?", "<execute>\nprint(2)\n</execute>", "Observation:\n1", "Two."), "x")
    outputs = [new_output("stream", text="2\n"), new_output("error", ename="KeyError", evalue="'k'", traceback=[])]
    notebook.cells[2].outputs = outputs
    found = record_of(saved(notebook))
    assert found
    assert found.messages[2] == {"role": "user", "content": "Execution Output:\n2\nKeyError: 'k'"}


def test_a_notebook_of_somebody_else_is_no_record() -> None:
    assert record_of(new_notebook(cells=[new_code_cell("1", metadata={"codeact": "x"})])) is None
    for forged in ("x", {"record": "x"}, {"record": {"id": 3}}, {"record": {"id": "a"}}):
        cells = [new_code_cell("1", metadata={"codeact": ["role"]})]
        assert record_of(new_notebook(cells=cells, metadata={"codeact": forged})) is None


BAD: list[tuple[Any, str]] = [
    (b"{", "not JSON"),
    (b"\xff\xfe{}", "not JSON"),
    (b"[" * 100_000, "not JSON"),
    ([], "not an object"),
    ({"id": "a"}, "neither 'conversations' nor 'messages'"),
    ({"id": "a", "prompt": [], "chosen": []}, "neither 'conversations' nor 'messages'"),
    ({"id": 3, "conversations": []}, "its id is not a text"),
    ({"id": None, "messages": [{"role": "user", "content": "a"}]}, "its id is not a text"),
    ({"id": "a", "conversations": []}, "not a list of messages"),
    ({"id": "a", "schema": "codeact-jupyter/chat/3", "messages": []}, "update codeact-jupyter"),
    ({"id": "a", "conversations": "hello"}, "not a list of messages"),
    ({"id": "a", "conversations": [{"from": "human", "value": "?"}]}, "message 1 has no role"),
    ({"id": "a", "messages": [{"role": "user", "content": "?"}, {"role": "tool", "content": "3"}]}, "message 2"),
    ({"id": "a", "messages": [{"role": "user", "content": [{"type": "text"}]}]}, "content of message 1"),
    ({"id": "a", "messages": [{"role": "assistant", "content": None}]}, "content of message 1"),
    ({"id": "a", "messages": [{"role": ["user"], "content": "?"}]}, "message 1 has no role"),
    ({"id": "a", "messages": [{"role": "user", "content": "\ud800"}]}, "lone surrogate"),
    ({"schema": "codeact-jupyter/chat/2", "messages": [{"role": "user", "content": "?"}], "evidence": 3}, "evidence"),
]


@pytest.mark.parametrize(("data", "reason"), BAD)
def test_what_is_no_record_is_told_apart(data: Any, reason: str) -> None:
    with pytest.raises(BadRecord, match=reason):
        parse_record(data if isinstance(data, bytes) else json.dumps(data).encode(), "x/1")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_json_does_not_have_are_no_evidence(number: str) -> None:
    record = {"schema": "codeact-jupyter/chat/2", "messages": [{"role": "user", "content": "?"}], "evidence": "rows"}
    line = json.dumps(record).replace('"rows"', f'{{"rows": {number}}}')
    with pytest.raises(BadRecord, match="not finite"):
        parse_record(line.encode(), "x/1")


def test_an_unknown_schema_is_shown_in_part() -> None:
    line = json.dumps({"schema": "codeact-jupyter/" + "x" * 10**6, "messages": []}).encode()
    with pytest.raises(BadRecord) as told:
        parse_record(line, "x/1")
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    "text", ["<execute>", "```python\n", "````py\nx\n```\n", "<execute> \n", "</execute>", "`" * 60 + "python\n"]
)
def test_what_begins_and_never_ends_is_text_however_often_it_stands_there(text: str) -> None:
    one = record("?", text * 30_000 + " " * 300_000 + "x")  # quadratic in time, it would take hours
    assert record_of(to_notebook(one, "x")) == one


def test_a_chat_without_an_id_is_named_by_its_line() -> None:
    assert parse_record(b'{"messages": [{"role": "user", "content": "?"}]}', "x/4").id == "x/4"


def step(id_: str, number: int, source: str, state: str, *outputs: NotebookNode, **more: Any) -> NotebookNode:
    """Return a cell as the extension leaves it."""
    ours = {"proposal": id_, "cell": f"codeact-{id_}", "step": number, "model": "qwen", "state": state, **more}
    cell: NotebookNode = new_code_cell(source, id=f"codeact-{id_}", metadata={"codeact": ours}, outputs=list(outputs))
    return cell


def test_cells_of_steps_tell_what_their_metadata_and_outputs_have() -> None:
    notebook = new_notebook(
        cells=[
            new_code_cell("df = 1"),
            new_code_cell("%%codeact --max-turns 5\nHow many?\n"),
            step("a", 1, "x", "rejected", reason="Not x."),
            step("b", 2, "df.z", "failed", new_output("error", ename="NameError", evalue="z", traceback=[])),
            step("c", 3, "df.y", "done", new_output("execute_result", {"text/plain": "3"}), edited=True, code="df.x"),
            step("d", 4, "1", "done", auto=True),
            step("e", 5, "1", "waits", code="1"),
        ]
    )
    assert steps_of(saved(notebook)) == [
        Prompt("How many?"),
        Proposal("a", 1, "", "x", "", "qwen"),
        Rejection("a", "Not x."),
        Proposal("b", 2, "", "df.z", "", "qwen"),
        Approval("b", "df.z"),
        Observation("b", "NameError: z", False, error="NameError: z"),
        Proposal("c", 3, "", "df.x", "", "qwen"),
        Approval("c", "df.y"),
        Observation("c", "3", True),
        Proposal("d", 4, "", "1", "", "qwen"),
        Approval("d", "1", auto=True),
        Observation("d", "", True),
        Proposal("e", 5, "", "1", "", "qwen"),
    ]
    (found,) = trajectories("book", [(None, event) for event in steps_of(notebook)])
    assert [pair["decision"] for pair in found.records("preference")] == ["rejected", "edited"]


def test_a_question_of_the_chat_is_not_in_the_notebook_and_not_made_up() -> None:
    cells = [step("a", 1, "x", "done"), step("b", 2, "y", "done"), step("c", 1, "z", "done")]
    questions = [event.text for event in steps_of(new_notebook(cells=cells)) if isinstance(event, Prompt)]
    assert questions == ["", ""]


def test_copies_of_a_step_and_forged_metadata_are_passed_over() -> None:
    copy = step("a", 1, "x", "done")
    copy.id = "another"
    forged = [step("b", 1, "x", "done", code=3), step("c", 1, "x", "done", model=[]), step("d", 1, "x", "done")]
    forged[-1].metadata.codeact.step = "1"
    assert steps_of(new_notebook(cells=[copy, *forged])) == []
