"""Experiments in a real kernel: what is found there, and that the kernel is afterwards as it was."""

from __future__ import annotations

import pytest

from .conftest import Trying, children

pytestmark = pytest.mark.kernel


@pytest.mark.parametrize(
    ("code", "rests_on"),
    [
        ("df[df.city == 'a'].Price.sum()", ["df.Price", "df.city"]),
        ("df.plot.bar(x='city', y='Price')", ["df.Price", "df.city"]),
        ("import asyncio\nawait asyncio.sleep(0)\nprint(df.Price.max())", ["df.Price"]),
        ("%%time\nprint(len(df))", []),
        ("get_ipython().user_ns['df'].city.iloc[0]", ["df.city"]),
        ("display(df.head(1))", ["df.Price", "df.city"]),
    ],
)
def test_the_columns_are_found_in_a_kernel(code: str, rests_on: list[str], shared: Trying) -> None:
    evidence = shared.examine(code)
    assert sorted(evidence["rests_on"]) == rests_on
    assert not evidence["independent"]


@pytest.mark.parametrize(
    "code",
    [
        "print(3.5 + 9.25)",
        "df = pd.DataFrame({'Price': [7.5, 8.5]})\ndf.Price.sum()",
        "import matplotlib.pyplot as plt\nplt.bar(['a', 'b'], [41, 57])\nplt.show()",
    ],
)
def test_invented_data_are_found_in_a_kernel(code: str, shared: Trying) -> None:
    evidence = shared.examine(code, "What is the sum of Price?")
    assert (evidence["independent"], evidence["rests_on"]) == (True, [])
    assert "df.Price" in evidence["named"]


def test_the_kernel_is_as_it_was_after_an_experiment(trying: Trying) -> None:
    lab = trying.lab
    lab.hidden(
        "import pandas as pd, random\nx = [3, 1, 2]\ndf = pd.DataFrame({'v': [1, 2]})\nopened = open\nrandom.seed(5)"
    )
    (lab.isolation.work / "v.csv").write_text("v\n1\n2\n")
    facts = "(x, df.v.tolist(), open is opened, random.getstate()[1][:3], sorted(k for k in globals() if k[0] != '_'))"
    before = lab.value(facts)
    code = "x.sort()\ndf['v'] = 0\nrandom.random()\nnew = pd.read_csv('v.csv')\nprint(new.v.sum(), x)"
    evidence = trying.examine(code)
    assert {'"v.csv"', "x"} <= set(evidence["rests_on"]), evidence["reason"]
    assert lab.value(facts) == before
    assert (lab.isolation.work / "v.csv").read_text() == "v\n1\n2\n"
    assert children(lab.value("__import__('os').getpid()")) == []


@pytest.mark.parametrize(
    "code",
    [
        "n = df.Price.iloc[0]\nwhile n != 1.5: pass\nprint(n)",
        "import os\nif df.Price.iloc[0] != 1.5: os.abort()\nprint(df.Price.sum())",
        "if df.Price.iloc[0] != 1.5: exit()\nprint(df.Price.sum())",
        "if df.Price.iloc[0] != 1.5: open('out.txt', 'w')\nprint(df.Price.sum())",
        "rows = [0] * (1 if df.Price.iloc[0] == 1.5 else 10**11)\nprint(len(rows), df.Price.sum())",
        "import sys\nf = lambda: f()\nif df.Price.max() != 3: sys.setrecursionlimit(10**6); f()\nprint(df.Price.sum())",
    ],
)
def test_a_step_that_does_harm_on_other_data_does_it_to_the_copy(code: str, shared: Trying) -> None:
    evidence = shared.examine(code, seconds=0.4)
    assert not evidence["independent"]
    assert not (shared.lab.isolation.work / "out.txt").exists()
    assert shared("print(df.Price.sum())")["outputs"] == "7.0"
    assert children(shared.lab.value("__import__('os').getpid()")) == []
