"""JSON and text actions: what a reply says, what is done about a bad one; and the published protocol."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.baselines import published
from benchmarks.baselines.dialogue import Dialogue, preamble
from benchmarks.baselines.tool_caller import ToolCaller
from benchmarks.baselines.tool_calls import find_fault, is_complete, parse
from codeact_jupyter.evaluation.other_agent import time_limit
from codeact_jupyter.evaluation.plan import Settings
from codeact_jupyter.session.techniques import NONE, Techniques
from codeact_jupyter.testing import Reply, ScriptedEngine

USES = {"none": NONE, "all": Techniques()}


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


def fail(name: str) -> None:
    """It always fails."""
    raise ValueError(f"There is no {name}.")


TOOLS: dict[str, Callable[..., Any]] = {"double": double, "fail": fail}


def call(mode: str, tool: str = "double", **arguments: Any) -> str:
    """A model's reply that calls a tool."""
    import json

    if mode == "json":
        return "I call it.\n" + json.dumps({"tool": tool, "arguments": arguments})
    return f"I call it.\nAction: {tool}({', '.join(f'{name}={value!r}' for name, value in arguments.items())})\n"


def converse(
    mode: str,
    *replies: Reply,
    use: Techniques = NONE,
    judge: Callable[[str], bool | str] = lambda answer: True,
    **options: Any,
) -> tuple[Dialogue, ScriptedEngine]:
    """A conversation with a model that says this, and that model."""
    engine = ScriptedEngine(replies)
    settings = Settings("tools", **options)
    dialogue = Dialogue(engine, settings, 0, preamble(mode, example=use.example))
    ToolCaller(dialogue, mode, TOOLS, use, judge).converse("What is twice 4?")
    return dialogue, engine


modes = pytest.mark.parametrize("mode", ["json", "text"])


# --- parsing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "text", "expected"),
    [
        ("json", 'I look.\n{"tool": "berth", "arguments": {"berth_id": "Q2"}}', "berth(berth_id='Q2')"),
        ("json", '```json\n{"tool": "berths", "arguments": {}}\n```', "berths()"),
        ("json", '{"tool": "berths"}', "berths()"),
        ("json", '{"tool": "tide", "arguments": [4, null, true]}', "tide(4, None, True)"),
        ("json", '{"tool": "a", "arguments": {"x": "}\\""}} and {"tool": "b"}', "a(x='}\"')"),
        ("text", "I look.\nAction: berth(berth_id='Q2')\nmore", "berth(berth_id='Q2')"),
        ("text", "action: tide(4, hours=[1, 2])", "tide(4, hours=[1, 2])"),
        ("text", "**Action:** `berths()`\n", "berths()"),
        ("text", "Action: tide(\n  hour=4,\n)\n", "tide(hour=4)"),
        ("text", "Action: tide(hour=-1)\n", "tide(hour=-1)"),
    ],
)
def test_an_action_is_one_call(mode: str, text: str, expected: str) -> None:
    said = parse(text, mode)
    assert said.call is not None
    assert (said.call.text, said.answer, said.fault) == (expected, None, "")
    assert parse(said.history, mode).call == said.call


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("json", '{"tool": "berth", "arguments": {"berth_id": "Q2"}'),
        ("json", '{"tool": "berth", "arguments": {"berth_id": berths()[0]}}'),
        ("json", '{"tool": 3, "arguments": {}}'),
        ("json", '{"tool": "berth", "arguments": "Q2"}'),
        ("json", '{"name": "berth", "arguments": {}}'),
        ("json", '{"tool": "berth", "arguments": {}, "then": "moor"}'),
        ("json", '{"Q2": 4}'),
        ("text", "Action: berth(berth_id=berths()[0])"),
        ("text", "Action: berth(Q2)"),
        ("text", "Action: max(berths())"),
        ("text", "Action: x.berth('Q2')"),
        ("text", "Action: berth('Q2'"),
        ("text", "Action: berth(**{'a': 1})"),
        ("text", "Action: I call berth\n"),
        ("text", "Action:"),
        ("json", "  \n"),
        ("text", "Answer:  "),
    ],
)
def test_malformed_actions_have_a_fault_and_are_not_answers(mode: str, text: str) -> None:
    said = parse(text, mode)
    assert said.call is None
    assert said.answer is None
    assert said.fault


@modes
@pytest.mark.parametrize(
    ("text", "answer", "marked"),
    [
        ("Answer: 8 euros", "8 euros", True),
        ("So:\n**Final answer:** 8", "8", True),
        ("It is 8.", "It is 8.", False),
        ("Answer: {8, 9}", "{8, 9}", True),
    ],
)
def test_a_reply_without_an_action_is_the_answer(mode: str, text: str, answer: str, marked: bool) -> None:
    said = parse(text, mode)
    assert (said.answer, said.marked, said.call) == (answer, marked, None)


