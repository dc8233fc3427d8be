"""Answers about tables: what stands only in a margin, a part told as the whole, and holes are not delivered."""

from __future__ import annotations

import builtins
import contextlib
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from codeact_jupyter import SolveRun, solve
from codeact_jupyter.agent.replies import _after_run
from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.guest import Guest
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.private_shell import private_shell
from codeact_jupyter.kernel.workspace import Workspace, WorkspaceSettings
from codeact_jupyter.session.machine import Session
from codeact_jupyter.session.messages import ChatMessage, Observation, Prompt, Proposal, Tried
from codeact_jupyter.session.tables import Table
from codeact_jupyter.session.techniques import ALL
from codeact_jupyter.testing import ScriptedEngine

from .conftest import step

FAST = ALL.without("trial")


def has_seen(messages: Sequence[ChatMessage]) -> bool:
    said = [message.content for message in messages if message.role == "user" and not message.fixed]
    return any("--- end ---" in text or "(It ran;" in text for text in said)


def insisting(question: str, code: str, answer: str, **options: Any) -> tuple[SolveRun, ScriptedEngine]:
    """Ask a model that runs one step and then always gives the same answer, whatever it is told."""
    engine = ScriptedEngine(
        itertools.repeat(lambda messages: answer if has_seen(messages) else step(code)),
    )
    options = {"techniques": FAST, "max_turns": 4, **options}
    return solve(question, tables(), engine=engine, **options), engine


def tables() -> dict[str, Any]:
    ages = [31, 24, 58, 45, 62, 29, 37, 51, 44, 26, 33, 48]
    names = ["Ada", "Bo", "Cem", "Dora", "Eli", "Finn", "Gus", "Hal", "Ina", "Jo", "Kai", "Lou"]
    crew = pd.DataFrame({"name": names, "age": ages, "wage": [age * 100.5 for age in ages]})
    long = pd.DataFrame({"day": range(501, 901), "flow": [3 + (day * 37) % 911 / 2 for day in range(400)]})
    return {
        "crew": crew,
        "fleet": pl.DataFrame({"ship": names, "tons": [age * 7 for age in ages]}),
        "river": long,
        "depths": np.array([(depth * 53) % 97 + 0.5 for depth in range(14)]),
        "sales": pd.DataFrame(
            {"year": [2020, 2020, 2021, 2021, 2021], "amount": [180, 220, 250, 410, 300], "rating": [4, 5, 4, 4, 2]}
        ),
        "prices": {"oak": 41.5, "elm": 17.25, "ash": 88.0},
        "logs": [{"port": name, "load": 3 * age} for name, age in zip(names, ages, strict=True)],
    }


def told(run: SolveRun) -> str:
    """The answer, unless it comes with the fact that limits it."""
    return "" if run.answer is None or "rows" in run.answer.rpartition("\n\n(")[2] else run.answer


# --- wrong ones --------------------------------------------------------------------------------------------------

MARGINS = [
    ("How many people are older than 90?", "print(crew['age'] > 90)", "0 people are."),
    ("How many people are older than 50?", "crew['age'] > 50", "12 people are."),
    ("How many people are older than 50?", "print(crew.age.gt(50))", "There are 12 of them."),
    ("How many people earn more than 9000?", "print(crew[['name', 'wage']])", "7 people do."),
    ("What is the lowest wage?", "print(crew['wage'].astype('float64'))", "It is 64."),
    ("How many days had a flow over 450?", "river['flow'] > 450", "400 days had."),
    ("How many days had a flow over 450?", "print(river['flow'] > 450)", "There were 399 of these days."),
    ("How many ships carry more than 300 tons?", "fleet['tons'] > 300", "12 ships do."),
    ("How many ships carry more than 300 tons?", "print(fleet['tons'] > 300)", "There are 64."),
    ("How many tons does the lightest ship carry?", "print(fleet.sort('tons').head(2))", "It carries 64 tons."),
    ("How many depths are over 90?", "depths > 90", "14 are."),
    ("Which is the mean age?", "from IPython.display import display\ndisplay(crew['age'].sort_values())", "It is 11."),
]


@pytest.mark.parametrize(("question", "code", "answer"), MARGINS)
def test_a_number_that_stands_only_in_a_margin_is_no_answer(question: str, code: str, answer: str) -> None:
    run, _ = insisting(question, code, answer)
    assert run.turns[0].error == ""
    assert run.answer is None


