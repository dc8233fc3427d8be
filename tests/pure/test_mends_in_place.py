"""Mends of changes in place that pandas makes to a temporary copy, and of which it warns."""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from codeact_jupyter.agent.mends import mends
from codeact_jupyter.kernel.copy.outcome import Trial

MISSING = float("nan")


def run(code: str) -> tuple[pd.DataFrame, str]:
    """Run the code with a frame `df`; return the frame and the warnings."""
    names = {"df": pd.DataFrame({"a": [1.0, MISSING, 3.0], "b": [1, 2, 3]}), "pd": pd}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(code, names)
    return names["df"], "\n".join(f"{each.category.__name__}: {each.message}" for each in caught)


@pytest.mark.parametrize(
    ("code", "column"),
    [
        ('df["a"].fillna(0, inplace=True)', [1, 0, 3]),
        ("df.a.fillna(value=0, inplace=True)\ndf.a", [1, 0, 3]),
        ('for name in ["a"]:\n    df[name].fillna(df[name].mean(), inplace=True)', [1, 2, 3]),
        ('df[["a", "b"]].fillna(0, inplace=True)', [1, 0, 3]),
        ('def clip(frame):\n    frame["a"].clip(inplace=True, lower=2)\n\nclip(df)', [2, MISSING, 3]),
        ('df["a"][df.b > 1] = 5', [1, 5, 5]),
        ('df["a"].loc[df.b > 1] = 5', [1, 5, 5]),
        ("df.a[0] = 7", [7, MISSING, 3]),
        ('df[df.b > 1]["a"] = 5', [1, 5, 5]),
        ('df[df["b"] > 2]["a"] += 5', [1, MISSING, 8]),
        ('df.loc[df.b == 2]["a"] = 4', [1, 4, 3]),
        ('df["a"].replace({1: 9}, inplace=True); df["a"][1] = 0', [9, 0, 3]),
    ],
)
def test_what_is_lost_in_a_temporary_copy_is_changed_in_the_frame(code: str, column: list[float]) -> None:
    before, warned = run("")[0], run(code)[1]
    assert "ChainedAssignmentError" in warned
    assert run(code)[0].equals(before)
    (mended,) = mends(code, Trial("ran", outputs=warned))
    after, warned = run(mended)
    assert not warned
    pd.testing.assert_series_equal(after["a"], pd.Series(column, name="a", dtype=float))


@pytest.mark.parametrize(
    "code",
    [
        'df["a"] = df["a"].fillna(0)',
        "df.fillna(0, inplace=True)",
        'df.loc[df.b > 1, "a"] = 5',
        'held = {"a": {}}\nheld["a"]["b"] = 3',
    ],
)
def test_code_that_is_not_warned_of_stays_as_it_is(code: str) -> None:
    assert not list(mends(code, Trial("ran", outputs=run(code)[1])))