@modes
def test_what_comes_first_counts(mode: str) -> None:
    assert parse(call(mode, number=1) + "\nAnswer: 2", mode).call is not None
    assert parse("Answer: 2\n" + call(mode, number=1), mode).call is None


@modes
def test_decoding_stops_when_the_action_is_written(mode: str) -> None:
    text = call(mode, number=12)
    stops = [length for length in range(len(text) + 1) if is_complete(text[:length], mode)]
    assert stops == [len(text)]
    assert not is_complete("Answer: 2", mode)


def test_calls_that_cannot_be_made_are_found() -> None:
    assert find_fault(parse("Action: double(number=1)", "text").call, TOOLS) == ""  # type: ignore[arg-type]
    unknown = find_fault(parse("Action: duble(number=1)", "text").call, TOOLS)  # type: ignore[arg-type]
    assert "no tool 'duble'" in unknown
    assert "Did you mean double?" in unknown
    unbound = find_fault(parse("Action: double(n=1)", "text").call, TOOLS)  # type: ignore[arg-type]
    assert "double(number: int) -> int" in unbound


# --- the loop ----------------------------------------------------------------------------------------------------


@modes
@pytest.mark.parametrize("use", USES)
def test_a_call_s_result_goes_back_until_there_is_an_answer(mode: str, use: str) -> None:
    dialogue, engine = converse(mode, call(mode, number=4), "Answer: 8", use=USES[use])
    assert (dialogue.status, dialogue.turns) == ("answered", 2)
    assert [step.action for step in dialogue.steps] == ["double(number=4)"]
    result, _, reminder = engine.prompts[1][-1].content.partition("\n\n")
    assert result == "Result: 8"
    assert ("What is twice 4?" in reminder) is USES[use].remind
    assert "double(number: int) -> int: Twice the number." in engine.prompts[0][-1].content
    assert (len(engine.prompts[0]) > 2) is USES[use].example


@modes
def test_errors_go_back_too_and_are_recorded(mode: str) -> None:
    dialogue, engine = converse(
        mode, call(mode, "fail", name="berth"), call(mode, "nothing"), call(mode, n=1), "Answer: none"
    )
    assert [step.error.partition(":")[0] for step in dialogue.steps] == ["ValueError", "NameError", "TypeError"]
    assert "There is no berth." in engine.prompts[1][-1].content
    assert dialogue.status == "answered"


@modes
def test_without_techniques_a_malformed_action_is_shown_and_costs_a_turn(mode: str) -> None:
    bad = '{"tool": double}' if mode == "json" else "Action: double(x)\n"
    dialogue, engine = converse(mode, bad, call(mode, number=4), "Answer: 8")
    assert [step.error.partition(":")[0] for step in dialogue.steps] == ["SyntaxError", ""]
    assert "Error: SyntaxError" in engine.prompts[1][-1].content
    assert dialogue.usage.discarded == 0


@modes
def test_a_call_that_does_not_bind_is_sampled_again_unseen(mode: str) -> None:
    good = call(mode, number=4)
    dialogue, engine = converse(
        mode, call(mode, n=4), call(mode, "dubble"), good, good, "Answer: 8", use=Techniques(), temperature=0.0
    )
    assert [step.action for step in dialogue.steps] == ["double(number=4)"]
    assert dialogue.usage.discarded == 3
    assert all("n=4" not in message.content for message in engine.prompts[-1])


@modes
def test_the_most_frequent_of_the_sound_calls_is_taken(mode: str) -> None:
    bad = call(mode, n=1)
    replies = [bad, bad, call(mode, number=5), call(mode, number=4), call(mode, number=4), "Answer: 8"]
    dialogue, _ = converse(mode, *replies, use=Techniques())
    assert dialogue.steps[0].action == "double(number=4)"
    dialogue, _ = converse(mode, *replies[:3], "Answer: 10", use=Techniques().without("vote"))
    assert dialogue.steps[0].action == "double(number=5)"


@modes
def test_the_model_is_told_unseen_why_its_reply_is_not_sound(mode: str) -> None:
    dialogue, engine = converse(mode, call(mode, n=1), call(mode, number=4), "Answer: 8", use=Techniques())
    assert "That was not done. TypeError" in engine.prompts[1][-1].content
    assert dialogue.steps[0].action == "double(number=4)"
    assert all("That was not done" not in message.content for message in engine.prompts[2])


