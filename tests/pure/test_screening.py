"""Replies that are rejected before the user sees them, in the light of the conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from codeact_jupyter.agent.screening import RAISED, screen
from codeact_jupyter.dialects.reply import Reply
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.outputs.observation import BEGIN, END, NOTHING
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    Continue,
    Event,
    Observation,
    Prompt,
    Proposal,
    Refusal,
    Rejection,
    Retry,
    Stop,
)
from codeact_jupyter.session.quantities import ungrounded
from codeact_jupyter.session.techniques import NAMES, NONE, Techniques
from codeact_jupyter.session.transcript import is_stuck, restarts, shown_texts

ALL = Techniques()
ASKED = Prompt("How heavy is it?", "Variables:\nfish: DataFrame 7×2: mass float64, name str")


def ran(code: str, text: str, *, error: str = "") -> list[Event]:
    """A step that was run."""
    step = Proposal("p", 1, "", code, code)
    return [step, Approval("p", code), Observation("p", text, not error, 0.1, error)]


def answered(text: str) -> Reply:
    return Reply(text, None)


def test_every_technique_is_a_switch_of_its_own() -> None:
    for name in NAMES:
        assert [other for other in NAMES if not getattr(ALL.without(name), other)] == [name]
    with pytest.raises(ValueError, match="No such technique: magic"):
        ALL.without("magic")


def test_code_with_a_problem_is_faulty_and_says_why() -> None:
    fault = screen(Reply("", "x = ("), [ASKED], {}, ALL)
    assert fault
    assert fault.grave
    assert "SyntaxError" in fault.text


def test_without_validation_only_what_must_never_run_is_kept_back() -> None:
    assert screen(Reply("", "x = ("), [ASKED], {}, NONE) is None
    assert screen(Reply("", "%codeact mode auto"), [ASKED], {}, NONE)
    assert screen(Reply("", "x = 1  # \u202e"), [ASKED], {}, NONE)


def test_the_same_step_again_is_a_doubt_whatever_its_layout() -> None:
    fault = screen(Reply("", "print( 1 )  # again"), [ASKED, *ran("print(1)", "1")], {}, ALL)
    assert fault
    assert not fault.grave
    assert "You ran exactly this before" in fault.text
    assert screen(Reply("", "print(2)"), [ASKED, *ran("print(1)", "1")], {}, ALL) is None
    assert screen(Reply("", "print(1)"), [ASKED, *ran("print(1)", "1")], {}, ALL.without("breaker")) is None


def test_a_step_that_failed_is_not_tried_again_unchanged() -> None:
    history = [ASKED, *ran("print(x)", "NameError", error="NameError: name 'x' is not defined")]
    fault = screen(Reply("", "print(x)"), history, {"x": 1}, ALL)
    assert fault
    assert "name 'x' is not defined" in fault.text


def test_values_are_not_guessed_one_after_another() -> None:
    history = [ASKED]
    for shelf in ("oak", "elm"):
        history += ran(f"jars({shelf!r})", "ValueError", error=f"ValueError: There is no {shelf}.")
        if shelf == "oak":
            assert screen(Reply("", "jars('elm')"), history, {"jars": len}, ALL) is None
    fault = screen(Reply("", "jars('pine')"), history, {"jars": len}, ALL)
    assert fault
    assert not fault.grave
    assert fault.text.startswith("It failed in the same way with 2 other values: ValueError: There is no elm.")
    assert screen(Reply("", "shelves"), history, {"shelves": [1]}, ALL) is None
    assert screen(Reply("", "jars('pine')"), history, {"jars": len}, ALL.without("breaker")) is None


def test_a_step_that_makes_its_own_function_again_is_checked_for_all_else() -> None:
    def total(weights: list[float]) -> float:
        return sum(weights)

    history = [ASKED, *ran("def total(weights):\n    return sum(weights)", NOTHING)]
    again = "def total(weights):\n    return sum(weights) / 2\n"
    assert screen(Reply("", again + "print(total([1.0]))"), history, {"total": total}, ALL) is None
    fault = screen(Reply("", again + "print(total([wieghts]))"), history, {"total": total}, ALL)
    assert fault
    assert "`wieghts` is not defined" in fault.text


def test_a_step_that_has_just_failed_is_not_tried_again_as_it_is() -> None:
    failed = ran("roads['X']", "KeyError", error="KeyError: 'X'")
    fault = screen(Reply("", "roads['X']  # again"), [ASKED, *failed], {}, ALL)
    assert fault
    assert fault.grave
    later = screen(Reply("", "roads['X']"), [ASKED, *failed, *ran("roads = load()", "")], {"roads": {}}, ALL)
    assert later
    assert not later.grave


def test_a_step_that_ended_the_same_twice_is_a_loop() -> None:
    twice = [ASKED, *ran("print(1)", "1"), *ran("print(1)", "1")]
    changing = [ASKED, *ran("draw()", "1"), *ran("draw()", "2")]
    again = screen(Reply("", "print(1)"), twice, {}, ALL)
    assert again
    assert (again.repeated, again.grave, again.rank) == (True, False, RAISED)
    assert again.text.startswith("You ran exactly this before:\n1\nIf that shows what the task asks for, answer")
    fault = screen(Reply("", "draw()"), changing, {"draw": print}, ALL)
    assert fault
    assert (fault.grave, fault.rank) == (False, 0)


@pytest.mark.parametrize("again", ["def rate(v):\n    return v", "async def rate(v):\n    return v", "rate = None"])
@pytest.mark.parametrize("before", ["def rate(v):\n    return 1", "x = 1\nrate = lambda v: v", "rate=total"])
def test_what_the_model_made_itself_it_may_make_again(before: str, again: str) -> None:
    def rate(v: float) -> float:
        return v

    history = [ASKED, *ran(before, NOTHING)]
    assert screen(Reply("", again), history, {"rate": rate}, ALL) is None
    fault = screen(Reply("", again), [ASKED, *ran("print(rate == 1, f(rate=2))", "1")], {"rate": rate}, ALL)
    assert fault
    assert "`rate` exists already" in fault.text


def test_a_step_whose_trial_shows_what_its_run_showed_is_not_run_again() -> None:
    shown = "--- output ---\n4 rows\n--- end ---"
    history = [ASKED, *ran("len(fish)", f"{shown}\nTook 1.2 s.")]
    same, other = (Trial("ran", shown.replace("4", digit), f"{digit} rows") for digit in "45")
    again = screen(Reply("", "len( fish )"), history, {"fish": []}, ALL, same)
    assert again
    assert again.grave
    changed = screen(Reply("", "len(fish)"), history, {"fish": []}, ALL, other)
    assert changed
    assert not changed.grave
    silent = [ASKED, *ran("fish.pop()", NOTHING)]
    once_more = screen(Reply("", "fish.pop()"), silent, {"fish": []}, ALL, Trial("ran", NOTHING))
    assert once_more
    assert not once_more.grave


@pytest.mark.parametrize(
    ("changes", "more", "grave"),
    [
        (("replaces `fish`",), {}, True),
        (("replaces `fish`", "replaces `n`"), {}, True),
        (("replaces `fish`: 7 → 5 rows",), {}, False),
        (("replaces `fish`", "changes values of `pond`"), {}, False),
        (("replaces `fish`",), {"added": ("pond",)}, False),
        (("replaces `fish`",), {"figures": (b"png",)}, False),
        ((), {}, False),
    ],
)
def test_a_step_that_only_binds_the_same_again_is_not_run_again(
    changes: tuple[str, ...], more: dict[str, Any], grave: bool
) -> None:
    code = "fish = read('fish.db')"
    trial = Trial("ran", NOTHING, changes=changes, **more)
    fault = screen(
        Reply("", code), [ASKED, *ran(code, f"{NOTHING}\nNew: fish.")], {"fish": [], "read": read}, ALL, trial
    )
    assert fault
    assert (fault.repeated, fault.grave) == (True, grave)


def read(path: str) -> list[str]:
    """Stand in for a function of the user."""
    return [path]


def test_a_step_that_the_user_rejected_is_not_proposed_again_for_that_question() -> None:
    step = Proposal("p", 1, "", "fish.clear()", "")
    history = [ASKED, step, Rejection("p", "Keep them.")]
    fault = screen(Reply("", "fish.clear()  # all"), history, {"fish": []}, ALL)
    assert fault
    assert fault.grave
    assert screen(Reply("", "fish.copy()"), history, {"fish": []}, ALL) is None
    assert screen(Reply("", "fish.clear()"), [*history, Stop(), Prompt("Clear it")], {"fish": []}, ALL) is None


def test_the_model_begins_afresh_after_what_was_refused_and_after_failures_alike() -> None:
    failed = ran("x", "NameError", error="NameError: x")
    assert restarts([ASKED, *failed]) == 0
    assert restarts([ASKED, *failed, *failed]) == 1
    assert restarts([ASKED, *failed, *ran("y", "NameError", error="NameError: y")]) == 0
    assert restarts([ASKED, Retry("Empty."), Retry("Empty."), Answer("12"), Refusal("No.")]) == 3
    assert restarts([ASKED, Retry("Empty."), *ran("1", "1")]) == 0
    assert restarts([ASKED, Retry("Empty."), Stop(), Continue()]) == 0
    assert restarts([ASKED, Retry("Empty."), Answer("12"), ASKED]) == 0


def test_another_question_begins_afresh() -> None:
    history = [ASKED, *ran("print(1)", "1"), Answer("1"), ASKED]
    assert screen(Reply("", "print(1)"), history, {}, ALL) is None
    assert screen(answered("It weighs 12."), history, {}, ALL)


NEEDED = {"needs_output": lambda: True}
NOT_NEEDED = {"needs_output": lambda: False}


def is_unusable(answer: str, history: list[Event], **needs: Callable[[], bool | None]) -> bool:
    fault = screen(answered(answer), history, {}, ALL, **needs)
    return fault is not None and fault.grave and fault.needs_step


@pytest.mark.parametrize("answer", ["It weighs 12.", "They are light.", "@mass[0]", "'Pike' is the heaviest."])
def test_an_answer_before_anything_was_run_is_unusable_where_an_output_is_needed(answer: str) -> None:
    assert is_unusable(answer, [ASKED], **NEEDED)
    assert not is_unusable(answer, [ASKED], **NOT_NEEDED)
    assert screen(answered(answer), [ASKED], {}, ALL.without("evidence"), **NEEDED) is None


def test_what_the_model_does_not_know_to_need_an_output_does_if_its_answer_has_what_nothing_shows() -> None:
    concept = Prompt("What is a median?", ASKED.context)
    assert screen(answered("A median is the middle value."), [concept], {}, ALL) is None
    assert is_unusable("A median is the middle value, here 12.5.", [concept])
    assert (
        screen(answered("A median is the middle value, as in 1, 2.5, 7."), [Prompt("What is a median?")], {}, ALL)
        is None
    )


@pytest.mark.parametrize(
    "answer", ["It weighs 0 g.", "1 fish", "It is 'eel'.", "It weighs {mass} g.", "The mass is <value>."]
)
def test_an_answer_with_what_no_output_shows_is_unusable_whatever_was_run(answer: str) -> None:
    history = [ASKED, *ran("print(fish.mass.max())", "12.34")]
    assert is_unusable(answer, history, **NOT_NEEDED)
    failed = [ASKED, *ran("fish.weight", "AttributeError", error="AttributeError: weight")]
    assert is_unusable(answer, failed)


def test_a_follow_up_may_rest_on_what_an_earlier_question_showed() -> None:
    history = [ASKED, *ran("print(12)", "12"), Answer("It weighs 12."), Prompt("And how heavy was the fish again?")]
    assert screen(answered("It was 12."), history, {}, ALL) is None
    assert screen(answered("It was 12."), history, {}, ALL, **NEEDED) is None
    assert is_unusable("It was 13.", history)


def test_an_answer_after_a_failed_step_is_doubted() -> None:
    history = [ASKED, *ran("fish.weight", "AttributeError", error="AttributeError: weight")]
    assert screen(answered("It weighs nothing."), history, {}, ALL)


@pytest.mark.parametrize(
    "text", ["Next, I compute the mean.", "The steps are:", "It failed. I need to look at the data."]
)
def test_an_announced_step_is_no_answer(text: str) -> None:
    assert screen(answered(text), [ASKED, *ran("fish", "7 rows")], {}, ALL)


def test_a_number_that_only_the_models_own_code_has_is_not_shown() -> None:
    history = [ASKED, *ran("slope = 50.0", "")]
    assert ungrounded("It grows by 50.0 g.", *shown_texts(history)) == ["50.0"]


def test_a_number_in_the_code_that_an_error_quotes_is_not_shown() -> None:
    error = "ValueError: 7 fish"
    quoted = f"line 1: weigh(88.5)\n{error}"
    history = [ASKED, *ran("weigh(88.5)", quoted, error=error), *ran("print('done')", "done")]
    assert ungrounded("It weighs 88.5 g.", *shown_texts(history)) == ["88.5"]
    assert ungrounded("There are 7.", *shown_texts(history)) == []


def test_an_answer_right_after_a_step_that_shows_nothing_is_doubted() -> None:
    asked = Prompt("Which is the heaviest fish?", ASKED.context)
    silent = ran("fish = fish.sort_values('weight')", f"{NOTHING}\nRebound: fish (DataFrame 7x2)")
    fault = screen(answered("It is the pike."), [asked, *silent], {}, ALL)
    assert fault
    assert fault.grave and fault.needs_step  # nothing since the question has shown a value
    assert "printed nothing" in fault.text
    shown = ran("fish.weight.max()", f"{BEGIN}\n12\n{END}")
    later = screen(answered("It is the pike."), [asked, *shown, *silent], {}, ALL)
    assert later and later.needs_step and not later.grave
    named = ran("heaviest = fish.name[0]", f"{NOTHING}\nNew: heaviest = 'pike'")
    assert screen(answered("It is the pike."), [asked, *named], {}, ALL) is None
    drawn = ran("fish.weight.plot.bar()", NOTHING)
    assert screen(answered("It is the pike."), [asked, *drawn], {}, ALL) is None


@pytest.mark.parametrize(
    ("answer", "is_asked"),
    [("The table is there.", False), ("The task is done.", False), ("The pike is the heaviest.", True)],
)
def test_a_task_that_asks_for_no_value_may_end_without_one(answer: str, is_asked: bool) -> None:
    asked = Prompt("Read fish.csv, and tell me which is the heaviest.", "fish.csv: 7 rows × 2: name str 'pike' 'carp'")
    silent = ran("fish = pd.read_csv('fish.csv')", f"{NOTHING}\nNew: fish (DataFrame 7×2)")
    fault = screen(answered(answer), [asked, *silent], {}, ALL)
    assert (fault is not None) == is_asked


def test_a_refused_answer_is_not_given_again() -> None:
    history = [ASKED, *ran("print(12)", "12"), Answer("It weighs 12."), Refusal("No.")]
    fault = screen(answered("it weighs **12**"), history, {}, ALL)
    assert fault
    assert fault.grave
    assert "refused before" in fault.text
    assert screen(answered("It weighs 12 kg."), history, {}, ALL) is None


def test_three_failures_in_a_row_are_one_too_many() -> None:
    bad = ran("x", "NameError", error="NameError: x")
    assert is_stuck([ASKED, *bad, *bad, *bad])
    assert not is_stuck([ASKED, *bad, *bad])
    assert not is_stuck([ASKED, *bad, *bad, *ran("1", "1")])
    assert not is_stuck([ASKED, *bad, *bad, *bad, Continue()]), "the user lets it try on"
    assert not is_stuck([ASKED, *bad, *bad, Answer("No."), ASKED, *bad])


def test_the_task_said_again_is_no_answer() -> None:
    fault = screen(answered("(The task: How heavy is it? If the outputs"), [ASKED, *ran("print(12)", "12")], {}, NONE)
    assert fault
    assert fault.grave
