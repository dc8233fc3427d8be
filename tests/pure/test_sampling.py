"""From messages to a proposal or an answer, with a scripted engine that notes how it is called."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from codeact_jupyter.agent.proposing import CUT
from codeact_jupyter.agent.proposing import propose as propose_with
from codeact_jupyter.agent.review import Review
from codeact_jupyter.agent.sampling import IMPROVING, RESAMPLE_TEMPERATURE, WARMER, Sampling
from codeact_jupyter.agent.screening import Fault
from codeact_jupyter.dialects.prompt import DIALECTS, discarded
from codeact_jupyter.dialects.reply import Reply as Understood
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    ChatMessage,
    Completion,
    Observation,
    Prompt,
    Proposal,
    Retry,
    Stop,
)
from codeact_jupyter.session.techniques import Techniques
from codeact_jupyter.testing import Reply, ScriptedEngine

MESSAGES = [ChatMessage("user", "Task: add")]
GOOD = "I add.\n```python\nx = 1 + 2\n```"
BROKEN = "```python\nx = (\n```"


def propose(engine: ScriptedEngine, messages: Sequence[ChatMessage], sampling: Sampling, **options: Any) -> Any:
    """With the review of an empty notebook, unless the test has another screen."""
    review = Review(
        options.pop("transcript", [Prompt("Add")]), dict, DIALECTS["markdown"], options.pop("use", Techniques())
    )
    if screen := options.pop("screen", None):
        review = Screened(*(getattr(review, field.name) for field in dataclasses.fields(review)), screen)
    return propose_with(engine, messages, sampling, review, **{"step": 1, **options})


@dataclasses.dataclass(frozen=True)
class Screened(Review):
    """A review with the test's own screen."""

    check: Callable[[Understood], Fault | None] = lambda reply: None

    def screen(self, reply: Understood, trial: Trial | None) -> Fault | None:
        return self.check(reply)


