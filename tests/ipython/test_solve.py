"""`solve`, the agent for programs: what it does, and that the caller's process is afterwards as it was."""

from __future__ import annotations

import gc
import itertools
import signal
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from codeact_jupyter import SolveRun, solve
from codeact_jupyter.errors import ModelNotFound, UsageProblem
from codeact_jupyter.kernel import interrupt as interrupts
from codeact_jupyter.kernel.interrupt import interrupt
from codeact_jupyter.kernel.private_shell import PrivateShell
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.session.techniques import ALL, NONE, Techniques
from codeact_jupyter.testing import Reply, ScriptedEngine

from ..process_state import changes, modules, process_state
from .conftest import Terminal, step


def run(*replies: Reply, **options: Any) -> tuple[SolveRun, ScriptedEngine]:
    """A run with a model that says this, and that model."""
    engine = ScriptedEngine(replies)
    return solve("Do it.", engine=engine, **{"techniques": NONE, **options}), engine


# --- right code is not talked out of -----------------------------------------------------------------------------

DAYS = ["2023-07-31", "2023-08-01", "2023-08-31", "2023-09-01"]
VISITS = pd.DataFrame({"day": pd.to_datetime(DAYS), "n": [1, 2, 4, 8]})
HALVES = pd.DataFrame([[1, 2], [3, 4]], columns=pd.period_range("2022-06", periods=2, freq="M"))
BOOKS = pd.DataFrame({"by": ["\u0646\u06cc\u0645\u200c\u0631\u0648\u0632", "CodeAct", "a\u200fb"], "sold": [5, 6, 7]})


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("print(v[(v['day'] >= '2023-08-01') & (v['day'] < '2023-09-01')]['n'].sum())", "6"),
        ("print((v['day'].dt.month_name() == 'August').sum())", "2"),
        ("print(v.loc[v['day'].dt.strftime('%d.%m.') == '01.08.', 'n'].item())", "2"),
        ("print(h['2022-07'].sum())", "6"),
        ("print(b.set_index('by').loc['\u0646\u06cc\u0645\u200c\u0631\u0648\u0632', 'sold'])", "5"),
        ("print(b[b['by'] == 'CodeAct']['sold'].sum(), b['by'].isin(['codeact']).sum())", "6 0"),
        ("print(b.loc[b['by'].str.contains('\u200f'), 'sold'].max())", "7"),
        ("from tqdm import tqdm\ntqdm.pandas()\nprint(v['n'].progress_apply(lambda n: n + 1).sum())", "19"),
        (
            "c = b.copy()\nc['rank_of_it'] = 1\nprint(c.rename(columns={'sold': 'your_sales'})['your_sales'].sum())",
            "18",
        ),
        ("import numpy as np\nlast = (..., -1)\nprint(np.arange(6).reshape(2, 3)[last].sum())", "7"),
    ],
)
def test_a_model_that_is_right_at_once_is_asked_nothing(code: str, shown: str) -> None:
    engine = ScriptedEngine([step(code), f"It is {shown}."])
    tables = {"v": VISITS.copy(), "h": HALVES.copy(), "b": BOOKS.copy()}
    solved = solve("What is it?", tables, engine=engine, techniques=Techniques())
    assert (solved.status, [turn.code for turn in solved.turns]) == ("answered", [code])
    assert shown in (solved.turns[0].observation or "")
    assert len(engine.prompts) == 2


# --- an answer rests on outputs, or there is none ------------------------------------------------------------------

STALLS = pd.DataFrame({"stall": ["Fig", "Plum", "Quince"], "takings": [210.5, 88.25, 140.0]})
ASKED = "Which stall takes the most, and how much? Reply as @stall[name], @takings[amount]."
TAKINGS = step("print(stalls.loc[stalls['takings'].idxmax()])")


def ask(*replies: Reply, question: str = ASKED, **options: Any) -> tuple[SolveRun, ScriptedEngine]:
    """A run with all techniques over the stalls, with a model that says this and then repeats the last of it."""
    engine = ScriptedEngine(
        itertools.chain(replies, itertools.repeat(replies[-1])), odds=options.pop("odds", undecided)
    )
    return solve(question, {"stalls": STALLS.copy()}, engine=engine, max_turns=4, **options), engine