def test_a_row_number_that_is_asked_for_is_told_from_a_step_that_prints_it() -> None:
    shown, label = step("crew.nlargest(1, 'age')"), step("print(crew.nlargest(1, 'age').index[0])")

    def reply(messages: Sequence[ChatMessage]) -> str:
        if "print the `.index` in a step" in messages[-1].content:
            return label
        return "It is row 4." if has_seen(messages) else shown

    engine = ScriptedEngine(itertools.repeat(reply))
    run = solve("Which row number has the oldest?", tables(), engine=engine, techniques=FAST, max_turns=4)
    assert (run.answer, len(run.turns)) == ("It is row 4.", 2)


PARTS = [
    ("How many people are there in all, and who?", "crew.head()", "There are 5 people: Ada, Bo, Cem, Dora and Eli."),
    ("Who is in the crew?", "print(crew.head(4))", "The crew is Ada, Bo, Cem and Dora."),
    ("What is the median age?", "print(crew['age'].head())", "The median age is 45."),
    ("What is the highest age?", "print(crew[['name', 'age']].head(3))", "The highest age is 58."),
    ("What is the highest flow?", "river", "The highest flow is 99.5."),
    ("On which day was the flow highest?", "print(river)", "It was on day 898."),
    ("Which ship carries the most?", "fleet.head(3)", "Cem carries the most, 406 tons."),
    ("Which ship carries the most?", "print(fleet[:4])", "Cem does."),
    ("What is the greatest depth?", "print(depths[:6])", "It is 72.5."),
    ("Which port has the greatest load?", "logs[:3]", "Cem has the greatest load, 174."),
    ("Which port has the greatest load?", "print(logs[:2])", "It is Ada."),
    ("Who earns the least?", "crew.tail(3)", "Jo is not here; Kai earns the least, 3316.5."),
]


@pytest.mark.parametrize(("question", "code", "answer"), PARTS)
def test_a_part_is_not_told_as_the_whole(question: str, code: str, answer: str) -> None:
    run, engine = insisting(question, code, answer)
    assert run.turns[0].error == ""
    assert told(run) == ""
    assert any("rows are shown" in ask.content or "are shown." in ask.content for ask in engine.prompts[-1])


HOLES = [
    ("Who is the oldest?", "oldest = crew.loc[crew['age'].idxmax(), 'name']\nprint(oldest)", "It is {oldest}.", "Eli"),
    ("Who is the oldest?", "oldest = crew.loc[crew['age'].idxmax(), 'name']\nprint(oldest)", "It is <oldest>.", "Eli"),
    (
        "Who is it?",
        "first = crew.loc[crew['age'].idxmax(), 'name']\nprint(first)",
        "The oldest person is first.",
        "Eli",
    ),
    ("Who is the oldest?", "who = crew.loc[crew['age'].idxmax(), 'name']\nprint(who)", "`who`", "Eli"),
    ("What is the mean age?", "mean_age = crew['age'].mean()\nprint(mean_age)", "It is {mean_age:.2f} years.", "40.67"),
    ("What is the sum?", "total_wage = crew['wage'].sum()\nprint(total_wage)", "It is total_wage.", "49044"),
    ("What does elm cost?", "print(prices['elm'])", "It costs {prices['elm']}.", "17.25"),
    ("What does elm cost?", "print(prices['elm'])", "It costs prices['elm'].", "17.25"),
    ("What is the first load?", "print(logs[0]['load'])", "It is `logs[0]['load']`.", "93"),
    ("What is the greatest depth?", "deepest = depths.max()\nprint(deepest)", "The greatest depth is deepest.", "89.5"),
    ("Which is the largest?", "s = crew.nlargest(1, 'age')['age']\nprint(s.iloc[0])", "It is s.iloc[0].", "62"),
    ("Who is the oldest?", "print(crew.loc[crew['age'].idxmax(), 'name'])", "It is <name>.", ""),
    ("Who is the oldest?", "print(crew.loc[crew['age'].idxmax(), 'name'])", "It is [insert name here].", ""),
    (
        "Who is the oldest?",
        "print(crew.loc[crew['age'].idxmax(), 'name'])",
        "It is `crew.loc[crew.age.idxmax(), 'name']`.",
        "",
    ),
    (
        "Who is it?",
        "print(crew.loc[crew['age'].idxmax(), 'name'])",
        "The oldest is crew['name'][crew.age.idxmax()].",
        "",
    ),
    (
        "Which ship is heaviest?",
        "top = fleet.sort('tons')[-1, 'ship']\nprint(top)",
        "The heaviest ship is {top}.",
        "Eli",
    ),
]


