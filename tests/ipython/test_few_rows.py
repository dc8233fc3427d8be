"""Columns of which only few rows matter to a result, found in real copies of this process on known data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from codeact_jupyter.kernel.gate import Gate
from codeact_jupyter.kernel.preview import Preview
from codeact_jupyter.kernel.workspace import Workspace
from codeact_jupyter.session.evidence import Evidence

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there are no copies of the kernel here")

Examine = Callable[..., Evidence]


@pytest.fixture(scope="module")
def examine() -> Iterator[Examine]:
    """A function that makes an experiment with a step on parcels, without a limit of time."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell(config=config)
    preview = Preview(Workspace(shell, Gate(shell)))
    shell.user_ns.update(parcels=parcels(), depots=DEPOTS, pd=pd, np=np)

    def made(code: str, seconds: float = 60.0, **namespace: Any) -> Evidence:
        preview.evidence_seconds = seconds
        shell.user_ns.update(namespace)
        trial = preview.try_cell(code)
        assert trial.outcome == "ran", (trial.error, trial.reason)
        return preview.evidence(code, trial, "")

    yield made
    preview.close()


def parcels() -> pd.DataFrame:
    """400 parcels, of which 4 were lost."""
    draw = np.random.default_rng(8)
    state = draw.choice(["sent", "held", "back"], 400, p=[0.6, 0.3, 0.1]).astype(object)
    state[[30, 31, 200, 399]] = "lost"
    return pd.DataFrame(
        {
            "town": draw.choice(["Ems", "Furt", "Gau"], 400),
            "state": state,
            "kilos": draw.uniform(1, 30, 400).round(2),
            "cost": draw.gamma(2, 40, 400).round(1),
            "count": draw.integers(1, 30, 400),
            "note": draw.choice(["rain, late", "fine", "no one in", "late"], 400),
            "tip": np.where(draw.random(400) < 0.2, np.nan, draw.uniform(0, 9, 400).round(1)),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 365, 400), unit="D"),
        }
    )


DEPOTS = pd.DataFrame({"town": ["Ems", "Furt", "Gau"], "boss": ["Ada", "Bo", "Cem"]})


@pytest.mark.parametrize(
    ("code", "few"),
    [
        ("print(parcels[parcels.state == 'lost'].cost.sum())", {"cost": 4}),
        ("print(parcels.query('state == \"lost\"')[['kilos', 'cost']].mean())", {"kilos": 4, "cost": 4}),
        ("parcels[parcels.state == 'lost'].groupby('town').cost.sum()", {"cost": 4, "town": 4}),
        ("print(parcels.head(3)[['town', 'count']])", {"town": 3, "count": 3}),
        ("parcels.tail()", dict.fromkeys(parcels(), 5)),
        ("parcels.loc[17, 'cost']", {"cost": 1}),
        ("print(parcels.kilos.iloc[100:106].sum())", {"kilos": 6}),
        ("parcels.nlargest(3, 'cost').kilos.tolist()", {"kilos": 3}),
        ("print(parcels.loc[parcels.cost.idxmax(), 'note'])", {"note": 1}),
        ("print(parcels.sort_values('kilos').town.head(2).tolist())", {"town": 2}),
        ("parcels[parcels.state == 'lost'].merge(depots, on='town').cost.sum()", {"cost": 4, "town": 4}),
        (
            "t = 0\nfor row in parcels.itertuples():\n    t += row.kilos if row.state == 'lost' else 0\nprint(t)",
            {"kilos": 4},
        ),
    ],
)
def test_few_rows_are_counted(code: str, few: dict[str, int], examine: Examine) -> None:
    evidence = examine(code)
    assert dict(evidence.few) == {f"parcels.{label}": count for label, count in few.items()}
    assert {label for label, _ in evidence.few} <= set(evidence.rests_on)
    assert evidence.rows == 400