def undecided(messages: Sequence[ChatMessage], openings: Sequence[str]) -> list[float]:
    return [0.0] * len(openings)


def sorts_as(kind: str) -> Callable[[Sequence[ChatMessage], Sequence[str]], list[float]]:
    """A model that sorts each question as this kind."""
    return lambda messages, openings: [0.0 if opening == kind else -3.0 for opening in openings]


@pytest.mark.parametrize(
    "invented", ["@stall[Fig], @takings[123.45]", "@takings[0]", "'Melon' takes 1,200.", "Fig: {top}"]
)
def test_an_invented_answer_is_never_delivered_and_the_end_says_what_is_missing(invented: str) -> None:
    solved, _ = ask(invented)
    assert (solved.answer, solved.status) == (None, "no_answer")
    assert "nothing was run" in solved.reason
    solved, _ = ask(step("print(len(stalls))"), invented)
    assert (solved.answer, solved.status) == (None, "no_answer")
    assert ASKED in solved.reason
    assert "The last output shows:" in solved.reason
    for made_up in ("123", "1,200", "Melon", "{top}"):
        assert made_up not in solved.reason


def test_a_model_that_is_told_what_no_output_shows_runs_a_step_and_answers() -> None:
    solved, engine = ask(
        "@stall[Fig], @takings[99]", TAKINGS, "@stall[Fig], @takings[99]", "@stall[Fig], @takings[210.5]"
    )
    assert (solved.status, solved.answer) == ("answered", "@stall[Fig], @takings[210.5]")
    assert engine.prompts[1][-1].content == "Nothing was run yet. Do not guess: write a step in a code block."
    assert engine.prompts[3][-1].content.startswith("No output shows 99.")


def test_a_run_tells_what_its_answer_rests_on_and_where_its_numbers_stand() -> None:
    solved, _ = ask(TAKINGS, "@stall[Fig], @takings[210.5]")
    assert solved.evidence is not None
    assert (solved.evidence.tried, solved.evidence.independent) == (True, False)
    assert (solved.evidence.objects, solved.evidence.rows, solved.evidence.steps) == (("stalls",), 3, (1,))
    assert "stalls.takings" in solved.evidence.columns
    (place,) = solved.evidence.numbers
    assert (place.number, place.step, place.output, place.row) == ("210.5", 1, "210.5", "takings")
    solved, _ = ask("@stall[Fig], @takings[123.45]")
    assert (solved.answer, solved.evidence) == (None, None)


def test_an_answer_without_numbers_before_anything_was_run_depends_on_how_the_model_sorts_the_question() -> None:
    solved, _ = ask("Fig takes the most.", TAKINGS, "Fig takes the most.", odds=sorts_as("data"))
    assert (solved.status, len(solved.turns)) == ("answered", 1)
    solved, _ = ask("Fig takes the most.", odds=sorts_as("talk"))
    assert (solved.status, len(solved.turns)) == ("answered", 0)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many minutes does a day have?", "A day has 1,440 minutes."),
        ("What is a quantile?", "A value below which a share of the data lies, such as 25 %."),
        ("What does this do?\n\nfor i in range(4): print(i ** 2)", "It prints 0, 1, 4 and 9."),
        ("Thank you!", "You are welcome."),
    ],
)
def test_a_question_about_the_world_or_about_code_is_answered_without_a_step(question: str, answer: str) -> None:
    solved, engine = ask(answer, question=question, odds=sorts_as("talk"))
    assert (solved.status, solved.answer, len(engine.prompts)) == ("answered", answer, 1)


def test_rounds_without_a_usable_reply_do_not_end_a_question() -> None:
    broken = step("print(stalls['takings'].max(")
    solved, engine = ask(*[broken] * 8, TAKINGS, "Fig takes 210.5.", techniques=ALL.without("form"))
    assert (solved.status, solved.answer) == ("answered", "Fig takes 210.5.")
    assert solved.usage.discarded == 8
    assert not any(broken in message.content for message in engine.prompts[8])
    solved, _ = ask("")
    assert (solved.status, solved.reason) == ("limit", "No answer within 4 turns: raise `max_turns`.")


