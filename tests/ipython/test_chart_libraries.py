"""What the model reads of charts that seaborn, plotly and altair draw."""

from __future__ import annotations

import pytest

from codeact_jupyter import solve
from codeact_jupyter.session.techniques import NONE
from codeact_jupyter.testing import ScriptedEngine

from .conftest import step

TREES = """import pandas as pd
trees = pd.DataFrame({'tree': ['ash', 'oak', 'ash'], 'm': [3, 7, 5], 'year': [1, 2, 3]})
"""
SEABORN, PLOTLY, ALTAIR = "import seaborn as sns\n", "import plotly.express as px\n", "import altair as alt\n"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            f"{SEABORN}sns.barplot(trees, x='tree', y='m', errorbar=None)",
            ["x: tree (ash, oak); y: m", "bar (2): x = ash, oak; y = 4, 7"],
        ),
        (
            f"{SEABORN}sns.relplot(trees, x='year', y='m', hue='tree')",
            ["points (3): x = 1, 2, 3; y = 3, 7, 5", "legend of tree: ash, oak"],
        ),
        (f"{SEABORN}sns.histplot(trees, x='m', bins=2)", ["x: m; y: Count", "x from = 3, 5; y = 1, 2"]),
        (f"{SEABORN}sns.heatmap(trees[['m', 'year']].corr().round(2))", ["cells 2×2 (4): value = 1, 0.5, 0.5, 1"]),
        (f"{PLOTLY}px.bar(trees, x='year', y='m', title='Trees')", ["title: Trees", "x = 1, 2, 3; y = 3, 7, 5"]),
        (f"{PLOTLY}px.scatter(trees, x='year', y='m', color='tree').show()", ["scatter ash (2)", "scatter oak (1)"]),
        (f"{PLOTLY}px.line(trees, x='year', y='m')", ["x: year; y: m", "x = 1, 2, 3; y = 3, 7, 5"]),
        (f"{PLOTLY}px.pie(trees, names='tree', values='m')", ["ash", "oak", "7"]),
        (
            f"{ALTAIR}alt.Chart(trees).mark_bar().encode(x='year', y='m')",
            ["x: year; y: m", "m = 3, 7, 5; year = 1, 2, 3"],
        ),
        (f"{ALTAIR}alt.Chart(trees).mark_line().encode(x='tree', y='mean(m)')", ["x: tree; y: mean of m"]),
    ],
)
def test_a_chart_is_told_by_its_values(code: str, told: list[str]) -> None:
    run = solve("Draw", engine=ScriptedEngine([step(TREES + code), "Drawn."]), techniques=NONE)
    text = run.turns[0].observation or ""
    assert [words for words in told if words not in text] == [], text
