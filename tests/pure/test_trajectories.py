"""Conversations as records: what a model may learn from them, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.dialects.reply import parse_reply
from codeact_jupyter.dialects.trajectories import FORMATS, Imported, Trajectory, trajectories
from codeact_jupyter.session.journal import read_journal
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    Continue,
    Event,
    Observation,
    Pause,
    Prompt,
    Proposal,
    Refusal,
    Rejection,
    Retry,
    Shortened,
    Stop,
    Tried,
    Undone,
)

FIXTURE = Path(__file__).parents[1] / "fixtures" / "journal-0.1.0.jsonl"


def proposal(id_: str, code: str, thought: str = "I look.", **fields: Any) -> Proposal:
    return Proposal(id_, 1, thought, code, f"{thought}\n```python\n{code}\n```", "qwen", **fields)


def ran(id_: str, code: str, text: str = "3", *, ok: bool = True, error: str = "") -> list[Event]:
    return [Approval(id_, code), Observation(id_, text, ok, error=error)]


def question(*events: Event, text: str = "How many?", source: str = "talk") -> Trajectory:
    (found,) = trajectories(source, [(5.0, Prompt(text, "df: DataFrame 3×2")), *((6.0, event) for event in events)])
    return found


def chat(found: Trajectory, form: str = "codeactinstruct") -> list[tuple[str, str]]:
    (record,) = found.records(form)
    return [(each["role"], each["content"]) for each in record["conversations" if form != "chat" else "messages"]]


def test_a_step_and_an_answer_have_the_tags_of_the_seed_and_the_system_text_of_the_dialect() -> None:
    found = question(proposal("a", "len(df)"), *ran("a", "len(df)"), Answer("There are 3."))
    system, *rest = chat(found)
    assert system[0] == "system"
    assert system[1].startswith(DIALECTS["codeact"].preamble()[0].content)
    assert "<solution>" in system[1]
    assert rest == [
        ("user", "In the notebook now:\ndf: DataFrame 3×2\n\nTask: How many?"),
        ("assistant", "I look.\n<execute>\nlen(df)\n</execute>"),
        ("user", "Execution Output:\n3"),
        ("assistant", "<solution>There are 3.</solution>"),
    ]


def test_a_chat_has_what_a_model_of_today_reads_and_writes() -> None:
    found = question(proposal("a", "len(df)"), *ran("a", "len(df)"), Answer("There are 3."))
    system, _, step, seen, answer = chat(found, "chat")
    assert system == ("system", DIALECTS["markdown"].preamble()[0].content)
    assert step == ("assistant", "I look.\n```python\nlen(df)\n```")
    assert seen[1].startswith("3\n\n(The task: How many?")
    assert answer == ("assistant", "There are 3.")


def test_an_edited_step_is_learnt_as_it_ran_and_the_edit_is_a_preference() -> None:
    tried = Tried("raised", error="KeyError: 'x'")
    found = question(proposal("a", "df['x']", tried=tried), *ran("a", "df['y']"), Answer("3"))
    assert ("assistant", "I look.\n<execute>\ndf['y']\n</execute>") in chat(found)
    assert not any("df['x']" in text for _, text in chat(found))
    (record,) = found.records("preference")
    assert record["rejected"] == [{"role": "assistant", "content": "I look.\n```python\ndf['x']\n```"}]
    assert record["chosen"] == [{"role": "assistant", "content": "I look.\n```python\ndf['y']\n```"}]
    assert [message["role"] for message in record["prompt"]] == ["system", "user"]
    assert (record["decision"], record["reason"]) == ("edited", "")
    assert record["tried"] == {"outcome": "raised", "error": "KeyError: 'x'"}
    assert record["run"] == {"outcome": "ran", "error": ""}


def test_a_rejected_step_is_left_out_of_a_conversation_and_loses_to_the_step_that_ran_in_the_end() -> None:
    found = question(
        proposal("a", "df.drop('k')"),
        Rejection("a", "Keep the column."),
        proposal("b", "df.pop('k')"),
        Rejection("b", "That drops it, too."),
        proposal("c", "df['k']", "I only look."),
        *ran("c", "df['k'].sum()", "KeyError", ok=False, error="KeyError: 'k'"),
        Answer("7"),
    )
    texts = "\n".join(text for _, text in chat(found))
    assert "drop('k')" not in texts
    assert "Keep the column." in texts
    first, second, third = found.records("preference")
    assert [each["reason"] for each in (first, second, third)] == ["Keep the column.", "That drops it, too.", ""]
    assert first["chosen"] == second["chosen"] == third["chosen"]
    assert "df['k'].sum()" in first["chosen"][0]["content"]
    assert (first["decision"], third["decision"]) == ("rejected", "edited")
    assert first["run"] == {"outcome": "raised", "error": "KeyError: 'k'"}
    assert "Keep the column." not in first["prompt"][-1]["content"]
    assert "Keep the column." in second["prompt"][-1]["content"]
    assert len({each["id"] for each in (first, second, third)}) == 3


@pytest.mark.parametrize(
    "events",
    [
        [proposal("a", "x"), Approval("a", "y", auto=True), Observation("a", "1", True)],
        [proposal("a", "x"), Rejection("a", "Beyond the reach.", auto=True), proposal("b", "y"), *ran("b", "y")],
        [
            *(proposal("a", "x"), Rejection("a", "Not x."), proposal("b", "y")),
            *(Approval("b", "y", auto=True), Observation("b", "1", True)),
        ],
    ],
    ids=["a program's edit", "its reach", "run without asking"],
)
def test_what_nobody_was_asked_about_is_learnt_from_but_is_no_preference(events: list[Event]) -> None:
    found = question(*events, Answer("1"))
    assert "<execute>\ny\n</execute>" in chat(found)[-3][1]
    assert list(found.records("preference")) == []
    assert not found.edited


def test_of_steps_of_which_some_ran_without_asking_the_others_are_preferences() -> None:
    found = question(
        *(proposal("a", "x"), Rejection("a", "Not x."), proposal("b", "y"), Approval("b", "y", auto=True)),
        *(Observation("b", "1", True), proposal("c", "z"), *ran("c", "zz")),
    )
    first, second = found.records("preference")
    assert first["chosen"] == second["chosen"]
    assert [each["decision"] for each in (first, second)] == ["rejected", "edited"]
    assert found.edited


def test_only_spaces_around_the_code_are_no_edit() -> None:
    found = question(proposal("a", "len(df)"), *ran("a", "len(df)\n"), Answer("3"))
    assert not found.edited
    assert found.records("preference") == []


def test_an_undone_step_is_told_in_the_record_and_only_if_the_model_went_on() -> None:
    steps = (proposal("a", "df['x'] = 0"), *ran("a", "df['x'] = 0", "[no output]"), proposal("b", "len(df)"))
    undone = Undone("a", "Step 1 is undone: `df` is as before.", "df: DataFrame 3×2")
    went_on = question(*steps, undone, proposal("c", "len(df) + 1"), *ran("c", "len(df) + 1", "4"), Answer("4"))
    texts = [text for _, text in chat(went_on)]
    assert "I have undone a step. Step 1 is undone: `df` is as before." in texts[-4]
    assert "df: DataFrame 3×2" in texts[-4]
    (answered,) = trajectories("s", [(None, e) for e in (Prompt("Q"), *steps[:-1], Answer("3"), undone)])
    assert answered.answered
    assert "undone" not in str(answered.records("chat"))


UNDECIDED: list[list[Event]] = [
    [proposal("a", "1")],
    [proposal("a", "1"), Stop("rejected", "You rejected the step.")],
    [proposal("a", "1"), Rejection("a", "No.")],
    [Stop("no_model", "There is none.")],
    [Retry("No code."), Stop("no_answer")],
    [Pause()],
]


@pytest.mark.parametrize("events", UNDECIDED)
@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_learnt_where_nothing_was_run_or_answered(events: list[Event], form: str) -> None:
    assert question(*events).records(form) == []


ENDS: list[tuple[list[Event], bool, str, tuple[str, str]]] = [
    ([Answer("3")], True, "answered", ("assistant", "<solution>3</solution>")),
    ([], False, "unfinished", ("user", "Execution Output:\n3")),
    ([Stop("limit")], False, "limit", ("user", "Execution Output:\n3")),
    ([Answer("4"), Refusal("It is 3.")], False, "unfinished", ("user", "")),
    ([Answer("4"), Refusal("It is 3."), Answer("3")], True, "answered", ("assistant", "<solution>3</solution>")),
    ([proposal("b", "2")], False, "unfinished", ("user", "Execution Output:\n3")),
    ([proposal("b", "2"), Approval("b", "2")], False, "unfinished", ("assistant", "I look.\n<execute>\n2\n</execute>")),
    ([Shortened(1, 800), Stop("stopped"), Continue(), Answer("3")], True, "answered", ("assistant", "<solution>3</")),
]


@pytest.mark.parametrize(("events", "answered", "status", "last"), ENDS)
def test_a_question_ends_as_it_did(events: list[Event], answered: bool, status: str, last: tuple[str, str]) -> None:
    found = question(proposal("a", "len(df)"), *ran("a", "len(df)"), *events)
    assert found.answered is answered
    assert found.id == f"codeact-jupyter/notebook/talk/1/qwen/{status}"
    role, text = chat(found)[-1]
    assert role == last[0]
    assert text.startswith(last[1])
    assert not any("4</solution>" in text or text == "Go on." for _, text in chat(found))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("qwen3-4b", "qwen3-4b"),
        ("/home/ann/models/mine.gguf @ 10.0.0.7:8000", "mine.gguf"),
        ("C:\\Users\\ann\\mine.gguf", "mine.gguf"),
        ("", "unknown"),
    ],
)
def test_an_id_has_neither_a_folder_nor_a_server_of_the_model(model: str, name: str) -> None:
    found = question(Proposal("a", 1, "", "1", "", model), *ran("a", "1"))
    assert found.id == f"codeact-jupyter/notebook/talk/1/{name}/unfinished"


FENCES = ['print("""\n```python\nx\n```\n""")', "'````'", "# ``` a\n1"]


@pytest.mark.parametrize("code", FENCES)
def test_code_with_fences_is_read_back_as_it_was(code: str) -> None:
    found = question(proposal("a", code), *ran("a", code))
    content = next(text for role, text in chat(found, "chat") if role == "assistant")
    assert parse_reply(content).code == code


def test_a_journal_of_version_0_1_0_is_two_questions_with_their_times() -> None:
    first, second = trajectories(FIXTURE.stem, read_journal(FIXTURE))
    assert (first.answered, first.edited, second.answered, second.edited) == (True, True, False, False)
    assert first.time is not None
    assert second.time is not None
    assert first.time < second.time
    assert [role for role, _ in chat(first)] == ["system", *["user", "assistant"] * 3]
    pairs = first.records("preference")
    assert [pair["decision"] for pair in pairs] == ["rejected", "edited"]
    assert [pair["reason"] for pair in pairs] == ["Use shape.", ""]
    assert chat(second)[-1] == ("assistant", "Step 2.\n<execute>\nprint(1)\n</execute>")


def test_reading_a_journal_leaves_a_torn_line_to_the_conversation_that_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "live.jsonl"
    path.write_bytes(FIXTURE.read_bytes() + b'{"time":1,"event":"Obser')
    before = path.read_bytes()
    assert read_journal(path) == read_journal(FIXTURE)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("last", "answered"),
    [
        ("<solution>3</solution>", True),
        ("It is 3.", True),
        ("<execute>\n1\n</execute>", False),
        ("```python\nprint(1)\n```", False),
    ],
)
def test_an_imported_record_is_answered_if_it_ends_without_code(last: str, answered: bool) -> None:
    messages = ({"role": "user", "content": "?"}, {"role": "assistant", "content": last})
    assert Imported("a", messages).answered is answered
    assert not Imported("a", messages[:1]).answered
    assert Imported("a", messages).records("preference") == []