def test_a_refused_answer_is_not_read_again_and_not_given_again() -> None:
    verdicts: list[str] = []

    def check(answer: str) -> bool | str:
        verdicts.append(answer)
        return "Plum" not in answer or "Plum is small."

    solved, engine = ask(
        step("print(stalls['takings'].max(), 'of', *stalls['stall'])"),
        "Plum takes 210.5.",
        "Plum takes 210.5!",
        "Fig takes 210.5.",
        check=check,
        techniques=ALL.without("form"),
    )
    assert (solved.answer, verdicts) == ("Fig takes 210.5.", ["Plum takes 210.5.", "Fig takes 210.5."])
    after = "".join(message.content for message in engine.prompts[2])
    assert "not accepted: Plum is small." in after
    assert "Plum takes" not in after


# --- the namespace -----------------------------------------------------------------------------------------------


def test_functions_are_described_by_signature_and_docstring_and_can_be_called() -> None:
    def price(item: str, *, tax: bool = False) -> float:
        """The price of an item in euros."""
        return {"tea": 3.0}[item] * (1.2 if tax else 1)

    namespace = {"price": price, "items": ["tea"]}
    answer, engine = run(step("print(round(price('tea', tax=True), 2))"), "It costs 3.60.", namespace=namespace)
    question = engine.prompts[0][-1].content
    signature = "price(item: str, *, tax: bool = False) -> float"
    for told in (signature, "The price of an item in euros.", "items", "Task: Do it."):
        assert told in question
    assert "3.6" in (answer.turns[0].observation or "")
    assert (answer.answer, answer.status, answer.reason) == ("It costs 3.60.", "answered", "")


def test_actions_work_on_the_very_objects_and_their_names_do_not_come_back() -> None:
    basket: list[str] = []
    namespace = {"basket": basket, "count": 1}
    run(step("basket.append('tea')\ncount = 2\nfresh = 3"), "Done.", namespace=namespace)
    assert basket == ["tea"]
    assert namespace == {"basket": basket, "count": 1}


def test_names_live_from_one_action_to_the_next_and_not_to_the_next_run() -> None:
    first, _ = run(step("x = 20"), step("def twice(n): return 2 * n\nprint(twice(x) + 2)"), "42")
    assert "42" in (first.turns[1].observation or "")
    second, _ = run(step("print(x)"), "No.")
    assert "NameError" in (second.turns[0].observation or "")


def test_the_exceptions_of_a_function_are_observed() -> None:
    def buy(item: str) -> None:
        raise LookupError(f"no {item} left")

    answer, _ = run(step("buy('tea')"), "There is no tea.", namespace={"buy": buy})
    assert "LookupError: no tea left" in (answer.turns[0].observation or "")
    assert answer.answer == "There is no tea."


# --- the value ---------------------------------------------------------------------------------------------------


TABLE = pd.DataFrame({"pond": ["Mill", "Long"], "depth": [1.5, 4]})


@dataclass
class Pond:
    pond: str
    depth: float


@pytest.mark.parametrize(
    ("code", "answer", "value"),
    [
        ("t['depth'].max()", "It is 4.", 4.0),
        ("print('deepest:', t['depth'].max())", "It is 4.", "deepest: 4.0"),
        ("print(t['depth'].max())", "It is 4.", 4.0),
        ("best = t['pond'][1]\nprint(f'The best is {best}')", "Long.", "Long"),
        ("ponds = list(t['pond'])\n1 + 1", "`ponds`", ["Mill", "Long"]),
        ("best = [1, 2]", "The two.", [1, 2]),
        ("import math", "Done.", 42),
        ("print(t)\nprint(1)", "Done.", None),
    ],
)
def test_the_value_is_the_object_that_the_last_step_showed_or_the_answer_names(
    code: str, answer: str, value: Any
) -> None:
    solved, _ = run(step("6 * 7"), step("1 / 0"), step(code), answer, namespace={"t": TABLE})
    assert (solved.status, solved.answer) == ("answered", answer)
    assert solved.value == value


def test_a_failed_step_leaves_the_value_of_the_one_before() -> None:
    solved, _ = run(step("6 * 7"), step("1 / 0"), "It is 42.")
    assert solved.value == 42