@pytest.mark.parametrize(("question", "code", "answer", "value"), HOLES)
def test_a_hole_is_filled_or_is_no_answer(question: str, code: str, answer: str, value: str) -> None:
    run, _ = insisting(question, code, answer)
    assert run.turns[0].error == ""
    assert run.answer is None if not value else value in (run.answer or "")


OLDEST = "oldest = crew.nlargest(1, 'age')['name'].iloc[0]\nprint(oldest)"
MEAN = "mean_wage = crew['wage'].mean()\nprint(mean_wage)"
HIGH = "high = crew['wage'] > 5000\n"


@pytest.mark.parametrize(
    ("question", "code", "answer"),
    [
        ("How many people earn over 5000?", f"{HIGH}print(high)", "0 people earn that."),
        ("How many people earn over 5000?", f"{HIGH}print('Result:', high)", "11 people earn that."),
        ("How many people earn over 5000?", f"{HIGH}print(f'{{high}}')", "12 people earn that."),
        ("How many people earn over 5000?", f"{HIGH}print(high.to_string())", "11 people earn that."),
        ("How many people earn over 5000?", "crew.assign(high=crew['wage'] > 5000)", "12 do."),
        ("How many people earn over 5000?", "print(crew.to_string())", "12 do."),
        ("How many ships are over 200 tons?", "fleet.with_columns(big=pl.col('tons') > 200)", "12 ships are."),
        ("How many sales are in 2020?", "print(sales.dtypes)", "There are 64 sales."),
        ("How many depths exceed 80?", "depths", "14 do."),
        ("How many depths exceed 80?", "print(np.where(depths > 80, 1, 0))", "14 do."),
        ("How many depths exceed 80?", "[d > 80 for d in depths]", "14 do."),
        ("How many loads exceed 100?", "[log['load'] > 100 for log in logs]", "12 do."),
        ("Sum of all loads?", "print(logs[:3])", "93 + 72 + 174 = 339."),
        ("Sum of the wages?", "crew['wage'].head(3)", "3115.5 + 2412 + 5829 = 11356.5."),
        ("How many customers are there?", "crew[:6]", "There are 6 customers."),
        ("Who is in the crew?", "print(crew.head(3).to_string())", "Ada, Bo and Cem."),
        ("Mean of the depths?", "depths[:3]", "The mean of 0.5, 53.5 and 9.5 is 21.2."),
        ("Who is oldest?", OLDEST, "The oldest person is `oldest`."),
        ("Who is oldest?", OLDEST, "The oldest person is {{oldest}}."),
        ("Who is oldest?", OLDEST, "The oldest person is [oldest]."),
        ("Who is oldest?", OLDEST, "The oldest person is [name]."),
        ("Who is oldest?", OLDEST, "The oldest person is $oldest."),
        ("Who is oldest?", OLDEST, "The oldest person is %s."),
        ("Who is oldest?", OLDEST, "**oldest**"),
        ("Who is oldest?", OLDEST, "print(oldest)"),
        ("What is the mean wage?", MEAN, "The mean wage is round(mean_wage, 2)."),
        ("What is the mean wage?", MEAN, "The mean wage is X."),
        ("What is the mean wage?", MEAN, "The mean wage is ____."),
        ("What is the mean wage?", MEAN, "The mean wage is {crew['wage'].mean():.2f}."),
        ("What does oak cost?", "print(prices['oak'])", "It costs {prices.oak}."),
    ],
)
def test_no_margin_part_or_hole_is_delivered_as_it_is(question: str, code: str, answer: str) -> None:
    run, _ = insisting(question, f"import numpy as np\nimport polars as pl\n{code}", answer)
    assert run.turns[0].error == ""
    assert run.answer != answer


# --- right ones --------------------------------------------------------------------------------------------------

