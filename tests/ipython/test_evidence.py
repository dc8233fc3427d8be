"""Experiments on what a step rests on, in real copies of this process, and what follows from them for an answer."""

from __future__ import annotations

import itertools
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter import SolveRun, solve
from codeact_jupyter.dialects.prompt import NEW, OWN
from codeact_jupyter.kernel import evidence as evidence_module
from codeact_jupyter.kernel import preview as preview_module
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace
from codeact_jupyter.session.evidence import Evidence
from codeact_jupyter.session.messages import ChatMessage
from codeact_jupyter.session.techniques import ALL, Techniques
from codeact_jupyter.testing import ScriptedEngine

from .conftest import step

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no copies of the kernel here")

Examine = Callable[..., Evidence]


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give experiments the time that they need on a busy machine."""
    monkeypatch.setattr(preview_module, "SECONDS", 60)
    monkeypatch.setattr(evidence_module, "SLOWEST", 60)


@pytest.fixture(scope="module")
def shell() -> InteractiveShell:
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    return InteractiveShell(config=config)


@pytest.fixture
def examine(shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Examine]:
    """A function that makes an experiment with a step, beside these live objects, without a limit of time."""
    monkeypatch.chdir(tmp_path)
    before = dict(shell.user_ns)
    preview = Preview(Workspace(shell, Gate(shell)))

    def made(code: str, question: str = "", prior: Sequence[str] = (), **namespace: Any) -> Evidence:
        shell.user_ns.update(namespace)
        trial = preview.try_cell(code, prior=prior)
        assert trial.outcome == "ran", (trial.error, trial.reason)
        return preview.evidence(code, trial, question, prior=prior)

    yield made
    preview.close()
    shell.user_ns.clear()
    shell.user_ns.update(before)


def herd() -> pd.DataFrame:
    """Sixty cows of three farms."""
    draw = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "farm": draw.choice(["Alm", "Berg", "Tal"], 60),
            "breed": draw.choice(["brown", "spotted"], 60),
            "milk": draw.uniform(8, 40, 60).round(1),
            "age": draw.integers(1, 15, 60),
            "born": pd.Timestamp("2012-01-01") + pd.to_timedelta(draw.integers(0, 3000, 60), unit="D"),
            "name": [f"cow {number}" for number in range(60)],
        }
    )


FARMS = pd.DataFrame({"farm": ["Alm", "Berg", "Tal"], "metres": [1450, 980, 420]})


@pytest.mark.parametrize(
    ("code", "columns"),
    [
        ("print(herd[herd.farm == 'Alm'].milk.sum())", "herd.farm herd.milk"),
        ("herd.query('age > 9 and milk < 20').shape[0]", "herd.age herd.milk"),
        ("print((herd['breed'] == 'striped').sum())", "herd.breed"),
        ("print(herd.age.gt(40).any())", "herd.age"),
        ("print('enough' if herd.milk.max() > 2 else 'too little')", "herd.milk"),
        ("print((herd.age > 0).sum())", "herd.age"),
        ("herd.groupby('farm').milk.mean().idxmax()", "herd.farm herd.milk"),
        ("print(herd.merge(FARMS, on='farm').metres.max())", "herd.farm FARMS.farm FARMS.metres"),
        ("herd.pivot_table(index='farm', columns='breed', values='age')", "herd.farm herd.breed herd.age"),
        ("herd.sort_values('born').milk.rolling(4).sum().max()", "herd.born herd.milk"),
        ("herd.name.str.split().str[1].astype(int).sum()", "herd.name"),
        ("herd.born.dt.year.value_counts()", "herd.born"),
        ("print(herd.age.nunique(), herd['age'].isna().sum())", "herd.age"),
        ("eval('herd.milk.max()')", "herd.milk"),
        ("herd.pivot(index='name', columns='farm', values='milk').max().max()", "herd.milk"),
        ("print(herd.sort_values('age').milk.sum() / 3)", "herd.milk"),
        ("herd.sort_values('age').milk.mean()", "herd.milk"),
        ("best = None\nfor row in herd.itertuples():\n    best = max(best or 0, row.milk)\nbest", "herd.milk"),
        ("herd.plot.scatter(x='age', y='milk')", "herd.age herd.milk"),
    ],
)
def test_the_columns_are_found_on_which_a_result_depends(code: str, columns: str, examine: Examine) -> None:
    evidence = examine("import pandas as pd\n" + code, herd=herd(), FARMS=FARMS)
    assert evidence.tried
    assert set(evidence.rests_on) == set(columns.split())
    assert not evidence.independent
    assert {label.partition(".")[0] for label in evidence.independent_of} <= {"herd", "FARMS"}


@pytest.mark.parametrize("code", ["len(herd)", "print(herd.columns.tolist())", "herd.shape", "herd.dtypes"])
def test_a_result_may_rest_on_the_labels_or_the_number_of_rows(code: str, examine: Examine) -> None:
    evidence = examine(code, herd=herd())
    assert (evidence.rests_on, evidence.rows) == (("herd",), 60)


@pytest.mark.parametrize(
    ("code", "namespace", "rests_on"),
    [
        ("sum(prices)", {"prices": [3, 5, 8]}, "prices"),
        ("max(stock, key=stock.get)", {"stock": {"nails": 3, "nuts": 9}}, "stock"),
        ("sum(each['kg'] for each in sacks if each['of'] == 'rye')", {"sacks": [{"of": "rye", "kg": 2}] * 3}, "sacks"),
        ("levels[high].mean()", {"levels": np.arange(9.0), "high": np.arange(9) > 5}, "levels high"),
        ("len(text.split())", {"text": "A text of some words, seven of them."}, "text"),
        ("days.max()", {"days": pd.Series(pd.date_range("2024-01-01", periods=9))}, "days"),
        ("print(rate('EUR') * 3)", {"rate": lambda currency: {"EUR": 1.5}[currency]}, "rate()"),
        ("print('warm' if sky('Ulm') == 'clear' else 'cold')", {"sky": lambda town: "rain"}, "sky()"),
        ("print('yes' if count > 100 else 'no')", {"count": 12}, "count"),
        ("per_farm['Alm'].milk.sum()", {"per_farm": {"Alm": herd(), "Tal": herd()}}, "per_farm"),
    ],
)
def test_objects_and_functions_are_found(code: str, namespace: dict[str, Any], rests_on: str, examine: Examine) -> None:
    assert set(examine(code, **namespace).rests_on) == set(rests_on.split())


@pytest.mark.parametrize(
    ("code", "columns"),
    [
        ("cows.filter(pl.col('farm') == 'Alm')['milk'].sum()", "cows.farm cows.milk"),
        ("cows.group_by('breed').agg(pl.col('age').max()).sort('breed')", "cows.breed cows.age"),
        ("print(cows.lazy().select(pl.col('milk').mean()).collect())", "cows.milk"),
        ("cows.height", "cows"),
    ],
)
def test_tables_of_polars_are_changed_too(code: str, columns: str, examine: Examine) -> None:
    made = "import polars as pl\ncows = pl.DataFrame(herd.to_dict('list'))"  # in the copy, which has no threads of ours
    assert set(examine(code, prior=[made], herd=herd()).rests_on) == set(columns.split())


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("milk.csv", "farm,kg\nAlm,30\nTal,12\n", "import pandas as pd\npd.read_csv('milk.csv').kg.sum()"),
        ("milk.csv", "farm;kg\nAlm;30,5\nTal;12,5\n", "print(open('milk.csv').read().splitlines()[1])"),
        ("milk.json", json.dumps([{"kg": 3}, {"kg": 4}]), "import json\njson.load(open('milk.json'))[1]['kg']"),
        ("notes.txt", "one two\nthree\n", "from pathlib import Path\nlen(Path('notes.txt').read_text().split())"),
        ("milk.csv", "kg\n3\n4\n", "import glob\nsum(len(open(each).read()) for each in glob.glob('*.csv'))"),
    ],
)  # fmt: skip
def test_files_that_a_step_reads_are_changed(name: str, content: str, code: str, examine: Examine) -> None:
    Path(name).write_text(content)
    evidence = examine(code, f"What is in {name}?")
    assert evidence.rests_on == (json.dumps(name),)
    assert evidence.named == (json.dumps(name),)
    assert Path(name).read_text() == content


def test_a_database_is_changed_in_a_copy(examine: Examine) -> None:
    with sqlite3.connect("farm.db") as made:
        made.execute("create table cows (name text, kg real)")
        made.executemany("insert into cows values (?, ?)", [("a", 1.5), ("b", 2.5), ("c", 9.0)])
    before = Path("farm.db").read_bytes()
    code = "import sqlite3\nc = sqlite3.connect('farm.db')\nprint(c.execute('select sum(kg) from cows').fetchone())"
    assert examine(code).rests_on == ('"farm.db"',)
    assert Path("farm.db").read_bytes() == before


@pytest.mark.parametrize(
    "code",
    [
        "print(131 + 207)",
        "import pandas as pd\nherd = pd.DataFrame({'milk': [21, 35]})\nprint(herd.milk.sum())",
        "import pandas as pd\nsample = pd.DataFrame({'milk': [21, 35]})\nsample.milk.mean()",
        "import io\nimport pandas as pd\npd.read_csv(io.StringIO('farm,milk\\nAlm,12\\n')).milk.sum()",
        "herd.milk.sum()\nprint(4711)",
        "print(herd[herd.farm == 'Alm'].milk.sum() * 0 + 5 > 4)",
        "rows = [('Alm', 1411), ('Tal', 1987)]\nprint(sum(milk for _, milk in rows))",
        "import random\nprint(random.randint(1, 6))",
        "import numpy as np\nprint(np.random.default_rng().normal())",
        "total = 4711",
    ],
)
def test_a_result_that_no_data_change_is_independent(code: str, examine: Examine) -> None:
    evidence = examine(code, "How much milk?", herd=herd())
    assert (evidence.tried, evidence.independent, evidence.reason) == (True, True, "")
    assert not evidence.rests_on
    assert {label.partition(".")[0] for label in evidence.independent_of} == {"herd"}
    assert evidence.named[0] == "herd.milk"


@pytest.mark.parametrize(
    ("question", "named", "is_independent"),
    [
        ("How many rows does `flock` have?", "flock", True),
        ("How much milk on farm Alm?", "herd.farm", True),
        ("How many sheep in 1998?", "flock.born", True),
        ("How much milk does the herd give?", "herd", False),
        ("How much milk of PER?", "flock.breed", True),
        ("How much milk per cow?", "flock.breed", None),
    ],
)
def test_what_the_question_names_and_the_step_does_not_read_is_independent(
    question: str, named: str, is_independent: bool | None, examine: Examine
) -> None:
    flock = pd.DataFrame({"born": pd.to_datetime(["1998-05-01", "2001-04-02"]), "breed": ["PER", "OUE"]})
    evidence = examine("print(herd.milk.max())", question, herd=herd(), flock=flock)
    assert evidence.rests_on == ("herd.milk",)
    assert (named in evidence.named) == (is_independent is not None)
    assert (named in evidence.independent_of) == bool(is_independent)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import time\nprint(time.monotonic_ns())", "two runs on the same data differ"),
        ("import os\nprint(os.urandom(8))", "two runs on the same data differ"),
        ("print(barn.milk())", "barn cannot be changed"),
        ("from sklearn.datasets import load_wine\nload_wine().data.max()", "wine_data.csv cannot be changed"),
        ("print(next(numbers))", "numbers cannot be changed"),
    ],
)
def test_what_an_experiment_cannot_tell_is_not_told(code: str, reason: str, examine: Examine) -> None:
    class Barn:
        def milk(self) -> int:
            return 7

    evidence = examine(code, barn=Barn(), numbers=iter(lambda: 7, 8))
    assert (evidence.tried, evidence.independent, evidence.reason) == (False, False, reason)


def test_a_step_that_raises_an_error_whenever_a_column_is_changed_reads_it(examine: Examine) -> None:
    cows = herd()
    evidence = examine("assert herd.milk.tolist() == same\nprint(herd.age.sum())", herd=cows, same=cows.milk.tolist())
    assert set(evidence.rests_on) == {"herd.milk", "herd.age", "same"}
    only = examine("assert herd.milk.iloc[0] == first\nprint(1)", herd=cows, first=cows.milk[0])
    assert (only.tried, only.independent, only.reason) == (True, False, "it raises an error on other data")


def test_it_is_kept_what_each_name_rests_on(examine: Examine) -> None:
    code = "import pandas as pd\nold = herd[herd.age > 8]\nmade = pd.DataFrame({'w': [5, 6]})\nlimit = herd.milk.max()"
    names = dict(examine(code, herd=herd()).names)
    assert names["made"] == names["made.w"] == ()
    assert names["limit"] == ("herd.milk",)
    assert set(names["old.milk"]) == {"herd.age", "herd.milk"}
    assert names["old.age"] == ("herd.age",)


def test_the_live_objects_are_not_changed(examine: Examine) -> None:
    cows, prices = herd(), [3, 1, 2]
    examine("prices.sort()\nherd['w'] = 1\nprint(herd.milk.sum(), prices)", herd=cows, prices=prices)
    assert cows.equals(herd())
    assert prices == [3, 1, 2]


def test_a_long_table_is_examined_by_some_of_its_rows(examine: Examine) -> None:
    rows = 200_000
    log = pd.DataFrame({"level": np.tile(["info", "warn"], rows // 2), "ms": np.arange(rows) % 977 / 7})
    evidence = examine("log[log.level == 'warn'].ms.max()", log=log)
    assert (set(evidence.rests_on), evidence.rows) == ({"log.level", "log.ms"}, rows)


def test_a_step_that_hangs_on_other_data_is_ended(shell: InteractiveShell, examine: Examine) -> None:
    cows = herd()
    code = "first = herd.milk.iloc[0]\nwhile first != 4.75: pass\nprint(herd.age.sum())"
    cows.loc[0, "milk"] = 4.75
    shell.user_ns["herd"] = cows
    preview = Preview(Workspace(shell, Gate(shell)))
    preview.evidence_seconds = 0.4
    evidence = preview.evidence(code, preview.try_cell(code), "")
    preview.close()
    assert not evidence.tried
    assert evidence.reason in ("the experiment was not finished", "it did not end within 3.4 s")


def test_a_slow_step_and_one_that_failed_are_not_run_again(shell: InteractiveShell, examine: Examine) -> None:
    preview = Preview(Workspace(shell, Gate(shell)))
    preview.evidence_seconds = 0.4
    for code, reason in (
        ("import time\ntime.sleep(0.5)", "the step takes too long to be run again and again"),
        ("1 / 0", "the step did not run to its end in its trial"),
    ):
        assert preview.evidence(code, preview.try_cell(code), "") == Evidence(reason=reason)
    preview.evidence_seconds = 0
    assert preview.evidence("1", preview.try_cell("1"), "") == Evidence(reason="it is switched off")
    preview.close()


# --- what follows ------------------------------------------------------------------------------------------------


def has_output(said: Sequence[ChatMessage]) -> bool:
    texts = [message.content for message in said if message.role == "user" and not message.fixed]
    return any("--- end ---" in text or "(It ran;" in text for text in texts)


def insisting(
    question: str, code: str, answer: str, use: Techniques = ALL, **namespace: Any
) -> tuple[SolveRun, list[str]]:
    """A run with a model that gives this step until there is an output, and then this answer; and what it was told."""
    engine = ScriptedEngine(itertools.repeat(lambda said: answer if has_output(said) else step(code)))
    run = solve(question, namespace, engine=engine, max_turns=4, techniques=use)
    return run, [prompt[-1].content for prompt in engine.prompts]


INVENTED = [
    ("herd = pd.DataFrame({'farm': ['X', 'Y'], 'milk': [210, 345]})\nprint(herd.milk.sum())", "The total is 555."),
    ("mine = pd.DataFrame({'milk': [66.5, 71.5]})\nmine.milk.sum()", "In all 138.0."),
    ("a, b = 1231, 877\nprint(a + b)", "They give 2108."),
    ("answer = 9317", "It is 9317."),
    ("import io\npd.read_csv(io.StringIO('farm,milk\\nX,715\\nY,826\\n')).milk.sum()", "It is 1541."),
]


@pytest.mark.parametrize(("code", "answer"), INVENTED)
def test_no_answer_is_made_of_data_that_the_model_has_written(code: str, answer: str) -> None:
    asked = "How much milk does the herd give in all?"
    run, told = insisting(asked, f"import pandas as pd\n{code}", answer, herd=herd())
    assert run.answer is None
    assert answer.split()[-1].strip(".") not in run.reason
    assert any("stays the same whatever `herd` holds" in text for text in told)


def depth(lake: str) -> float:
    """Return how deep a lake is."""
    return {"Ummer": 21.5, "Zelle": 8.25}[lake]


@pytest.mark.parametrize(
    ("question", "code", "answer", "namespace"),
    [
        ("What is the sum of the readings?", "print(sum([71, 84, 95]))", "It is 250.", {"readings": [14.5, 17.25]}),
        ("How deep is the lake Ummer?", "print(47.5)", "It is 47.5 m deep.", {"depth": depth}),
        ("How deep is the lake Ummer?", "d = {'Ummer': 64.0}\nd['Ummer']", "64.0 m.", {"depth": depth}),
        ("What is the total kg in sales.csv?", "kg = [131, 164]\nprint(sum(kg))", "It is 295.", {}),
        ("Which town has the most kg?", "print('Wien')", "Wien.", {"kg": {"Ulm": 3, "Bonn": 9}}),
        ("What is the largest of the levels?", "max(310, 402)", "It is 402.", {"levels": np.arange(5.0)}),
        (
            "What is the sum of milk?",
            "import polars as pl\nherd = pl.DataFrame({'milk': [271, 344]})\nprint(herd['milk'].sum())",
            "It is 615.",
            {"herd": pl.DataFrame({"milk": [3, 5, 8]})},
        ),
    ],
)
def test_the_same_holds_for_lists_functions_files_and_polars(
    question: str, code: str, answer: str, namespace: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sales.csv").write_text("town,kg\nUlm,3\nBonn,9\n")
    run, told = insisting(question, code, answer, **namespace)
    assert run.answer is None
    assert any("The result stays the same whatever" in text for text in told)


def test_data_that_an_earlier_step_has_written_are_no_data_of_the_user() -> None:
    replies = iter([step("made = [731, 862]\nprint(made)"), step("print(sum(made))")])
    engine = ScriptedEngine(itertools.chain(replies, replies, itertools.repeat("The milk is 1593.")))
    run = solve(
        "How much milk is that?", {"herd": herd()}, engine=engine, max_turns=4, techniques=ALL.without("repair")
    )
    assert len(run.turns) == 2
    assert run.answer is None


def test_a_model_that_is_told_goes_on_with_the_data() -> None:
    cows = herd()
    wrong, right = step("herd = {'milk': [512, 733]}\nprint(sum(herd['milk']))"), step("print(herd.milk.max())")
    engine = ScriptedEngine([wrong, right, f"At most {cows.milk.max()}."])
    run = solve("What is the highest milk of the herd?", {"herd": cows}, engine=engine)
    assert run.answer == f"At most {cows.milk.max()}."
    assert [turn.code for turn in run.turns] == ["print(herd.milk.max())"]


@pytest.mark.parametrize(
    ("question", "code", "answer"),
    [
        ("Make a frame `demo` with the column w, and tell me its sum.", "print(sum([310, 420]))", "It is 730."),
        ("Farm A gives 310.5 kg of milk, farm B 420.25 kg. And both?", "print(310.5 + 420.25)", "730.75 kg."),
        ("How many minutes has a leap year?", "print(366 * 24 * 60)", "It has 527040."),
        ("How many cows are of the breed striped?", "print((herd.breed == 'striped').sum())", "There are 0."),
        ("How many rows has herd?", "print(len(herd))", "It has 60 rows."),
        ("Which columns has herd?", "print(list(herd.columns))", "farm, breed, milk, age, born and name."),
    ],
)
def test_what_was_asked_for_given_or_right_is_answered(question: str, code: str, answer: str) -> None:
    run, _ = insisting(question, code, answer, herd=herd())
    assert (run.answer, run.reason) == (answer, "")


def test_figures_of_an_output_may_be_typed_into_the_next_step() -> None:
    cows = herd()
    total = int(cows.age.sum())
    engine = ScriptedEngine([step("print(herd.age.sum())"), step(f"print({total} * 365)"), f"In days {total * 365}."])
    assert solve("How old is the herd in days?", {"herd": cows}, engine=engine).answer == f"In days {total * 365}."


def test_a_question_for_general_knowledge_is_let_be() -> None:
    talk = ScriptedEngine([step("print(10 * 365)"), "About 3650 days."], odds=lambda messages, openings: [0.0, -9.0])
    assert solve("How many days does a cow of any breed live?", {"herd": herd()}, engine=talk).answer


@pytest.mark.parametrize(
    ("question", "code", "answer"),
    [
        ("Add up some milk as in herd.", "print(211 + 344)", "It is 555."),
        ("How much milk does the herd give?", "milk = [66.5, 71.5]\nprint(sum(milk))", "It is 138.0."),
        ("Draw a breed by chance.", "breed = 'spotted'\nbreed", "It is spotted."),
    ],
)
def test_figures_of_the_model_that_may_be_wanted_are_told_to_it_once_and_to_the_user(
    question: str, code: str, answer: str
) -> None:
    engine = ScriptedEngine(
        itertools.repeat(lambda said: answer if has_output(said) else step(code)),
        odds=lambda messages, kinds: [0.0, -9.0 if kinds == (NEW, OWN) else 0.0],  # the model takes it for such a task
    )
    run = solve(question, {"herd": herd()}, engine=engine, max_turns=4)
    assert run.answer == f"{answer}\n\n(Made up in the code, not computed from `herd`.)"
    assert run.evidence and run.evidence.independent
    assert [prompt[-1].content.count("If the task wants that") for prompt in engine.prompts] == [0, 0, 1]


def test_a_named_column_that_does_not_matter_is_told_once() -> None:
    cows = herd()
    wrong = step("print(herd.milk.max())")
    engine = ScriptedEngine([wrong, *itertools.repeat(f"It is {cows.milk.max()}.", 2)])
    run = solve("What is the highest milk of the `breed` brown?", {"herd": cows}, engine=engine)
    assert run.answer == f"It is {cows.milk.max()}."
    assert "stay the same whatever `herd.breed` holds" in engine.prompts[-1][-1].content
    assert len(engine.prompts) == 3


def test_the_technique_can_be_switched_off() -> None:
    code, answer = INVENTED[2]
    use = ALL.without("rests")
    run, _ = insisting("How much milk does the herd give?", code, answer, use, herd=herd())
    assert run.answer == answer


@pytest.mark.parametrize(
    "read",
    [
        "pd.read_excel('sales.xlsx')",
        "pd.read_csv('sales.csv.gz')",
        "pd.read_pickle('sales.pkl')",
        "pd.DataFrame(own())",
    ],
)
def test_what_cannot_be_changed_makes_no_result_independent(read: str, examine: Examine) -> None:
    """The step also reads `df`, which is changed, but only after it has bound it anew."""
    sales = pd.DataFrame({"town": ["Ulm", "Bonn"] * 6, "kg": range(50, 62)})
    sales.to_excel("sales.xlsx", index=False)
    sales.to_csv("sales.csv.gz", index=False)
    sales.to_pickle("sales.pkl")

    def own() -> Iterator[dict[str, int]]:
        return ({"kg": kg} for kg in range(50, 62))

    names = {"df": sales.head(3), "pd": pd, "own": own}
    found = examine(f"df = {read}\nprint('Total', df.kg.sum())", "What is the total kg?", **names)
    assert not found.independent
    assert "cannot be changed" in found.reason


def test_a_right_answer_from_a_workbook_is_delivered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"town": ["Ulm", "Bonn"] * 6, "kg": range(150, 162)}).to_excel("sales.xlsx", index=False)
    code = "import pandas as pd\ndf = pd.read_excel('sales.xlsx')\nprint('Total', df.kg.sum())"
    live = pd.DataFrame({"town": ["Ulm"] * 9, "kg": range(9)})
    run, told = insisting("What is the total kg in sales.xlsx?", code, "The total is 1866 kg.", df=live)
    assert run.answer == "The total is 1866 kg."
    assert not any("stays the same" in text for text in told)


@pytest.mark.parametrize(
    ("code", "is_independent"),
    [
        ("def depth(lake):\n    return 33.5\nprint(depth('Ummer'))", True),
        ("depth = {'Ummer': 33.5}.get\nprint(depth('Ummer'))", True),
        ("found = depth('Ummer')\ndepth = found\nprint(depth)", False),
        ("def deeper(lake):\n    return depth(lake) + 1\nprint(deeper('Ummer'))", False),
    ],
)
def test_a_function_that_a_step_binds_before_it_calls_it_is_not_read(
    code: str, is_independent: bool, examine: Examine
) -> None:
    assert examine(code, "How deep is the lake Ummer?", depth=depth).independent == is_independent