def test_there_is_no_value_without_an_answer_or_without_a_step() -> None:
    assert run("It is 42.")[0].value is None
    assert run(step("6 * 7"), approve=lambda code: "7 * 6" not in code and "no", max_turns=1)[0].value is None
    stopped, _ = run(step("6 * 7"), step("7 * 7"), approve=lambda code: "6 *" in code)
    assert (stopped.status, stopped.value) == ("rejected", None)


def test_the_value_is_the_very_object_and_is_not_kept_by_anything_else() -> None:
    solved, _ = run(step("mine = t.copy()\nmine"), "There.", namespace={"t": TABLE}, returns=pd.DataFrame)
    pd.testing.assert_frame_equal(solved.value, TABLE)
    gone = weakref.ref(solved.value)
    del solved
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize(
    ("code", "returns", "value"),
    [
        ("t['depth'].max()", float, 4.0),
        ("t[['depth']].tail(1)", int, 4),
        ("t.set_index('pond')['depth']", dict, {"Mill": 1.5, "Long": 4.0}),
        ("t['pond']", list, ["Mill", "Long"]),
        ("t[t['depth'] > 2]", Pond, Pond("Long", 4.0)),
        ("t.to_dict('records')", list[Pond], [Pond("Mill", 1.5), Pond("Long", 4.0)]),
        ("bool(t['depth'].gt(2).any())", bool, True),
    ],
)
def test_a_value_has_the_type_that_is_asked_for(code: str, returns: Any, value: Any) -> None:
    solved, engine = run(step(code), "There.", namespace={"t": TABLE}, returns=returns)
    assert (solved.status, solved.value, len(engine.prompts)) == ("answered", value, 2)
    assert type(solved.value) is type(value)


@pytest.mark.parametrize("techniques", [NONE, ALL.without("evidence", "remind")])
def test_a_value_of_another_type_is_asked_for_again_and_the_same_answer_may_follow(techniques: Techniques) -> None:
    steps = [step("list(t['pond'])"), step("t['depth'].max()")]
    replies = [steps[0], "It is 4.", steps[1], "It is 4."]
    solved, engine = run(*replies, namespace={"t": TABLE}, returns=float, techniques=techniques)
    assert (solved.status, solved.answer, solved.value) == ("answered", "It is 4.", 4.0)
    told = engine.prompts[2][-1].content
    assert "the last value shown is a list, ['Mill', 'Long']; it has to be float." in told
    assert "End a step with an expression of the type float." in told


def test_a_value_that_never_fits_ends_at_the_limit() -> None:
    solved, _ = run(step("'deep'"), *["It is 4."] * 3, returns=float, max_turns=3)
    assert (solved.status, solved.answer, solved.value) == ("limit", None, None)


def test_a_check_reads_answers_whose_value_fits() -> None:
    heard: list[str] = []
    replies = ["No step.", step("4"), "Wrong.", "Right."]
    solved, engine = run(*replies, returns=int, check=lambda text: heard.append(text) or text == "Right.")
    assert (heard, solved.answer, solved.value) == (["Wrong.", "Right."], "Right.", 4)
    assert "the last value shown is nothing" in engine.prompts[1][-1].content


@pytest.mark.parametrize("returns", ["float", 3, [int]])
def test_what_is_no_type_is_refused_before_the_model_is_asked(returns: Any) -> None:
    with pytest.raises(UsageProblem, match="is not a type"):
        run(step("4"), "4", returns=returns)


def test_an_answer_is_put_into_the_form_that_the_task_states() -> None:
    engine = ScriptedEngine([step("print(t['depth'].mean())"), "The mean depth is 2.8."])
    task = "What is the mean depth, with three decimals? Write it as @depth[metres]."
    solved = solve(task, {"t": TABLE}, engine=engine)
    assert (solved.answer, solved.value) == ("@depth[2.750]", 2.75)
    assert solved.messages[-1].content == "@depth[2.750]"


def test_an_answer_without_the_form_is_asked_for_once_more() -> None:
    replies = [step("print(t)"), "Long is the deepest, with 4.0.", "@pond[Long] @depth[4.0]"]
    engine = ScriptedEngine(replies)
    solved = solve("Which pond is the deepest? Write @pond[name] @depth[metres].", {"t": TABLE}, engine=engine)
    assert solved.answer == "@pond[Long] @depth[4.0]"
    assert "The task asks for this form: @pond[name] @depth[metres]" in engine.prompts[2][-1].content


