"""Steps that are tried in a real copy of the process before anyone sees them."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from codeact_jupyter import SolveRun, solve
from codeact_jupyter.session.messages import ChatMessage, Observation, Prompt, Proposal, Stop
from codeact_jupyter.session.techniques import ALL, Techniques
from codeact_jupyter.testing import AS_WRITTEN, ScriptedEngine
from codeact_jupyter.views.trial import trial_line

from .conftest import Terminal, step

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no copies of the kernel here")
TRYING = ",".join(name for name in AS_WRITTEN.split(",") if name != "trial")


@pytest.fixture
def fish() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "species": ["pike", "perch", "pike"],
            "mass": [1.0, 2.0, 3.0],
            "price": ["1", "2", "3"],
            "city": ["Oslo ", "Oslo ", "Rome"],
            "day": ["2024-01-01", "2024-02-01", "2025-03-01"],
        }
    )


def run(*replies: str, use: Techniques = ALL, **options: Any) -> tuple[SolveRun, list[list[ChatMessage]]]:
    engine = ScriptedEngine(replies)
    found = solve(options.pop("task", "How heavy?"), options, engine=engine, techniques=use)
    return found, [list(prompt) for prompt in engine.prompts]


@pytest.mark.parametrize(
    ("code", "shown", "output"),
    [
        ("fish['mas'].mean()", "fish['mass'].mean()", "2.0"),
        ("fish.groupby('specis')['maass'].sum()", "fish.groupby('species')['mass'].sum()", "4.0"),
        ("print(fihs['mass'].max())", "print(fish['mass'].max())", "3.0"),
        ("np.hypot(3, 4)", "import numpy as np\nnp.hypot(3, 4)", "5.0"),
        ("x.round(1)", "round(x, 1)", "3.1"),
        (
            "import pandas as pd\nfish['price'].mean()",
            "import pandas as pd\nfish['price'].astype(float).mean()",
            "2.0",
        ),
        (
            "import pandas as pd\nfish.groupby('species')['price'].mean()",
            "import pandas as pd\nfish.assign(price=fish['price'].astype(float)).groupby('species')['price'].mean()",
            "pike     2.0",
        ),
        (
            "import pandas as pd\nprint(fish['day'].dt.year.max())",
            "import pandas as pd\nprint(pd.to_datetime(fish['day']).dt.year.max())",
            "2025",
        ),
    ],
)
def test_what_raises_in_the_copy_is_mended_before_it_is_shown(
    code: str, shown: str, output: str, fish: pd.DataFrame
) -> None:
    found, prompts = run(step(code), "Done.", use=ALL.without("evidence"), fish=fish, x=3.14159)
    assert [turn.code for turn in found.turns] == [shown]
    assert output in (found.turns[0].observation or "")
    assert prompts[-1][-2].content == step(shown), "the history has the mended code"
    assert found.usage.discarded == 0


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (
            "fish.drop_duplicates('species')\nlen(fish)",  # mended first: the result was lost
            "fish_2 = fish.drop_duplicates('species')\nlen(fish_2)",
        ),
        (
            "fish['kg'] = fish['mass'] / 1000\nprint(fish['kg'].max())",
            "fish_2 = fish.copy()\nfish_2['kg'] = fish_2['mass'] / 1000\nprint(fish_2['kg'].max())",
        ),
        (
            "fish.loc[0, 'mass'] = 9\nprint(fish['mass'].max())",
            "fish_2 = fish.copy()\nfish_2.loc[0, 'mass'] = 9\nprint(fish_2['mass'].max())",
        ),
        ("x = x.item() + 1\nprint(x)", "x_2 = x + 1\nprint(x_2)"),
    ],
)
def test_the_users_objects_are_left_alone_unless_the_task_asks(code: str, shown: str, fish: pd.DataFrame) -> None:
    before = fish.copy()
    found, _ = run(step(code), "look", "Done.", use=ALL.without("evidence"), fish=fish, x=3.5)
    assert [turn.code for turn in found.turns] == [shown]
    assert fish.equals(before)
    asked, _ = run(step(code), "change", "Done.", use=ALL.without("evidence", "mends"), fish=fish, x=np.float64(3.5))
    assert [turn.code for turn in asked.turns] == [code]


def test_what_an_earlier_step_of_the_question_made_may_change(fish: pd.DataFrame) -> None:
    codes = ["small = fish.head(2)\nlen(small)", "small = small.head(1)\nlen(small)"]
    found, prompts = run(*map(step, codes), "It has 1.", fish=fish)
    assert [turn.code for turn in found.turns] == codes
    assert len(prompts) == 3


def test_the_model_is_told_the_error_as_if_it_had_run_and_nobody_sees_it(fish: pd.DataFrame) -> None:
    found, prompts = run(step("fish['nope'].sum()"), step("fish['mass'].sum()"), "It is 6.0.", fish=fish)
    assert [turn.code for turn in found.turns] == ["fish['mass'].sum()"]
    real, _ = run(step("fish['nope'].sum()"), "None.", use=ALL.without("trial", "validate", "evidence"), fish=fish)
    assert prompts[1][-1].content.startswith(f"{real.turns[0].observation}\n\n(The task: ")


def test_what_a_failed_step_brought_to_light_is_told_to_further_samples(fish: pd.DataFrame) -> None:
    wrong = ["fish['nope'].sum()", "fish.groupby('nope').size()", "open('nope.txt')"]
    found, prompts = run(*map(step, [*wrong, "fish['mass'].sum()"]), "It is 6.0.", fish=fish, use=ALL.without("vote"))
    assert [turn.code for turn in found.turns] == ["fish['mass'].sum()"]
    known = prompts[3][-1].content.partition("Found out so far:\n")[2].splitlines()
    assert known[0] == "- `fish` has no 'nope'. Its columns: 'species', 'mass', 'price', 'city', 'day'."
    assert len(known) == 2
    assert "no file 'nope.txt'" in known[1]


def test_facts_last_for_the_question_and_are_told_once(fish: pd.DataFrame) -> None:
    again = "fish['nope'] + 1"
    found, prompts = run(
        *map(step, ["fish['nope'].sum()", "fish['mass'].sum()", again, "fish['price'].count()"]),
        "They are 6.0 and 3.",
        fish=fish,
    )
    assert [turn.code for turn in found.turns] == ["fish['mass'].sum()", "fish['price'].count()"]
    fact = "`fish` has no 'nope'. Its columns: 'species', 'mass', 'price', 'city', 'day'."
    after = prompts[2][-1].content
    assert f"Found out so far:\n- {fact}\n\n(The task: " in after
    assert sum(fact in message.content for message in prompts[-1]) == 1, "once, although it was found out twice"


@pytest.mark.parametrize(
    ("values", "wanted", "told"),
    [
        (
            ["A, C2", "B", "C2, A", "A"],
            "A",
            "equals 'A' in 1 row; it also stands inside the values of 2 more, such as",
        ),
        (
            ["old ford van", "ford", "audi 80"] * 3,
            "audi",
            "equals 'audi' in 0 rows; it also stands inside the values of 3",
        ),
        (["x|y", "y", "y|z"], "y", "equals 'y' in 1 row; it also stands inside the values of 2 more, such as 'x|y'."),
    ],
)
@pytest.mark.parametrize(
    "code", ["fish[fish['kind'] == {!r}]", 'fish.query("kind == {!r}")', "fish.kind.isin([{!r}]).sum()"]
)
def test_a_value_inside_longer_text_is_asked_about_once(values: list[str], wanted: str, told: str, code: str) -> None:
    fish = pd.DataFrame({"kind": values})
    code = code.format(wanted)
    right = "fish['kind'].str.contains('a').sum()"
    found, prompts = run(
        *map(step, [code, right, code, code]), "There are some.", use=ALL.without("evidence"), fish=fish
    )
    assert told in prompts[1][-1].content
    assert found.turns[0].code == right


@pytest.mark.parametrize(
    ("values", "wanted"),
    [(["male", "female"] * 4, "male"), (["New York", "York"], "York"), (["a", "b"], "a"), (["5", "5, 6"], "5")],
)
def test_a_value_that_equals_what_is_meant_raises_no_doubt(values: list[str], wanted: str) -> None:
    fish = pd.DataFrame({"kind": values})
    code = f"len(fish[fish['kind'] == {wanted!r}])"
    found, prompts = run(step(code), "There are some.", use=ALL.without("evidence"), fish=fish)
    assert [turn.code for turn in found.turns] == [code]
    assert len(prompts) == 2


def test_a_join_that_cannot_be_held_is_mended_and_never_run() -> None:
    big = pd.DataFrame({"k": [0] * 60_000, "n": range(60_000)})
    wrong, right = "len(big.merge(big, on='k'))", "len(big.merge(big, on=['k', 'n']))"
    found, prompts = run(step(wrong), step(right), "60000", task="How many?", big=big)
    assert [turn.code for turn in found.turns] == [right]
    assert "MemoryError: The join gives 3,600,000,000 rows from 60,000 and 60,000" in prompts[1][-1].content


def test_a_step_that_could_end_the_process_is_not_run_without_the_users_word() -> None:
    big = pd.DataFrame({"k": [0] * 60_000, "n": range(60_000)})
    found, _ = run(*[step("len(big.merge(big, on='k'))")] * 20, task="How many?", big=big)
    assert (found.status, [turn.observation for turn in found.turns]) == ("blocked", [None])
    assert found.reason.startswith("The step was not run: it may need more memory than is free")


def test_the_callers_objects_are_untouched_until_a_step_is_approved(tmp_path: Path) -> None:
    box: list[int] = []
    found, _ = run(step("box.append(1)\n1 / 0"), step("box.append(2)\nprint(box)"), "It has 2.", box=box)
    assert box == [2]
    assert found.turns[0].observation
    assert "[2]" in found.turns[0].observation
    file = tmp_path / "out.txt"
    code = f"open({str(file)!r}, 'w').write('x')"
    refused = solve("Write", engine=ScriptedEngine([step(code)]), approve=lambda code: False)
    assert (refused.status, file.exists()) == ("rejected", False)


def test_small_tables_that_a_step_only_assigned_are_shown_to_the_model(fish: pd.DataFrame) -> None:
    found, _ = run(step("means = fish.groupby('species')['mass'].mean()"), "The pike has 2.0.", fish=fish)
    assert "means =\nspecies\nperch    2.0\npike     2.0" in (found.turns[0].observation or "")
    assert found.answer == "The pike has 2.0."


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("kept = [n for n in range(9) if n % 4 == 0]", "kept = [0, 4, 8]"),
        ("pairs = []\nfor n in range(2):\n    pairs.append((n, 'a'))", "pairs = [(0, 'a'), (1, 'a')]"),
        ("info = {'kind': 'celesta', 'year': 1990, 'hire': [2.5, None]}", "info = {'kind': 'celesta', 'year': 1990,"),
        ("ids = set('a')", "ids = {'a'}"),
        ("many = list(range(13))", "New: many (list 13 of int)."),
        ("empty = []", "New: empty (list 0)."),
        ("long = ['x' * 500]", "New: long (list 1 of str)."),
        ("class C: pass\nown = [C()]", "own (list 1 of C)."),
        ("tree = {'a': {'b': 1}}", "New: tree (dict 1: 'a')."),
        ("import math\nfacts = {n: math.factorial(n) for n in (1000, 2000)}", "facts (dict 2: 1000, 2000)."),
        ("own = [1]\nown.append(own)", "New: own (list 2)."),
        ("deep = {'x': [[1]] * 3}", "New: deep (dict 1: 'x')."),
        ("wide = {'x': list(range(100_000))}", "New: wide (dict 1: 'x')."),
        ("import pandas as pd\na, b, c = [1], [2], [3]\nt = pd.Series([7.5])", "t =\n0    7.5"),
    ],
)
def test_short_lists_and_dictionaries_that_a_step_only_assigned_are_shown(code: str, shown: str) -> None:
    found, _ = run(step(code), "Done.", use=ALL.without("evidence"))
    assert shown in (found.turns[0].observation or "")


@pytest.mark.parametrize(
    "read", ["t = pd.read_csv('t.csv')", "t = pl.read_csv('t.csv')", "t = pd.read_table('t.csv', sep=',')"]
)
def test_rows_that_a_step_only_read_from_a_file_are_not_shown(
    read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.csv").write_text("k,v\na,1\nb,5\na,7\n")
    monkeypatch.chdir(tmp_path)
    sums = step("s = t.group_by('k').sum()" if "pl." in read else "s = t.groupby('k').sum()")
    found, prompts = run(step(f"import pandas as pd, polars as pl\n{read}"), sums, "a has 8.", task="Sum of a?")
    first, second = (turn.observation or "" for turn in found.turns)
    assert first.startswith("(It ran; nothing was printed.")
    assert "This step has shown no value. Write the next step" in prompts[1][-1].content
    assert "s =\n" in second
    assert found.answer == "a has 8."


def test_a_filter_that_matches_nothing_is_corrected_with_the_values_that_are_there(fish: pd.DataFrame) -> None:
    wrong, right = "fish[fish['city'] == 'oslo']['mass'].mean()", "fish[fish['city'] == 'Oslo ']['mass'].mean()"
    found, prompts = run(step(wrong), step(right), "It is 1.5.", task="Mean mass in oslo?", fish=fish)
    assert [turn.code for turn in found.turns] == [right]
    assert "No row can match: `fish['city']` has no 'oslo'. Its values: 'Oslo ', 'Rome'." in prompts[1][-1].content


def test_a_join_that_multiplies_rows_is_asked_about_once_with_the_column_that_was_left_out() -> None:
    rain = pd.DataFrame({"town": ["Graz", "Linz"] * 4, "year": range(8), "mm": 1.0})
    wrong, right = (f"print(len(rain.merge(rain.assign(cm=2), on={on})))" for on in ("'town'", "['town', 'year']"))
    found, prompts = run(step(wrong), step(right), "8 rows.", task="How many rows have both?", rain=rain)
    assert [turn.code for turn in found.turns] == [right]
    told = prompts[1][-1].content
    assert "The join gives 32 rows from 8 and 8: its key is not unique in either table." in told
    assert "Both tables also have 'year', 'mm'." in told


def test_the_question_lists_how_the_tables_join(fish: pd.DataFrame) -> None:
    caught = pd.DataFrame({"species": ["pike", "perch"], "family": ["Esocidae", "Percidae"]})
    _, prompts = run("None.", use=ALL.without("evidence"), fish=fish, caught=caught)
    assert "\nJoins: fish.species → caught.species: many-to-one, 100 % match\n" in prompts[0][-1].content


def test_where_a_file_is_missing_those_that_are_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sales.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    found, prompts = run(*[step("open('prices.txt').read()")] * 20, "None.", use=ALL.without("evidence", "breaker"))
    assert "The files here: sales.csv (4 B)." in prompts[1][-1].content
    assert found.turns[0].error.endswith("'prices.txt' The files here: sales.csv (4 B).")


def test_a_reference_to_text_that_only_the_user_knows_is_no_fault() -> None:
    frame = pd.DataFrame({"day": pd.to_datetime(["2024-02-01", "2024-03-02", "2024-04-02"])})
    code = "(frame['day'] > '2024-03-01').sum()"
    found, prompts = run(step(code), "There are 2.", task="How many after the first of March 2024?", frame=frame)
    assert [turn.code for turn in found.turns] == [code]
    assert len(prompts) == 2


# --- in a notebook or terminal -----------------------------------------------------------------------------------


@pytest.fixture
def trying(terminal: Terminal) -> Terminal:
    terminal.run(f"%config CodeAct.without = {TRYING!r}")
    return terminal


def pending(terminal: Terminal) -> Proposal:
    proposal = terminal.session.pending
    assert proposal
    return proposal


def test_the_first_question_says_that_steps_are_tried(trying: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    trying.script(step("total = 1 + 2\nprint(total)"), "It is 3.", step("1 + 1"))
    trying.ask("Add")
    assert "first tried in a copy of the kernel that can change nothing" in capsys.readouterr().out
    tried = pending(trying).tried
    assert tried
    assert (tried.outcome, tried.outputs, tried.added) == ("ran", "3", ("total",))
    assert "total" not in trying.shell.user_ns
    trying.run(trying.take_next() or "")
    trying.ask("Again")
    assert "first tried" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("fish = fish[fish['mass'] > 7]", "replaces `fish`: 3 → 0 rows"),
        ("fish = fish.drop(columns='price')", "replaces `fish`: - price str"),
        ("fish['kg'] = fish['mass'] / 1000", "changes `fish`: + kg float64"),
        ("fish.loc[0, 'mass'] = 9", "changes values of `fish`"),
        ("fish.pop('price')", "changes `fish`: - price str"),
        ("fish = 5", "replaces `fish`: DataFrame 3×5 → 5"),
    ],
)
def test_the_line_tells_what_a_step_changes(trying: Terminal, fish: pd.DataFrame, code: str, changes: str) -> None:
    trying.shell.push({"fish": fish})
    trying.script(step(code), "change")
    trying.ask("Change it")
    tried = pending(trying).tried
    assert tried
    assert tried.changes == (changes,)
    assert changes in trial_line(tried)


def test_the_line_and_the_terminal_tell_what_a_step_deletes(
    trying: Terminal, fish: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    trying.shell.push({"fish": fish})
    trying.script(step("del fish"), "change")
    trying.ask("Delete it")
    tried = pending(trying).tried
    assert tried
    assert (tried.removed, trial_line(tried)) == (("fish",), "Tried: removes `fish` · 0.01 s")
    assert trial_line(tried) in capsys.readouterr().out


def test_a_later_question_lists_only_how_new_tables_join(trying: Terminal, fish: pd.DataFrame) -> None:
    trying.shell.push({"fish": fish, "kinds": pd.DataFrame({"species": ["pike", "perch"]})})
    trying.script("None.", "None.", "None.")
    trying.ask("What is this?")
    trying.ask("And now?")
    trying.shell.push({"towns": pd.DataFrame({"city": ["Oslo ", "Rome"]})})
    trying.ask("And now?")
    contexts = [event.context for event in trying.session.transcript if isinstance(event, Prompt)]
    assert [context.count("Joins: ") for context in contexts] == [1, 0, 1]
    assert "Joins: fish.city → towns.city: many-to-one, 100 % match" in contexts[2]


def test_what_a_copy_may_not_do_is_said(trying: Terminal) -> None:
    trying.script(step("open('out.csv', 'w').write('x')"))
    trying.ask("Write")
    tried = pending(trying).tried
    assert tried
    assert (tried.outcome, tried.effects) == ("wants_more", ("write `out.csv`",))
    assert not Path("out.csv").exists()


READERS = (
    "open('prices.txt').read()",
    "from pathlib import Path\nPath('data/prices.txt').read_text()",
    "import pandas as pd\npd.read_csv('Prices 2024.csv')",
    "import numpy as np\nnp.loadtxt('prices.txt')",
    "import json\nwith open('prices.json') as file:\n    json.load(file)",
    "import os\nos.listdir('prices')",
)


@pytest.mark.parametrize("code", READERS)
def test_where_a_file_is_not_there_the_user_reads_which_files_are(trying: Terminal, code: str) -> None:
    for name in ("sales.csv", "stock.xlsx", "notes.md"):
        Path(name).write_text("a\n1\n")
    trying.script(*[step(code)] * 6)
    trying.ask("Read the prices")
    assert pending(trying).code == code
    line = trial_line(pending(trying).tried)
    assert line.startswith("Raises FileNotFoundError: ")
    for name in ("sales.csv", "stock.xlsx", "notes.md"):
        assert name in line


@pytest.mark.parametrize("code", READERS[:2])
def test_after_a_run_that_was_not_tried_the_files_are_told_too(trying: Terminal, code: str) -> None:
    Path("sales.csv").write_text("a\n1\n")
    trying.run("%config CodeAct.trial = False")
    trying.script(step(code), "It is not there.")
    trying.ask("Read the prices")
    trying.run(trying.take_next() or "")
    observed = [event for event in trying.session.transcript if isinstance(event, Observation)]
    assert observed[-1].error.endswith("The files here: sales.csv (4 B).")


def test_trials_can_be_switched_off_but_not_by_a_step(trying: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    trying.run("%config CodeAct.trial = False")
    trying.script(step("x = 1"), "Done.", step("y = 1"))
    trying.ask("Do")
    assert pending(trying).tried is None
    assert "first tried" not in capsys.readouterr().out
    cell = trying.take_next() or ""
    trying.run(cell.replace("x = 1", "get_ipython().run_line_magic('config', 'Code' + 'Act.trial = True')"))
    assert trying.conversation.settings.trial is False
    trying.run("%config CodeAct.trial = True")
    trying.ask("Do")
    assert pending(trying).tried


def test_a_trial_ends_at_its_deadline_and_the_step_is_shown(trying: Terminal) -> None:
    trying.run("%config CodeAct.trial_seconds = 0.3")
    trying.script(step("while True: pass"))
    trying.ask("Loop")
    tried = pending(trying).tried
    assert tried
    assert (tried.outcome, tried.reason) == ("not_tried", "it did not end within 0.3 s")


def test_stop_ends_a_trial_at_once(trying: Terminal) -> None:
    trying.script(step("while True: pass"))
    stopper = threading.Timer(0.5, trying.conversation.agent.stop)
    stopper.start()
    started = time.monotonic()
    trying.ask("Loop")
    stopper.join()
    assert time.monotonic() - started < 5
    assert isinstance(trying.session.transcript[-1], Stop)
    assert trying.session.status == "stopped"


def test_the_deadline_of_an_automatic_question_ends_a_trial(trying: Terminal) -> None:
    trying.script(step("while True: pass"))
    trying.ask("Loop", "--mode auto --max-seconds 1")
    assert trying.session.status == "limit"
