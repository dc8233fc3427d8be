"""Steps that change the user's objects, rewritten to work on copies, with stand-in trials."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter.agent.copies import on_copies
from codeact_jupyter.agent.requested_changes import LEAST, RequestedChanges
from codeact_jupyter.agent.trying import Attempt, made_names, spare
from codeact_jupyter.dialects.prompt import CHANGE, LOOK
from codeact_jupyter.kernel.copy.originals import changed_values, keep
from codeact_jupyter.kernel.copy.outcome import Trial
from codeact_jupyter.session.messages import Answer, Approval, ChatMessage, Event, Observation, Prompt, Proposal, Tried
from codeact_jupyter.testing import ScriptedEngine

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


def boats() -> pd.DataFrame:
    return pd.DataFrame({"port": ["Kiel", "Bari", "Kiel"], "year": [1953, 1953, 1960], "tons": [9.0, 5.0, 7.0]})


def live() -> dict[str, Any]:
    return {
        "boats": boats(),
        "pb": pl.DataFrame({"port": ["Kiel", "Bari"], "tons": [9.0, 5.0]}),
        "names": ["c", "a", "b"],
        "arr": np.array([3, 1, 2]),
        "mean": 21.5,
        "ports": {"Kiel": 1},
        "pl": pl,
        "pd": pd,
    }


def run(code: str, namespace: dict[str, Any]) -> Trial:
    """Run the code in the namespace and report as a copy of the kernel does."""
    before, originals, out = dict(namespace), keep(namespace), io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(code, namespace)
    except Exception as error:
        return Trial("raised", error=repr(error))
    changed = [name for name, obj in before.items() if name in namespace and namespace[name] is not obj]
    changed += changed_values(originals, namespace)
    removed = [name for name in before if name not in namespace]
    return Trial("ran", outputs=out.getvalue(), changed=tuple(changed), removed=tuple(removed))


def spared(code: str, *, wanted: bool = False, made: tuple[str, ...] = ()) -> str:
    first = Attempt(code, run(code, live()))
    return spare(first, live(), made, lambda source: run(source, live()), lambda name: wanted).code


@pytest.mark.parametrize(
    ("code", "rewritten"),
    [
        (
            "boats = boats[boats['year'] == 1953]\nprint(boats['tons'].sum())",
            "boats_1953 = boats[boats['year'] == 1953]\nprint(boats_1953['tons'].sum())",
        ),
        (
            "boats['kg'] = boats['tons'] * 1000\nprint(boats['kg'].max())",
            "boats_2 = boats.copy()\nboats_2['kg'] = boats_2['tons'] * 1000\nprint(boats_2['kg'].max())",
        ),
        (
            "print(len(boats))\nboats.sort_values('tons', inplace=True)\nprint(boats.iloc[0]['port'])",
            "boats_2 = boats.copy()\nprint(len(boats_2))\nboats_2.sort_values('tons', inplace=True)\n"
            "print(boats_2.iloc[0]['port'])",
        ),
        (
            "boats.loc[boats['port'] == 'Kiel', 'tons'] = 0\nprint(boats['tons'].sum())",
            "boats_kiel = boats.copy()\nboats_kiel.loc[boats_kiel['port'] == 'Kiel', 'tons'] = 0\n"
            "print(boats_kiel['tons'].sum())",
        ),
        (
            "boats = boats.dropna()\nboats['kg'] = 1\nprint(f'{len(boats)} boats, {boats.kg.sum():>5}')",
            "boats_2 = boats.dropna()\nboats_2['kg'] = 1\nprint(f'{len(boats_2)} boats, {boats_2.kg.sum():>5}')",
        ),
        (
            "boats['kg'] = 1\nboats = boats[boats['kg'] > 0]\nprint(len(boats))",
            "boats_0 = boats.copy()\nboats_0['kg'] = 1\nboats_0 = boats_0[boats_0['kg'] > 0]\nprint(len(boats_0))",
        ),
        (
            "pb = pb.with_columns(kg=pl.col('tons') * 1000)\nprint(pb['kg'].sum())",
            "pb_2 = pb.with_columns(kg=pl.col('tons') * 1000)\nprint(pb_2['kg'].sum())",
        ),
        (
            "pb.extend(pb)\nprint(pb.height)",
            "pb_2 = pb.clone()\npb_2.extend(pb_2)\nprint(pb_2.height)",
        ),
        ("names.sort()\nprint(names[0])", "names_2 = names.copy()\nnames_2.sort()\nprint(names_2[0])"),
        ("arr[0] = 7\nprint(arr.max())", "arr_2 = arr.copy()\narr_2[0] = 7\nprint(arr_2.max())"),
        ("ports['Bari'] = 2\nprint(len(ports))", "ports_2 = ports.copy()\nports_2['Bari'] = 2\nprint(len(ports_2))"),
        ("mean = boats['tons'].mean()\nprint(mean)", "mean_2 = boats['tons'].mean()\nprint(mean_2)"),
        ("mean += 1\nprint(mean)", "mean_2 = mean\nmean_2 += 1\nprint(mean_2)"),
        ("for boats in [1, 2]:\n    print(boats)", "for boats_2 in [1, 2]:\n    print(boats_2)"),
        (
            "low, boats = 3, boats.head(1)\nprint(boats['tons'].sum())",
            "low, boats_2 = 3, boats.head(1)\nprint(boats_2['tons'].sum())",
        ),
        ("if True:\n    boats = boats.head(1)\nprint(len(boats))", None),
        ("def mean(x):\n    return 1\nprint(mean(2))", "def mean_2(x):\n    return 1\nprint(mean_2(2))"),
        (
            "async def mean(n):\n    mean = n\n    return await mean(n)\nprint(mean.__name__[:4])",
            "async def mean_2(n):\n    mean = n\n    return await mean(n)\nprint(mean_2.__name__[:4])",
        ),
        (
            "class mean:\n    def mean(self):\n        return mean\nprint(mean().mean().__name__[:4])",
            "class mean_2:\n    def mean(self):\n        return mean_2\nprint(mean_2().mean().__name__[:4])",
        ),
        ("print(1)\ndel boats", "print(1)\npass"),
        ("print(1)\ndel boats, names", "print(1)\npass"),
    ],
)
def test_the_users_object_stays_and_the_outputs_are_the_same(code: str, rewritten: str | None) -> None:
    got = spared(code)
    assert rewritten is None or got == rewritten
    original, trial = run(code, live()), run(got, live())
    assert (trial.outcome, trial.outputs, trial.changed, trial.removed) == ("ran", original.outputs, (), ())


@pytest.mark.parametrize(
    ("code", "made"),
    [
        ("print(boats['tons'].sum())", ()),
        ("small = boats.head(1)\nsmall['kg'] = 1", ()),
        ("boats = boats.head(1)", ("boats",)),  # an earlier step of the question made it
        ("for mean in range(3):\n    print(mean)", ()),  # a number that a loop runs over is no loss
        ("boats = boats.head(1)\nprint(id(boats))", ()),  # other outputs on each run
        ("%time boats = 1", ()),
        ("def  mean(): pass\nprint(mean())", ()),  # two blanks: the name is not where it is looked for
        ("def  mean(): pass", ()),
        ("exec('names.sort()')\nprint(names)", ()),  # changed by what the text does not show
    ],
)
def test_other_code_stays_as_it_is(code: str, made: tuple[str, ...]) -> None:
    assert spared(code, made=made) == code


def test_slow_cells_and_stopped_trials_get_no_other_version() -> None:
    code, tried = "names.sort()", list[str]()

    def stopped(source: str) -> Trial:
        tried.append(source)
        return Trial("not_tried")

    slow = Attempt(code, Trial("ran", changed=("names",), seconds=9.0))
    assert spare(slow, live(), (), stopped, lambda name: False) == slow
    assert tried == []
    quick = Attempt("names = sorted(names)", Trial("ran", changed=("names",)))
    assert spare(quick, live(), (), stopped, lambda name: False) == quick
    assert tried == ["names_2 = sorted(names)"]


def test_what_the_task_wants_changed_is_changed() -> None:
    code = "boats['kg'] = boats['tons'] * 1000"
    assert spared(code, wanted=True) == code
    assert spared(code) != code


def test_variables_of_functions_and_comprehensions_keep_their_names() -> None:
    code = (
        "boats = boats.head(2)\ndef total(boats):\n    return boats['tons'].sum()\n"
        "def all_of():\n    return len(boats)\nprint(total(boats), all_of(), [boats for boats in (1, 2)])"
    )
    assert spared(code) == (
        "boats_2 = boats.head(2)\ndef total(boats):\n    return boats['tons'].sum()\n"
        "def all_of():\n    return len(boats_2)\nprint(total(boats_2), all_of(), [boats for boats in (1, 2)])"
    )


def test_the_new_name_is_free() -> None:
    first = next(on_copies("boats = boats.head(1)", "boats", boats(), {"boats", "boats_2", "boats_3"}))
    assert first == "boats_4 = boats.head(1)"


def test_names_of_approved_steps_are_no_longer_the_users_for_this_question() -> None:
    def steps(code: str, *changed: str, approved: bool = True) -> list[Event]:
        tried = Tried("ran", changed=changed)
        events: list[Event] = [Proposal("p", 1, "", code, "", tried=tried)]
        return [*events, Approval("p", code), Observation("p", "", True)] if approved else events

    earlier = [Prompt("a"), *steps("old = 1"), Answer("b"), Prompt("c")]
    assert made_names([*earlier, *steps("x = 1\ny['a'] = 2", "y")]) == {"x", "y"}
    assert made_names([*earlier, *steps("x = 1", "y", approved=False)]) == set()


@pytest.mark.parametrize(
    ("change", "wanted"), [(LEAST, True), (LEAST - 0.01, False), (3.0, True), (0.1, False), (-2.0, False)]
)
def test_an_object_may_change_if_the_model_is_sure_that_the_task_wants_it(change: float, wanted: bool) -> None:
    seen: list[str] = []

    def odds(messages: Sequence[ChatMessage], openings: Sequence[str]) -> list[float]:
        seen.append(messages[-1].content)
        return [{CHANGE: change, LOOK: 0.0}[each] for each in openings]

    requested = RequestedChanges(
        ScriptedEngine([], odds=odds), [Prompt("Old"), Answer("a"), Prompt("Mend it", "boats = 1\nx = 2")]
    )
    assert [requested.include("boats"), requested.include("boats"), requested.include("x")] == [wanted] * 3
    assert seen == ["(In the notebook: boats)\nMend it", "(In the notebook: x)\nMend it"]


@pytest.mark.parametrize(("said", "wanted"), [("look", False), ("Look.", False), ("change", True), ("Perhaps", True)])
def test_a_model_whose_odds_are_not_known_is_asked_and_in_doubt_the_object_may_change(said: str, wanted: bool) -> None:
    engine = ScriptedEngine([said])
    requested = RequestedChanges(engine, [Prompt("Mend it")])
    assert [requested.include("boats"), requested.include("boats")] == [wanted, wanted]
    assert engine.prompts[0][-1].content == "(In the notebook: boats)\nMend it"
    assert {message.content for message in engine.prompts[0] if message.role == "assistant"} == {CHANGE, LOOK}


# --- changes of values in place ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "boats['tons'] = boats['tons'] + 1",
        "boats.sort_values('tons', inplace=True)",
        "boats.iloc[0, 1] = 3",
        "boats['port'] = boats['port'].str.upper()",
        "boats.index = boats.index + 1",
        "boats.rename(columns={'port': 'harbour'}, inplace=True)",
        "boats['port'].values\nboats.loc[1, 'port'] = 'Bergen'",
        "pb[0, 'tons'] = 3.5",
        "names[1] = 'z'",
        "ports.update(Kiel=2)",
        "arr.sort()",
    ],
)
def test_a_change_of_values_is_found(code: str) -> None:
    name = code[:5] if code.startswith(("boats", "names", "ports")) else code[: 3 if code.startswith("arr") else 2]
    namespace = live()
    originals = keep(namespace)
    exec(code, namespace)
    assert changed_values(originals, namespace) == [name]


@pytest.mark.parametrize(
    "code",
    [
        "boats.groupby('port')['tons'].sum()",
        "boats.head(2).sort_values('tons', inplace=True)",
        "copy = boats.copy()\ncopy['tons'] = 1",
        "boats.tons.values.sum()",
        "boats['tons'] = boats['tons'] * 1",
        "boats = boats.head(1)",  # another object: the snapshot finds it
        "sorted(names)",
        "names = []",
        "pb.sort('tons')",
    ],
)
def test_what_leaves_the_values_alone_is_no_change(code: str) -> None:
    namespace = live()
    originals = keep(namespace)
    exec(code, namespace)
    assert changed_values(originals, namespace) == []


def test_values_that_cannot_be_compared_count_as_unchanged() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            raise ValueError

    namespace = {"items": [Odd()], "frames": {"a": boats()}}
    originals = keep(namespace)
    namespace["items"][0] = Odd()  # type: ignore[index]
    namespace["frames"]["a"] = boats()  # type: ignore[index]
    assert changed_values(originals, namespace) == []
