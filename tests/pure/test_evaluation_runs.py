"""Settings and records of a run: suites by path, arms, the plan, records, and when two runs are one."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from codeact_jupyter.cli import _parser
from codeact_jupyter.errors import UsageProblem
from codeact_jupyter.evaluation import suites
from codeact_jupyter.evaluation.error_kinds import count_classes, count_kinds
from codeact_jupyter.evaluation.plan import ARMS, Settings, repeat_of, techniques_of
from codeact_jupyter.evaluation.provenance import describe_run, merge_descriptions, refuse_other_conditions
from codeact_jupyter.evaluation.records import Folder, Record, Step
from codeact_jupyter.evaluation.run import evaluate
from codeact_jupyter.evaluation.suites import SUITES, Suite, load_function, load_suite
from codeact_jupyter.evaluation.trajectories import trajectories_of
from codeact_jupyter.session.event_json import to_json
from codeact_jupyter.session.messages import Answer, Approval, Event, Observation, Prompt, Proposal
from codeact_jupyter.session.techniques import NAMES, NONE, Techniques

ROOT = Path(__file__).parents[2]
OUTSIDE = """
from codeact_jupyter.evaluation.task import Task, says_number

def make(number, domain, split):
    return Task(f"task-{number}", domain, f"What is {number}?", dict, says_number(number), f"print({number})", split)

