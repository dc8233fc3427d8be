"""What a thinking model thinks is neither answered nor run."""

from __future__ import annotations

import pytest

from codeact_jupyter.dialects.reply import Reply, canonical_reply, is_complete, parse_reply
from tests.replies import stop_of

THOUGHTS = [
    "<think>\n{}\n</think>\n\n",
    "<think>{}</think>",
    "\n<thinking>\n{}\n</thinking>\n",
    "<reasoning>{}</reasoning>\n",
    "<seed:think>{}</seed:think>",
    "[THINK]{}[/THINK]",
    "<|START_THINKING|>{}<|END_THINKING|><|START_RESPONSE|>",
    "<|channel>thought\n{}<channel|>",
    "<|inner_prefix|>{}<|inner_suffix|>",
    "<|begin_of_thought|>\n{}\n<|end_of_thought|>\n\n<|begin_of_solution|>\n",
    "<|channel|>analysis<|message|>{}<|end|><|start|>assistant<|channel|>final<|message|>",
    "<|channel|>analysis<|message|>{}<|start|>assistant<|channel|>final<|message|>",
]
DRAFTS = [
    "The user wants a sum.",
    "Maybe\n```python\nimport os; os.remove('data.csv')\n```\nNo, that would lose the data.",
    "<execute>os.remove('data.csv')</execute> <solution>7</solution>",
    "```python\nos.remove('data.csv')  # a block that is never closed",
    "It's like '''this.",
]


@pytest.mark.parametrize("form", THOUGHTS)
@pytest.mark.parametrize("draft", DRAFTS)
def test_a_thought_is_neither_answer_nor_step(form: str, draft: str) -> None:
    thought = form.format(draft)
    assert parse_reply(f"{thought}The sum is 5.") == Reply("The sum is 5.", None)
    assert parse_reply(f"{thought}Answer: 5") == Reply("5", None)
    assert stop_of(f"{thought}The sum is 5.") is None
    step = f"{thought}I add.\n```python\nprint(2 + 3)\n```"
    assert parse_reply(step) == Reply("I add.", "print(2 + 3)")
    assert stop_of(f"{step}\n") == len(step)
    assert canonical_reply(step) == "I add.\n```python\nprint(2 + 3)\n```"
    opened = thought[: thought.index(draft) + len(draft)]
    assert parse_reply(opened) == Reply("", None)
    assert not is_complete(opened)


@pytest.mark.parametrize("end", ["</think>", "[/THINK]", "</thinking>", "<channel|>"])
@pytest.mark.parametrize("draft", ["So 5.", "Maybe\n```python\nx = 1\n", "```text\na\n```\n"])
def test_a_thought_that_the_template_opened_ends_at_its_mark(end: str, draft: str) -> None:
    for between in ("\n", ""):
        assert parse_reply(f"{draft}{between}{end}\n\nThe sum is 5.") == Reply("The sum is 5.", None)
        assert parse_reply(f"{draft}{between}{end}\nI add.\n```py\n2 + 3\n```") == Reply("I add.", "2 + 3")


@pytest.mark.parametrize(
    "text",
    [
        "The tag `<think>` opens a thought.",
        "Between <think> and </think> it thinks.",
        "```xml\n<think>\na\n</think>\n```",
    ],
)
def test_marks_that_are_written_about_hide_nothing(text: str) -> None:
    assert parse_reply(text) == Reply(text, None)


def test_marks_in_strings_of_the_code_hide_nothing() -> None:
    code = "text = re.sub('<think>.*?</think>', '', '''\n<think>\na\n</think>\n''')"
    step = f"I clean.\n```python\n{code}\n```"
    assert parse_reply(step) == Reply("I clean.", code)
    assert stop_of(step) == len(step)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<|channel|>commentary<|message|>I count.<|end|><|start|>assistant<|channel|>final<|message|>5", "I count.5"),
        ("<|channel|>final<|message|>It is 5.<|return|>", "It is 5."),
        ("<|begin_of_solution|>It is 5.<|end_of_solution|>", "It is 5."),
        ("<|START_RESPONSE|>It is 5.<|END_RESPONSE|>", "It is 5."),
    ],
)
def test_marks_around_an_answer_are_no_part_of_it(text: str, answer: str) -> None:
    assert parse_reply(text) == Reply(answer, None)


@pytest.mark.parametrize("to", ["to=python", "to=python <|constrain|>code", "json"])
def test_marks_around_a_call_are_no_part_of_it(to: str) -> None:
    call = f"<|channel|>commentary {to}<|message|>print(2 + 3)<|call|>"
    found = parse_reply(f"<|channel|>analysis<|message|>I add.<|end|><|start|>assistant{call}")
    assert found == Reply("print(2 + 3)", None)