# --- approval ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [False, None, 1, 1.0, "", [True], {"approved": True}, b"yes", object()], ids=repr)
def test_nothing_but_true_approves(verdict: Any) -> None:
    runs: list[int] = []
    answer, engine = run(step("runs.append(1)"), "Done.", namespace={"runs": runs}, approve=lambda code: verdict)
    assert runs == []
    assert (answer.status, answer.answer) == ("rejected", None)
    assert answer.turns[0].observation is None
    assert len(engine.prompts) == 1


def test_true_approves_and_the_code_that_was_asked_about_is_what_runs() -> None:
    asked: list[str] = []
    runs: list[int] = []
    answer, _ = run(
        step("runs.append(1)"), "Done.", namespace={"runs": runs}, approve=lambda code: asked.append(code) is None
    )
    assert (asked, runs, answer.status) == (["runs.append(1)"], [1], "answered")


@pytest.mark.parametrize("reason", ["Use the other list.", "yes", "True"])
def test_a_string_rejects_with_that_reason(reason: str) -> None:
    runs: list[int] = []
    verdicts = iter([reason, True])
    replies = [step("runs.append(1)"), step("runs.append(2)"), "Done."]
    answer, engine = run(*replies, namespace={"runs": runs}, approve=lambda code: next(verdicts))
    assert runs == [2]
    assert reason in engine.prompts[1][-1].content
    assert [turn.observation is None for turn in answer.turns] == [True, False]


def test_an_approval_that_fails_runs_nothing() -> None:
    runs: list[int] = []

    def approve(code: str) -> bool:
        raise OSError("no terminal")

    with pytest.raises(OSError, match="no terminal"):
        run(step("runs.append(1)"), namespace={"runs": runs}, approve=approve)
    assert runs == []


# --- the answer and the limits -----------------------------------------------------------------------------------


def test_a_check_sends_a_wrong_answer_back_with_its_reason() -> None:
    answer, engine = run("41", "42", check=lambda text: text == "42" or "It must be even.")
    assert (answer.answer, answer.status) == ("42", "answered")
    assert "It must be even." in engine.prompts[1][-1].content


@pytest.mark.parametrize("verdict", [False, None, 1, ""])
def test_a_check_accepts_by_true_alone(verdict: Any) -> None:
    answer, _ = run(*["42"] * 5, check=lambda text: verdict, max_turns=3)
    assert (answer.answer, answer.status) == (None, "limit")
    assert "3 turns" in answer.reason


def test_after_max_turns_only_an_answer_is_asked_for() -> None:
    answer, engine = run(step("x = 1"), step("x = 2"), "It is 2.", max_turns=2)
    assert (answer.answer, len(answer.turns)) == ("It is 2.", 2)
    assert "Answer the task now" in engine.prompts[-1][-1].content
    answer, _ = run(*[step("x = 1")] * 9, max_turns=2)
    assert (answer.answer, answer.status, len(answer.turns)) == (None, "limit", 2)


ENDLESS = [
    "while True: pass",
    "import time\ntime.sleep(1000)",
    "import time\nwhile True:\n    try: time.sleep(0.01)\n    except ValueError: pass",
]


def test_functions_lambdas_and_comprehensions_of_an_action_see_the_names_that_were_given_and_made() -> None:
    code = """
table = {"a": 1, "b": 2}
def total(keys):
    return sum(double(table[key]) for key in keys)
print(total(["a", "b"]), [double(x) for x in [1] for _ in table], (lambda: double(3))())
"""
    solved = solve("?", {"double": lambda x: 2 * x}, engine=ScriptedEngine([step(code), "Done."]), max_turns=3)
    assert "6 [2, 2] 6" in (solved.turns[0].observation or "")


@pytest.mark.parametrize("code", ENDLESS, ids=["loop", "sleep", "naps"])
def test_an_action_that_never_ends_is_ended_after_max_seconds(code: str) -> None:
    answer, engine = run(step(code), "Done.", max_seconds=1)
    assert (answer.answer, answer.status) == (None, "limit")
    assert len(engine.prompts) == 1
    assert run(step("6 * 7"), "42")[0].answer == "42"