@modes
def test_an_answer_before_any_result_is_doubted(mode: str) -> None:
    dialogue, _ = converse(mode, "Answer: 7", call(mode, number=4), call(mode, number=4), "Answer: 8", use=Techniques())
    assert len(dialogue.steps) == 1
    dialogue, _ = converse(mode, "Answer: 7", use=Techniques().without("evidence"))
    assert (dialogue.steps, dialogue.status) == ([], "answered")


@modes
def test_a_call_that_is_repeated_without_end_ends_the_attempt(mode: str) -> None:
    dialogue, _ = converse(mode, *[call(mode, number=4)] * 20, use=Techniques())
    assert dialogue.status == "no_answer"
    assert 2 <= len(dialogue.steps) <= 3
    dialogue, _ = converse(mode, *[call(mode, number=4)] * 20, max_turns=5)
    assert (dialogue.status, len(dialogue.steps)) == ("limit", 5)


@modes
def test_after_the_last_turn_only_an_answer_is_taken(mode: str) -> None:
    dialogue, engine = converse(mode, call(mode, number=1), call(mode, number=2), "Answer: 4", max_turns=2)
    assert (dialogue.status, dialogue.turns) == ("answered", 3)
    assert "No further action" in engine.prompts[-1][-1].content


@modes
def test_a_refused_answer_goes_on_with_the_reason(mode: str) -> None:
    verdicts = iter(["It must be even.", True])
    dialogue, engine = converse(
        mode, call(mode, number=4), "Answer: 7", "Answer: 8", judge=lambda answer: next(verdicts)
    )
    assert dialogue.status == "answered"
    assert "It must be even." in engine.prompts[-1][-1].content


def test_a_full_window_shortens_the_oldest_results() -> None:
    def wordy(number: int) -> str:
        """Many words."""
        return "word " * 2000

    engine = ScriptedEngine(["Action: wordy(number=1)\n", "Action: wordy(number=2)\n", "Answer: x"], context_size=6000)
    dialogue = Dialogue(engine, Settings("tools", max_tokens=64), 0, preamble("text", example=False))
    ToolCaller(dialogue, "text", {"wordy": wordy}, NONE, lambda answer: True).converse("Words?")
    results = [message.content for message in engine.prompts[-1] if message.content.startswith("Result:")]
    assert len(results[0]) <= len(results[1])


def test_the_clock_interrupts_and_leaves_no_alarm_behind() -> None:
    with pytest.raises(KeyboardInterrupt), time_limit(0.05):
        time.sleep(30)
    with time_limit(30):
        pass


# --- the published protocol --------------------------------------------------------------------------------------


def publish(
    *replies: Reply, namespace: dict[str, Any] | None = None, **options: Any
) -> tuple[Dialogue, ScriptedEngine]:
    engine = ScriptedEngine(replies)
    dialogue = Dialogue(engine, Settings("tools", **options), 0, preamble("paper", example=False))
    published.converse(
        dialogue, "What is twice 4?", {"double": double} if namespace is None else namespace, lambda answer: True
    )
    return dialogue, engine


def test_the_published_protocol_runs_what_stands_between_its_tags() -> None:
    dialogue, engine = publish("I think.\n<execute>\nprint(double(4))\n</execute> and more", "<solution> 8 </solution>")
    assert (dialogue.status, dialogue.turns) == ("answered", 2)
    assert "double(number: int) -> int: Twice the number." in engine.prompts[0][-1].content
    assert engine.prompts[1][-1].content == "Observation:\n8\nYou have 9 steps left."
    assert engine.prompts[1][-2].content.endswith("</execute>")


def test_the_published_protocol_shows_raw_tracebacks_and_no_tool_from_inside() -> None:
    dialogue, engine = publish(
        "<execute>\nfail('x')\n</execute>", "<execute>y</execute>", "8", namespace={"fail": fail}
    )
    observation = engine.prompts[1][-1].content
    assert "Traceback" in observation
    assert "ValueError: There is no x." in observation
    assert "raise ValueError" not in observation
    assert [step.error.partition(":")[0] for step in dialogue.steps] == ["ValueError", "NameError"]


def test_the_published_protocol_takes_plain_words_for_the_answer_and_asks_about_stray_code() -> None:
    dialogue, engine = publish("```python\nprint(1)\n```", "It is 8.")
    assert published.CONFUSED in engine.prompts[1][-1].content
    assert (dialogue.status, dialogue.steps) == ("answered", [])
    dialogue, _ = publish("<execute>x = 1</execute>", "<execute>x</execute>", "<execute>x</execute>", max_turns=2)
    assert len(dialogue.steps) == 2