TASKS = [make(number, "even" if number % 2 == 0 else "odd", "dev" if number < 6 else "test") for number in range(9)]
"""


def record(task: str = "a", seed: int = 0, arm: str = "full", mode: str = "code") -> Record:
    return Record("suite", task, "domain", "dev", mode, arm, seed, "model", prompt="What?")


@pytest.fixture
def suite_file(tmp_path: Path) -> Path:
    path = tmp_path / "benchmark_of_others.py"
    path.write_text(OUTSIDE, encoding="utf-8")
    return path


# --- suites ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SUITES)
def test_the_suites_of_the_package_are_known_by_name(name: str) -> None:
    suite = load_suite(name)
    assert suite.name == name
    assert len(suite.tasks) >= 18
    assert len(suite.sha256) == 64


def test_a_suite_kept_elsewhere_is_loaded_from_its_file(suite_file: Path) -> None:
    suite = load_suite(str(suite_file))
    assert (suite.name, len(suite.tasks)) == ("benchmark_of_others", 9)
    assert suite.sha256 == load_suite(str(suite_file)).sha256


def test_a_suite_of_the_checkout_is_found_from_any_folder_in_it_and_elsewhere_it_is_said_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suites, "__file__", str(tmp_path / "site-packages" / "codeact_jupyter" / "suites.py"))
    for folder in (ROOT, ROOT / "docs", ROOT / "benchmarks" / "suites"):
        monkeypatch.chdir(folder)
        suite = load_suite("tools")
        assert (suite.name, Path(suite.address)) == ("tools", ROOT / "benchmarks" / "suites" / "tools")
        assert load_suite(suite.address).sha256 == suite.sha256
    (tmp_path / "tools").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageProblem, match=r"The suite tools lies in benchmarks.suites of a checkout"):
        load_suite("tools")


def test_a_suite_may_be_an_importable_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tasks_of_others"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "numbers.py").write_text(OUTSIDE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    suite = load_suite("tasks_of_others.numbers")
    assert (suite.name, suite.address, suite.code) == ("tasks_of_others.numbers", "tasks_of_others.numbers", package)
    with pytest.raises(UsageProblem, match="json is not a suite"):
        load_suite("json")
    for name in ("tasks_of_others.letters", "no_package.of_this_name", ".relative"):
        with pytest.raises(UsageProblem, match="There is no suite"):
            load_suite(name)


def test_a_suite_may_be_a_package_whose_modules_import_each_other(tmp_path: Path) -> None:
    package = tmp_path / "suite_in_parts"
    package.mkdir()
    (package / "parts.py").write_text(OUTSIDE, encoding="utf-8")
    (package / "__init__.py").write_text("from .parts import TASKS\n", encoding="utf-8")
    assert len(load_suite(str(package)).tasks) == 9


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("x = 1", "TASKS"),
        ("TASKS = [1]", "TASKS"),
        ("TASKS = (", "cannot be imported: SyntaxError"),
        (OUTSIDE + "TASKS = TASKS[:1] * 2", "one name: task-0"),
    ],
)
def test_what_is_no_suite_is_said_to_be_none(tmp_path: Path, source: str, said: str) -> None:
    path = tmp_path / f"no_suite_{abs(hash(source))}.py"
    path.write_text(source, encoding="utf-8")
    with pytest.raises(UsageProblem, match=said):
        load_suite(str(path))
    with pytest.raises(UsageProblem, match="There is no suite 'nowhere'"):
        load_suite("nowhere")


def test_a_sample_is_the_same_each_time_and_spread_over_the_domains(suite_file: Path) -> None:
    suite = load_suite(str(suite_file))
    sample = suite.sample("dev", 4)
    assert sample == suite.sample("dev", 4)
    assert [task.domain for task in sample].count("even") == 2
    assert [task.name for task in sample] == sorted(task.name for task in sample)
    assert len(suite.sample("all", 100)) == 9
    with pytest.raises(UsageProblem, match="no tasks in the split 'test'"):
        Suite("s", suite.tasks[:2]).sample("test")


def test_a_function_is_found_in_a_file_or_a_module(suite_file: Path) -> None:
    assert callable(load_function(f"{suite_file}:make"))
    assert load_function("json:loads") is json.loads
    for name in (f"{suite_file}:nothing", "json:nothing", "no.such.module:f", "plain"):
        with pytest.raises(UsageProblem, match=r"give FILE\.py:FUNCTION"):
            load_function(name)


# --- arms and plan -----------------------------------------------------------------------------------------------


def test_each_technique_has_an_arm_that_does_without_it() -> None:
    assert techniques_of("full") == Techniques()
    assert techniques_of("bare") == techniques_of("paper") == NONE
    for name in NAMES:
        assert techniques_of(f"no-{name}") == Techniques().without(name)
    assert set(ARMS) == {"full", "bare", "paper", *(f"no-{name}" for name in NAMES)}
    with pytest.raises(UsageProblem, match=r"no arm 'no-luck'.*no-vote"):
        techniques_of("no-luck")


def test_a_plan_goes_task_by_task_and_leaves_out_what_does_not_exist() -> None:
    tools, data = load_suite("tools").tasks[0], load_suite("data").tasks[0]
    settings = Settings("tools", modes=("code", "json"), arms=("full", "paper"), seeds=(0, 1))
    plan = settings.plan((tools, data))
    assert [(mode, arm, seed) for name, mode, arm, seed in plan if name == tools.name] == [
        ("code", "full", 0),
        ("code", "paper", 0),
        ("code", "full", 1),
        ("code", "paper", 1),
        ("json", "full", 0),
        ("json", "full", 1),
    ]
    assert {mode for name, mode, _, _ in plan if name == data.name} == {"code"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"modes": ("yaml",)}, "mode 'yaml'"),
        ({"arms": ("no-luck",)}, "arm 'no-luck'"),
        ({"split": "train"}, "split 'train'"),
        ({"max_turns": 0}, "max-turns must be 1"),
        ({"max_seconds": 0}, "max-seconds"),
        ({"workers": 0}, "workers must be 1"),
        ({"workers": 2, "cluster": "tcp://there:8786"}, "Give workers or cluster"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageProblem, match=said):
        Settings("tools", **options)  # type: ignore[arg-type]


# --- records -----------------------------------------------------------------------------------------------------


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "run")
    folder.begin({"suite": "x"})
    hostile = "line\u2028separator \ud800 </script>"
    written = replace(
        record(), steps=(Step("t", "code", None, "NameError: x"),), answer=hostile, messages=({"role": "user"},)
    )
    folder.append(written)
    folder.append(record("b"))
    assert folder.records() == [written, record("b")]
    assert folder.about() == {"suite": "x"}


def conversation(*steps: str, answer: str = "42") -> tuple[Any, ...]:
    events: list[Event] = [Prompt("What?", "n: int = 6")]
    for number, code in enumerate(steps, 1):
        reply = f"I do it.\n```python\n{code}\n```"
        events += [Proposal(f"p{number}", number, "I do it.", code, reply, "model"), Approval(f"p{number}", code)]
        events.append(Observation(f"p{number}", "42", True))
    return tuple(json.loads(json.dumps(to_json(event))) for event in [*events, Answer(answer)])


def test_attempts_are_trajectories_of_which_copies_and_other_agents_are_left_out() -> None:
    right = replace(record(), right=True, answer="42", status="answered", events=conversation("n * 7"))
    records = [
        right,
        replace(right, seed=1, same_as="full, seed 0"),
        replace(right, task="b", right=False, events=conversation("n", answer="6"), answer="6"),
        replace(right, task="c", right=False, right_after_refusal=True, answer="6"),
        replace(right, task="d", mode="json", events=()),
        replace(record("e"), status="killed"),
        replace(record("f"), status="limit", events=conversation("n")[:-1]),
    ]
    found = list(trajectories_of(records, only_right=False))
    assert [each.id.removeprefix("codeact-jupyter/") for each, reason in found if not reason] == [
        "suite/a/0/model/full-right",
        "suite/b/0/model/full-wrong",
        "suite/c/0/model/full-right",
        "suite/f/0/model/full-limit",
    ]
    other = "no conversation with this agent"
    assert [reason for _, reason in found if reason] == ["copied from another attempt", other, other]
    right_ones = [each for each, reason in trajectories_of(records, only_right=True) if not reason]
    assert [each.source for each in right_ones] == ["a", "c"]
    (written,) = right_ones[0].records("codeactinstruct")
    texts = [message["content"] for message in written["conversations"]]
    assert texts[1].endswith("Task: What?")
    assert texts[2:] == ["I do it.\n<execute>\nn * 7\n</execute>", texts[3], "<solution>42</solution>"]
    (chat,) = right_ones[0].records("chat")
    assert "```python\nn * 7\n```" in chat["messages"][2]["content"]
    assert right_ones[0].records("preference") == []


@pytest.mark.parametrize("what", ["compare", "report"])
def test_trajectories_are_of_a_suite_and_not_silently_left_out(what: str) -> None:
    args = _parser().parse_args(["eval", what, "runs/a", "--trajectories", "out.jsonl"])
    with pytest.raises(UsageProblem, match="goes with a suite: give it and --out of the run"):
        args.command(args)


def test_a_torn_last_line_is_dropped_and_written_over(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.begin({})
    folder.append(record("a"))
    folder.append(record("b"))
    file = tmp_path / "records.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    assert [each.task for each in folder.records()] == ["a"]
    folder.begin({})
    folder.append(record("c"))
    assert [each.task for each in folder.records()] == ["a", "c"]


def test_a_damaged_line_in_the_middle_is_said(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.begin({})
    folder.append(record("a"))
    folder.append(record("b"))
    file = tmp_path / "records.jsonl"
    file.write_text("{torn\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(UsageProblem, match="line 1 is damaged"):
        folder.records()


def test_of_two_records_of_one_attempt_the_last_counts(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.begin({})
    folder.append(record())
    folder.append(replace(record(), right=True))
    assert folder.records() == [replace(record(), right=True)]


def test_a_run_is_not_taken_up_under_other_conditions(tmp_path: Path, suite_file: Path) -> None:
    settings = Settings(str(suite_file), engine="x.py:make")
    suite = load_suite(settings.suite)

    def about(settings: Settings = settings, suite: Suite = suite) -> dict[str, object]:
        return describe_run(settings, suite, lambda text: None)

    before = json.loads(json.dumps(about()))
    refuse_other_conditions({}, about(), tmp_path)
    refuse_other_conditions(before, about(replace(settings, arms=("bare",), seeds=(1, 2), limit=3)), tmp_path)
    refuse_other_conditions(before, about(replace(settings, workers=2)), tmp_path)
    refuse_other_conditions(before, about(replace(settings, cluster="tcp://there:8786")), tmp_path)
    for other, said in (
        (about(replace(settings, max_turns=3)), r"another setting \(max_turns 10, not 3\)"),
        (about(replace(settings, temperature=0.5)), "another setting"),
        (about(suite=Suite("s", suite.tasks[:2])), "another suite"),
        ({**about(), "code": "0" * 64}, "another code"),
        (about(replace(settings, engine="y.py:make")), "another model"),
    ):
        with pytest.raises(UsageProblem, match=f"{said}.*give another --out"):
            refuse_other_conditions(before, other, tmp_path)
    suite_file.write_text(f"{OUTSIDE}\nx = 1\n", encoding="utf-8")  # a checker, say, that no fingerprint holds
    with pytest.raises(UsageProblem, match="another code"):
        refuse_other_conditions(before, about(), tmp_path)


def test_a_cluster_needs_a_package_that_is_named(
    tmp_path: Path, suite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    settings = Settings(str(suite_file), engine="x.py:make", cluster="tcp://there:8786")
    with pytest.raises(UsageProblem, match=r"pip install 'codeact-jupyter\[cluster\]'"):
        evaluate(settings, tmp_path / "run")


def test_a_run_that_was_taken_up_says_all_that_was_asked_for(tmp_path: Path, suite_file: Path) -> None:
    settings = Settings(str(suite_file), engine="x.py:make", limit=3)
    suite = load_suite(settings.suite)
    first = merge_descriptions({}, describe_run(settings, suite, lambda text: None))
    more = describe_run(replace(settings, arms=("bare", "full"), limit=0, split="test"), suite, lambda text: None)
    both = merge_descriptions({**first, "started": "once"}, more)
    asked = both["settings"]
    assert (asked["arms"], asked["limit"], asked["split"], both["started"]) == (["full", "bare"], 0, "all", "once")


# --- the documentation -------------------------------------------------------------------------------------------

PAGE = ROOT / "docs" / "evaluation.md"


@pytest.mark.parametrize(
    ("made", "arm", "seed", "temperature", "is_shared"),
    [
        ({}, "no-vote", 0, 0.0, True),
        ({}, "no-validate", 2, 0.0, True),
        ({}, "full", 1, 0.0, True),
        ({}, "full", 1, 0.4, False),
        ({"discarded": 1}, "full", 1, 0.0, False),
        ({"discarded": 1}, "no-evidence", 0, 0.0, False),
        ({"discarded": 1}, "no-hints", 0, 0.0, True),
        ({"steps": (Step("", "1 / 0", "", "ZeroDivisionError"),)}, "no-hints", 0, 0.0, False),
        ({"steps": (Step("", "1 / 0", "", "ZeroDivisionError"),)}, "no-breaker", 0, 0.0, True),
        ({}, "no-example", 0, 0.0, False),
        ({}, "no-remind", 0, 0.0, False),
        ({}, "bare", 0, 0.0, False),
        ({}, "paper", 0, 0.0, False),
        ({"arm": "bare"}, "no-vote", 0, 0.0, False),
        ({"status": "killed"}, "no-vote", 0, 0.0, False),
        ({"same_as": "full, seed 0"}, "no-vote", 0, 0.0, False),
        ({"task": "b"}, "no-vote", 0, 0.0, False),
        ({"mode": "json"}, "no-vote", 0, 0.0, False),
    ],
)
def test_an_attempt_is_not_made_again_where_what_differs_had_no_part_in_it(
    made: dict[str, Any], arm: str, seed: int, temperature: float, is_shared: bool
) -> None:
    earlier = replace(record(), status="answered", answer="42")
    found = repeat_of(("a", "code", arm, seed), [replace(earlier, **made)], temperature)
    if is_shared:
        assert found is not None
        assert found.key == ("a", "code", arm, seed)
        assert (found.answer, found.same_as) == ("42", "full, seed 0")
    else:
        assert found is None


def test_every_option_arm_and_field_of_a_record_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    parser = _parser()
    (commands,) = (action for action in parser._actions if action.dest != "help")
    options = [option for action in commands.choices["eval"]._actions for option in action.option_strings]  # type: ignore[index,union-attr,call-overload]
    assert {"--mode", "--out"} <= set(options)
    assert [option for option in options if option.startswith("--") and option != "--help" and option not in text] == []
    assert [arm for arm in ARMS if f"`{arm}`" not in text] == []
    assert [part.name for part in fields(Record) if f"`{part.name}`" not in text] == []


def test_the_documented_suite_works(tmp_path: Path) -> None:
    (source,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "stock.py").write_text(source, encoding="utf-8")
    (task,) = load_suite(str(tmp_path / "stock.py")).tasks
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(task.reference, task.namespace())
    assert task.check(printed.getvalue(), {}) is True


# --- what actions raised -----------------------------------------------------------------------------------------


def test_invalid_actions_are_counted_by_kind_and_all_others_by_class() -> None:
    errors = [
        "",
        "NameError: name 'x' is not defined",
        "UnboundLocalError: cannot access local variable",
        "IndentationError: unexpected indent",
        "ModuleNotFoundError: No module named 'sea'",
        "KeyError: 'sale'",
        "AttributeError: 'DataFrame' object has no attribute 'append'",
        "ZeroDivisionError",
        "Interrupted by the user.",
    ]
    assert count_kinds(errors) == {"name": 2, "syntax": 1, "import": 1, "column": 1}
    assert count_classes(errors)["AttributeError"] == count_classes(errors)["ZeroDivisionError"] == 1
    assert sum(count_classes(errors).values()) == len(errors) - 1


@pytest.mark.parametrize(
    ("message", "is_signature"),
    [
        ("f() missing 1 required positional argument: 'x'", True),
        ("f() got an unexpected keyword argument 'decimals'", True),
        ("f() takes 1 positional argument but 2 were given", True),
        ("f() takes no arguments (1 given)", True),
        ("f() got multiple values for argument 'x'", True),
        ("missing a required argument: 'page'", True),
        ("too many positional arguments", True),
        ("unsupported operand type(s) for +: 'int' and 'str'", False),
        ("argument of type 'int' is not iterable", False),
        ("int() argument must be a string, a bytes-like object or a real number, not 'list'", False),
        ("'float' object is not callable", False),
    ],
)
def test_a_type_error_is_a_signature_error_when_it_speaks_of_arguments(message: str, is_signature: bool) -> None:
    assert count_kinds([f"TypeError: {message}"]) == ({"signature": 1} if is_signature else {})


def test_what_raised_is_what_the_interpreter_really_raises() -> None:
    def one(x: int) -> int:
        return x

    for call in (lambda: one(), lambda: one(1, 2), lambda: one(y=1), lambda: one(1, x=2), lambda: len()):  # type: ignore[call-arg,misc,call-overload,arg-type]
        with pytest.raises(TypeError) as raised:
            call()  # type: ignore[no-untyped-call]
        assert count_kinds([f"TypeError: {raised.value}"]) == {"signature": 1}, raised.value