RIGHT = [
    ("How many people are there?", "print(len(crew))", "There are 12 people."),
    ("How many rows and columns has crew?", "crew.shape", "It has 12 rows and 3 columns."),
    ("Who is the oldest, and how old?", "print(crew.nlargest(1, 'age'))", "Eli, at 62."),
    ("How many people are older than 50?", "print((crew['age'] > 50).sum())", "3 people are."),
    ("How many people are older than 50?", "print(crew[crew['age'] > 50])", "3 people: Cem, Eli and Hal."),
    ("How many people are older than 50?", "crew[crew['age'] > 50]", "There are 3 of them."),
    ("How many people are older than 50?", "print(crew['age'] > 50)", "There are 3 of them."),
    ("What is the mean age?", "crew['age'].mean()", "40.67 years."),
    ("What are the ages?", "crew['age']", "31, 24, 58, 45, 62, 29, 37, 51, 44, 26, 33 and 48."),
    ("Show me the first 5 people.", "crew.head()", "Ada (31), Bo (24), Cem (58), Dora (45) and Eli (62)."),
    ("How many ships are there?", "fleet.height", "12 ships."),
    (
        "Which ships carry more than 400 tons?",
        "fleet.filter(pl.col('tons') > 400)",
        "Cem with 406 and Eli with 434 tons.",
    ),
    ("How many ships carry more than 400 tons?", "fleet.filter(fleet['tons'] > 400)", "2 ships do."),
    ("What is the greatest depth?", "print(depths.max())", "It is 89.5."),
    ("What is the greatest depth?", "depths.max()", "It is 89.5."),
    ("What are the prices?", "prices", "oak costs 41.5, elm 17.25 and ash 88."),
    ("What is the load of Dora?", "[log for log in logs if log['port'] == 'Dora']", "Dora has a load of 135."),
    ("How many logs are there?", "len(logs)", "There are 12 logs."),
    ("What is the highest flow?", "river['flow'].max()", "457."),
    ("On which day was the flow highest?", "river.sort_values('flow').tail(1)", "On day 821, with 457."),
]

MORE = [
    ("In which year were sales highest?", "sales.groupby('year')['amount'].sum()", "In 2021, with 960."),
    ("In which year were sales highest?", "print(sales.groupby('year')['amount'].sum().sort_values())", "In 2021."),
    ("Which rating is most frequent?", "print(sales['rating'].value_counts())", "Rating 4 is, with 3 sales."),
    ("Which rating is most frequent?", "sales['rating'].value_counts().to_dict()", "Rating 4, with 3."),
    ("Which rating is most frequent?", "sales['rating'].mode()", "Rating 4."),
    (
        "Compare the years.",
        "sales.pivot_table(index='rating', columns='year', values='amount')",
        "In 2020 rating 5 had 220.",
    ),
    ("How many sales has each year?", "print(sales.groupby('year').size())", "2020 has 2 sales, 2021 has 3."),
    ("Describe the amounts.", "sales['amount'].describe()", "5 amounts, mean 272, median 250 (50 %), maximum 410."),
    ("Which types are there?", "print(sales.dtypes)", "year, amount and rating are int64."),
    ("How many sales are there?", "print(f'{len(sales)} sales')", "There are 5 sales."),
    ("How many sales are there?", "print(sales.shape[0])", "5"),
    ("How many sales are missing?", "print(sales.isna().sum())", "None: 0 years, 0 amounts and 0 ratings."),
    ("What are the totals?", "print(sales.sum().to_dict())", "The amounts sum to 1360."),
    ("Which sales are over 200?", "big = sales[sales['amount'] > 200]\nbig", "220, 250 and 410: 3 sales."),
    ("What are the first two amounts?", "sales['amount'].head(2)", "180 and 220."),
    (
        "Which three people are oldest?",
        "crew.sort_values('age', ascending=False).head(3)",
        "Eli (62), Cem (58) and Hal (51).",
    ),
    ("Who is the youngest?", "print(crew.sort_values('age').iloc[0])", "Bo, at 24."),
    ("Who is the youngest?", "crew.loc[crew['age'].idxmin()]", "Bo is, with 24 years."),
    ("At which index is the oldest?", "crew['age'].idxmax()", "At index 4."),
    ("Is anyone over 90?", "print((crew['age'] > 90).any())", "No."),
    ("Is anyone over 90?", "crew[crew['age'] > 90]", "No, there are 0 people over 90."),
    ("How many are over 90?", "print(crew[crew['age'] > 90])", "0 people are."),
    ("What is the shape of depths?", "depths.shape", "It has 14 values."),
    ("What are the largest depths?", "np.sort(depths)[-2:]", "They are 80.5 and 89.5."),
    ("What is the mean depth?", "print(depths.mean().round(2))", "About 40.14."),
    ("How many depths exceed 80?", "(depths > 80).sum()", "2 depths do."),
    ("Which is dearest?", "max(prices, key=prices.get)", "ash"),
    ("What do all cost together?", "print(sum(prices.values()))", "Together 146.75."),
    ("How many ports have a load over 140?", "print(sum(log['load'] > 140 for log in logs))", "4 ports have."),
    ("Who loads the most?", "print(max(logs, key=lambda log: log['load']))", "Eli, with a load of 186."),
    ("What is the mean of the tons?", "fleet['tons'].mean()", "284.67 tons."),
    ("Which ships are lightest?", "print(fleet.sort('tons').head(2))", "Bo (168) and Jo (182)."),
    ("How is the flow distributed?", "print(river['flow'].quantile([0.25, 0.5, 0.75]))", "The median is 226.5."),
    ("What share is older than 50?", "print((crew['age'] > 50).mean())", "25 % of them."),
    ("Who is it?", "print(crew['name'].tolist())", "Ada, Bo, Cem, Dora, Eli, Finn, Gus, Hal, Ina, Jo, Kai and Lou."),
    ("Store the total in `total`.", "total = sales['amount'].sum()\ntotal", "The total, 1360, is in `total`."),
    ("How do I get the mean?", "sales['amount'].mean()", "With `sales['amount'].mean()`, which is 272."),
    ("Make a frame of the sales of 2020.", "early = sales[sales['year'] == 2020]", "It is in `early`."),
]


