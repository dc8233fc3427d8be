"""The form that a question states: filled from outputs, asked for where there is no value, and nothing else changed."""

from __future__ import annotations

import pytest

from codeact_jupyter.agent.forms import in_form, missing_form
from codeact_jupyter.agent.screening import screen
from codeact_jupyter.dialects.reply import Reply
from codeact_jupyter.outputs.observation import BEGIN, END
from codeact_jupyter.session.messages import Approval, Event, Observation, Prompt
from codeact_jupyter.session.techniques import ALL


def episode(question: str, *outputs: str) -> list[Event]:
    events: list[Event] = [Prompt(question, "fish: DataFrame 3×2")]
    for output in outputs:
        events += [Approval("", "look()"), Observation("", f"{BEGIN}\n{output}\n{END}\nNew: x int", True)]
    return events


def formed(question: str, answer: str, *outputs: str) -> str:
    return in_form(answer, episode(question, *outputs))


@pytest.mark.parametrize(
    ("question", "output", "answer", "expected"),
    [
        ("Give it as @weight[number].", "4.25", "The mean weight is 4.3 kg.", "@weight[4.25]"),
        ("Give it as @weight[number].", "np.float64(4.25)", "It is about four.", "@weight[4.25]"),
        ("Give it as @weight[number].", "np.int64(4)", "Four.", "@weight[4]"),
        ("Give it as @weight[number].", "a 4\nb 5", "5", "@weight[5]"),
        ("Give it as @pond{name}", "'Long Pond'", "The fish live in Long Pond.", "@pond{Long Pond}"),
        ("Give it as @pond{name}", "'Long Pond'", "Long Pond.", "@pond{Long Pond}"),
        ("Give it as @pond<name>", "Mill", "It is the pond at the mill.", "@pond<Mill>"),
        ("@deep[yes or no]", "True", "Yes.", "@deep[Yes]"),
        ("@name[fish] @size[cm]", "{'name': 'carp', 'size': 70}", "The carp, 70 cm.", "@name[carp] @size[70]"),
        ("@name[fish] @size[cm]", "@name[carp] @size[70]", "The carp.", "@name[carp] @size[70]"),
        ("@name[fish] @size[cm]", "@name[carp]", "@size[70]", "@name[carp] @size[70]"),
        ("@name[fish]; @size[cm]", "{'name': 'carp', 'size': 70}", "The carp, 70.", "@name[carp]; @size[70]"),
        ("@name[fish], @size[cm]", "carp 70", "It is @name[carp], @size[70].", "@name[carp], @size[70]"),
        ("@name[fish] and @size[cm]", "carp 70", "@name[carp] and @size[70]", "@name[carp] @size[70]"),
        ("@size[cm], e.g. @size[12]", "70", "The carp.", "@size[70]"),
        ("Reply with `size: <n> cm`.", "70", "The carp has 70.", "size: 70 cm"),
        ('Reply "Total = {amount}" please.', "1234.5", "It is big.", "Total = 1234.5"),
        ("Reply `{name}: {size} cm` ", "7", "carp", "carp"),
        ("Reply `fish {name}: {size} cm`", "{'fish': 'carp', 'size': 7}", "It is.", "fish carp: 7 cm"),
    ],
)
def test_a_template_is_filled_with_the_value(question: str, output: str, answer: str, expected: str) -> None:
    assert formed(question, answer, output) == expected


@pytest.mark.parametrize(
    "answer",
    ["@size[70]", "The fish: @size[70] it is.", "`@size[70]`", "@size[70].", "@size[ about 70 cm ]"],
)
def test_an_answer_that_has_the_template_keeps_its_value(answer: str) -> None:
    events = episode("As @size[value]", "12")
    assert in_form(answer, events) in (answer, "@size[70]")
    assert missing_form(answer, events) == ""


@pytest.mark.parametrize("output", ["nan", "NaT", "None", "[1, 2]", "carp 70\npike 80", "Empty DataFrame"])
@pytest.mark.parametrize("answer", ["It cannot be said.", "It is @size[value]", "@size[…]", "There are 2 of them"])
def test_without_a_value_the_form_is_asked_for_and_nothing_is_invented(output: str, answer: str) -> None:
    events = episode("As @size[value], please.", output)
    assert in_form(answer, events) == answer
    assert missing_form(answer, events).startswith("The task asks for this form: @size[value]\n")


