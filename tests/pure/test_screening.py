"""Replies that are rejected before the user sees them, in the light of the conversation."""

from __future__ import annotations

import pytest

from codeact_jupyter.agent.screening import RAISED, screen
from codeact_jupyter.dialects.reply import Reply
from codeact_jupyter.outputs.observation import NOTHING
from codeact_jupyter.session.messages import Answer, Approval, Continue, Event, Observation, Prompt, Proposal, Refusal
from codeact_jupyter.session.techniques import NAMES, NONE, Techniques
from codeact_jupyter.session.transcript import is_stuck, unfounded_numbers

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


def test_another_question_begins_afresh() -> None:
    history = [ASKED, *ran("print(1)", "1"), Answer("1"), ASKED]
    assert screen(Reply("", "print(1)"), history, {}, ALL) is None
    assert screen(answered("It weighs 12."), history, {}, ALL)


def test_an_answer_before_anything_was_run_is_doubted_where_there_is_data() -> None:
    assert screen(answered("It weighs 12."), [ASKED], {}, ALL)
    assert screen(answered("It weighs 12."), [ASKED], {}, ALL.without("evidence")) is None
    concept = Prompt("What is a median?", ASKED.context)
    assert screen(answered("A median is the middle value."), [concept], {}, ALL) is None
    assert screen(answered("A median is the middle value, here 12.5."), [concept], {}, ALL)
    assert screen(answered("They are light."), [Prompt("Is the mass of the fish high?", ASKED.context)], {}, ALL)


def test_a_follow_up_may_rest_on_what_an_earlier_question_showed() -> None:
    history = [ASKED, *ran("print(12)", "12"), Answer("It weighs 12."), Prompt("And how heavy was the fish again?")]
    assert screen(answered("It was 12."), history, {}, ALL) is None
    assert unfounded_numbers("It was 12.", history) == []
    assert screen(answered("It was 13."), history, {}, ALL)


def test_an_answer_after_a_failed_step_is_doubted() -> None:
    history = [ASKED, *ran("fish.weight", "AttributeError", error="AttributeError: weight")]
    assert screen(answered("It weighs nothing."), history, {}, ALL)


@pytest.mark.parametrize(
    "text", ["Next, I compute the mean.", "The steps are:", "It failed. I need to look at the data."]
)
def test_an_announced_step_is_no_answer(text: str) -> None:
    assert screen(answered(text), [ASKED, *ran("fish", "7 rows")], {}, ALL)


def test_a_number_that_only_the_models_own_code_has_is_told() -> None:
    history = [ASKED, *ran("slope = 50.0", "")]
    assert unfounded_numbers("It grows by 50.0 g.", history) == ["50.0"]


def test_an_answer_right_after_a_step_that_shows_nothing_is_doubted() -> None:
    asked = Prompt("Which is the heaviest fish?", ASKED.context)
    silent = ran("fish = fish.sort_values('weight')", f"{NOTHING}\nRebound: fish (DataFrame 7x2)")
    fault = screen(answered("It is the pike."), [asked, *silent], {}, ALL)
    assert fault
    assert fault.resample
    assert "printed nothing" in fault.text
    named = ran("heaviest = fish.name[0]", f"{NOTHING}\nNew: heaviest = 'pike'")
    assert screen(answered("It is the pike."), [asked, *named], {}, ALL) is None
    drawn = ran("fish.weight.plot.bar()", NOTHING)
    assert screen(answered("It is the pike."), [asked, *drawn], {}, ALL) is None


def test_a_refused_answer_is_not_given_again() -> None:
    history = [ASKED, *ran("print(12)", "12"), Answer("It weighs 12."), Refusal("No.")]
    fault = screen(answered("it weighs **12**"), history, {}, ALL)
    assert fault
    assert "refused before" in fault.text
    assert screen(answered("It weighs 12 kg."), history, {}, ALL) is None


@pytest.mark.parametrize(
    "answer",
    [
        "12.34 g",
        "12.3 g",
        "12 g",
        "1,234 rows",
        "about 5%",
        "-12.34",
        "The first 2 of 3",
        "7 rows",
        "df2 has it",
        "0.05",
    ],
)
def test_numbers_that_an_output_shows_are_founded(answer: str) -> None:
    history = [ASKED, *ran("print(mean)", "12.3387\n1234\n0.0501")]
    assert unfounded_numbers(answer, history) == []


@pytest.mark.parametrize(("answer", "found"), [("12.5 g", ["12.5"]), ("13", ["13"]), ("99 of 1,235", ["99", "1,235"])])
def test_numbers_that_nothing_shows_are_told(answer: str, found: list[str]) -> None:
    history = [ASKED, *ran("print(mean)", "12.3387\n1234\n0.0501")]
    assert unfounded_numbers(answer, history) == found
    fault = screen(answered(answer), history, {}, ALL)
    assert fault
    assert found[0] in fault.text


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