@pytest.mark.parametrize(
    "code",
    [
        "parcels.cost.sum()",
        "print(parcels.cost.mean())",
        "parcels.cost.max()",
        "parcels.cost.min()",
        "print(parcels.kilos.median())",
        "parcels.kilos.std()",
        "parcels.kilos.quantile(0.99)",
        "print(parcels.cost.nlargest(3).sum())",
        "print(parcels.cost.nsmallest(3).tolist())",
        "parcels.sort_values('cost').cost.iloc[0]",
        "parcels.cost.idxmax()",
        "parcels.groupby('town').cost.mean()",
        "parcels.groupby('town').kilos.max()",
        "print(parcels.groupby('state').cost.sum().idxmax())",
        "print(parcels.groupby('town').size().max())",
        "parcels.town.value_counts()",
        "parcels.town.mode()[0]",
        "parcels.state.nunique()",
        "print((parcels.state == 'lost').sum())",
        "print((parcels.state == 'nowhere').sum())",
        "(parcels.cost > 300).sum()",
        "(parcels.cost > 10**7).any()",
        "print((parcels.cost > 0).all())",
        "print(parcels.cost.max() > 50)",
        "parcels.tip.isna().sum()",
        "print(parcels.tip.fillna(0).mean())",
        "parcels.note.str.contains('late').sum()",
        "parcels.note.str.len().max()",
        "parcels[['kilos', 'cost']].corr()",
        "print(parcels.kilos.rolling(5).mean().max())",
        "parcels.sort_values('day').cost.diff().abs().max()",
        "parcels.cost.cumsum().iloc[50]",
        "parcels.groupby(parcels.day.dt.month).cost.sum().idxmax()",
        "parcels.day.max() - parcels.day.min()",
        "parcels['count'].duplicated().sum()",
        "parcels.merge(depots, on='town').groupby('boss').cost.sum()",
        "pd.crosstab(parcels.town, parcels.state)",
        "parcels.describe()",
        "len(parcels)",
        "list(parcels.columns)",
        "np.percentile(parcels.cost, 90)",
        "print(parcels[parcels.cost > parcels.cost.mean()].cost.sum())",
    ],
)
def test_what_rests_on_many_rows_is_not_told_as_few(code: str, examine: Examine) -> None:
    evidence = examine(code)
    assert evidence.tried
    assert evidence.rests_on
    assert evidence.few == ()


WEIGHTS = [31.5, 12.25, 40.0, 8.5, 22.75, 17.0, 36.5, 29.0, 11.75, 25.5, 33.25, 14.0]


@pytest.mark.parametrize(
    ("code", "first"),
    [
        ("print(parcels.head(3)[['town', 'count']])", 3),
        ("for row in parcels.head(4).itertuples():\n    print(row.town, row.cost)", 4),
        ("print(parcels.iloc[:7].cost.max())", 7),
        ("pd.concat([parcels] * 3, ignore_index=True)[:5].kilos.mean()", 5),
        ("from itertools import islice\nprint(list(islice(weights, 3)))", 3),
        ("print(sum(read()[:2]))", 2),
        ("pd.read_csv('weights.csv', nrows=4).kg.min()", 4),
        ("with open('weights.csv') as lines:\n    print([next(lines) for _ in range(4)])", 3),  # after the heading
        ("parcels.cost.sum()", 0),
        ("parcels.tail(3)", 0),
        ("parcels.nlargest(3, 'cost')", 0),
        ("parcels.loc[4, 'cost']", 0),
        ("parcels.cost.iloc[0]", 0),
        ("len(parcels)", 0),
        ("list(parcels.columns)", 0),
        ("print((parcels.town == 'Hof').sum())", 0),
        ("print((parcels.cost > 0).all(), parcels.cost.max() < 10**6)", 0),
        ("print(max(weights))", 0),
        ("print(len([each for each in read() if each > 90]))", 0),
        ("pd.read_csv('weights.csv').kg.idxmin()", 0),
        ("open('weights.csv').readline()", 0),
        ("print(next(each for each in weights if each > 35))", 0),  # the third, but with other data a later one
        ("for row in parcels.itertuples():\n    if row.state == 'held':\n        break\nprint(row.cost)", 0),
        ("print(next((each for each in read() if each == 12.25), None))", 0),
    ],
)
def test_rows_at_the_beginning_are_told_if_no_later_ones_matter(
    code: str, first: int, examine: Examine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("weights.csv").write_text("kg,of\n" + "".join(f"{each},cow\n" for each in WEIGHTS))
    assert examine(code, weights=WEIGHTS, read=lambda: list(WEIGHTS)).first == first


def test_of_a_table_that_is_not_used_as_a_whole_no_rows_are_counted(examine: Examine) -> None:
    long = pd.concat([parcels()] * 3, ignore_index=True)
    assert examine("print(long.head(3).cost.tolist())", long=long).few == ()
    assert examine("print(long[:30].cost.iloc[0])", long=long[:30]).few == (), "few of few rows are no news"


def test_rows_of_a_table_of_polars_are_counted(examine: Examine) -> None:
    sent = pl.DataFrame(parcels()[["state", "cost"]].to_dict("list"))
    assert examine("print(sent.head(4)['cost'].sum())", sent=sent).few == (("sent.cost", 4),)
    assert examine("print(sent['cost'].max())", sent=sent).few == ()


def test_a_search_that_would_not_end_in_time_is_not_begun(examine: Examine) -> None:
    code = "sum(number * number for number in range(300_000))\nparcels.loc[parcels.cost.idxmax(), 'note']"
    evidence = examine(code, seconds=0.8)
    assert {"parcels.cost", "parcels.note"} <= set(evidence.rests_on)
    assert evidence.few == ()