def test_the_limit_holds_in_a_process_that_ignores_interrupts() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(step(ENDLESS[0]), "Done.", max_seconds=1)[0].status == "limit"
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("code", [ENDLESS[0], ENDLESS[2]], ids=["loop", "naps"])
def test_an_action_that_never_ends_is_ended_in_another_thread_too(code: str) -> None:
    answers: list[SolveRun] = []
    thread = threading.Thread(target=lambda: answers.append(run(step(code), "Done.", max_seconds=1)[0]))
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert answers[0].status == "limit"


def test_a_blocking_call_in_another_thread_is_ended_once_it_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[SolveRun] = []
    interrupted = threading.Event()

    def interrupt_and_return(thread: int) -> None:
        interrupt(thread)
        interrupted.set()

    monkeypatch.setattr(interrupts, "interrupt", interrupt_and_return)
    afterwards: list[int] = []
    namespace = {"block": interrupted.wait, "afterwards": afterwards}
    code = "block()\nafterwards.append(1)"
    thread = threading.Thread(
        target=lambda: answers.append(run(step(code), "Done.", max_seconds=1, namespace=namespace)[0])
    )
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert (answers[0].status, afterwards) == ("limit", [])


def test_a_model_that_thinks_too_long_is_stopped() -> None:
    engine = ScriptedEngine([" ".join(f"and {number}" for number in range(5000))], delay=0.01)
    answer = solve("Think.", engine=engine, max_seconds=1, max_tokens=5000)
    assert (answer.answer, answer.status) == (None, "limit")


def test_no_interrupt_is_left_over_after_the_limit() -> None:
    for number in range(0, 20, 2):
        answer, _ = run(step(f"import time\ntime.sleep(0.9{number:02})"), *["Done."] * 2, max_seconds=1)
        assert answer.status in ("answered", "limit")
    time.sleep(0.2)


def test_a_mute_model_and_one_that_fails_are_told_apart() -> None:
    assert run(*[""] * 4)[0].status == "no_answer"
    failed, _ = run()
    assert (failed.status, failed.answer) == ("failed", None)
    assert "no reply left" in failed.reason


def test_a_model_that_cannot_be_had_is_a_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_there(name: str, **options: Any) -> Any:
        raise ModelNotFound(f"No model {name!r}.")

    monkeypatch.setattr("codeact_jupyter.engines.loading.open_model", nothing_there)
    answer = solve("Do it.", model="nosuch")
    assert (answer.status, answer.answer, answer.turns) == ("no_model", None, ())
    assert "nosuch" in answer.reason


