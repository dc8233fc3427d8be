"""The row whose number `idxmax()` gives is told, where the output shows nothing else of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from codeact_jupyter.kernel.gaps import explained
from codeact_jupyter.outputs.observation import BEGIN, END


def live() -> dict[str, Any]:
    """Return a table with numbered rows, one with names, and a part of the first."""
    gusts = pd.DataFrame({"mast": ["Elm", "Oak", "Ash", "Fir"], "speed": [12.5, 31.0, 40.5, 8.0], "year": [3, 1, 2, 5]})
    tied = pd.DataFrame({"mast": ["Elm", "Oak"], "speed": [2, 2]})
    return {"gusts": gusts, "named": gusts.set_index("mast"), "late": gusts[gusts["speed"] > 20], "tied": tied}


def told(source: str, output: str) -> str:
    return explained(source, f"{BEGIN}\n{output}\n{END}", live())


@pytest.mark.parametrize(
    ("source", "output", "what"),
    [
        (
            "gusts['speed'].idxmax()",
            "2",
            "`gusts['speed'].idxmax()` is the number of a row of `gusts`. In row 2: mast 'Ash'",
        ),
        ("best = gusts.speed.idxmin()\nprint(f'The calmest is {best}.')", "The calmest is 3.", "In row 3: mast 'Fir'"),
        ("import numpy as np\nnp.argmax(gusts['speed'])", "np.int64(2)", "`np.argmax(gusts['speed'])` is the number"),
        ("gusts[gusts['year'] < 3]['speed'].idxmax()", "2", "In row 2: mast 'Ash', speed 40.5, year 2."),
        ("late.loc[late.year == 1, 'speed'].idxmax()", "1", "of `late`. In row 1: mast 'Oak'"),
    ],
)
def test_a_row_is_told_whose_number_is_shown_alone(source: str, output: str, what: str) -> None:
    assert what in told(source, output)


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("named['speed'].idxmax()", "Ash"),  # a name
        ("gusts.groupby('year')['speed'].sum().idxmax()", "2"),  # a year
        ("gusts.loc[gusts['speed'].idxmax(), 'mast']", "Ash"),
        ("print(gusts['speed'].idxmax(), gusts['mast'][2])", "2 Ash"),
        ("gusts['speed'].idxmax()", "2 of 4"),
        ("gusts['year'].max()", "2"),
        ("gusts['speed'].idxmax()", "7"),
        ("gone['speed'].idxmax()", "2"),
        ("gusts['speed'].idxmax(", "2"),
    ],
)
def test_nothing_is_told_of_names_and_of_what_is_shown_anyway(source: str, output: str) -> None:
    assert told(source, output) == ""


# --- the largest and smallest value of a column ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "output", "what"),
    [
        ("gusts['speed'].max()", "np.float64(40.5)", "is in one row of `gusts`: mast 'Ash', speed 40.5, year 2."),
        ("print(f'{gusts.speed.min():.0f}')", "8", "`gusts.speed.min()` is in one row of `gusts`: mast 'Fir'"),
        ("best = named['speed'].max()\nbest", "40.5", "in one row of `named`: index 'Ash', speed 40.5, year 2."),
        ("gusts.year.max()", "np.int64(5)", "mast 'Fir', speed 8.0, year 5."),
    ],
)
def test_the_row_of_the_largest_value_is_told(source: str, output: str, what: str) -> None:
    assert what in told(source, output)


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("gusts[gusts['year'] > 2]['speed'].max()", "12.5"),  # of some rows
        ("gusts['speed'].max() - gusts['speed'].min()", "32.5"),
        ("print(gusts['speed'].max(), gusts['speed'].min())", "40.5 8.0"),
        ("gusts['speed'].max() > 40", "True"),
        ("tied['speed'].max()", "2"),
    ],
)
def test_no_row_is_told_of_several_values_or_rows(source: str, output: str) -> None:
    assert told(source, output) == ""


@pytest.mark.parametrize(
    ("source", "output", "what"),
    [
        ("gusts.mast.max()", "'Oak'", "`gusts.mast.max()` is the last in alphabetical order"),
        ("gusts['mast'].min()", "'Ash'", "`gusts['mast'].min()` is the first in alphabetical order"),
        ("print(gusts[gusts['speed'] > 20]['mast'].max())", "Oak", "is the last in alphabetical order"),
        ("gusts.loc[gusts.year < 3].mast.min()", "'Ash'", "is the first in alphabetical order"),
    ],
)
def test_the_largest_of_texts_is_told_to_be_alphabetical(source: str, output: str, what: str) -> None:
    assert what in told(source, output)


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("gusts.loc[gusts['speed'].idxmax(), 'mast']", "Ash"),
        ("print(f'The last is {gusts.mast.max()}.')", "The last is Oak."),
        ("gusts['mast'].max() == 'Oak'", "True"),
        ("gone.mast.max()", "Oak"),
        ("gusts.mast.max(", "Oak"),
    ],
)
def test_nothing_is_told_of_other_output(source: str, output: str) -> None:
    assert told(source, output) == ""