def test_two_slots_without_names_in_the_output_are_asked_for() -> None:
    events = episode("@name[fish] @size[cm]", "('carp', 70)")
    assert in_form("The carp with 70 cm.", events) == "The carp with 70 cm."
    assert "@name[fish] @size[cm]" in missing_form("The carp with 70 cm.", events)


@pytest.mark.parametrize(
    ("question", "output", "answer", "expected"),
    [
        ("with two decimals", "4.25678", "It is 4.25678 kg.", "It is 4.26 kg."),
        ("with two decimals", "4.25678", "It is 4.3 kg.", "It is 4.26 kg."),
        ("with 2 decimal places", "4.2", "It is 4.2 kg.", "It is 4.20 kg."),
        ("rounded to 3", "4.25678", "It is 4.26 kg.", "It is 4.257 kg."),
        ("Round the mean to three digits.", "4.25678", "4.3", "4.257"),
        ("three digits after the decimal point", "1234567.5", "It is 1,234,567.5.", "It is 1,234,567.500."),
        ("exactly one decimal", "4.0", "It is 4.", "It is 4.0."),
        ("no decimals", "4.6", "It is 4.6.", "It is 5."),
        ("to the nearest integer", "4.6", "It is 4.6.", "It is 5."),
        ("two-decimal number", "-0.001", "It is -0.001.", "It is 0.00."),
        ("two decimals, as @m[mean] @n[count]", "{'m': 4.25678, 'n': 31}", "Mean 4.3.", "@m[4.26] @n[31]"),
        ("two decimals, as @m[mean]", "a 4.25678\nb 5", "The mean is 4.26 here.", "@m[4.26]"),
    ],
)
def test_decimals_are_those_asked_for(question: str, output: str, answer: str, expected: str) -> None:
    assert formed(f"What is the mean? Answer {question}", answer, output) == expected


@pytest.mark.parametrize(
    ("question", "output", "answer"),
    [
        ("How many weigh over 2.5, and their mean with two decimals?", "31\n4.25", "31 weigh over 2.5: 4.25."),
        ("The mean with two decimals?", "31", "It is 31."),
        ("The mean with two decimals?", "4.251\n4.259", "It is 4.3."),
        ("The mean with two decimals and the sum with three decimals?", "4.25678", "It is 4.25678."),
        ("The year with two decimals?", "2023-05-06", "On 2023-05-06, v3.11.2."),
        ("The mean with two significant digits?", "4.25678", "It is 4.25678."),
    ],
)
def test_other_numbers_stay(question: str, output: str, answer: str) -> None:
    assert formed(question, answer, output) == answer


@pytest.mark.parametrize(
    "question",
    [
        "What is the mean weight?",
        "Which of prices[2] and df[column] is larger?",
        "Why does `f'{weight} kg'` fail?",
        "What is a @ b[0] for `List<int>` and `print({x})`?",
        "Mail anna@pond[work]. How heavy is the carp?",
        "What does it do?\n```python\n@cache[int]\ndef f(): return f'{x} cm'\n```",
        "Is 'it' more than the pond's 20?",
        "Which `<b>text</b>` is bold?",
        "Round every weight to 5 kg and count them.",
    ],
)
@pytest.mark.parametrize("answer", ["It is 4.25678 kg.", "carp", "`carp`.", "12"])
def test_a_plain_question_is_unaffected(question: str, answer: str) -> None:
    events = episode(question, "4.25678", "np.float64(12.3456)")
    assert in_form(answer, events) == answer
    assert missing_form(answer, events) == ""


def test_nothing_is_filled_or_asked_for_before_a_step_has_shown_something() -> None:
    events = [
        Prompt("As @size[value] with two decimals.", "fish: DataFrame"),
        Observation("", "It failed: 3.14159", False),
    ]
    assert in_form("It is 3.14159.", events) == "It is 3.14159."
    assert missing_form("It is 3.14159.", events) == ""


def test_the_earlier_question_does_not_count() -> None:
    events = [*episode("As @size[value]", "12"), *episode("And the weight?", "4")]
    assert in_form("It is 4.", events) == "It is 4."


def test_the_form_is_a_technique() -> None:
    events = episode("As @size[value], please?", "carp 70\npike 80")
    fault = screen(Reply("The pike is larger.", None), events, {}, ALL)
    assert fault is not None
    assert fault.ask_once and "@size[value]" in fault.text
    assert screen(Reply("The pike is larger.", None), events, {}, ALL.without("form")) is None