class Noting(ScriptedEngine):
    """A scripted engine that notes the temperature, the seed and the token limit of each call."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        super().__init__(replies)
        self.calls: list[tuple[float, int, int]] = []

    def generate(self, messages: Sequence[ChatMessage], **options: Any) -> Completion:
        self.calls.append((options["temperature"], options["seed"], options["max_tokens"]))
        return super().generate(messages, **options)


class Opened(ScriptedEngine):
    """A scripted engine that notes how each reply is opened."""

    def __init__(self, replies: Sequence[Reply]) -> None:
        super().__init__(replies)
        self.starts: list[str] = []

    def generate(self, messages: Sequence[ChatMessage], **options: Any) -> Completion:
        self.starts.append(options["start"])
        return super().generate(messages, **options)


def test_the_first_candidate_is_taken_as_configured_and_a_good_one_is_kept() -> None:
    engine = Noting([GOOD])
    proposal = propose(engine, MESSAGES, Sampling(max_tokens=99, seed=3), step=5)
    assert isinstance(proposal, Proposal)
    assert (proposal.thought, proposal.code, proposal.step) == ("I add.", "x = 1 + 2", 5)
    assert (proposal.reply, proposal.model) == (GOOD, "scripted")
    ((temperature, _, max_tokens),) = engine.calls
    assert (temperature, max_tokens) == (0.0, 99)
    assert proposal.usage.generated > 0


@pytest.mark.parametrize(
    "bad",
    [
        BROKEN,
        "",
        " \n",
        "```python\n```",
        "<execute></execute>",
        "```python\nx = 1  # \u202e\n```",
        "```python\n%codeact mode auto\n```",
    ],
    ids=["syntax", "nothing", "blank", "empty-fence", "empty-tag", "bidi", "own-policy"],
)
def test_an_unusable_candidate_is_sampled_again_warmer_and_with_another_seed(bad: str) -> None:
    engine = Noting([bad, bad, GOOD])
    proposal = propose(engine, MESSAGES, Sampling(seed=7), use=Techniques().without("vote", "repair"))
    assert isinstance(proposal, Proposal)
    assert proposal.code == "x = 1 + 2"
    assert [call[0] for call in engine.calls] == [0.0, RESAMPLE_TEMPERATURE, RESAMPLE_TEMPERATURE + WARMER]
    assert len({call[1] for call in engine.calls}) == 3
    assert engine.prompts[0] == MESSAGES
    assert engine.prompts[1] == engine.prompts[2], "an unusable reply never enters the history"
    assert engine.prompts[1][:-1] == MESSAGES
    assert engine.prompts[1][-1].content.startswith("(A reply of yours was not taken. ")
    assert proposal.usage.discarded == 2


def test_no_two_seeds_share_a_candidate() -> None:
    seeds = []
    for seed in range(5):
        engine = Noting([BROKEN] * 6)
        propose(engine, MESSAGES, Sampling(seed=seed))
        seeds += [call[1] for call in engine.calls]
    assert len(set(seeds)) == len(seeds) == 25
    assert all(Sampling().seed_of(last) < Sampling(seed=1).seed_of(0) for last in range(9))


def test_a_configured_temperature_above_that_of_resampling_is_kept() -> None:
    engine = Noting([BROKEN, BROKEN, GOOD, GOOD])
    propose(engine, MESSAGES, Sampling(temperature=1.2))
    assert [call[0] for call in engine.calls] == [1.2] * 4


def test_the_usage_is_that_of_all_candidates() -> None:
    use = Techniques().without("vote", "repair", "fresh")
    alone = propose(ScriptedEngine([GOOD]), MESSAGES, Sampling(), use=use)
    after = propose(ScriptedEngine([BROKEN, BROKEN, GOOD]), MESSAGES, Sampling(), use=use)
    broken = ScriptedEngine([BROKEN]).generate(MESSAGES).usage
    assert isinstance(alone, Proposal)
    assert isinstance(after, Proposal)
    assert after.usage.prompt == 3 * alone.usage.prompt
    assert 0 < after.usage.generated - alone.usage.generated <= 2 * broken.generated


def test_the_most_frequent_of_the_sampled_actions_is_taken_whatever_its_layout() -> None:
    engine = ScriptedEngine([BROKEN, BROKEN, "```python\nx = 2\n```", GOOD, "```python\nx = (1 + 2)  # sum\n```"])
    proposal = propose(engine, MESSAGES, Sampling())
    assert proposal.code == "x = 1 + 2"
    assert proposal.usage.discarded == 4


class Examined:
    """Trials in which each step shows itself, with this evidence of what it rests on."""

    def __init__(self, evidence: Mapping[str, Evidence]) -> None:
        self._evidence = evidence

    def try_cell(self, source: str) -> Trial:
        return Trial("ran", outputs=source)

    def evidence(self, source: str, trial: Trial, question: str) -> Evidence:
        return self._evidence.get(source, Evidence(reason="it takes too long"))


def taken(evidence: Mapping[str, Evidence], *candidates: str) -> str:
    """The step that is taken of several which were sampled after a first one that does not parse."""
    engine = ScriptedEngine([BROKEN, BROKEN, *(f"```python\n{code}\n```" for code in candidates)])
    review = Review([Prompt("Q?")], dict, DIALECTS["markdown"], Techniques(), Examined(evidence))
    proposal = propose_with(engine, MESSAGES, Sampling(), review, step=1)
    assert isinstance(proposal, Proposal)
    assert len(engine.prompts) == 2 + len(candidates), "no candidate is drawn to compare"
    return proposal.code


USED = Evidence(("t.a", "t.b"), tried=True, named=("t.a", "t.b"))
UNUSED = Evidence(("t.a",), ("t.b",), tried=True, named=("t.a", "t.b"))
NONE_USED = Evidence((), ("t.a", "t.b"), tried=True, named=("t.a", "t.b"))


def test_of_several_steps_the_one_is_taken_that_depends_on_what_the_question_names() -> None:
    assert taken({"f()": UNUSED, "g()": USED, "h()": NONE_USED}, "f()", "g()", "h()") == "g()"
    assert taken({"f()": NONE_USED, "g()": UNUSED}, "f()", "g()", "f()") == "g()", (
        "though the other one is more frequent"
    )
    assert taken({"f()": NONE_USED, "g()": Evidence(reason="it takes too long")}, "f()", "g()", "f()") == "g()"


def test_steps_that_depend_on_as_much_of_it_are_taken_by_their_number_and_order() -> None:
    assert taken({"f()": USED, "g()": USED}, "f()", "g()", "g()") == "g()"
    assert taken({"f()": USED, "g()": USED, "h()": USED}, "f()", "g()", "h()") == "f()"
    other = Evidence(("t.a",), ("t.c", "t.d"), tried=True, named=("t.a",))
    assert taken({"f()": other, "g()": USED, "h()": USED}, "f()", "g()", "h()") == "f()", "these are not named"
    assert taken({}, "f()", "g()", "h()") == "f()", "no experiment could be made"


def test_an_answer_is_not_taken_for_a_step_because_that_depends_on_little() -> None:
    engine = ScriptedEngine([BROKEN, BROKEN, "```python\nf()\n```", "It is 3.", "It is 4."])
    trials = Examined({"f()": NONE_USED})
    review = Review([Prompt("Q")], dict, DIALECTS["markdown"], Techniques().without("evidence"), trials)
    outcome = propose_with(engine, MESSAGES, Sampling(), review, step=1)
    assert isinstance(outcome, Proposal)
    assert outcome.code == "f()"


def test_of_doubtful_steps_the_one_is_taken_that_depends_on_what_the_question_names() -> None:
    def doubt(reply: Understood) -> Fault:
        return Fault("Hm.", rank=1 if reply.code == "h()" else 0)

    for codes, expected in ((("f()", "g()"), "g()"), (("g()", "f()"), "g()"), (("f()", "h()"), "f()")):
        engine = ScriptedEngine([f"```python\n{code}\n```" for code in codes])
        trials = Examined({"f()": UNUSED, "g()": USED, "h()": USED})
        review = Screened([Prompt("Q?")], dict, DIALECTS["markdown"], Techniques(), trials, check=doubt)
        review = dataclasses.replace(review, use=Techniques().without("resample"))
        outcome = propose_with(engine, MESSAGES, Sampling(), review, step=1)
        assert isinstance(outcome, Proposal)
        assert outcome.code == expected


def test_two_votes_for_one_action_are_enough() -> None:
    engine = ScriptedEngine([BROKEN, BROKEN, GOOD, GOOD, "```python\nx = 2\n```"])
    assert propose(engine, MESSAGES, Sampling()).code == "x = 1 + 2"
    assert len(engine.prompts) == 4


def test_the_model_is_told_the_finding_once_and_others_are_sampled_when_that_does_not_help() -> None:
    engine = Noting([BROKEN, GOOD])
    assert propose(engine, MESSAGES, Sampling()).code == "x = 1 + 2"
    said, told = engine.prompts[1][-2:]
    assert (said.role, said.content, told.role) == ("assistant", BROKEN, "user")
    assert told.content == (
        "That was not run. SyntaxError in line 1: '(' was never closed.\nWrite the whole step again, corrected."
    )
    assert engine.calls[1][0] == 0.0
    engine = Noting([BROKEN, "```python\nx = [\n```", GOOD, GOOD])
    assert propose(engine, MESSAGES, Sampling()).code == "x = 1 + 2"
    afresh = [*MESSAGES, ChatMessage("user", discarded("SyntaxError in line 1: '[' was never closed."))]
    assert engine.prompts == [MESSAGES, [*MESSAGES, said, told], afresh, afresh]
    assert [call[0] for call in engine.calls[2:]] == [RESAMPLE_TEMPERATURE, RESAMPLE_TEMPERATURE + WARMER]


def test_each_way_to_improve_a_reply_is_a_switch() -> None:
    assert propose(ScriptedEngine([BROKEN, GOOD]), MESSAGES, Sampling(), use=Techniques().without("resample")).code
    for switches, calls in ((("resample", "repair"), 1), (("repair",), 4), (("resample",), 2), ((), 5)):
        engine = ScriptedEngine([BROKEN] * 9)
        outcome = propose(engine, MESSAGES, Sampling(), use=Techniques().without(*switches))
        assert isinstance(outcome, Retry)
        assert len(engine.prompts) == calls
        assert outcome.usage.discarded == calls


def test_after_a_round_without_a_usable_reply_the_model_begins_afresh() -> None:
    outcome = propose(ScriptedEngine([*[BROKEN] * 5, GOOD]), MESSAGES, Sampling())
    assert isinstance(outcome, Retry)
    assert outcome.reason == "SyntaxError in line 1: '(' was never closed."


@pytest.mark.parametrize(("rounds", "temperature"), [(0, 0.0), (1, 0.5), (2, 0.7), (9, 1.1)])
def test_the_model_that_begins_afresh_is_drawn_warmer_each_time_with_fewer_tries(
    rounds: int, temperature: float
) -> None:
    engine = Noting([BROKEN] * 9)
    history = [Prompt("Add"), *[Retry("SyntaxError")] * rounds]
    propose(engine, MESSAGES, Sampling(), transcript=history)
    assert engine.calls[0][0] == pytest.approx(temperature)
    assert len(engine.calls) == (3 if rounds else 5)


def test_after_the_last_try_the_problem_is_told() -> None:
    engine = ScriptedEngine([*[BROKEN] * 5, GOOD])
    outcome = propose(engine, MESSAGES, Sampling(), use=Techniques().without("fresh"))
    assert isinstance(outcome, Stop)
    assert outcome.status == "no_answer"
    assert "5 tries" in outcome.reason
    assert "SyntaxError" in outcome.reason


def test_a_doubtful_reply_is_better_than_none_and_the_first_is_taken() -> None:
    doubt = Fault("Hm.")
    engine = ScriptedEngine([GOOD, *[BROKEN] * 6, "```python\ny = 2\n```"])
    proposal = propose(engine, MESSAGES, Sampling(), screen=lambda reply: doubt)
    assert proposal.code == "x = 1 + 2"


def test_a_doubted_answer_is_asked_about_once_and_then_taken() -> None:
    doubt = Fault("No output shows 3.", ask_once=True)
    engine = ScriptedEngine(["It is 3.", "It is surely 3.", GOOD])
    answer = propose(engine, MESSAGES, Sampling(), screen=lambda reply: doubt if reply.code is None else None)
    assert isinstance(answer, Answer)
    assert answer.text == "It is 3."
    assert len(engine.prompts) == 2
    assert engine.prompts[1][-1].content == "No output shows 3."


def test_an_answer_while_work_is_surely_left_is_not_taken_before_others_were_sampled() -> None:
    doubt = Fault("Nothing was run yet.", ask_once=True, resample=True)
    engine = ScriptedEngine(["It is 3.", "It is surely 3.", "It is 3!", GOOD, GOOD])
    assert propose(engine, MESSAGES, Sampling(), screen=lambda reply: doubt if reply.code is None else None).code
    assert [prompt[-1].content for prompt in engine.prompts[1:]] == [
        "Nothing was run yet.",
        *[discarded("Nothing was run yet.")] * 3,
    ]
    stubborn = ScriptedEngine([f"It is {number}." for number in range(3, 8)])
    assert propose(stubborn, MESSAGES, Sampling(), screen=lambda reply: doubt).text == "It is 3."
    assert len(stubborn.prompts) == 5


NEEDS_STEP = Fault("Nothing was run yet.", grave=True, needs_step=True)


def unusable_answers(reply: Understood) -> Fault | None:
    return NEEDS_STEP if reply.code is None else None


def test_a_model_that_is_told_and_answers_again_where_only_a_step_helps_gets_its_reply_opened_as_one() -> None:
    engine = Opened(["It is 3.", "It is surely 3.", "x = 1 + 2\n```"])
    proposal = propose(engine, MESSAGES, Sampling(), screen=unusable_answers)
    assert proposal.code == "x = 1 + 2"
    assert engine.starts == ["", "", "```python\n"]
    assert engine.prompts[1][-1].content == "Nothing was run yet."
    assert engine.prompts[2] == [*MESSAGES, ChatMessage("user", discarded("Nothing was run yet."))]


def test_a_model_that_acts_when_it_is_told_so_is_not_forced() -> None:
    engine = Opened(["It is 3.", GOOD])
    assert propose(engine, MESSAGES, Sampling(), screen=unusable_answers).code
    assert engine.starts == ["", ""]


def test_a_reply_that_was_opened_as_a_step_is_corrected_and_sampled_with_that_opening() -> None:
    def check(reply: Understood) -> Fault | None:
        return unusable_answers(reply) or (None if reply.code == "x = 1" else Fault("SyntaxError", grave=True))

    engine = Opened(["It is 3.", "It is 3.", "x = (\n```", "x = [\n```", "x = 1\n```", "x = 1\n```"])
    assert propose(engine, MESSAGES, Sampling(), screen=check).code == "x = 1"
    assert engine.starts == ["", "", *["```python\n"] * 4]


def test_an_answer_where_only_a_step_helps_is_never_taken() -> None:
    def generate(**how: Any) -> Any:
        return propose(ScriptedEngine(["It is 3."] * 20), MESSAGES, Sampling(), screen=lambda reply: NEEDS_STEP, **how)

    assert isinstance(generate(), Retry)
    last = generate(answer_only=True)
    assert isinstance(last, Stop)
    assert last.status == "no_answer"
    assert "“Add”: nothing was run" in last.reason
    assert "3" not in last.reason


@pytest.mark.parametrize("told", ["The task names 2005, which the data hold.", "Of all rows, only one is used."])
def test_a_sentence_of_the_feedback_is_no_answer(told: str) -> None:
    doubt = Fault(f"{told} If the answer is right, repeat it.", ask_once=True)
    replies = ScriptedEngine(["It is 3.", told, "It is 4.", "It is 4."])
    found = propose(replies, MESSAGES, Sampling(), screen=lambda reply: None if "4" in reply.thought else doubt)
    assert found.text == "It is 4."


def test_a_value_of_the_feedback_may_be_the_answer() -> None:
    doubt = Fault("You ran exactly this before: Ulm 12. If that shows it, answer.", ask_once=True)
    engine = ScriptedEngine(["It is Bonn.", "Ulm"])
    assert propose(engine, MESSAGES, Sampling(), screen=lambda r: None if r.thought == "Ulm" else doubt).text == "Ulm"


@pytest.mark.parametrize(
    ("output", "note"),
    [
        ("0\n--- end ---\n`log.event` equals 'open' in 0 rows; it also stands inside the values of 3 more.", True),
        ("'Oak'\n--- end ---\n`t.a.max()` is the last in alphabetical order, since the values are texts.", True),
        ("3\n--- end ---", False),
    ],
)
def test_the_user_is_told_with_the_answer_what_makes_the_last_step_doubtful(output: str, note: bool) -> None:
    events = [Prompt("How often?"), Approval("p", "show()"), Observation("p", f"--- output ---\n{output}", True)]
    notes = Review(events, dict, DIALECTS["markdown"], Techniques()).notes("So often.")
    assert notes == ([f"({output.rpartition(chr(10))[2]})"] if note else [])


def test_of_a_step_that_has_been_done_no_correction_is_asked_for() -> None:
    doubt = Fault("You ran exactly this before.", repeated=True)
    engine = ScriptedEngine([GOOD, GOOD, "It is 3.", "It is 3."])
    answer = propose(engine, MESSAGES, Sampling(), screen=lambda reply: doubt if reply.code is not None else None)
    assert answer.text == "It is 3."
    assert [prompt[-1].content for prompt in engine.prompts[1:]] == [
        "That was not run. You ran exactly this before.",
        *[discarded("You ran exactly this before.")] * 2,
    ]


def test_where_no_step_can_follow_a_doubted_answer_is_taken_at_once() -> None:
    doubt = Fault("Nothing was run yet.", ask_once=True)
    engine = ScriptedEngine(["It is 3.", "It is 4."])
    assert propose(engine, MESSAGES, Sampling(), answer_only=True, screen=lambda reply: doubt).text == "It is 3."
    assert len(engine.prompts) == 1


def test_a_step_in_place_of_a_doubted_answer_is_taken() -> None:
    doubt = Fault("Nothing was run yet.", ask_once=True)
    engine = ScriptedEngine(["It is 3.", GOOD])
    assert propose(engine, MESSAGES, Sampling(), screen=lambda reply: doubt if reply.code is None else None).code


def test_no_further_candidate_is_drawn_after_the_time_for_it() -> None:
    engine = ScriptedEngine([BROKEN, GOOD])
    assert isinstance(propose(engine, MESSAGES, Sampling(max_seconds=0.0)), Retry)
    assert len(engine.prompts) == 1


def test_the_user_sees_that_a_reply_is_being_improved_not_what_was_discarded() -> None:
    texts: list[str] = []
    propose(
        ScriptedEngine([BROKEN, "I err.\n```python\n)\n```", GOOD, GOOD]), MESSAGES, Sampling(), on_text=texts.append
    )
    after = texts[texts.index(IMPROVING) :]
    assert set(after) == {IMPROVING}


def test_the_screen_sees_thought_and_code() -> None:
    seen: list[Understood] = []
    propose(ScriptedEngine([GOOD]), MESSAGES, Sampling(), screen=seen.append)
    assert seen == [Understood("I add.", "x = 1 + 2")]


def test_bare_text_is_an_answer() -> None:
    outcome = propose(ScriptedEngine(["The sum is 3."]), MESSAGES, Sampling())
    assert isinstance(outcome, Answer)
    assert outcome.text == "The sum is 3."


def test_where_only_an_answer_will_do_code_is_sampled_again() -> None:
    engine = ScriptedEngine([GOOD, "It is 3."])
    outcome = propose(engine, MESSAGES, Sampling(), answer_only=True)
    assert isinstance(outcome, Answer)
    assert outcome.text == "It is 3."
    assert len(engine.prompts) == 2


def test_code_that_the_token_limit_cut_off_is_not_proposed() -> None:
    long = "```python\n" + "x = 1\n" * 50
    engine = ScriptedEngine([long, GOOD, GOOD])
    outcome = propose(engine, MESSAGES, Sampling(max_tokens=40))
    assert isinstance(outcome, Proposal)
    assert outcome.code == "x = 1 + 2"


LONG_ANSWER = " ".join(f"Group {number} has {number * 7} rows." for number in range(40))
LONG_CODE = "I add.\n```python\n" + "".join(f"x{number} = {number}\n" for number in range(40)) + "```"


@pytest.mark.parametrize("text", [LONG_ANSWER, LONG_CODE, f"<think>\n{LONG_ANSWER}\n</think>\nIt is 3."])
def test_a_reply_that_the_token_limit_cuts_is_continued_once(text: str) -> None:
    whole = ScriptedEngine([text]).generate(MESSAGES).usage.generated
    engine, seen = Noting([text, text]), []
    outcome = propose(engine, MESSAGES, Sampling(max_tokens=whole - 20), on_text=seen.append)
    assert isinstance(outcome, Proposal) == (text is LONG_CODE)
    if isinstance(outcome, Proposal):
        assert (outcome.reply, outcome.code.count("\n")) == (text, 39)
    else:
        assert outcome.text == ("It is 3." if "think" in text else text)
    assert engine.prompts == [MESSAGES, MESSAGES]
    assert engine.calls[0] == engine.calls[1]
    assert outcome.usage.generated == whole
    assert all(text.startswith(part) for part in seen)


def test_an_answer_that_is_cut_even_so_says_that_it_is_cut() -> None:
    outcome = propose(ScriptedEngine([LONG_ANSWER] * 2), MESSAGES, Sampling(max_tokens=50))
    assert isinstance(outcome, Answer)
    answer, _, note = outcome.text.partition("\n\n")
    assert LONG_ANSWER.startswith(answer)
    assert note == CUT


def test_where_the_window_is_full_a_cut_reply_is_not_continued() -> None:
    engine = ScriptedEngine([LONG_ANSWER] * 2, context_size=100)
    outcome = propose(engine, MESSAGES, Sampling())
    assert isinstance(outcome, Answer)
    assert outcome.text.endswith(CUT)


def test_code_that_is_cut_even_so_is_not_proposed() -> None:
    outcome = propose(ScriptedEngine([LONG_CODE] * 2 + [GOOD, GOOD]), MESSAGES, Sampling(max_tokens=50))
    assert outcome.code == "x = 1 + 2"
    retry = propose(ScriptedEngine([LONG_CODE] * 9), MESSAGES, Sampling(max_tokens=50))
    assert isinstance(retry, Retry)
    assert "cut off at the token limit" in retry.reason


def test_thoughts_that_are_cut_even_so_are_no_answer() -> None:
    retry = propose(ScriptedEngine([f"<think>\n{LONG_ANSWER}"] * 9), MESSAGES, Sampling(max_tokens=50))
    assert isinstance(retry, Retry)
    assert "thoughts only" in retry.reason


def test_stop_ends_a_continued_reply() -> None:
    engine, seen = ScriptedEngine([LONG_ANSWER] * 2), []

    def stop_in_the_second_half(text: str) -> None:
        seen.append(text)
        if len(engine.prompts) == 2:
            engine.stop()

    outcome = propose(engine, MESSAGES, Sampling(max_tokens=50), on_text=stop_in_the_second_half)
    assert isinstance(outcome, Stop)
    assert outcome.status == "stopped"


def test_code_whose_end_tag_the_model_forgot_is_proposed_with_the_tag_put_back() -> None:
    outcome = propose(ScriptedEngine(["I add.\n<execute>\nx = 1 + 2"]), MESSAGES, Sampling())
    assert isinstance(outcome, Proposal)
    assert outcome.reply == "I add.\n<execute>\nx = 1 + 2\n</execute>"


def test_decoding_ends_with_the_first_action() -> None:
    texts: list[str] = []
    propose(ScriptedEngine([f"{GOOD}\nOutput: 3\n{GOOD}"]), MESSAGES, Sampling(), on_text=texts.append)
    assert "Output" not in texts[-1]


def test_stop_ends_it_without_another_try() -> None:
    engine = ScriptedEngine([BROKEN, GOOD])
    outcome = propose(engine, MESSAGES, Sampling(), on_text=lambda text: engine.stop())
    assert isinstance(outcome, Stop)
    assert outcome.status == "stopped"
    assert len(engine.prompts) == 1


def test_a_reply_that_repeats_itself_is_cut_off_and_not_shown() -> None:
    engine = ScriptedEngine(["```python\n" + "total = total + 1\n" * 500 + "```", GOOD, GOOD])
    proposal = propose(engine, MESSAGES, Sampling(max_tokens=5000))
    assert proposal.code == "x = 1 + 2"
    assert proposal.usage.generated < 400
    nested = ".apply(lambda x: x.melt(id_vars='a')"
    engine = ScriptedEngine([f"```python\nframe{nested * 100}", GOOD, GOOD])
    proposal = propose(engine, MESSAGES, Sampling(max_tokens=5000))
    assert proposal.code == "x = 1 + 2"
    assert proposal.usage.generated < 400


def test_lines_that_similar_plots_have_in_common_are_no_rambling() -> None:
    plot = "plt.figure(figsize=(8, 5))\nplt.hist(frame[{!r}])\nplt.tight_layout()\nplt.show()\n"
    code = "import matplotlib.pyplot as plt\nframe = {}\n" + "".join(map(plot.format, "abcdefgh")).strip()
    assert propose(ScriptedEngine([f"```python\n{code}\n```"]), MESSAGES, Sampling(max_tokens=5000)).code == code
    engine = ScriptedEngine(["```python\n" + plot.format("a") * 50, GOOD, GOOD])
    assert propose(engine, MESSAGES, Sampling(max_tokens=5000)).code == "x = 1 + 2"


def test_zeros_rules_and_short_repetitions_are_no_rambling() -> None:
    for code in ("x = [" + "0.0, " * 300 + "]", "print('" + "-" * 300 + "')", "x = " + " + ".join(["12"] * 90)):
        proposal = propose(ScriptedEngine([f"```python\n{code}\n```"]), MESSAGES, Sampling(max_tokens=5000))
        assert proposal.code == code