# --- what actions do ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("print('spoken')", "spoken"),
        ("6 * 7", "42"),
        ("display({'shown': 1})", "shown"),
        ("from IPython.display import display\ndisplay('shown')", "shown"),
        ("import sys\nsys.stderr.write('warned')", "warned"),
        ("print(type(get_ipython()).__mro__[1].__name__)", "InteractiveShell"),
        ("import IPython\nprint(IPython.get_ipython() is get_ipython())", "True"),
        ("%time 1 + 1", "2"),
        ("%%capture out\nprint('hidden')", ""),
        ("print(__name__)", "__main__"),
        ("_ = 3\n_", "3"),
        ("import asyncio\nawait asyncio.sleep(0)\n'slept'", "slept"),
        ("raise ValueError('bad')", "ValueError: bad"),
        ("raise SystemExit(3)", "exit"),
        ("import sys; sys.exit()", "exit"),
        ("exit()", ""),
        ("raise BaseException('odd')", "odd"),
        ("input()", ""),
        ("print('x' * 10**7)", "left out"),
        ("import warnings\nwarnings.warn('careful')", "careful"),
    ],
)
def test_what_an_action_brings_is_observed_and_the_callers_screen_stays_empty(
    code: str, seen: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer, _ = run(step(code), "Done.")
    observation = answer.turns[0].observation
    assert observation is not None
    assert seen in observation
    assert len(observation) < 6000
    assert answer.answer == "Done."
    assert capfd.readouterr() == ("", "")


def test_the_run_tells_all_that_was_read_written_and_spent() -> None:
    answer, engine = run(step("6 * 7", "I multiply."), "It is 42.")
    (turn,) = answer.turns
    assert (turn.thought, turn.code) == ("I multiply.", "6 * 7")
    assert list(answer.messages[:-1]) == engine.prompts[-1]
    assert (answer.messages[-1].role, answer.messages[-1].content) == ("assistant", "It is 42.")
    assert answer.messages[0].role == "system"
    assert answer.usage.prompt == sum(engine.count_tokens(prompt) for prompt in engine.prompts)
    assert answer.usage.generated > 0


def test_the_codeact_dialect_speaks_in_tags() -> None:
    answer, engine = run("I look.\n<execute>\n6 * 7\n</execute>", "42", dialect="codeact")
    assert "Execution Output:" in engine.prompts[1][-1].content
    assert answer.answer == "42"


# --- the caller --------------------------------------------------------------------------------------------------

MEDDLING = """
import sys, warnings
x = 1
display(x)
warnings.simplefilter('ignore')
sys.path.insert(0, 'here')
get_ipython().set_custom_exc((ValueError,), lambda *args, **kwargs: None)
"""


def test_the_callers_process_is_as_it_was() -> None:
    before, loaded = process_state(), modules()
    answer, _ = run(step(MEDDLING), step("1 / 0"), "Done.")
    assert answer.answer == "Done."
    assert changes(before, loaded) == {}


def test_a_running_shell_is_as_it_was(terminal: Terminal) -> None:
    terminal.run("x = 5")
    shell = terminal.shell
    before = (shell.displayhook, shell.display_pub, dict(shell.events.callbacks), list(shell.ast_transformers))
    surrounding = process_state()
    terminal.shell.user_ns["outcome"] = None
    terminal.shell.user_ns["go"] = lambda: run(step("x = 7\ndisplay(x)\nx"), "Done.")[0]
    result = terminal.run("outcome = go()\nx")
    assert result.result == 5
    assert shell.user_ns["outcome"].answer == "Done."
    assert (shell.displayhook, shell.display_pub, dict(shell.events.callbacks), list(shell.ast_transformers)) == before
    assert process_state()["shells"] == surrounding["shells"]
    terminal.script(step("y = 1"), "Done.")
    terminal.ask("And the notebook's own conversation?")
    terminal.run(terminal.take_next() or "")
    assert (shell.user_ns["y"], terminal.session.answer) == (1, "Done.")


def test_solve_can_be_called_by_a_function_that_an_action_calls() -> None:
    inner: list[SolveRun] = []

    def delegate(task: str) -> str:
        inner.append(run(step("x = 1\nprint('inner')"), f"Done: {task}")[0])
        return inner[-1].answer or ""

    outer, _ = run(step("x = 2\nprint(delegate('it'), x)"), "All done.", namespace={"delegate": delegate})
    assert "Done: it 2" in (outer.turns[0].observation or "")
    assert "inner" not in (outer.turns[0].observation or "")
    assert "inner" in (inner[0].turns[0].observation or "")
    assert outer.answer == "All done."


def test_many_runs_leave_no_threads_no_files_and_no_shells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("HOME", str(tmp_path))
    run(step("1"), "Done.")
    gc.collect()
    threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    before = len(shells_of_runs())
    for _ in range(10):
        run(step("1"), "Done.", max_seconds=60)
    gc.collect()
    assert threading.active_count() <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) <= files
    assert list(tmp_path.rglob("*.sqlite")) == []
    assert len(shells_of_runs()) <= before


def shells_of_runs() -> list[PrivateShell]:
    return [thing for thing in gc.get_objects() if type(thing) is PrivateShell]


def test_a_failure_inside_leaves_the_process_as_it_was() -> None:
    before, loaded = process_state(), modules()

    def check(answer: str) -> bool:
        raise RuntimeError("the checker broke")

    with pytest.raises(RuntimeError, match="the checker broke"):
        run("Done.", check=check)
    assert changes(before, loaded) == {}


def test_what_is_given_need_not_be_describable() -> None:
    class Odd:
        def __repr__(self) -> str:
            raise ValueError("no repr")

        def __getattr__(self, name: str) -> Callable[[], None]:
            raise RuntimeError("no attribute")

    answer, _ = run(step("odd"), "Done.", namespace={"odd": Odd(), "items": [Odd()]})
    assert answer.answer == "Done."
