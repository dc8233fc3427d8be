"""Attempts in this process: what the agent is asked, how its answer is judged, and what is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.evaluation.attempt import Judge, attempt, empty_record, question_of
from codeact_jupyter.evaluation.other_agent import Outcome, Question
from codeact_jupyter.evaluation.plan import Settings
from codeact_jupyter.evaluation.records import Record, Step
from codeact_jupyter.evaluation.task import Task, says_number
from codeact_jupyter.session.messages import ChatMessage, Usage
from codeact_jupyter.testing import Reply, ScriptedEngine

from .conftest import step


def add(first: int, second: int) -> int:
    """The sum."""
    return first + second


def task(**values: Any) -> Task:
    options: dict[str, Any] = {
        "name": "sum",
        "domain": "sums",
        "prompt": "What is 20 and 22?",
        "namespace": lambda: {"add": add, "basket": [20, 22]},
        "check": says_number(42),
        "reference": "print(add(20, 22))",
        "split": "dev",
        "tools": ("add",),
    }
    return Task(**{**options, **values})


def run(
    *replies: Reply, of: Task | None = None, mode: str = "code", arm: str = "bare", peer: Any = None, **options: Any
) -> tuple[Record, ScriptedEngine]:
    """The record of an attempt with a model that says this, and that model."""
    engine = ScriptedEngine(replies)
    one = of or task()
    record = empty_record("sums", one, (one.name, mode, arm, 0), engine.name)
    return attempt(record, one, Settings("tools", **options), engine, DIALECTS["markdown"], peer), engine


def test_a_right_answer_is_recorded_with_its_steps_and_its_cost() -> None:
    record, _ = run(step("print(add(20, 22))"), "It is 42.")
    assert (record.right, record.right_after_refusal, record.answer, record.verdict) == (True, True, "It is 42.", "")
    assert (record.status, record.turns, record.raised) == ("answered", 2, {})
    assert record.steps[0].action == "print(add(20, 22))"
    assert "42" in (record.steps[0].observation or "")
    assert record.messages[-1] == {"role": "assistant", "content": "It is 42."}
    assert record.generated_tokens > 0
    assert record.prompt_tokens > record.generated_tokens


def test_a_wrong_answer_says_why_and_what_the_actions_raised_is_counted() -> None:
    record, _ = run(step("print(ad(20, 22))"), step("add(20)"), step("{}['x']"), "It is 41.")
    assert (record.right, record.verdict) == (False, "That number is not right.")
    assert record.raised == {"KeyError": 1, "NameError": 1, "TypeError": 1}
    assert record.invalid == {"column": 1, "name": 1, "signature": 1}


def test_the_first_answer_counts_and_one_after_a_refusal_apart() -> None:
    record, engine = run("41", "42", refusals=1)
    assert (record.right, record.right_after_refusal, record.answer, record.refused) == (False, True, "41", 1)
    assert "That number is not right." in engine.prompts[1][-1].content
    record, _ = run("41", "40", "42", refusals=1)
    assert (record.right_after_refusal, record.refused, record.turns) == (False, 1, 2)
    record, engine = run("41", "42")
    assert (record.right_after_refusal, len(engine.prompts)) == (False, 1)


def test_a_checker_sees_the_namespace_in_which_the_actions_ran() -> None:
    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        return namespace.get("total") == 42 or "There is no total."

    record, _ = run(step("total = add(20, 22)"), "Done.", of=task(check=check))
    assert record.right
    record, _ = run(
        "<execute>\ntotal = add(20, 22)\n</execute>", "<solution>Done</solution>", of=task(check=check), arm="paper"
    )
    assert record.right
    record, _ = run("Done.", of=task(check=check))
    assert record.verdict == "There is no total."


def test_a_checker_that_fails_is_a_wrong_answer() -> None:
    def check(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        raise KeyError("total")

    record, _ = run("Done.", of=task(check=check))
    assert not record.right
    assert "KeyError" in record.verdict


def test_the_form_of_the_first_answer_is_judged_apart_from_what_it_says() -> None:
    def bare(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        return answer.isdigit() or "More than the number."

    records = [run(answer, of=task(form=bare))[0] for answer in ("42", "It is 42.", "41", "It is 41.")]
    assert [(record.right, record.in_form) for record in records] == [
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    ]
    assert run("42")[0].in_form is None
    record, _ = run("It is 41.", "42", of=task(form=bare), refusals=1)
    assert (record.right_after_refusal, record.in_form) == (True, False)
    assert run(of=task(form=bare))[0].in_form is None

    def fails(answer: str, namespace: Mapping[str, Any]) -> bool | str:
        raise KeyError(answer)

    assert run("42", of=task(form=fails))[0].in_form is False


def test_a_failing_cell_is_run_first_and_asked_about_as_the_notebook_does() -> None:
    failing = task(cell="kept = 1\ntotal = sum(baskett)", prompt="Fix it.")
    record, engine = run(step("total = sum(basket)\nprint(total, kept)"), "It is 42.", of=failing)
    asked = engine.prompts[0][-1].content
    for told in ("Fix it.", "This cell failed:", "total = sum(baskett)", "NameError: name 'baskett' is not defined"):
        assert told in asked
    assert "42 1" in (record.steps[0].observation or "")
    assert record.right


def test_a_cell_that_does_not_compile_is_asked_about_too() -> None:
    asked = question_of(task(cell="total = (1,"), {})
    assert "SyntaxError: '(' was never closed" in asked


@pytest.mark.parametrize("mode", ["json", "text"])
def test_other_modes_leave_records_of_the_same_form(mode: str) -> None:
    call = '{"tool": "add", "arguments": {"first": 20, "second": 22}}' if mode == "json" else "Action: add(20, 22)\n"
    record, _ = run(call, "Answer: 42", mode=mode, arm="full")
    assert (record.right, record.turns, record.status) == (True, 2, "answered")
    assert record.steps[0].action.startswith("add(")
    assert record.steps[0].observation == "Result: 42"


@pytest.mark.parametrize(("mode", "arm"), [("code", "bare"), ("code", "paper"), ("json", "bare")])
def test_the_limit_of_seconds_ends_an_attempt_in_every_mode(mode: str, arm: str) -> None:
    def wait() -> None:
        """It takes its time."""
        import time

        time.sleep(60)

    replies = {"code": step("wait()"), "json": '{"tool": "wait", "arguments": {}}'}
    reply = "<execute>wait()</execute>" if arm == "paper" else replies[mode]
    slow = task(namespace=lambda: {"wait": wait}, tools=("wait",))
    record, _ = run(reply, of=slow, mode=mode, arm=arm, max_seconds=0.5)
    assert (record.status, record.answer) == ("limit", None)
    assert "s" in record.reason


def test_another_agent_is_judged_and_recorded_in_the_same_way() -> None:
    def peer(question: Question) -> Outcome:
        namespace = {**question.namespace, "total": 42}
        usage = question.engine.generate([ChatMessage("user", question.prompt)]).usage
        return Outcome("42", namespace, [Step("", "x", "", "NameError: x")], [], usage, turns=3)

    record, _ = run("Hm.", peer=peer, arm="other")
    assert (record.right, record.turns, record.invalid, record.arm) == (True, 3, {"name": 1}, "other")
    assert record.generated_tokens > 0

    def late(question: Question) -> Outcome:
        raise KeyboardInterrupt

    record, _ = run(peer=late, arm="other")
    assert record.status == "limit"
    assert Outcome(None, {}, [], [], Usage(), 0).status == "answered"


def test_a_judge_refuses_so_often_and_no_more() -> None:
    judge = Judge(task(), 2)
    assert [judge(answer, {}) is True for answer in ("1", "2", "3")] == [False, False, True]
    assert judge.refused == 2
