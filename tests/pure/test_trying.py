"""Trials of candidates before anyone sees them, with a stand-in for the copy of the kernel."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from codeact_jupyter.agent.mends import mends
from codeact_jupyter.agent.proposing import EXPRESSION, UNSEEN, propose
from codeact_jupyter.agent.review import Review
from codeact_jupyter.agent.sampling import Sampling
from codeact_jupyter.agent.screening import RAISED, UNLIKELY, screen
from codeact_jupyter.agent.trying import MENDS, Attempt, attempt, tried_of
from codeact_jupyter.checks import normalise
from codeact_jupyter.dialects.prompt import DIALECTS
from codeact_jupyter.dialects.reply import Reply, parse_reply
from codeact_jupyter.kernel.copy.effects import Effect
from codeact_jupyter.kernel.copy.failing import Failing
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.kernel.results import UNMATCHED
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import (
    Answer,
    Approval,
    ChatMessage,
    Event,
    Observation,
    Prompt,
    Proposal,
    Retry,
    Stop,
    Tried,
)
from codeact_jupyter.session.techniques import Techniques
from codeact_jupyter.testing import ScriptedEngine
from codeact_jupyter.views.trial import trial_line

ALL = Techniques()
MESSAGES = [ChatMessage("user", "Task: add")]
WRITES = Trial("wants_more", wants=(Effect("file", "write", "`out.csv`"),))
BUSY = Trial("not_tried", reason="a cell is running")


def step(code: str) -> str:
    return f"I look.\n```python\n{code}\n```"


def ran(outputs: str = "1", **fields: Any) -> Trial:
    return Trial("ran", f"--- output ---\n{outputs}\n--- end ---", outputs, **fields)


def raised(error: str = "ZeroDivisionError: division by zero", failing: Failing | None = None) -> Trial:
    return Trial("raised", f"--- output ---\n{error}\n--- end ---", error=error, failing=failing)


def misspelt(name: str, *offers: str) -> Trial:
    return raised(f"NameError: name '{name}' is not defined", Failing(name, "", "name", name, offers))


@dataclass
class Told:
    """Trials that end as told."""

    outcomes: Mapping[str, Trial]
    tried: list[str] = field(default_factory=list)
    stopped: bool = False

    def try_cell(self, source: str) -> Trial:
        self.tried.append(source)
        return self.outcomes[source]

    def evidence(self, source: str, trial: Trial, question: str) -> Evidence:
        return trial.evidence or Evidence()

    def stop(self) -> None:
        self.stopped = True

    def resume(self) -> None:
        self.stopped = False


def work(
    engine: ScriptedEngine,
    trials: Told | dict[str, Trial] | None,
    *,
    use: Techniques = ALL,
    task: str = "Add",
    **options: Any,
) -> Any:
    """Propose a step in a notebook with this namespace."""
    namespace, history = options.pop("namespace", {}), options.pop("history", [])
    told = Told(trials) if isinstance(trials, dict) else trials
    review = Review([Prompt(task, "fish: DataFrame"), *history], lambda: namespace, DIALECTS["codeact"], use, told)
    return propose(engine, MESSAGES, Sampling(), review, step=1, **options)


# --- candidates --------------------------------------------------------------------------------------------------


def test_a_step_that_ran_is_shown_with_its_trial_whatever_the_static_checks_guess() -> None:
    trial = ran("1", added=("x",), seconds=0.02, figures=(b"png",))
    engine = ScriptedEngine([step("made_by_exec")])
    proposal = work(engine, {"made_by_exec": trial})
    assert isinstance(proposal, Proposal)
    assert proposal.tried == Tried("ran", trial.observation, "1", added=("x",), seconds=0.02, evidence=Evidence())
    assert proposal.tried
    assert proposal.tried.figures == (b"png",)
    assert proposal.usage.discarded == 0


@pytest.mark.parametrize(("trial", "told"), [(WRITES, "write `out.csv`"), (BUSY, "a cell is running")])
def test_a_step_that_wants_more_or_was_not_tried_is_shown_with_that_said(trial: Trial, told: str) -> None:
    proposal = work(ScriptedEngine([step("x = 1")]), {"x = 1": trial})
    assert proposal.tried.outcome == trial.outcome
    assert told in (*proposal.tried.effects, proposal.tried.reason)


def test_the_model_is_told_the_real_error_twice_as_if_the_step_had_run() -> None:
    engine = ScriptedEngine([step("1 / 0"), step("2 / 0"), step("2 / 1")])
    proposal = work(engine, {"1 / 0": raised(), "2 / 0": raised("ZeroDivisionError: again"), "2 / 1": ran("2.0")})
    assert proposal.code == "2 / 1"
    assert [message.content for message in engine.prompts[2][1:]] == [
        step("1 / 0"),
        f"Execution Output:\n{raised().observation}",
        step("2 / 0"),
        "Execution Output:\n--- output ---\nZeroDivisionError: again\n--- end ---",
    ]


def test_after_two_rounds_others_are_sampled_and_equal_outputs_are_one_vote() -> None:
    replies = [step(code) for code in ("1 / 0", "2 / 0", "3 / 0", "a", "b", "c")]
    engine = ScriptedEngine(replies)
    trials = {code: raised() for code in ("1 / 0", "2 / 0", "3 / 0")}
    proposal = work(engine, {**trials, "a": ran("7"), "b": ran("8"), "c": ran("8")}, namespace={"a": 1, "b": 1, "c": 1})
    assert proposal.code == "b"
    afresh = ChatMessage("user", "(A reply of yours was not taken. ZeroDivisionError: division by zero)")
    assert engine.prompts[3:] == [[*MESSAGES, afresh]] * 3


AFRESH = [Retry("ZeroDivisionError: division by zero")] * UNSEEN


def test_what_raises_is_shown_with_its_error_if_nothing_else_came_after_the_model_began_afresh() -> None:
    engine = ScriptedEngine([step("1 / 0")] * 5)
    outcome = work(engine, {"1 / 0": raised()})
    assert isinstance(outcome, Retry)
    assert outcome.reason == raised().error
    assert len(engine.prompts) == 5, "a correction that is the same code is the last one"
    for rounds in range(1, UNSEEN):
        assert isinstance(
            work(ScriptedEngine([step("1 / 0")] * 5), {"1 / 0": raised()}, history=AFRESH[:rounds]), Retry
        )
    proposal = work(ScriptedEngine([step("1 / 0")] * 5), {"1 / 0": raised()}, history=AFRESH)
    assert isinstance(proposal, Proposal)
    assert (proposal.tried.outcome, proposal.tried.error) == ("raised", raised().error)  # type: ignore[union-attr]


def test_without_fresh_starts_what_raises_is_shown_at_once() -> None:
    use = dataclasses.replace(ALL, fresh=False)
    assert isinstance(work(ScriptedEngine([step("1 / 0")] * 5), {"1 / 0": raised()}, use=use), Proposal)


def learnt(advice: str, error: str = "KeyError: 'a'", failing: Failing | None = None) -> Trial:
    return dataclasses.replace(raised(error, failing), advice=advice)


def test_what_failed_trials_brought_to_light_stands_before_every_further_sample_once() -> None:
    columns = "`fish` has no 'kg'. Its columns: 'mass', 'sex'."
    trials = {
        "fish['kg']": learnt(columns),
        "fish['weight']": learnt("", failing=Failing("fish['weight']", "fish", "column", "'weight'", ("mass", "sex"))),
        "params[1]": learnt("", "KeyError: 1", Failing("params[1]", "params", "key", "1", ("const", "mass"))),
        "total(1)": learnt("Its signature: total(frame, column)"),
        "fish['kg'] + 1": learnt(columns),
        "1 / 0": raised(),
    }
    codes = ["fish['kg']", "fish['weight']", "fish['kg'] + 1", "params[1]", "total(1)"]
    engine = ScriptedEngine([step(code) for code in codes] + [step("1 / 0")])
    work(engine, trials)
    last = [prompt[-1].content.partition("\n\n")[2] for prompt in engine.prompts]
    known = f"Found out so far:\n- {columns}\n- `fish` has the columns: 'mass', 'sex'."
    assert last[3:] == [
        known,
        f"{known}\n- `params` has the keys: 'const', 'mass'.",
        (f"{known}\n- `params` has the keys: 'const', 'mass'.\n- Its signature: total(frame, column)"),
    ]
    assert all(prompt[:-1] == MESSAGES for prompt in engine.prompts[3:]), "without the code that failed"


def test_an_expression_that_raised_is_told_with_its_error_to_the_next_samples() -> None:
    missing = Failing("beds('x')", "beds", "other")
    trials = {"beds('x')": raised("ValueError: There is no house 'x'.", missing)}
    engine = ScriptedEngine([step("beds('x')"), "It has 12.", *[step("beds('x')")] * 9])
    work(engine, trials, task="How many beds?")
    known = "Found out so far:\n- `beds('x')` raises ValueError: There is no house 'x'."
    assert engine.prompts[2][-1].content.endswith(known), "also where the reply is opened as a step"
    long = Failing(f"beds({'x' * EXPRESSION})", "beds", "other")
    engine = ScriptedEngine([step("beds('x')"), "It has 12.", *[step("beds('x')")] * 9])
    work(engine, {"beds('x')": raised("ValueError: no", long)}, task="How many beds?")
    assert "Found out" not in engine.prompts[2][-1].content


@pytest.mark.parametrize("second", ["1 / 0", "1/0", "1 / 0  # again"])
def test_a_correction_that_repeats_the_code_is_followed_by_a_warmer_sample(second: str) -> None:
    engine = ScriptedEngine([step("1 / 0"), step(second), step("a")])
    proposal = work(
        engine, {"1 / 0": raised(), second: raised(), "a": ran("7")}, namespace={"a": 1}, use=ALL.without("vote")
    )
    assert proposal.code == "a"
    assert engine.prompts[2][:-1] == MESSAGES


def test_code_that_raises_goes_before_an_answer_that_rests_on_nothing() -> None:
    engine = ScriptedEngine([step("1 / 0"), *["It weighs 12."] * 7])
    proposal = work(engine, {"1 / 0": raised()}, task="How heavy is the fish?", history=AFRESH)
    assert isinstance(proposal, Proposal)
    assert proposal.tried.outcome == "raised"  # type: ignore[union-attr]


def test_refused_text_is_neither_tried_nor_shown() -> None:
    trials = Told({})
    outcome = work(ScriptedEngine([step("x = 1  # \u202e")] * 5), trials)
    assert isinstance(outcome, Retry)
    assert "U+202E" in outcome.reason
    assert trials.tried == []


def test_without_trials_nothing_is_tried() -> None:
    trials = Told({})
    proposal = work(ScriptedEngine([step("x = 1")]), trials, use=ALL.without("trial"))
    assert (proposal.tried, trials.tried) == (None, [])


def test_a_stop_during_a_trial_ends_the_reply() -> None:
    trials = Told({"x = 1": Trial("not_tried", reason="it was stopped")})
    outcome = work(ScriptedEngine([step("x = 1")]), trials, stopped=lambda: bool(trials.tried))
    assert isinstance(outcome, Stop)
    assert outcome.status == "stopped"


def test_what_speaks_against_code_that_was_not_tried_is_said() -> None:
    use = ALL.without("resample", "repair")
    proposal = work(ScriptedEngine([step("fihs")]), {"fihs": BUSY}, use=use, namespace={"fish": 1})
    assert proposal.tried.reason == "a cell is running; `fihs` is not defined. Did you mean `fish`?"
    proposal = work(ScriptedEngine([step("fihs")]), None, use=use, namespace={"fish": 1})
    assert proposal.tried == Tried("not_tried", reason="`fihs` is not defined. Did you mean `fish`?")


# --- doubts ------------------------------------------------------------------------------------------------------

AGAIN = "def total(values):\n    return 0\ntotal([1])"


def total(values: list[float]) -> float:
    """Return the sum."""
    return sum(values)


def test_a_doubt_about_intent_costs_one_question_and_overrules_nothing() -> None:
    engine = ScriptedEngine([step(AGAIN), step(AGAIN)])
    proposal = work(engine, {AGAIN: ran("0")}, namespace={"total": total})
    assert proposal.code == AGAIN
    assert len(engine.prompts) == 2
    assert "total" in engine.prompts[1][-1].content


def test_a_worse_reply_to_the_question_is_dropped_and_a_better_one_taken() -> None:
    trials = {AGAIN: ran("0"), "1 / 0": raised(), "total([1])": ran("1")}
    worse = ScriptedEngine([step(AGAIN), step("1 / 0")])
    assert work(worse, trials, namespace={"total": total}).code == AGAIN
    assert len(worse.prompts) == 2
    better = ScriptedEngine([step(AGAIN), step("total([1])")])
    assert work(better, trials, namespace={"total": total}).code == "total([1])"


def test_a_filter_without_a_match_is_asked_about_once_by_its_observation() -> None:
    empty = Trial("ran", f"--- output ---\nnan\n--- end ---\n{UNMATCHED} `f['a']` has no 'x'. Its values: 'X'.", "nan")
    engine = ScriptedEngine([step("f['x']"), step("f['X']")])
    assert work(engine, {"f['x']": empty, "f['X']": ran()}).code == "f['X']"
    assert engine.prompts[1][-1].content == f"Execution Output:\n{empty.observation}"


@pytest.mark.parametrize("trial", [ran("0"), WRITES], ids=["ran", "wants more"])
@pytest.mark.parametrize("use", [ALL, ALL.without("repair"), ALL.without("resample"), ALL.without("vote")])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (AGAIN, "`total` exists already"),
        ("total = 3\ntotal", "`total` exists already"),
        ("path = 'your_file.csv'\nlen(path)", "'your_file.csv' is a placeholder"),
        ("x = [1, ...]\nlen(x)", "`...` is a placeholder for a value"),
    ],
)
def test_whoever_insists_gets_what_ran_and_the_user_reads_what_speaks_against_it(
    code: str, reason: str, use: Techniques, trial: Trial
) -> None:
    engine = ScriptedEngine([step(code), step(code), *[step("total([1])")] * 9])
    proposal = work(engine, {code: trial, "total([1])": ran("1")}, use=use, namespace={"total": total})
    assert proposal.code == code
    assert proposal.tried.reason == reason
    assert trial_line(proposal.tried).startswith(f"Doubt: {reason} · {'Tried: 0' if trial.outputs else 'Would write'}")
    assert len(engine.prompts) == 1 + use.repair, "one hidden question at most, and no other samples"


def test_a_doubt_about_a_correction_is_told_before_the_model_is_said_to_insist() -> None:
    trials = {"total()": raised("TypeError: total() missing 1 argument"), AGAIN: ran("0"), "total([1])": ran("1")}
    engine = ScriptedEngine([step("total()"), step(AGAIN), step("total([1])")])
    proposal = work(engine, trials, namespace={"total": total})
    assert (proposal.code, proposal.tried.reason) == ("total([1])", "")
    assert "`total` exists already: call it" in engine.prompts[2][-1].content
    insisting = ScriptedEngine([step("total()"), step(AGAIN), step(AGAIN)])
    proposal = work(insisting, trials, namespace={"total": total})
    assert (proposal.code, proposal.tried.reason) == (AGAIN, "`total` exists already")
    giving_in = ScriptedEngine([step("total()"), step(AGAIN), step("total()")])
    assert isinstance(work(giving_in, trials, namespace={"total": total}), Retry), "it is not what the model insists on"


def test_a_doubt_that_was_never_told_is_not_what_the_model_insists_on() -> None:
    empty = Trial("ran", f"--- output ---\nnan\n--- end ---\n{UNMATCHED} `f['a']` has no 'x'. Its values: 'X'.", "nan")
    engine = ScriptedEngine([step("f['x']"), step(AGAIN)])
    proposal = work(engine, {"f['x']": empty, AGAIN: ran("0", changed=("total",))}, namespace={"total": total})
    assert proposal.code == "f['x']"


def test_a_deleted_function_of_the_user_is_spared_at_once() -> None:
    kept = "x = 1\nprint(x)\npass"
    trials = {"x = 1\nprint(x)\ndel total": ran("1", removed=("total",)), kept: ran("1")}
    proposal = work(ScriptedEngine([step(next(iter(trials))), "look"]), trials, namespace={"total": total})
    assert proposal.code == kept


def test_a_function_of_the_user_that_the_model_insists_on_defining_again_gets_another_name() -> None:
    other = AGAIN.replace("total", "total_2")
    trials = {AGAIN: ran("0", changed=("total",)), other: ran("0", added=("total_2",))}
    engine = ScriptedEngine([step(AGAIN), step(AGAIN), "look"])
    proposal = work(engine, trials, namespace={"total": total})
    assert (proposal.code, proposal.tried.reason) == (other, "")
    assert "`total` exists already: call it" in engine.prompts[1][-1].content


def test_a_filter_that_matches_nothing_is_shown_to_whoever_insists_with_the_values_that_are_there() -> None:
    hint = f"{UNMATCHED} `f['a']` has no 'x'. Its values: 'X'."
    empty = Trial("ran", f"--- output ---\nnan\n--- end ---\n{hint}\nNew: n.", "nan")
    proposal = work(ScriptedEngine([step("f['x']")] * 2), {"f['x']": empty})
    assert proposal.tried.reason == hint.removesuffix(".")


def done(times: int, *, ok: bool = True, code: str = "f()") -> list[Event]:
    """A step that has run so often, each time with the same result."""
    observation = Observation("p", "7" if ok else "E", ok, 0.1, "" if ok else "OSError: busy")
    return [Proposal("p", 1, "", code, code), Approval("p", code), observation] * times


@pytest.mark.parametrize("trial", [ran("7"), WRITES, BUSY, None], ids=["ran", "wants more", "not tried", "no trials"])
@pytest.mark.parametrize("others", ["x = (", "x = 1  # \u2066", "", "%codeact mode auto"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_step_that_runs_again_is_shown_if_nothing_usable_came_besides(
    times: int, others: str, trial: Trial | None
) -> None:
    engine = ScriptedEngine([step("f()"), *[step(others) if others else ""] * 4])
    proposal = work(engine, {"f()": trial} if trial else None, history=done(times), namespace={"f": len})
    assert isinstance(proposal, Proposal)
    assert proposal.code == "f()"
    assert "the same step ran before" in trial_line(proposal.tried)


def test_anything_else_goes_before_a_step_that_ended_the_same_twice() -> None:
    engine = ScriptedEngine([step("f()"), step("f()"), "It is 7.", step("f()"), step("f()")])
    assert isinstance(work(engine, {"f()": ran("7")}, history=done(2)), Answer)


@pytest.mark.parametrize(
    ("trial", "prompts", "kind"),
    [(ran("7"), 1, Proposal), (WRITES, 5, Proposal), (raised(), 5, Retry), (BUSY, 5, Retry)],
    ids=["ran", "wants more", "raised", "not tried"],
)
def test_a_step_that_has_just_failed_is_shown_again_only_if_it_runs_or_may_run_now(
    trial: Trial, prompts: int, kind: type
) -> None:
    engine = ScriptedEngine([step("f()")] * 6)
    outcome = work(engine, {"f()": trial}, history=done(1, ok=False), namespace={"f": len})
    assert isinstance(outcome, kind)
    assert len(engine.prompts) == prompts


def test_another_value_that_runs_is_no_guess() -> None:
    history = [Prompt("Do"), *done(1, ok=False, code="f(1)"), *done(1, ok=False, code="f(2)")]
    assert screen(Reply("", "f(3)"), history, {"f": len}, ALL, ran("7")) is None
    assert screen(Reply("", "f(3)"), history, {"f": len}, ALL, BUSY)


@pytest.mark.parametrize("bad", ["x = (", "", "def f(:", "import codeact_jupyter"])
@pytest.mark.parametrize("trial", [ran("1"), WRITES, BUSY, None])
@pytest.mark.parametrize("place", range(4))
def test_one_candidate_that_could_run_is_enough(place: int, trial: Trial | None, bad: str) -> None:
    replies = [step(bad) if bad else ""] * 6
    replies[place] = step("x = 1")
    proposal = work(ScriptedEngine(replies), {"x = 1": trial} if trial else None)
    assert isinstance(proposal, Proposal)
    assert proposal.code == "x = 1"


# --- characters that reorder the code on the screen --------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("x = '\u202eabc'", r"x = '\u202eabc'"),
        ('print(f"\u2068{1 + 1}\u2069")', r'print(f"\u2068{1 + 1}\u2069")'),
        ('t.strip("""a\n\u202c""")', 't.strip("""a\n\\u202c""")'),
        ("%%time\nt == '\u2067a'", "%%time\nt == '\\u2067a'"),
        ("'\\\\\u202e'", r"'\\\u202e'"),
    ],
)
def test_in_strings_they_are_written_as_escapes_before_anyone_sees_them(code: str, shown: str) -> None:
    engine = ScriptedEngine([step(code)])
    proposal = work(engine, {shown: ran("1")})
    assert proposal.code == shown
    assert parse_reply(proposal.reply).code == shown
    assert normalise(code) == normalise(shown)
    assert len(engine.prompts) == 1


@pytest.mark.parametrize(
    "code",
    [
        "r'\u202e'",
        "x = 1  # \u202e",
        "'\u202e' # \u202c",
        "!echo \u202e",
        "'\\\u202e'",
        "\u202ax = 1",
        "f'{d[\"\u2066\"]}'",
        "('\u202e', r'\u202e')",
    ],
)
def test_elsewhere_they_are_refused_and_the_model_is_told_how_to_write_them(code: str) -> None:
    engine = ScriptedEngine([step(code), step("x = 1")])
    assert work(engine, {"x = 1": ran("1")}).code == "x = 1"
    assert "write it as `\\u20" in engine.prompts[1][-1].content


def test_a_value_that_nothing_names_is_no_fault_of_a_step_that_ran() -> None:
    code = "flights['date'] > '2024-03-01'"
    assert screen(Reply("", code), [Prompt("How many after 1 March 2024?")], {}, ALL, ran()) is None


def test_a_step_that_was_run_is_a_doubt_and_one_that_just_failed_a_loop() -> None:
    def after(observation: str, *, ok: bool) -> list[Event]:
        done = Proposal("p", 1, "", "f()", "f()")
        return [Prompt("Do"), done, Approval("p", "f()"), Observation("p", observation, ok, 0.1, "" if ok else "E")]

    again = screen(Reply("", "f()"), after("1", ok=True), {}, ALL, ran())
    assert again
    assert (again.repeated, again.grave) == (True, False)
    failed = screen(Reply("", "f()"), after("E", ok=False), {}, ALL, raised())
    assert failed
    assert failed.grave


def test_ranks_of_faults_follow_what_is_known_of_the_code() -> None:
    faults = [
        screen(Reply("", "fihs"), [], {"fish": 1}, ALL, trial) for trial in (ran(), WRITES, BUSY, None, raised("E"))
    ]
    assert [fault and fault.rank for fault in faults] == [None, None, UNLIKELY, UNLIKELY, RAISED]


# --- mends -------------------------------------------------------------------------------------------------------


def tries(trials: dict[str, Trial]) -> Callable[[str], Trial]:
    return lambda code: trials.get(code, raised("E: other"))


def test_a_mend_is_kept_when_it_runs_and_is_what_the_history_has() -> None:
    trials = {"print(fihs)": misspelt("fihs", "fish", "x"), "print(fish)": ran()}
    proposal = work(ScriptedEngine([step("print(fihs)")]), trials)
    assert proposal.code == "print(fish)"
    assert parse_reply(proposal.reply) == Reply("I look.", "print(fish)")
    assert proposal.tokens is None
    assert proposal.usage.discarded == 0


def test_mends_can_follow_each_other_and_are_few() -> None:
    trials = {
        "np.sum(fihs)": misspelt("np"),
        "import numpy as np\nnp.sum(fihs)": misspelt("fihs", "fish"),
        "import numpy as np\nnp.sum(fish)": ran(),
    }
    assert attempt("np.sum(fihs)", tries(trials), mend=True).code == "import numpy as np\nnp.sum(fish)"
    asked: list[str] = []

    def never(code: str) -> Trial:
        asked.append(code)
        return misspelt("np" if len(asked) % 2 else "pd")

    assert attempt("np.pd", never, mend=True).code == "np.pd"
    assert len(asked) <= 1 + MENDS


def test_without_mends_or_after_a_stop_the_code_stays_as_it_is() -> None:
    trials = {"fihs": misspelt("fihs", "fish"), "fish": ran()}
    assert attempt("fihs", tries(trials), mend=False) == Attempt("fihs", trials["fihs"])
    assert attempt("fihs", tries({**trials, "fish": BUSY}), mend=True) == Attempt("fihs", trials["fihs"])
    assert attempt("fihs", tries({**trials, "fish": WRITES}), mend=True) == Attempt("fish", WRITES)


@pytest.mark.parametrize(
    ("code", "trial", "mended"),
    [
        ("fihs + 1", misspelt("fihs", "fish", "fin"), "fish + 1"),
        ("pd.Series([1])", misspelt("pd", "px"), "import pandas as pd\npd.Series([1])"),
        ("datetime(2024, 1, 1)", misspelt("datetime"), "from datetime import datetime\ndatetime(2024, 1, 1)"),
        ("datetime.datetime.now()", misspelt("datetime"), "import datetime\ndatetime.datetime.now()"),
        (
            "f['specis'].max()",
            raised("KeyError: 'specis'", Failing("f['specis']", "f", "column", "specis", ("species",), (1, 0, 1, 11))),
            "f['species'].max()",
        ),
        (
            "t = 'Körper'; f.mas.max()",
            raised("AttributeError: mas", Failing("f.mas", "f", "attribute", "mas", ("max", "mass"), (1, 15, 1, 20))),
            "t = 'Körper'; f.mass.max()",
        ),
        (
            "x.round(2) + 1",
            raised("AttributeError: …", Failing("x.round", "x", "attribute", "round", ("real",), (1, 0, 1, 7))),
            "round(x, 2) + 1",
        ),
        (
            "x.item()",
            raised("AttributeError: …", Failing("x.item", "x", "attribute", "item", ("real",), (1, 0, 1, 6))),
            "x",
        ),
        (
            "f['p'].mean()",
            raised("TypeError: Cannot perform reduction 'mean' with string dtype", Failing("", span=(1, 0, 1, 13))),
            "pd.to_numeric(f['p']).mean()",
        ),
        (
            "f.groupby('k')['p'].mean()",
            raised("TypeError: agg function failed [how->mean,dtype->object]", Failing("", span=(1, 0, 1, 26))),
            "f.assign(p=pd.to_numeric(f['p'])).groupby('k')['p'].mean()",
        ),
        (
            "f['d'].dt.year",
            raised(
                "AttributeError: Can only use .dt accessor with datetimelike values", Failing("", span=(1, 0, 1, 9))
            ),
            "pd.to_datetime(f['d']).dt.year",
        ),
        ("f.dropna()\nlen(f)", ran(), "f = f.dropna()\nlen(f)"),
    ],
)
def test_each_mend_says_what_the_model_meant(code: str, trial: Trial, mended: str) -> None:
    assert next(mends(code, trial), None) == mended


@pytest.mark.parametrize(
    ("code", "trial"),
    [
        ("f['total_price']", raised("KeyError: 'total_price'", Failing("", "f", "column", "total_price", ("price",)))),
        (
            "f['sales_2020']",
            raised("KeyError: 'sales_2020'", Failing("", "f", "column", "sales_2020", ("sales_2021",))),
        ),
        ("f['rate']", raised("KeyError: 'rate'", Failing("", "f", "column", "rate", ("date", "mate")))),
        ("unknown", misspelt("unknown", "fish")),
        ("%time fihs", misspelt("fihs", "fish")),
        ("f = f.dropna()\nlen(f)", ran()),
        ("f.dropna(inplace=True)\nlen(f)", ran()),
        ("f.sort_values('a')", ran()),
        ("bag.drop('a')\nlen(bag)", ran(changed=("bag",))),
    ],
)
def test_other_words_other_years_and_what_works_are_left_alone(code: str, trial: Trial) -> None:
    assert list(mends(code, trial)) == []


def test_a_misspelt_file_is_found_in_its_folder(tmp_path: Any) -> None:
    (tmp_path / "penguins.csv").touch()
    code, wrong = f"open({str(tmp_path / 'pengiuns.csv')!r})", str(tmp_path / "pengiuns.csv")
    trial = raised(f"FileNotFoundError: [Errno 2] No such file or directory: {wrong!r}")
    assert list(mends(code, trial)) == [f"open({str(tmp_path / 'penguins.csv')!r})"]


def test_a_trial_is_kept_as_text() -> None:
    tried = tried_of(Trial("wants_more", wants=(Effect("network", "open", "the network"),), removed=("x",)))
    assert (tried.effects, tried.removed) == (("open the network",), ("x",))