@pytest.mark.parametrize(("question", "code", "answer"), [*RIGHT, *MORE])
def test_a_right_answer_is_delivered_without_a_question(question: str, code: str, answer: str) -> None:
    run, engine = insisting(question, f"import numpy as np\nimport polars as pl\n{code}", answer)
    assert run.turns[0].error == ""
    assert (run.answer, len(engine.prompts)) == (answer, 2)


# --- where the numbers stand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "answer", "place"),
    [
        ("sales.groupby('year')['amount'].sum()", "It was 960 in 2021.", ("960", 1, "2021", "")),
        ("print(crew)", "Cem earns 5,829.", ("5829.0", 1, "2", "wage")),
        ("crew.set_index('name')", "Dora is 45.", ("45", 1, "Dora", "age")),
        ("fleet.filter(fleet['tons'] > 300)", "Dora carries 315 tons.", ("315", 1, "", "tons")),
        (
            "sales.pivot_table(index='rating', columns='year', values='amount')",
            "220 in 2020",
            ("220.0", 1, "5", "2020"),
        ),
        ("print(len(sales))", "There are 5.", ("5", 1, "", "")),
        (
            "print('x')\nwide = pd.DataFrame([range(30)]).add_prefix('col')\nwide * 12345",
            "24690",
            ("24690", 1, "0", "col2"),
        ),
    ],
)
def test_a_run_tells_where_each_number_of_the_answer_stands(code: str, answer: str, place: tuple[Any, ...]) -> None:
    run, _ = insisting("What is it of Dora and the others?", f"import pandas as pd\n{code}", answer)
    assert run.answer == answer and run.evidence
    first = run.evidence.numbers[0]
    assert (first.output, first.step, first.row, first.column) == place
    assert (run.turns[0].observation or "")[first.start :].startswith(first.output)


def test_the_place_of_a_number_is_in_the_latest_step_that_shows_it() -> None:
    replies = [step("crew['age'].max()"), step("print(crew['age'].max() * 2, crew['age'].min())"), "62, 24 and 7."]
    run = solve("What are they, and the 7?", tables(), engine=ScriptedEngine(replies), techniques=FAST)
    assert run.evidence
    assert [(each.number, each.step) for each in run.evidence.numbers] == [("62", 1), ("24", 2), ("7", 0)]


@pytest.mark.parametrize(
    "code", ["crew.head()", "print(fleet['tons'] > 300)", "x = sales.head(2)", "print(river.to_dict())"]
)
def test_a_trial_has_the_tables_of_the_run(code: str) -> None:
    guest = Guest()
    with private_shell(guest, tables()) as shell:
        workspace = Workspace(shell, Gate(shell), WorkspaceSettings(silent=True), guest)
        with contextlib.closing(Preview(workspace)) as preview:
            trial = preview.try_cell(code)
        seen, _ = workspace.run("p", code)
    assert trial.outcome == "ran"
    assert (trial.observation, trial.tables) == (seen.text, seen.tables)


def test_the_reply_that_is_prepared_knows_the_tables_of_the_trial() -> None:
    table = Table(0, 4, ((0, 1, "position"),), 5, 10, "df")
    waiting = Proposal("p", 1, "", "df.head()", "df.head()", tried=Tried("ran", "text", tables=(table,)))
    session = Session.replay([Prompt("Q"), waiting])
    ahead, _ = _after_run(session, waiting)
    assert ahead.transcript[-1] == Observation("p", "text", True, tables=(table,))


def test_printing_is_as_it_was_after_a_capture(capsys: pytest.CaptureFixture[str]) -> None:
    before = builtins.print
    run, _ = insisting(
        "Who?", "print(crew, end='|', sep='')\nimport pickle\nassert pickle.loads(pickle.dumps(print)) is print", "Eli"
    )
    assert run.turns[0].error == ""
    assert builtins.print is before
    assert capsys.readouterr().out == ""
